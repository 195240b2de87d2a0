/* options.c - what the command line of profarchive gives: its options, and which commands take
 * them.
 */
#include "archive/options.h"

#include <stdio.h>
#include <string.h>

struct archive_opts archive_opts = {.format = -1, .keep = -1};

static const struct opt opts[] = {
    {OPT_LIST, 'l', "label", &archive_opts.labels, "KEY=VALUE",
     "add: a label of what is added; may be repeated"},
    {OPT_STR, 0, "time", &archive_opts.time, "TIME",
     "add: the time of profiles that have none of their own"},
    {OPT_WORD, 0, "format", &archive_opts.format, "FORMAT",
     "add, rm, recover: tar (a .tar.zst), oci (an OCI image layout) or zip; default: that of the "
     "old archive, of a new one by its suffix (.oci.tar, .zip), or else tar. list: text (default) "
     "or json",
     .words = "text|json|tar|oci|zip"},
    {OPT_CHOICE, 0, "json", &archive_opts.format, NULL, "list: the same as --format json",
     .value = AS_JSON},
    {OPT_STR, 0, "since", &archive_opts.times.since, "TIME", "only profiles of that time or later"},
    {OPT_STR, 0, "until", &archive_opts.times.until, "TIME", "only profiles from before that time"},
    {OPT_INT, 0, "keep", &archive_opts.keep, "N", "rm: keep the N newest of what would go"},
    {OPT_STR, 0, "older-than", &archive_opts.times.older_than, "TIME",
     "rm: only what is older; the same as --until"},
    {OPT_FLAG, 0, "with-labels", &archive_opts.with_labels, NULL,
     "get, cat: samples without a label of that key get the labels of their profile"},
    {OPT_FLAG, 'n', "dry-run", &archive_opts.dry_run, NULL, "rm: only tell what would go"},
    {OPT_FLAG, 0, "skip-unsafe", &archive_opts.skip_unsafe, NULL,
     "list, get, cat: leave out unsafe members of a foreign archive instead of refusing it"},
    {OPT_SIZE, 0, "max-unpacked", &archive_opts.max_unpacked, "SIZE",
     "refuse an archive that unpacks to more (default, for those made by others: 1000 times its "
     "size, at least 512MiB); recover stops there"},
    {0},
};

const struct tool archive_tool = {
    .name = "profarchive",
    .synopsis = "COMMAND [OPTION]... ARCHIVE [ARGUMENT]...",
    .summary = "keep many profiles in one archive file",
    .text =
        "Commands:\n"
        "  add ARCHIVE [FILE]...         add every profile of the files (none: stdin); from "
        "archives,\n"
        "                                with their labels\n"
        "  list ARCHIVE [WHAT]...        what is in it, a line for each profile\n"
        "  get ARCHIVE ID                one profile; the start of its id will do\n"
        "  cat ARCHIVE [WHAT]...         a stream of profiles; several are packed "
        "only with -o\n"
        "  check ARCHIVE                 hashes, index, manifest, and the laws of each profile\n"
        "  rm ARCHIVE [WHAT]...          remove profiles\n"
        "  recover BROKEN -o NEW         what is whole in a broken archive, as a new one\n\n"
        "WHAT is a label, KEY=VALUE, or the start of an id; all that are given must hold. TIME is "
        "2026-01-31, 2026-01-31T12:00:00Z, @SECONDS, or an age such as 90m, 12h, 30d, 8w. ARCHIVE "
        "may be - for standard input, and for add, standard output.\n\n"
        "An archive is a .tar.zst: a manifest, then a plain .pb member for each different profile, "
        "named by its SHA-256, and an index by which one is read without the others. The same "
        "profiles give the same bytes, in whatever order they were added; SOURCE_DATE_EPOCH is the "
        "time of all members. add, rm and recover replace the file as a whole, one writer at a "
        "time.\n\n"
        "list, get, cat and check also read archives made by others: tar, tar.gz, tar.zst and zip "
        "of profiles in any known format. Nothing is ever extracted.",
    .opts = opts,
    .examples = "profarchive add perf.tar.zst run*.prof --label branch=main --label commit=$SHA\n"
                "profarchive cat perf.tar.zst branch=main --since 30d | profmerge | proftop\n"
                "profarchive cat --with-labels perf.tar.zst | profmerge --by-label branch\n"
                "profarchive rm perf.tar.zst branch=main --keep 100\n"
                "profarchive add --format oci -o perf.oci.tar - run.prof\n",
    .exits = "done, and the answer is no: check found something, recover lost something",
};

/* Who gives an option to a command that does not take it means something that would not be done. */
void options_for(const char *command)
{
    const struct {
        bool given;
        const char *option, *commands; /* each with a blank around it */
    } known[] = {
        {archive_opts.labels.n > 0, "label", " add "},
        {archive_opts.time, "time", " add "},
        {archive_opts.format >= 0, "format", " add list rm recover "},
        {archive_opts.times.since, "since", " list cat rm "},
        {archive_opts.times.until, "until", " list cat rm "},
        {archive_opts.keep >= 0, "keep", " rm "},
        {archive_opts.times.older_than, "older-than", " rm "},
        {archive_opts.dry_run, "dry-run", " rm "},
        {archive_opts.with_labels, "with-labels", " get cat "},
        {archive_opts.skip_unsafe, "skip-unsafe", " list get cat "},
        {archive_opts.max_unpacked > 0, "max-unpacked", " add list get cat rm recover "},
    };
    char name[16];

    snprintf(name, sizeof name, " %.13s ", command);
    if (!strstr(" add list get cat check rm recover ", name))
        return;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].given && !strstr(known[i].commands, name))
            die("%.40s takes no --%s (try --help)", command, known[i].option);
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), len = strlen(suffix);

    return n >= len && strcmp(name + n - len, suffix) == 0;
}

enum pf_archive_format options_format(const char *name, enum pf_archive_format otherwise)
{
    switch (archive_opts.format) {
    case AS_TAR: return PF_ARCHIVE_TAR;
    case AS_OCI: return PF_ARCHIVE_OCI;
    case AS_ZIP: return PF_ARCHIVE_ZIP;
    case AS_TEXT:
    case AS_JSON: die("an archive is written as tar, oci or zip");
    default: break;
    }
    if (name && ends_in(name, ".zip"))
        return PF_ARCHIVE_ZIP;
    if (name && ends_in(name, ".oci.tar"))
        return PF_ARCHIVE_OCI;
    return name && ends_in(name, ".tar.zst") ? PF_ARCHIVE_TAR : otherwise;
}
