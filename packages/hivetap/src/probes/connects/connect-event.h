/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tcpconnlat tells of a connect. */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/event.h>

#include "../event-head.h"

/* How a connect ended, or that it has not. The errors are those of connect(2). */
enum outcome : __u8 {
	OUTCOME_CONNECTED,
	OUTCOME_REFUSED,
	OUTCOME_TIMED_OUT,
	OUTCOME_UNREACHABLE,
	OUTCOME_RESET,
	OUTCOME_ABANDONED,
	OUTCOME_STUCK,
	OUTCOME_FAILED,
};

struct connect_event {
	EVENT_HEAD("When the connect ended, or for a stuck one when it was seen");
	__u32 pid doc("Process that asked for the connection");
	__u64 latency_us as_number doc("From the first SYN to the answer, or to the end without one; so far, for a stuck connect");
	__u64 cgroup_id as_number doc("Cgroup (version 2) of the process: the inode of its directory (before Linux 5.5 its low 32 bits are)");
	__u64 cgroup_key doc("Cgroup that tells most of the process: cgroup-key.h");
	__u64 process_start_ns as_number doc("When the process began, CLOCK_BOOTTIME; 0 if not known: process-mark.h");
	__u64 arguments_at as_number doc("Where the arguments of its program lie in its memory; 0 if not known");
	char comm[16] doc("Name of the thread that asked for the connection");
	__u8 source_address[16] ip_address(ip_version) doc("Local address, as the socket has it");
	__u8 destination_address[16] ip_address(ip_version) doc("Remote address, as the socket has it");
	__u32 tid doc("Thread of it that did");
	__u32 uid doc("Its user");
	__u32 netns if_known doc("Network namespace: the inode of /proc/PID/ns/net");
	__u32 srtt_us if_known doc("Smoothed round-trip time that the handshake measured");
	__u32 retransmits doc("SYN packets that were sent again");
	__u16 source_port doc("Local port");
	__u16 destination_port doc("Remote port");
	__u16 error_code if_known doc("Error number that the connect ended with: errno(3)");
	__u8 ip_version doc("4 or 6: the family of the socket; an IPv4 address within IPv6 is written ::ffff:a.b.c.d");
	enum outcome outcome doc("How it ended, or that it is stuck");
	bool fast_open doc("TCP Fast Open was asked for: the latency may hold the time until the first write");
};
