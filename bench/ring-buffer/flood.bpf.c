// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Hands out connect events of one process's making, for measuring how fast they are read: EVENTS_A_CALL of them for each
 * getppid(2). They look like tcpconnlat's and differ from each other as its do: times, ports, addresses, names.
 */
#include <hivetap/bpf.h>
#include <hivetap/event.h>

#include "../../packages/hivetap/src/probes/connects/connect-event.h"

LICENSE("Dual BSD/GPL");

#define EVENTS_A_CALL 16
#define SYS_GETPPID 110

setting(__u32, producer);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 2 << 20);
	__type(value, struct connect_event);
} events SEC(".maps");

struct flood_counters {
	__u64 attempts as_number doc("Events that were made");
	__u64 lost as_number doc("Events that the buffer had no room for");
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flood_counters);
} counters SEC(".maps");

SEC("raw_tp/sys_enter")
int on_call(__u64 *ctx)
{
	struct connect_event event = {};
	struct flood_counters *counts;
	__u32 zero = 0;

	if (ctx[1] != SYS_GETPPID || bpf_get_current_pid_tgid() >> 32 != producer)
		return 0;
	counts = bpf_map_lookup_elem(&counters, &zero);
	if (!counts)
		return 0;
	event.time_ns = bpf_ktime_get_ns();
	event.pid = producer;
	event.tid = producer;
	event.ip_version = 4;
	event.destination_port = 443;
	event.netns = 4026531840;
	event.cgroup_id = 1;
	event.outcome = OUTCOME_CONNECTED;
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	__builtin_memcpy(event.source_address, "\x0a\x00\x02\x0f", 4);
	__builtin_memcpy(event.destination_address, "\x5d\xb8\xd8\x22", 4);
#pragma unroll
	for (int i = 0; i < EVENTS_A_CALL; i++) {
		__u64 serial = counts->attempts++;

		event.time_ns += 100;
		event.latency_us = 100 + (serial & 0xfff);
		event.srtt_us = 90 + (serial & 0xff);
		event.source_port = 32768 + (serial & 0x3fff);
		/* Some hundred peers, as a host has. */
		event.destination_address[3] = serial & 0x7f;
		event.destination_address[2] = serial >> 7 & 3;
		if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
			counts->lost++;
	}
	return 0;
}
