/* flame_data.c - a flame graph's tree as numbers for the script of its page. */
#include "flame_data.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MOMENTS = 1 << 18, NO_ROW = 0xffffffff };

struct packing {
    const struct pf_profile *p;
    const struct pf_flame_how *how;
    struct pf_flame_data *d;
    struct pf_mem *mem;
    struct pf_tree tree;
    struct pf_sink *out;
    struct pf_flame_cell *cell; /* row: of the tree; from put_nodes on the number in the file */
    uint32_t n;
    uint32_t *of_node; /* node of the tree -> cell */
    float *share;      /* of tree nodes: the largest over all columns */
    int64_t *self, *total;
    int64_t *column; /* of cells */
    int64_t *before; /* the column that was written last */
    /* rows that are used, and their texts */
    uint32_t *number; /* row -> its number in the file */
    struct pf_sink *texts;
    struct text {
        size_t at, len;
        uint32_t row;
    } * text;
    uint32_t n_text, small; /* small: the number of the row of cells without one */
    const char *bytes;
    struct pf_err *err;
};

static int no_memory(const struct packing *k)
{
    return pf_fail(k->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   k->mem->used / PF_MIB);
}

static void put_number(struct packing *k, uint64_t value)
{
    pf_flame_put_number(k->out, value);
}

/* ---- which nodes are kept ---- */

static int add_shares(struct packing *k, unsigned type, enum pf_part part)
{
    if (pf_tree_values(&k->tree, type, part, k->self, k->total, k->err))
        return -1;
    double whole = (double)k->total[0];
    for (uint32_t i = 0; i < k->tree.n; i++) {
        float share = whole > 0 ? (float)((double)k->total[i] / whole) : 0;
        k->share[i] = share > k->share[i] ? share : k->share[i];
    }
    return 0;
}

static int make_shares(struct packing *k)
{
    for (unsigned t = 0; t < k->d->types; t++)
        if (k->how->diff ? add_shares(k, k->d->type[t], PF_PART_NEW)
                               || add_shares(k, k->d->type[t], PF_PART_BASE)
                         : add_shares(k, k->d->type[t], PF_PART_GAINS))
            return -1;
    return 0;
}

static uint32_t nodes_over(const struct packing *k, float least)
{
    uint32_t n = 0;

    for (uint32_t i = 0, step; i < k->tree.n; i += step) {
        bool small = i && k->share[i] <= least;
        step = small ? k->tree.size[i] : 1;
        n += !small;
    }
    return n;
}

/* Small siblings become one cell without a row, so that the sum above them stays right; what has
 * no value at all is left out. */
static void keep(struct packing *k, float least, uint32_t *rest)
{
    const struct pf_tree *t = &k->tree;

    for (uint32_t i = 0, step; i < t->n; i += step) {
        uint32_t up = t->parent[i];
        step = 1;
        if (!i || k->share[i] > least) {
            k->of_node[i] = k->n;
            k->cell[k->n++] = (struct pf_flame_cell){t->row[i], t->depth[i]};
            continue;
        }
        step = t->size[i];
        if (k->share[i] <= 0) {
            k->of_node[i] = k->of_node[up];
        } else {
            if (!rest[up]) {
                rest[up] = k->n;
                k->cell[k->n++] = (struct pf_flame_cell){NO_ROW, t->depth[i]};
            }
            k->of_node[i] = rest[up];
            k->d->hidden += step;
        }
        for (uint32_t below = i + 1; below < i + step; below++)
            k->of_node[below] = k->of_node[i];
    }
}

static int choose_nodes(struct packing *k)
{
    float least = 0;
    uint32_t kept, *rest = pf_alloc_zero(k->mem, k->tree.n, sizeof *rest);

    while ((kept = nodes_over(k, least)) > PF_FLAME_NODES)
        least = least > 0 ? least * 2 : 1e-7f;
    /* there are no more cells for the rest than kept nodes above them */
    k->cell = pf_alloc(k->mem, 2 * (size_t)kept * sizeof *k->cell);
    if (rest && k->cell)
        keep(k, least, rest);
    pf_dealloc(k->mem, rest);
    return rest && k->cell ? 0 : no_memory(k);
}

