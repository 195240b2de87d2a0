/*
 * view_flame_html.c - a flame graph as a page: a tree of up to millions of nodes, drawn by a script
 * on a canvas, with the same numbers in a table. The page opens from disk and asks for nothing; its
 * policy lets only our own style and script run, and names are data, never markup.
 */
#include "flame_data.h"
#include "web.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct page {
    const struct pf_profile *p;
    const struct pf_flame_how *how;
    struct pf_flame_data data;
    struct pf_sink *packed, *out;
};

/* ---- the parts of the page ---- */

static void put_base64(struct pf_sink *out, const uint8_t *s, size_t len)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    enum { PAD = 64 };
    char text[4096];
    size_t n = 0;

    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t v = (uint32_t)s[i] << 16 | (left > 1 ? (uint32_t)s[i + 1] << 8 : 0)
                     | (left > 2 ? s[i + 2] : 0);
        text[n++] = digit[v >> 18];
        text[n++] = digit[v >> 12 & 63];
        text[n++] = digit[left > 1 ? v >> 6 & 63 : PAD];
        text[n++] = digit[left > 2 ? v & 63 : PAD];
        if (n == sizeof text) {
            pf_put(out, text, n);
            n = 0;
        }
    }
    pf_put(out, text, n);
}

static void put_data(struct page *g)
{
    size_t len;
    const uint8_t *s = pf_sink_bytes(g->packed, &len);

    put_base64(g->out, s, len);
}

static void put_json_str(struct page *g, const char *key, pf_id id)
{
    struct pf_str s = pf_str_at(g->p, id);

    pf_printf(g->out, "\"%s\":", key);
    pf_put_json(g->out, s.s, s.len);
}

static void put_words(struct page *g)
{
    pf_flame_about(g->p, g->out);
    if (g->how->diff)
        pf_flame_about_runs(&g->data.sure, g->out);
    pf_flame_about_negative(g->p, g->how->type, g->data.negative, g->out);
}

static void put_meta(struct page *g)
{
    static const char *const stacks[] = {"exact", "inferred", "edge-only"};

    pf_puts(g->out, "{\"types\":[");
    for (unsigned t = 0; t < g->data.types; t++) {
        const struct pf_type *type = &g->p->types.at[g->data.type[t]];
        pf_puts(g->out, t ? ",{" : "{");
        put_json_str(g, "name", type->name);
        pf_puts(g->out, ",");
        put_json_str(g, "unit", type->unit);
        pf_printf(g->out, ",\"columns\":%d}", g->data.sure.tested ? 3 : g->how->diff ? 2 : 1);
    }
    int64_t times[2], runs = g->how->diff ? pf_flame_runs(&g->data.sure, times) : 1;
    pf_printf(g->out, "],\"runs\":%" PRId64, runs);
    pf_printf(g->out, ",\"type\":%u,\"diff\":%s,\"icicle\":%s,\"colors\":%d,\"stacks\":\"%s\"",
              g->data.shown, g->how->diff ? "true" : "false", g->how->icicle ? "true" : "false",
              g->how->colors == PF_COLORS_PACKAGE, stacks[g->p->stack_kind % 3]);
    pf_puts(g->out, ",\"about\":\"");
    put_words(g);
    pf_puts(g->out, "\"}");
}

static void put_title(struct page *g)
{
    const char *title = pf_flame_title(g->how);

    pf_put_xml(g->out, title, strlen(title));
}

/* Without a script at least what was measured is said. */
static void put_about(struct page *g)
{
    struct pf_str name = pf_str_at(g->p, g->p->types.at[g->how->type].name);

    pf_put_xml(g->out, name.s, name.len);
    put_words(g);
}

static void put_hidden(struct page *g)
{
    const struct pf_flame_data *d = &g->data;
    char text[200] = "";
    int n = 0;

    if (d->hidden)
        n = snprintf(text, sizeof text, "%u nodes are too many: the smallest %u are put together",
                     d->nodes + d->hidden, d->hidden);
    pf_puts(g->out, text);
    if (n && g->how->tell)
        g->how->tell(g->how->ctx, text);
}

static void put_style(struct page *g)
{
    pf_puts(g->out, pf_web_flame_html_css);
}

static void put_style_hash(struct page *g)
{
    pf_puts(g->out, pf_web_flame_html_css_sha256);
}

static void put_tree(struct page *g)
{
    pf_puts(g->out, pf_web_flame_tree_js);
}

static void put_tree_hash(struct page *g)
{
    pf_puts(g->out, pf_web_flame_tree_js_sha256);
}

static void put_script(struct page *g)
{
    pf_puts(g->out, pf_web_flame_html_js);
}

static void put_script_hash(struct page *g)
{
    pf_puts(g->out, pf_web_flame_html_js_sha256);
}

/* ---- the page ---- */

static const struct part {
    const char *name;
    void (*put)(struct page *g);
} parts[] = {{"title", put_title},
             {"about", put_about},
             {"hidden", put_hidden},
             {"meta", put_meta},
             {"data", put_data},
             {"style", put_style},
             {"style-hash", put_style_hash},
             {"tree", put_tree},
             {"tree-hash", put_tree_hash},
             {"script", put_script},
             {"script-hash", put_script_hash}};

static void put_part(struct page *g, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strlen(parts[i].name) == len && memcmp(parts[i].name, name, len) == 0)
            parts[i].put(g);
}

/* flame.html, with each {{name}} replaced by that part. */
static void put_page(struct page *g)
{
    const char *s = pf_web_flame_html;

    for (const char *open; (open = strstr(s, "{{"));) {
        const char *close = strstr(open, "}}");
        pf_put(g->out, s, (size_t)(open - s));
        put_part(g, open + 2, (size_t)(close - open) - 2);
        s = close + 2;
    }
    pf_puts(g->out, s);
}

int pf_view_flame_html(const struct pf_profile *p, const struct pf_flame_how *how,
                       struct pf_sink *out, struct pf_err *err)
{
    struct page g = {.p = p, .how = how, .out = out};

    if (pf_flame_check(p, how, err))
        return -1;
    g.packed = pf_create_mem(p->mem, PF_GZIP, err);
    if (!g.packed)
        return -1;
    int failed = pf_flame_data_put(p, how, &g.data, g.packed, err);
    if (!failed) {
        pf_end_frame(g.packed);
        failed = pf_sink_check(g.packed, err);
    }
    if (!failed) {
        pf_flame_warn_negative(p, how, g.data.negative);
        put_page(&g);
        failed = pf_sink_check(out, err);
    }
    pf_abandon(g.packed);
    return failed ? -1 : 0;
}
