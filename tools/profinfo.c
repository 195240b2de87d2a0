/* profinfo - what is in a profile: where it came from, what it measures, how much of it there is.
 */
#include "common/tool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT, JSON };

static int format = TEXT;
static bool check;

static const struct opt opts[] = {
    {OPT_WORD, 0, "format", &format, "FORMAT", "text (default) or json", .words = "text|json"},
    {OPT_CHOICE, 0, "json", &format, NULL, "the same as --format json", .value = JSON},
    {OPT_FLAG, 0, "check", &check, NULL,
     "check every law that a profile keeps; each violation is told on a line"},
    {0},
};

static const struct tool tool = {
    .name = "profinfo",
    .synopsis = "[OPTION]... [FILE]...",
    .summary = "tell what is in a profile",
    .text =
        "For each profile of each input: the format it came from and what wrote it, what is known "
        "of its stacks "
        "(exact, inferred or edge-only), its values with their totals, how many samples, stacks, "
        "functions and frames there are, and what the program that made it noted.\n\n"
        "With --check only violations are printed, or with --json warned of: ids out of range, "
        "callers that come after callees, sums that do not fit, callers that do not sum to "
        "callees.",
    .opts = opts,
    .has = TOOL_STACKS,
    .examples = "profinfo run.prof\n"
                "profinfo --json runs.pb.zst | jq '.profiles[].types[0].total'\n"
                "profinfo --check runs.pb.zst\n",
    .exits = "done, and --check found a violation",
};

static const char *const kinds[] = {"sum", "gauge", "peak", "fixed"};
static const char *const stack_kinds[] = {"exact", "inferred", "edge-only"};

/* ---- facts ---- */

__extension__ typedef __int128 int128;

/* A total may need more than 64 bits: it is told right all the same. */
struct column {
    int128 total;
    int64_t min, max;
};

static struct column column_of(const struct pf_profile *p, uint32_t k)
{
    struct column c = {0};
    const int64_t *v = p->samples.value[k];

    for (uint32_t i = 0; i < p->samples.n; i++) {
        c.total += v[i];
        c.min = i && c.min < v[i] ? c.min : v[i];
        c.max = i && c.max > v[i] ? c.max : v[i];
    }
    if (p->types.at[k].kind == PF_PEAK || p->types.at[k].kind == PF_FIXED)
        c.total = c.max; /* the whole is the largest, not the sum */
    return c;
}

enum { DIGITS_128 = 41 };

static const char *decimal(int128 value, char buf[DIGITS_128])
{
    char *at = buf + DIGITS_128;
    bool negative = value < 0;

    *--at = '\0';
    do {
        int digit = (int)(value % 10);
        *--at = (char)('0' + (digit < 0 ? -digit : digit));
        value /= 10;
    } while (value);
    if (negative)
        *--at = '-';
    return at;
}

static void *get(const struct pf_profile *p, size_t n, size_t size)
{
    void *block = pf_alloc_zero(p->mem, n, size);

    if (!block)
        die("out of memory (see --max-memory)");
    return block;
}

/* As pstats counts: a caller that has no row of its own is no function of the profile. */
static uint32_t function_count(const struct pf_profile *p)
{
    return p->calls.n ? p->calls.n : p->funcs.n - 1;
}

/* The frames of the deepest stack that a sample has. */
static uint32_t greatest_depth(const struct pf_profile *p)
{
    uint32_t *depth = get(p, p->stacks.n, sizeof *depth), most = 0;

    for (pf_id s = 1; s < p->stacks.n; s++)
        depth[s] = depth[p->stacks.parent[s]] + 1;
    for (uint32_t i = 0; i < p->samples.n; i++)
        if (depth[p->samples.stack[i]] > most)
            most = depth[p->samples.stack[i]];
    pf_dealloc(p->mem, depth);
    return most;
}

static int compare_strings(const void *a, const void *b)
{
    const struct pf_str *x = a, *y = b;
    int order = memcmp(x->s, y->s, x->len < y->len ? x->len : y->len);

    return order ? order : (x->len > y->len) - (x->len < y->len);
}

struct names {
    struct pf_str *at;
    uint32_t n;
};

static struct names label_keys(const struct pf_profile *p)
{
    struct names keys = {get(p, p->labels.n, sizeof *keys.at), 0};
    bool *seen = get(p, p->strs.n, sizeof *seen);

