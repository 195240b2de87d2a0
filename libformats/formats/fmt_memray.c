/*
 * fmt_memray.c - what `memray stats --json` tells of a capture: its totals and the largest places.
 *
 * A place, `function:file:line`, comes by size, by number of allocations or by both; what it was
 * not listed for is not known of it. All that is in no place stands under the empty stack, so that
 * the totals are those of the capture.
 */
#include "json.h"
#include "text.h"

#include <string.h>

enum { BYTES, ALLOCATIONS, COLUMNS };

struct reading {
    struct pf_json j;
    struct pf_profile *out;
    int64_t total[COLUMNS], listed[COLUMNS];
};

/* C++ names hold `::`, and files may hold a colon: the name ends at the first single one. */
static size_t name_end(const char *s, size_t len)
{
    const char *end = s + len, *at = memchr(s, ':', len);

    while (at && at + 1 < end && at[1] == ':')
        at = memchr(at + 2, ':', (size_t)(end - at - 2));
    return at ? (size_t)(at - s) : len;
}

static pf_id place(struct pf_profile *p, const char *s, size_t len)
{
    const char *colon = memrchr(s, ':', len);
    size_t name = name_end(s, len), file = colon ? (size_t)(colon - s) : 0;
    struct pf_decimal line;

    if (file <= name || !pf_is_digit(colon[1])
        || pf_decimal(colon + 1, len - file - 1, 0, &line) != len - file - 1 || !line.exact)
        return pf_stack(p, 0, pf_frame(p, pf_func(p, pf_str(p, s, len), 0, 0), 0));
    pf_id func = pf_func(p, pf_str(p, s, name), pf_str(p, s + name + 1, file - name - 1), 0);
    return pf_stack(p, 0, pf_frame(p, func, line.value));
}

static void read_place(struct reading *r, unsigned column)
{
    const char *const keys[] = {"location", column == BYTES ? "size" : "count", NULL};
    struct pf_json *j = &r->j;
    int64_t value[COLUMNS] = {0};
    uint64_t seen = 0;
    pf_id stack = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j))
        switch (pf_json_which(j, keys, &seen)) {
        case 0: stack = pf_json_string(j) ? place(r->out, j->text, j->len) : 0; break;
        case 1: pf_json_int(j, &value[column]); break;
        default: pf_json_skip(j); break;
        }
    if (seen != 3)
        pf_json_fail(j, PF_ESYNTAX, "expected a `location` and its `%s`", keys[1]);
    else if (!pf_add64(r->listed[column], value[column], &r->listed[column]))
        pf_json_fail(j, PF_EVALUE, "the sum of `%s` does not fit 63 bits", keys[1]);
    else
        pf_sample_add(r->out, stack, 0, value);
}

static void read_file(struct reading *r)
{
    static const char *const keys[] = {"total_bytes_allocated",
                                       "total_num_allocations",
                                       "top_allocations_by_size",
                                       "top_allocations_by_count",
                                       "metadata",
                                       NULL};
    struct pf_json *j = &r->j;
    uint64_t seen = 0;

    if (!pf_json_enter(j, '{'))
        return;
    while (pf_json_key(j)) {
        int key = pf_json_which(j, keys, &seen);
        if (key == 0 || key == 1)
            pf_json_int(j, &r->total[key]);
        else if (key < 0)
            pf_json_skip(j);
        else if (key < 4 && pf_json_enter(j, '['))
            while (pf_json_item(j))
                read_place(r, key == 2 ? BYTES : ALLOCATIONS);
        else if (key == 4 && pf_json_enter(j, '{'))
            while (pf_json_member(j, "command_line"))
                r->out->command = pf_json_text(j, r->out);
    }
    if ((seen & 3) != 3)
        pf_json_fail(j, PF_ESYNTAX, "no `%s`: not the statistics of memray", keys[seen & 1]);
    pf_json_done(j);
}

/* What is in none of the places. */
static void add_rest(struct reading *r)
{
    int64_t rest[COLUMNS];

    for (unsigned i = 0; i < COLUMNS; i++)
        if (__builtin_sub_overflow(r->total[i], r->listed[i], &rest[i]) || rest[i] < 0)
            pf_json_fail(&r->j, PF_EVALUE, "the places hold more than the total of %lld",
                         (long long)r->total[i]);
    if (r->j.err->code || (!rest[BYTES] && !rest[ALLOCATIONS]))
        return;
    pf_note(r->out,
            "not in one of the largest places, and under no stack: %lld bytes, %lld allocations",
            (long long)rest[BYTES], (long long)rest[ALLOCATIONS]);
    pf_sample_add(r->out, 0, 0, rest);
}

static int memray_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    struct reading r = {.out = out};

    out->format = out->producer = pf_strz(out, "memray");
    out->stack_kind = PF_EXACT;
    out->truncated = true; /* of a stack, the statistics tell the innermost place */
    pf_type_add(out, "allocated", "bytes", PF_SUM);
    pf_type_add(out, "allocations", "count", PF_SUM);
    pf_json_open(&r.j, in, err);
    read_file(&r);
    add_rest(&r);
    return pf_json_end(&r.j, out);
}

static int memray_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    struct pf_json_head h = pf_json_head(head, len, buf);
    bool has_total = pf_json_head_key(&h, 1, "total_bytes_allocated", NULL)
                     || pf_json_head_key(&h, 1, "total_num_allocations", NULL);

    return h.open == '{' && has_total ? 95 : 0;
}

const struct pf_format pf_format_memray = {
    .name = "memray",
    .title = "memray stats --json: totals and largest places",
    .suffix = ".json",
    .packing = PF_PLAIN,
    .probe = memray_probe,
    .read = memray_read,
};
