/* fit_name.c - names in narrow places, and names that are too long for a picture. */
#include "render.h"

size_t pf_name_fit(const char *s, size_t len, size_t room, bool *cut)
{
    size_t used = 0, at = 0, before = 0;
    uint32_t code;

    while (at < len) {
        unsigned n = pf_utf8(s + at, len - at, &code);
        size_t size = pf_name_width(s + at, n ? n : 1);
        if (used + size > room)
            break;
        before = used + 1 < room ? at + (n ? n : 1) : before;
        used += size;
        at += n ? n : 1;
    }
    *cut = at < len;
    return *cut ? before : at;
}

size_t pf_line_fit(const char *s, size_t len, size_t room)
{
    bool cut;
    size_t most = pf_name_fit(s, len, room, &cut), n = most;

    while (cut && n > 0 && s[n - 1] != ' ')
        n--;
    return n ? n : most ? most : len;
}

/* Where a character begins at or after `at`: continuation bytes are 10xxxxxx. */
static size_t start_of_character(const char *s, size_t len, size_t at)
{
    while (at < len && ((uint8_t)s[at] & 0xc0) == 0x80)
        at++;
    return at;
}

void pf_put_ends(struct pf_str name, struct pf_sink *out, pf_escaper *put)
{
    enum { WHOLE = 1000, HEAD = 700, TAIL = 200 };

    if (name.len <= WHOLE) {
        put(out, name.s, name.len);
        return;
    }
    size_t head = start_of_character(name.s, name.len, HEAD);
    size_t tail = start_of_character(name.s, name.len, name.len - TAIL);
    tail = tail < head ? head : tail;
    put(out, name.s, head);
    pf_printf(out, "\xe2\x80\xa6 %zu bytes \xe2\x80\xa6", tail - head);
    put(out, name.s + tail, name.len - tail);
}
