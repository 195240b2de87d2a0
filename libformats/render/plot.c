/* plot.c - collects what is plotted: the samples of profiles that have times. */
#include "plot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct pf_plot *plot, struct pf_err *err)
{
    return pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   plot->mem->used / PF_MIB);
}

struct pf_plot *pf_plot_new(struct pf_mem *m)
{
    struct pf_plot *plot = pf_alloc_zero(m, 1, sizeof *plot);

    if (!plot)
        return NULL;
    plot->mem = m;
    plot->names = pf_new(m);
    if (plot->names)
        return plot;
    pf_dealloc(m, plot);
    return NULL;
}

void pf_plot_free(struct pf_plot *plot)
{
    if (!plot)
        return;
    for (uint32_t i = 0; i < plot->lines; i++)
        pf_dealloc(plot->mem, plot->line[i].at);
    pf_dealloc(plot->mem, plot->line);
    pf_dealloc(plot->mem, plot->span);
    pf_dealloc(plot->mem, plot->run);
    pf_free(plot->names);
    pf_dealloc(plot->mem, plot);
}

/* ---- a run ---- */

/* What the labels of a sample say. */
struct said {
    const struct pf_label *time, *duration;
    pf_id process; /* a label */
};

struct adding {
    struct pf_plot *plot;
    const struct pf_profile *p;
    struct pf_err *err;
    const int64_t *value, *entry, *exit;
    pf_id key_time, key_duration, key_process[3];
    uint32_t run, first_line, first_span;
    pf_id last_process;
    uint32_t last_line;
};

static pf_id find_str(const struct pf_profile *p, const char *s)
{
    size_t len = strlen(s);

    for (pf_id i = 1; i < p->strs.n; i++)
        if (p->strs.at[i].len == len && memcmp(p->strs.at[i].s, s, len) == 0)
            return i;
    return 0;
}

static struct said labels_of(const struct adding *a, pf_id set)
{
    const struct pf_profile *p = a->p;
    struct said said = {NULL, NULL, 0};

    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        const struct pf_label *l = &p->labels.at[p->sets.item[i]];
        if (l->kind == PF_LABEL_NUM && l->key == a->key_time)
            said.time = l;
        else if (l->kind == PF_LABEL_NUM && l->key == a->key_duration)
            said.duration = l;
        for (int k = 0; k < 3 && !said.process; k++)
            if (l->kind != PF_LABEL_RAW && l->key == a->key_process[k])
                said.process = p->sets.item[i];
    }
    return said;
}

/* "process 17" */
static pf_id process_name(struct adding *a, pf_id label)
{
    const struct pf_profile *p = a->p;
    const struct pf_label *l = &p->labels.at[label];
    struct pf_str key = p->strs.at[l->key], text = p->strs.at[l->str];
    char buf[200];
    int n;

    if (!label)
        return 0;
    if (l->kind == PF_LABEL_NUM)
        n = snprintf(buf, sizeof buf, "%.80s %lld", key.s, (long long)l->num);
    else
        n = snprintf(buf, sizeof buf, "%.80s %.100s", key.s, text.s);
    return pf_str(a->plot->names, buf, (size_t)n);
}

static struct pf_line_of *line_of(struct adding *a, pf_id process)
{
    struct pf_plot *plot = a->plot;

    if (process == a->last_process && a->last_line < plot->lines)
        return &plot->line[a->last_line];
    pf_id name = process_name(a, process);
    uint32_t i = a->first_line;
    while (i < plot->lines && plot->line[i].name != name)
        i++;
    if (i == plot->lines) {
        if (i - a->first_line >= 1000) {
            pf_fail(a->err, PF_ELIMIT, "more than 1000 processes or threads to draw");
            return NULL;
        }
        if (!pf_grow(plot->mem, &plot->line, plot->lines, &plot->cap_lines, sizeof *plot->line)) {
            no_memory(plot, a->err);
            return NULL;
        }
        plot->line[plot->lines++] = (struct pf_line_of){.name = name, .run = a->run};
    }
    a->last_process = process;
    a->last_line = i;
    return &plot->line[i];
}

static int add_point(struct adding *a, pf_id process, int64_t time, int64_t value)
{
    struct pf_line_of *line = line_of(a, process);

    if (!line)
        return -1;
    if (!pf_grow(a->plot->mem, &line->at, line->n, &line->cap, sizeof *line->at))
        return no_memory(a->plot, a->err);
    line->at[line->n++] = (struct pf_point){time, value};
    return 0;
}