    for (pf_id l = 1; l < p->labels.n; l++) {
        pf_id key = p->labels.at[l].key;
        if (p->labels.at[l].kind == PF_LABEL_RAW || seen[key])
            continue;
        seen[key] = true;
        keys.at[keys.n++] = pf_str_at(p, key);
    }
    pf_dealloc(p->mem, seen);
    qsort(keys.at, keys.n, sizeof *keys.at, compare_strings);
    return keys;
}

static struct names names_of(const struct pf_profile *p, const struct pf_ids *ids)
{
    struct names list = {get(p, (size_t)ids->n + 1, sizeof *list.at), ids->n};

    for (uint32_t i = 0; i < ids->n; i++)
        list.at[i] = pf_str_at(p, ids->at[i]);
    return list;
}

/* The times of a certificate, and what they are of. */
static const struct figure {
    const char *text;
    size_t at;
    const char *of;
    size_t of_at;
} figures[] = {
#define AT(x) offsetof(struct pf_certificate, x)
    {"inclusive times are off by", AT(cum_error), "of them all", AT(cum_total)},
    {"those of callers by", AT(edge_error), "of them all", AT(edge_total)},
    {"put where a stack could go on", AT(repaired), "of all time", AT(total)},
    {"vanishes here, comes up there", AT(rerouted), "of all time", AT(total)},
    {"nobody called for", AT(orphaned), "of all time", AT(total)},
    {"called for, spent nowhere", AT(lost), "of all time", AT(total)},
    {"below 0, or above all there is", AT(clamped), "of all time", AT(total)},
#undef AT
};

static int64_t at_offset(const struct pf_certificate *c, size_t at)
{
    int64_t value;

    memcpy(&value, (const char *)c + at, sizeof value);
    return value;
}

/* ---- JSON ---- */

static void json_str(struct pf_sink *out, const char *key, struct pf_str s)
{
    pf_printf(out, "\"%s\":", key);
    pf_put_json(out, s.s, s.len);
}

static void json_id(struct pf_sink *out, const char *key, const struct pf_profile *p, pf_id id)
{
    json_str(out, key, pf_str_at(p, id));
    pf_puts(out, ",");
}

static void json_names(struct pf_sink *out, const char *key, const struct pf_profile *p,
                       struct names list)
{
    pf_printf(out, "\"%s\":[", key);
    for (uint32_t i = 0; i < list.n; i++) {
        pf_puts(out, i ? "," : "");
        pf_put_json(out, list.at[i].s, list.at[i].len);
    }
    pf_puts(out, "],");
    pf_dealloc(p->mem, list.at);
}

static void json_types(struct pf_sink *out, const struct pf_profile *p)
{
    char digits[DIGITS_128];

    pf_puts(out, "\"types\":[");
    for (uint32_t k = 0; k < p->types.n; k++) {
        struct column c = column_of(p, k);
        pf_puts(out, k ? ",{" : "{");
        json_id(out, "name", p, p->types.at[k].name);
        json_id(out, "unit", p, p->types.at[k].unit);
        pf_printf(out, "\"kind\":\"%s\",\"total\":%s,\"min\":%" PRId64 ",\"max\":%" PRId64 "}",
                  kinds[p->types.at[k].kind], decimal(c.total, digits), c.min, c.max);
    }
    pf_puts(out, "],");
}

static void put_json(struct pf_sink *out, const struct pf_profile *p, unsigned count)
{
    pf_puts(out, count > 1 ? ",\n{" : "{\"profiles\":[\n{");
    json_id(out, "format", p, p->format);
    json_id(out, "producer", p, p->producer);
    pf_printf(out, "\"stacks\":\"%s\",", stack_kinds[p->stack_kind]);
    json_types(out, p);
    pf_printf(out, "\"samples\":%u,\"stack_nodes\":%u,\"functions\":%u,\"frames\":%u,\"depth\":%u,",
              p->samples.n, p->stacks.n - 1, function_count(p), p->frames.n - 1, greatest_depth(p));
    json_names(out, "labels", p, label_keys(p));
    pf_printf(out, "\"time_ns\":%" PRId64 ",\"duration_ns\":%" PRId64 ",\"period\":%" PRId64 ",",
              p->time_ns, p->duration_ns, p->period);
    json_id(out, "interpreter", p, p->interpreter);
    json_id(out, "command", p, p->command);
    json_names(out, "comments", p, names_of(p, &p->comments));
    pf_printf(out, "\"truncated\":%s,\"rounded\":%s,", p->truncated ? "true" : "false",
              p->rounded ? "true" : "false");
    json_names(out, "skipped", p, names_of(p, &p->notes));
    pf_json_certificate(&p->certificate, pf_str_at(p, p->certificate.method), out);
    pf_puts(out, "}");
}

