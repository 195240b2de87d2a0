/*
 * formats_archive.h - archives of profiles: one file that any artifact store takes and any tar
 * opens. A library of its own (formats_archive), as only it needs libarchive.
 *
 * An archive is a tar in zstd frames: `manifest.jsonl`, a line for each profile and set of labels,
 * then a member `sha256-HEX.pb` for each different profile: the plain content of the common format
 * in its canonical order, sorted by its hash. An index in a skippable frame at the
 * end says where in which frame a member is, so that one is read without the others. The same
 * profiles give the same bytes, in whatever order they were added.
 */
#ifndef FORMATS_ARCHIVE_H
#define FORMATS_ARCHIVE_H

#include "formats.h"

enum {
    PF_HASH = 32,                      /* bytes of an id: SHA-256 of the content */
    PF_ID_TEXT = 2 * PF_HASH + 1,      /* in hexadecimal digits, with a NUL */
    PF_ARCHIVE_MEMBER = 512 * 1048576, /* unpacked bytes of a member: more is refused */
    PF_ARCHIVE_MEMBERS = 4000000,
    PF_ARCHIVE_RATIO = 1000, /* unpacked to packed bytes of a whole archive, where not told */
    PF_ARCHIVE_DEPTH = 3,    /* archives within archives: a zip of an OCI layout of a tar */
};

enum pf_archive_format { PF_ARCHIVE_TAR, PF_ARCHIVE_OCI, PF_ARCHIVE_ZIP };

/* ---- what is in an archive ------------------------------------------------ */

/* Strings are those of pf_entries.names. Labels are sorted by key, and a key comes once. */
struct pf_entry_label {
    pf_id key, value;
};
struct pf_entry_type {
    pf_id name, unit;
    enum pf_kind kind;
    int64_t total;
};

/* A line of the manifest; of a foreign archive a profile of one of its members, whose name then is
 * the label `name`. */
struct pf_entry {
    uint8_t hash[PF_HASH];
    uint64_t size; /* of the content, plain */
    int64_t time_ns;
    uint32_t version; /* major version of the common format */
    uint32_t label, n_labels, type, n_types;
};

struct pf_entries {
    struct pf_profile *names;
    struct pf_entry *at;
    struct pf_entry_label *label;
    struct pf_entry_type *type;
    uint32_t n, cap, n_labels, cap_labels, n_types, cap_types;
};

void pf_id_text(const uint8_t hash[PF_HASH], char text[PF_ID_TEXT]);

/* One line of JSON, without its end, as the manifest has it. */
void pf_entry_json(const struct pf_entries *e, uint32_t i, struct pf_sink *out);

/* The same as a line of text with its end: id, time, size, total of the first type, labels. */
void pf_entry_text(const struct pf_entries *e, uint32_t i, struct pf_sink *out);

/* ---- reading -------------------------------------------------------------- */

struct pf_archive_how {
    uint64_t max_unpacked; /* bytes of all members that are read; 0: of a foreign archive
                              PF_ARCHIVE_RATIO times its size, at least PF_ARCHIVE_MEMBER */
    bool skip_unsafe;      /* leave out unsafe members instead of refusing the archive */
    pf_tell *tell;         /* what was left out; or NULL */
    void *ctx;
    bool by_checksum; /* of an archive of ours with an index: pf_archive_read relies on the
                         checksums of its frames, not on the hash of each content */
};

struct pf_archive;

/*
 * Opens an archive of ours, whatever its format, or a tar, tar.gz, tar.zst or zip of any profiles,
 * and reads what is in it. path NULL or "-" is stdin. Input that cannot be rewound is copied to a
 * temporary file first. Nothing is ever extracted. NULL on failure.
 */
struct pf_archive *pf_archive_open(struct pf_mem *m, const char *path,
                                   const struct pf_archive_how *how, struct pf_err *err);
void pf_archive_close(struct pf_archive *a); /* accepts NULL */
const struct pf_entries *pf_archive_entries(const struct pf_archive *a);
bool pf_archive_is_ours(const struct pf_archive *a); /* it has a manifest */
bool pf_archive_probe(const char *path); /* a file that is an archive of ours, by its index */
enum pf_archive_format pf_archive_format(const struct pf_archive *a);

/* Calls `give` with the plain content of each entry that is wanted, in order, after its hash was
 * checked (but see by_checksum). wanted: a bool for each entry. `give` returns -1 to stop. */
