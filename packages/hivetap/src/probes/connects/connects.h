/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP connects, from their begin to their end: what the tools that tell of connects are made of.
 *
 * One tracepoint tells all of it, sock:inet_sock_set_state: a connect begins when its socket goes to SYN_SENT, in the
 * context of the program that asked for it, and ends when it leaves SYN_SENT, in whatever context the answer came in.
 * Between the two the socket's address is the key of what is known so far.
 *
 * Each hook has three programs, a rung of the ladder each, that differ only in how they look at a socket:
 *   typed   tp_btf; through pointers that the verifier knows the type of. No bpf_probe_read, so it works under
 *           lockdown=confidentiality too.
 *   copied  raw_tp; by bpf_probe_read at the places that the kernel's BTF tells.
 *   record  the classic tracepoint; what its record holds, and by bpf_probe_read what it does not hold, where the
 *           kernel has BTF. It runs on Linux 4.19 without BTF.
 */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>
#include <hivetap/event.h>

#include "../filters.h"
#include "../kept-cgroup-names.h"
#include "../ledger.h"
#include "../processes/kept-program-paths.h"
#include "../processes/process-mark.h"
#include "connect-count.h"
#include "connect-event.h"
#include "tcp-sock.h"

/* What is known of a connect while it lasts. */
struct start {
	__u64 time_ns;
	__u64 cgroup_id;
	__u64 cgroup_key;
	struct process_mark process;
	char comm[16];
	__u32 pid;
	__u32 tid;
	__u32 uid;
	__u32 retransmits;
	__u8 ip_version;
	bool reset;
};

setting(__u64, min_latency_us);
setting(__u8, ip_version);
/* Whether those that fail are told at their end, and those that hang while they do. */
setting(bool, failures);
setting(bool, stuck);
setting(bool, some_ports);
/* Where in struct tcp_sock sk_err and srtt_us lie, learned on a kernel without BTF; 0 where that is not known. */
setting(__u16, error_offset);
setting(__u16, srtt_offset);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, struct start);
} starts SEC(".maps");

/* The ports that are wanted: not created where all are. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u16);
	__type(value, __u8);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 2 << 20);
	__type(value, struct connect_event);
} events SEC(".maps");

/* The record of sock:inet_sock_set_state: what stands in its format file in tracefs. */
struct trace_event_raw_inet_sock_set_state {
	const void *skaddr;
	int oldstate;
	int newstate;
	__u16 sport;
	__u16 dport;
	__u16 family;
	__u16 protocol; /* eight bits before Linux 5.6 */
	__u8 saddr[4];
	__u8 daddr[4];
	__u8 saddr_v6[16];
	__u8 daddr_v6[16];
} __core;

/* Of tcp:tcp_retransmit_skb. It has no family before Linux 5.12. */
struct trace_event_raw_tcp_retransmit_skb {
	const void *skaddr;
	__u16 sport;
	__u16 dport;
	__u8 saddr[4];
	__u8 daddr[4];
	__u8 saddr_v6[16];
	__u8 daddr_v6[16];
} __core;

/* Of tcp:tcp_receive_reset. */
struct trace_event_raw_tcp_receive_reset {
	const void *skaddr;
} __core;

/* The kernel's helpers, by their numbers. */
enum bpf_func_id { BPF_FUNC_skc_to_tcp_sock = 137, BPF_FUNC_get_current_task_btf = 158 };

enum rung { TYPED, COPIED, CHANGE_RECORD, RETRANSMIT_RECORD };

/* A socket as a rung sees it, with the record of the tracepoint where there is one. */
struct view {
	enum rung rung;
	struct sock *sk;
	void *record;
};

static __always_inline bool has_record(const struct view *view)
{
	return view->rung == CHANGE_RECORD || view->rung == RETRANSMIT_RECORD;
}

/* Without the kernel's types nothing of a socket can be read but what a record tells. */
static __always_inline bool knows_sockets(const struct view *view)
{
	return !has_record(view) || core_type_exists(struct tcp_sock);
}

