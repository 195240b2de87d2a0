/*
 * tracemalloc_pickle.c - what Snapshot.dump writes, a pickle of
 *
 *     Snapshot {traces: _Traces {_traces: [trace, ...]}, traceback_limit: int}
 *
 * where a trace is (domain, size, traceback, total_nframe) since Python 3.9, (domain, size,
 * traceback) since 3.6, (size, traceback) before; and a traceback is ((file, line), ...), the most
 * recent frame first. There are millions of traces of a few tracebacks: they are summed up while
 * the list is read, and not kept.
 */
#include "pickles.h"
#include "pstat.h"
#include "tracemalloc.h"

#include <string.h>

enum { FRAME = PF_P_OWN, TRACEBACK = PF_P_OWN_TOO, TRACE = PF_P_PAIR /* its size and its sum */ };

struct traceback {
    pf_id stack;
    uint32_t depth;
    pf_id sum; /* the first one of it, 0: none yet */
};

/* The traces of one traceback, domain and kind. */
struct sum {
    int64_t size, count;
    uint32_t back, domain;
    bool cut; /* the real stack was deeper than the traceback */
};

struct snapshot {
    struct pf_profile *p;
    struct traceback *back; /* 0 is the empty one */
    uint32_t n_back, cap_back;
    struct sum *sum; /* from 1 */
    uint32_t n_sum, cap_sum;
    struct pf_index index; /* of those sums that are not the first of their traceback */
    pf_id list;            /* where traces were put; 0: none were yet */
    uint64_t traces, cut;
    bool has_depth; /* traces tell how deep the real stack was */
};

static const char trace_is[] = "a trace (domain, size, traceback, number of frames)";

/* ---- tuples ---- */

static enum pf_offer no_memory(struct pf_pickle *m)
{
    pf_pickle_no_memory(m);
    return PF_OFFER_FAILED;
}

static enum pf_offer make_frame(struct pf_pickle *m, const struct pf_pval *item,
                                struct pf_pval *made)
{
    struct snapshot *s = m->ctx;

    if (item[1].kind != PF_P_INT)
        return PF_OFFER_KEEP;
    *made =
        (struct pf_pval){.kind = FRAME, .id = pf_tracemalloc_frame(s->p, item[0].id, item[1].i)};
    return PF_OFFER_TAKEN;
}

static enum pf_offer make_traceback(struct pf_pickle *m, const struct pf_pval *item, uint32_t n,
                                    struct pf_pval *made)
{
    struct snapshot *s = m->ctx;
    pf_id stack = 0;

    for (uint32_t i = 0; i < n; i++)
        if (item[i].kind != FRAME)
            return PF_OFFER_KEEP;
    for (uint32_t i = n; i > 0; i--)
        stack = pf_stack(s->p, stack, item[i - 1].id);
    if (!pf_grow(s->p->mem, &s->back, s->n_back, &s->cap_back, sizeof *s->back))
        return no_memory(m);
    s->back[s->n_back] = (struct traceback){stack, n, 0};
    *made = (struct pf_pval){.kind = TRACEBACK, .id = s->n_back++};
    return PF_OFFER_TAKEN;
}

static bool sum_eq(const void *table, pf_id id, const void *key)
{
    const struct sum *a = (const struct sum *)table + id, *b = key;

    return a->back == b->back && a->domain == b->domain && a->cut == b->cut;
}

static uint64_t hash_of(const struct pf_mem *m, const struct sum *x)
{
    return pf_mix(m, x->back, x->domain | (uint64_t)x->cut << 32);
}

static uint64_t sum_hash(const struct pf_mem *m, const void *table, pf_id id)
{
    return hash_of(m, (const struct sum *)table + id);
}

/* The sum that a trace belongs to; 0: no memory. */
static pf_id sum_of(struct snapshot *s, const struct sum *key)
{
    struct pf_mem *mem = s->p->mem;
    pf_id *slot = &s->back[key->back].sum;

    if (*slot && !sum_eq(s->sum, *slot, key))
        slot = pf_index_find(mem, &s->index, s->sum, key, hash_of(mem, key), sum_eq, sum_hash);
    if (slot && *slot)
        return *slot;
    if (!slot || !pf_grow(mem, &s->sum, s->n_sum + 1, &s->cap_sum, sizeof *key))
        return 0;
    s->index.n += slot != &s->back[key->back].sum;
    *slot = ++s->n_sum;
    s->sum[*slot] = *key;
    return *slot;
}

static bool is_int(struct pf_pval v)
{
    return v.kind == PF_P_INT || v.kind == PF_P_HUGE;
}

/* n: 2, 3 or 4. What has another shape is a tuple like any other. */
static enum pf_offer make_trace(struct pf_pickle *m, const struct pf_pval *item, uint32_t n,
                                struct pf_pval *made)
{
    struct snapshot *s = m->ctx;
    uint32_t at = n == 2 ? 1 : 2; /* of the traceback */
    struct pf_pval back = item[at], size = item[at - 1], domain = item[0];
    struct sum key = {.back = 0};

