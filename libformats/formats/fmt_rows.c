/*
 * fmt_rows.c - profiles as a flat table for databases: a line for each function and sample type.
 *
 *     profile, service, release, host, ts, metric, unit, function, file, line, self, cum, total
 *
 * profile, service, release and host are labels of the samples; where samples of one profile differ
 * in them, each group has rows, and a total, of its own. pf_write.labels stand in for those that
 * are missing. ts counts seconds since 1970, 0 if unknown; function is named as for pprof; self,
 * cum and total are integers in the unit. Lines of JSON, or CSV with a header line. These columns
 * are a promise.
 */
#include "lost.h"
#include "names.h"
#include "profile.h"

#include <stdlib.h>
#include <string.h>

enum { PROFILE, SERVICE, RELEASE, HOST, LABELS };

static const char *const label_name[LABELS] = {"profile", "service", "release", "host"};
static const char *const label_key[LABELS] = {
    "\"profile\":", "\"service\":", "\"release\":", "\"host\":"};
static const char header[] =
    "profile,service,release,host,ts,metric,unit,function,file,line,self,cum,total\n";

struct writing {
    const struct pf_profile *p; /* the group at hand, or all of it */
    const struct pf_write *how;
    struct pf_sink *out;
    struct pf_err *err;
    struct pf_str label[LABELS];
    struct pf_names names;
    bool csv;
};

/* ---- a row ---- */

/* Not by pf_printf: with it half of the time went into formatting. */

static void put_text(const struct writing *w, const char *key, struct pf_str s)
{
    if (w->csv) {
        pf_put_csv(w->out, s.s, s.len);
    } else {
        pf_puts(w->out, key);
        pf_put_json(w->out, s.s, s.len);
    }
    pf_put(w->out, ",", 1);
}

static void put_number(const struct writing *w, const char *key, int64_t value, const char *then)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        digits[--at] = '-';
    if (!w->csv)
        pf_puts(w->out, key);
    pf_put(w->out, digits + at, sizeof digits - at);
    pf_puts(w->out, then);
}

static int64_t seconds_of(int64_t ns)
{
    return ns / 1000000000 - (ns % 1000000000 < 0);
}

static void put_row(const struct writing *w, const struct pf_type *type, const struct pf_row *row,
                    int64_t total)
{
    const struct pf_profile *p = w->p;
    const struct pf_func *f = &p->funcs.at[row->func];
    char label[PF_LABEL_MAX + 1];
    struct pf_str name = w->names.strings->strs.at[w->names.of[row->func]];

    if (!row->func)
        name = (struct pf_str){label, (uint32_t)pf_frame_label(p, row->frame, label), 0};
    if (!w->csv)
        pf_put(w->out, "{", 1);
    for (int i = 0; i < LABELS; i++)
        put_text(w, label_key[i], w->label[i]);
    put_number(w, "\"ts\":", seconds_of(p->time_ns), ",");
    put_text(w, "\"metric\":", p->strs.at[type->name]);
    put_text(w, "\"unit\":", p->strs.at[type->unit]);
    put_text(w, "\"function\":", name);
    put_text(w, "\"file\":", p->strs.at[f->file]);
    put_number(w, "\"line\":", f->line, ",");
    put_number(w, "\"self\":", row->flat, ",");
    put_number(w, "\"cum\":", row->cum, ",");
    put_number(w, "\"total\":", total, w->csv ? "\n" : "}\n");
}

/* Samples without a stack belong to no function, but to the total. */
static void put_rest(const struct writing *w, unsigned type, int64_t total)
{
    const struct pf_profile *p = w->p;
    struct pf_row row = {.func = 0};
    bool sum = p->types.at[type].kind == PF_SUM || p->types.at[type].kind == PF_GAUGE;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        int64_t value = p->samples.stack[i] ? 0 : p->samples.value[type][i];
        if (sum)
            (void)pf_add64(row.flat, value, &row.flat); /* the total fits, says pf_top */
        else if (value > row.flat)
            row.flat = value;
    }
    row.cum = row.flat;
    if (row.flat)
        put_row(w, &p->types.at[type], &row, total);
}

static int put_type(const struct writing *w, unsigned type)
{
    struct pf_rows rows;

    if (pf_top(w->p, type, PF_BY_FUNCTION, &rows, w->err) < 0)
        return -1;
    for (uint32_t i = 0; i < rows.n; i++)
        if (rows.at[i].flat || rows.at[i].cum)
            put_row(w, &w->p->types.at[type], &rows.at[i], rows.total);
    put_rest(w, type, rows.total);
    pf_dealloc(w->p->mem, rows.at);
    return pf_sink_check(w->out, w->err);
}

static int put_profile(struct writing *w)
{
    struct pf_order o;
    int status = -1;
    bool ok = pf_order_frames(w->p, &o);

    w->names = (struct pf_names){NULL, NULL};
    if (ok && pf_names_make(w->p, &o.funcs, &w->names)) {
        status = 0;
        for (unsigned k = 0; k < w->p->types.n && status == 0; k++)
            status = put_type(w, k);
    } else {
        pf_fail(w->err, PF_ENOMEM, "out of memory (see --max-memory)");
    }
    pf_names_free(w->p, &w->names);
    pf_order_free(w->p, &o);
    return status;
}

/* ---- groups of samples by their labels ---- */

struct key {
    pf_id label[LABELS]; /* strings */
    uint32_t sample;
};

