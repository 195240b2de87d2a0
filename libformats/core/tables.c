/* tables.c - the interned tables of a profile: strings, functions, frames, mappings, labels, label
 * sets. */
#include "profile.h"

#include <string.h>

/* ---- strings ---- */

struct str_key {
    const char *s;
    uint32_t len, hash;
};

static bool str_eq(const void *table, pf_id id, const void *key)
{
    const struct pf_str *at = (const struct pf_str *)table + id;
    const struct str_key *k = key;

    return at->hash == k->hash && at->len == k->len && memcmp(at->s, k->s, k->len) == 0;
}

static uint64_t str_hash(const struct pf_mem *m, const void *table, pf_id id)
{
    (void)m;
    return ((const struct pf_str *)table)[id].hash;
}

pf_id pf_str_hashed(struct pf_profile *p, const char *s, uint32_t len, uint32_t hash)
{
    struct str_key key = {s, len, hash};

    if (!len || p->err.code)
        return 0;
    pf_id *slot = pf_index_find(p->mem, &p->h->strs, p->strs.at, &key, hash, str_eq, str_hash);
    if (slot && *slot)
        return *slot;
    char *copy = slot ? pf_arena_alloc(p->mem, &p->h->arena, (size_t)len + 1) : NULL;
    if (!copy || !pf_grow(p->mem, &p->strs.at, p->strs.n, &p->strs.cap, sizeof *p->strs.at))
        return pf_no_memory(p);
    memcpy(copy, s, len);
    copy[len] = 0;
    p->strs.at[p->strs.n] = (struct pf_str){copy, len, hash};
    p->h->strs.n++;
    return *slot = p->strs.n++;
}

pf_id pf_str(struct pf_profile *p, const char *s, size_t len)
{
    if (len > INT32_MAX) {
        pf_fail(&p->err, PF_ELIMIT, "a name of %zu bytes is longer than 2 GiB", len);
        return 0;
    }
    return pf_str_hashed(p, s, (uint32_t)len, (uint32_t)pf_hash(p->mem, s, len));
}

pf_id pf_strz(struct pf_profile *p, const char *s)
{
    return s ? pf_str(p, s, strlen(s)) : 0;
}

/* ---- the small tables: rows of a fixed size, equal when all their fields are ---- */

/* Adds `row` to a table unless it is there. The table is {at, n, cap} of rows
 * of `size` bytes. */
struct rows {
    void *at; /* the address of the pointer to the first row */
    uint32_t *n, *cap;
    struct pf_index *index;
    size_t size;
    pf_index_eq *eq;
    pf_index_hash *hash;
};

static inline __attribute__((always_inline)) pf_id
intern_row(struct pf_profile *p, const struct rows *r, const void *row, uint64_t hash)
{
    void *table;

    if (p->err.code)
        return 0;
    memcpy(&table, r->at, sizeof table);
    pf_id *slot = pf_index_find(p->mem, r->index, table, row, hash, r->eq, r->hash);
    if (slot && *slot)
        return *slot;
    if (!slot || !pf_grow(p->mem, r->at, *r->n, r->cap, r->size))
        return pf_no_memory(p);
    memcpy(&table, r->at, sizeof table);
    memcpy((char *)table + (size_t)*r->n * r->size, row, r->size);
    r->index->n++;
    return *slot = (*r->n)++;
}

static uint64_t mix3(const struct pf_mem *m, uint64_t a, uint64_t b, uint64_t c)
{
    return pf_mix(m, pf_mix(m, a, b), c);
}

/* memcmp for a few words, which the compiler unrolls. */
static inline bool same_words(const void *a, const void *b, size_t size)
{
    uint64_t x, y, differ = 0;

    for (size_t i = 0; i < size; i += sizeof x) {
        memcpy(&x, (const char *)a + i, sizeof x);
        memcpy(&y, (const char *)b + i, sizeof y);
        differ |= x ^ y;
    }
    return differ == 0;
}

/* Each table: how two rows are equal, and the keyed hash of one. No row has padding, so that its
 * bytes are all there is to compare. */
_Static_assert(sizeof(struct pf_func) == 24 && sizeof(struct pf_frame) == 40
                   && sizeof(struct pf_mapping) == 40 && sizeof(struct pf_label) == 24,
               "rows are compared as bytes");
