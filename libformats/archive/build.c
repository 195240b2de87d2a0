/* build.c - what is to become an archive: contents, each once, and the entries that name them. */
#include "ar.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEMP_LEVEL = 1 }; /* of what lies in the temporary file for a while */

struct pf_build *pf_build_new(struct pf_mem *m, struct pf_err *err)
{
    struct pf_build *b = pf_alloc_zero(m, 1, sizeof *b);

    if (!b) {
        ar_no_memory(err);
        return NULL;
    }
    *b = (struct pf_build){.mem = m, .temp = -1, .zstd.mem = m, .buf.mem = m};
    if (ar_entries_init(m, &b->e, err) == 0)
        return b;
    pf_dealloc(m, b);
    return NULL;
}

void pf_build_free(struct pf_build *b)
{
    if (!b)
        return;
    if (b->temp >= 0)
        close(b->temp);
    ar_entries_free(&b->e);
    ar_zstd_free(&b->zstd);
    pf_index_free(b->mem, &b->by_hash);
    pf_dealloc(b->mem, b->content);
    pf_dealloc(b->mem, b->buf.at);
    pf_dealloc(b->mem, b);
}

uint32_t pf_build_count(const struct pf_build *b)
{
    return b->e.n;
}

/* ---- contents ---- */

static bool same_hash(const void *contents, pf_id id, const void *hash)
{
    return memcmp(((const struct ar_content *)contents)[id - 1].hash, hash, PF_HASH) == 0;
}

static uint64_t hash_of(const struct pf_mem *m, const void *contents, pf_id id)
{
    return pf_hash(m, ((const struct ar_content *)contents)[id - 1].hash, PF_HASH);
}

static pf_id *slot_of(struct pf_build *b, const uint8_t hash[PF_HASH])
{
    return pf_index_find(b->mem, &b->by_hash, b->content, hash, pf_hash(b->mem, hash, PF_HASH),
                         same_hash, hash_of);
}

bool ar_build_has(struct pf_build *b, const uint8_t hash[PF_HASH])
{
    const pf_id *slot = slot_of(b, hash);

    return slot && *slot;
}

/* A new content to be filled in; NULL with err->code PF_OK: it is there already. */
static struct ar_content *new_content(struct pf_build *b, const uint8_t hash[PF_HASH],
                                      struct pf_err *err)
{
    pf_id *slot = slot_of(b, hash);

    if (slot && *slot)
        return NULL;
    if (!slot || !pf_grow(b->mem, (void *)&b->content, b->n, &b->cap, sizeof *b->content)) {
        ar_no_memory(err);
        return NULL;
    }
    struct ar_content *c = &b->content[b->n++];
    *c = (struct ar_content){0};
    memcpy(c->hash, hash, PF_HASH);
    *slot = b->n;
    b->by_hash.n++;
    return c;
}

int ar_build_content(struct pf_build *b, const uint8_t hash[PF_HASH], const uint8_t *data,
                     size_t len, struct pf_err *err)
{
    struct ar_content *c = new_content(b, hash, err);

    if (!c)
        return err->code ? -1 : 0;
    if (b->temp < 0 && (b->temp = ar_temp(err)) < 0)
        return -1;
    b->buf.n = 0;
    if (ar_pack(&b->zstd, data, len, TEMP_LEVEL, &b->buf, err) < 0
        || ar_write_fd(b->temp, b->buf.at, b->buf.n, err) < 0)
        return -1;
    c->size = len;
    c->at = b->temp_size;
    c->packed = b->buf.n;
    b->temp_size += b->buf.n;
    return 0;
}

