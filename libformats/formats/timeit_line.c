/* timeit_line.c - a line of what timeit prints. */
#include "timeit.h"

#include <string.h>

/* Times are read in femtoseconds, so that a time per loop is exact when it is multiplied. */
enum { NANO = 9, FEMTO = 15, FEMTO_IN_NANO = 1000000 };

static const char raw_times[] = "raw times: ";

static size_t skip_blanks(const char *s, size_t len, size_t i)
{
    while (i < len && pf_is_blank(s[i]))
        i++;
    return i;
}

/* True, and *at behind it, if `word` stands there. */
static bool take(const char *s, size_t len, size_t *at, const char *word)
{
    if (!pf_starts(s + *at, len - *at, word))
        return false;
    *at += strlen(word);
    return true;
}

/* A count, as IPython writes it with commas between. */
static bool take_count(const char *s, size_t len, size_t *at, int64_t *n)
{
    size_t i = *at;
    bool fits = true;

    for (*n = 0;
         i < len
         && (pf_is_digit(s[i]) || (s[i] == ',' && i > *at && i + 1 < len && pf_is_digit(s[i + 1])));
         i++)
        if (s[i] != ',')
            fits = fits && !__builtin_mul_overflow(*n, 10, n)
                   && !__builtin_add_overflow(*n, s[i] - '0', n);
    bool any = i > *at;
    *at = i;
    return any && fits && *n > 0;
}

/* ---- times ---- */

struct unit {
    const char *name;
    int exponent; /* of ten, in seconds */
    int seconds;  /* or so many of them */
};

/* Python's and IPython's; the two spellings of micro are U+00B5 and U+03BC. */
static const struct unit units[] = {
    {"nsec", -9, 0},      {"usec", -6, 0},      {"msec", -3, 0}, {"secs", 0, 0},  {"sec", 0, 0},
    {"ns", -9, 0},        {"us", -6, 0},        {"ms", -3, 0},   {"s", 0, 0},     {"min", 0, 60},
    {"\xc2\xb5s", -6, 0}, {"\xce\xbcs", -6, 0}, {"h", 0, 3600},  {"d", 0, 86400},
};

static const struct unit *take_unit(const char *s, size_t len, size_t *at)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t to = *at;
        bool ends = take(s, len, &to, units[i].name)
                    && (to == len || !((unsigned)((s[to] | 0x20) - 'a') < 26));
        if (ends) {
            *at = to;
            return &units[i];
        }
    }
    return NULL;
}

/* Femtoseconds, exactly if they are few enough. */
static bool in_femto(const char *s, size_t len, const struct unit *unit, pf_int128 *fs)
{
    struct pf_decimal d;
    int64_t scale = unit->seconds ? unit->seconds : 1;

    pf_decimal(s, len, FEMTO + unit->exponent, &d);
    *fs = (pf_int128)d.value * scale;
    if (d.fits)
        return d.value >= 0;
    pf_decimal(s, len, NANO + unit->exponent, &d);
    *fs = (pf_int128)d.value * scale * FEMTO_IN_NANO;
    return d.fits && d.value >= 0;
}

/* `4.04 msec`, `1min 2s`; a number without a unit is seconds where that may be. */
static bool take_time(const char *s, size_t len, size_t *at, bool bare, pf_int128 *fs)
{
    static const struct unit seconds = {"", 0, 0};
    bool more = false;

    for (*fs = 0;; more = true) {
        struct pf_decimal d;
        pf_int128 part;
        size_t to = skip_blanks(s, len, *at), n = pf_decimal(s + to, len - to, 0, &d);
        size_t end = skip_blanks(s, len, to + n);
        if (!n)
            return more;
        const struct unit *unit = take_unit(s, len, &end);
        if (!unit && bare && !more) {
            unit = &seconds;
            end = to + n;
        }
        if (!unit)
            return more;
        if (!in_femto(s + to, n, unit, &part) || part > (pf_int128)INT64_MAX * FEMTO_IN_NANO)
            return false;
        *fs += part;
        *at = end;
        if (!unit->seconds) /* only minutes, hours and days are followed by something smaller */
            return true;
    }
}

