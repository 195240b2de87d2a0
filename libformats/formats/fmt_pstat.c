/*
 * fmt_pstat.c - what cProfile, profile, yappi and Tachyon save: a marshalled dict
 *
 *     {(file, line, name): (cc, nc, tt, ct, {(file, line, name): edge, ...}), ...}
 *
 * cc: calls that are not recursive, nc: all calls, tt: own time, ct: time with callees. An edge is
 * (nc, cc, tt, ct) - the counts the other way round - or one int, the number of calls.
 * The table is kept in p->calls, value by value; pstat_samples.c makes samples from it.
 */
#include "marshal.h"
#include "pstat.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct reader {
    struct pf_marshal m;
    struct pf_profile *p;
    pf_id func; /* whose numbers are being read; 0 = it is a key */
    bool sampled;
    uint64_t int_edges, timed_edges;
    uint64_t bools, whole_floats, far_lines, false_markers; /* what is odd, but clear */
};

enum { SURELY_FIT = 1 << 30 }; /* seconds, as nanoseconds in 64 bits */

struct numbers {
    int64_t count[2];
    struct pf_num time[2];
};

/* ---- numbers ---- */

static bool expected(struct reader *r, const char *what, const struct pf_mval *v)
{
    if (v->kind == PF_M_TUPLE)
        return pf_marshal_fail(&r->m, PF_ESYNTAX, "expected %s, found a tuple of %u", what, v->n);
    return pf_marshal_fail(&r->m, PF_ESYNTAX, "expected %s, found %s", what, pf_marshal_kind(v));
}

static bool too_large(struct reader *r, const char *what, double d)
{
    char of[160] = "";

    if (r->func)
        snprintf(of, sizeof of, " of '%s'", pf_pstat_name(r->p, r->func).s);
    if (isfinite(d))
        return pf_marshal_fail(&r->m, PF_EVALUE, "%s%s does not fit 64 bits", what, of);
    return pf_marshal_fail(&r->m, PF_EVALUE, "%s%s is %g", what, of, d);
}

/* An int, or what Python takes for one. */
static bool to_int(struct reader *r, const struct pf_mval *v, const char *what, int64_t *i)
{
    switch (v->kind) {
    case PF_M_INT: *i = v->i; return true;
    case PF_M_BOOL:
        r->bools++;
        *i = v->i;
        return true;
    case PF_M_FLOAT:
        if (!(fabs(v->d) < 0x1p63))
            return too_large(r, what, v->d);
        if (v->d != floor(v->d))
            return pf_marshal_fail(&r->m, PF_EVALUE, "expected %s, found %g", what, v->d);
        r->whole_floats++;
        *i = (int64_t)v->d;
        return true;
    case PF_M_HUGE: return too_large(r, what, 0);
    default: return expected(r, what, v);
    }
}

static bool to_time(struct reader *r, const struct pf_mval *v, struct pf_num *x)
{
    int64_t ns;

    *x = (struct pf_num){.is_int = true, .i = v->i};
    switch (v->kind) {
    case PF_M_INT: return true;
    case PF_M_BOOL: r->bools++; return true;
    case PF_M_FLOAT:
        *x = (struct pf_num){.d = v->d};
        return fabs(v->d) < SURELY_FIT || pf_seconds_to_ns(v->d, &ns)
               || too_large(r, "a time", v->d);
    case PF_M_HUGE: return too_large(r, "a time", 0);
    default: return expected(r, "a time", v);
    }
}

/* The first four items of a tuple, open or referred to. */
static bool read_numbers(struct reader *r, const struct pf_mval *tuple, struct pf_mval *item,
                         struct numbers *x)
{
    for (uint32_t i = 0; i < 4; i++) {
        if (!tuple->open)
            item[i] = r->m.items.at[tuple->first + i];
        else if (!pf_marshal_next(&r->m, &item[i]))
            return false;
        if (!(i < 2 ? to_int(r, &item[i], "a number of calls", &x->count[i])
                    : to_time(r, &item[i], &x->time[i - 2])))
            return false;
    }
    return true;
}

/* ---- the dict ---- */

