/*
 * listing.h - source lines with the values of several profiles, before they are printed.
 *
 * Files are spelled in many ways: app.py by one profiler is /srv/app/app.py by another. A spelling
 * that is the end of exactly one other is taken for that file, and that is told.
 */
#ifndef LISTING_H
#define LISTING_H

#include "render.h"

struct pf_listed_value {
    int64_t self, cum, calls;
    bool any;
};

struct pf_listed_line {
    int64_t line;
    struct pf_str text; /* s NULL: not known */
    uint32_t value;     /* index of the first input's value; one a line and input */
};

/* A file, or the part of it that a function is. */
struct pf_listed {
    struct pf_str file;
    struct pf_str func;  /* len 0: the whole file */
    int64_t first, last; /* lines; last 0: up to the end */
    char *source;        /* of the file, NULL: not found */
    size_t source_len;
    struct pf_listed_line *line; /* by number, without gaps between the first and the last shown */
    uint32_t n;
};

struct pf_listing {
    const struct pf_list_how *how;
    struct pf_mem *mem;
    struct pf_listed *part;
    uint32_t n, cap;
    struct pf_listed_value *value;
    uint32_t n_values, cap_values;
    int64_t total[16]; /* of each input */
    bool has_calls[16];
    struct pf_err *err;
};

enum { PF_LIST_INPUTS = 16, PF_LIST_CONTEXT = 2 };

int pf_listing_make(const struct pf_list_how *how, struct pf_mem *m, struct pf_listing *l,
                    struct pf_err *err);
/* What a part without any text says of that: " (no --source-root was given)", or nothing. */
const char *pf_listing_missing(const struct pf_listing *l, const struct pf_listed *part);
void pf_listing_free(struct pf_listing *l);

#endif
