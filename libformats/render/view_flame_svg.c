/*
 * view_flame_svg.c - a flame graph as SVG: it can be read and printed as it is, and its script adds
 * zoom, search and a keyboard. Names are text nodes only, so that none of them is ever markup.
 */
#include "flame.h"
#include "web.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    MARGIN = 10,
    HEAD = 40, /* the title; below it: what was measured */
    LINE = 16, /* of what was measured, or is not shown */
    KEYS = 18, /* a row of the legend */
    ROW = 17,
    CONTROLS =
        300, /* width of what the script puts beside the title, or half of a narrow picture */
    WIDTH = 1200,
    LEAST_WIDTH = 300,
    LEAST_COLUMNS = 4, /* of text in a box */
};

/* Pixels of a character, at most: monospaced at 12, not so at 12, the title's bold at 16. */
static const double column = 7.3, letter = 6.8, title_letter = 10.5;

struct drawing {
    const struct pf_flame *f;
    struct pf_sink *out;
    struct pf_str unit;
    struct pf_speller speller;
    struct pf_sink *words; /* what was measured */
    double width;          /* of the widest box */
    double top;            /* of the highest */
    bool root_below;       /* a flame graph grows up, an icicle down */
};

static void put_value(const struct drawing *d, double value, bool sign)
{
    char buf[PF_VALUE_MAX];

    pf_put(d->out, buf, (size_t)pf_value_text(buf, value / (double)d->f->runs, d->unit, sign));
}

/* ---- what a box says ---- */

static struct pf_row *row_of(const struct drawing *d, uint32_t node)
{
    return &d->f->tree.rows[d->f->tree.row[node]];
}

static void put_as_is(struct pf_sink *out, const char *s, size_t len)
{
    pf_put(out, s, len);
}

/* `name (file:line)` */
static void put_name(struct drawing *d, uint32_t node, struct pf_sink *to)
{
    struct pf_cell name = {0}, place = {0};

    if (node == 0) {
        pf_puts(to, "all");
        return;
    }
    pf_subject_cell(&d->speller, row_of(d, node), PF_COL_NAME, &name);
    pf_put_ends(name.s, to, put_as_is);
    pf_subject_cell(&d->speller, row_of(d, node), PF_COL_PLACE, &place);
    if (place.kind != PF_CELL_PLACE)
        return;
    pf_puts(to, " (");
    pf_put_ends(place.s, to, put_as_is);
    if (place.i)
        pf_printf(to, ":%" PRId64, place.i);
    pf_puts(to, ")");
}

static void put_share(const struct drawing *d, double value, double whole)
{
    if (whole > 0)
        pf_printf(d->out, " (%.2f%%)", 100 * value / whole);
}

static void put_plain_values(const struct drawing *d, uint32_t node)
{
    const struct pf_flame *f = d->f;

    put_value(d, (double)f->total[node], false);
    put_share(d, (double)f->total[node], (double)f->total[0]);
    if (f->self[node]) {
        pf_puts(d->out, ", self ");
        put_value(d, (double)f->self[node], false);
    }
}

static void put_both_values(const struct drawing *d, uint32_t node)
{
    const struct pf_flame *f = d->f;
    double now = (double)f->total[node], base = (double)f->base[node];

    put_value(d, base, false);
    pf_puts(d->out, " \xe2\x86\x92 ");
    put_value(d, now, false);
    pf_puts(d->out, ", ");
    put_value(d, now - base, true);
    if (base > 0)
        pf_printf(d->out, " (%+.2f%%)", 100 * (now - base) / base);
    if (f->sure.q && f->sure.q[node] <= 1)
        pf_printf(d->out, ", q %.2g", (double)f->sure.q[node]);
}

/* A word in front of the name, so that colour is not all there is. */
static void change_word(const struct pf_flame *f, uint32_t node, char word[24])
{
    double now = (double)f->total[node], base = (double)f->base[node];

    word[0] = '\0';
    if (now == base)
        return;
    if (base == 0)
        snprintf(word, 24, "new");
    else if (now == 0)
        snprintf(word, 24, "gone");
    else if (pf_flame_change(f, node))
        snprintf(word, 24, "%+.0f%%", 100 * (now - base) / base);
}

static const char *side_class(const struct pf_flame *f, uint32_t node)
{
    if (!f->diff || f->total[node] == f->base[node])
        return "";
    return f->base[node] == 0 ? " new" : f->total[node] == 0 ? " gone" : "";
}