/* ---- rows ---- */

static void put_text(struct packing *k, struct pf_speller *speller, const struct pf_row *row)
{
    struct pf_cell name = {0}, place = {0};

    pf_subject_cell(speller, row, PF_COL_NAME, &name);
    pf_put_ends(name.s, k->texts, pf_put_name);
    pf_subject_cell(speller, row, PF_COL_PLACE, &place);
    if (place.kind != PF_CELL_PLACE)
        return;
    pf_puts(k->texts, " (");
    pf_put_ends(place.s, k->texts, pf_put_name);
    if (place.i)
        pf_printf(k->texts, ":%" PRId64, place.i);
    pf_puts(k->texts, ")");
}

static size_t text_bytes(const struct packing *k)
{
    size_t len;

    pf_sink_bytes(k->texts, &len);
    return len;
}

static int by_bytes(const void *a, const void *b, void *arg)
{
    const struct text *x = a, *y = b;
    const char *bytes = arg;
    int c = memcmp(bytes + x->at, bytes + y->at, x->len < y->len ? x->len : y->len);

    if (c || x->len != y->len)
        return c ? c : x->len < y->len ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The rows that cells have: number[] first marks them. The one of cells without a row comes first.
 */
static void spell_rows(struct packing *k)
{
    struct pf_speller speller = {.names = k->p, .by = k->how->by};

    for (uint32_t i = 1; i < k->n; i++)
        if (k->cell[i].row != NO_ROW)
            k->number[k->cell[i].row] = 1;
    k->text[k->n_text++] = (struct text){.row = NO_ROW};
    pf_puts(k->texts, "(too small to be shown one by one)");
    for (uint32_t r = 0; r < k->tree.n_rows; r++) {
        if (!k->number[r])
            continue;
        pf_end_frame(k->texts);
        k->text[k->n_text - 1].len = text_bytes(k) - k->text[k->n_text - 1].at;
        k->text[k->n_text++] = (struct text){.at = text_bytes(k), .row = r};
        put_text(k, &speller, &k->tree.rows[r]);
    }
    pf_end_frame(k->texts);
    k->text[k->n_text - 1].len = text_bytes(k) - k->text[k->n_text - 1].at;
}

static void put_colors(struct packing *k, enum pf_flame_colors by)
{
    for (uint32_t i = 0; i < k->n_text; i++) {
        uint32_t row = k->text[i].row;
        put_number(k, row == NO_ROW ? PF_COLORS - 1
                                    : pf_flame_color(k->p, k->tree.rows[row].func, by));
    }
}

static void put_texts(struct packing *k)
{
    const struct text *before = NULL;

    for (uint32_t i = 0; i < k->n_text; i++) {
        const struct text *t = &k->text[i];
        const char *s = k->bytes + t->at;
        size_t same = 0;
        while (before && same < before->len && same < t->len
               && k->bytes[before->at + same] == s[same])
            same++;
        put_number(k, same);
        put_number(k, t->len - same);
        pf_put(k->out, s + same, t->len - same);
        before = t;
    }
}

static int put_rows(struct packing *k)
{
    size_t len;

    k->number = pf_alloc_zero(k->mem, k->tree.n_rows, sizeof *k->number);
    k->text = pf_alloc(k->mem, ((size_t)k->tree.n_rows + 1) * sizeof *k->text);
    k->texts = pf_create_mem(k->mem, PF_PLAIN, k->err);
    if (!k->number || !k->text || !k->texts)
        return no_memory(k);
    spell_rows(k);
    if (pf_sink_check(k->texts, k->err))
        return -1;
    k->bytes = (const char *)pf_sink_bytes(k->texts, &len);
    qsort_r(k->text, k->n_text, sizeof *k->text, by_bytes, (void *)(uintptr_t)k->bytes);
    put_number(k, k->n_text);
    put_number(k, k->n);
    put_texts(k);
    put_colors(k, PF_COLORS_MODULE);
    put_colors(k, PF_COLORS_PACKAGE);
    return 0;
}

/* ---- nodes ---- */

static int put_nodes(struct packing *k)
{
    for (uint32_t i = 0; i < k->n_text; i++) {
        if (k->text[i].row == NO_ROW)
            k->small = i;
        else
            k->number[k->text[i].row] = i;
    }
    for (uint32_t i = 0; i < k->n; i++) {
        uint32_t row = k->cell[i].row;
        k->cell[i].row = row == NO_ROW ? k->small : i ? k->number[row] : 0;
    }
    pf_flame_put_levels(k->cell, k->n, k->out);
    return pf_flame_put_calls(k->mem, k->cell, k->n, k->n_text, k->out) ? 0 : no_memory(k);
}

static int put_column(struct packing *k, unsigned type, enum pf_part part, int64_t times)
{
    if (pf_tree_values(&k->tree, type, part, k->self, k->total, k->err))
        return -1;
    memset(k->column, 0, k->n * sizeof *k->column);
    /* sums of these fit: they are parts of one that did */
    for (uint32_t i = 0; i < k->tree.n; i++)
        k->column[k->of_node[i]] += k->self[i] > 0 ? k->self[i] : 0;
    if (!pf_flame_scale(k->column, k->n, times))
        return pf_fail(k->err, PF_EVALUE, "the sum of all runs does not fit 64 bits");
    pf_flame_put_values(k->column, k->before, k->n, k->out);
    return 0;
}

/* Thousandths of q, rounded so that they are on the same side of the level as it is. */
static uint64_t thousandths(float q)
{
    return (uint64_t)(q > (float)PF_SURE_LEVEL ? ceilf(q * 1000) : floorf(q * 1000 + 0.5F));
}

/* Cells were made in the order of the first node that each stands for. */
static void put_q(struct packing *k, const float *q)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < k->tree.n; i++) {
        if (k->of_node[i] != next)
            continue;
        bool alone = i == 0 || k->cell[next].row != k->small, tested = alone && q[i] <= 1;
        next++;
        put_number(k, tested ? thousandths(q[i]) : 1001);
    }
}

