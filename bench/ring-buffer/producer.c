// SPDX-License-Identifier: Apache-2.0
/*
 * Makes system calls at a rate, each of which makes flood.bpf.c hand out a number of events. Waits for a line on
 * standard input before it begins, and tells how many calls it made.
 *
 *   producer CALLS_A_SECOND SECONDS [NAP_MS]       a rate of 0 is as fast as it can
 *
 * Between calls it turns in user space, on a processor of its own; with NAP_MS it sleeps so long instead, and leaves the
 * processor to others: what is due by then comes in one go.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	double rate = argc > 1 ? atof(argv[1]) : 0;
	double seconds = argc > 2 ? atof(argv[2]) : 1;
	long nap_us = argc > 3 ? atol(argv[3]) * 1000 : 0;
	char line[16];
	uint64_t begin, end, calls = 0;

	if (read(STDIN_FILENO, line, sizeof(line)) < 0)
		return 1;
	begin = now_ns();
	end = begin + seconds * 1e9;
	/* The clock is read in user space: only getppid() is a system call. */
	for (uint64_t now = begin; now < end; now = now_ns()) {
		uint64_t due = rate > 0 ? (now - begin) * rate / 1e9 : calls + 64;

		while (calls < due) {
			syscall(SYS_getppid);
			calls++;
		}
		if (nap_us > 0)
			usleep(nap_us);
	}
	printf("{\"calls\": %llu, \"seconds\": %.3f}\n", (unsigned long long)calls, (now_ns() - begin) / 1e9);
	return 0;
}
