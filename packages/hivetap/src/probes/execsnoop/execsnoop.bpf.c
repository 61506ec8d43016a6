// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that processes start: each exec(2) that succeeds, by the tracepoint sched:sched_process_exec, in the context of
 * the process that has become the new program; and those that fail, when their system call returns.
 *
 * The arguments of one that succeeded are copied in one piece from the new program's memory, where the kernel has just put
 * them. Those of one that failed are read through the pointers that the caller gave, when the call returns. What the caller
 * has not touched and the kernel had no need to read, as it looks for the file first, need not be in memory: then it cannot be
 * read, and the event says so.
 */
#include <hivetap/bpf.h>
#include <hivetap/core.h>
#include <hivetap/event.h>

#include "../filters.h"
#include "../kept-cgroup-names.h"
#include "../ledger.h"
#include "../processes/kept-program-paths.h"
#include "../processes/process-mark.h"
#include "../processes/task.h"
#include "exec-event.h"
#include "working-directory.h"

LICENSE("Dual BSD/GPL");

/* Whether the working directory is told. */
setting(bool, working_directory);
/* Where a tracepoint of a system call tells of calls, those under way are in `calls`. */
setting(bool, calls_followed);
/* The system calls' numbers, and where in struct pt_regs the kernel keeps a call's number and arguments; of this machine. */
setting(__u32, execve_number);
setting(__u32, execveat_number);
setting(__u16, number_offset);
setting(__u16, argument0_offset);
setting(__u16, argument1_offset);
setting(__u16, argument2_offset);
/* The bits there that tell a program of 64 bits: those of 32 have other numbers for their calls. */
setting(__u16, mode_offset);
setting(__u16, mode_mask);
setting(__u16, mode_64);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 2 << 20);
	__type(value, struct exec_event);
} events SEC(".maps");

/* An event is larger than a program's stack: it is made here. One for each hook, so that none disturbs another's. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct exec_event);
} scratch SEC(".maps");
#define SCRATCH_EXEC 0
#define SCRATCH_FAILURE 1

/* What exec(2) was called with. */
struct call {
	const char *filename;
	const char *const *argv;
	__s32 directory_fd;
};

/* Calls under way, by thread. One whose thread was killed within it is pushed out in time. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct call);
} calls SEC(".maps");

struct linux_binprm {
	const char *filename;
	const char *interp;
	unsigned long exec; /* where the new program finds the name of its file */
} __core;

/* The kernel's helpers, by their numbers. */
enum bpf_func_id { BPF_FUNC_get_current_task_btf = 158 };

struct trace_event_raw_sched_process_exec {
	__u32 __data_loc_filename;
	__s32 pid;
	__s32 old_pid;
} __core;

struct trace_event_raw_sys_enter_execve {
	const char *filename;
	const char *const *argv;
} __core;

struct trace_event_raw_sys_enter_execveat {
	__s64 fd;
	const char *filename;
	const char *const *argv;
} __core;

struct trace_event_raw_sys_exit_execve {
	__s64 ret;
} __core;

struct trace_event_raw_sys_exit_execveat {
	__s64 ret;
} __core;

static __always_inline struct exec_event *new_event(__u32 which, struct ledger *ledger, const struct own_cgroup *own)
{
	struct exec_event *event = bpf_map_lookup_elem(&scratch, &which);

	if (!event)
		return NULL;
	event->time_ns = bpf_ktime_get_ns();
	event->cgroup_id = bpf_get_current_cgroup_id();
	event->cgroup_key = own->key;
	keep_cgroup_names(ledger, own, which);
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(&event->comm, sizeof(event->comm));
	__builtin_memset(event->parent_comm, 0, sizeof(event->parent_comm));
	event->ppid = 0;
	event->return_value = 0;
	event->directory_fd = AT_FDCWD;
	event->args_size = 0;
	event->filename_size = 0;
	event->cwd_size = 0;
	event->truncated = false;
	event->kind = EXEC_KIND_UNKNOWN;
	event->cwd_known = false;
	return event;
}

