/* tracemalloc.h - the two kinds of tracemalloc's output: pickled snapshots, and text. */
#ifndef TRACEMALLOC_H
#define TRACEMALLOC_H

#include "core.h"

/* The sample types and all else that both kinds have in common. */
void pf_tracemalloc_begin(struct pf_profile *p);
/* A frame is a file and a line: tracemalloc does not know the function. */
static inline pf_id pf_tracemalloc_frame(struct pf_profile *p, pf_id file, int64_t line)
{
    return pf_frame(p, pf_func(p, 0, file, 0), line);
}

int pf_tracemalloc_pickle(struct pf_source *in, struct pf_profile *out, struct pf_err *err);

int pf_tracemalloc_text(struct pf_source *in, struct pf_profile *out, struct pf_err *err);
int pf_tracemalloc_text_probe(const char *text, size_t len); /* as pf_format.probe does */

#endif
