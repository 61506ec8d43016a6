/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The names of the cgroups that events are of, kept in a map until user space asks for them: an event has the key alone. To be
 * called in the context of the process that does the thing: what has gone a moment later has its name here.
 */
#pragma once

#include <hivetap/bpf.h>

#include "cgroup-names.h"
#include "ledger.h"

/* Whether they are kept: not where kernel memory may not be copied, or its structures are not known. */
setting(bool, names_kept);

/* When it is full, what was not asked for longest makes room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct cgroup_names);
} cgroup_names SEC(".maps");

/* Names are larger than a program's stack: they are put together here. One for each hook, so that none disturbs another's. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgroup_names);
} new_names SEC(".maps");

static __always_inline void keep_cgroup_names(struct ledger *ledger, const struct own_cgroup *own, __u32 hook)
{
	struct cgroup_names *names;

	if (!names_kept || !cgroups_read || !own->directory || bpf_map_lookup_elem(&cgroup_names, &own->key))
		return;
	names = bpf_map_lookup_elem(&new_names, &hook);
	if (!names)
		return;
	put_cgroup_names(names, own->directory);
	if (bpf_map_update_elem(&cgroup_names, &own->key, names, BPF_ANY))
		add_one(ledger->nameless);
}
