/*
 * walk.c - any archive, member by member, through libarchive: only tar and zip, plain, gzip or
 * zstd, and nothing is ever extracted. Members that an unpacker could be harmed by are refused, as
 * are sizes that lie.
 */
#include "walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 4096 };

PF_PRINTF(2, 3) void walk_tell(struct walk *w, const char *fmt, ...)
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

int walk_broken(struct walk *w)
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
        return "it is larger than 512 MiB";
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
        walk_tell(w, "unsafe member '%.*s': %s: left out", 120, w->name ? w->name : "", why);
    if (why || archive_entry_filetype(w->entry) == AE_IFDIR)
        return 0;
    bool first = w->first;
    w->first = false;
    w->taken = 0;
    if (first && strcmp(w->name, AR_MANIFEST) == 0)
        return walk_manifest(w);
    return w->ours ? walk_ours(w) : walk_foreign(w);
}

/* Bytes that nobody asked for are counted, too, once a header says how many they are. */
static int walk_all(struct walk *w)
{
    int rc = 0, got;

    while (rc == 0 && !w->p->stopped
           && (got = archive_read_next_header(w->a, &w->entry)) != ARCHIVE_EOF) {
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
            return walk_broken(w);
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
    begins = head.n && walk_is_archive(w->p->mem, head.at, head.n);
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
        if (p->no_profiles > AR_NAMED)
            walk_tell(&w, "not a profile and left out, too: %" PRIu64 " more",
                      p->no_profiles - AR_NAMED);
        p->ours = w.ours;
        if (w.a && (archive_format(w.a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP)
            p->format = PF_ARCHIVE_ZIP;
    }
    archive_read_free(w.a);
    pf_free(w.names);
    return rc;
}
