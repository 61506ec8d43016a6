// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Processes that end, and how: by the tracepoint sched:sched_process_exit, in the context of the thread that ends. The kernel
 * comes by there for each thread, when its exit code stands in its task; of a process this is told once, by the last of its
 * threads.
 */
#include <hivetap/bpf.h>
#include <hivetap/core.h>
#include <hivetap/event.h>

#include "../event-head.h"
#include "../filters.h"
#include "../kept-cgroup-names.h"
#include "../ledger.h"
#include "../processes/kept-program-paths.h"
#include "../processes/process-mark.h"
#include "../processes/task.h"

LICENSE("Dual BSD/GPL");

/* include/linux/sched/signal.h: the process ends as a whole, with group_exit_code. */
#define SIGNAL_GROUP_EXIT 4

/* Whether each thread is told, instead of each process. */
setting(bool, threads);
/* Whether only what ended with an error is told. */
setting(bool, failed_only);

/* More places in the kernel's task, learned on a kernel without BTF; 0 where they are not known. */
setting(__u16, exit_code_offset);
setting(__u16, start_time_offset);

struct exit_event {
	EVENT_HEAD("When it ended");
	__u32 pid doc("Process");
	__u32 tid doc("Thread: with -T the one that ended, else the first of the process");
	__u32 ppid if_known doc("Parent process");
	__u64 cgroup_id as_number doc("Cgroup (version 2) of the process: the inode of its directory (before Linux 5.5 its low 32 bits are)");
	__u64 cgroup_key doc("Cgroup that tells most of the process: cgroup-key.h");
	__u64 process_start_ns as_number doc("When the process began, CLOCK_BOOTTIME; 0 if not known: process-mark.h");
	__u64 arguments_at as_number doc("Where the arguments of its program lie in its memory; 0 if not known");
	__u64 age_us as_number if_known doc("How long it lived, microseconds: the process, or with -T the thread");
	char comm[16] doc("Name of the process, with -T of the thread");
	__u32 uid doc("User of the process");
	__u32 status doc("As wait(2) tells it");
	bool status_known;
	bool of_thread doc("It is what the thread ended with: a core that another one left is not told");
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 << 10);
	__type(value, struct exit_event);
} events SEC(".maps");

/* A process among all that ever were. */
struct process {
	__u64 start_time;
	__u32 pid;
	__u32 zero;
};

/*
 * Processes whose end was told, on kernels whose tracepoint does not say which thread was the last: two that end at once may
 * both find that none is left.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct process);
	__type(value, __u8);
} ended SEC(".maps");

struct trace_event_raw_sched_process_exit {
	bool group_dead;
} __core;

/* Whether a thread is the last of its process; before Linux 6.16 the tracepoint does not tell. */
enum last { LAST_UNTOLD, LAST_NO, LAST_YES };

/* Whether this is the first thread that comes by here when none of its process is left. */
static __always_inline bool is_last(const struct task_view *view, __u32 pid)
{
	struct task_struct *task = view->task, *leader = NULL;
	struct signal_struct *signal = NULL;
	struct process process = { .pid = pid };
	int live = 0;
	__u8 told = 1;

	read_member(view, &signal, task->signal);
	read_member(view, &live, signal->live.counter);
	if (live)
		return false;
	read_member(view, &leader, task->group_leader);
	read_member(view, &process.start_time, leader->start_time);
	return bpf_map_update_elem(&ended, &process, &told, BPF_NOEXIST) != -EEXIST;
}

static __always_inline bool is_told(const struct task_view *view, __u64 pid_tgid, enum last last)
{
	if (threads)
		return true;
	/* Where the others of a process cannot be seen, the first stands for all. */
	if (!view->typed && !core_type_exists(struct task_struct))
		return pid_tgid >> 32 == (__u32)pid_tgid;
	return last == LAST_UNTOLD ? is_last(view, pid_tgid >> 32) : last == LAST_YES;
}

