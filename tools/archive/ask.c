/* ask.c - what the words and times on the command line of profarchive ask for. */
#include "archive/ask.h"

#include "common/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t ask_epoch(int64_t otherwise)
{
    enum { LATEST = 253402300799 / 1000 }; /* the year 9999, in thousands of seconds */
    const char *text = getenv("SOURCE_DATE_EPOCH");
    int64_t ns;
    char with_at[32];

    if (!text || !*text)
        return otherwise;
    if (snprintf(with_at, sizeof with_at, "@%s", text) >= (int)sizeof with_at
        || !pf_time_parse(with_at, 0, &ns) || ns < 0 || ns % 1000000000
        || ns / 1000000000 / 1000 > LATEST)
        die("SOURCE_DATE_EPOCH is no number of seconds since 1970: '%.40s'", text);
    return ns / 1000000000;
}

int64_t ask_time(const char *option, const char *text)
{
    int64_t ns;

    if (!pf_time_parse(text, ask_epoch((int64_t)time(NULL)) * 1000000000, &ns))
        die("option '--%s' takes a time, such as 2026-01-31, @1700000000 or 30d", option);
    return ns;
}

bool *ask_room(const struct pf_entries *e)
{
    bool *wanted = pf_alloc_zero(&tool_mem, (size_t)e->n + 1, sizeof *wanted);

    if (!wanted)
        die("out of memory (see --max-memory)");
    return wanted;
}

int64_t ask(struct pf_archive *a, char **words, const struct ask_times *times, bool *wanted)
{
    struct pf_query q = {.words = (const char *const *)words};
    struct pf_err err = {0};
    const char *end = times->older_than ? times->older_than : times->until;

    while (words[q.n])
        q.n++;
    if (times->since) {
        q.has_since = true;
        q.since = ask_time("since", times->since);
    }
    if (end) {
        q.has_until = true;
        q.until = ask_time(times->older_than ? "older-than" : "until", end);
    }
    int64_t n = pf_query_run(&q, pf_archive_entries(a), wanted, &err);
    if (n < 0)
        die("%s", err.msg);
    return n;
}
