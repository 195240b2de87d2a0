/* pickle.c - the machine that does a pickle's opcodes, as far as they make plain data. */
#include "pickle.h"

#include <endian.h>
#include <string.h>

enum { NEWEST_PROTOCOL = 5 };

/* ---- the stack ---- */

static const char *op_name(const struct pf_pickle *m)
{
    return pf_pickle_op_name(m->op);
}

static bool grow_stack(struct pf_pickle *m)
{
    if (m->n >= PF_PICKLE_STACK)
        return pf_pickle_fail(m, PF_ELIMIT, "more than %d values wait on the stack",
                              (int)PF_PICKLE_STACK);
    return pf_grow(m->p->mem, &m->stack, m->n, &m->cap, sizeof *m->stack) || pf_pickle_no_memory(m);
}

static inline bool push(struct pf_pickle *m, struct pf_pval v)
{
    if (__builtin_expect(m->n >= m->cap, 0) && !grow_stack(m))
        return false;
    m->stack[m->n++] = v;
    return true;
}

static inline bool push_int(struct pf_pickle *m, int64_t i)
{
    return push(m, (struct pf_pval){.kind = PF_P_INT, .i = i});
}

/* Are there n values above the innermost mark? */
static inline bool holds(struct pf_pickle *m, uint32_t n)
{
    return __builtin_expect(m->n - m->floor >= n, 1)
           || pf_pickle_fail(m, PF_ESYNTAX, "%s needs %u values, the stack has %u", op_name(m), n,
                             m->n - m->floor);
}

static bool mark(struct pf_pickle *m)
{
    if (m->marks >= PF_PICKLE_MARKS)
        return pf_pickle_fail(m, PF_ELIMIT, "more than %d marks are open", (int)PF_PICKLE_MARKS);
    m->mark[m->marks++] = m->floor = m->n;
    return true;
}

/* What stands above the innermost mark, which is taken away; the values are still there. */
static inline bool pop_mark(struct pf_pickle *m, uint32_t *from)
{
    if (!m->marks)
        return pf_pickle_fail(m, PF_ESYNTAX, "%s finds no mark", op_name(m));
    *from = m->mark[--m->marks];
    m->floor = m->marks ? m->mark[m->marks - 1] : 0;
    return true;
}

/* ---- numbers ---- */

static inline uint16_t get16(const uint8_t *b)
{
    uint16_t x;
    memcpy(&x, b, sizeof x);
    return le16toh(x);
}

static inline uint32_t get32(const uint8_t *b)
{
    uint32_t x;
    memcpy(&x, b, sizeof x);
    return le32toh(x);
}

static inline uint64_t get64(const uint8_t *b)
{
    uint64_t x;
    memcpy(&x, b, sizeof x);
    return le64toh(x);
}

/* n bytes as a number without a sign. */
static inline bool take(struct pf_pickle *m, size_t n, uint64_t *x)
{
    if (!pf_pickle_need(m, n))
        return false;
    *x = n == 1 ? *m->at : n == 2 ? get16(m->at) : n == 4 ? get32(m->at) : get64(m->at);
    m->at += n;
    return true;
}

/* LONG1: two's complement, as many bytes as are needed. */
static bool take_long(struct pf_pickle *m)
{
    struct pf_pval v = {.kind = PF_P_INT};
    uint64_t n, bits;

    if (!take(m, 1, &n) || !pf_pickle_need(m, n))
        return false;
    bits = n && m->at[n - 1] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = n; i > 0; i--) {
        if (i > 8 && m->at[i - 1] != (bits & 0xff))
            v.kind = PF_P_HUGE;
        if (i <= 8)
            bits = bits << 8 | m->at[i - 1];
    }
    if (n > 8 && (bits >> 63) != (m->at[n - 1] >> 7))
        v.kind = PF_P_HUGE;
    m->at += n;
    v.i = v.kind == PF_P_INT ? (int64_t)bits : 0;
    return push(m, v);
}

