/* manifest.c - the manifest as text: a line of JSON for each profile and set of labels. */
#include "ar.h"
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const kinds[] = {"sum", "gauge", "peak", "fixed"};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- writing ---- */

static void put_str(const struct pf_entries *e, pf_id id, struct pf_sink *out)
{
    struct pf_str s = pf_str_at(e->names, id);

    pf_put_json(out, s.s, s.len);
}

static void put_types(const struct pf_entries *e, const struct pf_entry *x, struct pf_sink *out)
{
    for (uint32_t k = 0; k < x->n_types; k++) {
        const struct pf_entry_type *t = &e->type[x->type + k];
        pf_puts(out, k ? ",{\"name\":" : "{\"name\":");
        put_str(e, t->name, out);
        pf_puts(out, ",\"unit\":");
        put_str(e, t->unit, out);
        pf_printf(out, ",\"kind\":\"%s\",\"total\":%" PRId64 "}", kinds[t->kind], t->total);
    }
}

void pf_entry_json(const struct pf_entries *e, uint32_t i, struct pf_sink *out)
{
    const struct pf_entry *x = &e->at[i];
    char id[PF_ID_TEXT];

    pf_id_text(x->hash, id);
    pf_printf(out, "{\"id\":\"%s\",\"size\":%" PRIu64 ",\"labels\":{", id, x->size);
    for (uint32_t k = 0; k < x->n_labels; k++) {
        pf_puts(out, k ? "," : "");
        put_str(e, e->label[x->label + k].key, out);
        pf_puts(out, ":");
        put_str(e, e->label[x->label + k].value, out);
    }
    pf_puts(out, "},\"types\":[");
    put_types(e, x, out);
    pf_printf(out, "],\"time_ns\":%" PRId64 ",\"version\":%" PRIu32 "}", x->time_ns, x->version);
}

/* ---- for people ---- */

static void put_time(struct pf_sink *out, int64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm utc;

    if (ns && gmtime_r(&seconds, &utc))
        pf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    else
        pf_printf(out, "%-20s", "-");
}

static void put_name(struct pf_sink *out, const struct pf_entries *e, pf_id id)
{
    struct pf_str s = pf_str_at(e->names, id);

    pf_put_name(out, s.s, s.len);
}

void pf_entry_text(const struct pf_entries *e, uint32_t i, struct pf_sink *out)
{
    enum { SHORT = 16 };
    const struct pf_entry *x = &e->at[i];
    char id[PF_ID_TEXT], value[PF_VALUE_MAX];

    pf_id_text(x->hash, id);
    pf_printf(out, "%.*s  ", SHORT, id);
    put_time(out, x->time_ns);
    pf_printf(out, "  %9" PRIu64, x->size);
    if (x->n_types) {
        const struct pf_entry_type *t = &e->type[x->type];
        pf_value_text(value, (double)t->total, pf_str_at(e->names, t->unit), false);
        pf_printf(out, "  %11s ", value);
        put_name(out, e, t->name);
    }
    for (uint32_t k = 0; k < x->n_labels; k++) {
        pf_puts(out, k ? " " : "  ");
        put_name(out, e, e->label[x->label + k].key);
        pf_puts(out, "=");
        put_name(out, e, e->label[x->label + k].value);
    }
    pf_puts(out, "\n");
}

/* ---- reading ---- */

struct parsing {
    struct pf_json j;
    struct pf_entries *e;
    struct pf_entry *to;
    struct pf_err *err;
};

static void take_id(struct parsing *p)
{
    if (!pf_json_string(&p->j))
        return;
    if (p->j.len != PF_ID_TEXT - 1 || !ar_hex(p->j.text, p->j.len, p->to->hash))
        pf_json_fail(&p->j, PF_ESYNTAX, "an id is %d hexadecimal digits", PF_ID_TEXT - 1);
}

static void take_labels(struct parsing *p)
{
    if (!pf_json_enter(&p->j, '{'))
        return;
    while (pf_json_key(&p->j)) {
        pf_id key = pf_str(p->e->names, p->j.text, p->j.len);
        if (!pf_json_string(&p->j))
            return;
        struct pf_str k = pf_str_at(p->e->names, key);
        if (ar_entry_label(p->e, p->to, k, ar_text(p->j.text, p->j.len), p->err) < 0)
            return;
    }
}

