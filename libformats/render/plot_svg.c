/*
 * plot_svg.c - a plot as SVG, without script: lines over an axis of time, calls as brackets below
 * it, a legend with peaks and slopes. Each line has a colour and a pattern of dashes, so that
 * colour is never all there is. Names are text nodes only.
 */
#include "plot.h"
#include "web.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    MARGIN = 10,
    LEFT = 84, /* labels of the axis of values */
    RIGHT = 24,
    HEAD = 60, /* title, what is drawn */
    HEIGHT = 320,
    AXIS = 40, /* labels of the axis of time */
    LANE = 20,
    LEGEND = 20,
    WIDTH = 1000,
    LEAST_WIDTH = PF_PLOT_LEAST_PIXELS,
    MOST_WIDTH = PF_PLOT_MOST_PIXELS,
    LABEL_SPACE = 90, /* between labels of the axis of time */
    COLORS = 6,
    DASHES = 4,
    MOST_LINES = 40,
    MOST_LEGEND = 24,
    MOST_CALLS = 5000,
    MOST_SLOPES = 12, /* more dotted lines are a thicket */
    NARROW = 2,       /* pixels: of calls this short, one is drawn where many are */
};

static const double column = 7.3; /* pixels of a character of the monospaced font */

struct drawing {
    const struct pf_plot *plot;
    const struct pf_plot_how *how;
    struct pf_sink *out;
    struct pf_err *err;
    struct pf_axis x, y;
    unsigned width, height;
    double plot_width; /* of the area of the lines */
    uint32_t lines, legend, lanes, calls_drawn;
};

static double x_of(const struct drawing *d, uint64_t since)
{
    return LEFT + (double)since / d->x.end * d->plot_width;
}

static double y_of(const struct drawing *d, double value)
{
    return HEAD + (d->y.end - value) / (d->y.end - d->y.low) * HEIGHT;
}

static void put_style(const struct drawing *d, uint32_t line)
{
    pf_printf(d->out, "c%u k%u", line % COLORS,
              line / COLORS % DASHES ? line / COLORS % DASHES : line % DASHES);
}

/* As much of a name as fits into the room, with a mark where it is cut. */
static void put_fitting(const struct drawing *d, const char *s, size_t len, double room)
{
    bool cut;
    size_t n = pf_name_fit(s, len, room > column ? (size_t)(room / column) : 1, &cut);

    pf_put_xml(d->out, s, n);
    if (cut)
        pf_puts(d->out, "\xe2\x80\xa6");
}

/* ---- around the lines ---- */

static const char *title_of(const struct drawing *d)
{
    if (d->how->title)
        return d->how->title;
    return d->plot->unit && strcmp(pf_plot_unit(d->plot).s, "bytes") == 0 ? "Memory over time"
                                                                          : "Values over time";
}

static void put_about(const struct drawing *d)
{
    static const struct pf_str ns = {.s = "nanoseconds", .len = 11};
    struct pf_str type = pf_str_at(d->plot->names, d->plot->type);
    char length[PF_VALUE_MAX], most[PF_VALUE_MAX];

    pf_value_text(length, (double)d->plot->length, ns, false);
    pf_value_text(most, (double)d->plot->most, pf_plot_unit(d->plot), false);
    pf_put_xml(d->out, type.s, type.len);
    pf_printf(d->out, " over %s, at most %s; %u run%s, %u line%s, %u call%s", length, most,
              d->plot->runs, d->plot->runs == 1 ? "" : "s", d->plot->lines,
              d->plot->lines == 1 ? "" : "s", d->plot->spans, d->plot->spans == 1 ? "" : "s");
    pf_puts(d->out,
            d->lines > MOST_SLOPES ? "; circles: peaks" : "; circles: peaks, dotted: slopes");
}