#define read_sock(view, to, field)                                                                    \
	do {                                                                                          \
		struct sock *_sk = (view)->sk;                                                        \
		if ((view)->rung == TYPED)                                                            \
			*(to) = _sk->field;                                                           \
		else                                                                                  \
			core_read(to, _sk->field);                                                    \
	} while (0)

/* A typed pointer to a socket does not reach beyond struct sock, but by a helper, which Linux 5.9 brought. */
static __always_inline struct tcp_sock *tcp_sock_of(struct sock *sk)
{
	return core_enumerator_exists(enum bpf_func_id, BPF_FUNC_skc_to_tcp_sock) ? bpf_skc_to_tcp_sock(sk) : NULL;
}

static __always_inline __u16 byte_swap(__u16 value)
{
	return __builtin_bswap16(value);
}

static __always_inline bool is_tcp(const struct view *view)
{
	/* A multipath connection has a socket of its own, of protocol 262, besides its subflows. */
	if (view->rung == TYPED)
		return core_bits(view->sk, sk_protocol) == IPPROTO_TCP;
	if (view->rung == COPIED)
		return core_read_bits(view->sk, sk_protocol) == IPPROTO_TCP;
	struct trace_event_raw_inet_sock_set_state *change = view->record;

	return change->protocol == IPPROTO_TCP;
}

static __always_inline __u8 ip_version_of(const struct view *view)
{
	struct trace_event_raw_inet_sock_set_state *change = view->record;
	__u16 family = 0;

	if (has_record(view))
		family = change->family;
	else
		read_sock(view, &family, __sk_common.skc_family);
	return family == AF_INET ? 4 : family == AF_INET6 ? 6 : 0;
}

static __always_inline __u16 destination_port_of(const struct view *view)
{
	struct trace_event_raw_inet_sock_set_state *change = view->record;
	__u16 port = 0;

	if (has_record(view))
		return change->dport;
	read_sock(view, &port, __sk_common.skc_dport);
	return byte_swap(port);
}

static __always_inline __u16 error_of(const struct view *view)
{
	int error = 0;

	if (knows_sockets(view))
		read_sock(view, &error, sk_err);
	else if (error_offset)
		bpf_probe_read_kernel(&error, sizeof(error), (const void *)view->sk + error_offset);
	return error;
}

/* Whether the task that runs is of a type that the verifier knows: where a helper leads to it, since Linux 5.11. */
static __always_inline bool knows_task(const struct view *view)
{
	return view->rung == TYPED && core_enumerator_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf);
}

/* Whether the process that runs is wanted. */
static __always_inline bool is_wanted_caller(const struct view *view, const struct start *start, __u32 process, struct own_cgroup *own)
{
	if (knows_task(view))
		return is_wanted_process(process, start->uid, own, true, bpf_get_current_task_btf());
	return is_wanted_process(process, start->uid, own, false, (struct task_struct *)bpf_get_current_task());
}

static __always_inline void mark_caller(const struct view *view, struct process_mark *mark)
{
	/* What is counted has no process. */
	if (counting)
		return;
	if (knows_task(view))
		mark_process(mark, true, bpf_get_current_task_btf());
	else
		mark_process(mark, false, (struct task_struct *)bpf_get_current_task());
}

static __always_inline bool is_wanted(const struct view *view, const struct start *start, __u32 process, struct own_cgroup *own)
{
	__u16 port;

	if (!is_wanted_caller(view, start, process, own))
		return false;
	if (ip_version && ip_version != start->ip_version)
		return false;
	if (!some_ports)
		return true;
	port = destination_port_of(view);
	return bpf_map_lookup_elem(&ports, &port) != NULL;
}

