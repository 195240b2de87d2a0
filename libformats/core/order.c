/* order.c - the canonical order of a profile's tables and samples. */
#include "order.h"
#include "profile.h"

#include <stdlib.h>
#include <string.h>

/* ---- comparing rows ---- */

int pf_str_cmp(const struct pf_profile *p, pf_id a, pf_id b)
{
    struct pf_str x = p->strs.at[a], y = p->strs.at[b];

    if (a == b)
        return 0;
    int c = memcmp(x.s, y.s, x.len < y.len ? x.len : y.len);
    return c ? c : (x.len > y.len) - (x.len < y.len);
}

#define CMP(a, b)                                                                                  \
    do {                                                                                           \
        if ((a) != (b))                                                                            \
            return (a) < (b) ? -1 : 1;                                                             \
    } while (0)
#define CMP_STR(a, b)                                                                              \
    do {                                                                                           \
        int c_ = pf_str_cmp(p, a, b);                                                              \
        if (c_)                                                                                    \
            return c_;                                                                             \
    } while (0)

int pf_func_cmp(const struct pf_profile *p, pf_id a, pf_id b)
{
    const struct pf_func *x = &p->funcs.at[a], *y = &p->funcs.at[b];

    CMP_STR(x->name, y->name);
    CMP_STR(x->file, y->file);
    CMP(x->line, y->line);
    CMP_STR(x->sysname, y->sysname);
    CMP_STR(x->extra, y->extra);
    return 0;
}

/* What qsort_r hands to the comparisons: the profile, and the ranks made so far. */
struct ctx {
    const struct pf_profile *p;
    const struct pf_order *o;
};

/* A row to be sorted: `key` decides mostly, so that the rows themselves are rarely looked at. */
struct entry {
    uint64_t key;
    pf_id id;
};

/* The first 8 bytes of a string, as a number that orders as the bytes do. */
static uint64_t prefix(struct pf_str s)
{
    unsigned char b[8] = {0};
    uint64_t key = 0;

    memcpy(b, s.s, s.len < 8 ? s.len : 8);
    for (int i = 0; i < 8; i++)
        key = key << 8 | b[i];
    return key;
}

static int by_func(const void *a, const void *b, void *arg)
{
    const struct entry *x = a, *y = b;
    const struct ctx *c = arg;

    CMP(x->key, y->key);
    return pf_func_cmp(c->p, x->id, y->id);
}

static int by_map(const void *a, const void *b, void *arg)
{
    const struct entry *ex = a, *ey = b;
    const struct pf_profile *p = ((const struct ctx *)arg)->p;
    const struct pf_mapping *x = &p->maps.at[ex->id], *y = &p->maps.at[ey->id];

    CMP(x->start, y->start);
    CMP(x->limit, y->limit);
    CMP(x->offset, y->offset);
    CMP(x->has, y->has);
    CMP_STR(x->file, y->file);
    CMP_STR(x->build_id, y->build_id);
    CMP_STR(x->extra, y->extra);
    return 0;
}

static int by_frame(const void *a, const void *b, void *arg)
{
    const struct entry *ex = a, *ey = b;
    const struct ctx *c = arg;
    const struct pf_profile *p = c->p;
    const struct pf_frame *x = &p->frames.at[ex->id], *y = &p->frames.at[ey->id];

    CMP(x->line, y->line);
    CMP(x->column, y->column);
    CMP(x->addr, y->addr);
    CMP(x->flags, y->flags);
    CMP(c->o->maps.rank[x->mapping], c->o->maps.rank[y->mapping]);
    CMP_STR(x->extra, y->extra);
    return 0;
}

/* ---- ranking a table ---- */

typedef uint64_t entry_key(const struct ctx *c, pf_id id);

static uint64_t key_func(const struct ctx *c, pf_id id)
{
    return prefix(c->p->strs.at[c->p->funcs.at[id].name]);
}

static uint64_t key_none(const struct ctx *c, pf_id id)
{
    (void)c;
    (void)id;
    return 0;
}

static bool rank(struct ctx *c, uint32_t n, entry_key *key, pf_compare *cmp, struct pf_ranking *r)
{
    struct pf_mem *m = c->p->mem;
    struct entry *e = pf_alloc(m, (size_t)n * sizeof *e);

    r->at = pf_alloc(m, (size_t)n * sizeof *r->at);
    r->rank = pf_alloc(m, (size_t)n * sizeof *r->rank);
    if (!e || !r->at || !r->rank) {
        pf_dealloc(m, e);
        return false;
    }
    for (pf_id i = 1; i < n; i++)
        e[i] = (struct entry){key(c, i), i};
    pf_order_sort(m, e + 1, n - 1, sizeof *e, cmp, c);
    r->at[0] = r->rank[0] = 0;
    for (pf_id i = 1; i < n; i++) {
        r->at[i] = e[i].id;
        r->rank[e[i].id] = i;
    }
    pf_dealloc(m, e);
    return true;
}

