/*
 * flamesvg_link.c - from boxes to a tree. A box stands on the box of its caller: one row nearer to
 * the root, and with a span that holds its own.
 */
#include "flamesvg.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 10000 };

static int outside(const struct flame_box *b, const char *what, struct pf_err *err)
{
    return pf_fail_offset(err, PF_EVALUE, b->at, "the frame '%.*s' %s",
                          (int)(b->len < 60 ? b->len : 60), b->name, what);
}

static int by_place(const void *a, const void *b)
{
    const struct flame_box *x = a, *y = b;

    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* ---- which end is the root's ---- */

static bool is_all(const struct flame_box *b)
{
    return b->len == 3 && memcmp(b->name, "all", 3) == 0;
}

static bool alone(const struct flame *f, uint32_t i, int64_t most)
{
    return f->box[i].count == most && (i == 0 || f->box[i - 1].y != f->box[i].y)
           && (i + 1 == f->n || f->box[i + 1].y != f->box[i].y);
}

/* Rows grow upwards in a flame graph and downwards in an icicle. */
static int order(struct flame *f, struct pf_err *err)
{
    uint32_t last = f->n - 1;
    int64_t most = 0;

    qsort(f->box, f->n, sizeof *f->box, by_place);
    for (uint32_t i = 0; i < f->n; i++)
        most = f->box[i].count > most ? f->box[i].count : most;
    bool top = alone(f, 0, most), bottom = alone(f, last, most);
    if (!top && !bottom)
        return pf_fail_offset(err, PF_EVALUE, f->box[0].at,
                              "no frame at the top or bottom of the graph holds all others");
    if (top && (!bottom || (is_all(&f->box[0]) && !is_all(&f->box[last]))))
        return 0;
    for (uint32_t i = 0; i < f->n; i++)
        f->box[i].y = -f->box[i].y;
    qsort(f->box, f->n, sizeof *f->box, by_place);
    return 0;
}

/* ---- who stands on whom ---- */

static int64_t end_of(const struct flame_box *b)
{
    return b->x + b->w;
}

/* Of exact boxes: the last one that begins before, and nothing else will do. */
static int find_exact(const struct flame *f, const struct flame_box *c, uint32_t *j, uint32_t end,
                      struct pf_err *err)
{
    while (*j + 1 < end && f->box[*j + 1].x <= c->x)
        ++*j;
    const struct flame_box *b = &f->box[*j];
    if (c->x < b->x || end_of(c) > end_of(b))
        return outside(c, "stands on no other one", err);
    return 0;
}

/*
 * Of pixels: rounding keeps the order of beginnings, so that a caller never begins later; of
 * several that begin where this one does, the first that has enough left.
 */
static int find_rounded(struct flame *f, const struct flame_box *c, uint32_t *j, uint32_t end,
                        struct pf_err *err)
{
    uint32_t equal = 0, k;

    while (*j + 1 < end && f->box[*j + 1].x < c->x)
        ++*j;
    for (k = *j; k < end && f->box[k].x <= c->x; k++)
        equal += f->box[k].x == c->x && f->box[k].left >= c->count;
    bool found = false;
    for (k = *j; !found && k < end && f->box[k].x <= c->x; k += !found)
        found = f->box[k].left >= c->count && (!equal || f->box[k].x == c->x);
    if (!found)
        return outside(c, "stands on no other one that is as wide", err);
    f->ambiguous += equal > 1;
    *j = k;
    return 0;
}

/* Whether lines in the order of their bytes could have drawn a before b. */
static bool in_order(const struct flame_box *a, const struct flame_box *b)
{
    uint32_t n = a->len < b->len ? a->len : b->len;
    int c = memcmp(a->name, b->name, n);

    if (c || a->len == b->len)
        return c <= 0;
    /* a name is followed by a blank and the count, or by a semicolon */
    return a->len < b->len ? ' ' <= (unsigned char)b->name[n] : (unsigned char)a->name[n] <= ';';
}

static int stand(struct flame *f, uint32_t i, uint32_t j, struct pf_err *err)
{
    struct flame_box *c = &f->box[i], *b = &f->box[j];

    if (c->count > b->left)
        return outside(c, "and its neighbours count more than what they stand on", err);
    if (b->n_above && !in_order(&f->box[i - 1], c))
        f->by_time = true;
    b->left -= c->count;
    if (!b->n_above++)
        b->above = i;
    c->below = j;
    return 0;
}

static int link_row(struct flame *f, uint32_t below, uint32_t from, uint32_t to, struct pf_err *err)
{
    uint32_t j = below;

    for (uint32_t i = from; i < to; i++) {
        const struct flame_box *c = &f->box[i];
        if (f->exact && i > from && c->x < end_of(c - 1))
            return outside(c, "overlaps another one", err);
        if (f->exact ? find_exact(f, c, &j, from, err) : find_rounded(f, c, &j, from, err))
            return -1;
        if (stand(f, i, j, err))
            return -1;
    }
    return 0;
}

/* Frames are drawn in the order of their names, and what a caller took itself comes first. So gaps
 * behind a callee are frames that were too narrow. */
static void find_gaps(struct flame *f)
{
    for (uint32_t i = 0; i < f->n && f->exact; i++) {
        const struct flame_box *b = &f->box[i];
        if (b->n_above)
            f->narrow += b->left - (f->box[b->above].x - b->x);
    }
}

int flame_link(struct flame *f, struct pf_err *err)
{
    uint32_t below = 0, from = 1, rows = 1;

    if (order(f, err))
        return -1;
    if (f->total >= 0 && f->total != f->box[0].count)
        return outside(&f->box[0], "has another number of samples than total_samples", err);
    while (from < f->n) {
        uint32_t to = from + 1;
        while (to < f->n && f->box[to].y == f->box[from].y)
            to++;
        if (++rows > MAX_ROWS)
            return pf_fail_offset(err, PF_ELIMIT, f->box[from].at,
                                  "the graph has more than %d rows", MAX_ROWS);
        if (link_row(f, below, from, to, err))
            return -1;
        below = from;
        from = to;
    }
    find_gaps(f);
    return 0;
}
