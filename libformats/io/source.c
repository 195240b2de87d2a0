/* source.c - bytes in: a file, a pipe or memory, unpacked, as a window to peek at or as lines. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BAD_CHAR = 0xfffd };

/* ---- windows ---- */

/*
 * Makes room for at least MIN_ROOM more bytes. Unread bytes are moved down only when as many were
 * read before, so that each byte is moved a bounded number of times.
 */
static bool make_room(struct pf_source *s, struct pf_layer *l)
{
    struct pf_window *w = &l->out;
    size_t unread = pf_unread(w);

    bool was_full = w->cap - w->end < MIN_ROOM;

    if (unread == 0)
        w->at = w->end = 0;
    if (w->at && w->at >= unread && w->cap - w->end < w->cap / 2) {
        memmove(w->own, w->own + w->at, unread);
        w->end = unread;
        w->at = 0;
    }
    /* A window that was drained and is full again was made too small by its hint. */
    if (w->cap - w->end >= MIN_ROOM && !(was_full && unread == 0 && w->cap < WINDOW_MAX))
        return true;

    size_t cap = w->cap ? 2 * w->cap : l->hint < WINDOW_MIN ? WINDOW_MIN : l->hint;
    uint8_t *grown = pf_realloc(s->mem, w->own, cap);
    if (!grown) {
        pf_fail(&s->err, PF_ENOMEM, "out of memory for %zu KiB of input (see --max-memory)",
                cap / PF_KIB);
        return false;
    }
    w->buf = w->own = grown;
    w->cap = cap;
    return true;
}

/* ---- layers ---- */

static bool fill_raw(struct pf_source *s, struct pf_layer *l)
{
    struct pf_window *w = &l->out;
    ssize_t n = pf_read_more(s, w->own + w->end, w->cap - w->end);

    if (n <= 0) {
        l->ended = true;
        return false;
    }
    w->end += (size_t)n;
    s->bytes_read += (uint64_t)n;
    return true;
}

static uint8_t *put_utf8(uint8_t *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (uint8_t)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (uint8_t)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (uint8_t)(0xe0 | code >> 12);
        } else {
            *to++ = (uint8_t)(0xf0 | code >> 18);
            *to++ = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        }
        *to++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    }
    *to++ = (uint8_t)(0x80 | (code & 0x3f));
    return to;
}

