/*
 * below.c - reading files below one folder and nowhere else, whatever their names say. The names
 * come from profiles: links, `..` and absolute paths must not lead out, so a path is walked folder
 * by folder, and links are not followed.
 */
#include "below.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_PATH = 4096, LARGEST_FILE = 64 * PF_MIB };

int pf_below_open(const char *folder, struct pf_err *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        pf_fail(err, PF_EIO, "cannot open the folder '%.200s': %s", folder, strerror(errno));
    return fd;
}

/* The file at a path of plain names below `root`; -1: there is none, or a link is in the way. */
static int walk(int root, char *path)
{
    int at = root;

    for (char *name = path, *slash; at >= 0; name = slash + 1) {
        slash = strchr(name, '/');
        if (slash)
            *slash = '\0';
        bool plain = *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
        int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
        int next = plain ? openat(at, name, flags | (slash ? O_DIRECTORY : 0)) : -1;
        if (at != root)
            close(at);
        at = next;
        if (!slash)
            break;
        *slash = '/';
    }
    return at;
}

static char *read_all(struct pf_mem *m, int fd, size_t size, size_t *len)
{
    char *text = pf_alloc(m, size + 1);

    *len = 0;
    while (text && *len < size) {
        ssize_t n = read(fd, text + *len, size - *len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        *len += (size_t)n;
    }
    if (text)
        text[*len] = '\0';
    return text;
}

static char *read_plain(struct pf_mem *m, int fd, size_t *len, int64_t *changed_ns)
{
    struct stat st;
    char *text = NULL;

    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= LARGEST_FILE) {
        *changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        text = read_all(m, fd, (size_t)st.st_size, len);
    }
    close(fd);
    return text;
}

char *pf_below_read(struct pf_mem *m, int root, const char *path, size_t path_len, size_t *len,
                    int64_t *changed_ns)
{
    char name[LONGEST_PATH];
    size_t at = 0;

    if (path_len == 0 || path_len >= sizeof name || memchr(path, '\0', path_len))
        return NULL;
    memcpy(name, path, path_len);
    name[path_len] = '\0';
    for (char *back; (back = strchr(name, '\\'));)
        *back = '/';
    while (at < path_len) {
        while (name[at] == '/')
            at++;
        int fd = at < path_len ? walk(root, name + at) : -1;
        if (fd >= 0)
            return read_plain(m, fd, len, changed_ns);
        while (at < path_len && name[at] != '/')
            at++;
    }
    return NULL;
}