static int put_sides(struct packing *k, unsigned type)
{
    struct pf_sure sure;
    int64_t times[2];

    if (pf_sure_make(&k->tree, type, &sure, k->err))
        return -1;
    pf_flame_runs(&sure, times);
    int failed = put_column(k, type, PF_PART_NEW, times[PF_NEW])
                 || put_column(k, type, PF_PART_BASE, times[PF_BASE]);
    if (!failed && sure.q)
        put_q(k, sure.q);
    if (type == k->how->type) {
        k->d->sure = sure;
        k->d->sure.q = NULL;
    }
    pf_dealloc(k->mem, sure.q);
    return failed ? -1 : 0;
}

static int put_columns(struct packing *k)
{
    k->column = pf_alloc(k->mem, k->n * sizeof *k->column);
    k->before = pf_alloc_zero(k->mem, k->n, sizeof *k->before);
    if (!k->column || !k->before)
        return no_memory(k);
    for (unsigned t = 0; t < k->d->types; t++)
        if (k->how->diff ? put_sides(k, k->d->type[t])
                         : put_column(k, k->d->type[t], PF_PART_GAINS, 1))
            return -1;
    return 0;
}

/* ---- samples in time ---- */

struct moment {
    int64_t time;
    uint32_t sample, thread;
};

static bool is_time(const struct pf_profile *p, pf_id label)
{
    struct pf_str key = p->strs.at[p->labels.at[label].key];

    return p->labels.at[label].kind == PF_LABEL_NUM && key.len == 4
           && memcmp(key.s, "time", 4) == 0;
}

