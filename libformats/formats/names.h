/* names.h - functions as exports name them, for readers that know a function by its name alone. */
#ifndef NAMES_H
#define NAMES_H

#include "order.h"

/*
 * Module-qualified ("json.encoder.encode"), UTF-8, and no two functions of one name: those that
 * follow the first in the order of files and lines are called "name#2", "name#3", … Names of
 * pprof's own files stay as they are.
 */
struct pf_names {
    struct pf_profile *strings;
    pf_id *of; /* function -> its name, in strings */
};

/* funcs: all functions in their canonical order. false: no memory. Free it either way. */
bool pf_names_make(const struct pf_profile *p, const struct pf_ranking *funcs, struct pf_names *n);
void pf_names_free(const struct pf_profile *p, struct pf_names *n);

/* Interns s as valid UTF-8: bytes that are none become \xNN, in `room`. */
struct pb_buf;
pf_id pf_intern_utf8(struct pf_profile *to, struct pb_buf *room, const char *s, size_t len);

#endif