/* A key. References to it are to find the function by its mark, at once. */
static bool read_key(struct reader *r, const struct pf_mval *key, pf_id *func)
{
    struct pf_mval file, line, name;
    int64_t at = 0;

    if (key->kind == PF_M_TUPLE && !key->open && key->mark) {
        *func = key->mark;
        return true;
    }
    r->func = 0;
    if (key->kind != PF_M_TUPLE || !key->open || key->n != 3)
        return expected(r, "a function (file, line, name)", key);
    if (!pf_marshal_next(&r->m, &file))
        return false;
    if (file.kind != PF_M_STR)
        return expected(r, "the file of a function", &file);
    if (!pf_marshal_next(&r->m, &line) || !to_int(r, &line, "the line of a function", &at)
        || !pf_marshal_next(&r->m, &name))
        return false;
    if (name.kind != PF_M_STR && name.kind != PF_M_CODE)
        return expected(r, "the name of a function", &name);
    r->far_lines += at > INT32_MAX;
    *func = pf_func(r->p, name.str, file.str, at);
    return pf_marshal_keep(&r->m, key, NULL, 3, *func);
}

static bool read_edge(struct reader *r, pf_id caller)
{
    struct numbers x = {.time = {{.is_int = true}, {.is_int = true}}};
    struct pf_mval v, item[4];

    if (!pf_marshal_next(&r->m, &v))
        return false;
    if (v.kind == PF_M_TUPLE && v.n == 4) {
        if (!read_numbers(r, &v, item, &x) || (v.open && !pf_marshal_keep(&r->m, &v, item, 4, 0)))
            return false;
        r->timed_edges++;
    } else {
        const char *what = "the numbers of a caller, (nc, cc, tt, ct) or an int";
        if (v.kind > PF_M_FLOAT || !to_int(r, &v, what, &x.count[0]))
            return expected(r, what, &v);
        x.count[1] = x.count[0];
        r->int_edges++;
    }
    struct pf_edge *e = pf_edge_add(r->p, caller);
    if (!e)
        return false;
    e->nc = x.count[0];
    e->cc = x.count[1];
    e->tt = x.time[0];
    e->ct = x.time[1];
    return true;
}

static bool read_callers(struct reader *r, struct pf_mval *dict)
{
    pf_id func = r->func;
    uint32_t n = 0;

    if (dict->kind != PF_M_DICT)
        return expected(r, "a dict of callers", dict);
    if (!dict->open && dict->n)
        return pf_marshal_fail(&r->m, PF_ESYNTAX, "'%s' has its callers from another function",
                               pf_pstat_name(r->p, r->func).s);
    for (struct pf_mval key = {0}; dict->open; n++) {
        pf_id caller = 0;
        if (!pf_marshal_next(&r->m, &key))
            return false;
        if (key.kind == PF_M_NULL)
            break;
        if (!read_key(r, &key, &caller))
            return false;
        r->func = func;
        if (!read_edge(r, caller))
            return false;
    }
    if (!pf_marshal_keep(&r->m, dict, NULL, n, 0))
        return false;
    *dict = (struct pf_mval){.kind = PF_M_DICT, .n = n};
    return true;
}

static bool read_row(struct reader *r, const struct pf_mval *key)
{
    struct numbers x;
    struct pf_mval v, item[5];
    pf_id func = 0;

    if (!read_key(r, key, &func) || !pf_marshal_next(&r->m, &v))
        return false;
    r->func = func;
    if (v.kind != PF_M_TUPLE || v.n != 5)
        return expected(r, "the numbers of a function (cc, nc, tt, ct, callers)", &v);
    if (!read_numbers(r, &v, item, &x))
        return false;
    struct pf_call *c = pf_call_add(r->p, func);
    if (!c)
        return false;
    c->cc = x.count[0];
    c->nc = x.count[1];
    c->tt = x.time[0];
    c->ct = x.time[1];
    if (!v.open)
        item[4] = r->m.items.at[v.first + 4];
    else if (!pf_marshal_next(&r->m, &item[4]))
        return false;
    return read_callers(r, &item[4]) && (!v.open || pf_marshal_keep(&r->m, &v, item, 5, 0));
}

/* ("__sampled__",): True, by which Tachyon tells its files. */
static bool read_marker(struct reader *r, const struct pf_mval *key)
{
    const char *marker = "__sampled__", *what = "a function (file, line, name)";
    struct pf_mval text, v;

    if (!pf_marshal_next(&r->m, &text))
        return false;
    if (text.kind != PF_M_STR || text.str != pf_strz(r->p, marker))
        return expected(r, what, key);
    if (!pf_marshal_keep(&r->m, key, NULL, 1, 0) || !pf_marshal_next(&r->m, &v))
        return false;
    if (v.kind != PF_M_BOOL)
        return expected(r, "True after the marker of a sampled profile", &v);
    r->sampled |= v.i != 0;
    r->false_markers += v.i == 0;
    return true;
}

