/* profplot - values over time: memory as mprof recorded it, and any samples that have times. */
#include "common/tool.h"
#include "common/view.h"

#include <stdio.h>
#include <string.h>

enum { TO_SVG = 1, TO_TEXT, TO_CSV };
enum { NAME_MAX_BYTES = 1024 };

static int to, width = -1;
static const char *title;

static const struct opt opts[] = {
    {OPT_WORD, 't', "to", &to, "FORMAT",
     "auto (default): by the suffix of the output, or else text on a terminal and svg elsewhere; "
     "svg; text; csv",
     .words = "auto|svg|text|csv"},
    {OPT_WORD, 0, "format", &to, "FORMAT", "the same as --to", .words = "auto|svg|text|csv"},
    {OPT_CHOICE, 0, "csv", &to, NULL, "the same as --to csv", .value = TO_CSV},
    {OPT_STR, 0, "title", &title, "TEXT", "the title of the picture"},
    {OPT_INT, 0, "width", &width, "N",
     "the width of an SVG in pixels (default 1000), or of text in columns (default: the "
     "terminal's)"},
    {0},
};

static const struct tool tool = {
    .name = "profplot",
    .synopsis = "[OPTION]... [FILE]...",
    .summary = "draw values over time",
    .text =
        "Draws the samples that have a time, such as those of mprof's files, as one SVG that needs "
        "nothing else, as lines of text, or as CSV. Every profile of every input is a run; all "
        "runs begin at 0 and are drawn over each other, with a line for each process. The legend "
        "tells the peak of each line, which is marked, and its slope (least squares). Calls of "
        "profiled functions are brackets below the axis, callers above what they call.\n\n"
        "A line has at most four points in a column of pixels: the first, the lowest, the highest "
        "and the last. CSV has all points as they were recorded.",
    .opts = opts,
    .has = TOOL_SAMPLE,
    .examples = "profplot -o memory.svg mprofile_20261127.dat\n"
                "profplot --to text before.dat after.dat\n"
                "mprof2pb run.dat | profplot --csv\n",
};

static void told(void *ctx, const char *text)
{
    (void)ctx;
    warn("%s", text);
}

static enum pf_plot_layout layout(void)
{
    static const struct suffix suffixes[] = {
        {".svg", TO_SVG}, {".txt", TO_TEXT}, {".csv", TO_CSV}, {0}};
    int usual = view_terminal_width() ? TO_TEXT : TO_SVG;

    switch (to ? to
               : tool_by_suffix(suffixes, usual, "svg, text (.txt) or csv, by its name or --to")) {
    case TO_TEXT: return PF_PLOT_TEXT;
    case TO_CSV: return PF_PLOT_CSV;
    default: return PF_PLOT_SVG;
    }
}

/* "FILE", where that has several profiles "FILE #2", and what was run. */
static void add_run(struct pf_plot *plot, const struct tool_inputs *in, const struct pf_profile *p)
{
    char name[NAME_MAX_BYTES], number[24] = "";
    const char *command = pf_str_at(p, p->command).s;
    struct pf_err err = {0};

    if (in->frame > 0)
        snprintf(number, sizeof number, " #%d", in->frame + 1);
    snprintf(name, sizeof name, "%.400s%s%s%.400s", in->name, number, *command ? ": " : "",
             command);
    if (pf_plot_add(plot, p, tool_sample(p), name, &err))
        die_err(in->name, &err);
}

/* Of what is drawn; 0: not given. */
static unsigned width_for(enum pf_plot_layout layout)
{
    bool text = layout == PF_PLOT_TEXT;
    int least = text ? PF_PLOT_LEAST_COLUMNS : PF_PLOT_LEAST_PIXELS;
    int most = text ? PF_PLOT_MOST_COLUMNS : PF_PLOT_MOST_PIXELS;

    if (width < 0)
        return 0;
    if (layout == PF_PLOT_CSV)
        die("--width: CSV has none");
    if (width < least || width > most)
        die("--width: %d is not between %d and %d %s", width, least, most,
            text ? "columns" : "pixels");
    return (unsigned)width;
}

int main(int argc, char **argv)
{
    struct tool_inputs in = {.paths = tool_start(&tool, argc, argv)};
    struct pf_plot_how how = {.layout = layout(), .title = title, .tell = told};
    struct pf_plot *plot = pf_plot_new(&tool_mem);
    struct pf_err err = {0};

    how.width = width_for(how.layout);
    if (!plot)
        die("out of memory (see --max-memory)");
    for (struct pf_profile *p; (p = tool_next(&in)); pf_free(p))
        add_run(plot, &in, p);
    if (how.layout == PF_PLOT_TEXT && !how.width)
        how.width = view_terminal_width();
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (pf_view_plot(plot, &how, out, &err))
        die("%s", err.msg);
    pf_plot_free(plot);
    return tool_finish(out);
}