static __always_inline void begin(const struct view *view)
{
	__u64 key = (__u64)view->sk;
	__u64 id = bpf_get_current_pid_tgid();
	struct ledger *ledger = this_cpu_ledger();
	struct own_cgroup own = {};
	struct start start = {};
	long error;

	if (!ledger || !is_tcp(view))
		return;
	start.ip_version = ip_version_of(view);
	start.uid = bpf_get_current_uid_gid();
	if (start.ip_version == 0)
		return;
	add_one(ledger->attempts);
	if (!is_wanted(view, &start, id >> 32, &own)) {
		add_one(ledger->filtered);
		return;
	}
	if (is_sampled_out()) {
		add_one(ledger->sampled_out);
		return;
	}
	start.pid = id >> 32;
	start.tid = id;
	start.cgroup_id = bpf_get_current_cgroup_id();
	start.cgroup_key = own.key;
	bpf_get_current_comm(&start.comm, sizeof(start.comm));
	mark_caller(view, &start.process);
	start.time_ns = bpf_ktime_get_ns();
	error = bpf_map_update_elem(&starts, &key, &start, BPF_NOEXIST);
	if (error == -EEXIST) {
		add_one(ledger->end_missed);
		error = bpf_map_update_elem(&starts, &key, &start, BPF_ANY);
	}
	if (error) {
		add_one(ledger->map_full);
		return;
	}
	keep_cgroup_names(ledger, &own, 0);
	keep_program_path(ledger, (struct task_struct *)bpf_get_current_task(), &start.process, start.pid, 0);
}

static __always_inline bool sent_nothing(const struct view *view)
{
	struct sock *sk = view->sk;
	__u32 segments = 1;

	if (!knows_sockets(view)) {
		struct trace_event_raw_inet_sock_set_state *change = view->record;

		return change->sport == 0;
	}
	if (view->rung == TYPED) {
		struct tcp_sock *tp = tcp_sock_of(sk);

		if (tp)
			segments = tp->segs_out;
	} else {
		struct tcp_sock *tp = (struct tcp_sock *)sk;

		core_read(&segments, tp->segs_out);
	}
	return segments == 0;
}

/* The error numbers that the kernel gives a connect: those of ICMP in net/ipv4/icmp.c and net/ipv6/icmp.c. */
static __always_inline enum outcome outcome_of(__u16 error, const struct start *start, const struct view *view)
{
	if (!knows_sockets(view) && !error_offset)
		return start->reset ? OUTCOME_REFUSED : OUTCOME_FAILED;
	switch (error) {
	case 0:
		/* A connect that fails before its SYN is sent (no local port is left) leaves no error on the socket. */
		return sent_nothing(view) ? OUTCOME_FAILED : OUTCOME_ABANDONED;
	case 111: /* ECONNREFUSED */
		return OUTCOME_REFUSED;
	case 110: /* ETIMEDOUT */
		return OUTCOME_TIMED_OUT;
	case 103: /* ECONNABORTED: by the administrator */
	case 104: /* ECONNRESET */
		return OUTCOME_RESET;
	case 13: /* EACCES: prohibited */
	case 64: /* ENONET */
	case 71: /* EPROTO */
	case 92: /* ENOPROTOOPT: protocol unreachable */
	case 95: /* EOPNOTSUPP: source route failed */
	case 100: /* ENETDOWN */
	case 101: /* ENETUNREACH */
	case 112: /* EHOSTDOWN */
	case 113: /* EHOSTUNREACH */
		return OUTCOME_UNREACHABLE;
	default:
		return OUTCOME_FAILED;
	}
}

/* In a record of Linux before 5.6 addresses lie at odd places, which a load may not reach: they are copied. */
#define copy_end_points(record, event)                                                                \
	do {                                                                                          \
		const void *_record = (record);                                                       \
		if ((event)->ip_version == 4) {                                                       \
			bpf_probe_read_kernel((event)->source_address, 4, _record + core_field_offset((record)->saddr));      \
			bpf_probe_read_kernel((event)->destination_address, 4, _record + core_field_offset((record)->daddr)); \
		} else {                                                                              \
			bpf_probe_read_kernel((event)->source_address, 16, _record + core_field_offset((record)->saddr_v6));  \
			bpf_probe_read_kernel((event)->destination_address, 16, _record + core_field_offset((record)->daddr_v6)); \
		}                                                                                     \
		(event)->source_port = (record)->sport;                                               \
		(event)->destination_port = (record)->dport;                                          \
	} while (0)

