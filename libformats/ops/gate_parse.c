/*
 * gate_parse.c - reads a gate expression.
 *
 *     expression = and { "or" and }            subject = TYPE | "total." TYPE | "calls" |
 * "per_call" and        = not { "and" not }                   | "share" | "effect" | "p" | "q" not
 * = { "not" } ( "(" expression ")" | subject op value ) op         = "<" "<=" ">" ">=" "==" "="
 * "!=" value      = [ "+" | "-" ] number [ "%" | unit ]
 *
 * Operators wait on a stack for what binds tighter, so that nothing recurses.
 */
#include "gate.h"

#include "text.h"

#include <math.h>
#include <string.h>

enum waiting { W_OPEN, W_OR, W_AND, W_NOT }; /* by how tight they bind */

struct parser {
    struct pf_gate *g;
    const char *s;
    size_t at;
    uint8_t waiting[GATE_MAX_NODES];
    size_t waiting_at[GATE_MAX_NODES];
    uint32_t n_waiting;
    struct pf_err *err;
};

static int wrong(struct parser *p, size_t at, const char *what)
{
    return pf_fail_offset(p->err, PF_ESYNTAX, at, "%s", what);
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
    return is_name_start(c) || pf_is_digit(c) || c == '.' || c == '-';
}

static void skip_blanks(struct parser *p)
{
    while (pf_is_blank(p->s[p->at]) || p->s[p->at] == '\n')
        p->at++;
}

static size_t name_length(const struct parser *p)
{
    size_t n = 0;

    if (is_name_start(p->s[p->at]))
        while (is_name(p->s[p->at + n]))
            n++;
    return n;
}

/* Takes the word if it is the next one. */
static bool word(struct parser *p, const char *text)
{
    size_t n = strlen(text);

    skip_blanks(p);
    if (name_length(p) != n || memcmp(p->s + p->at, text, n) != 0)
        return false;
    p->at += n;
    return true;
}

/* ---- the parts of a comparison ---- */

static int subject(struct parser *p, struct gate_compare *c)
{
    static const struct {
        const char *name;
        enum gate_subject subject;
    } known[] = {{"calls", GATE_CALLS}, {"per_call", GATE_PER_CALL}, {"per-call", GATE_PER_CALL},
                 {"share", GATE_SHARE}, {"effect", GATE_EFFECT},     {"p", GATE_P},
                 {"q", GATE_Q}};
    static const char total[] = "total.";
    size_t n = name_length(p), skip = 0;
    const char *s = p->s + p->at;

    if (!n || (n == 2 && memcmp(s, "or", n) == 0) || (n == 3 && memcmp(s, "and", n) == 0))
        return wrong(p, p->at, "expected a name: time, calls, share, q, total.time, ...");
    c->name_at = p->at;
    c->subject = GATE_TYPE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n == strlen(known[i].name) && memcmp(s, known[i].name, n) == 0)
            c->subject = known[i].subject;
    if (pf_starts(s, n, total)) {
        c->subject = GATE_TOTAL;
        skip = sizeof total - 1;
    }
    if (n == skip)
        return wrong(p, p->at + n, "expected a type behind 'total.'");
    if (n - skip >= GATE_MAX_NAME)
        return wrong(p, p->at, "this name is too long");
    memcpy(c->name, s + skip, n - skip);
    p->at += n;
    return 0;
}

static int operator(struct parser *p, struct gate_compare *c)
{
    static const struct {
        const char *sign;
        enum gate_op op;
    } known[] = {{"<=", GATE_LESS_EQUAL}, {">=", GATE_GREATER_EQUAL}, {"==", GATE_EQUAL},
                 {"!=", GATE_UNEQUAL},    {"<", GATE_LESS},           {">", GATE_GREATER},
                 {"=", GATE_EQUAL}};

    skip_blanks(p);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(p->s + p->at, known[i].sign, strlen(known[i].sign)) == 0) {
            c->op = known[i].op;
            p->at += strlen(known[i].sign);
            return 0;
        }
    return wrong(p, p->at, "expected < <= > >= == or !=");
}

static size_t unit_length(const struct parser *p)
{
    size_t n = 0;

    while (is_name_start(p->s[p->at + n]) || (uint8_t)p->s[p->at + n] >= 0x80)
        n++;
    return n;
}

static int value(struct parser *p, struct gate_compare *c)
{
    enum { DIGITS = 9 };
    struct pf_decimal d;

    skip_blanks(p);
    c->value_at = p->at;
    c->change = p->s[p->at] == '+' || p->s[p->at] == '-';
    size_t n = pf_decimal(p->s + p->at, strlen(p->s + p->at), 0, &d);
    if (!n)
        return wrong(p, p->at, "expected a number, as 10%, 5MiB or +3");
    size_t as_fraction = pf_decimal(p->s + p->at, n, DIGITS, &d);
    c->value = (double)d.value / 1e9;
    if (as_fraction != n || !d.fits) { /* too large for a fraction: whole numbers will do */
        pf_decimal(p->s + p->at, n, 0, &d);
        if (!d.fits)
            return wrong(p, p->at, "this number is too large");
        c->value = (double)d.value;
    }
    c->value_len = n;
    p->at += n;
    c->percent = p->s[p->at] == '%';
    if (c->percent) {
        c->value /= 100;
        p->at++;
    } else {
        c->unit_len = unit_length(p);
        p->at += c->unit_len;
    }
    if (is_name(p->s[p->at]))
        return wrong(p, p->at, "expected 'and', 'or' or the end");
    return 0;
}

