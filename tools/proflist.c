/* proflist - source lines beside what profiles say of them. */
#include "common/tool.h"
#include "common/view.h"

#include <string.h>
#include <sys/stat.h>

enum { MOST_INPUTS = 16, TO_TEXT = 1, TO_HTML };

static const char *root;
static int to, unit;

static const struct opt opts[] = {
    {OPT_STR, 0, "source-root", &root, "DIR",
     "look for the source below DIR; no file outside it is opened"},
    {OPT_WORD, 't', "to", &to, "FORMAT",
     "auto (default): html where the output's name ends so, else text; text; html",
     .words = "auto|text|html"},
    {OPT_WORD, 0, "format", &to, "FORMAT", "the same as --to", .words = "auto|text|html"},
    {OPT_WORD, 0, "unit", &unit, "UNIT",
     "auto (default): values as people write them, 1.54 ms; raw: integers", .words = "auto|raw"},
    {0},
};

static const struct tool tool = {
    .name = "proflist",
    .synopsis = "[OPTION]... FUNCTION|FILE [INPUT]...",
    .summary = "show source lines with their values",
    .text =
        "The lines of a function (by its name or its module and name, json.encoder.encode) or of "
        "a file (by its path, or the end of it), with the value of each line itself (self) and "
        "with all that was called from it (total). Each input is a group of columns of its own: "
        "CPU time from one profiler, memory from another, blocking from an asyncio log.\n\n"
        "pstats files know functions, not lines: their values, and calls, stand where a function "
        "is defined. A dot is a value of 0. The source is read from below --source-root only; a "
        "memory_profiler report brings its own.",
    .opts = opts,
    .has = TOOL_SAMPLE,
    .examples = "proflist --source-root src parse run.folded\n"
                "proflist --source-root . app.py cpu.prof memory.snap loop.log\n"
                "proflist -o app.html --source-root . app.py run.prof\n",
};

static struct pf_list_input inputs[MOST_INPUTS];
static unsigned n_inputs;

static void told(void *ctx, const char *text)
{
    (void)ctx;
    warn("%s", text);
}

static int64_t written_ns(const char *path)
{
    struct stat st;

    if (!path || strcmp(path, "-") == 0 || stat(path, &st) || !S_ISREG(st.st_mode))
        return 0;
    return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

/* One group of columns an input; what is several runs in one input is merged. */
static void add_input(char *path)
{
    char *paths[] = {path, NULL};
    struct pf_profile *p = tool_load_merged(path ? paths : paths + 1);

    if (n_inputs == MOST_INPUTS)
        die("more than %d inputs do not stand side by side", MOST_INPUTS);
    inputs[n_inputs++] = (struct pf_list_input){.p = p,
                                                .type = tool_sample(p),
                                                .name = path ? path : "standard input",
                                                .changed_ns = written_ns(path)};
}

static bool wants_html(void)
{
    static const struct suffix suffixes[] = {
        {".txt", TO_TEXT}, {".html", TO_HTML}, {".htm", TO_HTML}, {0}};

    return (to ? to : tool_by_suffix(suffixes, TO_TEXT, "text (.txt) or html, by its name or --to"))
           == TO_HTML;
}

int main(int argc, char **argv)
{
    char **words = tool_start(&tool, argc, argv);
    struct pf_err err = {0};

    if (!words[0])
        die("which function or file? (proflist FUNCTION|FILE [INPUT]...)");
    bool html = wants_html();
    tool_may_read(&root, root != NULL);
    for (char **path = words + 1; *path; path++)
        add_input(*path);
    if (!n_inputs)
        add_input(NULL);
    struct pf_list_how how = {.subject = words[0],
                              .input = inputs,
                              .inputs = n_inputs,
                              .root = root,
                              .raw = unit == 1,
                              .tell = told};
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (html ? pf_view_list_html(&how, out, &err) : pf_view_list(&how, out, &err))
        die("%s", err.msg);
    for (unsigned i = 0; i < n_inputs; i++)
        pf_free((struct pf_profile *)(uintptr_t)inputs[i].p);
    return tool_finish(out);
}
