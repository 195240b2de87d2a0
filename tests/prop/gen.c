/* gen.c - a seeded generator of profiles, plain and hostile. */
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- chance ---- */

struct chance {
    uint64_t state;
};

/* Vigna's xorshift64* */
static uint64_t next(struct chance *c)
{
    c->state ^= c->state >> 12;
    c->state ^= c->state << 25;
    c->state ^= c->state >> 27;
    return c->state * 0x2545f4914f6cdd1d;
}

static uint32_t below(struct chance *c, uint32_t n)
{
    return (uint32_t)((next(c) >> 32) % n);
}

static struct chance chance_from(uint64_t seed)
{
    return (struct chance){seed * 0x9e3779b97f4a7c15 + 1};
}

/* ---- names ---- */

struct text {
    const char *s;
    size_t len;
};

#define TEXT(s)                                                                                    \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }

static const struct text names[] = {
    TEXT("main"),
    TEXT("<module>"),
    TEXT("<lambda>"),
    TEXT("get"),
    TEXT("__init__"),
    TEXT("f\xc3\xbcnc"),
    TEXT("\xe5\x90\x8d"),
    TEXT("a;b"),
    TEXT("two\nlines"),
    TEXT("\xff\xfe"),
    TEXT("nul\0inside"),
    TEXT("\x1b[31mred"),
    TEXT("with space 7"),
    TEXT("f (x.py:3)"),
    TEXT("back\\slash"),
    TEXT("\xe2\x80\xaex"),
    TEXT("<b>&\"quoted\"</b>"),
    TEXT("=1+1"),
    TEXT("\xed\xa0\x80"),
};

static const struct text files[] = {
    TEXT("app.py"),
    TEXT("~"),
    TEXT(""),
    TEXT("/usr/lib/python3.11/json/decoder.py"),
    TEXT("/srv/lib/python3.11/site-packages/pkg/mod.py"),
    TEXT("dir with space/caf\xc3\xa9.py"),
    TEXT("C:\\app\\main.py"),
    TEXT("<frozen importlib._bootstrap>"),
    TEXT("\xff.py"),
};

enum { NAMES = sizeof names / sizeof *names, FILES = sizeof files / sizeof *files };

static pf_id some(struct pf_profile *p, struct chance *c, const struct text *from, uint32_t n)
{
    const struct text *t = &from[below(c, n)];
    return pf_str(p, t->s, t->len);
}

/* ---- profiles by the model's own functions ---- */

static pf_id some_frame(struct pf_profile *p, struct chance *c, enum gen_how how)
{
    pf_id func =
        pf_func(p, some(p, c, names, NAMES), some(p, c, files, FILES), (int64_t)below(c, 4) * 10);
    struct pf_frame frame = {.func = func, .line = below(c, 50)};

    if (how == GEN_ANY && below(c, 4) == 0)
        frame.flags = PF_FOLDED;
    if (how == GEN_ANY && below(c, 4) == 0) {
        frame.addr = next(c) >> below(c, 64);
        frame.mapping = pf_mapping(
            p, &(struct pf_mapping){.start = 4096, .limit = 1 << 20, .file = pf_strz(p, "/bin/x")});
    }
    return pf_frame_full(p, &frame);
}

static pf_id some_labels(struct pf_profile *p, struct chance *c)
{
    pf_id labels[3];
    uint32_t n = below(c, 4);

    for (uint32_t i = 0; i < n; i++) {
        struct pf_label l = {.key = pf_strz(p, i ? "thread" : "bytes")};
        if (below(c, 2)) {
            l.str = some(p, c, names, NAMES);
            if (p->strs.at[l.str].len == 0)
                l.str = pf_strz(p, "x");
        } else {
            l.kind = PF_LABEL_NUM;
            l.num = (int64_t)below(c, 1000) - 500;
            l.unit = pf_strz(p, "bytes");
        }
        labels[i] = pf_label(p, &l);
    }
    return n ? pf_label_set(p, labels, n) : 0;
}

static int64_t some_value(struct chance *c, enum gen_how how)
{
    if (how == GEN_FOLDED)
        return 1 + below(c, 1000);
    return (int64_t)(next(c) >> (8 + below(c, 56))) * (below(c, 8) ? 1 : -1);
}

static void some_samples(struct pf_profile *p, struct chance *c, enum gen_how how)
{
    pf_id pool[24];
    uint32_t pool_n = 1 + below(c, 24), n = below(c, 60);

    for (uint32_t i = 0; i < pool_n; i++)
        pool[i] = some_frame(p, c, how);
    for (uint32_t i = 0; i < n; i++) {
        pf_id stack = 0;
        int64_t value[PF_MAX_TYPES] = {0};
        uint32_t depth = below(c, 12) + (how == GEN_FOLDED);
        for (uint32_t d = 0; d < depth; d++)
            stack = pf_stack(p, stack, pool[below(c, pool_n)]);
        for (uint32_t k = 0; k < p->types.n; k++) {
            value[k] = some_value(c, how);
            if (p->types.at[k].kind == PF_PEAK && value[k] < 0) /* no such are read */
                value[k] = -(value[k] + 1);
        }
        pf_sample_add(p, stack, how == GEN_ANY ? some_labels(p, c) : 0, value);
    }
}

struct pf_profile *gen_profile(struct pf_mem *m, uint64_t seed, enum gen_how how)
{
    struct chance c = chance_from(seed);
    struct pf_profile *p = pf_new(m);

