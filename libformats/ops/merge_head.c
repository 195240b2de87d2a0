/*
 * merge_head.c - merges what a profile says of itself as a whole: comments and source lines are
 * united, of times, texts and origins each has its rule, and none depends on the order of merging.
 */
#include "merge.h"
#include "ops.h"

#include <stdlib.h>

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
        return pf_merge_no_memory(m);
    for (uint32_t k = 0; k < from->n; k++)
        add[k] = pf_merge_str(m, from->at[k]);
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
        pf_source_line(p, pf_merge_str(m, l->file), l->line, pf_merge_str(m, l->text));
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
    from = pf_merge_str(m, from);
    if (m->first)
        *to = from;
    else if (*to != from)
        *to = pf_strz(m->into, "mixed");
}

/* The smaller of two texts that are not empty. */
static void smaller_text(struct pf_merging *m, pf_id *to, pf_id from)
{
    from = pf_merge_str(m, from);

    const struct pf_str *s = m->into->strs.at; /* where it is now */
    if (from && (!*to || pf_merge_cmp_text(s[from], s[*to]) < 0))
        *to = from;
}

int pf_merge_head(struct pf_merging *m)
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
    pf_id producer = pf_merge_str(m, f->producer);
    p->producer = m->first ? producer : pf_producers(p, p->producer, producer);
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
