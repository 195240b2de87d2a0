/* unpack.c - the gzip and zstd layers of a source. */
#define ZLIB_CONST
#define ZSTD_STATIC_LINKING_ONLY /* for ZSTD_customMem */

#include "io.h"

#include <libdeflate.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { MAX_WINDOW_LOG = 27, MAGIC = 4, MAX_STEP = 1 << 30 };

static bool is_skippable(const uint8_t *head)
{
    return (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18;
}

static bool is_zstd(const uint8_t *head)
{
    return head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd;
}

enum pf_layer_kind pf_packing_of(const uint8_t *head, size_t len)
{
    if (len >= 2 && head[0] == 0x1f && head[1] == 0x8b)
        return PF_LAYER_GZIP;
    if (len >= MAGIC && (is_zstd(head) || is_skippable(head)))
        return PF_LAYER_ZSTD;
    return PF_LAYER_RAW;
}

/* ---- memory of both libraries ---- */

static void *gzip_alloc(void *mem, unsigned n, unsigned size)
{
    return pf_alloc(mem, (size_t)n * size);
}

static void *zstd_alloc(void *mem, size_t size)
{
    return pf_alloc(mem, size);
}

static void give_back(void *mem, void *block)
{
    pf_dealloc(mem, block);
}

static bool no_memory(struct pf_source *s)
{
    pf_fail(&s->err, PF_ENOMEM, "out of memory while unpacking (see --max-memory)");
    return false;
}

bool pf_unpack_fail(struct pf_source *s, enum pf_code code, const char *what, const char *why)
{
    const struct pf_window *raw = &s->layer[0].out;

    pf_fail_offset(&s->err, code, s->bytes_read - pf_unread(raw), "%s %s", what, why);
    return false;
}

/*
 * A small file of one member that is all there is unpacked in one step: libdeflate takes half of
 * zlib's time, and small files come by the thousand. False, and nothing is changed, where that
 * cannot be done or anything is wrong: then zlib does it, and tells what is wrong.
 */
static bool gzip_at_once(struct pf_source *s, struct pf_layer *l)
{
    struct pf_window *in = &s->layer[s->top].out;
    size_t have = pf_unread(in), used = 0, size = 0, room = l->hint;
    struct libdeflate_decompressor *d;

    if (!l->whole || !(d = libdeflate_alloc_decompressor()))
        return false;
    uint8_t *to = pf_alloc(s->mem, room);
    bool done = to
                && libdeflate_gzip_decompress_ex(d, pf_unread_at(in), have, to, room, &used, &size)
                       == LIBDEFLATE_SUCCESS
                && used == have && size > 0;
    libdeflate_free_decompressor(d);
    if (!done) {
        pf_dealloc(s->mem, to);
        return false;
    }
    l->out = (struct pf_window){.own = to, .buf = to, .end = size, .cap = room};
    l->ended = true;
    in->at = in->end;
    return true;
}

static bool gzip_open(struct pf_source *s, struct pf_layer *l)
{
    if (gzip_at_once(s, l))
        return true;

    z_stream *z = pf_alloc_zero(s->mem, 1, sizeof *z);

    if (!z)
        return no_memory(s);
    z->zalloc = gzip_alloc;
    z->zfree = give_back;
    z->opaque = s->mem;
    if (inflateInit2(z, 15 + 16) != Z_OK) {
        pf_dealloc(s->mem, z);
        return no_memory(s);
    }
    l->unpacker = z;
    return true;
}

static bool zstd_open(struct pf_source *s, struct pf_layer *l)
{
    l->unpacker = ZSTD_createDCtx_advanced((ZSTD_customMem){zstd_alloc, give_back, s->mem});
    if (!l->unpacker)
        return no_memory(s);
    ZSTD_DCtx_setParameter(l->unpacker, ZSTD_d_windowLogMax, MAX_WINDOW_LOG);
    return true;
}

bool pf_unpack_open(struct pf_source *s, struct pf_layer *l)
{
    return l->kind == PF_LAYER_GZIP ? gzip_open(s, l) : zstd_open(s, l);
}

void pf_unpack_close(struct pf_mem *m, struct pf_layer *l)
{
    if (!l->unpacker)
        return;
    if (l->kind == PF_LAYER_GZIP) {
        inflateEnd(l->unpacker);
        pf_dealloc(m, l->unpacker);
    } else {
        ZSTD_freeDCtx(l->unpacker);
    }
    l->unpacker = NULL;
}

/* Bytes of the layer below, whatever frame they are in: a frame or member that has begun goes on
 * in the next frame below, as pzstd writes it. */
static size_t packed_bytes(struct pf_source *s, unsigned i, size_t want, bool go_on)
{
    size_t have = pf_layer_peek(s, i - 1, want);

    while (have == 0 && go_on && pf_layer_next(s, i - 1))
        have = pf_layer_peek(s, i - 1, want);
    return have;
}

/* ---- gzip ---- */

static bool gzip_start(struct pf_source *s, unsigned i)
{
    size_t have = packed_bytes(s, i, 2, s->joined);
    const struct pf_window *in = &s->layer[i - 1].out;

    if (have == 0)
        return false;
    if (pf_unread_at(in)[0] != 0x1f || (have > 1 && pf_unread_at(in)[1] != 0x8b))
        return pf_unpack_fail(s, PF_ESYNTAX, "something else", "follows the gzip data");
    inflateReset(s->layer[i].unpacker);
    s->layer[i].in_frame = true;
    return true;
}

static bool gzip_error(struct pf_source *s, int code, const char *why)
{
    if (code == Z_MEM_ERROR)
        return no_memory(s);
    return pf_unpack_fail(s, PF_ESYNTAX, "the gzip data is damaged:", why ? why : "bad stream");
}

static unsigned step(size_t n)
{
    return n < MAX_STEP ? (unsigned)n : MAX_STEP;
}

bool pf_fill_gzip(struct pf_source *s, unsigned i)
{
    struct pf_layer *l = &s->layer[i];
    struct pf_window *in = &s->layer[i - 1].out, *out = &l->out;
    z_stream *z = l->unpacker;

    if (!z) { /* it was unpacked at once */
        l->ended = true;
        return false;
    }
    for (;;) {
        if (!l->in_frame && !gzip_start(s, i)) {
            l->ended = true;
            return false;
        }
        size_t have = packed_bytes(s, i, 1, true);
        if (have == 0)
            return pf_unpack_fail(s, PF_ESYNTAX, "the gzip data", "is cut");

        z->next_in = pf_unread_at(in);
        z->avail_in = step(have);
        z->next_out = out->own + out->end;
        z->avail_out = step(out->cap - out->end);
        unsigned was_in = z->avail_in, was_out = z->avail_out;
        int code = inflate(z, Z_NO_FLUSH);
        in->at += was_in - z->avail_in;
        out->end += was_out - z->avail_out;
        if (code == Z_STREAM_END)
            l->in_frame = false;
        else if (code != Z_OK && code != Z_BUF_ERROR)
            return gzip_error(s, code, z->msg);
        if (was_out != z->avail_out)
            return true;
    }
}

/* ---- zstd ---- */

/* A window as large as the content when the frame tells, so that one step unpacks all of it. */
static size_t content_hint(const struct pf_window *in)
{
    unsigned long long size = ZSTD_getFrameContentSize(pf_unread_at(in), pf_unread(in));

    if (is_skippable(pf_unread_at(in)))
        return WINDOW_MAX;
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > WINDOW_MAX)
        return WINDOW_MAX;
    return (size_t)size + MIN_ROOM;
}

