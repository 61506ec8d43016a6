/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The names of a cgroup's directory and of those above it. They are text behind plain pointers, which no typed program can
 * read: they are copied on every rung.
 */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>

#include "cgroup-key.h"

#define CGROUP_LEVELS 5
/* With a NUL. The longest that container runtimes make have 85. */
#define CGROUP_NAME_BYTES 96

struct cgroup_names {
	/* The innermost first. */
	char names[CGROUP_LEVELS][CGROUP_NAME_BYTES];
	/* How many there are; of the root, which has no name, none. */
	__u8 levels;
	/* Which of them are cut, or could not be read: a bit each. */
	__u8 cut;
};

/* Copies a name; whether it is whole. */
static __always_inline bool put_cgroup_name(char to[CGROUP_NAME_BYTES], struct kernfs_node *directory)
{
	const char *name = NULL;
	char next = 0;
	long length;

	core_read(&name, directory->name);
	length = bpf_probe_read_kernel_str(to, CGROUP_NAME_BYTES, name);
	if (length < 0)
		to[0] = 0;
	if (length != CGROUP_NAME_BYTES)
		return length >= 0;
	/* The last byte may be the name's own NUL. */
	bpf_probe_read_kernel(&next, sizeof(next), name + CGROUP_NAME_BYTES - 1);
	return next == 0;
}

static __always_inline void put_cgroup_names(struct cgroup_names *to, struct kernfs_node *directory)
{
	struct kernfs_node *above;

	to->levels = 0;
	to->cut = 0;
#pragma unroll
	for (int level = 0; level < CGROUP_LEVELS; level++) {
		above = directory_above(false, directory);
		if (!above)
			return;
		if (!put_cgroup_name(to->names[level], directory))
			to->cut |= 1 << level;
		to->levels = level + 1;
		directory = above;
	}
}
