// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts, on each kind of hook, the sockets of one process that begin to listen: a test makes them, and knows how many.
 * And programs for hooks that no kernel has.
 */
#include <hivetap/bpf.h>
#include <hivetap/core.h>

LICENSE("Dual BSD/GPL");

#define TCP_LISTEN 10

setting(__u32, pid);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

/* The record of sock:inet_sock_set_state: what stands in its format file in tracefs. */
struct trace_event_raw_inet_sock_set_state {
	int newstate;
} __core;

static __always_inline int on_change(int newstate)
{
	__u32 zero = 0;
	__u64 *hit = bpf_map_lookup_elem(&hits, &zero);

	if (hit && newstate == TCP_LISTEN && bpf_get_current_pid_tgid() >> 32 == pid)
		__sync_fetch_and_add(hit, 1);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int typed(__u64 *ctx)
{
	return on_change(ctx[2]);
}

SEC("raw_tp/inet_sock_set_state")
int raw(__u64 *ctx)
{
	return on_change(ctx[2]);
}

SEC("tp/sock/inet_sock_set_state")
int record(struct trace_event_raw_inet_sock_set_state *ctx)
{
	return on_change(ctx->newstate);
}

struct sock_common {
	__u16 skc_family;
} __core;

struct sock {
	struct sock_common __sk_common;
} __core;

/* Cannot be relocated without the kernel's types. */
SEC("raw_tp/inet_sock_set_state")
int needs_types(__u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	__u16 family = 0;

	core_read(&family, sk->__sk_common.skc_family);
	return on_change(family == 2 ? TCP_LISTEN : 0);
}

/* The tracepoint has three arguments. */
SEC("raw_tp/inet_sock_set_state")
int reads_too_far(__u64 *ctx)
{
	return ctx[9] == 0;
}

SEC("tp_btf/hivetap_no_such_tracepoint")
int typed_nowhere(void)
{
	return 0;
}

SEC("raw_tp/hivetap_no_such_tracepoint")
int raw_nowhere(void)
{
	return 0;
}

SEC("tp/sock/hivetap_no_such_tracepoint")
int record_nowhere(void)
{
	return 0;
}

/* Nothing of this package attaches it. */
SEC("socket")
int filter(void)
{
	return 0;
}
