/* order_labels.c - the canonical order of labels and of their sets: counted where that is enough,
 * as samples that have times bring a label and a set each. */
#include "order.h"
#include "profile.h"

#include <stdlib.h>
#include <string.h>

enum { COUNTED = 4, FEW = 16 }; /* labels of a set: more are compared; more are sorted by qsort */

/* ---- sorting what is nearly sorted ---- */

struct rows {
    size_t size;
    pf_compare *cmp;
    void *arg;
};

/* Merges rows behind `head` others, both in order, from the end on; tail is a copy of them. */
static void merge_tail(const struct rows *r, char *at, size_t head, const char *tail, size_t n)
{
    size_t size = r->size;

    while (n > 0) {
        char *to = at + (head + n - 1) * size;
        bool is_head = head && r->cmp(at + (head - 1) * size, tail + (n - 1) * size, r->arg) > 0;
        memcpy(to, is_head ? at + --head * size : tail + --n * size, size);
    }
}

void pf_order_sort(struct pf_mem *m, void *at, size_t n, size_t size, pf_compare *cmp, void *arg)
{
    char *row = at, *tail = NULL;
    size_t i = 1;

    while (i < n && cmp(row + (i - 1) * size, row + i * size, arg) <= 0)
        i++;
    if (i < n && i > n / 2)
        tail = pf_alloc(m, (n - i) * size);
    if (tail) {
        qsort_r(row + i * size, n - i, size, cmp, arg);
        memcpy(tail, row + i * size, (n - i) * size);
        merge_tail(&(struct rows){size, cmp, arg}, row, i, tail, n - i);
    } else if (i < n) {
        qsort_r(at, n, size, cmp, arg);
    }
    pf_dealloc(m, tail);
}

bool pf_order_count(struct pf_mem *m, pf_id *ids, uint32_t n, uint32_t keys, pf_order_key *key,
                    const void *arg)
{
    uint32_t *end = pf_alloc_zero(m, (size_t)keys + 1, sizeof *end);
    pf_id *from = pf_alloc(m, (size_t)n * sizeof *from);
    bool ok = end && from;

    if (ok && n) {
        memcpy(from, ids, n * sizeof *from);
        for (uint32_t i = 0; i < n; i++)
            end[key(arg, from[i]) + 1]++;
        for (uint32_t k = 0; k < keys; k++)
            end[k + 1] += end[k];
        for (uint32_t i = 0; i < n; i++)
            ids[end[key(arg, from[i])]++] = from[i];
    }
    pf_dealloc(m, end);
    pf_dealloc(m, from);
    return ok;
}

/* ---- labels ---- */

struct label_keys {
    const struct pf_profile *p;
    uint32_t *rank; /* of strings that are keys of labels */
    uint32_t n;
};

static int by_text(const void *a, const void *b, void *arg)
{
    return pf_str_cmp(arg, *(const pf_id *)a, *(const pf_id *)b);
}

static bool find_keys(struct label_keys *k)
{
    const struct pf_profile *p = k->p;
    pf_id *keys = NULL;
    uint32_t cap = 0;

    k->rank = pf_alloc_zero(p->mem, p->strs.n, sizeof *k->rank);
    bool ok = k->rank;
    for (pf_id i = 1; ok && i < p->labels.n; i++) {
        pf_id key = p->labels.at[i].key;
        if (k->rank[key])
            continue;
        k->rank[key] = 1;
        ok = pf_grow(p->mem, &keys, k->n, &cap, sizeof *keys);
        if (ok)
            keys[k->n++] = key;
    }
    if (ok && k->n)
        qsort_r(keys, k->n, sizeof *keys, by_text, (void *)(uintptr_t)p);
    for (uint32_t i = 0; ok && i < k->n; i++)
        k->rank[keys[i]] = i;
    pf_dealloc(p->mem, keys);
    return ok;
}

static uint32_t key_of(const void *arg, pf_id label)
{
    const struct label_keys *k = arg;

    return k->rank[k->p->labels.at[label].key];
}

#define CMP(a, b)                                                                                  \
    do {                                                                                           \
        if ((a) != (b))                                                                            \
            return (a) < (b) ? -1 : 1;                                                             \
    } while (0)

/* Labels of one key. */
static int by_value(const void *a, const void *b, void *arg)
{
    const struct pf_profile *p = arg;
    const struct pf_label *x = &p->labels.at[*(const pf_id *)a];
    const struct pf_label *y = &p->labels.at[*(const pf_id *)b];

    CMP(x->kind, y->kind);
    int c = pf_str_cmp(p, x->str, y->str);
    if (c)
        return c;
    CMP(x->num, y->num);
    return pf_str_cmp(p, x->unit, y->unit);
}

