/* json.c - a pull tokenizer for JSON over a source. */
#include "json_inner.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* ---- the window ---- */

static const uint8_t nothing[1];

void pf_json_open(struct pf_json *j, struct pf_source *in, struct pf_err *err)
{
    *j = (struct pf_json){.in = in, .mem = pf_source_mem(in), .err = err, .first = true};
    j->from = j->at = j->end = nothing;
    pf_text(in);
    j->base = pf_offset(in);
}

void pf_json_close(struct pf_json *j)
{
    pf_skip(j->in, (size_t)(j->at - j->from));
    j->from = j->at;
    pf_dealloc(j->mem, j->buf);
    j->buf = NULL;
}

uint64_t pf_json_offset(const struct pf_json *j)
{
    return j->base + (uint64_t)(j->at - j->from);
}

/* Shows at least one byte more than the window holds from `at` on; false: there is none. */
static bool more(struct pf_json *j)
{
    size_t unread = (size_t)(j->end - j->at), have;

    if (j->err->code)
        return false;
    j->base = pf_json_offset(j);
    pf_skip(j->in, (size_t)(j->at - j->from));
    j->from = j->at = pf_peek(j->in, unread + 1, &have);
    if (!j->at)
        j->from = j->at = nothing;
    j->end = j->at + have;
    if (have > unread)
        return true;
    pf_source_check(j->in, j->err);
    return false;
}

/* The byte i places on, -1 beyond the end. */
int pf_json_byte_at(struct pf_json *j, size_t i)
{
    while (i >= (size_t)(j->end - j->at))
        if (!more(j))
            return -1;
    return j->at[i];
}

/* The next byte that is no white space, -1 at the end. */
static int look(struct pf_json *j)
{
    do {
        for (; j->at < j->end; j->at++) {
            uint8_t c = *j->at;
            if (c > ' ' || (c != ' ' && c != '\n' && c != '\r' && c != '\t'))
                return c;
        }
    } while (more(j));
    return -1;
}

/* ---- errors ---- */

bool pf_json_fail(struct pf_json *j, enum pf_code code, const char *fmt, ...)
{
    char msg[sizeof j->err->msg];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    pf_fail_offset(j->err, code, j->token, "%s", msg);
    return false;
}

/* Here, or i bytes on, stands something else. */
bool pf_json_expected_at(struct pf_json *j, size_t i, const char *what)
{
    int c = pf_json_byte_at(j, i);
    size_t have = (size_t)(j->end - j->at);
    uint64_t offset = pf_json_offset(j) + (i < have ? i : have);

    if (c < 0)
        pf_fail_offset(j->err, PF_ESYNTAX, offset, "the input ends where %s is expected", what);
    else if (c > ' ' && c < 0x7f)
        pf_fail_offset(j->err, PF_ESYNTAX, offset, "expected %s, not `%c`", what, c);
    else
        pf_fail_offset(j->err, PF_ESYNTAX, offset, "expected %s, not a byte 0x%02x", what,
                       (unsigned)c);
    return false;
}

static bool expected(struct pf_json *j, const char *what)
{
    return pf_json_expected_at(j, 0, what);
}

bool pf_json_too_long(struct pf_json *j, size_t n)
{
    if (n <= PF_JSON_TEXT)
        return false;
    pf_json_fail(j, PF_ELIMIT, "a string or number is longer than %d MiB", PF_JSON_TEXT / PF_MIB);
    return true;
}

/* ---- numbers and words ---- */

static size_t digits(struct pf_json *j, size_t i)
{
    int c;

    while ((c = pf_json_byte_at(j, i)) >= '0' && c <= '9')
        i++;
    return i;
}

/* What follows the whole part, at i; returns where the number ends, 0: an error. */
static size_t fraction_and_exponent(struct pf_json *j, size_t i)
{
    int c = pf_json_byte_at(j, i);

    if (c == '.') {
        size_t from = i + 1;
        i = digits(j, from);
        if (i == from)
            return pf_json_expected_at(j, i, "a digit after the point");
        c = pf_json_byte_at(j, i);
    }
    if (c == 'e' || c == 'E') {
        c = pf_json_byte_at(j, i + 1);
        size_t from = c == '+' || c == '-' ? i + 2 : i + 1;
        i = digits(j, from);
        if (i == from)
            return pf_json_expected_at(j, i, "a digit of the exponent");
    }
    return i;
}

