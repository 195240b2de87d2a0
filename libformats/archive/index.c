/*
 * index.c - the index of an archive, in a skippable zstd frame at the end of the file:
 *
 *     "PFINDEX1"  u32 frames  u32 frames of the manifest  u64 members  i64 mtime
 *     frames:  u64 packed bytes, u64 unpacked bytes
 *     members: 32 bytes of hash, u32 frame, u64 place of the content in it, u64 size
 *     u64 hash of all that, u64 its length, "PFARCEND"
 *
 * Numbers are little-endian. Frames follow each other from the start of the archive; members are
 * sorted by hash.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "ar.h"

#include <string.h>
#include <sys/stat.h>

enum {
    HEAD = 32,
    FRAME = 16,
    MEMBER = PF_HASH + 4 + 8 + 8,
    FOOT = 24,
    SKIPPABLE = 8, /* magic and length */
    MAX_BLOBS = 10000,
};

static const uint32_t magic = 0x184d2a5a;
static const char index_begins[8] = {'P', 'F', 'I', 'N', 'D', 'E', 'X', '1'};
static const char index_ends[8] = {'P', 'F', 'A', 'R', 'C', 'E', 'N', 'D'};

void ar_index_free(struct pf_mem *m, struct ar_index *x)
{
    pf_dealloc(m, x->frame);
    pf_dealloc(m, x->member);
    *x = (struct ar_index){0};
}

/* ---- numbers ---- */

static uint64_t get(const uint8_t *at, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)at[i] << 8 * i;
    return v;
}

static void put(struct pb_buf *to, uint64_t v, unsigned bytes)
{
    uint8_t le[8];

    for (unsigned i = 0; i < bytes; i++)
        le[i] = (uint8_t)(v >> 8 * i);
    pb_bytes(to, le, bytes);
}

/* ---- writing ---- */

int ar_index_put(const struct ar_index *x, struct pb_buf *to, struct pf_err *err)
{
    uint64_t len = HEAD + (uint64_t)FRAME * x->n_frames + (uint64_t)MEMBER * x->n_members;
    size_t from = to->n + SKIPPABLE;

    if (len + FOOT > UINT32_MAX)
        return pf_fail(err, PF_ELIMIT, "too many members for one archive");
    put(to, magic, 4);
    put(to, len + FOOT, 4);
    pb_bytes(to, index_begins, sizeof index_begins);
    put(to, x->n_frames, 4);
    put(to, x->manifest, 4);
    put(to, x->n_members, 8);
    put(to, (uint64_t)x->mtime, 8);
    for (uint32_t i = 0; i < x->n_frames; i++) {
        put(to, x->frame[i].packed, 8);
        put(to, x->frame[i].raw, 8);
    }
    for (uint32_t i = 0; i < x->n_members; i++) {
        pb_bytes(to, x->member[i].hash, PF_HASH);
        put(to, x->member[i].frame, 4);
        put(to, x->member[i].at, 8);
        put(to, x->member[i].size, 8);
    }
    if (to->failed)
        return ar_no_memory(err);
    put(to, XXH64(to->at + from, to->n - from, 0), 8);
    put(to, len, 8);
    pb_bytes(to, index_ends, sizeof index_ends);
    return to->failed ? ar_no_memory(err) : 0;
}

/* ---- finding ---- */

static bool ends_with_index(int fd, uint64_t base, uint64_t size)
{
    struct pf_err ignored = {0};
    uint8_t foot[FOOT];

    return size >= HEAD + FOOT + SKIPPABLE
           && ar_read_at(fd, foot, FOOT, base + size - FOOT, &ignored) == 0
           && memcmp(foot + FOOT - sizeof index_ends, index_ends, sizeof index_ends) == 0;
}

/* An OCI layout is a plain tar: goes from header to header until a blob ends as archives do. */
bool ar_index_locate(int fd, uint64_t *base, uint64_t *size)
{
    struct pf_err ignored = {0};
    uint8_t head[AR_BLOCK];
    struct stat st;
    uint64_t at = 0, len;

    if (fstat(fd, &st) < 0 || st.st_size <= 0)
        return false;
    *base = 0;
    *size = (uint64_t)st.st_size;
    if (ends_with_index(fd, 0, *size))
        return true;
    for (int i = 0; i < MAX_BLOBS && at + AR_BLOCK <= (uint64_t)st.st_size; i++) {
        if (ar_read_at(fd, head, AR_BLOCK, at, &ignored) < 0 || !ar_tar_size(head, &len))
            return false;
        at += AR_BLOCK;
        if (len > (uint64_t)st.st_size - at)
            return false;
        if (memcmp(head, "blobs/sha256/", 13) == 0 && ends_with_index(fd, at, len)) {
            *base = at;
            *size = len;
            return true;
        }
        at += (len + AR_BLOCK - 1) / AR_BLOCK * AR_BLOCK;
    }
    return false;
}

