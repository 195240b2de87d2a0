/*
 * order.h - the canonical order of a profile, which no hash and no order of adding can change:
 * functions by (name, file, line), frames by (function, line, …), stacks root-first, labels by
 * (key, value), samples by (stack, labels). Strings compare as bytes.
 */
#ifndef ORDER_H
#define ORDER_H

#include "core.h"

/* at[]: ids in order, from index 1 (0 stands for "none"); rank[]: the place of an id in it. */
struct pf_ranking {
    pf_id *at;
    uint32_t *rank;
};

struct pf_order {
    struct pf_ranking funcs, frames, maps, labels;
    pf_id *set_items;   /* p->sets.item, each set in the order of its labels */
    uint32_t *set_rank; /* the place of a set among all */
    uint32_t *samples;  /* indexes of samples, in order */
};

/* false: no memory. Free it either way. pf_order_frames: only funcs, maps and frames. */
bool pf_order_frames(const struct pf_profile *p, struct pf_order *o);
bool pf_order_make(const struct pf_profile *p, struct pf_order *o);
void pf_order_free(const struct pf_profile *p, struct pf_order *o);

/* ---- order_labels.c, for order.c ---- */

bool pf_order_labels(const struct pf_profile *p, struct pf_order *o); /* and their sets */

typedef int pf_compare(const void *a, const void *b, void *arg);
/* qsort_r for what often is in order already, be it up to a few rows at the end that came later. */
void pf_order_sort(struct pf_mem *m, void *at, size_t n, size_t size, pf_compare *cmp, void *arg);

/* Orders ids by a key below `keys`; equal ones stay in their order. false: no memory. */
typedef uint32_t pf_order_key(const void *arg, pf_id id);
bool pf_order_count(struct pf_mem *m, pf_id *ids, uint32_t n, uint32_t keys, pf_order_key *key,
                    const void *arg);

/* ---- comparing ---- */

/* <0, 0, >0 as memcmp, a prefix first */
int pf_str_cmp(const struct pf_profile *p, pf_id a, pf_id b);
int pf_func_cmp(const struct pf_profile *p, pf_id a, pf_id b);

/* What pf_merge united has no order of its own: these give the canonical one. Of a profile that was
 * not merged they are the lists as they stand. */
bool pf_order_list(const struct pf_profile *p, const struct pf_ids *list, struct pf_ids *sorted);
bool pf_order_lines(const struct pf_profile *p, struct pf_line **sorted); /* p->lines.n of them */
/* The raw table with rows and edges by function. Free it either way. */
bool pf_order_calls(const struct pf_profile *p, const struct pf_order *o, struct pf_calls *c);
void pf_order_calls_free(const struct pf_profile *p, struct pf_calls *c);

#endif
