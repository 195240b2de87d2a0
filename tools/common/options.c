/* options.c - the command line: one table says what is understood. */
#include "common.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHEN "auto|always|never"

struct given given = {.max_memory = (uint64_t)4096 * PF_MIB};
struct given_view given_view = {.limit = -1};

static const struct opt layout_option[] = {
    {OPT_WORD, 0, "format", &given_view.layout, "FORMAT", "text (default), json, csv or markdown",
     .words = "text|json|csv|markdown"},
    {0},
};

static const struct opt layout_option_junit[] = {
    {OPT_WORD, 0, "format", &given_view.layout, "FORMAT",
     "text (default), json, csv, markdown or junit", .words = "text|json|csv|markdown|junit"},
    {0},
};

static const struct opt view_options[] = {
    {OPT_CHOICE, 0, "json", &given_view.layout, NULL, "the same as --format json",
     .value = PF_JSON},
    {OPT_CHOICE, 0, "csv", &given_view.layout, NULL, "the same as --format csv", .value = PF_CSV},
    {OPT_CHOICE, 0, "markdown", &given_view.layout, NULL, "the same as --format markdown",
     .value = PF_MARKDOWN},
    {OPT_WORD, 0, "by", &given_view.by, "WHAT",
     "rows are functions (default), files, lines, modules or stacks",
     .words = "function|file|line|module|stack"},
    {OPT_INT, 'n', "limit", &given_view.limit, "N",
     "show the first N rows; 0: all (default: 30, in JSON and CSV all)"},
    {OPT_WORD, 0, "unit", &given_view.unit, "UNIT",
     "auto (default): values as people write them, 1.54 ms; raw: integers", .words = "auto|raw"},
    {0},
};

static const struct opt from_options[] = {
    {OPT_STR, 'f', "from", &given.from, "FORMAT", "read FORMAT instead of recognising the content"},
    {0},
};

static const struct opt sample_options[] = {
    {OPT_STR, 's', "sample", &given.sample, "TYPE",
     "which value to use: time, calls, ... or its index (default: the profile's own)"},
    {0},
};

static const struct opt stacks_options[] = {
    {OPT_WORD, 0, "stacks", &given.stacks, "KIND",
     "of pstats: whole stacks, or edges (callers one level deep); default: whole where needed",
     .words = "auto|whole|edges"},
    {OPT_INT, 0, "max-stacks", &given.max_stacks, "N",
     "make at most N whole stacks, but never fewer than pairs of caller and callee need (default: "
     "50000, and 2 for each such pair and 1 for each function)"},
    {0},
};

static const struct opt common_options[] = {
    {OPT_STR, 'o', "output", &given.output, "FILE",
     "write to FILE instead of standard output; FILE is replaced when all is written"},
    {OPT_SIZE, 0, "max-memory", &given.max_memory, "SIZE",
     "refuse what would need more memory (default 4GiB; 0: no limit)"},
    {OPT_WORD, 0, "color", &given.color, "WHEN", "colours: auto, always or never", .words = WHEN},
    {OPT_WORD, 0, "progress", &given.progress, "WHEN",
     "show progress on standard error: auto, always or never", .words = WHEN},
    {OPT_FLAG, 'q', "quiet", &given.quiet, NULL, "no warnings and no progress"},
    {OPT_FLAG, 'v', "verbose", &given.verbose, NULL, "tell more"},
    {OPT_FLAG, 0, "formats", &given.formats, NULL, "list the formats and exit"},
    {OPT_FLAG, 'h', "help", &given.help, NULL, "show this and exit"},
    {OPT_FLAG, 'V', "version", &given.version, NULL, "show the version and exit"},
    {OPT_FLAG, 0, "help-man", &given.man, NULL, NULL}, /* for the build: not in the help */
    {0},
};

int options_of(const struct tool *t, const struct opt *tables[OPT_TABLES + 1])
{
    int n = 0, own;

    tables[n++] = t->opts;
    if (t->has & TOOL_VIEW) {
        tables[n++] = t->has & TOOL_JUNIT ? layout_option_junit : layout_option;
        tables[n++] = view_options;
    }
    own = n;
    if (t->has & TOOL_SAMPLE)
        tables[n++] = sample_options;
    if (t->has & TOOL_STACKS)
        tables[n++] = stacks_options;
    if (!(t->has & TOOL_ONE_FORMAT))
        tables[n++] = from_options;
    tables[n++] = common_options;
    tables[n] = NULL;
    return own;
}

static bool takes_value(const struct opt *o)
{
    return o->kind != OPT_FLAG && o->kind != OPT_CHOICE;
}

static const struct opt *find(const struct tool *t, char letter, const char *name, size_t len)
{
    const struct opt *tables[OPT_TABLES + 1];

    options_of(t, tables);
    for (int i = 0; tables[i]; i++)
        for (const struct opt *o = tables[i]; o->kind != OPT_END; o++)
            if (name ? strlen(o->name) == len && !memcmp(o->name, name, len) : o->letter == letter)
                return o;
    return NULL;
}

/* ---- values ---- */

