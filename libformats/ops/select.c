/* select.c - what to keep of a profile: pprof's filters in pprof's order, and then ours. */
#include "select.h"

#include <string.h>

int pf_select_no_memory(struct pf_selecting *s)
{
    return pf_fail(s->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   s->p->mem->used / PF_MIB);
}

char *pf_select_room(struct pf_selecting *s, size_t len)
{
    if (len <= s->text_size)
        return s->text;
    char *grown = pf_realloc(s->p->mem, s->text, 2 * len);
    if (!grown) {
        pf_select_no_memory(s);
        return NULL;
    }
    s->text = grown;
    s->text_size = 2 * len;
    return grown;
}

/* All samples, for a start. */
static int begin(struct pf_selecting *s)
{
    uint32_t n = s->p->samples.n;

    s->keep = pf_alloc_zero(s->p->mem, (size_t)n + 1, sizeof *s->keep);
    if (!s->keep)
        return pf_select_no_memory(s);
    for (uint32_t i = 0; i < n; i++)
        s->keep[i] = i;
    s->n_keep = n;
    s->calls[0] = pf_type_find(s->p, "calls");
    s->calls[1] = pf_type_find(s->p, "primitive_calls");
    return 0;
}

static bool names_frames(const struct pf_select *how)
{
    return how->focus.n || how->ignore.n || how->hide.n || how->show.n || how->show_from.n
           || how->prune_from.n || how->only || how->no || how->no_idle;
}

static bool cuts_frames(const struct pf_select *how)
{
    return how->hide.n || how->show.n || how->show_from.n || how->prune_from.n || how->only
           || how->no;
}

/* What any frame of a stack has, all of the stack has; but only its leaf can wait. */
static int match_stacks(struct pf_selecting *s)
{
    const struct pf_profile *p = s->p;

    s->stack = pf_alloc_zero(p->mem, p->stacks.n, 1);
    if (!s->stack)
        return pf_select_no_memory(s);
    for (pf_id i = 1; i < p->stacks.n; i++)
        s->stack[i] = (uint8_t)((s->stack[p->stacks.parent[i]] & ~PF_FRAME_WAITS)
                                | s->frame[p->stacks.frame[i]]);
    return 0;
}

static void focus_and_ignore(struct pf_selecting *s)
{
    unsigned must = s->how->focus.n ? PF_FRAME_FOCUS : 0;
    unsigned not = s->how->ignore.n ? PF_FRAME_IGNORE : 0;
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->n_keep; i++) {
        unsigned has = s->stack[s->p->samples.stack[s->keep[i]]];
        if ((has & must) == must && !(has & not ))
            s->keep[n++] = s->keep[i];
    }
    s->n_keep = n;
}

/* pprof cuts with --prune_from after it filtered by labels; the two do not see each other. */
static int select_samples(struct pf_selecting *s)
{
    const struct pf_select *how = s->how;

    if ((how->tag_root.n || how->tag_leaf.n) && pf_select_tag_frames(s))
        return -1;
    if (names_frames(how) && (pf_select_match_frames(s) || match_stacks(s)))
        return -1;
    if (how->focus.n || how->ignore.n)
        focus_and_ignore(s);
    if ((how->tag_focus || how->tag_ignore) && pf_select_by_tags(s))
        return -1;
    if (how->no_idle && pf_select_no_idle(s))
        return -1;
    if ((how->tag_show.n || how->tag_hide.n) && pf_select_tag_keys(s))
        return -1;
    return cuts_frames(how) ? pf_select_rewrite(s, pf_select_hide_and_cut) : 0;
}

static int change_samples(struct pf_selecting *s)
{
    const struct pf_select *how = s->how;

    if ((how->map.n || how->trim.n || how->granularity) && pf_select_rename(s))
        return -1;
    if ((how->collapse_recursion || how->depth) && pf_select_rewrite(s, pf_select_shape))
        return -1;
    if (how->min > 0 && pf_select_prune_small(s))
        return -1;
    return how->redact ? pf_select_redact(s) : 0;
}

/* What is left, and nothing that only the rest reaches. */
static struct pf_profile *compact(struct pf_selecting *s)
{
    const struct pf_merge_how only = {.gauge = PF_GAUGE_SUM, .only = s->keep, .n_only = s->n_keep};
    struct pf_profile *q = pf_new(s->p->mem);

    if (!q) {
        pf_select_no_memory(s);
        return NULL;
    }
    s->p->calls.n = s->p->calls.n_edges = s->p->calls.n_parts = 0;
    if (pf_merge(q, s->p, &only, s->err) == 0)
        return q;
    pf_free(q);
    return NULL;
}

struct pf_profile *pf_select(struct pf_profile *p, const struct pf_select *how,
                             struct pf_selected *told, struct pf_err *err)
{
    struct pf_selecting s = {.p = p, .how = how, .told = told, .err = err};
    struct pf_profile *q = NULL;

    *told = (struct pf_selected){0};
    if (begin(&s) == 0 && select_samples(&s) == 0 && change_samples(&s) == 0 && !p->err.code)
        q = compact(&s);
    if (p->err.code && !err->code)
        *err = p->err;
    told->samples_kept = s.n_keep;
    pf_dealloc(p->mem, s.frame);
    pf_dealloc(p->mem, s.stack);
    pf_dealloc(p->mem, s.keep);
    pf_dealloc(p->mem, s.text);
    return q;
}
