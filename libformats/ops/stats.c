/* stats.c - the exact U test, its approximation, and the false discovery rate; see stats.h. */
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double pf_normal_tail(double z)
{
    return 0.5 * erfc(z / sqrt(2));
}

/* By halving: it is asked for a few times a run, and needs no table of coefficients. */
double pf_normal_beyond(double p)
{
    double low = 0, high = 40;

    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (pf_normal_tail(middle) > p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* ---- room ---- */

static uint64_t pairs(const struct pf_ranks *r)
{
    return (uint64_t)r->n * r->m;
}

static uint32_t fewer(const struct pf_ranks *r)
{
    return r->n < r->m ? r->n : r->m;
}

/* Sums of doubled midranks of `fewer` values: the row length of ways. */
static size_t sums(const struct pf_ranks *r)
{
    return (size_t)2 * fewer(r) * (r->n + r->m) + 1;
}

/*
 * row[j][u] = P(i, j, u) for the i of the round. The largest of i + j values is one of a with the
 * probability i / (i + j), and then exceeds all j of b.
 */
static void count_splits(const struct pf_ranks *r, double *rows, size_t len)
{
    for (uint32_t j = 0; j <= r->m; j++)
        rows[j * len] = 1;
    for (uint32_t i = 1; i <= r->n; i++)
        for (uint32_t j = 1; j <= r->m; j++) {
            double *now = rows + j * len, *less = now - len;
            double is_a = (double)i / (i + j), is_b = (double)j / (i + j);
            for (size_t u = len; u-- > 0;)
                now[u] = is_b * less[u] + (u >= j ? is_a * now[u - j] : 0);
        }
}

static bool make_cdf(struct pf_ranks *r)
{
    size_t len = (size_t)(pairs(r) / 2) + 1;
    double *rows = pf_alloc_zero(r->mem, (size_t)(r->m + 1) * len, sizeof *rows);

    r->cdf = pf_alloc(r->mem, len * sizeof *r->cdf);
    if (rows && r->cdf) {
        double sum = 0;
        count_splits(r, rows, len);
        for (size_t u = 0; u < len; u++)
            r->cdf[u] = sum += rows[r->m * len + u];
    }
    pf_dealloc(r->mem, rows);
    return rows && r->cdf;
}

bool pf_ranks_init(struct pf_ranks *r, struct pf_mem *mem, uint32_t n, uint32_t m)
{
    *r = (struct pf_ranks){.mem = mem, .n = n, .m = m};
    if (!n || !m || n > PF_MAX_RANKED || m > PF_MAX_RANKED - n)
        return false;

    size_t both = (size_t)n + m;
    r->a = pf_alloc(mem, n * sizeof *r->a);
    r->b = pf_alloc(mem, m * sizeof *r->b);
    r->rank2 = pf_alloc(mem, both * sizeof *r->rank2);
    r->from_a = pf_alloc(mem, both);
    r->sum2 = pf_alloc(mem, (both + 1) * sizeof *r->sum2);
    if (fewer(r) * both <= PF_EXACT_TIED) {
        r->ways = pf_alloc_zero(mem, (fewer(r) + 1) * sums(r), sizeof *r->ways);
        if (!r->ways)
            return false;
    }
    if (pairs(r) <= PF_EXACT_PAIRS && !make_cdf(r))
        return false;
    return r->a && r->b && r->rank2 && r->from_a && r->sum2;
}

void pf_ranks_free(struct pf_ranks *r)
{
    void *blocks[] = {r->a, r->b, r->rank2, r->from_a, r->sum2, r->ways, r->cdf};

    for (size_t i = 0; r->mem && i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(r->mem, blocks[i]);
    *r = (struct pf_ranks){0};
}

/* ---- the values ---- */

static int by_value(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

bool pf_ranks_load(struct pf_ranks *r, const int64_t *a, const int64_t *b)
{
    int64_t least, most;

    memcpy(r->a, a, r->n * sizeof *a);
    memcpy(r->b, b, r->m * sizeof *b);
    qsort(r->a, r->n, sizeof *r->a, by_value);
    qsort(r->b, r->m, sizeof *r->b, by_value);
    return !__builtin_sub_overflow(r->b[0], r->a[r->n - 1], &least)
           && !__builtin_sub_overflow(r->b[r->m - 1], r->a[0], &most);
}

/* Sets rank2, from_a and sum2; *sum is that of a's doubled midranks. Returns the sum of t^3 - t
 * over the groups of t equals, 0 without ties. */
static double rank_values(struct pf_ranks *r, uint64_t *sum)
{
    uint32_t i = 0, j = 0, all = r->n + r->m;
    double tied = 0;

    *sum = 0;
    for (uint32_t first = 0, end; first < all; first = end) {
        bool a_next = j == r->m || (i < r->n && r->a[i] <= r->b[j]);
        int64_t value = a_next ? r->a[i] : r->b[j];
        uint32_t was_i = i;
        while (i < r->n && r->a[i] == value)
            i++;
        while (j < r->m && r->b[j] == value)
            j++;
        end = i + j;
        double t = end - first;
        tied += t * t * t - t;
        *sum += (uint64_t)(i - was_i) * (first + 1 + end);
        for (uint32_t at = first; at < end; at++) {
            r->rank2[at] = first + 1 + end;
            r->from_a[at] = at - first < i - was_i;
        }
    }
    return tied;
}

/* ---- p ---- */

static double p_without_ties(const struct pf_ranks *r, uint64_t distance2)
{
    uint64_t u = (pairs(r) - distance2) / 2; /* the smaller of U and nm - U */

    return distance2 == 0 || 2 * r->cdf[u] > 1 ? 1 : 2 * r->cdf[u];
}

/* Adds a group of `size` equals behind the `before` values that are counted already. The sums of k
 * values lie between those of the k smallest and the k largest. */
static void add_group(const struct pf_ranks *r, uint32_t before, uint32_t size)
{
    size_t len = sums(r), rank = r->rank2[before];
    uint32_t most = fewer(r);

    for (uint32_t k = most; k > 0; k--) {
        double *to = r->ways + k * len, choose = 1;
        for (uint32_t t = 1; t <= size && t <= k; t++) {
            choose = choose * (size - t + 1) / t;
            if (k - t > before)
                continue;
            const double *from = r->ways + (k - t) * len;
            size_t low = r->sum2[k - t], high = r->sum2[before] - r->sum2[before - (k - t)];
            for (size_t w = low; w <= high; w++)
                to[w + t * rank] += choose * from[w];
        }
    }
}

static double p_with_ties(const struct pf_ranks *r, uint64_t distance2)
{
    uint32_t all = r->n + r->m, few = fewer(r);
    size_t len = sums(r), middle = (size_t)few * (all + 1);
    double as_far = 0, every = 0;

    memset(r->ways, 0, (few + 1) * len * sizeof *r->ways);
    r->ways[0] = 1;
    r->sum2[0] = 0;
    for (uint32_t i = 0; i < all; i++)
        r->sum2[i + 1] = r->sum2[i] + r->rank2[i];
    for (uint32_t first = 0, end; first < all; first = end) {
        for (end = first + 1; end < all && r->rank2[end] == r->rank2[first];)
            end++;
        add_group(r, first, end - first);
    }
    for (size_t w = 0; w < len; w++) {
        double n = r->ways[few * len + w];
        every += n;
        if ((w > middle ? w - middle : middle - w) >= distance2)
            as_far += n;
    }
    return as_far / every;
}

static double p_about(const struct pf_ranks *r, uint64_t distance2, double tied)
{
    double n = r->n, m = r->m, all = n + m;
    double sd = sqrt(n * m / 12 * (all + 1 - tied / (all * (all - 1))));
    double distance = (double)distance2 / 2 - 0.5;

    return distance <= 0 ? 1 : 2 * pf_normal_tail(distance / sd);
}

double pf_ranks_p(struct pf_ranks *r)
{
    uint64_t sum = 0, middle = (uint64_t)r->n * (r->n + r->m + 1);
    double tied = rank_values(r, &sum), all = (double)r->n + r->m;
    uint64_t distance2 = sum > middle ? sum - middle : middle - sum; /* twice |U - nm/2| */

    if (tied >= all * all * all - all)
        return 1;
    if (tied == 0 && r->cdf)
        return p_without_ties(r, distance2);
    if (tied > 0 && r->ways)
        return p_with_ties(r, distance2);
    return p_about(r, distance2, tied);
}

/* ---- what can be found at all ---- */

/* Two of all splits are the farthest. */
double pf_least_p(uint32_t n, uint32_t m)
{
    double p = 2;

    for (uint32_t i = 1; i <= n && p > 0; i++)
        p *= (double)i / ((double)m + i);
    return p < 1 ? p : 1;
}

/* ---- many tests ---- */

static int by_p(const void *x, const void *y, void *arg)
{
    const double *p = arg;
    uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;

    if (p[i] != p[j])
        return p[i] < p[j] ? -1 : 1;
    return (i > j) - (i < j);
}

void pf_fdr(const double *p, double *q, uint32_t *order, uint32_t n)
{
    double least = 1;

    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    memcpy(q, p, n * sizeof *q);
    qsort_r(order, n, sizeof *order, by_p, q);
    for (uint32_t i = n; i-- > 0;) {
        double adjusted = p[order[i]] * n / (i + 1);
        least = adjusted < least ? adjusted : least;
        q[order[i]] = least;
    }
}
