/*
 * layout.c - an archive as bytes. A tar in zstd frames: the manifest, members sorted by hash, the
 * end of the tar, the index. Frames that would hold what a frame of the old archive holds are
 * copied from there as they are.
 *
 * What else could be shared was tried on 1,000 related profiles (139.5 MB of pprof, 44.6 MB as
 * .pb.gz in a zip): frames of 4 MiB at level 9 take 17.6 MB, of 16 MiB 16.1, one frame for
 * all 15.6, with a window of 128 MiB 14.2; level 12 in frames of 4 MiB 17.2. What a frame does not
 * share with others is thus a fifth, for which one profile could not be read without the rest. A
 * trained dictionary in a skippable frame would keep every other tar from opening the file: zstd
 * needs it from outside, and none looks for it there.
 *
 * Profiles of several programs lie mixed, as a hash is a throw of dice, and a frame of 30 holds few
 * of each: 1,000 of 4 programs take 22.8 MB, of 20 programs 29.3. With those of a program side by
 * side it is 19.5 and 19.9, by what their smallest hashes of names are 19.7 and 20.6, by size 22.7
 * and 28.3; frames of 16 MiB in the order of hashes 19.8 and 25.9. So an archive for each program
 * is a seventh to a third smaller than one for all. Another order than that of hashes would need a
 * key of each member in the index, for frames to be copied without being unpacked.
 */
#include "ar.h"

#include <string.h>

static struct pf_sink *manifest_of(struct pf_build *b, const uint8_t **text, size_t *len,
                                   struct pf_err *err)
{
    struct pf_sink *k = pf_create_mem(b->mem, PF_PLAIN, err);

    if (!k)
        return NULL;
    for (uint32_t i = 0; i < b->e.n; i++) {
        pf_entry_json(&b->e, i, k);
        pf_puts(k, "\n");
    }
    pf_end_frame(k);
    *text = pf_sink_bytes(k, len);
    if (pf_sink_check(k, err) == 0)
        return k;
    pf_abandon(k);
    return NULL;
}

/* ---- frames ---- */

struct writing {
    struct pf_build *b;
    struct ar_to *to;
    struct ar_writer tar;
    struct ar_to into_raw;
    struct pb_buf raw, packed; /* of the frame being made */
    struct ar_index x;
    uint64_t at; /* in the archive */
    struct pf_err *err;
};

static int put_frame(struct writing *w, const void *packed, size_t len, size_t raw)
{
    struct ar_index *x = &w->x;

    if (!pf_grow(w->b->mem, (void *)&x->frame, x->n_frames, &x->cap_frames, sizeof *x->frame))
        return ar_no_memory(w->err);
    x->frame[x->n_frames++] = (struct ar_frame){w->at, len, raw};
    w->at += len;
    return ar_put(w->to, packed, len);
}

static int pack_frame(struct writing *w, const uint8_t *raw, size_t len)
{
    w->packed.n = 0;
    if (ar_pack(&w->b->zstd, raw, len, AR_LEVEL, &w->packed, w->err) < 0)
        return -1;
    return put_frame(w, w->packed.at, w->packed.n, len);
}

static int put_manifest(struct writing *w)
{
    const uint8_t *text;
    size_t len;
    struct pf_sink *k = manifest_of(w->b, &text, &len, w->err);

    if (!k)
        return -1;
    int rc = ar_writer_member(&w->tar, AR_MANIFEST, text, len);
    pf_abandon(k);
    for (size_t at = 0, n; rc == 0 && at < w->raw.n; at += n) {
        n = w->raw.n - at < AR_MANIFEST_FRAME ? w->raw.n - at : AR_MANIFEST_FRAME;
        rc = pack_frame(w, w->raw.at + at, n);
    }
    w->x.manifest = w->x.n_frames;
    w->raw.n = 0;
    return rc;
}

/* ---- members ---- */

static uint64_t in_tar(uint64_t size)
{
    return AR_BLOCK + (size + AR_BLOCK - 1) / AR_BLOCK * AR_BLOCK;
}

/* Whether a frame may end behind this member: a throw of a die that its hash decides. */
static bool cuts(const struct ar_content *c)
{
    __extension__ typedef unsigned __int128 u128;
    uint64_t die;

    memcpy(&die, c->hash + PF_HASH - sizeof die, sizeof die);
    die = __builtin_bswap64(die);
    return (uint64_t)((u128)die * AR_FRAME_MORE >> 64) < in_tar(c->size);
}

/* Where the frame that begins with content `from` ends. */
static uint32_t frame_end(const struct pf_build *b, uint32_t from)
{
    uint64_t bytes = 0;

    for (uint32_t i = from; i < b->n; i++) {
        bytes += in_tar(b->content[i].size);
        if (bytes >= AR_FRAME_MAX || (bytes >= AR_FRAME_MIN && cuts(&b->content[i])))
            return i + 1;
    }
    return b->n;
}

