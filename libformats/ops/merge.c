/*
 * merge.c - adds a profile to another, by kind of value. The result does not depend on the order of
 * adding: sums are exact, sets are united, everything else has a rule that is associative and
 * commutative (the earliest time, the longest period, the smaller text, "mixed" where origins
 * differ).
 */
#include "merge.h"
#include "ops.h"

/* ---- sample types ---- */

static int cmp_types(const struct pf_profile *a, uint32_t i, const struct pf_profile *b, uint32_t j)
{
    int c = pf_merge_cmp_text(a->strs.at[a->types.at[i].name], b->strs.at[b->types.at[j].name]);
    return c ? c
             : pf_merge_cmp_text(a->strs.at[a->types.at[i].unit], b->strs.at[b->types.at[j].unit]);
}

static void move_type(struct pf_profile *p, uint32_t from, uint32_t to)
{
    struct pf_type t = p->types.at[from];
    int64_t *value = p->samples.value[from];

    for (; from > to; from--) {
        p->types.at[from] = p->types.at[from - 1];
        p->samples.value[from] = p->samples.value[from - 1];
    }
    p->types.at[to] = t;
    p->samples.value[to] = value;
}

void pf_type_first(struct pf_profile *p, unsigned type)
{
    move_type(p, type, 0);
}

/* The column of type k of `from` that no other column of it took, or a new one. */
static int add_type(struct pf_merging *m, uint32_t k, bool *taken)
{
    struct pf_profile *p = m->into;
    const struct pf_type *t = &m->from->types.at[k];
    const struct pf_str *strs = m->from->strs.at;

    for (uint32_t i = 0; i < p->types.n; i++) {
        if (taken[i] || cmp_types(p, i, m->from, k) != 0)
            continue;
        if (p->types.at[i].kind != t->kind)
            return pf_fail(m->err, PF_EVALUE, "'%.60s' is of one kind here and of another there",
                           strs[t->name].s);
        taken[i] = true;
        return 0;
    }
    int i = pf_type_add(p, "", "", (enum pf_kind)t->kind);
    if (i < 0) {
        *m->err = p->err;
        return -1;
    }
    p->types.at[i].name = pf_merge_str(m, t->name);
    p->types.at[i].unit = pf_merge_str(m, t->unit);
    p->types.at[i].extra = pf_merge_str(m, t->extra);
    taken[i] = true;
    return 0;
}

/* The union of the types: the smaller default first, then by name. */
static int unite_types(struct pf_merging *m)
{
    struct pf_profile *p = m->into;
    bool taken[PF_MAX_TYPES] = {false};
    uint32_t had = p->types.n, first = 0;

    for (uint32_t k = 0; k < m->from->types.n; k++)
        if (add_type(m, k, taken) < 0)
            return -1;
    if (had && m->from->types.n && cmp_types(m->from, 0, p, 0) < 0)
        while (cmp_types(p, first, m->from, 0) != 0)
            first++;
    if (!m->first) {
        move_type(p, first, 0);
        for (uint32_t i = 2; i < p->types.n; i++) {
            uint32_t to = i;
            while (to > 1 && cmp_types(p, i, p, to - 1) < 0)
                to--;
            move_type(p, i, to);
        }
    }
    memset(taken, 0, sizeof taken);
    for (uint32_t k = 0; k < m->from->types.n; k++)
        for (uint32_t i = 0; i < p->types.n; i++)
            if (!taken[i] && cmp_types(p, i, m->from, k) == 0) {
                m->column[k] = i;
                taken[i] = true;
                break;
            }
    return 0;
}

/* Live bytes of two profiles are no sum and no maximum unless somebody says which. */
static int check_gauges(struct pf_merging *m)
{
    for (uint32_t k = 0; k < m->from->types.n; k++)
        if (m->from->types.at[k].kind == PF_GAUGE && !m->first && m->how->gauge == PF_GAUGE_REFUSE)
            return pf_fail(m->err, PF_EVALUE,
                           "'%.60s' is what was alive at one moment: say with profmerge --gauge "
                           "sum or max what several of them are to be",
                           m->from->strs.at[m->from->types.at[k].name].s);
    return 0;
}

/* ---- samples ---- */

static bool takes_larger(const struct pf_merging *m, const struct pf_type *t)
{
    return t->kind == PF_PEAK || (t->kind == PF_GAUGE && m->how->gauge == PF_GAUGE_MAX);
}

static int add_value(struct pf_merging *m, uint32_t k, uint32_t at, int64_t x)
{
    struct pf_profile *p = m->into;
    int64_t *to = &p->samples.value[k][at];

    if (takes_larger(m, &p->types.at[k])) {
        *to = *to > x ? *to : x;
    } else if (!pf_add64(*to, x, to)) {
        if (m->how->saturate)
            *to = x > 0 ? INT64_MAX : INT64_MIN;
        else
            return pf_overflow(p, p->samples.stack[at], k);
    }
    return 0;
}

