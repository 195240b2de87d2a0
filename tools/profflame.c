/* profflame - a flame graph of a profile, or of the difference of two. */
#include "common/tool.h"

#include <string.h>

enum { TO_SVG = 1, TO_HTML };

static struct opt_list bases;
static int to, by, colors, width;
static bool diff, icicle, invert;
static const char *title, *min_width;

static const struct opt opts[] = {
    {OPT_LIST, 'b', "base", &bases, "BASE",
     "draw the difference to BASE; each profile of it, and of further ones, is a run"},
    {OPT_FLAG, 0, "diff", &diff, NULL,
     "draw a signed difference (profdiff --pb) side against side; such a profile is recognised"},
    {OPT_WORD, 't', "to", &to, "FORMAT",
     "auto (default): by the suffix of the output, or else svg; svg; html",
     .words = "auto|svg|html"},
    {OPT_WORD, 0, "format", &to, "FORMAT", "the same as --to", .words = "auto|svg|html"},
    {OPT_WORD, 0, "by", &by, "WHAT", "boxes are functions (default), files, lines or modules",
     .words = "function|file|line|module"},
    {OPT_FLAG, 0, "icicle", &icicle, NULL, "the root on top, callees below"},
    {OPT_FLAG, 0, "invert", &invert, NULL, "leaves first: who calls what is slow"},
    {OPT_STR, 0, "title", &title, "TEXT", "the title of the picture"},
    {OPT_INT, 0, "width", &width, "PIXELS", "the width of an SVG (default 1200)"},
    {OPT_STR, 0, "min-width", &min_width, "PIXELS",
     "do not draw boxes narrower than this (default 0.1)"},
    {OPT_WORD, 0, "colors", &colors, "WHAT",
     "shades by module (default) or by package; the colour tells whose code it is",
     .words = "module|package"},
    {0},
};

static const struct tool tool = {
    .name = "profflame",
    .synopsis = "[OPTION]... [-b BASE]... [FILE]...",
    .summary = "draw a flame graph",
    .text =
        "Writes one file that needs nothing else: an SVG that can be read as it is, and zoomed, "
        "searched and walked through with the keyboard in a browser; or a page, which draws "
        "millions of boxes, shows the callers and callees of a function, the heaviest first or "
        "the course of time, and has the same numbers in a table. Several profiles are merged as "
        "profmerge does.\n\n"
        "A box is as wide as its function's share with all that it called. In a difference it is "
        "as wide as the larger of the two sides, so that what has vanished is drawn, too; its "
        "colour and the word in front of its name tell how the whole of it changed. Where both "
        "sides have several runs, their means are drawn, and a change that is not larger than "
        "noise is grey: rank tests of each box, adjusted over all (q over 0.05), as profdiff's "
        "verdicts on functions.\n\n"
        "In the browser: click or Enter zooms, Escape zooms out, 0 shows the whole, / searches, "
        "arrow keys move from box to box; in a page s shows callers and callees.",
    .opts = opts,
    .has = TOOL_SAMPLE | TOOL_STACKS,
    .examples = "profflame -o hot.svg run.prof\n"
                "pstat2pb new.prof | profflame -b old.prof -o change.svg\n"
                "profmerge run*.pb.zst | profflame -o hot.html\n"
                "profdiff --pb old.prof new.prof | profflame -o change.svg\n",
};

static void told(void *ctx, const char *text)
{
    (void)ctx;
    note("%s", text);
}

static void warned(void *ctx, const char *text)
{
    (void)ctx;
    warn("%s", text);
}

/* ---- what is drawn ---- */

static unsigned type_of(const struct pf_profile *p, const char *input)
{
    int type = tool_sample_compared(p);

    if (type < 0)
        die("%.4096s: cannot compare: there is no '%.100s' in it", input, tool_compared());
    return (unsigned)type;
}

/* Of a difference, which has only values that add up. */
static unsigned compared_type(const struct pf_profile *p)
{
    int type = pf_type_find(p, tool_compared());

    if (type < 0)
        die("values of '%.100s' do not add up, so they make no flame graph; profdiff compares them",
            tool_compared());
    return (unsigned)type;
}

