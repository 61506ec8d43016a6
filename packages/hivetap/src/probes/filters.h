/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every tool can leave out in the kernel: other processes, other users, other cgroups, and all but one of so many.
 * To be asked in the context of the process that does the thing.
 */
#pragma once

#include <hivetap/bpf.h>

#include "cgroup-key.h"
#include "ledger.h"

setting(__u32, pid);
/* The user that is wanted; some_user says whether there is one. */
setting(__u32, user);
setting(bool, some_user);
/* Whether only what is in the cgroup, or below it, is wanted. */
setting(bool, some_cgroup);
/* Whether what is wanted depends on what is said of cgroups in wanted_cgroups. */
setting(bool, some_cgroup_keys);
/* Of so many things one is told; 0 and 1 are all. */
setting(__u32, sample);

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} cgroups SEC(".maps");

/* What is said of a cgroup. */
#define CGROUP_LEFT_OUT 0
#define CGROUP_WANTED 1
/* Of no cgroup this is the key: what is said of it, holds for all of which nothing is said. */
#define ALL_OTHER_CGROUPS 0

/*
 * What is said of cgroups, by their keys: written by user space as they come and go. One that is left out is left out alone;
 * one that is wanted stands for those a little below it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4097);
	__type(key, __u64);
	__type(value, __u8);
} wanted_cgroups SEC(".maps");

/* How far above a process's cgroup one that is wanted may be. */
#define LEVELS_ABOVE 4

static __always_inline bool is_said_to_be_wanted(__u64 key)
{
	__u8 *said = bpf_map_lookup_elem(&wanted_cgroups, &key);

	return said && *said == CGROUP_WANTED;
}

/*
 * Whether a cgroup is wanted, or one above it: a pod is there before its containers are. Where the kernel's structures are not
 * read, the cgroup itself must be.
 */
static __always_inline bool is_wanted_cgroup(const struct own_cgroup *own, bool typed)
{
	struct kernfs_node *directory = own->directory;
	__u64 key = own->key;
	__u8 *said = bpf_map_lookup_elem(&wanted_cgroups, &key);

	if (said)
		return *said == CGROUP_WANTED;
	if (is_said_to_be_wanted(ALL_OTHER_CGROUPS))
		return true;
	/* Said again, since the loader folds constants alone. */
	if (!cgroups_read)
		return false;
#pragma unroll
	for (int level = 0; level < LEVELS_ABOVE; level++) {
		if (!directory)
			return false;
		directory = directory_above(typed, directory);
		if (!directory)
			return false;
		key = inode_of(typed, directory) | own->version;
		if (is_said_to_be_wanted(key))
			return true;
	}
	return false;
}

/*
 * Whether a process is wanted, which is the one that runs. Its cgroup is looked for on the way.
 *
 * @param typed whether the verifier knows the type of `task`
 */
static __always_inline bool is_wanted_process(__u32 process, __u32 its_user, struct own_cgroup *own, bool typed, struct task_struct *task)
{
	if (pid && pid != process)
		return false;
	if (some_user && user != its_user)
		return false;
	if (some_cgroup && bpf_current_task_under_cgroup(&cgroups, 0) != 1)
		return false;
	find_own_cgroup(own, typed, task);
	return !some_cgroup_keys || is_wanted_cgroup(own, typed);
}

/* To be asked last, so that what is told stands for so many of what was wanted. */
static __always_inline bool is_sampled_out(void)
{
	return sample > 1 && bpf_get_prandom_u32() % sample != 0;
}
