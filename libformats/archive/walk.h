/* walk.h - what both parts of a walk over an archive share: its members, and what is in each. */
#ifndef WALK_H
#define WALK_H

#include "ar.h"

#include <archive.h>
#include <archive_entry.h>

enum {
    READ_BLOCK = 64 * PF_KIB,
    SHOWN = 160,   /* bytes of a name in a message */
    AR_NAMED = 10, /* members that are no profiles: so many are named, the rest is counted */
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
    uint64_t taken;    /* bytes of this member so far */
    struct pf_err *err;
};

/* walk.c */
PF_PRINTF(2, 3) void walk_tell(struct walk *w, const char *fmt, ...);
int walk_broken(struct walk *w);

/* member.c */
bool walk_is_archive(struct pf_mem *m, const uint8_t *head, size_t len);
int walk_manifest(struct walk *w); /* the first member, which makes all of it ours */
int walk_ours(struct walk *w);
int walk_foreign(struct walk *w);

#endif
