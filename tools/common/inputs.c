/* inputs.c - the profiles of all inputs, one after the other. */
#include "common.h"

#include <stdio.h>
#include <string.h>

enum { NOTES_AT_MOST = 10 };

/* Adds a name to "pb, pprof"; what does not fit is left out. */
static void list_name(char *list, size_t size, const char *name)
{
    size_t n = strlen(list);

    if (n + strlen(name) + 3 <= size)
        snprintf(list + n, size - n, "%s%s", n ? ", " : "", name);
}

static const struct pf_format *from_given(void)
{
    const struct pf_format *f = given.from ? pf_format_named(given.from) : NULL;
    char names[256] = "";

    if (!given.from || (f && f->read))
        return f;
    for (size_t i = 0; pf_formats[i]; i++)
        if (pf_formats[i]->read)
            list_name(names, sizeof names, pf_formats[i]->name);
    die("cannot read format '%.100s'; --from takes one of %s", given.from, names);
}

/* Opens the next input; false: there is none left. */
static bool open_next(struct tool_inputs *in)
{
    struct pf_err err = {0}, unknown = {0};
    int next = in->name ? in->index + 1 : 0;
    const char *path = in->paths[0] ? in->paths[next] : next ? NULL : "-";

    if (!path)
        return false;
    if (!in->name && !in->from)
        in->from = from_given();
    in->index = next;
    in->frame = -1;
    in->bytes_in = 0;
    in->name = strcmp(path, "-") != 0 ? path : "standard input";
    in->in = pf_open(&tool_mem, path, &err);
    if (!in->in)
        die_err(in->name, &err);
    tool_fence();
    progress_input(in->in, in->name);
    in->format = pf_format_probe(in->in, &unknown); /* pf_load tells why, if it is none */
    return true;
}

static void close_input(struct tool_inputs *in)
{
    progress_input(NULL, NULL);
    pf_close(in->in);
    in->in = NULL;
}

/* A reader that was asked for says what it missed; often another one knows what is there. */
static _Noreturn void die_of_input(const struct tool_inputs *in, const struct pf_err *err)
{
    struct pf_err other = {0};

    if (!in->from || !in->format || in->format == in->from || in->frame >= 0
        || (err->code != PF_ESYNTAX && err->code != PF_EFORMAT))
        die_err(in->name, err);
    pf_fail(&other, err->code, "not %s %s file: %.160s (detected: %s)",
            strchr("aeiou", in->from->name[0]) ? "an" : "a", in->from->name, err->msg,
            in->format->name);
    other.where = err->where;
    other.at = err->at;
    die_err(in->name, &other);
}

/* What the reader of a foreign file left out. In our own files it was told when they were made. */
static void tell_notes(const struct tool_inputs *in, const struct pf_profile *p)
{
    if (in->format && !strcmp(in->format->name, "pb"))
        return;
    for (uint32_t i = 0; i < p->notes.n && i < NOTES_AT_MOST; i++)
        warn("%.4096s: %s", in->name, pf_str_at(p, p->notes.at[i]).s);
    if (p->notes.n > NOTES_AT_MOST)
        warn("%.4096s: %u more notes; profinfo lists them", in->name, p->notes.n - NOTES_AT_MOST);
}

struct pf_profile *tool_next(struct tool_inputs *in)
{
    while (in->in || open_next(in)) {
        struct pf_err err = {0};
        struct pf_profile *p = in->into ? pf_load_into(in->into, in->in, in->from, in->how, &err)
                                        : pf_load(in->in, in->from, &err);

        in->bytes_in = pf_bytes_read(in->in);
        if (p) {
            in->format = in->from ? in->from : in->format;
            in->frame++;
            in->count++;
            tell_notes(in, p);
            return p;
        }
        if (err.code == PF_OK && in->frame < 0)
            pf_fail_offset(&err, PF_EFORMAT, pf_offset(in->in), "the input ends without a profile");
        if (err.code != PF_OK)
            die_of_input(in, &err);
        close_input(in);
    }
    return NULL;
}

void tool_merge(struct pf_profile *sum, const struct pf_profile *p, const struct pf_merge_how *how,
                const char *input)
{
    struct pf_err err = {0};

    if (pf_merge(sum, p, how, &err) < 0)
        die_err(input, &err);
}

