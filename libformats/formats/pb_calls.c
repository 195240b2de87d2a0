/* pb_calls.c - the raw pstats table as a CallTable message: columns of ticks, exact where they are
 * not. */
#include "pb.h"

#include "profile.pb-c.h"

#include <math.h>
#include <string.h>

/* ---- writing ---- */

/* The lists that stand beside the columns, by position. */
struct besides {
    double tick;
    struct pb_buf exact_at, exact_bits, int_at, part_at, part;
};

static uint64_t zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}

static void put_fixed(struct pb_buf *b, double d)
{
    uint64_t bits;
    uint8_t le[8];

    memcpy(&bits, &d, sizeof bits);
    for (int i = 0; i < 8; i++)
        le[i] = (uint8_t)(bits >> 8 * i);
    pb_bytes(b, le, sizeof le);
}

/* true, and the integer, when d is tick * integer, bit for bit */
static bool in_ticks(double d, double tick, int64_t *q)
{
    if (!(fabs(d) < 9e8))
        return false;
    *q = (int64_t)nearbyint(d / tick);

    double back = (double)*q * tick;
    return back == d && !(d == 0 && signbit(d)); /* 0 ticks are not -0.0 */
}

/* Old Pythons count microseconds, new ones nanoseconds: the coarser one where all of a few fit. */
static double pick_tick(const struct pf_calls *c)
{
    int64_t q;
    uint32_t seen = 0;

    for (uint32_t i = 0; i < c->n && seen < 64; i++) {
        if (c->at[i].tt.is_int || c->at[i].tt.d == 0)
            continue;
        seen++;
        if (!in_ticks(c->at[i].tt.d, 1e-6, &q))
            return 1e-9;
    }
    return 1e-6;
}

static void put_num(struct pb_buf *column, struct besides *x, const struct pf_calls *c,
                    const struct pf_num *num, uint32_t position)
{
    int64_t q = 0;

    if (num->is_int) {
        q = num->i;
        pb_varint(&x->int_at, position);
    } else if (!in_ticks(num->d, x->tick, &q)) {
        q = 0;
        pb_varint(&x->exact_at, position);
        put_fixed(&x->exact_bits, num->d);
    }
    pb_varint(column, zigzag(q));
    for (uint32_t i = 0; !num->is_int && i < num->parts; i++) {
        pb_varint(&x->part_at, position);
        put_fixed(&x->part, c->part[num->part + i]);
    }
}

static void flush_column(struct pb_buf *out, uint32_t number, struct pb_buf *column)
{
    if (column->n || column->failed)
        pb_message(out, number, column);
    column->n = 0;
}

/* The columns 5 to 10: one entry a row. */
static void put_rows(struct pb_buf *out, struct besides *x, const struct pf_calls *c,
                     const uint32_t *func_id)
{
    struct pb_buf col = {.mem = out->mem};

    for (uint32_t i = 0; i < c->n; i++)
        pb_varint(&col, func_id[c->at[i].func]);
    flush_column(out, 5, &col);
    for (uint32_t i = 0; i < c->n; i++)
        pb_varint(&col, zigzag(c->at[i].cc));
    flush_column(out, 6, &col);
    for (uint32_t i = 0; i < c->n; i++)
        pb_varint(&col, zigzag(c->at[i].nc));
    flush_column(out, 7, &col);
    for (uint32_t i = 0; i < c->n; i++)
        put_num(&col, x, c, &c->at[i].tt, 2 * i);
    flush_column(out, 8, &col);
    for (uint32_t i = 0; i < c->n; i++)
        put_num(&col, x, c, &c->at[i].ct, 2 * i + 1);
    flush_column(out, 9, &col);
    for (uint32_t i = 0; i < c->n; i++)
        pb_varint(&col, c->at[i + 1].edge - c->at[i].edge);
    flush_column(out, 10, &col);
    pf_dealloc(col.mem, col.at);
}

