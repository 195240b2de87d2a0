/* linestats.h - what the two readers of line_profiler's results share. */
#ifndef LINESTATS_H
#define LINESTATS_H

#include "profile.h"

/* The unit of times, in 1e-18 seconds: at most 9 seconds. */
struct pf_linestats_unit {
    int64_t atto;
};
/* ticks / 10^digits of the unit as nanoseconds, rounded half to even; *exact is cleared when that
 * loses something. false: it does not fit. */
bool pf_linestats_ns(struct pf_linestats_unit unit, int64_t ticks, int digits, int64_t *ns,
                     bool *exact);

/* A line of a function with its time (nanoseconds) and hits. */
int pf_linestats_add(struct pf_profile *p, pf_id func, int64_t line, int64_t ns, int64_t hits,
                     struct pf_err *err);

int pf_linestats_pickle(struct pf_source *in, struct pf_profile *out, struct pf_err *err);
int pf_linestats_text(struct pf_source *in, struct pf_profile *out, struct pf_err *err);
int pf_linestats_text_probe(const char *text, size_t len);

#endif