static bool take_float(struct pf_pickle *m)
{
    struct pf_pval v = {.kind = PF_P_FLOAT};
    uint64_t bits;

    if (!take(m, 8, &bits))
        return false;
    bits = be64toh(htole64(bits));
    memcpy(&v.d, &bits, sizeof bits);
    return push(m, v);
}

/* INT: Python 2 writes those beyond 32 bits as text. */
static bool take_text_int(struct pf_pickle *m)
{
    const char *s;
    size_t len, i = 0;
    int64_t x = 0;

    if (!pf_pickle_line(m, &s, &len))
        return false;
    bool negative = len && s[0] == '-';
    for (i = negative; i < len && s[i] >= '0' && s[i] <= '9'; i++)
        if (__builtin_mul_overflow(x, 10, &x)
            || __builtin_add_overflow(x, negative ? '0' - s[i] : s[i] - '0', &x))
            return pf_pickle_fail(m, PF_EVALUE, "INT: the number does not fit 64 bits");
    if (i < len || i == negative)
        return pf_pickle_fail(m, PF_ESYNTAX, "INT: this is no number");
    return push_int(m, x);
}

static bool take_string(struct pf_pickle *m, size_t size_of_size, bool utf8)
{
    struct pf_pval v;
    uint64_t n;

    return take(m, size_of_size, &n) && pf_pickle_string(m, n, utf8, &v) && push(m, v);
}

/* ---- globals: nothing but the names that are allowed ---- */

static bool push_global(struct pf_pickle *m, const char *module, size_t module_len,
                        const char *name, size_t name_len)
{
    const struct pf_pickle_global *g = m->how->global;
    size_t n = sizeof m->how->global / sizeof *g;

    for (uint32_t i = 0; i < n && g[i].module; i++)
        if (strlen(g[i].module) == module_len && memcmp(g[i].module, module, module_len) == 0
            && strlen(g[i].name) == name_len && memcmp(g[i].name, name, name_len) == 0)
            return push(m, (struct pf_pval){.kind = PF_P_CLASS, .id = i});
    const char *hint = m->how->hint ? m->how->hint(module, module_len) : NULL;
    return pf_pickle_fail(m, PF_ESYNTAX, "%s names '%.*s.%.*s', which is refused%s%s", op_name(m),
                          (int)(module_len < 60 ? module_len : 60), module,
                          (int)(name_len < 60 ? name_len : 60), name, hint ? ": " : "",
                          hint ? hint : "");
}

static bool take_global(struct pf_pickle *m)
{
    const char *s, *name;
    size_t len, name_len;
    char module[64];

    if (!pf_pickle_line(m, &s, &len))
        return false;
    size_t module_len = len < sizeof module ? len : sizeof module; /* no allowed one is longer */
    memcpy(module, s, module_len);
    return pf_pickle_line(m, &name, &name_len)
           && push_global(m, module, module_len, name, name_len);
}

static bool stack_global(struct pf_pickle *m)
{
    if (!holds(m, 2))
        return false;
    struct pf_pval module = m->stack[m->n - 2], name = m->stack[m->n - 1];
    if (module.kind != PF_P_STR || name.kind != PF_P_STR)
        return pf_pickle_fail(m, PF_ESYNTAX, "STACK_GLOBAL needs two strings");
    struct pf_str a = m->p->strs.at[module.id], b = m->p->strs.at[name.id];
    m->n -= 2;
    return push_global(m, a.s, a.len, b.s, b.len);
}

/* ---- objects ---- */

/* The n topmost values become a tuple. */
static inline bool make_tuple(struct pf_pickle *m, uint32_t n)
{
    const struct pf_pval *item = m->stack + (m->n - n);
    struct pf_pval v = {.kind = PF_P_TUPLE};
    enum pf_offer offer = PF_OFFER_KEEP;

    if (n && m->how->tuple)
        offer = m->how->tuple(m, item, n, &v);
    if (offer == PF_OFFER_FAILED
        || (offer == PF_OFFER_KEEP && n && !pf_pickle_new(m, PF_P_TUPLE, 0, item, n, &v)))
        return false;
    m->n -= n;
    return push(m, v);
}

