/*
 * fmt_pyperf.c - benchmark results of pyperf, as JSON.
 *
 * A file holds benchmarks, a benchmark runs (processes), a run values: seconds for one loop, or
 * bytes. Value i of each benchmark goes to profile i, as the repeats of timeit do. The time is
 * stored as the total of all loops, beside their number. What the values mean (loops, unit) may
 * stand behind them, so that they are put by until the end.
 */
#include "core.h"
#include "json.h"
#include "spool.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { ATTO = 18, NANO = 9 };

enum unit { UNKNOWN, SECOND, BYTE, INTEGER, UNITS };

static const struct {
    const char *unit, *type, *type_unit;
    enum pf_kind kind;
} units[UNITS] = {
    [SECOND] = {"second", "time", "nanoseconds", PF_SUM},
    [BYTE] = {"byte", "space", "bytes", PF_PEAK},
    [INTEGER] = {"integer", "value", "count", PF_SUM},
};

struct facts { /* of metadata; what is 0 is said further out, or not at all */
    pf_id name;
    enum unit unit;
    int64_t loops, inner_loops;
};

struct benchmark {
    struct facts facts;
    uint64_t runs;
};

struct reading {
    struct pf_json j;
    struct pf_profile *out;
    struct facts facts;
    struct benchmark *benchmarks;
    uint32_t n_benchmarks, cap_benchmarks;
    struct spool values; /* texts */
    struct spool runs;   /* of each run: values, loops, inner loops */
    bool has_benchmarks, has_unit[UNITS];
    uint64_t warmups, calibrations, unnamed, rounded;
    pf_id implementation, version, perf_version;
};

/* ---- metadata ---- */

static void read_unit(struct reading *r, struct facts *f)
{
    if (!pf_json_string(&r->j))
        return;
    for (unsigned u = 1; u < UNITS; u++)
        if (pf_json_text_is(&r->j, units[u].unit))
            f->unit = (enum unit)u;
    if (f->unit == UNKNOWN)
        pf_json_fail(&r->j, PF_EVALUE, "expected a unit: second, byte or integer");
}

static void read_loops(struct reading *r, int64_t *loops)
{
    if (pf_json_int(&r->j, loops) && *loops < 1)
        pf_json_fail(&r->j, PF_EVALUE, "expected a number of loops, not %lld", (long long)*loops);
}

static void read_string(struct reading *r, pf_id *id)
{
    if (pf_json_look(&r->j) != '"')
        pf_json_skip(&r->j);
    else if (pf_json_string(&r->j))
        *id = pf_str(r->out, r->j.text, r->j.len);
}

static void read_metadata(struct reading *r, struct facts *f)
{
    static const char *const keys[] = {
        "name",         "unit", "loops", "inner_loops", "python_version", "python_implementation",
        "perf_version", NULL};
    struct pf_json *j = &r->j;
    uint64_t seen = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: read_string(r, &f->name); break;
        case 1: read_unit(r, f); break;
        case 2: read_loops(r, &f->loops); break;
        case 3: read_loops(r, &f->inner_loops); break;
        case 4: read_string(r, &r->version); break;
        case 5: read_string(r, &r->implementation); break;
        case 6: read_string(r, &r->perf_version); break;
        default: pf_json_skip(j); break;
        }
}

/* ---- runs ---- */

static uint64_t read_values(struct reading *r)
{
    uint64_t n = 0;

    if (!pf_json_enter(&r->j, '['))
        return 0;
    for (; pf_json_item(&r->j) && pf_json_number(&r->j); n++)
        spool_put_text(&r->values, r->j.text, r->j.len);
    return n;
}

static void count_warmups(struct reading *r)
{
    if (pf_json_null(&r->j) || !pf_json_enter(&r->j, '['))
        return;
    for (; pf_json_item(&r->j) && pf_json_skip(&r->j); r->warmups++) {
    }
}

static void read_run(struct reading *r, struct benchmark *b)
{
    /* `samples` is what the first versions called the values */
    static const char *const keys[] = {"metadata", "values", "samples", "warmups", NULL};
    struct pf_json *j = &r->j;
    struct facts f = {0};
    uint64_t seen = 0, values = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: read_metadata(r, &f); break;
        case 1:
        case 2: values += read_values(r); break;
        case 3: count_warmups(r); break;
        default: pf_json_skip(j); break;
        }
    if (!b->facts.name)
        b->facts.name = f.name;
    if (!b->facts.unit)
        b->facts.unit = f.unit;
    r->calibrations += values == 0;
    b->runs++;
    spool_put(&r->runs, values);
    spool_put(&r->runs, (uint64_t)f.loops);
    spool_put(&r->runs, (uint64_t)f.inner_loops);
}

