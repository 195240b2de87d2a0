/*
 * linestats_pickle.c - what line_profiler's dump_stats writes, a pickle of
 *
 *     LineStats {timings: {(file, first line, function): [(line, hits, ticks), ...]}, unit:
 * seconds}
 *
 * The class moved: it was _line_profiler's, then line_profiler._line_profiler's, and is now
 * line_profiler.line_profiler's.
 */
#include "linestats.h"
#include "pickles.h"

#include <math.h>

static const struct pf_pickle_how how = {
    .global = {{"line_profiler._line_profiler", "LineStats"},
               {"_line_profiler", "LineStats"},
               {"line_profiler.line_profiler", "LineStats"}},
    .hint = pf_pickle_hint,
};

static int expected(struct pf_pickle *m, const char *what, const struct pf_pval *v)
{
    char text[PF_PICKLE_TEXT];

    pf_pickle_fail(m, PF_ESYNTAX, "no line_profiler result: expected %s, found %s", what,
                   v ? pf_pickle_text(m, *v, text) : "nothing");
    return -1;
}

/* 1e-06 and 1e-09 are no doubles: the nearest number of 18 digits is what was meant. */
static int find_unit(struct pf_pickle *m, struct pf_pval top, struct pf_linestats_unit *unit)
{
    const struct pf_pval *v = pf_pickle_attr(m, top, "unit");
    double seconds = !v                      ? NAN
                     : v->kind == PF_P_FLOAT ? v->d
                     : v->kind == PF_P_INT   ? (double)v->i
                                             : NAN;

    if (!(seconds > 0 && seconds < 9))
        return expected(m, "a unit of seconds", v);
    double exponent = round(log10(seconds)), ten = pow(10, exponent);
    if (fabs(seconds - ten) < ten * 1e-12) {
        unit->atto = 1;
        for (int i = -18; i < (int)exponent; i++)
            unit->atto *= 10;
        return exponent >= -18 ? 0 : expected(m, "a larger unit", v);
    }
    unit->atto = (int64_t)llround(seconds * 1e18);
    return unit->atto > 0 ? 0 : expected(m, "a larger unit", v);
}

static int add_line(struct pf_pickle *m, struct pf_linestats_unit unit, pf_id func,
                    struct pf_pval item)
{
    const struct pf_pobj *o = pf_pickle_object(m, item);
    int64_t ns;
    bool exact = true;

    if (item.kind != PF_P_TUPLE || o->n != 3 || o->at[0].kind != PF_P_INT
        || o->at[1].kind != PF_P_INT || o->at[2].kind != PF_P_INT || o->at[0].i < 0)
        return expected(m, "a line (number, hits, time)", &item);
    if (!pf_linestats_ns(unit, o->at[2].i, 0, &ns, &exact)) {
        pf_pickle_fail(m, PF_EVALUE, "a time does not fit 64 bits of nanoseconds");
        return -1;
    }
    m->p->rounded |= !exact;
    return pf_linestats_add(m->p, func, o->at[0].i, ns, o->at[1].i, m->err);
}

static int add_function(struct pf_pickle *m, struct pf_linestats_unit unit, struct pf_pval key,
                        struct pf_pval value)
{
    const struct pf_pobj *k = pf_pickle_object(m, key), *list = pf_pickle_object(m, value);

    if (key.kind != PF_P_TUPLE || k->n != 3 || k->at[0].kind != PF_P_STR
        || k->at[1].kind != PF_P_INT || k->at[2].kind != PF_P_STR)
        return expected(m, "a function (file, line, name)", &key);
    if (value.kind != PF_P_LIST)
        return expected(m, "a list of lines", &value);
    pf_id func = pf_func(m->p, k->at[2].id, k->at[0].id, k->at[1].i);
    for (uint32_t i = 0; i < list->n; i++)
        if (add_line(m, unit, func, list->at[i]))
            return -1;
    return 0;
}

static int read_stats(struct pf_pickle *m)
{
    struct pf_linestats_unit unit;
    struct pf_pval top;

    if (!pf_pickle_load(m, &top))
        return -1;
    if (!pf_pickle_is(m, top, "LineStats"))
        return expected(m, "a LineStats", &top);
    if (find_unit(m, top, &unit))
        return -1;
    const struct pf_pval *timings = pf_pickle_attr(m, top, "timings");
    if (!timings || timings->kind != PF_P_DICT)
        return expected(m, "its timings", timings);
    const struct pf_pobj *dict = pf_pickle_object(m, *timings);
    for (uint32_t i = 0; i + 1 < dict->n; i += 2)
        if (add_function(m, unit, dict->at[i], dict->at[i + 1]))
            return -1;
    return 0;
}

int pf_linestats_pickle(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct pf_pickle m;
    int failed = -1;

    if (pf_pickle_open(&m, &how, NULL, in, out, err))
        failed = read_stats(&m);
    pf_pickle_close(&m);
    return failed;
}
