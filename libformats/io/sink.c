/* sink.c - bytes out: buffered, packed on request, errors kept until commit. */
#define ZSTD_STATIC_LINKING_ONLY /* for ZSTD_customMem */

#include "io.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
    STEP = 128 * PF_KIB, /* content is packed in steps of this size, so that equal content gives
                            equal bytes however it was put */
    PACKED = 2 * STEP,   /* always room for a packed step */
    ZSTD_LEVEL = 3,
    GZIP_LEVEL = 6,
    OS_UNIX = 3,
};

struct pf_sink {
    struct pf_mem *mem;
    struct pf_err err;
    enum pf_packing packing;
    bool in_frame, in_memory;
    uint64_t frames;
    struct pf_place place; /* unless in_memory */
    uint8_t *text;         /* content on its way into the packing */
    size_t n;
    uint8_t *packed; /* unless PF_PLAIN */
    size_t n_packed;
    ZSTD_CCtx *zstd;
    z_stream *gzip;
    gz_header header;
    uint8_t *kept; /* in_memory: all bytes so far */
    size_t n_kept, cap_kept;
    locale_t c; /* numbers are printed in it, whatever locale the program is in */
};

/* ---- where the bytes go ---- */

static void keep(struct pf_sink *k, const uint8_t *p, size_t len)
{
    if (k->err.code)
        return;
    if (len > k->cap_kept - k->n_kept) {
        size_t cap = 2 * k->cap_kept < k->n_kept + len ? k->n_kept + len : 2 * k->cap_kept;
        uint8_t *grown = pf_realloc(k->mem, k->kept, cap);
        if (!grown) {
            pf_fail(&k->err, PF_ENOMEM, "out of memory");
            return;
        }
        k->kept = grown;
        k->cap_kept = cap;
    }
    memcpy(k->kept + k->n_kept, p, len);
    k->n_kept += len;
}

static void write_fd(struct pf_sink *k, const uint8_t *p, size_t len)
{
    while (len > 0 && !k->err.code) {
        ssize_t n = write(k->place.fd, p, len);
        struct pollfd wait = {.fd = k->place.fd, .events = POLLOUT};
        if (n >= 0) {
            p += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            pf_fail(&k->err, errno == EPIPE ? PF_EPIPE : PF_EIO, "cannot write: %s",
                    strerror(errno));
        }
    }
}

static void send_on(struct pf_sink *k, const uint8_t *p, size_t len)
{
    if (len && k->in_memory)
        keep(k, p, len);
    else
        write_fd(k, p, len);
}

/* ---- packing ---- */

static void *zstd_alloc(void *mem, size_t size)
{
    return pf_alloc(mem, size);
}

static void *gzip_alloc(void *mem, unsigned n, unsigned size)
{
    /* zlib compares bytes that it never wrote, harmlessly; zeros keep that out of memory checkers
     */
    return pf_alloc_zero(mem, n, size);
}

static void give_back(void *mem, void *block)
{
    pf_dealloc(mem, block);
}

static bool start_zstd(struct pf_sink *k)
{
    k->zstd = ZSTD_createCCtx_advanced((ZSTD_customMem){zstd_alloc, give_back, k->mem});
    return k->zstd
           && !ZSTD_isError(ZSTD_CCtx_setParameter(k->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL))
           && !ZSTD_isError(ZSTD_CCtx_setParameter(k->zstd, ZSTD_c_checksumFlag, 1));
}