bool pf_zstd_start(struct pf_source *s, unsigned i)
{
    struct pf_layer *l = &s->layer[i];
    size_t have = packed_bytes(s, i, MAGIC, s->joined);
    const struct pf_window *in = &s->layer[i - 1].out;

    if (have == 0)
        return false;
    if (pf_packing_of(pf_unread_at(in), have) != PF_LAYER_ZSTD)
        return pf_unpack_fail(s, PF_ESYNTAX, "something else", "follows the zstd data");
    if (is_skippable(pf_unread_at(in)))
        s->skipped++;
    else
        s->frames++;
    if (!l->hint)
        l->hint = content_hint(in);
    ZSTD_DCtx_reset(l->unpacker, ZSTD_reset_session_only);
    l->in_frame = true;
    l->ended = false;
    return true;
}

static bool zstd_error(struct pf_source *s, size_t code)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation: return no_memory(s);
    case ZSTD_error_dictionary_wrong:
        return pf_unpack_fail(s, PF_ESYNTAX, "the zstd frame", "needs a dictionary");
    case ZSTD_error_frameParameter_windowTooLarge:
        return pf_unpack_fail(s, PF_ELIMIT, "the zstd frame",
                              "has a window of more than 128 MiB (was it made with --long?)");
    case ZSTD_error_checksum_wrong:
        return pf_unpack_fail(s, PF_ESYNTAX, "the zstd data is damaged:", "bad checksum");
    default:
        return pf_unpack_fail(s, PF_ESYNTAX, "the zstd data is damaged:", ZSTD_getErrorName(code));
    }
}

bool pf_fill_zstd(struct pf_source *s, unsigned i)
{
    struct pf_layer *l = &s->layer[i];
    struct pf_window *below = &s->layer[i - 1].out, *w = &l->out;

    for (;;) {
        if (!l->in_frame && (!s->joined || !pf_zstd_start(s, i))) {
            l->ended = true;
            return false;
        }
        size_t have = packed_bytes(s, i, 1, true);
        if (have == 0)
            return pf_unpack_fail(s, PF_ESYNTAX, "the zstd data", "is cut");

        ZSTD_inBuffer in = {pf_unread_at(below), have, 0};
        ZSTD_outBuffer out = {w->own + w->end, w->cap - w->end, 0};
        size_t left = ZSTD_decompressStream(l->unpacker, &out, &in);
        below->at += in.pos;
        w->end += out.pos;
        if (ZSTD_isError(left))
            return zstd_error(s, left);
        l->in_frame = left != 0;
        if (out.pos)
            return true;
    }
}
