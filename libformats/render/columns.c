/* columns.c - which columns a table has, and its rows as JSON, CSV and Markdown. */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- which columns ---- */

/* "per-call", "per_call"; "flat%", "flat_pct" */
static bool is_key(const char *word, size_t len, const char *key)
{
    size_t n = strlen(key);

    if (len && word[len - 1] == '%' && n == len + 3 && strcmp(key + len - 1, "_pct") == 0)
        n = --len;
    if (n != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (key[i] != (word[i] == '-' ? '_' : word[i]))
            return false;
    return true;
}

static int unknown(const char *word, size_t len, const struct pf_column *all, uint32_t n,
                   struct pf_err *err)
{
    char list[200] = "";
    size_t at = 0;

    for (uint32_t i = 0; i < n && at < sizeof list; i++) {
        uint32_t first = 0;
        while (strcmp(all[first].key, all[i].key) != 0)
            first++;
        if (first == i)
            at += (size_t)snprintf(list + at, sizeof list - at, " %s", all[i].key);
    }
    return pf_fail(err, PF_EVALUE, "no column '%.*s'; there are%s", len < 40 ? (int)len : 40, word,
                   list);
}

static bool has_key(const struct pf_table *t, const char *key)
{
    for (uint32_t i = 0; i < t->columns; i++)
        if (strcmp(t->column[i].key, key) == 0)
            return true;
    return false;
}

static int choose_listed(struct pf_table *t, const char *list, const struct pf_column *all,
                         uint32_t n, struct pf_err *err)
{
    for (const char *word = list;; word++) {
        size_t len = strcspn(word, ",");
        uint32_t i = 0;
        while (i < n && !is_key(word, len, all[i].key))
            i++;
        if (i == n)
            return unknown(word, len, all, n, err);
        if (has_key(t, all[i].key))
            return pf_fail(err, PF_EVALUE, "column '%s' is asked for twice", all[i].key);
        t->column[t->columns++] = all[i];
        word += len;
        if (!*word)
            return 0;
    }
}

int pf_columns_choose(struct pf_table *t, const struct pf_column *all, uint32_t n,
                      struct pf_err *err)
{
    static const unsigned in[] = {[PF_TEXT] = PF_IN_TEXT,
                                  [PF_JSON] = PF_IN_JSON,
                                  [PF_CSV] = PF_IN_CSV,
                                  [PF_MARKDOWN] = PF_IN_TEXT,
                                  [PF_JUNIT] = PF_IN_JSON};

    t->columns = 0;
    if (t->view->columns)
        return choose_listed(t, t->view->columns, all, n, err);
    for (uint32_t i = 0; i < n; i++)
        if (all[i].in & in[t->view->layout])
            t->column[t->columns++] = all[i];
    return 0;
}

/* ---- layouts for programs: values are plain numbers ---- */

static struct pf_cell cell_at(const struct pf_table *t, uint32_t row, uint32_t column)
{
    struct pf_cell cell = {0};

    t->cell(t->ctx, row, &t->column[column], &cell);
    return cell;
}

static void put_plain(struct pf_sink *out, const struct pf_cell *cell)
{
    if (cell->kind == PF_CELL_COUNT || cell->kind == PF_CELL_VALUE)
        pf_printf(out, "%" PRId64, cell->i);
    else
        pf_printf(out, "%.10g", cell->d);
}

static bool is_number(const struct pf_cell *cell)
{
    return cell->kind == PF_CELL_COUNT || cell->kind == PF_CELL_VALUE || cell->kind == PF_CELL_SHARE
           || cell->kind == PF_CELL_PERCENT || cell->kind == PF_CELL_NUMBER;
}

static void put_place(struct pf_sink *out, const struct pf_cell *cell,
                      void (*put)(struct pf_sink *, const char *, size_t))
{
    put(out, cell->s.s, cell->s.len);
    if (cell->i)
        pf_printf(out, ":%" PRId64, cell->i);
}

static void put_json_cell(struct pf_sink *out, const struct pf_cell *cell)
{
    if (cell->kind == PF_CELL_NONE)
        pf_puts(out, "null");
    else if (is_number(cell))
        put_plain(out, cell);
    else if (cell->kind == PF_CELL_PAIR)
        pf_printf(out, "[%" PRId64 ",%" PRId64 "]", cell->i, cell->j);
    else if (cell->kind == PF_CELL_FLAG)
        pf_puts(out, cell->i ? "true" : "false");
    else
        pf_put_json(out, cell->s.s, cell->s.len);
}

static void put_json(const struct pf_table *t, struct pf_sink *out)
{
    for (uint32_t row = 0; row < t->rows; row++) {
        pf_puts(out, row ? ",\n" : "\n");
        for (uint32_t c = 0; c < t->columns; c++) {
            struct pf_cell cell = cell_at(t, row, c);
            pf_printf(out, "%s\"%s\":", c ? "," : "{", t->column[c].key);
            put_json_cell(out, &cell);
        }
        pf_puts(out, "}");
    }
    if (t->rows)
        pf_puts(out, "\n");
}

static void put_csv(const struct pf_table *t, struct pf_sink *out)
{
    for (uint32_t c = 0; c < t->columns; c++)
        pf_printf(out, "%s%s", c ? "," : "", t->column[c].key);
    pf_puts(out, "\n");
    for (uint32_t row = 0; row < t->rows; row++) {
        for (uint32_t c = 0; c < t->columns; c++) {
            struct pf_cell cell = cell_at(t, row, c);
            pf_puts(out, c ? "," : "");
            if (is_number(&cell))
                put_plain(out, &cell);
            else if (cell.kind == PF_CELL_PLACE)
                put_place(out, &cell, pf_put_csv);
            else if (cell.kind == PF_CELL_PAIR)
                pf_printf(out, "%" PRId64 "..%" PRId64, cell.i, cell.j);
            else if (cell.kind == PF_CELL_FLAG)
                pf_puts(out, cell.i ? "true" : "false");
            else if (cell.kind != PF_CELL_NONE)
                pf_put_csv(out, cell.s.s, cell.s.len);
        }
        pf_puts(out, "\n");
    }
}

/* ---- Markdown: for people, so values have units ---- */

static void put_markdown_row(const struct pf_table *t, struct pf_sink *out, uint32_t row)
{
    char buf[PF_VALUE_MAX];

    for (uint32_t c = 0; c < t->columns; c++) {
        struct pf_cell cell = cell_at(t, row, c);
        pf_puts(out, "| ");
        if (cell.kind == PF_CELL_NAME)
            pf_put_markdown(out, cell.s.s, cell.s.len);
        else if (cell.kind == PF_CELL_PLACE)
            put_place(out, &cell, pf_put_markdown);
        else
            pf_put(out, buf, (size_t)pf_cell_text(t, &cell, buf));
        pf_puts(out, " ");
    }
    pf_puts(out, "|\n");
}

static void put_markdown(const struct pf_table *t, struct pf_sink *out)
{
    for (uint32_t c = 0; c < t->columns; c++)
        pf_printf(out, "| %s ", t->column[c].title);
    pf_puts(out, "|\n");
    for (uint32_t c = 0; c < t->columns; c++)
        pf_puts(out, t->column[c].left ? "| :--- " : "| ---: ");
    pf_puts(out, "|\n");
    for (uint32_t row = 0; row < t->rows + t->total; row++)
        put_markdown_row(t, out, row);
}

void pf_table_put(const struct pf_table *t, struct pf_sink *out)
{
    switch (t->view->layout) {
    case PF_TEXT: pf_table_put_text(t, out); break;
    case PF_JSON: put_json(t, out); break;
    case PF_CSV: put_csv(t, out); break;
    case PF_MARKDOWN: put_markdown(t, out); break;
    case PF_JUNIT: break; /* no table: view_junit.c */
    }
}
