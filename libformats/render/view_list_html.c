/*
 * view_list_html.c - source lines as a page, with a heat column for each input: how dark a cell is
 * tells how large its share of the whole is; the share stands in the cell, too. No script.
 */
#include "listing.h"
#include "web.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct page {
    const struct pf_listing *l;
    const struct pf_list_how *how;
    struct pf_sink *out;
};

static struct pf_str unit_of(const struct page *g, uint32_t input)
{
    const struct pf_list_input *in = &g->how->input[input];

    return pf_str_at(in->p, in->p->types.at[in->type].unit);
}

static void put_str(const struct page *g, struct pf_str s)
{
    pf_put_ends(s, g->out, pf_put_xml);
}

static void put_value(const struct page *g, uint32_t input, int64_t value)
{
    char buf[PF_VALUE_MAX];

    pf_put(g->out, buf, (size_t)pf_value_text(buf, (double)value, unit_of(g, input), false));
}

/* Five steps, each about twice the one before: 1%, 3%, 8%, 20%, 50%. */
static int heat(double share)
{
    static const double step[] = {0.01, 0.03, 0.08, 0.2, 0.5};
    int level = 0;

    while (level < 5 && share >= step[level])
        level++;
    return level;
}

static void put_cells(const struct page *g, const struct pf_listed_line *line)
{
    for (uint32_t k = 0; k < g->how->inputs; k++) {
        const struct pf_listed_value *v =
            line->value == UINT32_MAX ? NULL : &g->l->value[(size_t)line->value + k];
        double share = v && g->l->total[k] ? (double)v->cum / (double)g->l->total[k] : 0;
        bool any = v && v->any;
        pf_puts(g->out, "<td>");
        if (any && v->self)
            put_value(g, k, v->self);
        pf_puts(g->out, "</td><td>");
        if (any && v->cum)
            put_value(g, k, v->cum);
        pf_printf(g->out, "</td><td class=\"h%d\">", heat(share < 0 ? -share : share));
        if (any && v->cum)
            pf_printf(g->out, "%.1f%%", 100 * share);
        pf_puts(g->out, "</td>");
        if (g->l->has_calls[k]) {
            pf_puts(g->out, "<td>");
            if (any && v->calls)
                pf_printf(g->out, "%" PRId64, v->calls);
            pf_puts(g->out, "</td>");
        }
    }
}

static void put_source(const struct page *g, struct pf_str text)
{
    uint32_t from = 0;

    for (uint32_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.s[i] != '\t')
            continue;
        pf_put_xml(g->out, text.s + from, i - from);
        if (i < text.len)
            pf_puts(g->out, "\t");
        from = i + 1;
    }
}

static void put_heads(const struct page *g)
{
    pf_puts(g->out, "<thead><tr>");
    for (uint32_t k = 0; k < g->how->inputs; k++) {
        const struct pf_list_input *in = &g->how->input[k];
        pf_printf(g->out,
                  "<th colspan=\"%d\" scope=\"colgroup\" class=\"g\">%u: ", 3 + g->l->has_calls[k],
                  k + 1);
        put_str(g, pf_str_at(in->p, in->p->types.at[in->type].name));
        pf_puts(g->out, "</th>");
    }
    pf_puts(g->out, "<td></td><th scope=\"col\" class=\"s\">source</th></tr>\n<tr>");
    for (uint32_t k = 0; k < g->how->inputs; k++)
        pf_printf(g->out,
                  "<th scope=\"col\">self</th><th scope=\"col\">total</th><th scope=\"col\">share"
                  "</th>%s",
                  g->l->has_calls[k] ? "<th scope=\"col\">calls</th>" : "");
    pf_puts(g->out, "<th scope=\"col\">line</th><th scope=\"col\" class=\"s\">text</th></tr>"
                    "</thead>\n<tbody>\n");
}

static void put_part(const struct page *g, const struct pf_listed *part)
{
    pf_puts(g->out, "<h2>");
    put_str(g, part->file);
    if (part->func.len) {
        pf_puts(g->out, ", ");
        put_str(g, part->func);
    }
    pf_puts(g->out, pf_listing_missing(g->l, part));
    pf_puts(g->out, "</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"");
    put_str(g, part->file);
    pf_puts(g->out, "\"><table>");
    put_heads(g);
    for (uint32_t n = 0; n < part->n; n++) {
        const struct pf_listed_line *line = &part->line[n];
        if (line->value == UINT32_MAX && !line->text.s)
            continue;
        pf_puts(g->out, "<tr>");
        put_cells(g, line);
        pf_printf(g->out, "<td class=\"n\">%" PRId64 "</td><td class=\"s\">", line->line);
        if (line->text.s)
            put_source(g, line->text);
        pf_puts(g->out, "</td></tr>\n");
    }
    pf_puts(g->out, "</tbody></table></div>\n");
}

static void put_inputs(const struct page *g)
{
    pf_puts(g->out, "<ol>\n");
    for (uint32_t k = 0; k < g->how->inputs; k++) {
        const struct pf_list_input *in = &g->how->input[k];
        pf_puts(g->out, "<li>");
        pf_put_xml(g->out, in->name, strlen(in->name));
        pf_puts(g->out, ": ");
        put_str(g, pf_str_at(in->p, in->p->types.at[in->type].name));
        pf_puts(g->out, ", total ");
        put_value(g, k, g->l->total[k]);
        pf_puts(g->out, "</li>\n");
    }
    pf_puts(g->out, "</ol>\n");
}

static void put_page(const struct page *g)
{
    struct pf_str subject = {g->how->subject, (uint32_t)strlen(g->how->subject)};

    pf_puts(g->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "style-src 'sha256-");
    pf_puts(g->out, pf_web_list_css_sha256);
    pf_puts(g->out, "'; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" "
                    "content=\"width=device-width, initial-scale=1\">\n<title>");
    put_str(g, subject);
    pf_puts(g->out, "</title>\n<style>");
    pf_puts(g->out, pf_web_list_css);
    pf_puts(g->out, "</style>\n</head>\n<body>\n<main>\n<h1>Annotated source: ");
    put_str(g, subject);
    pf_puts(g->out, "</h1>\n");
    put_inputs(g);
    for (uint32_t i = 0; i < g->l->n; i++)
        if (g->l->part[i].n)
            put_part(g, &g->l->part[i]);
    pf_puts(g->out, "</main>\n</body>\n</html>\n");
}

int pf_view_list_html(const struct pf_list_how *how, struct pf_sink *out, struct pf_err *err)
{
    struct pf_listing l;
    struct page g = {&l, how, out};

    if (pf_listing_make(how, how->input[0].p->mem, &l, err))
        return -1;
    put_page(&g);
    pf_listing_free(&l);
    return pf_sink_check(out, err);
}