/* Frames are many and most functions have few: they are thrown into their function's place first,
 * and only those of one function are compared. */
static bool rank_frames(struct ctx *c, struct pf_ranking *r)
{
    const struct pf_profile *p = c->p;
    uint32_t n = p->frames.n, n_funcs = p->funcs.n;
    struct pf_mem *m = p->mem;
    uint32_t *end = pf_alloc_zero(m, (size_t)n_funcs + 1, sizeof *end);
    struct entry *e = pf_alloc(m, (size_t)n * sizeof *e);

    r->at = pf_alloc(m, (size_t)n * sizeof *r->at);
    r->rank = pf_alloc(m, (size_t)n * sizeof *r->rank);
    bool ok = end && e && r->at && r->rank;
    if (ok) {
        for (pf_id i = 1; i < n; i++)
            end[c->o->funcs.rank[p->frames.at[i].func] + 1]++;
        for (uint32_t i = 0; i < n_funcs; i++)
            end[i + 1] += end[i];
        for (pf_id i = 1; i < n; i++)
            e[end[c->o->funcs.rank[p->frames.at[i].func]]++].id = i;
        for (uint32_t i = 0, start = 0; i < n_funcs; start = end[i++])
            if (end[i] - start > 1)
                qsort_r(e + start, end[i] - start, sizeof *e, by_frame, c);
        r->at[0] = r->rank[0] = 0;
        for (pf_id i = 1; i < n; i++) {
            r->at[i] = e[i - 1].id;
            r->rank[e[i - 1].id] = i;
        }
    }
    pf_dealloc(m, end);
    pf_dealloc(m, e);
    return ok;
}

static void ranking_free(struct pf_mem *m, struct pf_ranking *r)
{
    pf_dealloc(m, r->at);
    pf_dealloc(m, r->rank);
}

/* ---- stacks and samples ---- */

/* place[s]: where stack s comes in a root-first walk whose siblings stand in the order of their
 * frames. Sizes of subtrees tell it without walking: a node comes after its parent and after the
 * subtrees of the siblings before it. */
static bool place_stacks(const struct pf_profile *p, const struct pf_order *o, uint32_t *place)
{
    uint32_t n = p->stacks.n, n_frames = p->frames.n;
    struct pf_mem *m = p->mem;
    uint32_t *size = pf_alloc_zero(m, n, sizeof *size),
             *before = pf_alloc_zero(m, n, sizeof *before);
    uint32_t *first = pf_alloc_zero(m, (size_t)n_frames + 1, sizeof *first);
    pf_id *by_rank = pf_alloc(m, (size_t)n * sizeof *by_rank);
    bool ok = size && before && first && by_rank;

    if (ok) {
        for (pf_id s = n - 1; s > 0; s--) {
            size[s]++;
            size[p->stacks.parent[s]] += size[s];
            first[o->frames.rank[p->stacks.frame[s]]]++;
        }
        for (uint32_t i = 0, sum = 0; i <= n_frames; i++) {
            uint32_t count = first[i];
            first[i] = sum;
            sum += count;
        }
        for (pf_id s = 1; s < n; s++)
            by_rank[first[o->frames.rank[p->stacks.frame[s]]]++] = s;
        for (uint32_t i = 0; i + 1 < n; i++) { /* `place` counts what siblings took so far */
            pf_id s = by_rank[i], up = p->stacks.parent[s];
            before[s] = place[up];
            place[up] += size[s];
        }
        place[0] = 0;
        for (pf_id s = 1; s < n; s++)
            place[s] = place[p->stacks.parent[s]] + 1 + before[s];
    }
    pf_dealloc(m, size);
    pf_dealloc(m, before);
    pf_dealloc(m, first);
    pf_dealloc(m, by_rank);
    return ok;
}

static uint32_t rank_of_labels(const void *arg, pf_id sample)
{
    const struct ctx *c = arg;

    return c->o->set_rank[c->p->samples.labels[sample]];
}

struct places {
    const struct pf_profile *p;
    const uint32_t *of; /* stacks */
};

static uint32_t place_of_stack(const void *arg, pf_id sample)
{
    const struct places *x = arg;

    return x->of[x->p->samples.stack[sample]];
}

/* Samples by the place of their stack, then by labels; equal ones stay in their order. */
static bool order_samples(struct ctx *c, struct pf_order *o)
{
    const struct pf_profile *p = c->p;
    struct pf_mem *m = p->mem;
    uint32_t n = p->samples.n;
    uint32_t *place = pf_alloc_zero(m, p->stacks.n, sizeof *place);

    o->samples = pf_alloc(m, (size_t)n * sizeof *o->samples);
    bool ok = place && o->samples && place_stacks(p, o, place);
    for (uint32_t i = 0; ok && i < n; i++)
        o->samples[i] = i;
    if (ok && p->sets.n > 1)
        ok = pf_order_count(m, o->samples, n, p->sets.n, rank_of_labels, c);
    ok = ok
         && pf_order_count(m, o->samples, n, p->stacks.n, place_of_stack,
                           &(struct places){p, place});
    pf_dealloc(m, place);
    return ok;
}

