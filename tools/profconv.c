/*
 * profconv - any profile format to any other.
 *
 * Called as X2pb (pstat2pb, ...) it reads X and nothing else; called as pb2X it writes X.
 */
#include "common/tool.h"

#include <stdio.h>
#include <string.h>

static const char *to;               /* NULL: by the suffix of the output */
static const struct pf_format *only; /* X2pb: the one format to read */

static bool csv, labels, both, labelled;
static struct opt_list given; /* labels */

enum { N_HOW = 4 };
static const struct opt how_options[N_HOW] = {
    {OPT_FLAG, 0, "csv", &csv, NULL, "write CSV with a header line, not lines of JSON"},
    {OPT_FLAG, 0, "labels", &labels, NULL, "write labels as leading frames: {thread=MainThread}"},
    {OPT_FLAG, 0, "diff", &both, NULL,
     "of a signed profile: write two weights, base and new, as difffolded.pl does"},
    {OPT_LIST, 'l', "label", &given, "KEY=VALUE",
     "service, release or host of profiles without such a label; may be given again"},
};
static const struct how {
    const bool *given;
    enum pf_how how;
} how_of[N_HOW] = {
    {&csv, PF_AS_CSV}, {&labels, PF_LABELLED}, {&both, PF_TWO_SIDED}, {&labelled, PF_GIVEN}};

/* --to, and what its format can be asked for; of a tool of one format's name: only the latter. */
static struct opt options[N_HOW + 2] = {
    {OPT_STR, 't', "to", &to, "FORMAT",
     "write FORMAT (default: by the suffix of the output, or else pb; --formats lists them)"},
    {OPT_FLAG, 0, "csv", &csv, NULL, "rows: write CSV with a header line, not lines of JSON"},
    {OPT_FLAG, 0, "labels", &labels, NULL,
     "folded: write labels as leading frames, {thread=MainThread}"},
    {OPT_FLAG, 0, "diff", &both, NULL,
     "folded, of a signed profile: write two weights, base and new, as difffolded.pl does"},
    {OPT_LIST, 'l', "label", &given, "KEY=VALUE",
     "rows: service, release or host of profiles without such a label; may be given again"},
};

#define DEFAULT "The value that --sample names becomes the default of what holds all values."
#define STREAM  "Several inputs become several profiles of the stream, in order."
#define MERGED  "gets several inputs merged, and that is told."

static struct tool tool = {
    .name = "profconv",
    .synopsis = "[OPTION]... [FILE]...",
    .summary = "convert profiles from any format to any other",
    .text =
        "Reads profiles of any known format, recognised by their content, and writes them in the "
        "common format or in the one that --to names, or that the name of the output ends "
        "in. " STREAM " A format that holds only one "
        "profile " MERGED " " DEFAULT "\n\n"
        "The same program goes by the name of one format: pstat2pb reads cProfile files and "
        "nothing else, pb2folded writes folded stacks, and so on for each format of --formats.",
    .opts = options,
    .has = TOOL_SAMPLE | TOOL_STACKS,
    .examples = "profconv old.prof new.prof | profdiff\n"
                "profconv -t folded run.pb.zst >run.folded\n"
                "profconv -o runs.pb.zst run*.prof\n",
};

/* What a tool of one format's name says of itself. */
static struct {
    char name[32], summary[120], text[1200], examples[120];
} own;

/* gzip keeps no profiles apart. */
static bool is_stream(const struct pf_format *f)
{
    return f->stream && f->packing != PF_GZIP;
}

/* Leaves only the options that a format can be asked for. */
static void take_options(unsigned takes)
{
    int n = 0;

    for (int i = 0; i < N_HOW; i++)
        if (takes & how_of[i].how)
            options[n++] = how_options[i];
    options[n] = (struct opt){0};
}

static void become_reader(const struct pf_format *f)
{
    only = f;
    to = "pb";
    snprintf(own.summary, sizeof own.summary, "convert %s profiles to the common format", f->name);
    snprintf(own.text, sizeof own.text,
             "Reads profiles of the format %s (%s) and nothing else, and writes the common format. "
             "%s %s",
             f->name, f->title, STREAM, DEFAULT);
    snprintf(own.examples, sizeof own.examples, "%s old%s new%s | profdiff\n", own.name, f->suffix,
             f->suffix);
    tool.has = TOOL_ONE_FORMAT | TOOL_SAMPLE | TOOL_STACKS;
    take_options(0);
}

static void become_writer(const struct pf_format *f)
{
    to = f->name;
    snprintf(own.summary, sizeof own.summary, "convert profiles of any format to %s", f->name);
    snprintf(own.text, sizeof own.text,
             "Reads profiles of any known format, recognised by their content, and writes %s (%s). "
             "%s%s%s%s",
             f->name, f->title, is_stream(f) ? STREAM : "It holds one profile, and " MERGED,
             f->one_value ? "" : " " DEFAULT, f->about ? "\n\n" : "", f->about ? f->about : "");
    tool.has = TOOL_SAMPLE | TOOL_STACKS;
    take_options(f->takes);
    snprintf(own.examples, sizeof own.examples, "%s run.pb.zst >run%s\n", own.name, f->suffix);
}