static bool take_number(struct pf_json *j)
{
    j->token = pf_json_offset(j);
    size_t from = pf_json_byte_at(j, 0) == '-', i = from;

    if (pf_json_byte_at(j, i) == '0')
        i++;
    else
        i = digits(j, i);
    if (i == from)
        return pf_json_expected_at(j, i, "a digit");
    i = fraction_and_exponent(j, i);
    if (i == 0 || pf_json_too_long(j, i))
        return false;
    j->text = (const char *)j->at;
    j->len = i;
    j->at += i;
    return true;
}

static bool take_word(struct pf_json *j, const char *word)
{
    j->token = pf_json_offset(j);
    for (size_t i = 0; word[i]; i++)
        if (pf_json_byte_at(j, i) != word[i])
            return expected(j, "a value");
    j->at += strlen(word);
    return true;
}

/* ---- structure ---- */

bool pf_json_more(struct pf_json *j)
{
    return !j->err->code && look(j) >= 0;
}

int pf_json_look(struct pf_json *j)
{
    int c = j->err->code ? 0 : look(j);

    if (c == '-' || (c >= '0' && c <= '9'))
        return '0';
    if (c > 0 && strchr("{[\"tfn", c))
        return c;
    if (!j->err->code)
        expected(j, "a value");
    return 0;
}

static bool enter(struct pf_json *j, int open)
{
    j->token = pf_json_offset(j);
    if (j->depth == PF_JSON_DEPTH)
        return pf_json_fail(j, PF_ELIMIT, "nested deeper than %d", PF_JSON_DEPTH);
    j->open[j->depth++] = (uint8_t)open;
    j->first = true;
    j->at++;
    return true;
}

static bool leave(struct pf_json *j)
{
    j->at++;
    j->depth--;
    j->first = false;
    return false;
}

bool pf_json_enter(struct pf_json *j, char open)
{
    int c = pf_json_look(j);

    if (c == open)
        return enter(j, c);
    return c && expected(j, open == '{' ? "an object" : "an array");
}

/* Whether the outermost array ends here, where others would need a value or its `]`. */
static bool ends_open(struct pf_json *j, int c)
{
    if (!j->may_end || j->depth != 1 || j->err->code || (c >= 0 && c != ']'))
        return false;
    j->ended_open = true;
    if (c == ']') {
        leave(j);
    } else {
        j->depth--;
        j->first = false;
    }
    return true;
}

bool pf_json_item(struct pf_json *j)
{
    if (j->err->code)
        return false;
    int c = look(j);
    if (c == ']')
        return leave(j);
    if (c < 0 && ends_open(j, c))
        return false;
    if (!j->first) {
        if (c != ',')
            return expected(j, "`,` or `]`");
        j->at++;
        if (j->may_end && ends_open(j, look(j)))
            return false;
    }
    j->first = false;
    return true;
}

/* Takes the colon after a key, whose text must outlive the window it may stand in. */
static bool take_colon(struct pf_json *j)
{
    if (j->at == j->end || *j->at != ':') {
        if (j->text != j->buf) {
            if (!pf_json_room(j, j->len + 1))
                return false;
            memcpy(j->buf, j->text, j->len);
            j->text = j->buf;
        }
        if (look(j) != ':')
            return expected(j, "`:`");
    }
    j->at++;
    return true;
}

bool pf_json_key(struct pf_json *j)
{
    if (j->err->code)
        return false;
    int c = look(j);
    if (c == '}')
        return leave(j);
    if (!j->first) {
        if (c != ',')
            return expected(j, "`,` or `}`");
        j->at++;
        c = look(j);
    }
    if (c != '"')
        return expected(j, j->first ? "a key in quotes or `}`" : "a key in quotes");
    j->first = false;
    return pf_json_take_string(j) && take_colon(j);
}

