/*
 * pb_write.c - writes a profile.proto message in the canonical order: the same profile gives the
 * same bytes, whatever order it was built in. Samples stand root-first sorted, which makes zstd's
 * output a quarter smaller and lets the reader find stacks without looking them up.
 */
#include "pb_write.h"
#include "profile.h"

#include <stdlib.h>
#include <string.h>

enum { FLUSH_AT = 1 << 16 };

static void flush(struct pb_writing *w, bool all)
{
    if (all || w->buf.n >= FLUSH_AT) {
        pf_put(w->out, w->buf.at, w->buf.n);
        w->buf.n = 0;
        w->last_stack = 0; /* its bytes are to be overwritten */
    }
}

/* ---- strings ---- */

/* Asked again and again for the same few thousand: index[] remembers. */
static uint64_t str(struct pb_writing *w, pf_id id)
{
    struct pf_str s = w->p->strs.at[id];

    if (!id || w->index[id])
        return w->index[id];
    if (w->pprof)
        return w->index[id] = (pf_id)pb_str_index(w, s.s, s.len);
    return w->index[id] = pf_str_hashed(w->strings, s.s, s.len, s.hash);
}

/* ---- small messages: each is made in w->part and then appended ---- */

static void put_part(struct pb_writing *w, uint32_t number)
{
    pb_message(&w->buf, number, &w->part);
    w->part.n = 0;
    flush(w, false);
}

static void extra(struct pb_writing *w, pf_id id)
{
    struct pf_str s = w->p->strs.at[id];
    pb_bytes(&w->part, s.s, s.len);
}

static void put_type(struct pb_writing *w, uint32_t number, const struct pf_type *t)
{
    pb_number(&w->part, 1, str(w, t->name));
    pb_number(&w->part, 2, str(w, t->unit));
    extra(w, t->extra);
    put_part(w, number);
}

static bool type_before(const struct pf_profile *p, uint32_t a, uint32_t b)
{
    const struct pf_type *x = &p->types.at[a], *y = &p->types.at[b];
    int c = pf_str_cmp(p, x->name, y->name);

    return c ? c < 0 : pf_str_cmp(p, x->unit, y->unit) < 0;
}

/* The default first, then by name; but pprof's viewers take the last type where
 * default_sample_type says nothing: there the default stands last. */
static void order_types(struct pb_writing *w)
{
    uint32_t n = w->p->types.n, t[PF_MAX_TYPES] = {0};

    for (uint32_t k = 1; k < n; k++) {
        uint32_t to = k;
        for (; to > 1 && type_before(w->p, k, t[to - 1]); to--)
            t[to] = t[to - 1];
        t[to] = k;
    }
    for (uint32_t k = 0; k < n; k++)
        w->type[k] = w->pprof ? t[(k + 1) % n] : t[k];
}

static void put_types(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;

    for (uint32_t k = 0; k < p->types.n; k++)
        put_type(w, PB_SAMPLE_TYPE, &p->types.at[w->type[k]]);
    if (w->pprof)
        return;
    for (uint32_t k = 0; k < p->types.n; k++) {
        pb_number(&w->part, 1, p->types.at[w->type[k]].kind);
        put_part(w, PB_TYPE_INFO);
    }
}

/* ---- locations ---- */

static void put_line(struct pb_writing *w, const struct pf_frame *f)
{
    struct pb_buf *b = &w->inner;

    b->n = 0;
    pb_number(b, 1, w->o.funcs.rank[f->func]);
    pb_number(b, 2, (uint64_t)f->line);
    pb_number(b, 3, (uint64_t)f->column);
    pb_message(&w->part, 4, b);
}

static void put_location(struct pb_writing *w, uint32_t id)
{
    const struct pf_profile *p = w->p;
    uint32_t n = p->frames.n, outer = id;

    while (outer >= n)
        outer = w->chain_next[outer - n];
    const struct pf_frame *f = &p->frames.at[w->o.frames.at[outer]];
    uint64_t mapping = w->o.maps.rank[f->mapping];
    pb_number(&w->part, 1, id);
    pb_number(&w->part, 2, w->pprof && p->maps.n == 1 ? 1 : mapping);
    pb_number(&w->part, 3, f->addr);
    for (uint32_t at = id; at >= n; at = w->chain_next[at - n])
        put_line(w, &p->frames.at[w->o.frames.at[w->chain_frame[at - n]]]);
    if (f->func)
        put_line(w, f);
    pb_number(&w->part, 5, (f->flags & PF_FOLDED) != 0);
    extra(w, f->extra);
    put_part(w, PB_LOCATION);
}

