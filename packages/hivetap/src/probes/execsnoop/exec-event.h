/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What execsnoop tells of an exec(2). */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/event.h>

#include "../event-head.h"

/* Arguments of an exec that failed, at most: each is read by itself, and Linux 4.19 has no loops. */
#define FAILED_ARGUMENTS 32
/* Arguments, and a piece beyond; a path; the working directory. */
#define TEXT_BYTES 20480

/* Bytes of arguments at most, and of a path: 8192, and 4096 (PATH_MAX of limits.h); less where locked memory is short. */
setting(__u32, argument_bytes);
setting(__u32, path_bytes);
/* Where the name of the file begins at the latest: behind arguments and a piece beyond. */
setting(__u32, last_filename);
/* Bytes of text in all: argument_bytes and three times path_bytes; TEXT_BYTES or less. The map's values have no more. */
setting(__u32, text_bytes);
/* Arguments of an exec that failed that are read, and steps to the root of the working directory: FAILED_ARGUMENTS and STEPS, or less. */
setting(__s32, failed_arguments);
setting(__s32, directory_steps);

/* include/uapi/linux/fcntl.h */
#define AT_FDCWD -100

/* Whether the file was a program or a script, whose interpreter the kernel started. */
enum exec_kind : __u8 { EXEC_KIND_UNKNOWN, EXEC_KIND_PROGRAM, EXEC_KIND_SCRIPT };

struct exec_event {
	EVENT_HEAD("When the new program was in place, or the call returned that failed");
	__u32 pid doc("Process");
	__u64 cgroup_id as_number doc("Cgroup (version 2) of the process: the inode of its directory (before Linux 5.5 its low 32 bits are)");
	__u64 cgroup_key doc("Cgroup that tells most of the process: cgroup-key.h");
	__u64 process_start_ns as_number doc("When the process began, CLOCK_BOOTTIME; 0 if not known: process-mark.h");
	__u64 arguments_at as_number doc("Where the arguments of its program lie in its memory; 0 if not known");
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
	bool truncated doc("A text in it was longer than what is kept, or could not be read: it is cut, or not there");
	enum exec_kind kind;
	bool cwd_known;
	char text[TEXT_BYTES] parts("args:args_size:texts? filename:filename_size? cwd:cwd_size:texts?")
		part_doc("args: The arguments, with the name that the program is given as the first: up to 8 KiB; of an exec that failed up to 32 of them")
		part_doc("filename: The file, as it was asked for")
		part_doc("cwd: Directories of the working directory, the last first");
};

/*
 * Where the next text goes: behind those that are there. The sizes are read from the event each time: what lies in a map says
 * nothing to the verifier of the way here, so that it follows what comes after once, and not once for every way.
 */
static __always_inline __u64 end_of_text(const struct exec_event *event)
{
	return (__u64)*(const volatile __u16 *)&event->args_size + *(const volatile __u16 *)&event->filename_size +
	       *(const volatile __u16 *)&event->cwd_size;
}

/* A number that the verifier is to know the bounds of, also after the compiler has forgotten where it came from. */
#define at_most(value, most)                                                                          \
	do {                                                                                          \
		__u64 _most = (most); /* read once */                                                    \
		asm volatile("" : "+r"(value));                                                       \
		if (value > _most)                                                                    \
			value = _most;                                                                \
	} while (0)