static bool read_table(struct reader *r)
{
    struct pf_mval v;
    bool marker = false;

    if (!pf_marshal_next(&r->m, &v))
        return false;
    if (v.kind != PF_M_DICT)
        return expected(r, "a dict of functions", &v);
    for (;;) {
        if (!pf_marshal_next(&r->m, &v))
            return false;
        if (v.kind == PF_M_NULL)
            break;
        bool one = v.kind == PF_M_TUPLE && v.open && v.n == 1;
        if (!(one ? read_marker(r, &v) : read_row(r, &v)))
            return false;
        marker |= one;
    }
    if (!r->p->calls.n)
        return pf_marshal_fail(&r->m, PF_EVALUE, "no functions%s: the profiler saw no call",
                               marker ? ", only a marker" : "");
    return true;
}

/* ---- what Python makes of the dict ---- */

/* The row of each function that counts, which is its last one; returns how many rows count. */
static uint32_t last_rows(const struct pf_calls *c, uint32_t *last)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < c->n; i++) {
        n += !last[c->at[i].func];
        last[c->at[i].func] = i + 1;
    }
    return n;
}

/* Copies a row's callers, each where it came first, with the numbers that came last. seen: for each
 * function, where in the new table it is as a caller + 1. */
static bool copy_edges(struct pf_profile *p, const struct pf_calls *from, uint32_t row,
                       uint32_t *seen)
{
    uint32_t first = p->calls.n_edges;

    for (uint32_t i = from->at[row].edge; i < from->at[row + 1].edge; i++) {
        const struct pf_edge *e = &from->edge[i];
        uint32_t was = seen[e->caller];
        struct pf_edge *to = was > first ? &p->calls.edge[was - 1] : pf_edge_add(p, e->caller);
        if (!to)
            return false;
        *to = *e;
        if (was <= first)
            seen[e->caller] = p->calls.n_edges;
    }
    return true;
}

/* A key that comes again replaces the value of the first one, as in a dict. */
static bool rebuild(struct pf_profile *p, uint32_t *last, uint32_t *seen)
{
    struct pf_calls old = p->calls;
    bool ok = true;

    p->calls = (struct pf_calls){.form = old.form};
    for (uint32_t i = 0; i < old.n && ok; i++) {
        uint32_t *take = &last[old.at[i].func];
        if (!*take)
            continue;
        struct pf_call *c = pf_call_add(p, old.at[i].func);
        if (c) {
            struct pf_call value = old.at[*take - 1];
            value.edge = c->edge;
            *c = value;
        }
        ok = c && copy_edges(p, &old, *take - 1, seen);
        *take = 0;
    }
    pf_dealloc(p->mem, old.at);
    pf_dealloc(p->mem, old.edge);
    return ok;
}

static bool twice(const struct pf_calls *c, uint32_t *seen)
{
    for (uint32_t i = 0; i < c->n; i++) {
        for (uint32_t k = c->at[i].edge; k < c->at[i + 1].edge; k++) {
            if (seen[c->edge[k].caller] == i + 1)
                return true;
            seen[c->edge[k].caller] = i + 1;
        }
    }
    return false;
}

static bool drop_replaced(struct pf_profile *p)
{
    uint32_t *last = pf_alloc_zero(p->mem, p->funcs.n, sizeof *last);
    uint32_t *seen = pf_alloc_zero(p->mem, p->funcs.n, sizeof *seen);
    bool ok = last && seen;

    if (!ok)
        pf_fail(&p->err, PF_ENOMEM, "out of memory");
    if (ok && (last_rows(&p->calls, last) < p->calls.n || twice(&p->calls, seen))) {
        memset(seen, 0, p->funcs.n * sizeof *seen);
        ok = rebuild(p, last, seen);
        pf_note(p, "functions that came twice: the later numbers were taken");
    }
    pf_dealloc(p->mem, last);
    pf_dealloc(p->mem, seen);
    return ok;
}

