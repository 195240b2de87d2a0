/* flame_columns.c - the columns of a flame graph's page, as small as they are quickly read. */
#include "flame_data.h"

#include "core.h"

#include <string.h>

void pf_flame_put_number(struct pf_sink *out, uint64_t value)
{
    uint8_t buf[10];
    size_t n = 0;

    for (; value >= 0x80; value >>= 7)
        buf[n++] = (uint8_t)(value | 0x80);
    buf[n++] = (uint8_t)value;
    pf_put(out, buf, n);
}

void pf_flame_put_levels(const struct pf_flame_cell *cell, uint32_t n, struct pf_sink *out)
{
    for (uint32_t i = 0; i < n; i++)
        pf_flame_put_number(out, i ? cell[i - 1].depth + 1 - cell[i].depth : 0);
}

/* ---- rows: few functions call many, so a place among the callees is a small number ---- */

struct calls {
    struct pf_mem *mem;
    struct pf_pairs place; /* caller and callee -> the place among the caller's callees, from 1 */
    uint32_t *callees;     /* of each row, so far */
    uint32_t *path;        /* the row at each depth */
    uint32_t *first;       /* callees in the order in which their callers first call them */
    uint32_t n_first;
};

static bool put_place(struct calls *c, const struct pf_flame_cell *cell, struct pf_sink *out)
{
    uint32_t caller = c->path[cell->depth - 1];
    struct pf_pair *pair = pf_pairs_find(c->mem, &c->place, caller, cell->row);

    if (!pair)
        return false;
    pf_flame_put_number(out, pair->id);
    if (!pair->id) {
        *pair = (struct pf_pair){caller, cell->row, ++c->callees[caller]};
        c->place.n++;
        c->first[c->n_first++] = cell->row;
    }
    c->path[cell->depth] = cell->row;
    return true;
}

static uint32_t deepest(const struct pf_flame_cell *cell, uint32_t n)
{
    uint32_t depth = 0;

    for (uint32_t i = 0; i < n; i++)
        depth = cell[i].depth > depth ? cell[i].depth : depth;
    return depth;
}

bool pf_flame_put_calls(struct pf_mem *mem, const struct pf_flame_cell *cell, uint32_t n,
                        uint32_t rows, struct pf_sink *out)
{
    struct calls c = {.mem = mem,
                      .callees = pf_alloc_zero(mem, rows, sizeof *c.callees),
                      .path = pf_alloc_zero(mem, (size_t)deepest(cell, n) + 1, sizeof *c.path),
                      .first = pf_alloc(mem, (size_t)n * sizeof *c.first)};
    bool good = c.callees && c.path && c.first;

    for (uint32_t i = 1; good && i < n; i++)
        good = put_place(&c, &cell[i], out);
    for (uint32_t i = 0; good && i < c.n_first; i++)
        pf_flame_put_number(out, c.first[i]);
    pf_pairs_free(mem, &c.place);
    pf_dealloc(mem, c.callees);
    pf_dealloc(mem, c.path);
    pf_dealloc(mem, c.first);
    return good;
}

/* ---- values: as multiples of what they have in common, a period perhaps ---- */

static int64_t common_divisor(const int64_t *value, uint32_t n)
{
    int64_t common = 0;

    for (uint32_t i = 0; i < n && common != 1; i++)
        for (int64_t rest = value[i]; rest;) {
            int64_t next = common % rest;
            common = rest;
            rest = next;
        }
    return common ? common : 1;
}

void pf_flame_put_values(int64_t *value, int64_t *before, uint32_t n, struct pf_sink *out)
{
    int64_t unit = common_divisor(value, n);

    for (uint32_t i = 0; i < n; i++)
        value[i] /= unit;
    bool same = memcmp(value, before, n * sizeof *value) == 0;
    pf_flame_put_number(out, (uint64_t)unit);
    pf_flame_put_number(out, same);
    for (uint32_t i = 0; i < n && !same; i++)
        pf_flame_put_number(out, (uint64_t)value[i]);
    memcpy(before, value, n * sizeof *value);
}
