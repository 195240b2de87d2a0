/* bits.c - hashes and names, temporary files, whole reads and writes, single zstd frames. */
#define ZSTD_STATIC_LINKING_ONLY /* for ZSTD_customMem */

#include "ar.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* ---- hashes and names ---- */

void ar_sha256(const void *data, size_t len, uint8_t hash[PF_HASH])
{
    struct sha256_ctx c;

    sha256_init(&c);
    sha256_update(&c, len, data);
    sha256_digest(&c, PF_HASH, hash);
}

void pf_id_text(const uint8_t hash[PF_HASH], char text[PF_ID_TEXT])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < PF_HASH; i++) {
        text[2 * i] = digits[hash[i] >> 4];
        text[2 * i + 1] = digits[hash[i] & 15];
    }
    text[PF_ID_TEXT - 1] = 0;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ar_hex(const char *text, size_t len, uint8_t *bytes)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void ar_member_name(const uint8_t hash[PF_HASH], char name[AR_NAME])
{
    char id[PF_ID_TEXT];

    pf_id_text(hash, id);
    snprintf(name, AR_NAME, "sha256-%s.pb", id);
}

bool ar_member_hash(const char *name, uint8_t hash[PF_HASH])
{
    enum { BEFORE = sizeof "sha256-" - 1, DIGITS = 2 * PF_HASH };

    return strlen(name) == BEFORE + DIGITS + 3 && memcmp(name, "sha256-", BEFORE) == 0
           && strcmp(name + BEFORE + DIGITS, ".pb") == 0 && ar_hex(name + BEFORE, DIGITS, hash);
}

bool ar_tar_size(const uint8_t head[AR_BLOCK], uint64_t *size)
{
    unsigned sum = 0, said = 0;

    for (int i = 0; i < AR_BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : head[i];
    for (int i = 148; i < 156 && head[i] >= '0' && head[i] <= '7'; i++)
        said = said * 8 + (unsigned)(head[i] - '0');
    *size = 0;
    for (int i = 124; i < 136 && head[i] >= '0' && head[i] <= '7'; i++)
        *size = *size * 8 + (uint64_t)(head[i] - '0');
    return sum == said && memcmp(head + 257, "ustar", 5) == 0;
}

int ar_no_memory(struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)");
}

/* ---- files ---- */

static int temp_in(const char *dir)
{
    char name[4096];
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || snprintf(name, sizeof name, "%s/profarchive.XXXXXX", dir) >= (int)sizeof name)
        return fd;
    fd = mkostemp(name, O_CLOEXEC); /* a file system that has no files without names */
    if (fd >= 0)
        unlink(name);
    return fd;
}

int ar_temp(struct pf_err *err)
{
    const char *dirs[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
    int fd = -1;

    for (size_t i = 0; i < sizeof dirs / sizeof *dirs && fd < 0; i++)
        if (dirs[i] && *dirs[i])
            fd = temp_in(dirs[i]);
    if (fd < 0)
        pf_fail(err, PF_EIO, "cannot create a temporary file (see TMPDIR): %s", strerror(errno));
    return fd;
}

int ar_read_at(int fd, void *to, size_t len, uint64_t at, struct pf_err *err)
{
    uint8_t *p = to;

    while (len > 0) {
        ssize_t n = pread(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return pf_fail(err, PF_EIO, "cannot read: %s", strerror(errno));
        if (n == 0)
            return pf_fail_offset(err, PF_ESYNTAX, at, "the archive is cut");
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

int ar_write_fd(int fd, const void *data, size_t len, struct pf_err *err)
{
    const uint8_t *p = data;

    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno != EINTR)
            return pf_fail(err, PF_EIO, "cannot write a temporary file: %s", strerror(errno));
        p += n < 0 ? 0 : n;
        len -= n < 0 ? 0 : (size_t)n;
    }
    return 0;
}

static int copy_to_temp(int from, struct pf_err *err)
{
    int temp = ar_temp(err), failed = temp < 0 ? -1 : 0;
    uint8_t block[64 * PF_KIB];
    ssize_t n = 0;

    while (!failed && ((n = read(from, block, sizeof block)) > 0 || (n < 0 && errno == EINTR)))
        failed = n > 0 ? ar_write_fd(temp, block, (size_t)n, err) : 0;
    if (!failed && n < 0)
        failed = pf_fail(err, PF_EIO, "cannot read: %s", strerror(errno));
    if (failed && temp >= 0)
        close(temp);
    return failed ? -1 : temp;
}

int ar_open(const char *path, uint64_t *size, struct pf_err *err)
{
    bool from_stdin = !path || strcmp(path, "-") == 0;
    struct stat st = {0};
    int fd;

    do
        fd = from_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                        : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 || fstat(fd, &st) < 0) {
        pf_fail(err, PF_EIO, "cannot open: %s", strerror(errno));
    } else if (S_ISDIR(st.st_mode)) {
        pf_fail(err, PF_EIO, "cannot read: is a directory");
    } else if (!S_ISREG(st.st_mode) || (from_stdin && lseek(fd, 0, SEEK_CUR) != 0)) {
        int temp = copy_to_temp(fd, err);
        close(fd);
        fd = temp;
        if (fd >= 0 && fstat(fd, &st) < 0)
            pf_fail(err, PF_EIO, "cannot read: %s", strerror(errno));
    }
    if (err->code && fd >= 0)
        close(fd);
    *size = err->code ? 0 : (uint64_t)st.st_size;
    return err->code ? -1 : fd;
}

/* ---- zstd ---- */

static void *zstd_alloc(void *mem, size_t size)
{
    return pf_alloc(mem, size);
}

static void zstd_free(void *mem, void *block)
{
    pf_dealloc(mem, block);
}

int ar_pack(struct ar_zstd *z, const void *data, size_t len, int level, struct pb_buf *to,
            struct pf_err *err)
{
    size_t bound = ZSTD_compressBound(len);

    if (!z->pack)
        z->pack = ZSTD_createCCtx_advanced((ZSTD_customMem){zstd_alloc, zstd_free, z->mem});
    if (!z->pack || !pb_room(to, bound))
        return ar_no_memory(err);
    ZSTD_CCtx_reset(z->pack, ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(z->pack, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(z->pack, ZSTD_c_checksumFlag, 1);
    size_t n = ZSTD_compress2(z->pack, to->at + to->n, bound, data, len);
    if (ZSTD_isError(n))
        return ar_no_memory(err);
    to->n += n;
    return 0;
}

int ar_unpack(struct ar_zstd *z, const void *data, size_t len, void *to, size_t size,
              struct pf_err *err)
{
    if (!z->unpack)
        z->unpack = ZSTD_createDCtx_advanced((ZSTD_customMem){zstd_alloc, zstd_free, z->mem});
    if (!z->unpack)
        return ar_no_memory(err);
    size_t n = ZSTD_decompressDCtx(z->unpack, to, size, data, len);
    if (ZSTD_isError(n))
        return pf_fail(err, PF_ESYNTAX, "the zstd data is damaged: %s", ZSTD_getErrorName(n));
    return n == size ? 0 : pf_fail(err, PF_ESYNTAX, "a frame holds less than the index says");
}

void ar_zstd_free(struct ar_zstd *z)
{
    ZSTD_freeCCtx(z->pack);
    ZSTD_freeDCtx(z->unpack);
    z->pack = z->unpack = NULL;
}
