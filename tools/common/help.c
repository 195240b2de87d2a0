/* help.c - --help, --version, --formats and the man page, all from the tables. */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 79, INDENT = 26 };

static const char *const common_exits[] = {
    "done",
    NULL, /* the tool's own */
    "not done: bad usage, unreadable or corrupt input, a failed write",
};

/* Calls line() for each line of text; a line that starts with a blank is to be kept as it is. */
typedef void put_line(struct pf_sink *out, const char *line, size_t len);

static void each_line(struct pf_sink *out, const char *text, put_line *line)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        line(out, text, len);
        text += len + (text[len] == '\n');
    }
}

/* The left side of an option's line: "-o, --output FILE" */
static int spelled(const struct opt *o, char *buf, size_t n)
{
    char letter[] = "    ";

    if (o->letter)
        memcpy(letter, (char[]){'-', o->letter, ',', ' '}, 4);
    return snprintf(buf, n, "%s--%s%s%s", letter, o->name, o->arg ? " " : "", o->arg ? o->arg : "");
}

/* ---- --help ---- */

static void put_wrapped(struct pf_sink *out, const char *text, size_t len, int indent)
{
    int column = indent;

    for (size_t i = 0; i < len;) {
        size_t n = 0;
        while (i + n < len && text[i + n] != ' ')
            n++;
        if (column > indent && column + 1 + (int)n > WIDTH) {
            pf_printf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            pf_put(out, " ", 1);
            column++;
        }
        pf_put(out, text + i, n);
        column += (int)n;
        i += n + 1;
    }
    pf_put(out, "\n", 1);
}

static void help_line(struct pf_sink *out, const char *line, size_t len)
{
    if (*line == ' ')
        pf_printf(out, "%.*s\n", (int)len, line);
    else
        put_wrapped(out, line, len, 0);
}

static void help_example(struct pf_sink *out, const char *line, size_t len)
{
    pf_printf(out, "  %.*s\n", (int)len, line);
}

static void help_options(struct pf_sink *out, const struct opt *o)
{
    for (; o->kind != OPT_END; o++) {
        char left[64];
        if (!o->help)
            continue;
        int n = spelled(o, left, sizeof left);
        if (n + 4 > INDENT)
            pf_printf(out, "  %s\n%*s", left, INDENT, "");
        else
            pf_printf(out, "  %-*s", INDENT - 2, left);
        put_wrapped(out, o->help, strlen(o->help), INDENT);
    }
}

static void help(struct pf_sink *out, const struct tool *t)
{
    const struct opt *tables[OPT_TABLES + 1];

    pf_printf(out, "usage: %s %s\n", t->name, t->synopsis);
    put_wrapped(out, t->summary, strlen(t->summary), 0);
    if (t->text) {
        pf_puts(out, "\n");
        each_line(out, t->text, help_line);
    }
    int own = options_of(t, tables);
    if (t->opts->kind != OPT_END)
        pf_puts(out, "\nOptions:\n");
    for (int i = 0; tables[i]; i++) {
        if (i == own)
            pf_puts(out, "\nCommon options:\n");
        help_options(out, tables[i]);
    }
    if (t->examples) {
        pf_puts(out, "\nExamples:\n");
        each_line(out, t->examples, help_example);
    }
    pf_puts(out, "\nExit status:\n");
    for (int i = EXIT_YES; i <= EXIT_TROUBLE; i++)
        if (i == EXIT_NO ? t->exits : common_exits[i])
            pf_printf(out, "  %d  %s\n", i, i == EXIT_NO ? t->exits : common_exits[i]);
}

/* ---- the man page ---- */

static void put_roff(struct pf_sink *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool first = !i || s[i - 1] == '\n';
        switch (s[i]) {
        case '\\': pf_puts(out, "\\e"); break;
        case '-': pf_puts(out, "\\-"); break;
        case '\'': pf_puts(out, first ? "\\&\\(aq" : "\\(aq"); break;
        case '.': pf_puts(out, first ? "\\&." : "."); break;
        case ',': pf_puts(out, ",\\:"); break; /* long lists without blanks may be broken here */
        default: pf_put(out, &s[i], 1); break;
        }
    }
}

