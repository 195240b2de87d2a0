/* mprof.h - the lines of an mprof file, and the functions that were profiled in it. */
#ifndef MPROF_H
#define MPROF_H

#include "core.h"
#include "text.h"

/* `MEM MiB time`, `CHLD pid MiB time`: bytes, and nanoseconds since 1970. */
struct mprof_point {
    int64_t bytes, time;
};

/* `FUNC name MiB time MiB time [level]`: memory and time at entry and exit. */
struct mprof_span {
    struct mprof_point enter, leave;
    int64_t level; /* -1: the line has none */
    const char *name;
    size_t name_len;
};

enum mprof_is { MPROF_OTHER, MPROF_BAD, MPROF_COMMAND, MPROF_MEM, MPROF_CHILD, MPROF_FUNC };

struct mprof_line {
    struct mprof_point point;
    struct mprof_span span;
    const char *text; /* of COMMAND: the command; of CHILD: the process */
    size_t len;
};
enum mprof_is mprof_line(const char *s, size_t len, struct mprof_line *line);
/* Whether a line that ends the input without a newline has lost the end of its time. */
bool mprof_is_cut(const char *s, size_t len);

/* A call of a function, as it is kept. */
struct mprof_call {
    struct mprof_point enter, leave;
    int64_t level;
    pf_id name;       /* in the profile that holds the names */
    uint32_t run, at; /* of which run, and its place in the file */
    pf_id stack;      /* in the profile of the run */
};

/* From `time` on, this stack is what ran. */
struct mprof_change {
    int64_t time;
    pf_id stack;
};
struct mprof_changes {
    struct mprof_change *at;
    uint32_t n, cap;
};

/* ---- mprof_labels.c: labels of the calls in a run whose samples are in the order of their times
 */

struct mprof_labels {
    struct pf_profile *p, *own;
    pf_id *label, *set; /* of own -> of p */
    pf_id time, duration, unit, own_key[2];
    uint32_t points; /* samples that are no calls */
};

/* Before calls become samples. false: p->err is set; close it all the same. */
bool mprof_labels_open(struct mprof_labels *x, struct pf_profile *p, uint32_t calls);
void mprof_labels_close(struct mprof_labels *x);
pf_id mprof_call_labels(struct mprof_labels *x, int64_t time, int64_t duration);

/* ---- mprof_calls.c ---- */

/* Sorts calls: by run, then by entry, callers before what they call. */
void mprof_sort_calls(struct mprof_call *call, uint32_t n);
/*
 * Nests the sorted calls of a run: gives each its stack in p, and tells what ran when. A call
 * stands in the innermost one that holds it whole, and that has a lower level where levels are
 * known; the return value is how many overlapped others without being held. false in *ok: p->err is
 * set.
 */
uint32_t mprof_nest(struct pf_profile *p, const struct pf_profile *names, struct mprof_call *call,
                    uint32_t n, struct mprof_changes *out);
/* What ran at that time; *hint is where the last answer was found. */
pf_id mprof_stack_at(const struct mprof_changes *c, int64_t time, uint32_t *hint);

#endif
