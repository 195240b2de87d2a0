/* lost.h - how writers tell what their format cannot hold: in phrases, without a full stop. */
#ifndef LOST_H
#define LOST_H

#include "formats.h"

void pf_lost(const struct pf_write *w, const char *fmt, ...) PF_PRINTF(2, 3);

/* "only time is kept, not space": all other types that have values; also: one that has its place,
 * too, or -1. */
void pf_lost_types(const struct pf_write *w, const struct pf_profile *p, unsigned kept, int also);
/* `text`, if any sample has labels. */
void pf_lost_labels(const struct pf_write *w, const struct pf_profile *p, const char *text);
/* If the values of that type are no sums, which `readers` ("callgrind's viewers") take them for. */
void pf_lost_kind(const struct pf_write *w, const struct pf_profile *p, unsigned type,
                  const char *readers);

#endif
