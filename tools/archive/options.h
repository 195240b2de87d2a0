/* options.h - what the command line of profarchive gives. */
#ifndef ARCHIVE_OPTIONS_H
#define ARCHIVE_OPTIONS_H

#include "archive/ask.h"
#include "common/tool.h"

enum { AS_TEXT, AS_JSON, AS_TAR, AS_OCI, AS_ZIP };

extern struct archive_opts {
    struct opt_list labels;
    struct ask_times times;
    const char *time;
    int format, keep; /* -1: not given */
    bool skip_unsafe, dry_run, with_labels;
    uint64_t max_unpacked;
} archive_opts;
extern const struct tool archive_tool;

/* Dies when an option was given that the command does not take. */
void options_for(const char *command);

/* What to write: as --format says, or the suffix of a new archive, or else `otherwise`. name: of
 * the new archive; NULL when it takes the place of an old one. */
enum pf_archive_format options_format(const char *name, enum pf_archive_format otherwise);

#endif
