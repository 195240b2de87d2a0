/* table_text.c - rows as text: aligned, cut to the width of a terminal, coloured where wanted. */
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BOLD  "\033[1m"
#define RED   "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

enum {
    DOTS = 3,
    NAME_LEAST = 12,  /* columns that a name gets, whatever the width */
    NAME_WANTED = 28, /* or a third of the width: for these, columns are left out */
};

static struct pf_cell cell_at(const struct pf_table *t, uint32_t row, uint32_t column)
{
    struct pf_cell cell = {0};

    t->cell(t->ctx, row, &t->column[column], &cell);
    return cell;
}

/* ---- names that fit ---- */

/* The bytes of the character at s, and the columns it takes. */
static unsigned step(const char *s, size_t len, size_t *width)
{
    uint32_t code;
    unsigned n = pf_utf8(s, len, &code);

    *width = pf_name_width(s, n ? n : 1);
    return n ? n : 1;
}

/* How many bytes of s, from its start, fit into `room` columns. */
static size_t fit(const char *s, size_t len, size_t room)
{
    size_t at = 0, used = 0;

    while (at < len) {
        size_t width;
        unsigned n = step(s + at, len - at, &width);
        if (used + width > room)
            break;
        used += width;
        at += n;
    }
    return at;
}

/* Writes s in at most `room` columns; returns how many it took. */
static size_t put_fitted(struct pf_sink *out, struct pf_str s, size_t room)
{
    size_t width = pf_name_width(s.s, s.len);

    if (width <= room) {
        pf_put_name(out, s.s, s.len);
        return width;
    }
    size_t len = fit(s.s, s.len, room > DOTS ? room - DOTS : 0);
    pf_put_name(out, s.s, len);
    pf_puts(out, "...");
    return pf_name_width(s.s, len) + DOTS;
}

/* The longest end of a path that starts at a separator and fits behind dots; else nothing. */
static struct pf_str end_of_path(struct pf_str file, size_t room)
{
    size_t left = pf_name_width(file.s, file.len) + DOTS;

    for (uint32_t at = 0; at < file.len;) {
        size_t width;
        bool separator = file.s[at] == '/' || file.s[at] == '\\';
        if (separator && left <= room)
            return (struct pf_str){.s = file.s + at, .len = file.len - at};
        at += step(file.s + at, file.len - at, &width);
        left -= width;
    }
    return (struct pf_str){.s = ""};
}

static size_t line_text(char buf[PF_VALUE_MAX], int64_t line)
{
    return line ? (size_t)snprintf(buf, PF_VALUE_MAX, ":%" PRId64, line) : 0;
}

/* " (file:line)"; where that is too wide, the end of the file, and else nothing. */
static void put_place(struct pf_sink *out, const struct pf_cell *cell, size_t room)
{
    char line[PF_VALUE_MAX] = "";
    size_t around = 3 + line_text(line, cell->i);
    struct pf_str file = cell->s;
    bool whole = pf_name_width(file.s, file.len) + around <= room;

    if (!whole)
        file = end_of_path(file, room > around ? room - around : 0);
    if (!file.len)
        return;
    pf_puts(out, whole ? " (" : " (...");
    pf_put_name(out, file.s, file.len);
    pf_printf(out, "%s)", line);
}

/* ---- rows ---- */

/* Names and places at the end of a row need no padding. */
static bool is_open(const struct pf_table *t, uint32_t column)
{
    for (; column < t->columns; column++)
        if (t->column[column].id < PF_COL_NAME || !t->column[column].left)
            return false;
    return true;
}

static size_t cell_width(const struct pf_table *t, const struct pf_cell *cell)
{
    char buf[PF_VALUE_MAX];

    if (cell->kind == PF_CELL_NAME)
        return pf_name_width(cell->s.s, cell->s.len);
    if (cell->kind == PF_CELL_PLACE)
        return pf_name_width(cell->s.s, cell->s.len) + 2 + line_text(buf, cell->i);
    return (size_t)pf_cell_text(t, cell, buf);
}

static void measure(const struct pf_table *t, size_t width[PF_MAX_COLUMNS])
{
    for (uint32_t c = 0; c < t->columns; c++) {
        width[c] = is_open(t, c) ? 0 : strlen(t->column[c].title);
        for (uint32_t row = 0; !is_open(t, c) && row < t->rows + t->total; row++) {
            struct pf_cell cell = cell_at(t, row, c);
            size_t w = cell_width(t, &cell);
            width[c] = w > width[c] ? w : width[c];
        }
    }
}

/* The columns that a row has for a name at its end. */
static size_t room_for_names(const struct pf_table *t, const size_t width[PF_MAX_COLUMNS])
{
    size_t used = 0;

    for (uint32_t c = 0; c < t->columns && !is_open(t, c); c++)
        used += width[c] + 2;
    return t->view->width > used ? t->view->width - used : 0;
}

