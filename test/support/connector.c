/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connects once to where nobody listens, and waits until its input ends. With `memfd NAME` as arguments it first becomes its own
 * copy in a file that is in no directory.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int become_copy(const char *name)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = memfd_create(name, MFD_CLOEXEC);
	char *const argv[] = { "copy", NULL }, *const envp[] = { NULL };
	struct stat stat;
	off_t at = 0;

	if (from < 0 || to < 0 || fstat(from, &stat))
		return 1;
	while (at < stat.st_size)
		if (sendfile(to, from, &at, stat.st_size - at) <= 0)
			return 1;
	fexecve(to, argv, envp);
	return 1;
}

int main(int argc, char **argv)
{
	struct sockaddr_in nowhere = { .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char byte;

	if (argc == 3 && !strcmp(argv[1], "memfd"))
		return become_copy(argv[2]);
	connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&nowhere, sizeof(nowhere));
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}