/* Counts what is to be told, and says whether it is. */
static __always_inline bool is_told(struct ledger *ledger, const struct task_view *view, struct own_cgroup *own)
{
	add_one(ledger->attempts);
	if (!is_wanted_process(bpf_get_current_pid_tgid() >> 32, bpf_get_current_uid_gid(), own, view->typed, view->task)) {
		add_one(ledger->filtered);
		return false;
	}
	if (is_sampled_out()) {
		add_one(ledger->sampled_out);
		return false;
	}
	return true;
}

/* The arguments, as they lie in the new program's memory: one piece, each with its NUL. */
static __always_inline void put_arguments(const struct task_view *view, struct exec_event *event)
{
	__u64 length = 0;
	__u64 start = arguments_of(view, &length);

	if (!start || !length)
		return;
	if (length > argument_bytes)
		event->truncated = true;
	at_most(length, argument_bytes);
	if (bpf_probe_read_user(event->text, length, (const void *)start)) {
		event->truncated = true;
		return;
	}
	event->args_size = length;
}

/* The name of the file, from the kernel's memory or from the process's. */
static __always_inline void put_filename(struct exec_event *event, const void *name, bool of_kernel)
{
	__u64 at = end_of_text(event);
	long length;

	at_most(at, last_filename);
	length = of_kernel ? bpf_probe_read_kernel_str(event->text + at, path_bytes, name)
			   : bpf_probe_read_user_str(event->text + at, path_bytes, name);
	if (length <= 0 || length == path_bytes)
		event->truncated = true;
	if (length > 0)
		event->filename_size = length;
}

/* Says which process it is, and keeps the path of its program: the new one, or of an exec that failed the one that it still is. */
static __always_inline void mark_caller(const struct task_view *view, __u32 hook, struct ledger *ledger, struct exec_event *event)
{
	struct process_mark mark = {};

	mark_process(&mark, view->typed, view->task);
	event->process_start_ns = mark.start_ns;
	event->arguments_at = mark.arguments_at;
	keep_program_path(ledger, (struct task_struct *)bpf_get_current_task(), &mark, event->pid, hook);
}

/* Hands over as much of the event as it has of text. */
static __always_inline void finish(void *ctx, struct ledger *ledger, const struct task_view *view, __u32 hook, struct exec_event *event)
{
	__u64 at, size;

	mark_caller(view, hook, ledger, event);
	describe_parent(view, &event->ppid, event->parent_comm);
	if (working_directory && core_type_exists(struct task_struct)) {
		event->cwd_known = put_working_directory(view->task, event);
		if (!event->cwd_known)
			event->cwd_size = 0;
	}
	if (event->truncated)
		add_one(ledger->truncated);
	at = end_of_text(event);
	at_most(at, text_bytes);
	size = __builtin_offsetof(struct exec_event, text) + at;
	hand_over_bytes(ctx, ledger, event, size);
}

