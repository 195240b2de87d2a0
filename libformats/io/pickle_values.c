/* pickle_values.c - what a pickle is made of: its bytes, strings, objects and memo. */
#include "pickle.h"
#include "pystr.h"

#include <stdio.h>
#include <string.h>

enum {
    CHUNK = 64 * PF_KIB,      /* asked of the source at a time */
    MAX_STRING = 64 * PF_MIB, /* bytes in one string */
    MAX_TEXT_LINE = 512,      /* of the opcodes that hold lines of text */
    ID_BITS = 28,             /* of a memo entry; the rest is the kind */
    HALF_BITS = ID_BITS / 2,  /* of a pair */
};

/* ---- errors ---- */

bool pf_pickle_fail(struct pf_pickle *m, enum pf_code code, const char *fmt, ...)
{
    char text[sizeof m->err->msg];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    pf_fail_offset(m->err, code, m->start, "%s", text);
    return false;
}

bool pf_pickle_no_memory(struct pf_pickle *m)
{
    pf_fail(m->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
            m->p->mem->used / PF_MIB);
    return false;
}

const char *pf_pickle_text(const struct pf_pickle *m, struct pf_pval v, char buf[PF_PICKLE_TEXT])
{
    static const char *const name[] = {
        [PF_P_NONE] = "None",     [PF_P_INT] = "an int",   [PF_P_HUGE] = "a huge int",
        [PF_P_FLOAT] = "a float", [PF_P_STR] = "a string", [PF_P_CLASS] = "a class",
        [PF_P_LIST] = "a list",   [PF_P_DICT] = "a dict",  [PF_P_OBJECT] = "an object",
    };

    if (v.kind == PF_P_TUPLE)
        snprintf(buf, PF_PICKLE_TEXT, "a tuple of %u", m->obj[v.id].n);
    else if (v.kind == PF_P_OBJECT)
        snprintf(buf, PF_PICKLE_TEXT, "a %s", m->how->global[m->obj[v.id].cls].name);
    else
        return v.kind < PF_P_OWN && name[v.kind] ? name[v.kind] : "a tuple";
    return buf;
}

/* ---- bytes ---- */

bool pf_pickle_cut(struct pf_pickle *m)
{
    if (!pf_source_check(m->in, m->err))
        pf_fail_offset(m->err, PF_ESYNTAX, m->offset + (uint64_t)(m->end - m->base),
                       "the file is cut: the pickle goes on beyond it");
    return false;
}

/* Peeks until n bytes are there, in steps, so that a size that is a lie costs what the input has.
 * False without an error if it has less. */
bool pf_pickle_refill(struct pf_pickle *m, size_t n)
{
    size_t done = (size_t)(m->at - m->base), goal = n > CHUNK ? n : CHUNK, have = 0;

    pf_skip(m->in, done);
    m->offset += done;
    for (size_t want = CHUNK;; want *= 2) {
        want = want < goal ? want : goal;
        m->base = pf_peek(m->in, want, &have);
        if (!m->base || have < want || want == goal)
            break;
    }
    m->at = m->base;
    m->end = m->base ? m->base + have : NULL;
    return have >= n;
}

/* ---- strings ---- */

static bool convert(struct pf_pickle *m, const uint8_t *s, size_t n, struct pf_pval *v)
{
    bool bad;

    if (n > m->cap_text) {
        char *text = pf_realloc(m->p->mem, m->text, 2 * n);
        if (!text)
            return pf_pickle_no_memory(m);
        m->text = text;
        m->cap_text = 2 * n;
    }
    n = pf_py_from_utf8(m->text, s, n, &bad);
    m->bad_utf8 += bad;
    v->id = pf_str(m->p, m->text, n);
    return true;
}

