/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every tool can leave out in the kernel: other processes, other users, other cgroups, and all but one of so many.
 * To be asked in the context of the process that does the thing.
 */
#pragma once

#include <hivetap/bpf.h>

#include "ledger.h"

setting(__u32, pid);
/* The user that is wanted; some_user says whether there is one. */
setting(__u32, user);
setting(bool, some_user);
/* Whether only what is in the cgroup, or below it, is wanted. */
setting(bool, some_cgroup);
/* Of so many things one is told; 0 and 1 are all. */
setting(__u32, sample);

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} cgroups SEC(".maps");

static __always_inline bool is_wanted_process(__u32 process, __u32 its_user)
{
	if (pid && pid != process)
		return false;
	if (some_user && user != its_user)
		return false;
	return !some_cgroup || bpf_current_task_under_cgroup(&cgroups, 0) == 1;
}

/* To be asked last, so that what is told stands for so many of what was wanted. */
static __always_inline bool is_sampled_out(void)
{
	return sample > 1 && bpf_get_prandom_u32() % sample != 0;
}