static void put_class(const struct drawing *d, uint32_t node)
{
    const struct pf_flame *f = d->f;

    if (node == 0 && !f->diff)
        pf_puts(d->out, "w");
    else if (f->diff)
        pf_printf(d->out, "d%d%s%s", pf_flame_change(f, node), side_class(f, node),
                  node == 0 ? " root" : "");
    else
        pf_printf(d->out, "c%u", pf_flame_color(f->p, row_of(d, node)->func, f->how->colors));
}

/* ---- a box ---- */

static double y_of(const struct drawing *d, uint32_t node)
{
    uint32_t depth = d->f->tree.depth[node];

    return d->top + (double)(d->root_below ? d->f->depth - depth : depth) * ROW;
}

static void put_label(struct drawing *d, const struct pf_box *b, const char *word, const char *s,
                      size_t len, double y)
{
    size_t room = (size_t)((b->w * d->width - 6) / column), used = strlen(word);
    bool cut;

    if (b->w * d->width < 6 + LEAST_COLUMNS * column)
        return;
    if (used)
        used = used + 1 < room ? used + 1 : room;
    size_t n = pf_name_fit(s, len, room - used, &cut);
    pf_printf(d->out, "<text x=\"%.1f\" y=\"%.0f\">%s%s", MARGIN + b->x * d->width + 3, y + 12,
              word, used ? " " : "");
    pf_put_xml(d->out, s, n);
    pf_puts(d->out, cut ? "\xe2\x80\xa6</text>" : "</text>");
}

static int put_box(struct drawing *d, const struct pf_box *b, struct pf_err *err)
{
    const struct pf_flame *f = d->f;
    double y = y_of(d, b->node);
    struct pf_sink *name = pf_create_mem(f->p->mem, PF_PLAIN, err);
    char word[24] = "";
    size_t len;

    if (!name)
        return -1;
    put_name(d, b->node, name);
    pf_end_frame(name);
    const char *s = (const char *)pf_sink_bytes(name, &len);
    if (f->diff)
        change_word(f, b->node, word);
    pf_puts(d->out, "<g class=\"f ");
    put_class(d, b->node);
    pf_printf(d->out, "\" data-x=\"%" PRIu64 "\" data-w=\"%" PRIu64 "\" data-d=\"%u\"", b->at,
              f->width[b->node], f->tree.depth[b->node]);
    if (word[0])
        pf_printf(d->out, " data-l=\"%s\"", word);
    if (f->diff)
        pf_printf(d->out, " data-base=\"%" PRId64 "\" data-new=\"%" PRId64 "\"", f->base[b->node],
                  f->total[b->node]);
    pf_puts(d->out, "><title>");
    pf_put_xml(d->out, s, len);
    pf_puts(d->out, "\n");
    if (f->diff)
        put_both_values(d, b->node);
    else
        put_plain_values(d, b->node);
    pf_printf(d->out, "</title><rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"16\"/>",
              MARGIN + b->x * d->width, y, b->w * d->width);
    put_label(d, b, word, s, len, y);
    pf_puts(d->out, "</g>\n");
    int failed = pf_sink_check(name, err);
    pf_abandon(name);
    return failed;
}

/* ---- around the boxes ---- */

/* Into d->words, as plain text. */
static int make_words(struct drawing *d, struct pf_err *err)
{
    const struct pf_flame *f = d->f;
    struct drawing to = *d;

    d->words = to.out = pf_create_mem(f->p->mem, PF_PLAIN, err);
    if (!to.out)
        return -1;
    pf_put_ends(pf_str_at(f->p, f->p->types.at[f->how->type].name), to.out, put_as_is);
    if (f->diff) {
        pf_puts(to.out, ": base ");
        put_both_values(&to, 0);
    } else {
        pf_puts(to.out, ": total ");
        put_value(&to, (double)f->total[0], false);
    }
    pf_flame_about(f->p, to.out);
    if (f->diff)
        pf_flame_about_runs(&f->sure, to.out);
    pf_flame_about_negative(f->p, f->how->type, f->negative, to.out);
    pf_end_frame(to.out);
    return pf_sink_check(to.out, err);
}

/* In lines as wide as the picture, the first at y; out NULL: only counts them. */
static unsigned put_lines(const struct drawing *d, const char *s, size_t len, double y,
                          struct pf_sink *out)
{
    unsigned lines = 0;