static void read_benchmark(struct reading *r)
{
    static const char *const keys[] = {"metadata", "common_metadata", "runs", NULL};
    struct pf_json *j = &r->j;
    struct benchmark b = {0};
    uint64_t seen = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0:
        case 1: read_metadata(r, &b.facts); break;
        case 2:
            if (pf_json_enter(j, '['))
                while (pf_json_item(j))
                    read_run(r, &b);
            break;
        default: pf_json_skip(j); break;
        }
    if (!(seen & 4))
        pf_json_fail(j, PF_ESYNTAX, "a benchmark has no runs");
    else if (!pf_grow(j->mem, &r->benchmarks, r->n_benchmarks, &r->cap_benchmarks,
                      sizeof *r->benchmarks))
        pf_json_fail(j, PF_ENOMEM, "out of memory (see --max-memory)");
    else
        r->benchmarks[r->n_benchmarks++] = b;
}

static void read_file(struct reading *r)
{
    static const char *const keys[] = {"benchmarks", "metadata", NULL};
    struct pf_json *j = &r->j;
    uint64_t seen = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0:
            if (pf_json_enter(j, '['))
                while (pf_json_item(j))
                    read_benchmark(r);
            break;
        case 1: read_metadata(r, &r->facts); break;
        default: pf_json_skip(j); break;
        }
    if (!(seen & 1))
        pf_json_fail(j, PF_ESYNTAX, "no `benchmarks`: not a file of pyperf");
    pf_json_done(j);
}

/* ---- profiles ---- */

/* value / 10^(digits), half to even */
static __int128 shift_down(__int128 value, unsigned digits)
{
    __int128 by = 1;

    for (unsigned i = 0; i < digits; i++)
        by *= 10;
    __int128 whole = value / by, rest = value % by, twice = 2 * (rest < 0 ? -rest : rest);
    if (twice > by || (twice == by && whole % 2))
        whole += value < 0 ? -1 : 1;
    return whole;
}

/* The value of a text in the type's unit, times the number of loops. */
static bool total_of(struct reading *r, const char *s, size_t len, enum unit unit, int64_t loops,
                     int64_t *total)
{
    struct pf_decimal d;
    unsigned more = unit == SECOND ? ATTO - NANO : 0;

    pf_decimal(s, len, unit == SECOND ? ATTO : 0, &d);
    if (!d.fits && unit == SECOND) { /* ten seconds and more: to the nanosecond */
        pf_decimal(s, len, NANO, &d);
        more = 0;
    }
    r->rounded += unit != SECOND && !d.exact;
    __int128 product = shift_down((__int128)d.value * loops, more);
    *total = (int64_t)product;
    if (d.fits && product <= INT64_MAX && product >= INT64_MIN)
        return true;
    return pf_json_fail(&r->j, PF_EVALUE, "the value '%.*s' times %lld loops does not fit 63 bits",
                        (int)(len < 40 ? len : 40), s, (long long)loops);
}

/* The columns of a profile: those of all units that occur, in their order; loops after the time. */
static void add_types(const struct reading *r, struct pf_profile *p)
{
    for (unsigned u = 1; u < UNITS; u++) {
        if (!r->has_unit[u])
            continue;
        pf_type_add(p, units[u].type, units[u].type_unit, units[u].kind);
        if (u == SECOND)
            pf_type_add(p, "loops", "count", PF_SUM);
    }
}

static pf_id producer_of(const struct reading *r, struct pf_profile *p)
{
    char text[48];

    snprintf(text, sizeof text, "pyperf %.40s", pf_str_at(r->out, r->perf_version).s);
    return pf_str(p, text, strlen(text) - (r->perf_version == 0));
}

static struct pf_profile *profile_of(struct reading *r, uint64_t i)
{
    struct pf_profile *p = pf_run(r->out, i < UINT32_MAX ? (uint32_t)i : UINT32_MAX);

    if (p && !p->types.n) {
        struct pf_str who = pf_str_at(r->out, r->out->interpreter);
        p->format = pf_strz(p, "pyperf");
        p->producer = producer_of(r, p);
        p->interpreter = pf_str(p, who.s, who.len);
        p->stack_kind = PF_EXACT;
        add_types(r, p);
    }
    return p;
}

static bool add_value(struct reading *r, uint64_t i, const struct facts *f)
{
    struct pf_profile *p = profile_of(r, i);
    struct pf_str name = pf_str_at(r->out, f->name);
    int64_t loops = 0, values[UNITS + 1] = {0};
    size_t len;
    const char *text = spool_take_text(&r->values, &len);

    if (!p || r->values.failed)
        return false;
    if (__builtin_mul_overflow(f->loops, f->inner_loops, &loops))
        return pf_json_fail(&r->j, PF_EVALUE, "the number of loops does not fit 63 bits");
    int column = pf_type_find(p, units[f->unit].type);
    if (column < 0
        || !total_of(r, text, len, f->unit, f->unit == SECOND ? loops : 1, &values[column]))
        return false;
    if (f->unit == SECOND)
        values[column + 1] = loops;
    pf_id func = name.len ? pf_func(p, pf_str(p, name.s, name.len), 0, 0)
                          : pf_func(p, pf_strz(p, "<benchmark>"), 0, 0);
    pf_sample_add(p, pf_stack(p, 0, pf_frame(p, func, 0)), 0, values);
    return !p->err.code;
}