/* ---- text ---- */

static void label(struct pf_sink *out, const char *what)
{
    pf_printf(out, "  %-12s ", what);
}

/* A name in a column of `width`, shown as terminals may see it. */
static void padded(struct pf_sink *out, struct pf_str s, size_t width)
{
    size_t w = pf_name_width(s.s, s.len);

    pf_put_name(out, s.s, s.len);
    pf_printf(out, "%*s", (int)(w < width ? width - w : 0) + 2, "");
}

static void text_str(struct pf_sink *out, const char *what, struct pf_str s)
{
    if (!s.len)
        return;
    label(out, what);
    pf_put_name(out, s.s, s.len);
    pf_puts(out, "\n");
}

static void text_names(struct pf_sink *out, const char *what, const struct pf_profile *p,
                       struct names list)
{
    for (uint32_t i = 0; i < list.n; i++)
        text_str(out, i ? "" : what, list.at[i]);
    pf_dealloc(p->mem, list.at);
}

/* Only what has a unit that people write otherwise. */
static void put_human(struct pf_sink *out, double value, struct pf_str unit)
{
    char human[PF_VALUE_MAX];
    int len = pf_value_text(human, value, unit, false);

    if (human[len - 1] < '0' || human[len - 1] > '9')
        pf_printf(out, "  (%s)", human);
}

static void text_types(struct pf_sink *out, const struct pf_profile *p)
{
    size_t name_width = 0, unit_width = 0, total_width = 0;
    char digits[DIGITS_128];

    for (uint32_t k = 0; k < p->types.n; k++) {
        struct pf_str name = pf_str_at(p, p->types.at[k].name);
        struct pf_str unit = pf_str_at(p, p->types.at[k].unit);
        size_t widths[] = {pf_name_width(name.s, name.len), pf_name_width(unit.s, unit.len),
                           strlen(decimal(column_of(p, k).total, digits))};
        name_width = widths[0] > name_width ? widths[0] : name_width;
        unit_width = widths[1] > unit_width ? widths[1] : unit_width;
        total_width = widths[2] > total_width ? widths[2] : total_width;
    }
    for (uint32_t k = 0; k < p->types.n; k++) {
        const struct pf_type *t = &p->types.at[k];
        struct column c = column_of(p, k);
        label(out, k ? "" : "values");
        padded(out, pf_str_at(p, t->name), name_width);
        padded(out, pf_str_at(p, t->unit), unit_width);
        pf_printf(out, "%-5s  %*s", kinds[t->kind], (int)total_width, decimal(c.total, digits));
        put_human(out, (double)c.total, pf_str_at(p, t->unit));
        pf_printf(out, "  min %" PRId64 "  max %" PRId64 "\n", c.min, c.max);
    }
}

/* Figures that are 0 are left out, but for those of the inclusive times. */
static void text_certificate(struct pf_sink *out, const struct pf_profile *p)
{
    const struct pf_certificate *c = &p->certificate;

    if (!c->method)
        return;
    label(out, "certificate");
    pf_put_name(out, pf_str_at(p, c->method).s, pf_str_at(p, c->method).len);
    pf_printf(out,
              ": own times exact; %" PRIu64 " stacks of at most %" PRIu64 "; %u fingerprints\n",
              c->stacks, c->budget, c->blocks);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        const struct figure *f = &figures[i];
        int64_t whole = at_offset(c, f->of_at), value = at_offset(c, f->at);
        if ((!value && f->at > offsetof(struct pf_certificate, edge_error)) || !whole)
            continue;
        label(out, "");
        pf_printf(out, "%-31s %" PRId64 "  (%.3f%% %s)\n", f->text, value,
                  100.0 * (double)value / (double)whole, f->of);
    }
}

static void text_count(struct pf_sink *out, const char *what, uint32_t n)
{
    label(out, what);
    pf_printf(out, "%u\n", n);
}