/* Leaves out the columns that are used least; false: there are none to spare. */
static bool drop_columns(struct pf_table *t, size_t width[PF_MAX_COLUMNS])
{
    unsigned most = 0;
    uint32_t kept = 0;

    for (uint32_t c = 0; c < t->columns; c++)
        most = t->column[c].spare > most ? t->column[c].spare : most;
    for (uint32_t c = 0; c < t->columns && most; c++)
        if (t->column[c].spare != most) {
            width[kept] = width[c];
            t->column[kept++] = t->column[c];
        }
    if (most)
        t->columns = kept;
    return most > 0;
}

/* Columns that were asked for by name stay. */
static void make_room(struct pf_table *t, size_t width[PF_MAX_COLUMNS])
{
    size_t wanted = t->view->width / 3 > NAME_WANTED ? t->view->width / 3 : NAME_WANTED;

    if (t->view->width && !t->view->columns)
        while (room_for_names(t, width) < wanted && drop_columns(t, width))
            ;
}

static void put_blanks(struct pf_sink *out, size_t n)
{
    for (; n > 0; n--)
        pf_put(out, " ", 1);
}

/* Moods are worth a colour; what they say stands there as a sign, too. */
static void put_padded(const struct pf_table *t, struct pf_sink *out, const struct pf_cell *cell,
                       size_t width, bool left)
{
    char buf[PF_VALUE_MAX];
    size_t own = cell_width(t, cell), pad = width > own ? width - own : 0;
    bool color = t->view->color && cell->mood;

    if (!left)
        put_blanks(out, pad);
    if (color)
        pf_puts(out, cell->mood > 0 ? RED : GREEN);
    if (cell->kind == PF_CELL_NAME)
        pf_put_name(out, cell->s.s, cell->s.len);
    else if (cell->kind == PF_CELL_PLACE)
        put_place(out, cell, SIZE_MAX);
    else
        pf_put(out, buf, (size_t)pf_cell_text(t, cell, buf));
    if (color)
        pf_puts(out, PLAIN);
    if (left)
        put_blanks(out, pad);
}

/* The open columns of a row: a name, its place behind it, words. */
static void put_open(const struct pf_table *t, struct pf_sink *out, uint32_t row, uint32_t c,
                     size_t room)
{
    for (bool first = true; c < t->columns; c++) {
        struct pf_cell cell = cell_at(t, row, c);
        if (cell.kind == PF_CELL_NONE)
            continue;
        if (cell.kind == PF_CELL_PLACE) {
            put_place(out, &cell, room);
            return;
        }
        if (!first)
            pf_put(out, " ", 1);
        if (cell.kind == PF_CELL_NAME) {
            size_t took = put_fitted(out, cell.s, room);
            room = room == SIZE_MAX ? room : room - (took < room ? took : room);
        } else {
            put_padded(t, out, &cell, 0, true);
        }
        first = false;
    }
}

static void put_row(const struct pf_table *t, struct pf_sink *out, uint32_t row,
                    const size_t width[PF_MAX_COLUMNS])
{
    size_t room = room_for_names(t, width);

    room = room < NAME_LEAST ? NAME_LEAST : room;
    for (uint32_t c = 0; c < t->columns; c++) {
        if (c)
            pf_puts(out, "  ");
        if (is_open(t, c)) {
            put_open(t, out, row, c, t->view->width ? room : SIZE_MAX);
            break;
        }
        struct pf_cell cell = cell_at(t, row, c);
        put_padded(t, out, &cell, width[c], t->column[c].left);
    }
    pf_put(out, "\n", 1);
}

static void put_titles(const struct pf_table *t, struct pf_sink *out,
                       const size_t width[PF_MAX_COLUMNS])
{
    if (t->view->color)
        pf_puts(out, BOLD);
    for (uint32_t c = 0; c < t->columns; c++) {
        const char *title = t->column[c].title;
        size_t len = strlen(title), pad = width[c] > len ? width[c] - len : 0;
        bool open = is_open(t, c);
        pf_puts(out, c == 0 ? "" : open && is_open(t, c - 1) ? " " : "  ");
        put_blanks(out, t->column[c].left ? 0 : pad);
        pf_put(out, title, len);
        put_blanks(out, t->column[c].left && !open ? pad : 0);
    }
    pf_puts(out, t->view->color ? PLAIN "\n" : "\n");
}

void pf_table_put_text(const struct pf_table *t, struct pf_sink *out)
{
    size_t width[PF_MAX_COLUMNS] = {0};
    struct pf_table shown = *t;

    measure(&shown, width);
    make_room(&shown, width);
    put_titles(&shown, out, width);
    for (uint32_t row = 0; row < t->rows + t->total; row++)
        put_row(&shown, out, row, width);
}
