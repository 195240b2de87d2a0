/* open.c - an archive that is opened: what is in it is read once, then what is wanted. */
#include "ar.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct pf_archive {
    struct pf_mem *mem;
    int fd;
    uint64_t size;
    struct pf_archive_how how;
    struct ar_store *store; /* ours, with an index */
    struct pf_entries e;
    bool ours;
    enum pf_archive_format format;
};

/* ---- a pass ---- */

int ar_give(struct ar_pass *p, uint32_t entry, const uint8_t *content, size_t len)
{
    if (p->give(p->ctx, entry, content, len) == 0)
        return 0;
    p->stopped = true;
    return 0;
}

int ar_pass_store(struct ar_pass *p, struct ar_store *s, struct pf_err *err)
{
    if (!p->give)
        return ar_store_manifest(s, p->e, err);
    for (; p->next < p->e->n && !p->stopped; p->next++) {
        const struct pf_entry *x = &p->e->at[p->next];
        char name[AR_NAME];

        if (!p->wanted[p->next])
            continue;
        const struct ar_member *m = ar_store_find(s, x->hash);
        if (!m) {
            ar_member_name(x->hash, name);
            return pf_fail(err, PF_ESYNTAX, "%s: the manifest names it, but it is not there", name);
        }
        if (ar_count_unpacked(p, m->size, err) < 0)
            return -1;
        const uint8_t *content = p->how->by_checksum ? ar_store_content_by_checksum(s, m, err)
                                                     : ar_store_content(s, m, err);
        if (!content || ar_give(p, p->next, content, (size_t)m->size) < 0)
            return -1;
    }
    return 0;
}

static int pass_inner(struct ar_pass *p, struct ar_store *s, struct pf_err *err)
{
    struct pf_entries all = {0};
    int rc = ar_entries_init(p->mem, &all, err);

    /* All entries of this store, to know which of those that are wanted are its. */
    if (rc == 0)
        rc = ar_store_manifest(s, &all, err);
    if (rc == 0 && p->next + all.n <= p->e->n) {
        struct ar_pass inner = *p;
        struct pf_entries part = *p->e;
        part.n = p->next + all.n;
        inner.e = &part;
        rc = ar_pass_store(&inner, s, err);
        p->stopped = inner.stopped;
        p->bytes = inner.bytes;
        p->next = part.n;
    }
    ar_entries_free(&all);
    return rc;
}

int ar_pass_any(struct ar_pass *p, int fd, unsigned depth, struct pf_err *err)
{
    uint64_t base, size;
    struct ar_store *s;

    if (!ar_index_locate(fd, &base, &size))
        return ar_walk(p, fd, depth, err);
    s = ar_store_open(p->mem, fd, base, size, err);
    if (!s)
        return -1;
    int rc = p->give ? pass_inner(p, s, err) : ar_pass_store(p, s, err);
    ar_store_close(s);
    return rc;
}

uint64_t ar_max_unpacked(uint64_t packed)
{
    uint64_t max = packed < UINT64_MAX / PF_ARCHIVE_RATIO ? packed * PF_ARCHIVE_RATIO : UINT64_MAX;

    return max < PF_ARCHIVE_MEMBER ? PF_ARCHIVE_MEMBER : max;
}

int ar_count_unpacked(struct ar_pass *p, uint64_t bytes, struct pf_err *err)
{
    p->bytes += bytes;
    if (p->bytes <= p->max)
        return 0;
    return pf_fail(err, PF_ELIMIT,
                   "the archive unpacks to more than %llu bytes (see --max-unpacked)",
                   (unsigned long long)p->max);
}

/* What alike profiles of ours pack to has no limit that would tell them from a bomb. */
static struct ar_pass pass_over(struct pf_archive *a)
{
    uint64_t max = a->store ? UINT64_MAX : ar_max_unpacked(a->size);

    max = a->how.max_unpacked ? a->how.max_unpacked : max;

    return (struct ar_pass){.mem = a->mem, .how = &a->how, .e = &a->e, .max = max};
}

/* ---- open and close ---- */

static int list(struct pf_archive *a, struct pf_err *err)
{
    struct ar_pass p = pass_over(a);
    uint64_t base, size;

    if (!ar_index_locate(a->fd, &base, &size)) {
        int rc = ar_walk(&p, a->fd, 0, err);
        a->ours = p.ours;
        a->format = p.format;
        if (rc == 0 && !a->ours && a->e.n == 0)
            rc = pf_fail(err, PF_EFORMAT, "there is no profile in the archive");
        return rc;
    }
    a->ours = true;
    a->format = base ? PF_ARCHIVE_OCI : PF_ARCHIVE_TAR;
    a->store = ar_store_open(a->mem, a->fd, base, size, err);
    return a->store ? ar_pass_store(&p, a->store, err) : -1;
}

struct pf_archive *pf_archive_open(struct pf_mem *m, const char *path,
                                   const struct pf_archive_how *how, struct pf_err *err)
{
    struct pf_archive *a = pf_alloc_zero(m, 1, sizeof *a);

    if (!a) {
        ar_no_memory(err);
        return NULL;
    }
    *a = (struct pf_archive){.mem = m, .how = *how};
    a->fd = ar_open(path, &a->size, err);
    if (a->fd >= 0 && ar_entries_init(m, &a->e, err) == 0 && list(a, err) == 0)
        return a;
    pf_archive_close(a);
    return NULL;
}

