/* profdiff - what changed between two profiles, or between two sets of runs. */
#include "common/tool.h"
#include "common/view.h"
#include "diff/signed.h"

#include <stdio.h>
#include <string.h>

static struct opt_list bases, maps, gates;
static int sort, undecided, margin = 10;
static bool cum, all, signed_profile, force, steps, learn, mean;
static const char *normalize = "none", *noise;

static const struct opt opts[] = {
    {OPT_LIST, 'b', "base", &bases, "BASE",
     "a run of the base, or a stream of them; may be given again. All other inputs are new"},
    {OPT_FLAG, 0, "cum", &cum, NULL, "compare cumulative values instead of each row's own"},
    {OPT_WORD, 0, "sort", &sort, "KEY",
     "order of the rows: delta (default), base, new, pct, calls or name; delta, pct and calls by "
     "their size",
     .words = "delta|base|new|pct|calls|name"},
    {OPT_FLAG, 0, "all", &all, NULL, "also show rows in which nothing changed"},
    {OPT_LIST, 0, "map", &maps, "OLD=NEW",
     "what is called OLD in the base is NEW now: a function (f, or pkg.mod.f), a module, a file or "
     "a folder; may be given again"},
    {OPT_STR, 0, "normalize", &normalize, "HOW",
     "none (default); total: scale each run to the same total; share: shares of the total; rate: "
     "values per second; or the name of a function, by whose time all runs are scaled"},
    {OPT_FLAG, 0, "force", &force, NULL, "compare by shares what cannot be compared otherwise"},
    {OPT_FLAG, 0, "steps", &steps, NULL,
     "the inputs are snapshots in order: growth per step from the first to the last (the default "
     "for three or more of live bytes)"},
    {OPT_FLAG, 0, "mean", &mean, NULL,
     "of values over time compare the means, not the peaks or sums"},
    {OPT_INT, 0, "margin", &margin, "PERCENT",
     "call rows the same only if a larger change is ruled out (default 10)"},
    {OPT_LIST, 0, "fail-if", &gates, "EXPR",
     "exit with 1 if it holds for any row, and name these; may be given again"},
    {OPT_WORD, 0, "undecided", &undecided, "WHAT",
     "a gate that too few runs cannot decide: pass (default) or fail", .words = "pass|fail"},
    {OPT_FLAG, 0, "learn", &learn, NULL,
     "write how far the runs, which are of one program, are apart: a noise floor for --noise"},
    {OPT_STR, 0, "noise", &noise, "FILE", "hold single runs against the noise floor in FILE"},
    {OPT_FLAG, 0, "pb", &signed_profile, NULL,
     "write the difference as a profile: base samples negated and labelled pprof::base=true"},
    {0},
};

