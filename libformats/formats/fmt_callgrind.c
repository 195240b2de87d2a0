/*
 * fmt_callgrind.c - callgrind's format, for callgrind_annotate and KCachegrind: what each line of
 * each function cost, and what it called.
 *
 * Functions and files are numbered when they first come, "(1) name", and numbers from then on.
 */
#include "callgrind.h"
#include "lost.h"
#include "names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct writing {
    struct callgrind *g;
    const struct pf_profile *p;
    struct pf_sink *out;
    struct pf_names names;
    uint32_t *node_number, *file_number; /* 0: not yet */
    uint32_t n_nodes, n_files;
};

/* ---- order ---- */

static uint32_t rank_of(const struct callgrind *g, pf_id node)
{
    uint32_t n = g->p->funcs.n;

    return node < n ? g->order.funcs.rank[node] : n + g->order.frames.rank[node - n];
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_line(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int cost_order(const void *a, const void *b, void *arg)
{
    const struct cg_cost *x = a, *y = b;
    int c = compare(rank_of(arg, x->node), rank_of(arg, y->node));

    c = c ? c : by_line(x->line, y->line);
    return c ? c : by_line(x->value, y->value);
}

static int call_order(const void *a, const void *b, void *arg)
{
    const struct cg_call *x = a, *y = b;
    int c = compare(rank_of(arg, x->node), rank_of(arg, y->node));

    c = c ? c : by_line(x->line, y->line);
    c = c ? c : compare(rank_of(arg, x->callee), rank_of(arg, y->callee));
    c = c ? c : by_line(x->value, y->value);
    return c ? c : by_line(x->count, y->count);
}

static void sort(struct callgrind *g)
{
    if (g->n_costs)
        qsort_r(g->cost, g->n_costs, sizeof *g->cost, cost_order, g);
    if (g->n_calls)
        qsort_r(g->call, g->n_calls, sizeof *g->call, call_order, g);
}

/* ---- names ---- */

static void put_file(struct writing *w, const char *key, pf_id node)
{
    pf_id file = node < w->p->funcs.n ? w->p->funcs.at[node].file : 0;
    struct pf_str s = w->p->strs.at[file];
    bool known = w->file_number[file];

    if (!known)
        w->file_number[file] = ++w->n_files;
    pf_printf(w->out, "%s=(%" PRIu32 ")", key, w->file_number[file]);
    if (!known) {
        pf_put(w->out, " ", 1);
        pf_put_callgrind(w->out, s.s, s.len);
    }
    pf_put(w->out, "\n", 1);
}

static void put_node(struct writing *w, const char *key, pf_id node)
{
    uint32_t n = w->p->funcs.n;
    char label[PF_LABEL_MAX + 1];
    struct pf_str s = {label, 0, 0};
    bool known = w->node_number[node];

    if (!known)
        w->node_number[node] = ++w->n_nodes;
    pf_printf(w->out, "%s=(%" PRIu32 ")", key, w->node_number[node]);
    if (!known) {
        if (node < n)
            s = w->names.strings->strs.at[w->names.of[node]];
        else
            s.len = (uint32_t)pf_frame_label(w->p, node - n, label);
        pf_put(w->out, " ", 1);
        pf_put_callgrind(w->out, s.s, s.len);
    }
    pf_put(w->out, "\n", 1);
}

/* ---- the body ---- */

static int64_t line_of(int64_t line)
{
    return line > 0 ? line : 0; /* a sign would make it relative */
}

static void put_call(struct writing *w, const struct cg_call *c)
{
    int64_t to = c->callee < w->p->funcs.n ? w->p->funcs.at[c->callee].line : 0;

    put_file(w, "cfi", c->callee);
    put_node(w, "cfn", c->callee);
    pf_printf(w->out, "calls=%" PRId64 " %" PRId64 "\n%" PRId64 " %" PRId64 "\n", c->count,
              line_of(to), line_of(c->line), c->value);
}

static void put_function(struct writing *w, pf_id node, uint32_t *cost, uint32_t *call)
{
    const struct callgrind *g = w->g;

    pf_put(w->out, "\n", 1);
    put_file(w, "fl", node);
    put_node(w, "fn", node);
    for (; *cost < g->n_costs && g->cost[*cost].node == node; ++*cost)
        pf_printf(w->out, "%" PRId64 " %" PRId64 "\n", line_of(g->cost[*cost].line),
                  g->cost[*cost].value);
    for (; *call < g->n_calls && g->call[*call].node == node; ++*call)
        put_call(w, &g->call[*call]);
}

static void put_body(struct writing *w)
{
    const struct callgrind *g = w->g;
    uint32_t cost = 0, call = 0;

    while (cost < g->n_costs || call < g->n_calls) {
        bool by_call = cost == g->n_costs
                       || (call < g->n_calls
                           && rank_of(g, g->call[call].node) < rank_of(g, g->cost[cost].node));
        put_function(w, by_call ? g->call[call].node : g->cost[cost].node, &cost, &call);
    }
}

/* ---- all of it ---- */

/* Names of events are words. */
static void put_event(struct writing *w)
{
    struct pf_str s = w->p->strs.at[w->p->types.at[w->g->type].name];
    char word[64];
    size_t n = 0;

    for (; n < s.len && n + 1 < sizeof word; n++) {
        char c = s.s[n];
        bool good = (c >= '0' && c <= '9') || ((unsigned)(c | 0x20) - 'a') < 26;
        word[n] = '_';
        if (good)
            word[n] = c;
    }
    word[n] = '\0';
    pf_puts(w->out, n ? word : "value");
}

static void put_head(struct writing *w)
{
    const struct pf_profile *p = w->p;
    const struct pf_type *t = &p->types.at[w->g->type];
    struct pf_str command = p->strs.at[p->command], name = p->strs.at[t->name];

    pf_puts(w->out, "# callgrind format\nversion: 1\ncreator: profpipe\n");
    if (command.len) {
        pf_puts(w->out, "cmd: ");
        pf_put_callgrind(w->out, command.s, command.len);
        pf_puts(w->out, "\n");
    }
    pf_puts(w->out, "positions: line\nevent: ");
    put_event(w);
    pf_puts(w->out, " : ");
    pf_put_callgrind(w->out, name.s, name.len);
    pf_puts(w->out, " (");
    pf_put_name(w->out, p->strs.at[t->unit].s, p->strs.at[t->unit].len);
    pf_puts(w->out, ")\nevents: ");
    put_event(w);
    pf_printf(w->out, "\nsummary: %" PRId64 "\n", w->g->total);
}

static void tell_lost(const struct callgrind *g, const struct pf_write *how)
{
    const struct pf_profile *p = g->p;

    pf_lost_types(how, p, g->type, g->counted ? pf_type_find(p, "calls") : -1);
    pf_lost_kind(how, p, g->type, "readers of callgrind files");
    pf_lost_labels(how, p, "labels are not kept");
    if (g->shrunk)
        pf_lost(how, "what is below zero is not kept (%" PRId64 " in all)", g->shrunk);
    if (g->n_calls && !g->counted)
        pf_lost(how, "there are no numbers of calls: those of samples are written");
    if (g->n_calls && g->apportioned)
        pf_lost(how, "what a call took is its share of the function's time by number");
    if (g->n_calls && !g->from_table && p->stack_kind == PF_EDGE_ONLY)
        pf_lost(how, "calls hold what the function itself took, without its callees");
}

static int write_graph(struct callgrind *g, struct pf_sink *out, const struct pf_write *how)
{
    struct pf_mem *m = g->p->mem;
    struct writing w = {.g = g, .p = g->p, .out = out};
    int status = -1;

    w.node_number = pf_alloc_zero(m, (size_t)g->p->funcs.n + g->p->frames.n, sizeof *w.node_number);
    w.file_number = pf_alloc_zero(m, g->p->strs.n, sizeof *w.file_number);
    if (w.node_number && w.file_number && pf_names_make(g->p, &g->order.funcs, &w.names)) {
        sort(g);
        put_head(&w);
        put_body(&w);
        pf_printf(out, "\ntotals: %" PRId64 "\n", g->total);
        tell_lost(g, how);
        status = 0;
    } else {
        cg_no_memory(g);
    }
    pf_names_free(g->p, &w.names);
    pf_dealloc(m, w.node_number);
    pf_dealloc(m, w.file_number);
    return status;
}

static int callgrind_write(const struct pf_profile *p, struct pf_sink *out,
                           const struct pf_write *how, struct pf_err *err)
{
    struct callgrind g = {.p = p, .err = err};
    int status;

    if (p->types.n == 0)
        return pf_fail(err, PF_EVALUE, "a profile without sample types has no costs");
    if (how && how->type >= 0 && (uint32_t)how->type < p->types.n)
        g.type = (unsigned)how->type;
    if (!pf_order_frames(p, &g.order))
        status = cg_no_memory(&g);
    else
        status = cg_has_table(&g) ? cg_from_table(&g) : cg_from_stacks(&g);
    if (status == 0)
        status = write_graph(&g, out, how);
    pf_order_free(p, &g.order);
    pf_dealloc(p->mem, g.cost);
    pf_dealloc(p->mem, g.call);
    return status;
}

const struct pf_format pf_format_callgrind = {
    .name = "callgrind",
    .title = "callgrind's format, for KCachegrind and callgrind_annotate",
    .suffix = ".callgrind",
    .packing = PF_PLAIN,
    .one_value = true,
    .write = callgrind_write,
};