/* The decimal number at the start of *s, which moves behind it; false: none, or over max. */
static bool number(const char **s, uint64_t max, uint64_t *n)
{
    const char *c = *s;

    *n = 0;
    for (; *c >= '0' && *c <= '9'; c++) {
        uint64_t digit = (uint64_t)(*c - '0');
        if (*n > (max - digit) / 10)
            return false;
        *n = *n * 10 + digit;
    }
    bool any = c > *s;
    *s = c;
    return any;
}

/* 10, 64k, 4GiB: all of them powers of 1024. */
static bool size(const char *s, uint64_t *bytes)
{
    static const char letters[] = "kmgt";
    int shift = 0;

    if (!number(&s, UINT64_MAX, bytes))
        return false;
    for (int i = 0; letters[i]; i++)
        if (letters[i] == (*s | 0x20))
            shift = 10 * (i + 1);
    if (shift)
        s += s[1] == 'i' ? 2 : 1;
    if (*s == 'B')
        s++;
    if (*s || *bytes > UINT64_MAX >> shift)
        return false;
    *bytes <<= shift;
    return true;
}

/* The place of value in "auto|always|never"; -1: it is none of them. */
static int word(const char *words, const char *value)
{
    size_t len = strlen(value);

    for (int i = 0;; i++) {
        size_t n = strcspn(words, "|");
        if (n == len && !memcmp(words, value, n))
            return i;
        if (!words[n])
            return -1;
        words += n + 1;
    }
}

static void list_add(struct opt_list *list, const char *value)
{
    const char **at = pf_realloc(&tool_mem, list->at, ((size_t)list->n + 1) * sizeof *at);

    if (!at)
        die("out of memory");
    list->at = at;
    at[list->n++] = value;
}

/* value: of an option that is called so on the command line */
static void store(const struct opt *o, const char *called, const char *value)
{
    const char *text = value;
    uint64_t n;
    int i;

    switch (o->kind) {
    case OPT_END: break;
    case OPT_FLAG: *(bool *)o->to = true; break;
    case OPT_CHOICE: *(int *)o->to = o->value; break;
    case OPT_INT:
        if (!number(&value, INT_MAX, &n) || *value)
            die("option '%s' takes a number from 0 to %d, not '%.100s'", called, INT_MAX, text);
        *(int *)o->to = (int)n;
        break;
    case OPT_SIZE:
        if (!size(value, &n))
            die("option '%s' takes a size, such as 512MiB or 4GiB, not '%.100s'", called, text);
        *(uint64_t *)o->to = n;
        break;
    case OPT_STR: *(const char **)o->to = value; break;
    case OPT_LIST: list_add(o->to, value); break;
    case OPT_WORD:
        i = word(o->words, value);
        if (i < 0)
            die("option '%s' takes %s, not '%.100s'", called, o->words, text);
        *(int *)o->to = i;
        break;
    }
}

double tool_share(const char *option, const char *text, double usual)
{
    char *end;

    if (!text)
        return usual;
    double value = strtod(text, &end);
    if (end != text && *end == '%') {
        value /= 100;
        end++;
    }
    if (end == text || *end || !(value >= 0 && value <= 1))
        die("--%s: '%.100s' is no share, as 0.5%% or 0.005 is", option, text);
    return value;
}

/* ---- words of the command line ---- */

/* Each of these returns true if it also took the next word. */
static bool long_option(const struct tool *t, const char *name, const char *next)
{
    size_t len = strcspn(name, "=");
    const struct opt *o = find(t, 0, name, len);
    const char *value = name[len] ? name + len + 1 : NULL;

    if (!o)
        die("unknown option '--%.*s' (try --help)", len < 100 ? (int)len : 100, name);
    char called[64];
    snprintf(called, sizeof called, "--%s", o->name);
    if (!takes_value(o)) {
        if (value)
            die("option '--%s' takes no value", o->name);
        store(o, called, NULL);
        return false;
    }
    if (!value && !next)
        die("option '--%s' needs a value: %s", o->name, o->arg);
    store(o, called, value ? value : next);
    return !value;
}

static bool short_options(const struct tool *t, const char *letters, const char *next)
{
    for (const char *c = letters; *c; c++) {
        const struct opt *o = find(t, *c, NULL, 0);
        const char called[] = {'-', *c, '\0'};

        if (!o)
            die("unknown option '-%c' (try --help)", *c);
        if (!takes_value(o)) {
            store(o, called, NULL);
            continue;
        }
        if (!c[1] && !next)
            die("option '-%c' needs a value: %s", *c, o->arg);
        store(o, called, c[1] ? c + 1 : next);
        return !c[1];
    }
    return false;
}

char **options_parse(const struct tool *t, int argc, char **argv)
{
    bool options = true; /* until "--" */
    int kept = 0;

    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (!options || arg[0] != '-' || !arg[1])
            argv[kept++] = argv[i];
        else if (!strcmp(arg, "--"))
            options = false;
        else if (arg[1] == '-')
            i += long_option(t, arg + 2, argv[i + 1]);
        else
            i += short_options(t, arg + 1, argv[i + 1]);
    }
    argv[kept] = NULL;
    return argv;
}