static inline bool tuple(struct pf_pickle *m)
{
    uint32_t from = 0;

    return pop_mark(m, &from) && make_tuple(m, m->n - from);
}

static bool new_container(struct pf_pickle *m, enum pf_pkind kind)
{
    struct pf_pval v;

    return pf_pickle_new(m, kind, 0, NULL, 0, &v) && push(m, v);
}

/* The n topmost values go into the list or dict below them. */
static bool extend(struct pf_pickle *m, enum pf_pkind kind, uint32_t n)
{
    if (!holds(m, n + 1))
        return false;
    struct pf_pval *to = &m->stack[m->n - n - 1];
    enum pf_offer offer = PF_OFFER_KEEP;

    if (to->kind != kind)
        return pf_pickle_fail(m, PF_ESYNTAX, "%s finds no %s to put values into", op_name(m),
                              kind == PF_P_LIST ? "list" : "dict");
    if (kind == PF_P_DICT && n % 2)
        return pf_pickle_fail(m, PF_ESYNTAX, "%s finds a key without a value", op_name(m));
    if (kind == PF_P_LIST && m->how->append)
        offer = m->how->append(m, to->id, to + 1, n);
    if (offer == PF_OFFER_FAILED
        || (offer == PF_OFFER_KEEP && n && !pf_pickle_hold(m, to->id, to + 1, n)))
        return false;
    m->n -= n;
    return true;
}

static bool extend_from_mark(struct pf_pickle *m, enum pf_pkind kind)
{
    uint32_t from = 0;

    return pop_mark(m, &from) && extend(m, kind, m->n - from);
}

static bool new_object(struct pf_pickle *m)
{
    struct pf_pval v;

    if (!holds(m, 2))
        return false;
    struct pf_pval cls = m->stack[m->n - 2], args = m->stack[m->n - 1];
    if (cls.kind != PF_P_CLASS || args.kind != PF_P_TUPLE || args.id)
        return pf_pickle_fail(m, PF_ESYNTAX, "NEWOBJ needs a class and an empty tuple");
    if (!pf_pickle_new(m, PF_P_OBJECT, cls.id, NULL, 0, &v))
        return false;
    m->n -= 2;
    return push(m, v);
}

static bool build(struct pf_pickle *m)
{
    if (!holds(m, 2))
        return false;
    struct pf_pval object = m->stack[m->n - 2], state = m->stack[m->n - 1];
    if (object.kind != PF_P_OBJECT || state.kind != PF_P_DICT || m->obj[object.id].n)
        return pf_pickle_fail(m, PF_ESYNTAX, "BUILD needs an object without a state, and a dict");
    m->n--;
    return pf_pickle_hold(m, object.id, &state, 1);
}

/* ---- the memo ---- */

static inline bool put(struct pf_pickle *m, uint64_t index)
{
    return holds(m, 1) && pf_pickle_put(m, (uint32_t)index, m->stack[m->n - 1]);
}

static inline bool get(struct pf_pickle *m, size_t size)
{
    struct pf_pval v;
    uint64_t index = 0;

    return take(m, size, &index) && pf_pickle_get(m, (uint32_t)index, &v) && push(m, v);
}

/* ---- all opcodes ---- */

static bool refused(struct pf_pickle *m, uint8_t op)
{
    const char *name = pf_pickle_op_name(op);

    if (!name)
        return pf_pickle_fail(m, PF_ESYNTAX, "0x%02x is no opcode of pickle", op);
    return pf_pickle_fail(m, PF_ESYNTAX, "the opcode %s is refused: profiles do not need it", name);
}

static bool protocol(struct pf_pickle *m)
{
    uint64_t version;

    if (!take(m, 1, &version))
        return false;
    if (version > NEWEST_PROTOCOL)
        return pf_pickle_fail(m, PF_ESYNTAX, "PROTO: protocol %u is not known; the newest is %d",
                              (unsigned)version, (int)NEWEST_PROTOCOL);
    return true;
}

