/* fuzz_archive.c - any bytes as an archive: opened, read, checked and salvaged; what is salvaged is
 * a sound archive. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "formats_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BUDGET = 512 * PF_MIB, MOST_UNPACKED = 16 * PF_MIB, PATH = 32, FOOT = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void never(bool true_here)
{
    if (true_here)
        abort();
}

/* A file in memory that holds these bytes, and the path by which it is opened. */
static int file_of(const uint8_t *data, size_t size, char path[PATH])
{
    int fd = memfd_create("archive", MFD_CLOEXEC);

    never(fd < 0 || (size && write(fd, data, size) != (ssize_t)size));
    snprintf(path, PATH, "/proc/self/fd/%d", fd);
    return fd;
}

/* What mutation breaks first is the sum over the index: put right, the index itself is read. */
static void mend_index(uint8_t *data, size_t size)
{
    uint64_t len = 0;

    if (size < FOOT || memcmp(data + size - 8, "PFARCEND", 8) != 0)
        return;
    for (unsigned i = 8; i-- > 0;)
        len = len << 8 | data[size - 16 + i];
    if (len > size - FOOT)
        return;
    uint64_t sum = XXH64(data + size - FOOT - len, (size_t)len, 0);
    for (unsigned i = 0; i < 8; i++)
        data[size - FOOT + i] = (uint8_t)(sum >> 8 * i);
}

static int take(void *seen, uint32_t entry, const uint8_t *content, size_t len)
{
    (void)entry;
    *(uint64_t *)seen += len ? content[len - 1] : 0;
    return 0;
}

static void count(void *n, const char *text)
{
    never(!text[0]);
    ++*(int64_t *)n;
}

static void said_why(int64_t rc, const struct pf_err *err)
{
    never((rc < 0) != (err->code != PF_OK) || (err->code && !err->msg[0]));
}

static void show(const struct pf_archive *a, struct pf_mem *mem)
{
    const struct pf_entries *e = pf_archive_entries(a);
    struct pf_err err = {0};
    struct pf_sink *k = pf_create_mem(mem, PF_PLAIN, &err);

    for (uint32_t i = 0; k && i < e->n; i++) {
        pf_entry_json(e, i, k);
        pf_entry_text(e, i, k);
    }
    pf_abandon(k);
}

static void read_all(struct pf_mem *mem, const char *path, bool skip_unsafe)
{
    int64_t told = 0;
    uint64_t seen = 0;
    struct pf_archive_how how = {MOST_UNPACKED, skip_unsafe, count, &told,
                                 .by_checksum = skip_unsafe};
    struct pf_err err = {0};
    struct pf_archive *a = pf_archive_open(mem, path, &how, &err);

    said_why(a ? 0 : -1, &err);
    if (a) {
        show(a, mem);
        said_why(pf_archive_read(a, NULL, take, &seen, &err), &err);
    }
    pf_archive_close(a);
    err = (struct pf_err){0};
    if (pf_archive_probe(path))
        said_why(pf_archive_get(mem, path, "0", take, &seen, &err), &err);
}

static void must_be_sound(struct pf_mem *mem, const uint8_t *data, size_t size)
{
    struct pf_err err = {0};
    int64_t told = 0;
    char path[PATH];
    int fd = file_of(data, size, path);

    never(pf_archive_check(mem, path, count, &told, &err) != 0 && err.code != PF_ENOMEM);
    close(fd);
}

static void salvage(struct pf_mem *mem, const char *path)
{
    struct pf_err err = {0};
    struct pf_build *b = pf_build_new(mem, &err);
    struct pf_sink *k = pf_create_mem(mem, PF_PLAIN, &err);
    int64_t told = 0;
    struct pf_archive_how how = {.tell = count, .ctx = &told};
    int64_t lost = pf_archive_recover(mem, path, &how, b, &err);
    size_t size;

    said_why(lost, &err);
    if (lost >= 0 && pf_build_write(b, PF_ARCHIVE_TAR, 0, k, &err) == 0) {
        pf_end_frame(k);
        const uint8_t *bytes = pf_sink_bytes(k, &size);
        must_be_sound(mem, bytes, size);
    }
    said_why(err.code ? -1 : 0, &err);
    pf_abandon(k);
    pf_build_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pf_mem mem;
    struct pf_err err = {0};
    int64_t told = 0;
    char path[PATH];
    uint8_t *mended = malloc(size ? size : 1);

    never(!mended);
    memcpy(mended, data, size);
    mend_index(mended, size);
    pf_mem_init(&mem, BUDGET);
    int fd = file_of(mended, size, path);
    read_all(&mem, path, false);
    read_all(&mem, path, true);
    int64_t found = pf_archive_check(&mem, path, count, &told, &err);
    said_why(found, &err);
    never(found > told); /* what was left out is told, but is no violation */
    salvage(&mem, path);
    never(mem.used != 0);
    close(fd);
    free(mended);
    return 0;
}
