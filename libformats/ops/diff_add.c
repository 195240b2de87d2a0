/* diff_add.c - the rows of a run, and what they are joined by. */
#include "diff.h"

#include <string.h>

static pf_id copy_str(struct pf_profile *to, const struct pf_profile *from, pf_id str)
{
    return pf_str(to, from->strs.at[str].s, from->strs.at[str].len);
}

static pf_id place_of(struct pf_adding *a, pf_id file)
{
    if (!a->place[file])
        a->place[file] = pf_place_key(a->d->h->keys, a->p->strs.at[file], a->d->how.by);
    return a->place[file];
}

static bool has_names(const struct pf_adding *a)
{
    return a->d->how.by != PF_BY_FILE && a->d->how.by != PF_BY_MODULE;
}

/* Without a function, the name of the frame, which may be "", stands for it. */
static pf_id copy_label(const struct pf_adding *a, struct pf_profile *to, pf_id frame)
{
    char label[PF_LABEL_MAX + 1];

    return pf_str(to, label, pf_frame_label(a->p, frame, label));
}

/* A function without a name is all of its file: only the line tells its frames apart. */
static bool is_bare_line(const struct pf_adding *a, pf_id func)
{
    return func && !a->p->funcs.at[func].name
           && (a->d->how.by == PF_BY_LINE || a->d->how.by == PF_BY_STACK);
}

/* What rows of this function are joined by, lines aside where it has a name. */
pf_id pf_diff_group(struct pf_adding *a, pf_id func, pf_id frame, int64_t line)
{
    const struct pf_func *f = &a->p->funcs.at[func];
    struct pf_profile *keys = a->d->h->keys;

    if (is_bare_line(a, func))
        return pf_line_key(keys, a->p->strs.at[f->file], line);

    pf_id place = place_of(a, f->file);

    if (!func)
        return pf_func(keys, copy_label(a, keys, frame), place, 0);
    if (a->side == PF_BASE && a->d->how.maps.n) {
        struct pf_str name = has_names(a) ? a->p->strs.at[f->name] : (struct pf_str){""};
        pf_id mapped =
            pf_map_group(&a->d->how.maps, keys, a->d->how.by, name, a->p->strs.at[f->file]);
        if (mapped)
            return mapped;
    }
    return pf_func(keys, has_names(a) ? pf_plain_name(keys, copy_str(keys, a->p, f->name)) : 0,
                   place, 0);
}

static pf_id copy_func(struct pf_adding *a, pf_id func, pf_id frame)
{
    const struct pf_func *f = &a->p->funcs.at[func];
    struct pf_profile *names = a->d->names;

    if (!func) {
        pf_id label = copy_label(a, names, frame);
        return label ? pf_func(names, label, has_names(a) ? 0 : label, 0) : 0;
    }
    return pf_func(names, copy_str(names, a->p, f->name), copy_str(names, a->p, f->file), f->line);
}

/* Stacks are joined frame by frame, without lines: parents come before their children. */
static int map_stacks(struct pf_adding *a)
{
    const struct pf_profile *p = a->p;
    struct pf_mem *m = a->d->h->mem;

    if (a->d->how.by != PF_BY_STACK)
        return 0;
    a->key = pf_alloc_zero(m, p->stacks.n, sizeof *a->key);
    a->stack = pf_alloc_zero(m, p->stacks.n, sizeof *a->stack);
    if (!a->key || !a->stack)
        return pf_diff_no_memory(a->d, a->err);
    for (pf_id s = 1; s < p->stacks.n; s++) {
        pf_id frame = p->stacks.frame[s], up = p->stacks.parent[s];
        const struct pf_frame *f = &p->frames.at[frame];
        pf_id key = pf_frame(a->d->h->keys, pf_diff_group(a, f->func, frame, f->line), 0);
        pf_id name = pf_frame(a->d->names, copy_func(a, f->func, frame), f->line);
        a->key[s] = pf_stack(a->d->h->keys, a->key[up], key);
        a->stack[s] = pf_stack(a->d->names, a->stack[up], name);
    }
    return 0;
}

