/* units.c - values as people write them: 1.54 ms, 3.20 MiB. */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct scale {
    double is; /* one of it, in the smallest */
    const char *name;
};

static const struct scale times[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
static const struct scale sizes[] = {
    {1099511627776., "TiB"}, {1073741824., "GiB"}, {1048576., "MiB"}, {1024., "KiB"}, {1, "B"},
};

/* Billionths of a whole are shown as per cent of it. */
static const struct scale parts[] = {{1, "%"}};

struct unit {
    const struct scale *scale; /* NULL: a count, or nothing that is known */
    double is;                 /* one of it, in the smallest of the scale */
};

static bool is_called(struct pf_str unit, const char *name)
{
    return unit.len == strlen(name) && memcmp(unit.s, name, unit.len) == 0;
}

/* "nanoseconds/s": a rate, shown as what it is a second. */
static bool is_rate(struct pf_str unit)
{
    return unit.len > 2 && memcmp(unit.s + unit.len - 2, "/s", 2) == 0;
}

static struct unit find(struct pf_str unit)
{
    if (is_called(unit, "ppb"))
        return (struct unit){parts, 1e-7};
    if (is_rate(unit))
        unit.len -= 2;
    if (is_called(unit, "bytes") || is_called(unit, "byte") || is_called(unit, "B"))
        return (struct unit){sizes, 1};
    double ns = pf_unit_ns(unit);
    return ns > 0 ? (struct unit){times, ns} : (struct unit){0};
}

int pf_value_text(char buf[PF_VALUE_MAX], double value, struct pf_str unit, bool sign)
{
    struct unit u = find(unit);
    const char *plus = sign && value > 0 ? "+" : "";

    if (!u.scale && value > -1e15 && value < 1e15 && value != (double)(int64_t)value) /* a mean */
        return snprintf(buf, PF_VALUE_MAX, "%s%.1f", plus, value);
    if (!u.scale || value == 0)
        return snprintf(buf, PF_VALUE_MAX, "%s%.0f", plus, value);
    if (u.scale == parts)
        return snprintf(buf, PF_VALUE_MAX, "%s%.2f%%", plus, value * u.is);

    double size = value * u.is, amount = size < 0 ? -size : size;
    const struct scale *s = u.scale;
    while (s->is > 1 && amount < s->is * 0.999995)
        s++;
    bool fine = s->is > 1 || u.is < 1;
    return snprintf(buf, PF_VALUE_MAX, fine ? "%s%.2f %s%s" : "%s%.0f %s%s", plus, size / s->is,
                    s->name, is_rate(unit) ? "/s" : "");
}

static int integer(char buf[PF_VALUE_MAX], int64_t value, bool sign)
{
    return snprintf(buf, PF_VALUE_MAX, sign && value > 0 ? "+%" PRId64 : "%" PRId64, value);
}

/* "-1.20 ms..+3.00 ms" */
static int pair_text(const struct pf_table *t, const struct pf_cell *cell, bool raw,
                     char buf[PF_VALUE_MAX])
{
    char low[PF_VALUE_MAX], high[PF_VALUE_MAX];

    if (raw) {
        integer(low, cell->i, cell->sign);
        integer(high, cell->j, cell->sign);
    } else {
        pf_value_text(low, (double)cell->i, t->unit, cell->sign);
        pf_value_text(high, (double)cell->j, t->unit, cell->sign);
    }
    return snprintf(buf, PF_VALUE_MAX, "%.21s..%.21s", low, high);
}

int pf_cell_text(const struct pf_table *t, const struct pf_cell *cell, char buf[PF_VALUE_MAX])
{
    const char *plus = cell->sign && cell->d > 0 ? "+" : "";
    bool raw = t->view->raw || !find(t->unit).scale;

    switch (cell->kind) {
    case PF_CELL_COUNT: return integer(buf, cell->i, cell->sign);
    case PF_CELL_VALUE:
        return raw ? integer(buf, cell->i, cell->sign)
                   : pf_value_text(buf, (double)cell->i, t->unit, cell->sign);
    case PF_CELL_SHARE:
        return raw ? snprintf(buf, PF_VALUE_MAX, "%s%.1f", plus, cell->d)
                   : pf_value_text(buf, cell->d, t->unit, cell->sign);
    case PF_CELL_PERCENT:
        return snprintf(buf, PF_VALUE_MAX, cell->d < 1e9 ? "%s%.2f%%" : "%s%.3g%%", plus, cell->d);
    case PF_CELL_NUMBER: return snprintf(buf, PF_VALUE_MAX, "%.3g", cell->d);
    case PF_CELL_PAIR: return pair_text(t, cell, raw, buf);
    case PF_CELL_WORD: return snprintf(buf, PF_VALUE_MAX, "%.*s", (int)cell->s.len, cell->s.s);
    case PF_CELL_NONE:
    case PF_CELL_FLAG:
    case PF_CELL_NAME:
    case PF_CELL_PLACE: break;
    }
    buf[0] = '\0';
    return 0;
}
