/*
 * walk.c - any archive, member by member, through libarchive: only tar and zip, plain, gzip or
 * zstd, and nothing is ever extracted. Members that an unpacker could be harmed by are refused, as
 * are sizes that lie.
 */
#include "ar.h"
#include "text.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    READ_BLOCK = 64 * PF_KIB,
    NAME_MAX_BYTES = 4096,
    SHOWN = 160,
    UNSURE = 30, /* bids that mean no more than text with a number in it */
};

struct walk {
    struct ar_pass *p;
    struct archive *a;
    struct archive_entry *entry;
    struct pf_profile *names; /* of the members so far, to find those that come twice */
    const char *name;         /* of this member */
    unsigned depth;
    bool first, ours;
    uint32_t from, to; /* ours: its entries */
    struct pf_err *err;
};

PF_PRINTF(2, 3) static void tell(struct walk *w, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    if (!w->p->how->tell)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    w->p->how->tell(w->p->how->ctx, text);
}

static int broken(struct walk *w)
{
    const char *why = archive_error_string(w->a);

    return pf_fail(w->err, PF_ESYNTAX, "the archive is cut or damaged: %.150s (see recover)",
                   why ? why : "no end");
}

/* ---- what is unsafe ---- */

static const char *unsafe_name(const char *name)
{
    size_t len = name ? strlen(name) : 0;

    if (len == 0)
        return "it has no name";
    if (len > NAME_MAX_BYTES)
        return "its name is too long";
    if (name[0] == '/' || name[0] == '\\' || (len > 1 && name[1] == ':'))
        return "its name is absolute";
    for (const char *part = name;; part++) {
        size_t n = strcspn(part, "/\\");
        if (n == 2 && part[0] == '.' && part[1] == '.')
            return "its name leads out of the folder";
        part += n;
        if (!*part)
            return NULL;
    }
}

static const char *unsafe_kind(struct archive_entry *e)
{
    if (archive_entry_hardlink(e))
        return "it is a hard link";
    switch (archive_entry_filetype(e)) {
    case AE_IFREG:
    case AE_IFDIR: break;
    case AE_IFLNK: return "it is a symbolic link";
    case AE_IFCHR:
    case AE_IFBLK: return "it is a device";
    case AE_IFIFO: return "it is a named pipe";
    default: return "it is no file";
    }
    if (archive_entry_is_encrypted(e))
        return "it is encrypted";
    return NULL;
}

static const char *unsafe_size(struct archive_entry *e)
{
    if (archive_entry_size_is_set(e)
        && (archive_entry_size(e) < 0 || archive_entry_size(e) > PF_ARCHIVE_MEMBER))
        return "it is larger than 1 GiB";
    return NULL;
}

/* A member that has the name of one before: who reads both sees one, who unpacks them the other. */
static const char *unsafe_twin(struct walk *w)
{
    uint32_t before = w->names->strs.n;

    pf_str(w->names, w->name, strlen(w->name));
    if (w->names->err.code) {
        ar_no_memory(w->err);
        return NULL;
    }
    if (before > PF_ARCHIVE_MEMBERS)
        pf_fail(w->err, PF_ELIMIT, "the archive has more than %d members", PF_ARCHIVE_MEMBERS);
    return w->names->strs.n == before ? "there is another one of that name" : NULL;
}

static const char *unsafe(struct walk *w)
{
    const char *why = unsafe_name(w->name);

    why = why ? why : unsafe_kind(w->entry);
    why = why ? why : unsafe_size(w->entry);
    if (!why && archive_entry_filetype(w->entry) == AE_IFREG)
        why = unsafe_twin(w);
    return why;
}

/* ---- the bytes of a member ---- */

static int count(struct walk *w, uint64_t more)
{
    struct ar_pass *p = w->p;

    p->bytes += more;
    if (p->bytes <= p->max)
        return 0;
    return pf_fail(w->err, PF_ELIMIT,
                   "the archive unpacks to more than %llu bytes (see --max-unpacked)",
                   (unsigned long long)p->max);
}

