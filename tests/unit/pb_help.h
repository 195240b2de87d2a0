/*
 * pb_help.h - what the tests of profile.proto share: messages written as text, and profiles shown
 * as text.
 *
 * A message is a list of fields: 1:-5 a varint, 4'text' bytes, 4{2:1 3'x'} a message, 1[1 2] packed
 * varints, 1!5 and 1%5 fixed numbers of 8 and 4 bytes, ~0aff raw bytes. @ marks an offset.
 */
#ifndef PB_HELP_H
#define PB_HELP_H

#include "pb.h"
#include "profile.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_err err;

static inline void setup(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
}

static inline void teardown(void)
{
    ck_assert_uint_eq(mem.used, 0);
}

/* ---- bytes ---- */

struct bytes {
    uint8_t at[16384];
    size_t n;
    size_t mark; /* of the @ */
};

static inline void put_bytes(struct bytes *b, const void *data, size_t n)
{
    ck_assert_uint_le(b->n + n, sizeof b->at);
    if (n)
        memcpy(b->at + b->n, data, n);
    b->n += n;
}

static inline void put_varint(struct bytes *b, uint64_t v)
{
    uint8_t to[10];

    put_bytes(b, to, (size_t)(pf_put_varint(to, v) - to));
}

static inline void put_fixed(struct bytes *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++, v >>= 8)
        put_bytes(b, &(uint8_t){(uint8_t)v}, 1);
}

static inline uint64_t take_number(const char **s)
{
    char *end;
    uint64_t v = **s == '-' ? (uint64_t)strtoll(*s, &end, 0) : strtoull(*s, &end, 0);

    ck_assert_msg(end != *s, "a number is wanted at '%s'", *s);
    *s = end;
    return v;
}

static inline void put_raw(struct bytes *b, const char **s)
{
    for (++*s; isxdigit((unsigned char)**s); *s += 2) {
        char hex[3] = {(*s)[0], (*s)[1], 0};
        put_bytes(b, &(uint8_t){(uint8_t)strtoul(hex, NULL, 16)}, 1);
    }
}

static inline void put_field(struct bytes *b, const char **s);

/* Fields up to the brace that closes them, or the end. */
static inline void put_fields(struct bytes *b, const char **s)
{
    for (;;) {
        while (**s == ' ')
            ++*s;
        if (!**s || **s == '}')
            return;
        if (**s == '@') {
            b->mark = b->n + 1; /* 0: none yet */
            ++*s;
        } else if (**s == '~') {
            put_raw(b, s);
        } else {
            put_field(b, s);
        }
    }
}

static inline void put_inner(struct bytes *b, const struct bytes *inner)
{
    put_varint(b, inner->n);
    if (inner->mark)
        b->mark = b->n + inner->mark;
    put_bytes(b, inner->at, inner->n);
}

static inline void put_field(struct bytes *b, const char **s)
{
    struct bytes inner = {.n = 0};
    uint64_t number = take_number(s);
    char kind = *(*s)++;
    const char *types = ":'{[!%", *type = strchr(types, kind);

    ck_assert_msg(type && kind, "a kind of field is wanted at '%s'", *s - 1);
    put_varint(b, number << 3 | (uint64_t) "\0\2\2\2\1\5"[type - types]);
    if (kind == ':') {
        put_varint(b, take_number(s));
    } else if (kind == '\'') {
        size_t len = strcspn(*s, "'");
        put_bytes(&inner, *s, len);
        *s += len + 1;
    } else if (kind == '{') {
        put_fields(&inner, s);
        ck_assert_int_eq(*(*s)++, '}');
    } else if (kind == '[') {
        for (; **s != ']'; *s += **s == ' ')
            put_varint(&inner, take_number(s));
        ++*s;
    } else {
        put_fixed(b, take_number(s), kind == '!' ? 8 : 4);
    }
    if (strchr("'{[", kind))
        put_inner(b, &inner);
}

static inline struct bytes bytes_of(const char *text)
{
    struct bytes b = {.n = 0};

    put_fields(&b, &text);
    ck_assert_int_eq(*text, 0);
    return b;
}

/* ---- reading and writing ---- */

static inline struct pf_profile *load_bytes(const void *data, size_t n, const char *format)
{
    const struct pf_format *f = format ? pf_format_named(format) : NULL;
    struct pf_source *in = pf_open_mem(&mem, data, n, &err);
    struct pf_profile *q = in ? pf_load(in, f, &err) : NULL;

    pf_close(in);
    return q;
}

