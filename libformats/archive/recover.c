/*
 * recover.c - what is whole in a broken archive. Zstd frames are looked for in the bytes of the
 * file, members of the tar in what they unpack to, as far as they do; a member counts when its
 * content has the hash that its name says. A zip is read for as long as libarchive can.
 */
#include "ar.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { STEP = 256 * PF_KIB, KEEP = 16 };

struct salvage {
    struct pf_mem *mem;
    struct pf_build *b;
    struct pf_entries e; /* lines of the manifest that are whole */
    bool manifest, manifest_whole;
    bool *taken;         /* lines of it whose profiles are there */
    struct pb_buf tar;   /* what is not taken yet */
    uint64_t bytes, max; /* unpacked so far */
    bool full;           /* that was as much as is allowed */
    const struct pf_archive_how *how;
    int64_t lost;
    struct pf_err *err;
};

PF_PRINTF(2, 3) static void lost(struct salvage *s, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    s->lost++;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    s->how->tell(s->how->ctx, text);
}

/* Counts what was unpacked; returns how much of it is within what is allowed. */
static size_t within(struct salvage *s, size_t len)
{
    uint64_t room = s->max - s->bytes;

    s->full = len > room;
    if (s->full)
        lost(s, "what lies behind %llu unpacked bytes (see --max-unpacked)",
             (unsigned long long)s->max);
    len = s->full ? (size_t)room : len;
    s->bytes += len;
    return len;
}

static bool ends(const struct salvage *s)
{
    return s->full || s->err->code;
}

/* ---- members ---- */

/* What is wrong with a profile is a loss; what is wrong with us ends it all. */
static void take_error(struct salvage *s, const char *name, const struct pf_err *err)
{
    if (err->code == PF_ENOMEM || err->code == PF_EIO)
        *s->err = *err;
    else if (err->code)
        lost(s, "%s: %s", name, err->msg);
}

/* A line of the manifest is believed for its labels only: the rest is what the profile says. */
static void take_line(struct salvage *s, uint32_t line, const struct pf_profile *p,
                      const uint8_t hash[PF_HASH], size_t size)
{
    struct pf_entries *e = &s->b->e;
    struct pf_err err = {0};
    char name[AR_NAME];

    s->taken[line] = true;
    if (ar_entry_copy(e, &s->e, line, s->err) < 0)
        return;
    struct pf_entry *to = &e->at[e->n - 1];
    memcpy(to->hash, hash, PF_HASH);
    to->size = size;
    e->n_types = to->type;
    to->n_types = 0;
    if (ar_entry_describe(e, to, p, &err) == 0)
        return;
    ar_entry_drop(e);
    ar_member_name(hash, name);
    take_error(s, name, &err);
}

/* The profile of a member whose name is the hash of its bytes. One whose line is lost tells for
 * itself, but its labels are gone. */
static void take_profile(struct salvage *s, const char *name, const uint8_t hash[PF_HASH],
                         const struct pf_profile *p)
{
    uint32_t line = ar_entries_find(&s->e, 0, s->e.n, hash);
    uint8_t real[PF_HASH];
    const uint8_t *content;
    struct pf_err err = {0};
    size_t len;

    if (line == s->e.n) {
        if (pf_build_add(s->b, p, NULL, 0, NULL, &err) == 0)
            lost(s, "%s: its labels", name);
        take_error(s, name, &err);
        return;
    }
    struct pf_sink *k = ar_encode(s->mem, p, &content, &len, s->err);
    if (!k)
        return;
    ar_sha256(content, len, real);
    if (memcmp(real, hash, PF_HASH) != 0)
        lost(s, "%s: its id: it was not in canonical form", name);
    if (ar_build_content(s->b, real, content, len, s->err) == 0)
        for (; !s->err->code && line < s->e.n && memcmp(s->e.at[line].hash, hash, PF_HASH) == 0;
             line++)
            take_line(s, line, p, real, len);
    pf_abandon(k);
}

static void take_content(struct salvage *s, const char *name, const uint8_t hash[PF_HASH],
                         const uint8_t *data, size_t len)
{
    struct pf_err err = {0};
    struct pf_source *in = pf_open_mem(s->mem, data, len, &err);
    struct pf_profile *p = in ? pf_load(in, pf_format_named("pb"), &err) : NULL;

    if (p)
        take_profile(s, name, hash, p);
    take_error(s, name, &err);
    pf_free(p);
    pf_close(in);
}

static void take_manifest(struct salvage *s, const uint8_t *text, size_t len, bool whole)
{
    struct pf_err err = {0};

    if (s->manifest)
        return;
    s->manifest = true;
    s->manifest_whole = ar_manifest_parse(&s->e, text, len, &err) == 0 && whole;
    s->taken = pf_alloc_zero(s->mem, (size_t)s->e.n + 1, sizeof *s->taken);
    if (err.code == PF_ENOMEM)
        *s->err = err;
    else if (!s->taken)
        ar_no_memory(s->err);
}

