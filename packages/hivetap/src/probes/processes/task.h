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

struct task_struct {
	struct mm_struct *mm;
	int tgid;
	struct task_struct *real_parent;
	char comm[16];
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

/* The process that started this one, and its name; 0 and none where they cannot be read. */
static __always_inline void describe_parent(const struct task_view *view, __u32 *ppid, char comm[16])
{
	struct task_struct *task = view->task;
	struct task_struct *parent = NULL;

	if (view->typed) {
		parent = task->real_parent;
		*ppid = parent->tgid;
		((__u64 *)comm)[0] = *(__u64 *)&parent->comm[0];
		((__u64 *)comm)[1] = *(__u64 *)&parent->comm[8];
		return;
	}
	if (core_type_exists(struct task_struct)) {
		core_read(&parent, task->real_parent);
		core_read(ppid, parent->tgid);
		bpf_probe_read_kernel(comm, 16, &parent->comm);
		return;
	}
	if (!real_parent_offset || !tgid_offset)
		return;
	bpf_probe_read_kernel(&parent, sizeof(parent), (const void *)task + real_parent_offset);
	bpf_probe_read_kernel(ppid, sizeof(*ppid), (const void *)parent + tgid_offset);
	if (comm_offset)
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