/* Frames that were inlined are only parts of chains, unless they stand at the root. */
static bool put_locations(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;
    uint8_t *alone = pf_alloc_zero(w->mem, p->frames.n, 1);

    if (!alone)
        return false;
    for (pf_id s = 1; s < p->stacks.n; s++)
        if (w->loc[s] < p->frames.n)
            alone[w->loc[s]] = 1;
    for (uint32_t i = 1; i < p->frames.n; i++)
        if (alone[i] || !(p->frames.at[w->o.frames.at[i]].flags & PF_INLINED))
            put_location(w, i);
    for (uint32_t i = 0; i < w->n_chains; i++)
        put_location(w, p->frames.n + i);
    pf_dealloc(w->mem, alone);
    return true;
}

/* ---- the other tables ---- */

static void put_mappings(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;

    if (w->pprof && p->maps.n == 1) { /* pprof looks for a main binary where there is none */
        pb_number(&w->part, 1, 1);
        for (uint32_t has = 7; has <= 10; has++)
            pb_number(&w->part, has, 1);
        put_part(w, PB_MAPPING);
    }
    for (uint32_t i = 1; i < p->maps.n; i++) {
        const struct pf_mapping *m = &p->maps.at[w->o.maps.at[i]];
        pb_number(&w->part, 1, i);
        pb_number(&w->part, 2, m->start);
        pb_number(&w->part, 3, m->limit);
        pb_number(&w->part, 4, m->offset);
        pb_number(&w->part, 5, str(w, m->file));
        pb_number(&w->part, 6, str(w, m->build_id));
        for (uint32_t has = 0; has < 4; has++)
            pb_number(&w->part, 7 + has, m->has >> has & 1);
        extra(w, m->extra);
        put_part(w, PB_MAPPING);
    }
}

static void put_functions(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;

    for (uint32_t i = 1; i < p->funcs.n; i++) {
        pf_id id = w->o.funcs.at[i];
        const struct pf_func *f = &p->funcs.at[id];
        pb_number(&w->part, 1, i);
        pb_number(&w->part, 2, w->name ? w->name[id] : str(w, f->name));
        pb_number(&w->part, 3, str(w, f->sysname));
        pb_number(&w->part, 4, str(w, f->file));
        pb_number(&w->part, 5, (uint64_t)f->line);
        extra(w, f->extra);
        put_part(w, PB_FUNCTION);
    }
}

static void put_strings(struct pb_writing *w)
{
    for (uint32_t i = 0; i < w->strings->strs.n; i++) {
        struct pf_str s = w->strings->strs.at[i];
        pb_tag(&w->buf, PB_STRING_TABLE, WIRE_LEN);
        pb_varint(&w->buf, s.len);
        pb_bytes(&w->buf, s.s, s.len);
        flush(w, false);
    }
}

/* ---- samples ---- */

static void put_labels(struct pb_writing *w, pf_id set)
{
    const struct pf_profile *p = w->p;
    struct pb_buf *b = &w->inner;

    for (uint32_t i = p->sets.first[set]; i < p->sets.first[set + 1]; i++) {
        const struct pf_label *l = &p->labels.at[w->o.set_items[i]];
        if (l->kind == PF_LABEL_RAW) {
            pb_bytes(&w->part, p->strs.at[l->str].s, p->strs.at[l->str].len);
            continue;
        }
        uint64_t key = str(w, l->key), text = str(w, l->str), unit = str(w, l->unit);
        b->n = 0;
        pb_number(b, 1, key);
        pb_number(b, 2, text);
        pb_number(b, 3, (uint64_t)l->num);
        pb_number(b, 4, unit);
        pb_message(&w->part, 3, b);
    }
}

/* Writes tag and length in front of a packed field, whose bytes then follow. */
static uint8_t *packed(uint8_t *to, uint32_t number, size_t len)
{
    to = pf_put_varint(to, (uint64_t)number << 3 | WIRE_LEN);
    return pf_put_varint(to, len);
}

/* The stack that called the location which ends in s. */
static pf_id caller(const struct pb_writing *w, pf_id s)
{
    while (pb_is_inlined(w, s))
        s = w->p->stacks.parent[s];
    return w->p->stacks.parent[s];
}

