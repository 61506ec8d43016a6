// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Hands out records that are as long as the texts that they hold. A test puts one together, and has it handed out by
 * BPF_PROG_TEST_RUN (Linux 5.10).
 */
#include <hivetap/bpf.h>
#include <hivetap/event.h>

LICENSE("Dual BSD/GPL");

struct texts {
	__u32 sequence;
	__u16 name_size;
	__u16 words_size;
	char tail[1000] parts("name:name_size words:words_size:texts") part_doc("name: One text")
		part_doc("words: Several");
};

setting(bool, ring_buffer);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct texts);
} events SEC(".maps");

/* The record to be handed out. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct texts);
} next SEC(".maps");

/* What the test gives: how many of its bytes. */
SEC("raw_tp/inet_sock_set_state")
int emit_texts(__u64 *ctx)
{
	__u32 zero = 0;
	struct texts *record = bpf_map_lookup_elem(&next, &zero);
	__u64 size = ctx[0];

	if (!record || size > sizeof(*record))
		return 0;
	if (ring_buffer)
		return bpf_ringbuf_output(&events, record, size, 0);
	return bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, record, size);
}
