/*
 * stackify_values.c - the samples of whole stacks, from the contexts that a try ended with.
 *
 * The edge-only samples say what the stacks of an edge weigh together: their values are dealt out
 * to these stacks, the time as the contexts have it and all other columns (calls) in proportion to
 * it, so that every sum stays what it was. An edge without own time gets one stack for the rest.
 */
#include "stackify.h"

#include <stdlib.h>
#include <string.h>

/* Items by group, one list after the other. */
struct groups {
    uint32_t *at, *item;
};

struct dealer {
    struct st_graph *g;
    struct st_try *t;
    bool timed;
    uint32_t n_samples, n_types; /* the samples that were */
    pf_id *labels, *whole;
    int64_t *value[PF_MAX_TYPES];
    uint32_t *first;                /* of each edge: its first, which is its heaviest, context */
    struct groups by_edge, by_time; /* contexts with own time */
    struct groups samples;          /* by what their time is dealt out within */
    bool *needed, *repeats;         /* of each context */
    pf_id *stack;
    uint32_t *run, cap_run, *place, *count; /* of folding: edges; by node, by edge */
    struct part {
        int64_t value;
        uint32_t index;
    } * part;
    uint32_t cap_part;
};

/* ---- the samples that were ---- */

static bool save_samples(struct dealer *d)
{
    const struct pf_profile *q = d->g->q;
    size_t n = (size_t)q->samples.n + 1;

    d->n_samples = q->samples.n;
    d->n_types = q->types.n;
    d->labels = st_take(d->g, n, sizeof *d->labels);
    if (!d->labels)
        return false;
    if (q->samples.n)
        memcpy(d->labels, q->samples.labels, q->samples.n * sizeof *d->labels);
    for (uint32_t k = 0; k < q->types.n; k++) {
        if (!(d->value[k] = st_take(d->g, n, sizeof(int64_t))))
            return false;
        if (q->samples.n)
            memcpy(d->value[k], q->samples.value[k], q->samples.n * sizeof(int64_t));
    }
    return true;
}

/* Where time is dealt out: within an edge, or where edges have no times, within a function. */
static uint32_t time_group(const struct dealer *d, uint32_t e)
{
    return d->timed ? e : d->g->edge[e].dst;
}

/* Every edge with a sample needs a context to put it. */
static bool cover(struct dealer *d)
{
    struct st_graph *g = d->g;
    struct st_try *t = d->t;
    bool *wanted = st_take(g, (size_t)g->m + 1, sizeof *wanted), any = false;
    uint32_t from = t->n;

    d->first = st_take(g, (size_t)g->m + 1, sizeof *d->first);
    if (!wanted || !d->first)
        return false;
    memset(d->first, 0xff, g->m * sizeof *d->first);
    for (uint32_t c = t->n; c-- > 0;)
        d->first[t->at[c].edge] = c;
    for (uint32_t i = 0; i < d->n_samples; i++) {
        uint32_t e = g->sample_edge[i];
        if (e != ST_NONE && d->first[e] == ST_NONE)
            any = wanted[e] = true;
    }
    if (any && !st_from_outside(t, wanted))
        return false;
    for (uint32_t c = from; c < t->n; c++)
        if (d->first[t->at[c].edge] == ST_NONE)
            d->first[t->at[c].edge] = c;
    return true;
}

/* ---- groups ---- */

typedef uint32_t group_of(const struct dealer *d, uint32_t item); /* ST_NONE: none */

static bool group(struct dealer *d, struct groups *x, uint32_t n_groups, uint32_t n, group_of *of)
{
    x->at = st_take(d->g, (size_t)n_groups + 2, sizeof *x->at);
    x->item = st_take(d->g, (size_t)n + 1, sizeof *x->item);
    if (!x->at || !x->item)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (of(d, i) != ST_NONE)
            x->at[of(d, i) + 2]++;
    for (uint32_t k = 0; k < n_groups; k++)
        x->at[k + 2] += x->at[k + 1];
    for (uint32_t i = 0; i < n; i++)
        if (of(d, i) != ST_NONE)
            x->item[x->at[of(d, i) + 1]++] = i;
    return true;
}

static uint32_t edge_of_context(const struct dealer *d, uint32_t c)
{
    return d->t->at[c].self > 0 ? d->t->at[c].edge : ST_NONE;
}

static uint32_t time_of_context(const struct dealer *d, uint32_t c)
{
    return d->t->at[c].self > 0 ? time_group(d, d->t->at[c].edge) : ST_NONE;
}

static uint32_t time_of_sample(const struct dealer *d, uint32_t i)
{
    return d->g->sample_edge[i] == ST_NONE ? ST_NONE : time_group(d, d->g->sample_edge[i]);
}

