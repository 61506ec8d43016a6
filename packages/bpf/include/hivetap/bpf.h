/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a BPF program in C needs to be compiled for @hivetap/bpf: types, section and map declarations, helpers.
 *
 * Nothing of the kernel's headers is included: kernel structs are declared by whoever reads them, with the members
 * that are read and __core, and their places are found on the kernel that the program is loaded into.
 */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef signed short __s16;
typedef signed int __s32;
typedef signed long long __s64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

#define SEC(name) __attribute__((section(name), used))
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define LICENSE(text) char _license[] SEC("license") = text

/* A value that the loader sets: `setting(__u32, pid);`. The compiler must not believe what it is initialised to. */
#define setting(type, name) const volatile type name = 0

/* Members of a map's declaration: a number is the length of an array, a type what a pointer points to. */
#define __uint(name, value) int(*name)[value]
#define __type(name, type) type *name

/* enum bpf_map_type, include/uapi/linux/bpf.h */
#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_PERF_EVENT_ARRAY 4
#define BPF_MAP_TYPE_PERCPU_HASH 5
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_MAP_TYPE_CGROUP_ARRAY 8
#define BPF_MAP_TYPE_LRU_HASH 9
#define BPF_MAP_TYPE_RINGBUF 27

#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_EXIST 2
#define BPF_F_CURRENT_CPU 0xffffffffULL

#define ENOENT 2
#define E2BIG 7
#define EEXIST 17
#define ENOSPC 28

/*
 * Helpers, by their numbers in the kernel's table (include/uapi/linux/bpf.h), with the Linux that first had each.
 * The loader puts bpf_probe_read for bpf_probe_read_kernel and _user, and bpf_probe_read_str for theirs, where a kernel
 * has only the older.
 */
#define helper(number) (void *)number
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = helper(1);                          /* 3.19 */
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = helper(2);
static long (*const bpf_map_delete_elem)(void *map, const void *key) = helper(3);
static long (*const bpf_probe_read)(void *to, __u32 size, const void *from) = helper(4);                    /* 4.1 */
static __u64 (*const bpf_ktime_get_ns)(void) = helper(5);                                                   /* 4.1 */
static __u32 (*const bpf_get_prandom_u32)(void) = helper(7);                                                /* 4.1 */
static __u64 (*const bpf_get_current_pid_tgid)(void) = helper(14);                                          /* 4.2 */
static __u64 (*const bpf_get_current_uid_gid)(void) = helper(15);                                           /* 4.2 */
static long (*const bpf_get_current_comm)(void *to, __u32 size) = helper(16);                               /* 4.2 */
static long (*const bpf_perf_event_output)(void *context, void *map, __u64 flags, void *data, __u64 size) = helper(25); /* 4.4 */
static __u64 (*const bpf_get_current_task)(void) = helper(35);                                              /* 4.8 */
static long (*const bpf_current_task_under_cgroup)(void *map, __u32 index) = helper(37);                    /* 4.9 */
static long (*const bpf_probe_read_str)(void *to, __u32 size, const void *from) = helper(45);               /* 4.11 */
static __u64 (*const bpf_get_current_cgroup_id)(void) = helper(80);                                         /* 4.18 */
static long (*const bpf_probe_read_user)(void *to, __u32 size, const void *from) = helper(112);             /* 5.5 */
static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = helper(113);           /* 5.5 */
static long (*const bpf_probe_read_user_str)(void *to, __u32 size, const void *from) = helper(114);         /* 5.5 */
static long (*const bpf_probe_read_kernel_str)(void *to, __u32 size, const void *from) = helper(115);       /* 5.5 */
static long (*const bpf_ringbuf_output)(void *map, void *data, __u64 size, __u64 flags) = helper(130);      /* 5.8 */
static void *(*const bpf_skc_to_tcp_sock)(void *socket) = helper(137);                                      /* 5.9 */
static void *(*const bpf_get_current_task_btf)(void) = helper(158);                                         /* 5.11 */

#undef helper
