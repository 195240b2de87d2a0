/* measure.c - numbers with units as pprof reads and writes them: 4kb, 1.50MB, 250ms. */
#include "select.h"

#include <string.h>

struct unit {
    const char *name, *aliases; /* aliases: with blanks around each */
    double factor;
};

/* Each family ends with an empty row; its default unit comes first. */
static const struct unit units[] = {
    {"B", " b byte ", 1},
    {"kB", " kb kbyte kilobyte ", 1024.0},
    {"MB", " mb mbyte megabyte ", 1048576.0},
    {"GB", " gb gbyte gigabyte ", 1073741824.0},
    {"TB", " tb tbyte terabyte ", 1099511627776.0},
    {"PB", " pb pbyte petabyte ", 1125899906842624.0},
    {0},
    {"s", " s sec second ", 1e9},
    {"ns", " ns nanosecond ", 1},
    {"us", " \xce\xbcs us microsecond ", 1e3},
    {"ms", " ms millisecond ", 1e6},
    {"hrs", " hour hr ", 3600e9},
    {0},
};
enum { UNITS = sizeof units / sizeof *units };

static bool is_alias(const char *aliases, const char *word)
{
    char padded[32];
    size_t n = strlen(word);

    padded[0] = ' ';
    memcpy(padded + 1, word, n);
    padded[n + 1] = ' ';
    padded[n + 2] = '\0';
    return strstr(aliases, padded) != NULL;
}

/* -1: none of ours */
static int find_unit(struct pf_str s)
{
    char word[24];

    if (s.len == 0 || s.len >= sizeof word)
        return -1;
    for (uint32_t i = 0; i < s.len; i++)
        word[i] = (char)(s.s[i] >= 'A' && s.s[i] <= 'Z' ? s.s[i] | 0x20 : s.s[i]);
    size_t n = s.len;
    if (n > 2 && word[n - 1] == 's')
        n--;
    word[n] = '\0';
    for (int i = 0; i < UNITS; i++)
        if (units[i].name && !strchr(word, ' ') && is_alias(units[i].aliases, word))
            return i;
    return -1;
}

static bool is(struct pf_str s, const char *word)
{
    return s.len == strlen(word) && memcmp(s.s, word, s.len) == 0;
}

static int family(int unit)
{
    while (unit > 0 && units[unit - 1].name)
        unit--;
    return unit;
}

/* The largest unit of the family that leaves at least 1, or its default. */
static int best_unit(int first, double value)
{
    int best = -1;

    for (int i = first; units[i].name; i++)
        if (value / units[i].factor >= 1 && (best < 0 || units[i].factor >= units[best].factor))
            best = i;
    return best < 0 ? first : best;
}

static double scale(int64_t value, struct pf_str from, struct pf_str to, struct pf_str *unit)
{
    bool best = is(to, "minimum") || is(to, "auto");
    int a = find_unit(from), b = find_unit(to);

    if (a < 0) {
        bool bare = best || is(to, "count") || is(to, "sample") || is(to, "unit");
        *unit = bare ? (struct pf_str){.s = ""} : to;
        return (double)value;
    }
    int first = family(a);
    double base = (double)value * units[a].factor;
    if (best)
        b = best_unit(first, base);
    else if (b < 0 || family(b) != first)
        b = first;
    *unit = (struct pf_str){.s = units[b].name, .len = (uint32_t)strlen(units[b].name)};
    return base / units[b].factor;
}

double pf_scale(int64_t value, struct pf_str from, struct pf_str to, struct pf_str *unit)
{
    if (value < 0 && value != INT64_MIN)
        return -scale(-value, from, to, unit);
    return scale(value, from, to, unit);
}
