/* rows.c - the order of rows. */
#include "ops.h"
#include "order.h"

#include <string.h>

enum { MODULE_MAX = 1024 };

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