/* ---- values ---- */

bool pf_json_string(struct pf_json *j)
{
    int c = pf_json_look(j);

    return c == '"' ? pf_json_take_string(j) : c && expected(j, "a string");
}

bool pf_json_number(struct pf_json *j)
{
    int c = pf_json_look(j);

    return c == '0' ? take_number(j) : c && expected(j, "a number");
}

bool pf_json_int(struct pf_json *j, int64_t *value)
{
    struct pf_decimal d;

    *value = 0;
    if (!pf_json_number(j))
        return false;
    pf_decimal(j->text, j->len, 0, &d);
    if (!d.exact || !d.fits)
        return pf_json_fail(j, PF_EVALUE, "expected a whole number of at most 63 bits");
    *value = d.value;
    return true;
}

bool pf_json_bool(struct pf_json *j, bool *value)
{
    int c = pf_json_look(j);

    *value = c == 't';
    if (c == 't' || c == 'f')
        return take_word(j, c == 't' ? "true" : "false");
    return c && expected(j, "true or false");
}

bool pf_json_null(struct pf_json *j)
{
    return pf_json_look(j) == 'n' && take_word(j, "null");
}

static bool take_any(struct pf_json *j)
{
    int c = pf_json_look(j);

    switch (c) {
    case '{':
    case '[': return enter(j, c);
    case '"': return pf_json_take_string(j);
    case '0': return take_number(j);
    case 't': return take_word(j, "true");
    case 'f': return take_word(j, "false");
    case 'n': return take_word(j, "null");
    default: return false;
    }
}

bool pf_json_skip(struct pf_json *j)
{
    uint32_t depth = j->depth;

    do {
        bool in_object = j->depth > depth && j->open[j->depth - 1] == '{';
        bool in_array = j->depth > depth && !in_object;
        if ((in_object && !pf_json_key(j)) || (in_array && !pf_json_item(j)))
            continue; /* it ended, or there is an error */
        take_any(j);
    } while (j->depth > depth && !j->err->code);
    return !j->err->code;
}

bool pf_json_index(struct pf_json *j, uint32_t *value)
{
    enum { DIGITS = 9 }; /* fit 32 bits */
    const uint8_t *at = j->at;
    uint32_t v = 0;
    int64_t whole;

    if (j->end - at > DIGITS + 2 && (j->first || *at == ',')) {
        at += !j->first;
        const uint8_t *from = at;
        while (at - from < DIGITS && *at >= '0' && *at <= '9')
            v = v * 10 + (*at++ - '0');
        if (at > from && (*at == ',' || *at == ']') && (*from != '0' || at == from + 1)) {
            j->token = j->base + (uint64_t)(from - j->from);
            j->first = false;
            j->at = at;
            *value = v;
            return !j->err->code;
        }
    }
    if (!pf_json_item(j) || !pf_json_int(j, &whole))
        return false;
    if (whole < 0 || whole > UINT32_MAX)
        return pf_json_fail(j, PF_EVALUE, "expected an index, not %lld", (long long)whole);
    *value = (uint32_t)whole;
    return true;
}

bool pf_json_done(struct pf_json *j)
{
    return !j->err->code && (look(j) < 0 ? !j->err->code : expected(j, "the end of the input"));
}

/* ---- names ---- */

bool pf_json_text_is(const struct pf_json *j, const char *s)
{
    return strlen(s) == j->len && memcmp(s, j->text, j->len) == 0;
}

int pf_json_which(struct pf_json *j, const char *const *names, uint64_t *seen)
{
    for (int i = 0; names[i] && i < PF_JSON_KEYS; i++) {
        if (!pf_json_text_is(j, names[i]))
            continue;
        if (*seen >> i & 1) {
            pf_json_fail(j, PF_ESYNTAX, "the key '%s' stands here for the second time", names[i]);
            return -1;
        }
        *seen |= (uint64_t)1 << i;
        return i;
    }
    return -1;
}