#define ROWS_EQ(name, type)                                                                        \
    static bool name##_eq(const void *table, pf_id id, const void *key)                            \
    {                                                                                              \
        return same_words((const type *)table + id, key, sizeof(type));                            \
    }                                                                                              \
    static uint64_t name##_at(const struct pf_mem *m, const void *table, pf_id id)                 \
    {                                                                                              \
        return name##_key(m, (const type *)table + id);                                            \
    }

static uint64_t func_key(const struct pf_mem *m, const struct pf_func *f)
{
    return mix3(m, f->name | (uint64_t)f->file << 32, (uint64_t)f->line,
                f->sysname | (uint64_t)f->extra << 32);
}
ROWS_EQ(func, struct pf_func)

/* Two independent products: nearly every frame is a function and a line, the rest is zero. */
static uint64_t frame_key(const struct pf_mem *m, const struct pf_frame *f)
{
    uint64_t place = pf_mix(m, f->func | (uint64_t)f->mapping << 32, (uint64_t)f->line);
    uint64_t rest =
        (f->flags | (uint64_t)f->extra << 32) + (uint64_t)f->column * 0x9e3779b97f4a7c15u;
    return place + pf_mix(m, rest, f->addr);
}
ROWS_EQ(frame, struct pf_frame)

static uint64_t map_key(const struct pf_mem *m, const struct pf_mapping *x)
{
    uint64_t range = mix3(m, x->start, x->limit, x->offset);
    return mix3(m, range, x->file | (uint64_t)x->build_id << 32, x->extra | (uint64_t)x->has << 32);
}
ROWS_EQ(map, struct pf_mapping)

static uint64_t label_key(const struct pf_mem *m, const struct pf_label *l)
{
    return mix3(m, l->key | (uint64_t)l->str << 32, (uint64_t)l->num,
                l->unit | (uint64_t)l->kind << 32);
}
ROWS_EQ(label, struct pf_label)

pf_id pf_func_full(struct pf_profile *p, const struct pf_func *f)
{
    struct rows r = {&p->funcs.at, &p->funcs.n, &p->funcs.cap, &p->h->funcs,
                     sizeof *f,    func_eq,     func_at};
    return intern_row(p, &r, f, func_key(p->mem, f));
}

pf_id pf_func(struct pf_profile *p, pf_id name, pf_id file, int64_t line)
{
    return pf_func_full(p, &(struct pf_func){.name = name, .file = file, .line = line});
}

pf_id pf_frame_full(struct pf_profile *p, const struct pf_frame *f)
{
    struct rows r = {&p->frames.at, &p->frames.n, &p->frames.cap, &p->h->frames,
                     sizeof *f,     frame_eq,     frame_at};
    return intern_row(p, &r, f, frame_key(p->mem, f));
}

pf_id pf_frame(struct pf_profile *p, pf_id func, int64_t line)
{
    return pf_frame_full(p, &(struct pf_frame){.func = func, .line = line});
}

pf_id pf_mapping(struct pf_profile *p, const struct pf_mapping *x)
{
    struct rows r = {&p->maps.at, &p->maps.n, &p->maps.cap, &p->h->maps, sizeof *x, map_eq, map_at};
    return intern_row(p, &r, x, map_key(p->mem, x));
}

/* Puts the labels that pf_label_new added into the index. */
static bool catch_up_labels(struct pf_profile *p)
{
    struct pf_index *x = &p->h->labels;

    while (x->n + 1 < p->labels.n) {
        pf_id id = x->n + 1;
        const struct pf_label *l = &p->labels.at[id];
        pf_id *slot =
            pf_index_find(p->mem, x, p->labels.at, l, label_key(p->mem, l), label_eq, label_at);
        if (!slot)
            return pf_no_memory(p);
        *slot = id;
        x->n++;
    }
    return true;
}

pf_id pf_label(struct pf_profile *p, const struct pf_label *l)
{
    struct rows r = {&p->labels.at, &p->labels.n, &p->labels.cap, &p->h->labels,
                     sizeof *l,     label_eq,     label_at};

    if (p->h->labels.n + 1 < p->labels.n && !catch_up_labels(p))
        return 0;
    return intern_row(p, &r, l, label_key(p->mem, l));
}