/* How it ended, and when it began, of a kernel with BTF: as wait(2) tells the parent, which is told of the first thread. */
static __always_inline void describe_typed(const struct task_view *view, struct exit_event *event, __u64 *started)
{
	struct task_struct *task = view->task;
	struct signal_struct *signal = NULL;
	__u32 flags = 0;

	if (!threads) {
		read_member(view, &signal, task->signal);
		read_member(view, &flags, signal->flags);
		read_member(view, &task, task->group_leader);
		read_comm(view, event->comm, task);
	}
	read_member(view, started, task->start_time);
	if (flags & SIGNAL_GROUP_EXIT)
		read_member(view, &event->status, signal->group_exit_code);
	else
		read_member(view, &event->status, task->exit_code);
	event->status_known = true;
}

static __always_inline void describe_end(const struct task_view *view, struct exit_event *event)
{
	__u64 started = 0;

	event->of_thread = threads;
	if (view->typed || core_type_exists(struct task_struct)) {
		describe_typed(view, event, &started);
	} else {
		event->of_thread = true;
		if (exit_code_offset)
			event->status_known = !bpf_probe_read_kernel(&event->status, sizeof(event->status),
								     (const void *)view->task + exit_code_offset);
		if (start_time_offset)
			bpf_probe_read_kernel(&started, sizeof(started), (const void *)view->task + start_time_offset);
	}
	if (started && started < event->time_ns)
		event->age_us = (event->time_ns - started) / 1000;
}

static __always_inline int on_exit(void *ctx, const struct task_view *view, enum last last)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct ledger *ledger = this_cpu_ledger();
	struct process_mark mark = {};
	struct own_cgroup own = {};
	struct exit_event event;

	if (!ledger || !is_told(view, pid_tgid, last))
		return 0;
	add_one(ledger->attempts);
	__builtin_memset(&event, 0, sizeof(event));
	event.time_ns = bpf_ktime_get_ns();
	event.pid = pid_tgid >> 32;
	event.tid = threads ? (__u32)pid_tgid : event.pid;
	event.uid = bpf_get_current_uid_gid();
	if (!is_wanted_process(event.pid, event.uid, &own, view->typed, view->task)) {
		add_one(ledger->filtered);
		return 0;
	}
	bpf_get_current_comm(&event.comm, sizeof(event.comm));
	describe_end(view, &event);
	if (failed_only && !event.status) {
		add_one(ledger->unwanted);
		return 0;
	}
	if (is_sampled_out()) {
		add_one(ledger->sampled_out);
		return 0;
	}
	event.cgroup_id = bpf_get_current_cgroup_id();
	event.cgroup_key = own.key;
	keep_cgroup_names(ledger, &own, 0);
	/* Before Linux 6.16 the memory of a thread is gone by now, and what tells its program with it. */
	mark_process(&mark, view->typed, view->task);
	event.process_start_ns = mark.start_ns;
	event.arguments_at = mark.arguments_at;
	keep_program_path(ledger, (struct task_struct *)bpf_get_current_task(), &mark, event.pid, 0);
	describe_parent(view, &event.ppid, NULL);
	hand_over(ctx, ledger, &event);
	return 0;
}

/* What the tracepoint's arguments say, where there is a third. */
static __always_inline enum last last_of(const __u64 *ctx)
{
	struct trace_event_raw_sched_process_exit *record = NULL;

	if (!core_field_exists(record->group_dead))
		return LAST_UNTOLD;
	return (__u8)ctx[1] ? LAST_YES : LAST_NO;
}

SEC("tp_btf/sched_process_exit")
int exit_tp_btf(__u64 *ctx)
{
	struct task_view view = { .typed = true, .task = (struct task_struct *)ctx[0] };

	return on_exit(ctx, &view, last_of(ctx));
}

SEC("raw_tp/sched_process_exit")
int exit_raw_tp(__u64 *ctx)
{
	struct task_view view = { .task = (struct task_struct *)ctx[0] };

	return on_exit(ctx, &view, last_of(ctx));
}

SEC("tp/sched/sched_process_exit")
int exit_tracepoint(struct trace_event_raw_sched_process_exit *ctx)
{
	struct task_view view = { .task = (struct task_struct *)bpf_get_current_task() };
	enum last last = LAST_UNTOLD;

	if (core_field_exists(ctx->group_dead))
		last = ctx->group_dead ? LAST_YES : LAST_NO;
	return on_exit(ctx, &view, last);
}
