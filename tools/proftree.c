/* proftree - who called what: the tree of calls, or the callers and callees of a function. */
#include "common/tool.h"
#include "common/view.h"

#include <string.h>

static int depth;
static bool invert;
static const char *peek, *min;

static const struct opt opts[] = {
    {OPT_STR, 0, "peek", &peek, "RE",
     "instead of the tree: the functions whose `name (file:line)` matches, with their callers and "
     "callees"},
    {OPT_INT, 0, "depth", &depth, "N", "go no deeper than N levels (default: all)"},
    {OPT_STR, 0, "min", &min, "SHARE",
     "put siblings with a smaller share of the total together (0.005 or 0.5%, the default)"},
    {OPT_FLAG, 0, "invert", &invert, NULL, "leaves first: each function above its callers"},
    {0},
};

static const struct tool tool = {
    .name = "proftree",
    .synopsis = "[OPTION]... [FILE]...",
    .summary = "show the tree of calls",
    .text =
        "Callers above callees, the heaviest first, each with its value and that of all it called. "
        "Siblings too small to be shown are summed up in a line \"… 14 more\". Several profiles "
        "are merged as profmerge does.\n\n"
        "With --peek each matching function is shown between its callers and its callees, with "
        "the part of its value that came through each. Recursion counts once.\n\n"
        "JSON: {\"schema\":1, \"type\", \"unit\", \"kind\", \"by\", \"stacks\", \"runs\", "
        "\"total\", \"certificate\", \"rows\":[{\"depth\", \"name\", \"file\", \"line\", "
        "\"total\", \"self\", "
        "\"more\"}]}, callers before callees; more: how many small ones the row stands for. Rows "
        "of --peek: {\"role\":\"caller|function|itself|callee\", \"of\", \"name\", \"file\", "
        "\"line\", \"value\"}.",
    .opts = opts,
    .has = TOOL_SAMPLE | TOOL_STACKS | TOOL_VIEW,
    .examples = "proftree run.prof\n"
                "proftree --min 5% --depth 8 run.pb.zst\n"
                "proftree --peek '^parse ' run.prof\n",
};

static struct pf_pattern *pattern(void)
{
    struct pf_err err = {0};
    struct pf_pattern *x = pf_pattern_new(&tool_mem, peek, &err);

    if (!x)
        die("--peek: at byte %llu of '%.100s': %s", (unsigned long long)err.at, peek, err.msg);
    return x;
}

int main(int argc, char **argv)
{
    char **paths = tool_start(&tool, argc, argv);
    struct pf_view view = view_asked();
    struct pf_tree_how how = {.by = view_by(),
                              .inverted = invert,
                              .depth = (uint32_t)depth,
                              .min = tool_share("min", min, 0.005)};
    struct pf_err err = {0};

    if (how.by == PF_BY_STACK)
        die("--by: a tree has no rows of stacks");
    if (!view_limited())
        view.limit = 0;
    struct pf_pattern *x = peek ? pattern() : NULL;
    struct pf_profile *p = tool_load_merged(paths);
    /* who calls whom is in the table of call edges, too */
    p = tool_whole(p, tool_inputs_name(paths));
    how.type = tool_sample(p);
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (x ? pf_view_peek(p, &how, x, &view, out, &err) : pf_view_tree(p, &how, &view, out, &err))
        die("%s", err.msg);
    pf_pattern_free(x);
    pf_free(p);
    return tool_finish(out);
}