/* What is said nearest to the values counts. */
static struct facts inner(struct facts near, struct facts far)
{
    near.name = near.name ? near.name : far.name;
    near.unit = near.unit ? near.unit : far.unit;
    near.loops = near.loops ? near.loops : far.loops;
    near.inner_loops = near.inner_loops ? near.inner_loops : far.inner_loops;
    return near;
}

static bool pass_benchmark(struct reading *r, const struct benchmark *b)
{
    const struct facts unsaid = {0, SECOND, 1, 1};
    uint64_t i = 0;

    for (uint64_t run = 0; run < b->runs; run++) {
        uint64_t values = spool_take(&r->runs);
        struct facts f = {.loops = (int64_t)spool_take(&r->runs)};
        f.inner_loops = (int64_t)spool_take(&r->runs);
        f = inner(inner(inner(f, b->facts), r->facts), unsaid);
        r->unnamed += values && !f.name;
        for (uint64_t k = 0; k < values; k++)
            if (!add_value(r, i++, &f))
                return false;
    }
    return true;
}

static void name_interpreter(struct reading *r)
{
    struct pf_str who = pf_str_at(r->out, r->implementation);
    struct pf_str version = pf_str_at(r->out, r->version);
    bool cpython = who.len == 7 && memcmp(who.s, "cpython", 7) == 0;
    char name[80];
    size_t n = 0;

    if (!version.len || who.len > 30)
        return;
    if (who.len) {
        memcpy(name, cpython ? "CPython" : who.s, who.len);
        n = who.len;
        name[n++] = ' ';
    }
    const char *blank = memchr(version.s, ' ', version.len); /* "3.6.3 (64-bit)" */
    size_t len = blank ? (size_t)(blank - version.s) : version.len;
    len = len < sizeof name - n ? len : sizeof name - n;
    memcpy(name + n, version.s, len);
    r->out->interpreter = pf_str(r->out, name, n + len);
}

static void tell(struct reading *r, uint64_t n, const char *what)
{
    if (n)
        pf_note(r->out, "%s: %llu", what, (unsigned long long)n);
}

static void make_profiles(struct reading *r)
{
    name_interpreter(r);
    for (uint32_t i = 0; i < r->n_benchmarks; i++) {
        enum unit unit = inner(r->benchmarks[i].facts, r->facts).unit;
        r->has_unit[unit ? unit : SECOND] = true;
    }
    if (!r->n_benchmarks)
        r->has_unit[SECOND] = true;
    profile_of(r, 0);
    spool_rewind(&r->values);
    spool_rewind(&r->runs);
    for (uint32_t i = 0; i < r->n_benchmarks && !r->values.failed && !r->runs.failed; i++)
        if (!pass_benchmark(r, &r->benchmarks[i]))
            break;
    if (r->values.failed || r->runs.failed)
        pf_json_fail(&r->j, PF_ENOMEM, "out of memory (see --max-memory)");
    if (!r->out->samples.n && !r->out->err.code)
        pf_json_fail(&r->j, PF_ESYNTAX, "there is no value in it");
    tell(r, r->warmups, "warmup values left out");
    tell(r, r->calibrations, "runs without values (calibration)");
    tell(r, r->unnamed, "runs of a benchmark without a name");
    tell(r, r->rounded, "values that are no whole numbers were rounded");
    r->out->rounded = r->rounded > 0;
}

static int pyperf_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.out = out};

    pf_json_open(&r.j, in, err);
    r.values.mem = r.runs.mem = r.j.mem;
    read_file(&r);
    if (!err->code)
        make_profiles(&r);
    spool_free(&r.values);
    spool_free(&r.runs);
    pf_dealloc(r.j.mem, r.benchmarks);
    return pf_json_end(&r.j, out);
}

static int pyperf_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    struct pf_json_head h = pf_json_head(head, len, buf);

    if (h.open != '{')
        return 0;
    if (pf_json_head_key(&h, 1, "benchmarks", NULL))
        return 95;
    bool metadata =
        pf_json_head_key(&h, 1, "metadata", NULL)
        && (pf_json_head_key(&h, 2, "perf_version", NULL) || pf_json_head_key(&h, 2, "timer", NULL)
            || pf_json_head_key(&h, 2, "python_implementation", NULL));
    return metadata ? 80 : 0;
}

const struct pf_format pf_format_pyperf = {
    .name = "pyperf",
    .title = "pyperf benchmark results (JSON); each value is a run",
    .suffix = ".json",
    .packing = PF_PLAIN,
    .probe = pyperf_probe,
    .read = pyperf_read,
};