/* All profiles of a side, each a run: so that noise can be told from change. */
static struct pf_profile *load_runs(char **paths, struct pf_diff *so_far)
{
    struct tool_inputs in = {.paths = paths};
    struct pf_profile *sum = NULL;
    struct pf_err err = {0};
    uint32_t n = 0;

    for (struct pf_profile *p; (p = tool_next(&in));) {
        if (pf_diff_may_add(so_far, p, type_of(p, in.name), &err))
            die_err(in.name, &err);
        tool_count_types(p);
        tool_add_run(&sum, ++n, tool_whole(p, in.name), in.name);
    }
    tool_end_runs(sum, n, in.name);
    return sum;
}

static struct pf_profile *load_bases(struct pf_diff *so_far)
{
    char **names = pf_alloc_zero(&tool_mem, (size_t)bases.n + 1, sizeof(char *));

    if (!names)
        die("out of memory (see --max-memory)");
    for (int i = 0; i < bases.n; i++)
        memcpy(&names[i], &bases.at[i], sizeof *names); /* the paths of inputs are not const */
    struct pf_profile *p = load_runs(names, so_far);
    pf_dealloc(&tool_mem, names);
    return p;
}

static struct pf_profile *load_difference(char **paths)
{
    struct pf_err err = {0};
    struct pf_diff *so_far = pf_diff_new(&tool_mem, &(struct pf_diff_how){0});

    if (!so_far)
        die("out of memory (see --max-memory)");
    struct pf_profile *base = load_bases(so_far), *p = load_runs(paths, so_far);
    tool_tell_types();
    struct pf_profile *both = pf_diff_profile(base, p, NULL, &err);
    if (!both)
        die("%s", err.msg);
    pf_diff_free(so_far);
    return both;
}

static struct pf_profile *load(char **paths)
{
    if (bases.n)
        return load_difference(paths);
    struct pf_profile *p = tool_whole(tool_load_merged(paths), tool_inputs_name(paths));
    if (diff && !pf_is_signed(p))
        die("%.4096s: no signed difference: nothing in it is of a base (profdiff --pb makes such; "
            "or name the base with -b)",
            tool_inputs_name(paths));
    return p;
}

/* --min-width is the one option that is no whole number. */
static double pixels(const char *text)
{
    double value = 0, place = 1;
    const char *s = text;

    for (; *s >= '0' && *s <= '9' && value < 1e6; s++)
        value = value * 10 + (*s - '0');
    if (*s == '.')
        for (s++; *s >= '0' && *s <= '9'; s++)
            value += (*s - '0') * (place /= 10);
    if (*s || s == text)
        die("--min-width: '%.100s' is no number of pixels", text);
    return value;
}

/* --to, or what the name of the output ends in. */
static bool wants_html(void)
{
    static const struct suffix suffixes[] = {
        {".svg", TO_SVG}, {".html", TO_HTML}, {".htm", TO_HTML}, {0}};

    return (to ? to : tool_by_suffix(suffixes, TO_SVG, "svg or html, by its name or --to"))
           == TO_HTML;
}

int main(int argc, char **argv)
{
    static const enum pf_by bys[] = {PF_BY_FUNCTION, PF_BY_FILE, PF_BY_LINE, PF_BY_MODULE};
    char **paths = tool_start(&tool, argc, argv);
    struct pf_flame_how how = {.by = bys[by],
                               .inverted = invert,
                               .icicle = icicle,
                               .colors = colors ? PF_COLORS_PACKAGE : PF_COLORS_MODULE,
                               .title = title,
                               .width = (unsigned)width,
                               .min_width = min_width ? pixels(min_width) : -1,
                               .tell = told,
                               .warn = warned};
    struct pf_err err = {0};
    bool html = wants_html();
    tool_may_read(bases.at, bases.n);
    struct pf_profile *p = load(paths);

    how.type = *tool_compared() ? compared_type(p) : tool_sample(p);
    how.diff = diff || bases.n || pf_is_signed(p);
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (html ? pf_view_flame_html(p, &how, out, &err) : pf_view_flame_svg(p, &how, out, &err))
        die("%s", err.msg);
    pf_free(p);
    return tool_finish(out);
}
