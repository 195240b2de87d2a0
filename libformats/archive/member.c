/* member.c - what is in a member of any archive: a profile, several, another archive, or nothing
 * for us. It is read as a stream, so that memory is that of the profile and not of the member. */
#include "walk.h"

#include "text.h"

#include <string.h>
#include <unistd.h>

enum {
    HEAD_BLOCK = 256 * PF_KIB, /* shows what kind of file it is, also where zstd packed it */
    UNSURE = 30,               /* bids that mean no more than text with a number in it */
};

/* ---- the bytes of a member ---- */

/* Up to `room` more bytes of the member; 0: no more, -1: it is broken or too large. */
static ssize_t read_some(struct walk *w, void *to, size_t room)
{
    struct ar_pass *p = w->p;
    la_ssize_t n = archive_read_data(w->a, to, room);

    if (n < 0)
        return walk_broken(w);
    w->taken += (uint64_t)n;
    if (ar_count_unpacked(p, (uint64_t)n, w->err) < 0)
        return -1;
    if (w->taken > PF_ARCHIVE_MEMBER)
        return pf_fail(w->err, PF_ELIMIT, "%.160s: it is larger than 512 MiB", w->name);
    return (ssize_t)n;
}

/* Up to n bytes of it, fewer at its end only. */
static int read_up_to(struct walk *w, struct pb_buf *to, size_t n)
{
    ssize_t got = 1;

    if (!pb_room(to, n))
        return ar_no_memory(w->err);
    for (; n && got > 0; n -= (size_t)got) {
        got = read_some(w, to->at + to->n, n);
        if (got < 0)
            return -1;
        to->n += (size_t)got;
    }
    return 0;
}

/* What nobody wants is read all the same: its bytes count, and its checksum may be wrong. */
static int read_rest(struct walk *w)
{
    uint8_t block[READ_BLOCK];
    ssize_t n;

    while ((n = read_some(w, block, sizeof block)) > 0) {
    }
    return n < 0 ? -1 : 0;
}

/* A member as a source: its head, which was read to see what it is, then the rest of it. */
struct rest {
    struct walk *w;
    const struct pb_buf *head;
    size_t at;
};

static ssize_t more(void *ctx, void *to, size_t room, struct pf_err *err)
{
    struct rest *r = ctx;
    size_t n = r->head->n - r->at;

    if (n) {
        n = n < room ? n : room;
        memcpy(to, r->head->at + r->at, n);
        r->at += n;
        return (ssize_t)n;
    }
    ssize_t got = read_some(r->w, to, room);
    if (got < 0 && !err->code)
        *err = *r->w->err;
    return got;
}

/* ---- an archive of ours: the manifest tells what there is ---- */

/* No more of a content than its line of the manifest says that there is, and one byte. */
static int read_said(struct walk *w, struct pb_buf *to, uint64_t said)
{
    size_t most = (size_t)(said < PF_ARCHIVE_MEMBER ? said : PF_ARCHIVE_MEMBER) + 1, before;

    do {
        before = to->n;
        if (read_up_to(w, to, most - before < READ_BLOCK ? most - before : READ_BLOCK) < 0)
            return -1;
    } while (to->n > before && to->n < most);
    return 0;
}

static int give_ours(struct walk *w, const uint8_t hash[PF_HASH])
{
    struct ar_pass *p = w->p;
    struct pb_buf content = {.mem = p->mem};
    uint8_t real[PF_HASH];
    uint32_t at = ar_entries_find(p->e, w->from, w->to, hash), n = at, wanted = 0;

    for (; n < w->to && memcmp(p->e->at[n].hash, hash, PF_HASH) == 0; n++)
        wanted += p->wanted[n];
    if (!wanted)
        return 0;
    int rc = read_said(w, &content, p->e->at[at].size);
    if (rc == 0) {
        ar_sha256(content.at, content.n, real);
        if (content.n > p->e->at[at].size)
            rc =
                pf_fail(w->err, PF_ESYNTAX, "%.160s: it is larger than the manifest says", w->name);
        else if (memcmp(real, hash, PF_HASH) != 0)
            rc = pf_fail(w->err, PF_ESYNTAX, "%.160s: the content has another hash", w->name);
    }
    for (uint32_t i = at; rc == 0 && i < n && !p->stopped; i++)
        if (p->wanted[i])
            rc = ar_give(p, i, content.at, content.n);
    pf_dealloc(p->mem, content.at);
    return rc;
}

int walk_ours(struct walk *w)
{
    uint8_t hash[PF_HASH];

    if (!ar_member_hash(w->name, hash)) {
        if (!w->p->give)
            walk_tell(w, "%.*s: not a member of the archive: left out", SHOWN, w->name);
        return 0;
    }
    return w->p->give ? give_ours(w, hash) : 0;
}

static int read_manifest(struct walk *w, struct pf_entries *e)
{
    struct pb_buf none = {.mem = w->p->mem};
    struct rest r = {w, &none, 0};
    struct pf_source *in = pf_open_from(w->p->mem, more, &r, w->err);
    int rc = in ? ar_manifest_read(e, in, w->err) : -1;

    pf_close(in);
    return rc;
}

/* When what is wanted is read, the lines only tell how many entries are of this archive: of the
 * outermost one, all. */
int walk_manifest(struct walk *w)
{
    struct ar_pass *p = w->p;
    struct pf_entries again = {0};
    int rc = 0;

    w->ours = true;
    w->from = p->give ? p->next : p->e->n;
    w->to = p->e->n;
    if (p->give && w->depth == 0)
        return 0;
    rc = p->give ? ar_entries_init(p->mem, &again, w->err) : 0;
    rc = rc == 0 ? read_manifest(w, p->give ? &again : p->e) : rc;
    if (p->give)
        p->next = w->to = w->from + again.n < p->e->n ? w->from + again.n : p->e->n;
    else
        w->to = p->e->n;
    ar_entries_free(&again);
    return rc;
}

