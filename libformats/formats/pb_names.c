/* pb_names.c - the strings that pprof's viewers are to show. */
#include "names.h"
#include "pb_write.h"
#include "profile.h"

uint64_t pb_str_index(struct pb_writing *w, const char *s, size_t len)
{
    return w->pprof ? pf_intern_utf8(w->strings, &w->inner, s, len) : pf_str(w->strings, s, len);
}

/* The string table gets them in canonical order. */
bool pb_name_functions(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;
    struct pf_names names;
    bool ok = pf_names_make(p, &w->o.funcs, &names);

    w->name = pf_alloc_zero(w->mem, p->funcs.n, sizeof *w->name);
    ok = ok && w->name;
    for (uint32_t i = 1; ok && i < p->funcs.n; i++) {
        pf_id f = w->o.funcs.at[i];
        struct pf_str s = names.strings->strs.at[names.of[f]];
        w->name[f] = pf_str_hashed(w->strings, s.s, s.len, s.hash);
        ok = !w->strings->err.code;
    }
    pf_names_free(p, &names);
    return ok;
}
