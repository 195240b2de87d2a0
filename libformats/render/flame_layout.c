/* flame_layout.c - where the boxes of a flame graph stand, and which are too small to be drawn. */
#include "flame.h"

#include <string.h>

enum {
    USUAL_WIDTH = 1200,
    MOST_BOXES = 40000, /* what a browser moves about without stuttering */
};

static int no_memory(const struct pf_flame *f, struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   f->p->mem->used / PF_MIB);
}

/* ---- values ---- */

static uint64_t positive(int64_t value)
{
    return value > 0 ? (uint64_t)value : 0;
}

/* A node is as wide as its own value and its children together. */
static int make_widths(struct pf_flame *f, struct pf_err *err)
{
    const struct pf_tree *t = &f->tree;

    for (uint32_t i = 0; i < t->n; i++) {
        uint64_t now = positive(f->self[i]), base = f->diff ? positive(f->base_self[i]) : 0;
        f->width[i] = now > base ? now : base;
    }
    for (uint32_t i = t->n - 1; i > 0; i--)
        if (__builtin_add_overflow(f->width[t->parent[i]], f->width[i], &f->width[t->parent[i]]))
            return pf_fail(err, PF_EVALUE, "the sum of all values does not fit 64 bits");
    return 0;
}

static double sum_of_negative(const struct pf_profile *p, unsigned type)
{
    double sum = 0;

    for (uint32_t i = 0; i < p->samples.n; i++)
        if (p->samples.value[type][i] < 0)
            sum += (double)p->samples.value[type][i];
    return sum;
}

static int nothing_to_draw(const struct pf_profile *p, unsigned type, struct pf_err *err)
{
    const char *name = pf_str_at(p, p->types.at[type].name).s;

    if (p->samples.n == 0)
        return pf_fail(err, PF_EVALUE, "there is nothing to draw: the profile has no samples");
    if (sum_of_negative(p, type) < 0)
        return pf_fail(err, PF_EVALUE,
                       "there is nothing to draw: no value of '%.40s' is over 0 (profdiff --pb "
                       "makes differences that can be drawn)",
                       name);
    return pf_fail(err, PF_EVALUE, "there is nothing to draw: all values of '%.40s' are 0", name);
}

/* Only values that add up have a width. */
int pf_flame_check(const struct pf_profile *p, const struct pf_flame_how *how, struct pf_err *err)
{
    if (how->type >= p->types.n)
        return pf_fail(err, PF_EVALUE, "there is no sample type %u in the profile", how->type);
    const struct pf_type *k = &p->types.at[how->type];
    if (k->kind == PF_PEAK || k->kind == PF_FIXED)
        return pf_fail(err, PF_EVALUE,
                       "values of '%.40s' do not add up, so they make no flame graph; proftop and "
                       "profplot show them",
                       pf_str_at(p, k->name).s);
    for (uint32_t i = 0; i < p->samples.n; i++) {
        int64_t value = p->samples.value[how->type][i];
        bool turned = how->diff && value != 0 && pf_is_base(p, p->samples.labels[i]);
        if (turned ? value < 0 : value > 0)
            return 0;
    }
    return nothing_to_draw(p, how->type, err);
}

/* Runs of both sides, and what the values of the sides are multiplied by to be comparable. */
static int weigh_sides(struct pf_flame *f, struct pf_err *err)
{
    uint32_t n = f->tree.n;
    int64_t times[2];

    if (pf_sure_make(&f->tree, f->how->type, &f->sure, err))
        return -1;
    f->runs = pf_flame_runs(&f->sure, times);
    if (pf_flame_scale(f->base_self, n, times[PF_BASE])
        && pf_flame_scale(f->base, n, times[PF_BASE]) && pf_flame_scale(f->self, n, times[PF_NEW])
        && pf_flame_scale(f->total, n, times[PF_NEW]))
        return 0;
    return pf_fail(err, PF_EVALUE, "the sum of all runs does not fit 64 bits");
}

