/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The paths of the programs whose processes events are of, kept in a map until user space asks for them: an event has what tells
 * the process alone. To be called in the context of the process that does the thing: of one that is gone a moment later its
 * program is here. Each process has its path put together once, as long as it is kept.
 */
#pragma once

#include <hivetap/bpf.h>

#include "../ledger.h"
#include "process-mark.h"
#include "program-path.h"

/* Whether they are kept: not where kernel memory may not be copied, or its structures are not known. */
setting(bool, paths_kept);

/* A process, and which program it is. Every byte of it belongs to a member: the map compares all of them. */
struct program_key {
	__u64 start_ns;
	__u64 arguments_at;
	__u64 pid;
};

/* When it is full, what was not asked for longest makes room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct program_key);
	__type(value, struct program_path);
} program_paths SEC(".maps");

/* Paths are larger than a program's stack: they are put together here. One for each hook, so that none disturbs another's. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct new_path);
} new_paths SEC(".maps");

/* Keeps the path of the program that a task runs; the task is the one that runs. */
static __always_inline void keep_program_path(struct ledger *ledger, struct task_struct *task, const struct process_mark *mark,
					      __u32 pid, __u32 hook)
{
	struct program_key key = { .start_ns = mark->start_ns, .arguments_at = mark->arguments_at, .pid = pid };
	struct new_path *path;

	/* The kernel's own threads have no program. */
	if (!paths_kept || !cgroups_read || !knows_program_paths() || !key.start_ns || !key.arguments_at)
		return;
	if (bpf_map_lookup_elem(&program_paths, &key))
		return;
	path = bpf_map_lookup_elem(&new_paths, &hook);
	if (!path)
		return;
	if (!put_program_path(path, task)) {
		add_one(ledger->pathless);
		return;
	}
	if (bpf_map_update_elem(&program_paths, &key, &path->path, BPF_ANY) || path->path.cut)
		add_one(ledger->pathless);
}
