/* json_head.c - keys of a JSON text of which a probe sees only the first bytes. */
#include "json.h"

#include "text.h"

#include <string.h>

enum { NEAR = 200 };

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static size_t skip_space(const char *s, size_t len, size_t i)
{
    while (i < len && is_space(s[i]))
        i++;
    return i;
}

struct pf_json_head pf_json_head(const uint8_t *head, size_t len, char buf[])
{
    struct pf_json_head h = {.open = 0};

    h.len = pf_text_head(head, len, buf, &h.s);
    size_t i = skip_space(h.s, h.len, 0);
    size_t next = i < h.len ? skip_space(h.s, h.len, i + 1) : i;
    bool object = i < h.len && h.s[i] == '{' && (next == h.len || h.s[next] == '"');
    bool array = i < h.len && h.s[i] == '[' && (next == h.len || strchr("{[]", h.s[next]));
    h.open = object ? '{' : '['; /* first bytes of marshal data and of folded stacks differ */
    if (!object && !array)
        h.open = 0;
    return h;
}

/* The end of the string that begins at i (the closing quote), or the end of the text. */
static size_t string_end(const char *s, size_t len, size_t i)
{
    for (i++; i < len && s[i] != '"'; i++)
        if (s[i] == '\\')
            i++;
    return i < len ? i : len;
}

static bool near(const char *s, size_t len, size_t i, const char *has)
{
    return !has || memmem(s + i, len - i < NEAR ? len - i : NEAR, has, strlen(has));
}

bool pf_json_head_key(const struct pf_json_head *h, unsigned depth, const char *key,
                      const char *has)
{
    size_t n = strlen(key);
    unsigned level = 0;

    for (size_t i = 0; i < h->len; i++) {
        char c = h->s[i];
        if (c == '{' || c == '[')
            level++;
        else if (c == '}' || c == ']')
            level -= level > 0;
        if (c != '"')
            continue;
        size_t end = string_end(h->s, h->len, i), colon = skip_space(h->s, h->len, end + 1);
        if (level == depth && end == i + 1 + n && memcmp(h->s + i + 1, key, n) == 0
            && colon < h->len && h->s[colon] == ':' && near(h->s, h->len, colon, has))
            return true;
        i = end;
    }
    return false;
}
