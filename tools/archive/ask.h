/* ask.h - what the words and times on the command line of profarchive ask for. */
#ifndef ASK_H
#define ASK_H

#include "formats_archive.h"

struct ask_times { /* as they were given; NULL: not */
    const char *since, *until, *older_than;
};

/* SOURCE_DATE_EPOCH, where it is set; `otherwise` where it is not. */
int64_t ask_epoch(int64_t otherwise);

/* The time that an option says; dies when it says none. */
int64_t ask_time(const char *option, const char *text);

/* Room for ask() to write to: a bool for each entry. */
bool *ask_room(const struct pf_entries *e);

/* Asks for the words behind the archive, and for the times; returns how many entries are wanted. */
int64_t ask(struct pf_archive *a, char **words, const struct ask_times *times, bool *wanted);

#endif
