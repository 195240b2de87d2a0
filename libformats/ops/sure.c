/*
 * sure.c - which changes of a tree are more than noise: a signed difference whose samples tell the
 * runs that they come from is tested node by node, as pf_diff tests functions.
 */
#include "ops.h"
#include "stats.h"

#include <string.h>

static const char run_key[] = "profpipe::run", runs_key[] = "profpipe::runs",
                  times_key[] = "profpipe::times";

/* A label tells the number of runs, which costs no file: values of nodes in runs have a limit. */
enum { MOST_RUNS = 1 << 16, MOST_VALUES = 1 << 24, MOST_SUMS = 1 << 28 };

static int no_memory(const struct pf_profile *p, struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   p->mem->used / PF_MIB);
}

static bool is_text(struct pf_str s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

/* ---- runs ---- */

static int label_number(struct pf_profile *p, const char *key, uint32_t number, struct pf_err *err)
{
    pf_id label = pf_label(
        p, &(struct pf_label){.key = pf_strz(p, key), .num = number, .kind = PF_LABEL_NUM});

    return pf_label_all(p, label, err);
}

int pf_label_run(struct pf_profile *p, uint32_t run, struct pf_err *err)
{
    if (run > MOST_RUNS)
        return pf_fail(err, PF_EVALUE, "more than %d runs of a side cannot be told apart",
                       MOST_RUNS);
    return label_number(p, run_key, run, err);
}

int pf_label_runs(struct pf_profile *p, uint32_t runs, struct pf_err *err)
{
    return label_number(p, runs_key, runs, err);
}

int pf_multiply_runs(struct pf_profile *p, uint32_t times, struct pf_err *err)
{
    if (times == 1)
        return 0;
    for (uint32_t k = 0; k < p->types.n; k++) {
        bool adds_up = p->types.at[k].kind == PF_SUM || p->types.at[k].kind == PF_GAUGE;
        for (uint32_t i = 0; adds_up && i < p->samples.n; i++) {
            int64_t *value = &p->samples.value[k][i];
            if (__builtin_mul_overflow(*value, times, value))
                return pf_fail(err, PF_EVALUE, "the sum of all runs does not fit 64 bits");
        }
    }
    return label_number(p, times_key, times, err);
}

/* The number that a sample is labelled with; 1: none, as for samples of a side's only run. */
static uint32_t number_of(const struct pf_profile *p, pf_id set, const char *key)
{
    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        const struct pf_label *l = &p->labels.at[p->sets.item[i]];
        if (l->kind == PF_LABEL_NUM && l->num > 0 && is_text(p->strs.at[l->key], key))
            return l->num > MOST_RUNS ? MOST_RUNS + 1 : (uint32_t)l->num;
    }
    return 1;
}

/* Runs that left no sample count, too: by the number that the others know. */
static void count_runs(const struct pf_profile *p, uint32_t runs[2], uint32_t times[2])
{
    runs[PF_BASE] = runs[PF_NEW] = times[PF_BASE] = times[PF_NEW] = 1;
    for (uint32_t i = 0; i < p->samples.n; i++) {
        pf_id set = p->samples.labels[i];
        uint32_t run = number_of(p, set, run_key), all = number_of(p, set, runs_key);
        enum pf_side side = pf_is_base(p, set) ? PF_BASE : PF_NEW;
        uint32_t *n = &runs[side], often = number_of(p, set, times_key);
        *n = run > *n ? run : *n;
        *n = all > *n ? all : *n;
        times[side] = often > times[side] ? often : times[side];
    }
    uint64_t base = (uint64_t)runs[PF_BASE] * times[PF_BASE];
    uint64_t now = (uint64_t)runs[PF_NEW] * times[PF_NEW];
    if (base != now && base > 1 && now > 1) /* not as pf_multiply_runs is used */
        times[PF_BASE] = times[PF_NEW] = 1;
}

/* ---- the values of each run ---- */

struct testing {
    const struct pf_tree *tree;
    const struct pf_profile *p;
    unsigned type;
    struct pf_sure *sure;
    uint32_t runs;            /* of both sides; those of the base come first */
    uint32_t *first, *sample; /* of each run: sample[first[run] .. first[run + 1]) */
    uint32_t *node, n;        /* those that are large enough to be tested */
    int64_t *total;           /* of all nodes in one run */
    int64_t *value;           /* of those nodes in each run: value[i * runs + run] */
    double *p_of, *q_of;
    uint32_t *tested, *order, n_tested; /* tested: which of node[] */
    struct pf_ranks ranks;
    struct pf_err *err;
};

