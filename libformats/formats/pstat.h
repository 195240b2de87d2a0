/* pstat.h - the parts of the pstat format: reader, samples, writer. */
#ifndef PSTAT_H
#define PSTAT_H

#include "core.h"

/* Gives a profile that has a raw table its sample types and samples. */
int pf_pstat_samples(struct pf_profile *p, struct pf_err *err);

/* "Python 3.11", "PyPy 3.9", ...: told from the names and files of the functions; 0 = unknown. */
pf_id pf_pstat_interpreter(struct pf_profile *p, bool python2);
/* Which profiler made the table of p, as far as that tells. */
pf_id pf_pstat_producer(struct pf_profile *p);

int pf_pstat_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                   struct pf_err *err);

/* The table of a profile that has none, from its whole stacks; false: err tells why. Give back
 * calls->at and calls->edge. */
bool pf_pstat_from_stacks(const struct pf_profile *p, const struct pf_write *w,
                          struct pf_calls *calls, struct pf_err *err);

/* A function as messages name it, escaped and cut to fit. */
struct pf_pstat_name {
    char s[120];
};
struct pf_pstat_name pf_pstat_name(const struct pf_profile *p, pf_id func);

/* Names the losses to whoever asked for the writing: all columns that are not kept, and labels. */
void pf_pstat_lost_columns(const struct pf_profile *p, const struct pf_write *w, const int *kept,
                           int n_kept);

#endif