/* ---- anybody's archive ---- */

static int list_profile(struct walk *w, const struct pf_profile *profile)
{
    struct ar_pass *p = w->p;
    const uint8_t *content;
    size_t len;
    struct pf_sink *k = ar_encode(p->mem, profile, &content, &len, w->err);
    struct pf_entry *to = k ? ar_entry_new(p->e, w->err) : NULL;
    int rc = -1;

    if (to) {
        ar_sha256(content, len, to->hash);
        to->size = len;
        rc =
            ar_entry_label(p->e, to, ar_text("name", 4), ar_text(w->name, strlen(w->name)), w->err);
        rc = rc == 0 ? ar_entry_describe(p->e, to, profile, w->err) : rc;
    }
    pf_abandon(k);
    return rc;
}

static int give_profile(struct walk *w, const struct pf_profile *profile)
{
    struct ar_pass *p = w->p;
    uint32_t i = p->next++;
    const uint8_t *content;
    size_t len;

    if (i >= p->e->n)
        return pf_fail(w->err, PF_EIO, "the archive changed while it was read");
    if (!p->wanted[i])
        return 0;
    struct pf_sink *k = ar_encode(p->mem, profile, &content, &len, w->err);
    int rc = k ? ar_give(p, i, content, len) : -1;
    pf_abandon(k);
    return rc;
}

/* What kind of profile it is. Text that might be folded stacks, as any text might, counts only when
 * all of it is (`unsure`): archives hold other text, too. NULL: none. */
static const struct pf_format *kind_of(struct pf_source *in, bool *unsure)
{
    struct pf_err ignored = {0};
    const struct pf_format *f = pf_format_probe(in, &ignored);
    size_t have;
    const uint8_t *head = f ? pf_peek(in, PF_HEAD, &have) : NULL;

    *unsure = !head || !f->probe || f->probe(head, have < PF_HEAD ? have : PF_HEAD) <= UNSURE;
    return f;
}

static void tell_notes(struct walk *w, const struct pf_profile *p)
{
    for (uint32_t i = 0;
         i < p->notes.n && !w->p->give && strcmp(pf_str_at(p, p->format).s, "pb") != 0; i++)
        walk_tell(w, "%.*s: %.80s", SHOWN, w->name, pf_str_at(p, p->notes.at[i]).s);
}

static int take_profile(struct walk *w, const struct pf_profile *profile)
{
    tell_notes(w, profile);
    return w->p->give ? give_profile(w, profile) : list_profile(w, profile);
}

/* Every profile of a member; a member that is none is left out. */
static int take_profiles(struct walk *w, const struct pb_buf *head)
{
    struct pf_err err = {0};
    struct rest r = {w, head, 0};
    struct pf_source *in = pf_open_from(w->p->mem, more, &r, &err);
    bool unsure = true, none = true;
    const struct pf_format *f = in ? kind_of(in, &unsure) : NULL;
    struct pf_profile *profile;
    int rc = 0;

    while (f && rc == 0 && !w->p->stopped && (profile = pf_load(in, NULL, &err))) {
        bool counts = !unsure || !profile->notes.n;
        rc = counts ? take_profile(w, profile) : 0;
        none = none && !counts;
        pf_free(profile);
    }
    pf_close(in);
    if (w->err->code)
        return -1;
    if (err.code && err.code != PF_ENOMEM && unsure)
        err.code = PF_OK;
    if (err.code)
        return pf_fail(w->err, err.code, "%.*s: %.80s", 120, w->name, err.msg);
    if (none && rc == 0 && !w->p->give && w->p->no_profiles++ < AR_NAMED)
        walk_tell(w, "%.*s: not a profile: left out", SHOWN, w->name);
    return rc;
}

/* A tar, perhaps packed, or a zip. */
bool walk_is_archive(struct pf_mem *m, const uint8_t *head, size_t len)
{
    struct pf_err ignored = {0};
    struct pf_source *in;
    size_t have;

    if (len >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0))
        return true;
    in = pf_open_mem(m, head, len, &ignored);
    const uint8_t *at = in ? pf_peek(in, AR_BLOCK, &have) : NULL;
    bool tar = at && have >= AR_BLOCK && memcmp(at + 257, "ustar", 5) == 0;
    pf_close(in);
    return tar;
}

/* libarchive reads it from a file of its own, as does a store. */
static int take_archive(struct walk *w, struct pb_buf *data)
{
    int fd, rc = -1;

    if (w->depth + 1 >= PF_ARCHIVE_DEPTH)
        return pf_fail(w->err, PF_ELIMIT, "%.160s: too many archives within archives", w->name);
    fd = ar_temp(w->err);
    while (fd >= 0 && data->n && (rc = ar_write_fd(fd, data->at, data->n, w->err)) == 0) {
        data->n = 0;
        rc = read_up_to(w, data, HEAD_BLOCK);
        if (rc < 0)
            break;
    }
    if (rc == 0)
        rc = ar_pass_any(w->p, fd, w->depth + 1, w->err);
    if (fd >= 0)
        close(fd);
    return rc;
}

int walk_foreign(struct walk *w)
{
    struct pb_buf head = {.mem = w->p->mem};
    int rc = read_up_to(w, &head, HEAD_BLOCK);

    if (rc == 0)
        rc = walk_is_archive(w->p->mem, head.at, head.n) ? take_archive(w, &head)
                                                         : take_profiles(w, &head);
    pf_dealloc(w->p->mem, head.at);
    return rc == 0 && !w->p->stopped ? read_rest(w) : rc;
}