const uint8_t *ar_build_fetch(struct pf_build *b, const struct ar_content *c, struct pf_err *err)
{
    if (!c->packed)
        return ar_store_content(b->old, &b->old->x.member[c->member], err);
    b->buf.n = 0;
    if (!pb_room(&b->buf, (size_t)(c->packed + c->size + 1))) {
        ar_no_memory(err);
        return NULL;
    }
    uint8_t *plain = b->buf.at + c->packed;
    if (ar_read_at(b->temp, b->buf.at, (size_t)c->packed, c->at, err) < 0
        || ar_unpack(&b->zstd, b->buf.at, (size_t)c->packed, plain, (size_t)c->size, err) < 0)
        return NULL;
    return plain;
}

/* ---- what is added ---- */

static int check_label(const char *label, struct pf_err *err)
{
    const char *equals = strchr(label, '=');
    size_t len = strlen(label);
    uint32_t code;

    if (!equals || equals == label)
        return pf_fail(err, PF_EVALUE, "a label is KEY=VALUE, not '%.100s'", label);
    for (size_t i = 0; i < len;) {
        unsigned n = pf_utf8(label + i, len - i, &code);
        if (!n)
            return pf_fail(err, PF_EVALUE, "the label '%.100s' is not valid UTF-8", label);
        i += n;
    }
    return 0;
}

static int put_labels(struct pf_entries *e, struct pf_entry *to, const char *const *labels, int n,
                      struct pf_err *err)
{
    for (int i = 0; i < n; i++) {
        if (check_label(labels[i], err) < 0)
            return -1;
        size_t key = (size_t)(strchr(labels[i], '=') - labels[i]);
        const char *value = labels[i] + key + 1;
        if (ar_entry_label(e, to, ar_text(labels[i], key), ar_text(value, strlen(value)), err) < 0)
            return -1;
    }
    return 0;
}

int pf_labels_check(struct pf_mem *m, const char *const *labels, int n, struct pf_err *err)
{
    struct pf_entries e;

    if (ar_entries_init(m, &e, err) == 0) {
        struct pf_entry *to = ar_entry_new(&e, err);
        if (to)
            put_labels(&e, to, labels, n, err);
    }
    ar_entries_free(&e);
    return err->code ? -1 : 0;
}

int pf_build_add(struct pf_build *b, const struct pf_profile *p, const char *const *labels,
                 int n_labels, char id[PF_ID_TEXT], struct pf_err *err)
{
    uint8_t hash[PF_HASH];
    const uint8_t *content;
    size_t len;
    struct pf_sink *k = ar_encode(b->mem, p, &content, &len, err);

    if (!k)
        return -1;
    if (len > PF_ARCHIVE_MEMBER)
        pf_fail(err, PF_ELIMIT, "the profile is larger than %d MiB, which is as much as fits",
                PF_ARCHIVE_MEMBER / PF_MIB);
    ar_sha256(content, len, hash);
    struct pf_entry *to = NULL;
    if (!err->code && ar_build_content(b, hash, content, len, err) == 0)
        to = ar_entry_new(&b->e, err);
    if (to) {
        memcpy(to->hash, hash, PF_HASH);
        to->size = len;
        if (put_labels(&b->e, to, labels, n_labels, err) < 0
            || ar_entry_describe(&b->e, to, p, err) < 0)
            ar_entry_drop(&b->e);
    }
    pf_abandon(k);
    if (id)
        pf_id_text(hash, id);
    return err->code ? -1 : 0;
}

/* ---- what is taken over ---- */

/* A content that was added, too, is taken from where it was: then its frame can be copied. */
static int take_old(struct pf_build *b, struct ar_store *s, struct pf_err *err)
{
    b->old = s;
    for (uint32_t i = 0; i < s->x.n_members; i++) {
        const pf_id *slot = slot_of(b, s->x.member[i].hash);
        struct ar_content *c =
            slot && *slot ? &b->content[*slot - 1] : new_content(b, s->x.member[i].hash, err);
        if (!c)
            return -1;
        c->size = s->x.member[i].size;
        c->packed = 0;
        c->member = i;
    }
    return 0;
}

struct taking {
    struct pf_build *b;
    const struct pf_entries *from;
    struct pf_err *err;
};