/* yappi has the counts of functions the other way round. */
static void swap_counts(struct pf_calls *c)
{
    for (uint32_t i = 0; i < c->n && !c->swapped; i++)
        c->swapped = c->at[i].cc > c->at[i].nc && c->at[i].nc >= 0;
    for (uint32_t i = 0; i < c->n && c->swapped; i++) {
        int64_t cc = c->at[i].cc;
        c->at[i].cc = c->at[i].nc;
        c->at[i].nc = cc;
    }
}

/* ---- the file ---- */

static double seconds(const struct pf_num *x)
{
    return x->is_int ? (double)x->i : x->d;
}

/* Python would load these too, but somebody may want to know. */
static void tell_oddities(struct reader *r)
{
    struct pf_profile *p = r->p;
    uint64_t negative = 0, short_ct = 0;

    for (uint32_t i = 0; i < p->calls.n; i++) {
        const struct pf_call *c = &p->calls.at[i];
        negative += c->cc < 0 || c->nc < 0;
        short_ct += seconds(&c->ct) < seconds(&c->tt);
    }
    const struct {
        uint64_t n;
        const char *what;
    } odd[] = {
        {negative, "functions with negative numbers of calls"},
        {short_ct, "functions with more time of their own than with their callees"},
        {r->bools, "numbers that are True or False"},
        {r->whole_floats, "counts or lines that are floats"},
        {r->far_lines, "lines beyond 2147483647"},
        {r->false_markers, "markers of a sampled profile that say False"},
        {r->m.bad_utf8, "names that are not UTF-8, which Python refuses"},
        {r->timed_edges ? r->int_edges : 0, "callers with a number of calls, but without times"},
        {r->sampled ? r->timed_edges : 0, "callers with times in a sampled profile"},
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (odd[i].n)
            pf_note(p, "%s: %llu", odd[i].what, (unsigned long long)odd[i].n);
    if (p->calls.swapped)
        pf_note(p, "the numbers of calls are in yappi's order");
}

static int finish(struct reader *r, struct pf_err *err)
{
    struct pf_profile *p = r->p;

    if (r->sampled)
        p->calls.form = PF_EDGES_SAMPLED;
    else if (r->int_edges && !r->timed_edges)
        p->calls.form = PF_EDGES_COUNTS;
    if (!drop_replaced(p))
        return -1;
    if (!r->sampled)
        swap_counts(&p->calls);
    p->calls.runs = 1;
    p->runs = 1;
    p->format = pf_strz(p, "pstat");
    p->interpreter = pf_pstat_interpreter(p, r->m.old_seen && !r->m.refs_seen);
    p->producer = pf_pstat_producer(p);
    tell_oddities(r);
    return pf_pstat_samples(p, err);
}

static int pstat_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reader r = {.p = out};
    size_t have;

    pf_marshal_open(&r.m, in, out, err);
    bool ok = read_table(&r);
    pf_marshal_close(&r.m);
    if (ok && pf_peek(in, 1, &have))
        pf_note(out, "what follows the dict was not read, as in Python");
    if (!ok || pf_source_check(in, err) || finish(&r, err) || out->err.code) {
        if (out->err.code)
            pf_fail(err, out->err.code, "%s", out->err.msg);
        return -1;
    }
    return 0;
}

/* Marshal has no magic: a dict, and the beginning of its first key. */
static int pstat_probe(const uint8_t *head, size_t len)
{
    if (len < 2 || (head[0] & 0x7f) != '{')
        return 0;

    bool flagged = head[0] & 0x80;
    switch (head[1] & 0x7f) {
    case ')': return flagged || (len > 2 && head[2] < 8) ? 95 : 30;
    case '(': /* a text that begins like this has no bytes 0 here */
        return flagged || (len > 5 && !head[3] && !head[4] && !head[5]) ? 95 : 30;
    case '0': return flagged || len == 2 ? 90 : 20;
    default: break;
    }
    if (!strchr("iuzZaAtsr", head[1] & 0x7f) || !(head[1] & 0x7f))
        return 0;
    /* no key, but a reader of marshal can say why; `{text` is none of its business */
    return flagged || (len > 2 && (head[2] < 9 || head[2] > 0x7e)) ? 60 : 0;
}

const struct pf_format pf_format_pstat = {
    .name = "pstat",
    .title = "pstats of cProfile, profile, yappi, Tachyon (marshal)",
    .suffix = ".pstats",
    .packing = PF_PLAIN,
    .binary = true,
    .probe = pstat_probe,
    .read = pstat_read,
    .write = pf_pstat_write,
};