static void take_type(struct parsing *p)
{
    static const char *const names[] = {"name", "unit", "kind", "total", NULL};
    struct pf_entry_type t = {0};
    uint64_t seen = 0;
    uint32_t kind = 0;

    if (!pf_json_enter(&p->j, '{'))
        return;
    while (pf_json_key(&p->j)) {
        int which = pf_json_which(&p->j, names, &seen);
        if (which == 3)
            pf_json_int(&p->j, &t.total);
        else if (which < 0)
            pf_json_skip(&p->j);
        else if (pf_json_string(&p->j) && which < 2)
            *(which ? &t.unit : &t.name) = pf_str(p->e->names, p->j.text, p->j.len);
        else
            for (kind = 0; kind < KINDS && !pf_json_text_is(&p->j, kinds[kind]);)
                kind++;
    }
    if (kind >= KINDS)
        pf_json_fail(&p->j, PF_ESYNTAX, "no known kind of value");
    t.kind = (enum pf_kind)kind;
    if (!p->err->code)
        ar_entry_type(p->e, p->to, &t, p->err);
}

static void take_types(struct parsing *p)
{
    if (!pf_json_enter(&p->j, '['))
        return;
    while (pf_json_item(&p->j))
        take_type(p);
}

static uint64_t take_count(struct parsing *p)
{
    int64_t value = 0;

    if (pf_json_int(&p->j, &value) && value < 0)
        pf_json_fail(&p->j, PF_ESYNTAX, "a number below 0");
    return (uint64_t)value;
}

static void take_line(struct parsing *p)
{
    static const char *const names[] = {"id",      "size",    "labels", "types",
                                        "time_ns", "version", NULL};
    uint64_t seen = 0;

    if (!pf_json_enter(&p->j, '{'))
        return;
    while (pf_json_key(&p->j))
        switch (pf_json_which(&p->j, names, &seen)) {
        case 0: take_id(p); break;
        case 1: p->to->size = take_count(p); break;
        case 2: take_labels(p); break;
        case 3: take_types(p); break;
        case 4: pf_json_int(&p->j, &p->to->time_ns); break;
        case 5: p->to->version = (uint32_t)take_count(p); break;
        default: pf_json_skip(&p->j);
        }
    if (!p->err->code && (seen & 1) == 0)
        pf_json_fail(&p->j, PF_ESYNTAX, "a line of the manifest has no id");
}

/* Lines come in order, so that all of one hash stand together. */
static void take_all(struct parsing *p)
{
    uint32_t first = p->e->n;

    while (pf_json_more(&p->j)) {
        if (p->e->n - first >= PF_ARCHIVE_MEMBERS)
            pf_json_fail(&p->j, PF_ELIMIT, "the manifest has more than %d lines",
                         PF_ARCHIVE_MEMBERS);
        p->to = p->err->code ? NULL : ar_entry_new(p->e, p->err);
        if (!p->to)
            return;
        take_line(p);
        uint32_t n = p->e->n;
        if (!p->err->code && n - first > 1 && ar_entry_cmp(p->e, n - 2, n - 1) >= 0)
            pf_json_fail(&p->j, PF_ESYNTAX, "the manifest is not in order");
        if (p->err->code || p->e->names->err.code) { /* this line is not whole */
            ar_entry_drop(p->e);
            return;
        }
    }
}

int ar_manifest_read(struct pf_entries *e, struct pf_source *in, struct pf_err *err)
{
    struct parsing p = {.e = e, .err = err};
    size_t have;

    if (pf_peek(in, 1, &have)) {
        pf_json_open(&p.j, in, err);
        take_all(&p);
        pf_json_close(&p.j);
    }
    if (pf_source_check(in, err) == 0 && e->names->err.code)
        ar_no_memory(err);
    return err->code ? -1 : 0;
}

int ar_manifest_parse(struct pf_entries *e, const uint8_t *text, size_t len, struct pf_err *err)
{
    struct pf_source *in = pf_open_mem(e->names->mem, text, len, err);
    int rc = in ? ar_manifest_read(e, in, err) : -1;

    pf_close(in);
    return rc;
}

/* ---- content ---- */

struct pf_sink *ar_encode(struct pf_mem *m, const struct pf_profile *p, const uint8_t **content,
                          size_t *len, struct pf_err *err)
{
    struct pf_sink *k = pf_create_mem(m, PF_PLAIN, err);

    if (!k)
        return NULL;
    if (pb_write(p, k, false, err) == 0) {
        pf_end_frame(k);
        *content = pf_sink_bytes(k, len);
    }
    if (!err->code && pf_sink_check(k, err) == 0)
        return k;
    pf_abandon(k);
    return NULL;
}
