/* unit.c - units of time, as the writers of profiles spell them. */
#include "core.h"

#include <string.h>

/* Of micro there are two, U+00B5 (a sign) and U+03BC (a letter), which austin2pprof writes. */
double pf_unit_ns(struct pf_str unit)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {
        {"picoseconds", 1e-3}, {"nanoseconds", 1}, {"ns", 1},          {"microseconds", 1e3},
        {"us", 1e3},           {"\xc2\xb5s", 1e3}, {"\xce\xbcs", 1e3}, {"milliseconds", 1e6},
        {"ms", 1e6},           {"seconds", 1e9},   {"s", 1e9},
    };

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (unit.len == strlen(units[i].name) && memcmp(unit.s, units[i].name, unit.len) == 0)
            return units[i].ns;
    return 0;
}