/* A program is in place. `name` is where its file's name is: in the record of the tracepoint, or in its own memory. */
static __always_inline int on_exec(void *ctx, const struct task_view *view, __u32 old_pid, enum exec_kind kind, const void *name, bool in_record)
{
	struct ledger *ledger = this_cpu_ledger();
	struct own_cgroup own = {};
	struct exec_event *event;

	if (calls_followed)
		bpf_map_delete_elem(&calls, &old_pid);
	if (!ledger || !is_told(ledger, view, &own))
		return 0;
	event = new_event(SCRATCH_EXEC, ledger, &own);
	if (!event)
		return 0;
	event->tid = old_pid;
	event->kind = kind;
	put_arguments(view, event);
	put_filename(event, name, in_record);
	finish(ctx, ledger, view, SCRATCH_EXEC, event);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int exec_tp_btf(__u64 *ctx)
{
	struct task_view view = { .typed = true, .task = (struct task_struct *)ctx[0] };
	struct linux_binprm *program = (struct linux_binprm *)ctx[2];
	enum exec_kind kind = program->interp != program->filename ? EXEC_KIND_SCRIPT : EXEC_KIND_PROGRAM;

	return on_exec(ctx, &view, ctx[1], kind, (const void *)program->exec, false);
}

SEC("raw_tp/sched_process_exec")
int exec_raw_tp(__u64 *ctx)
{
	struct task_view view = { .task = (struct task_struct *)ctx[0] };
	struct linux_binprm *program = (struct linux_binprm *)ctx[2];
	const char *filename = NULL, *interpreter = NULL;
	unsigned long name = 0;

	core_read(&filename, program->filename);
	core_read(&interpreter, program->interp);
	core_read(&name, program->exec);
	return on_exec(ctx, &view, ctx[1], interpreter != filename ? EXEC_KIND_SCRIPT : EXEC_KIND_PROGRAM, (const void *)name, false);
}

SEC("tp/sched/sched_process_exec")
int exec_tracepoint(struct trace_event_raw_sched_process_exec *ctx)
{
	struct task_view view = { .task = (struct task_struct *)bpf_get_current_task() };
	const void *name = (const void *)ctx + (ctx->__data_loc_filename & 0xffff);

	return on_exec(ctx, &view, ctx->old_pid, EXEC_KIND_UNKNOWN, name, true);
}

/* Puts an argument of a call behind the others; false if it was the last. */
static __always_inline bool put_argument(struct exec_event *event, const struct call *call, int index)
{
	const char *argument = NULL;
	__u64 at = end_of_text(event);
	long length;

	if (!call->argv)
		return false;
	if (bpf_probe_read_user(&argument, sizeof(argument), call->argv + index)) {
		event->truncated = true;
		return false;
	}
	if (!argument)
		return false;
	if (index == failed_arguments || at > argument_bytes) {
		event->truncated = true;
		return false;
	}
	length = bpf_probe_read_user_str(event->text + at, path_bytes, argument);
	/* An empty text: up to Linux 6.12 its NUL is copied, and not counted. */
	if (length == 0)
		length = 1;
	if (length <= 0 || length > path_bytes) {
		event->truncated = true;
		return false;
	}
	if (length == path_bytes)
		event->truncated = true;
	event->args_size = at + length;
	return true;
}

#define ONE(index) put_argument(event, call, index)
#define FOUR(index) (ONE(index) && ONE((index) + 1) && ONE((index) + 2) && ONE((index) + 3))

/* The call of this thread has failed, with what it was given. */
static __always_inline int on_failure(void *ctx, const struct task_view *view, struct ledger *ledger, const struct own_cgroup *own, const struct call *call, __s32 error)
{
	struct exec_event *event = new_event(SCRATCH_FAILURE, ledger, own);

	if (!event)
		return 0;
	event->tid = bpf_get_current_pid_tgid();
	event->return_value = error;
	event->directory_fd = call->directory_fd;
	/* One after the other, for kernels that know no loops. */
	(void)(FOUR(0) && FOUR(4) && FOUR(8) && FOUR(12) && FOUR(16) && FOUR(20) && FOUR(24) && FOUR(28) && ONE(FAILED_ARGUMENTS));
#undef FOUR
#undef ONE
	put_filename(event, call->filename, false);
	finish(ctx, ledger, view, SCRATCH_FAILURE, event);
	return 0;
}

/* Any system call of any thread returns: those that are no failed exec are to be told at once. */
static __always_inline bool is_failed_exec(__u32 number, __s64 returned)
{
	return returned < 0 && (number == execve_number || number == execveat_number);
}

#define read_register(view_typed, to, registers, offset)                                              \
	do {                                                                                          \
		if (view_typed)                                                                       \
			*(to) = *(typeof(to))((const void *)(registers) + (offset));                  \
		else                                                                                  \
			bpf_probe_read_kernel(to, sizeof(*(to)), (const void *)(registers) + (offset)); \
	} while (0)

static __always_inline int on_return(void *ctx, bool typed, struct task_view *view, const void *registers, __s64 returned)
{
	struct ledger *ledger;
	struct own_cgroup own = {};
	struct call call = { .directory_fd = AT_FDCWD };
	__u64 number = 0, argument0 = 0, argument1 = 0, argument2 = 0, mode = 0;

	if (returned >= 0)
		return 0;
	read_register(typed, &number, registers, number_offset);
	if (!is_failed_exec(number, returned))
		return 0;
	read_register(typed, &mode, registers, mode_offset);
	if ((mode & mode_mask) != mode_64)
		return 0;
	ledger = this_cpu_ledger();
	if (!ledger || !is_told(ledger, view, &own))
		return 0;
	read_register(typed, &argument0, registers, argument0_offset);
	read_register(typed, &argument1, registers, argument1_offset);
	if ((__u32)number == execveat_number) {
		read_register(typed, &argument2, registers, argument2_offset);
		call.directory_fd = argument0;
		call.filename = (const char *)argument1;
		call.argv = (const char *const *)argument2;
	} else {
		call.filename = (const char *)argument0;
		call.argv = (const char *const *)argument1;
	}
	return on_failure(ctx, view, ledger, &own, &call, returned);
}

SEC("tp_btf/sys_exit")
int return_tp_btf(__u64 *ctx)
{
	__s64 returned = ctx[1];
	struct task_view view = { .typed = true };

	if (returned >= 0)
		return 0;
	/* Before Linux 5.11 nothing leads to a task of known type here: then the parent is not known. */
	view.task = core_enumerator_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf) ? bpf_get_current_task_btf() : NULL;
	return on_return(ctx, true, &view, (const void *)ctx[0], returned);
}

