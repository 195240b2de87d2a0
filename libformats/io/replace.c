/* replace.c - a file that is replaced as a whole or not at all. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_HOPS = 40,   /* symbolic links, as in the kernel */
    MAX_TRIES = 100, /* names for the temporary file */
    KEPT_NAME = 200, /* bytes of the target's name in it: a name may have 255 */
    PATH_BYTES = 4096,
};

static int failed(struct pf_err *err, const char *what)
{
    return pf_fail(err, PF_EIO, "cannot %s: %s", what, strerror(errno));
}

static int no_memory(struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory");
}

/* Length of the folder part of a path, with its slash. */
static size_t folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Puts `tail` behind the folder part of path, or alone when it is absolute. */
static char *beside(struct pf_mem *m, const char *path, const char *tail)
{
    size_t dir = tail[0] == '/' ? 0 : folder_len(path), len = strlen(tail);
    char *joined = pf_alloc(m, dir + len + 1);

    if (joined) {
        memcpy(joined, path, dir);
        memcpy(joined + dir, tail, len + 1);
    }
    return joined;
}

/* Follows symbolic links to the file itself, so that a link stays a link; it need not exist. */
static char *resolve(struct pf_mem *m, const char *path, struct pf_err *err)
{
    char link[PATH_BYTES];
    char *at = beside(m, "", path);

    for (int hop = 0; at; hop++) {
        ssize_t n = readlink(at, link, sizeof link - 1);
        if (n < 0) /* no link, or nothing there: what is wrong with it, open will tell */
            return at;
        if (hop == MAX_HOPS || n == (ssize_t)sizeof link - 1) {
            errno = hop == MAX_HOPS ? ELOOP : ENAMETOOLONG;
            failed(err, "create");
            pf_dealloc(m, at);
            return NULL;
        }
        link[n] = 0;
        char *next = beside(m, at, link);
        pf_dealloc(m, at);
        at = next;
    }
    no_memory(err);
    return NULL;
}

static char *temp_name(struct pf_mem *m, const char *target)
{
    size_t dir = folder_len(target);
    char name[KEPT_NAME + 32];
    uint32_t random = 0;

    if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
        random = (uint32_t)getpid();
    snprintf(name, sizeof name, ".%.*s.%08x.tmp", (int)KEPT_NAME, target + dir, (unsigned)random);
    return beside(m, target, name);
}

/* Creates the temporary file with the mode that the target has, or that a new one would get. */
static int create_temp(struct pf_mem *m, struct pf_place *at, const struct stat *old,
                       struct pf_err *err)
{
    for (int i = 0; i < MAX_TRIES; i++) {
        at->temp = temp_name(m, at->target);
        if (!at->temp)
            return no_memory(err);
        at->fd = open(at->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (at->fd >= 0)
            break;
        pf_dealloc(m, at->temp);
        at->temp = NULL;
        if (errno != EEXIST && errno != EINTR)
            break;
    }
    if (at->fd < 0)
        return failed(err, "create");
    if (!old)
        return 0;
    /* The owner first: changing it takes rights away. That it cannot be kept is no failure. */
    if ((old->st_uid != geteuid() || old->st_gid != getegid())
        && fchown(at->fd, old->st_uid, old->st_gid) < 0)
        errno = 0;
    return fchmod(at->fd, old->st_mode & 0777) < 0 ? failed(err, "create") : 0;
}

static int open_directly(const char *path, struct pf_place *at, struct pf_err *err)
{
    do
        at->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    while (at->fd < 0 && errno == EINTR);
    return at->fd < 0 ? failed(err, "open") : 0;
}

int pf_place_open(struct pf_mem *m, const char *path, struct pf_place *at, struct pf_err *err)
{
    struct stat old, out;
    bool exists = stat(path, &old) == 0;

    *at = (struct pf_place){.fd = -1};
    if (exists && S_ISDIR(old.st_mode)) {
        errno = EISDIR;
        return failed(err, "create");
    }
    if (exists && !S_ISREG(old.st_mode))
        return open_directly(path, at, err);
    if (exists && fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == old.st_dev
        && out.st_ino == old.st_ino) { /* /dev/stdout of `>>file` must go on, not replace */
        at->fd = STDOUT_FILENO;
        return 0;
    }
    if (exists && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
        return failed(err, "create");
    at->target = resolve(m, path, err);
    if (at->target && create_temp(m, at, exists ? &old : NULL, err) == 0)
        return 0;
    pf_place_drop(m, at);
    return -1;
}

/* A folder that cannot be opened or synced (some file systems) does not make the file less whole.
 */
static void sync_folder(struct pf_mem *m, const char *target)
{
    char *dir = beside(m, target, ".");
    int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    pf_dealloc(m, dir);
}

int pf_place_keep(struct pf_mem *m, struct pf_place *at, struct pf_err *err)
{
    bool unsynced = at->temp && fsync(at->fd) < 0 && errno != EINVAL && errno != ENOTSUP;
    int rc = unsynced ? failed(err, "write") : 0;

    if (close(at->fd) < 0 && errno != EINTR && rc == 0)
        rc = failed(err, "write");
    at->fd = -1;
    if (rc == 0 && at->temp) {
        if (rename(at->temp, at->target) < 0) {
            rc = failed(err, "rename the finished file");
        } else {
            pf_dealloc(m, at->temp);
            at->temp = NULL;
            sync_folder(m, at->target);
        }
    }
    pf_place_drop(m, at);
    return rc;
}

void pf_place_drop(struct pf_mem *m, struct pf_place *at)
{
    if (at->temp)
        unlink(at->temp);
    if (at->fd > STDERR_FILENO)
        close(at->fd);
    pf_dealloc(m, at->temp);
    pf_dealloc(m, at->target);
    *at = (struct pf_place){.fd = -1};
}

char *pf_place_folder(struct pf_mem *m, const char *path)
{
    struct pf_err err = {0};
    char *target = resolve(m, path, &err), *dir = target ? beside(m, target, ".") : NULL;

    pf_dealloc(m, target);
    return dir;
}

int pf_place_lock(struct pf_mem *m, const char *path, struct pf_err *err)
{
    char *target = resolve(m, path, err), *dir = target ? beside(m, target, ".") : NULL;
    int fd = -1, rc = -1;

    if (target && !dir)
        no_memory(err);
    if (dir)
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir && fd < 0)
        failed(err, "open the folder");
    while (fd >= 0 && (rc = flock(fd, LOCK_EX)) < 0 && errno == EINTR) {
    }
    if (fd >= 0 && rc < 0) {
        failed(err, "lock the folder");
        close(fd);
        fd = -1;
    }
    pf_dealloc(m, dir);
    pf_dealloc(m, target);
    return fd;
}
