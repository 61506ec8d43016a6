// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that processes start: each exec(2) that succeeds, by the tracepoint sched:sched_process_exec, in the context of
 * the process that has become the new program; and those that fail, when their system call returns.
 *
 * The arguments of one that succeeded are copied in one piece from the new program's memory, where the kernel has just put
 * them. Those of one that failed are read through the pointers that the caller gave, when the call returns: by then the
 * kernel has read them too, and they are in memory.
 */
#include <hivetap/bpf.h>
#include <hivetap/core.h>
#include <hivetap/event.h>

#include "../filters.h"
#include "../ledger.h"
#include "../processes/task.h"
#include "../processes/working-directory.h"

LICENSE("Dual BSD/GPL");

/* Bytes of arguments at most, and of a path (PATH_MAX of limits.h). */
#define ARGUMENT_BYTES 8192
#define PATH_BYTES 4096
/* Arguments of an exec that failed, at most: each is read by itself, and Linux 4.19 has no loops. */
#define FAILED_ARGUMENTS 32
/* Arguments up to 8 KiB, or a piece beyond; a path; the working directory. */
#define TEXT_BYTES 20480

/* include/uapi/linux/fcntl.h */
#define AT_FDCWD -100

/* Whether the file was a program or a script, whose interpreter the kernel started. */
enum exec_kind : __u8 { EXEC_KIND_UNKNOWN, EXEC_KIND_PROGRAM, EXEC_KIND_SCRIPT };

struct exec_event {
	EVENT_HEAD("When the new program was in place, or the call returned that failed");
	__u32 pid doc("Process");
	__u64 cgroup_id as_number doc("Cgroup (version 2) of the process: the inode of its directory (before Linux 5.5 its low 32 bits are)");
	char comm[16] doc("Name of the process: after its new program, or of the thread whose call failed");
	char parent_comm[16] if_known doc("Name of the parent process");
	__u32 ppid if_known doc("Parent process");
	__u32 tid doc("Thread that called exec: if it was not the first, it has taken that one's place");
	__u32 uid doc("User of the process");
	__s32 return_value doc("What exec returned: 0, or the number of the error, negative");
	__s32 directory_fd doc("The descriptor that execveat(2) was given, of one that failed");
	__u16 args_size;
	__u16 filename_size;
	__u16 cwd_size;
	bool truncated doc("A text in it was longer than what is kept: it is cut");
	enum exec_kind kind;
	bool cwd_known;
	char text[TEXT_BYTES] parts("args:args_size:texts? filename:filename_size? cwd:cwd_size:texts?")
		part_doc("args: The arguments, with the name that the program is given as the first: up to 8 KiB; of an exec that failed up to 32 of them")
		part_doc("filename: The file, as it was asked for")
		part_doc("cwd: Directories of the working directory, the last first");
};

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
/* Where the code segment stands that tells 32-bit programs, whose calls have other numbers; 0 where there is none. */
setting(__u16, segment_offset);
setting(__u16, segment_64);

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

/* A number that the verifier is to know the bounds of, also after the compiler has forgotten where it came from. */
#define at_most(value, most)                                                                          \
	do {                                                                                          \
		asm volatile("" : "+r"(value));                                                       \
		if (value > (most))                                                                   \
			value = (most);                                                               \
	} while (0)