    if (back.kind == TRACEBACK)
        key.back = back.id;
    else if (back.kind != PF_P_TUPLE || back.id)
        return PF_OFFER_KEEP;
    if (!is_int(size) || !is_int(domain)
        || (n == 4 && !is_int(item[3]) && item[3].kind != PF_P_NONE))
        return PF_OFFER_KEEP;
    if (size.kind == PF_P_HUGE || size.i < 0) {
        pf_pickle_fail(m, PF_EVALUE, "the size of a trace %s",
                       size.kind == PF_P_HUGE ? "does not fit 64 bits" : "is negative");
        return PF_OFFER_FAILED;
    }
    if (n > 2 && (domain.kind == PF_P_HUGE || domain.i < 0 || domain.i > UINT32_MAX)) {
        pf_pickle_fail(m, PF_EVALUE, "the domain of a trace does not fit 32 bits");
        return PF_OFFER_FAILED;
    }
    key.domain = n > 2 ? (uint32_t)domain.i : 0;
    key.cut = n == 4
              && (item[3].kind == PF_P_HUGE
                  || (item[3].kind == PF_P_INT && item[3].i > s->back[key.back].depth));
    s->has_depth |= n == 4;
    *made = (struct pf_pval){.kind = TRACE, .i = size.i, .more = sum_of(s, &key)};
    return made->more ? PF_OFFER_TAKEN : no_memory(m);
}

static enum pf_offer tuple_made(struct pf_pickle *m, const struct pf_pval *item, uint32_t n,
                                struct pf_pval *made)
{
    if (n == 2 && item[0].kind == PF_P_STR)
        return make_frame(m, item, made);
    if (n >= 2 && n <= 4 && is_int(item[0]))
        return make_trace(m, item, n, made);
    return make_traceback(m, item, n, made);
}

/* ---- the list of traces ---- */

static bool count(struct pf_pickle *m, struct pf_pval trace)
{
    struct snapshot *s = m->ctx;
    struct sum *sum = &s->sum[trace.more];

    sum->count++;
    s->traces++;
    s->cut += sum->cut;
    return pf_add64(sum->size, trace.i, &sum->size)
           || pf_pickle_fail(m, PF_EVALUE, "the sum of the sizes does not fit 64 bits");
}

/* Says what is wrong with what should be a trace. Returns false. */
static bool no_trace(struct pf_pickle *m, struct pf_pval v)
{
    static const char *const part[] = {"domain", "size", "traceback", "number of frames"};
    const struct pf_pobj *o = pf_pickle_object(m, v);
    char text[PF_PICKLE_TEXT];
    uint32_t i = 0, first;

    if (o)
        m->start = o->offset ? o->offset : m->start;
    if (!o || v.kind != PF_P_TUPLE || o->n < 2 || o->n > 4)
        return pf_pickle_fail(m, PF_ESYNTAX, "expected %s, found %s", trace_is,
                              pf_pickle_text(m, v, text));
    first = o->n == 2;
    while (i + 1 < o->n && (i + first == 2 ? o->at[i].kind == TRACEBACK : is_int(o->at[i])))
        i++;
    struct pf_pval bad = o->at[i];
    o = pf_pickle_object(m, bad);
    if (i + first == 2 && bad.kind == PF_P_TUPLE) /* which of its frames? */
        for (uint32_t k = 0; o && k < o->n; k++)
            if (o->at[k].kind != FRAME)
                return pf_pickle_fail(m, PF_ESYNTAX,
                                      "expected a frame (file, line) in the traceback, found %s",
                                      pf_pickle_text(m, o->at[k], text));
    return pf_pickle_fail(m, PF_ESYNTAX, "the %s of a trace is %s", part[i + first],
                          pf_pickle_text(m, bad, text));
}

static enum pf_offer appended(struct pf_pickle *m, pf_id list, const struct pf_pval *item,
                              uint32_t n)
{
    struct snapshot *s = m->ctx;

    if (n == 0 || (item[0].kind != TRACE && s->list != list))
        return PF_OFFER_KEEP;
    if (s->list && s->list != list) {
        pf_pickle_fail(m, PF_ESYNTAX, "there are two lists of traces");
        return PF_OFFER_FAILED;
    }
    s->list = list;
    for (uint32_t i = 0; i < n; i++) {
        if (item[i].kind != TRACE)
            no_trace(m, item[i]);
        if (item[i].kind != TRACE || !count(m, item[i]))
            return PF_OFFER_FAILED;
    }
    return PF_OFFER_TAKEN;
}

/* ---- the snapshot ---- */

static bool expected(struct pf_pickle *m, const char *what, const struct pf_pval *v)
{
    char text[PF_PICKLE_TEXT];

    return pf_pickle_fail(m, PF_ESYNTAX,
                          "this is a pickle, but no tracemalloc snapshot: expected "
                          "%s, found %s",
                          what, v ? pf_pickle_text(m, *v, text) : "nothing");
}

