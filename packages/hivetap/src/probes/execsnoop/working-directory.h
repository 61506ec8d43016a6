/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The working directory of a process that calls exec(2). */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>

#include "../processes/file-path.h"
#include "../processes/task.h"
#include "exec-event.h"

/*
 * Steps at most, each to the directory above or out of a mount, and a last one to see that there is nothing above: a program
 * for Linux 4.19 has no loops, and 4096 instructions.
 */
#define STEPS 25
struct fs_struct {
	struct path pwd;
} __core;

struct task_struct___fs {
	struct fs_struct *fs;
} __core;

/*
 * Puts the names of the directories that lead to the working directory behind the other texts, the last first. Names are
 * text behind plain pointers, which no typed program can read: they are copied on every rung.
 *
 * @return whether all of them are there: not where there were too many, or one could not be read
 */
static __always_inline bool put_working_directory(struct task_struct *task, struct exec_event *event)
{
	struct task_struct___fs *with_fs = (void *)task;
	struct fs_struct *fs = NULL;
	struct vfsmount *vfsmount = NULL;
	struct dentry *dentry = NULL;

	core_read(&fs, with_fs->fs);
	core_read(&vfsmount, fs->pwd.mnt);
	core_read(&dentry, fs->pwd.dentry);
#pragma unroll
	for (int step = 0; step < STEPS; step++) {
		/* What is behind the last step is not there for the verifier. */
		if (step >= directory_steps)
			return false;
		struct dentry *root = NULL, *parent = NULL;
		struct mount *mount, *above = NULL;
		const unsigned char *name = NULL;
		__u64 at = end_of_text(event);
		long length;

		core_read(&root, vfsmount->mnt_root);
		if (dentry == root) {
			mount = mount_of(vfsmount);
			core_read(&above, mount->mnt_parent);
			if (above == mount)
				return true;
			core_read(&dentry, mount->mnt_mountpoint);
			vfsmount = vfsmount_of(above);
			continue;
		}
		core_read(&parent, dentry->d_parent);
		if (parent == dentry || at > text_bytes - NAME_BYTES)
			return false;
		core_read(&name, dentry->d_name.name);
		length = bpf_probe_read_kernel_str(event->text + at, NAME_BYTES, name);
		if (length <= 1 || length > NAME_BYTES)
			return false;
		event->cwd_size += length;
		dentry = parent;
	}
	return false;
}
