/* pickles.c - which program a pickle is of. */
#include "pickles.h"

#include <string.h>

enum { FIRST_NAMES = 160 }; /* bytes that hold the class of the object */

static const struct {
    const char *module, *hint;
} known[] = {
    {"yappi", "this is yappi's own format; save(..., type='pstat') writes one that is read"},
    {"_yappi", "this is yappi's own format; save(..., type='pstat') writes one that is read"},
    {"line_profiler._line_profiler", "this is line_profiler's; read it with --from linestats"},
    {"line_profiler.line_profiler", "this is line_profiler's; read it with --from linestats"},
    {"_line_profiler", "this is line_profiler's; read it with --from linestats"},
    {"tracemalloc", "of tracemalloc only snapshots are read, with --from tracemalloc"},
    {"copy_reg", "pickle protocols 0 and 1 are not read; Snapshot.dump writes a newer one"},
    {"copyreg", "pickle protocols 0 and 1 are not read; Snapshot.dump writes a newer one"},
};

const char *pf_pickle_hint(const char *module, size_t len)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].module) == len && memcmp(known[i].module, module, len) == 0)
            return known[i].hint;
    return NULL;
}

bool pf_pickle_begins(const uint8_t *head, size_t len)
{
    static const char *const text[] = {"ccopy_reg\n_reconstructor\n", "ccopyreg\n_reconstructor\n"};

    if (len && head[0] == 0x80)
        return true;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (len >= strlen(text[i]) && memcmp(head, text[i], strlen(text[i])) == 0)
            return true;
    return false;
}

bool pf_pickle_like(const uint8_t *head, size_t len)
{
    size_t look = len < FIRST_NAMES ? len : FIRST_NAMES;

    for (size_t i = 0; i < look; i++)
        if (head[i] < '\t' || (head[i] > '\r' && head[i] < ' ' && head[i] != '\033'))
            return head[0] != 0xff && head[0] != 0xfe; /* UTF-16 has such bytes, too */
    if (len >= 2 && head[0] == '(')
        return strchr("(VSUXciK", head[1]) && head[1];
    return (len && (head[0] == 'c' || head[0] == 'P')) && memchr(head, '\n', look)
           && head[len - 1] == '.';
}

bool pf_pickle_names(const uint8_t *head, size_t len, const char *word)
{
    return memmem(head, len < FIRST_NAMES ? len : FIRST_NAMES, word, strlen(word)) != NULL;
}