/* Counts the bytes that the locations of each stack take: those of its caller, and its own. */
static bool count_location_bytes(struct pb_writing *w)
{
    w->loc_bytes = pf_alloc_zero(w->mem, w->p->stacks.n, sizeof *w->loc_bytes);
    if (!w->loc_bytes)
        return false;
    for (pf_id s = 1; s < w->p->stacks.n; s++)
        if (__builtin_add_overflow(w->loc_bytes[caller(w, s)], pf_varint_size(w->loc[s]),
                                   &w->loc_bytes[s]))
            return false; /* no buffer holds 4 GiB of one stack */
    return true;
}

/* Writes the locations of a stack, leaf first. From the callers on that the sample before has, too,
 * its bytes are repeated: they end at w->buf.at + w->last_end. */
static uint8_t *put_stack(struct pb_writing *w, pf_id stack, uint8_t *to)
{
    pf_id s = stack, t = w->last_stack;

    while (s != t) { /* callers have lower ids */
        if (s < t) {
            t = caller(w, t);
            continue;
        }
        to = pf_put_varint(to, w->loc[s]);
        s = caller(w, s);
    }
    if (s)
        memcpy(to, w->buf.at + w->last_end - w->loc_bytes[s], w->loc_bytes[s]);
    to += w->loc_bytes[s];
    w->last_stack = stack;
    w->last_end = (size_t)(to - w->buf.at);
    return to;
}

/* Samples are written in another order than they stand: memory is asked for the next ones. */
PF_INLINE void ask_for_sample(const struct pb_writing *w, uint32_t n)
{
    enum { COLUMNS = 16, STACK = 8 }; /* how far ahead */
    const struct pf_profile *p = w->p;

    if (n + COLUMNS >= p->samples.n)
        return;
    uint32_t i = w->o.samples[n + COLUMNS];
    PF_ASK(&p->samples.stack[i]);
    PF_ASK(&p->samples.labels[i]);
    for (uint32_t k = 0; k < p->types.n; k++)
        PF_ASK(&p->samples.value[k][i]);
    pf_id stack = p->samples.stack[w->o.samples[n + STACK]];
    PF_ASK(&w->loc_bytes[stack]);
    PF_ASK(&w->loc[stack]);
    PF_ASK(&p->stacks.parent[stack]);
}

/* Samples come by the million: the sizes are counted first, then all is written where it belongs.
 */
static void put_sample(struct pb_writing *w, uint32_t i)
{
    const struct pf_profile *p = w->p;
    size_t locs = w->loc_bytes[p->samples.stack[i]], values = 0, len;
    uint8_t *to;

    for (uint32_t k = 0; k < p->types.n; k++)
        values += pf_varint_size((uint64_t)p->samples.value[k][i]);
    w->part.n = 0;
    if (p->samples.labels[i])
        put_labels(w, p->samples.labels[i]);
    len = (locs ? 1 + pf_varint_size(locs) + locs : 0) + 1 + pf_varint_size(values) + values
          + w->part.n;
    if (!pb_room(&w->buf, len + 16))
        return;
    to = packed(w->buf.at + w->buf.n, PB_SAMPLE, len);
    if (locs)
        to = put_stack(w, p->samples.stack[i], packed(to, 1, locs));
    to = packed(to, 2, values);
    for (uint32_t k = 0; k < p->types.n; k++)
        to = pf_put_varint(to, (uint64_t)p->samples.value[w->type[k]][i]);
    w->buf.n = (size_t)(to - w->buf.at);
    pb_bytes(&w->buf, w->part.at, w->part.n);
    w->part.n = 0;
    flush(w, false);
}

/* ---- the rest ---- */

/* Strings by their indexes, or with number 0 as they are: raw fields. */
static void put_list(struct pb_writing *w, uint32_t number, const struct pf_ids *list)
{
    struct pf_ids sorted;

    if (!pf_order_list(w->p, list, &sorted)) {
        w->buf.failed = true;
        return;
    }
    for (uint32_t i = 0; i < sorted.n; i++) {
        struct pf_str s = w->p->strs.at[sorted.at[i]];
        if (number) {
            pb_tag(&w->buf, number, WIRE_VARINT);
            pb_varint(&w->buf, str(w, sorted.at[i]));
        } else {
            pb_bytes(&w->buf, s.s, s.len);
        }
    }
    pf_dealloc(w->mem, sorted.at);
}

static int put_calls(struct pb_writing *w)
{
    struct pf_calls c;
    int status = -1;

    if (pf_order_calls(w->p, &w->o, &c))
        status = pb_write_calls(&c, w->mem, w->out, w->o.funcs.rank, w->err);
    pf_order_calls_free(w->p, &c);
    return status;
}