static __always_inline void describe_end_points(const struct view *view, struct connect_event *event)
{
	if (view->rung == CHANGE_RECORD) {
		struct trace_event_raw_inet_sock_set_state *change = view->record;

		copy_end_points(change, event);
		return;
	}
	if (view->rung == RETRANSMIT_RECORD) {
		struct trace_event_raw_tcp_retransmit_skb *retransmit = view->record;

		copy_end_points(retransmit, event);
		return;
	}
	__u32 *source = (__u32 *)event->source_address;
	__u32 *destination = (__u32 *)event->destination_address;

	if (event->ip_version == 4) {
		read_sock(view, source, __sk_common.skc_rcv_saddr);
		read_sock(view, destination, __sk_common.skc_daddr);
	} else {
#pragma unroll
		for (int i = 0; i < 4; i++) {
			read_sock(view, source + i, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[i]);
			read_sock(view, destination + i, __sk_common.skc_v6_daddr.in6_u.u6_addr32[i]);
		}
	}
	event->destination_port = destination_port_of(view);
}

/* What only the kernel's own structures tell: the round trip, retransmissions, Fast Open, the network namespace. */
static __always_inline void describe_handshake(const struct view *view, struct connect_event *event)
{
	struct sock *sk = view->sk;
	__u16 port = 0;

	if (!knows_sockets(view)) {
		if (srtt_offset)
			bpf_probe_read_kernel(&event->srtt_us, sizeof(event->srtt_us), (const void *)sk + srtt_offset);
		event->srtt_us >>= 3;
		return;
	}
	if (view->rung == TYPED) {
		struct tcp_sock *tp = tcp_sock_of(sk);

		event->netns = sk->__sk_common.skc_net.net->ns.inum;
		if (!tp) {
			event->source_port = sk->__sk_common.skc_num;
			return;
		}
		event->srtt_us = tp->srtt_us >> 3;
		event->retransmits = tp->total_retrans;
		event->fast_open = core_bits(tp, syn_fastopen) || core_bits(tp, syn_data);
		port = tp->inet_conn.icsk_inet.inet_sport;
	} else {
		struct tcp_sock *tp = (struct tcp_sock *)sk;
		struct net *net = NULL;
		__u32 srtt = 0;

		core_read(&net, sk->__sk_common.skc_net.net);
		core_read(&event->netns, net->ns.inum);
		core_read(&srtt, tp->srtt_us);
		event->srtt_us = srtt >> 3;
		core_read(&event->retransmits, tp->total_retrans);
		event->fast_open = core_read_bits(tp, syn_fastopen) || core_read_bits(tp, syn_data);
		core_read(&port, tp->inet_conn.icsk_inet.inet_sport);
	}
	if (!has_record(view))
		event->source_port = byte_swap(port);
}

static __always_inline void describe(const struct view *view, const struct start *start, __u64 now, struct connect_event *event)
{
	event->time_ns = now;
	event->latency_us = (now - start->time_ns) / 1000;
	event->cgroup_id = start->cgroup_id;
	event->cgroup_key = start->cgroup_key;
	event->process_start_ns = start->process.start_ns;
	event->arguments_at = start->process.arguments_at;
	event->pid = start->pid;
	event->tid = start->tid;
	event->uid = start->uid;
	event->retransmits = start->retransmits;
	event->ip_version = start->ip_version;
	__builtin_memcpy(event->comm, start->comm, sizeof(event->comm));
	describe_end_points(view, event);
	describe_handshake(view, event);
}

