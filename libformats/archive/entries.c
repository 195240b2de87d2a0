/* entries.c - what the manifest says of profiles, as tables. */
#include "ar.h"

#include <stdlib.h>
#include <string.h>

int ar_entries_init(struct pf_mem *m, struct pf_entries *e, struct pf_err *err)
{
    *e = (struct pf_entries){.names = pf_new(m)};
    return e->names ? 0 : ar_no_memory(err);
}

void ar_entries_free(struct pf_entries *e)
{
    if (!e->names)
        return;
    pf_dealloc(e->names->mem, e->at);
    pf_dealloc(e->names->mem, e->label);
    pf_dealloc(e->names->mem, e->type);
    pf_free(e->names);
    *e = (struct pf_entries){0};
}

struct pf_entry *ar_entry_new(struct pf_entries *e, struct pf_err *err)
{
    if (!pf_grow(e->names->mem, (void *)&e->at, e->n, &e->cap, sizeof *e->at)) {
        ar_no_memory(err);
        return NULL;
    }
    e->at[e->n] = (struct pf_entry){.label = e->n_labels, .type = e->n_types};
    return &e->at[e->n++];
}

void ar_entry_drop(struct pf_entries *e)
{
    const struct pf_entry *last = &e->at[--e->n];

    e->n_labels = last->label;
    e->n_types = last->type;
}

static pf_id name_of(struct pf_entries *e, const char *s, size_t len)
{
    return pf_str(e->names, s, len);
}

static struct pf_str text(const struct pf_entries *e, pf_id id)
{
    return e->names->strs.at[id];
}

static int text_cmp(struct pf_str a, struct pf_str b)
{
    int c = memcmp(a.s, b.s, a.len < b.len ? a.len : b.len);

    return c ? c : (a.len > b.len) - (a.len < b.len);
}

/* Puts the label where it belongs; those of the last entry only can grow. */
int ar_entry_label(struct pf_entries *e, struct pf_entry *to, struct pf_str key,
                   struct pf_str value, struct pf_err *err)
{
    if (!pf_grow(e->names->mem, (void *)&e->label, e->n_labels, &e->cap_labels, sizeof *e->label))
        return ar_no_memory(err);

    struct pf_entry_label new = {name_of(e, key.s, key.len), name_of(e, value.s, value.len)};
    uint32_t at = to->label + to->n_labels;
    if (e->names->err.code)
        return ar_no_memory(err);
    for (; at > to->label; at--) {
        int c = text_cmp(text(e, new.key), text(e, e->label[at - 1].key));
        if (c == 0)
            return pf_fail(err, PF_EVALUE, "the label '%.100s' is given twice", text(e, new.key).s);
        if (c > 0)
            break;
        e->label[at] = e->label[at - 1];
    }
    e->label[at] = new;
    e->n_labels++;
    to->n_labels++;
    return 0;
}

int ar_entry_type(struct pf_entries *e, struct pf_entry *to, const struct pf_entry_type *t,
                  struct pf_err *err)
{
    if (!pf_grow(e->names->mem, (void *)&e->type, e->n_types, &e->cap_types, sizeof *e->type))
        return ar_no_memory(err);
    e->type[e->n_types++] = *t;
    to->n_types++;
    return 0;
}

/* As profinfo tells it: the sum, or the largest where sums mean nothing. */
static int total_of(const struct pf_profile *p, uint32_t k, int64_t *total, struct pf_err *err)
{
    const int64_t *v = p->samples.value[k];
    bool largest = p->types.at[k].kind == PF_PEAK || p->types.at[k].kind == PF_FIXED;

    *total = 0;
    for (uint32_t i = 0; i < p->samples.n; i++)
        if (largest)
            *total = i && *total > v[i] ? *total : v[i];
        else if (!pf_add64(*total, v[i], total))
            return pf_fail(err, PF_EVALUE, "the total of '%.100s' does not fit 64 bits",
                           pf_str_at(p, p->types.at[k].name).s);
    return 0;
}

