/*
 * num.c - numbers of pstats tables: seconds to nanoseconds, and sums of doubles without any loss.
 *
 * The exact sum of doubles is kept as an expansion: d, then parts in falling size, each the
 * correctly rounded value of what the ones before it leave over. A real number has only one such
 * form, so sums do not depend on the order of adding. (J. R. Shewchuk, "Adaptive Precision
 * Floating-Point Arithmetic", 1997: grow-expansion; rounding as in Python's math.fsum.)
 */
#include "profile.h"

#include <math.h>
#include <string.h>

/* An expansion of doubles spans at most 2,098 bits: 40 parts of 53 bits; some slack for growing. */
enum { MAX_PARTS = 64 };

struct expansion {
    double part[MAX_PARTS]; /* rising size, not overlapping */
    unsigned n;
};

static void expansion_add(struct expansion *e, double x)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < e->n; i++) {
        double y = e->part[i];
        if (fabs(x) < fabs(y)) {
            double swap = x;
            x = y;
            y = swap;
        }
        volatile double high = x + y;
        volatile double low = y - (high - x);
        if (low != 0)
            e->part[kept++] = low;
        x = high;
    }
    e->n = kept;
    if (x != 0 && e->n < MAX_PARTS)
        e->part[e->n++] = x;
}

/* The expansion's value rounded once, half to even. */
static double expansion_round(const struct expansion *e)
{
    unsigned n = e->n;
    volatile double high = 0, low = 0;

    if (!n)
        return 0;
    high = e->part[--n];
    while (n > 0) {
        double x = high, y = e->part[--n];
        high = x + y;
        low = y - (high - x);
        if (low != 0)
            break;
    }
    /* A tie was rounded by its first half only: the sign of the rest decides. */
    if (n > 0 && ((low < 0 && e->part[n - 1] < 0) || (low > 0 && e->part[n - 1] > 0))) {
        double y = low * 2;
        volatile double x = high + y;
        volatile double back = x - high;
        if (y == back)
            high = x;
    }
    return high;
}

static void load(struct expansion *e, const struct pf_num *x, const double *parts)
{
    if (x->is_int) {
        /* two doubles hold any int64; the high half is a multiple of 2^32 */
        double low = (double)(x->i & 0xffffffff);
        expansion_add(e, (double)(x->i - (x->i & 0xffffffff)));
        expansion_add(e, low);
        return;
    }
    for (unsigned i = x->parts; i > 0; i--)
        expansion_add(e, parts[i - 1]);
    expansion_add(e, x->d);
}

/* Stores what the expansion leaves beside sum->d; reuses the room that sum already had. */
static bool store_parts(struct pf_profile *p, struct pf_num *sum, const double *part, unsigned n)
{
    struct pf_calls *c = &p->calls;

    if (n > sum->parts) {
        sum->part = c->n_parts;
        for (unsigned i = 0; i < n; i++) {
            if (!pf_grow(p->mem, &c->part, c->n_parts, &c->cap_parts, sizeof *c->part)) {
                pf_no_memory(p);
                return false;
            }
            c->n_parts++;
        }
    }
    sum->parts = (uint16_t)n;
    if (n)
        memcpy(c->part + sum->part, part, n * sizeof *part);
    return true;
}

static double as_double(const struct pf_num *x)
{
    return x->is_int ? (double)x->i : x->d;
}

bool pf_num_add(struct pf_profile *p, struct pf_num *sum, const struct pf_num *x,
                const double *x_parts)
{
    if (sum->is_int && x->is_int) {
        if (pf_add64(sum->i, x->i, &sum->i))
            return true;
        pf_fail(&p->err, PF_EVALUE, "a sum of integer times does not fit 64 bits");
        return false;
    }
    double plain = as_double(sum) + as_double(x);
    struct expansion e = {.n = 0};
    double part[MAX_PARTS];
    unsigned n = 0;

    if (!isfinite(plain) || plain == 0) {
        bool exact = plain == 0 && !sum->parts && !x->parts;
        if (exact || !isfinite(plain)) { /* keeps -0.0, nan and inf as Python's own sum has them */
            *sum = (struct pf_num){.d = plain};
            return true;
        }
    }
    load(&e, sum, sum->parts ? p->calls.part + sum->part : NULL);
    load(&e, x, x_parts);

    struct pf_num result = {.d = expansion_round(&e), .part = sum->part, .parts = sum->parts};
    if (sum->is_int)
        result.parts = 0;
    double high = result.d;
    while (n < MAX_PARTS) {
        expansion_add(&e, -high);
        high = expansion_round(&e);
        if (high == 0)
            break;
        part[n++] = high;
    }
    if (!store_parts(p, &result, part, n))
        return false;
    *sum = result;
    return true;
}

bool pf_seconds_to_ns(double seconds, int64_t *ns)
{
    if (!isfinite(seconds) || fabs(seconds) > 9.2e9)
        return false;

    /* 1e9 * seconds is not exact: what rounding took away is found by a fused multiply-add. */
    double product = seconds * 1e9;
    double rest = fma(seconds, 1e9, -product);
    double whole = nearbyint(product), left = product - whole;
    double off = left + rest; /* the true value is whole + off + error, exactly */
    double error = (left - (off - (off - left))) + (rest - (off - left));
    double step = nearbyint(off), beyond = off - step;
    bool odd = ((int64_t)whole + (int64_t)step) % 2 != 0;

    if (fabs(beyond) == 0.5 && (error == 0 ? odd : (error > 0) == (beyond > 0)))
        step += beyond > 0 ? 1 : -1;
    *ns = (int64_t)whole + (int64_t)step;
    return true;
}

bool pf_num_value(const struct pf_num *x, int64_t *value)
{
    if (!x->is_int)
        return pf_seconds_to_ns(x->d, value);
    *value = x->i;
    return true;
}
