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

enum { WORD = 64 };

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

/* The next word of stdin; false at the end. */
static bool word(char to[WORD])
{
    return scanf("%63s", to) == 1;
}

static double real(void)
{
    char text[WORD] = "", *end;

    word(text);
    double v = strtod(text, &end);
    if (end == text || *end)
        die("expected a number");
    return v;
}

static int64_t integer(void)
{
    char text[WORD] = "", *end;

    word(text);
    int64_t v = strtoll(text, &end, 10);
    if (end == text || *end)
        die("expected an integer");
    return v;
}

static void compare(void)
{
    static struct pf_ranks ranks;
    double alpha = real();
    uint32_t n = (uint32_t)integer(), m = (uint32_t)integer();

    if (ranks.n != n || ranks.m != m) {
        pf_ranks_free(&ranks);
        if (!pf_ranks_init(&ranks, &mem, n, m))
            die("no room");
    }
    int64_t *value = get((size_t)n + m, sizeof *value), low = 0, high = 0;
    for (size_t i = 0; i < (size_t)n + m; i++)
        value[i] = integer();
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
    uint32_t n = (uint32_t)integer();
    double *p = get(n, sizeof *p), *q = get(n, sizeof *q);
    uint32_t *order = get(n, sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        p[i] = real();
    pf_fdr(p, q, order, n);
    for (uint32_t i = 0; i < n; i++)
        printf("%.17g%c", q[i], i + 1 < n ? ' ' : '\n');
    pf_dealloc(&mem, p);
    pf_dealloc(&mem, q);
    pf_dealloc(&mem, order);
}

int main(void)
{
    char what[WORD];

    pf_mem_init(&mem, 0);
    while (word(what))
        (*what == 'u' ? compare : adjust)();
    return 0;
}
