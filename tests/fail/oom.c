/*
 * oom.c - LD_PRELOAD: from the n-th allocation of main() on, there is no memory.
 *
 * OOM_AT=n says which (0: none). The first refusal writes a byte to the file descriptor OOM_FD: a
 * run without one got all the memory it asked for.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,readability-function-size): these are glibc's own names
 * for the functions that are replaced below. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t align, size_t size);

typedef int main_fn(int, char **, char **);
typedef int start_fn(main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void),
                     void *);
start_fn __libc_start_main;

/* NOLINTEND(bugprone-reserved-identifier,readability-function-size) */

static atomic_ulong asked;
static unsigned long fail_from;
static int report_to = -1;
static bool counting;
static main_fn *real_main;

static bool refused(void)
{
    if (!counting)
        return false;
    unsigned long n = ++asked;
    if (!fail_from || n < fail_from)
        return false;
    if (n == fail_from && write(report_to, "x", 1) != 1)
        _exit(99);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return refused() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *block, size_t size)
{
    return refused() ? NULL : __libc_realloc(block, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return refused() ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **block, size_t align, size_t size)
{
    if (refused())
        return ENOMEM;
    *block = __libc_memalign(align, size);
    return *block ? 0 : ENOMEM;
}

static int counted_main(int argc, char **argv, char **env)
{
    counting = true;
    return real_main(argc, argv, env);
}

/* NOLINTNEXTLINE(bugprone-reserved-identifier,readability-function-size) */
int __libc_start_main(main_fn *m, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*ld_fini)(void), void *stack_end)
{
    void *found = dlsym(RTLD_NEXT, "__libc_start_main");
    start_fn *start;
    const char *at = getenv("OOM_AT"), *fd = getenv("OOM_FD");

    memcpy(&start, &found, sizeof start);
    fail_from = at ? strtoul(at, NULL, 10) : 0;
    report_to = fd ? (int)strtol(fd, NULL, 10) : -1;
    real_main = m;
    return start(counted_main, argc, argv, init, fini, ld_fini, stack_end);
}
