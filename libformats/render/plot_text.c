/* plot_text.c - plots as a line of blocks, and as CSV. */
#include "plot.h"

#include <inttypes.h>
#include <string.h>

enum {
    WIDTH = 80,
    LEAST_WIDTH = PF_PLOT_LEAST_COLUMNS,
    MOST_WIDTH = PF_PLOT_MOST_COLUMNS,
    LEVELS = 8,
    SHOWN_CALLS = 20
};

/* The largest value in each column; a column without a point shows what came before it. */
static void put_blocks(const struct pf_plot *plot, const struct pf_line_of *l, unsigned columns,
                       const struct pf_axis *y, struct pf_sink *out)
{
    static const char *const block[] = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
                                        "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
                                        "\xe2\x96\x87", "\xe2\x96\x88"};
    double length = plot->length ? (double)plot->length : 1;
    bool any = false;
    int64_t most = 0;
    uint32_t i = 0;

    for (unsigned c = 0; c < columns; c++) {
        bool fresh = true;
        for (; i < l->n; i++, any = true) {
            double at = (double)pf_plot_since(plot, l->run, l->at[i].time) / length * columns;
            if (at >= c + 1 && c + 1 < columns)
                break;
            if (fresh || l->at[i].value > most)
                most = l->at[i].value;
            fresh = false;
        }
        if (!any || (fresh && i == l->n)) {
            pf_puts(out, " ");
            continue;
        }
        double level = ((double)most - y->low) / (y->end - y->low) * LEVELS;
        int k = level < 1 ? 0 : level >= LEVELS ? LEVELS - 1 : (int)level;
        pf_puts(out, block[k]);
    }
    pf_puts(out, "\n");
}

static int put_line(const struct pf_plot *plot, uint32_t i, unsigned columns,
                    const struct pf_axis *y, struct pf_sink *out, struct pf_err *err)
{
    struct pf_sink *name = pf_create_mem(plot->mem, PF_PLAIN, err);
    char facts[PF_FACTS_MAX];
    size_t len;
    bool cut;

    if (!name)
        return -1;
    pf_plot_put_line_name(plot, i, name);
    pf_end_frame(name);
    const char *s = (const char *)pf_sink_bytes(name, &len);
    size_t fits = pf_name_fit(s, len, columns, &cut);
    pf_put_name(out, s, fits);
    pf_puts(out, cut ? "\xe2\x80\xa6\n" : "\n");
    int failed = pf_sink_check(name, err);
    pf_abandon(name);
    put_blocks(plot, &plot->line[i], columns, y, out);
    pf_plot_facts(plot, i, facts);
    pf_printf(out, "%s\n", facts);
    return failed;
}

static void put_calls(const struct pf_plot *plot, struct pf_sink *out)
{
    static const struct pf_str ns = {.s = "nanoseconds", .len = 11};
    char from[PF_VALUE_MAX], length[PF_VALUE_MAX], grew[PF_VALUE_MAX];
    uint32_t n = plot->spans < SHOWN_CALLS ? plot->spans : SHOWN_CALLS;

    for (uint32_t i = 0; i < n; i++) {
        const struct pf_span *s = &plot->span[i];
        struct pf_str name = pf_str_at(plot->names, s->name);
        pf_value_text(from, (double)pf_plot_since(plot, s->run, s->from), ns, false);
        pf_value_text(length, (double)((uint64_t)s->to - (uint64_t)s->from), ns, false);
        pf_printf(out, "%12s  for %10s", from, length);
        if (s->has_values) {
            pf_value_text(grew, (double)s->exit - (double)s->entry, pf_plot_unit(plot), true);
            pf_printf(out, "  %12s", grew);
        }
        pf_printf(out, "  %*s", (int)(s->depth < 12 ? 2 * s->depth : 24) - 2, "");
        pf_put_name(out, name.s, name.len);
        pf_puts(out, "\n");
    }
    if (n < plot->spans)
        pf_printf(out, "... and %u more calls\n", plot->spans - n);
}

int pf_plot_text(const struct pf_plot *plot, const struct pf_plot_how *how, struct pf_sink *out,
                 struct pf_err *err)
{
    static const struct pf_str ns = {.s = "nanoseconds", .len = 11};
    unsigned columns = how->width ? how->width : WIDTH;
    struct pf_str type = pf_str_at(plot->names, plot->type);
    char length[PF_VALUE_MAX], most[PF_VALUE_MAX];
    struct pf_axis y;

    columns = columns < LEAST_WIDTH ? LEAST_WIDTH : columns > MOST_WIDTH ? MOST_WIDTH : columns;
    pf_axis_of_values(&y, (double)plot->least, (double)plot->most, pf_plot_unit(plot), LEVELS);
    y.end = plot->most > 0 ? (double)plot->most : y.end;
    pf_value_text(length, (double)plot->length, ns, false);
    pf_value_text(most, (double)plot->most, pf_plot_unit(plot), false);
    pf_put_name(out, type.s, type.len);
    pf_printf(out, " over %s, from 0 to %s\n", length, most);
    for (uint32_t i = 0; i < plot->lines; i++)
        if (put_line(plot, i, columns, &y, out, err))
            return -1;
    put_calls(plot, out);
    return pf_sink_check(out, err);
}

/* ---- CSV: every point and call, times since 1970 or as the source has them ---- */

static void put_string(const struct pf_plot *plot, pf_id id, struct pf_sink *out)
{
    struct pf_str s = pf_str_at(plot->names, id);

    pf_put_csv(out, s.s, s.len);
    pf_puts(out, ",");
}

static void put_csv_spans(const struct pf_plot *plot, struct pf_sink *out)
{
    for (uint32_t i = 0; i < plot->spans; i++) {
        const struct pf_span *s = &plot->span[i];
        pf_printf(out, "%u,", s->run + 1);
        put_string(plot, plot->run[s->run].name, out);
        pf_puts(out, ",");
        put_string(plot, s->name, out);
        pf_printf(out, "%u,%" PRId64 ",", s->depth, s->from);
        if (s->has_values)
            pf_printf(out, "%" PRId64 ",%" PRId64 ",%" PRId64 "\n", s->entry, s->to, s->exit);
        else
            pf_printf(out, ",%" PRId64 ",\n", s->to);
    }
}

int pf_plot_csv(const struct pf_plot *plot, struct pf_sink *out, struct pf_err *err)
{
    pf_puts(out, "run,name,process,call,depth,time,value,end_time,end_value\n");
    for (uint32_t i = 0; i < plot->lines; i++) {
        const struct pf_line_of *l = &plot->line[i];
        for (uint32_t k = 0; k < l->n; k++) {
            pf_printf(out, "%u,", l->run + 1);
            put_string(plot, plot->run[l->run].name, out);
            put_string(plot, l->name, out);
            pf_printf(out, ",,%" PRId64 ",%" PRId64 ",,\n", l->at[k].time, l->at[k].value);
            if (k % 4096 == 0 && pf_sink_check(out, err))
                return -1;
        }
    }
    put_csv_spans(plot, out);
    return pf_sink_check(out, err);
}
