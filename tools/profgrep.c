/* profgrep - keep what matters of a profile: pprof's filters, presets, and other names. */
#include "common/tool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 int128;

static struct opt_list focus, ignore, hide, show, show_from, prune_from, tag_show, tag_hide;
static struct opt_list tag_root, tag_leaf, map, trim;
static const char *tag_focus, *tag_ignore, *min_share, *salt = "profpipe";
static int only = -1, granularity = -1, depth;
static bool no_project, no_stdlib, no_packages, no_builtins, no_importlib, redact, strict;
static struct pf_select how;

static const struct opt opts[] = {
    {OPT_LIST, 0, "focus", &focus, "RE", "keep samples with a frame that matches"},
    {OPT_LIST, 0, "ignore", &ignore, "RE", "drop samples with a frame that matches"},
    {OPT_LIST, 0, "hide", &hide, "RE", "take out frames that match; their callers take the value"},
    {OPT_LIST, 0, "show", &show, "RE", "keep only frames that match"},
    {OPT_LIST, 0, "show-from", &show_from, "RE",
     "drop what is above the outermost frame that matches, and samples without one"},
    {OPT_LIST, 0, "prune-from", &prune_from, "RE",
     "drop what is below the innermost frame whose name matches"},
    {OPT_STR, 0, "tagfocus", &tag_focus, "FILTER",
     "keep samples by label: [KEY=]RE[,RE]... or a range such as 4kb:1mb"},
    {OPT_STR, 0, "tagignore", &tag_ignore, "FILTER", "drop samples by label"},
    {OPT_LIST, 0, "tagshow", &tag_show, "RE", "keep only labels whose key matches"},
    {OPT_LIST, 0, "taghide", &tag_hide, "RE", "drop labels whose key matches"},
    {OPT_LIST, 0, "tagroot", &tag_root, "KEY", "a frame at the root for the value of a label"},
    {OPT_LIST, 0, "tagleaf", &tag_leaf, "KEY", "a frame at the leaf for the value of a label"},
    {OPT_FLAG, 0, "bare", &how.bare, NULL, "match names without their module, too"},
    {OPT_WORD, 0, "only", &only, "WHOSE",
     "keep only frames of the project, stdlib, site-packages or builtin functions",
     .words = "project|stdlib|site-packages|builtin"},
    {OPT_FLAG, 0, "no-project", &no_project, NULL, "take out frames of the project"},
    {OPT_FLAG, 0, "no-stdlib", &no_stdlib, NULL, "take out frames of the standard library"},
    {OPT_FLAG, 0, "no-site-packages", &no_packages, NULL, "take out frames of installed packages"},
    {OPT_FLAG, 0, "no-builtin", &no_builtins, NULL, "take out builtin functions"},
    {OPT_FLAG, 0, "no-importlib", &no_importlib, NULL, "take out the frames of imports"},
    {OPT_FLAG, 0, "no-idle", &how.no_idle, NULL,
     "drop samples that wait, but not those in which a callback blocks its event loop"},
    {OPT_LIST, 0, "map", &map, "RE=TEXT",
     "replace what matches in names of functions; $1 is the first group"},
    {OPT_LIST, 0, "trim-path", &trim, "DIR", "cut the folder DIR off files"},
    {OPT_WORD, 0, "granularity", &granularity, "WHAT",
     "make a frame stand for its function, file, line or module",
     .words = "function|file|line|module"},
    {OPT_FLAG, 0, "collapse-recursion", &how.collapse_recursion, NULL,
     "of frames of one function in a row keep the innermost"},
    {OPT_INT, 0, "depth", &depth, "N", "cut stacks N frames below the root"},
    {OPT_STR, 0, "min", &min_share, "SHARE",
     "end paths that hold less than SHARE (1% or 0.01) at their caller"},
    {OPT_FLAG, 0, "redact", &redact, NULL,
     "hashes instead of names, files and label values; no comments, command or unknown fields"},
    {OPT_STR, 0, "salt", &salt, "TEXT",
     "the key of --redact's hashes; only profiles of one key can be compared"},
    {OPT_FLAG, 0, "strict", &strict, NULL, "exit 1 when an expression matched nothing"},
    {0},
};