static void put_head(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;

    pb_number(&w->buf, PB_DROP_FRAMES, str(w, p->drop_frames));
    pb_number(&w->buf, PB_KEEP_FRAMES, str(w, p->keep_frames));
    pb_number(&w->buf, PB_TIME_NANOS, (uint64_t)p->time_ns);
    pb_number(&w->buf, PB_DURATION_NANOS, (uint64_t)p->duration_ns);
    if (p->period_type.name || p->period_type.unit || p->period_type.extra)
        put_type(w, PB_PERIOD_TYPE, &p->period_type);
    pb_number(&w->buf, PB_PERIOD, (uint64_t)p->period);
    put_list(w, PB_COMMENT, &p->comments);
    if (p->types.n)
        pb_number(&w->buf, PB_DEFAULT_SAMPLE_TYPE, str(w, p->types.at[0].name));
    pb_number(&w->buf, PB_DOC_URL, str(w, p->doc_url));
}

static void put_source_lines(struct pb_writing *w)
{
    struct pf_line *sorted;

    if (!pf_order_lines(w->p, &sorted)) {
        w->buf.failed = true;
        return;
    }
    for (uint32_t i = 0; i < w->p->lines.n; i++) {
        pb_number(&w->part, 1, str(w, sorted[i].file));
        pb_number(&w->part, 2, (uint64_t)sorted[i].line);
        pb_number(&w->part, 3, str(w, sorted[i].text));
        put_part(w, PB_SOURCE_LINE);
    }
    pf_dealloc(w->mem, sorted);
}

static int put_ours(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;

    pb_number(&w->part, 1, str(w, p->format));
    pb_number(&w->part, 2, str(w, p->interpreter));
    pb_number(&w->part, 3, str(w, p->command));
    pb_number(&w->part, 4, p->truncated);
    pb_number(&w->part, 5, p->rounded);
    pb_number(&w->part, 6, p->runs);
    pb_number(&w->part, 7, str(w, p->producer));
    put_part(w, PB_ORIGIN);
    pb_number(&w->buf, PB_STACK_KIND, (uint64_t)p->stack_kind);
    put_list(w, PB_NOTE, &p->notes);
    put_source_lines(w);
    if (p->certificate.method) {
        pb_put_certificate(&w->part, &p->certificate, str(w, p->certificate.method));
        put_part(w, PB_CERTIFICATE);
    }
    flush(w, true);
    return p->calls.n ? put_calls(w) : 0;
}

/* Only string ids are known once all else is written: the string table goes last. */
static int put_all(struct pb_writing *w)
{
    const struct pf_profile *p = w->p;

    if (!w->pprof) {
        pb_number(&w->buf, PB_FORMAT_MAJOR, PB_MAJOR);
        pb_number(&w->buf, PB_FORMAT_MINOR, PB_MINOR);
    }
    order_types(w);
    put_types(w);
    if (!count_location_bytes(w))
        return -1;
    for (uint32_t i = 0; i < p->samples.n; i++) {
        ask_for_sample(w, i);
        put_sample(w, w->o.samples[i]);
    }
    put_mappings(w);
    if (!put_locations(w))
        return -1;
    put_functions(w);
    put_head(w);
    if (!w->pprof && put_ours(w) < 0)
        return -1;
    put_list(w, 0, &p->extras);
    put_strings(w);
    flush(w, true);
    return 0;
}

int pb_write(const struct pf_profile *p, struct pf_sink *out, bool pprof, struct pf_err *err)
{
    struct pf_mem *m = p->mem;
    struct pb_writing w = {.p = p, .out = out, .err = err, .mem = m, .pprof = pprof};

    w.buf.mem = w.part.mem = w.inner.mem = m;
    w.strings = pf_new(m);
    w.index = pf_alloc_zero(m, p->strs.n, sizeof *w.index);
    if (w.strings)
        pf_reserve(w.strings, p->strs.n, 0, 0, 0);
    bool ok = w.strings && w.index && pf_order_make(p, &w.o) && (!pprof || pb_name_functions(&w))
              && pb_find_locations(&w) && put_all(&w) == 0;
    ok = ok && !w.buf.failed && !w.part.failed && !w.inner.failed && !w.strings->err.code;
    if (!ok)
        pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                m->used / PF_MIB);
    pf_order_free(p, &w.o);
    pf_pairs_free(m, &w.chains);
    pf_free(w.strings);
    void *blocks[] = {w.index,      w.name,   w.loc,     w.loc_bytes, w.chain_frame,
                      w.chain_next, w.buf.at, w.part.at, w.inner.at};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(m, blocks[i]);
    return ok ? 0 : -1;
}
