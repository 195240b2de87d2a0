/* profarchive - many profiles in one file that any artifact store takes and any tar opens. */
#include "archive/ask.h"
#include "archive/options.h"
#include "common/tool.h"

#include "formats_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *shown_name(const char *path)
{
    return path && strcmp(path, "-") != 0 ? path : "standard input";
}

static void tell(void *ctx, const char *text)
{
    warn("%.4096s: %s", (const char *)ctx, text);
}

static struct pf_archive *open_by(const char *path, bool by_checksum)
{
    struct pf_archive_how how = {.by_checksum = by_checksum,
                                 .max_unpacked = archive_opts.max_unpacked,
                                 .skip_unsafe = archive_opts.skip_unsafe,
                                 .tell = tell,
                                 .ctx = (void *)(uintptr_t)shown_name(path)};
    struct pf_err err = {0};
    struct pf_archive *a = pf_archive_open(&tool_mem, path, &how, &err);

    if (!a)
        die_err(shown_name(path), &err);
    return a;
}

static struct pf_archive *open_archive(const char *path)
{
    return open_by(path, false);
}

/* old: what is changed, or NULL. */
static int write_archive(struct pf_build *b, const struct pf_archive *old, const char *path)
{
    const char *name = tool_output_name() || old ? tool_output_name() : path;
    enum pf_archive_format as = options_format(name, old ? pf_archive_format(old) : PF_ARCHIVE_TAR);
    struct pf_err err = {0};

    if (!tool_output_name())
        tool_output_to(path);
    struct pf_sink *out = tool_output(PF_PLAIN, true);
    if (pf_build_write(b, as, ask_epoch(0), out, &err) < 0)
        die_err(shown_name(path), &err);
    return tool_finish(out);
}

static int lock(const char *path)
{
    struct pf_err err = {0};
    const char *to = tool_output_name() ? tool_output_name() : path;
    int fd = strcmp(to, "-") != 0 ? pf_archive_lock(&tool_mem, to, &err) : -1;

    if (err.code)
        die_err(to, &err);
    return fd;
}

static struct pf_build *new_build(void)
{
    struct pf_err err = {0};
    struct pf_build *b = pf_build_new(&tool_mem, &err);

    if (!b)
        die("%s", err.msg);
    return b;
}

static struct pf_archive *open_old(const char *path)
{
    struct pf_archive *a = open_archive(path);

    if (!pf_archive_is_ours(a))
        die("%.4096s: not made by profarchive; profarchive cat %s | profarchive add NEW makes one "
            "of it",
            path, path);
    return a;
}

/* ---- add ---- */

static void add_profile(struct pf_build *b, struct pf_profile *p, const char *name)
{
    struct pf_err err = {0};
    char id[PF_ID_TEXT];
    uint32_t before = pf_build_count(b);

    if (archive_opts.time && !p->time_ns)
        p->time_ns = ask_time("time", archive_opts.time);
    if (pf_build_add(b, p, archive_opts.labels.at, archive_opts.labels.n, id, &err) < 0)
        die_err(name, &err);
    note("%.4096s: %s%s", name, id, pf_build_count(b) == before ? " is there already" : "");
}

/* An archive of ours among the files brings its profiles with their labels. */
static void add_archive(struct pf_build *b, const char *path)
{
    struct pf_archive *a = open_archive(path);
    struct pf_err err = {0};

    if (archive_opts.labels.n)
        die("%.4096s: the profiles of an archive have their labels; --label is for others", path);
    if (pf_build_take(b, a, NULL, &err) < 0)
        die_err(path, &err);
    pf_archive_close(a);
}

static void add_file(struct pf_build *b, char *path)
{
    struct tool_inputs in = {.paths = (char *[]){path, NULL}};
    struct pf_profile *p;

    while ((p = tool_next(&in))) {
        add_profile(b, p, in.name);
        pf_free(p);
    }
}

/* Everything is read before the old archive is looked at, or even locked. */
static int add(const char *path, char **words)
{
    struct pf_build *b = new_build();
    struct pf_archive *old = NULL;
    struct pf_err err = {0};
    bool to_stdout = strcmp(path, "-") == 0;

    if (pf_labels_check(&tool_mem, archive_opts.labels.at, archive_opts.labels.n, &err) < 0)
        die("option '--label': %s", err.msg);
    if (!words[0])
        add_file(b, NULL);
    for (; *words; words++)
        if (pf_archive_probe(*words))
            add_archive(b, *words);
        else
            add_file(b, *words);
    int fd = lock(path);
    if (!to_stdout && access(path, F_OK) == 0) {
        old = open_old(path);
        if (pf_build_base(b, old, NULL, &err) < 0)
            die_err(path, &err);
    }
    write_archive(b, old, path);
    if (fd >= 0)
        close(fd);
    pf_archive_close(old);
    pf_build_free(b);
    return EXIT_YES;
}

/* ---- list ---- */

