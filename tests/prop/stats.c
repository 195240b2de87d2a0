/*
 * stats.c - the statistics of ops/stats.h for a test in another language: a case a line on stdin.
 *
 *     u ALPHA N M VALUE...   p, the shift, k, its interval, the detectable effect
 *     q N P...               the N adjusted values
 */
#include "stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct pf_mem mem;

static _Noreturn void die(const char *why)
{
    fprintf(stderr, "stats: %s\n", why);
    exit(2);
}

static void *get(size_t n, size_t size)
{
    void *block = pf_alloc_zero(&mem, n + 1, size);

    if (!block)
        die("no memory");
    return block;
}

static void compare(void)
{
    static struct pf_ranks ranks;
    double alpha;
    uint32_t n, m;

    if (scanf("%lf %" SCNu32 " %" SCNu32, &alpha, &n, &m) != 3)
        die("expected: u ALPHA N M VALUE...");
    if (ranks.n != n || ranks.m != m) {
        pf_ranks_free(&ranks);
        if (!pf_ranks_init(&ranks, &mem, n, m))
            die("no room");
    }
    int64_t *value = get((size_t)n + m, sizeof *value), low = 0, high = 0;
    for (size_t i = 0; i < (size_t)n + m; i++)
        if (scanf("%" SCNd64, &value[i]) != 1)
            die("expected a value");
    if (!pf_ranks_load(&ranks, value, value + n))
        die("a difference does not fit");
    uint64_t k = pf_ranks_k(&ranks, alpha);
    if (k)
        pf_ranks_interval(&ranks, k, &low, &high);
    printf("%.17g %" PRId64 " %" PRIu64 " %" PRId64 " %" PRId64 " %.17g\n", pf_ranks_p(&ranks),
           pf_ranks_shift(&ranks), k, low, high, k ? pf_ranks_detectable(&ranks, k) : 0);
    pf_dealloc(&mem, value);
}

static void adjust(void)
{
    uint32_t n;

    if (scanf("%" SCNu32, &n) != 1)
        die("expected: q N P...");
    double *p = get(n, sizeof *p), *q = get(n, sizeof *q);
    uint32_t *order = get(n, sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        if (scanf("%lf", &p[i]) != 1)
            die("expected a p");
    pf_fdr(p, q, order, n);
    for (uint32_t i = 0; i < n; i++)
        printf("%.17g%c", q[i], i + 1 < n ? ' ' : '\n');
    pf_dealloc(&mem, p);
    pf_dealloc(&mem, q);
    pf_dealloc(&mem, order);
}

int main(void)
{
    char what[2];

    pf_mem_init(&mem, 0);
    while (scanf("%1s", what) == 1)
        (*what == 'u' ? compare : adjust)();
    return 0;
}
