/*
 * folded_austin.c - what austin says of a run in lines `# key: value`, and what its numbers are.
 *
 *     3.x, 4.x   microseconds; bytes with `# mode: memory`; time,idle,bytes with `# mode: full`
 *     1.x        microseconds; KB with -m, and nothing says so; time +KB -KB with -f
 */
#include "folded.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum {
    NS_PER_US = 1000,
    KB = 1024,
    PAGE_KB = 4,       /* memory comes in pages, so that all numbers of KB are multiples of 4, */
    SURE_NUMBERS = 16, /* and this many times of which all are would be a strange chance */
    MAX_COMMENTS = 64,
};

/* ---- lines of comment ---- */

static bool value_of(const char *s, size_t len, const char *key, const char **value, size_t *n)
{
    size_t k = strlen(key);

    if (!pf_starts(s, len, key) || len - k < 2 || s[k] != ':' || s[k + 1] != ' ')
        return false;
    *value = s + k + 2;
    *n = len - k - 2;
    return true;
}

/* A key of letters, a colon, a blank. */
static bool is_pair(const char *s, size_t len)
{
    size_t i = 0;

    while (i < len && (((unsigned)(s[i] | 0x20) - 'a') < 26 || s[i] == '_'))
        i++;
    return i && len - i > 2 && s[i] == ':' && s[i + 1] == ' ';
}

static int64_t whole_number(const char *s, size_t n)
{
    struct pf_decimal d;

    return pf_decimal(s, n, 0, &d) && d.fits && d.value > 0 ? d.value : 0;
}

void folded_comment(struct folded_austin *a, struct pf_profile *p, const char *s, size_t len)
{
    const char *value;
    size_t n;

    s += 2;
    len = folded_trim(s, len - 2);
    if (!is_pair(s, len))
        return;
    if (value_of(s, len, "interval", &value, &n))
        a->interval_us = whole_number(value, n);
    else if (value_of(s, len, "duration", &value, &n))
        a->duration_us = whole_number(value, n);
    else if (value_of(s, len, "python", &value, &n))
        a->python = pf_str(p, value, n);
    else if (value_of(s, len, "austin", &value, &n))
        a->version = pf_str(p, value, n);
    else if (value_of(s, len, "mode", &value, &n))
        a->memory = n == 6 && memcmp(value, "memory", 6) == 0;
    if (a->comments++ < MAX_COMMENTS)
        pf_push(p, &p->comments, pf_str(p, s, len));
}

/* ---- numbers ---- */

static void add_columns(struct pf_profile *p, enum folded_style style, unsigned columns)
{
    if (columns == 2) {
        pf_type_add(p, "space", "bytes", PF_SUM);
    } else if (columns == 3 && style == FOLDED_AUSTIN1) {
        pf_type_add(p, "allocated", "bytes", PF_SUM);
        pf_type_add(p, "freed", "bytes", PF_SUM);
    }
}

/* +KB and -KB as positive numbers of bytes. */
static void to_bytes(struct folded_count *c)
{
    for (unsigned k = 1; k < 3; k++)
        c->fits &= !__builtin_mul_overflow(c->value[k], k == 1 ? KB : -KB, &c->value[k]);
}

bool folded_take(struct folded_austin *a, struct pf_profile *p, enum folded_style style,
                 struct folded_count *c)
{
    if (!a->columns) {
        add_columns(p, style, c->n);
        a->columns = c->n;
    }
    if (a->columns != c->n)
        return false;
    a->lines++;
    a->lines1 += style == FOLDED_AUSTIN1;
    a->not_zero += c->value[0] != 0;
    a->not_pages += c->value[0] % PAGE_KB != 0;
    if (c->n == 3)
        to_bytes(c);
    return true;
}

/* ---- what they mean ---- */

static int scale(struct pf_profile *p, int64_t by, struct pf_err *err)
{
    int64_t total = 0;

    for (uint32_t i = 0; i < p->samples.n; i++) {
        int64_t *v = &p->samples.value[0][i];
        if (__builtin_mul_overflow(*v, by, v) || !pf_add64(total, *v, &total))
            return pf_fail(err, PF_EVALUE, "the sum of all numbers does not fit 63 bits as %s",
                           pf_str_at(p, p->types.at[0].unit).s);
    }
    return 0;
}

static void name_column(struct pf_profile *p, const char *name, const char *unit)
{
    p->types.at[0].name = pf_strz(p, name);
    p->types.at[0].unit = pf_strz(p, unit);
}

/* austin 1.x with -m says nothing of it. */
static bool is_memory1(const struct folded_austin *a)
{
    return a->lines1 == a->lines && a->columns == 1 && a->not_pages == 0
           && a->not_zero >= SURE_NUMBERS;
}

static void take_over(const struct folded_austin *a, struct pf_profile *p)
{
    int64_t ns;

    if (a->interval_us && !__builtin_mul_overflow(a->interval_us, (int64_t)NS_PER_US, &ns)) {
        p->period = ns;
        p->period_type =
            (struct pf_type){.name = pf_strz(p, "time"), .unit = pf_strz(p, "nanoseconds")};
    }
    if (a->duration_us && !__builtin_mul_overflow(a->duration_us, (int64_t)NS_PER_US, &ns))
        p->duration_ns = ns;
    if (a->python) {
        char text[64];
        struct pf_str version = pf_str_at(p, a->python);
        snprintf(text, sizeof text, "Python %.40s", version.s);
        p->interpreter = pf_strz(p, text);
    }
}

int folded_finish(struct folded_austin *a, struct pf_profile *p, bool mixed, struct pf_err *err)
{
    if (a->comments > MAX_COMMENTS)
        pf_note(p, "only the first %d of %u comments are kept", MAX_COMMENTS, a->comments);
    if (!a->lines)
        return 0;
    take_over(a, p);
    if (mixed) {
        pf_note(p,
                "some lines are austin's and some are not: their numbers are added up as counts");
        return 0;
    }
    if (is_memory1(a)) {
        pf_note(p,
                "all numbers are multiples of %d, as memory in KB is and times are not: "
                "read as what austin -m writes",
                PAGE_KB);
        name_column(p, "space", "bytes");
        return scale(p, KB, err);
    }
    if (a->memory && a->columns == 1) {
        name_column(p, "space", "bytes");
        return 0;
    }
    name_column(p, "time", "nanoseconds");
    return scale(p, NS_PER_US, err);
}