static int list(const char *path, char **words)
{
    struct pf_archive *a = open_archive(path);
    const struct pf_entries *e = pf_archive_entries(a);
    bool *wanted = ask_room(e), any = false;

    if (archive_opts.format > AS_JSON)
        die("list is written as text or json");
    ask(a, words, &archive_opts.times, wanted);
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    pf_puts(out, archive_opts.format == AS_JSON ? "{\"schema\":1,\"profiles\":[" : "");
    for (uint32_t i = 0; i < e->n; i++) {
        if (!wanted[i])
            continue;
        if (archive_opts.format == AS_JSON) {
            pf_puts(out, any ? ",\n" : "\n");
            pf_entry_json(e, i, out);
        } else {
            pf_entry_text(e, i, out);
        }
        any = true;
    }
    pf_puts(out, archive_opts.format == AS_JSON ? "\n]}\n" : "");
    tool_finish(out);
    pf_dealloc(&tool_mem, wanted);
    pf_archive_close(a);
    return EXIT_YES;
}

/* ---- get and cat ---- */

struct giving {
    struct pf_sink *out;
    const struct pf_entries *e; /* whose labels the samples get, too; or NULL */
};

static void put_labelled(const struct giving *to, uint32_t entry, const uint8_t *content,
                         size_t len)
{
    const struct pf_entry *x = &to->e->at[entry];
    const struct pf_format *pb = pf_format_named("pb");
    struct pf_err err = {0};
    struct pf_source *in = pf_open_mem(&tool_mem, content, len, &err);
    struct pf_profile *p = in ? pf_load(in, pb, &err) : NULL;

    for (uint32_t i = 0; p && i < x->n_labels; i++) {
        const struct pf_entry_label *l = &to->e->label[x->label + i];
        pf_label_rest(p, pf_str_at(to->e->names, l->key), pf_str_at(to->e->names, l->value), &err);
    }
    if (err.code)
        die("%s", err.msg);
    tool_write(to->out, p, pb, -1);
    pf_free(p);
    pf_close(in);
}

static int give(void *ctx, uint32_t entry, const uint8_t *content, size_t len)
{
    const struct giving *to = ctx;
    struct pf_err err = {0};

    if (to->e) {
        put_labelled(to, entry, content, len);
    } else {
        pf_put(to->out, content, len);
        pf_end_frame(to->out);
    }
    if (pf_sink_check(to->out, &err) < 0)
        die_err(tool_output_name() ? tool_output_name() : "standard output", &err);
    return 0;
}

/* And gives both back. A file is packed as the other tools pack it, and so is one profile; a stream
 * of several is for whoever merges it, who would only unpack it again. */
static int write_profiles(struct pf_archive *a, bool *wanted, int64_t n, const char *path)
{
    struct pf_err err = {0};
    struct pf_sink *out = tool_output(PF_ZSTD, true);
    struct giving to = {out, archive_opts.with_labels ? pf_archive_entries(a) : NULL};

    if (n > 1 && (!tool_output_name() || !strcmp(tool_output_name(), "-")))
        pf_leave_unpacked(out);
    if (pf_archive_read(a, wanted, give, &to, &err) < 0)
        die_err(shown_name(path), &err);
    pf_dealloc(&tool_mem, wanted);
    pf_archive_close(a);
    return tool_finish(out);
}

/* What get writes is opened when there is something to write. */
static int give_first(void *ctx, uint32_t entry, const uint8_t *content, size_t len)
{
    struct giving *to = ctx;

    to->out = tool_output(PF_ZSTD, true);
    return give(to, entry, content, len);
}

static int get(const char *path, char **words)
{
    bool needs_more = archive_opts.with_labels || archive_opts.max_unpacked;
    struct giving to = {0};
    struct pf_err err = {0};

    if (!words[0] || words[1] || strchr(words[0], '='))
        die("get takes one archive and one id (try --help)");
    if (strcmp(path, "-") != 0 && !needs_more && pf_archive_probe(path)) {
        if (pf_archive_get(&tool_mem, path, words[0], give_first, &to, &err) < 0)
            die_err(path, &err);
        return tool_finish(to.out);
    }
    struct pf_archive *a = open_archive(path);
    bool *wanted = ask_room(pf_archive_entries(a));

    ask(a, words, &archive_opts.times, wanted);
    if (pf_query_only_one(pf_archive_entries(a), wanted, words[0], &err) < 0)
        die_err(shown_name(path), &err);
    return write_profiles(a, wanted, 1, path);
}

/* Hashing all of a stream would take a third of the time, and who asks for an id wants it to be
 * true. */
static bool is_of_ids(char **words)
{
    while (*words && strchr(*words, '='))
        words++;
    return *words;
}

static int cat(const char *path, char **words)
{
    struct pf_archive *a = open_by(path, !is_of_ids(words));
    bool *wanted = ask_room(pf_archive_entries(a));

    int64_t n = ask(a, words, &archive_opts.times, wanted);
    if (n == 0)
        die("%.4096s: no profile is asked for", shown_name(path));
    return write_profiles(a, wanted, n, path);
}

/* ---- rm ---- */

