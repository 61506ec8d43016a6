// SPDX-License-Identifier: Apache-2.0
/*
 * Makes TCP connections on loopback, one after the other, to a listener of its own. Waits for a line on standard input
 * before it begins, and tells how long it took.
 *
 *   storm CONNECTS [A_SECOND]       no rate is as fast as it can
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000;
	double rate = argc > 2 ? atof(argv[2]) : 0;
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
		close(fd);
	}
	printf("{\"connects\": %ld, \"failed\": %ld, \"seconds\": %.3f}\n", count, failed, (now_ns() - begin) / 1e9);
	return 0;
}