static uint32_t column_of(const struct testing *t, uint32_t sample)
{
    pf_id set = t->p->samples.labels[sample];

    return number_of(t->p, set, run_key) - 1 + (pf_is_base(t->p, set) ? 0 : t->sure->runs[PF_BASE]);
}

static int sort_samples(struct testing *t)
{
    uint32_t n = t->p->samples.n;

    t->first = pf_alloc_zero(t->p->mem, (size_t)t->runs + 2, sizeof *t->first);
    t->sample = pf_alloc(t->p->mem, ((size_t)n + 1) * sizeof *t->sample);
    if (!t->first || !t->sample)
        return no_memory(t->p, t->err);
    for (uint32_t i = 0; i < n; i++)
        t->first[column_of(t, i) + 2]++;
    for (uint32_t r = 2; r < t->runs + 2; r++)
        t->first[r] += t->first[r - 1];
    for (uint32_t i = 0; i < n; i++)
        t->sample[t->first[column_of(t, i) + 1]++] = i;
    return 0;
}

/* What is below a thousandth of the whole on both sides is never coloured, so it is not tested. */
static int keep_large(struct testing *t, int64_t *self, int64_t *base)
{
    const int64_t *now = t->total;

    if (pf_tree_values(t->tree, t->type, PF_PART_BASE, self, base, t->err)
        || pf_tree_values(t->tree, t->type, PF_PART_NEW, self, t->total, t->err))
        return -1;
    for (uint32_t i = 0; i < t->tree->n; i++) {
        double was = (double)base[i], is = (double)now[i];
        if ((was > 0 || is > 0) && (was * 1000 >= (double)base[0] || is * 1000 >= (double)now[0]))
            t->node[t->n++] = i;
    }
    return 0;
}

static int choose_nodes(struct testing *t)
{
    size_t n = t->tree->n;
    struct pf_mem *m = t->p->mem;
    int64_t *self = pf_alloc(m, n * sizeof *self), *base = pf_alloc(m, n * sizeof *base);
    int failed = self && base ? keep_large(t, self, base) : no_memory(t->p, t->err);

    pf_dealloc(m, self);
    pf_dealloc(m, base);
    return failed;
}

static int add_run(struct testing *t, uint32_t run)
{
    const struct pf_tree *tree = t->tree;
    bool is_base = run < t->sure->runs[PF_BASE];

    memset(t->total, 0, tree->n * sizeof *t->total);
    for (uint32_t i = t->first[run]; i < t->first[run + 1]; i++) {
        int64_t *to = &t->total[tree->of_sample[t->sample[i]]];
        int64_t value = t->p->samples.value[t->type][t->sample[i]];
        if (is_base ? __builtin_sub_overflow(*to, value, to) : !pf_add64(*to, value, to))
            return pf_fail(t->err, PF_EVALUE, "the sum of a run does not fit 64 bits");
    }
    for (uint32_t i = tree->n - 1; i > 0; i--) {
        int64_t *to = &t->total[tree->parent[i]];
        if (!pf_add64(*to, t->total[i], to))
            return pf_fail(t->err, PF_EVALUE, "the sum of a run does not fit 64 bits");
    }
    uint32_t times = t->sure->times[is_base ? PF_BASE : PF_NEW];
    for (uint32_t i = 0; i < t->n; i++)
        t->value[(size_t)i * t->runs + run] = t->total[t->node[i]] / times;
    return 0;
}

static int take_values(struct testing *t)
{
    t->value = pf_alloc(t->p->mem, ((size_t)t->n * t->runs + 1) * sizeof *t->value);
    if (!t->value)
        return no_memory(t->p, t->err);
    for (uint32_t run = 0; run < t->runs; run++)
        if (add_run(t, run))
            return -1;
    return 0;
}

/* ---- tests ---- */

static bool one_value(const int64_t *value, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (value[i] != value[0])
            return false;
    return true;
}

/* Calls are counted, not measured: where each side has one number, two numbers are a change. */
static bool is_counted(const struct pf_profile *p, unsigned type)
{
    struct pf_str name = pf_str_at(p, p->types.at[type].name);

    return is_text(name, "calls") || is_text(name, "primitive_calls") || is_text(name, "hits");
}

