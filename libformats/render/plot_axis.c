/* plot_axis.c - the steps of an axis: round numbers in a unit that people use. */
#include "plot.h"

#include <math.h>
#include <string.h>

/* Units, from the smallest; `of_base` tells the next larger one in this one. */
struct unit {
    const char *name;
    double is; /* in the unit of the values */
    double next;
};

static const struct unit times[] = {{"ns", 1, 1000},    {"us", 1e3, 1000}, {"ms", 1e6, 1000},
                                    {"s", 1e9, 60},     {"min", 6e10, 60}, {"h", 3.6e12, 24},
                                    {"d", 8.64e13, 1e9}};
static const struct unit sizes[] = {{"B", 1, 1024},
                                    {"KiB", 1024, 1024},
                                    {"MiB", 1048576, 1024},
                                    {"GiB", 1073741824, 1024},
                                    {"TiB", 1099511627776, 1e12}};
static const struct unit plain[] = {{"", 1, 1e30}};

/* 1, 2 and 5 times a power of ten; of minutes and hours, what a clock shows. */
static double round_step(double least, double next)
{
    static const double clock[] = {1, 2, 5, 10, 15, 30};
    double power;

    if (next < 100 && least >= 1)
        for (size_t i = 0; i < sizeof clock / sizeof *clock; i++)
            if (clock[i] >= least && clock[i] < next)
                return clock[i];
    if (next < 100 && least >= 1)
        return next;
    power = pow(10, floor(log10(least)));
    for (int i = 0; i < 3; i++) {
        static const double factor[] = {1, 2, 5};
        if (factor[i] * power >= least * 0.999999)
            return factor[i] * power;
    }
    return 10 * power;
}

static void make_axis(struct pf_axis *a, double low, double high, const struct unit *u,
                      unsigned most)
{
    double range = high - low;
    double size = fmax(fabs(low), fabs(high));

    while (u->next < 1e9 && size >= u->is * u->next)
        u++;
    a->scale = u->is;
    a->name = u->name;
    a->step = round_step(range / u->is / most, u->next) * u->is;
    if (u->is <= 1 && a->step < 1) /* there is nothing between two whole numbers */
        a->step = 1;
    a->low = floor(low / a->step) * a->step;
    a->end = ceil(high / a->step - 1e-9) * a->step;
    double shown = a->step / a->scale;
    for (a->decimals = 0; a->decimals < 9 && fabs(shown - round(shown)) > 1e-6; a->decimals++)
        shown *= 10;
}

void pf_axis_of_time(struct pf_axis *a, double length_ns, unsigned most)
{
    make_axis(a, 0, length_ns > 0 ? length_ns : 1e9, times, most);
}

static bool is(struct pf_str unit, const char *name)
{
    return unit.len == strlen(name) && memcmp(unit.s, name, unit.len) == 0;
}

void pf_axis_of_values(struct pf_axis *a, double low, double high, struct pf_str unit,
                       unsigned most)
{
    const struct unit *u = is(unit, "bytes") ? sizes : is(unit, "nanoseconds") ? times : plain;

    low = low < 0 ? low : 0; /* 0 is always shown: heights are to be compared */
    high = high > 0 ? high : 0;
    make_axis(a, low, high > low ? high : low + 1, u, most);
}
