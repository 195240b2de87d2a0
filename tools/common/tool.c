/* tool.c - how a command starts, speaks, writes its output and ends. */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_MAX = 8192 };

struct pf_mem tool_mem;
const struct tool *tool_self;

/* The one output. While its temporary file stands, a signal that ends us removes that. */
static struct pf_sink *output;
static char temp[PATH_MAX];
static volatile sig_atomic_t temp_stands;

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
enum { ENDING = sizeof ending / sizeof *ending };

/* ---- the end ---- */

/* Ends as a filter does whose reader is gone, also where SIGPIPE was ignored when we started. */
static _Noreturn void end_by_sigpipe(void)
{
    sigset_t pipe;

    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigprocmask(SIG_UNBLOCK, &pipe, NULL);
    raise(SIGPIPE);
    _exit(EXIT_TROUBLE);
}

static void hold_signals(int how)
{
    sigset_t set;

    sigemptyset(&set);
    for (int i = 0; i < ENDING; i++)
        sigaddset(&set, ending[i]);
    sigprocmask(how, &set, NULL);
}

static void drop_output(void)
{
    hold_signals(SIG_BLOCK);
    pf_abandon(output);
    output = NULL;
    temp_stands = false;
}

/* Nothing is buffered outside the library, so there is nothing for exit() to flush. */
static _Noreturn void end_in_trouble(void)
{
    drop_output();
    _exit(EXIT_TROUBLE);
}

/* Reset to the default when it is entered, so that raise() ends us as the sender expects. */
static void on_ending(int sig)
{
    if (temp_stands)
        unlink(temp);
    raise(sig);
}

/* ---- the start ---- */

/*
 * A standard stream that is closed must not become the next file we open. /dev/null takes its
 * place, opened the other way round: using the stream is an error then, not silence.
 */
static void hold_standard_streams(void)
{
    static const int flags[] = {O_WRONLY, O_RDONLY, O_WRONLY};

    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
            _exit(EXIT_TROUBLE);
}

static void set_signals(void)
{
    struct sigaction was, end = {.sa_handler = on_ending, .sa_flags = (int)SA_RESETHAND};

    signal(SIGPIPE, SIG_IGN); /* writes tell us instead */
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&end.sa_mask);
    for (int i = 0; i < ENDING; i++)
        if (!sigaction(ending[i], NULL, &was) && was.sa_handler != SIG_IGN)
            sigaction(ending[i], &end, NULL);
}

char **tool_start(const struct tool *t, int argc, char **argv)
{
    tool_self = t;
    hold_standard_streams();
    set_signals();
    /* What a reader gives back, the writer takes: without this glibc returns large blocks to the
     * kernel at once, and page faults are a quarter of the time of a short run. */
    mallopt(M_MMAP_THRESHOLD, 256 * PF_MIB);
    mallopt(M_TRIM_THRESHOLD, 256 * PF_MIB);
    mallopt(M_TOP_PAD, 4 * PF_MIB);
    pf_mem_init(&tool_mem, 0);
    char **paths = options_parse(t, argc, argv);
    tool_mem.limit = given.max_memory < SIZE_MAX ? (size_t)given.max_memory : SIZE_MAX;
    help_answer(t);
    fence_operands(paths);
    return paths;
}

const char *tool_name(void)
{
    return tool_self->name;
}

bool tool_verbose(void)
{
    return given.verbose;
}

bool tool_quiet(void)
{
    return given.quiet;
}

bool tool_color(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    if (given.color != WHEN_AUTO)
        return given.color == WHEN_ALWAYS;
    return !(no && *no) && !(term && !strcmp(term, "dumb")) && !given.output
           && isatty(STDOUT_FILENO);
}

/* ---- messages ---- */

const char *shown(const char *text, size_t *len)
{
    static char plain[4 * MESSAGE_MAX];
    static struct pf_sink *k;
    static struct pf_mem mem; /* of its own: a message must come through when the budget is spent */
    struct pf_err err = {0};

    pf_abandon(k);
    pf_mem_init(&mem, 0);
    k = pf_create_mem(&mem, PF_PLAIN, &err);
    if (k) {
        pf_put_name(k, text, strlen(text));
        pf_end_frame(k);
        const uint8_t *bytes = pf_sink_bytes(k, len);
        if (bytes && *len >= strlen(text)) /* a character never gets shorter */
            return (const char *)bytes;
    }
    *len = 0; /* no memory at all: ASCII is left as it is */
    for (; *text && *len < sizeof plain - 8; text++)
        *len += (size_t)snprintf(plain + *len, 5, *text >= ' ' && *text <= '~' ? "%c" : "\\x%02x",
                                 (unsigned char)*text);
    return plain;
}

PF_PRINTF(1, 0) static void say(const char *fmt, va_list ap)
{
    static char text[MESSAGE_MAX], line[4 * MESSAGE_MAX];
    size_t len, done = 0;

    int n = snprintf(text, sizeof text, "%s: ", tool_self->name);
    vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
    const char *s = shown(text, &len);
    if (len > sizeof line - 1)
        len = sizeof line - 1;
    memcpy(line, s, len);
    line[len++] = '\n';
    progress_clear();
    while (done < len) {
        ssize_t wrote = write(STDERR_FILENO, line + done, len - done);
        if (wrote < 0 && errno != EINTR)
            return;
        done += wrote < 0 ? 0 : (size_t)wrote;
    }
}

