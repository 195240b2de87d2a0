/*
 * pstat_write.c - a pstats file that pstats.Stats of every CPython from 2.7 on loads.
 *
 * A profile that was read from one has its table, which goes out value by value. Of any other one,
 * pstat_stacks.c makes a table from the stacks.
 */
#include "lost.h"
#include "marshal.h"
#include "pstat.h"

#include <stdio.h>

static void put_key(const struct pf_profile *p, struct pf_sink *out, pf_id func)
{
    const struct pf_func *f = &p->funcs.at[func];
    struct pf_str file = p->strs.at[f->file], name = p->strs.at[f->name];

    pf_marshal_put_tuple(out, 3);
    pf_marshal_put_str(out, file.s, file.len);
    pf_marshal_put_int(out, f->line);
    pf_marshal_put_str(out, name.s, name.len);
}

static void put_num(struct pf_sink *out, const struct pf_num *x)
{
    if (x->is_int)
        pf_marshal_put_int(out, x->i);
    else
        pf_marshal_put_float(out, x->d);
}

static void put_edge(const struct pf_profile *p, struct pf_sink *out, enum pf_edge_form form,
                     const struct pf_edge *e)
{
    put_key(p, out, e->caller);
    if (form != PF_EDGES_TIMED) {
        pf_marshal_put_int(out, e->nc);
        return;
    }
    pf_marshal_put_tuple(out, 4);
    pf_marshal_put_int(out, e->nc); /* here all calls come first */
    pf_marshal_put_int(out, e->cc);
    put_num(out, &e->tt);
    put_num(out, &e->ct);
}

static void put_row(const struct pf_profile *p, struct pf_sink *out, const struct pf_calls *calls,
                    const struct pf_call *c)
{
    put_key(p, out, c->func);
    pf_marshal_put_tuple(out, 5);
    pf_marshal_put_int(out, calls->swapped ? c->nc : c->cc);
    pf_marshal_put_int(out, calls->swapped ? c->cc : c->nc);
    put_num(out, &c->tt);
    put_num(out, &c->ct);
    pf_marshal_put_code(out, '{');
    for (uint32_t i = c->edge; i < c[1].edge; i++)
        put_edge(p, out, calls->form, &calls->edge[i]);
    pf_marshal_put_code(out, '0');
}

static void put_table(const struct pf_profile *p, struct pf_sink *out, const struct pf_calls *calls)
{
    static const char marker[] = "__sampled__";

    pf_marshal_put_code(out, '{');
    for (uint32_t i = 0; i < calls->n; i++)
        put_row(p, out, calls, &calls->at[i]);
    if (calls->form == PF_EDGES_SAMPLED) {
        pf_marshal_put_tuple(out, 1);
        pf_marshal_put_str(out, marker, sizeof marker - 1);
        pf_marshal_put_code(out, 'T');
    }
    pf_marshal_put_code(out, '0');
}

/* Marshal counts the bytes of a string in 31 bits, and a byte may become three. */
static bool names_fit(const struct pf_profile *p, struct pf_err *err)
{
    for (uint32_t i = 1; i < p->strs.n; i++)
        if (p->strs.at[i].len > INT32_MAX / 3)
            return pf_fail(err, PF_ELIMIT, "a name of %u bytes does not go into a pstats file",
                           p->strs.at[i].len),
                   false;
    return true;
}

void pf_pstat_lost_columns(const struct pf_profile *p, const struct pf_write *w, const int *kept,
                           int n_kept)
{
    char names[256];
    int n = 0, room = sizeof names;

    for (int k = 0; k < (int)p->types.n && n < room; k++) {
        bool lost = true;
        for (int i = 0; i < n_kept; i++)
            lost &= kept[i] != k;
        if (lost)
            n += snprintf(names + n, (size_t)(room - n), "%s'%.60s'", n ? ", " : "",
                          p->strs.at[p->types.at[k].name].s);
    }
    if (n)
        pf_lost(w, "the values of %s are lost", names);
    pf_lost_labels(w, p, "labels (threads, processes, ...) are lost: their samples are summed up");
}

static void tell_lost(const struct pf_profile *p, const struct pf_write *w)
{
    int kept[] = {pf_type_find(p, "time"), pf_type_find(p, "calls"),
                  pf_type_find(p, "primitive_calls"), -1};

    if (p->calls.form == PF_EDGES_SAMPLED)
        kept[3] = pf_type_find(p, "samples");
    pf_pstat_lost_columns(p, w, kept, sizeof kept / sizeof *kept);
}

int pf_pstat_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                   struct pf_err *err)
{
    struct pf_calls made = {0};

    if (!names_fit(p, err))
        return -1;
    if (p->calls.n) {
        tell_lost(p, w);
        put_table(p, out, &p->calls);
        return 0;
    }
    bool ok = pf_pstat_from_stacks(p, w, &made, err);
    if (ok)
        put_table(p, out, &made);
    pf_dealloc(p->mem, made.at);
    pf_dealloc(p->mem, made.edge);
    return ok ? 0 : -1;
}