static int take_content(void *ctx, uint32_t entry, const uint8_t *content, size_t len)
{
    struct taking *t = ctx;

    return ar_build_content(t->b, t->from->at[entry].hash, content, len, t->err);
}

static int take_entries(struct pf_build *b, const struct pf_entries *e, const bool *wanted,
                        struct pf_err *err)
{
    for (uint32_t i = 0; i < e->n; i++)
        if ((!wanted || wanted[i]) && ar_entry_copy(&b->e, e, i, err) < 0)
            return -1;
    return 0;
}

int pf_build_take(struct pf_build *b, struct pf_archive *a, const bool *wanted, struct pf_err *err)
{
    const struct pf_entries *e = pf_archive_entries(a);
    struct taking t = {b, e, err};

    if (take_entries(b, e, wanted, err) < 0)
        return -1;
    return pf_archive_read(a, wanted, take_content, &t, err);
}

int pf_build_base(struct pf_build *b, struct pf_archive *a, const bool *wanted, struct pf_err *err)
{
    struct ar_store *s = ar_archive_store(a);

    if (!s || b->old)
        return pf_build_take(b, a, wanted, err);
    if (take_entries(b, pf_archive_entries(a), wanted, err) < 0)
        return -1;
    return take_old(b, s, err);
}

/* ---- writing ---- */

static int by_hash(const void *a, const void *b)
{
    return memcmp(((const struct ar_content *)a)->hash, ((const struct ar_content *)b)->hash,
                  PF_HASH);
}

/* Entries in order, each once. */
static int sort_entries(struct pf_build *b, struct pf_err *err)
{
    struct pf_entries *e = &b->e;
    uint32_t n, *order = ar_entries_sorted(e, &n);
    struct pf_entry *sorted = order ? pf_alloc(b->mem, ((size_t)n + 1) * sizeof *sorted) : NULL;

    if (sorted) {
        for (uint32_t i = 0; i < n; i++)
            sorted[i] = e->at[order[i]];
        pf_dealloc(b->mem, e->at);
        e->at = sorted;
        e->n = e->cap = n;
    }
    pf_dealloc(b->mem, order);
    return sorted ? 0 : ar_no_memory(err);
}

/* Contents in order, without those that no entry names any more. */
static int sort_contents(struct pf_build *b, struct pf_err *err)
{
    uint32_t kept = 0, at = 0;

    if (b->n)
        qsort(b->content, b->n, sizeof *b->content, by_hash);
    pf_index_free(b->mem, &b->by_hash); /* it knew them by their old places */
    for (uint32_t i = 0; i < b->e.n; i++) {
        const uint8_t *hash = b->e.at[i].hash;
        if (i && memcmp(b->e.at[i - 1].hash, hash, PF_HASH) == 0)
            continue;
        while (at < b->n && memcmp(b->content[at].hash, hash, PF_HASH) < 0)
            at++;
        if (at == b->n || memcmp(b->content[at].hash, hash, PF_HASH) != 0) {
            char name[AR_NAME];
            ar_member_name(hash, name);
            return pf_fail(err, PF_ESYNTAX, "%s: the manifest names it, but it is not there", name);
        }
        b->content[kept++] = b->content[at++];
    }
    b->n = kept;
    return 0;
}

int pf_build_write(struct pf_build *b, enum pf_archive_format format, int64_t mtime,
                   struct pf_sink *out, struct pf_err *err)
{
    struct ar_to to = {.sink = out, .err = err};

    if (sort_entries(b, err) < 0 || sort_contents(b, err) < 0)
        return -1;
    switch (format) {
    case PF_ARCHIVE_OCI: return ar_write_oci(b, mtime, &to);
    case PF_ARCHIVE_ZIP: return ar_write_zip(b, mtime, &to);
    case PF_ARCHIVE_TAR: break;
    }
    return ar_write_tar(b, mtime, &to);
}
