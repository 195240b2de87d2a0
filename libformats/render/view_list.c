/* view_list.c - source lines as text, beside what each input says of them. */
#include "listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SELF, CUM, CALLS, KINDS };
static const char *const titles[KINDS] = {"self", "total", "calls"};

enum { WIDEST = 3 * PF_LIST_INPUTS };

struct column {
    uint32_t input;
    int kind;
    size_t width;
};

struct list_view {
    const struct pf_listing *l;
    const struct pf_list_how *how;
    struct pf_sink *out;
    struct column column[WIDEST];
    uint32_t n;
};

static struct pf_str unit_of(const struct list_view *v, uint32_t input)
{
    const struct pf_list_input *in = &v->how->input[input];

    return pf_str_at(in->p, in->p->types.at[in->type].unit);
}

/* The text of a value, or of nothing: a line that an input knows but that costs nothing has a dot.
 */
static size_t value_text(const struct list_view *v, const struct pf_listed_value *value,
                         const struct column *c, char buf[PF_VALUE_MAX])
{
    int64_t x = c->kind == SELF ? value->self : c->kind == CUM ? value->cum : value->calls;

    buf[0] = '\0';
    if (!value->any)
        return 0;
    if (x == 0)
        return (size_t)snprintf(buf, PF_VALUE_MAX, ".");
    if (c->kind == CALLS || v->how->raw)
        return (size_t)snprintf(buf, PF_VALUE_MAX, "%" PRId64, x);
    return (size_t)pf_value_text(buf, (double)x, unit_of(v, c->input), false);
}

static const struct pf_listed_value *value_of(const struct list_view *v, uint32_t at,
                                              uint32_t input)
{
    static const struct pf_listed_value none;

    return at == UINT32_MAX ? &none : &v->l->value[(size_t)at + input];
}

static void choose_columns(struct list_view *v)
{
    for (uint32_t k = 0; k < v->how->inputs; k++)
        for (int kind = SELF; kind < KINDS; kind++)
            if (kind != CALLS || v->l->has_calls[k])
                v->column[v->n++] = (struct column){k, kind, strlen(titles[kind])};
}

static void measure(struct list_view *v)
{
    char buf[PF_VALUE_MAX];

    for (uint32_t i = 0; i < v->l->n; i++)
        for (uint32_t n = 0; n < v->l->part[i].n; n++)
            for (uint32_t c = 0; c < v->n; c++) {
                size_t w =
                    value_text(v, value_of(v, v->l->part[i].line[n].value, v->column[c].input),
                               &v->column[c], buf);
                v->column[c].width = w > v->column[c].width ? w : v->column[c].width;
            }
}

static void put_right(struct pf_sink *out, const char *text, size_t width)
{
    for (size_t n = strlen(text); n < width; n++)
        pf_put(out, " ", 1);
    pf_puts(out, text);
}

/* Of what: `[1] run.prof: time (nanoseconds), total 1.2 s`. */
static void put_inputs(const struct list_view *v)
{
    static const char *const stacks[] = {"exact", "inferred", "edge-only"};
    char buf[PF_VALUE_MAX];

    for (uint32_t k = 0; k < v->how->inputs; k++) {
        const struct pf_list_input *in = &v->how->input[k];
        struct pf_str name = pf_str_at(in->p, in->p->types.at[in->type].name);
        pf_printf(v->out, "[%u] ", k + 1);
        pf_put_name(v->out, in->name, strlen(in->name));
        pf_puts(v->out, ": ");
        pf_put_name(v->out, name.s, name.len);
        pf_puts(v->out, " (");
        pf_put_name(v->out, unit_of(v, k).s, unit_of(v, k).len);
        pf_puts(v->out, "), total ");
        pf_value_text(buf, (double)v->l->total[k], unit_of(v, k), false);
        pf_printf(v->out, "%s; stacks %s", buf, stacks[in->p->stack_kind % 3]);
        pf_put_certificate(&in->p->certificate, v->out);
        pf_puts(v->out, "\n");
    }
}

static void put_titles(const struct list_view *v, const struct pf_listed *part)
{
    pf_puts(v->out, "\n");
    pf_put_name(v->out, part->file.s, part->file.len);
    if (part->func.len) {
        pf_puts(v->out, ", ");
        pf_put_name(v->out, part->func.s, part->func.len);
    }
    pf_puts(v->out, pf_listing_missing(v->l, part));
    pf_puts(v->out, "\n");
    for (uint32_t c = 0; c < v->n; c++) {
        char number[16] = "";
        if (v->column[c].kind == SELF)
            snprintf(number, sizeof number, "[%u]", v->column[c].input + 1);
        put_right(v->out, number, v->column[c].width);
        pf_puts(v->out, "  ");
    }
    pf_puts(v->out, "\n");
    for (uint32_t c = 0; c < v->n; c++) {
        put_right(v->out, titles[v->column[c].kind], v->column[c].width);
        pf_puts(v->out, "  ");
    }
    pf_puts(v->out, " line  source\n");
}

/* Tabs are what source has; all else that a terminal obeys is spelled out. */
static void put_source(struct pf_sink *out, struct pf_str text)
{
    uint32_t from = 0;

    for (uint32_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.s[i] != '\t')
            continue;
        pf_put_name(out, text.s + from, i - from);
        if (i < text.len)
            pf_puts(out, "        ");
        from = i + 1;
    }
}

static void put_line(const struct list_view *v, const struct pf_listed_line *line)
{
    char buf[PF_VALUE_MAX];

    for (uint32_t c = 0; c < v->n; c++) {
        value_text(v, value_of(v, line->value, v->column[c].input), &v->column[c], buf);
        put_right(v->out, buf, v->column[c].width);
        pf_puts(v->out, "  ");
    }
    pf_printf(v->out, "%5" PRId64, line->line);
    if (line->text.s && line->text.len) {
        pf_puts(v->out, "  ");
        put_source(v->out, line->text);
    }
    pf_puts(v->out, "\n");
}

static bool has_value(const struct pf_listed_line *line)
{
    return line->value != UINT32_MAX;
}

/* Of a whole file long stretches without a value are passed over, and so are lines without text. */
static bool is_near(const struct pf_listed *part, uint32_t n)
{
    uint32_t from = n > PF_LIST_CONTEXT ? n - PF_LIST_CONTEXT : 0;

    for (uint32_t k = from; k <= n + PF_LIST_CONTEXT && k < part->n; k++)
        if (has_value(&part->line[k]))
            return true;
    return part->func.len > 0;
}

static void put_part(const struct list_view *v, const struct pf_listed *part)
{
    bool gap = false;

    put_titles(v, part);
    for (uint32_t n = 0; n < part->n; n++) {
        bool shown = is_near(part, n) && (has_value(&part->line[n]) || part->line[n].text.s);
        if (shown && gap && n)
            pf_puts(v->out, "...\n");
        gap = !shown;
        if (shown)
            put_line(v, &part->line[n]);
    }
}

int pf_view_list(const struct pf_list_how *how, struct pf_sink *out, struct pf_err *err)
{
    struct pf_listing l;
    struct list_view v = {.l = &l, .how = how, .out = out};

    if (pf_listing_make(how, how->input[0].p->mem, &l, err))
        return -1;
    choose_columns(&v);
    measure(&v);
    put_inputs(&v);
    for (uint32_t i = 0; i < l.n; i++)
        if (l.part[i].n)
            put_part(&v, &l.part[i]);
    pf_listing_free(&l);
    return pf_sink_check(out, err);
}
