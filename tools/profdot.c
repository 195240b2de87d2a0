/* profdot - the call graph of a profile, for Graphviz. */
#include "common/tool.h"

static int by, nodes = -1;
static const char *node_share, *edge_share, *title;

static const struct opt opts[] = {
    {OPT_WORD, 0, "by", &by, "WHAT", "nodes are functions (default), files, lines or modules",
     .words = "function|file|line|module"},
    {OPT_INT, 0, "nodecount", &nodes, "N", "at most N nodes, the heaviest (default 80)"},
    {OPT_STR, 0, "nodefraction", &node_share, "F",
     "no nodes below this share of the total (default 0.005)"},
    {OPT_STR, 0, "edgefraction", &edge_share, "F",
     "no edges below this share of the total (default 0.001)"},
    {OPT_STR, 0, "title", &title, "TEXT", "the title of the graph"},
    {0},
};

static const struct tool tool = {
    .name = "profdot",
    .synopsis = "[OPTION]... [FILE]...",
    .summary = "draw who calls whom, for Graphviz",
    .text =
        "Writes a graph in the language of Graphviz's dot. A node tells a function's own value and "
        "that with all it called, with their shares of the total; an edge tells how much of the "
        "total flows through that call. Where functions are left out between two that are shown, "
        "a dashed edge joins them. Recursion counts once. Several profiles are merged as "
        "profmerge does.",
    .opts = opts,
    .has = TOOL_SAMPLE | TOOL_STACKS,
    .examples = "profdot run.prof | dot -Tsvg -o calls.svg\n"
                "profdot --by module --nodecount 20 run.pb.zst | dot -Tpng -o calls.png\n",
};

int main(int argc, char **argv)
{
    static const enum pf_by bys[] = {PF_BY_FUNCTION, PF_BY_FILE, PF_BY_LINE, PF_BY_MODULE};
    char **paths = tool_start(&tool, argc, argv);
    struct pf_dot_how how = {.by = bys[by],
                             .nodes = nodes < 0 ? 0 : (uint32_t)nodes,
                             .node_share = tool_share("nodefraction", node_share, -1),
                             .edge_share = tool_share("edgefraction", edge_share, -1),
                             .title = title};
    struct pf_err err = {0};

    if (nodes == 0)
        die("--nodecount: a graph has at least 1 node");
    struct pf_profile *p = tool_whole(tool_load_merged(paths), tool_inputs_name(paths));

    how.type = tool_sample(p);
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (pf_view_dot(p, &how, out, &err))
        die("%s", err.msg);
    pf_free(p);
    return tool_finish(out);
}
