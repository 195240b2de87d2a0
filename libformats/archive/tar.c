/* tar.c - members written by libarchive, always the same bytes for the same members. */
#include "ar.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

int ar_put(struct ar_to *to, const void *data, size_t len)
{
    if (to->buf) {
        pb_bytes(to->buf, data, len);
        return to->buf->failed ? ar_no_memory(to->err) : 0;
    }
    if (to->sink) {
        pf_put(to->sink, data, len);
        return pf_sink_check(to->sink, to->err);
    }
    return ar_write_fd(to->fd, data, len, to->err);
}

static la_ssize_t on_write(struct archive *a, void *writer, const void *data, size_t len)
{
    struct ar_writer *w = writer;

    (void)a;
    return w->dropped || ar_put(w->to, data, len) < 0 ? -1 : (la_ssize_t)len;
}

static int failed(const struct ar_writer *w)
{
    const char *why = w->archive ? archive_error_string(w->archive) : NULL;

    return pf_fail(w->to->err, PF_EIO, "cannot write the archive: %s", why ? why : "out of memory");
}

int ar_writer_open(struct ar_writer *w, enum pf_archive_format format, struct ar_to *to,
                   int64_t mtime)
{
    struct archive *a = archive_write_new();

    *w = (struct ar_writer){.archive = a, .entry = archive_entry_new(), .to = to, .mtime = mtime};
    if (!a || !w->entry)
        return ar_no_memory(to->err);
    int rc = format == PF_ARCHIVE_ZIP ? archive_write_set_format_zip(a)
                                      : archive_write_set_format_pax_restricted(a);
    if (rc == ARCHIVE_OK && format == PF_ARCHIVE_ZIP)
        rc = archive_write_set_options(a, "zip:compression=deflate,zip:compression-level=9");
    if (rc == ARCHIVE_OK)
        rc = archive_write_set_bytes_per_block(a, 0); /* what is put comes out at once */
    if (rc == ARCHIVE_OK)
        rc = archive_write_open(a, w, NULL, on_write, NULL);
    return rc == ARCHIVE_OK ? 0 : failed(w);
}

/* A name that ends with a slash is a folder's. */
int ar_writer_head(struct ar_writer *w, const char *name, uint64_t size)
{
    struct archive_entry *e = archive_entry_clear(w->entry);
    bool folder = name[0] && name[strlen(name) - 1] == '/';

    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)size);
    archive_entry_set_filetype(e, folder ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(e, folder ? 0755 : 0644);
    archive_entry_set_mtime(e, w->mtime, 0);
    archive_entry_set_uid(e, 0);
    archive_entry_set_gid(e, 0);
    return archive_write_header(w->archive, e) == ARCHIVE_OK ? 0 : failed(w);
}

int ar_writer_data(struct ar_writer *w, const void *data, size_t len)
{
    return archive_write_data(w->archive, data, len) == (la_ssize_t)len ? 0 : failed(w);
}

int ar_writer_member(struct ar_writer *w, const char *name, const void *data, size_t len)
{
    if (ar_writer_head(w, name, len) < 0 || ar_writer_data(w, data, len) < 0)
        return -1;
    return archive_write_finish_entry(w->archive) == ARCHIVE_OK ? 0 : failed(w);
}

int ar_writer_close(struct ar_writer *w)
{
    return archive_write_close(w->archive) == ARCHIVE_OK ? 0 : failed(w);
}

/* What was begun is not brought to an end: nothing more may be written. libarchive keeps its buffer
 * when an archive that failed is freed without having been closed, which tries to write its end. */
void ar_writer_drop(struct ar_writer *w)
{
    w->dropped = true;
    if (w->archive) {
        archive_write_fail(w->archive);
        archive_write_close(w->archive);
        archive_write_free(w->archive);
    }
    archive_entry_free(w->entry);
    *w = (struct ar_writer){0};
}
