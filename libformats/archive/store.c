/* store.c - an archive of ours in a file: frames are read one at a time, as the index says. */
#include "ar.h"

#include <stdlib.h>
#include <string.h>

enum { FLAGS = 4, HAS_CHECKSUM = 4 }; /* which byte of a zstd frame, and the bit in it */
static const uint32_t none = UINT32_MAX;

struct ar_store *ar_store_open(struct pf_mem *m, int fd, uint64_t base, uint64_t size,
                               struct pf_err *err)
{
    struct ar_store *s = pf_alloc_zero(m, 1, sizeof *s);

    if (!s) {
        ar_no_memory(err);
        return NULL;
    }
    *s = (struct ar_store){.mem = m, .fd = fd, .base = base, .size = size, .zstd.mem = m};
    s->loaded = none;
    if (ar_index_read(m, fd, base, size, &s->x, err) == 0)
        return s;
    ar_store_close(s);
    return NULL;
}

void ar_store_close(struct ar_store *s)
{
    if (!s)
        return;
    ar_zstd_free(&s->zstd);
    ar_index_free(s->mem, &s->x);
    pf_dealloc(s->mem, s->raw);
    pf_dealloc(s->mem, s);
}

uint8_t *ar_store_packed(struct ar_store *s, uint32_t frame, struct pf_err *err)
{
    const struct ar_frame *f = &s->x.frame[frame];
    uint8_t *packed = pf_alloc(s->mem, (size_t)f->packed + 1);

    if (!packed)
        ar_no_memory(err);
    else if (ar_read_at(s->fd, packed, (size_t)f->packed, s->base + f->at, err) == 0)
        return packed;
    pf_dealloc(s->mem, packed);
    return NULL;
}

const uint8_t *ar_store_frame(struct ar_store *s, uint32_t frame, struct pf_err *err)
{
    const struct ar_frame *f = &s->x.frame[frame];

    if (s->loaded == frame)
        return s->raw;
    s->loaded = none;
    pf_dealloc(s->mem, s->raw);
    s->raw = NULL;
    uint8_t *packed = ar_store_packed(s, frame, err);
    if (!packed)
        return NULL;
    s->raw = pf_alloc(s->mem, (size_t)f->raw + 1);
    if (!s->raw)
        ar_no_memory(err);
    else if (ar_unpack(&s->zstd, packed, (size_t)f->packed, s->raw, (size_t)f->raw, err) == 0)
        s->loaded = frame;
    s->has_checksum = s->loaded == frame && f->packed > FLAGS && (packed[FLAGS] & HAS_CHECKSUM);
    pf_dealloc(s->mem, packed);
    return s->loaded == frame ? s->raw : NULL;
}

static int by_hash(const void *key, const void *member)
{
    return memcmp(key, ((const struct ar_member *)member)->hash, PF_HASH);
}

const struct ar_member *ar_store_find(const struct ar_store *s, const uint8_t hash[PF_HASH])
{
    return bsearch(hash, s->x.member, s->x.n_members, sizeof *s->x.member, by_hash);
}

const uint8_t *ar_store_content(struct ar_store *s, const struct ar_member *m, struct pf_err *err)
{
    const uint8_t *raw = ar_store_frame(s, m->frame, err);
    char name[AR_NAME];
    uint8_t hash[PF_HASH];

    if (!raw)
        return NULL;
    ar_sha256(raw + m->at, (size_t)m->size, hash);
    if (memcmp(hash, m->hash, PF_HASH) == 0)
        return raw + m->at;
    ar_member_name(m->hash, name);
    pf_fail(err, PF_ESYNTAX, "%s: the content has another hash", name);
    return NULL;
}

const uint8_t *ar_store_content_by_checksum(struct ar_store *s, const struct ar_member *m,
                                            struct pf_err *err)
{
    const uint8_t *raw = ar_store_frame(s, m->frame, err);
    char name[AR_NAME];
    uint64_t size;

    if (!raw)
        return NULL;
    ar_member_name(m->hash, name);
    if (s->has_checksum && m->at >= AR_BLOCK && ar_tar_size(raw + m->at - AR_BLOCK, &size)
        && size == m->size && memcmp(raw + m->at - AR_BLOCK, name, strlen(name) + 1) == 0)
        return raw + m->at;
    return ar_store_content(s, m, err);
}

/* ---- the manifest ---- */

struct lines { /* what is still to be read of it */
    struct ar_store *s;
    uint32_t frame;
    uint64_t at, left;
};

static ssize_t more_lines(void *ctx, void *to, size_t room, struct pf_err *err)
{
    struct lines *l = ctx;
    const struct ar_frame *f = l->s->x.frame + l->frame;

    while (l->left && l->frame < l->s->x.manifest && l->at == f->raw) {
        l->frame++;
        f++;
        l->at = 0;
    }
    if (l->left == 0)
        return 0;
    if (l->frame == l->s->x.manifest)
        return pf_fail(err, PF_ESYNTAX, "the manifest is cut (see recover)");
    const uint8_t *raw = ar_store_frame(l->s, l->frame, err);
    if (!raw)
        return -1;
    uint64_t n = f->raw - l->at < l->left ? f->raw - l->at : l->left;
    n = n < room ? n : room;
    memcpy(to, raw + l->at, (size_t)n);
    l->at += n;
    l->left -= n;
    return (ssize_t)n;
}

/* All frames of the manifest behind each other: its header, then its lines. */
int ar_store_manifest(struct ar_store *s, struct pf_entries *e, struct pf_err *err)
{
    struct lines l = {.s = s, .at = AR_BLOCK};
    const uint8_t *head = s->x.manifest ? ar_store_frame(s, 0, err) : NULL;

    if (err->code)
        return -1;
    if (!head || s->x.frame[0].raw < AR_BLOCK || !ar_tar_size(head, &l.left)
        || strcmp((const char *)head, AR_MANIFEST) != 0)
        return pf_fail(err, PF_ESYNTAX, "the archive has no manifest (see recover)");
    struct pf_source *in = pf_open_from(s->mem, more_lines, &l, err);
    int rc = in ? ar_manifest_read(e, in, err) : -1;
    pf_close(in);
    return rc;
}
