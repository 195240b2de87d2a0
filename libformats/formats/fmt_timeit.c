/*
 * fmt_timeit.c - what `python -m timeit` and IPython's %timeit print.
 *
 *     raw times: 382 msec, 377 msec                     (with -v)
 *
 *     20000 loops, best of 5: 18.6 usec per loop
 *
 * The statement is not in the output: the results of a file are called statement 1, 2, and so on.
 * Each repeat is a run, and run i holds repeat i of every statement: the time of all its loops, and
 * their number. Without raw times only one repeat is known, the best one or the mean.
 */
#include "profile.h"
#include "timeit.h"

#include <stdio.h>

struct reading {
    struct pf_profile *first;
    struct pf_mem *mem;
    int64_t *raw; /* the raw times that the next result belongs to */
    uint32_t n_raw, cap_raw, runs;
    bool has_raw;
    uint64_t statements, best_only, mean_only, unreliable, failed, bad, first_bad, lone;
};

static void bad_line(struct reading *r, uint64_t line)
{
    if (r->bad++ == 0)
        r->first_bad = line;
}

static struct pf_profile *run_at(struct reading *r, uint32_t i)
{
    struct pf_profile *p = pf_run(r->first, i);

    for (; p && r->runs <= i; r->runs++) {
        struct pf_profile *run = pf_run(r->first, r->runs);
        run->format = pf_strz(run, "timeit");
        run->stack_kind = PF_EXACT;
        run->rounded = true;
        pf_type_add(run, "time", "nanoseconds", PF_SUM);
        pf_type_add(run, "loops", "count", PF_SUM);
    }
    return p;
}

static bool add_repeat(struct reading *r, uint32_t i, int64_t ns, int64_t loops)
{
    struct pf_profile *p = run_at(r, i);
    char name[48];

    if (!p)
        return false;
    snprintf(name, sizeof name, "statement %llu", (unsigned long long)r->statements);
    pf_id frame = pf_frame(p, pf_func(p, pf_strz(p, name), 0, 0), 0);
    pf_sample(p, pf_stack(p, 0, frame), 0, (int64_t[]){ns, loops});
    return !p->err.code;
}

static void take_result(struct reading *r, const struct timeit_result *x)
{
    r->statements++;
    if (!r->n_raw) {
        r->best_only += !x->mean;
        r->mean_only += x->mean;
        add_repeat(r, 0, x->time, x->loops);
    }
    for (uint32_t i = 0; i < r->n_raw && add_repeat(r, i, r->raw[i], x->loops); i++) {
    }
    r->n_raw = 0;
    r->has_raw = false;
}

static void take_raw(struct reading *r, const char *s, size_t len, uint64_t line)
{
    size_t at = 0;
    int64_t ns;
    int found;

    r->lone += r->has_raw;
    r->has_raw = true;
    for (r->n_raw = 0; (found = timeit_raw(s, len, &at, &ns)) > 0;) {
        if (r->n_raw == PF_MAX_RUNS) {
            pf_fail_line(&r->first->err, PF_ELIMIT, line, "more than %d repeats", (int)PF_MAX_RUNS);
            return;
        }
        if (!pf_grow(r->mem, &r->raw, r->n_raw, &r->cap_raw, sizeof *r->raw)) {
            pf_no_memory(r->first);
            return;
        }
        r->raw[r->n_raw++] = ns;
    }
    if (found < 0) {
        bad_line(r, line);
        r->n_raw = 0;
    }
}

static void read_line(struct reading *r, const char *s, size_t len, uint64_t line)
{
    struct timeit_result result;

    switch (timeit_line(s, len, &result)) {
    case TIMEIT_RESULT: take_result(r, &result); break;
    case TIMEIT_RAW: take_raw(r, s, len, line); break;
    case TIMEIT_UNRELIABLE: r->unreliable++; break;
    case TIMEIT_FAILED: r->failed++; break;
    case TIMEIT_BAD:
        bad_line(r, line);
        r->has_raw = false;
        r->n_raw = 0;
        break;
    case TIMEIT_OTHER: break;
    }
}