    for (size_t n; len; s += n, len -= n, lines++) {
        n = pf_line_fit(s, len, (size_t)(d->width / letter));
        if (!out)
            continue;
        pf_printf(out, "<text class=\"sub\" x=\"%d\" y=\"%.0f\">", MARGIN,
                  y + (double)lines * LINE);
        pf_put_xml(out, s, s[n - 1] == ' ' ? n - 1 : n);
        pf_puts(out, "</text>\n");
    }
    return lines;
}

static unsigned put_words(const struct drawing *d, struct pf_sink *out)
{
    size_t len;
    const char *s = (const char *)pf_sink_bytes(d->words, &len);

    return put_lines(d, s, len, HEAD + 4, out);
}

static void put_title(const struct drawing *d, size_t room)
{
    const char *title = pf_flame_title(d->f->how);
    bool cut;
    size_t n = pf_name_fit(title, strlen(title), room, &cut);

    pf_put_xml(d->out, title, n);
    pf_puts(d->out, cut ? "\xe2\x80\xa6" : "");
}

static void put_hatch(const struct drawing *d, const char *class)
{
    pf_printf(d->out,
              "<pattern id=\"h%s\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
              "patternTransform=\"rotate(45)\"><rect class=\"%s\" width=\"6\" "
              "height=\"6\"/><path d=\"M0 0V6\" stroke=\"#000\" stroke-opacity=\".22\" "
              "stroke-width=\"2\"/></pattern>\n<style>.f.%s:not(.root) rect { fill: url(#h%s); "
              "}</style>\n",
              class, class, class, class);
}

/* Frames that were inferred are hatched: a pattern for each colour. */
static void put_hatches(const struct drawing *d)
{
    int first = d->f->diff ? -4 : 0, last = d->f->diff ? 4 : PF_COLORS - 1;
    char class[16];

    put_hatch(d, "k");
    for (int i = first; i <= last; i++) {
        snprintf(class, sizeof class, "%c%d", d->f->diff ? 'd' : 'c', i);
        put_hatch(d, class);
    }
    pf_puts(d->out, "<style>.f.hit:not(.root) rect { fill: var(--mark); }\n.inferred rect { fill: "
                    "url(#hk); }</style>\n");
}

