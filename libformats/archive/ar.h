/*
 * ar.h - what the parts of the archive library share.
 *
 *     bits      hashes, temporary files, whole reads and writes
 *     entries   lines of the manifest, in memory and as JSON
 *     store     an archive of ours in a file: its index, one frame at a time
 *     walk      any archive through libarchive, member by member
 *     build     what becomes an archive, and how it is laid out
 */
#ifndef AR_H
#define AR_H

#include "formats_archive.h"
#include "io.h"
#include "pb.h"

#define AR_MANIFEST "manifest.jsonl"

enum {
    AR_NAME = 80, /* "sha256-HEX.pb" and its NUL */
    AR_BLOCK = 512,
    AR_LEVEL = 9,
    /* A frame ends behind a member when it has AR_FRAME_MIN bytes and the member's hash says so
     * (once in AR_FRAME_MORE bytes), or when it has AR_FRAME_MAX: so its ends depend on what is
     * near, and one more member leaves nearly all frames as they are. */
    AR_FRAME_MIN = 3 * PF_MIB,
    AR_FRAME_MORE = 3 * PF_MIB / 2,
    AR_FRAME_MAX = 6 * PF_MIB,
    AR_FRAME_MOST = PF_ARCHIVE_MEMBER + 2 * AR_FRAME_MAX, /* a large member behind small ones */
    AR_MANIFEST_FRAME = 4 * PF_MIB,
    ZSTD_RATIO = 1 << 15, /* zstd packs no better: 4 bytes say 128 KiB of one byte */
};

/* ---- bits.c ---- */

void ar_sha256(const void *data, size_t len, uint8_t hash[PF_HASH]);
bool ar_hex(const char *text, size_t len, uint8_t *bytes); /* len / 2 bytes; false: no hex */
void ar_member_name(const uint8_t hash[PF_HASH], char name[AR_NAME]);
bool ar_member_hash(const char *name, uint8_t hash[PF_HASH]); /* false: no name of ours */
int ar_no_memory(struct pf_err *err);
/* A file without a name in TMPDIR, /tmp or /var/tmp; gone when it is closed. */
int ar_temp(struct pf_err *err);
int ar_read_at(int fd, void *to, size_t len, uint64_t at, struct pf_err *err);
int ar_write_fd(int fd, const void *data, size_t len, struct pf_err *err);
/* Opens path (NULL, "-": stdin) so that it can be read anywhere, copying it when it is a pipe. */
int ar_open(const char *path, uint64_t *size, struct pf_err *err);

struct ar_zstd { /* made when first used */
    struct pf_mem *mem;
    void *pack, *unpack;
};
/* One frame with a checksum, appended to `to`; of a size that is known, into memory of that size.
 */
int ar_pack(struct ar_zstd *z, const void *data, size_t len, int level, struct pb_buf *to,
            struct pf_err *err);
int ar_unpack(struct ar_zstd *z, const void *data, size_t len, void *to, size_t size,
              struct pf_err *err);
void ar_zstd_free(struct ar_zstd *z);

/* ---- entries.c, manifest.c ---- */

int ar_entries_init(struct pf_mem *m, struct pf_entries *e, struct pf_err *err);
void ar_entries_free(struct pf_entries *e);
struct pf_entry *ar_entry_new(struct pf_entries *e, struct pf_err *err); /* at the end */
void ar_entry_drop(struct pf_entries *e);                                /* the last one */
/* Text that is none of the table's yet, and below 4 GiB as all that we read in one piece. */
static inline struct pf_str ar_text(const char *s, size_t len)
{
    return (struct pf_str){.s = s, .len = (uint32_t)len};
}
int ar_entry_label(struct pf_entries *e, struct pf_entry *to, struct pf_str key,
                   struct pf_str value, struct pf_err *err);
int ar_entry_type(struct pf_entries *e, struct pf_entry *to, const struct pf_entry_type *t,
                  struct pf_err *err);