void pf_archive_close(struct pf_archive *a)
{
    if (!a)
        return;
    ar_store_close(a->store);
    ar_entries_free(&a->e);
    if (a->fd >= 0)
        close(a->fd);
    pf_dealloc(a->mem, a);
}

const struct pf_entries *pf_archive_entries(const struct pf_archive *a)
{
    return &a->e;
}

bool pf_archive_is_ours(const struct pf_archive *a)
{
    return a->ours;
}

enum pf_archive_format pf_archive_format(const struct pf_archive *a)
{
    return a->format;
}

struct ar_store *ar_archive_store(struct pf_archive *a)
{
    return a->store;
}

bool pf_archive_probe(const char *path)
{
    uint64_t base, size;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool found = fd >= 0 && ar_index_locate(fd, &base, &size);

    if (fd >= 0)
        close(fd);
    return found;
}

/* ---- reading ---- */

struct counted {
    pf_give *give;
    void *ctx;
    uint64_t given;
    bool stopped;
};

static int give_counted(void *ctx, uint32_t entry, const uint8_t *content, size_t len)
{
    struct counted *c = ctx;

    c->given++;
    if (c->give(c->ctx, entry, content, len) == 0)
        return 0;
    c->stopped = true;
    return -1;
}

int pf_archive_read(struct pf_archive *a, const bool *wanted, pf_give *give, void *ctx,
                    struct pf_err *err)
{
    struct counted c = {give, ctx, 0, false};
    struct ar_pass p = pass_over(a);
    uint64_t n = 0;
    bool *all = pf_alloc(a->mem, (size_t)a->e.n + 1);

    if (!all)
        return ar_no_memory(err);
    for (uint32_t i = 0; i < a->e.n; i++)
        n += all[i] = !wanted || wanted[i];
    p.wanted = all;
    p.give = give_counted;
    p.ctx = &c;
    int rc = a->store ? ar_pass_store(&p, a->store, err) : ar_walk(&p, a->fd, 0, err);
    if (rc == 0 && !c.stopped && c.given != n)
        rc = pf_fail(err, PF_ESYNTAX, "%llu profiles that the manifest names are not there",
                     (unsigned long long)(n - c.given));
    pf_dealloc(a->mem, all);
    return rc == 0 && c.stopped ? -1 : rc;
}

/* ---- one of them ---- */

static bool begins(const struct ar_member *m, const char *digits, size_t len)
{
    char id[PF_ID_TEXT];

    pf_id_text(m->hash, id);
    return memcmp(id, digits, len) == 0;
}

/* The only member whose id begins so; NULL: there is none, or several. */
static const struct ar_member *only(const struct ar_index *x, const char *digits, size_t len,
                                    struct pf_err *err)
{
    char id[PF_ID_TEXT] = "";
    uint8_t first[PF_HASH];
    uint32_t low = 0, high = x->n_members;

    memset(id, '0', PF_ID_TEXT - 1);
    memcpy(id, digits, len);
    ar_hex(id, PF_ID_TEXT - 1, first);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (memcmp(x->member[middle].hash, first, PF_HASH) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == x->n_members || !begins(&x->member[low], digits, len))
        pf_fail(err, PF_EVALUE, "no id begins with '%.*s'", (int)len, digits);
    else if (low + 1 < x->n_members && begins(&x->member[low + 1], digits, len))
        pf_fail(err, PF_EVALUE, "several ids begin with '%.*s'", (int)len, digits);
    return err->code ? NULL : &x->member[low];
}

static int get_from(struct ar_store *s, const char *id, pf_give *give, void *ctx,
                    struct pf_err *err)
{
    size_t len;
    const char *digits = ar_id_digits(id, &len);

    if (!digits)
        return pf_fail(err, PF_EVALUE, "'%.100s' is not the start of an id", id);
    const struct ar_member *m = only(&s->x, digits, len, err);
    const uint8_t *content = m ? ar_store_content(s, m, err) : NULL;
    return content ? give(ctx, 0, content, (size_t)m->size) : -1;
}

int pf_archive_get(struct pf_mem *m, const char *path, const char *id, pf_give *give, void *ctx,
                   struct pf_err *err)
{
    uint64_t base, size, whole;
    int fd = ar_open(path, &whole, err), rc = -1;
    struct ar_store *s = NULL;

    if (fd >= 0 && !ar_index_locate(fd, &base, &size))
        pf_fail(err, PF_EFORMAT, "the archive has no index");
    if (fd >= 0 && !err->code)
        s = ar_store_open(m, fd, base, size, err);
    if (s)
        rc = get_from(s, id, give, ctx, err);
    ar_store_close(s);
    if (fd >= 0)
        close(fd);
    return rc;
}

int pf_archive_lock(struct pf_mem *m, const char *path, struct pf_err *err)
{
    return pf_place_lock(m, path, err);
}