static bool start_gzip(struct pf_sink *k)
{
    k->gzip = pf_alloc_zero(k->mem, 1, sizeof *k->gzip);
    if (!k->gzip)
        return false;
    k->gzip->zalloc = gzip_alloc;
    k->gzip->zfree = give_back;
    k->gzip->opaque = k->mem;
    k->header.os = OS_UNIX;
    if (deflateInit2(k->gzip, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK)
        return deflateSetHeader(k->gzip, &k->header) == Z_OK;
    pf_dealloc(k->mem, k->gzip);
    k->gzip = NULL;
    return false;
}

/* The least level of all finds nothing to pack in profiles, and stores blocks as they are. */
void pf_leave_unpacked(struct pf_sink *k)
{
    if (k->zstd)
        ZSTD_CCtx_setParameter(k->zstd, ZSTD_c_compressionLevel, ZSTD_minCLevel());
}

static void drain(struct pf_sink *k)
{
    send_on(k, k->packed, k->n_packed);
    k->n_packed = 0;
}

static void pack_zstd(struct pf_sink *k, bool end)
{
    ZSTD_inBuffer in = {k->text, k->n, 0};
    size_t left;

    do {
        /* zstd packs in another way when it cannot put a step in one piece */
        if (PACKED - k->n_packed < ZSTD_compressBound(STEP))
            drain(k);
        ZSTD_outBuffer out = {k->packed, PACKED, k->n_packed};
        left = ZSTD_compressStream2(k->zstd, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            pf_fail(&k->err, PF_ENOMEM, "zstd: %s", ZSTD_getErrorName(left));
            return;
        }
        k->n_packed = out.pos;
    } while (in.pos < in.size || (end && left));
}

static void pack_gzip(struct pf_sink *k, bool end)
{
    z_stream *z = k->gzip;
    int code;

    z->next_in = k->text;
    z->avail_in = (unsigned)k->n;
    do {
        if (k->n_packed == PACKED)
            drain(k);
        z->next_out = k->packed + k->n_packed;
        z->avail_out = (unsigned)(PACKED - k->n_packed);
        code = deflate(z, end ? Z_FINISH : Z_NO_FLUSH);
        k->n_packed = PACKED - z->avail_out;
    } while (code == Z_OK && (z->avail_in || end));
    if (code == Z_STREAM_ERROR)
        pf_fail(&k->err, PF_EVALUE, "zlib refuses to pack");
    if (end && (deflateReset(z) != Z_OK || deflateSetHeader(z, &k->header) != Z_OK))
        pf_fail(&k->err, PF_EVALUE, "zlib refuses to go on");
}

/* Empties the text buffer into the packing, or straight out. */
static void flush(struct pf_sink *k, bool end)
{
    if (!k->err.code) {
        switch (k->packing) {
        case PF_PLAIN: send_on(k, k->text, k->n); break;
        case PF_ZSTD: pack_zstd(k, end); break;
        case PF_GZIP: pack_gzip(k, end); break;
        }
    }
    k->n = 0;
}

void pf_end_frame(struct pf_sink *k)
{
    if (k->in_frame)
        flush(k, true);
    k->frames += k->in_frame;
    k->in_frame = false;
    if (k->in_memory && k->packing != PF_PLAIN)
        drain(k);
}

/* ---- put ---- */

void pf_put(struct pf_sink *k, const void *data, size_t len)
{
    const uint8_t *p = data;

    if (len == 0 || k->err.code)
        return;
    k->in_frame = true;
    if (k->packing == PF_PLAIN && len >= STEP) {
        flush(k, false);
        send_on(k, p, len);
        return;
    }
    while (len > 0) {
        size_t part = STEP - k->n < len ? STEP - k->n : len;
        memcpy(k->text + k->n, p, part);
        k->n += part;
        p += part;
        len -= part;
        if (k->n == STEP)
            flush(k, false);
    }
}

void pf_puts(struct pf_sink *k, const char *s)
{
    pf_put(k, s, strlen(s));
}

PF_PRINTF(4, 0)
static int print(const struct pf_sink *k, char *to, size_t size, const char *fmt, va_list ap)
{
    locale_t was = k->c ? uselocale(k->c) : (locale_t)0;
    int n = vsnprintf(to, size, fmt, ap);

    if (was)
        uselocale(was);
    return n;
}

void pf_printf(struct pf_sink *k, const char *fmt, ...)
{
    char small[512];
    va_list ap;

    va_start(ap, fmt);
    int n = print(k, small, sizeof small, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof small) {
        pf_put(k, small, (size_t)n);
        return;
    }
    char *big = n < 0 ? NULL : pf_alloc(k->mem, (size_t)n + 1);
    if (!big) {
        pf_fail(&k->err, PF_ENOMEM, "out of memory for a line of output");
        return;
    }
    va_start(ap, fmt);
    print(k, big, (size_t)n + 1, fmt, ap);
    va_end(ap);
    pf_put(k, big, (size_t)n);
    pf_dealloc(k->mem, big);
}

/* ---- begin and end ---- */

static void free_sink(struct pf_sink *k)
{
    ZSTD_freeCCtx(k->zstd);
    if (k->gzip)
        deflateEnd(k->gzip);
    if (k->c)
        freelocale(k->c);
    pf_dealloc(k->mem, k->gzip);
    pf_dealloc(k->mem, k->text);
    pf_dealloc(k->mem, k->packed);
    pf_dealloc(k->mem, k->kept);
    pf_dealloc(k->mem, k);
}

static struct pf_sink *new_sink(struct pf_mem *m, enum pf_packing packing, struct pf_err *err)
{
    struct pf_sink *k = pf_alloc_zero(m, 1, sizeof *k);

    if (k) {
        k->mem = m;
        k->place.fd = -1;
        k->packing = packing;
        k->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        k->text = pf_alloc(m, STEP);
        k->packed = packing == PF_PLAIN ? NULL : pf_alloc(m, PACKED);
        if (k->text && (packing == PF_PLAIN || k->packed) && (packing != PF_ZSTD || start_zstd(k))
            && (packing != PF_GZIP || start_gzip(k)))
            return k;
        free_sink(k);
    }
    pf_fail(err, PF_ENOMEM, "out of memory");
    return NULL;
}

struct pf_sink *pf_create(struct pf_mem *m, const char *path, enum pf_packing packing,
                          struct pf_err *err)
{
    struct pf_sink *k = new_sink(m, packing, err);

    if (!k)
        return NULL;
    if (!path || strcmp(path, "-") == 0) {
        k->place.fd = STDOUT_FILENO;
    } else if (pf_place_open(m, path, &k->place, err) < 0) {
        free_sink(k);
        return NULL;
    }
    return k;
}

struct pf_sink *pf_create_mem(struct pf_mem *m, enum pf_packing packing, struct pf_err *err)
{
    struct pf_sink *k = new_sink(m, packing, err);

    if (k)
        k->in_memory = true;
    return k;
}

int pf_sink_check(const struct pf_sink *k, struct pf_err *err)
{
    if (!k->err.code)
        return 0;
    if (!err->code)
        *err = k->err;
    return -1;
}

int pf_commit(struct pf_sink *k, struct pf_err *err)
{
    struct pf_mem *m = k->mem;

    if (k->frames == 0 && k->packing != PF_PLAIN)
        k->in_frame = true; /* no content is an empty frame, not an empty file */
    pf_end_frame(k);
    if (k->packing != PF_PLAIN)
        drain(k);
    if (!k->err.code && !k->in_memory)
        pf_place_keep(m, &k->place, &k->err);
    else
        pf_place_drop(m, &k->place);

    int rc = k->err.code ? -1 : 0;
    if (rc && err->code == PF_OK)
        *err = k->err;
    free_sink(k);
    return rc;
}

void pf_abandon(struct pf_sink *k)
{
    if (!k)
        return;
    pf_place_drop(k->mem, &k->place);
    free_sink(k);
}

const char *pf_sink_temp(const struct pf_sink *k)
{
    return k->place.temp;
}

const uint8_t *pf_sink_bytes(const struct pf_sink *k, size_t *len)
{
    *len = k->n_kept;
    return k->kept;
}