static int add_span(struct adding *a, uint32_t i, int64_t from, int64_t duration)
{
    struct pf_plot *plot = a->plot;
    const struct pf_profile *p = a->p;
    pf_id stack = p->samples.stack[i];
    struct pf_str name = p->strs.at[p->funcs.at[p->frames.at[p->stacks.frame[stack]].func].name];
    struct pf_span span = {.from = from, .run = a->run};

    if (duration < 0 || !pf_add64(from, duration, &span.to))
        return 0;
    for (pf_id s = stack; s; s = p->stacks.parent[s])
        span.depth++;
    span.name = pf_str(plot->names, name.s, name.len);
    span.has_values = a->entry && a->exit;
    if (span.has_values) {
        span.entry = a->entry[i];
        span.exit = a->exit[i];
    }
    if (!pf_grow(plot->mem, &plot->span, plot->spans, &plot->cap_spans, sizeof *plot->span))
        return no_memory(plot, a->err);
    plot->span[plot->spans++] = span;
    return 0;
}

static int add_samples(struct adding *a)
{
    const struct pf_profile *p = a->p;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        struct said said = labels_of(a, p->samples.labels[i]);
        int failed = 0;
        if (!said.time)
            continue;
        if (said.duration)
            failed = add_span(a, i, said.time->num, said.duration->num);
        /* a call has no value of its own where it has those at its ends */
        if (!said.duration || !a->entry)
            failed = failed || add_point(a, said.process, said.time->num, a->value[i]);
        if (failed)
            return -1;
    }
    return 0;
}

/* All runs are drawn with one axis. */
static int check_type(struct pf_plot *plot, const struct pf_profile *p, unsigned type,
                      struct pf_err *err)
{
    struct pf_str name = pf_str_at(p, p->types.at[type].name),
                  unit = pf_str_at(p, p->types.at[type].unit);
    pf_id n = pf_str(plot->names, name.s, name.len), u = pf_str(plot->names, unit.s, unit.len);

    if (plot->runs && (n != plot->type || u != plot->unit))
        return pf_fail(err, PF_EVALUE,
                       "cannot draw %.60s (%.40s) and %.60s (%.40s) over each other",
                       pf_str_at(plot->names, plot->type).s, pf_str_at(plot->names, plot->unit).s,
                       name.s, unit.s);
    plot->type = n;
    plot->unit = u;
    return 0;
}

/* A run begins with the first of all its points and calls. */
static void set_start(struct adding *a)
{
    struct pf_plot *plot = a->plot;
    int64_t start = INT64_MAX;

    for (uint32_t i = a->first_line; i < plot->lines; i++)
        for (uint32_t k = 0; k < plot->line[i].n; k++)
            start = plot->line[i].at[k].time < start ? plot->line[i].at[k].time : start;
    for (uint32_t i = a->first_span; i < plot->spans; i++)
        start = plot->span[i].from < start ? plot->span[i].from : start;
    plot->run[a->run].start = start;
}

int pf_plot_add(struct pf_plot *plot, const struct pf_profile *p, unsigned type, const char *name,
                struct pf_err *err)
{
    static const char *const process_keys[] = {"process", "thread", "profile"};
    int entry = pf_type_find(p, "entry"), exit = pf_type_find(p, "exit");
    struct adding a = {.plot = plot, .p = p, .err = err, .run = plot->runs};

    if (type >= p->types.n)
        return pf_fail(err, PF_EVALUE, "there is no sample type %u in the profile", type);
    if (check_type(plot, p, type, err))
        return -1;
    if (!pf_grow(plot->mem, &plot->run, plot->runs, &plot->cap_runs, sizeof *plot->run))
        return no_memory(plot, err);
    plot->run[plot->runs++] = (struct pf_plot_run){.name = pf_strz(plot->names, name)};
    a.value = p->samples.value[type];
    a.entry = entry >= 0 ? p->samples.value[entry] : NULL;
    a.exit = exit >= 0 ? p->samples.value[exit] : NULL;
    a.key_time = find_str(p, "time");
    a.key_duration = find_str(p, "duration");
    for (int k = 0; k < 3; k++)
        a.key_process[k] = find_str(p, process_keys[k]);
    a.first_line = a.last_line = plot->lines;
    a.first_span = plot->spans;
    if (add_samples(&a))
        return -1;
    if (plot->names->err.code)
        return no_memory(plot, err);
    if (plot->lines == a.first_line && plot->spans == a.first_span)
        return pf_fail(err, PF_EVALUE,
                       "the samples have no times (label 'time'): mprof's files have them");
    set_start(&a);
    return 0;
}

/* ---- what is known of lines ---- */

static int by_time(const void *a, const void *b)
{
    const struct pf_point *x = a, *y = b;

    return (x->time > y->time) - (x->time < y->time);
}

static void sort_points(struct pf_line_of *line)
{
    uint32_t i = 1;

    while (i < line->n && line->at[i - 1].time <= line->at[i].time)
        i++;
    if (i < line->n)
        qsort(line->at, line->n, sizeof *line->at, by_time);
}

