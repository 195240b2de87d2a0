/*
 * fmt_scalene.c - scalene's profile as JSON: of each line the CPU time and the memory.
 *
 * Times are told as percentages of the elapsed time, which comes before them; memory in MiB, as
 * decimals of a double. Time is labelled by where it went: python, native or system. Lines come
 * with their text. What scalene says of whole functions is made of the same lines.
 */
#include "json.h"
#include "text.h"

enum { TIME, ALLOCATED, PEAK, COLUMNS };
enum { PYTHON, NATIVE, SYSTEM, WHERES };
enum { PERCENT_SCALE = 12, NANO = 9 };

struct line {
    int64_t number, time[WHERES], allocated, peak;
    pf_id text;
};

struct reading {
    struct pf_json j;
    struct pf_profile *out;
    int64_t elapsed, told; /* nanoseconds */
    pf_id set[WHERES];
    bool has_elapsed;
};

typedef size_t parse_fn(const char *s, size_t len, int scale, struct pf_decimal *d);

static size_t mebibytes(const char *s, size_t len, int scale, struct pf_decimal *d)
{
    (void)scale;
    return pf_mebibytes(s, len, d);
}

/* A number, which newer versions leave null where there is none. */
static int64_t read_number(struct reading *r, parse_fn *parse, int scale)
{
    struct pf_decimal d = {0};

    if (pf_json_null(&r->j) || !pf_json_number(&r->j))
        return 0;
    parse(r->j.text, r->j.len, scale, &d);
    if (!d.fits)
        pf_json_fail(&r->j, PF_EVALUE, "the number does not fit 63 bits of its unit");
    return d.value;
}

static int64_t read_share(struct reading *r)
{
    const int64_t whole = 100LL * 1000000000000; /* per cent, PERCENT_SCALE digits */
    int64_t ns = 0, share = read_number(r, pf_decimal, PERCENT_SCALE);

    if (!pf_divide((pf_int128)share * r->elapsed, whole, &ns) || !pf_add64(r->told, ns, &r->told))
        pf_json_fail(&r->j, PF_EVALUE, "the time does not fit 63 bits of nanoseconds");
    return ns;
}

static pf_id read_text(struct reading *r)
{
    if (pf_json_null(&r->j) || !pf_json_string(&r->j))
        return 0;
    size_t len = r->j.len;
    while (len && (r->j.text[len - 1] == '\n' || r->j.text[len - 1] == '\r'))
        len--;
    return pf_str(r->out, r->j.text, len);
}

static void add_line(struct reading *r, pf_id file, const struct line *l)
{
    struct pf_profile *p = r->out;
    pf_id stack = pf_stack(p, 0, pf_frame(p, pf_func(p, 0, file, 0), l->number));

    for (unsigned w = 0; w < WHERES; w++)
        if (l->time[w])
            pf_sample_add(p, stack, r->set[w], (int64_t[COLUMNS]){[TIME] = l->time[w]});
    if (l->allocated || l->peak)
        pf_sample_add(p, stack, 0,
                      (int64_t[COLUMNS]){[ALLOCATED] = l->allocated, [PEAK] = l->peak});
    if (l->text)
        pf_source_line(p, file, l->number, l->text);
}

static void read_line(struct reading *r, pf_id file)
{
    static const char *const keys[] = {"lineno",
                                       "line",
                                       "n_cpu_percent_python",
                                       "n_cpu_percent_c",
                                       "n_sys_percent",
                                       "n_malloc_mb",
                                       "n_peak_mb",
                                       NULL};
    struct pf_json *j = &r->j;
    struct line l = {0};
    uint64_t seen = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: pf_json_int(j, &l.number); break;
        case 1: l.text = read_text(r); break;
        case 2: l.time[PYTHON] = read_share(r); break;
        case 3: l.time[NATIVE] = read_share(r); break;
        case 4: l.time[SYSTEM] = read_share(r); break;
        case 5: l.allocated = read_number(r, mebibytes, 0); break;
        case 6: l.peak = read_number(r, mebibytes, 0); break;
        default: pf_json_skip(j); break;
        }
    if (!(seen & 1) || l.number < 1)
        pf_json_fail(j, PF_ESYNTAX, "expected a `lineno` from 1 up");
    else
        add_line(r, file, &l);
}

static void read_lines(struct reading *r, pf_id file)
{
    struct pf_json *j = &r->j;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        if (!pf_json_text_is(j, "lines"))
            pf_json_skip(j);
        else if (pf_json_enter(j, '['))
            while (pf_json_item(j))
                read_line(r, file);
}

static void read_files(struct reading *r)
{
    struct pf_json *j = &r->j;

    if (!r->has_elapsed)
        pf_json_fail(j, PF_ESYNTAX,
                     "`files` comes before `elapsed_time_sec`, which says how long 100%% is");
    if (pf_json_enter(j, '{'))
        while (pf_json_key(j))
            read_lines(r, pf_str(r->out, j->text, j->len));
}

static void read_profile(struct reading *r)
{
    static const char *const keys[] = {"elapsed_time_sec", "files", "program", NULL};
    struct pf_json *j = &r->j;
    uint64_t seen = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0:
            r->has_elapsed = true;
            r->elapsed = read_number(r, pf_decimal, NANO);
            break;
        case 1: read_files(r); break;
        case 2: r->out->command = read_text(r); break;
        default: pf_json_skip(j); break;
        }
    if ((seen & 3) != 3)
        pf_json_fail(j, PF_ESYNTAX, "no `%s`: not a profile of scalene", keys[seen & 1]);
    pf_json_done(j);
}

static void start(struct reading *r, struct pf_source *in, struct pf_err *err)
{
    static const char *const where[WHERES] = {"python", "native", "system"};
    struct pf_profile *p = r->out;

    p->format = p->producer = pf_strz(p, "scalene");
    p->stack_kind = PF_EXACT;
    p->rounded = true;
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "allocated", "bytes", PF_SUM);
    pf_type_add(p, "peak", "bytes", PF_PEAK);
    for (unsigned w = 0; w < WHERES; w++) {
        pf_id label = pf_label(
            p, &(struct pf_label){.key = pf_strz(p, "where"), .str = pf_strz(p, where[w])});
        r->set[w] = pf_label_set(p, &label, 1);
    }
    pf_json_open(&r->j, in, err);
}

static int scalene_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.out = out};

    start(&r, in, err);
    read_profile(&r);
    out->duration_ns = r.elapsed;
    pf_note(
        out,
        "times are made of percentages; %lld of %lld nanoseconds are in lines that scalene reports",
        (long long)r.told, (long long)r.elapsed);
    pf_note(out, "not read: GPU, volume of copies, memory over time");
    if (out->err.code)
        *err = out->err;
    pf_json_close(&r.j);
    return err->code ? -1 : 0;
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