pf_id pf_label_new(struct pf_profile *p, const struct pf_label *l)
{
    if (p->err.code)
        return 0;
    if (!pf_grow(p->mem, &p->labels.at, p->labels.n, &p->labels.cap, sizeof *l))
        return pf_no_memory(p);
    p->labels.at[p->labels.n] = *l;
    return p->labels.n++;
}

/* ---- label sets ---- */

struct set_key {
    const struct pf_profile *p;
    const pf_id *item;
    uint32_t n;
};

static uint64_t set_hash_of(const struct pf_mem *m, const pf_id *item, uint32_t n)
{
    return pf_hash(m, item, (size_t)n * sizeof *item);
}

static bool set_eq(const void *table, pf_id id, const void *key)
{
    const struct pf_profile *p = table;
    const struct set_key *k = key;
    uint32_t first = p->sets.first[id];

    return p->sets.first[id + 1] - first == k->n
           && memcmp(p->sets.item + first, k->item, (size_t)k->n * sizeof *k->item) == 0;
}

static uint64_t set_at(const struct pf_mem *m, const void *table, pf_id id)
{
    const struct pf_profile *p = table;
    uint32_t first = p->sets.first[id];

    return set_hash_of(m, p->sets.item + first, p->sets.first[id + 1] - first);
}

/* Insertion is enough for the few labels of a real sample; many ones are sorted by a heap. */
static void sort_ids(pf_id *a, uint32_t n)
{
    for (uint32_t end = n, start = n / 2; end > 1;) {
        pf_id x;
        if (start > 0) {
            x = a[--start];
        } else {
            x = a[--end];
            a[end] = a[0];
        }
        uint32_t hole = start;
        for (uint32_t child; (child = 2 * hole + 1) < end; hole = child) {
            if (child + 1 < end && a[child + 1] > a[child])
                child++;
            if (a[child] <= x)
                break;
            a[hole] = a[child];
        }
        a[hole] = x;
    }
}

pf_id pf_label_set_new(struct pf_profile *p, const pf_id *labels, uint32_t n)
{
    if (!n || p->err.code)
        return 0;
    if (!pf_grow(p->mem, &p->sets.first, p->sets.n + 1, &p->sets.cap, sizeof(uint32_t)))
        return pf_no_memory(p);
    for (uint32_t i = 0; i < n; i++) {
        if (!pf_grow(p->mem, &p->sets.item, p->sets.n_items, &p->sets.cap_items, sizeof(pf_id))) {
            p->sets.n_items = p->sets.first[p->sets.n];
            return pf_no_memory(p);
        }
        p->sets.item[p->sets.n_items++] = labels[i];
    }
    p->sets.first[p->sets.n + 1] = p->sets.n_items;
    return p->sets.n++;
}

/* Puts the sets that pf_label_set_new added into the index. */
static bool catch_up_sets(struct pf_profile *p)
{
    struct pf_index *x = &p->h->sets;

    while (x->n + 1 < p->sets.n) {
        pf_id id = x->n + 1;
        uint32_t first = p->sets.first[id];
        struct set_key key = {p, p->sets.item + first, p->sets.first[id + 1] - first};
        pf_id *slot = pf_index_find(p->mem, x, p, &key, set_at(p->mem, p, id), set_eq, set_at);
        if (!slot)
            return pf_no_memory(p);
        *slot = id;
        x->n++;
    }
    return true;
}

pf_id pf_label_set(struct pf_profile *p, pf_id *labels, uint32_t n)
{
    struct set_key key = {p, labels, n};

    if (!n || p->err.code || (p->h->sets.n + 1 < p->sets.n && !catch_up_sets(p)))
        return 0;
    sort_ids(labels, n);
    pf_id *slot =
        pf_index_find(p->mem, &p->h->sets, p, &key, set_hash_of(p->mem, labels, n), set_eq, set_at);
    if (slot && *slot)
        return *slot;
    if (!slot)
        return pf_no_memory(p);
    pf_id id = pf_label_set_new(p, labels, n);
    if (id) {
        *slot = id;
        p->h->sets.n++;
    }
    return id;
}
