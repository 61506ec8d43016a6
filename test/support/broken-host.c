// Stands between a process and the C library (LD_PRELOAD): its wall clock is set, and its disk fails, while nobody else on
// the host notices. What is wrong stands in a file that the test writes and this maps: broken-host.ts.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct broken {
	int64_t clock_ns;      // what the wall clock is ahead
	uint32_t writes_fail;  // 0, or with which error
	uint32_t reads_fail;
	uint32_t syncs_fail;
	uint32_t failed;       // how often one of them did
};

static struct broken whole;
static volatile struct broken *broken = &whole;
static char folder[PATH_MAX];

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("BROKEN_HOST");
	const char *under = getenv("BROKEN_HOST_FOLDER");
	int fd = path ? open(path, O_RDWR) : -1;
	void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof whole, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (mapped != MAP_FAILED)
		broken = mapped;
	if (under)
		snprintf(folder, sizeof folder, "%s/", under);
}

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

// Whether it is a file of the disk that fails.
static int fails(uint32_t asked, int fd)
{
	char link[64], path[PATH_MAX];
	if (!asked || !folder[0])
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return 0;
	path[length] = 0;
	if (strncmp(path, folder, strlen(folder)))
		return 0;
	__sync_fetch_and_add(&broken->failed, 1);
	errno = (int)asked;
	return 1;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*next)(clockid_t, struct timespec *);
	if (!next)
		next = real("clock_gettime");
	int status = next(clock, now);
	if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
		int64_t ns = now->tv_sec * 1000000000LL + now->tv_nsec + broken->clock_ns;
		now->tv_sec = ns / 1000000000LL;
		now->tv_nsec = ns % 1000000000LL;
	}
	return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &precise);
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *into)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (into)
		*into = now.tv_sec;
	return now.tv_sec;
}

#define WHERE(result, name, asked, parameters, arguments)                                                              \
	result name parameters                                                                                         \
	{                                                                                                              \
		static result(*next) parameters;                                                                       \
		if (!next)                                                                                             \
			next = real(#name);                                                                            \
		return fails(broken->asked, fd) ? -1 : next arguments;                                                 \
	}

WHERE(ssize_t, write, writes_fail, (int fd, const void *from, size_t size), (fd, from, size))
WHERE(ssize_t, pwrite, writes_fail, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
WHERE(ssize_t, pwrite64, writes_fail, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))
WHERE(ssize_t, pwritev, writes_fail, (int fd, const struct iovec *from, int count, off_t at), (fd, from, count, at))
WHERE(ssize_t, pread, reads_fail, (int fd, void *into, size_t size, off_t at), (fd, into, size, at))
WHERE(ssize_t, pread64, reads_fail, (int fd, void *into, size_t size, off64_t at), (fd, into, size, at))
WHERE(ssize_t, preadv, reads_fail, (int fd, const struct iovec *into, int count, off_t at), (fd, into, count, at))
WHERE(ssize_t, read, reads_fail, (int fd, void *into, size_t size), (fd, into, size))
WHERE(int, fdatasync, syncs_fail, (int fd), (fd))
WHERE(int, fsync, syncs_fail, (int fd), (fd))