static struct pf_half *half_of(struct pf_adding *a, const struct pf_row *row)
{
    struct pf_diff_hidden *h = a->d->h;
    bool whole = a->d->how.by == PF_BY_STACK;
    pf_id group = whole ? a->key[row->stack] : pf_diff_group(a, row->func, row->frame, row->line);
    pf_id entry = whole ? group : pf_frame(h->keys, group, row->line);

    struct pf_pair *slot = pf_pairs_find(h->mem, &h->index, entry, (pf_id)a->side);
    if (!slot || (!slot->id && !pf_grow(h->mem, &h->half, h->n, &h->cap, sizeof *h->half)))
        return NULL;
    if (!slot->id) {
        h->half[h->n] = (struct pf_half){
            .join = {.group = group,
                     .line = whole ? 0 : row->line,
                     .mate = PF_NO_MATE,
                     .exact = is_bare_line(a, row->func)},
            .side = a->side,
            .func = copy_func(a, row->func, row->frame),
            .stack = whole ? a->stack[row->stack] : 0,
        };
        *slot = (struct pf_pair){entry, (pf_id)a->side, ++h->n};
        h->index.n++;
    }
    return &h->half[slot->id - 1];
}

/* Two rows of one run that are joined by the same are one. */
static bool combine(enum pf_kind kind, int64_t *to, int64_t value)
{
    if (kind == PF_SUM || kind == PF_GAUGE)
        return pf_add64(*to, value, to);
    *to = *to > value ? *to : value;
    return true;
}

static int add_row(struct pf_adding *a, const struct pf_row *row)
{
    struct pf_diff_hidden *h = a->d->h;
    enum pf_kind kind = (enum pf_kind)a->d->type.kind;
    struct pf_half *half = half_of(a, row);

    if (!half)
        return pf_diff_no_memory(a->d, a->err);
    if (half->run != h->n_runs + 1) {
        if (!pf_grow(h->mem, &h->entry, h->n_entries, &h->cap_entries, sizeof *h->entry))
            return pf_diff_no_memory(a->d, a->err);
        half->run = h->n_runs + 1;
        half->first = h->n_entries++;
        half->n++;
        h->entry[half->first] = (struct pf_entry){
            (uint32_t)(half - h->half), h->n_runs, {row->flat, row->cum, row->calls}};
        return 0;
    }
    struct pf_diff_value *v = &h->entry[half->first].v;
    if (combine(kind, &v->flat, row->flat) && combine(kind, &v->cum, row->cum)
        && pf_add64(v->calls, row->calls, &v->calls))
        return 0;
    return pf_fail(a->err, PF_EVALUE, "the sum of '%.100s' does not fit 64 bits",
                   pf_str_at(a->p, a->p->funcs.at[row->func].name).s);
}

static int add_rows(struct pf_adding *a, const struct pf_rows *rows)
{
    struct pf_diff *d = a->d;

    a->place = pf_alloc_zero(d->h->mem, a->p->strs.n, sizeof *a->place);
    if (!a->place)
        return pf_diff_no_memory(d, a->err);
    if (map_stacks(a))
        return -1;
    for (uint32_t i = 0; i < rows->n; i++)
        if (add_row(a, &rows->at[i]))
            return -1;
    return d->h->keys->err.code || d->names->err.code ? pf_diff_no_memory(d, a->err) : 0;
}

int pf_diff_add_rows(struct pf_diff *d, enum pf_side side, const struct pf_profile *p,
                     const struct pf_rows *rows, struct pf_err *err)
{
    struct pf_adding a = {.d = d, .p = p, .side = side, .err = err};
    int failed = add_rows(&a, rows);

    pf_dealloc(d->h->mem, a.place);
    pf_dealloc(d->h->mem, a.key);
    pf_dealloc(d->h->mem, a.stack);
    return failed;
}
