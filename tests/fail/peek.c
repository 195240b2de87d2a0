/*
 * peek.c - LD_PRELOAD: when a program writes its first bytes, it also tries to open what is none of
 * its business, as it might if a hostile input had taken it over.
 *
 * PEEK_READ names a file to read, PEEK_MAKE one to make. Each that can be opened is a letter, r or
 * m, written to the file descriptor PEEK_FD.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void try_to_open(const char *name, int flags, const char *letter)
{
    const char *path = getenv(name), *to = getenv("PEEK_FD");
    int fd = path ? open(path, flags, 0600) : -1;

    if (fd < 0 || !to)
        return;
    close(fd);
    ssize_t (*real)(int, const void *, size_t);
    void *found = dlsym(RTLD_NEXT, "write");
    memcpy(&real, &found, sizeof found); /* a cast between both kinds of pointers is no C */
    if (real((int)strtol(to, NULL, 10), letter, 1) != 1)
        _exit(99);
}

ssize_t write(int fd, const void *data, size_t len)
{
    static bool tried;
    ssize_t (*real)(int, const void *, size_t);
    void *found = dlsym(RTLD_NEXT, "write");

    if (!tried) {
        tried = true;
        try_to_open("PEEK_READ", O_RDONLY, "r");
        try_to_open("PEEK_MAKE", O_WRONLY | O_CREAT, "m");
    }
    memcpy(&real, &found, sizeof found);
    return real(fd, data, len);
}
