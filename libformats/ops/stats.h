/*
 * stats.h - rank statistics of two samples, and many tests at once. Nothing here knows profiles.
 *
 * Two samples a (n values, the base) and b (m values, the new side); N = n + m.
 *
 * U test. U is the number of pairs with a > b, a pair of equals counting half. Under the hypothesis
 * that both come from one distribution, each of the C(N, n) splits of the N values is as likely as
 * any other; p is the share of splits whose |U - nm/2| is at least the one seen: an exact
 * permutation test, given the ties. (H. B. Mann, D. R. Whitney, "On a test of whether one of two
 * random variables is stochastically larger than the other", 1947.)
 *   - without ties, the splits are counted by their recursion, here for probabilities:
 *     P(n, m, u) = n/N P(n-1, m, u-m) + m/N P(n, m-1, u); while nm <= PF_EXACT_PAIRS
 *   - with ties, over the groups of equals: ways(k, w) is in how many ways k values of the groups
 *     so far have the sum w of doubled midranks, and a group of s equals with the doubled midrank r
 *     makes it ways(k, w) += C(s, t) ways(k-t, w-tr); while the smaller n has nN <= PF_EXACT_TIED
 *   - beyond those, z = (|U - nm/2| - 1/2) / sd with sd^2 = nm/12 (N+1 - sum(t^3 - t)/(N(N-1)))
 * over the groups of t equals (E. L. Lehmann, "Nonparametrics", 1975, section 1.2 and appendix) All
 * values equal: p = 1.
 *
 * Shift. The median of all nm differences b - a (J. L. Hodges, E. L. Lehmann, "Estimates of
 * location based on rank tests", 1963), and the interval from the k-th smallest difference to the
 * k-th largest, where k is the largest number with P(U <= k-1) <= alpha/2 without ties. It covers
 * the true shift with a probability of at least 1 - alpha, with ties as well (M. Hollander,
 * D. A. Wolfe, "Nonparametric Statistical Methods", section 4.3). Beyond the exact sizes
 * k = floor(nm/2 - z sqrt(nm(N+1)/12)). k = 0: there are too few values for any such interval.
 *
 * Smallest detectable effect. An interval of level alpha is z standard errors to each side, so that
 * half its width by z estimates the standard error of the shift without a model of the values
 * (T. P. Hettmansperger, J. W. McKean, "Robust Nonparametric Statistical Methods", section 1.5).
 * A shift of z(alpha/2) + z(0.2) standard errors is found in 80 of 100 cases.
 *
 * Many tests. q of the i-th smallest of M p-values is the least of p(j) M/j over all j >= i (Y.
 * Benjamini, Y. Hochberg, "Controlling the false discovery rate", 1995): among the rows with q
 * below a limit, no more than that share is expected to be noise.
 */
#ifndef STATS_H
#define STATS_H

#include "core.h"

enum {
    PF_EXACT_PAIRS = 50 * 50, /* n m without ties */
    PF_EXACT_TIED = 25 * 50,  /* the smaller n by N with ties */
    PF_MAX_RANKED = 1 << 20,  /* values in both samples */
};

/* Two samples of fixed sizes, and the room to compare them. Zero-initialise. */
struct pf_ranks {
    struct pf_mem *mem;
    uint32_t n, m;
    int64_t *a, *b;  /* sorted */
    double *cdf;     /* P(U <= u) without ties, u = 0 .. nm/2; NULL beyond PF_EXACT_PAIRS */
    double *ways;    /* NULL beyond PF_EXACT_TIED */
    uint32_t *rank2; /* doubled midranks of both samples in the order of their values */
    uint8_t *from_a; /* beside them: whose they are */
    uint32_t *sum2;  /* sums of the first of them */
};

/* false: no memory, or more values than PF_MAX_RANKED. Free it either way. */
bool pf_ranks_init(struct pf_ranks *r, struct pf_mem *mem, uint32_t n, uint32_t m);
void pf_ranks_free(struct pf_ranks *r);
/* Takes n and m values. false: a difference does not fit 64 bits. */
bool pf_ranks_load(struct pf_ranks *r, const int64_t *a, const int64_t *b);

double pf_ranks_p(struct pf_ranks *r); /* two-sided */
/* The least p that samples of these sizes can have, if no values tie. */
double pf_least_p(uint32_t n, uint32_t m);

int64_t pf_ranks_shift(const struct pf_ranks *r); /* b - a, rounded half to even */
/* The k of an interval that covers with 1 - alpha, 0 if there is none; and that interval. */
uint64_t pf_ranks_k(const struct pf_ranks *r, double alpha);
void pf_ranks_interval(const struct pf_ranks *r, uint64_t k, int64_t *low, int64_t *high);
/* The smallest effect found in 80 of 100 cases, from the interval of this k. */
double pf_ranks_detectable(const struct pf_ranks *r, uint64_t k);

/* Sets q[i] of n values p[i]; order is room for n numbers. */
void pf_fdr(const double *p, double *q, uint32_t *order, uint32_t n);

double pf_normal_tail(double z);   /* P(Z > z) */
double pf_normal_beyond(double p); /* the z with P(Z > z) = p, 0 < p <= 1/2 */

#endif
