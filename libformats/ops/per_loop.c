/* per_loop.c - times of timeit and pyperf, which hold so many loops, as times of one loop. */
#include "ops.h"

#include <string.h>

__extension__ typedef __int128 wide;

static bool is_called(const struct pf_profile *p, int type, const char *unit)
{
    struct pf_str s = type < 0 ? (struct pf_str){0} : pf_str_at(p, p->types.at[type].unit);

    return s.len == strlen(unit) && memcmp(s.s, unit, s.len) == 0;
}

bool pf_per_loop(struct pf_profile *p, unsigned type)
{
    int loops = pf_type_find(p, "loops");

    if (!is_called(p, loops, "count") || !is_called(p, (int)type, "nanoseconds"))
        return false;
    const int64_t *n = p->samples.value[loops];
    int64_t *time = p->samples.value[type];
    for (uint32_t i = 0; i < p->samples.n; i++) {
        wide scaled = (wide)time[i] * 1000;
        if ((time[i] && n[i] <= 0) || (n[i] > 0 && scaled / n[i] > INT64_MAX - 1))
            return false;
    }
    pf_id unit = pf_strz(p, "picoseconds");
    if (p->err.code)
        return false;
    p->types.at[type].unit = unit;
    for (uint32_t i = 0; i < p->samples.n; i++)
        if (time[i]) {
            wide scaled = (wide)time[i] * 1000;
            time[i] = (int64_t)((scaled + (scaled < 0 ? -n[i] : n[i]) / 2) / n[i]);
        }
    return true;
}