SEC("raw_tp/sys_exit")
int return_raw_tp(__u64 *ctx)
{
	__s64 returned = ctx[1];
	struct task_view view = {};

	if (returned >= 0)
		return 0;
	view.task = (struct task_struct *)bpf_get_current_task();
	return on_return(ctx, false, &view, (const void *)ctx[0], returned);
}

static __always_inline int on_call(__s32 directory_fd, const char *filename, const char *const *argv)
{
	struct call call = { .filename = filename, .argv = argv, .directory_fd = directory_fd };
	__u32 thread = bpf_get_current_pid_tgid();

	bpf_map_update_elem(&calls, &thread, &call, BPF_ANY);
	return 0;
}

static __always_inline int on_call_end(void *ctx, __s64 returned)
{
	struct task_view view = { .task = (struct task_struct *)bpf_get_current_task() };
	struct ledger *ledger = this_cpu_ledger();
	struct own_cgroup own = {};
	__u32 thread = bpf_get_current_pid_tgid();
	struct call *found = bpf_map_lookup_elem(&calls, &thread);
	struct call call;

	if (!ledger || returned >= 0)
		return 0;
	if (!found) {
		/* Its place was taken by another. */
		if (is_told(ledger, &view, &own))
			add_one(ledger->end_missed);
		return 0;
	}
	call = *found;
	bpf_map_delete_elem(&calls, &thread);
	return is_told(ledger, &view, &own) ? on_failure(ctx, &view, ledger, &own, &call, returned) : 0;
}

SEC("tp/syscalls/sys_enter_execve")
int execve_tracepoint(struct trace_event_raw_sys_enter_execve *ctx)
{
	return on_call(AT_FDCWD, ctx->filename, ctx->argv);
}

SEC("tp/syscalls/sys_enter_execveat")
int execveat_tracepoint(struct trace_event_raw_sys_enter_execveat *ctx)
{
	return on_call(ctx->fd, ctx->filename, ctx->argv);
}

SEC("tp/syscalls/sys_exit_execve")
int execve_end_tracepoint(struct trace_event_raw_sys_exit_execve *ctx)
{
	return on_call_end(ctx, ctx->ret);
}

SEC("tp/syscalls/sys_exit_execveat")
int execveat_end_tracepoint(struct trace_event_raw_sys_exit_execveat *ctx)
{
	return on_call_end(ctx, ctx->ret);
}