static bool make_groups(struct dealer *d)
{
    uint32_t n = d->timed ? d->g->m : d->g->n;

    return group(d, &d->by_edge, d->g->m, d->t->n, edge_of_context)
           && group(d, &d->by_time, n, d->t->n, time_of_context)
           && group(d, &d->samples, n, d->n_samples, time_of_sample);
}

/* ---- stacks of contexts ---- */

static bool is_inside(const struct dealer *d, uint32_t c)
{
    return d->t->at[c].run > 0;
}

/* Which contexts have a function twice in the component that they end in. */
static void find_repeats(struct dealer *d)
{
    const struct st_try *t = d->t;

    for (uint32_t c = 0; c < t->n; c++) {
        if (!is_inside(d, c) || (d->repeats[c] = d->repeats[t->at[c].parent]))
            continue;
        uint32_t v = d->g->edge[t->at[c].edge].dst, up = c;
        while (is_inside(d, up) && !d->repeats[c]) {
            up = t->at[up].parent;
            d->repeats[c] = d->g->edge[t->at[up].edge].dst == v;
        }
    }
}

/* Stacks are made for samples only, and for what is above them. */
static void find_needed(struct dealer *d)
{
    const struct st_try *t = d->t;

    for (uint32_t i = 0; i < d->n_samples; i++)
        if (d->g->sample_edge[i] != ST_NONE)
            d->needed[d->first[d->g->sample_edge[i]]] = true;
    for (uint32_t c = t->n; c-- > 0;) {
        uint32_t up = t->at[c].parent;
        if (!(d->needed[c] |= t->at[c].self > 0))
            continue;
        if (d->repeats[c]) /* goes from the root of the component on its own way */
            for (uint32_t x = c; is_inside(d, x); x = up)
                up = t->at[x].parent;
        if (up != ST_NONE)
            d->needed[up] = true;
    }
}

/*
 * Leaves out circles of the run whose functions and edges all stand elsewhere on it: recursion is
 * shown once where that is honest. The last edge stays what it was. Returns the new length; place
 * and count are used by node and by edge, and left zero.
 */
static uint32_t fold(struct dealer *d, uint32_t n)
{
    const struct st_edge *edge = d->g->edge;
    uint32_t *run = d->run, out = 0, last = run[n - 1];

    for (uint32_t i = 0; i < n; i++)
        d->count[run[i]]++;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = run[i], v = edge[e].dst, was = d->place[v];
        run[out++] = e;
        d->place[v] = out;
        if (!was || (i + 1 == n && run[was - 1] != last))
            continue;
        bool spare = true;
        for (uint32_t k = was; k < out; k++)
            spare = d->count[run[k]]-- > 1 && spare;
        for (uint32_t k = was; k < out && !spare; k++)
            d->count[run[k]]++;
        if (!spare)
            continue;
        for (uint32_t k = was; k < out; k++)
            d->place[edge[run[k]].dst] = 0;
        d->place[v] = out = was;
    }
    for (uint32_t k = 0; k < out; k++)
        d->count[run[k]] = d->place[edge[run[k]].dst] = 0;
    return out;
}

/* The stack of a context that has repeats: from where its component is entered, folded. */
static bool make_folded(struct dealer *d, uint32_t context)
{
    const struct st_try *t = d->t;
    struct st_graph *g = d->g;
    uint32_t n = t->at[context].run + 1, c = context;

    if (!pf_grow(g->mem, &d->run, n, &d->cap_run, sizeof *d->run))
        return st_no_memory(g);
    for (uint32_t i = n; i-- > 0; c = t->at[c].parent)
        d->run[i] = t->at[c].edge;
    n = fold(d, n);
    pf_id stack = c == ST_NONE ? 0 : d->stack[c];
    for (uint32_t i = 0; i < n; i++)
        stack = pf_stack(g->q, stack, g->frame[g->edge[d->run[i]].dst]);
    d->stack[context] = stack;
    return true;
}

static bool make_stacks(struct dealer *d)
{
    const struct st_try *t = d->t;
    struct st_graph *g = d->g;
    size_t n = (size_t)t->n + 1;

    d->needed = st_take(g, n, sizeof *d->needed);
    d->repeats = st_take(g, n, sizeof *d->repeats);
    d->stack = st_take(g, n, sizeof *d->stack);
    d->place = st_take(g, (size_t)g->n + 1, sizeof *d->place);
    d->count = st_take(g, (size_t)g->m + 1, sizeof *d->count);
    if (!d->needed || !d->repeats || !d->stack || !d->place || !d->count)
        return false;
    find_repeats(d);
    find_needed(d);
    for (uint32_t c = 0; c < t->n; c++) {
        uint32_t up = t->at[c].parent;
        if (!d->needed[c])
            continue;
        if (d->repeats[c]) {
            if (!make_folded(d, c))
                return false;
            continue;
        }
        d->stack[c] =
            pf_stack(g->q, up == ST_NONE ? 0 : d->stack[up], g->frame[g->edge[t->at[c].edge].dst]);
    }
    return !g->q->err.code || st_no_memory(g);
}