static int read_member(struct walk *w, struct pb_buf *to)
{
    for (;;) {
        if (!pb_room(to, READ_BLOCK))
            return ar_no_memory(w->err);
        la_ssize_t n = archive_read_data(w->a, to->at + to->n, READ_BLOCK);
        if (n < 0)
            return broken(w);
        if (n == 0)
            return 0;
        to->n += (size_t)n;
        if (count(w, (uint64_t)n) < 0)
            return -1;
        if (to->n > PF_ARCHIVE_MEMBER)
            return pf_fail(w->err, PF_ELIMIT, "%.160s: it is larger than 1 GiB", w->name);
    }
}

/* ---- an archive of ours: the manifest tells what there is ---- */

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
    int rc = read_member(w, &content);
    if (rc == 0) {
        ar_sha256(content.at, content.n, real);
        if (memcmp(real, hash, PF_HASH) != 0)
            rc = pf_fail(w->err, PF_ESYNTAX, "%.160s: the content has another hash", w->name);
    }
    for (uint32_t i = at; rc == 0 && i < n && !p->stopped; i++)
        if (p->wanted[i])
            rc = ar_give(p, i, content.at, content.n);
    pf_dealloc(p->mem, content.at);
    return rc;
}

static int take_ours(struct walk *w)
{
    uint8_t hash[PF_HASH];

    if (!ar_member_hash(w->name, hash)) {
        if (!w->p->give)
            tell(w, "%.*s: not a member of the archive: left out", SHOWN, w->name);
        return 0;
    }
    return w->p->give ? give_ours(w, hash) : 0;
}

/* The first member may be a manifest; then all is ours. When what is wanted is read, its lines only
 * tell how many entries are of this archive: of the outermost one, all. */
static int take_manifest(struct walk *w)
{
    struct ar_pass *p = w->p;
    struct pb_buf text = {.mem = p->mem};
    struct pf_entries again = {0};
    int rc = 0;

    w->ours = true;
    w->from = p->give ? p->next : p->e->n;
    w->to = p->e->n;
    if (p->give && w->depth == 0)
        return 0;
    rc = p->give ? ar_entries_init(p->mem, &again, w->err) : 0;
    rc = rc == 0 ? read_member(w, &text) : rc;
    rc = rc == 0 ? ar_manifest_parse(p->give ? &again : p->e, text.at, text.n, w->err) : rc;
    if (p->give)
        p->next = w->to = w->from + again.n < p->e->n ? w->from + again.n : p->e->n;
    else
        w->to = p->e->n;
    ar_entries_free(&again);
    pf_dealloc(p->mem, text.at);
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
        tell(w, "%.*s: %.80s", SHOWN, w->name, pf_str_at(p, p->notes.at[i]).s);
}

static int take_profile(struct walk *w, const struct pf_profile *profile)
{
    tell_notes(w, profile);
    return w->p->give ? give_profile(w, profile) : list_profile(w, profile);
}

/* Every profile of a member; a member that is none is left out. */
static int take_profiles(struct walk *w, const struct pb_buf *data)
{
    struct pf_err err = {0};
    struct pf_source *in = pf_open_mem(w->p->mem, data->at, data->n, &err);
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
    if (err.code && err.code != PF_ENOMEM && unsure)
        err.code = PF_OK;
    if (err.code)
        return pf_fail(w->err, err.code, "%.*s: %.80s", 120, w->name, err.msg);
    if (none && rc == 0 && !w->p->give)
        tell(w, "%.*s: not a profile: left out", SHOWN, w->name);
    return rc;
}

/* A tar, perhaps packed, or a zip. */
static bool is_archive(struct pf_mem *m, const struct pb_buf *data)
{
    struct pf_err ignored = {0};
    struct pf_source *in;
    size_t have;

    if (data->n >= 4 && (memcmp(data->at, "PK\3\4", 4) == 0 || memcmp(data->at, "PK\5\6", 4) == 0))
        return true;
    in = pf_open_mem(m, data->at, data->n, &ignored);
    const uint8_t *at = in ? pf_peek(in, AR_BLOCK, &have) : NULL;
    bool tar = at && have >= AR_BLOCK && memcmp(at + 257, "ustar", 5) == 0;
    pf_close(in);
    return tar;
}