    if (!p)
        return NULL;
    pf_type_add(p, "samples", "count", PF_SUM);
    if (how == GEN_ANY && below(&c, 3) == 0)
        pf_type_add(p, "rss", "bytes", PF_PEAK);
    if (how == GEN_ANY && below(&c, 2))
        pf_type_add(p, "time", "nanoseconds", PF_SUM);
    if (how == GEN_ANY) {
        p->time_ns = (int64_t)below(&c, 3) * 1000000007;
        p->duration_ns = below(&c, 1000);
        if (below(&c, 2))
            pf_push(p, &p->comments, some(p, &c, names, NAMES));
        if (below(&c, 2))
            p->producer = some(p, &c, names, NAMES);
    }
    some_samples(p, &c, how);
    return p;
}

/* ---- profiles as marshalled pstats ---- */

struct buffer {
    uint8_t *at;
    size_t n, cap;
};

static void put(struct buffer *b, const void *data, size_t n)
{
    if (b->n + n > b->cap) {
        b->cap = 2 * (b->n + n);
        b->at = realloc(b->at, b->cap);
        if (!b->at)
            abort();
    }
    memcpy(b->at + b->n, data, n);
    b->n += n;
}

static void put_long(struct buffer *b, char code, uint32_t x)
{
    uint8_t bytes[5] = {(uint8_t)code, (uint8_t)x, (uint8_t)(x >> 8), (uint8_t)(x >> 16),
                        (uint8_t)(x >> 24)};
    put(b, bytes, sizeof bytes);
}

static void put_time(struct buffer *b, struct chance *c, bool floats)
{
    double seconds = (double)(next(c) >> 40) * 1e-9 * (below(c, 3) ? 1 : 3.7);

    if (!floats) {
        put_long(b, 'i', below(c, 1000000));
        return;
    }
    put(b, "g", 1);
    put(b, &seconds, sizeof seconds); /* little-endian machines only, as marshal itself */
}

/* Function i of the table; names and files repeat, lines do not. */
static void put_key(struct buffer *b, uint32_t i)
{
    char name[8];
    static const char *const file[] = {"app.py", "/usr/lib/python3.11/json/decoder.py",
                                       "lib/a b.py"};
    int len = snprintf(name, sizeof name, "f%u", i / 2);

    put_long(b, '(', 3);
    put_long(b, 'u', (uint32_t)strlen(file[i % 3]));
    put(b, file[i % 3], strlen(file[i % 3]));
    put_long(b, 'i', i * 10);
    put_long(b, 'u', (uint32_t)len);
    put(b, name, (size_t)len);
}

static void put_counts(struct buffer *b, struct chance *c, uint32_t first, uint32_t second,
                       bool floats)
{
    put_long(b, 'i', first);
    put_long(b, 'i', second);
    put_time(b, c, floats);
    put_time(b, c, floats);
}

struct gen_bytes gen_pstats(uint64_t seed, bool floats)
{
    struct chance c = chance_from(seed);
    struct buffer b = {0};
    uint32_t n = 1 + below(&c, 12);

    put(&b, "{", 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t callers = below(&c, 4) < n ? below(&c, 4) : 0, calls = 100 + below(&c, 100);
        if (callers > n)
            callers = n;
        put_key(&b, i);
        put_long(&b, '(', 5);
        put_counts(&b, &c, calls - below(&c, 2), calls, floats);
        put(&b, "{", 1);
        for (uint32_t k = 0; k < callers; k++) {
            uint32_t part = 1 + below(&c, 30);
            put_key(&b, (i + k) % n);
            put_long(&b, '(', 4);
            put_counts(&b, &c, part, part, floats);
        }
        put(&b, "0", 1);
    }
    put(&b, "0", 1);
    return (struct gen_bytes){b.at, b.n};
}

/* ---- there and back ---- */

struct gen_bytes gen_written(const struct pf_profile *p, const char *format, int type)
{
    struct pf_err err = {0};
    struct pf_write how = {.type = type};
    struct pf_sink *k = pf_create_mem(p->mem, PF_PLAIN, &err);
    const struct pf_format *f = pf_format_named(format);
    struct gen_bytes out = {0};

    if (!k || f->write(p, k, &how, &err)) {
        fprintf(stderr, "writing %s: %s\n", format, err.msg);
        abort();
    }
    pf_end_frame(k);
    const uint8_t *bytes = pf_sink_bytes(k, &out.n);
    out.at = malloc(out.n + 1);
    if (!out.at)
        abort();
    if (out.n)
        memcpy(out.at, bytes, out.n);
    pf_abandon(k);
    return out;
}

struct pf_profile *gen_read(struct pf_mem *m, struct gen_bytes from, const char *format,
                            struct pf_err *err)
{
    struct pf_source *in = pf_open_mem(m, from.at, from.n, err);
    const struct pf_format *f = format ? pf_format_named(format) : NULL;
    struct pf_profile *p = in ? pf_load(in, f, err) : NULL;

    pf_close(in);
    return p;
}

bool gen_equal(struct gen_bytes a, struct gen_bytes b)
{
    return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

int64_t gen_total(const struct pf_profile *p, const char *type)
{
    int k = pf_type_find(p, type);
    int64_t sum = 0;

    for (uint32_t i = 0; k >= 0 && i < p->samples.n; i++)
        sum += p->samples.value[k][i];
    return sum;
}
