/*
 * pstat_samples.c - samples from a pstats table: what a function costs, under each of its callers.
 *
 * An edge's own time and calls are exactly those that ended in "caller, function"; what the edges
 * of a function leave over came from outside of the profiled code. So every function gets a sample
 * of two frames for each caller and one of a single frame for the rest, and these add up to its
 * row.
 */
#include "profile.h"
#include "pstat.h"

#include <stdio.h>
#include <string.h>

enum { TIME, CALLS, PRIMITIVE, COLUMNS };

static const char *const column_name[] = {"own times", "calls", "primitive calls"};

struct values {
    int64_t v[COLUMNS];
};

struct maker {
    struct pf_profile *p;
    struct pf_err *err;
    pf_id *frame, *root; /* of each function: its frame, and the stack of that frame alone */
    pf_id *callee;       /* and the frame that it was last a caller of */
    struct values *edge; /* of the row at hand */
    uint32_t cap;
    struct values sum; /* over all samples so far */
    uint64_t contradictory;
};

/* ---- one row ---- */

static int too_large(struct maker *k, const struct pf_call *c, int column)
{
    return pf_fail(k->err, PF_EVALUE, "the %s of '%s' do not fit 64 bits", column_name[column],
                   pf_pstat_name(k->p, c->func).s);
}

static pf_id frame_of(struct maker *k, pf_id func)
{
    if (!k->frame[func])
        k->frame[func] = pf_frame(k->p, func, 0);
    return k->frame[func];
}

static pf_id root_of(struct maker *k, pf_id func)
{
    if (!k->root[func])
        k->root[func] = pf_stack_new(k->p, 0, frame_of(k, func));
    return k->root[func];
}

/* The callers of a row differ, but for keys that became equal names: only those are looked up. */
static pf_id edge_stack(struct maker *k, pf_id caller, pf_id callee)
{
    pf_id root = root_of(k, caller);

    if (k->callee[caller] == callee)
        return pf_stack(k->p, root, callee);
    k->callee[caller] = callee;
    return pf_stack_new(k->p, root, callee);
}

/* Adds a sample, unless it is all zero and not wanted then. */
static bool put(struct maker *k, const struct pf_call *c, pf_id stack, const struct values *x,
                bool even_if_zero)
{
    /* a sampled table has no calls: its own samples, which are in cc, follow the time */
    int64_t out[] = {x->v[TIME], x->v[CALLS], x->v[PRIMITIVE]};

    if (!x->v[TIME] && !x->v[CALLS] && !x->v[PRIMITIVE] && !even_if_zero)
        return false;
    for (int i = 0; i < COLUMNS; i++)
        if (!pf_add64(k->sum.v[i], x->v[i], &k->sum.v[i]))
            too_large(k, c, i);
    if (k->p->calls.form == PF_EDGES_SAMPLED)
        out[1] = x->v[PRIMITIVE];
    pf_sample(k->p, stack, 0, out);
    return true;
}

/* The numbers of the row's edges into k->edge; *n is how many take part. */
static bool load_edges(struct maker *k, const struct pf_call *c, uint32_t *n)
{
    const struct pf_calls *calls = &k->p->calls;
    bool timed = calls->form == PF_EDGES_TIMED;

    *n = calls->form == PF_EDGES_SAMPLED ? 0 : c[1].edge - c->edge;
    for (uint32_t i = 0; i < *n; i++) {
        const struct pf_edge *e = &calls->edge[c->edge + i];
        if (!pf_grow(k->p->mem, &k->edge, i, &k->cap, sizeof *k->edge))
            return pf_fail(k->err, PF_ENOMEM, "out of memory"), false;
        struct values *x = &k->edge[i];
        /* a call that a function makes to itself is never the first one on the stack */
        *x = (struct values){{0, e->nc, e->caller == c->func ? 0 : e->cc}};
        if (timed && !pf_num_value(&e->tt, &x->v[TIME]))
            return too_large(k, c, TIME), false;
    }
    return true;
}

/* What a column's edges may take at most, and whether they take more than there is. */
struct share {
    int64_t left; /* of the function's own number */
    bool capped;  /* nothing may become negative, because nothing was */
};

static bool share_out(struct maker *k, uint32_t n, int column, int64_t total, struct share *s)
{
    __extension__ __int128 sum = 0;
    int64_t slack = column == TIME ? (int64_t)n : 0; /* each edge was rounded */

    *s = (struct share){.left = total, .capped = total >= 0};
    for (uint32_t i = 0; i < n; i++) {
        s->capped &= k->edge[i].v[column] >= 0;
        sum += k->edge[i].v[column];
    }
    /* primitive calls of an edge count per caller, and may well be more than the function's */
    return s->capped && column != PRIMITIVE && sum > (__int128)total + slack;
}

