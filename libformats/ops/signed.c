/* signed.c - the difference of two profiles as one profile: the base counts against the new one. */
#include "ops.h"
#include "profile.h"

#include <string.h>

static const char base_key[] = "pprof::base";

/* Makes of what was read a profile that others are merged into, without its raw pstats table, which
 * knows nothing of signs. */
static int take_over(struct pf_profile *p, struct pf_err *err)
{
    p->calls.n = p->calls.n_edges = p->calls.n_parts = 0;
    if (!p->h->merges)
        p->h->merges = 1;
    if (pf_samples_unite(p) < 0)
        *err = p->err;
    return err->code ? -1 : 0;
}

/* Of peaks and such the largest counts, which no sum of samples tells: they go. */
static int keep_sums(struct pf_profile *p, struct pf_err *err)
{
    struct pf_type *type = p->types.at;
    int64_t **value = p->samples.value;
    struct pf_str first = pf_str_at(p, p->types.n ? type[0].name : 0);
    uint32_t n = 0;

    for (uint32_t k = 0; k < p->types.n; k++) {
        int64_t *column = value[k];
        value[k] = NULL;
        if (type[k].kind == PF_SUM || type[k].kind == PF_GAUGE) {
            type[n] = type[k];
            value[n++] = column;
        } else {
            pf_dealloc(p->mem, column);
        }
    }
    if (!n && p->types.n)
        return pf_fail(err, PF_EVALUE,
                       "values of '%.40s' do not add up, so that there is no signed difference",
                       first.s);
    p->types.n = n;
    return 0;
}

static int negate(struct pf_profile *p, struct pf_err *err)
{
    for (uint32_t k = 0; k < p->types.n; k++)
        for (uint32_t i = 0; i < p->samples.n; i++)
            if (__builtin_sub_overflow(0, p->samples.value[k][i], &p->samples.value[k][i]))
                return pf_fail(err, PF_EVALUE, "a value of '%.40s' in the base cannot be negated",
                               pf_str_at(p, p->types.at[k].name).s);
    return 0;
}

/* The label set with one label more. */
static pf_id with_label(struct pf_profile *p, pf_id set, pf_id label)
{
    uint32_t first = p->sets.first[set], n = p->sets.first[set + 1] - first;
    pf_id *items = pf_alloc(p->mem, ((size_t)n + 1) * sizeof *items);

    if (!items) {
        pf_fail(&p->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                p->mem->used / PF_MIB);
        return 0;
    }
    if (n)
        memcpy(items, p->sets.item + first, n * sizeof *items);
    items[n] = label;
    pf_id more = pf_label_set(p, items, n + 1);
    pf_dealloc(p->mem, items);
    return more;
}

static bool is_text(struct pf_str s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

bool pf_is_base_label(const struct pf_profile *p, const struct pf_label *l)
{
    return l->kind == PF_LABEL_STR && is_text(p->strs.at[l->key], base_key)
           && is_text(p->strs.at[l->str], "true");
}

bool pf_is_base(const struct pf_profile *p, pf_id set)
{
    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++)
        if (pf_is_base_label(p, &p->labels.at[p->sets.item[i]]))
            return true;
    return false;
}

static bool has_key(const struct pf_profile *p, pf_id set, pf_id key)
{
    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++)
        if (p->labels.at[p->sets.item[i]].key == key)
            return true;
    return false;
}

/* rest: only those that have no label of its key. */
static int label_samples(struct pf_profile *p, pf_id label, bool rest, struct pf_err *err)
{
    uint32_t n = p->sets.n;
    pf_id *more = pf_alloc_zero(p->mem, n, sizeof *more);

    for (uint32_t i = 0; more && i < p->samples.n && !p->err.code; i++) {
        pf_id set = p->samples.labels[i];
        if (!more[set])
            more[set] =
                rest && has_key(p, set, p->labels.at[label].key) ? set : with_label(p, set, label);
        p->samples.labels[i] = more[set];
    }
    bool ok = more && !p->err.code;
    pf_dealloc(p->mem, more);
    if (ok)
        return 0;
    return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   p->mem->used / PF_MIB);
}

int pf_label_all(struct pf_profile *p, pf_id label, struct pf_err *err)
{
    return label_samples(p, label, false, err);
}