static void text_date(struct pf_sink *out, int64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm utc;

    if (gmtime_r(&seconds, &utc))
        pf_printf(out, "  (%d-%02d-%02d %02d:%02d:%02d UTC)", utc.tm_year + 1900, utc.tm_mon + 1,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

static void text_times(struct pf_sink *out, const struct pf_profile *p)
{
    if (p->time_ns) {
        label(out, "time");
        pf_printf(out, "%" PRId64 " nanoseconds since 1970", p->time_ns);
        text_date(out, p->time_ns);
        pf_puts(out, "\n");
    }
    if (p->duration_ns) {
        label(out, "duration");
        pf_printf(out, "%" PRId64 " nanoseconds", p->duration_ns);
        put_human(out, (double)p->duration_ns, (struct pf_str){.s = "nanoseconds", .len = 11});
        pf_puts(out, "\n");
    }
    if (p->period) {
        struct pf_str unit = pf_str_at(p, p->period_type.unit);
        label(out, "period");
        pf_printf(out, "%" PRId64 " ", p->period);
        pf_put_name(out, unit.s, unit.len);
        put_human(out, (double)p->period, unit);
        pf_puts(out, "\n");
    }
}

static void put_heading(struct pf_sink *out, const struct tool_inputs *in)
{
    pf_put_name(out, in->name, strlen(in->name));
    pf_printf(out, ": profile %d", in->frame + 1);
}

static void put_text(struct pf_sink *out, const struct pf_profile *p, const struct tool_inputs *in)
{
    pf_puts(out, in->count > 1 ? "\n" : "");
    put_heading(out, in);
    pf_puts(out, "\n");
    text_str(out, "format", pf_str_at(p, p->format));
    text_str(out, "producer", pf_str_at(p, p->producer));
    label(out, "stacks");
    pf_printf(out, "%s\n", stack_kinds[p->stack_kind]);
    text_certificate(out, p);
    text_types(out, p);
    text_count(out, "samples", p->samples.n);
    text_count(out, "stack nodes", p->stacks.n - 1);
    text_count(out, "functions", function_count(p));
    text_count(out, "frames", p->frames.n - 1);
    text_count(out, "depth", greatest_depth(p));
    text_names(out, "labels", p, label_keys(p));
    text_times(out, p);
    if (p->runs > 1)
        text_count(out, "runs", p->runs);
    text_str(out, "interpreter", pf_str_at(p, p->interpreter));
    text_str(out, "command", pf_str_at(p, p->command));
    text_names(out, "comments", p, names_of(p, &p->comments));
    if (p->truncated)
        text_str(out, "truncated", (struct pf_str){.s = "stacks were cut", .len = 15});
    if (p->rounded)
        text_str(out, "rounded", (struct pf_str){.s = "values had fewer digits", .len = 23});
    text_names(out, "skipped", p, names_of(p, &p->notes));
    label(out, "input bytes");
    pf_printf(out, "%" PRIu64 "\n", in->bytes_in);
}

/* ---- --check ---- */

struct telling {
    struct pf_sink *out;
    const struct tool_inputs *in;
};

static void tell(void *ctx, const char *text)
{
    const struct telling *t = ctx;

    if (format == JSON) {
        warn("%s: profile %d: %s", t->in->name, t->in->frame + 1, text);
        return;
    }
    put_heading(t->out, t->in);
    pf_puts(t->out, ": ");
    pf_put_name(t->out, text, strlen(text));
    pf_puts(t->out, "\n");
}

static bool is_sound(struct pf_sink *out, const struct pf_profile *p, const struct tool_inputs *in)
{
    struct telling t = {out, in};
    int found = pf_check(p, tell, &t);

    if (found < 0)
        die("out of memory (see --max-memory)");
    if (!found)
        note("%s: profile %d: every law holds", in->name, in->frame + 1);
    return !found;
}

int main(int argc, char **argv)
{
    struct tool_inputs in = {.paths = tool_start(&tool, argc, argv)};
    struct pf_profile *p = tool_next(&in);
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    bool sound = true;

    for (; p; p = tool_next(&in)) {
        p = tool_stacks(p, in.name);
        if (check)
            sound = is_sound(out, p, &in) && sound;
        if (format == JSON)
            put_json(out, p, in.count);
        else if (!check)
            put_text(out, p, &in);
        pf_free(p);
    }
    if (format == JSON)
        pf_puts(out, "\n]}\n");
    tool_finish(out);
    return sound ? EXIT_YES : EXIT_NO;
}