/* A hint how much to read at once. It never goes beyond STOP. */
static bool frame(struct pf_pickle *m)
{
    uint64_t n, here;

    if (!take(m, 8, &n))
        return false;
    here = m->offset + (uint64_t)(m->at - m->base);
    if (__builtin_add_overflow(here, n, &m->frame_end))
        return pf_pickle_fail(m, PF_ESYNTAX, "FRAME claims %llu bytes", (unsigned long long)n);
    return true;
}

static bool step_python2(struct pf_pickle *m, uint8_t op)
{
    if (!m->how->python2)
        return refused(m, op);
    switch (op) {
    case 'U': return take_string(m, 1, false);
    case 'T': return take_string(m, 4, false);
    case 'I': return take_text_int(m);
    default: return refused(m, op);
    }
}

static inline bool step(struct pf_pickle *m, uint8_t op)
{
    uint64_t x;

    switch (op) {
    case '(': return mark(m);
    case 'K': return take(m, 1, &x) && push_int(m, (int64_t)x);
    case 'M': return take(m, 2, &x) && push_int(m, (int64_t)x);
    case 'J': return take(m, 4, &x) && push_int(m, (int32_t)x);
    case 'h': return get(m, 1);
    case 'j': return get(m, 4);
    case 't': return tuple(m);
    case 0x94: return put(m, m->puts);
    case 0x85: return holds(m, 1) && make_tuple(m, 1);
    case 0x86: return holds(m, 2) && make_tuple(m, 2);
    case 0x87: return holds(m, 3) && make_tuple(m, 3);
    case 'q': return take(m, 1, &x) && put(m, x);
    case 'r': return take(m, 4, &x) && put(m, x);
    case 0x8a: return take_long(m);
    case 'G': return take_float(m);
    case 0x8c: return take_string(m, 1, true);
    case 'X': return take_string(m, 4, true);
    case 0x8d: return take_string(m, 8, true);
    case 'N': return push(m, (struct pf_pval){.kind = PF_P_NONE});
    case ')': return push(m, (struct pf_pval){.kind = PF_P_TUPLE});
    case ']': return new_container(m, PF_P_LIST);
    case '}': return new_container(m, PF_P_DICT);
    case 'a': return extend(m, PF_P_LIST, 1);
    case 'e': return extend_from_mark(m, PF_P_LIST);
    case 's': return extend(m, PF_P_DICT, 2);
    case 'u': return extend_from_mark(m, PF_P_DICT);
    case 'c': return take_global(m);
    case 0x93: return stack_global(m);
    case 0x81: return new_object(m);
    case 'b': return build(m);
    case 0x80: return protocol(m);
    case 0x95: return frame(m);
    default: return step_python2(m, op);
    }
}

static bool stop(struct pf_pickle *m, struct pf_pval *top)
{
    uint64_t here = m->offset + (uint64_t)(m->at - m->base);

    if (m->n != 1 || m->marks)
        return pf_pickle_fail(m, PF_ESYNTAX, "STOP finds %u values where one is due", m->n);
    if (m->frame_end > here)
        return pf_pickle_fail(m, PF_ESYNTAX, "FRAME claims %llu bytes beyond STOP",
                              (unsigned long long)(m->frame_end - here));
    *top = m->stack[0];
    return true;
}

bool pf_pickle_load(struct pf_pickle *m, struct pf_pval *top)
{
    for (;;) {
        if (__builtin_expect(m->at == m->end, 0) && !pf_pickle_refill(m, 1))
            return pf_pickle_cut(m);
        m->start = m->offset + (uint64_t)(m->at - m->base);
        m->op = *m->at++;
        if (__builtin_expect(m->op == '.', 0))
            return stop(m, top);
        if (__builtin_expect(!step(m, m->op), 0))
            return false;
    }
}
