/* foreign.c - names what is no input of ours, and the way from there to one. */
#include "foreign.h"

#include <string.h>

#define LEGACY    "a legacy profile of gperftools, Go or Java: convert it with `pprof -proto`"
#define ARCHIVE   "an archive: `profarchive cat FILE` gives the profiles in it"
#define CALLGRIND "output for callgrind, which is not read: write pstats instead"

enum { TAR_MAGIC = 257 };

/* What files begin with; some are text that could pass for folded stacks. */
static const struct {
    const char *magic;
    size_t len;
    const char *name;
} known[] = {
#define BEGIN(s, name)                                                                             \
    {                                                                                              \
        (s), sizeof(s) - 1, (name)                                                                 \
    }
    BEGIN("--- contention", LEGACY),
    BEGIN("--- mutex", LEGACY),
    BEGIN("--- heapz", LEGACY),
    BEGIN("--- growthz", LEGACY),
    BEGIN("--- threadz", LEGACY),
    BEGIN("heap profile: ", LEGACY),
    BEGIN("threadcreate profile: ", LEGACY),
    BEGIN("goroutine profile: ", LEGACY),
    BEGIN("# callgrind format", CALLGRIND),
    BEGIN("version: 1\ncreator: ", CALLGRIND),
    /* the header of a CPU profile: 0, three more words, version 0; of 64 and 32 bits */
    BEGIN("\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", LEGACY),
    BEGIN("\0\0\0\0\3\0\0\0\0\0\0\0", LEGACY),
    BEGIN("memray\0", "a capture of memray: read what `memray stats --json` makes of it"),
    BEGIN("PK\3\4", ARCHIVE),
    BEGIN("PERFILE2", "a perf.data file: fold its stacks with stackcollapse-perf.pl"),
#undef BEGIN
};

const char *foreign_name(const uint8_t *head, size_t len)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (len >= known[i].len && memcmp(head, known[i].magic, known[i].len) == 0)
            return known[i].name;
    if (len >= TAR_MAGIC + 5 && memcmp(head + TAR_MAGIC, "ustar", 5) == 0)
        return ARCHIVE;
    return NULL;
}
