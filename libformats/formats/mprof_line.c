/* mprof_line.c - a line of an mprof file. */
#include "mprof.h"

#include <string.h>

enum { NANO = 9, TIME_DIGITS = 4 };

/* A number, and the blank or the end of the line behind it. Returns where the next one begins, or
 * NULL. */
static const char *number_end(const char *s, const char *end, size_t taken)
{
    if (!taken)
        return NULL;
    s += taken;
    if (s == end)
        return s;
    return *s == ' ' ? s + 1 : NULL;
}

/* `MiB time` and nothing more; memory that a process has is not negative. */
static const char *read_point(const char *s, const char *end, struct mprof_point *p)
{
    struct pf_decimal bytes, time;

    s = number_end(s, end, pf_mebibytes(s, (size_t)(end - s), &bytes));
    s = s ? number_end(s, end, pf_decimal(s, (size_t)(end - s), NANO, &time)) : NULL;
    if (!s || !bytes.fits || !time.fits || bytes.value < 0)
        return NULL;
    p->bytes = bytes.value;
    p->time = time.value;
    return s;
}

static const char *without_blanks_after(const char *s, const char *end)
{
    while (end > s && pf_is_blank(end[-1]))
        end--;
    return end;
}

/* Where the last word before `end` begins. */
static const char *last_word(const char *s, const char *end)
{
    const char *blank = memrchr(s, ' ', (size_t)(end - s));

    return blank ? blank + 1 : s;
}

static bool all_digits(const char *s, const char *end)
{
    const char *at = s;

    while (at < end && pf_is_digit(*at))
        at++;
    return at == end && at > s;
}

/* Four numbers at the end; what stands before is the name, which may hold blanks. */
static bool read_calls(const char *s, const char *end, struct mprof_span *span)
{
    const char *from = end;

    for (int i = 0; i < 4; i++) {
        from = i ? without_blanks_after(s, from) : from;
        from = last_word(s, from);
    }
    const char *at = read_point(from, end, &span->enter);
    const char *name_end = without_blanks_after(s, from);

    if (!at || !read_point(at, end, &span->leave) || name_end == s
        || span->leave.time < span->enter.time)
        return false;
    span->name = s;
    span->name_len = (size_t)(name_end - s);
    return true;
}

static bool read_span(const char *s, const char *end, struct mprof_span *span)
{
    const char *level = last_word(s, end);
    struct pf_decimal d;

    span->level = -1;
    if (level > s && all_digits(level, end)
        && read_calls(s, without_blanks_after(s, level), span)) {
        pf_decimal(level, (size_t)(end - level), 0, &d);
        span->level = d.fits ? d.value : -1;
        return true;
    }
    return read_calls(s, end, span);
}

static bool read_child(const char *s, const char *end, struct mprof_line *line)
{
    const char *blank = memchr(s, ' ', (size_t)(end - s));

    if (!blank || blank == s || read_point(blank + 1, end, &line->point) != end)
        return false;
    line->text = s;
    line->len = (size_t)(blank - s);
    return true;
}

enum mprof_is mprof_line(const char *s, size_t len, struct mprof_line *line)
{
    const char *end = s + len;

    if (pf_starts(s, len, "CMDLINE ")) {
        line->text = s + 8;
        line->len = len - 8;
        return MPROF_COMMAND;
    }
    bool mem = pf_starts(s, len, "MEM "), child = pf_starts(s, len, "CHLD ");
    if (!mem && !child && !pf_starts(s, len, "FUNC "))
        return MPROF_OTHER;
    end = without_blanks_after(s, end);
    if (mem)
        return read_point(s + 4 < end ? s + 4 : end, end, &line->point) == end ? MPROF_MEM
                                                                               : MPROF_BAD;
    s = s + 5 < end ? s + 5 : end;
    if (child)
        return read_child(s, end, line) ? MPROF_CHILD : MPROF_BAD;
    return read_span(s, end, &line->span) ? MPROF_FUNC : MPROF_BAD;
}

bool mprof_is_cut(const char *s, size_t len)
{
    const char *word = last_word(s, s + len), *end = s + len;
    const char *point = memchr(word, '.', (size_t)(end - word));

    if (!pf_starts(s, len, "MEM ") && !pf_starts(s, len, "CHLD ") && !pf_starts(s, len, "FUNC "))
        return false;
    if (!point && s[0] == 'F') { /* a level is whole when the word before it is a time */
        end = without_blanks_after(s, word);
        word = last_word(s, end);
        point = memchr(word, '.', (size_t)(end - word));
    }
    return !point || end - point - 1 < TIME_DIGITS;
}