static int take_archive(struct walk *w, const struct pb_buf *data)
{
    int fd, rc = -1;

    if (w->depth + 1 >= PF_ARCHIVE_DEPTH)
        return pf_fail(w->err, PF_ELIMIT, "%.160s: too many archives within archives", w->name);
    fd = ar_temp(w->err);
    if (fd >= 0 && ar_write_fd(fd, data->at, data->n, w->err) == 0)
        rc = ar_pass_any(w->p, fd, w->depth + 1, w->err);
    if (fd >= 0)
        close(fd);
    return rc;
}

static int take_foreign(struct walk *w)
{
    struct pb_buf data = {.mem = w->p->mem};
    int rc = read_member(w, &data);

    if (rc == 0)
        rc = is_archive(w->p->mem, &data) ? take_archive(w, &data) : take_profiles(w, &data);
    pf_dealloc(w->p->mem, data.at);
    return rc;
}

/* ---- the walk ---- */

static int take(struct walk *w)
{
    const char *why;

    w->name = archive_entry_pathname_utf8(w->entry);
    if (!w->name)
        w->name = archive_entry_pathname(w->entry);
    why = unsafe(w);
    if (w->err->code)
        return -1;
    if (why && !w->p->how->skip_unsafe)
        return pf_fail(w->err, PF_EVALUE, "unsafe member '%.*s': %s (see --skip-unsafe)", 120,
                       w->name ? w->name : "", why);
    if (why && !w->p->give)
        tell(w, "unsafe member '%.*s': %s: left out", 120, w->name ? w->name : "", why);
    if (why || archive_entry_filetype(w->entry) == AE_IFDIR)
        return 0;
    bool first = w->first;
    w->first = false;
    if (first && strcmp(w->name, AR_MANIFEST) == 0)
        return take_manifest(w);
    return w->ours ? take_ours(w) : take_foreign(w);
}

/* Bytes that nobody asked for are counted, too, once a header says how many they are. */
static int walk_all(struct walk *w)
{
    int rc = 0, got;

    while (rc == 0 && !w->p->stopped
           && (got = archive_read_next_header(w->a, &w->entry)) != ARCHIVE_EOF) {
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
            return broken(w);
        rc = take(w);
    }
    return rc;
}

/* Libarchive could not even begin: because the file is no archive, or one that is cut or damaged.
 */
static int not_opened(struct walk *w, int fd)
{
    struct pb_buf head = {.mem = w->p->mem};
    ssize_t n = pb_room(&head, READ_BLOCK) ? pread(fd, head.at, READ_BLOCK, 0) : -1;
    const char *why = archive_error_string(w->a);
    bool begins;

    head.n = n > 0 ? (size_t)n : 0;
    begins = head.n && is_archive(w->p->mem, &head);
    pf_dealloc(w->p->mem, head.at);
    if (begins)
        return pf_fail(w->err, PF_ESYNTAX, "the archive is cut or damaged: %.150s (see recover)",
                       why ? why : "no end");
    return pf_fail(w->err, PF_EFORMAT, "not an archive (tar, tar.gz, tar.zst or zip)");
}

static int open_archive(struct walk *w, int fd)
{
    struct archive *a = w->a;

    if (!a)
        return ar_no_memory(w->err);
    archive_read_support_format_tar(a);
    archive_read_support_format_zip_seekable(a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_zstd(a);
    if (lseek(fd, 0, SEEK_SET) < 0 || archive_read_open_fd(a, fd, READ_BLOCK) != ARCHIVE_OK)
        return not_opened(w, fd);
    return 0;
}

int ar_walk(struct ar_pass *p, int fd, unsigned depth, struct pf_err *err)
{
    struct walk w = {.p = p, .depth = depth, .first = true, .err = err};
    int rc = -1;

    w.names = pf_new(p->mem);
    if (!w.names)
        return ar_no_memory(err);
    w.a = archive_read_new();
    if (open_archive(&w, fd) == 0)
        rc = walk_all(&w);
    if (depth == 0) {
        p->ours = w.ours;
        if (w.a && (archive_format(w.a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP)
            p->format = PF_ARCHIVE_ZIP;
    }
    archive_read_free(w.a);
    pf_free(w.names);
    return rc;
}