typedef int pf_give(void *ctx, uint32_t entry, const uint8_t *content, size_t len);
int pf_archive_read(struct pf_archive *a, const bool *wanted, pf_give *give, void *ctx,
                    struct pf_err *err);

/* Of an archive that pf_archive_probe knows: gives the one profile whose id begins so (entry: 0).
 * Only the index is read, and the frame that the profile is in. */
int pf_archive_get(struct pf_mem *m, const char *path, const char *id, pf_give *give, void *ctx,
                   struct pf_err *err);

/* ---- asking --------------------------------------------------------------- */

/* All must hold. An id, or how it begins, also as the name of its member; a label with its value; a
 * time of the profile's own, from `since` to before `until`. */
struct pf_query {
    const char *const *words; /* "branch=main" or an id; n of them */
    int n;
    bool has_since, has_until;
    int64_t since, until; /* nanoseconds since 1970 */
};
/* Sets wanted[] and returns how many are; -1 for a word that is neither. */
int64_t pf_query_run(const struct pf_query *q, const struct pf_entries *e, bool *wanted,
                     struct pf_err *err);

/* Of what is wanted, one profile: of several sets of labels the first. Fails when there is none, or
 * several whose ids begin with `id`. */
int pf_query_only_one(const struct pf_entries *e, bool *wanted, const char *id, struct pf_err *err);

/* A time: 2026-01-31, 2026-01-31T12:00:00Z (all UTC), @SECONDS, or an age before `now`: 90m, 12h,
 * 30d, 8w. false: none of these. */
bool pf_time_parse(const char *text, int64_t now_ns, int64_t *ns);

/* Of those that are wanted, unwants the n newest. Those without a time of their own cannot be told
 * apart by age: they are unwanted, too, and *timeless counts them. */
int pf_query_keep_newest(const struct pf_entries *e, bool *wanted, uint32_t n, uint32_t *timeless,
                         struct pf_err *err);

/* ---- writing -------------------------------------------------------------- */

/* What is to become an archive: the old one, what is added and what is removed. Content is kept in
 * a temporary file, so memory does not grow with it. */
struct pf_build;

struct pf_build *pf_build_new(struct pf_mem *m, struct pf_err *err);
void pf_build_free(struct pf_build *b); /* accepts NULL */

/* Takes over what an archive of ours holds, all or what is wanted. `base` is for the one archive
 * that is changed: its contents stay where they are until they are written, so it must stay open.
 */
int pf_build_base(struct pf_build *b, struct pf_archive *a, const bool *wanted, struct pf_err *err);
int pf_build_take(struct pf_build *b, struct pf_archive *a, const bool *wanted, struct pf_err *err);
/* Whether these are labels, "key=value", that a profile can have together. */
int pf_labels_check(struct pf_mem *m, const char *const *labels, int n, struct pf_err *err);
/* Adds a profile, with such labels. id: where to put its id, or NULL. */
int pf_build_add(struct pf_build *b, const struct pf_profile *p, const char *const *labels,
                 int n_labels, char id[PF_ID_TEXT], struct pf_err *err);
/* Writes the archive. mtime: of all members, seconds since 1970 (SOURCE_DATE_EPOCH). The bytes of a
 * zip depend on TZ, which should be UTC. */
int pf_build_write(struct pf_build *b, enum pf_archive_format format, int64_t mtime,
                   struct pf_sink *out, struct pf_err *err);
uint32_t pf_build_count(const struct pf_build *b); /* lines of the manifest so far */

/* Locks out other writers of the archive at path until the descriptor that is returned is closed;
 * the lock is on the folder that the file is in, as the file itself is replaced. -1 on failure. */
int pf_archive_lock(struct pf_mem *m, const char *path, struct pf_err *err);

/* ---- checking and salvage --------------------------------------------------- */

/* Checks hashes, the index against the members, the manifest against the profiles and every law
 * that profiles keep. Tells each violation and returns how many there are; -1: it cannot be read at
 * all, or is none of ours. */
int64_t pf_archive_check(struct pf_mem *m, const char *path, pf_tell *tell, void *ctx,
                         struct pf_err *err);

/* Adds what is whole in a broken archive to b; tells what was lost, by how->tell, which must be
 * there. Returns how many losses were told; -1 on failure. What lies behind how->max_unpacked bytes
 * is lost, too. */
int64_t pf_archive_recover(struct pf_mem *m, const char *path, const struct pf_archive_how *how,
                           struct pf_build *b, struct pf_err *err);

#endif
