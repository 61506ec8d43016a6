// SPDX-License-Identifier: Apache-2.0
/*
 * The peer: reads the events of flood.bpf.o through libbpf's ring buffer, and makes of each what the TypeScript consumer
 * makes of it: an object with numbers, the name and the two addresses as text.
 *
 *   consumer FLOOD.bpf.o PRODUCER_PID SECONDS      tells what it read and the processor time that it took, as JSON
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* As connect-event.h has it. */
struct connect_event {
	uint64_t time_ns;
	uint32_t tool_index, pid;
	uint64_t latency_us, cgroup_id, cgroup_key, process_start_ns, arguments_at;
	char comm[16];
	uint8_t source_address[16], destination_address[16];
	uint32_t tid, uid, netns, srtt_us, retransmits;
	uint16_t source_port, destination_port, error_code;
	uint8_t ip_version, outcome;
	bool fast_open;
};

struct decoded {
	uint64_t time_ns, latency_us, cgroup_id, cgroup_key, process_start_ns, arguments_at;
	char comm[17];
	char source_address[INET6_ADDRSTRLEN], destination_address[INET6_ADDRSTRLEN];
	uint32_t pid, tid, uid, netns, srtt_us, retransmits;
	uint16_t source_port, destination_port, error_code;
	uint8_t ip_version;
	const char *outcome;
	bool fast_open;
};

static const char *const OUTCOMES[] = { "connected", "refused", "timed_out", "unreachable",
					"reset", "abandoned", "stuck", "failed" };
static uint64_t received, checksum;
static volatile sig_atomic_t stopping;

static int on_record(void *context, void *data, size_t size)
{
	const struct connect_event *event = data;
	struct decoded *decoded = context;
	int family = event->ip_version == 4 ? AF_INET : AF_INET6;

	if (size < sizeof(*event))
		return 0;
	decoded->time_ns = event->time_ns;
	decoded->latency_us = event->latency_us;
	decoded->cgroup_id = event->cgroup_id;
	decoded->cgroup_key = event->cgroup_key;
	decoded->process_start_ns = event->process_start_ns;
	decoded->arguments_at = event->arguments_at;
	memcpy(decoded->comm, event->comm, sizeof(event->comm));
	inet_ntop(family, event->source_address, decoded->source_address, sizeof(decoded->source_address));
	inet_ntop(family, event->destination_address, decoded->destination_address,
		  sizeof(decoded->destination_address));
	decoded->pid = event->pid;
	decoded->tid = event->tid;
	decoded->uid = event->uid;
	decoded->netns = event->netns;
	decoded->srtt_us = event->srtt_us;
	decoded->retransmits = event->retransmits;
	decoded->source_port = event->source_port;
	decoded->destination_port = event->destination_port;
	decoded->error_code = event->error_code;
	decoded->ip_version = event->ip_version;
	decoded->outcome = OUTCOMES[event->outcome & 7];
	decoded->fast_open = event->fast_open;
	received++;
	/* Something of every event is used, so that nothing of the work can be left out. */
	checksum += decoded->latency_us + decoded->destination_address[0] + decoded->comm[0] + decoded->outcome[0];
	return 0;
}

static void on_signal(int signal)
{
	(void)signal;
	stopping = 1;
}

static double seconds_of(struct timeval time)
{
	return time.tv_sec + time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_map *rodata, *events;
	struct ring_buffer *ring;
	struct decoded decoded = {};
	struct rusage before, after;
	size_t size;
	uint32_t *producer;

	if (argc < 3)
		return 2;
	object = bpf_object__open_file(argv[1], NULL);
	if (!object)
		return 1;
	rodata = bpf_object__find_map_by_name(object, ".rodata");
	producer = (uint32_t *)bpf_map__initial_value(rodata, &size);
	*producer = atoi(argv[2]);
	/* To the kernel a ring buffer has no values; what they are stands in the object for who reads them. */
	events = bpf_object__find_map_by_name(object, "events");
	if (bpf_map__value_size(events) != sizeof(struct connect_event) || size != sizeof(*producer)) {
		fprintf(stderr, "consumer: the object's events or constants are not those that it was written for\n");
		return 1;
	}
	bpf_map__set_value_size(events, 0);
	if (bpf_object__load(object))
		return 1;
	if (!bpf_program__attach(bpf_object__find_program_by_name(object, "on_call")))
		return 1;
	ring = ring_buffer__new(bpf_map__fd(events), on_record, &decoded, NULL);
	if (!ring)
		return 1;
	signal(SIGINT, on_signal);
	printf("ready\n");
	fflush(stdout);
	getrusage(RUSAGE_SELF, &before);
	while (!stopping)
		ring_buffer__poll(ring, 1000);
	ring_buffer__consume(ring);
	getrusage(RUSAGE_SELF, &after);
	printf("{\"received\": %llu, \"userSeconds\": %.6f, \"systemSeconds\": %.6f, \"checksum\": %llu}\n",
	       (unsigned long long)received, seconds_of(after.ru_utime) - seconds_of(before.ru_utime),
	       seconds_of(after.ru_stime) - seconds_of(before.ru_stime), (unsigned long long)checksum);
	return 0;
}
