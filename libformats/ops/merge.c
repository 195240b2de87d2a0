/*
 * merge.c - adds a profile to another, by kind of value. The result does not depend on the order of
 * adding: sums are exact, sets are united, everything else has a rule that is associative and
 * commutative (the earliest time, the longest period, the smaller text, "mixed" where origins
 * differ).
 */
#include "merge.h"
#include "ops.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct pf_merging *m)
{
    return pf_fail(m->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   m->into->mem->used / PF_MIB);
}

/* ---- ids of `from` as ids of `into` ---- */

static pf_id str(struct pf_merging *m, pf_id id)
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

static bool map_ids(struct pf_merging *m)
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

/* Each of these maps a row when it is first asked for: of a few samples, only what they reach. */

static pf_id func(struct pf_merging *m, pf_id id)
{
    if (id && !m->func[id]) {
        struct pf_func x = m->from->funcs.at[id];
        x.name = str(m, x.name);
        x.file = str(m, x.file);
        x.sysname = str(m, x.sysname);
        x.extra = str(m, x.extra);
        m->func[id] = pf_func_full(m->into, &x);
    }
    return m->func[id];
}

static pf_id mapping(struct pf_merging *m, pf_id id)
{
    if (id && !m->map[id]) {
        struct pf_mapping x = m->from->maps.at[id];
        x.file = str(m, x.file);
        x.build_id = str(m, x.build_id);
        x.extra = str(m, x.extra);
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
        x.extra = str(m, x.extra);
        m->frame[id] = pf_frame_full(m->into, &x);
    }
    return m->frame[id];
}