static __always_inline void end(void *ctx, const struct view *view, int newstate)
{
	__u64 key = (__u64)view->sk;
	struct connect_event event = {};
	struct start *start = bpf_map_lookup_elem(&starts, &key);
	struct ledger *ledger = this_cpu_ledger();
	__u64 now, elapsed;
	bool connected;

	if (!start || !ledger)
		return;
	now = bpf_ktime_get_ns();
	elapsed = (now - start->time_ns) / 1000;
	/* SYN_RECV: both ends sent a SYN at once, and the other's has come. */
	connected = newstate == TCP_ESTABLISHED || newstate == TCP_SYN_RECV;
	if (elapsed < min_latency_us || (!connected && !failures)) {
		add_one(ledger->unwanted);
		bpf_map_delete_elem(&starts, &key);
		return;
	}
	if (counting) {
		event.ip_version = start->ip_version;
		bpf_map_delete_elem(&starts, &key);
		describe_end_points(view, &event);
		/* The local port is told with the handshake. */
		if (by_source_port)
			describe_handshake(view, &event);
		count_connect(ledger, &event);
		return;
	}
	if (!connected) {
		event.error_code = error_of(view);
		event.outcome = outcome_of(event.error_code, start, view);
	}
	describe(view, start, now, &event);
	bpf_map_delete_elem(&starts, &key);
	hand_over(ctx, ledger, &event);
}

static __always_inline int on_change(void *ctx, const struct view *view, int oldstate, int newstate)
{
	if (oldstate == TCP_SYN_SENT)
		end(ctx, view, newstate);
	else if (newstate == TCP_SYN_SENT)
		begin(view);
	return 0;
}

/* A SYN was sent again: the connect is stuck, and worth a line before it ends. */
static __always_inline int on_retransmit(void *ctx, const struct view *view)
{
	__u64 key = (__u64)view->sk;
	struct connect_event event = {};
	struct start *start = bpf_map_lookup_elem(&starts, &key);
	struct ledger *ledger = this_cpu_ledger();
	__u64 now;

	if (!start || !ledger)
		return 0;
	start->retransmits++;
	if (!stuck)
		return 0;
	now = bpf_ktime_get_ns();
	if ((now - start->time_ns) / 1000 < min_latency_us)
		return 0;
	event.outcome = OUTCOME_STUCK;
	describe(view, start, now, &event);
	add_one(ledger->repeats);
	hand_over(ctx, ledger, &event);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int state_tp_btf(__u64 *ctx)
{
	struct view view = { .rung = TYPED, .sk = (struct sock *)ctx[0] };

	return on_change(ctx, &view, ctx[1], ctx[2]);
}

SEC("raw_tp/inet_sock_set_state")
int state_raw_tp(__u64 *ctx)
{
	struct view view = { .rung = COPIED, .sk = (struct sock *)ctx[0] };

	return on_change(ctx, &view, ctx[1], ctx[2]);
}

SEC("tp/sock/inet_sock_set_state")
int state_tracepoint(struct trace_event_raw_inet_sock_set_state *ctx)
{
	struct view view = { .rung = CHANGE_RECORD, .sk = (struct sock *)ctx->skaddr, .record = ctx };

	return on_change(ctx, &view, ctx->oldstate, ctx->newstate);
}

SEC("tp_btf/tcp_retransmit_skb")
int retransmit_tp_btf(__u64 *ctx)
{
	struct view view = { .rung = TYPED, .sk = (struct sock *)ctx[0] };

	return view.sk->__sk_common.skc_state == TCP_SYN_SENT ? on_retransmit(ctx, &view) : 0;
}

SEC("raw_tp/tcp_retransmit_skb")
int retransmit_raw_tp(__u64 *ctx)
{
	struct view view = { .rung = COPIED, .sk = (struct sock *)ctx[0] };

	return on_retransmit(ctx, &view);
}

SEC("tp/tcp/tcp_retransmit_skb")
int retransmit_tracepoint(struct trace_event_raw_tcp_retransmit_skb *ctx)
{
	struct view view = { .rung = RETRANSMIT_RECORD, .sk = (struct sock *)ctx->skaddr, .record = ctx };

	return on_retransmit(ctx, &view);
}

/* Where a socket's error cannot be read, a reset that was received tells a refusal. */
SEC("tp/tcp/tcp_receive_reset")
int reset_tracepoint(struct trace_event_raw_tcp_receive_reset *ctx)
{
	__u64 key = (__u64)ctx->skaddr;
	struct start *start = bpf_map_lookup_elem(&starts, &key);

	if (start)
		start->reset = true;
	return 0;
}
