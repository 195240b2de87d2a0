/* below.h - source files that a profile names, read from below one folder only. */
#ifndef BELOW_H
#define BELOW_H

#include "core.h"

/* A folder, for pf_below_read; -1: it cannot be opened. close() it. */
int pf_below_open(const char *folder, struct pf_err *err);
/* The text of the regular file that the end of `path` names below the folder: of /a/b/c.py it is
 * a/b/c.py, else b/c.py, else c.py. NULL: there is none (or no memory). Yours. */
char *pf_below_read(struct pf_mem *m, int root, const char *path, size_t path_len, size_t *len,
                    int64_t *changed_ns);

#endif