int pf_label_rest(struct pf_profile *p, struct pf_str key, struct pf_str value, struct pf_err *err)
{
    pf_id label = pf_label(p, &(struct pf_label){.key = pf_str(p, key.s, key.len),
                                                 .str = pf_str(p, value.s, value.len),
                                                 .kind = PF_LABEL_STR});

    return label_samples(p, label, true, err);
}

/* pprof knows the samples of a base by this label. */
static int label_base(struct pf_profile *p, struct pf_err *err)
{
    pf_id label = pf_label(p, &(struct pf_label){.key = pf_strz(p, base_key),
                                                 .str = pf_strz(p, "true"),
                                                 .kind = PF_LABEL_STR});

    return pf_label_all(p, label, err);
}

/* ---- functions that are the same on both sides ---- */

static pf_id group_of(struct pf_profile *keys, const struct pf_profile *p, pf_id f,
                      const struct pf_maps *maps)
{
    struct pf_str name = pf_str_at(p, p->funcs.at[f].name),
                  file = pf_str_at(p, p->funcs.at[f].file);
    pf_id mapped = maps ? pf_map_group(maps, keys, PF_BY_FUNCTION, name, file) : 0;

    if (mapped)
        return mapped;
    return pf_func(keys, pf_plain_name(keys, pf_str(keys, name.s, name.len)),
                   pf_place_key(keys, file, PF_BY_FUNCTION), 0);
}

/* maps: for the base; NULL: none */
static void add_joins(struct pf_profile *keys, const struct pf_profile *p, enum pf_side side,
                      const struct pf_maps *maps, struct pf_join *join, uint32_t from)
{
    for (pf_id f = 1; f < p->funcs.n; f++) {
        pf_id group = group_of(keys, p, f, side == PF_BASE ? maps : NULL);
        join[from + f - 1] = (struct pf_join){.group = group,
                                              .first_group = group,
                                              .line = p->funcs.at[f].line,
                                              .half = from + f - 1,
                                              .mate = PF_NO_MATE,
                                              .side = side};
    }
}

/* A function of the base takes the name, place and line of its mate, so that one that has moved
 * down a page is no other. Only for a profile that is merged next: its index does not know. */
static void take_mates(struct pf_profile *minus, const struct pf_profile *now,
                       const struct pf_join *join, uint32_t n)
{
    uint32_t n_base = minus->funcs.n - 1;

    for (uint32_t i = 0; i < n && !minus->err.code; i++) {
        if (join[i].side != PF_BASE || join[i].mate == PF_NO_MATE)
            continue;
        const struct pf_func *mate = &now->funcs.at[join[i].mate - n_base + 1];
        struct pf_str name = pf_str_at(now, mate->name), file = pf_str_at(now, mate->file);
        pf_id new_name = pf_str(minus, name.s, name.len),
              new_file = pf_str(minus, file.s, file.len);
        struct pf_func *func = &minus->funcs.at[join[i].half + 1];
        func->name = new_name;
        func->file = new_file;
        func->line = mate->line;
    }
}

static int join_functions(struct pf_profile *minus, const struct pf_profile *now,
                          const struct pf_maps *maps, struct pf_err *err)
{
    uint32_t n_base = minus->funcs.n - 1, n = n_base + now->funcs.n - 1;
    struct pf_profile *keys = pf_new(minus->mem);
    struct pf_join *join = pf_alloc(minus->mem, ((size_t)n + 1) * sizeof *join);
    bool ok = keys && join;

    if (ok) {
        add_joins(keys, minus, PF_BASE, maps, join, 0);
        add_joins(keys, now, PF_NEW, maps, join, n_base);
        ok = !keys->err.code && pf_join_sides(keys, PF_BY_FUNCTION, join, n);
    }
    if (ok)
        take_mates(minus, now, join, n);
    pf_free(keys);
    pf_dealloc(minus->mem, join);
    if (ok && !minus->err.code)
        return 0;
    return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   minus->mem->used / PF_MIB);
}

struct pf_profile *pf_diff_profile(struct pf_profile *base, struct pf_profile *now,
                                   const struct pf_maps *maps, struct pf_err *err)
{
    static const struct pf_merge_how how = {.gauge = PF_GAUGE_SUM};
    bool done = !take_over(base, err) && !take_over(now, err) && !keep_sums(base, err)
                && !keep_sums(now, err) && !join_functions(base, now, maps, err)
                && !negate(base, err) && !label_base(base, err) && !pf_merge(now, base, &how, err);

    pf_free(base);
    if (!done) {
        pf_free(now);
        return NULL;
    }
    now->runs = 1;
    return now;
}
