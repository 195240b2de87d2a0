/* subject.c - what the rows of a view are called: a function, line, file, module or whole stack. */
#include "render.h"

#include <inttypes.h>
#include <string.h>

static bool has_place(struct pf_str file)
{
    return file.len && !(file.len == 1 && file.s[0] == '~');
}

/* Of a whole stack the address is worth more than the binary it lies in. */
static void put_label(const struct pf_profile *p, pf_id frame, struct pf_sink *out)
{
    char label[PF_LABEL_MAX + 1];
    size_t len = pf_frame_label(p, frame, label);

    if (p->frames.at[frame].addr)
        pf_printf(out, "0x%" PRIx64, p->frames.at[frame].addr);
    else
        pf_put_folded(out, len ? label : "?", len ? len : 1);
}

static void put_frame(const struct pf_profile *p, pf_id frame, struct pf_sink *out)
{
    const struct pf_frame *f = &p->frames.at[frame];
    const struct pf_func *func = &p->funcs.at[f->func];
    struct pf_str name = p->strs.at[func->name], file = p->strs.at[func->file];
    int64_t line = f->line ? f->line : func->line;

    if (f->func)
        pf_put_folded(out, name.s, name.len);
    else
        put_label(p, frame, out);
    if (!has_place(file))
        return;
    bool bare = f->func && !name.len; /* only the place is known */
    pf_puts(out, bare ? "" : " (");
    pf_put_folded(out, file.s, file.len);
    if (line)
        pf_printf(out, ":%" PRId64, line);
    pf_puts(out, bare ? "" : ")");
}

/* As folded stacks are spelled: root first, with semicolons between. */
static struct pf_str spell_stack(struct pf_speller *sp, pf_id stack)
{
    const struct pf_profile *p = sp->names;
    struct pf_path path = {0};
    const uint8_t *s = NULL;
    size_t len = 0;

    pf_abandon(sp->stack);
    sp->stack = pf_create_mem(p->mem, PF_PLAIN, &sp->err);
    if (sp->stack && pf_unwind(p, stack, &path)) {
        for (uint32_t i = 0; i < path.n; i++) {
            if (i)
                pf_put(sp->stack, ";", 1);
            put_frame(p, path.frame[i], sp->stack);
        }
        pf_end_frame(sp->stack);
        s = pf_sink_bytes(sp->stack, &len);
    }
    pf_dealloc(p->mem, path.frame);
    if (!s || len > UINT32_MAX) {
        pf_fail(&sp->err, PF_ENOMEM, "no memory for the text of a stack; see --max-memory");
        return (struct pf_str){.s = ""};
    }
    return (struct pf_str){.s = (const char *)s, .len = (uint32_t)len};
}

static struct pf_str text(const char *s)
{
    return (struct pf_str){.s = s, .len = (uint32_t)strlen(s)};
}

static struct pf_str name_of(struct pf_speller *sp, const struct pf_row *row)
{
    const struct pf_func *f = &sp->names->funcs.at[row->func];
    struct pf_str file = sp->names->strs.at[f->file];

    if (sp->by != PF_BY_STACK && !row->func) {
        size_t len = pf_frame_label(sp->names, row->frame, sp->module);
        if (len)
            return (struct pf_str){.s = sp->module, .len = (uint32_t)len};
    }
    switch (sp->by) {
    case PF_BY_STACK: return spell_stack(sp, row->stack);
    case PF_BY_MODULE:
        if (pf_module(file.s, file.len, sp->module, sizeof sp->module))
            return text(sp->module);
        return file.len ? file : text("?");
    case PF_BY_FILE: return file.len ? file : text("?");
    case PF_BY_FUNCTION:
    case PF_BY_LINE: break;
    }
    return row->func ? sp->names->strs.at[f->name] : text("?");
}

void pf_subject_cell(struct pf_speller *sp, const struct pf_row *row, int id, struct pf_cell *cell)
{
    struct pf_str file = sp->names->strs.at[sp->names->funcs.at[row->func].file];
    bool placed = sp->by == PF_BY_FUNCTION || sp->by == PF_BY_LINE;

    switch (id) {
    case PF_COL_NAME:
        cell->kind = PF_CELL_NAME;
        cell->s = name_of(sp, row);
        break;
    case PF_COL_FILE:
        cell->kind = PF_CELL_NAME;
        cell->s = file;
        break;
    case PF_COL_PLACE:
        cell->kind = placed && has_place(file) ? PF_CELL_PLACE : PF_CELL_NONE;
        cell->s = file;
        cell->i = row->line;
        break;
    case PF_COL_LINE:
        cell->kind = PF_CELL_COUNT;
        cell->i = row->line;
        break;
    default: break;
    }
}

const char *pf_by_title(enum pf_by by)
{
    static const char *const title[] = {"function", "file", "line", "module", "stack"};
    return title[by];
}