static const struct tool tool = {
    .name = "profdiff",
    .synopsis = "[OPTION]... [-b BASE]... [FILE]...",
    .summary = "tell what changed between two profiles, and whether that is more than noise",
    .text =
        "Without -b, two files are the old and the new profile, and one input must be a stream of "
        "exactly two profiles: the base, then the new one. With -b, every profile in a BASE is a "
        "run of the base, and every other one a run of the new side. Values are means over the "
        "runs; of peaks, the largest. Peaks over time (mprof) have their means over it beside "
        "them, which --mean compares instead; times of timeit and pyperf are those of one loop.\n\n"
        "Functions are joined by place and name without line numbers; files in site-packages and "
        "in the standard library count as the same wherever they lie, and so do files below a "
        "folder that was renamed as a whole.\n\n"
        "Statistics need runs: two or more a side. The values of a row are ranked (exact "
        "Mann-Whitney U test, ties included); 'effect' is the median of all differences "
        "(Hodges-Lehmann) with its 95% interval; q is the expected share of false alarms among all "
        "rows with a q as small (Benjamini-Hochberg); 'detectable' is the smallest effect that "
        "these runs would have shown in 80 of 100 cases. Six runs a side can find one change "
        "among 23 rows, eight among 321, ten among 4618. --sample, --cum and --by say which values "
        "that is about.\n\n"
        "Verdicts: 'slower' and 'faster' (of bytes: 'more' and 'less') have a q of at most 0.05. "
        "'new' and 'gone' rows are on one side only. 'calls changed': the numbers of calls are the "
        "same in all runs of a side, and others on the other. 'same': nothing differs at all, or "
        "the interval rules out a change beyond --margin. 'undecided': none of these; 'calls "
        "vary': the runs of one side differ in their calls. A ? behind a verdict: one side has "
        "more functions of this name and file than the other, and which is which was guessed by "
        "their order, calls and cost.\n\n"
        "The change of a row has two parts, 'by calls' and 'by cost': more calls at the old cost "
        "of a call, and the new calls at another cost.\n\n"
        "--pb writes new minus base, for profflame, proftop, pprof and all others: sums over the "
        "runs, where the table has means. Where the sides have different numbers of runs, both are "
        "multiplied, so that each is a sum of equally many. Runs stay apart by their labels, of "
        "which profflame makes means again, and tells noise from change.\n\n"
        "Gates: comparisons with < <= > >= == != between a name and a number, joined by and, or, "
        "not and brackets. Names: the sample type (time, space, ...), calls, per_call, share, "
        "effect, p and q of a row, and total.TYPE, the whole. A number with a sign is a change: "
        "'time > +10%', 'calls > +0', 'total.space > +5MiB'; one without is the new value: 'time > "
        "20ms', 'share > 1%'. A new row is above any +N%. What too few runs cannot say is "
        "undecided.\n\n"
        "JSON: {\"schema\":1, \"base\":{\"files\":[], \"runs\":1, \"total\"}, \"new\":{...}, "
        "\"type\", \"unit\", \"cum\", \"normalize\", \"tested\", \"runs_needed\", \"enough\", "
        "\"rows\":[{\"name\", \"file\", \"line\", \"status\":\"both|new|gone\", \"base\", \"new\", "
        "\"delta\", \"delta_pct\", \"calls_base\", \"calls_new\", \"effect\", \"ci\":[low,high], "
        "\"q\", \"verdict\":\"slower|faster|same|undecided|calls_changed\", \"ambiguous\", "
        "\"calls\":\"unknown|same|changed|unstable\", \"by_calls\", \"by_cost\", \"spread_base\", "
        "\"spread_new\", \"p\", \"detectable\", \"per_step\", \"grew\", \"rename\"}], "
        "\"gates\":[{\"gate\", \"result\":\"passed|failed|undecided\", \"undecided\", "
        "\"rows\":[]}]}; what is unknown is null. Shares are in billionths (unit ppb).",
    .opts = opts,
    .has = TOOL_SAMPLE | TOOL_STACKS | TOOL_VIEW | TOOL_JUNIT,
    .examples = "profdiff old.prof new.prof\n"
                "pstat2pb old.prof new.prof | profdiff --sort pct\n"
                "pstat2pb new.prof | profdiff -b old.prof --markdown\n"
                "cat old*.pb.zst | profdiff -b - new*.prof --fail-if 'time > +10% and q < 0.05'\n"
                "profdiff --learn run*.prof -o noise.pb.zst\n"
                "profdiff --noise noise.pb.zst old.prof new.prof --fail-if 'time > +10% and q < "
                "0.05'\n"
                "profdiff --pb old.prof new.prof | proftop\n",
    .exits = "a gate failed (--fail-if)",
};

/* ---- what the sides become: rows, or with --pb a profile each ---- */

static struct pf_diff *diff;
static struct pf_profile *sum[2];
static unsigned runs[2];

static _Noreturn void die_of_memory(void)
{
    die("out of memory (see --max-memory)");
}

static unsigned type_of(const struct pf_profile *p, const char *input)
{
    int type = tool_sample_compared(p);

    if (type < 0 && (diff->how.normalize == PF_NORMALIZE_SHARE || force))
        return tool_sample(p);
    if (type < 0)
        die("%.4096s: cannot compare: there is no '%.100s' in it", input, tool_compared());
    return (unsigned)type;
}

/* Times of one loop are held against such times only; all inputs are the same in that. */
static void divide_by_loops(struct pf_profile *p, unsigned type, const char *input)
{
    struct pf_err err = {0};
    int done = pf_per_loop(p, type, &err);
    bool divided = done > 0, alike = divided == diff->how.per_loop;
    bool shares = diff->how.normalize == PF_NORMALIZE_SHARE || force;

    if (done < 0)
        die_err(input, &err);
    if (!alike && runs[PF_BASE] + runs[PF_NEW] && !shares)
        die(divided ? "%.4096s: cannot compare: '%.100s' is given for a number of loops here, "
                      "which is not known before"
                    : "%.4096s: cannot compare: '%.100s' cannot be divided by a number of loops "
                      "here, as it was before",
            input, tool_compared());
    diff->how.per_loop |= divided;
}