static int test_nodes(struct testing *t)
{
    struct pf_sure *s = t->sure;
    bool counted = is_counted(t->p, t->type);

    for (uint32_t i = 0; i < t->n; i++) {
        const int64_t *base = &t->value[(size_t)i * t->runs], *now = base + s->runs[PF_BASE];
        bool even = one_value(base, s->runs[PF_BASE]) && one_value(now, s->runs[PF_NEW]);
        if (even && (counted || *base == *now)) {
            s->q[t->node[i]] = *base == *now ? 1 : 0;
            continue;
        }
        if (!pf_ranks_load(&t->ranks, base, now))
            return pf_fail(t->err, PF_EVALUE, "the difference of two runs does not fit 64 bits");
        t->tested[t->n_tested] = i;
        t->p_of[t->n_tested++] = pf_ranks_p(&t->ranks);
    }
    pf_fdr(t->p_of, t->q_of, t->order, t->n_tested);
    for (uint32_t i = 0; i < t->n_tested; i++)
        s->q[t->node[t->tested[i]]] = (float)t->q_of[i];
    return 0;
}

static void count_needed(struct pf_sure *s, uint32_t tested)
{
    enum { MOST = 1000 };
    double level = PF_SURE_LEVEL * (1 + 1e-12), rows = tested ? tested : 1;

    s->needed = 2;
    while (s->needed < MOST && rows * pf_least_p(s->needed, s->needed) > level)
        s->needed++;
    s->enough = rows * pf_least_p(s->runs[PF_BASE], s->runs[PF_NEW]) <= level;
}

static int test(struct testing *t)
{
    struct pf_mem *m = t->p->mem;
    struct pf_sure *s = t->sure;

    s->q = pf_alloc(m, t->tree->n * sizeof *s->q);
    if (!s->q)
        return no_memory(t->p, t->err);
    for (uint32_t i = 0; i < t->tree->n; i++)
        s->q[i] = PF_UNTESTED;
    t->node = pf_alloc(m, t->tree->n * sizeof *t->node);
    t->total = pf_alloc(m, t->tree->n * sizeof *t->total);
    if (!t->node || !t->total)
        return no_memory(t->p, t->err);
    if (choose_nodes(t))
        return -1;
    if ((uint64_t)t->n * t->runs > MOST_VALUES || (uint64_t)t->tree->n * t->runs > MOST_SUMS) {
        s->too_many = true;
        return 0;
    }
    if (sort_samples(t) || take_values(t))
        return -1;
    size_t n = (size_t)t->n + 1;
    t->p_of = pf_alloc(m, n * sizeof *t->p_of);
    t->q_of = pf_alloc(m, n * sizeof *t->q_of);
    t->tested = pf_alloc(m, n * sizeof *t->tested);
    t->order = pf_alloc(m, n * sizeof *t->order);
    if (!t->p_of || !t->q_of || !t->tested || !t->order
        || !pf_ranks_init(&t->ranks, m, s->runs[PF_BASE], s->runs[PF_NEW]))
        return no_memory(t->p, t->err);
    if (test_nodes(t))
        return -1;
    count_needed(s, t->n_tested);
    s->tested = true;
    return 0;
}

int pf_sure_make(const struct pf_tree *tree, unsigned type, struct pf_sure *s, struct pf_err *err)
{
    struct testing t = {.tree = tree, .p = tree->p, .type = type, .sure = s, .err = err};
    struct pf_mem *m = tree->p->mem;

    *s = (struct pf_sure){0};
    count_runs(tree->p, s->runs, s->times);
    if (s->runs[PF_BASE] < 2 || s->runs[PF_NEW] < 2)
        return 0;
    if (s->runs[PF_BASE] > MOST_RUNS || s->runs[PF_NEW] > MOST_RUNS)
        return pf_fail(err, PF_EVALUE, "more than %d runs of a side cannot be told apart",
                       MOST_RUNS);
    t.runs = s->runs[PF_BASE] + s->runs[PF_NEW];
    int failed = test(&t);
    void *blocks[] = {t.first, t.sample, t.node,   t.total, t.value,
                      t.p_of,  t.q_of,   t.tested, t.order, s->tested ? NULL : s->q};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(m, blocks[i]);
    pf_ranks_free(&t.ranks);
    if (!s->tested)
        s->q = NULL;
    return failed;
}