static uint32_t utf16_unit(const struct pf_layer *l, const uint8_t *at)
{
    return l->big_endian ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

/* The character at `at`; *used is 0 when its second half is not there yet. */
static uint32_t utf16_char(const struct pf_layer *l, const uint8_t *at, size_t len, bool last,
                           size_t *used)
{
    *used = len < 2 ? len : 2;
    if (len < 2)
        return BAD_CHAR;
    uint32_t high = utf16_unit(l, at);
    if (high < 0xd800 || high > 0xdfff)
        return high;
    if (high > 0xdbff)
        return BAD_CHAR;
    if (len < 4) {
        *used = last ? 2 : 0;
        return BAD_CHAR;
    }
    uint32_t low = utf16_unit(l, at + 2);
    if (low < 0xdc00 || low > 0xdfff)
        return BAD_CHAR;
    *used = 4;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static bool fill_utf16(struct pf_source *s, unsigned i)
{
    struct pf_layer *l = &s->layer[i];
    struct pf_window *in = &s->layer[i - 1].out, *out = &l->out;
    size_t have = pf_layer_peek(s, i - 1, 4);
    bool last = have < 4;
    uint8_t *to = out->own + out->end, *stop = out->own + out->cap - 4;

    if (have == 0 || s->err.code) {
        l->ended = true;
        return false;
    }
    for (size_t used = 1; to <= stop && pf_unread(in) >= (last ? 1 : 2) && used; in->at += used) {
        uint32_t code = utf16_char(l, pf_unread_at(in), pf_unread(in), last, &used);
        if (used)
            to = put_utf8(to, code);
    }
    out->end = (size_t)(to - out->own);
    return true;
}

static bool fill(struct pf_source *s, unsigned i)
{
    struct pf_layer *l = &s->layer[i];

    if (s->err.code || l->ended || !make_room(s, l))
        return false;
    switch (l->kind) {
    case PF_LAYER_GZIP: return pf_fill_gzip(s, i);
    case PF_LAYER_ZSTD: return pf_fill_zstd(s, i);
    case PF_LAYER_UTF16: return fill_utf16(s, i);
    case PF_LAYER_RAW: break;
    }
    return fill_raw(s, l);
}

size_t pf_layer_peek(struct pf_source *s, unsigned i, size_t want)
{
    while (pf_unread(&s->layer[i].out) < want && fill(s, i)) {
    }
    return pf_unread(&s->layer[i].out);
}

bool pf_layer_next(struct pf_source *s, unsigned i)
{
    return s->layer[i].kind == PF_LAYER_ZSTD && !s->layer[i].in_frame && pf_zstd_start(s, i);
}

/* ---- the pile ---- */

/*
 * The size that a gzip file tells at its end. Of a file that is not too large all of the packed
 * bytes are taken into the window below; then, if the size may be true, it can be unpacked in one
 * step.
 */
static void gzip_hint(struct pf_source *s, struct pf_layer *l)
{
    const struct pf_window *in = &s->layer[0].out;

    l->hint = WINDOW_MAX;
    if (s->top != 0 || s->size < 18 || s->size > ONCE_PACKED
        || pf_layer_peek(s, 0, (size_t)s->size) != s->size)
        return;

    const uint8_t *tail = in->buf + in->end - 4;
    size_t size = tail[0] | (size_t)tail[1] << 8 | (size_t)tail[2] << 16 | (size_t)tail[3] << 24;
    if (size >= ONCE_UNPACKED || size / MAX_RATIO > s->size)
        return;
    l->hint = size + MIN_ROOM;
    l->whole = true;
}

static bool push(struct pf_source *s, enum pf_layer_kind kind)
{
    struct pf_layer *l = &s->layer[s->top + 1];

    *l = (struct pf_layer){.kind = kind};
    if (kind == PF_LAYER_GZIP)
        gzip_hint(s, l);
    if (kind == PF_LAYER_UTF16)
        l->hint = WINDOW_MAX / 4;
    else if (!pf_unpack_open(s, l))
        return false;
    s->top++;
    return kind != PF_LAYER_ZSTD || pf_zstd_start(s, s->top);
}

static void pop(struct pf_source *s)
{
    struct pf_layer *l = &s->layer[s->top--];

    pf_unpack_close(s->mem, l);
    pf_dealloc(s->mem, l->out.own);
    *l = (struct pf_layer){0};
}

/* Piles up layers until the content is not packed. */
static void unpack(struct pf_source *s)
{
    for (;;) {
        size_t have = pf_layer_peek(s, s->top, 4);
        enum pf_layer_kind kind = pf_packing_of(pf_unread_at(&s->layer[s->top].out), have);

        if (kind == PF_LAYER_RAW || s->err.code)
            return;
        if (s->top == MAX_UNPACK) {
            pf_fail(&s->err, PF_ELIMIT, "packed more than twice");
            return;
        }
        if (!push(s, kind))
            return;
    }
}

/* Goes on to the next frame of the uppermost layer that has one; false: no layer has. */
static bool advance(struct pf_source *s)
{
    for (;; pop(s)) {
        if (pf_layer_next(s, s->top))
            return true;
        if (s->top == 0 || s->err.code)
            return false;
    }
}

/* Stops at the first byte of content from here on; false: there is none. */
static bool settle(struct pf_source *s)
{
    do {
        unpack(s);
        if (pf_layer_peek(s, s->top, 1) && !s->err.code)
            return true;
    } while (!s->err.code && advance(s));
    return false;
}

static void begin(struct pf_source *s)
{
    if (s->started)
        return;
    s->started = true;
    if (!settle(s) && s->skipped && !s->frames)
        pf_unpack_fail(s, PF_ESYNTAX, "the zstd file", "holds no data, only skippable frames");
}

/* ---- open and close ---- */

static struct pf_source *new_source(struct pf_mem *m, struct pf_err *err)
{
    struct pf_source *s = pf_alloc_zero(m, 1, sizeof *s);

    if (s)
        s->mem = m;
    else
        pf_fail(err, PF_ENOMEM, "out of memory");
    return s;
}

/* Looks at what was opened: no folders, and a window no larger than the file. */
static int look(struct pf_source *s)
{
    struct stat st;

    if (fstat(s->fd, &st) < 0)
        return pf_fail(&s->err, PF_EIO, "cannot open: %s", strerror(errno));
    if (S_ISDIR(st.st_mode))
        return pf_fail(&s->err, PF_EIO, "cannot read: is a directory");
    s->layer[0].hint = WINDOW_MAX;
    if (S_ISREG(st.st_mode) && st.st_size > 0) {
        s->size = (uint64_t)st.st_size;
        if (s->size < WINDOW_MAX - MIN_ROOM)
            s->layer[0].hint = (size_t)s->size + MIN_ROOM;
    }
    return 0;
}

struct pf_source *pf_open(struct pf_mem *m, const char *path, struct pf_err *err)
{
    bool from_stdin = !path || strcmp(path, "-") == 0;
    struct pf_source *s = new_source(m, err);

    if (!s)
        return NULL;
    do
        s->fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (s->fd < 0 && errno == EINTR);
    if (s->fd < 0)
        pf_fail(&s->err, PF_EIO, "cannot open: %s", strerror(errno));
    else
        look(s);
    if (pf_source_check(s, err) == 0)
        return s;
    pf_close(s);
    return NULL;
}

struct pf_source *pf_open_mem(struct pf_mem *m, const void *data, size_t len, struct pf_err *err)
{
    struct pf_source *s = new_source(m, err);

    if (!s)
        return NULL;
    s->fd = -1;
    s->size = s->bytes_read = len;
    s->layer[0].ended = true;
    s->layer[0].out = (struct pf_window){.buf = len ? data : "", .end = len};
    return s;
}

/* ---- repeats ---- */

static void drop_runs(struct pf_source *s)
{
    while (s->next_run < s->n_runs)
        pf_free(s->run[s->next_run++]);
    pf_dealloc(s->mem, s->run);
    s->run = NULL;
}

void pf_source_keep_runs(struct pf_source *s, struct pf_profile **run, uint32_t n)
{
    drop_runs(s);
    s->run = run;
    s->n_runs = n;
    s->next_run = 0;
}

struct pf_profile *pf_source_take_run(struct pf_source *s)
{
    return s->next_run < s->n_runs ? s->run[s->next_run++] : NULL;
}

/* ---- the end ---- */

void pf_close(struct pf_source *s)
{
    if (!s)
        return;
    while (s->top > 0)
        pop(s);
    drop_runs(s);
    pf_dealloc(s->mem, s->layer[0].out.own);
    if (s->fd > STDIN_FILENO)
        close(s->fd);
    pf_dealloc(s->mem, s);
}

/* ---- peek and skip ---- */

const uint8_t *pf_peek(struct pf_source *s, size_t want, size_t *have)
{
    begin(s);
    size_t unread = pf_layer_peek(s, s->top, want);
    *have = s->err.code ? 0 : unread;
    return *have ? pf_unread_at(&s->layer[s->top].out) : NULL;
}

void pf_skip(struct pf_source *s, size_t n)
{
    struct pf_window *w = &s->layer[s->top].out;

    n = n < pf_unread(w) ? n : pf_unread(w);
    w->at += n;
    s->offset += n;
}

bool pf_next_frame(struct pf_source *s)
{
    begin(s);
    while (pf_layer_peek(s, s->top, 1) && !s->err.code) {
        s->layer[s->top].out.at = s->layer[s->top].out.end;
        if (s->top == 0) /* nothing can follow, so nothing needs to be read to find out */
            s->layer[0].ended = true;
    }
    s->offset = s->line = 0;
    return !s->err.code && !s->joined && advance(s) && settle(s);
}

void pf_join_frames(struct pf_source *s)
{
    begin(s);
    s->joined = true;
    for (unsigned i = 1; i <= s->top; i++)
        s->layer[i].ended = false;
}

/* ---- lines ---- */

void pf_text(struct pf_source *s)
{
    size_t have;
    const uint8_t *at = pf_peek(s, 3, &have);

    if (s->offset || have < 2 || pf_source_utf16(s))
        return;
    if (have >= 3 && at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf) {
        pf_skip(s, 3);
    } else if ((at[0] == 0xff && at[1] == 0xfe) || (at[0] == 0xfe && at[1] == 0xff)) {
        bool big_endian = at[0] == 0xfe;
        s->layer[s->top].out.at += 2;
        push(s, PF_LAYER_UTF16);
        s->layer[s->top].big_endian = big_endian;
    }
}

const char *pf_line(struct pf_source *s, size_t *len)
{
    size_t seen = 0;

    begin(s);
    *len = 0;
    for (;;) {
        struct pf_window *w = &s->layer[s->top].out;
        size_t have = pf_unread(w);
        const uint8_t *at = pf_unread_at(w);
        const uint8_t *end = have > seen ? memchr(at + seen, '\n', have - seen) : NULL;

        seen = have;
        if ((end ? (size_t)(end - at) : have) > PF_MAX_LINE + 1u) {
            pf_fail_line(&s->err, PF_ELIMIT, s->line + 1, "the line is longer than %d MiB",
                         PF_MAX_LINE / PF_MIB);
            return NULL;
        }
        if (!end && fill(s, s->top))
            continue;
        if (s->err.code || have == 0)
            return NULL;
        s->line++;
        *len = end ? (size_t)(end - at) : have;
        at = pf_unread_at(w); /* a vain attempt to fill may have moved it */
        pf_skip(s, *len + (end != NULL));
        if (end && *len && at[*len - 1] == '\r')
            --*len;
        return (const char *)at;
    }
}

/* ---- what is known ---- */

uint64_t pf_offset(const struct pf_source *s)
{
    return s->offset;
}

uint64_t pf_line_number(const struct pf_source *s)
{
    return s->line;
}

uint64_t pf_bytes_read(const struct pf_source *s)
{
    return s->bytes_read;
}

struct pf_mem *pf_source_mem(const struct pf_source *s)
{
    return s->mem;
}

bool pf_source_utf16(const struct pf_source *s)
{
    return s->layer[s->top].kind == PF_LAYER_UTF16;
}

int pf_source_check(const struct pf_source *s, struct pf_err *err)
{
    if (s->err.code == PF_OK)
        return 0;
    if (err->code == PF_OK)
        *err = s->err;
    return -1;
}
