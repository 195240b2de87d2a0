/* diff_time.c - rows of samples that have a time: means over it instead of peaks, or beside them.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

static bool has_key(const struct pf_profile *p, const struct pf_label *l, const char *name)
{
    struct pf_str key = pf_str_at(p, l->key);

    return key.len == strlen(name) && memcmp(key.s, name, key.len) == 0;
}

/* The number that readers label samples with: when it was taken. */
static bool is_time(const struct pf_profile *p, const struct pf_label *l)
{
    return l->kind == PF_LABEL_NUM && has_key(p, l, "time");
}

bool pf_has_times(const struct pf_profile *p)
{
    for (uint32_t i = 1; i < p->labels.n; i++)
        if (is_time(p, &p->labels.at[i]))
            return true;
    return false;
}

/* What a sample is of: a moment, or all of a call, which has other values than moments have; of
 * the process itself, or of a child, which is measured at those moments, too. */
enum { IS_CALL = 1, IS_CHILD = 2, SORTS = 4 };

static unsigned sort_of(const struct pf_profile *p, pf_id set)
{
    unsigned sort = 0;

    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        const struct pf_label *l = &p->labels.at[p->sets.item[i]];
        if (l->kind == PF_LABEL_NUM && has_key(p, l, "duration"))
            sort |= IS_CALL;
        if (l->kind == PF_LABEL_STR && has_key(p, l, "process"))
            sort |= IS_CHILD;
    }
    return sort;
}

/* 1 for each sample that the mean is over: those of a sort that has values at all. Children are in
 * the sum and not in the number, as the mean is of all processes together; but where nothing else
 * was measured, they are all that there is. */
static void count_moments(const struct pf_profile *p, int type, int64_t *count)
{
    const int64_t *value = p->samples.value[type];
    bool has[SORTS] = {false};

    for (uint32_t i = 0; i < p->samples.n; i++)
        if (value[i])
            has[sort_of(p, p->samples.labels[i])] = true;
    for (uint32_t i = 0; i < p->samples.n; i++) {
        unsigned sort = sort_of(p, p->samples.labels[i]);
        count[i] = has[sort] && (!(sort & IS_CHILD) || !has[sort & ~(unsigned)IS_CHILD]);
    }
}

/* p with the type made summable, and a column that counts its samples. */
struct pf_profile *pf_summable(const struct pf_profile *p, unsigned type, unsigned *column)
{
    static const struct pf_merge_how how = {.gauge = PF_GAUGE_SUM};
    struct pf_err err = {0};
    struct pf_profile *q = pf_new(p->mem);
    int count = -1;

    if (q && !pf_merge(q, p, &how, &err))
        count = pf_type_add(q, "samples over time", "count", PF_SUM);
    int found = count < 0 ? -1 : pf_type_find(q, pf_str_at(p, p->types.at[type].name).s);
    if (found < 0) {
        pf_free(q);
        return NULL;
    }
    *column = (unsigned)found;
    q->types.at[found].kind = PF_SUM;
    count_moments(q, found, q->samples.value[count]);
    q->calls.n = q->calls.n_edges = q->calls.n_parts = 0;
    return q;
}

static int by_subject(const void *x, const void *y)
{
    const struct pf_row *a = x, *b = y;

    if (a->func != b->func)
        return a->func < b->func ? -1 : 1;
    if (a->stack != b->stack)
        return a->stack < b->stack ? -1 : 1;
    if (a->frame != b->frame)
        return a->frame < b->frame ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

int pf_top_means(const struct pf_profile *p, unsigned column, enum pf_by by, struct pf_rows *rows,
                 struct pf_err *err)
{
    struct pf_rows counts = {0};

    if (pf_top(p, column, by, rows, err) || pf_top(p, p->types.n - 1, by, &counts, err)) {
        pf_dealloc(p->mem, counts.at);
        return -1;
    }
    qsort(rows->at, rows->n, sizeof *rows->at, by_subject);
    qsort(counts.at, counts.n, sizeof *counts.at, by_subject);
    for (uint32_t i = 0; i < rows->n; i++) { /* both are of the same stacks */
        rows->at[i].flat = pf_mean(rows->at[i].flat, counts.at[i].flat);
        rows->at[i].cum = pf_mean(rows->at[i].cum, counts.at[i].cum);
    }
    rows->total = pf_mean(rows->total, counts.total);
    pf_dealloc(p->mem, counts.at);
    return 0;
}

/* Both lists are sorted by subject, and every peak has a mean. */
static void put_means(struct pf_rows *peaks, const struct pf_rows *means, bool cum)
{
    uint32_t k = 0;

    for (uint32_t i = 0; i < peaks->n; i++) {
        while (k < means->n && by_subject(&means->at[k], &peaks->at[i]) < 0)
            k++;
        bool known = k < means->n && by_subject(&means->at[k], &peaks->at[i]) == 0;
        peaks->at[i].calls = !known ? 0 : cum ? means->at[k].cum : means->at[k].flat;
    }
}

int pf_top_peaks(struct pf_profile *p, unsigned column, const struct pf_diff_how *how,
                 struct pf_rows *rows, int64_t *mean, struct pf_err *err)
{
    struct pf_rows means = {0};
    int failed = pf_top_means(p, column, how->by, &means, err);

    p->types.at[column].kind = PF_PEAK;
    if (!failed)
        failed = pf_top(p, column, how->by, rows, err);
    if (!failed) {
        qsort(rows->at, rows->n, sizeof *rows->at, by_subject);
        put_means(rows, &means, how->cum);
        *mean = means.total;
    }
    pf_dealloc(p->mem, means.at);
    return failed;
}