static bool rank_labels(const struct pf_profile *p, struct pf_ranking *r)
{
    struct label_keys k = {.p = p};
    uint32_t n = p->labels.n;

    r->at = pf_alloc(p->mem, (size_t)n * sizeof *r->at);
    r->rank = pf_alloc(p->mem, (size_t)n * sizeof *r->rank);
    bool ok = r->at && r->rank && find_keys(&k);
    for (pf_id i = 0; ok && i < n; i++)
        r->at[i] = i;
    ok = ok && pf_order_count(p->mem, r->at + 1, n - 1, k.n, key_of, &k);
    for (uint32_t from = 1, to = 1; ok && from < n; from = to) {
        while (to < n && p->labels.at[r->at[to]].key == p->labels.at[r->at[from]].key)
            to++;
        pf_order_sort(p->mem, r->at + from, to - from, sizeof *r->at, by_value,
                      (void *)(uintptr_t)p);
    }
    for (pf_id i = 0; ok && i < n; i++)
        r->rank[r->at[i]] = i;
    pf_dealloc(p->mem, k.rank);
    return ok;
}

/* ---- sets ---- */

static int by_rank(const void *a, const void *b, void *arg)
{
    const uint32_t *rank_of = arg;
    uint32_t x = rank_of[*(const pf_id *)a], y = rank_of[*(const pf_id *)b];

    return (x > y) - (x < y);
}

static void sort_set(pf_id *item, uint32_t n, uint32_t *rank)
{
    if (n > FEW) {
        qsort_r(item, n, sizeof *item, by_rank, rank);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        pf_id x = item[i];
        uint32_t to = i;
        for (; to > 0 && rank[item[to - 1]] > rank[x]; to--)
            item[to] = item[to - 1];
        item[to] = x;
    }
}

struct sets {
    const struct pf_profile *p;
    const struct pf_order *o;
    uint32_t at; /* which of their labels */
};

/* A set that has no such label comes first. */
static uint32_t label_of(const void *arg, pf_id set)
{
    const struct sets *s = arg;
    uint32_t item = s->p->sets.first[set] + s->at;

    return item < s->p->sets.first[set + 1] ? s->o->labels.rank[s->o->set_items[item]] : 0;
}

static int by_labels(const void *a, const void *b, void *arg)
{
    struct sets s = *(const struct sets *)arg;
    const pf_id *x = a, *y = b;

    for (s.at = 0;; s.at++) {
        uint32_t i = label_of(&s, *x), j = label_of(&s, *y);
        if (i != j || !i)
            return (i > j) - (i < j);
    }
}

static bool rank_sets(const struct pf_profile *p, struct pf_order *o, uint32_t most)
{
    struct sets s = {p, o, 0};
    uint32_t n = p->sets.n;
    pf_id *ids = pf_alloc(p->mem, (size_t)n * sizeof *ids);

    o->set_rank = pf_alloc(p->mem, (size_t)n * sizeof *o->set_rank);
    bool ok = ids && o->set_rank;
    for (pf_id i = 0; ok && i < n; i++)
        ids[i] = i;
    if (ok && most > COUNTED)
        pf_order_sort(p->mem, ids, n, sizeof *ids, by_labels, &s);
    for (s.at = most; ok && most <= COUNTED && s.at-- > 0;)
        ok = pf_order_count(p->mem, ids, n, p->labels.n, label_of, &s);
    for (uint32_t i = 0; ok && i < n; i++)
        o->set_rank[ids[i]] = i;
    pf_dealloc(p->mem, ids);
    return ok;
}

bool pf_order_labels(const struct pf_profile *p, struct pf_order *o)
{
    size_t bytes = (size_t)p->sets.n_items * sizeof *o->set_items;
    uint32_t most = 0;

    o->set_items = pf_alloc(p->mem, bytes);
    if (!o->set_items || !rank_labels(p, &o->labels))
        return false;
    if (bytes)
        memcpy(o->set_items, p->sets.item, bytes);
    for (pf_id s = 1; s < p->sets.n; s++) {
        uint32_t first = p->sets.first[s], n = p->sets.first[s + 1] - first;
        sort_set(o->set_items + first, n, o->labels.rank);
        most = n > most ? n : most;
    }
    return rank_sets(p, o, most);
}
