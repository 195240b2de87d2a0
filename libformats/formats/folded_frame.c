/*
 * folded_frame.c - the text of a frame taken apart: `name (file:line)` as py-spy spells it,
 * `file:name:line` as austin 3 and Tachyon do, and the two elements of austin 1.
 */
#include "folded.h"
#include "text.h"

#include <string.h>

/* The parenthesis that the last one closes, so that a file may hold some of its own. */
static size_t opening(const char *s, size_t len)
{
    size_t depth = 0;

    for (size_t i = len; i-- > 0;) {
        if (s[i] == ')')
            depth++;
        else if (s[i] == '(' && --depth == 0)
            return i;
    }
    return 0;
}

/* Whether text in parentheses is a file, and not an argument list or `anonymous namespace`. */
static bool like_file(const char *s, size_t len)
{
    if (len == 0)
        return false;
    if (s[0] == '~' || (s[0] == '<' && s[len - 1] == '>') || memchr(s, '/', len)
        || memchr(s, '\\', len))
        return true;
    for (size_t i = 0; i + 1 < len; i++)
        if (s[i] == '.' && (pf_is_digit(s[i + 1]) || ((unsigned)(s[i + 1] | 0x20) - 'a') < 26))
            return true;
    return false;
}

/* A line number; 0: it is none, or not as we would write it. */
static int64_t line_number(const char *s, size_t len)
{
    int64_t line = 0;

    if (len == 0 || len > 10 || s[0] == '0')
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (!pf_is_digit(s[i]))
            return 0;
        line = line * 10 + (s[i] - '0');
    }
    return line <= INT32_MAX ? line : 0;
}

static size_t before_digits(const char *s, size_t len)
{
    while (len && pf_is_digit(s[len - 1]))
        len--;
    return len;
}

/* `FILE:LINE`: cuts the line off. It stays part of the file when we would write it differently. */
static int64_t cut_line(const char *file, size_t *len)
{
    size_t i = before_digits(file, *len);

    if (i < 2 || file[i - 1] != ':')
        return 0;
    int64_t line = line_number(file + i, *len - i);
    if (line)
        *len = i - 1;
    return line;
}

/* `NAME (FILE:LINE)` and `NAME (FILE)` */
static bool name_and_file(const char *s, size_t len, struct folded_place *at)
{
    if (len < 5 || s[len - 1] != ')')
        return false;
    size_t open = opening(s, len);
    bool balanced = open >= 2 && s[open - 1] == ' ';
    if (!balanced) {
        for (open = len - 1; open >= 2 && (s[open] != '(' || s[open - 1] != ' ');)
            open--;
        if (open < 2)
            return false;
    }
    at->name = 0;
    at->name_len = open - 1;
    at->file = open + 1;
    at->file_len = len - 1 - at->file;
    at->line = cut_line(s + at->file, &at->file_len);
    return at->line || (balanced && like_file(s + at->file, at->file_len));
}

/* `NAME (FILE);L12` and `NAME (FILE:12)`: what is in the parentheses is a file in any case. */
static bool austin1(const char *s, size_t len, struct folded_place *at)
{
    size_t digits = before_digits(s, len);

    if (digits < len && digits >= 2 && s[digits - 1] == 'L' && s[digits - 2] == ';') {
        int64_t line = line_number(s + digits, len - digits);
        size_t end = digits - 2, open = end && s[end - 1] == ')' ? opening(s, end) : 0;
        if (open < 2 || s[open - 1] != ' ')
            return false;
        *at = (struct folded_place){0, open - 1, open + 1, end - open - 2, line};
        return true;
    }
    return name_and_file(s, len, at);
}

/* `FILE:NAME:LINE`, split from the right. A line 0 is none: a task, or what has no code. */
static bool file_and_name(const char *s, size_t len, struct folded_place *at)
{
    size_t digits = before_digits(s, len);

    if (digits == len || digits < 2 || s[digits - 1] != ':')
        return false;
    at->line = line_number(s + digits, len - digits);
    if (!at->line && (len - digits != 1 || s[digits] != '0'))
        return false;
    const char *colon = memrchr(s, ':', digits - 1);
    if (!colon)
        return false;
    at->file = 0;
    at->file_len = (size_t)(colon - s);
    at->name = at->file_len + 1;
    at->name_len = digits - 1 - at->name;
    return true;
}

bool folded_place(enum folded_style style, const char *s, size_t len, struct folded_place *at)
{
    switch (style) {
    case FOLDED_TACHYON:
    case FOLDED_AUSTIN3: return file_and_name(s, len, at);
    case FOLDED_AUSTIN1: return austin1(s, len, at);
    default: return name_and_file(s, len, at);
    }
}
