/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What tells a process from any other that has its number, and its program from the one that it was before an exec: user space
 * compares both with what /proc says, before it believes that.
 */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>

#include "../cgroup-key.h"

/*
 * The lowest bits of a start time that are not told: so it is a number of 53 bits for 36 years after the host was started. No
 * clock tick of /proc begins within them.
 */
#define START_BITS_CUT 0x7fULL

struct process_mark {
	/* When it began, CLOCK_BOOTTIME, to 128 ns; 0 where that is not known. */
	__u64 start_ns;
	/* Where the arguments of its program lie in its memory; 0 where that is not known, and of the kernel's own threads. */
	__u64 arguments_at;
};

struct mm_struct___arguments {
	unsigned long arg_start;
} __core;

struct task_struct___marked {
	struct task_struct___marked *group_leader;
	struct mm_struct___arguments *mm;
	__u64 start_boottime;
} __core;

/* Linux before 5.5. */
struct task_struct___older {
	__u64 real_start_time;
} __core;

/*
 * Marks the process of a task that runs. Nothing is told where the kernel's structures are not read (cgroups_read).
 *
 * @param typed whether the verifier knows the type of `task`
 */
static __always_inline void mark_process(struct process_mark *mark, bool typed, struct task_struct *task)
{
	struct task_struct___marked *marked = (void *)task, *leader = NULL;
	struct mm_struct___arguments *mm = NULL;
	struct task_struct___older *older;

	if (!cgroups_read || !task)
		return;
	read_of_cgroup(typed, &leader, marked->group_leader);
	if (!leader)
		return;
	older = (void *)leader;
	if (core_field_exists(leader->start_boottime))
		read_of_cgroup(typed, &mark->start_ns, leader->start_boottime);
	else if (core_field_exists(older->real_start_time))
		read_of_cgroup(typed, &mark->start_ns, older->real_start_time);
	mark->start_ns &= ~START_BITS_CUT;
	read_of_cgroup(typed, &mm, marked->mm);
	if (mm)
		read_of_cgroup(typed, &mark->arguments_at, mm->arg_start);
}
