/* query.c - which entries are asked for: by id, label and time; and which are the newest. */
#include "ar.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const int64_t second = 1000000000;

/* ---- times ---- */

static bool digits(const char **s, int n, int64_t *value)
{
    *value = 0;
    for (int i = 0; i < n; i++, (*s)++) {
        if (!pf_is_digit(**s))
            return false;
        *value = *value * 10 + (**s - '0');
    }
    return true;
}

static bool literal(const char **s, char c)
{
    if (**s != c)
        return false;
    ++*s;
    return true;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t day_of(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool date(const char *s, int64_t *ns)
{
    int64_t y, m, d, hour = 0, minute = 0, sec = 0;
    bool ok = digits(&s, 4, &y) && literal(&s, '-') && digits(&s, 2, &m) && literal(&s, '-')
              && digits(&s, 2, &d);

    if (ok && (*s == 'T' || *s == ' ')) {
        s++;
        ok = digits(&s, 2, &hour) && literal(&s, ':') && digits(&s, 2, &minute);
        if (ok && *s == ':') {
            s++;
            ok = digits(&s, 2, &sec);
        }
    }
    if (*s == 'Z')
        s++;
    if (!ok || *s || m < 1 || m > 12 || d < 1 || d > 31 || hour > 23 || minute > 59 || sec > 60)
        return false;
    int64_t seconds = day_of(y, m, d) * 86400 + hour * 3600 + minute * 60 + sec;
    return !__builtin_mul_overflow(seconds, second, ns);
}

static bool age(const char *s, int64_t now, int64_t *ns)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    struct pf_decimal n;
    size_t used = pf_decimal(s, strlen(s), 0, &n);

    if (!used || !n.fits || n.value < 0 || !s[used] || s[used + 1])
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].letter == s[used]) {
            int64_t back;
            return !__builtin_mul_overflow(n.value, units[i].seconds * second, &back)
                   && !__builtin_sub_overflow(now, back, ns);
        }
    return false;
}

bool pf_time_parse(const char *text, int64_t now_ns, int64_t *ns)
{
    struct pf_decimal n;

    if (text[0] == '@') {
        size_t len = strlen(text + 1);
        bool whole = len && pf_decimal(text + 1, len, 9, &n) == len && n.fits;
        *ns = whole ? n.value : 0;
        return whole;
    }
    return date(text, ns) || age(text, now_ns, ns);
}

/* ---- words ---- */

/* "branch=main", or the beginning of an id. */
struct word {
    const char *key;
    size_t key_len;
    const char *value; /* NULL: `key` is the beginning of an id */
};

const char *ar_id_digits(const char *text, size_t *len)
{
    char digit[3] = "00";
    uint8_t byte;

    if (strncmp(text, "sha256-", 7) == 0 || strncmp(text, "sha256:", 7) == 0)
        text += 7;
    *len = strlen(text);
    if (*len > 3 && strcmp(text + *len - 3, ".pb") == 0)
        *len -= 3;
    for (size_t i = 0; i < *len; i++) {
        digit[1] = text[i];
        if (!ar_hex(digit, 2, &byte))
            return NULL;
    }
    return *len > 0 && *len < PF_ID_TEXT ? text : NULL;
}

static bool parse_word(const char *text, struct word *w)
{
    const char *equals = strchr(text, '=');

    if (equals) {
        *w = (struct word){text, (size_t)(equals - text), equals + 1};
        return equals > text;
    }
    w->value = NULL;
    w->key = ar_id_digits(text, &w->key_len);
    return w->key != NULL;
}

static bool has_label(const struct pf_entries *e, const struct pf_entry *x, const struct word *w)
{
    for (uint32_t k = 0; k < x->n_labels; k++) {
        struct pf_str key = pf_str_at(e->names, e->label[x->label + k].key);
        struct pf_str value = pf_str_at(e->names, e->label[x->label + k].value);
        if (key.len == w->key_len && memcmp(key.s, w->key, key.len) == 0)
            return value.len == strlen(w->value) && memcmp(value.s, w->value, value.len) == 0;
    }
    return false;
}

static bool fits(const struct pf_entries *e, const struct pf_entry *x, const struct word *w)
{
    char id[PF_ID_TEXT];

    if (w->value)
        return has_label(e, x, w);
    pf_id_text(x->hash, id);
    return memcmp(id, w->key, w->key_len) == 0;
}

int64_t pf_query_run(const struct pf_query *q, const struct pf_entries *e, bool *wanted,
                     struct pf_err *err)
{
    int64_t n = 0;
    struct word w;

    for (uint32_t i = 0; i < e->n; i++) {
        int64_t t = e->at[i].time_ns;
        bool timed = q->has_since || q->has_until;
        wanted[i] =
            !(timed && !t) && !(q->has_since && t < q->since) && !(q->has_until && t >= q->until);
    }
    for (int k = 0; k < q->n; k++) {
        if (!parse_word(q->words[k], &w))
            return pf_fail(err, PF_EVALUE, "'%.100s' is neither KEY=VALUE nor the start of an id",
                           q->words[k]);
        for (uint32_t i = 0; i < e->n; i++)
            wanted[i] = wanted[i] && fits(e, &e->at[i], &w);
    }
    for (uint32_t i = 0; i < e->n; i++)
        n += wanted[i];
    return n;
}

int pf_query_only_one(const struct pf_entries *e, bool *wanted, const char *id, struct pf_err *err)
{
    uint32_t first = e->n;

    for (uint32_t i = 0; i < e->n; i++) {
        if (!wanted[i])
            continue;
        if (first < e->n && memcmp(e->at[first].hash, e->at[i].hash, PF_HASH) != 0)
            return pf_fail(err, PF_EVALUE, "several ids begin with '%.80s'", id);
        wanted[i] = first == e->n;
        first = first == e->n ? i : first;
    }
    return first < e->n ? 0 : pf_fail(err, PF_EVALUE, "no id begins with '%.80s'", id);
}

/* ---- the newest ---- */

static int newest_first(const void *a, const void *b, void *entries)
{
    const struct pf_entries *e = entries;
    uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    int64_t s = e->at[i].time_ns, t = e->at[k].time_ns;

    return s != t ? (s < t) - (s > t) : (i > k) - (i < k);
}

int pf_query_keep_newest(const struct pf_entries *e, bool *wanted, uint32_t n, uint32_t *timeless,
                         struct pf_err *err)
{
    uint32_t *order = pf_alloc(e->names->mem, ((size_t)e->n + 1) * sizeof *order), found = 0;

    *timeless = 0;
    if (!order)
        return ar_no_memory(err);
    for (uint32_t i = 0; i < e->n; i++) {
        if (!wanted[i])
            continue;
        if (e->at[i].time_ns) {
            order[found++] = i;
        } else {
            wanted[i] = false;
            ++*timeless;
        }
    }
    qsort_r(order, found, sizeof *order, newest_first, (void *)(uintptr_t)e);
    for (uint32_t i = 0; i < found && i < n; i++)
        wanted[order[i]] = false;
    pf_dealloc(e->names->mem, order);
    return 0;
}
