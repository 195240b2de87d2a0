/* speedscope_write.h - the writer of speedscope files, for their format. */
#ifndef SPEEDSCOPE_WRITE_H
#define SPEEDSCOPE_WRITE_H

#include "core.h"

int speedscope_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *w,
                     struct pf_err *err);

#endif
