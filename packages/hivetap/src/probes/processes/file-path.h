/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's structures that lead from a directory or a file to its path: names upwards, and out of one mount into another. */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>

/* NAME_MAX of limits.h, and a NUL. */
#define NAME_BYTES 256

struct qstr {
	const unsigned char *name;
} __core;

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
} __core;

struct vfsmount {
	struct dentry *mnt_root;
} __core;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} __core;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} __core;

/* The mount that a file system is mounted by. */
static __always_inline struct mount *mount_of(struct vfsmount *vfsmount)
{
	struct mount *any = NULL;

	return (void *)vfsmount - core_field_offset(any->mnt);
}

static __always_inline struct vfsmount *vfsmount_of(struct mount *mount)
{
	struct mount *any = NULL;

	return (void *)mount + core_field_offset(any->mnt);
}
