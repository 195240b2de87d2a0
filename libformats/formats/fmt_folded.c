/*
 * fmt_folded.c - folded stacks: `root;caller;leaf COUNT`, one stack a line.
 *
 * Written by py-spy record -f raw, austin, Tachyon, FlameGraph's stackcollapse-*, inferno and many
 * others; folded_lines.c reads them. Here: how they are told.
 */
#include "folded.h"
#include "text.h"

#include <string.h>

enum { SURE = 80, LIKELY = 30, PERHAPS = 2 };

static bool is_control(char c)
{
    return (c >= 0 && c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;
}

static bool has_control(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (is_control(s[i]))
            return true;
    return false;
}

/* How sure a line is to be one of a folded file; 0: it tells nothing. */
static int bid_for(const char *s, size_t len)
{
    struct folded_count c;
    struct folded_prefix x;

    if (folded_austin_prefix(s, len, &x))
        return folded_metrics(s, len, x.len, x.style, &c) ? SURE : 0;
    if (pf_starts(s, len, "# austin:"))
        return SURE;
    if (!folded_count(s, len, &c) || s[0] == '#')
        return 0;
    folded_prefix(s, c.stack, &x);
    return x.len ? SURE : LIKELY;
}

/* A name may hold anything, also a NUL: but then no more than lines before it make this a text. */
static int probe_text(const char *s, size_t len)
{
    size_t controls = 0, from = 0;
    int perhaps = memchr(s, '\0', len) ? 0 : PERHAPS;

    if (len == 0)
        return 0;
    for (size_t i = 0; i < len; i++)
        controls += is_control(s[i]) && s[i] != '\033'; /* colours occur in text */
    if (controls * 8 > len)
        return 0;
    while (from < len) {
        const char *nl = memchr(s + from, '\n', len - from);
        size_t end = nl ? (size_t)(nl - s) : len;
        if (!nl && len >= PF_HEAD / 2 - 1) /* the line goes on beyond the head */
            break;
        if (has_control(s + from, end - from))
            return perhaps;
        int bid = bid_for(s + from, end - from);
        if (bid)
            return bid;
        from = end + 1;
    }
    return perhaps;
}

static int folded_probe(const uint8_t *head, size_t len)
{
    char buf[PF_HEAD];
    const char *text;

    if (len >= 3 && memcmp(head, "MOJ", 3) == 0) /* to say what to do with it */
        return SURE;
    len = pf_text_head(head, len, buf, &text);
    return probe_text(text, len);
}

static int folded_read(struct pf_source *in, struct pf_profile *out, struct pf_err *err)
{
    out->format = pf_strz(out, "folded");
    return folded_read_lines(in, out, FOLDED_ONE, err);
}

const struct pf_format pf_format_folded = {
    .name = "folded",
    .title = "folded stacks (py-spy raw, austin, Tachyon, stackcollapse-*, inferno)",
    .suffix = ".folded",
    .one_value = true,
    .takes = PF_LABELLED | PF_TWO_SIDED,
    .whole_stacks = true,
    .packing = PF_PLAIN,
    .probe = folded_probe,
    .read = folded_read,
    .write = folded_write,
};
