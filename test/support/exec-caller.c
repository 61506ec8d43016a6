// SPDX-License-Identifier: Apache-2.0
/*
 * Calls exec(2) as it is told to, and tells what came of it. As long as the program that is started is this one again, it
 * goes on in the same process.
 *
 * A request is a line of words on standard input: what to do, then texts, each of them `=` and its bytes in hexadecimal.
 *
 *   execve FILE ARGUMENT...             thread FILE ARGUMENT...     the same, from a thread that is not the first
 *   openat FILE ARGUMENT...             by a descriptor of the file and an empty path
 *   memfd FILE ARGUMENT...              by a descriptor of a copy of it in memory
 *   directory DIRECTORY FILE ARG...     by a descriptor of the directory and a path
 *   descriptor NUMBER FILE ARGUMENT...  by a descriptor that is only a number
 *   pointer WHICH FILE                  WHICH: `filename`, `argv`, `argument`: what is not in memory
 *   chdir DIRECTORY
 *   self COUNT FILE                     execs itself so often, one after the other
 *   storm COUNT FILE ARGUMENT...        so many processes, one after the other, each with its exec
 *
 * It answers with a line when it begins (`began`), and with one for each request that has failed or was none for exec.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 4096
#define LINE (4 << 20)

static char line[LINE];
static char *words[WORDS + 1];
static int count;

/* Byte by byte: what comes after the line is for the next program. */
static int read_line(void)
{
	size_t length = 0;

	for (char c; read(0, &c, 1) == 1;) {
		if (c == '\n') {
			line[length] = 0;
			return 1;
		}
		if (length < LINE - 1)
			line[length++] = c;
	}
	return 0;
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static char *decode(char *text)
{
	char *to = text, *from = text + 1;

	if (*text != '=')
		return text;
	for (; from[0] && from[1]; from += 2)
		*to++ = digit(from[0]) << 4 | digit(from[1]);
	*to = 0;
	return text;
}

static void split(void)
{
	count = 0;
	for (char *word = strtok(line, " "); word && count < WORDS; word = strtok(NULL, " "))
		words[count++] = decode(word);
	words[count] = NULL;
}

static void say(const char *what, int number)
{
	const char *caller = getenv("CALLER");

	printf("{\"what\":\"%s\",\"errno\":%d,\"pid\":%d,\"ppid\":%d,\"uid\":%d,\"tid\":%d,\"caller\":%s}\n", what, number, getpid(),
	       getppid(), getuid(), gettid(), caller ? caller : "0");
	fflush(stdout);
}

/* Tells the next program who has called it. */
static void sign(void)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", gettid());
	setenv("CALLER", text, 1);
}

static void *in_thread(void *unused)
{
	sign();
	execve(words[1], words + 2, environ);
	say("failed", errno);
	return unused;
}

static int copy_of(const char *path)
{
	int from = open(path, O_RDONLY), to = memfd_create("copy", 0);

	for (char bytes[65536];;) {
		ssize_t length = read(from, bytes, sizeof(bytes));

		if (length <= 0 || write(to, bytes, length) != length)
			break;
	}
	close(from);
	return to;
}

static void by_descriptor(int fd, const char *path, char **arguments)
{
	int error;

	sign();
	syscall(SYS_execveat, fd, path, arguments, environ, *path ? 0 : AT_EMPTY_PATH);
	error = errno;
	close(fd);
	errno = error;
}

static void storm(long processes, const char *file, char **arguments)
{
	long started = 0;

	for (long i = 0; i < processes; i++) {
		int status = 0;
		pid_t child = vfork();

		if (child == 0) {
			execve(file, arguments, environ);
			_exit(127);
		}
		if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
			started++;
	}
	printf("{\"what\":\"storm\",\"started\":%ld}\n", started);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	/* Volatile: or the compiler finds out, and warns. */
	void *volatile nowhere = (void *)16;
	char number[32];
	pthread_t thread;

	if (argc == 2 && !strcmp(argv[1], "--end"))
		return 0;
	/* self: so many times again */
	if (argc == 4 && !strcmp(argv[1], "--again") && atol(argv[2]) > 0) {
		snprintf(number, sizeof(number), "%ld", atol(argv[2]) - 1);
		execve(argv[3], (char *[]){ argv[0], argv[1], number, argv[3], NULL }, environ);
		say("failed", errno);
	}
	say("began", 0);
	while (read_line()) {
		split();
		errno = 0;
		if (!count)
			continue;
		if (!strcmp(words[0], "execve")) {
			sign();
			execve(words[1], words + 2, environ);
		} else if (!strcmp(words[0], "thread")) {
			if (!pthread_create(&thread, NULL, in_thread, NULL))
				pthread_join(thread, NULL);
			continue;
		} else if (!strcmp(words[0], "openat")) {
			by_descriptor(open(words[1], O_RDONLY), "", words + 2);
		} else if (!strcmp(words[0], "memfd")) {
			by_descriptor(copy_of(words[1]), "", words + 2);
		} else if (!strcmp(words[0], "directory")) {
			by_descriptor(open(words[1], O_RDONLY | O_DIRECTORY), words[2], words + 3);
		} else if (!strcmp(words[0], "descriptor")) {
			by_descriptor(atoi(words[1]), words[2], words + 3);
		} else if (!strcmp(words[0], "pointer")) {
			if (!strcmp(words[1], "filename"))
				execve(nowhere, words + 2, environ);
			else if (!strcmp(words[1], "argv"))
				execve(words[2], (char *const *)nowhere, environ);
			else
				execve(words[2], (char *[]){ words[2], (char *)nowhere, words[2], NULL }, environ);
		} else if (!strcmp(words[0], "chdir")) {
			if (!chdir(words[1])) {
				say("done", 0);
				continue;
			}
		} else if (!strcmp(words[0], "self")) {
			snprintf(number, sizeof(number), "%ld", atol(words[1]) - 1);
			execve(words[2], (char *[]){ words[2], "--again", number, words[2], NULL }, environ);
		} else if (!strcmp(words[0], "storm")) {
			storm(atol(words[1]), words[2], words + 3);
			continue;
		}
		say("failed", errno);
	}
	return 0;
}
