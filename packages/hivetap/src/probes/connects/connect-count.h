/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connects counted in the kernel, instead of an event each. */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/event.h>

#include "../ledger.h"
#include "connect-event.h"

/* What is counted together. Every byte of it belongs to a member: the map compares all of them. */
struct connect_key {
	__u8 source_address[16];
	__u8 destination_address[16];
	__u16 source_port; /* 0 where connects from all local ports are counted together */
	__u16 destination_port;
	__u32 ip_version;
};

struct connect_count {
	__u64 connects as_number doc("How many connects ended");
};

setting(bool, counting);
setting(bool, by_source_port);

/* Not created where nothing is counted. It refuses when it is full: an LRU map would forget, unsaid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct connect_key);
	__type(value, struct connect_count);
} counts SEC(".maps");

/* Adds a connect, whose end points the event has, to its count. */
static __always_inline void count_connect(struct ledger *ledger, const struct connect_event *event)
{
	struct connect_count none = {}, *count;
	struct connect_key key = {};

	__builtin_memcpy(key.source_address, event->source_address, sizeof(key.source_address));
	__builtin_memcpy(key.destination_address, event->destination_address, sizeof(key.destination_address));
	if (by_source_port)
		key.source_port = event->source_port;
	key.destination_port = event->destination_port;
	key.ip_version = event->ip_version;
	count = bpf_map_lookup_elem(&counts, &key);
	if (!count) {
		/* Another CPU may be quicker: then its zero, or what it has counted since, stays. */
		bpf_map_update_elem(&counts, &key, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&counts, &key);
	}
	if (!count) {
		add_one(ledger->map_full);
		return;
	}
	add_one(count->connects);
	add_one(ledger->counted);
}
