/*
 * merge_ids.c - ids of the profile that is merged as ids of the one that it is merged into: each
 * row of a table is mapped when it is first asked for, so that of a few samples only what they
 * reach is.
 */
#include "merge.h"

pf_id pf_merge_str(struct pf_merging *m, pf_id id)
{
    if (id && !m->str[id]) {
        struct pf_str s = m->from->strs.at[id];
        bool same = m->from->mem->secret[0] == m->into->mem->secret[0]
                    && m->from->mem->secret[1] == m->into->mem->secret[1];
        m->str[id] =
            same ? pf_str_hashed(m->into, s.s, s.len, s.hash) : pf_str(m->into, s.s, s.len);
    }
    return m->str[id];
}

static pf_id func(struct pf_merging *m, pf_id id)
{
    if (id && !m->func[id]) {
        struct pf_func x = m->from->funcs.at[id];
        x.name = pf_merge_str(m, x.name);
        x.file = pf_merge_str(m, x.file);
        x.sysname = pf_merge_str(m, x.sysname);
        x.extra = pf_merge_str(m, x.extra);
        m->func[id] = pf_func_full(m->into, &x);
    }
    return m->func[id];
}

static pf_id mapping(struct pf_merging *m, pf_id id)
{
    if (id && !m->map[id]) {
        struct pf_mapping x = m->from->maps.at[id];
        x.file = pf_merge_str(m, x.file);
        x.build_id = pf_merge_str(m, x.build_id);
        x.extra = pf_merge_str(m, x.extra);
        m->map[id] = pf_mapping(m->into, &x);
    }
    return m->map[id];
}

static pf_id frame(struct pf_merging *m, pf_id id)
{
    if (id && !m->frame[id]) {
        struct pf_frame x = m->from->frames.at[id];
        x.func = func(m, x.func);
        x.mapping = mapping(m, x.mapping);
        x.extra = pf_merge_str(m, x.extra);
        m->frame[id] = pf_frame_full(m->into, &x);
    }
    return m->frame[id];
}

static pf_id label(struct pf_merging *m, pf_id id)
{
    if (!m->label[id]) {
        struct pf_label x = m->from->labels.at[id];
        x.key = pf_merge_str(m, x.key);
        x.str = pf_merge_str(m, x.str);
        x.unit = pf_merge_str(m, x.unit);
        m->label[id] = pf_label(m->into, &x);
    }
    return m->label[id];
}

static bool label_set(struct pf_merging *m, pf_id set)
{
    const struct pf_profile *f = m->from;
    uint32_t first = f->sets.first[set], n = f->sets.first[set + 1] - first;

    for (uint32_t i = 0; i < n; i++) {
        if (!pf_grow(m->into->mem, &m->path.frame, i, &m->path.cap, sizeof(pf_id)))
            return false;
        m->path.frame[i] = label(m, f->sets.item[first + i]);
    }
    m->set[set] = pf_label_set(m->into, m->path.frame, n);
    return true;
}

/* From the leaf up to what is mapped already, and down again. */
static bool stack(struct pf_merging *m, pf_id leaf)
{
    const struct pf_profile *f = m->from;
    uint32_t n = 0;

    for (pf_id s = leaf; s && !m->stack[s]; s = f->stacks.parent[s]) {
        if (!pf_grow(m->into->mem, &m->path.frame, n, &m->path.cap, sizeof(pf_id)))
            return false;
        m->path.frame[n++] = s;
    }
    while (n > 0) {
        pf_id s = m->path.frame[--n];
        m->stack[s] =
            pf_stack(m->into, m->stack[f->stacks.parent[s]], frame(m, f->stacks.frame[s]));
    }
    return true;
}

/* Everything, in the order of the tables. */
static bool map_all(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;

    for (pf_id i = 1; i < f->funcs.n; i++)
        func(m, i);
    for (pf_id i = 1; i < f->maps.n; i++)
        mapping(m, i);
    for (pf_id i = 1; i < f->frames.n; i++)
        frame(m, i);
    return !m->into->err.code && pf_stack_all(m->into, f, m->frame, m->stack);
}

static bool map_samples(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;

    for (uint32_t k = 0; k < pf_merge_samples(m); k++) {
        uint32_t i = pf_merge_sample(m, k);
        pf_id set = f->samples.labels[i], leaf = f->samples.stack[i];
        if ((set && !m->set[set] && !label_set(m, set))
            || (leaf && !m->stack[leaf] && !stack(m, leaf)))
            return false;
    }
    return true;
}

static bool make_maps(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;
    pf_id **map[] = {&m->str, &m->func, &m->frame, &m->map, &m->label, &m->set, &m->stack};
    uint32_t n[] = {f->strs.n,   f->funcs.n, f->frames.n, f->maps.n,
                    f->labels.n, f->sets.n,  f->stacks.n};

    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        *map[i] = pf_alloc_zero(m->into->mem, n[i], sizeof(pf_id));
        if (!*map[i])
            return false;
    }
    return true;
}

bool pf_merge_map(struct pf_merging *m)
{
    if (!make_maps(m))
        return false;
    return (m->how->only || map_all(m)) && map_samples(m);
}

void pf_merge_unmap(struct pf_merging *m)
{
    void *maps[] = {m->str, m->func, m->frame, m->map, m->label, m->set, m->stack, m->path.frame};

    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        pf_dealloc(m->into->mem, maps[i]);
}