/* Of all loops; false: it does not fit. */
static bool for_loops(pf_int128 fs, int64_t loops, int64_t *ns)
{
    const pf_int128 most = (pf_int128)INT64_MAX * FEMTO_IN_NANO;

    return fs <= most && (fs == 0 || loops <= most / fs)
           && pf_divide(fs * loops, FEMTO_IN_NANO, ns);
}

int timeit_raw(const char *s, size_t len, size_t *at, int64_t *ns)
{
    pf_int128 fs;

    *at = skip_blanks(s, len, *at ? *at : sizeof raw_times - 1);
    if (*at == len)
        return 0;
    if (!take_time(s, len, at, true, &fs) || !for_loops(fs, 1, ns))
        return -1;
    if (*at < len && s[*at] == ',')
        ++*at;
    else if (*at < len && !pf_is_blank(s[*at]))
        return -1;
    return 1;
}

/* ---- results ---- */

/* `N loops, best of M: ` */
static bool take_best_of(const char *s, size_t len, size_t *at, struct timeit_result *r, bool *good)
{
    size_t i = *at;

    *good = take_count(s, len, &i, &r->loops);
    if (i == *at || !(take(s, len, &i, " loops, best of ") || take(s, len, &i, " loop, best of ")))
        return false;
    *good = take_count(s, len, &i, &r->repeats) && *good && take(s, len, &i, ": ");
    *at = i;
    return true;
}

static enum timeit_is best_line(const char *s, size_t len, struct timeit_result *r)
{
    size_t at = 0;
    pf_int128 fs;
    bool good;

    if (!take_best_of(s, len, &at, r, &good))
        return TIMEIT_OTHER;
    r->mean = false;
    good = good && take_time(s, len, &at, false, &fs) && take(s, len, &at, " per loop")
           && for_loops(fs, r->loops, &r->time);
    return good ? TIMEIT_RESULT : TIMEIT_BAD;
}

/* Plus-minus as UTF-8, Latin-1 or ASCII. */
static bool take_plus_minus(const char *s, size_t len, size_t *at)
{
    return take(s, len, at, "\xc2\xb1") || take(s, len, at, "\xb1") || take(s, len, at, "+-");
}

static enum timeit_is mean_line(const char *s, size_t len, struct timeit_result *r)
{
    size_t at = 0;
    pf_int128 fs, deviation;

    if (!take_time(s, len, &at, false, &fs))
        return TIMEIT_OTHER;
    at = skip_blanks(s, len, at);
    if (!take_plus_minus(s, len, &at) || !memmem(s, len, " per loop (mean ", 16))
        return TIMEIT_OTHER;
    r->mean = true;
    bool good = take_time(s, len, &at, false, &deviation) && take(s, len, &at, " per loop (mean ")
                && take_plus_minus(s, len, &at) && take(s, len, &at, " std. dev. of ")
                && take_count(s, len, &at, &r->repeats)
                && (take(s, len, &at, " runs, ") || take(s, len, &at, " run, "))
                && take_count(s, len, &at, &r->loops)
                && (take(s, len, &at, " loops each)") || take(s, len, &at, " loop each)"))
                && for_loops(fs, r->loops, &r->time);
    return good ? TIMEIT_RESULT : TIMEIT_BAD;
}

enum timeit_is timeit_line(const char *s, size_t len, struct timeit_result *r)
{
    if (!len)
        return TIMEIT_OTHER;
    if (pf_is_digit(s[0])) {
        enum timeit_is is = best_line(s, len, r);
        return is == TIMEIT_OTHER ? mean_line(s, len, r) : is;
    }
    if (pf_starts(s, len, raw_times))
        return TIMEIT_RAW;
    if (memmem(s, len, "The test results are likely unreliable", 38))
        return TIMEIT_UNRELIABLE;
    return pf_starts(s, len, "Traceback (most recent call last)") ? TIMEIT_FAILED : TIMEIT_OTHER;
}