static void put_edges(struct pb_buf *out, struct besides *x, const struct pf_calls *c,
                      const uint32_t *func_id)
{
    struct pb_buf col = {.mem = out->mem};
    uint32_t base = 2 * c->n;

    for (uint32_t i = 0; i < c->n_edges; i++)
        pb_varint(&col, func_id[c->edge[i].caller]);
    flush_column(out, 11, &col);
    for (uint32_t i = 0; i < c->n_edges; i++)
        pb_varint(&col, zigzag(c->edge[i].cc));
    flush_column(out, 12, &col);
    for (uint32_t i = 0; i < c->n_edges; i++)
        pb_varint(&col, zigzag(c->edge[i].nc));
    flush_column(out, 13, &col);
    for (uint32_t i = 0; c->form == PF_EDGES_TIMED && i < c->n_edges; i++)
        put_num(&col, x, c, &c->edge[i].tt, base + 2 * i);
    flush_column(out, 14, &col);
    for (uint32_t i = 0; c->form == PF_EDGES_TIMED && i < c->n_edges; i++)
        put_num(&col, x, c, &c->edge[i].ct, base + 2 * i + 1);
    flush_column(out, 15, &col);
    pf_dealloc(col.mem, col.at);
}

int pb_write_calls(const struct pf_calls *c, struct pf_mem *m, struct pf_sink *out,
                   const uint32_t *func_id, struct pf_err *err)
{
    struct pb_buf table = {.mem = m}, head = {.mem = m};
    struct besides x = {pick_tick(c), {.mem = m}, {.mem = m}, {.mem = m}, {.mem = m}, {.mem = m}};
    struct pb_buf *lists[] = {&x.exact_at, &x.exact_bits, &x.int_at, &x.part_at, &x.part};

    pb_number(&table, 1, (uint64_t)c->form);
    pb_number(&table, 2, c->swapped);
    pb_number(&table, 3, c->runs);
    pb_tag(&table, 4, WIRE_I64);
    put_fixed(&table, x.tick);
    put_rows(&table, &x, c, func_id);
    put_edges(&table, &x, c, func_id);
    for (uint32_t i = 0; i < 5; i++)
        flush_column(&table, 16 + i, lists[i]);
    pb_tag(&head, PB_CALL_TABLE, WIRE_LEN);
    pb_varint(&head, table.n);
    bool failed = table.failed || head.failed;
    if (!failed) {
        pf_put(out, head.at, head.n);
        pf_put(out, table.at, table.n);
    }
    for (uint32_t i = 0; i < 5; i++)
        pf_dealloc(m, lists[i]->at);
    pf_dealloc(m, table.at);
    pf_dealloc(m, head.at);
    return failed ? pf_fail(err, PF_ENOMEM, "out of memory") : 0;
}

/* ---- reading ---- */

static int check_columns(struct pb_reading *r, const struct pf_field *f, const Pf__CallTable *t)
{
    size_t n = t->n_function_id, edges = 0, e = t->n_caller_id;
    bool timed = t->form == PF__CALL_TABLE__FORM__TIMED;

    if (t->form < 0 || (int)t->form > PF_EDGES_SAMPLED)
        return pb_fail(r, f->start, "call_table.form: %d is unknown", (int)t->form);
    if (t->n_cc != n || t->n_nc != n || t->n_tt != n || t->n_ct != n || t->n_n_callers != n)
        return pb_fail(r, f->start, "call_table: the columns of rows differ in length");
    if (t->n_edge_cc != e || t->n_edge_nc != e || t->n_edge_tt != (timed ? e : 0)
        || t->n_edge_ct != (timed ? e : 0))
        return pb_fail(r, f->start, "call_table: the columns of edges differ in length");
    for (size_t i = 0; i < n; i++)
        edges += t->n_callers[i];
    if (edges != e)
        return pb_fail(r, f->start, "call_table.n_callers: %zu edges, but %zu are there", edges, e);
    if (t->n_exact_at != t->n_exact_bits || t->n_part_at != t->n_part)
        return pb_fail(r, f->start, "call_table: a list of positions has another length");
    if (!(t->tick > 0) || !isfinite(t->tick))
        return pb_fail(r, f->start, "call_table.tick is not a positive number");
    return 0;
}

static struct pf_num *num_at(struct pf_calls *c, uint32_t position)
{
    uint32_t i = position / 2;

    if (i < c->n)
        return position % 2 ? &c->at[i].ct : &c->at[i].tt;
    i -= c->n;
    if (c->form != PF_EDGES_TIMED || i >= c->n_edges)
        return NULL;
    return position % 2 ? &c->edge[i].ct : &c->edge[i].tt;
}