static int check_value(struct parser *p, const struct gate_compare *c)
{
    bool relative = c->subject != GATE_SHARE && c->subject != GATE_P && c->subject != GATE_Q;
    bool plain = c->subject == GATE_P || c->subject == GATE_Q || c->subject == GATE_SHARE
                 || c->subject == GATE_CALLS;

    if (c->percent && !c->change && relative)
        return wrong(p, c->value_at, "a change by per cent needs its sign: +10% or -10%");
    if (c->change && (c->subject == GATE_P || c->subject == GATE_Q))
        return wrong(p, c->value_at, "p and q do not change: expected a number from 0 to 1");
    if (c->unit_len && plain)
        return wrong(p, c->value_at, "expected a number without a unit");
    return 0;
}

/* ---- operators ---- */

static int push_node(struct parser *p, const struct gate_node *node)
{
    if (p->g->n == GATE_MAX_NODES)
        return wrong(p, p->at, "the expression is too long");
    p->g->node[p->g->n++] = *node;
    return 0;
}

static int push_waiting(struct parser *p, enum waiting what, size_t at)
{
    if (p->n_waiting == GATE_MAX_NODES)
        return wrong(p, p->at, "the expression is too long");
    p->waiting_at[p->n_waiting] = at;
    p->waiting[p->n_waiting++] = (uint8_t)what;
    return 0;
}

/* Those that bind at least as tight as `than` have their operands now. */
static int release(struct parser *p, enum waiting than)
{
    while (p->n_waiting && p->waiting[p->n_waiting - 1] >= than) {
        uint8_t what = p->waiting[--p->n_waiting];
        struct gate_node node = {.kind = what == W_OR    ? GATE_OR
                                         : what == W_AND ? GATE_AND
                                                         : GATE_NOT};
        if (push_node(p, &node))
            return -1;
    }
    return 0;
}

/* Up to and with a comparison: not, opening brackets. */
static int operand(struct parser *p)
{
    struct gate_node node = {.kind = GATE_COMPARE};

    for (;;) {
        skip_blanks(p);
        size_t at = p->at;
        if (p->s[at] == '(') {
            p->at++;
            if (push_waiting(p, W_OPEN, at))
                return -1;
        } else if (word(p, "not")) {
            if (push_waiting(p, W_NOT, at))
                return -1;
        } else {
            break;
        }
    }
    if (subject(p, &node.c) || operator(p, &node.c) || value(p, &node.c) || check_value(p, &node.c))
        return -1;
    return push_node(p, &node);
}

static int close(struct parser *p)
{
    if (release(p, W_OR))
        return -1;
    if (!p->n_waiting)
        return wrong(p, p->at, "there is no '(' for this");
    p->n_waiting--;
    p->at++;
    return 0;
}

static int parse(struct parser *p)
{
    for (;;) {
        if (operand(p))
            return -1;
        for (skip_blanks(p); p->s[p->at] == ')'; skip_blanks(p))
            if (close(p))
                return -1;
        size_t at = p->at;
        enum waiting next = word(p, "and") ? W_AND : word(p, "or") ? W_OR : W_OPEN;
        if (release(p, next == W_OPEN ? W_OR : next))
            return -1;
        if (next == W_OPEN)
            break;
        if (push_waiting(p, next, at))
            return -1;
    }
    if (p->n_waiting)
        return wrong(p, p->waiting_at[p->n_waiting - 1], "there is no ')' for this");
    return p->s[p->at] ? wrong(p, p->at, "expected 'and', 'or' or the end") : 0;
}

struct pf_gate *pf_gate_new(struct pf_mem *m, const char *text, struct pf_err *err)
{
    struct pf_gate *g = pf_alloc_zero(m, 1, sizeof *g);
    size_t len = strlen(text);

    if (g)
        g->text = pf_alloc(m, len + 1);
    if (!g || !g->text) {
        pf_dealloc(m, g);
        pf_fail(err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                m->used / PF_MIB);
        return NULL;
    }
    g->mem = m;
    memcpy(g->text, text, len + 1);
    struct parser p = {.g = g, .s = g->text, .err = err};
    if (!parse(&p))
        return g;
    pf_gate_free(g);
    return NULL;
}

void pf_gate_free(struct pf_gate *g)
{
    if (!g)
        return;
    pf_dealloc(g->mem, g->text);
    pf_dealloc(g->mem, g);
}