static void choose_what_goes(struct pf_archive *a, char **words, bool *goes, const char *path)
{
    struct pf_err err = {0};
    uint32_t timeless = 0;

    if (!words[0] && archive_opts.keep < 0 && !archive_opts.times.since && !archive_opts.times.until
        && !archive_opts.times.older_than)
        die("rm takes what to remove: labels, ids, --keep or --older-than");
    ask(a, words, &archive_opts.times, goes);
    if (archive_opts.keep >= 0
        && pf_query_keep_newest(pf_archive_entries(a), goes, (uint32_t)archive_opts.keep, &timeless,
                                &err)
               < 0)
        die_err(path, &err);
    if (timeless)
        warn("%.4096s: %u profiles have no time of their own and stay", path, timeless);
}

static int write_what_stays(struct pf_archive *a, bool *goes, const char *path)
{
    struct pf_build *b = new_build();
    uint32_t n = pf_archive_entries(a)->n;
    struct pf_err err = {0};

    for (uint32_t i = 0; i < n; i++)
        goes[i] = !goes[i];
    if (pf_build_base(b, a, goes, &err) < 0)
        die_err(path, &err);
    note("%.4096s: %u of %u stay", path, pf_build_count(b), n);
    int status = write_archive(b, a, path);
    pf_build_free(b);
    return status;
}

static int tell_what_goes(const struct pf_entries *e, const bool *goes)
{
    struct pf_sink *out = tool_output(PF_PLAIN, false);

    for (uint32_t i = 0; i < e->n; i++)
        if (goes[i])
            pf_entry_text(e, i, out);
    return tool_finish(out);
}

static int rm(const char *path, char **words)
{
    int fd = lock(path);
    struct pf_archive *a = open_old(path);
    bool *goes = ask_room(pf_archive_entries(a));

    choose_what_goes(a, words, goes, path);
    int status = archive_opts.dry_run ? tell_what_goes(pf_archive_entries(a), goes)
                                      : write_what_stays(a, goes, path);
    pf_dealloc(&tool_mem, goes);
    pf_archive_close(a);
    if (fd >= 0)
        close(fd);
    return status;
}

/* ---- check and recover ---- */

static void put_violation(void *out, const char *text)
{
    pf_put_name(out, text, strlen(text));
    pf_puts(out, "\n");
}

static int check(const char *path)
{
    struct pf_err err = {0};
    struct pf_sink *out = tool_output(PF_PLAIN, false);
    int64_t found = pf_archive_check(&tool_mem, path, put_violation, out, &err);

    if (found < 0)
        die_err(shown_name(path), &err);
    tool_finish(out);
    return found ? EXIT_NO : EXIT_YES;
}

static void tell_lost(void *ctx, const char *text)
{
    warn("%.4096s: lost: %s", (const char *)ctx, text);
}

static int recover(const char *path)
{
    struct pf_err err = {0};
    struct pf_build *b = new_build();

    if (!tool_output_name())
        die("recover writes a new archive: say where with --output");
    int fd = lock(path);
    struct pf_archive_how how = {.max_unpacked = archive_opts.max_unpacked,
                                 .tell = tell_lost,
                                 .ctx = (void *)(uintptr_t)shown_name(path)};
    int64_t lost = pf_archive_recover(&tool_mem, path, &how, b, &err);
    if (lost < 0)
        die_err(shown_name(path), &err);
    note("%.4096s: %u profiles are whole", shown_name(path), pf_build_count(b));
    write_archive(b, NULL, NULL);
    if (fd >= 0)
        close(fd);
    pf_build_free(b);
    return lost ? EXIT_NO : EXIT_YES;
}

/* What is read from a pipe is kept in a file without a name; an archive that changes is made anew
 * beside itself. */
static void fence_in(const char *command, const char *path)
{
    static const char *const changing[] = {"add", "rm", "recover"};
    static const char *tmp[] = {"/tmp", "/var/tmp", NULL, NULL};
    const char *beside = NULL;

    tmp[2] = getenv("TMPDIR");
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
        if (strcmp(command, changing[i]) == 0)
            beside = path;
    tool_works(tmp, beside);
    tool_fence();
}

int main(int argc, char **argv)
{
    /* libarchive writes the times of a zip in local time */
    setenv("TZ", "UTC0", 1);
    tzset();

    char **words = tool_start(&archive_tool, argc, argv);
    const char *command = words[0], *path = command ? words[1] : NULL;

    if (!path)
        die("takes a command and an archive (try --help)");
    words += 2;
    options_for(command);
    fence_in(command, path);
    if (!strcmp(command, "add"))
        return add(path, words);
    if (!strcmp(command, "list"))
        return list(path, words);
    if (!strcmp(command, "get"))
        return get(path, words);
    if (!strcmp(command, "cat"))
        return cat(path, words);
    if (!strcmp(command, "rm"))
        return rm(path, words);
    if (words[0])
        die("%.40s takes one archive", command);
    if (!strcmp(command, "check"))
        return check(path);
    if (!strcmp(command, "recover"))
        return recover(path);
    die("no such command: '%.40s' (try --help)", command);
}