/* ---- values ---- */

static void add(struct dealer *d, uint32_t context, uint32_t sample, uint32_t column, int64_t value)
{
    int64_t values[PF_MAX_TYPES] = {0};

    values[column] = value;
    pf_sample_add(d->g->q, d->stack[context], d->labels[sample], values);
}

/* The samples of a group fill its contexts one after the other. Where one of them is below 0, or
 * there is no context, each goes to its own edge's as it is. */
static void deal_time(struct dealer *d, uint32_t k)
{
    const struct groups *s = &d->samples, *c = &d->by_time;
    const int64_t *time = d->value[d->g->time];
    uint32_t at = c->at[k], end = c->at[k + 1];
    int64_t left = at < end ? d->t->at[c->item[at]].self : 0;

    for (uint32_t i = s->at[k]; i < s->at[k + 1]; i++) {
        uint32_t sample = s->item[i];
        int64_t value = time[sample];
        if (c->at[k] == end) {
            add(d, d->first[d->g->sample_edge[sample]], sample, d->g->time, value);
            continue;
        }
        while (value > 0 && at < end) {
            int64_t part = value < left ? value : left;
            add(d, c->item[at], sample, d->g->time, part);
            value -= part;
            left -= part;
            if (!left && ++at < end)
                left = d->t->at[c->item[at]].self;
        }
    }
}

static int by_remainder(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return x->index < y->index ? -1 : 1;
}

/* A value over the stacks of an edge, by their time, to the last one. What a sampling profiler
 * counts goes where the time goes. */
static bool deal_value(struct dealer *d, uint32_t sample, uint32_t column)
{
    bool sampled = d->g->q->calls.form == PF_EDGES_SAMPLED;
    const struct groups *in = sampled ? &d->by_time : &d->by_edge;
    uint32_t e = d->g->sample_edge[sample], k = sampled ? d->g->edge[e].dst : e;
    uint32_t from = in->at[k], n = in->at[k + 1] - from;
    int64_t value = d->value[column][sample], left = value;
    st_wide all = 0;

    if (n < 2) {
        add(d, n ? in->item[from] : d->first[e], sample, column, value);
        return true;
    }
    if (!pf_grow(d->g->mem, &d->part, n, &d->cap_part, sizeof *d->part))
        return st_no_memory(d->g);
    for (uint32_t i = 0; i < n; i++)
        all += d->t->at[in->item[from + i]].self;
    for (uint32_t i = 0; i < n; i++) {
        st_wide share = (st_wide)value * d->t->at[in->item[from + i]].self;
        int64_t rest = (int64_t)(share % all);
        left -= (int64_t)(share / all);
        d->part[i] = (struct part){rest < 0 ? -rest : rest, i};
    }
    qsort(d->part, n, sizeof *d->part, by_remainder);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = in->item[from + d->part[i].index];
        int64_t more = left > 0 ? 1 : left < 0 ? -1 : 0;
        left -= more;
        more += (int64_t)((st_wide)value * d->t->at[c].self / all);
        if (more)
            add(d, c, sample, column, more);
    }
    return true;
}

static bool deal(struct dealer *d)
{
    uint32_t n = d->timed ? d->g->m : d->g->n;

    for (uint32_t k = 0; k < n; k++)
        deal_time(d, k);
    for (uint32_t i = 0; i < d->n_samples; i++)
        for (uint32_t k = 0; k < d->n_types; k++) {
            if (d->g->sample_edge[i] == ST_NONE) {
                int64_t values[PF_MAX_TYPES] = {0};
                values[k] = d->value[k][i];
                pf_sample_add(d->g->q, 0, d->labels[i], values);
            } else if (k != d->g->time && !deal_value(d, i, k)) {
                return false;
            }
        }
    if (d->g->q->err.code)
        pf_fail(d->g->err, d->g->q->err.code, "%s", d->g->q->err.msg);
    return !d->g->q->err.code;
}

bool st_values(struct st_graph *g, struct st_try *t)
{
    struct dealer d = {.g = g, .t = t, .timed = g->q->calls.form == PF_EDGES_TIMED};
    bool ok = save_samples(&d) && cover(&d) && make_groups(&d);

    if (ok) {
        pf_drop_samples(g->q);
        ok = make_stacks(&d) && deal(&d);
    }
    pf_dealloc(g->mem, d.run);
    pf_dealloc(g->mem, d.part);
    return ok;
}
