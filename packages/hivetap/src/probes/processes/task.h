/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What programs here read of a task, and how: by its type where the verifier knows it, else copied; from the places that the
 * kernel's types tell, or that were learned where the kernel has none (task-layout/).
 */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>

struct mm_struct {
	unsigned long arg_start, arg_end;
} __core;

typedef struct {
	int counter;
} __core atomic_t;

/* What the threads of a process share. */
struct signal_struct {
	atomic_t live; /* threads that have not begun to end */
	int group_exit_code;
	unsigned int flags;
} __core;

struct task_struct {
	struct mm_struct *mm;
	int exit_code;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	__u64 start_time;
	char comm[16];
	struct signal_struct *signal;
} __core;

/* Places in the kernel's structures, learned on a kernel without BTF; 0 where they are not known. */
setting(__u16, mm_offset);
setting(__u16, arg_start_offset);
setting(__u16, real_parent_offset);
setting(__u16, tgid_offset);
setting(__u16, comm_offset);

/* How a program sees the task that it runs in. */
struct task_view {
	/* Whether the verifier knows its type: then it is read without copying. */
	bool typed;
	struct task_struct *task;
};

/* Reads a member that a view's pointer leads to, on a kernel with BTF. */
#define read_member(view, to, member)                                                                 \
	do {                                                                                          \
		if ((view)->typed)                                                                    \
			*(to) = (member);                                                             \
		else                                                                                  \
			core_read(to, member);                                                        \
	} while (0)

/* The name of a task that a view's pointer leads to, on a kernel with BTF. */
static __always_inline void read_comm(const struct task_view *view, char comm[16], struct task_struct *task)
{
	if (!view->typed) {
		bpf_probe_read_kernel(comm, 16, &task->comm);
		return;
	}
	((__u64 *)comm)[0] = *(__u64 *)&task->comm[0];
	((__u64 *)comm)[1] = *(__u64 *)&task->comm[8];
}

/* The process that started this one, and its name, unless that is NULL; 0 and none where they cannot be read. */
static __always_inline void describe_parent(const struct task_view *view, __u32 *ppid, char comm[16])
{
	struct task_struct *task = view->task;
	struct task_struct *parent = NULL;

	if (view->typed && !task)
		return;
	if (view->typed || core_type_exists(struct task_struct)) {
		read_member(view, &parent, task->real_parent);
		read_member(view, ppid, parent->tgid);
		if (comm)
			read_comm(view, comm, parent);
		return;
	}
	if (!real_parent_offset || !tgid_offset)
		return;
	bpf_probe_read_kernel(&parent, sizeof(parent), (const void *)task + real_parent_offset);
	bpf_probe_read_kernel(ppid, sizeof(*ppid), (const void *)parent + tgid_offset);
	if (comm && comm_offset)
		bpf_probe_read_kernel(comm, 16, (const void *)parent + comm_offset);
}

/* Where the arguments lie in the process's own memory: its start, and its length. */
static __always_inline __u64 arguments_of(const struct task_view *view, __u64 *length)
{
	struct task_struct *task = view->task;
	struct mm_struct *mm = NULL;
	__u64 range[2] = {};

	if (view->typed) {
		mm = task->mm;
		if (!mm)
			return 0;
		range[0] = mm->arg_start;
		range[1] = mm->arg_end;
	} else if (core_type_exists(struct task_struct)) {
		core_read(&mm, task->mm);
		core_read(&range[0], mm->arg_start);
		core_read(&range[1], mm->arg_end);
	} else if (mm_offset && arg_start_offset) {
		bpf_probe_read_kernel(&mm, sizeof(mm), (const void *)task + mm_offset);
		bpf_probe_read_kernel(range, sizeof(range), (const void *)mm + arg_start_offset);
	}
	*length = range[1] - range[0];
	return range[0];
}
