/* signed.h - the difference of two sides as a profile, for profdiff --pb. */
#ifndef SIGNED_H
#define SIGNED_H

#include "common/tool.h"

/* Writes new - base: sums of the runs of each side, which are used up. type: what is compared. */
struct pf_sink *put_signed(struct pf_profile *sum[2], const unsigned runs[2], const char *type,
                           const struct pf_maps *maps);

#endif