static void add(enum pf_side side, struct pf_profile *p, const char *input)
{
    struct pf_err err = {0};

    p = view_by() == PF_BY_STACK ? tool_whole(p, input) : tool_stacks(p, input);
    unsigned type = type_of(p, input);
    tool_count_types(p);
    divide_by_loops(p, type, input);

    runs[side]++;
    if (!p->samples.n)
        warn("%.4096s: there are no samples in it", input);
    if (signed_profile) {
        tool_add_run(&sum[side], runs[side], p, input);
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

/* The first is the base, all others are later. Without --steps that is so for live bytes only,
 * where three or more have no other meaning. */
static void add_snapshots(char **paths)
{
    struct tool_inputs in = {.paths = paths};
    struct pf_profile *p;
    bool live = true, files = paths[0] && paths[1];
    unsigned n = 0;

    while ((p = tool_next(&in))) {
        live &= p->types.n && p->types.at[type_of(p, in.name)].kind == PF_GAUGE;
        if (n == 2 && !live && !steps)
            die(files ? "more than two profiles without -b (%.4096s): say with -b BASE which are "
                        "the base (try --help)"
                      : "%.4096s: more than two profiles; say with -b which are the base",
                in.name);
        add(n++ ? PF_NEW : PF_BASE, p, in.name);
    }
    if (n < 2)
        die("%.4096s: only one profile; give two files, a stream of two, or -b BASE",
            in.name ? in.name : "standard input");
    diff->how.series = n > 2 || steps;
}

static void add_sides(char **paths)
{
    int n = 0;

    while (paths[n])
        n++;
    if (learn) {
        add_each(PF_BASE, paths);
    } else if (bases.n) {
        add_bases(paths);
        diff->how.series = steps;
    } else if (n == 2 && !steps) {
        add_each(PF_BASE, (char *[]){paths[0], NULL});
        add_each(PF_NEW, paths + 1);
    } else {
        add_snapshots(paths);
    }
}

/* ---- other names of the base ---- */

static struct pf_maps read_maps(void)
{
    bool *found = pf_alloc_zero(&tool_mem, (size_t)maps.n + 1, sizeof *found);

    if (!found)
        die_of_memory();
    for (int i = 0; i < maps.n; i++) {
        const char *sign = strchr(maps.at[i], '=');
        if (!sign || sign == maps.at[i] || !sign[1])
            die("--map takes OLD=NEW, not '%.200s'", maps.at[i]);
    }
    return (struct pf_maps){.at = maps.at, .n = (uint32_t)maps.n, .found = found};
}

/* Those that found nothing, as a name with a slip would. The last use of m. */
static void end_maps(struct pf_maps *m)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (!m->found[i])
            warn("--map %.500s: nothing in the base is called so", m->at[i]);
    pf_dealloc(&tool_mem, m->found);
    m->found = NULL;
}

/* ---- the two answers ---- */

static void read_noise(void)
{
    char name[4096];
    char *paths[] = {name, NULL};
    struct tool_inputs in = {.paths = paths};
    struct pf_err err = {0};

    if (strlen(noise) >= sizeof name)
        die("--noise: the name is too long");
    memcpy(name, noise, strlen(noise) + 1);
    struct pf_profile *p = tool_next(&in);
    if (tool_next(&in))
        die("--noise: '%.1000s' holds more than one profile", noise);
    if (pf_diff_noise(diff, p, &err))
        die_err(noise, &err);
    pf_free(p);
    if (runs[PF_BASE] > 1 || runs[PF_NEW] > 1)
        warn("--noise is for one run a side: these have their own noise");
}

static struct pf_sink *put_noise(void)
{
    const struct pf_format *pb = pf_format_named("pb");
    struct pf_err err = {0};
    struct pf_profile *p = pf_diff_learned(diff, &err);

    if (!p)
        die("%s", err.msg);
    struct pf_sink *out = tool_output(pb->packing, pb->binary);
    tool_write(out, p, pb, -1);
    pf_free(p);
    return out;
}

/* ---- gates ---- */

static struct pf_gate **gate;
static struct pf_gate_result *result;

static void read_gates(void)
{
    gate = pf_alloc_zero(&tool_mem, (size_t)gates.n + 1, sizeof(struct pf_gate *));
    result = pf_alloc_zero(&tool_mem, (size_t)gates.n + 1, sizeof *result);
    if (!gate || !result)
        die_of_memory();
    for (int i = 0; i < gates.n; i++) {
        struct pf_err err = {0};
        gate[i] = pf_gate_new(&tool_mem, gates.at[i], &err);
        if (!gate[i])
            die_at("--fail-if", gates.at[i], &err);
    }
}

static void try_gates(void)
{
    for (int i = 0; i < gates.n; i++) {
        struct pf_err err = {0};
        if (pf_gate_try(gate[i], diff, &result[i], &err))
            die_at("--fail-if", gates.at[i], &err);
        result[i].strict = undecided == 1;
    }
}

/* The names of the first rows of a gate that failed. */
static void name_rows(const struct pf_gate_result *r, char *names, size_t size)
{
    enum { MOST = 10 };
    size_t at = 0;

    names[0] = '\0';
    for (uint32_t i = 0; i < r->n_rows && i < MOST && at < size; i++) {
        const struct pf_func *f = &diff->names->funcs.at[diff->at[r->rows[i]].func];
        const char *s = pf_str_at(diff->names, f->name).s;
        if (!*s || diff->how.by == PF_BY_FILE || diff->how.by == PF_BY_MODULE)
            s = pf_str_at(diff->names, f->file).s;
        at += (size_t)snprintf(names + at, size - at, "%s%.80s", i ? ", " : ": ", s);
    }
    if (r->n_rows > MOST && at < size)
        snprintf(names + at, size - at, ", ...");
}

/* Tells how the gates ended; returns the exit status. */
static int tell_gates(void)
{
    int status = EXIT_YES;
    char names[1024];

    for (int i = 0; i < gates.n; i++) {
        const struct pf_gate_result *r = &result[i];
        name_rows(r, names, sizeof names);
        if (r->answer == PF_YES && r->whole)
            warn("gate failed: %.500s", r->text);
        else if (r->answer == PF_YES)
            warn("gate failed: %.500s: %u row%s%s", r->text, r->n_rows, r->n_rows == 1 ? "" : "s",
                 names);
        if (r->undecided)
            warn("gate undecided for %u row%s, as there are too few runs (%u a side find one "
                 "change): %.500s: %s",
                 r->undecided, r->undecided == 1 ? "" : "s", diff->needed, r->text,
                 undecided ? "fails" : "passes; --undecided fail is stricter");
        if (r->answer == PF_YES || (r->answer == PF_UNKNOWN && undecided)
            || (r->undecided && undecided))
            status = EXIT_NO;
    }
    return status;
}

static void free_gates(void)
{
    for (int i = 0; i < gates.n; i++) {
        pf_gate_free(gate[i]);
        pf_dealloc(&tool_mem, result[i].rows);
    }
    pf_dealloc(&tool_mem, gate);
    pf_dealloc(&tool_mem, result);
}

static struct pf_sink *put_rows(void)
{
    struct pf_view view = view_asked();
    struct pf_err err = {0};

    view.sort = sort;
    view.all = all;
    if (diff->forced)
        warn("%.250s: comparing shares", diff->why);
    if (noise)
        read_noise();
    if (pf_diff_finish(diff, &err))
        die("%s", err.msg);
    try_gates();
    view.gates = result;
    view.n_gates = (uint32_t)gates.n;
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (pf_view_diff(diff, &view, out, &err))
        die("%s", err.msg);
    return out;
}

/* ---- the tool ---- */

static struct pf_diff_how asked(void)
{
    static const char *const words[] = {"none", "total", "share", "rate"};
    struct pf_diff_how how = {.by = view_by(),
                              .cum = cum,
                              .force = force,
                              .mean = mean,
                              .normalize = PF_NORMALIZE_FUNCTION,
                              .function = normalize,
                              .maps = read_maps(),
                              .margin = margin / 100.0};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(normalize, words[i]) == 0)
            how.normalize = (enum pf_normalize)i;
    if (signed_profile && (gates.n || learn || noise || how.normalize))
        die("--pb writes plain sums: it does not go with --fail-if, --learn, --noise or "
            "--normalize");
    if (learn && (bases.n || gates.n || noise))
        die("--learn takes runs of one program: it does not go with -b, --fail-if or --noise");
    return how;
}

int main(int argc, char **argv)
{
    char **paths = tool_start(&tool, argc, argv);
    struct pf_diff_how how = asked();

    tool_may_read(bases.at, bases.n);
    tool_may_read(&noise, noise != NULL);
    read_gates();
    diff = pf_diff_new(&tool_mem, &how);
    if (!diff)
        die_of_memory();
    add_sides(paths);
    tool_tell_types();
    struct pf_sink *out = signed_profile ? put_signed(sum, runs, tool_compared(), &how.maps)
                          : learn        ? put_noise()
                                         : put_rows();
    end_maps(&how.maps);
    int status = tell_gates();
    free_gates();
    pf_diff_free(diff);
    int written = tool_finish(out);
    return written == EXIT_YES ? status : written;
}
