// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Hands out the bytes of a socket whose connect has just ended, for kernels without BTF: whoever made that connection
 * knows what must stand in them, and so finds out where. Only sockets to two ports are looked at.
 */
#include <hivetap/bpf.h>
#include <hivetap/core.h>

#include "../tcp-sock.h"

LICENSE("Dual BSD/GPL");

/* As much of struct tcp_sock as has what is looked for: on Linux 4.19 to 7.2 all of it lies below. */
#define SOCKET_BYTES 2560

struct sample {
	__u32 source_port;
	__u32 state;
	__u8 bytes[SOCKET_BYTES];
};

setting(__u16, answered_port);
setting(__u16, refused_port);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sample);
} samples SEC(".maps");

/* The record of sock:inet_sock_set_state, as its format file in tracefs tells it. */
struct trace_event_raw_inet_sock_set_state {
	const void *skaddr;
	int oldstate;
	int newstate;
	__u16 sport;
	__u16 dport;
	__u16 family;
} __core;

SEC("tp/sock/inet_sock_set_state")
int on_change(struct trace_event_raw_inet_sock_set_state *ctx)
{
	__u32 zero = 0;
	struct sample *sample;

	if (ctx->oldstate != TCP_SYN_SENT || ctx->family != AF_INET)
		return 0;
	if (ctx->dport != answered_port && ctx->dport != refused_port)
		return 0;
	sample = bpf_map_lookup_elem(&samples, &zero);
	if (!sample)
		return 0;
	sample->source_port = ctx->sport;
	sample->state = ctx->newstate;
	bpf_probe_read_kernel(sample->bytes, SOCKET_BYTES, ctx->skaddr);
	return 0;
}
