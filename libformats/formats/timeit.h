/* timeit.h - the lines that timeit prints, each by itself. */
#ifndef TIMEIT_H
#define TIMEIT_H

#include "text.h"

/*
 * `50 loops, best of 5: 4.04 msec per loop`, or IPython's `3.93 us +- 4.67 us per loop (mean +-
 * std. dev. of 7 runs, 1,000 loops each)`.
 */
struct timeit_result {
    int64_t loops, repeats;
    int64_t time; /* nanoseconds of all loops of the best repeat, or of the mean one */
    bool mean;
};

enum timeit_is {
    TIMEIT_OTHER,
    TIMEIT_BAD,
    TIMEIT_RESULT,
    TIMEIT_RAW,
    TIMEIT_UNRELIABLE,
    TIMEIT_FAILED
};

/* `raw times: ` is only recognised: timeit_raw reads the times behind it, one a call, from *at on.
 */
enum timeit_is timeit_line(const char *s, size_t len, struct timeit_result *result);
/* 1: a time in nanoseconds, 0: there is none left, -1: it cannot be read. */
int timeit_raw(const char *s, size_t len, size_t *at, int64_t *ns);

#endif