static int read_lines(struct reading *r, struct pf_source *in, struct pf_err *err)
{
    size_t len;

    for (const char *s; !r->first->err.code && (s = pf_line(in, &len));)
        read_line(r, s, len, pf_line_number(in));
    if (r->first->err.code || pf_source_check(in, err) < 0)
        return -1;
    r->lone += r->has_raw;
    if (r->statements)
        return 0;
    if (r->bad)
        return pf_fail_line(err, PF_ESYNTAX, r->first_bad, "not a time that timeit prints");
    return pf_fail_line(err, PF_ESYNTAX, 1, "no result of timeit (\"N loops, best of M: ...\")");
}

/* The totals of a run must fit as each value does. */
static bool sums_fit(struct pf_profile *p)
{
    for (uint32_t k = 0; k < p->types.n; k++) {
        int64_t sum = 0;
        for (uint32_t i = 0; i < p->samples.n; i++)
            if (!pf_add64(sum, p->samples.value[k][i], &sum))
                return false;
    }
    return true;
}

static void check_sums(struct reading *r)
{
    for (uint32_t i = 0; i < r->runs && !r->first->err.code; i++)
        if (!sums_fit(pf_run(r->first, i)))
            pf_fail(&r->first->err, PF_EVALUE,
                    "the sum of all times or loops does not fit 64 bits");
}

#define BEST_ONLY " without raw times: only the best repeat is known (timeit -v tells all)"
#define MEAN_ONLY " of %timeit: only the mean of the repeats is known"

static void name_producer(struct reading *r)
{
    const char *who = !r->mean_only                  ? "timeit"
                      : r->mean_only < r->statements ? "IPython, timeit"
                                                     : "IPython";

    for (uint32_t i = 0; i < r->runs && !r->first->err.code; i++) {
        struct pf_profile *p = pf_run(r->first, i);
        p->producer = pf_strz(p, who);
    }
}

static void tell(struct reading *r)
{
    struct pf_profile *p = r->first;

    name_producer(r);
    pf_note_count(p, r->best_only, 0, "result" BEST_ONLY, "results" BEST_ONLY);
    pf_note_count(p, r->mean_only, 0, "result" MEAN_ONLY, "results" MEAN_ONLY);
    pf_note_count(p, r->unreliable, 0, "result is likely unreliable, says timeit",
                  "results are likely unreliable, says timeit");
    pf_note_count(p, r->failed, 0, "statement failed (Traceback): it has no time",
                  "statements failed (Traceback): they have no time");
    pf_note_count(p, r->lone, 0, "line of raw times has no result after it: ignored",
                  "lines of raw times have no result after them: ignored");
    pf_note_count(p, r->bad, r->first_bad, "line could not be read and was ignored",
                  "lines could not be read and were ignored");
}

static int timeit_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.first = out, .mem = pf_source_mem(in)};
    int status = -1;

    pf_text(in);
    if (run_at(&r, 0))
        status = read_lines(&r, in, err);
    if (status == 0) {
        check_sums(&r);
        tell(&r);
    }
    if (out->err.code && !err->code)
        *err = out->err;
    pf_dealloc(r.mem, r.raw);
    return err->code ? -1 : status;
}

static int timeit_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *text, *s;
    struct timeit_result result;
    size_t n;

    len = pf_text_head(head, len, buf, &text);
    while ((s = pf_head_line(&text, &len, &n))) {
        enum timeit_is is = timeit_line(s, n, &result);
        size_t at = 0;
        int64_t ns;
        if (is == TIMEIT_RESULT || (is == TIMEIT_RAW && timeit_raw(s, n, &at, &ns) > 0))
            return 90;
    }
    return 0;
}

const struct pf_format pf_format_timeit = {
    .name = "timeit",
    .title = "timeit and IPython's %timeit, all repeats with -v",
    .suffix = ".txt",
    .probe = timeit_probe,
    .read = timeit_read,
};