static void put_head(const struct drawing *d)
{
    const char *title = title_of(d);

    pf_puts(d->out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n");
    pf_printf(d->out,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
              "viewBox=\"0 0 %u %u\" lang=\"en\" role=\"img\" aria-labelledby=\"t d\">\n"
              "<title id=\"t\">",
              d->width, d->height, d->width, d->height);
    pf_put_xml(d->out, title, strlen(title));
    pf_puts(d->out, "</title>\n<desc id=\"d\">");
    put_about(d);
    for (uint32_t i = 0; i < d->legend; i++) {
        char facts[PF_FACTS_MAX];
        pf_plot_facts(d->plot, i, facts);
        pf_printf(d->out, ". Line %u: %s", i + 1, facts);
    }
    pf_printf(d->out, ".</desc>\n<style>\n%s</style>\n", pf_web_plot_svg_css);
    pf_printf(d->out, "<rect class=\"bg\" width=\"%u\" height=\"%u\"/>\n", d->width, d->height);
    pf_printf(d->out, "<text class=\"title\" x=\"%d\" y=\"24\">", MARGIN);
    put_fitting(d, title, strlen(title), (d->width - 2.0 * MARGIN) * column / 11);
    pf_printf(d->out, "</text>\n<text class=\"sub\" x=\"%d\" y=\"44\">", MARGIN);
    put_about(d);
    pf_puts(d->out, "</text>\n");
}

static void put_tick(const struct drawing *d, const struct pf_axis *a, double value)
{
    pf_printf(d->out, "%.*f%s%s", a->decimals, value / a->scale, *a->name ? " " : "", a->name);
}

/* Ticks are counted, not added up: rounding must not lose the last one. */
static uint32_t ticks(const struct pf_axis *a)
{
    double n = (a->end - a->low) / a->step + 1e-6;

    return n > 0 && n < 1000 ? (uint32_t)n : 0;
}

static void put_axes(const struct drawing *d)
{
    double right = LEFT + d->plot_width, bottom = HEAD + HEIGHT;

    pf_puts(d->out, "<g>\n");
    for (uint32_t i = 0; i <= ticks(&d->y); i++) {
        double value = d->y.low + i * d->y.step, y = y_of(d, value);
        pf_printf(d->out,
                  "<path class=\"grid\" d=\"M%d %.1fH%.1f\"/><text class=\"tick\" x=\"%d\" "
                  "y=\"%.1f\" text-anchor=\"end\">",
                  LEFT, y, right, LEFT - 8, y + 4);
        put_tick(d, &d->y, value);
        pf_puts(d->out, "</text>\n");
    }
    for (uint32_t i = 0; i <= ticks(&d->x); i++) {
        double value = i * d->x.step, x = LEFT + value / d->x.end * d->plot_width;
        bool at_edge = x + 4 * column > d->width; /* a label may not reach over it */
        pf_printf(d->out,
                  "<path class=\"axis\" d=\"M%.1f %.1fv6\"/><text class=\"tick\" x=\"%.1f\" "
                  "y=\"%.1f\" text-anchor=\"%s\">",
                  x, bottom, at_edge ? d->width - 2.0 : x, bottom + 20, at_edge ? "end" : "middle");
        put_tick(d, &d->x, value);
        pf_puts(d->out, "</text>\n");
    }
    pf_printf(d->out, "<path class=\"axis\" d=\"M%d %dV%.1fH%.1f\"/>\n</g>\n", LEFT, HEAD, bottom,
              right);
}

/* ---- lines ---- */

static void put_point(const struct drawing *d, const struct pf_line_of *l, uint32_t i, char how)
{
    pf_printf(d->out, "%c%.1f %.1f", how, x_of(d, pf_plot_since(d->plot, l->run, l->at[i].time)),
              y_of(d, (double)l->at[i].value));
}

/* Of the points in a column of pixels, the first, the lowest, the highest and the last are drawn:
 * the picture is the same, and no peak is lost. */
static void put_column(const struct drawing *d, const struct pf_line_of *l, uint32_t from,
                       uint32_t end)
{
    uint32_t low = from, high = from;

    for (uint32_t i = from; i < end; i++) {
        low = l->at[i].value < l->at[low].value ? i : low;
        high = l->at[i].value > l->at[high].value ? i : high;
    }
    uint32_t draw[] = {from, low < high ? low : high, low < high ? high : low, end - 1};
    for (int k = 0; k < 4; k++)
        if (k == 0 || draw[k] != draw[k - 1])
            put_point(d, l, draw[k], from == 0 && k == 0 ? 'M' : 'L');
}

static void put_path(const struct drawing *d, const struct pf_line_of *l)
{
    for (uint32_t from = 0, end; from < l->n; from = end) {
        double x = x_of(d, pf_plot_since(d->plot, l->run, l->at[from].time));
        for (end = from + 1;
             end < l->n && x_of(d, pf_plot_since(d->plot, l->run, l->at[end].time)) < x + 1;
             end++) {
        }
        put_column(d, l, from, end);
    }
}

static int put_line_title(const struct drawing *d, uint32_t i, bool tooltip, double room)
{
    struct pf_sink *name = pf_create_mem(d->plot->mem, PF_PLAIN, d->err);
    size_t len;

    if (!name)
        return -1;
    pf_plot_put_line_name(d->plot, i, name);
    pf_end_frame(name);
    const char *s = (const char *)pf_sink_bytes(name, &len);
    if (tooltip)
        pf_put_ends((struct pf_str){s, (uint32_t)len}, d->out, pf_put_xml);
    else
        put_fitting(d, s, len, room);
    int failed = pf_sink_check(name, d->err);
    pf_abandon(name);
    return failed;
}

/* Where the line of the slope is at the time `at`, or where it leaves the picture before that. */
static void put_slope_end(const struct drawing *d, const struct pf_line_of *l, double at, char how)
{
    double each = l->slope / 1e9, value = l->middle_value + (at - l->middle_time) * each;
    double inside = value < d->y.low ? d->y.low : value > d->y.end ? d->y.end : value;

    if (inside != value)
        at = l->middle_time + (inside - l->middle_value) / each;
    pf_printf(d->out, "%c%.1f %.1f", how, LEFT + at / d->x.end * d->plot_width, y_of(d, inside));
}

static void put_slope(const struct drawing *d, uint32_t i)
{
    const struct pf_line_of *l = &d->plot->line[i];

    if (!l->has_slope || d->lines > MOST_SLOPES)
        return;
    pf_printf(d->out, "<path class=\"slope c%u\" d=\"", i % COLORS);
    put_slope_end(d, l, (double)pf_plot_since(d->plot, l->run, l->at[0].time), 'M');
    put_slope_end(d, l, (double)pf_plot_since(d->plot, l->run, l->at[l->n - 1].time), 'L');
    pf_puts(d->out, "\"/>");
}

static int put_line(const struct drawing *d, uint32_t i)
{
    const struct pf_line_of *l = &d->plot->line[i];
    char facts[PF_FACTS_MAX];

    pf_puts(d->out, "<g><title>");
    if (put_line_title(d, i, true, 0))
        return -1;
    pf_plot_facts(d->plot, i, facts);
    pf_printf(d->out, "\n%s</title><path class=\"line ", facts);
    put_style(d, i);
    pf_puts(d->out, "\" d=\"");
    put_path(d, l);
    const struct pf_point *peak = &l->at[l->peak];
    pf_puts(d->out, "\"/>");
    put_slope(d, i);
    pf_printf(d->out, "<circle class=\"peak c%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/></g>\n",
              i % COLORS, x_of(d, pf_plot_since(d->plot, l->run, peak->time)),
              y_of(d, (double)peak->value));
    return 0;
}

/* The largest value of all is written where it is; above it there is always room. */
static void put_peak_label(const struct drawing *d)
{
    char text[PF_VALUE_MAX];
    uint32_t best = 0;

    for (uint32_t i = 1; i < d->lines; i++)
        if (d->plot->line[i].at[d->plot->line[i].peak].value
            > d->plot->line[best].at[d->plot->line[best].peak].value)
            best = i;
    const struct pf_line_of *l = &d->plot->line[best];
    double x = x_of(d, pf_plot_since(d->plot, l->run, l->at[l->peak].time));
    bool left = x > LEFT + d->plot_width / 2;
    pf_value_text(text, (double)l->at[l->peak].value, pf_plot_unit(d->plot), false);
    pf_printf(d->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">peak %s</text>\n",
              left ? x - 2 : x + 2, y_of(d, (double)l->at[l->peak].value) - 9,
              left ? "end" : "start", text);
}

/* ---- calls: brackets, in lanes below the axis ---- */

static double lanes_at(void)
{
    return HEAD + HEIGHT + AXIS;
}

static void put_call(const struct drawing *d, const struct pf_span *s)
{
    static const struct pf_str ns = {.s = "nanoseconds", .len = 11};
    double x = x_of(d, pf_plot_since(d->plot, s->run, s->from)),
           end = x_of(d, pf_plot_since(d->plot, s->run, s->to)), y = lanes_at() + s->lane * LANE;
    struct pf_str name = pf_str_at(d->plot->names, s->name);
    char length[PF_VALUE_MAX], entry[PF_VALUE_MAX], leave[PF_VALUE_MAX], grew[PF_VALUE_MAX];

    end = end > x + 1 ? end : x + 1;
    pf_value_text(length, (double)((uint64_t)s->to - (uint64_t)s->from), ns, false);
    pf_puts(d->out, "<g><title>");
    pf_put_xml(d->out, name.s, name.len);
    pf_printf(d->out, "\n%s", length);
    if (s->has_values) {
        struct pf_str unit = pf_plot_unit(d->plot);
        pf_value_text(entry, (double)s->entry, unit, false);
        pf_value_text(leave, (double)s->exit, unit, false);
        pf_value_text(grew, (double)s->exit - (double)s->entry, unit, true);
        pf_printf(d->out, ", %s \xe2\x86\x92 %s (%s)", entry, leave, grew);
    }
    pf_printf(d->out, "</title><path class=\"call c%u\" d=\"M%.1f %.1fv6H%.1fv-6\"/>",
              s->run % COLORS, x, y + 12, end);
    if (end - x >= 4 * column) {
        pf_printf(d->out, "<text x=\"%.1f\" y=\"%.1f\">", x + 3, y + 12);
        put_fitting(d, name.s, name.len, end - x - 6);
        pf_puts(d->out, "</text>");
    }
    pf_puts(d->out, "</g>\n");
}

static void put_calls(struct drawing *d)
{
    double drawn[PF_MAX_LANES] = {0}; /* where the last call of a lane ends */

    for (uint32_t i = 0; i < d->plot->spans; i++) {
        const struct pf_span *s = &d->plot->span[i];
        if (s->lane == UINT32_MAX || d->calls_drawn == MOST_CALLS)
            continue;
        double end = x_of(d, pf_plot_since(d->plot, s->run, s->to));
        if (end < drawn[s->lane] + NARROW)
            continue;
        drawn[s->lane] = end;
        put_call(d, s);
        d->calls_drawn++;
    }
}

/* ---- the legend ---- */

static double legend_at(const struct drawing *d)
{
    return lanes_at() + d->lanes * LANE + (d->lanes ? 14 : 4);
}

static int put_legend(const struct drawing *d)
{
    char facts[PF_FACTS_MAX];

    for (uint32_t i = 0; i < d->legend; i++) {
        double y = legend_at(d) + i * LEGEND;
        int n = pf_plot_facts(d->plot, i, facts);
        double room = d->width - 2 * MARGIN - 50 - (n + 3) * column;
        pf_puts(d->out, "<path class=\"line ");
        put_style(d, i);
        pf_printf(d->out, "\" d=\"M%d %.1fh36\"/><text x=\"%d\" y=\"%.1f\">", MARGIN, y + 8,
                  MARGIN + 46, y + 12);
        if (put_line_title(d, i, false, room > 8 * column ? room : 8 * column))
            return -1;
        if (room > 8 * column)
            pf_printf(d->out,
                      "</text><text class=\"tick\" x=\"%u\" y=\"%.1f\" text-anchor=\"end\">%s",
                      d->width - MARGIN, y + 12, facts);
        pf_puts(d->out, "</text>\n");
    }
    return 0;
}

/* What is not drawn is said in the picture, and told. */
static void put_hidden(const struct drawing *d)
{
    uint32_t lines = d->plot->lines - d->lines, keys = d->lines - d->legend,
             calls = d->plot->spans - d->calls_drawn;
    char text[200];
    int n = 0;

    if (!lines && !keys && !calls)
        return;
    text[0] = '\0';
    if (lines)
        n += snprintf(text + n, 60, "%u more lines are not drawn", lines);
    if (keys)
        n += snprintf(text + n, 60, "%s%u lines are not in the legend", n ? "; " : "", keys);
    if (calls)
        snprintf(text + n, 80, "%s%u calls are too short or too many to be drawn", n ? "; " : "",
                 calls);
    pf_printf(d->out, "<text class=\"sub\" x=\"%d\" y=\"%.1f\">%s</text>\n", MARGIN,
              legend_at(d) + d->legend * LEGEND + 14, text);
    if (d->how->tell)
        d->how->tell(d->how->ctx, text);
}

static void measure(struct drawing *d)
{
    const struct pf_plot *p = d->plot;
    unsigned width = d->how->width ? d->how->width : WIDTH;

    d->width = width < LEAST_WIDTH ? LEAST_WIDTH : width > MOST_WIDTH ? MOST_WIDTH : width;
    d->plot_width = d->width - LEFT - RIGHT;
    d->lines = p->lines < MOST_LINES ? p->lines : MOST_LINES;
    d->legend = d->lines < MOST_LEGEND ? d->lines : MOST_LEGEND;
    d->lanes = p->lanes;
    pf_axis_of_time(&d->x, (double)p->length, (unsigned)(d->plot_width / LABEL_SPACE));
    d->x.end = p->length ? (double)p->length : d->x.end;
    /* above the highest point there is room for what is written there */
    double high = (double)p->most, low = (double)p->least < 0 ? (double)p->least : 0;
    pf_axis_of_values(&d->y, low, high + (high - low) * 0.08, pf_plot_unit(p), 8);
    d->height = (unsigned)(legend_at(d) + d->legend * LEGEND + 26);
}

int pf_plot_svg(const struct pf_plot *plot, const struct pf_plot_how *how, struct pf_sink *out,
                struct pf_err *err)
{
    struct drawing d = {.plot = plot, .how = how, .out = out, .err = err};

    measure(&d);
    put_head(&d);
    put_axes(&d);
    for (uint32_t i = 0; i < d.lines; i++)
        if (put_line(&d, i))
            return -1;
    if (d.lines)
        put_peak_label(&d);
    put_calls(&d);
    if (put_legend(&d))
        return -1;
    put_hidden(&d);
    pf_puts(out, "</svg>\n");
    return pf_sink_check(out, err);
}
