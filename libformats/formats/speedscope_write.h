/* speedscope_write.h - the writer of speedscope files, for their format. */
#ifndef SPEEDSCOPE_WRITE_H
#define SPEEDSCOPE_WRITE_H

#include "core.h"

/* What samples know of when they were taken. */
struct speedscope_times {
    bool some, ordered; /* some have a time; all have, and they were put into that order */
    bool others;        /* there are other labels */
};

/* Puts samples (indexes, in canonical order) into the order of their times if all know theirs, if
 * they are sums, and if nothing else tells them apart, as a thread would. false: no memory. */
bool speedscope_times(const struct pf_profile *p, unsigned type, uint32_t *samples,
                      struct speedscope_times *t);

int speedscope_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                     struct pf_err *err);

#endif
