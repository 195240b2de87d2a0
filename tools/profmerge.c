/* profmerge - many profiles into one, or into one for each value of a label. */
#include "common/tool.h"

#include <stdio.h>
#include <string.h>

enum { RUNS_MEAN, RUNS_MIN, RUNS_MAX };
enum { GAUGE_SUM, GAUGE_MAX };

static int runs = -1, gauge = -1; /* not given */
static const char *by_label;
static struct pf_merge_how how;

static const struct opt opts[] = {
    {OPT_STR, 0, "by-label", &by_label, "KEY",
     "one profile for each value of the label KEY, sorted by value; samples without it come first"},
    {OPT_WORD, 0, "runs", &runs, "HOW",
     "across the profiles take the mean, min or max of each value instead of the sum",
     .words = "mean|min|max"},
    {OPT_WORD, 0, "gauge", &gauge, "HOW",
     "live bytes of several processes: sum or max (default: refused, as their sum may mean "
     "nothing)",
     .words = "sum|max"},
    {OPT_FLAG, 0, "saturate", &how.saturate, NULL,
     "a sum beyond 64 bits stays at the largest number instead of failing"},
    {0},
};

static const struct tool tool = {
    .name = "profmerge",
    .synopsis = "[OPTION]... [FILE]...",
    .summary = "merge many profiles into one",
    .text =
        "Reads profiles of any known format and writes one in the common format. How values meet "
        "depends on their kind: times and counts add up, of peaks the larger one stays, and live "
        "bytes are merged only when --gauge says how.\n\n"
        "The result does not depend on the order of the inputs, and memory not on their number. "
        "Sample types that only some of the profiles have are told of on stderr. The value that "
        "--sample names becomes the default of the result.\n\n"
        "With --runs mean the sums are divided by the number of runs, rounded half to even; a "
        "stack "
        "that a run lacks counts as 0 there. The table of a pstats file, which holds sums, is left "
        "out then; whole stacks are made of it before. With min and max it is left out, too, and "
        "the "
        "values are those of each caller and callee, as measured; --stacks whole makes stacks of "
        "each run before, but these are not quite the same in all runs.",
    .opts = opts,
    .has = TOOL_SAMPLE | TOOL_STACKS,
    .examples = "profmerge -o all.pb.zst run*.pb.zst\n"
                "cat run*.pb.zst | profmerge --runs mean | proftop\n"
                "profmerge --by-label thread server.pb.zst | profinfo\n",
};

/* ---- the mean ---- */

static int64_t divide_half_even(int64_t sum, int64_t n)
{
    int64_t q = sum / n, rest = sum % n, away = sum < 0 ? -1 : 1;
    int64_t over = (rest < 0 ? -rest : rest) - (n - (rest < 0 ? -rest : rest)); /* 2 rest - n */

    return q + (over > 0 || (over == 0 && q % 2) ? away : 0);
}

/* Peaks were not added up, so there is nothing to divide; nor were live bytes under --gauge max. */
static bool was_summed(const struct pf_type *t)
{
    return t->kind == PF_SUM || (t->kind == PF_GAUGE && how.gauge == PF_GAUGE_SUM);
}

static void divide_by_runs(struct pf_profile *p)
{
    if (runs != RUNS_MEAN || p->runs < 2)
        return;
    for (uint32_t k = 0; k < p->types.n; k++)
        for (uint32_t i = 0; was_summed(&p->types.at[k]) && i < p->samples.n; i++)
            p->samples.value[k][i] = divide_half_even(p->samples.value[k][i], p->runs);
    if (p->calls.n)
        note("the pstats table is left out: it holds sums");
    p->calls.n = p->calls.n_edges = p->calls.n_parts = 0;
    p->runs = 1;
}

/* A mean keeps no table, which is all that could make whole stacks of edges later on. */
static struct pf_profile *with_stacks(struct pf_profile *p, const char *input)
{
    bool last = runs == RUNS_MEAN && p->runs > 1 && p->calls.n;

    return last ? tool_whole(p, input) : tool_stacks(p, input);
}

/* Stacks made of the edges of one run are not quite those of another, so that the least and the
 * largest of them are too small and too large: edges are what was measured. */
static void tell_edges(const struct pf_profile *p, const char *input)
{
    static bool told;
    bool edges = how.runs != PF_RUNS_SUM && p->runs > 1 && p->stack_kind == PF_EDGE_ONLY;

    if (edges && !told)
        warn("%.4096s: the %s of each caller and callee, whose stacks are not known (--stacks "
             "whole makes some of each run before)",
             input, how.runs == PF_RUNS_MIN ? "least" : "largest");
    told |= edges;
}

/* ---- by label ---- */

struct group {
    struct pf_profile *sum;
    uint32_t first, n; /* its samples of the profile at hand */
    size_t len;
    char value[];
};

static struct {
    struct group **at; /* sorted by value */
    uint32_t n, cap;
} groups;

static _Noreturn void die_of_memory(void)
{
    die("out of memory (see --max-memory)");
}

static void *get(size_t n, size_t size)
{
    void *block = pf_alloc_zero(&tool_mem, n, size);

    if (!block)
        die_of_memory();
    return block;
}

static struct group *insert_group(uint32_t place, const char *value, size_t len)
{
    struct group *g = get(1, sizeof *g + len);