/* What the manifest says of a profile, but its id, size and labels. */
int ar_entry_describe(struct pf_entries *e, struct pf_entry *to, const struct pf_profile *p,
                      struct pf_err *err);
int ar_entry_copy(struct pf_entries *to, const struct pf_entries *from, uint32_t i,
                  struct pf_err *err);
/* By hash, then labels. */
int ar_entry_cmp(const struct pf_entries *e, uint32_t a, uint32_t b);
/* Their numbers in that order, those of equal ones once; NULL: no memory. */
uint32_t *ar_entries_sorted(const struct pf_entries *e, uint32_t *n);
/* The first of entries [from, to), which are sorted, that has the hash; `to`: none. */
uint32_t ar_entries_find(const struct pf_entries *e, uint32_t from, uint32_t to,
                         const uint8_t hash[PF_HASH]);

/* Adds the lines of a manifest. Of a broken one, all whole lines are there after a failure. */
int ar_manifest_read(struct pf_entries *e, struct pf_source *in, struct pf_err *err);
int ar_manifest_parse(struct pf_entries *e, const uint8_t *text, size_t len, struct pf_err *err);

/* The size in a plain tar header whose sum is right; false: it is none. */
bool ar_tar_size(const uint8_t head[AR_BLOCK], uint64_t *size);

/* The canonical plain content of a profile: a sink to ask for its bytes and to abandon. */
struct pf_sink *ar_encode(struct pf_mem *m, const struct pf_profile *p, const uint8_t **content,
                          size_t *len, struct pf_err *err);

/* ---- index.c: the index at the end, an array of frames and one of members ---- */

struct ar_frame {
    uint64_t at, packed, raw;
};
struct ar_member { /* sorted by hash; content [at, at + size) of its frame */
    uint8_t hash[PF_HASH];
    uint64_t at, size;
    uint32_t frame;
};
struct ar_index {
    struct ar_frame *frame;
    struct ar_member *member;
    uint32_t n_frames, cap_frames, n_members, cap_members;
    uint32_t manifest; /* the first so many frames hold the manifest; the last one the tar's end */
    int64_t mtime;
};
void ar_index_free(struct pf_mem *m, struct ar_index *x);
/* Where in the file an archive with an index lies: all of it, or a blob of an OCI layout. False:
 * nowhere. */
bool ar_index_locate(int fd, uint64_t *base, uint64_t *size);
int ar_index_read(struct pf_mem *m, int fd, uint64_t base, uint64_t size, struct ar_index *x,
                  struct pf_err *err);
/* The skippable frame. */
int ar_index_put(const struct ar_index *x, struct pb_buf *to, struct pf_err *err);

/* ---- store.c ---- */

struct ar_store {
    struct pf_mem *mem;
    int fd; /* borrowed */
    uint64_t base, size;
    struct ar_index x;
    struct ar_zstd zstd;
    uint8_t *raw; /* frame `loaded`, unpacked */
    uint32_t loaded;
    bool has_checksum; /* that frame, and it was right */
};
struct ar_store *ar_store_open(struct pf_mem *m, int fd, uint64_t base, uint64_t size,
                               struct pf_err *err);
void ar_store_close(struct ar_store *s); /* accepts NULL */
const uint8_t *ar_store_frame(struct ar_store *s, uint32_t frame, struct pf_err *err);
/* A frame as it lies in the file, to be copied; yours. */
uint8_t *ar_store_packed(struct ar_store *s, uint32_t frame, struct pf_err *err);
const struct ar_member *ar_store_find(const struct ar_store *s, const uint8_t hash[PF_HASH]);
/* The content of a member, borrowed until the next call; its hash was checked, or the checksum of
 * its frame and that the tar, too, has the member there. */
const uint8_t *ar_store_content(struct ar_store *s, const struct ar_member *m, struct pf_err *err);
const uint8_t *ar_store_content_by_checksum(struct ar_store *s, const struct ar_member *m,
                                            struct pf_err *err);
