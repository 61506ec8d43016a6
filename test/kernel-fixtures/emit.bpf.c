// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Hands out numbered records, as many and as large as it is told, and counts what the buffer refused. It is run by
 * BPF_PROG_TEST_RUN (Linux 5.10), on the CPU of the test's choice: so every record is one that the test asked for.
 *
 * A record's first eight bytes are its number, its last eight the number's complement: one that is torn, or taken from
 * the wrong place, shows.
 */
#include <hivetap/bpf.h>

LICENSE("Dual BSD/GPL");

#define MOST_BYTES 4096
#define MOST_RECORDS 128

static void *(*const bpf_ringbuf_reserve)(void *map, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *data, __u64 flags) = (void *)132;
static void (*const bpf_ringbuf_discard)(void *data, __u64 flags) = (void *)133;

struct record {
	__u64 sequence;
};

struct counts {
	__u64 emitted;
	__u64 refused;
};

struct room {
	__u64 words[MOST_BYTES / 8];
};

setting(bool, ring_buffer);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
	__type(value, struct record);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counts);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct room);
} rooms SEC(".maps");

/* What the test gives: how many records, how large each, the number of the first, nanoseconds to hold each. */
struct order {
	__u64 count;
	__u64 size;
	__u64 first;
	__u64 hold_ns;
};

/*
 * What a value lies between is told to the verifier where it is used: before Linux 5.11 it forgets that when the value is
 * put aside on the stack. The compiler must not believe that it knows it already.
 */
#define forget(value) asm volatile("" : "+r"(value))

static __always_inline void put(struct room *room, __u64 size, __u64 sequence)
{
	__u64 last = size - 8;

	forget(last);
	if (last > MOST_BYTES - 8)
		return;
	*(__u64 *)((void *)room + last) = ~sequence;
	room->words[0] = sequence;
}

/* Records of any size up to MOST_BYTES, copied into the buffer. */
SEC("raw_tp/inet_sock_set_state")
int emit(__u64 *ctx)
{
	__u32 zero = 0;
	struct counts *count = bpf_map_lookup_elem(&counts, &zero);
	struct room *room = bpf_map_lookup_elem(&rooms, &zero);
	__u64 wanted = ctx[0], size = ctx[1], first = ctx[2];

	if (!count || !room || size < 8)
		return 0;
	for (__u32 done = 0; done < MOST_RECORDS; done++) {
		long error;

		if (done >= wanted)
			break;
		put(room, size, first + done);
		forget(size);
		if (size > MOST_BYTES)
			break;
		if (ring_buffer)
			error = bpf_ringbuf_output(&events, room, size, 0);
		else
			error = bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, room, size);
		count->emitted++;
		if (error)
			count->refused++;
	}
	return 0;
}

/* Records written in place; those with an odd number are taken back. */
SEC("raw_tp/inet_sock_set_state")
int reserve(__u64 *ctx)
{
	__u32 zero = 0;
	struct counts *count = bpf_map_lookup_elem(&counts, &zero);
	__u64 wanted = ctx[0], first = ctx[2];

	if (!count)
		return 0;
	for (__u32 done = 0; done < MOST_RECORDS; done++) {
		__u64 *record;

		if (done >= wanted)
			break;
		count->emitted++;
		record = bpf_ringbuf_reserve(&events, 24, 0);
		if (!record) {
			count->refused++;
			continue;
		}
		record[0] = first + done;
		record[1] = 0;
		record[2] = ~(first + done);
		if ((first + done) & 1)
			bpf_ringbuf_discard(record, 0);
		else
			bpf_ringbuf_submit(record, 0);
	}
	return 0;
}

/* One record that is reserved and kept from the reader for a while: busy. */
SEC("raw_tp/inet_sock_set_state")
int hold(__u64 *ctx)
{
	__u32 zero = 0;
	struct counts *count = bpf_map_lookup_elem(&counts, &zero);
	__u64 first = ctx[2], nanoseconds = ctx[3];
	__u64 *record = bpf_ringbuf_reserve(&events, 24, 0);
	__u64 begin = bpf_ktime_get_ns();

	if (!record)
		return 0;
	record[0] = first;
	record[1] = 0;
	record[2] = ~first;
	/* The verifier follows 8192 jumps at most. */
	for (__u32 turn = 0; turn < 2000; turn++) {
#pragma unroll
		for (int call = 0; call < 15; call++)
			bpf_ktime_get_ns();
		if (bpf_ktime_get_ns() - begin > nanoseconds)
			break;
	}
	if (count)
		count->emitted++;
	bpf_ringbuf_submit(record, 0);
	return 0;
}
