// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Cgroups that are made and removed, by the tracepoints cgroup:cgroup_mkdir and cgroup:cgroup_rmdir: of version 2, and of the
 * one hierarchy of version 1 whose cgroups are told processes by (../cgroup-key.h). The kernel comes by there with its lock on
 * all cgroups: one at a time.
 */
#include <hivetap/bpf.h>
#include <hivetap/core.h>
#include <hivetap/event.h>

#include "../cgroup-names.h"

LICENSE("Dual BSD/GPL");

/* Which kind of buffer `events` is on this kernel. */
setting(bool, ring_buffer);
/* Whether names are told: not where kernel memory may not be copied. */
setting(bool, with_names);
/* The number of the hierarchy of version 1 that is looked at; 0, which is version 2, for none. */
setting(__s32, v1_hierarchy);

enum change : __u8 { CHANGE_MADE, CHANGE_REMOVED };

struct cgroup_change {
	__u64 time_ns as_number doc("When: CLOCK_MONOTONIC");
	__u64 key doc("The cgroup: cgroup-key.h");
	struct cgroup_names names;
	enum change change;
};

/* A change is larger than a program's stack: it is made here. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cgroup_change);
} changes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 << 10);
	__type(value, struct cgroup_change);
} events SEC(".maps");

/* Changes that the buffer had no room for, of each CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

static __always_inline int on_change(void *ctx, bool typed, struct cgroup *cgroup, enum change what)
{
	struct kernfs_node *directory = NULL;
	struct cgroup_root *root = NULL;
	struct cgroup_change *change;
	int hierarchy = 0;
	__u32 zero = 0;
	__u64 *count;
	long error;

	read_of_cgroup(typed, &root, cgroup->root);
	if (!root)
		return 0;
	read_of_cgroup(typed, &hierarchy, root->hierarchy_id);
	if (hierarchy && hierarchy != v1_hierarchy)
		return 0;
	read_of_cgroup(typed, &directory, cgroup->kn);
	change = bpf_map_lookup_elem(&changes, &zero);
	if (!directory || !change)
		return 0;
	change->time_ns = bpf_ktime_get_ns();
	change->key = inode_of(typed, directory) | (hierarchy ? KEY_OF_V1 : 0);
	change->change = what;
	if (with_names)
		put_cgroup_names(&change->names, directory);
	if (ring_buffer)
		error = bpf_ringbuf_output(&events, change, sizeof(*change), 0);
	else
		error = bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, change, sizeof(*change));
	count = bpf_map_lookup_elem(&lost, &zero);
	if (error && count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int made_tp_btf(__u64 *ctx)
{
	return on_change(ctx, true, (struct cgroup *)ctx[0], CHANGE_MADE);
}

SEC("tp_btf/cgroup_rmdir")
int removed_tp_btf(__u64 *ctx)
{
	return on_change(ctx, true, (struct cgroup *)ctx[0], CHANGE_REMOVED);
}

SEC("raw_tp/cgroup_mkdir")
int made_raw_tp(__u64 *ctx)
{
	return on_change(ctx, false, (struct cgroup *)ctx[0], CHANGE_MADE);
}

SEC("raw_tp/cgroup_rmdir")
int removed_raw_tp(__u64 *ctx)
{
	return on_change(ctx, false, (struct cgroup *)ctx[0], CHANGE_REMOVED);
}
