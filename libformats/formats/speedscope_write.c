/*
 * speedscope_write.c - speedscope's JSON: a table of frames, and stacks with their weights.
 *
 * A weight below zero makes speedscope refuse the file, so a profile that has any is written as
 * two: what grew, and what shrank. Stacks stand in canonical order, one line each, or in the order
 * of time where samples of one thread know it.
 */
#include "speedscope_write.h"
#include "lost.h"
#include "order.h"

#include <inttypes.h>
#include <string.h>

enum { DIGITS = 20 };

/* Beyond this JavaScript's numbers skip some. */
static const int64_t exact_in_js = INT64_C(1) << 53;

/* What a stack weighs, labels aside. */
struct weight {
    pf_id stack;
    int64_t value;
};

struct writing {
    const struct pf_profile *p;
    struct pf_sink *out;
    struct pf_err *err;
    unsigned type;
    struct pf_order order;
    struct weight *weight;
    uint32_t n;
    uint32_t *index; /* of a frame in the table that is written, + 1 */
    struct pf_path path;
    bool grew, shrank;
    struct speedscope_times times;
};

static int no_memory(struct writing *w)
{
    return pf_fail(w->err, PF_ENOMEM, "out of memory (see --max-memory)");
}

static int overflow(struct writing *w)
{
    return pf_fail(w->err, PF_EVALUE, "the sum of all weights does not fit 64 bits");
}

/* ---- weights ---- */

static bool join(enum pf_kind kind, int64_t *to, int64_t value)
{
    if (kind == PF_SUM || kind == PF_GAUGE)
        return pf_add64(*to, value, to);
    *to = *to > value ? *to : value;
    return true;
}

/* Samples of one stack stand side by side in canonical order, and in that of time where it went on.
 */
static int weigh(struct writing *w)
{
    const struct pf_profile *p = w->p;
    enum pf_kind kind = p->types.at[w->type].kind;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        uint32_t at = w->order.samples[i];
        pf_id stack = p->samples.stack[at];
        int64_t value = p->samples.value[w->type][at];
        if (!w->n || w->weight[w->n - 1].stack != stack)
            w->weight[w->n++] = (struct weight){stack, value};
        else if (!join(kind, &w->weight[w->n - 1].value, value))
            return overflow(w);
    }
    for (uint32_t i = 0; i < w->n; i++) {
        w->grew |= w->weight[i].value > 0;
        w->shrank |= w->weight[i].value < 0;
    }
    return 0;
}

static bool belongs(int64_t value, bool shrank)
{
    return shrank ? value < 0 : value > 0;
}

static uint64_t size_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static int total_of(struct writing *w, bool shrank, uint64_t *total)
{
    *total = 0;
    for (uint32_t i = 0; i < w->n; i++)
        if (belongs(w->weight[i].value, shrank)
            && __builtin_add_overflow(*total, size_of(w->weight[i].value), total))
            return overflow(w);
    return *total > INT64_MAX ? overflow(w) : 0;
}

/* ---- frames ---- */

static void put_frame(struct writing *w, pf_id id)
{
    const struct pf_profile *p = w->p;
    const struct pf_frame *f = &p->frames.at[id];
    const struct pf_func *func = &p->funcs.at[f->func];
    struct pf_str name = p->strs.at[func->name], file = p->strs.at[func->file];
    char label[PF_LABEL_MAX + 1];
    int64_t line = f->line ? f->line : func->line;

    if (!f->func) {
        name.s = label;
        name.len = (uint32_t)pf_frame_label(p, id, label);
    }
    if (!name.len) /* as of tracemalloc, which knows places only */
        name = file;
    pf_puts(w->out, "{\"name\":");
    pf_put_json(w->out, name.s, name.len);
    if (file.len) {
        pf_puts(w->out, ",\"file\":");
        pf_put_json(w->out, file.s, file.len);
    }
    if (line > 0)
        pf_printf(w->out, ",\"line\":%" PRId64, line);
    if (f->column > 0)
        pf_printf(w->out, ",\"col\":%" PRId64, f->column);
    pf_puts(w->out, "}");
}

/* Those that stand on a stack with a weight, in canonical order. */
static int put_frames(struct writing *w)
{
    const struct pf_profile *p = w->p;
    bool *used = pf_alloc_zero(p->mem, p->stacks.n, sizeof *used);
    uint32_t n = 0;

    if (!used)
        return no_memory(w);
    for (uint32_t i = 0; i < w->n; i++)
        used[w->weight[i].stack] |= w->weight[i].value != 0;
    for (pf_id s = p->stacks.n - 1; s > 0; s--) {
        if (!used[s])
            continue;
        used[p->stacks.parent[s]] = true;
        w->index[p->stacks.frame[s]] = 1;
    }
    pf_dealloc(p->mem, used);
    for (uint32_t i = 1; i < p->frames.n; i++) {
        pf_id f = w->order.frames.at[i];
        if (!w->index[f])
            continue;
        pf_puts(w->out, n ? ",\n" : "\n");
        put_frame(w, f);
        w->index[f] = ++n;
    }
    return 0;
}

/* ---- a profile ---- */

/* The unit as speedscope spells it. */
static const char *unit_of(const struct pf_profile *p, unsigned type)
{
    static const struct {
        double ns;
        const char *name;
    } times[] = {
        {1, "nanoseconds"}, {1e3, "microseconds"}, {1e6, "milliseconds"}, {1e9, "seconds"}};
    struct pf_str unit = p->strs.at[p->types.at[type].unit];
    double ns = pf_unit_ns(unit);

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (ns == times[i].ns)
            return times[i].name;
    if (unit.len == 5 && memcmp(unit.s, "bytes", 5) == 0)
        return "bytes";
    return "none";
}

