/* memprof.h - the lines of a memory_profiler report, each by itself. */
#ifndef MEMPROF_H
#define MEMPROF_H

#include "text.h"

/* What the header says of the rows: their cells (1: memory, 2: and increment, 3: and occurrences),
 * the column where the source of a line without values begins, and who writes such a header. */
struct memprof_layout {
    unsigned cells, source;
    const char *producer;
};

struct memprof_row {
    int64_t line, usage, increment, occurrences;
    bool measured;
    size_t source; /* where the source of the line begins */
    pf_id text;    /* for the reader */
    uint64_t at;   /* likewise: the line of the report */
};

/* BAD_ROW: it has a line number, but cells that cannot be read; its source is not known then. */
enum memprof_is { MEMPROF_NO_ROW, MEMPROF_ROW, MEMPROF_BAD_ROW };

bool memprof_header(const char *s, size_t len, struct memprof_layout *l);
bool memprof_is_rule(const char *s, size_t len); /* the `====` below the header */
bool memprof_is_blank(const char *s, size_t len);
enum memprof_is memprof_row(const struct memprof_layout *l, const char *s, size_t len,
                            struct memprof_row *row);

/* The name in `def NAME` or `async def NAME` that a line of source begins with; NULL: none. */
const char *memprof_def(const char *s, size_t len, size_t *n);

#endif