/* In the order in which the common format has them: the default first, then by name and unit. */
static void order_types(const struct pf_entries *e, const struct pf_entry *to)
{
    struct pf_entry_type *t = e->type + to->type;

    for (uint32_t k = 2; k < to->n_types; k++) {
        struct pf_entry_type moved = t[k];
        uint32_t at = k;
        for (; at > 1; at--) {
            int c = text_cmp(text(e, moved.name), text(e, t[at - 1].name));
            if (c > 0 || (c == 0 && text_cmp(text(e, moved.unit), text(e, t[at - 1].unit)) >= 0))
                break;
            t[at] = t[at - 1];
        }
        t[at] = moved;
    }
}

int ar_entry_describe(struct pf_entries *e, struct pf_entry *to, const struct pf_profile *p,
                      struct pf_err *err)
{
    to->time_ns = p->time_ns;
    to->version = PB_MAJOR;
    for (uint32_t k = 0; k < p->types.n; k++) {
        struct pf_str name = pf_str_at(p, p->types.at[k].name);
        struct pf_str unit = pf_str_at(p, p->types.at[k].unit);
        struct pf_entry_type t = {name_of(e, name.s, name.len), name_of(e, unit.s, unit.len),
                                  (enum pf_kind)p->types.at[k].kind, 0};
        if (total_of(p, k, &t.total, err) < 0 || ar_entry_type(e, to, &t, err) < 0)
            return -1;
    }
    order_types(e, to);
    return e->names->err.code ? ar_no_memory(err) : 0;
}

int ar_entry_copy(struct pf_entries *to, const struct pf_entries *from, uint32_t i,
                  struct pf_err *err)
{
    const struct pf_entry *f = &from->at[i];
    struct pf_entry *t = ar_entry_new(to, err);

    if (!t)
        return -1;
    memcpy(t->hash, f->hash, PF_HASH);
    t->size = f->size;
    t->time_ns = f->time_ns;
    t->version = f->version;
    for (uint32_t k = 0; k < f->n_labels; k++) {
        struct pf_str key = text(from, from->label[f->label + k].key);
        struct pf_str value = text(from, from->label[f->label + k].value);
        if (ar_entry_label(to, t, key, value, err) < 0)
            return -1;
    }
    for (uint32_t k = 0; k < f->n_types; k++) {
        struct pf_entry_type type = from->type[f->type + k];
        struct pf_str name = text(from, type.name), unit = text(from, type.unit);
        type.name = name_of(to, name.s, name.len);
        type.unit = name_of(to, unit.s, unit.len);
        if (ar_entry_type(to, t, &type, err) < 0)
            return -1;
    }
    return to->names->err.code ? ar_no_memory(err) : 0;
}

int ar_entry_cmp(const struct pf_entries *e, uint32_t a, uint32_t b)
{
    const struct pf_entry *x = &e->at[a], *y = &e->at[b];
    int c = memcmp(x->hash, y->hash, PF_HASH);

    for (uint32_t k = 0; !c && k < x->n_labels && k < y->n_labels; k++) {
        const struct pf_entry_label *p = &e->label[x->label + k], *q = &e->label[y->label + k];
        c = text_cmp(text(e, p->key), text(e, q->key));
        c = c ? c : text_cmp(text(e, p->value), text(e, q->value));
    }
    return c ? c : (x->n_labels > y->n_labels) - (x->n_labels < y->n_labels);
}

static int by_entry(const void *a, const void *b, void *e)
{
    return ar_entry_cmp(e, *(const uint32_t *)a, *(const uint32_t *)b);
}

uint32_t *ar_entries_sorted(const struct pf_entries *e, uint32_t *n)
{
    uint32_t *order = pf_alloc(e->names->mem, ((size_t)e->n + 1) * sizeof *order);

    *n = 0;
    if (!order)
        return NULL;
    for (uint32_t i = 0; i < e->n; i++)
        order[i] = i;
    qsort_r(order, e->n, sizeof *order, by_entry, (void *)(uintptr_t)e);
    for (uint32_t i = 0; i < e->n; i++)
        if (*n == 0 || ar_entry_cmp(e, order[*n - 1], order[i]) != 0)
            order[(*n)++] = order[i];
    return order;
}

uint32_t ar_entries_find(const struct pf_entries *e, uint32_t from, uint32_t to,
                         const uint8_t hash[PF_HASH])
{
    uint32_t low = from, high = to;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (memcmp(e->at[middle].hash, hash, PF_HASH) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < to && memcmp(e->at[low].hash, hash, PF_HASH) == 0 ? low : to;
}