/* Whether the member of this name was taken. That its content is there does not tell: another
 * member that was not in canonical form may have become the same, and its lines are not these. */
static bool is_taken(const struct salvage *s, const uint8_t hash[PF_HASH])
{
    uint32_t line = ar_entries_find(&s->e, 0, s->e.n, hash);

    return line < s->e.n ? s->taken && s->taken[line] : ar_build_has(s->b, hash);
}

static void take_member(struct salvage *s, const char *name, const uint8_t *data, size_t len)
{
    uint8_t hash[PF_HASH], real[PF_HASH];

    if (strcmp(name, AR_MANIFEST) == 0) {
        take_manifest(s, data, len, true);
        return;
    }
    if (!ar_member_hash(name, hash) || is_taken(s, hash))
        return;
    ar_sha256(data, len, real);
    if (memcmp(hash, real, PF_HASH) == 0)
        take_content(s, name, hash, data, len);
    /* otherwise told later, as missing */
}

/* ---- the tar ---- */

static bool header(const uint8_t *at, char name[101], uint64_t *size)
{
    memcpy(name, at, 100);
    name[100] = 0;
    return ar_tar_size(at, size);
}

static bool is_known(const char *name)
{
    uint8_t hash[PF_HASH];

    return strcmp(name, AR_MANIFEST) == 0 || ar_member_hash(name, hash);
}

/* Takes whole members from the front of s->tar. At the end of what there is (`last`), the part of a
 * manifest that is there is taken, too. */
static void take_tar(struct salvage *s, bool last)
{
    size_t at = 0;
    char name[101];
    uint64_t size;

    while (at + AR_BLOCK <= s->tar.n && !s->err->code) {
        const uint8_t *head = s->tar.at + at;
        if (!header(head, name, &size) || !is_known(name) || size > PF_ARCHIVE_MEMBER) {
            at += AR_BLOCK;
            continue;
        }
        size_t left = s->tar.n - at - AR_BLOCK;
        uint64_t whole = (size + AR_BLOCK - 1) / AR_BLOCK * AR_BLOCK; /* the next header follows */
        if (size > left || (whole > left && !last)) {
            if (last && strcmp(name, AR_MANIFEST) == 0)
                take_manifest(s, head + AR_BLOCK, left, false);
            if (!last)
                break;
            at += AR_BLOCK;
            continue;
        }
        take_member(s, name, head + AR_BLOCK, (size_t)size);
        at += AR_BLOCK + (size_t)whole;
    }
    at = at < s->tar.n ? at : s->tar.n;
    if (at && s->tar.n > at)
        memmove(s->tar.at, s->tar.at + at, s->tar.n - at);
    s->tar.n = last ? 0 : s->tar.n - at;
}

static void add_tar(struct salvage *s, const uint8_t *data, size_t len)
{
    pb_bytes(&s->tar, data, within(s, len));
    if (s->tar.failed)
        ar_no_memory(s->err);
    else
        take_tar(s, false);
}

/* ---- zstd frames ---- */

struct frames {
    struct salvage *s;
    int fd;
    uint64_t size;
    ZSTD_DCtx *d;
    uint8_t *in, *out; /* STEP bytes each */
};

/* Unpacks the frame at `at`; returns how many bytes it takes, 0 when it is damaged or cut. */
static uint64_t unpack_frame(struct frames *f, uint64_t at)
{
    uint64_t from = at;
    size_t left = 1;

    ZSTD_DCtx_reset(f->d, ZSTD_reset_session_only);
    while (left && at < f->size) {
        size_t n = f->size - at < STEP ? (size_t)(f->size - at) : STEP;
        if (ar_read_at(f->fd, f->in, n, at, f->s->err) < 0)
            return 0;
        ZSTD_inBuffer in = {f->in, n, 0};
        while (left && in.pos < in.size) {
            ZSTD_outBuffer out = {f->out, STEP, 0};
            left = ZSTD_decompressStream(f->d, &out, &in);
            if (ZSTD_isError(left))
                return 0;
            add_tar(f->s, f->out, out.pos);
            if (ends(f->s))
                return 0;
        }
        at += in.pos;
    }
    return left ? 0 : at - from;
}

static bool starts_frame(const uint8_t *p)
{
    return pf_packing_of(p, 4) == PF_LAYER_ZSTD;
}

/* The next place from `at` on where a frame may begin; the size of the file: none. */
static uint64_t next_magic(struct frames *f, uint64_t at)
{
    for (size_t step = 4; at + 4 <= f->size; step = STEP) {
        size_t n = f->size - at < step ? (size_t)(f->size - at) : step;
        if (ar_read_at(f->fd, f->in, n, at, f->s->err) < 0)
            return f->size;
        for (size_t i = 0; i + 4 <= n; i++)
            if (starts_frame(f->in + i))
                return at + i;
        at += n - 3;
    }
    return f->size;
}