/* The frame of the old archive that holds just these contents; none: the number of its frames. */
static uint32_t same_frame(const struct writing *w, uint32_t from, uint32_t to)
{
    const struct ar_content *c = w->b->content;
    const struct ar_store *s = w->b->old;

    if (!s)
        return 0;
    const struct ar_index *x = &s->x;
    uint32_t none = x->n_frames, first = c[from].member, n = to - from;
    if (x->mtime != w->x.mtime)
        return none;
    for (uint32_t i = from; i < to; i++)
        if (c[i].packed || c[i].member != first + (i - from))
            return none;
    uint32_t frame = x->member[first].frame;
    bool begins = first == 0 || x->member[first - 1].frame != frame;
    bool ends = first + n == x->n_members || x->member[first + n].frame != frame;
    return begins && ends && x->member[first + n - 1].frame == frame ? frame : none;
}

static int add_member(struct writing *w, const struct ar_content *c, uint64_t at)
{
    struct ar_index *x = &w->x;

    if (!pf_grow(w->b->mem, (void *)&x->member, x->n_members, &x->cap_members, sizeof *x->member))
        return ar_no_memory(w->err);
    struct ar_member *m = &x->member[x->n_members++];
    *m = (struct ar_member){.at = at, .size = c->size, .frame = x->n_frames};
    memcpy(m->hash, c->hash, PF_HASH);
    return 0;
}

static int copy_frame(struct writing *w, uint32_t from, uint32_t to, uint32_t old)
{
    struct pf_build *b = w->b;
    const struct ar_frame *f = &b->old->x.frame[old];

    for (uint32_t i = from; i < to; i++)
        if (add_member(w, &b->content[i], b->old->x.member[b->content[i].member].at) < 0)
            return -1;
    uint8_t *packed = ar_store_packed(b->old, old, w->err);
    if (!packed)
        return -1;
    int rc = put_frame(w, packed, (size_t)f->packed, (size_t)f->raw);
    pf_dealloc(b->mem, packed);
    return rc;
}

static int make_frame(struct writing *w, uint32_t from, uint32_t to)
{
    char name[AR_NAME];

    for (uint32_t i = from; i < to; i++) {
        const struct ar_content *c = &w->b->content[i];
        const uint8_t *content = ar_build_fetch(w->b, c, w->err);
        if (!content)
            return -1;
        ar_member_name(c->hash, name);
        uint64_t at = w->raw.n + AR_BLOCK;
        if (ar_writer_member(&w->tar, name, content, (size_t)c->size) < 0
            || add_member(w, c, at) < 0)
            return -1;
    }
    int rc = pack_frame(w, w->raw.at, w->raw.n);
    w->raw.n = 0;
    return rc;
}

static int put_members(struct writing *w)
{
    for (uint32_t from = 0, to; from < w->b->n; from = to) {
        to = frame_end(w->b, from);
        uint32_t old = same_frame(w, from, to);
        bool copy = w->b->old && old < w->b->old->x.n_frames;
        if ((copy ? copy_frame(w, from, to, old) : make_frame(w, from, to)) < 0)
            return -1;
    }
    return 0;
}

static int put_end(struct writing *w)
{
    if (ar_writer_close(&w->tar) < 0 || pack_frame(w, w->raw.at, w->raw.n) < 0)
        return -1;
    w->packed.n = 0;
    if (ar_index_put(&w->x, &w->packed, w->err) < 0)
        return -1;
    return ar_put(w->to, w->packed.at, w->packed.n);
}

int ar_write_tar(struct pf_build *b, int64_t mtime, struct ar_to *to)
{
    struct writing w = {.b = b, .to = to, .raw.mem = b->mem, .packed.mem = b->mem, .err = to->err};
    int rc = -1;

    w.x.mtime = mtime;
    w.into_raw = (struct ar_to){.buf = &w.raw, .err = to->err};
    if (ar_writer_open(&w.tar, PF_ARCHIVE_TAR, &w.into_raw, mtime) == 0 && put_manifest(&w) == 0
        && put_members(&w) == 0)
        rc = put_end(&w);
    ar_writer_drop(&w.tar);
    ar_index_free(b->mem, &w.x);
    pf_dealloc(b->mem, w.raw.at);
    pf_dealloc(b->mem, w.packed.at);
    return rc;
}

/* ---- zip ---- */

static int put_zip_members(struct pf_build *b, struct ar_writer *zip, struct pf_err *err)
{
    char name[AR_NAME];

    for (uint32_t i = 0; i < b->n; i++) {
        const uint8_t *content = ar_build_fetch(b, &b->content[i], err);
        ar_member_name(b->content[i].hash, name);
        if (!content || ar_writer_member(zip, name, content, (size_t)b->content[i].size) < 0)
            return -1;
    }
    return ar_writer_close(zip);
}

int ar_write_zip(struct pf_build *b, int64_t mtime, struct ar_to *to)
{
    struct ar_writer zip;
    const uint8_t *text;
    size_t len;
    struct pf_sink *k = manifest_of(b, &text, &len, to->err);
    int rc = -1;

    if (!k)
        return -1;
    if (ar_writer_open(&zip, PF_ARCHIVE_ZIP, to, mtime) == 0
        && ar_writer_member(&zip, AR_MANIFEST, text, len) == 0)
        rc = put_zip_members(b, &zip, to->err);
    ar_writer_drop(&zip);
    pf_abandon(k);
    return rc;
}
