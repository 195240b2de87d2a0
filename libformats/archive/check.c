/*
 * check.c - whether an archive is what it should be: each member has the hash that names it, the
 * bytes are those that we would write, the manifest says of each profile what is true, and each
 * profile keeps its laws.
 */
#include "ar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct checking {
    struct pf_mem *mem;
    pf_tell *tell;
    void *ctx;
    int64_t found;
    const struct pf_entries *e; /* the manifest */
    struct pf_entries true_e;   /* one entry: what it should say */
    const char *name;           /* of the member that is looked at */
    struct pf_err *err;
};

PF_PRINTF(2, 3) static void violated(struct checking *c, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    c->found++;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    c->tell(c->ctx, text);
}

/* What is wrong with the archive is a finding; what is wrong with us (memory, the disk) ends the
 * check. */
static bool is_finding(const struct pf_err *err)
{
    return err->code != PF_OK && err->code != PF_EIO && err->code != PF_ENOMEM;
}

static void take_error(struct checking *c, const char *where, struct pf_err *err)
{
    if (is_finding(err))
        violated(c, "%s%s%s", where, *where ? ": " : "", err->msg);
    else if (err->code && !c->err->code)
        *c->err = *err;
}

/* ---- a profile ---- */

static void tell_law(void *ctx, const char *text)
{
    struct checking *c = ctx;

    violated(c, "%s: %s", c->name, text);
}

static bool same_types(struct checking *c, uint32_t i)
{
    struct pf_sink *said = pf_create_mem(c->mem, PF_PLAIN, c->err);
    struct pf_sink *right = said ? pf_create_mem(c->mem, PF_PLAIN, c->err) : NULL;
    size_t n = 0, m = 0;
    bool same = true;

    if (right) {
        pf_entry_json(c->e, i, said);
        pf_entry_json(&c->true_e, 0, right);
        pf_end_frame(said);
        pf_end_frame(right);
        const uint8_t *a = pf_sink_bytes(said, &n), *b = pf_sink_bytes(right, &m);
        if (pf_sink_check(said, c->err) == 0 && pf_sink_check(right, c->err) == 0)
            same = n == m && memcmp(a, b, n) == 0;
    }
    pf_abandon(said);
    pf_abandon(right);
    return same;
}

static void check_number(struct checking *c, const char *what, int64_t said, int64_t right)
{
    if (said != right)
        violated(c, "%s: the manifest says %s %" PRId64 ", but it is %" PRId64, c->name, what, said,
                 right);
}

/* Compares entry i of the manifest with what the profile says of itself. Names are compared as they
 * are written, which does not tell all bytes apart that are no UTF-8. */
static void check_entry(struct checking *c, uint32_t i, const struct pf_profile *p, size_t size)
{
    struct pf_entries *e = &c->true_e;
    struct pf_err err = {0};

    e->n = e->n_labels = e->n_types = 0;
    if (ar_entry_copy(e, c->e, i, c->err) < 0)
        return;
    e->at[0].size = size;
    e->at[0].n_types = e->n_types = 0;
    if (ar_entry_describe(e, &e->at[0], p, &err) < 0) {
        take_error(c, c->name, &err);
        return;
    }
    const struct pf_entry *said = &c->e->at[i], *right = &e->at[0];
    int64_t before = c->found;
    check_number(c, "size", (int64_t)said->size, (int64_t)right->size);
    check_number(c, "time", said->time_ns, right->time_ns);
    check_number(c, "version", said->version, right->version);
    check_number(c, "values", said->n_types, right->n_types);
    for (uint32_t k = 0; k < said->n_types && k < right->n_types; k++)
        check_number(c, pf_str_at(e->names, e->type[right->type + k].name).s,
                     c->e->type[said->type + k].total, e->type[right->type + k].total);
    if (c->found == before && !same_types(c, i))
        violated(c, "%s: the manifest has other names of its values", c->name);
}

