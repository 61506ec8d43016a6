/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which cgroup a process is in, as a number: its key. It is the inode of the cgroup's directory, as user space sees it, with
 * bit 63 set for one of version 1: each hierarchy counts by itself.
 *
 * On hosts that have both versions a process is in a cgroup of each. That which lies deeper tells more: a container that is
 * made in version 1 alone is in version 2 where whoever made it is. Of the hierarchies of version 1 one is looked at, which
 * user space picks (v1_controller): that of memory, where there is one.
 */
#pragma once

#include <hivetap/bpf.h>
#include <hivetap/core.h>

#define KEY_OF_V1 (1ULL << 63)

/* Whether the kernel's structures are read; else the helper tells, which knows version 2 alone. */
setting(bool, cgroups_read);

/* Whose hierarchy of version 1 is looked at. */
enum v1_controller : __u8 { V1_CONTROLLER_NONE, V1_CONTROLLER_MEMORY, V1_CONTROLLER_PIDS, V1_CONTROLLER_CPU };
setting(enum v1_controller, v1_controller);

/* Whether the upper half of what the helper tells is no part of the inode: before Linux 5.5. */
setting(bool, cgroup_generations);

/* The kernel's own numbers of controllers: each kernel's are its own. */
enum cgroup_subsys_id { cpu_cgrp_id, memory_cgrp_id, pids_cgrp_id };

/* Linux before 5.5. */
union kernfs_node_id {
	__u32 ino;
} __core;

struct kernfs_node {
	const char *name;
	__u64 id;
} __core;

struct kernfs_node___with_generation {
	union kernfs_node_id id;
} __core;

/* Linux before 6.15. */
struct kernfs_node___parent {
	struct kernfs_node *parent;
} __core;

struct kernfs_node___rcu_parent {
	struct kernfs_node *__parent;
} __core;

struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id;
} __core;

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
	int level;
} __core;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} __core;

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
} __core;

/* Whoever reads more of a task declares it. */
struct task_struct;

struct task_struct___cgroups {
	struct css_set *cgroups;
} __core;

/* The cgroup that tells most of a process. */
struct own_cgroup {
	/* Its directory; NULL where nothing but the key is known. */
	struct kernfs_node *directory;
	/* KEY_OF_V1, or 0. */
	__u64 version;
	__u64 key;
};

/* Reads a member: by its type where the verifier knows it, else copied. */
#define read_of_cgroup(typed, to, member)                                                             \
	do {                                                                                          \
		if (typed)                                                                            \
			*(to) = (member);                                                             \
		else                                                                                  \
			core_read(to, member);                                                        \
	} while (0)

/* The inode of a cgroup's directory. */
static __always_inline __u64 inode_of(bool typed, struct kernfs_node *directory)
{
	struct kernfs_node___with_generation *older = (void *)directory;
	__u64 id = 0;
	__u32 number = 0;

	if (core_type_exists(union kernfs_node_id)) {
		read_of_cgroup(typed, &number, older->id.ino);
		return number;
	}
	read_of_cgroup(typed, &id, directory->id);
	return id;
}

/* The directory above; NULL above the root. */
static __always_inline struct kernfs_node *directory_above(bool typed, struct kernfs_node *directory)
{
	struct kernfs_node___rcu_parent *newer = (void *)directory;
	struct kernfs_node___parent *older = (void *)directory;
	struct kernfs_node *above = NULL;

	if (core_field_exists(newer->__parent))
		read_of_cgroup(typed, &above, newer->__parent);
	else
		read_of_cgroup(typed, &above, older->parent);
	return above;
}

/* The number of a controller in this kernel's sets; -1 where it has none. */
#define number_of_controller(name)                                                                    \
	(core_enumerator_exists(enum cgroup_subsys_id, name) ? (__s64)core_enumerator_value(enum cgroup_subsys_id, name) : -1)

static __always_inline __s64 number_of_v1_controller(void)
{
	switch (v1_controller) {
	case V1_CONTROLLER_MEMORY:
		return number_of_controller(memory_cgrp_id);
	case V1_CONTROLLER_PIDS:
		return number_of_controller(pids_cgrp_id);
	case V1_CONTROLLER_CPU:
		return number_of_controller(cpu_cgrp_id);
	default:
		return -1;
	}
}

/* The cgroup of version 1, if it lies as deep as that of version 2, or deeper; else NULL. */
static __always_inline struct cgroup *deeper_of_v1(bool typed, struct css_set *set, struct cgroup *of_v2)
{
	__s64 controller = number_of_v1_controller();
	struct cgroup_subsys_state **place, *state = NULL;
	struct cgroup *of_v1 = NULL;
	int depth_in_v1 = 0, depth_in_v2 = 0;

	if (controller < 0)
		return NULL;
	place = (void *)set + core_field_offset(set->subsys) + controller * sizeof(*place);
	if (typed)
		state = *place;
	else
		bpf_probe_read_kernel(&state, sizeof(state), place);
	if (!state)
		return NULL;
	read_of_cgroup(typed, &of_v1, state->cgroup);
	/* A controller of version 2 leads to the same cgroup, or to one above it. */
	if (!of_v1 || of_v1 == of_v2)
		return NULL;
	read_of_cgroup(typed, &depth_in_v1, of_v1->level);
	read_of_cgroup(typed, &depth_in_v2, of_v2->level);
	return depth_in_v1 && depth_in_v1 >= depth_in_v2 ? of_v1 : NULL;
}

/* Leads to the cgroup of a task; the key alone where the kernel's structures are not read. */
static __always_inline void find_own_cgroup(struct own_cgroup *own, bool typed, struct task_struct *task)
{
	struct task_struct___cgroups *with_cgroups = (void *)task;
	struct cgroup *of_v2 = NULL, *of_v1;
	struct css_set *set = NULL;

	if (!cgroups_read) {
		own->key = bpf_get_current_cgroup_id();
		if (cgroup_generations)
			own->key = (__u32)own->key;
		return;
	}
	if (!core_field_exists(with_cgroups->cgroups) || !task)
		return;
	read_of_cgroup(typed, &set, with_cgroups->cgroups);
	if (!set)
		return;
	read_of_cgroup(typed, &of_v2, set->dfl_cgrp);
	if (!of_v2)
		return;
	of_v1 = deeper_of_v1(typed, set, of_v2);
	if (of_v1) {
		read_of_cgroup(typed, &own->directory, of_v1->kn);
		own->version = KEY_OF_V1;
	} else {
		read_of_cgroup(typed, &own->directory, of_v2->kn);
	}
	if (own->directory)
		own->key = inode_of(typed, own->directory) | own->version;
}
