// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What older kernels do not take, all in one object: kinds of BTF, a newer helper, settings in constant data, a ring
 * buffer, functions of both linkages, a map without which it still makes sense.
 */
#include <hivetap/bpf.h>
#include <hivetap/core.h>
#include <hivetap/event.h>

LICENSE("Dual BSD/GPL");

#define TCP_LISTEN 10
#define tagged __attribute__((btf_type_tag("user")))

enum wide {
	WIDE_NONE,
	WIDE_ALL = 1ULL << 40,
};

struct change {
	__u64 time_ns as_number doc("When it was");
	__u32 pid doc("Process");
	__u32 amount;
	__u8 copied;
};

/* A value with a type of every kind that not all kernels know. */
struct known {
	enum wide wide doc("An enum of 64 bits");
	float share;
	int tagged *pointer;
	__u64 count;
};

setting(__u32, pid);
setting(__u32, amount);
setting(bool, ring_buffer);
setting(bool, from_table);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
	__type(value, struct change);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct known);
} known_pids SEC(".maps");

/* Used by its address alone, and thus as a section in the kernel: what no kernel before 5.2 has. */
static const volatile __u32 table[8] = { 3, 1, 4, 1, 5, 9, 2, 6 };

struct trace_event_raw_inet_sock_set_state {
	int newstate;
} __core;

__noinline __u32 double_of(__u32 value)
{
	return value * 2;
}

static __noinline __u32 copy_of(const void *from)
{
	__u32 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), from);
	return value;
}

static __always_inline int on_listen(void *ctx)
{
	struct change change = {};
	__u32 process = bpf_get_current_pid_tgid() >> 32;
	struct known *known;

	if (process != pid)
		return 0;
	known = bpf_map_lookup_elem(&known_pids, &process);
	if (!known)
		return 0;
	__sync_fetch_and_add(&known->count, 1);
	change.time_ns = bpf_ktime_get_ns();
	change.pid = process;
	change.amount = from_table ? table[process & 7] : double_of(amount);
	change.copied = copy_of(&change.pid) == process;
	if (ring_buffer)
		bpf_ringbuf_output(&events, &change, sizeof(change), 0);
	else
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &change, sizeof(change));
	return 0;
}

SEC("tp/sock/inet_sock_set_state")
int record(struct trace_event_raw_inet_sock_set_state *ctx)
{
	return ctx->newstate == TCP_LISTEN ? on_listen(ctx) : 0;
}

SEC("raw_tp/inet_sock_set_state")
int raw(__u64 *ctx)
{
	return (int)ctx[2] == TCP_LISTEN ? on_listen(ctx) : 0;
}

SEC("tp_btf/inet_sock_set_state")
int typed(__u64 *ctx)
{
	return (int)ctx[2] == TCP_LISTEN ? on_listen(ctx) : 0;
}