static bool called(const char *name, const char *x, const char *y)
{
    snprintf(own.name, sizeof own.name, "%s2%s", x, y);
    return !strcmp(name, own.name);
}

static bool become_one_of(const char *name)
{
    for (size_t i = 0; pf_formats[i]; i++) {
        const struct pf_format *f = pf_formats[i];
        if (!strcmp(f->name, "pb"))
            continue;
        if (f->read && called(name, f->name, "pb")) {
            become_reader(f);
            return true;
        }
        if (f->write && called(name, "pb", f->name)) {
            become_writer(f);
            return true;
        }
    }
    return false;
}

/* ".../pstat2pb" and ".../pb2folded" set the format; by any other name we are profconv. */
static void heed_name(const char *argv0)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

    if (!argv0 || !become_one_of(slash ? slash + 1 : argv0))
        return;
    tool.name = own.name;
    tool.summary = own.summary;
    tool.text = own.text;
    tool.examples = own.examples;
}

/* The value to write. What holds them all has it as its default. */
static int column_for(const struct pf_format *f, struct pf_profile *p)
{
    if (f->one_value)
        return tool_sample_given(p);
    tool_sample_first(p);
    return -1;
}

/* Of --label; what else a table of rows has is found in the profiles. */
static void heed_labels(void)
{
    static const char *const known[] = {"service=", "release=", "host="};
    size_t k;

    for (int i = 0; i < given.n; i++) {
        for (k = 0; k < 3 && strncmp(given.at[i], known[k], strlen(known[k])) != 0;)
            k++;
        if (k == 3)
            die("--label: '%.100s' is not service=, release= or host= with a value", given.at[i]);
    }
    labelled = given.n > 0;
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), len = strlen(suffix);

    return n >= len && strcmp(name + n - len, suffix) == 0;
}

/* What the name of the output says; the common format where it says nothing. */
static const struct pf_format *writer_by_suffix(void)
{
    static const struct suffix common[] = {{".pb", 0}, {".zst", 0}, {0}};
    const char *name = tool_output_name();

    for (size_t i = 0; name && pf_formats[i]; i++)
        if (pf_formats[i]->write && ends_in(name, pf_formats[i]->suffix))
            return pf_formats[i];
    tool_by_suffix(
        common, 0,
        "no format that is written has that suffix; --to names one (--formats lists them)");
    return pf_format_named("pb");
}

static const struct pf_format *writer(void)
{
    const struct pf_format *f = to ? pf_format_named(to) : writer_by_suffix();

    if (!f || !f->write)
        die("cannot write format '%.100s' (--formats lists them)", to);
    for (int i = 0; i < N_HOW; i++)
        if (*how_of[i].given && !(f->takes & how_of[i].how))
            die("--%s makes no sense for the format %s", how_options[i].name, f->name);
    return f;
}

static void write_profile(struct pf_sink *out, struct pf_profile *p, const struct pf_format *f,
                          struct pf_write how)
{
    how.type = column_for(f, p);
    how.labels = given.at;
    how.n_labels = (uint32_t)given.n;
    for (int i = 0; i < N_HOW; i++)
        how.how |= *how_of[i].given ? (unsigned)how_of[i].how : 0;
    tool_write_as(out, p, f, how);
}

/* What to call a profile: its file, and which one it is in that from the second one on. */
static const char *name_of(const struct tool_inputs *in)
{
    static char name[4200];

    if (in->frame)
        snprintf(name, sizeof name, "%.4096s#%d", in->name, in->frame + 1);
    return in->frame ? name : in->name;
}

/* Some formats are of no use without whole stacks; the common one keeps what there is. */
static struct pf_profile *stacks_for(const struct pf_format *f, struct pf_profile *p,
                                     const char *input)
{
    return f->whole_stacks ? tool_whole(p, input) : tool_stacks(p, input);
}

/* A profile at a time, so that memory does not grow with their number. */
static struct pf_sink *convert_stream(struct tool_inputs *in, const struct pf_format *f)
{
    struct pf_profile *p = tool_next(in);
    struct pf_sink *out = tool_output(f->packing, f->binary);

    for (uint32_t n = 0; p; p = tool_next(in)) {
        p = stacks_for(f, p, in->name);
        write_profile(out, p, f, (struct pf_write){.nth = n++, .name = name_of(in)});
        pf_free(p);
    }
    return out;
}

static struct pf_sink *convert_one(struct tool_inputs *in, const struct pf_format *f)
{
    static const struct pf_merge_how how;
    struct pf_profile *p = tool_rest_merged(in, &how);

    if (in->count > 1)
        warn("%s holds one profile: the %u that were read are merged", f->name, in->count);

    p = stacks_for(f, p, tool_inputs_name(in->paths));
    struct pf_sink *out = tool_output(f->packing, f->binary);
    write_profile(out, p, f, (struct pf_write){.name = in->name});
    pf_free(p);
    return out;
}

int main(int argc, char **argv)
{
    heed_name(argv[0]);
    struct tool_inputs in = {.paths = tool_start(&tool, argc, argv), .from = only};
    heed_labels();
    const struct pf_format *f = writer();

    return tool_finish(is_stream(f) ? convert_stream(&in, f) : convert_one(&in, f));
}