static void add_to(struct pf_profile *sum, struct pf_profile *p, const struct pf_merge_how *how,
                   const char *input)
{
    tool_merge(sum, p, how, input);
    pf_free(p);
}

/* What is no sum keeps no table to make whole stacks of: where they are wanted, each run gets its
 * own before. */
static void add_run(struct pf_profile *sum, struct pf_profile *p, const struct pf_merge_how *how,
                    const char *input)
{
    tool_count_types(p);
    add_to(sum, how->runs == PF_RUNS_SUM ? p : tool_stacks(p, input), how, input);
}

/* One profile stays as it is; several go into a new one. */
struct pf_profile *tool_rest_merged(struct tool_inputs *in, const struct pf_merge_how *how)
{
    struct pf_profile *first = tool_next(in);
    const char *name = in->name;
    struct pf_profile *p = tool_next(in);

    if (!p)
        return first;

    struct pf_profile *sum = pf_new(&tool_mem);
    if (!sum)
        die("out of memory (see --max-memory)");
    add_run(sum, first, how, name);
    add_run(sum, p, how, in->name);
    while (how->runs != PF_RUNS_SUM && (p = tool_next(in)))
        add_run(sum, p, how, in->name);
    in->into = sum;
    in->how = how;
    for (; (p = tool_next(in)); pf_free(p))
        tool_count_types(p);
    tool_tell_types();
    return sum;
}

struct pf_profile *tool_load_merged(char **paths)
{
    static const struct pf_merge_how how;

    return tool_rest_merged(&(struct tool_inputs){.paths = paths}, &how);
}

static void label_run(struct pf_profile *p, uint32_t run, const char *input)
{
    struct pf_err err = {0};

    if (pf_label_run(p, run, &err))
        die_err(input, &err);
}

void tool_add_run(struct pf_profile **sum, uint32_t n, struct pf_profile *p, const char *input)
{
    static const struct pf_merge_how how = {.gauge = PF_GAUGE_SUM};

    if (n == 1) {
        *sum = p;
        return;
    }
    label_run(p, n, input);
    if (n == 2) { /* merging starts with a profile of our own making */
        struct pf_profile *first = *sum;
        *sum = pf_new(&tool_mem);
        if (!*sum)
            die("out of memory (see --max-memory)");
        label_run(first, 1, input);
        add_to(*sum, first, &how, input);
    }
    add_to(*sum, p, &how, input);
}

void tool_end_runs(struct pf_profile *sum, uint32_t n, const char *input)
{
    struct pf_err err = {0};

    if (n > 1 && pf_label_runs(sum, n, &err))
        die_err(input, &err);
}

const char *tool_inputs_name(char **paths)
{
    if (!paths[0] || (!paths[1] && !strcmp(paths[0], "-")))
        return "standard input";
    return paths[1] ? "all inputs" : paths[0];
}

/* ---- which value ---- */

int tool_sample_given(const struct pf_profile *p)
{
    int type = given.sample ? pf_type_find(p, given.sample) : -1;
    char names[256] = "";

    if (!given.sample || type >= 0)
        return type;
    for (uint32_t k = 0; k < p->types.n; k++)
        list_name(names, sizeof names, pf_str_at(p, p->types.at[k].name).s);
    die("there is no value '%.100s' in the profile; it has %s", given.sample,
        *names ? names : "none");
}

unsigned tool_sample(const struct pf_profile *p)
{
    int type = tool_sample_given(p);

    if (!p->types.n)
        die("the profile has no values");
    return type < 0 ? 0 : (unsigned)type;
}

void tool_sample_first(struct pf_profile *p)
{
    int type = tool_sample_given(p);

    if (type > 0)
        pf_type_first(p, (unsigned)type);
}

/* ---- which value several profiles are compared by ---- */

static char compared[256];

const char *tool_compared(void)
{
    return compared;
}

int tool_sample_compared(const struct pf_profile *p)
{
    if (*compared)
        return pf_type_find(p, compared);

    unsigned type = tool_sample(p);
    struct pf_str name = pf_str_at(p, p->types.at[type].name);
    memcpy(compared, name.s, name.len < sizeof compared ? name.len : sizeof compared - 1);
    return (int)type;
}
