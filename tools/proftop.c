/* proftop - the functions that cost most. */
#include "common/tool.h"
#include "common/view.h"

enum { SORT_CUM = 1 }; /* of the words below */

static int sort;
static const char *columns;

static const struct opt opts[] = {
    {OPT_WORD, 0, "sort", &sort, "KEY",
     "order of the rows: flat (default), cum, calls, per-call or name",
     .words = "flat|cum|calls|per-call|name"},
    {OPT_STR, 0, "columns", &columns, "LIST",
     "show these columns, with commas between: flat flat_pct sum_pct cum cum_pct calls "
     "primitive_calls per_call name place file line"},
    {0},
};

static const struct tool tool = {
    .name = "proftop",
    .synopsis = "[OPTION]... [FILE]...",
    .summary = "list the functions that cost most",
    .text =
        "Shows for each function (file, line, module, stack) the value of its own (flat) and that "
        "of "
        "all it called besides (cum), with their shares of the total. Several profiles are merged "
        "as profmerge does. A function that calls itself counts once in its cumulative value.\n\n"
        "The first line tells what was measured and what is known of the stacks. Where they are "
        "edge-only, cumulative times are those of the pstats table; of files and modules they are "
        "estimated from the calls that enter them, or, with --sort cum, taken from whole "
        "stacks.\n\n"
        "JSON: {\"schema\":1, \"type\", \"unit\", \"kind\", \"by\", \"stacks\", \"cum_from\", "
        "\"runs\", \"total\", \"certificate\", \"rows\":[{\"name\", \"file\", \"line\", \"flat\", "
        "\"cum\", "
        "\"calls\", "
        "\"primitive_calls\"}]}; values are integers in the unit, calls are null where the profile "
        "does not tell them; certificate: what profinfo says of inferred stacks, or null.",
    .opts = opts,
    .has = TOOL_SAMPLE | TOOL_STACKS | TOOL_VIEW,
    .examples = "proftop run.prof\n"
                "pstat2pb run.prof | proftop -n 10 --sort cum\n"
                "proftop --by module --json runs.pb.zst\n",
};

/* Who asks for an order by cumulative values of files or modules wants more than an estimate. */
static bool needs_whole(void)
{
    enum pf_by by = view_by();

    return by == PF_BY_STACK || (sort == SORT_CUM && (by == PF_BY_FILE || by == PF_BY_MODULE));
}

int main(int argc, char **argv)
{
    char **paths = tool_start(&tool, argc, argv);
    struct pf_view view = view_asked();
    struct pf_profile *p = tool_load_merged(paths);
    p = needs_whole() ? tool_whole(p, tool_inputs_name(paths))
                      : tool_stacks(p, tool_inputs_name(paths));
    unsigned type = tool_sample(p);
    struct pf_err err = {0};

    view.sort = sort;
    view.columns = columns;
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (pf_view_top(p, type, view_by(), &view, out, &err))
        die("%s", err.msg);
    pf_free(p);
    return tool_finish(out);
}