static void find_slope(const struct pf_plot *plot, struct pf_line_of *line)
{
    double n = line->n, mean_x = 0, mean_y = 0, xx = 0, xy = 0;

    for (uint32_t i = 0; i < line->n; i++) {
        mean_x += (double)pf_plot_since(plot, line->run, line->at[i].time) / n;
        mean_y += (double)line->at[i].value / n;
    }
    for (uint32_t i = 0; i < line->n; i++) {
        double x = (double)pf_plot_since(plot, line->run, line->at[i].time) - mean_x;
        xx += x * x;
        xy += x * ((double)line->at[i].value - mean_y);
    }
    line->middle_time = mean_x;
    line->middle_value = mean_y;
    line->has_slope = xx > 0;
    line->slope = xx > 0 ? xy / xx * 1e9 : 0;
}

static void look_at_line(struct pf_plot *plot, struct pf_line_of *line, bool first)
{
    sort_points(line);
    for (uint32_t i = 0; i < line->n; i++) {
        uint64_t since = pf_plot_since(plot, line->run, line->at[i].time);
        int64_t v = line->at[i].value;
        if (v > line->at[line->peak].value)
            line->peak = i;
        plot->length = since > plot->length ? since : plot->length;
        plot->least = (first && i == 0) || v < plot->least ? v : plot->least;
        plot->most = (first && i == 0) || v > plot->most ? v : plot->most;
    }
    find_slope(plot, line);
}

/* ---- calls: each in the first lane that is free, callers above what they call ---- */

static int by_start(const void *a, const void *b)
{
    const struct pf_span *x = a, *y = b;

    if (x->run != y->run)
        return x->run < y->run ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    return (x->to < y->to) - (x->to > y->to);
}

static void give_lanes(struct pf_plot *plot)
{
    int64_t end[PF_MAX_LANES];
    uint32_t first = 0, used = 0;

    if (plot->spans)
        qsort(plot->span, plot->spans, sizeof *plot->span, by_start);
    for (uint32_t i = 0; i < plot->spans; i++) {
        struct pf_span *s = &plot->span[i];
        uint64_t since = pf_plot_since(plot, s->run, s->to);
        plot->length = since > plot->length ? since : plot->length;
        if (i && s->run != s[-1].run) { /* runs lie below each other */
            first += used;
            used = 0;
        }
        uint32_t lane = 0;
        while (lane < used && end[lane] > s->from)
            lane++;
        if (first + lane >= PF_MAX_LANES) {
            s->lane = UINT32_MAX;
            continue;
        }
        end[lane] = s->to;
        used = lane == used ? used + 1 : used;
        s->lane = first + lane;
        plot->lanes = s->lane + 1 > plot->lanes ? s->lane + 1 : plot->lanes;
    }
}

int pf_plot_finish(struct pf_plot *plot, struct pf_err *err)
{
    if (!plot->lines && !plot->spans)
        return pf_fail(err, PF_EVALUE, "there is nothing to draw");
    if (plot->finished)
        return 0;
    plot->finished = true;
    for (uint32_t i = 0; i < plot->lines; i++)
        look_at_line(plot, &plot->line[i], i == 0);
    give_lanes(plot);
    return 0;
}

/* ---- words ---- */

struct pf_str pf_plot_unit(const struct pf_plot *plot)
{
    return pf_str_at(plot->names, plot->unit);
}

void pf_plot_put_line_name(const struct pf_plot *plot, uint32_t line, struct pf_sink *to)
{
    const struct pf_line_of *l = &plot->line[line];
    struct pf_str run = pf_str_at(plot->names, plot->run[l->run].name),
                  process = pf_str_at(plot->names, l->name);

    pf_put(to, process.s, process.len);
    if (process.len)
        pf_puts(to, ", ");
    pf_put(to, run.s, run.len);
}

int pf_plot_facts(const struct pf_plot *plot, uint32_t line, char buf[PF_FACTS_MAX])
{
    static const struct pf_str ns = {.s = "nanoseconds", .len = 11};
    const struct pf_line_of *l = &plot->line[line];
    char peak[PF_VALUE_MAX], at[PF_VALUE_MAX], slope[PF_VALUE_MAX];

    pf_value_text(peak, (double)l->at[l->peak].value, pf_plot_unit(plot), false);
    pf_value_text(at, (double)pf_plot_since(plot, l->run, l->at[l->peak].time), ns, false);
    pf_value_text(slope, l->slope, pf_plot_unit(plot), true);
    if (!l->has_slope)
        return snprintf(buf, PF_FACTS_MAX, "peak %s at %s", peak, at);
    return snprintf(buf, PF_FACTS_MAX, "peak %s at %s, slope %s/s", peak, at, slope);
}

int pf_view_plot(struct pf_plot *plot, const struct pf_plot_how *how, struct pf_sink *out,
                 struct pf_err *err)
{
    if (pf_plot_finish(plot, err))
        return -1;
    switch (how->layout) {
    case PF_PLOT_SVG: return pf_plot_svg(plot, how, out, err);
    case PF_PLOT_TEXT: return pf_plot_text(plot, how, out, err);
    case PF_PLOT_CSV: return pf_plot_csv(plot, out, err);
    }
    return -1;
}