/* Finds the traces, of which those in a list are counted already. */
static bool find_traces(struct pf_pickle *m, struct pf_pval top)
{
    struct snapshot *s = m->ctx;

    if (!pf_pickle_is(m, top, "Snapshot"))
        return expected(m, "a Snapshot", &top);
    const struct pf_pval *v = pf_pickle_attr(m, top, "traces");
    if (!v || !pf_pickle_is(m, *v, "_Traces"))
        return expected(m, "its traces", v);
    v = pf_pickle_attr(m, *v, "_traces");
    if (!v || (v->kind != PF_P_LIST && v->kind != PF_P_TUPLE))
        return expected(m, "a list of traces", v);
    const struct pf_pobj *o = pf_pickle_object(m, *v);
    for (uint32_t i = 0; i < o->n; i++) {
        if (o->at[i].kind != TRACE)
            return no_trace(m, o->at[i]);
        if (!count(m, o->at[i]))
            return false;
    }
    if (s->list && (v->kind != PF_P_LIST || v->id != s->list))
        return pf_pickle_fail(m, PF_ESYNTAX, "there are two lists of traces");
    return true;
}

static pf_id domain_labels(struct pf_profile *p, uint32_t domain)
{
    struct pf_label label = {.key = pf_strz(p, "domain"), .num = domain, .kind = PF_LABEL_NUM};
    pf_id id = pf_label(p, &label);

    return domain ? pf_label_set(p, &id, 1) : 0;
}

/* Domain 0 is Python's own memory: no label, so that older files without domains are equal. */
static void add_samples(struct snapshot *s)
{
    uint32_t domain = 0;
    pf_id labels = 0;

    for (uint32_t i = 1; i <= s->n_sum && !s->p->err.code; i++) {
        const struct sum *x = &s->sum[i];
        int64_t values[2] = {x->size, x->count};
        if (x->domain != domain)
            labels = domain_labels(s->p, x->domain);
        domain = x->domain;
        if (x->count)
            pf_sample_add(s->p, s->back[x->back].stack, labels, values);
    }
}

/* Before Python 3.9 nothing says which of the traces at the limit go on beyond it. */
static void tell_full(const struct snapshot *s, int64_t limit)
{
    uint64_t full = 0;

    for (uint32_t i = 1; i <= s->n_sum; i++)
        if (s->back[s->sum[i].back].depth >= limit)
            full += (uint64_t)s->sum[i].count;
    if (full)
        pf_note(s->p,
                "%llu of %llu traces are as deep as the traceback limit %lld: whether they were "
                "cut is not told",
                (unsigned long long)full, (unsigned long long)s->traces, (long long)limit);
}

static void tell(const struct snapshot *s, const struct pf_pickle *m, struct pf_pval top)
{
    const struct pf_pval *limit = pf_pickle_attr(m, top, "traceback_limit");
    size_t have;

    s->p->truncated = s->cut > 0;
    if (s->cut && limit && limit->kind == PF_P_INT)
        pf_note(s->p, "%llu of %llu traces were cut (traceback limit %lld)",
                (unsigned long long)s->cut, (unsigned long long)s->traces, (long long)limit->i);
    else if (s->cut)
        pf_note(s->p, "%llu of %llu traces were cut", (unsigned long long)s->cut,
                (unsigned long long)s->traces);
    if (!s->has_depth && limit && limit->kind == PF_P_INT)
        tell_full(s, limit->i);
    if (m->bad_utf8)
        pf_note(s->p, "file names that are not UTF-8, which Python refuses: %llu",
                (unsigned long long)m->bad_utf8);
    if (pf_peek(m->in, (size_t)(m->at - m->base) + 1, &have) && have > (size_t)(m->at - m->base))
        pf_note(s->p, "what follows the snapshot was not read, as in Python");
}

static const struct pf_pickle_how how = {
    .global = {{"tracemalloc", "Snapshot"}, {"tracemalloc", "_Traces"}},
    .tuple = tuple_made,
    .append = appended,
    .hint = pf_pickle_hint,
};

static int read_snapshot(struct snapshot *s, struct pf_pickle *m, struct pf_err *err)
{
    struct pf_pval top;

    if (!pf_grow(s->p->mem, &s->back, 0, &s->cap_back, sizeof *s->back)
        || !pf_grow(s->p->mem, &s->sum, 0, &s->cap_sum, sizeof *s->sum))
        return pf_fail(err, PF_ENOMEM, "out of memory");
    s->back[s->n_back++] = (struct traceback){0};
    if (!pf_pickle_load(m, &top) || !find_traces(m, top))
        return -1;
    add_samples(s);
    tell(s, m, top);
    s->p->interpreter = pf_pstat_interpreter(s->p, false);
    if (!s->p->interpreter && s->traces)
        s->p->interpreter =
            pf_strz(s->p, s->has_depth ? "Python 3.9 or newer" : "Python 3.8 or older");
    return 0;
}

int pf_tracemalloc_pickle(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct snapshot s = {.p = out};
    struct pf_pickle m;
    int failed = -1;

    if (pf_pickle_open(&m, &how, &s, in, out, err))
        failed = read_snapshot(&s, &m, err);
    pf_pickle_close(&m);
    pf_index_free(out->mem, &s.index);
    pf_dealloc(out->mem, s.back);
    pf_dealloc(out->mem, s.sum);
    return failed;
}
