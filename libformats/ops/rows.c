/* rows.c - the names of rows that have none, and the order of all. */
#include "ops.h"
#include "order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MODULE_MAX = 1024 };

size_t pf_frame_label(const struct pf_profile *p, pf_id frame, char buf[PF_LABEL_MAX + 1])
{
    const struct pf_frame *f = &p->frames.at[frame];
    struct pf_str file = p->strs.at[p->maps.at[f->mapping].file];
    uint32_t base = file.len;

    while (base && file.s[base - 1] != '/' && file.s[base - 1] != '\\')
        base--;
    uint32_t len = file.len - base < PF_LABEL_MAX - 2 ? file.len - base : PF_LABEL_MAX - 2;
    buf[0] = '\0';
    if (!len)
        return f->addr ? (size_t)snprintf(buf, PF_LABEL_MAX + 1, "0x%" PRIx64, f->addr) : 0;
    buf[0] = '[';
    memcpy(buf + 1, file.s + base, len);
    memcpy(buf + 1 + len, "]", 2);
    return len + 2;
}

/* By what rows without a function are called. */
static int cmp_label(const struct pf_profile *p, pf_id x, pf_id y)
{
    char a[PF_LABEL_MAX + 1], b[PF_LABEL_MAX + 1];
    size_t n = pf_frame_label(p, x, a), m = pf_frame_label(p, y, b);
    int c = memcmp(a, b, n < m ? n : m);

    return c ? c : (n > m) - (n < m);
}

/* Two rows by what they are called: rows of a module by the module, of a file by the file. */
int pf_row_cmp_name(const struct pf_profile *p, enum pf_by by, const struct pf_row *x,
                    const struct pf_row *y)
{
    const struct pf_func *f = &p->funcs.at[x->func], *g = &p->funcs.at[y->func];

    if (by == PF_BY_MODULE) {
        char a[MODULE_MAX], b[MODULE_MAX];
        size_t n = pf_module(p->strs.at[f->file].s, p->strs.at[f->file].len, a, sizeof a);
        size_t m = pf_module(p->strs.at[g->file].s, p->strs.at[g->file].len, b, sizeof b);
        int c = strcmp(a, b);
        if (c || (n && m))
            return c;
    }
    int c = by == PF_BY_FILE || by == PF_BY_MODULE ? 0 : pf_str_cmp(p, f->name, g->name);
    c = c ? c : pf_str_cmp(p, f->file, g->file);
    c = c || x->func || y->func ? c : cmp_label(p, x->frame, y->frame);
    c = c ? c : (x->line > y->line) - (x->line < y->line);
    return c ? c : (x->stack > y->stack) - (x->stack < y->stack);
}

int pf_row_cmp(const struct pf_profile *p, enum pf_by by, const struct pf_row *x,
               const struct pf_row *y)
{
    if (x->flat != y->flat)
        return x->flat < y->flat ? 1 : -1;
    if (x->cum != y->cum)
        return x->cum < y->cum ? 1 : -1;
    return pf_row_cmp_name(p, by, x, y);
}
