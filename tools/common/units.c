/* units.c - values as people write them. */
#include "tool.h"

#include <stdio.h>
#include <string.h>

struct scale {
    double from; /* the magnitude from which this one is used */
    double is;   /* one of it, in the unit */
    const char *name;
};

static const struct scale nanoseconds[] = {
    {3600e9, 3600e9, "h"}, {60e9, 60e9, "min"}, {1e9, 1e9, "s"},
    {1e6, 1e6, "ms"},      {1e3, 1e3, "us"},    {0, 1, "ns"},
};

static const struct scale bytes[] = {
    {1099511627776., 1099511627776., "TiB"},
    {1073741824., 1073741824., "GiB"},
    {1048576., 1048576., "MiB"},
    {1024., 1024., "KiB"},
    {0, 1, "B"},
};

bool tool_human(char buf[TOOL_HUMAN], double value, const char *unit)
{
    const struct scale *s = !strcmp(unit, "nanoseconds") ? nanoseconds
                            : !strcmp(unit, "bytes")     ? bytes
                                                         : NULL;
    double size = value < 0 ? -value : value;

    if (!s)
        return false;
    while (size < s->from)
        s++;
    snprintf(buf, TOOL_HUMAN, s->from > 0 ? "%.1f %s" : "%.0f %s", value / s->is, s->name);
    return true;
}
