/* diff_check.c - whether values can be compared: unit and kind, clock, tracing or sampling, rate.
 */
#include "diff.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool same_str(const struct pf_profile *p, pf_id a, const struct pf_profile *q, pf_id b)
{
    struct pf_str x = p->strs.at[a], y = q->strs.at[b];
    return x.len == y.len && memcmp(x.s, y.s, x.len) == 0;
}

static pf_id copy_str(struct pf_profile *to, const struct pf_profile *from, pf_id str)
{
    return pf_str(to, from->strs.at[str].s, from->strs.at[str].len);
}

static bool has_type(const struct pf_profile *p, const char *name)
{
    for (uint32_t k = 0; k < p->types.n; k++)
        if (!strcmp(pf_str_at(p, p->types.at[k].name).s, name))
            return true;
    return false;
}

static bool says(const struct pf_profile *p, pf_id str, const char *word)
{
    return strcasestr(pf_str_at(p, str).s, word) != NULL;
}

/* What is not known forbids nothing. */
static struct pf_value_origin origin_of(struct pf_diff *d, const struct pf_profile *p,
                                        unsigned type)
{
    const struct pf_type *t = &p->types.at[type];
    struct pf_value_origin o = {.period = p->period,
                                .period_unit = copy_str(d->names, p, p->period_type.unit)};
    bool live = t->kind == PF_GAUGE || t->kind == PF_PEAK;

    if (live)
        return (struct pf_value_origin){0};
    if (p->calls.n ? p->calls.form != PF_EDGES_SAMPLED : has_type(p, "calls"))
        o.how = PF_TRACED;
    else if (p->calls.n || p->period > 0 || has_type(p, "samples"))
        o.how = PF_SAMPLED;
    if (says(p, t->name, "cpu") || says(p, p->period_type.name, "cpu"))
        o.clock = PF_CLOCK_CPU;
    else if (says(p, t->name, "wall") || says(p, p->period_type.name, "wall"))
        o.clock = PF_CLOCK_WALL;
    return o;
}

/* ---- what cannot be compared ---- */

static int differ(struct pf_diff *d, const char *fmt, ...) PF_PRINTF(2, 3);
static int differ(struct pf_diff *d, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(d->why, sizeof d->why, fmt, args);
    va_end(args);
    return -1;
}

static int types_differ(struct pf_diff *d, const struct pf_profile *p, const struct pf_type *t)
{
    static const char *const kinds[] = {"sum", "gauge", "peak", "fixed"};
    const char *name = pf_str_at(d->names, d->type.name).s;

    if (!same_str(d->names, d->type.name, p, t->name))
        return differ(d, "cannot compare '%.40s' with '%.40s'", name, pf_str_at(p, t->name).s);
    if (!same_str(d->names, d->type.unit, p, t->unit))
        return differ(d, "cannot compare: '%.40s' is in '%.40s' here, in '%.40s' before", name,
                      pf_str_at(p, t->unit).s, pf_str_at(d->names, d->type.unit).s);
    if (d->type.kind != t->kind)
        return differ(d, "cannot compare: '%.40s' is of kind %s here, of %s before", name,
                      kinds[t->kind & 3], kinds[d->type.kind & 3]);
    return 0;
}

static int origins_differ(struct pf_diff *d, const struct pf_value_origin *now)
{
    static const char *const how[] = {"", "traced", "sampled"}, *const clock[] = {"", "CPU",
                                                                                  "wall"};
    const struct pf_value_origin *was = &d->h->origin;

    if (was->how && now->how && was->how != now->how)
        return differ(d, "cannot compare: values are %s here, %s before", how[now->how],
                      how[was->how]);
    if (was->clock && now->clock && was->clock != now->clock)
        return differ(d, "cannot compare: times are of the %s clock here, of the %s clock before",
                      clock[now->clock], clock[was->clock]);
    if (was->period > 0 && now->period > 0 && was->period_unit == now->period_unit
        && was->period != now->period)
        return differ(
            d, "cannot compare: a sample every %" PRId64 " %.40s here, every %" PRId64 " before",
            now->period, pf_str_at(d->names, now->period_unit).s, was->period);
    return 0;
}

int pf_diff_check(struct pf_diff *d, const struct pf_profile *p, unsigned type, struct pf_err *err)
{
    if (type >= p->types.n)
        return pf_fail(err, PF_EVALUE, "there is no sample type %u in the profile", type);

    const struct pf_type *t = &p->types.at[type];
    struct pf_value_origin origin = origin_of(d, p, type);
    if (d->h->n_runs == 0) {
        d->type = (struct pf_type){.name = copy_str(d->names, p, t->name),
                                   .unit = copy_str(d->names, p, t->unit),
                                   .kind = t->kind};
        d->h->origin = origin;
    }
    if (d->names->err.code)
        return pf_diff_no_memory(d, err);
    if (d->how.normalize == PF_NORMALIZE_SHARE || d->forced)
        return 0;
    if (!types_differ(d, p, t) && !origins_differ(d, &origin))
        return 0;
    if (!d->how.force)
        return pf_fail(err, PF_EVALUE, "%.180s (--normalize share or --force compares shares)",
                       d->why);
    d->forced = true;
    d->how.normalize = PF_NORMALIZE_SHARE;
    return 0;
}

/* ---- what the header says of it ---- */

static int push_once(struct pf_diff *d, struct pf_ids *list, pf_id str)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (list->at[i] == str)
            return 0;
    if (!pf_grow(d->h->mem, &list->at, list->n, &list->cap, sizeof *list->at))
        return -1;
    list->at[list->n++] = str;
    return 0;
}

int pf_diff_note_origin(struct pf_diff *d, enum pf_side side, const struct pf_profile *p,
                        unsigned type, struct pf_err *err)
{
    static const char *const clock[] = {"", "CPU clock", "wall clock"};
    struct pf_value_origin o = origin_of(d, p, type);
    char text[128] = "", every[80] = "";

    if (o.period > 0)
        snprintf(every, sizeof every, "a sample every %" PRId64 " %.30s", o.period,
                 pf_str_at(d->names, o.period_unit).s);
    snprintf(text, sizeof text, "%s%s%s", clock[o.clock], *clock[o.clock] && *every ? ", " : "",
             every);
    if (!*text)
        return 0;
    pf_id id = pf_strz(d->names, text);
    return !id || push_once(d, &d->side[side].timers, id) ? pf_diff_no_memory(d, err) : 0;
}
