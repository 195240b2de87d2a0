/* listing.c - which files, functions and lines a listing shows, and their text. */
#include "listing_work.h"

#include "below.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int pf_listing_no_memory(struct pf_listing *l)
{
    return pf_fail(l->err, PF_ENOMEM, "out of memory (%zu MiB in use; see --max-memory)",
                   l->mem->used / PF_MIB);
}

static bool same(struct pf_str a, struct pf_str b)
{
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* `app.py` is the end of `/srv/app.py`, not of `/srv/myapp.py`. */
static bool is_end_of(struct pf_str end, struct pf_str path)
{
    if (end.len == 0 || end.len > path.len
        || memcmp(path.s + path.len - end.len, end.s, end.len) != 0)
        return false;
    if (end.len == path.len)
        return true;
    char before = path.s[path.len - end.len - 1];
    return before == '/' || before == '\\' || end.s[0] == '/';
}

static bool is_text(struct pf_str s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

/* ---- parts ---- */

static bool is_function(const struct pf_profile *p, pf_id func, const char *subject)
{
    struct pf_str name = pf_str_at(p, p->funcs.at[func].name);
    struct pf_str file = pf_str_at(p, p->funcs.at[func].file);
    char module[PF_MODULE_MAX];
    size_t len;

    if (is_text(name, subject))
        return true;
    len = pf_module(file.s, file.len, module, sizeof module);
    return len && strlen(subject) == len + 1 + name.len && memcmp(subject, module, len) == 0
           && subject[len] == '.' && memcmp(subject + len + 1, name.s, name.len) == 0;
}

static struct pf_listed *part_of(struct pf_listing *l, struct pf_str file, struct pf_str func)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (same(l->part[i].file, file) && same(l->part[i].func, func))
            return &l->part[i];
    if (!pf_grow(l->mem, &l->part, l->n, &l->cap, sizeof *l->part)) {
        pf_listing_no_memory(l);
        return NULL;
    }
    l->part[l->n] = (struct pf_listed){.file = file, .func = func};
    return &l->part[l->n++];
}

static int find_functions(struct pf_listing *l)
{
    for (uint32_t k = 0; k < l->how->inputs; k++) {
        const struct pf_profile *p = l->how->input[k].p;
        for (pf_id f = 1; f < p->funcs.n; f++) {
            struct pf_str file = pf_str_at(p, p->funcs.at[f].file);
            if (!file.len || is_text(file, "~") || !is_function(p, f, l->how->subject))
                continue;
            struct pf_listed *part = part_of(l, file, pf_str_at(p, p->funcs.at[f].name));
            if (!part)
                return -1;
            int64_t line = p->funcs.at[f].line;
            if (line > 0 && (!part->first || line < part->first))
                part->first = line;
        }
    }
    return 0;
}

static int find_files(struct pf_listing *l)
{
    struct pf_str subject = {.s = l->how->subject, .len = (uint32_t)strlen(l->how->subject)};

    for (uint32_t k = 0; k < l->how->inputs; k++) {
        const struct pf_profile *p = l->how->input[k].p;
        for (pf_id f = 1; f < p->funcs.n; f++) {
            struct pf_str file = pf_str_at(p, p->funcs.at[f].file);
            if (is_end_of(subject, file) && !part_of(l, file, (struct pf_str){.s = ""}))
                return -1;
        }
    }
    return 0;
}

/* The one other part whose file this one's is the end of, or NULL: none, or more than one. */
static struct pf_listed *longer(struct pf_listing *l, const struct pf_listed *part)
{
    struct pf_listed *found = NULL;

    for (uint32_t i = 0; i < l->n; i++) {
        struct pf_listed *other = &l->part[i];
        if (other == part || !same(other->func, part->func) || other->file.len <= part->file.len
            || !is_end_of(part->file, other->file))
            continue;
        if (found)
            return NULL;
        found = other;
    }
    return found;
}

uint32_t pf_listing_part(struct pf_listing *l, struct pf_str file, struct pf_str func)
{
    for (uint32_t i = 0; i < l->n; i++) {
        const struct pf_listed *part = &l->part[i];
        if (part->func.len && !same(part->func, func))
            continue;
        if (same(part->file, file)) {
            struct pf_listed *other = longer(l, part);
            return (other ? (uint32_t)(other - l->part) : i) + 1;
        }
    }
    return 0;
}

static void tell_spellings(struct pf_listing *l)
{
    for (uint32_t i = 0; i < l->n && l->how->tell; i++) {
        const struct pf_listed *part = &l->part[i], *other = longer(l, part);
        char text[300];
        if (!other)
            continue;
        snprintf(text, sizeof text, "'%.120s' is taken for '%.120s'", part->file.s, other->file.s);
        l->how->tell(l->how->ctx, text);
    }
}

/* ---- lines and their text ---- */

static void set_text(struct pf_listed *part, int64_t line, struct pf_str text)
{
    int64_t at = part->n ? line - part->line[0].line : -1;

    if (at >= 0 && at < part->n && !part->line[at].text.s)
        part->line[at].text = text;
}

static void take_report_text(struct pf_listing *l)
{
    for (uint32_t k = 0; k < l->how->inputs; k++) {
        const struct pf_profile *p = l->how->input[k].p;
        for (uint32_t i = 0; i < p->lines.n; i++) {
            struct pf_str file = pf_str_at(p, p->lines.at[i].file);
            for (uint32_t n = 0; n < l->n; n++)
                if (same(l->part[n].file, file) || is_end_of(file, l->part[n].file))
                    set_text(&l->part[n], p->lines.at[i].line, pf_str_at(p, p->lines.at[i].text));
        }
    }
}

static void take_source_text(struct pf_listed *part)
{
    const char *s = part->source, *end = s ? s + part->source_len : NULL;

    for (int64_t line = 1; s && s < end; line++) {
        const char *nl = memchr(s, '\n', (size_t)(end - s));
        size_t len = (size_t)((nl ? nl : end) - s);
        len -= len && s[len - 1] == '\r';
        set_text(part, line, (struct pf_str){.s = s, .len = (uint32_t)len});
        s = nl ? nl + 1 : end;
    }
}

static int64_t lines_of_source(const struct pf_listed *part)
{
    int64_t n = 0;

    for (size_t i = 0; i < part->source_len; i++)
        n += part->source[i] == '\n';
    return n + (part->source_len && part->source[part->source_len - 1] != '\n');
}

static void tell_newer(struct pf_listing *l, const struct pf_listed *part, int64_t changed_ns)
{
    char text[300];

    for (uint32_t k = 0; k < l->how->inputs && l->how->tell; k++) {
        const struct pf_list_input *in = &l->how->input[k];
        int64_t made = in->p->time_ns ? in->p->time_ns : in->changed_ns;
        if (!made || changed_ns <= made)
            continue;
        snprintf(text, sizeof text, "the source of '%.120s' is newer than the profile '%.100s'",
                 part->file.s, in->name);
        l->how->tell(l->how->ctx, text);
    }
}

static int read_sources(struct pf_listing *l)
{
    int root = l->how->root ? pf_below_open(l->how->root, l->err) : -1;

    if (l->how->root && root < 0)
        return -1;
    for (uint32_t i = 0; i < l->n && root >= 0; i++) {
        struct pf_listed *part = &l->part[i];
        int64_t changed_ns = 0;
        part->source = pf_below_read(l->mem, root, part->file.s, part->file.len, &part->source_len,
                                     &changed_ns);
        if (part->source)
            tell_newer(l, part, changed_ns);
    }
    if (root >= 0)
        close(root);
    return 0;
}

static size_t indent_of(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && (s[n] == ' ' || s[n] == '\t'))
        n++;
    return n;
}

