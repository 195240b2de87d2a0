/*
 * fmt_scalene.c - scalene's profile as JSON: of each line the CPU time and the memory.
 *
 * Times are told as percentages of the elapsed time, which comes before them; memory in MiB, as
 * decimals of a double. Time is labelled by where it went: python, native or system. Lines come
 * with their text. What scalene says of whole functions is made of the same lines.
 */
#include "json.h"
#include "text.h"
#include "threads.h"

#include <string.h>

enum { TIME, ALLOCATED, PEAK, COLUMNS };
enum { PYTHON, NATIVE, SYSTEM, WHERES };
enum { PER_CENT = 12, SECONDS = 9 }; /* digits */

struct reading {
    struct pf_json j;
    struct pf_profile *out;
    int64_t elapsed, told; /* nanoseconds */
    pf_id set[WHERES], command;
};

struct line {
    int64_t number, value[COLUMNS], share[WHERES];
    pf_id text;
};

static const struct pf_json_field of_line[] = {
    {"lineno", PF_JSON_INT, offsetof(struct line, number), 0, NULL},
    {"line", PF_JSON_STRING, offsetof(struct line, text), 0, NULL},
    {"n_cpu_percent_python", PF_JSON_DECIMAL, offsetof(struct line, share[PYTHON]), PER_CENT, NULL},
    {"n_cpu_percent_c", PF_JSON_DECIMAL, offsetof(struct line, share[NATIVE]), PER_CENT, NULL},
    {"n_sys_percent", PF_JSON_DECIMAL, offsetof(struct line, share[SYSTEM]), PER_CENT, NULL},
    {"n_malloc_mb", PF_JSON_MIB, offsetof(struct line, value[ALLOCATED]), 0, NULL},
    {"n_peak_mb", PF_JSON_MIB, offsetof(struct line, value[PEAK]), 0, NULL},
    {0},
};

static void add_line(struct reading *r, pf_id file, struct line *l)
{
    const int64_t whole = 100 * 1000000000000; /* per cent, PER_CENT digits */
    struct pf_profile *p = r->out;
    struct pf_str text = pf_str_at(p, l->text);
    pf_id stack = pf_stack(p, 0, pf_frame(p, pf_func(p, 0, file, 0), l->number));

    for (unsigned w = 0; w < WHERES; w++) {
        int64_t time[COLUMNS] = {0};
        if (!pf_divide((pf_int128)l->share[w] * r->elapsed, whole, &time[TIME])
            || !pf_add64(r->told, time[TIME], &r->told))
            pf_json_fail(&r->j, PF_EVALUE, "the time does not fit 63 bits of nanoseconds");
        if (time[TIME])
            pf_sample_add(p, stack, r->set[w], time);
    }
    if (l->value[ALLOCATED] || l->value[PEAK])
        pf_sample_add(p, stack, 0, l->value);
    while (text.len && (text.s[text.len - 1] == '\n' || text.s[text.len - 1] == '\r'))
        text.len--;
    if (text.len)
        pf_source_line(p, file, l->number, pf_str(p, text.s, text.len));
}

static void read_line(struct reading *r, pf_id file)
{
    struct line l = {0};

    pf_json_object(&r->j, of_line, r->out, &l);
    if (l.number < 1)
        pf_json_fail(&r->j, PF_ESYNTAX, "expected a `lineno` from 1 up");
    else if (!r->j.err->code)
        add_line(r, file, &l);
}

static void read_files(void *to)
{
    struct reading *r = to;
    struct pf_json *j = &r->j;

    if (r->elapsed == INT64_MIN)
        pf_json_fail(j, PF_ESYNTAX,
                     "`files` comes before `elapsed_time_sec`, which says how long 100%% is");
    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j)) {
        pf_id file = pf_str(r->out, j->text, j->len);
        if (pf_json_enter(j, '{'))
            while (pf_json_member(j, "lines") && pf_json_enter(j, '['))
                while (pf_json_item(j))
                    read_line(r, file);
    }
}

static const struct pf_json_field of_file[] = {
    {"elapsed_time_sec", PF_JSON_DECIMAL, offsetof(struct reading, elapsed), SECONDS, NULL},
    {"files", PF_JSON_CALL, 0, 0, read_files},
    {"program", PF_JSON_STRING, offsetof(struct reading, command), 0, NULL},
    {0},
};

static int scalene_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    static const char *const where[WHERES] = {"python", "native", "system"};
    struct reading r = {.out = out, .elapsed = INT64_MIN};

    out->format = out->producer = pf_strz(out, "scalene");
    out->stack_kind = PF_EXACT;
    out->rounded = true;
    pf_type_add(out, "time", "nanoseconds", PF_SUM);
    pf_type_add(out, "allocated", "bytes", PF_SUM);
    pf_type_add(out, "peak", "bytes", PF_PEAK);
    for (unsigned w = 0; w < WHERES; w++) {
        pf_id label = label_text(out, "where", where[w], strlen(where[w]));
        r.set[w] = pf_label_set(out, &label, 1);
    }
    pf_json_open(&r.j, in, err);
    uint64_t seen = pf_json_object(&r.j, of_file, out, &r);
    if ((seen & 3) != 3)
        pf_json_fail(&r.j, PF_ESYNTAX, "no `%s`: not a profile of scalene", of_file[seen & 1].name);
    pf_json_done(&r.j);
    out->command = r.command;
    out->duration_ns = r.elapsed;
    pf_note(
        out,
        "times are made of percentages; %lld of %lld nanoseconds are in lines that scalene reports",
        (long long)r.told, (long long)r.elapsed);
    pf_note(out, "not read: GPU, volume of copies, memory over time");
    return pf_json_end(&r.j, out);
}

static int scalene_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    struct pf_json_head h = pf_json_head(head, len, buf);

    return h.open == '{' && pf_json_head_key(&h, 1, "elapsed_time_sec", NULL) ? 90 : 0;
}

const struct pf_format pf_format_scalene = {
    .name = "scalene",
    .title = "scalene --json: time and memory of lines",
    .suffix = ".json",
    .packing = PF_PLAIN,
    .probe = scalene_probe,
    .read = scalene_read,
};
