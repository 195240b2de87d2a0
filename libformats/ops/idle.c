/*
 * idle.c - samples that wait for something, told from those that keep an event loop waiting.
 *
 * A thread in select, in a lock or in queue.get does nothing. But where an event loop has called
 * somebody's code and that waits, all else waits for it: that is what one looks for, and it stays.
 * What asyncio's own log tells of is of that kind, always.
 */
#include "select.h"

#include <string.h>

/* Functions that wait, below the module (or the type, of a builtin's name) that they are of. */
static const struct {
    const char *module, *names; /* with a blank around each */
} waiting[] = {
    {"selectors", " select "},
    {"select", " select poll epoll_wait kqueue kevent "},
    {"epoll", " poll "},
    {"devpoll", " poll "},
    {"kqueue", " control "},
    {"threading", " wait acquire join _wait_for_tstate_lock _acquire_restore "},
    {"lock", " acquire acquire_lock __enter__ "},
    {"RLock", " acquire __enter__ "},
    {"queue", " get "},
    {"SimpleQueue", " get "},
    {"queues", " get "},
    {"thread", " _worker "},
    {"socket", " accept recv recv_into recvfrom recvmsg readinto "},
    {"_socket", " accept recv recv_into recvfrom recvmsg "},
    {"SSLSocket", " recv read "},
    {"ssl", " recv recv_into read "},
    {"time", " sleep "},
    {"connection", " _recv _poll poll wait accept "},
    {"popen_fork", " poll wait "},
    {"subprocess", " wait _wait _try_wait "},
    {"posix", " waitpid wait wait4 "},
    {"signal", " pause sigwait sigwaitinfo sigtimedwait "},
    {"windows_events", " select _poll "},
    {"_overlapped", " GetQueuedCompletionStatus "},
};

/* In C, from a profiler that sees native frames, or without a module. */
static const char native[] =
    " select poll ppoll epoll_wait epoll_pwait kevent kqueue accept accept4 recv recvfrom recvmsg "
    "nanosleep "
    "clock_nanosleep futex_wait do_futex_wait sem_wait sem_timedwait sem_clockwait "
    "pthread_cond_wait pthread_cond_timedwait pthread_join __poll __select __GI___poll sleep ";

static bool among(const char *words, const char *s, size_t len)
{
    for (const char *at = words; *at == ' ' && at[1];) {
        size_t n = strcspn(at + 1, " ");
        if (n == len && memcmp(at + 1, s, n) == 0)
            return true;
        at += n + 1;
    }
    return false;
}

static bool waits(struct pf_str module, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++)
        if (module.len == strlen(waiting[i].module)
            && memcmp(module.s, waiting[i].module, module.len) == 0)
            return among(waiting[i].names, name, len);
    return false;
}

/* What stands behind the last of any of these. */
static struct pf_str behind(struct pf_str s, const char *any)
{
    uint32_t from = s.len;

    while (from > 0 && !strchr(any, s.s[from - 1]))
        from--;
    return (struct pf_str){.s = s.s + from, .len = s.len - from};
}

/* "/usr/lib/python3.11/threading.py" -> "threading" */
static struct pf_str stem(struct pf_str file)
{
    struct pf_str name = behind(file, "/\\");

    if (name.len > 3 && memcmp(name.s + name.len - 3, ".py", 3) == 0)
        name.len -= 3;
    return name;
}

static bool starts(struct pf_str s, const char *with)
{
    size_t n = strlen(with);

    return s.len > n && memcmp(s.s, with, n) == 0;
}

/* "<method 'acquire' of '_thread.lock' objects>" */
static bool method_waits(struct pf_str name)
{
    const char *end = name.s + name.len, *first = memchr(name.s, '\'', name.len);
    const char *close = first ? memchr(first + 1, '\'', (size_t)(end - first - 1)) : NULL;
    const char *type = close ? memchr(close + 1, '\'', (size_t)(end - close - 1)) : NULL;
    const char *type_end = type ? memchr(type + 1, '\'', (size_t)(end - type - 1)) : NULL;

    if (!type_end)
        return false;
    struct pf_str whole = {.s = type + 1, .len = (uint32_t)(type_end - type - 1)};
    struct pf_str module = whole, last = behind(whole, ".");
    size_t len = (size_t)(close - first - 1);
    module.len = last.s > whole.s ? (uint32_t)(last.s - 1 - whole.s) : 0;
    return waits(last, first + 1, len) || waits(module, first + 1, len);
}

