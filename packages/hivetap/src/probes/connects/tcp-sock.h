/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The members of the kernel's sockets that programs here read. Where they lie is asked of the kernel. */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6

/* include/net/tcp_states.h */
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7

struct in6_addr {
	union {
		__u32 u6_addr32[4];
	} in6_u;
} __core;

struct ns_common {
	unsigned int inum;
} __core;

struct net {
	struct ns_common ns;
} __core;

typedef struct {
	struct net *net;
} __core possible_net_t;

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	__u16 skc_dport;
	__u16 skc_num; /* the source port, in the machine's byte order; 0 once a connect has failed */
	__u16 skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} __core;

struct sock {
	struct sock_common __sk_common;
	int sk_err;
	__u16 sk_protocol; /* eight bits of a larger word before Linux 5.6 */
} __core;

struct inet_sock {
	__u16 inet_sport;
} __core;

struct inet_connection_sock {
	struct inet_sock icsk_inet;
} __core;

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 srtt_us; /* eighths of a microsecond */
	__u32 total_retrans;
	__u32 segs_out;
	__u8 syn_data : 1;
	__u8 syn_fastopen : 1;
} __core;