static int which_label(const struct pf_profile *p, pf_id key)
{
    struct pf_str s = p->strs.at[key];

    for (int i = 0; i < LABELS; i++)
        if (s.len == strlen(label_name[i]) && memcmp(s.s, label_name[i], s.len) == 0)
            return i;
    return -1;
}

/* The key of a label set, without the sample; other: whether it holds what rows have no place for.
 */
static struct key key_of(const struct pf_profile *p, pf_id set, bool *other)
{
    struct key key = {.sample = 0};

    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        const struct pf_label *l = &p->labels.at[p->sets.item[i]];
        int which = l->kind == PF_LABEL_STR ? which_label(p, l->key) : -1;
        if (which >= 0)
            key.label[which] = l->str;
        else
            *other = true;
    }
    return key;
}

static int by_key(const void *a, const void *b, void *arg)
{
    const struct pf_profile *p = arg;
    const struct key *x = a, *y = b;

    for (int i = 0; i < LABELS; i++) {
        int c = pf_str_cmp(p, x->label[i], y->label[i]);
        if (c)
            return c;
    }
    return (x->sample > y->sample) - (x->sample < y->sample);
}

static bool same_group(const struct key *x, const struct key *y)
{
    return memcmp(x->label, y->label, sizeof x->label) == 0;
}

/* What pf_write.labels say for a label, the last one of those that do. */
static struct pf_str given(const struct pf_write *how, const char *name)
{
    size_t n = strlen(name);

    for (uint32_t i = how->n_labels; i-- > 0;)
        if (!strncmp(how->labels[i], name, n) && how->labels[i][n] == '=')
            return (struct pf_str){how->labels[i] + n + 1, (uint32_t)strlen(how->labels[i] + n + 1),
                                   0};
    return (struct pf_str){"", 0, 0};
}

/* Rows of the n samples that share their labels; all: there are no others. */
static int put_group(struct writing *w, const struct pf_profile *p, const struct key *key,
                     uint32_t *sample, uint32_t n, bool all)
{
    struct pf_merge_how how = {.gauge = PF_GAUGE_SUM, .only = sample, .n_only = n};
    struct pf_profile *part = all ? NULL : pf_new(p->mem);
    int status = 0;

    for (int i = 0; i < LABELS; i++) {
        w->label[i] = p->strs.at[key->label[i]];
        if (!key->label[i] && w->how)
            w->label[i] = given(w->how, label_name[i]);
    }
    if (!w->label[PROFILE].len && w->how && w->how->name)
        w->label[PROFILE] = (struct pf_str){w->how->name, (uint32_t)strlen(w->how->name), 0};
    if (!all) {
        for (uint32_t i = 0; i < n; i++)
            sample[i] = key[i].sample;
        if (!part)
            return pf_fail(w->err, PF_ENOMEM, "out of memory (see --max-memory)");
        status = pf_merge(part, p, &how, w->err);
    }
    w->p = all ? p : part;
    if (status == 0)
        status = put_profile(w);
    pf_free(part);
    return status;
}

static int put_groups(struct writing *w, const struct pf_profile *p, struct key *key,
                      uint32_t *sample)
{
    struct key *of_set = pf_alloc(p->mem, (size_t)p->sets.n * sizeof *of_set);
    uint32_t n = p->samples.n;
    bool other = false;
    int status = 0;

    if (!of_set)
        return pf_fail(w->err, PF_ENOMEM, "out of memory (see --max-memory)");
    for (pf_id set = 0; set < p->sets.n; set++)
        of_set[set] = key_of(p, set, &other);
    for (uint32_t i = 0; i < n; i++) {
        key[i] = of_set[p->samples.labels[i]];
        key[i].sample = i;
    }
    pf_dealloc(p->mem, of_set);
    qsort_r(key, n, sizeof *key, by_key, (void *)(uintptr_t)p);
    for (uint32_t from = 0, to = 0; from < n && status == 0; from = to) {
        while (to < n && same_group(&key[from], &key[to]))
            to++;
        status = put_group(w, p, key + from, sample, to - from, to - from == n);
    }
    if (other && status == 0)
        pf_lost(w->how, "of labels, only profile, service, release and host are kept");
    return status;
}

static int rows_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *how,
                      struct pf_err *err)
{
    struct writing w = {.out = out, .how = how, .err = err};
    size_t n = p->samples.n;
    struct key *key = pf_alloc(p->mem, n * sizeof *key);
    uint32_t *sample = pf_alloc(p->mem, n * sizeof *sample);
    int status;

    w.csv = how && how->how & PF_AS_CSV;
    if (w.csv && !how->nth)
        pf_puts(out, header);
    if (key && sample)
        status = put_groups(&w, p, key, sample);
    else
        status = pf_fail(err, PF_ENOMEM, "out of memory (see --max-memory)");
    pf_dealloc(p->mem, key);
    pf_dealloc(p->mem, sample);
    return status;
}

const struct pf_format pf_format_rows = {
    .name = "rows",
    .title = "a flat table for DuckDB and ClickHouse: JSON lines or CSV",
    .suffix = ".jsonl",
    .about =
        "The columns, a promise: profile, service, release and host are labels of the samples "
        "(profile: "
        "else the file, #2 for the second one in it); ts, the time in seconds since 1970, or 0; "
        "metric and unit, the sample type; function, with its module; file; line, where the "
        "function is defined, or 0; self, cum and total, integers in the unit: the function's "
        "own, with what it called, and of the whole profile. A row for each function with a "
        "value, and one without a function for samples without a stack.",
    .packing = PF_PLAIN,
    .stream = true,
    .takes = PF_AS_CSV | PF_GIVEN,
    .write = rows_write,
};