/* Stacks are most of the file: their numbers are made here. */
static char *put_digits(char *to, uint64_t value)
{
    char digits[DIGITS];
    size_t n = 0;

    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n)
        *to++ = digits[--n];
    return to;
}

static bool put_stack(struct writing *w, pf_id stack)
{
    char buf[64 * (DIGITS + 1)], *to = buf;

    if (!pf_unwind(w->p, stack, &w->path))
        return false;
    pf_put(w->out, "[", 1);
    for (uint32_t i = 0; i < w->path.n; i++) {
        if (to > buf + sizeof buf - DIGITS - 1) {
            pf_put(w->out, buf, (size_t)(to - buf));
            to = buf;
        }
        if (i)
            *to++ = ',';
        to = put_digits(to, w->index[w->path.frame[i]] - 1);
    }
    pf_put(w->out, buf, (size_t)(to - buf));
    pf_put(w->out, "]", 1);
    return true;
}

static int put_samples(struct writing *w, bool shrank)
{
    const char *comma = "\n";

    pf_puts(w->out, "\"samples\":[");
    for (uint32_t i = 0; i < w->n; i++) {
        if (!belongs(w->weight[i].value, shrank))
            continue;
        pf_puts(w->out, comma);
        comma = ",\n";
        if (!put_stack(w, w->weight[i].stack))
            return no_memory(w);
    }
    comma = "\n";
    pf_puts(w->out, "],\n\"weights\":[");
    for (uint32_t i = 0; i < w->n; i++) {
        if (!belongs(w->weight[i].value, shrank))
            continue;
        char buf[DIGITS + 1], *end = put_digits(buf, size_of(w->weight[i].value));
        pf_puts(w->out, comma);
        comma = ",";
        pf_put(w->out, buf, (size_t)(end - buf));
    }
    pf_puts(w->out, "]}");
    return pf_sink_check(w->out, w->err);
}

static int put_profile(struct writing *w, const char *side, bool shrank)
{
    struct pf_str name = w->p->strs.at[w->p->types.at[w->type].name];
    uint64_t total;

    if (total_of(w, shrank, &total) < 0)
        return -1;
    pf_puts(w->out, "{\"type\":\"sampled\",\"name\":");
    if (*side)
        pf_printf(w->out, "\"%s\"", side);
    else
        pf_put_json(w->out, name.s, name.len);
    pf_printf(w->out, ",\"unit\":\"%s\",\"startValue\":0,\"endValue\":%" PRIu64 ",\n",
              unit_of(w->p, w->type), total);
    return put_samples(w, shrank);
}

/* ---- all of it ---- */

static void put_title(struct writing *w)
{
    struct pf_str command = w->p->strs.at[w->p->command];

    pf_puts(w->out, "\"name\":");
    if (command.len)
        pf_put_json(w->out, command.s, command.len);
    else
        pf_puts(w->out, "\"profile\"");
}

static void tell_lost(const struct writing *w, const struct pf_write *how)
{
    bool huge = false;

    pf_lost_types(how, w->p, w->type, -1);
    pf_lost_kind(how, w->p, w->type, "speedscope's views");
    if (w->times.ordered)
        pf_lost(how, "samples stand in the order of their times, which are not kept");
    else if (w->times.some)
        pf_lost(how, "the times of samples are not kept");
    if (w->times.others)
        pf_lost(how, "labels are not kept");
    if (w->shrank)
        pf_lost(how, "weights have no sign: what grew and what shrank are two profiles");
    for (uint32_t i = 0; i < w->n; i++)
        huge |= w->weight[i].value > exact_in_js || w->weight[i].value < -exact_in_js;
    if (huge)
        pf_lost(how, "weights beyond 2^53 lose digits when they are read");
}

static int put_file(struct writing *w, const struct pf_write *how)
{
    pf_puts(w->out, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n");
    put_title(w);
    pf_puts(w->out,
            ",\"exporter\":\"profpipe\",\"activeProfileIndex\":0,\n\"shared\":{\"frames\":[");
    if (put_frames(w) < 0)
        return -1;
    pf_puts(w->out, "]},\n\"profiles\":[\n");
    if (!w->shrank && put_profile(w, "", false) < 0)
        return -1;
    if (w->shrank
        && (put_profile(w, "grew", false) < 0 || (pf_puts(w->out, ",\n"), 0)
            || put_profile(w, "shrank", true) < 0))
        return -1;
    pf_puts(w->out, "]}\n");
    tell_lost(w, how);
    return 0;
}

int speedscope_write(const struct pf_profile *p, struct pf_sink *out, const struct pf_write *how,
                     struct pf_err *err)
{
    struct writing w = {.p = p, .out = out, .err = err};
    int status = -1;

    if (p->types.n == 0)
        return pf_fail(err, PF_EVALUE, "a profile without sample types has no weights");
    if (how && how->type >= 0 && (uint32_t)how->type < p->types.n)
        w.type = (unsigned)how->type;
    w.weight = pf_alloc(p->mem, p->samples.n * sizeof *w.weight);
    w.index = pf_alloc_zero(p->mem, p->frames.n, sizeof *w.index);
    if (w.weight && w.index && pf_order_make(p, &w.order)
        && speedscope_times(p, w.type, w.order.samples, &w.times))
        status = weigh(&w) < 0 ? -1 : put_file(&w, how);
    else
        no_memory(&w);
    pf_order_free(p, &w.order);
    pf_dealloc(p->mem, w.weight);
    pf_dealloc(p->mem, w.index);
    pf_dealloc(p->mem, w.path.frame);
    return status;
}