void warn(const char *fmt, ...)
{
    va_list ap;

    if (given.quiet)
        return;
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}

void note(const char *fmt, ...)
{
    va_list ap;

    if (!given.verbose)
        return;
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}

void complain(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}

void die(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
    end_in_trouble();
}

void die_err(const char *input, const struct pf_err *err)
{
    if (err->code == PF_EPIPE) {
        progress_clear();
        drop_output();
        end_by_sigpipe();
    }
    /* A name that is too long to be a file's must not push out what is wrong with it. */
    if (err->where == PF_NOWHERE)
        die("%.4096s: %s", input, err->msg);
    die("%.4096s: %s %llu: %s", input, err->where == PF_AT_LINE ? "line" : "offset",
        (unsigned long long)err->at, err->msg);
}

static void tell(const char *fmt, ...) PF_PRINTF(1, 2);
static void tell(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}

void die_at(const char *option, const char *text, const struct pf_err *err)
{
    if (err->where != PF_AT_OFFSET)
        die("%s: %s", option, err->msg);
    tell("%s: %s", option, err->msg);
    tell("  %s", text);
    die("  %*s^", (int)pf_name_width(text, (size_t)err->at), "");
}

/* ---- output ---- */

static const char *output_name(void)
{
    return given.output && strcmp(given.output, "-") != 0 ? given.output : "standard output";
}

const char *tool_output_name(void)
{
    return given.output;
}

const char *tool_output_suffix(void)
{
    const char *slash = given.output ? strrchr(given.output, '/') : NULL;
    const char *base = slash ? slash + 1 : given.output, *dot = base ? strrchr(base, '.') : NULL;

    return !base ? NULL : dot ? dot : "";
}

int tool_by_suffix(const struct suffix *all, int usual, const char *wanted)
{
    const char *suffix = tool_output_suffix();

    if (!suffix || !*suffix)
        return usual;
    for (; all->suffix; all++)
        if (strcmp(suffix, all->suffix) == 0)
            return all->value;
    die("%.4096s: %s", given.output, wanted);
}

void tool_output_to(const char *path)
{
    given.output = path;
}

struct pf_sink *tool_output(enum pf_packing packing, bool binary)
{
    struct pf_err err = {0};

    if (binary && (!given.output || !strcmp(given.output, "-")) && isatty(STDOUT_FILENO))
        die("not writing a binary profile to a terminal; redirect it or use --output");

    hold_signals(SIG_BLOCK); /* between the temporary file's birth and our knowing its name */
    output = pf_create(&tool_mem, given.output, packing, &err);
    const char *name = output ? pf_sink_temp(output) : NULL;
    if (name && strlen(name) < sizeof temp) {
        memcpy(temp, name, strlen(name) + 1);
        temp_stands = true;
    }
    hold_signals(SIG_UNBLOCK);
    if (!output)
        die_err(output_name(), &err);
    return output;
}

int tool_finish(struct pf_sink *out)
{
    struct pf_err err = {0};
    bool file = temp_stands;

    if (file) /* a pipe may keep us waiting, and then ^C must work */
        hold_signals(SIG_BLOCK);
    output = NULL;
    int failed = pf_commit(out, &err);
    temp_stands = false;
    if (file)
        hold_signals(SIG_UNBLOCK);
    progress_input(NULL, NULL);
    if (failed)
        die_err(output_name(), &err);
    return EXIT_YES;
}

/* What a format cannot hold goes into one line, and is told once for all profiles of a stream. */
struct losses {
    char text[1024];
    size_t n;
};

static void note_loss(void *ctx, const char *text)
{
    struct losses *l = ctx;
    int n = snprintf(l->text + l->n, sizeof l->text - l->n, "%s%s", l->n ? "; " : "", text);

    if (n > 0)
        l->n += (size_t)n < sizeof l->text - l->n ? (size_t)n : sizeof l->text - l->n - 1;
}

static void tell_losses(const struct losses *l)
{
    static struct losses told;

    if (l->n && strcmp(l->text, told.text) != 0)
        warn("%s: %s", output_name(), l->text);
    if (l->n)
        told = *l;
}

void tool_write_as(struct pf_sink *out, const struct pf_profile *p, const struct pf_format *f,
                   struct pf_write how)
{
    struct losses losses = {.n = 0};
    struct pf_err err = {0};

    how.lost = note_loss;
    how.ctx = &losses;
    if (f->write(p, out, &how, &err) == 0) {
        pf_end_frame(out);
        tell_losses(&losses);
    }
    if (err.code || pf_sink_check(out, &err)) /* a reader that is gone wants no more of a stream */
        die_err(output_name(), &err);
}

void tool_write(struct pf_sink *out, const struct pf_profile *p, const struct pf_format *f,
                int type)
{
    tool_write_as(out, p, f, (struct pf_write){.type = type});
}
