// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Processes that end, each in a way of its own; what the kernel tells their parent of it is what tests hold events against.
 *
 * endings KIND[:NUMBER]…: for each a line of JSON, when it has ended.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 32
/* The first thread's way ahead of the others, or theirs of it. */
#define APART_US 50000

/* What a child leaves for its parent. */
struct mark {
	unsigned long long ending; /* when the child was about to end */
	int tids[MOST_THREADS];
	int count;
};

static struct mark *mark;
static const char *kind;
static int number;

static unsigned long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static bool is(const char *name)
{
	return strcmp(kind, name) == 0;
}

/* Ends this thread alone, with a code. */
static void end_thread(int code)
{
	syscall(SYS_exit, code);
}

static void be_killed(int signal)
{
	kill(getpid(), signal);
	for (;;)
		pause();
}

static void leave_core(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &all);
	signal(SIGSEGV, SIG_DFL);
	syscall(SYS_tgkill, getpid(), gettid(), SIGSEGV);
}

static pthread_barrier_t together;
static int there;

/* Ends two threads at once: each as soon as it sees the other. */
static void end_at_once(void)
{
	__sync_fetch_and_add(&there, 1);
	while (__sync_fetch_and_add(&there, 0) < 2)
		;
	end_thread(number);
}

static void *thread(void *unused)
{
	mark->tids[__sync_fetch_and_add(&mark->count, 1)] = gettid();
	prctl(PR_SET_NAME, "endings-thread");
	if (is("pair"))
		end_at_once();
	pthread_barrier_wait(&together);
	if (is("crowd-threads"))
		end_thread(number);
	if (is("crowd-process"))
		_exit(number);
	usleep(APART_US);
	mark->ending = now();
	if (is("leader-first-process"))
		_exit(number);
	if (is("leader-first-threads"))
		end_thread(3);
	if (is("leader-first-killed"))
		be_killed(number);
	if (is("thread-core"))
		leave_core();
	if (is("thread-exec"))
		execl("/bin/sh", "sh", "-c", "exit 4", NULL);
	end_thread(0);
	return unused;
}

static void end_with_threads(int count)
{
	pthread_t made;

	pthread_barrier_init(&together, NULL, count + 1);
	for (int index = 0; index < count; index++)
		pthread_create(&made, NULL, thread, NULL);
	mark->ending = now();
	if (is("pair"))
		end_at_once();
	pthread_barrier_wait(&together);
	mark->ending = now();
	if (is("threads-first")) {
		pthread_join(made, NULL);
		usleep(APART_US);
		mark->ending = now();
		_exit(number);
	}
	if (is("leader-first-threads") || is("crowd-threads"))
		end_thread(number);
	if (is("crowd-process"))
		_exit(number);
	if (is("thread-core") || is("thread-exec"))
		for (;;)
			pause();
	end_thread(0);
}

static void end(void)
{
	struct rlimit none = { 0, 0 };

	prctl(PR_SET_NAME, "endings-first");
	mark->tids[mark->count++] = gettid();
	if (is("pair"))
		end_with_threads(1);
	usleep(20000);
	if (strncmp(kind, "crowd", 5) == 0)
		end_with_threads(MOST_THREADS - 1);
	if (strncmp(kind, "leader", 6) == 0 || strncmp(kind, "thread", 6) == 0)
		end_with_threads(1);
	mark->ending = now();
	if (is("core"))
		leave_core();
	setrlimit(RLIMIT_CORE, &none);
	if (is("killed"))
		be_killed(number);
	_exit(number);
}

static void print(int pid, int status, const unsigned long long times[3])
{
	printf("{\"kind\":\"%s\",\"pid\":%d,\"ppid\":%d,\"tids\":[", kind, pid, getpid());
	for (int index = 0; index < mark->count; index++)
		printf("%s%d", index ? "," : "", mark->tids[index]);
	printf("],\"status\":%d,\"bornAfter\":%llu,\"bornBefore\":%llu,\"endedAfter\":%llu,\"endedBefore\":%llu}\n", status,
	       times[0], times[1], mark->ending, times[2]);
	fflush(stdout);
}

int main(int count, char **arguments)
{
	mark = mmap(NULL, sizeof(*mark), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int index = 1; index < count; index++) {
		unsigned long long times[3];
		int pid, status;
		char *colon = strchr(arguments[index], ':');

		number = colon ? atoi(colon + 1) : 0;
		if (colon)
			*colon = 0;
		kind = arguments[index];
		memset(mark, 0, sizeof(*mark));
		times[0] = now();
		pid = fork();
		if (pid == 0)
			end();
		times[1] = now();
		waitpid(pid, &status, 0);
		times[2] = now();
		print(pid, status, times);
	}
	return 0;
}