static bool begins(const char *s, size_t len, const char *word)
{
    return len >= strlen(word) && memcmp(s, word, strlen(word)) == 0;
}

/* Where a function that begins at line `first` (perhaps with a decorator) ends: before the next
 * line that is not indented deeper than its `def`. A parenthesis may close the head. */
static int64_t end_of_function(const struct pf_listed *part, int64_t first)
{
    const char *s = part->source, *end = s + part->source_len;
    int64_t last = first;
    size_t depth = 0;
    bool defined = false;

    for (int64_t line = 1; s < end; line++) {
        const char *nl = memchr(s, '\n', (size_t)(end - s));
        size_t len = (size_t)((nl ? nl : end) - s), indent = indent_of(s, len);
        bool blank = indent == len || s[indent] == '\r';
        if (line >= first && !blank) {
            const char *word = s + indent;
            size_t left = len - indent;
            if (defined && indent <= depth && *word != ')')
                break;
            if (!defined && (begins(word, left, "def ") || begins(word, left, "async def "))) {
                defined = true;
                depth = indent;
            }
            if (!defined && *word != '@')
                return first;
            last = line;
        }
        s = nl ? nl + 1 : end;
    }
    return defined ? last : first;
}

/* The first and last line that are worth showing: those with values, of a function from its
 * definition on, and a few around. */