bool pf_pickle_string(struct pf_pickle *m, uint64_t n, bool utf8, struct pf_pval *v)
{
    size_t take = n < MAX_STRING ? (size_t)n : MAX_STRING;

    *v = (struct pf_pval){.kind = PF_P_STR};
    if ((size_t)(m->end - m->at) < take && !pf_pickle_refill(m, take)) {
        if (pf_source_check(m->in, m->err))
            return false;
        return pf_pickle_fail(m, PF_ESYNTAX,
                              "the file is cut: a string claims %llu bytes, %zu are left",
                              (unsigned long long)n, (size_t)(m->end - m->at));
    }
    if (n > MAX_STRING)
        return pf_pickle_fail(m, PF_ELIMIT, "a string of %llu bytes is longer than %d MiB",
                              (unsigned long long)n, (int)MAX_STRING / PF_MIB);
    const uint8_t *s = m->at;
    m->at += take;
    if (utf8 && !pf_py_ascii(s, take))
        return convert(m, s, take, v);
    v->id = pf_str(m->p, (const char *)s, take);
    return true;
}

/* A line of text, without its end; valid until more bytes are asked for. */
bool pf_pickle_line(struct pf_pickle *m, const char **s, size_t *len)
{
    if (m->end - m->at < MAX_TEXT_LINE)
        pf_pickle_refill(m, MAX_TEXT_LINE);
    size_t have = (size_t)(m->end - m->at);
    size_t look = have < MAX_TEXT_LINE ? have : MAX_TEXT_LINE;
    const uint8_t *end = look ? memchr(m->at, '\n', look) : NULL;
    if (!end)
        return look < MAX_TEXT_LINE
                   ? pf_pickle_cut(m)
                   : pf_pickle_fail(m, PF_ELIMIT, "a line of text is longer than %d bytes",
                                    (int)MAX_TEXT_LINE);
    *s = (const char *)m->at;
    *len = (size_t)(end - m->at);
    m->at = end + 1;
    return true;
}

/* ---- objects ---- */

bool pf_pickle_hold(struct pf_pickle *m, pf_id id, const struct pf_pval *item, uint32_t n)
{
    struct pf_pobj *o = &m->obj[id];

    if (n > UINT32_MAX / 4 - o->n)
        return pf_pickle_fail(m, PF_ELIMIT, "a list or dict has more than %u items",
                              UINT32_MAX / 4);
    if (o->n + n > o->cap) {
        uint32_t cap = o->n ? 2 * (o->n + n) : n;
        struct pf_pval *at = pf_realloc(m->p->mem, o->at, cap * sizeof *at);
        if (!at)
            return pf_pickle_no_memory(m);
        o->at = at;
        o->cap = cap;
    }
    memcpy(o->at + o->n, item, n * sizeof *item);
    o->n += n;
    return true;
}

/* A new object; a tuple with its items. */
bool pf_pickle_new(struct pf_pickle *m, enum pf_pkind kind, uint32_t cls,
                   const struct pf_pval *item, uint32_t n, struct pf_pval *v)
{
    struct pf_pobj o = {.n = n, .kind = kind, .cls = cls, .offset = m->start};

    if (!pf_grow(m->p->mem, &m->obj, m->n_obj, &m->cap_obj, sizeof *m->obj))
        return pf_pickle_no_memory(m);
    if (n) {
        o.at = pf_arena_alloc(m->p->mem, &m->arena, n * sizeof *item);
        if (!o.at)
            return pf_pickle_no_memory(m);
        memcpy(o.at, item, n * sizeof *item);
    }
    *v = (struct pf_pval){.kind = kind, .id = m->n_obj};
    m->obj[m->n_obj++] = o;
    return true;
}

const struct pf_pobj *pf_pickle_object(const struct pf_pickle *m, struct pf_pval v)
{
    return v.kind >= PF_P_TUPLE && v.kind <= PF_P_OBJECT ? &m->obj[v.id] : NULL;
}

bool pf_pickle_is(const struct pf_pickle *m, struct pf_pval v, const char *class_name)
{
    return v.kind == PF_P_OBJECT && strcmp(m->how->global[m->obj[v.id].cls].name, class_name) == 0;
}