static const struct tool tool = {
    .name = "profgrep",
    .synopsis = "[OPTION]... [FILE]...",
    .summary = "keep, drop, hide and rename frames and samples of profiles",
    .text =
        "Filters each profile of each input and writes it in the common format. Expressions are "
        "PCRE2, unanchored, and are matched against a function's name with its module (as in "
        "json.encoder.encode), its file and its module, and the frame's binary. Given again, an "
        "option matches what any of its expressions does. Filters apply in pprof's order: tagroot "
        "and "
        "tagleaf; focus and ignore; hide and show; show-from; tagfocus and tagignore; tagshow and "
        "taghide; prune-from. Then names, granularity, recursion, depth, min and redact.\n\n"
        "What was kept and removed is told on stderr, as a share of the value that --sample names. "
        "The value of a frame that is taken out goes to its caller, as pprof has it, but not the "
        "number of its calls: the caller was not called that often. How many calls are left out in "
        "this way is told, too. "
        "The table of a pstats file, which knows nothing of stacks, is left out.\n\n"
        "The hashes of --redact stay the same from run to run, so that redacted profiles can "
        "still be merged and compared. Who knows the key can find out by trial what a name was: "
        "give one of your own with --salt.",
    .opts = opts,
    .has = TOOL_SAMPLE | TOOL_STACKS,
    .examples = "profgrep --focus '^shop\\.' --no-importlib run.prof | proftop\n"
                "profgrep --only project run.folded | profflame -o project.svg\n"
                "profgrep --no-idle --tagfocus thread=MainThread dump.json | proftree\n"
                "profgrep --redact --salt \"$SECRET\" run.prof -o to-publish.pb.zst\n",
    .exits = "done, and with --strict an expression matched nothing",
};

/* ---- what was asked for ---- */

/* A broken expression is shown, with a caret below the place. */
static _Noreturn void die_of_expression(const char *option, const char *text, size_t from,
                                        const struct pf_err *err)
{
    if (err->where != PF_AT_OFFSET)
        die("--%s: %s", option, err->msg);
    size_t at = from + (size_t)err->at, column = 0;
    for (size_t i = 0; i < at && text[i];) {
        size_t n = 1;
        while ((text[i + n] & 0xc0) == 0x80 && i + n < at)
            n++;
        column += pf_name_width(text + i, n);
        i += n;
    }
    complain("--%s: %s", option, text);
    complain("%*s", (int)(column + strlen(option) + strlen("--: ^")), "^");
    die("--%s: %s", option, err->msg);
}

static struct pf_pattern *pattern(const char *option, const char *text, size_t from, size_t len)
{
    struct pf_err err = {0};
    char *expression = strndup(text + from, len);
    struct pf_pattern *x = expression ? pf_pattern_new(&tool_mem, expression, &err) : NULL;

    free(expression);
    if (!x)
        die_of_expression(option, text, from, &err);
    return x;
}

static void *get(size_t n, size_t size)
{
    void *block = pf_alloc_zero(&tool_mem, n, size);

    if (!block)
        die("out of memory (see --max-memory)");
    return block;
}

static struct pf_patterns patterns(const char *option, const struct opt_list *given)
{
    struct pf_patterns x = {get((size_t)given->n + 1, sizeof(struct pf_pattern *)),
                            (uint32_t)given->n};

    for (uint32_t i = 0; i < x.n; i++)
        x.at[i] = pattern(option, given->at[i], 0, strlen(given->at[i]));
    return x;
}

static struct pf_tag_filter *tags(const char *option, const char *text)
{
    struct pf_err err = {0};
    struct pf_tag_filter *x = text ? pf_tag_filter_new(&tool_mem, text, &err) : NULL;

