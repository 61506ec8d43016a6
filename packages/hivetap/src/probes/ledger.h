/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The account that every tool keeps in the kernel, in the same words: what it was there to tell, and what became of it.
 *
 * Whatever a tool sees is counted once in `attempts`, and then once in filtered, sampled_out, map_full, end_missed, unwanted,
 * counted or events, or it is still followed. Events of what has not ended are told besides: they count in `repeats` and in
 * `events`. What is `nameless` or `pathless` is told all the same.
 */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/event.h>

struct ledger {
	__u64 attempts as_number doc("Things that the tool is there to tell, as they began");
	__u64 filtered as_number doc("Left out by a filter when they began");
	__u64 sampled_out as_number doc("Left out because only one of so many was asked for");
	__u64 map_full as_number doc("Not followed, because as many as the map holds were under way");
	__u64 end_missed as_number doc("Followed, but their end was not seen before their place was taken by another");
	__u64 unwanted as_number doc("Followed to their end, and left out there by a filter");
	__u64 counted as_number doc("Added to a count, instead of an event each");
	__u64 repeats as_number doc("Events of things that had not ended");
	__u64 events as_number doc("Events handed to the buffer");
	__u64 buffer_full as_number doc("Events that the buffer had no room for");
	__u64 truncated as_number doc("Events that hold a text that was cut");
	__u64 nameless as_number doc("Times that the names of a cgroup could not be kept");
	__u64 pathless as_number doc("Times that the path of a program could not be kept, or not as a whole");
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger);
} ledgers SEC(".maps");

/* Which kind of buffer `events` is on this kernel. */
setting(bool, ring_buffer);
/* Which of the tools that share a buffer this is. */
setting(__u32, tool_index);

static __always_inline struct ledger *this_cpu_ledger(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&ledgers, &zero);
}

/* Each CPU has its own, but an interrupt may come between reading and writing: hence the atomic addition. */
#define add_one(count) __sync_fetch_and_add(&(count), 1)

/* Hands the first bytes of an event to the map `events`, whichever kind it is here. */
#define hand_over_bytes(ctx, ledger, event, size)                                                     \
	do {                                                                                          \
		long _error;                                                                          \
		(event)->tool_index = tool_index;                                                     \
		add_one((ledger)->events);                                                            \
		if (ring_buffer)                                                                      \
			_error = bpf_ringbuf_output(&events, event, size, 0);                         \
		else                                                                                  \
			_error = bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, event, size); \
		if (_error)                                                                           \
			add_one((ledger)->buffer_full);                                               \
	} while (0)

/* Hands a whole event over. */
#define hand_over(ctx, ledger, event) hand_over_bytes(ctx, ledger, event, sizeof(*(event)))
