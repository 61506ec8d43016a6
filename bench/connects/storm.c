// SPDX-License-Identifier: Apache-2.0
/*
 * Makes TCP connections on loopback, one after the other, to a listener of its own. Waits for a line on standard input
 * before it begins, and tells how long it took.
 *
 *   storm CONNECTS [A_SECOND [FILE]]       a rate of 0 is as fast as it can; the file gets the source port of each and
 *                                          when connect() returned, by the monotonic clock, in nanoseconds
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct made {
	uint16_t port;
	uint64_t at_ns;
};

static int listener;

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void *accept_all(void *unused)
{
	(void)unused;
	for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;)
		close(fd);
	return NULL;
}

static int write_times(const char *path, const struct made *times, long count)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	for (long i = 0; i < count; i++)
		fprintf(file, "%u %llu\n", times[i].port, (unsigned long long)times[i].at_ns);
	return fclose(file);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000;
	double rate = argc > 2 ? atof(argv[2]) : 0;
	struct made *times = argc > 3 ? calloc(count, sizeof(*times)) : NULL;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	/* Closed by a reset, so that a hundred thousand ports are not left waiting. */
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	char line[16];
	pthread_t thread;
	uint64_t begin;
	long failed = 0;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1024) ||
	    getsockname(listener, (struct sockaddr *)&address, &length))
		return 1;
	pthread_create(&thread, NULL, accept_all, NULL);
	printf("ready\n");
	fflush(stdout);
	if (read(STDIN_FILENO, line, sizeof(line)) < 0)
		return 1;
	begin = now_ns();
	for (long made = 0; made < count; made++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (rate > 0) {
			uint64_t due = begin + made * 1e9 / rate;
			struct timespec until = { due / 1000000000, due % 1000000000 };

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		}
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
			failed++;
		if (times) {
			struct sockaddr_in local;
			socklen_t size = sizeof(local);

			times[made].at_ns = now_ns();
			getsockname(fd, (struct sockaddr *)&local, &size);
			times[made].port = ntohs(local.sin_port);
		}
		close(fd);
	}
	if (times && write_times(argv[3], times, count))
		return 1;
	printf("{\"made\": %ld, \"failed\": %ld, \"seconds\": %.3f}\n", count, failed, (now_ns() - begin) / 1e9);
	return 0;
}
