/* xml.c - the tokenizer of xml.h. Comments, instructions and the type of the document are skipped;
 * a type with declarations of its own is refused, since these could define entities. */
#include "xml.h"
#include "text.h"

#include <string.h>

static bool fail(const struct pf_xml *x, enum pf_code code, const char *what)
{
    if (pf_source_check(x->in, x->err) == 0)
        pf_fail_offset(x->err, code, pf_offset(x->in), "%s", what);
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name(char c)
{
    return pf_is_digit(c) || (unsigned)((c | 0x20) - 'a') < 26 || c == ':' || c == '_' || c == '-'
           || c == '.' || (unsigned char)c >= 0x80;
}

/* Skips up to and with `end`, however far that is. */
static bool skip_past(struct pf_xml *x, const char *end)
{
    size_t n = strlen(end), have;

    for (;;) {
        const char *s = (const char *)pf_peek(x->in, n, &have);
        if (!s || have < n)
            return fail(x, PF_ESYNTAX, "the file is cut");
        const char *found = memmem(s, have, end, n);
        pf_skip(x->in, found ? (size_t)(found - s) + n : have - (n - 1));
        if (found)
            return true;
    }
}

/* ---- tags ---- */

/* The length of the tag at s, 0: it does not end here. */
static size_t tag_length(const char *s, size_t len)
{
    char quote = 0;

    for (size_t i = 0; i < len; i++) {
        if (quote && s[i] == quote)
            quote = 0;
        else if (!quote && (s[i] == '"' || s[i] == '\''))
            quote = s[i];
        else if (!quote && s[i] == '>')
            return i + 1;
    }
    return 0;
}

static const char *whole_tag(struct pf_xml *x, size_t *len)
{
    size_t have;

    for (size_t want = 256;; want = 2 * have) {
        const char *s = (const char *)pf_peek(x->in, want, &have);
        *len = s ? tag_length(s, have) : 0;
        if (*len)
            return s;
        if (!s || have < want) {
            fail(x, PF_ESYNTAX, "the file is cut within a tag");
            return NULL;
        }
        if (have > PF_XML_TAG) {
            fail(x, PF_ELIMIT, "a tag is longer than 1 MiB");
            return NULL;
        }
    }
}

static bool enter(struct pf_xml *x, const struct pf_xml_token *t)
{
    if (t->empty)
        return true;
    if (x->depth == PF_XML_DEPTH)
        return fail(x, PF_ELIMIT, "elements are nested more than 64 deep");
    memcpy(x->name[x->depth], t->s, t->len);
    x->name[x->depth++][t->len] = 0;
    return true;
}

static bool leave(struct pf_xml *x, const struct pf_xml_token *t)
{
    const char *open = x->depth ? x->name[x->depth - 1] : "";

    if (strlen(open) != t->len || memcmp(open, t->s, t->len) != 0)
        return fail(x, PF_ESYNTAX, "the end of an element that was not begun last");
    x->depth--;
    return true;
}

static bool read_tag(struct pf_xml *x, struct pf_xml_token *t)
{
    size_t len, from = 1, end;
    const char *s = whole_tag(x, &len);

    if (!s)
        return false;
    t->kind = s[1] == '/' ? PF_XML_CLOSE : PF_XML_OPEN;
    from += t->kind == PF_XML_CLOSE;
    for (end = from; is_name(s[end]);)
        end++;
    if (end == from || end - from >= PF_XML_NAME)
        return fail(x, PF_ESYNTAX, "expected the name of an element");
    t->s = s + from;
    t->len = end - from;
    t->empty = t->kind == PF_XML_OPEN && s[len - 2] == '/';
    t->attrs = s + end;
    t->attrs_len = len - 1 - t->empty - end;
    x->used = len;
    return t->kind == PF_XML_OPEN ? enter(x, t) : leave(x, t);
}

bool pf_xml_attr(const struct pf_xml_token *t, const char *name, const char **s, size_t *len)
{
    const char *a = t->attrs;
    size_t n = t->attrs_len, i = 0, name_len = strlen(name);

    while (i < n) {
        while (i < n && is_space(a[i]))
            i++;
        size_t from = i;
        while (i < n && is_name(a[i]))
            i++;
        bool found = i - from == name_len && memcmp(a + from, name, name_len) == 0;
        if (i + 1 >= n || a[i] != '=' || (a[i + 1] != '"' && a[i + 1] != '\''))
            return false;
        *s = a + i + 2;
        const char *end = memchr(*s, a[i + 1], n - i - 2);
        if (!end)
            return false;
        *len = (size_t)(end - *s);
        if (found)
            return true;
        i = (size_t)(end - a) + 1;
    }
    return false;
}

/* ---- what is between tags ---- */

static bool read_text(struct pf_xml *x, struct pf_xml_token *t, const char *s, size_t have)
{
    const char *tag = memchr(s, '<', have);

    t->kind = PF_XML_TEXT;
    t->s = s;
    t->len = tag ? (size_t)(tag - s) : have;
    x->used = t->len;
    return true;
}

/* `<!DOCTYPE svg PUBLIC "..." "...">` */
static bool skip_doctype(struct pf_xml *x)
{
    size_t len;
    const char *s = whole_tag(x, &len);

    if (!s)
        return false;
    if (memchr(s, '[', len))
        return fail(x, PF_ESYNTAX, "the document type has declarations of its own");
    pf_skip(x->in, len);
    return true;
}

/* Skips what is at s, if it is no element; *skipped tells. */
static bool skip_other(struct pf_xml *x, const char *s, size_t have, bool *skipped)
{
    *skipped = true;
    if (pf_starts(s, have, "<!--"))
        return skip_past(x, "-->");
    if (pf_starts(s, have, "<![CDATA["))
        return skip_past(x, "]]>");
    if (pf_starts(s, have, "<?"))
        return skip_past(x, "?>");
    if (pf_starts(s, have, "<!"))
        return skip_doctype(x);
    *skipped = false;
    return true;
}

bool pf_xml_next(struct pf_xml *x, struct pf_xml_token *t)
{
    bool skipped = true;
    size_t have;

    pf_skip(x->in, x->used);
    x->used = 0;
    while (skipped) {
        const char *s = (const char *)pf_peek(x->in, 9, &have);
        *t = (struct pf_xml_token){.at = pf_offset(x->in)};
        if (!s && pf_source_check(x->in, x->err) < 0)
            return false;
        if (!s)
            return x->depth == 0 || fail(x, PF_ESYNTAX, "the file is cut: elements are open");
        if (s[0] != '<')
            return read_text(x, t, s, have);
        if (!skip_other(x, s, have, &skipped))
            return false;
    }
    return read_tag(x, t);
}

/* ---- entities ---- */

static size_t put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xe0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 0x3f));
        to[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3f));
    to[2] = (char)(0x80 | (code >> 6 & 0x3f));
    to[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* `#65` or `#x41`; 0: it is no character. What it becomes is never longer than what it was. */
static uint32_t numbered(const char *s, size_t len)
{
    bool hex = len > 1 && s[1] == 'x';
    size_t i = hex ? 2 : 1;
    uint32_t code = 0;

    if (i == len)
        return 0;
    for (; i < len; i++) {
        unsigned low = (unsigned char)(s[i] | 0x20);
        unsigned digit = pf_is_digit(s[i])          ? (unsigned)(s[i] - '0')
                         : low >= 'a' && low <= 'f' ? low - 'a' + 10
                                                    : 99;
        if (digit >= (hex ? 16u : 10u))
            return 0;
        code = code * (hex ? 16 : 10) + digit;
        if (code > 0x10ffff)
            return 0;
    }
    return code >= 0xd800 && code < 0xe000 ? 0 : code;
}

static uint32_t entity(const char *s, size_t len)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

    if (len && s[0] == '#')
        return numbered(s, len);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == len && memcmp(s, known[i].name, len) == 0)
            return (unsigned char)known[i].c;
    return 0;
}

size_t pf_xml_decode(char *s, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len;) {
        if (s[i] != '&') {
            s[n++] = s[i++];
            continue;
        }
        const char *end = memchr(s + i, ';', len - i);
        uint32_t code = end ? entity(s + i + 1, (size_t)(end - s) - i - 1) : 0;
        if (!code)
            return SIZE_MAX;
        i = (size_t)(end - s) + 1;
        n += put_utf8(s + n, code);
    }
    return n;
}
