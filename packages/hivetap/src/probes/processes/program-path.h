/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The path of a process's program: the names of its file and of the directories that it is in, up to the root of the mount
 * namespace that it was found in. Names are text behind plain pointers, which no typed program can read: they are copied on
 * every rung.
 */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>

#include "file-path.h"

/* Bytes of a path at most. Of one that is longer the last names are there. */
#define PATH_BYTES 380
/* Steps at most, each to the directory above or out of a mount, and a last one to see that there is nothing above. */
#define PATH_STEPS 25

struct program_path {
	/* Bytes of names. */
	__u16 size;
	/* Whether directories above those names are not there: too many, too long, or not to be read. */
	bool cut;
	/* Whether the file has been removed, or never was in a directory: memfd_create(2). */
	bool removed;
	/* The name of the file, then those of its directories, the last first; a NUL behind each. */
	__u8 names[PATH_BYTES];
};

/* A path in the making: a name may not fit, and is written before that is seen. */
struct new_path {
	struct program_path path;
	char beyond[NAME_BYTES];
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
} __core;

struct dentry_operations {
	char *(*d_dname)(struct dentry *dentry, char *buffer, int size);
} __core;

struct dentry___of_file {
	struct hlist_bl_node d_hash;
	const struct dentry_operations *d_op;
} __core;

struct file {
	struct path f_path;
} __core;

struct mm_struct___program {
	struct file *exe_file;
} __core;

struct task_struct___program {
	struct mm_struct___program *mm;
} __core;

/* Whether this kernel has all that leads to a path. */
static __always_inline bool knows_program_paths(void)
{
	struct task_struct___program *task = NULL;
	struct dentry___of_file *of_file = NULL;
	struct mm_struct___program *mm = NULL;
	struct dentry_operations *operations = NULL;
	struct hlist_bl_node *node = NULL;
	struct vfsmount *vfsmount = NULL;
	struct dentry *dentry = NULL;
	struct mount *mount = NULL;
	struct file *file = NULL;

	return core_field_exists(task->mm) && core_field_exists(mm->exe_file) && core_field_exists(file->f_path.mnt) &&
	       core_field_exists(file->f_path.dentry) && core_field_exists(dentry->d_parent) &&
	       core_field_exists(dentry->d_name.name) && core_field_exists(of_file->d_hash) && core_field_exists(node->pprev) &&
	       core_field_exists(of_file->d_op) && core_field_exists(operations->d_dname) &&
	       core_field_exists(vfsmount->mnt_root) && core_field_exists(mount->mnt_parent) &&
	       core_field_exists(mount->mnt_mountpoint) && core_field_exists(mount->mnt);
}

/* Puts a name behind the others; false if it does not fit, or cannot be read. */
static __always_inline bool put_path_name(struct new_path *to, struct dentry *dentry)
{
	/* Read from the map each time: so the verifier follows what comes after once, and not once for every way here. */
	__u64 at = *(const volatile __u16 *)&to->path.size;
	const unsigned char *name = NULL;
	long length;

	if (at >= PATH_BYTES)
		return false;
	core_read(&name, dentry->d_name.name);
	length = bpf_probe_read_kernel_str(to->path.names + at, NAME_BYTES, name);
	if (length <= 1 || length > NAME_BYTES || at + length > PATH_BYTES)
		return false;
	to->path.size = at + length;
	return true;
}

/* Whether a file is one that makes up its name, as those of memfd_create(2) do: it is in no directory. */
static __always_inline bool is_in_no_directory(struct dentry *dentry)
{
	struct dentry___of_file *of_file = (void *)dentry;
	const struct dentry_operations *operations = NULL;
	void *name_maker = NULL;

	core_read(&operations, of_file->d_op);
	if (!operations)
		return false;
	core_read(&name_maker, operations->d_dname);
	return name_maker != NULL;
}

/* Puts the names of a file, and of the directories that lead to it; whether all of them are there. */
static __always_inline bool put_path_names(struct new_path *to, struct vfsmount *vfsmount, struct dentry *dentry)
{
	/* A loop: where the kernel's structures are known, it knows loops. Unrolled it would be as large as all the rest. */
#pragma clang loop unroll(disable)
	for (int step = 0; step < PATH_STEPS; step++) {
		struct dentry *root = NULL, *parent = NULL;
		struct mount *mount, *above = NULL;

		core_read(&root, vfsmount->mnt_root);
		if (dentry == root) {
			mount = mount_of(vfsmount);
			core_read(&above, mount->mnt_parent);
			if (!above)
				return false;
			if (above == mount)
				return true;
			core_read(&dentry, mount->mnt_mountpoint);
			vfsmount = vfsmount_of(above);
			continue;
		}
		core_read(&parent, dentry->d_parent);
		if (parent == dentry) {
			if (!is_in_no_directory(dentry))
				return false;
			to->path.removed = true;
			return put_path_name(to, dentry);
		}
		if (!put_path_name(to, dentry))
			return false;
		dentry = parent;
	}
	return false;
}

/* Puts the path of a task's program; false where nothing of it can be told. */
static __always_inline bool put_program_path(struct new_path *to, struct task_struct *task)
{
	struct task_struct___program *with_program = (void *)task;
	struct mm_struct___program *mm = NULL;
	struct dentry___of_file *of_file;
	struct vfsmount *vfsmount = NULL;
	struct dentry *dentry = NULL;
	struct file *file = NULL;
	void *hashed = NULL;

	to->path.size = 0;
	core_read(&mm, with_program->mm);
	if (!mm)
		return false;
	core_read(&file, mm->exe_file);
	if (!file)
		return false;
	core_read(&vfsmount, file->f_path.mnt);
	core_read(&dentry, file->f_path.dentry);
	if (!vfsmount || !dentry)
		return false;
	of_file = (void *)dentry;
	core_read(&hashed, of_file->d_hash.pprev);
	to->path.removed = !hashed;
	to->path.cut = !put_path_names(to, vfsmount, dentry);
	return to->path.size > 0;
}