/* Samples whose other labels are the same follow one another; `thread` is the first of these. */
static bool moment_of(const struct pf_profile *p, uint32_t sample, struct moment *m)
{
    pf_id set = p->samples.labels[sample];
    bool timed = false;

    *m = (struct moment){.sample = sample};
    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        pf_id label = p->sets.item[i];
        if (is_time(p, label)) {
            m->time = p->labels.at[label].num;
            timed = true;
        } else {
            m->thread = m->thread * 31 + label;
        }
    }
    return timed;
}

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    if (x->thread != y->thread)
        return x->thread < y->thread ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->sample > y->sample) - (x->sample < y->sample);
}

static int put_moments(struct packing *k)
{
    const struct pf_profile *p = k->p;
    const int64_t *value = p->samples.value[k->how->type];
    bool few = p->samples.n <= MOST_MOMENTS && !k->how->diff;
    struct moment *m = few ? pf_alloc(k->mem, ((size_t)p->samples.n + 1) * sizeof *m) : NULL;
    uint32_t n = 0;

    if (few && !m)
        return no_memory(k);
    for (uint32_t i = 0; few && i < p->samples.n; i++)
        if (value[i] > 0 && moment_of(p, i, &m[n]))
            n++;
    if (n)
        qsort(m, n, sizeof *m, by_time);
    put_number(k, n);
    for (uint32_t i = 0; i < n; i++)
        put_number(k, k->of_node[k->tree.of_sample[m[i].sample]]);
    for (uint32_t i = 0; i < n; i++)
        put_number(k, (uint64_t)value[m[i].sample]);
    pf_dealloc(k->mem, m);
    k->d->in_time = n > 0;
    return 0;
}

/* ---- all of it ---- */

/* The columns that have a width: those whose values add up, and are over 0 somewhere. */
static int choose_types(struct packing *k)
{
    const struct pf_profile *p = k->p;

    for (unsigned t = 0; t < p->types.n; t++) {
        bool any = false;
        for (uint32_t i = 0; i < p->samples.n && !any; i++)
            any = p->samples.value[t][i] > 0 || (k->how->diff && p->samples.value[t][i] < 0);
        if (p->types.at[t].kind == PF_PEAK || p->types.at[t].kind == PF_FIXED || !any)
            continue;
        if (t == k->how->type)
            k->d->shown = k->d->types;
        k->d->type[k->d->types++] = t;
    }
    for (uint32_t i = 0; i < p->samples.n && !k->how->diff; i++)
        if (p->samples.value[k->how->type][i] < 0)
            k->d->negative += (double)p->samples.value[k->how->type][i];
    return 0;
}

static int pack(struct packing *k)
{
    if (choose_types(k) || pf_tree_make(k->p, k->how->by, k->how->inverted, &k->tree, k->err))
        return -1;
    size_t n = k->tree.n;
    k->of_node = pf_alloc(k->mem, n * sizeof *k->of_node);
    k->share = pf_alloc_zero(k->mem, n, sizeof *k->share);
    k->self = pf_alloc(k->mem, n * sizeof *k->self);
    k->total = pf_alloc(k->mem, n * sizeof *k->total);
    if (!k->of_node || !k->share || !k->self || !k->total)
        return no_memory(k);
    if (make_shares(k) || choose_nodes(k) || put_rows(k))
        return -1;
    if (put_nodes(k) || put_columns(k) || put_moments(k))
        return -1;
    k->d->nodes = k->n;
    return pf_sink_check(k->out, k->err);
}

int pf_flame_data_put(const struct pf_profile *p, const struct pf_flame_how *how,
                      struct pf_flame_data *d, struct pf_sink *out, struct pf_err *err)
{
    struct packing k = {.p = p, .how = how, .d = d, .mem = p->mem, .out = out, .err = err};

    *d = (struct pf_flame_data){0};
    int failed = pack(&k);
    pf_abandon(k.texts);
    void *blocks[] = {k.cell,   k.of_node, k.share,  k.self, k.total,
                      k.column, k.before,  k.number, k.text};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(k.mem, blocks[i]);
    pf_tree_free(&k.tree);
    return failed ? -1 : 0;
}