const struct pf_pval *pf_pickle_attr(const struct pf_pickle *m, struct pf_pval v, const char *key)
{
    const struct pf_pobj *o = pf_pickle_object(m, v);

    if (o && o->kind == PF_P_OBJECT)
        o = o->n ? pf_pickle_object(m, o->at[0]) : NULL;
    if (!o || o->kind != PF_P_DICT)
        return NULL;
    for (uint32_t i = o->n; i >= 2; i -= 2) {
        struct pf_str s = m->p->strs.at[o->at[i - 2].kind == PF_P_STR ? o->at[i - 2].id : 0];
        if (s.len == strlen(key) && memcmp(s.s, key, s.len) == 0)
            return &o->at[i - 1];
    }
    return NULL;
}

/* ---- the memo: nearly all of it is never asked for, so an entry is as small as can be ---- */

/* A value in 32 bits; 0: it does not fit. */
static uint32_t packed(struct pf_pval v)
{
    if (v.kind < PF_P_STR)
        return 0;
    if (v.kind != PF_P_PAIR)
        return v.id >> ID_BITS ? 0 : v.kind << ID_BITS | v.id;
    if (v.more >> HALF_BITS || (uint64_t)v.i >> HALF_BITS)
        return 0;
    return v.kind << ID_BITS | v.more << HALF_BITS | (uint32_t)v.i;
}

static struct pf_pval unpacked(uint32_t entry)
{
    uint32_t bits = entry & (((uint32_t)1 << ID_BITS) - 1);
    struct pf_pval v = {.kind = entry >> ID_BITS, .id = bits};

    if (v.kind == PF_P_PAIR) {
        v.more = bits >> HALF_BITS;
        v.i = bits & (((uint32_t)1 << HALF_BITS) - 1);
    }
    return v;
}

/* No pickle has more objects than bytes, so an index beyond them is a lie. */
bool pf_pickle_put(struct pf_pickle *m, uint32_t index, struct pf_pval v)
{
    uint32_t entry = packed(v);

    if (index >= m->start)
        return pf_pickle_fail(m, PF_ESYNTAX, "memo entry %u: the file has only %llu bytes so far",
                              index, (unsigned long long)m->start);
    if (!pf_grow(m->p->mem, &m->memo, index, &m->cap_memo, sizeof *m->memo))
        return pf_pickle_no_memory(m);
    while (m->n_memo <= index)
        m->memo[m->n_memo++] = 0;
    if (!entry) {
        if (m->n_kept >> ID_BITS
            || !pf_grow(m->p->mem, &m->kept, m->n_kept, &m->cap_kept, sizeof *m->kept))
            return pf_pickle_no_memory(m);
        m->kept[m->n_kept] = v;
        entry = (uint32_t)PF_P_KEPT << ID_BITS | m->n_kept++;
    }
    m->puts += !m->memo[index];
    m->memo[index] = entry;
    return true;
}

bool pf_pickle_get(struct pf_pickle *m, uint32_t index, struct pf_pval *v)
{
    uint32_t entry = index < m->n_memo ? m->memo[index] : 0;

    if (!entry)
        return pf_pickle_fail(m, PF_ESYNTAX, "memo entry %u is empty", index);
    *v = unpacked(entry);
    if (v->kind == PF_P_KEPT)
        *v = m->kept[v->id];
    return true;
}

/* ---- the beginning and the end ---- */

bool pf_pickle_open(struct pf_pickle *m, const struct pf_pickle_how *how, void *ctx,
                    struct pf_source *in, struct pf_profile *p, struct pf_err *err)
{
    struct pf_pval none;

    *m = (struct pf_pickle){.how = how, .ctx = ctx, .in = in, .p = p, .err = err};
    m->offset = m->start = pf_offset(in);
    return pf_pickle_new(m, PF_P_TUPLE, 0, NULL, 0, &none);
}

void pf_pickle_close(struct pf_pickle *m)
{
    struct pf_mem *mem = m->p->mem;

    if (m->base)
        pf_skip(m->in, (size_t)(m->at - m->base));
    for (uint32_t i = 0; i < m->n_obj; i++)
        if (m->obj[i].kind != PF_P_TUPLE)
            pf_dealloc(mem, m->obj[i].at);
    pf_arena_free(mem, &m->arena);
    void *blocks[] = {m->obj, m->stack, m->memo, m->kept, m->text};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        pf_dealloc(mem, blocks[i]);
}
