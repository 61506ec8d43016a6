// SPDX-License-Identifier: Apache-2.0
/*
 * Starts a program, again and again, each time when the one before has ended. Waits for a line on standard input before
 * it begins, and tells how often it started it and how long that took.
 *
 *   storm PROGRAM EXECS [A_SECOND]      a rate of 0 is as fast as it can
 */
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
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
	long count = argc > 2 ? atol(argv[2]) : 1000;
	double rate = argc > 3 ? atof(argv[3]) : 0;
	char *arguments[] = { argv[1], "--as", "many arguments", "--of=this", "length", "/as/programs/have", NULL };
	char *environment[] = { NULL };
	char line[16];
	long failed = 0;
	uint64_t begin;

	printf("ready\n");
	fflush(stdout);
	if (argc < 2 || read(STDIN_FILENO, line, sizeof(line)) < 0)
		return 1;
	begin = now_ns();
	for (long made = 0; made < count; made++) {
		int status;
		pid_t pid;

		if (rate > 0) {
			uint64_t due = begin + made * 1e9 / rate;
			struct timespec until = { due / 1000000000, due % 1000000000 };

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		}
		if (posix_spawn(&pid, argv[1], NULL, NULL, arguments, environment) ||
		    waitpid(pid, &status, 0) != pid || status)
			failed++;
	}
	printf("{\"made\": %ld, \"failed\": %ld, \"seconds\": %.3f}\n", count - failed, failed, (now_ns() - begin) / 1e9);
	return 0;
}