static void check_canonical(struct checking *c, const struct pf_profile *p, const uint8_t *content,
                            size_t len)
{
    struct pf_err err = {0};
    const uint8_t *again;
    size_t n;
    struct pf_sink *k = ar_encode(c->mem, p, &again, &n, &err);

    if (!k)
        take_error(c, c->name, &err);
    else if (n != len || memcmp(again, content, n) != 0)
        violated(c, "%s: the content is not in canonical form", c->name);
    pf_abandon(k);
}

/* A content, and entries [from, to) of the manifest that name it. */
static void check_content(struct checking *c, uint32_t from, uint32_t to, const uint8_t *content,
                          size_t len)
{
    struct pf_err err = {0};
    struct pf_source *in = pf_open_mem(c->mem, content, len, &err);
    struct pf_profile *p = in ? pf_load(in, pf_format_named("pb"), &err) : NULL;

    if (!p) {
        take_error(c, c->name, &err);
    } else {
        if (pf_check(p, tell_law, c) < 0)
            ar_no_memory(c->err);
        check_canonical(c, p, content, len);
        for (uint32_t i = from; i < to && !c->err->code; i++)
            check_entry(c, i, p, len);
    }
    pf_free(p);
    pf_close(in);
}

/* ---- an archive with an index: every byte of it is known ---- */

struct rebuilding {
    struct checking *c;
    struct ar_store *s;
    struct ar_writer tar;
    struct ar_to to;
    struct pb_buf built;
    struct pf_err err;
};

static void compare_frames(struct rebuilding *r, uint32_t from, uint32_t to, const char *what)
{
    size_t at = 0;

    for (uint32_t i = from; i < to; i++) {
        struct pf_err err = {0};
        const uint8_t *raw = ar_store_frame(r->s, i, &err);
        uint64_t n = r->s->x.frame[i].raw;
        if (!raw)
            return; /* told before */
        if (n > r->built.n - at || memcmp(r->built.at + at, raw, (size_t)n) != 0) {
            violated(r->c, "frame %u: %s not lie as they should", i, what);
            return;
        }
        at += (size_t)n;
    }
    if (at != r->built.n)
        violated(r->c, "frame %u: %s not lie as they should", from, what);
}

static void check_manifest(struct rebuilding *r, struct pf_entries *e)
{
    struct pf_err err = {0};
    struct pf_sink *k;
    size_t len;

    if (ar_store_manifest(r->s, e, &err) < 0)
        take_error(r->c, AR_MANIFEST, &err);
    if (err.code)
        return;
    k = pf_create_mem(r->c->mem, PF_PLAIN, r->c->err);
    for (uint32_t i = 0; k && i < e->n; i++) {
        pf_entry_json(e, i, k);
        pf_puts(k, "\n");
    }
    if (!k)
        return;
    pf_end_frame(k);
    if (pf_sink_check(k, r->c->err) == 0) {
        const uint8_t *text = pf_sink_bytes(k, &len);
        if (ar_writer_member(&r->tar, AR_MANIFEST, text, len) == 0)
            compare_frames(r, 0, r->s->x.manifest, "the lines of the manifest do");
    }
    pf_abandon(k);
}

static void check_member(struct rebuilding *r, const struct ar_member *m)
{
    struct checking *c = r->c;
    struct pf_err err = {0};
    char name[AR_NAME];
    uint32_t from = ar_entries_find(c->e, 0, c->e->n, m->hash), to = from;

    ar_member_name(m->hash, name);
    c->name = name;
    while (to < c->e->n && memcmp(c->e->at[to].hash, m->hash, PF_HASH) == 0)
        to++;
    if (from == to)
        violated(c, "%s: the manifest does not name it", name);
    const uint8_t *content = ar_store_content(r->s, m, &err);
    if (!content) {
        take_error(c, "", &err);
        return;
    }
    check_content(c, from, to, content, (size_t)m->size);
    if (ar_writer_member(&r->tar, name, content, (size_t)m->size) < 0)
        take_error(c, name, &r->err);
}

