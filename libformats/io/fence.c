/*
 * fence.c - takes the file system away from a process, but for the files that it was told to use:
 * what a hostile input could make of a mistake of ours stays within the process. It is Landlock of
 * Linux 5.13 and later (linux/landlock.h, and the kernel's userspace-api/landlock.rst), and best
 * effort: elsewhere nothing happens.
 */
#include "io.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* LeakSanitizer reads files of its own when the process ends. */
#if defined(__SANITIZE_ADDRESS__)
#define CAN_FENCE false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAN_FENCE false
#endif
#endif
#ifndef CAN_FENCE
#define CAN_FENCE true
#endif

/* What later versions of the kernel's interface know, and Debian 12's header does not. */
enum { TRUNCATE = 1 << 14, NET_BIND = 1, NET_CONNECT = 2 };
struct rules {
    uint64_t files, net;
};

static uint64_t version(void)
{
    long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return v > 0 ? (uint64_t)v : 0;
}

/* All up to the making of symbolic links, and those that came later. */
static uint64_t all_rights(uint64_t abi)
{
    uint64_t rights = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1;

    if (abi >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    return abi >= 3 ? rights | TRUNCATE : rights;
}

int pf_fence(void)
{
    uint64_t abi = CAN_FENCE ? version() : 0;
    struct rules r = {.files = all_rights(abi)};

    if (!abi)
        return -1;
    if (abi >= 4)
        r.net = NET_BIND | NET_CONNECT;
    return (int)syscall(SYS_landlock_create_ruleset, &r, abi >= 4 ? sizeof r : sizeof r.files, 0);
}

/* Grants rights to a file or to all below a folder; to what is not there nobody needs any. */
static void grant(int fence, const char *path, uint64_t to_file, uint64_t to_folder)
{
    struct landlock_path_beneath_attr rule = {
        .parent_fd = open(path, O_PATH | O_CLOEXEC),
    };
    struct stat st;

    if (rule.parent_fd < 0)
        return;
    if (fstat(rule.parent_fd, &st) == 0)
        rule.allowed_access = S_ISDIR(st.st_mode) ? to_folder : to_file;
    if (rule.allowed_access)
        (void)syscall(SYS_landlock_add_rule, fence, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

void pf_fence_read(int fence, const char *path)
{
    if (fence >= 0)
        grant(fence, path, LANDLOCK_ACCESS_FS_READ_FILE,
              LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
}

void pf_fence_replace(int fence, struct pf_mem *m, const char *path)
{
    uint64_t truncate = version() >= 3 ? TRUNCATE : 0;
    char *folder = fence >= 0 ? pf_place_folder(m, path) : NULL;

    if (fence < 0)
        return;
    grant(fence, path, LANDLOCK_ACCESS_FS_WRITE_FILE, 0); /* a device, a FIFO */
    if (folder)
        grant(fence, folder, 0,
              LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG
                  | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_READ_DIR | truncate);
    pf_dealloc(m, folder);
}

void pf_fence_work(int fence, const char *folder)
{
    if (fence >= 0)
        grant(fence, folder, 0, all_rights(version()));
}

void pf_fence_work_beside(int fence, struct pf_mem *m, const char *path)
{
    char *folder = fence >= 0 ? pf_place_folder(m, path) : NULL;

    if (folder)
        pf_fence_work(fence, folder);
    pf_dealloc(m, folder);
}

bool pf_fence_shut(int fence)
{
    if (fence < 0)
        return false;
    bool shut = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                && syscall(SYS_landlock_restrict_self, fence, 0) == 0;
    close(fence);
    return shut;
}
