/* top_groups.c - what the rows of a top stand for: functions, files, lines, modules or stacks. */
#include "order.h"
#include "top.h"

enum { MODULE_MAX = 1024 };

/* What tells two files apart: the module, or the file itself where it has none. */
static pf_id module_key(struct top *t, pf_id file)
{
    struct pf_str s = t->p->strs.at[file];
    char module[MODULE_MAX];
    size_t len = pf_module(s.s, s.len, module, sizeof module);

    return len ? pf_func(t->keys, pf_str(t->keys, module, len), 0, 0)
               : pf_func(t->keys, 0, file, 0);
}

/* A sampled table has a row for each line that was executed: they are one function. */
static bool has_many_rows(const struct top *t)
{
    return t->by == PF_BY_FUNCTION && t->p->calls.n && t->p->calls.form == PF_EDGES_SAMPLED;
}

/* Frames without a function, too, may belong to a group of their own: that of their name. */
static pf_id label_key(struct top *t, pf_id frame)
{
    char label[PF_LABEL_MAX + 1];
    size_t len = pf_frame_label(t->p, frame, label);

    return len ? pf_func(t->keys, pf_str(t->keys, label, len), 0, 1) : 0;
}

/* Their groups stand behind those of functions and files; modules are keys themselves. */
static int group_frames(struct top *t)
{
    const struct pf_profile *p = t->p;
    uint32_t behind = t->by == PF_BY_MODULE || has_many_rows(t) ? 0 : t->n;

    for (pf_id f = 0; f < p->frames.n; f++) {
        pf_id key = p->frames.at[f].func ? 0 : label_key(t, f);
        t->of_frame[f] = key ? behind + key : t->of_func[p->frames.at[f].func];
    }
    t->n = behind + t->keys->funcs.n;
    return t->keys->err.code ? pf_top_no_memory(t) : 0;
}

/* The group of each function; the row of a group is given the first function by name and place, so
 * that it does not depend on the order of the table. */
static int group_funcs(struct top *t)
{
    const struct pf_profile *p = t->p;
    uint32_t n_files = p->strs.n;
    pf_id *of_file = NULL;

    t->of_func = pf_alloc(t->mem, p->funcs.n * sizeof *t->of_func);
    if (t->by == PF_BY_MODULE)
        of_file = pf_alloc_zero(t->mem, n_files, sizeof *of_file);
    if (!t->of_func || (t->by == PF_BY_MODULE && !of_file)) {
        pf_dealloc(t->mem, of_file);
        return pf_top_no_memory(t);
    }
    for (pf_id f = 0; f < p->funcs.n; f++) {
        pf_id file = p->funcs.at[f].file;
        if (of_file && file && !of_file[file])
            of_file[file] = module_key(t, file);
        if (has_many_rows(t))
            t->of_func[f] = f ? pf_func(t->keys, p->funcs.at[f].name, file, 0) : 0;
        else
            t->of_func[f] = t->by == PF_BY_FUNCTION ? f : of_file ? of_file[file] : file;
    }
    pf_dealloc(t->mem, of_file);
    bool own = t->by == PF_BY_FUNCTION && !has_many_rows(t);
    t->n = own ? p->funcs.n : t->by == PF_BY_FILE ? n_files : t->keys->funcs.n;
    return group_frames(t);
}

static pf_id line_group(struct top *t, pf_id func, int64_t line)
{
    return pf_frame(t->keys, func, line ? line : t->p->funcs.at[func].line);
}

static int group_lines(struct top *t)
{
    const struct pf_profile *p = t->p;

    for (uint32_t i = 0; i < p->calls.n; i++)
        line_group(t, p->calls.at[i].func, 0);
    for (pf_id f = 0; f < p->frames.n; f++) {
        const struct pf_frame *frame = &p->frames.at[f];
        struct pf_frame label = {.mapping = frame->func ? 0 : label_key(t, f), .line = frame->line};
        t->of_frame[f] = label.mapping ? pf_frame_full(t->keys, &label)
                                       : line_group(t, frame->func, frame->line);
    }
    t->n = t->keys->frames.n;
    return t->keys->err.code ? pf_top_no_memory(t) : 0;
}

pf_id pf_top_group_of_call(struct top *t, pf_id func)
{
    return t->by == PF_BY_LINE ? line_group(t, func, 0) : t->of_func[func];
}

static void name_rows(struct top *t)
{
    const struct pf_profile *p = t->p;
    pf_id n = t->by == PF_BY_LINE ? t->n : t->by == PF_BY_STACK ? p->stacks.n : p->funcs.n;

    for (pf_id i = 1; i < n; i++) {
        if (t->by == PF_BY_STACK) {
            const struct pf_frame *f = &p->frames.at[p->stacks.frame[i]];
            t->row[i] = (struct pf_row){.func = f->func, .stack = i, .line = f->line};
        } else if (t->by == PF_BY_LINE) {
            const struct pf_frame *f = &t->keys->frames.at[i];
            t->row[i] = (struct pf_row){.func = f->func, .line = f->line};
        } else {
            struct pf_row *row = &t->row[t->of_func[i]];
            if (!row->func || pf_func_cmp(p, i, row->func) < 0)
                row->func = i;
            row->line = t->by == PF_BY_FUNCTION ? p->funcs.at[row->func].line : 0;
        }
    }
    for (pf_id f = 1; t->by != PF_BY_STACK && f < p->frames.n; f++)
        if (!p->frames.at[f].func && !t->row[t->of_frame[f]].frame)
            t->row[t->of_frame[f]].frame = f;
}

int pf_top_groups(struct top *t)
{
    const struct pf_profile *p = t->p;

    t->keys = pf_new(t->mem);
    t->of_frame = pf_alloc(t->mem, p->frames.n * sizeof *t->of_frame);
    if (!t->keys || !t->of_frame)
        return pf_top_no_memory(t);
    if (t->by == PF_BY_STACK) {
        t->n = p->stacks.n;
    } else if (t->by == PF_BY_LINE) {
        if (group_lines(t))
            return -1;
    } else {
        if (group_funcs(t))
            return -1;
    }
    t->row = pf_alloc_zero(t->mem, t->n, sizeof *t->row);
    t->seen = pf_alloc_zero(t->mem, t->n, sizeof *t->seen);
    if (!t->row || !t->seen)
        return pf_top_no_memory(t);
    name_rows(t);
    return 0;
}