static void check_frame(struct rebuilding *r, uint32_t frame, uint32_t *member)
{
    const struct ar_index *x = &r->s->x;
    struct pf_err err = {0};
    char where[32];

    snprintf(where, sizeof where, "frame %u", frame);
    r->built.n = 0;
    bool whole = ar_store_frame(r->s, frame, &err) != NULL;
    if (!whole)
        take_error(r->c, where, &err);
    for (; *member < x->n_members && x->member[*member].frame == frame; ++*member)
        if (whole && !r->c->err->code)
            check_member(r, &x->member[*member]);
    if (whole && !r->c->err->code && frame + 1 < x->n_frames)
        compare_frames(r, frame, frame + 1, "its members do");
}

static void check_missing(struct checking *c, const struct ar_store *s)
{
    char name[AR_NAME];

    for (uint32_t i = 0; i < c->e->n; i++) {
        if (ar_store_find(s, c->e->at[i].hash))
            continue;
        ar_member_name(c->e->at[i].hash, name);
        violated(c, "%s: the manifest names it, but it is not there", name);
    }
}

static void check_store(struct checking *c, struct ar_store *s, struct pf_entries *e)
{
    struct rebuilding r = {.c = c, .s = s, .built.mem = c->mem};
    uint32_t member = 0;

    r.to = (struct ar_to){.buf = &r.built, .err = &r.err};
    if (ar_writer_open(&r.tar, PF_ARCHIVE_TAR, &r.to, s->x.mtime) == 0) {
        check_manifest(&r, e);
        c->e = e;
        for (uint32_t i = s->x.manifest; i < s->x.n_frames && !c->err->code; i++)
            check_frame(&r, i, &member);
        check_missing(c, s);
        r.built.n = 0;
        if (ar_writer_close(&r.tar) == 0)
            compare_frames(&r, s->x.n_frames - 1, s->x.n_frames, "the zeros at the end do");
    }
    if (r.err.code && !c->err->code)
        *c->err = r.err;
    ar_writer_drop(&r.tar);
    pf_dealloc(c->mem, r.built.at);
}

/* ---- any other archive ---- */

static int check_one(void *ctx, uint32_t entry, const uint8_t *content, size_t len)
{
    struct checking *c = ctx;
    char name[AR_NAME];

    ar_member_name(c->e->at[entry].hash, name);
    c->name = name;
    check_content(c, entry, entry + 1, content, len);
    return c->err->code ? -1 : 0;
}

static void check_walked(struct checking *c, const char *path)
{
    struct pf_archive_how how = {.tell = c->tell, .ctx = c->ctx};
    struct pf_err err = {0};
    struct pf_archive *a = pf_archive_open(c->mem, path, &how, &err);

    if (!a && err.code == PF_EFORMAT) { /* not even the beginning of an archive */
        *c->err = err;
        return;
    }
    if (a) {
        c->e = pf_archive_entries(a);
        if (pf_archive_is_ours(a) && pf_archive_format(a) != PF_ARCHIVE_ZIP)
            violated(c, "the archive has no index (recover writes a new one)");
        pf_archive_read(a, NULL, check_one, c, &err);
    }
    take_error(c, "", &err);
    pf_archive_close(a);
}

static void check_file(struct checking *c, const char *path, int fd)
{
    uint64_t base, size;
    struct pf_err err = {0};
    struct pf_entries e = {0};

    if (!ar_index_locate(fd, &base, &size)) {
        check_walked(c, path);
        return;
    }
    struct ar_store *s = ar_store_open(c->mem, fd, base, size, &err);
    if (!s)
        take_error(c, "", &err);
    else if (ar_entries_init(c->mem, &e, c->err) == 0)
        check_store(c, s, &e);
    c->e = NULL;
    ar_entries_free(&e);
    ar_store_close(s);
}

int64_t pf_archive_check(struct pf_mem *m, const char *path, pf_tell *tell, void *ctx,
                         struct pf_err *err)
{
    struct checking c = {.mem = m, .tell = tell, .ctx = ctx, .err = err};
    uint64_t size;
    int fd = ar_open(path, &size, err);

    if (fd >= 0 && ar_entries_init(m, &c.true_e, err) == 0)
        check_file(&c, path, fd);
    ar_entries_free(&c.true_e);
    if (fd >= 0)
        close(fd);
    return err->code ? -1 : c.found;
}
