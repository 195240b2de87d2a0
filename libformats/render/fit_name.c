/* fit_name.c - names in narrow places. */
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
