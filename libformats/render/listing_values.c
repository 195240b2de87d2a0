/* listing_values.c - what each input of a listing says of its lines. */
#include "listing_work.h"

#include <string.h>

static bool is_text(struct pf_str s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

static struct pf_listed_value *value_at(struct listing_work *w, uint32_t part, int64_t line,
                                        uint32_t input, uint32_t *slot)
{
    struct pf_listing *l = w->l;
    uint32_t inputs = l->how->inputs;

    if (line <= 0 || line > PF_LIST_LINES)
        return NULL;
    struct pf_pair *pair = pf_pairs_find(l->mem, &w->slots, part, (pf_id)line);
    if (pair && !pair->id) {
        for (uint32_t k = 0; k < inputs; k++) {
            if (!pf_grow(l->mem, &l->value, l->n_values, &l->cap_values, sizeof *l->value)) {
                pf_listing_no_memory(l);
                return NULL;
            }
            l->value[l->n_values++] = (struct pf_listed_value){0};
        }
        *pair = (struct pf_pair){part, (pf_id)line, ++w->n_slots};
        w->slots.n++;
    }
    if (!pair || !pf_grow(l->mem, &w->stamp, w->n_slots, &w->cap_stamp, sizeof *w->stamp)) {
        pf_listing_no_memory(l);
        return NULL;
    }
    *slot = pair->id;
    return &l->value[(size_t)(pair->id - 1) * inputs + input];
}

static bool join(enum pf_kind kind, int64_t *to, int64_t value)
{
    if (kind == PF_SUM || kind == PF_GAUGE)
        return pf_add64(*to, value, to);
    *to = value > *to ? value : *to;
    return true;
}

static int overflow(struct pf_listing *l)
{
    return pf_fail(l->err, PF_EVALUE, "the sum of a line does not fit 64 bits");
}

/* Where a frame stands: its part, and the executed line or else where its function is defined. */
static uint32_t place_of(struct pf_listing *l, const struct pf_profile *p, pf_id frame,
                         int64_t *line)
{
    const struct pf_frame *f = &p->frames.at[frame];
    const struct pf_func *func = &p->funcs.at[f->func];

    *line = f->line > 0 ? f->line : func->line;
    return pf_listing_part(l, pf_str_at(p, func->file), pf_str_at(p, func->name));
}

/* A line counts once a sample, however often it is on the stack. */
static int add_stack(struct listing_work *w, uint32_t k, uint32_t sample, const uint32_t *part,
                     const int64_t *line)
{
    const struct pf_list_input *in = &w->l->how->input[k];
    const struct pf_profile *p = in->p;
    enum pf_kind kind = (enum pf_kind)p->types.at[in->type].kind;
    int64_t value = p->samples.value[in->type][sample];
    pf_id leaf = p->samples.stack[sample];

    for (pf_id s = leaf; s; s = p->stacks.parent[s]) {
        pf_id frame = p->stacks.frame[s];
        uint32_t slot;
        if (!part[frame])
            continue;
        struct pf_listed_value *v = value_at(w, part[frame], line[frame], k, &slot);
        if (!v) {
            if (w->l->err->code)
                return -1;
            continue;
        }
        if (s == leaf && !join(kind, &v->self, value))
            return overflow(w->l);
        if (w->stamp[slot] != sample + 1 && !join(kind, &v->cum, value))
            return overflow(w->l);
        w->stamp[slot] = sample + 1;
        v->any = true;
    }
    return 0;
}

static int add_places(struct listing_work *w, uint32_t k, uint32_t *part, int64_t *line)
{
    const struct pf_profile *p = w->l->how->input[k].p;

    for (pf_id f = 1; f < p->frames.n; f++)
        part[f] = place_of(w->l, p, f, &line[f]);
    for (pf_id f = 1; f < p->frames.n; f++) { /* stamps are of this input only */
        uint32_t slot;
        if (part[f] && value_at(w, part[f], line[f], k, &slot))
            w->stamp[slot] = 0;
        if (w->l->err->code)
            return -1;
    }
    for (uint32_t i = 0; i < p->samples.n; i++)
        if (add_stack(w, k, i, part, line))
            return -1;
    return 0;
}

static int add_stacks(struct listing_work *w, uint32_t k)
{
    const struct pf_profile *p = w->l->how->input[k].p;
    uint32_t *part = pf_alloc_zero(w->l->mem, p->frames.n, sizeof *part);
    int64_t *line = pf_alloc_zero(w->l->mem, p->frames.n, sizeof *line);
    int failed = part && line ? add_places(w, k, part, line) : pf_listing_no_memory(w->l);

    pf_dealloc(w->l->mem, part);
    pf_dealloc(w->l->mem, line);
    return failed;
}

/* A pstats table knows functions, not lines: what it says stands where they are defined. */
static int add_table(struct listing_work *w, uint32_t k)
{
    const struct pf_profile *p = w->l->how->input[k].p;

    w->l->has_calls[k] = true;
    for (uint32_t i = 0; i < p->calls.n; i++) {
        const struct pf_call *c = &p->calls.at[i];
        const struct pf_func *f = &p->funcs.at[c->func];
        uint32_t slot, part = pf_listing_part(w->l, pf_str_at(p, f->file), pf_str_at(p, f->name));
        struct pf_listed_value *v = part ? value_at(w, part, f->line, k, &slot) : NULL;
        int64_t tt, ct;
        if (!v) {
            if (w->l->err->code)
                return -1;
            continue;
        }
        if (!pf_num_value(&c->tt, &tt) || !pf_num_value(&c->ct, &ct)
            || !pf_add64(v->self, tt, &v->self) || !pf_add64(v->cum, ct, &v->cum)
            || !pf_add64(v->calls, c->nc, &v->calls))
            return overflow(w->l);
        v->any = true;
    }
    return 0;
}

static int add_total(struct pf_listing *l, uint32_t k)
{
    const struct pf_list_input *in = &l->how->input[k];
    enum pf_kind kind = (enum pf_kind)in->p->types.at[in->type].kind;

    for (uint32_t i = 0; i < in->p->samples.n; i++)
        if (!join(kind, &l->total[k], in->p->samples.value[in->type][i]))
            return overflow(l);
    return 0;
}

int pf_listing_add(struct listing_work *w, uint32_t k)
{
    const struct pf_list_input *in = &w->l->how->input[k];
    struct pf_str type = pf_str_at(in->p, in->p->types.at[in->type].name);

    if (add_total(w->l, k))
        return -1;
    return in->p->calls.n && is_text(type, "time") ? add_table(w, k) : add_stacks(w, k);
}