static __always_inline struct exec_event *new_event(__u32 which)
{
	struct exec_event *event = bpf_map_lookup_elem(&scratch, &which);

	if (!event)
		return NULL;
	event->time_ns = bpf_ktime_get_ns();
	event->cgroup_id = bpf_get_current_cgroup_id();
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
static __always_inline bool is_told(struct ledger *ledger)
{
	add_one(ledger->attempts);
	if (!is_wanted_process(bpf_get_current_pid_tgid() >> 32, bpf_get_current_uid_gid())) {
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
static __always_inline __u64 put_arguments(const struct task_view *view, struct exec_event *event)
{
	__u64 length = 0;
	__u64 start = arguments_of(view, &length);

	if (!start || !length)
		return 0;
	if (length > ARGUMENT_BYTES)
		event->truncated = true;
	at_most(length, ARGUMENT_BYTES);
	if (bpf_probe_read_user(event->text, length, (const void *)start)) {
		event->truncated = true;
		return 0;
	}
	event->args_size = length;
	return length;
}

static __always_inline __u64 put_filename(struct exec_event *event, __u64 at, long length)
{
	if (length <= 0)
		return at;
	if (length == PATH_BYTES)
		event->truncated = true;
	event->filename_size = length;
	return at + length;
}

/* Hands over as much of the event as it has of text. */
static __always_inline void finish(void *ctx, struct ledger *ledger, const struct task_view *view, struct exec_event *event, __u64 at)
{
	__u64 size;

	describe_parent(view, &event->ppid, event->parent_comm);
	if (working_directory && core_type_exists(struct task_struct)) {
		__u64 end;

		at_most(at, TEXT_BYTES - NAME_BYTES);
		end = put_working_directory(view->task, event->text, at, TEXT_BYTES - NAME_BYTES);
		/* In the root directory there is no name. */
		if (end) {
			event->cwd_known = true;
			event->cwd_size = end - at;
			at = end;
		}
	}
	if (event->truncated)
		add_one(ledger->truncated);
	at_most(at, TEXT_BYTES);
	size = __builtin_offsetof(struct exec_event, text) + at;
	hand_over_bytes(ctx, ledger, event, size);
}

/* A program is in place. `name` is where its file's name is: in the record of the tracepoint, or in its own memory. */
static __always_inline int on_exec(void *ctx, const struct task_view *view, __u32 old_pid, enum exec_kind kind, const void *name, bool in_record)
{
	struct ledger *ledger = this_cpu_ledger();
	struct exec_event *event;
	__u64 at;
	long length;

	if (calls_followed)
		bpf_map_delete_elem(&calls, &old_pid);
	if (!ledger || !is_told(ledger))
		return 0;
	event = new_event(SCRATCH_EXEC);
	if (!event)
		return 0;
	event->tid = old_pid;
	event->kind = kind;
	at = put_arguments(view, event);
	at_most(at, ARGUMENT_BYTES);
	length = in_record ? bpf_probe_read_kernel_str(event->text + at, PATH_BYTES, name)
			   : bpf_probe_read_user_str(event->text + at, PATH_BYTES, name);
	at = put_filename(event, at, length);
	finish(ctx, ledger, view, event, at);
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
static __always_inline bool put_argument(struct exec_event *event, const struct call *call, int index, __u64 *at)
{
	const char *argument = NULL;
	long length;

	bpf_probe_read_user(&argument, sizeof(argument), call->argv + index);
	if (!argument)
		return false;
	if (index == FAILED_ARGUMENTS || *at > ARGUMENT_BYTES) {
		event->truncated = true;
		return false;
	}
	length = bpf_probe_read_user_str(event->text + *at, PATH_BYTES, argument);
	if (length <= 0 || length > PATH_BYTES) {
		event->truncated = true;
		return false;
	}
	if (length == PATH_BYTES)
		event->truncated = true;
	*at += length;
	return true;
}

#define ONE(index) put_argument(event, call, index, &at)
#define FOUR(index) (ONE(index) && ONE((index) + 1) && ONE((index) + 2) && ONE((index) + 3))

/* The call of this thread has failed, with what it was given. */
static __always_inline int on_failure(void *ctx, const struct task_view *view, struct ledger *ledger, const struct call *call, __s32 error)
{
	struct exec_event *event = new_event(SCRATCH_FAILURE);
	__u64 at = 0;

	if (!event)
		return 0;
	event->tid = bpf_get_current_pid_tgid();
	event->return_value = error;
	event->directory_fd = call->directory_fd;
	/* One after the other, for kernels that know no loops. */
	(void)(FOUR(0) && FOUR(4) && FOUR(8) && FOUR(12) && FOUR(16) && FOUR(20) && FOUR(24) && FOUR(28) && ONE(FAILED_ARGUMENTS));
#undef FOUR
#undef ONE
	at_most(at, ARGUMENT_BYTES + PATH_BYTES);
	event->args_size = at;
	at = put_filename(event, at, bpf_probe_read_user_str(event->text + at, PATH_BYTES, call->filename));
	finish(ctx, ledger, view, event, at);
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
	struct call call = { .directory_fd = AT_FDCWD };
	__u64 number = 0, argument0 = 0, argument1 = 0, argument2 = 0, segment = 0;

	if (returned >= 0)
		return 0;
	read_register(typed, &number, registers, number_offset);
	if (!is_failed_exec(number, returned))
		return 0;
	if (segment_offset) {
		read_register(typed, &segment, registers, segment_offset);
		if ((__u16)segment != segment_64)
			return 0;
	}
	ledger = this_cpu_ledger();
	if (!ledger || !is_told(ledger))
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
	return on_failure(ctx, view, ledger, &call, returned);
}

SEC("tp_btf/sys_exit")
int return_tp_btf(__u64 *ctx)
{
	__s64 returned = ctx[1];
	struct task_view view = { .typed = true };

	if (returned >= 0)
		return 0;
	view.task = bpf_get_current_task_btf();
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
	__u32 thread = bpf_get_current_pid_tgid();
	struct call *found = bpf_map_lookup_elem(&calls, &thread);
	struct call call;

	if (!ledger || returned >= 0)
		return 0;
	if (!found) {
		/* Its place was taken by another. */
		add_one(ledger->attempts);
		add_one(ledger->end_missed);
		return 0;
	}
	call = *found;
	bpf_map_delete_elem(&calls, &thread);
	return is_told(ledger) ? on_failure(ctx, &view, ledger, &call, returned) : 0;
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
