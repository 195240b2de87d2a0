/* profdiff - what changed between two profiles, or between two sets of runs. */
#include "common/tool.h"
#include "common/view.h"

#include <string.h>

static struct opt_list bases;
static int sort;
static bool cum, all, signed_profile;

static const struct opt opts[] = {
    {OPT_LIST, 'b', "base", &bases, "BASE",
     "a run of the base, or a stream of them; may be given again. All other inputs are new"},
    {OPT_FLAG, 0, "cum", &cum, NULL, "compare cumulative values instead of each row's own"},
    {OPT_WORD, 0, "sort", &sort, "KEY",
     "order of the rows: delta (default), base, new, pct, calls or name; delta, pct and calls by "
     "their size",
     .words = "delta|base|new|pct|calls|name"},
    {OPT_FLAG, 0, "all", &all, NULL, "also show rows in which nothing changed"},
    {OPT_FLAG, 0, "pb", &signed_profile, NULL,
     "write the difference as a profile: base samples negated and labelled pprof::base=true"},
    {0},
};

static const struct tool tool = {
    .name = "profdiff",
    .synopsis = "[OPTION]... [-b BASE]... [FILE]...",
    .summary = "tell what changed between two profiles",
    .text =
        "Without -b, two files are the old and the new profile, and one input must be a stream of "
        "exactly two profiles: the base, then the new one. With -b, every profile in a BASE is a "
        "run "
        "of the base, and every other one a run of the new side. Values are means over the "
        "runs.\n\n"
        "Functions are joined by place and name without line numbers; files in site-packages and "
        "in "
        "the standard library count as the same wherever they lie.\n\n"
        "Verdicts: new and gone rows are on one side only. 'calls changed': the numbers of calls "
        "are the same in all runs of a side, and others on the other. 'same': nothing differs at "
        "all. 'undecided': the values differ, and so few runs cannot tell a change from noise. A ? "
        "behind a verdict: one side has more functions of this name and file than the other, and "
        "which is which was guessed by their order, calls and cost.\n\n"
        "JSON: {\"schema\":1, \"base\":{\"files\":[], \"runs\":1}, \"new\":{...}, \"type\", "
        "\"unit\", \"rows\":[{\"name\", \"file\", \"line\", \"status\":\"both|new|gone\", "
        "\"base\", \"new\", "
        "\"delta\", \"delta_pct\", \"calls_base\", \"calls_new\", \"effect\", \"ci\", \"q\", "
        "\"verdict\", \"ambiguous\":false}]}; what is unknown is null.",
    .opts = opts,
    .has = TOOL_SAMPLE | TOOL_VIEW,
    .examples = "profdiff old.prof new.prof\n"
                "pstat2pb old.prof new.prof | profdiff --sort pct\n"
                "pstat2pb new.prof | profdiff -b old.prof --markdown\n"
                "profdiff --pb old.prof new.prof | proftop\n",
};

/* ---- what the sides become: rows, or with --pb a profile each ---- */

static struct pf_diff *diff;
static struct pf_profile *sum[2];
static unsigned runs[2];
static char type_name[256]; /* of the first profile, for all others */

static _Noreturn void die_of_memory(void)
{
    die("out of memory (see --max-memory)");
}

static unsigned type_of(const struct pf_profile *p, const char *input)
{
    if (!*type_name) {
        unsigned type = tool_sample(p);
        struct pf_str name = pf_str_at(p, p->types.at[type].name);
        size_t len = name.len < sizeof type_name ? name.len : sizeof type_name - 1;
        memcpy(type_name, name.s, len);
        return type;
    }
    int type = pf_type_find(p, type_name);
    if (type < 0)
        die("%.4096s: cannot compare: there is no '%.100s' in it", input, type_name);
    return (unsigned)type;
}

static void add_signed(enum pf_side side, struct pf_profile *p, const char *input)
{
    static const struct pf_merge_how how = {.gauge = PF_GAUGE_SUM};

    if (!sum[side]) {
        sum[side] = p;
        return;
    }
    if (runs[side] == 2) { /* merging starts with a profile of our own making */
        struct pf_profile *first = sum[side];
        sum[side] = pf_new(&tool_mem);
        if (!sum[side])
            die_of_memory();
        tool_merge(sum[side], first, &how, input);
        pf_free(first);
    }
    tool_merge(sum[side], p, &how, input);
    pf_free(p);
}