/* False: there is no frame in the file at all. */
static bool take_frames(struct frames *f)
{
    uint64_t at = next_magic(f, 0);
    bool any = at < f->size;

    while (at < f->size && !ends(f->s)) {
        uint64_t used = unpack_frame(f, at);
        if (!used)
            take_tar(f->s, true);                   /* a member does not go on behind damage */
        at = next_magic(f, at + (used ? used : 1)); /* which mostly is right there */
    }
    take_tar(f->s, true);
    return any;
}

static void take_plain(struct frames *f)
{
    for (uint64_t at = 0; at < f->size && !ends(f->s); at += STEP) {
        size_t n = f->size - at < STEP ? (size_t)(f->size - at) : STEP;
        if (ar_read_at(f->fd, f->in, n, at, f->s->err) == 0)
            add_tar(f->s, f->in, n);
    }
    take_tar(f->s, true);
}

static void take_tar_file(struct salvage *s, int fd, uint64_t size)
{
    struct frames f = {
        s, fd, size, ZSTD_createDCtx(), pf_alloc(s->mem, STEP), pf_alloc(s->mem, STEP)};

    if (!f.d || !f.in || !f.out)
        ar_no_memory(s->err);
    else if (!take_frames(&f))
        take_plain(&f);
    ZSTD_freeDCtx(f.d);
    pf_dealloc(s->mem, f.in);
    pf_dealloc(s->mem, f.out);
}

/* ---- zip ---- */

/* False: that was the last one. The content of others is unpacked, too, so it counts. */
static bool take_zip_member(struct salvage *s, struct archive *a, const char *name)
{
    struct pb_buf data = {.mem = s->mem};
    bool known = name && is_known(name);
    la_ssize_t n = 1;

    while (n > 0 && pb_room(&data, STEP) && data.n <= PF_ARCHIVE_MEMBER && !s->full) {
        n = archive_read_data(a, data.at + data.n, STEP);
        size_t got = within(s, n > 0 ? (size_t)n : 0);
        data.n += known ? got : 0;
    }
    if (data.failed)
        ar_no_memory(s->err);
    else if (known && n == 0)
        take_member(s, name, data.at, data.n);
    else if (known && strcmp(name, AR_MANIFEST) == 0)
        take_manifest(s, data.at, data.n, false);
    pf_dealloc(s->mem, data.at);
    return n >= 0 && !ends(s);
}

/* From local header to local header, as the directory at the end may be gone. */
static void take_zip(struct salvage *s, int fd)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;

    if (!a) {
        ar_no_memory(s->err);
        return;
    }
    archive_read_support_format_zip_streamable(a);
    if (lseek(fd, 0, SEEK_SET) == 0 && archive_read_open_fd(a, fd, STEP) == ARCHIVE_OK)
        for (bool more = true; more;) {
            int got = archive_read_next_header(a, &entry);
            const char *name = got >= ARCHIVE_WARN ? archive_entry_pathname(entry) : NULL;
            more = got >= ARCHIVE_WARN && got != ARCHIVE_EOF && take_zip_member(s, a, name);
        }
    archive_read_free(a);
}

/* ---- the sum of it ---- */

static void tell_missing(struct salvage *s)
{
    char id[PF_ID_TEXT];

    for (uint32_t i = 0; i < s->e.n; i++) {
        if (s->taken[i])
            continue;
        pf_id_text(s->e.at[i].hash, id);
        lost(s, "sha256-%s.pb: the profile", id);
    }
    if (!s->manifest)
        lost(s, "the manifest: labels, and which profiles there were");
    else if (!s->manifest_whole)
        lost(s, "a part of the manifest: labels, and which profiles there were");
}

static void take_file(struct salvage *s, int fd, uint64_t size)
{
    uint8_t head[2] = {0};

    if (size >= 2 && ar_read_at(fd, head, 2, 0, s->err) == 0 && memcmp(head, "PK", 2) == 0)
        take_zip(s, fd);
    else if (!s->err->code)
        take_tar_file(s, fd, size);
    if (!s->err->code && !s->manifest && s->b->n == 0)
        pf_fail(s->err, PF_EFORMAT, "nothing of an archive of ours is in it");
    if (!s->err->code)
        tell_missing(s);
}

int64_t pf_archive_recover(struct pf_mem *m, const char *path, const struct pf_archive_how *how,
                           struct pf_build *b, struct pf_err *err)
{
    struct salvage s = {.mem = m, .b = b, .tar.mem = m, .how = how, .err = err};
    uint64_t size;
    int fd = ar_open(path, &size, err);

    s.max = how->max_unpacked ? how->max_unpacked : ar_max_unpacked(size);
    if (fd >= 0 && ar_entries_init(m, &s.e, err) == 0)
        take_file(&s, fd, size);
    ar_entries_free(&s.e);
    pf_dealloc(m, s.taken);
    pf_dealloc(m, s.tar.at);
    if (fd >= 0)
        close(fd);
    return err->code ? -1 : s.lost;
}