static int make_values(struct pf_flame *f, struct pf_err *err)
{
    size_t n = f->tree.n;
    unsigned type = f->how->type;

    f->self = pf_alloc(f->p->mem, n * sizeof *f->self);
    f->total = pf_alloc(f->p->mem, n * sizeof *f->total);
    f->width = pf_alloc(f->p->mem, n * sizeof *f->width);
    if (f->diff) {
        f->base_self = pf_alloc(f->p->mem, n * sizeof *f->base_self);
        f->base = pf_alloc(f->p->mem, n * sizeof *f->base);
    }
    if (!f->self || !f->total || !f->width || (f->diff && (!f->base_self || !f->base)))
        return no_memory(f, err);
    if (f->diff && pf_tree_values(&f->tree, type, PF_PART_BASE, f->base_self, f->base, err) < 0)
        return -1;
    if (!f->diff)
        f->negative = sum_of_negative(f->p, type);
    if (pf_tree_values(&f->tree, type, f->diff ? PF_PART_NEW : PF_PART_GAINS, f->self, f->total,
                       err))
        return -1;
    f->runs = 1;
    if (f->diff && weigh_sides(f, err))
        return -1;
    return make_widths(f, err);
}

/* ---- boxes ---- */

struct placing {
    uint64_t *next; /* where the next child of a node begins */
    double least;   /* in values */
};

static bool too_narrow(const struct pf_flame *f, const struct placing *at, uint32_t i)
{
    return (double)f->width[i] < at->least || f->width[i] == 0;
}

/* How many boxes there are at this least width; box NULL: only counts. */
static uint32_t place(struct pf_flame *f, struct placing *at, struct pf_box *box)
{
    const struct pf_tree *t = &f->tree;
    double whole = (double)f->width[0];
    uint64_t lost = 0;
    uint32_t n = 0;

    f->depth = f->hidden = f->deep = 0;
    for (uint32_t i = 0, step; i < t->n; i += step) {
        uint64_t x = i ? at->next[t->parent[i]] : 0;
        if (i)
            at->next[t->parent[i]] += f->width[i];
        at->next[i] = x;
        step = 1;
        bool narrow = too_narrow(f, at, i);
        if (i && (narrow || t->depth[i] >= PF_FLAME_ROWS)) {
            step = t->size[i];
            f->hidden += f->width[i] ? step : 0;
            f->deep += narrow ? 0 : step;
            lost += f->width[i];
            continue;
        }
        if (box)
            box[n] = (struct pf_box){i, x, (double)x / whole, (double)f->width[i] / whole};
        f->depth = t->depth[i] > f->depth ? t->depth[i] : f->depth;
        n++;
    }
    f->hidden_share = (double)lost / whole;
    return n;
}

static int make_boxes(struct pf_flame *f, struct pf_err *err)
{
    unsigned width = f->how->width ? f->how->width : USUAL_WIDTH;
    double least = f->how->min_width < 0 ? 0.1 : f->how->min_width;
    struct placing at = {pf_alloc(f->p->mem, f->tree.n * sizeof *at.next), 0};

    if (!at.next)
        return no_memory(f, err);
    at.least = least * (double)f->width[0] / width;
    while ((f->n = place(f, &at, NULL)) > MOST_BOXES)
        at.least = at.least > 0 ? at.least * 1.5 : (double)f->width[0] / width / 100;
    f->box = pf_alloc(f->p->mem, f->n * sizeof *f->box);
    if (f->box)
        place(f, &at, f->box);
    f->least = at.least * width / (double)f->width[0];
    pf_dealloc(f->p->mem, at.next);
    return f->box ? 0 : no_memory(f, err);
}

int pf_flame_make(const struct pf_profile *p, const struct pf_flame_how *how, struct pf_flame *f,
                  struct pf_err *err)
{
    *f = (struct pf_flame){.p = p, .how = how, .diff = how->diff};
    if (pf_flame_check(p, how, err) || pf_tree_make(p, how->by, how->inverted, &f->tree, err)
        || make_values(f, err) || make_boxes(f, err)) {
        pf_flame_free(f);
        return -1;
    }
    return 0;
}

void pf_flame_free(struct pf_flame *f)
{
    void *blocks[] = {f->self, f->total, f->base, f->base_self, f->width, f->box, f->sure.q};

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(f->p->mem, blocks[i]);
    pf_tree_free(&f->tree);
}