    if (text && !x)
        die_of_expression(option, text, 0, &err);
    return x;
}

/* KEY[,KEY]..., given any number of times */
static struct pf_words keys(const struct opt_list *given)
{
    struct pf_words x = {0};
    uint32_t most = 1;

    for (int i = 0; i < given->n; i++)
        most += 1 + (uint32_t)strlen(given->at[i]);
    x.at = get(most, sizeof *x.at);
    for (int i = 0; i < given->n; i++) {
        size_t len = strlen(given->at[i]) + 1;
        char *copy = get(len, 1), *left = NULL; /* the keys are parts of it */
        memcpy(copy, given->at[i], len);
        for (char *key = strtok_r(copy, ", ", &left); key; key = strtok_r(NULL, ", ", &left))
            x.at[x.n++] = key;
    }
    return x;
}

/* The last `=`: an expression may hold some, as in (?=...). */
static void read_maps(void)
{
    const char **to = get((size_t)map.n + 1, sizeof *to);

    how.map.at = get((size_t)map.n + 1, sizeof(struct pf_pattern *));
    for (int i = 0; i < map.n; i++) {
        const char *equals = strrchr(map.at[i], '=');
        if (!equals || equals == map.at[i])
            die("--map takes RE=TEXT, not '%.200s'", map.at[i]);
        how.map.at[i] = pattern("map", map.at[i], 0, (size_t)(equals - map.at[i]));
        to[i] = equals + 1;
    }
    how.map.n = (uint32_t)map.n;
    how.map_to = to;
}

static void read_presets(void)
{
    static const unsigned whose[] = {PF_OF_PROJECT, PF_OF_STDLIB, PF_OF_PACKAGES, PF_OF_BUILTINS};
    const struct {
        bool given;
        unsigned preset;
    } no[] = {{no_project, PF_OF_PROJECT},
              {no_stdlib, PF_OF_STDLIB},
              {no_packages, PF_OF_PACKAGES},
              {no_builtins, PF_OF_BUILTINS},
              {no_importlib, PF_OF_IMPORTLIB}};

    how.only = only < 0 ? 0 : whose[only];
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        how.no |= no[i].given ? no[i].preset : 0;
}

static void read_options(void)
{
    static const enum pf_granularity granularities[] = {PF_FUNCTIONS, PF_FILES, PF_LINES,
                                                        PF_MODULES};

    how.focus = patterns("focus", &focus);
    how.ignore = patterns("ignore", &ignore);
    how.hide = patterns("hide", &hide);
    how.show = patterns("show", &show);
    how.show_from = patterns("show-from", &show_from);
    how.prune_from = patterns("prune-from", &prune_from);
    how.tag_show = patterns("tagshow", &tag_show);
    how.tag_hide = patterns("taghide", &tag_hide);
    how.tag_focus = tags("tagfocus", tag_focus);
    how.tag_ignore = tags("tagignore", tag_ignore);
    how.tag_root = keys(&tag_root);
    how.tag_leaf = keys(&tag_leaf);
    how.trim = (struct pf_words){trim.at, (uint32_t)trim.n};
    how.depth = (uint32_t)depth;
    how.min = tool_share("min", min_share, 0);
    how.granularity = granularity < 0 ? PF_AS_IS : granularities[granularity];
    how.redact = redact ? salt : NULL;
    read_maps();
    read_presets();
}

/* ---- what it did ---- */

struct amount {
    int128 total;
    uint32_t samples;
};

static struct amount amount_of(const struct pf_profile *p, unsigned type)
{
    struct amount a = {0, p->samples.n};
    bool peak = p->types.n && p->types.at[type].kind == PF_PEAK;

    for (uint32_t i = 0; p->types.n && i < p->samples.n; i++) {
        int64_t v = p->samples.value[type][i];
        a.total = !peak ? a.total + v : v > a.total ? v : a.total;
    }
    return a;
}

