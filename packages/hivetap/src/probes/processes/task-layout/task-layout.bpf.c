// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Hands out the bytes of two tasks, for kernels without BTF: of the thread that asks, whenever it is renamed, and of a
 * child of its own, when that exits. Whoever runs them knows what must stand in them, and so finds out where.
 *
 * Raw tracepoints (Linux 4.17) take neither tracefs nor perf events, and are let go of at once: closing a classic one waits
 * until no CPU can be running it, which is tens of milliseconds.
 */
#include <hivetap/bpf.h>

LICENSE("Dual BSD/GPL");

/* More of struct task_struct than lies before the last member that is looked for, and the pieces that it is copied in. */
#define TASK_BYTES 8192
#define PIECE 1024

#define COMM_LEN 16

struct sample {
	/* Where the task lies in the kernel's memory. */
	__u64 task;
	/* CLOCK_MONOTONIC: of the asking thread now; of a child, when the kernel had made it and not yet run it. */
	__u64 time;
	/* As the kernel itself numbers them: in a container, others than are seen there. */
	__u32 pid;
	__u32 tgid;
	__u8 bytes[TASK_BYTES];
};

struct subject {
	/* The thread that asks; 0 until it is known. */
	__u32 pid;
	/* Where its child lies in the kernel's memory, once there is one. */
	__u64 child;
	/* What is looked at in place of the thread's own task, unless 0. */
	__u64 address;
};

/* The name by which the asking thread is known at first: sixteen bytes, as two words. */
setting(__u64, name_begin);
setting(__u64, name_end);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sample);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct subject);
} subjects SEC(".maps");

static __always_inline struct subject *the_subject(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&subjects, &zero);
}

static __always_inline struct sample *the_sample(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&samples, &zero);
}

/* Who the current task is, and what lies there; in pieces: behind its end may be what cannot be read, and a copy fails whole. */
static __always_inline void take(struct sample *sample, __u64 from)
{
	__u64 id = bpf_get_current_pid_tgid();

	sample->task = bpf_get_current_task();
	sample->pid = id;
	sample->tgid = id >> 32;
#pragma clang loop unroll(full)
	for (int at = 0; at < TASK_BYTES; at += PIECE)
		bpf_probe_read_kernel(sample->bytes + at, PIECE, (const void *)from + at);
}

/* The kernel calls it before the name is changed, in the thread that changes it. */
SEC("raw_tp/task_rename")
int on_rename(void)
{
	struct subject *subject = the_subject();
	struct sample *sample = the_sample();
	__u64 name[COMM_LEN / sizeof(__u64)] = {};

	if (!subject || !sample)
		return 0;
	bpf_get_current_comm(name, sizeof(name));
	if (subject->pid ? subject->pid != (__u32)bpf_get_current_pid_tgid()
			 : name[0] != name_begin || name[1] != name_end)
		return 0;
	sample->time = bpf_ktime_get_ns();
	take(sample, subject->address ? subject->address : bpf_get_current_task());
	return 0;
}

/* It is given the parent and the child. The kernel calls it in the parent, before it lets the child run. */
SEC("raw_tp/sched_process_fork")
int on_fork(const __u64 *arguments)
{
	struct subject *subject = the_subject();
	struct sample *sample = the_sample();

	if (!subject || !sample || !subject->pid || subject->pid != (__u32)bpf_get_current_pid_tgid())
		return 0;
	sample->time = bpf_ktime_get_ns();
	subject->child = arguments[1];
	return 0;
}

SEC("raw_tp/sched_process_exit")
int on_exit(void)
{
	struct subject *subject = the_subject();
	struct sample *sample = the_sample();

	if (subject && sample && subject->child && subject->child == bpf_get_current_task())
		take(sample, subject->child);
	return 0;
}