static void find_range(struct listing_work *w, uint32_t i, int64_t *first, int64_t *last)
{
    struct pf_listed *part = &w->l->part[i];

    *first = part->func.len ? part->first : 0;
    *last = *first;
    for (uint32_t s = 0; s < w->slots.cap; s++) {
        const struct pf_pair *pair = &w->slots.slot[s];
        if (!pair->id || pair->a != i + 1)
            continue;
        *first = !*first || pair->b < *first ? pair->b : *first;
        *last = pair->b > *last ? pair->b : *last;
    }
    if (!*last)
        return;
    int64_t end = part->source ? lines_of_source(part) : *last;
    if (part->func.len && part->source) {
        int64_t to = end_of_function(part, *first);
        *last = to > *last ? to : *last;
    }
    bool whole = part->source && !part->func.len;
    *first = whole ? 1 : *first;
    *last = whole ? end : *last + (part->func.len ? 0 : PF_LIST_CONTEXT);
    *last = *last > end && part->source ? (end > 0 ? end : *last) : *last;
}

static int make_lines(struct listing_work *w, uint32_t i)
{
    struct pf_listing *l = w->l;
    struct pf_listed *part = &l->part[i];
    int64_t first, last;

    find_range(w, i, &first, &last);
    if (!last || last - first >= PF_LIST_LINES)
        return last ? pf_fail(l->err, PF_ELIMIT, "'%.100s' has too many lines", part->file.s) : 0;
    part->line = pf_alloc_zero(l->mem, (size_t)(last - first + 1), sizeof *part->line);
    if (!part->line)
        return pf_listing_no_memory(l);
    part->n = (uint32_t)(last - first + 1);
    for (uint32_t n = 0; n < part->n; n++)
        part->line[n] = (struct pf_listed_line){.line = first + n, .value = UINT32_MAX};
    for (uint32_t s = 0; s < w->slots.cap; s++) {
        const struct pf_pair *pair = &w->slots.slot[s];
        if (pair->id && pair->a == i + 1 && pair->b >= first && pair->b <= last)
            part->line[pair->b - first].value = (pair->id - 1) * l->how->inputs;
    }
    return 0;
}

const char *pf_listing_missing(const struct pf_listing *l, const struct pf_listed *part)
{
    for (uint32_t i = 0; i < part->n; i++)
        if (part->line[i].text.s)
            return "";
    return part->source   ? ""
           : l->how->root ? " (no source below --source-root)"
                          : " (no --source-root was given)";
}

/* ---- all of it ---- */

/* Nothing has a place that could be listed: why. */
static int nothing(const struct pf_listing *l)
{
    for (uint32_t k = 0; k < l->how->inputs; k++)
        for (pf_id f = 1; f < l->how->input[k].p->funcs.n; f++)
            if (is_function(l->how->input[k].p, f, l->how->subject))
                return pf_fail(l->err, PF_EVALUE,
                               "'%.200s' has no file in the profile, so no lines", l->how->subject);
    return pf_fail(l->err, PF_EVALUE, "no function and no file of the profile is called '%.200s'",
                   l->how->subject);
}

static int make(struct listing_work *w)
{
    struct pf_listing *l = w->l;

    if (find_functions(l) || (l->n == 0 && find_files(l)))
        return -1;
    if (l->n == 0)
        return nothing(l);
    tell_spellings(l);
    for (uint32_t k = 0; k < l->how->inputs; k++)
        if (pf_listing_add(w, k))
            return -1;
    if (read_sources(l))
        return -1;
    for (uint32_t i = 0; i < l->n; i++)
        if (make_lines(w, i))
            return -1;
    for (uint32_t i = 0; i < l->n; i++)
        take_source_text(&l->part[i]);
    take_report_text(l);
    return 0;
}

int pf_listing_make(const struct pf_list_how *how, struct pf_mem *m, struct pf_listing *l,
                    struct pf_err *err)
{
    *l = (struct pf_listing){.how = how, .mem = m, .err = err};
    struct listing_work w = {.l = l};

    if (how->inputs > PF_LIST_INPUTS)
        return pf_fail(err, PF_ELIMIT, "more than %d inputs do not stand side by side",
                       PF_LIST_INPUTS);
    int failed = make(&w);
    pf_pairs_free(m, &w.slots);
    pf_dealloc(m, w.stamp);
    if (failed)
        pf_listing_free(l);
    return failed;
}

void pf_listing_free(struct pf_listing *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        pf_dealloc(l->mem, l->part[i].source);
        pf_dealloc(l->mem, l->part[i].line);
    }
    pf_dealloc(l->mem, l->part);
    pf_dealloc(l->mem, l->value);
    *l = (struct pf_listing){0};
}
