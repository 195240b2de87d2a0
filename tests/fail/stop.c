/*
 * stop.c - LD_PRELOAD: at the n-th call that changes or reads a file, the process is killed or the
 * call fails.
 *
 * STOP_AT=n says which (0: none), STOP_HOW=kill or fail what happens. When it does, a byte is
 * written to the file descriptor STOP_FD: a run without one was over before.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static long number(const char *name)
{
    const char *text = getenv(name);

    return text ? strtol(text, NULL, 10) : 0;
}

/* Finds the function that is behind this one; a cast between both kinds of pointers is no C. */
static void find(const char *name, void *function, size_t size)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(function, &found, size);
}

static ssize_t real_write(int fd, const void *data, size_t len)
{
    ssize_t (*next)(int, const void *, size_t);

    find("write", &next, sizeof next);
    return next(fd, data, len);
}

static bool stopped(int error)
{
    const char *how = getenv("STOP_HOW");
    long at = number("STOP_AT");

    if (!at || ++calls != at)
        return false;
    if (real_write((int)number("STOP_FD"), "x", 1) != 1)
        _exit(99);
    if (how && !strcmp(how, "kill"))
        kill(getpid(), SIGKILL);
    errno = error;
    return true;
}

ssize_t write(int fd, const void *data, size_t len)
{
    return stopped(ENOSPC) ? -1 : real_write(fd, data, len);
}

ssize_t read(int fd, void *to, size_t len)
{
    ssize_t (*next)(int, void *, size_t);

    find("read", &next, sizeof next);
    return stopped(EIO) ? -1 : next(fd, to, len);
}

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
    ssize_t (*next)(int, void *, size_t, off_t);

    find("pread", &next, sizeof next);
    return stopped(EIO) ? -1 : next(fd, to, len, at);
}

int fchmod(int fd, mode_t mode)
{
    int (*next)(int, mode_t);

    find("fchmod", &next, sizeof next);
    return stopped(EPERM) ? -1 : next(fd, mode);
}

int fsync(int fd)
{
    int (*next)(int);

    find("fsync", &next, sizeof next);
    return stopped(EIO) ? -1 : next(fd);
}

int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *);

    find("rename", &next, sizeof next);
    return stopped(ENOSPC) ? -1 : next(from, to);
}

int open(const char *path, int flags, ...)
{
    int (*next)(const char *, int, ...);
    mode_t mode = 0;
    va_list ap;

    va_start(ap, flags);
    if (flags & (O_CREAT | O_TMPFILE))
        mode = va_arg(ap, mode_t);
    va_end(ap);
    find("open", &next, sizeof next);
    return stopped(flags & O_CREAT ? ENOSPC : EMFILE) ? -1 : next(path, flags, mode);
}

int close(int fd)
{
    int (*next)(int);
    bool stop = stopped(EIO);

    find("close", &next, sizeof next);
    int rc = next(fd);
    return stop ? -1 : rc;
}

int flock(int fd, int how)
{
    int (*next)(int, int);

    find("flock", &next, sizeof next);
    return stopped(ENOLCK) ? -1 : next(fd, how);
}
