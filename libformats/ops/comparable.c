/* comparable.c - whether a profile can be compared with others, without comparing it. */
#include "diff.h"

int pf_diff_may_add(struct pf_diff *d, const struct pf_profile *p, unsigned type,
                    struct pf_err *err)
{
    struct pf_err hinting = {0}; /* at options that only a diff has */

    if (pf_diff_check(d, p, type, &hinting)) {
        if (*d->why)
            return pf_fail(err, PF_EVALUE, "%s", d->why);
        *err = hinting;
        return -1;
    }
    d->h->n_runs++; /* what comes next is held against the first */
    return 0;
}