bool pf_order_frames(const struct pf_profile *p, struct pf_order *o)
{
    struct ctx c = {p, o};

    *o = (struct pf_order){0};
    return rank(&c, p->funcs.n, key_func, by_func, &o->funcs)
           && rank(&c, p->maps.n, key_none, by_map, &o->maps) && rank_frames(&c, &o->frames);
}

bool pf_order_make(const struct pf_profile *p, struct pf_order *o)
{
    struct ctx c = {p, o};

    return pf_order_frames(p, o) && pf_order_labels(p, o) && order_samples(&c, o);
}

void pf_order_free(const struct pf_profile *p, struct pf_order *o)
{
    ranking_free(p->mem, &o->funcs);
    ranking_free(p->mem, &o->maps);
    ranking_free(p->mem, &o->frames);
    ranking_free(p->mem, &o->labels);
    pf_dealloc(p->mem, o->set_items);
    pf_dealloc(p->mem, o->set_rank);
    pf_dealloc(p->mem, o->samples);
}

/* ---- what a merge has united ---- */

static int by_text(const void *a, const void *b, void *arg)
{
    return pf_str_cmp(arg, *(const pf_id *)a, *(const pf_id *)b);
}

bool pf_order_list(const struct pf_profile *p, const struct pf_ids *list, struct pf_ids *sorted)
{
    size_t bytes = (size_t)list->n * sizeof *sorted->at;

    *sorted = (struct pf_ids){.at = pf_alloc(p->mem, bytes), .n = list->n, .cap = list->n};
    if (!sorted->at)
        return false;
    if (bytes)
        memcpy(sorted->at, list->at, bytes);
    if (p->h->merges > 1 && list->n > 1)
        qsort_r(sorted->at, list->n, sizeof *sorted->at, by_text, (void *)(uintptr_t)p);
    return true;
}

static int by_line(const void *a, const void *b, void *arg)
{
    const struct pf_line *x = a, *y = b;
    const struct pf_profile *p = arg;

    CMP_STR(x->file, y->file);
    CMP(x->line, y->line);
    CMP_STR(x->text, y->text);
    return 0;
}

bool pf_order_lines(const struct pf_profile *p, struct pf_line **sorted)
{
    size_t bytes = (size_t)p->lines.n * sizeof **sorted;

    *sorted = pf_alloc(p->mem, bytes);
    if (!*sorted)
        return false;
    if (bytes)
        memcpy(*sorted, p->lines.at, bytes);
    if (p->h->merges > 1 && bytes)
        qsort_r(*sorted, p->lines.n, sizeof **sorted, by_line, (void *)(uintptr_t)p);
    return true;
}

static int by_row(const void *a, const void *b, void *arg)
{
    const struct pf_call *x = a, *y = b;
    const uint32_t *rank_of = arg;

    return (rank_of[x->func] > rank_of[y->func]) - (rank_of[x->func] < rank_of[y->func]);
}

static int by_caller(const void *a, const void *b, void *arg)
{
    const struct pf_edge *x = a, *y = b;
    const uint32_t *rank_of = arg;

    return (rank_of[x->caller] > rank_of[y->caller]) - (rank_of[x->caller] < rank_of[y->caller]);
}

bool pf_order_calls(const struct pf_profile *p, const struct pf_order *o, struct pf_calls *c)
{
    const struct pf_calls *from = &p->calls;
    struct pf_mem *m = p->mem;
    uint32_t to = 0;

    *c = *from;
    if (p->h->merges <= 1) /* as it stands in the file */
        return true;
    uint32_t *count = pf_alloc_zero(m, p->funcs.n, sizeof *count);
    c->at = pf_alloc(m, ((size_t)from->n + 1) * sizeof *c->at);
    c->edge = pf_alloc(m, (size_t)from->n_edges * sizeof *c->edge);
    if (!c->at || !c->edge || !count) {
        pf_dealloc(m, count);
        return false;
    }
    memcpy(c->at, from->at, ((size_t)from->n + 1) * sizeof *c->at);
    for (uint32_t i = 0; i < from->n; i++)
        count[from->at[i].func] = from->at[i + 1].edge - from->at[i].edge;
    qsort_r(c->at, from->n, sizeof *c->at, by_row, o->funcs.rank);
    for (uint32_t i = 0; i < from->n; i++) {
        uint32_t n = count[c->at[i].func];
        if (n)
            memcpy(c->edge + to, from->edge + c->at[i].edge, n * sizeof *c->edge);
        qsort_r(c->edge + to, n, sizeof *c->edge, by_caller, o->funcs.rank);
        c->at[i].edge = to;
        to += n;
    }
    pf_dealloc(m, count);
    return true;
}

void pf_order_calls_free(const struct pf_profile *p, struct pf_calls *c)
{
    if (p->h->merges <= 1)
        return;
    pf_dealloc(p->mem, c->at);
    pf_dealloc(p->mem, c->edge);
}