    memcpy(g->value, value, len);
    g->len = len;
    g->sum = pf_new(&tool_mem);
    if (groups.n == groups.cap) {
        groups.cap = groups.cap ? 2 * groups.cap : 16;
        groups.at = pf_realloc(&tool_mem, groups.at, groups.cap * sizeof(struct group *));
    }
    if (!g->sum || !groups.at)
        die_of_memory();
    memmove(&groups.at[place + 1], &groups.at[place], (groups.n - place) * sizeof(struct group *));
    groups.at[place] = g;
    groups.n++;
    return g;
}

static int compare(const struct group *g, const char *value, size_t len)
{
    int order = memcmp(g->value, value, g->len < len ? g->len : len);

    return order ? order : (g->len > len) - (g->len < len);
}

static struct group *find_group(const char *value, size_t len)
{
    uint32_t low = 0, high = groups.n;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(groups.at[middle], value, len) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == groups.n || compare(groups.at[low], value, len))
        return insert_group(low, value, len);
    return groups.at[low];
}

static struct group *group_of(const struct pf_profile *p, pf_id set)
{
    size_t key_len = strlen(by_label);
    char number[24];

    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        const struct pf_label *l = &p->labels.at[p->sets.item[i]];
        struct pf_str key = pf_str_at(p, l->key), text = pf_str_at(p, l->str);
        if (l->kind == PF_LABEL_RAW || key.len != key_len || memcmp(key.s, by_label, key_len) != 0)
            continue;
        if (l->kind == PF_LABEL_STR)
            return find_group(text.s, text.len);
        int n = snprintf(number, sizeof number, "%lld", (long long)l->num);
        return find_group(number, (size_t)n);
    }
    return find_group("", 0);
}

/* ---- every profile is merged once for each group that it has samples of ---- */

/* The samples of p, thrown into their groups: each knows where its own begin and how many they are.
 */
static uint32_t *gather(const struct pf_profile *p)
{
    struct group **of_set = get(p->sets.n, sizeof(struct group *));
    uint32_t *sample = get(p->samples.n, sizeof *sample), start = 0;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        struct group **g = &of_set[p->samples.labels[i]];
        if (!*g)
            *g = group_of(p, p->samples.labels[i]);
        (*g)->n++;
    }
    for (uint32_t i = 0; i < groups.n; i++) {
        groups.at[i]->first = start;
        start += groups.at[i]->n;
        groups.at[i]->n = 0;
    }
    for (uint32_t i = 0; i < p->samples.n; i++) {
        struct group *g = of_set[p->samples.labels[i]];
        sample[g->first + g->n++] = i;
    }
    pf_dealloc(&tool_mem, of_set);
    return sample;
}

static void add_by_label(const struct pf_profile *p, const char *input)
{
    uint32_t *sample = gather(p);
    struct pf_merge_how part = how;

    if (!p->samples.n)
        tool_merge(find_group("", 0)->sum, p, &how, input);
    for (uint32_t i = 0; i < groups.n; i++) {
        struct group *g = groups.at[i];
        bool all = g->n == p->samples.n; /* then the pstats table stays */
        if (g->n && !all && runs == RUNS_MEAN && p->runs > 1)
            die("%.4096s: %u runs were merged before, and in which of them a label occurs is not "
                "known: no mean by label (merge the runs themselves)",
                input, p->runs);
        part.only = all ? NULL : sample + g->first;
        part.n_only = g->n;
        if (g->n)
            tool_merge(g->sum, p, &part, input);
        g->n = 0;
    }
    pf_dealloc(&tool_mem, sample);
}

/* ---- the tool ---- */

static void write_groups(struct pf_sink *out, const struct pf_format *f)
{
    for (uint32_t i = 0; i < groups.n; i++) {
        struct group *g = groups.at[i];
        if (runs == RUNS_MEAN)
            g->sum = with_stacks(g->sum, by_label);
        tell_edges(g->sum, by_label);
        divide_by_runs(g->sum);
        tool_sample_first(g->sum);
        tool_write(out, g->sum, f, -1);
        pf_free(g->sum);
        pf_dealloc(&tool_mem, g);
    }
    pf_dealloc(&tool_mem, groups.at);
}

static struct pf_sink *merge_by_label(struct tool_inputs *in, const struct pf_format *f)
{
    for (struct pf_profile *p; (p = tool_next(in));) {
        tool_count_types(p);
        if (how.runs != PF_RUNS_SUM)
            p = tool_stacks(p, in->name);
        add_by_label(p, in->name);
        pf_free(p);
    }
    tool_tell_types();

    struct pf_sink *out = tool_output(f->packing, f->binary);
    write_groups(out, f);
    return out;
}

static struct pf_sink *merge_all(struct tool_inputs *in, const struct pf_format *f)
{
    struct pf_profile *sum = tool_rest_merged(in, &how);
    struct pf_sink *out = tool_output(f->packing, f->binary);

    sum = with_stacks(sum, tool_inputs_name(in->paths));
    tell_edges(sum, tool_inputs_name(in->paths));
    divide_by_runs(sum);
    tool_sample_first(sum);
    tool_write(out, sum, f, -1);
    pf_free(sum);
    return out;
}

int main(int argc, char **argv)
{
    struct tool_inputs in = {.paths = tool_start(&tool, argc, argv)};
    const struct pf_format *pb = pf_format_named("pb");

    if (runs == RUNS_MIN || runs == RUNS_MAX)
        how.runs = runs == RUNS_MIN ? PF_RUNS_MIN : PF_RUNS_MAX;
    if (gauge >= 0)
        how.gauge = gauge == GAUGE_SUM ? PF_GAUGE_SUM : PF_GAUGE_MAX;
    return tool_finish(by_label ? merge_by_label(&in, pb) : merge_all(&in, pb));
}