static inline struct pf_profile *load_text(const char *text)
{
    struct bytes b = bytes_of(text);
    struct pf_profile *q = load_bytes(b.at, b.n, "pprof");

    ck_assert_msg(q != NULL, "%s at %lu", err.msg, (unsigned long)err.at);
    ck_assert_int_eq(pf_check(q, NULL, NULL), 0);
    return q;
}

static inline struct bytes written(const struct pf_profile *q, bool pprof)
{
    struct pf_sink *k = pf_create_mem(q->mem, PF_PLAIN, &err);
    struct bytes b = {.n = 0};
    size_t n;

    ck_assert_ptr_nonnull(k);
    ck_assert_msg(pb_write(q, k, pprof, &err) == 0, "%s", err.msg);
    pf_end_frame(k);
    const uint8_t *at = pf_sink_bytes(k, &n);
    put_bytes(&b, at, n);
    pf_abandon(k);
    return b;
}

static inline void expect_bytes(const struct bytes *a, const struct bytes *b)
{
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_mem_eq(a->at, b->at, a->n);
}

/* Writes and reads: the same bytes again. What is read is given back. */
static inline struct pf_profile *there_and_back(const struct pf_profile *q)
{
    struct bytes once = written(q, false);
    struct pf_profile *r = load_bytes(once.at, once.n, NULL);

    ck_assert_msg(r != NULL, "%s at %lu", err.msg, (unsigned long)err.at);
    ck_assert_int_eq(pf_check(r, NULL, NULL), 0);
    struct bytes twice = written(r, false);
    expect_bytes(&once, &twice);
    return r;
}

/* ---- profiles as text ---- */

static inline const char *text_of(const struct pf_profile *q, pf_id id)
{
    return q->strs.at[id].s;
}

struct shown {
    char s[8192];
    size_t n;
};

PF_PRINTF(2, 3) static inline void show(struct shown *t, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(t->s + t->n, sizeof t->s - t->n, fmt, ap);
    va_end(ap);
    ck_assert(n >= 0 && t->n + (size_t)n < sizeof t->s);
    t->n += (size_t)n;
}

/* name:line, + in front where it was inlined into the frame before, % where it was folded */
static inline void show_frame(struct shown *t, const struct pf_profile *q, pf_id id)
{
    const struct pf_frame *f = &q->frames.at[id];

    show(t, "%s%s%s", f->flags & PF_INLINED ? "+" : "", f->flags & PF_FOLDED ? "%" : "",
         text_of(q, q->funcs.at[f->func].name));
    if (f->line)
        show(t, ":%lld", (long long)f->line);
    if (f->column)
        show(t, ":%lld", (long long)f->column);
    if (f->addr)
        show(t, "@%llx", (unsigned long long)f->addr);
}

static inline void show_label(struct shown *t, const struct pf_profile *q, pf_id id)
{
    const struct pf_label *l = &q->labels.at[id];

    if (l->kind == PF_LABEL_RAW)
        show(t, " raw(%u)", q->strs.at[l->str].len);
    else if (l->kind == PF_LABEL_NUM)
        show(t, " %s=%lld%s", text_of(q, l->key), (long long)l->num, text_of(q, l->unit));
    else
        show(t, " %s='%s'", text_of(q, l->key), text_of(q, l->str));
}

static inline void show_sample(struct shown *t, const struct pf_profile *q, uint32_t i)
{
    struct pf_path path = {0};
    pf_id set = q->samples.labels[i];

    ck_assert(pf_unwind(q, q->samples.stack[i], &path));
    for (uint32_t k = 0; k < path.n; k++) {
        show(t, "%s", k ? ";" : "");
        show_frame(t, q, path.frame[k]);
    }
    pf_dealloc(q->mem, path.frame);
    for (uint32_t k = 0; k < q->types.n; k++)
        show(t, " %lld", (long long)q->samples.value[k][i]);
    for (uint32_t k = q->sets.first[set]; k < q->sets.first[set + 1]; k++)
        show_label(t, q, q->sets.item[k]);
    show(t, "\n");
}

static inline struct shown samples_of(const struct pf_profile *q)
{
    struct shown t = {.n = 0};

    t.s[0] = 0;
    for (uint32_t i = 0; i < q->samples.n; i++)
        show_sample(&t, q, i);
    return t;
}

static inline void expect_samples(const struct pf_profile *q, const char *text)
{
    struct shown t = samples_of(q);

    ck_assert_str_eq(t.s, text);
}

static inline void expect_string(const struct pf_profile *q, pf_id id, const char *text)
{
    ck_assert_str_eq(text_of(q, id), text);
}

#endif