/* ---- reading ---- */

static int damaged(struct pf_err *err)
{
    return pf_fail(err, PF_ESYNTAX, "the index of the archive is damaged (see recover)");
}

static bool take_frames(struct ar_index *x, const uint8_t *at, uint64_t end)
{
    uint64_t place = 0;

    for (uint32_t i = 0; i < x->n_frames; i++, at += FRAME) {
        struct ar_frame f = {place, get(at, 8), get(at + 8, 8)};
        if (f.packed > end - place || f.raw / ZSTD_RATIO > f.packed || f.raw > AR_FRAME_MOST)
            return false;
        x->frame[i] = f;
        place += f.packed;
    }
    return place == end;
}

static bool take_members(struct ar_index *x, const uint8_t *at)
{
    for (uint32_t i = 0; i < x->n_members; i++, at += MEMBER) {
        struct ar_member *m = &x->member[i];
        memcpy(m->hash, at, PF_HASH);
        m->frame = (uint32_t)get(at + PF_HASH, 4);
        m->at = get(at + PF_HASH + 4, 8);
        m->size = get(at + PF_HASH + 12, 8);
        if (m->frame < x->manifest || m->frame >= x->n_frames)
            return false;
        uint64_t raw = x->frame[m->frame].raw;
        if (m->at > raw || m->size > raw - m->at
            || (i && (memcmp(m[-1].hash, m->hash, PF_HASH) >= 0 || m[-1].frame > m->frame)))
            return false;
    }
    return true;
}

static int take(struct pf_mem *m, const uint8_t *payload, uint64_t len, uint64_t before,
                struct ar_index *x, struct pf_err *err)
{
    uint64_t frames = get(payload + 8, 4), members = get(payload + 16, 8);

    x->manifest = (uint32_t)get(payload + 12, 4);
    x->mtime = (int64_t)get(payload + 24, 8);
    if (members > len / MEMBER || frames > len / FRAME || x->manifest >= frames
        || len != HEAD + FRAME * frames + MEMBER * members)
        return damaged(err);
    x->n_frames = (uint32_t)frames;
    x->n_members = (uint32_t)members;
    x->frame = pf_alloc(m, (size_t)frames * sizeof *x->frame);
    x->member = pf_alloc(m, ((size_t)members + 1) * sizeof *x->member);
    if (!x->frame || !x->member)
        return ar_no_memory(err);
    return take_frames(x, payload + HEAD, before)
                   && take_members(x, payload + HEAD + (size_t)(FRAME * frames))
               ? 0
               : damaged(err);
}

int ar_index_read(struct pf_mem *m, int fd, uint64_t base, uint64_t size, struct ar_index *x,
                  struct pf_err *err)
{
    uint8_t foot[FOOT], head[SKIPPABLE];

    *x = (struct ar_index){0};
    if (ar_read_at(fd, foot, FOOT, base + size - FOOT, err) < 0)
        return -1;
    uint64_t len = get(foot + 8, 8);
    if (len < HEAD || len > size - FOOT - SKIPPABLE)
        return damaged(err);
    uint64_t before = size - FOOT - len - SKIPPABLE;
    if (ar_read_at(fd, head, SKIPPABLE, base + before, err) < 0)
        return -1;
    if (get(head, 4) != magic || get(head + 4, 4) != len + FOOT)
        return damaged(err);
    uint8_t *payload = pf_alloc(m, (size_t)len);
    if (!payload)
        return ar_no_memory(err);
    int rc = ar_read_at(fd, payload, (size_t)len, base + before + SKIPPABLE, err);
    if (rc == 0
        && (XXH64(payload, (size_t)len, 0) != get(foot, 8)
            || memcmp(payload, index_begins, sizeof index_begins) != 0))
        rc = damaged(err);
    if (rc == 0)
        rc = take(m, payload, len, before, x, err);
    pf_dealloc(m, payload);
    if (rc < 0)
        ar_index_free(m, x);
    return rc;
}
