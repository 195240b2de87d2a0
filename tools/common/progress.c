/* progress.c - one line on stderr, at most once a second, only while somebody looks. */
#include "common.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Read by the timer's signal: changed only while that is held back. */
static struct {
    char text[100];
    size_t len;
    const struct pf_source *in;
    uint64_t done;
} state;
static volatile sig_atomic_t on_screen;
static bool ticking, unwanted;

static void hold_timer(int how)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(how, &set, NULL);
}

/* "123.4 MiB" without the C library's help: we are in a signal handler. */
static size_t put_mib(char *at, uint64_t bytes)
{
    static const char unit[] = " MiB";
    char digits[24];
    size_t n = 0, len = 0;
    uint64_t tenths = bytes / (PF_MIB / 10);

    do
        digits[n++] = (char)('0' + tenths % 10);
    while ((tenths /= 10) || n < 2);
    while (n) {
        if (n == 1)
            at[len++] = '.';
        at[len++] = digits[--n];
    }
    memcpy(at + len, unit, sizeof unit - 1);
    return len + sizeof unit - 1;
}

static void on_tick(int sig)
{
    static const char start[] = "\r", end[] = "\033[K";
    char line[sizeof state.text + 64];
    size_t n = 0;

    (void)sig;
    if (given.progress == WHEN_AUTO && tcgetpgrp(STDERR_FILENO) != getpgrp())
        return;
    memcpy(line, start, sizeof start - 1);
    n += sizeof start - 1;
    memcpy(line + n, state.text, state.len);
    n += state.len;
    n += put_mib(line + n, state.in ? pf_bytes_read(state.in) : state.done);
    memcpy(line + n, end, sizeof end - 1);
    n += sizeof end - 1;
    on_screen = write(STDERR_FILENO, line, n) > 0;
}

/* Starts the clock; false: nobody wants to see us. */
static bool started(void)
{
    struct sigaction tick = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    struct itimerval second = {{1, 0}, {1, 0}};

    if (ticking)
        return true;
    unwanted = unwanted || given.quiet || given.progress == WHEN_NEVER
               || (given.progress == WHEN_AUTO && !isatty(STDERR_FILENO));
    if (unwanted)
        return false;
    sigemptyset(&tick.sa_mask);
    ticking = !sigaction(SIGALRM, &tick, NULL) && !setitimer(ITIMER_REAL, &second, NULL);
    return ticking;
}

static void show(const char *doing, const struct pf_source *in, uint64_t done)
{
    size_t len, name = sizeof state.text - sizeof ": : ";

    if (!started())
        return;
    const char *self = shown(doing, &len);
    hold_timer(SIG_BLOCK);
    state.len = 0;
    memcpy(state.text, self, len < name ? len : name);
    state.len = len < name ? len : name;
    memcpy(state.text + state.len, ": ", 2);
    state.len += 2;
    state.in = in;
    state.done = done;
    hold_timer(SIG_UNBLOCK);
}

void progress(const char *doing, uint64_t done)
{
    show(doing, NULL, done);
}

void progress_input(const struct pf_source *in, const char *name)
{
    if (in) {
        show(name, in, 0);
        return;
    }
    if (!ticking)
        return;
    hold_timer(SIG_BLOCK);
    state.done = state.in ? pf_bytes_read(state.in) : state.done;
    state.in = NULL;
    hold_timer(SIG_UNBLOCK);
    progress_clear();
}

void progress_clear(void)
{
    static const char clear[] = "\r\033[K";

    if (!on_screen)
        return;
    hold_timer(SIG_BLOCK);
    if (write(STDERR_FILENO, clear, sizeof clear - 1) >= 0)
        on_screen = false;
    hold_timer(SIG_UNBLOCK);
}