/* Samples that only --tagfocus and such tell apart may meet: then their number says nothing. */
static void tell_shares(const struct tool_inputs *in, const struct pf_profile *p, unsigned type,
                        struct amount was)
{
    struct amount is = amount_of(p, type);
    char before[PF_VALUE_MAX], after[PF_VALUE_MAX];

    if (was.total == 0 || !p->types.n) {
        warn("%s: kept %u of %u samples", in->name, is.samples, was.samples);
        return;
    }
    struct pf_str name = pf_str_at(p, p->types.at[type].name);
    struct pf_str unit = pf_str_at(p, p->types.at[type].unit);
    double kept = 100 * (double)is.total / (double)was.total;
    pf_value_text(before, (double)was.total, unit, false);
    pf_value_text(after, (double)is.total, unit, false);
    warn("%s: kept %.1f%% of %s (%s of %s), removed %.1f%%", in->name, kept, name.s, after, before,
         100 - kept);
}

/* Of a signed difference, that is the difference of the calls. */
static void tell_calls(const struct tool_inputs *in, const struct pf_selected *told)
{
    if (told->calls_gone[0])
        warn("%s: left out %" PRId64 " calls of functions whose frames were taken out", in->name,
             told->calls_gone[0]);
}

/* Whether each expression that was given matched something; what did not is told. */
static bool all_matched(unsigned matched)
{
    const struct {
        const char *option;
        bool given;
        unsigned part;
    } parts[] = {
        {"focus", focus.n, PF_SEL_FOCUS},
        {"ignore", ignore.n, PF_SEL_IGNORE},
        {"hide", hide.n, PF_SEL_HIDE},
        {"show", show.n, PF_SEL_SHOW},
        {"show-from", show_from.n, PF_SEL_SHOW_FROM},
        {"prune-from", prune_from.n, PF_SEL_PRUNE_FROM},
        {"tagfocus", tag_focus, PF_SEL_TAG_FOCUS},
        {"tagignore", tag_ignore, PF_SEL_TAG_IGNORE},
        {"tagshow", tag_show.n, PF_SEL_TAG_SHOW},
        {"taghide", tag_hide.n, PF_SEL_TAG_HIDE},
        {"tagroot", tag_root.n, PF_SEL_TAG_ROOT},
        {"tagleaf", tag_leaf.n, PF_SEL_TAG_LEAF},
        {"map", map.n, PF_SEL_MAP},
    };
    bool all = true;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].given && !(matched & parts[i].part)) {
            warn("--%s matched nothing", parts[i].option);
            all = false;
        }
    return all;
}

static struct pf_profile *select_of(struct pf_profile *p, const struct tool_inputs *in,
                                    struct pf_selected *told)
{
    struct pf_err err = {0};

    if (p->calls.n)
        note("%s: the table of the pstats file is left out", in->name);
    struct pf_profile *q = pf_select(p, &how, told, &err);
    if (!q)
        die_err(in->name, &err);
    pf_free(p);
    return q;
}

int main(int argc, char **argv)
{
    struct tool_inputs in = {.paths = tool_start(&tool, argc, argv)};
    const struct pf_format *pb = pf_format_named("pb");
    struct pf_selected told;
    unsigned matched = 0;
    bool any = false;

    read_options();
    struct pf_profile *p = tool_next(&in);
    struct pf_sink *out = tool_output(pb->packing, pb->binary);
    for (; p; p = tool_next(&in)) {
        p = tool_whole(p, in.name);
        how.type = p->types.n ? tool_sample(p) : 0;
        struct amount was = amount_of(p, how.type);
        p = select_of(p, &in, &told);
        matched |= told.matched;
        any |= told.samples_kept > 0;
        tell_shares(&in, p, how.type, was);
        tell_calls(&in, &told);
        tool_write(out, p, pb, -1);
        pf_free(p);
    }
    bool all = all_matched(matched);
    if (!any)
        warn("nothing is left");
    tool_finish(out);
    return strict && !(all && any) ? EXIT_NO : EXIT_YES;
}