static int make_row(struct maker *k, const struct pf_call *c)
{
    struct share share[COLUMNS];
    struct values total = {{0, c->nc, c->cc}}, x;
    bool any = false, over = false;
    uint32_t n;

    if (k->p->calls.form == PF_EDGES_SAMPLED)
        total.v[CALLS] = 0;
    if (!pf_num_value(&c->tt, &total.v[TIME]))
        return too_large(k, c, TIME);
    if (!load_edges(k, c, &n))
        return -1;
    for (int i = 0; i < COLUMNS; i++)
        over |= share_out(k, n, i, total.v[i], &share[i]);
    k->contradictory += over;
    pf_id callee = frame_of(k, c->func);
    for (uint32_t e = 0; e < n; e++) {
        pf_id caller = k->p->calls.edge[c->edge + e].caller;
        for (int i = 0; i < COLUMNS; i++) {
            struct share *s = &share[i];
            x.v[i] = k->edge[e].v[i];
            if (s->capped && x.v[i] > s->left)
                x.v[i] = s->left;
            if (__builtin_sub_overflow(s->left, x.v[i], &s->left))
                return too_large(k, c, i);
        }
        if (x.v[TIME] || x.v[CALLS] || x.v[PRIMITIVE])
            any |= put(k, c, edge_stack(k, caller, callee), &x, false);
    }
    for (int i = 0; i < COLUMNS; i++)
        x.v[i] = share[i].left;
    put(k, c, root_of(k, c->func), &x, !any);
    return k->err->code || k->p->err.code ? -1 : 0;
}

/* ---- the unit of time ---- */

struct timer {
    bool floats; /* seconds */
    bool ticks;  /* ints that are not 0 */
};

static void look_at(struct timer *t, const struct pf_num *x)
{
    t->floats |= !x->is_int;
    t->ticks |= x->is_int && x->i;
}

static struct timer timer_of(const struct pf_calls *c)
{
    struct timer t = {false, false};

    for (uint32_t i = 0; i < c->n; i++) {
        look_at(&t, &c->at[i].tt);
        look_at(&t, &c->at[i].ct);
    }
    for (uint32_t i = 0; i < c->n_edges && c->form == PF_EDGES_TIMED; i++) {
        look_at(&t, &c->edge[i].tt);
        look_at(&t, &c->edge[i].ct);
    }
    return t;
}

/* An int among floats is a number of seconds; Python finds the float equal to it. */
static bool as_seconds(struct pf_num *x)
{
    int64_t ns;

    if (x->is_int && x->i)
        *x = (struct pf_num){.d = (double)x->i};
    return x->is_int || pf_seconds_to_ns(x->d, &ns);
}

static int ints_to_seconds(struct maker *k)
{
    struct pf_calls *c = &k->p->calls;

    for (uint32_t i = 0; i < c->n; i++) {
        bool ok = as_seconds(&c->at[i].tt) && as_seconds(&c->at[i].ct);
        for (uint32_t e = c->at[i].edge; e < c->at[i + 1].edge; e++)
            ok = ok && as_seconds(&c->edge[e].tt) && as_seconds(&c->edge[e].ct);
        if (!ok)
            return too_large(k, &c->at[i], TIME);
    }
    pf_note(k->p, "times are seconds, also those that are ints");
    return 0;
}

/* ---- all of it ---- */

static int make_samples(struct maker *k)
{
    struct pf_profile *p = k->p;
    struct timer timer = timer_of(&p->calls);
    bool ticks = timer.ticks && !timer.floats;

    if (timer.ticks && timer.floats && ints_to_seconds(k))
        return -1;
    pf_type_add(p, "time", ticks ? "ticks" : "nanoseconds", PF_SUM);
    if (p->calls.form == PF_EDGES_SAMPLED) {
        pf_type_add(p, "samples", "count", PF_SUM);
    } else {
        pf_type_add(p, "calls", "count", PF_SUM);
        pf_type_add(p, "primitive_calls", "count", PF_SUM);
    }
    if (ticks)
        pf_note(p, "times are raw ticks of an integer timer, whose unit the file does not tell");
    for (uint32_t i = 0; i < p->calls.n; i++)
        if (make_row(k, &p->calls.at[i]))
            return -1;
    if (k->contradictory)
        pf_note(p, "functions with less than their callers account for: %llu",
                (unsigned long long)k->contradictory);
    return 0;
}

int pf_pstat_samples(struct pf_profile *p, struct pf_err *err)
{
    struct maker k = {.p = p, .err = err};
    int status = -1;

    /* one stack for each function and each edge, nearly all with a sample */
    if (p->calls.n_edges < UINT32_MAX / 4 - p->funcs.n) {
        pf_reserve(p, 0, 0, p->funcs.n, p->calls.n_edges + p->calls.n);
        pf_reserve_stacks(p, p->calls.n_edges + p->funcs.n);
    }
    k.frame = pf_alloc_zero(p->mem, p->funcs.n, sizeof *k.frame);
    k.root = pf_alloc_zero(p->mem, p->funcs.n, sizeof *k.root);
    k.callee = pf_alloc_zero(p->mem, p->funcs.n, sizeof *k.callee);
    if (k.frame && k.root && k.callee)
        status = make_samples(&k);
    else
        pf_fail(err, PF_ENOMEM, "out of memory");
    p->stack_kind = PF_EDGE_ONLY;
    pf_dealloc(p->mem, k.frame);
    pf_dealloc(p->mem, k.root);
    pf_dealloc(p->mem, k.callee);
    pf_dealloc(p->mem, k.edge);
    return status;
}