/* The sample of `into` that sample i of `from` goes into; a new one holds zeros. */
static uint32_t sample_of(struct pf_merging *m, uint32_t i)
{
    static const int64_t zero[PF_MAX_TYPES];

    return pf_sample_add(m->into, m->stack[m->from->samples.stack[i]],
                         m->set[m->from->samples.labels[i]], zero);
}

static int add_samples(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;

    for (uint32_t n = 0; n < pf_merge_samples(m); n++) {
        uint32_t i = pf_merge_sample(m, n), at = sample_of(m, i);
        for (uint32_t k = 0; k < f->types.n && !m->into->err.code; k++)
            add_value(m, m->column[k], at, f->samples.value[k][i]);
        if (m->into->err.code)
            return -1;
    }
    return 0;
}

/* The smallest or largest run: this one's own sums are made first, then compared sample by sample.
 */
static int pick_samples(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;
    struct pf_profile *p = m->into;
    int64_t *run = NULL;

    for (uint32_t n = 0; n < pf_merge_samples(m); n++)
        sample_of(m, pf_merge_sample(m, n));
    if (!p->err.code && !(run = pf_alloc(p->mem, (size_t)p->samples.n * sizeof *run)))
        return pf_merge_no_memory(m);
    for (uint32_t k = 0; k < p->types.n && !p->err.code; k++) {
        int64_t *value = p->samples.value[k];
        if (p->samples.n)
            memset(run, 0, p->samples.n * sizeof *run);
        for (uint32_t j = 0; j < f->types.n; j++)
            for (uint32_t n = 0; m->column[j] == k && n < pf_merge_samples(m); n++) {
                uint32_t i = pf_merge_sample(m, n);
                int64_t *to = &run[sample_of(m, i)];
                if (!pf_add64(*to, f->samples.value[j][i], to))
                    pf_overflow(p, m->stack[f->samples.stack[i]], k);
            }
        for (uint32_t i = 0; i < p->samples.n; i++)
            if (m->first || (m->how->runs == PF_RUNS_MIN ? run[i] < value[i] : run[i] > value[i]))
                value[i] = run[i];
    }
    pf_dealloc(p->mem, run);
    return p->err.code ? -1 : 0;
}

/* ---- all of it ---- */

static int merge(struct pf_merging *m)
{
    if (check_gauges(m) < 0)
        return -1;
    if (!pf_merge_map(m))
        return m->into->err.code ? -1 : pf_merge_no_memory(m);
    if (m->into->err.code || pf_merge_calls(m) < 0 || unite_types(m) < 0)
        return -1;
    if ((m->how->runs == PF_RUNS_SUM ? add_samples(m) : pick_samples(m)) < 0)
        return -1;
    return pf_merge_head(m);
}

static const struct pf_merge_how defaults;

/* column: where the types of `from` are afterwards; or NULL */
static int merge_all(struct pf_profile *into, const struct pf_profile *from,
                     const struct pf_merge_how *how, uint32_t *column, struct pf_err *err)
{
    struct pf_merging m = {.into = into,
                           .from = from,
                           .how = how ? how : &defaults,
                           .err = err,
                           .first = into->h->merges == 0};
    int status = merge(&m);

    pf_merge_unmap(&m);
    if (into->err.code && !err->code)
        *err = into->err;
    if (err->code)
        return -1;
    into->h->merges++;
    if (column)
        memcpy(column, m.column, sizeof m.column);
    return status;
}

int pf_merge(struct pf_profile *into, const struct pf_profile *from, const struct pf_merge_how *how,
             struct pf_err *err)
{
    return merge_all(into, from, how, NULL, err);
}

static int join_head(struct pf_toward *t, const struct pf_profile *head, struct pf_err *err)
{
    t->joined = true;
    return merge_all(t->into, head, t->how, t->column, err);
}

struct pf_profile *pf_load_into(struct pf_profile *into, struct pf_source *in,
                                const struct pf_format *fmt, const struct pf_merge_how *how,
                                struct pf_err *err)
{
    struct pf_toward toward = {.into = into, .join = join_head, .how = how ? how : &defaults};
    /* only plain sums can be added sample by sample */
    bool plain = toward.how->runs == PF_RUNS_SUM && !toward.how->saturate && !toward.how->only;
    struct pf_profile *p = pf_load_toward(in, fmt, plain ? &toward : NULL, err);

    if (p && !toward.joined && pf_merge(into, p, how, err) < 0) {
        pf_free(p);
        return NULL;
    }
    return p;
}