static struct pf_num ticks(const Pf__CallTable *t, int64_t q)
{
    return (struct pf_num){.d = (double)q * t->tick};
}

static int make_rows(struct pb_reading *r, const struct pf_field *f, const Pf__CallTable *t)
{
    size_t e = 0;

    for (size_t i = 0; i < t->n_function_id; i++) {
        uint32_t at = pb_row(&r->funcs, t->function_id[i]);
        if (!at)
            return pb_fail(r, f->start, "call_table.function_id[%zu]: there is no function %llu", i,
                           (unsigned long long)t->function_id[i]);
        struct pf_call *row = pf_call_add(r->p, r->func[at]);
        if (!row)
            return -1;
        row->cc = t->cc[i];
        row->nc = t->nc[i];
        row->tt = ticks(t, t->tt[i]);
        row->ct = ticks(t, t->ct[i]);
        for (uint32_t k = 0; k < t->n_callers[i]; k++, e++) {
            at = pb_row(&r->funcs, t->caller_id[e]);
            if (!at)
                return pb_fail(r, f->start, "call_table.caller_id[%zu]: there is no function %llu",
                               e, (unsigned long long)t->caller_id[e]);
            struct pf_edge *edge = pf_edge_add(r->p, r->func[at]);
            if (!edge)
                return -1;
            edge->cc = t->edge_cc[e];
            edge->nc = t->edge_nc[e];
            if (t->n_edge_tt) {
                edge->tt = ticks(t, t->edge_tt[e]);
                edge->ct = ticks(t, t->edge_ct[e]);
            }
        }
    }
    return 0;
}

/* An int stands in its column as it is. */
static bool set_int(const Pf__CallTable *t, struct pf_calls *c, uint32_t position)
{
    struct pf_num *num = num_at(c, position);
    uint32_t i = position / 2;

    if (!num)
        return false;
    num->is_int = true;
    if (i < c->n)
        num->i = position % 2 ? t->ct[i] : t->tt[i];
    else
        num->i = position % 2 ? t->edge_ct[i - c->n] : t->edge_tt[i - c->n];
    return true;
}

static int read_besides(struct pb_reading *r, const struct pf_field *f, const Pf__CallTable *t)
{
    struct pf_calls *c = &r->p->calls;

    for (size_t i = 0; i < t->n_int_at; i++)
        if (!set_int(t, c, t->int_at[i]))
            return pb_fail(r, f->start, "call_table.int_at[%zu] is out of range", i);
    for (size_t i = 0; i < t->n_exact_at; i++) {
        struct pf_num *num = num_at(c, t->exact_at[i]);
        if (!num || num->is_int)
            return pb_fail(r, f->start, "call_table.exact_at[%zu] is out of range", i);
        memcpy(&num->d, &t->exact_bits[i], sizeof num->d);
        if (!isfinite(num->d))
            return pb_fail(r, f->start, "call_table.exact_bits[%zu] is not a finite number", i);
    }
    for (size_t i = 0; i < t->n_part_at; i++) {
        struct pf_num *num = num_at(c, t->part_at[i]);
        if (!num || num->is_int || num->parts == 40
            || (num->parts && t->part_at[i - 1] != t->part_at[i]))
            return pb_fail(r, f->start, "call_table.part_at[%zu] is out of range", i);
        if (!pf_grow(r->p->mem, &c->part, c->n_parts, &c->cap_parts, sizeof *c->part))
            return pb_no_memory(r);
        if (!num->parts++)
            num->part = c->n_parts;
        c->part[c->n_parts++] = t->part[i];
    }
    return 0;
}

int pb_read_calls(struct pb_reading *r, const struct pf_field *f)
{
    Pf__CallTable *t = pb_unpack(r, &pf__call_table__descriptor, f, "call_table", 0);
    int status = t ? check_columns(r, f, t) : -1;

    if (status == 0) {
        r->p->calls.form = (enum pf_edge_form)t->form;
        r->p->calls.swapped = t->swapped;
        r->p->calls.runs = t->runs;
        status = make_rows(r, f, t);
    }
    if (status == 0)
        status = read_besides(r, f, t);
    pb_unpack_done(r, t);
    return status;
}
