// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tells whether the process that runs it, by BPF_PROG_TEST_RUN (Linux 5.10), is in a control group: by what it returns. */
#include <hivetap/bpf.h>

LICENSE("Dual BSD/GPL");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} groups SEC(".maps");

/* ctx[0] is which of the groups. */
SEC("raw_tp/inet_sock_set_state")
int is_within(__u64 *ctx)
{
	return bpf_current_task_under_cgroup(&groups, ctx[0]);
}