static void put_head(const struct drawing *d, unsigned width, unsigned height)
{
    double controls = d->width / 2 < CONTROLS ? d->width / 2 : CONTROLS;
    size_t len;

    pf_puts(d->out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n");
    pf_printf(d->out,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
              "viewBox=\"0 0 %u %u\" lang=\"en\" aria-labelledby=\"t d\">\n<title id=\"t\">",
              width, height, width, height);
    put_title(d, SIZE_MAX);
    pf_puts(d->out, "</title>\n<desc id=\"d\">");
    const char *words = (const char *)pf_sink_bytes(d->words, &len);
    pf_put_xml(d->out, words, len);
    pf_puts(d->out,
            ". Each box is a function; its width is its share with all that it calls.</desc>\n");
    pf_printf(d->out, "<style>\n%s</style>\n", pf_web_flame_svg_css);
    if (d->f->p->stack_kind == PF_INFERRED)
        put_hatches(d);
    pf_printf(d->out, "<rect class=\"bg\" width=\"%u\" height=\"%u\"/>\n", width, height);
    pf_printf(d->out, "<text class=\"title\" x=\"%d\" y=\"24\">", MARGIN);
    put_title(d, (size_t)((d->width - controls) / title_letter));
    pf_puts(d->out, "</text>\n");
    put_words(d, d->out);
}

/* ---- the legend ---- */

struct key {
    const char *class, *text;
};
static const struct key origins[] = {{"c0", "project"},      {"c12", "standard library"},
                                     {"c24", "packages"},    {"c36", "builtins"},
                                     {"c48", "native code"}, {NULL, NULL}};
static const struct key changes[] = {
    {"d-4 gone", "gone"}, {"d-3", "-33%"}, {"d-2", "-10%"},   {"d0", "little or no change"},
    {"d2", "+10%"},       {"d3", "+33%"},  {"d4 new", "new"}, {NULL, NULL}};
static const struct key inferred = {"inferred", "hatched: inferred"};

static double text_width(const char *s)
{
    double width = 0;

    for (; *s; s++)
        width += strchr("ijlrt :", *s) ? 4.5 : strchr("+%", *s) ? 10 : 7.5;
    return width;
}

/* A key at *x and *y, or where the next row begins. */
static void put_key(const struct drawing *d, const struct key *k, double *x, double *y,
                    struct pf_sink *out)
{
    bool grey = strcmp(k->class, "d0") == 0 && d->f->sure.q;
    const char *text = grey ? "no significant change" : k->text;
    double width = 17 + text_width(text);

    if (*x > MARGIN && *x + width > MARGIN + d->width) {
        *x = MARGIN;
        *y += KEYS;
    }
    if (out)
        pf_printf(out,
                  "<g class=\"%s\"><rect x=\"%.0f\" y=\"%.0f\" width=\"12\" height=\"12\"/>"
                  "</g><text class=\"key\" x=\"%.0f\" y=\"%.0f\">%s</text>\n",
                  k->class, *x, *y, *x + 17, *y + 10, text);
    *x += width + 14;
}

/* Returns where it ends; out NULL: only that. */
static double put_legend(const struct drawing *d, double y, struct pf_sink *out)
{
    double x = MARGIN;

    for (const struct key *k = d->f->diff ? changes : origins; k->class; k++)
        put_key(d, k, &x, &y, out);
    if (d->f->p->stack_kind == PF_INFERRED)
        put_key(d, &inferred, &x, &y, out);
    return y + KEYS;
}

/* What the picture leaves out, as one line; its length. */
static size_t hidden_text(const struct drawing *d, char text[200])
{
    const struct pf_flame *f = d->f;
    uint32_t narrow = f->hidden - f->deep;
    char where[80] = "";
    int n = 0;

    if (narrow)
        n = snprintf(where, 80, "narrower than %.2g pixels", f->least);
    if (f->deep)
        snprintf(where + n, 80 - (size_t)n, "%sover %d rows from the root", n ? " or " : "",
                 PF_FLAME_ROWS);
    if (f->hidden)
        n = snprintf(text, 200, "%u box%s, %s, %s not drawn: %.2f%% of the width", f->hidden,
                     f->hidden == 1 ? "" : "es", where, f->hidden == 1 ? "is" : "are",
                     100 * f->hidden_share);
    return (size_t)n;
}

/* Status, legend, what is not shown; returns where it ends. */
static double put_foot(const struct drawing *d, double y, struct pf_sink *out)
{
    char text[200];
    size_t len = hidden_text(d, text);

    if (out)
        pf_printf(out,
                  "<text id=\"status\" class=\"sub\" role=\"status\" aria-live=\"polite\" "
                  "x=\"%d\" y=\"%.0f\"></text>\n",
                  MARGIN, y + 14);
    y = put_legend(d, y + 24, out) + 12;
    y += put_lines(d, text, len, y, out) * (double)LINE;
    if (out && len && d->f->how->tell)
        d->f->how->tell(d->f->how->ctx, text);
    return y - 4;
}

static int draw(struct drawing *d, unsigned width, struct pf_err *err)
{
    const struct pf_flame *f = d->f;

    if (make_words(d, err))
        return -1;
    d->top = HEAD + LINE * (double)put_words(d, NULL);
    double below = d->top + ((double)f->depth + 1) * ROW;
    put_head(d, width, (unsigned)put_foot(d, below, NULL));
    pf_printf(
        d->out,
        "<g id=\"boxes\" data-width=\"%.0f\" data-left=\"%d\" data-column=\"%.1f\" "
        "data-up=\"%d\" aria-label=\"Flame graph: arrow keys move between boxes, Enter zooms, "
        "Escape zooms out, slash searches\">\n",
        d->width, MARGIN, column, d->root_below);
    for (uint32_t i = 0; i < f->n; i++)
        if (put_box(d, &f->box[i], err) || (i % 1024 == 0 && pf_sink_check(d->out, err)))
            return -1;
    pf_puts(d->out, "</g>\n");
    put_foot(d, below, d->out);
    pf_printf(d->out, "<script><![CDATA[\n%s]]></script>\n</svg>\n", pf_web_flame_svg_js);
    return pf_sink_check(d->out, err);
}

int pf_view_flame_svg(const struct pf_profile *p, const struct pf_flame_how *how,
                      struct pf_sink *out, struct pf_err *err)
{
    struct pf_flame f;
    unsigned width = how->width ? how->width : WIDTH;

    width = width < LEAST_WIDTH ? LEAST_WIDTH : width;
    if (pf_flame_make(p, how, &f, err))
        return -1;
    struct drawing d = {.f = &f,
                        .out = out,
                        .unit = pf_str_at(p, p->types.at[how->type].unit),
                        .speller = {.names = p, .by = how->by},
                        .width = width - 2.0 * MARGIN,
                        .root_below = !how->icicle};
    pf_flame_warn_negative(p, how, f.negative);
    int failed = draw(&d, width, err);
    pf_abandon(d.words);
    pf_flame_free(&f);
    return failed;
}