static pf_id label(struct pf_merging *m, pf_id id)
{
    if (!m->label[id]) {
        struct pf_label x = m->from->labels.at[id];
        x.key = str(m, x.key);
        x.str = str(m, x.str);
        x.unit = str(m, x.unit);
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
static void map_all(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;

    for (pf_id i = 1; i < f->funcs.n; i++)
        func(m, i);
    for (pf_id i = 1; i < f->maps.n; i++)
        mapping(m, i);
    for (pf_id i = 1; i < f->frames.n; i++)
        frame(m, i);
    for (pf_id s = 1; s < f->stacks.n; s++)
        m->stack[s] =
            pf_stack(m->into, m->stack[f->stacks.parent[s]], frame(m, f->stacks.frame[s]));
}

static uint32_t n_samples(const struct pf_merging *m)
{
    return m->how->only ? m->how->n_only : m->from->samples.n;
}

static uint32_t sample_at(const struct pf_merging *m, uint32_t i)
{
    return m->how->only ? m->how->only[i] : i;
}

static bool map_samples(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;

    for (uint32_t k = 0; k < n_samples(m); k++) {
        uint32_t i = sample_at(m, k);
        pf_id set = f->samples.labels[i], leaf = f->samples.stack[i];
        if ((set && !m->set[set] && !label_set(m, set))
            || (leaf && !m->stack[leaf] && !stack(m, leaf)))
            return false;
    }
    return true;
}

/* ---- sample types ---- */

static int cmp_text(struct pf_str a, struct pf_str b)
{
    int c = memcmp(a.s, b.s, a.len < b.len ? a.len : b.len);
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

static int cmp_types(const struct pf_profile *a, uint32_t i, const struct pf_profile *b, uint32_t j)
{
    int c = cmp_text(a->strs.at[a->types.at[i].name], b->strs.at[b->types.at[j].name]);
    return c ? c : cmp_text(a->strs.at[a->types.at[i].unit], b->strs.at[b->types.at[j].unit]);
}

static void move_type(struct pf_profile *p, uint32_t from, uint32_t to)
{
    struct pf_type t = p->types.at[from];
    int64_t *value = p->samples.value[from];

    for (; from > to; from--) {
        p->types.at[from] = p->types.at[from - 1];
        p->samples.value[from] = p->samples.value[from - 1];
    }
    p->types.at[to] = t;
    p->samples.value[to] = value;
}

/* The column of type k of `from` that no other column of it took, or a new one. */
static int add_type(struct pf_merging *m, uint32_t k, bool *taken)
{
    struct pf_profile *p = m->into;
    const struct pf_type *t = &m->from->types.at[k];
    const struct pf_str *strs = m->from->strs.at;

    for (uint32_t i = 0; i < p->types.n; i++) {
        if (taken[i] || cmp_types(p, i, m->from, k) != 0)
            continue;
        if (p->types.at[i].kind != t->kind)
            return pf_fail(m->err, PF_EVALUE, "'%.60s' is of one kind here and of another there",
                           strs[t->name].s);
        taken[i] = true;
        return 0;
    }
    int i = pf_type_add(p, "", "", (enum pf_kind)t->kind);
    if (i < 0) {
        *m->err = p->err;
        return -1;
    }
    p->types.at[i].name = str(m, t->name);
    p->types.at[i].unit = str(m, t->unit);
    p->types.at[i].extra = str(m, t->extra);
    taken[i] = true;
    return 0;
}

/* The union of the types: the smaller default first, then by name. */
static int unite_types(struct pf_merging *m)
{
    struct pf_profile *p = m->into;
    bool taken[PF_MAX_TYPES] = {false};
    uint32_t had = p->types.n, first = 0;

    for (uint32_t k = 0; k < m->from->types.n; k++)
        if (add_type(m, k, taken) < 0)
            return -1;
    if (had && m->from->types.n && cmp_types(m->from, 0, p, 0) < 0)
        while (cmp_types(p, first, m->from, 0) != 0)
            first++;
    if (!m->first) {
        move_type(p, first, 0);
        for (uint32_t i = 2; i < p->types.n; i++) {
            uint32_t to = i;
            while (to > 1 && cmp_types(p, i, p, to - 1) < 0)
                to--;
            move_type(p, i, to);
        }
    }
    memset(taken, 0, sizeof taken);
    for (uint32_t k = 0; k < m->from->types.n; k++)
        for (uint32_t i = 0; i < p->types.n; i++)
            if (!taken[i] && cmp_types(p, i, m->from, k) == 0) {
                m->column[k] = i;
                taken[i] = true;
                break;
            }
    return 0;
}

/* Live bytes of two profiles are no sum and no maximum unless somebody says which. */
static int check_gauges(struct pf_merging *m)
{
    for (uint32_t k = 0; k < m->from->types.n; k++)
        if (m->from->types.at[k].kind == PF_GAUGE && !m->first && m->how->gauge == PF_GAUGE_REFUSE)
            return pf_fail(m->err, PF_EVALUE,
                           "'%.60s' is what was alive at one moment: say with profmerge --gauge "
                           "sum or max what several of them are to be",
                           m->from->strs.at[m->from->types.at[k].name].s);
    return 0;
}

/* ---- samples ---- */

static bool takes_larger(const struct pf_merging *m, const struct pf_type *t)
{
    return t->kind == PF_PEAK || (t->kind == PF_GAUGE && m->how->gauge == PF_GAUGE_MAX);
}

static int add_value(struct pf_merging *m, uint32_t k, uint32_t at, int64_t x)
{
    struct pf_profile *p = m->into;
    int64_t *to = &p->samples.value[k][at];

    if (takes_larger(m, &p->types.at[k])) {
        *to = *to > x ? *to : x;
    } else if (!pf_add64(*to, x, to)) {
        if (m->how->saturate)
            *to = x > 0 ? INT64_MAX : INT64_MIN;
        else
            return pf_overflow(p, p->samples.stack[at], k);
    }
    return 0;
}

/* The sample of `into` that sample i of `from` goes into; a new one holds zeros. */
static uint32_t sample_of(struct pf_merging *m, uint32_t i)
{
    static const int64_t zero[PF_MAX_TYPES];

    return pf_sample_add(m->into, m->stack[m->from->samples.stack[i]],
                         m->set[m->from->samples.labels[i]], zero);
}

static int add_samples(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;

    for (uint32_t n = 0; n < n_samples(m); n++) {
        uint32_t i = sample_at(m, n), at = sample_of(m, i);
        for (uint32_t k = 0; k < f->types.n && !m->into->err.code; k++)
            add_value(m, m->column[k], at, f->samples.value[k][i]);
        if (m->into->err.code)
            return -1;
    }
    return 0;
}

/* The smallest or largest run: this one's own sums are made first, then compared sample by sample.
 */
static int pick_samples(struct pf_merging *m)
{
    const struct pf_profile *f = m->from;
    struct pf_profile *p = m->into;
    int64_t *run = NULL;

    for (uint32_t n = 0; n < n_samples(m); n++)
        sample_of(m, sample_at(m, n));
    if (!p->err.code && !(run = pf_alloc(p->mem, (size_t)p->samples.n * sizeof *run)))
        return no_memory(m);
    for (uint32_t k = 0; k < p->types.n && !p->err.code; k++) {
        int64_t *value = p->samples.value[k];
        if (p->samples.n)
            memset(run, 0, p->samples.n * sizeof *run);
        for (uint32_t j = 0; j < f->types.n; j++)
            for (uint32_t n = 0; m->column[j] == k && n < n_samples(m); n++) {
                uint32_t i = sample_at(m, n);
                int64_t *to = &run[sample_of(m, i)];
                if (!pf_add64(*to, f->samples.value[j][i], to))
                    pf_overflow(p, m->stack[f->samples.stack[i]], k);
            }
        for (uint32_t i = 0; i < p->samples.n; i++)
            if (m->first || (m->how->runs == PF_RUNS_MIN ? run[i] < value[i] : run[i] > value[i]))
                value[i] = run[i];
    }
    pf_dealloc(p->mem, run);
    return p->err.code ? -1 : 0;
}

/* ---- the rest ---- */

static int by_id(const void *a, const void *b)
{
    pf_id x = *(const pf_id *)a, y = *(const pf_id *)b;
    return (x > y) - (x < y);
}

/* The union of two lists; what stands twice in one of them stays twice. */
static int unite(struct pf_merging *m, struct pf_ids *to, const struct pf_ids *from)
{
    struct pf_mem *mem = m->into->mem;
    pf_id *add = pf_alloc(mem, (size_t)from->n * sizeof *add);
    struct pf_ids both = {0};
    uint32_t i = 0, j = 0;

    if (!add)
        return no_memory(m);
    for (uint32_t k = 0; k < from->n; k++)
        add[k] = str(m, from->at[k]);
    if (!m->first) {
        qsort(add, from->n, sizeof *add, by_id);
        if (to->n)
            qsort(to->at, to->n, sizeof *add, by_id);
    }
    while (i < to->n || j < from->n) {
        bool left = j == from->n || (i < to->n && to->at[i] <= add[j]);
        pf_id id = left ? to->at[i] : add[j];
        if (left && j < from->n && to->at[i] == add[j])
            j++;
        left ? i++ : j++;
        pf_push(m->into, &both, id);
    }
    pf_dealloc(mem, add);
    pf_dealloc(mem, to->at);
    *to = both;
    return 0;
}

static int by_line_ids(const void *a, const void *b)
{
    const struct pf_line *x = a, *y = b;

    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->text > y->text) - (x->text < y->text);
}

/* Source text is a set: a line that both know is there once. */
static void unite_lines(struct pf_merging *m)
{
    struct pf_profile *p = m->into;
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->from->lines.n; i++) {
        const struct pf_line *l = &m->from->lines.at[i];
        pf_source_line(p, str(m, l->file), l->line, str(m, l->text));
    }
    if (m->first || !m->from->lines.n || p->err.code)
        return;
    qsort(p->lines.at, p->lines.n, sizeof *p->lines.at, by_line_ids);
    for (uint32_t i = 0; i < p->lines.n; i++)
        if (i == 0 || by_line_ids(&p->lines.at[i], &p->lines.at[n - 1]) != 0)
            p->lines.at[n++] = p->lines.at[i];
    p->lines.n = n;
}

static void unite_origin(struct pf_merging *m, pf_id *to, pf_id from)
{
    from = str(m, from);
    if (m->first)
        *to = from;
    else if (*to != from)
        *to = pf_strz(m->into, "mixed");
}

/* The smaller of two texts that are not empty. */
static void smaller_text(struct pf_merging *m, pf_id *to, pf_id from)
{
    from = str(m, from);

    const struct pf_str *s = m->into->strs.at; /* where it is now */
    if (from && (!*to || cmp_text(s[from], s[*to]) < 0))
        *to = from;
}

static int unite_head(struct pf_merging *m)
{
    struct pf_profile *p = m->into;
    const struct pf_profile *f = m->from;

    if (f->time_ns && (!p->time_ns || f->time_ns < p->time_ns))
        p->time_ns = f->time_ns;
    if (!pf_add64(p->duration_ns, f->duration_ns, &p->duration_ns))
        return pf_fail(m->err, PF_EVALUE, "the sum of the durations does not fit 64 bits");
    if (m->first || f->period > p->period)
        p->period = f->period;
    smaller_text(m, &p->period_type.name, f->period_type.name);
    smaller_text(m, &p->period_type.unit, f->period_type.unit);
    smaller_text(m, &p->period_type.extra, f->period_type.extra);
    smaller_text(m, &p->drop_frames, f->drop_frames);
    smaller_text(m, &p->keep_frames, f->keep_frames);
    smaller_text(m, &p->doc_url, f->doc_url);
    unite_origin(m, &p->format, f->format);
    unite_origin(m, &p->interpreter, f->interpreter);
    unite_origin(m, &p->command, f->command);
    if (m->first || f->stack_kind > p->stack_kind)
        p->stack_kind = f->stack_kind;
    pf_certificate_add(&p->certificate, &f->certificate);
    smaller_text(m, &p->certificate.method, f->certificate.method);
    unite_lines(m);
    p->truncated |= f->truncated;
    p->rounded |= f->rounded;
    p->runs = m->first ? f->runs : p->runs + f->runs;
    return unite(m, &p->comments, &f->comments) < 0 || unite(m, &p->notes, &f->notes) < 0
                   || unite(m, &p->extras, &f->extras) < 0
               ? -1
               : 0;
}

static int merge(struct pf_merging *m)
{
    if (check_gauges(m) < 0)
        return -1;
    if (!map_ids(m))
        return no_memory(m);
    if (!m->how->only)
        map_all(m);
    if (!map_samples(m))
        return no_memory(m);
    if (m->into->err.code || pf_merge_calls(m) < 0 || unite_types(m) < 0)
        return -1;
    if ((m->how->runs == PF_RUNS_SUM ? add_samples(m) : pick_samples(m)) < 0)
        return -1;
    return unite_head(m);
}

static const struct pf_merge_how defaults;

/* column: where the types of `from` are afterwards; or NULL */
static int merge_all(struct pf_profile *into, const struct pf_profile *from,
                     const struct pf_merge_how *how, uint32_t *column, struct pf_err *err)
{
    struct pf_merging m = {.into = into,
                           .from = from,
                           .how = how ? how : &defaults,
                           .err = err,
                           .first = into->h->merges == 0};
    int status = merge(&m);
    void *maps[] = {m.str, m.func, m.frame, m.map, m.label, m.set, m.stack};

    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        pf_dealloc(into->mem, maps[i]);
    pf_dealloc(into->mem, m.path.frame);
    if (into->err.code && !err->code)
        *err = into->err;
    if (err->code)
        return -1;
    into->h->merges++;
    if (column)
        memcpy(column, m.column, sizeof m.column);
    return status;
}

int pf_merge(struct pf_profile *into, const struct pf_profile *from, const struct pf_merge_how *how,
             struct pf_err *err)
{
    return merge_all(into, from, how, NULL, err);
}

static int join_head(struct pf_toward *t, const struct pf_profile *head, struct pf_err *err)
{
    t->joined = true;
    return merge_all(t->into, head, t->how, t->column, err);
}

struct pf_profile *pf_load_into(struct pf_profile *into, struct pf_source *in,
                                const struct pf_format *fmt, const struct pf_merge_how *how,
                                struct pf_err *err)
{
    struct pf_toward toward = {.into = into, .join = join_head, .how = how ? how : &defaults};
    /* only plain sums can be added sample by sample */
    bool plain = toward.how->runs == PF_RUNS_SUM && !toward.how->saturate && !toward.how->only;
    struct pf_profile *p = pf_load_toward(in, fmt, plain ? &toward : NULL, err);

    if (p && !toward.joined && pf_merge(into, p, how, err) < 0) {
        pf_free(p);
        return NULL;
    }
    return p;
}
