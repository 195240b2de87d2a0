/* memprof_row.c - the header and the rows of a memory_profiler report. */
#include "memprof.h"

#include <string.h>

/* A row is {line:>6} {memory:>12} {increment:>12}  {occurrences:>10}   {source}; older versions
 * have fewer cells. What is wider than its cell pushes all that follows to the right. */
enum { LINE_END = 6, MEMORY_END = 19, OCCURRENCES = 2 + 10, GAP = 3 };

/* Where `word` ends in the line, from `from` on; 0: it is not there. */
static size_t end_of(const char *s, size_t len, size_t from, const char *word)
{
    const char *at = from < len ? memmem(s + from, len - from, word, strlen(word)) : NULL;

    return at ? (size_t)(at - s) + strlen(word) : 0;
}

bool memprof_header(const char *s, size_t len, struct memprof_layout *l)
{
    if (!pf_starts(s, len, "Line #") || end_of(s, len, LINE_END, "Mem usage") != MEMORY_END
        || !end_of(s, len, MEMORY_END, "Line Contents"))
        return false;

    size_t increment = end_of(s, len, MEMORY_END, "Increment");
    /* The oldest are spelled with one r; newer ones are wider than the cells below them. */
    bool is_new = end_of(s, len, MEMORY_END, "Occurrences");
    bool has_occurrences = is_new || end_of(s, len, MEMORY_END, "Occurences");
    if (increment > UINT16_MAX)
        return false;
    l->cells = !increment ? 1 : has_occurrences ? 3 : 2;
    l->producer = is_new            ? "memory_profiler 0.59 or newer"
                  : has_occurrences ? "memory_profiler 0.58"
                                    : "memory_profiler before 0.58";
    l->source = (unsigned)(increment ? increment : MEMORY_END) + GAP;
    if (l->cells == 3)
        l->source += OCCURRENCES;
    return true;
}

bool memprof_is_rule(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] != '=')
            return false;
    return len >= LINE_END;
}

bool memprof_is_blank(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!pf_is_blank(s[i]))
            return false;
    return true;
}

static size_t skip_blanks(const char *s, size_t len, size_t i)
{
    while (i < len && s[i] == ' ')
        i++;
    return i;
}

/* `-` is what some write for nothing. Leaves *value alone then. */
static bool is_dash(const char *s, size_t len, size_t *i)
{
    size_t at = skip_blanks(s, len, *i);

    if (at >= len || s[at] != '-' || (at + 1 < len && s[at + 1] != ' '))
        return false;
    *i = at + 1;
    return true;
}

/* `21.7 MiB`; up to 0.26 the same unit was called MB. */
static bool memory_cell(const char *s, size_t len, size_t *i, int64_t *value, bool *has)
{
    struct pf_decimal d;
    size_t at = skip_blanks(s, len, *i);

    if (is_dash(s, len, i))
        return true;
    size_t taken = pf_mebibytes(s + at, len - at, &d);
    at += taken;
    if (!taken || !d.fits)
        return false;
    size_t unit = pf_starts(s + at, len - at, " MiB")  ? 4
                  : pf_starts(s + at, len - at, " MB") ? 3
                                                       : 0;
    at += unit;
    if (!unit || (at < len && s[at] != ' '))
        return false;
    *value = d.value;
    *has = true;
    *i = at;
    return true;
}

static bool count_cell(const char *s, size_t len, size_t *i, int64_t *value)
{
    struct pf_decimal d;
    size_t at = skip_blanks(s, len, *i);

    if (is_dash(s, len, i))
        return true;
    size_t taken = at < len && pf_is_digit(s[at]) ? pf_decimal(s + at, len - at, 0, &d) : 0;
    at += taken;
    if (!taken || !d.fits || !d.exact || (at < len && s[at] != ' '))
        return false;
    *value = d.value;
    *i = at;
    return true;
}

/* The cells of a line with values, and behind them the source. */
static bool read_cells(const struct memprof_layout *l, const char *s, size_t len, size_t i,
                       struct memprof_row *row)
{
    bool has_increment;

    if (!memory_cell(s, len, &i, &row->usage, &row->measured)
        || (l->cells > 1 && !memory_cell(s, len, &i, &row->increment, &has_increment))
        || (l->cells > 2 && !count_cell(s, len, &i, &row->occurrences)))
        return false;
    size_t source = i + GAP < len ? i + GAP : len;
    if (skip_blanks(s, source, i) != source)
        return false;
    row->source = source;
    return true;
}

/* The line number, right-aligned in its cell or wider; where it ends, or 0. */
static size_t line_number(const char *s, size_t len, int64_t *line)
{
    struct pf_decimal d;
    size_t from = skip_blanks(s, len, 0), end = from;

    while (end < len && pf_is_digit(s[end]))
        end++;
    if (end == from || !(end == LINE_END || (end > LINE_END && from == 0))
        || (end < len && s[end] != ' '))
        return 0;
    pf_decimal(s + from, end - from, 0, &d);
    *line = d.value;
    return d.fits && d.value < INT64_MAX ? end : 0;
}

enum memprof_is memprof_row(const struct memprof_layout *l, const char *s, size_t len,
                            struct memprof_row *row)
{
    *row = (struct memprof_row){.source = len};
    size_t end = line_number(s, len, &row->line);
    if (!end)
        return MEMPROF_NO_ROW;

    size_t pushed = end - LINE_END, source = l->source + pushed;
    size_t cell = skip_blanks(s, len, end), limit = source < len ? source : len;
    if (cell >= MEMORY_END + pushed || cell >= len) { /* no value */
        if (skip_blanks(s, limit, end) != limit)
            return MEMPROF_BAD_ROW;
        row->source = limit;
        return MEMPROF_ROW;
    }
    if (read_cells(l, s, len, end, row))
        return MEMPROF_ROW;
    row->measured = false;
    row->source = len;
    return MEMPROF_BAD_ROW;
}

static size_t word_at(const char *s, size_t len, size_t i, const char *word)
{
    size_t n = strlen(word);
    bool is = len - i > n && memcmp(s + i, word, n) == 0 && pf_is_blank(s[i + n]);

    if (!is)
        return 0;
    for (i += n; i < len && pf_is_blank(s[i]); i++) {
    }
    return i;
}

const char *memprof_def(const char *s, size_t len, size_t *n)
{
    size_t i = 0, next;

    while (i < len && pf_is_blank(s[i]))
        i++;
    if ((next = word_at(s, len, i, "async")))
        i = next;
    i = word_at(s, len, i, "def");
    if (!i)
        return NULL;
    for (*n = 0; i + *n < len && !strchr("([: \t\\", s[i + *n]); ++*n) {
    }
    return *n ? s + i : NULL;
}