static void add(enum pf_side side, struct pf_profile *p, const char *input)
{
    struct pf_err err = {0};
    unsigned type = type_of(p, input);

    runs[side]++;
    if (signed_profile) {
        add_signed(side, p, input);
        return;
    }
    if (pf_diff_add(diff, side, p, type, input, &err))
        die_err(input, &err);
    pf_free(p);
}

/* ---- which input is on which side ---- */

static void add_each(enum pf_side side, char **paths)
{
    struct tool_inputs in = {.paths = paths};

    for (struct pf_profile *p; (p = tool_next(&in));)
        add(side, p, in.name);
}

static void add_bases(char **paths)
{
    char **names = pf_alloc_zero(&tool_mem, (size_t)bases.n + 1, sizeof(char *));
    int stdins = 0;

    if (!names)
        die_of_memory();
    for (int i = 0; i < bases.n; i++) {
        memcpy(&names[i], &bases.at[i], sizeof *names); /* the paths of inputs are not const */
        stdins += strcmp(names[i], "-") == 0;
    }
    for (int i = 0; paths[i]; i++)
        stdins += strcmp(paths[i], "-") == 0;
    if (stdins + !paths[0] > 1)
        die("standard input cannot be on both sides; name a FILE for the new side");
    add_each(PF_BASE, names);
    add_each(PF_NEW, paths);
    pf_dealloc(&tool_mem, names);
}

/* One input: the base, then the new one, and nothing else. */
static void add_pair(char **paths)
{
    struct tool_inputs in = {.paths = paths};
    struct pf_profile *p;
    unsigned n = 0;

    while ((p = tool_next(&in))) {
        if (n == 2)
            die("%.4096s: more than two profiles; say with -b which are the base", in.name);
        add(n++ ? PF_NEW : PF_BASE, p, in.name);
    }
    if (n < 2)
        die("%.4096s: only one profile; give two files, a stream of two, or -b BASE",
            in.name ? in.name : "standard input");
}

static void add_sides(char **paths)
{
    int n = 0;

    while (paths[n])
        n++;
    if (bases.n) {
        add_bases(paths);
    } else if (n == 2) {
        add_each(PF_BASE, (char *[]){paths[0], NULL});
        add_each(PF_NEW, paths + 1);
    } else if (n < 2) {
        add_pair(paths);
    } else {
        die("%d files without -b: say with -b BASE which are the base (try --help)", n);
    }
}

/* ---- the two answers ---- */

static struct pf_sink *put_profile(void)
{
    const struct pf_format *pb = pf_format_named("pb");
    struct pf_err err = {0};

    if (runs[PF_BASE] != runs[PF_NEW])
        die("--pb subtracts sums: %u runs of the base cannot be held against %u", runs[PF_BASE],
            runs[PF_NEW]);
    if (sum[PF_BASE]->calls.n || sum[PF_NEW]->calls.n)
        note("the raw pstats table is dropped: it knows nothing of signs");
    struct pf_profile *p = pf_diff_profile(sum[PF_BASE], sum[PF_NEW], &err);
    if (!p)
        die("%s", err.msg);
    struct pf_sink *out = tool_output(pb->packing, pb->binary);
    tool_write(out, p, pb, -1);
    pf_free(p);
    pf_free(sum[PF_BASE]);
    pf_free(sum[PF_NEW]);
    return out;
}

static struct pf_sink *put_rows(void)
{
    struct pf_view view = view_asked();
    struct pf_err err = {0};

    view.sort = sort;
    view.cum = cum;
    view.all = all;
    if (pf_diff_finish(diff, &err))
        die("%s", err.msg);
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (pf_view_diff(diff, &view, out, &err))
        die("%s", err.msg);
    return out;
}

int main(int argc, char **argv)
{
    char **paths = tool_start(&tool, argc, argv);

    diff = pf_diff_new(&tool_mem, view_by());
    if (!diff)
        die_of_memory();
    add_sides(paths);
    struct pf_sink *out = signed_profile ? put_profile() : put_rows();
    pf_diff_free(diff);
    return tool_finish(out);
}