/* "<built-in method time.sleep>", or of PyPy "<built-in function sleep>" */
static bool builtin_waits(struct pf_str name)
{
    struct pf_str inner = behind((struct pf_str){.s = name.s, .len = name.len - 1}, " ");
    struct pf_str own = behind(inner, "."), module = inner;

    module.len = own.s > inner.s ? (uint32_t)(own.s - 1 - inner.s) : 0;
    return module.len ? waits(module, own.s, own.len) : among(native, own.s, own.len);
}

/* py-spy leaves the folder of the library out: "threading.py", "concurrent/futures/thread.py". */
static bool is_standard(const struct pf_profile *p, pf_id func, struct pf_str file)
{
    static const char *const packages[] = {"concurrent/", "multiprocessing/", "asyncio/"};

    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (starts(file, packages[i]))
            return true;
    bool is_bare = file.len > 3 && memcmp(file.s + file.len - 3, ".py", 3) == 0
                   && behind(file, "/\\").len == file.len;
    return is_bare || pf_origin(p, func) == PF_STDLIB;
}

bool pf_waits(const struct pf_profile *p, pf_id frame)
{
    const struct pf_func *f = &p->funcs.at[p->frames.at[frame].func];
    struct pf_str name = pf_str_at(p, f->name), file = pf_str_at(p, f->file);

    if (starts(name, "<method '"))
        return method_waits(name);
    if (starts(name, "<built-in "))
        return builtin_waits(name);
    if (is_standard(p, p->frames.at[frame].func, file))
        return waits(stem(file), behind(name, ".").s, behind(name, ".").len);
    bool is_python = file.len > 3 && memcmp(file.s + file.len - 3, ".py", 3) == 0;
    return !is_python && among(native, name.s, name.len);
}

/* asyncio's events.py runs each callback of its loop in _run. */
bool pf_runs_callback(const struct pf_profile *p, pf_id frame)
{
    static const char tail[] = "asyncio/events.py";
    const struct pf_func *f = &p->funcs.at[p->frames.at[frame].func];
    struct pf_str name = behind(pf_str_at(p, f->name), "."), file = pf_str_at(p, f->file);
    size_t n = sizeof tail - 1;

    if (name.len != 4 || memcmp(name.s, "_run", 4) != 0 || file.len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = file.s[file.len - n + i];
        if ((c == '\\' ? '/' : c) != tail[i])
            return false;
    }
    return true;
}

/* Which label sets say that the thread is idle, as the readers of py-spy and austin have it. */
static bool *idle_sets(struct pf_selecting *s)
{
    struct pf_profile *p = s->p;
    bool *idle = pf_alloc_zero(p->mem, p->sets.n, sizeof *idle);
    pf_id state = pf_strz(p, "state"), word = pf_strz(p, "idle");

    if (!idle)
        pf_select_no_memory(s);
    for (pf_id set = 1; idle && set < p->sets.n; set++)
        for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
            const struct pf_label *l = &p->labels.at[p->sets.item[i]];
            idle[set] |= l->kind == PF_LABEL_STR && l->key == state && l->str == word;
        }
    return idle;
}

int pf_select_no_idle(struct pf_selecting *s)
{
    struct pf_str format = pf_str_at(s->p, s->p->format);
    bool *idle = NULL;
    uint32_t n = 0;

    if (format.len == 7 && memcmp(format.s, "asyncio", 7) == 0)
        return 0;
    if (!(idle = idle_sets(s)))
        return -1;
    for (uint32_t i = 0; i < s->n_keep; i++) {
        uint32_t sample = s->keep[i];
        unsigned has = s->stack[s->p->samples.stack[sample]];
        bool waits = (has & PF_FRAME_WAITS) || idle[s->p->samples.labels[sample]];
        if (!waits || (has & PF_FRAME_LOOP))
            s->keep[n++] = sample;
    }
    s->n_keep = n;
    pf_dealloc(s->p->mem, idle);
    return 0;
}