static void roff(struct pf_sink *out, const char *before, const char *s, const char *after)
{
    pf_puts(out, before);
    put_roff(out, s, strlen(s));
    pf_puts(out, after);
}

static void man_kept(struct pf_sink *out, const char *line, size_t len)
{
    pf_puts(out, ".EX\n");
    put_roff(out, line, len);
    pf_puts(out, "\n.EE\n");
}

static void man_line(struct pf_sink *out, const char *line, size_t len)
{
    if (*line == ' ') {
        man_kept(out, line, len);
        return;
    }
    if (!len) {
        pf_puts(out, ".PP\n");
        return;
    }
    put_roff(out, line, len);
    pf_puts(out, "\n");
}

static void man_example(struct pf_sink *out, const char *line, size_t len)
{
    pf_puts(out, ".PP\n");
    man_kept(out, line, len);
}

static void man_options(struct pf_sink *out, const struct opt *o)
{
    for (; o->kind != OPT_END; o++) {
        if (!o->help)
            continue;
        pf_puts(out, ".TP\n");
        if (o->letter)
            pf_printf(out, "\\fB\\-%c\\fR, ", o->letter);
        roff(out, "\\fB\\-\\-", o->name, "\\fR");
        if (o->arg)
            roff(out, " \\fI", o->arg, "\\fR");
        roff(out, "\n", o->help, "\n");
    }
}

static void man(struct pf_sink *out, const struct tool *t)
{
    const struct opt *tables[OPT_TABLES + 1];

    pf_printf(out, ".TH \"%s\" 1 \"\" \"profpipe %s\" \"User Commands\"\n", t->name, PF_VERSION);
    pf_puts(out, ".ad l\n");
    roff(out, ".SH NAME\n", t->name, " \\- ");
    roff(out, "", t->summary, "\n");
    roff(out, ".SH SYNOPSIS\n.B ", t->name, "\n");
    roff(out, "", t->synopsis, "\n");
    pf_puts(out, ".SH DESCRIPTION\n");
    each_line(out, t->text ? t->text : t->summary, man_line);
    options_of(t, tables);
    pf_puts(out, ".SH OPTIONS\n");
    for (int i = 0; tables[i]; i++)
        man_options(out, tables[i]);
    pf_puts(out, ".SH EXIT STATUS\n");
    for (int i = EXIT_YES; i <= EXIT_TROUBLE; i++)
        if (i == EXIT_NO ? t->exits : common_exits[i]) {
            pf_printf(out, ".TP\n%d\n", i);
            roff(out, "", i == EXIT_NO ? t->exits : common_exits[i], "\n");
        }
    if (t->examples) {
        pf_puts(out, ".SH EXAMPLES\n");
        each_line(out, t->examples, man_example);
    }
}

/* ---- the questions ---- */

static int wider(int width, const char *text)
{
    int len = (int)strlen(text);

    return len > width ? len : width;
}

static void formats(struct pf_sink *out)
{
    int name = 0, suffix = 0;

    for (size_t i = 0; pf_formats[i]; i++) {
        name = wider(name, pf_formats[i]->name);
        suffix = wider(suffix, pf_formats[i]->suffix);
    }
    for (size_t i = 0; pf_formats[i]; i++) {
        const struct pf_format *f = pf_formats[i];
        pf_printf(out, "%-*s  %c%c  %-*s  %s\n", name, f->name, f->read ? 'r' : '-',
                  f->write ? 'w' : '-', suffix, f->suffix, f->title);
    }
}

void help_answer(const struct tool *t)
{
    if (!given.help && !given.version && !given.formats && !given.man)
        return;

    struct pf_sink *out = tool_output(PF_PLAIN, false);
    if (given.help)
        help(out, t);
    else if (given.version)
        pf_printf(out, "%s %s\n", t->name, PF_VERSION);
    else if (given.formats)
        formats(out);
    else
        man(out, t);
    exit(tool_finish(out));
}