int ar_store_manifest(struct ar_store *s, struct pf_entries *e, struct pf_err *err);

/* query.c: the digits in what may be the start of an id, "sha256-12ab.pb"; NULL: it is none. */
const char *ar_id_digits(const char *text, size_t *len);

/* ---- walk.c: a pass over an archive, to list it (give NULL) or to read what is wanted ---- */

struct ar_pass {
    struct pf_mem *mem;
    const struct pf_archive_how *how;
    struct pf_entries *e;
    const bool *wanted;
    pf_give *give;
    void *ctx;
    uint32_t next;        /* reading: the entry that comes next */
    uint64_t bytes, max;  /* unpacked so far */
    uint64_t no_profiles; /* members that are none; the first AR_NAMED are named */
    bool stopped;         /* give said so */
    bool ours;            /* the outermost archive has a manifest */
    enum pf_archive_format format;
};
/* What an archive of that size may unpack to, where it is not told. */
uint64_t ar_max_unpacked(uint64_t packed);
int ar_count_unpacked(struct ar_pass *p, uint64_t bytes, struct pf_err *err);
struct ar_store *ar_archive_store(struct pf_archive *a); /* open.c; NULL: it has no index */
int ar_pass_any(struct ar_pass *p, int fd, unsigned depth, struct pf_err *err);
int ar_walk(struct ar_pass *p, int fd, unsigned depth, struct pf_err *err);
int ar_pass_store(struct ar_pass *p, struct ar_store *s, struct pf_err *err);
int ar_give(struct ar_pass *p, uint32_t entry, const uint8_t *content, size_t len);

/* ---- tar.c: members through libarchive's writers ---- */

/* Where bytes go: one of these. */
struct ar_to {
    struct pb_buf *buf;
    struct pf_sink *sink;
    int fd;
    struct pf_err *err;
};
int ar_put(struct ar_to *to, const void *data, size_t len);

struct ar_writer {
    void *archive, *entry; /* libarchive's, which knows where this struct lies */
    struct ar_to *to;
    int64_t mtime;
    bool dropped;
};
int ar_writer_open(struct ar_writer *w, enum pf_archive_format format, struct ar_to *to,
                   int64_t mtime);
int ar_writer_head(struct ar_writer *w, const char *name, uint64_t size);
int ar_writer_data(struct ar_writer *w, const void *data, size_t len);
int ar_writer_member(struct ar_writer *w, const char *name, const void *data, size_t len);
int ar_writer_close(struct ar_writer *w); /* with the end of the archive */
void ar_writer_drop(struct ar_writer *w);

/* ---- build.c, layout.c ---- */

struct ar_content {
    uint8_t hash[PF_HASH];
    uint64_t size;
    uint64_t at, packed; /* in the temporary file; packed 0: in the old archive */
    uint32_t member;     /* of `old`, where it is there */
};
struct pf_build {
    struct pf_mem *mem;
    struct pf_entries e;
    struct ar_content *content;
    uint32_t n, cap;
    struct pf_index by_hash; /* of contents, from 1 */
    struct ar_store *old;    /* borrowed */
    int temp;
    uint64_t temp_size;
    struct ar_zstd zstd;
    struct pb_buf buf;
};
bool ar_build_has(struct pf_build *b, const uint8_t hash[PF_HASH]);
int ar_build_content(struct pf_build *b, const uint8_t hash[PF_HASH], const uint8_t *data,
                     size_t len, struct pf_err *err);
/* The content as it was added, borrowed until the next call. */
const uint8_t *ar_build_fetch(struct pf_build *b, const struct ar_content *c, struct pf_err *err);

/* layout.c: contents and entries are in order, and all belong together */
int ar_write_tar(struct pf_build *b, int64_t mtime, struct ar_to *to);
int ar_write_zip(struct pf_build *b, int64_t mtime, struct ar_to *to);
int ar_write_oci(struct pf_build *b, int64_t mtime, struct ar_to *to); /* oci.c */

#endif
