/* stats_shift.c - by how much two samples differ: the shift, its interval; see stats.h. */
#include "stats.h"

#include <math.h>

__extension__ typedef __int128 wide;

/* How many differences b - a are at most x. */
static uint64_t at_most(const struct pf_ranks *r, int64_t x)
{
    uint64_t count = 0;
    uint32_t below = 0; /* values of a with b - a > x */

    for (uint32_t j = 0; j < r->m; j++) {
        while (below < r->n && (wide)r->b[j] - r->a[below] > x)
            below++;
        count += r->n - below;
    }
    return count;
}

/* The k-th smallest difference, from 1: by halving the range that it lies in. */
static int64_t kth(const struct pf_ranks *r, uint64_t k)
{
    int64_t low = r->b[0] - r->a[r->n - 1], high = r->b[r->m - 1] - r->a[0];

    while (low < high) {
        int64_t middle = low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2);
        if (at_most(r, middle) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int64_t pf_ranks_shift(const struct pf_ranks *r)
{
    uint64_t all = (uint64_t)r->n * r->m;
    int64_t low = kth(r, (all + 1) / 2);

    if (all % 2)
        return low;
    wide sum = (wide)low + kth(r, all / 2 + 1);
    wide half = sum >> 1; /* rounded down */
    return (int64_t)(half + (sum & 1 ? half & 1 : 0));
}

uint64_t pf_ranks_k(const struct pf_ranks *r, double alpha)
{
    double n = r->n, m = r->m;
    uint64_t k = 0;

    if (!r->cdf) {
        double about = n * m / 2 - pf_normal_beyond(alpha / 2) * sqrt(n * m * (n + m + 1) / 12);
        return about >= 1 ? (uint64_t)about : 0;
    }
    /* A bound that is met exactly must not be missed by the last bit. */
    double bound = alpha / 2 * (1 + 1e-12);
    while (k <= (uint64_t)r->n * r->m / 2 && r->cdf[k] <= bound)
        k++;
    return k;
}

void pf_ranks_interval(const struct pf_ranks *r, uint64_t k, int64_t *low, int64_t *high)
{
    *low = kth(r, k);
    *high = kth(r, (uint64_t)r->n * r->m + 1 - k);
}

/* P(U <= k - 1), which the interval misses on each side. */
static double tail_of(const struct pf_ranks *r, uint64_t k)
{
    double n = r->n, m = r->m;

    if (r->cdf)
        return r->cdf[k - 1];
    return pf_normal_tail((n * m / 2 - (double)k) / sqrt(n * m * (n + m + 1) / 12));
}

double pf_ranks_detectable(const struct pf_ranks *r, uint64_t k)
{
    int64_t low, high;
    double z = pf_normal_beyond(tail_of(r, k)), power = pf_normal_beyond(0.2);

    pf_ranks_interval(r, k, &low, &high);
    return ((double)high - (double)low) / 2 * (z + power) / z;
}
