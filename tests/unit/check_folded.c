/* check_folded.c - folded stacks: the grammar line by line, frames, and what comes out again. */
#include "formats.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct pf_format pf_format_folded;

static struct pf_mem mem;
static struct pf_err err;
static char lost[1000];

static void start(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    lost[0] = 0;
}

static void finish(void)
{
    ck_assert_uint_eq(mem.used, 0);
}

static struct pf_profile *read_bytes(const char *s, size_t len)
{
    struct pf_source *in = pf_open_mem(&mem, s, len, &err);
    struct pf_profile *p = in ? pf_new(&mem) : NULL;

    if (p && (pf_format_folded.read(in, p, &err) < 0 || pf_check(p, NULL, NULL) != 0)) {
        ck_assert_int_ne(err.code, PF_OK);
        pf_free(p);
        p = NULL;
    }
    pf_close(in);
    return p;
}

static struct pf_profile *read_text(const char *s)
{
    struct pf_profile *p = read_bytes(s, strlen(s));
    ck_assert_msg(p != NULL, "%s", err.msg);
    return p;
}

static void append_line(char *to, size_t size, const char *text)
{
    size_t n = strlen(to);

    snprintf(to + n, size - n, "%s\n", text);
}

static void remember(void *ctx, const char *text)
{
    (void)ctx;
    append_line(lost, sizeof lost, text);
}

/* What the writer makes of p, to be freed. */
static char *written(const struct pf_profile *p, int type)
{
    struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
    struct pf_write how = {.type = type, .lost = remember};
    size_t len;

    ck_assert_int_eq(pf_format_folded.write(p, k, &how, &err), 0);
    pf_end_frame(k);
    const uint8_t *s = pf_sink_bytes(k, &len);
    char *copy = malloc(len + 1);
    if (len)
        memcpy(copy, s, len);
    copy[len] = 0;
    pf_abandon(k);
    return copy;
}

static void expect_written(const struct pf_profile *p, const char *want)
{
    char *got = written(p, -1);
    ck_assert_str_eq(got, want);
    free(got);
}

static void expect_note(const struct pf_profile *p, const char *part)
{
    if (!part) {
        ck_assert_uint_eq(p->notes.n, 0);
        return;
    }
    ck_assert_uint_eq(p->notes.n, 1);
    const char *note = p->strs.at[p->notes.at[0]].s;
    ck_assert_msg(strstr(note, part) != NULL, "'%s' instead of '%s'", note, part);
}

/* ---- grammar ---- */

/* What is read, as it is written again; "" is an error. */
static const struct {
    const char *in, *out, *note;
} lines[] = {
    {"a;b 5", "a;b 5\n", NULL},
    {"a;b 5\n", "a;b 5\n", NULL},
    {"a;b 5\na;b 6\na 1\n", "a 1\na;b 11\n", NULL},
    {"a;b 1.5\na;b 1.5\n", "a;b 3\n", "fractions"},
    {"a;b 1.5\n", "a;b 2\n", "fractions"},
    {"a;b 5.\n", "a;b 5\n", NULL},
    {"a;b 5.000\n", "a;b 5\n", NULL},
    {"a;b .5\n", "", NULL},
    {"a;b 1.2.3\n", "", NULL},
    {"a;b -5\n", "", NULL},
    {"a;b 1e5\n", "", NULL},
    {"a;b +5\n", "", NULL},
    {"a;b 0x10\n", "", NULL},
    {"a;b nan\n", "", NULL},
    {"a;b 0005\n", "a;b 5\n", NULL},
    {"a;b 0\n", "", NULL},
    {"a;b 0\na;c 1\n", "a;c 1\n", NULL},
    {"a;b 5 7\n", "a;b 5 7\n", "every line has two counts"},
    {"a;b 5 7\na 1\n", "a 1\na;b 5 7\n", NULL},
    {"thread 12345 7\n", "thread 12345 7\n", "every line has two counts"},
    {"a;b 1 2 3\n", "a;b 1 2 3\n", "every line has two counts"},
    {"a;b\t5\n", "a;b 5\n", NULL},
    {"a;b\v5\n", "a;b 5\n", NULL},
    {"a;b\f5\n", "a;b 5\n", NULL},
    {"a;b\xc2\xa0"
     "5\n",
     "", NULL},
    {"a;b 5\r\na;c 3\r\n", "a;b 5\na;c 3\n", NULL},
    {"a;b 5 \t\n", "a;b 5\n", NULL},
    {"a;b  5\n", "a;b  5\n", NULL}, /* one blank of the two belongs to the name */
    {" a;b 5\n", " a;b 5\n", NULL},
    {"5\n", "", NULL},
    {" 5\n", " 5\n", NULL},
    {" 5\n 3\n;a 1\n", " 8\n;a 1\n", NULL},
    {"a;b\n", "", NULL},
    {"", "", NULL},
    {"\n\n", "", NULL},
    {"\n\na;b 5\n\n", "a;b 5\n", NULL},
    {"# austin: 3.4.0\n# mode: 5\na;b 5\n", "a;b 5\n", NULL},
    {"#a 5\n", "#a 5\n", NULL},
    {"x\na;b 5\n", "a;b 5\n", "1 line without a count was ignored (line 1)"},
    {"a;b 5\nx\n y\n", "a;b 5\n", "2 lines without a count were ignored (first: line 2)"},
    {";;a;;b; 5\n", ";;a;;b; 5\n", NULL},
    {"; 5\n", "; 5\n", NULL},
    {"java;f_[j];g_[i];do_syscall_64_[k] 5\n", "java;f_[j];g_[i];do_syscall_64_[k] 5\n", NULL},
    {"\xef\xbb\xbf"
     "a 5\n",
     "a 5\n", NULL},
    {"gr\xc3\xb6\xc3\x9f;\xf0\x9f\x90\x8d 5\n", "gr\xc3\xb6\xc3\x9f;\xf0\x9f\x90\x8d 5\n", NULL},
    {"a;\xff\xfe 5\n", "a;\\xff\\xfe 5\n", NULL},
    {"a;\x1b[31m 5\n", "a;\\x1b[31m 5\n", NULL},
    {"a 9223372036854775807\n", "a 9223372036854775807\n", NULL},
    {"a 0.4999\nb 0.5\nc 0.0001\n", "b 1\n", "fractions"},
};

START_TEST(grammar)
{
    struct pf_profile *p = read_bytes(lines[_i].in, strlen(lines[_i].in));
    if (!p) {
        ck_assert_str_eq(lines[_i].out, "");
        ck_assert_int_eq(err.code, PF_ESYNTAX);
        ck_assert_str_eq(err.msg, "no line is \"stack count\"");
        return;
    }
    expect_written(p, lines[_i].out);
    expect_note(p, lines[_i].note);
    ck_assert(p->rounded == (lines[_i].note && strstr(lines[_i].note, "fractions")));
    ck_assert_str_eq(p->strs.at[p->format].s, "folded");
    ck_assert_int_eq(p->stack_kind, PF_EXACT);
    ck_assert_int_eq(pf_type_find(p, "samples"), 0);
    pf_free(p);
}
END_TEST

static const struct {
    const char *in;
    uint64_t line;
    const char *msg;
} refused[] = {
    {"a 9223372036854775808\n", 1, "the count '9223372036854775808' does not fit 63 bits"},
    {"a 1\nb 99999999999999999999999\n", 2,
     "the count '99999999999999999999999' does not fit 63 bits"},
    {"a 9223372036854775807.5\n", 1, "the count '9223372036854775807' does not fit 63 bits"},
    {"a 9223372036854775807\n\nb 1\n", 3, "the sum of all counts does not fit 63 bits"},
};

START_TEST(too_large)
{
    ck_assert_ptr_null(read_bytes(refused[_i].in, strlen(refused[_i].in)));
    ck_assert_int_eq(err.code, PF_EVALUE);
    ck_assert_int_eq(err.where, PF_AT_LINE);
    ck_assert_uint_eq(err.at, refused[_i].line);
    ck_assert_str_eq(err.msg, refused[_i].msg);
}
END_TEST

START_TEST(fractions_sum_up)
{
    char text[20000] = "";
    int64_t total = 0;
    for (int i = 0; i < 1000; i++)
        sprintf(text + strlen(text), "f%d 0.123456\n", i % 10);
    struct pf_profile *p = read_text(text);
    for (uint32_t i = 0; i < p->samples.n; i++)
        total += p->samples.value[0][i];
    ck_assert_int_eq(total, 123); /* 123.456, rounded once */
    pf_free(p);
}
END_TEST

START_TEST(utf16)
{
    static const char one[] = "\xff\xfe"
                              "a\0;\0b\0 \0001\0\n";
    static const char two[] = "\xfe\xff\0a\0 \0001\0\n\0b\0 \0002\0\n";
    ck_assert_ptr_null(read_bytes(one, sizeof one)); /* the closing NUL is its last byte */
    ck_assert_int_eq(err.code, PF_ESYNTAX);
    struct pf_profile *p = read_bytes(two, sizeof two - 1);
    ck_assert_ptr_nonnull(p);
    expect_written(p, "a 1\nb 2\n");
    pf_free(p);
}
END_TEST

START_TEST(damaged_packing)
{
    struct pf_sink *k = pf_create_mem(&mem, PF_GZIP, &err);
    size_t len;
    pf_puts(k, "a;b 5\n");
    pf_end_frame(k);
    const uint8_t *s = pf_sink_bytes(k, &len);
    struct pf_profile *p = read_bytes((const char *)s, len);
    ck_assert_ptr_nonnull(p);
    pf_free(p);
    ck_assert_ptr_null(read_bytes((const char *)s, len - 1));
    ck_assert_str_eq(err.msg, "the gzip data is cut");
    pf_abandon(k);
}
END_TEST

/* ---- frames ---- */

static const struct {
    const char *text, *name, *file;
    int64_t line;
} frames[] = {
    {"main", "main", "", 0},
    {"main (a.py:3)", "main", "a.py", 3},
    {"<module> (a b.py:3)", "<module>", "a b.py", 3},
    {"f (/a/b (1).py:3)", "f", "/a/b (1).py", 3},
    {"f (/a(b.py:3)", "f", "/a(b.py", 3},
    {"f (prog:12)", "f", "prog", 12},
    {"f (a.py)", "f", "a.py", 0},
    {"f (a.py:0)", "f", "a.py:0", 0},
    {"f (a.py:03)", "f", "a.py:03", 0},
    {"f (a.py:2147483647)", "f", "a.py", 2147483647},
    {"f (a.py:2147483648)", "f", "a.py:2147483648", 0},
    {"f (a.py:-3)", "f", "a.py:-3", 0},
    {"f (http://x/y.js:10:5)", "f", "http://x/y.js:10", 5},
    {"f (<string>:1)", "f", "<string>", 1},
    {"f (<string>)", "f", "<string>", 0},
    {"f (lib/x)", "f", "lib/x", 0},
    {"f (C:\\x5cx.py:7)", "f", "C:\\x.py", 7},
    {"f(a.py:3)", "f(a.py:3)", "", 0},
    {" (a.py:3)", " (a.py:3)", "", 0},
    {"f ()", "f ()", "", 0},
    {"f (:3)", "f (:3)", "", 0},
    {"operator new(unsigned long)", "operator new(unsigned long)", "", 0},
    {"foo (anonymous namespace)", "foo (anonymous namespace)", "", 0},
    {"std::function<void (int)>::operator()", "std::function<void (int)>::operator()", "", 0},
    {"int (*)(const char*, ...)", "int (*)(const char*, ...)", "", 0},
    {"printf (char const*, ...)", "printf (char const*, ...)", "", 0},
    {"thread (x)", "thread (x)", "", 0},
    {"[unknown]", "[unknown]", "", 0},
    {"a\\x3bb\\x5cc\\x0a", "a;b\\c\n", "", 0},
    {"\\xff\\xc2\\x9f", "\xff\xc2\x9f", "", 0},
    {"\\x41\\xFF\\x2\\", "\\x41\\xFF\\x2\\", "", 0}, /* not written so, so not read so */
    {"f (x\\x3by.py:5)", "f", "x;y.py", 5},
};

START_TEST(frame)
{
    char text[200];
    snprintf(text, sizeof text, "%s 1\n", frames[_i].text);
    struct pf_profile *p = read_text(text);
    const struct pf_frame *f = &p->frames.at[p->stacks.frame[p->samples.stack[0]]];
    const struct pf_func *func = &p->funcs.at[f->func];
    ck_assert_str_eq(p->strs.at[func->name].s, frames[_i].name);
    ck_assert_str_eq(p->strs.at[func->file].s, frames[_i].file);
    ck_assert_int_eq(f->line, frames[_i].line);
    ck_assert_int_eq(func->line, 0);
    pf_free(p);
}
END_TEST

/* The shared part with the line before is taken from there: it must be the same stack. */
START_TEST(shared_prefixes)
{
    struct pf_profile *p = read_text("a;b;c 1\na;b 1\na;b;c;d 1\na;bc 1\na;b;;c 1\n;a 1\n 1\n; 1\n"
                                     "a 1\na; 1\na;b;c 1\n");
    expect_written(p, " 1\n; 1\n;a 1\na 1\na; 1\na;b 1\na;b;;c 1\na;b;c 2\na;b;c;d 1\na;bc 1\n");
    ck_assert_uint_eq(p->stacks.n, 1 + 11);
    pf_free(p);
}
END_TEST

/* From a stack lines go where they went before, or elsewhere: names that begin alike, none at all,
 * and three ways in turn. */
START_TEST(known_steps)
{
    struct pf_profile *p = read_text(
        "a;b;c 1\nx 1\na;b;cd 1\nx 1\na;b 1\nx 1\na;bb;c 1\nx 1\na; 1\nx;y 1\na;b;c 1\nx;z 1\n"
        "a;;c 1\nx;w 1\na;b;c 1\nx;y 1\na;b; 1\n");
    expect_written(p, "a; 1\na;;c 1\na;b 1\na;b; 1\na;b;c 3\na;b;cd 1\na;bb;c 1\nx 4\nx;w 1\n"
                      "x;y 2\nx;z 1\n");
    ck_assert_uint_eq(p->stacks.n, 1 + 13);
    pf_free(p);
}
END_TEST

START_TEST(deep_stack)
{
    enum { DEPTH = 200000 };
    char *text = malloc(2 * DEPTH + 3);
    for (size_t i = 0; i < 2 * (size_t)DEPTH; i++)
        text[i] = i % 2 ? ';' : 'a';
    memcpy(text + 2 * (size_t)DEPTH - 1, " 1\n", 4);
    struct pf_profile *p = read_text(text);
    ck_assert_uint_eq(p->stacks.n, DEPTH + 1);
    expect_written(p, text);
    pf_free(p);
    free(text);
}
END_TEST

/* ---- probe ---- */

static const struct {
    const char *head;
    size_t len;
    int low, high;
} heads[] = {
    {"main;a;b 5\n", 11, 30, 30},
    {"\n\nx\nmain 5\n", 11, 30, 30},
    {"hello world.", 12, 1, 5},
    {"a;\x1b[31mred 5", 12, 1, 5},
    {"\xff\xfe"
     "a\0 \0005\0",
     8, 30, 30},
    {"\xfe\xff\0a\0 \0005", 8, 30, 30},
    {"\xef\xbb\xbf"
     "a 5",
     6, 30, 30},
    {"a;b\0c 5", 8, 0, 0},
    {"\x01\x02\x03\x04", 4, 0, 0},
    {"", 0, 0, 0},
};

START_TEST(probe)
{
    int bid = pf_format_folded.probe((const uint8_t *)heads[_i].head, heads[_i].len);
    ck_assert_msg(bid >= heads[_i].low && bid <= heads[_i].high, "bid %d", bid);
}
END_TEST

/* ---- writing ---- */

START_TEST(order_is_canonical)
{
    static const char *const input[] = {"b;x 1",           "b 2",  "a;z 3", "a;y (f.py:9) 4",
                                        "a;y (f.py:10) 5", "ab 6", "a b 7", "b;x;y 8"};
    char *first = NULL;
    for (unsigned turn = 0; turn < 8; turn++) {
        char text[200] = "";
        for (unsigned i = 0; i < 8; i++)
            append_line(text, sizeof text, input[(i * 3 + turn) % 8]);
        struct pf_profile *p = read_text(text);
        char *got = written(p, -1);
        if (first)
            ck_assert_str_eq(got, first);
        else
            ck_assert_str_eq(got,
                             "a;y (f.py:10) 5\na;y (f.py:9) 4\na;z 3\na b 7\nab 6\nb 2\nb;x 1\n"
                             "b;x;y 8\n");
        pf_free(p);
        if (first)
            free(got);
        else
            first = got;
    }
    free(first);
}
END_TEST

static pf_id frame_at(struct pf_profile *p, const char *name, const char *file, int64_t start,
                      int64_t line)
{
    return pf_frame(p, pf_func(p, pf_strz(p, name), pf_strz(p, file), start), line);
}

static void sample(struct pf_profile *p, pf_id stack, pf_id labels, int64_t a, int64_t b)
{
    int64_t values[2] = {a, b};
    pf_sample(p, stack, labels, values);
}

START_TEST(spelling)
{
    struct pf_profile *p = pf_new(&mem);
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_id file = pf_strz(p, "lib;c.so");
    pf_id map = pf_mapping(p, &(struct pf_mapping){.start = 1, .file = file});
    const pf_id ids[] = {
        frame_at(p, "at start", "f.py", 7, 0),
        frame_at(p, "at line", "f.py", 7, 9),
        frame_at(p, "builtin", "~", 0, 0),
        frame_at(p, "no line", "f.py", 0, 0),
        frame_at(p, "no file", "", 5, 6),
        pf_frame_full(p, &(struct pf_frame){.addr = 0xbeef, .mapping = map}),
        pf_frame_full(p, &(struct pf_frame){.mapping = map}),
        pf_frame_full(p, &(struct pf_frame){.line = 3}),
    };
    pf_id stack = 0;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        stack = pf_stack(p, stack, ids[i]);
    sample(p, stack, 0, -12, 0);
    expect_written(p, "at start (f.py:7);at line (f.py:9);builtin;no line (f.py);no file;0xbeef;"
                      "lib\\x3bc.so;? -12\n");
    ck_assert_str_eq(lost,
                     "1 stacks have negative weights, which most readers of folded stacks skip\n");
    pf_free(p);
}
END_TEST

/* Stacks of different frames but equal text are one line, and so are those below them. */
START_TEST(equal_texts)
{
    struct pf_profile *p = pf_new(&mem);
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_id f = frame_at(p, "f", "f.py", 1, 7), same = frame_at(p, "f", "f.py", 2, 7);
    pf_id g = frame_at(p, "g", "", 0, 0);
    pf_id a = pf_stack(p, 0, f), b = pf_stack(p, 0, same);
    sample(p, pf_stack(p, a, g), 0, 1, 0);
    sample(p, b, 0, 20, 0);
    sample(p, pf_stack(p, b, g), 0, 300, 0);
    sample(p, a, 0, 4000, 0);
    expect_written(p, "f (f.py:7) 4020\nf (f.py:7);g 301\n");

    sample(p, a, 0, INT64_MAX, 0);
    struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
    ck_assert_int_eq(pf_format_folded.write(p, k, NULL, &err), -1);
    ck_assert_int_eq(err.code, PF_EVALUE);
    pf_abandon(k);
    pf_free(p);
}
END_TEST

START_TEST(what_is_lost)
{
    struct pf_profile *p = pf_new(&mem);
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_type_add(p, "calls", "count", PF_SUM);
    pf_id key = pf_strz(p, "thread");
    pf_id label = pf_label(p, &(struct pf_label){.key = key, .str = key});
    pf_id hash = pf_stack(p, 0, frame_at(p, "# f", "", 0, 0));
    sample(p, hash, 0, 5, 0);
    expect_written(p, "# f 5\n");
    ck_assert_str_eq(lost, "1 stacks begin with \"# \", which readers take for comments\n");
    sample(p, hash, pf_label_set(p, &label, 1), 1, 2);
    lost[0] = 0;
    char *got = written(p, 1);
    ck_assert_str_eq(got, "# f 2\n");
    ck_assert_ptr_nonnull(strstr(lost, "only calls is kept, not time\nlabels are not kept ("));
    free(got);
    pf_free(p);
}
END_TEST

static char *written_as(const struct pf_profile *p, unsigned how)
{
    struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
    struct pf_write w = {.type = -1, .how = how, .lost = remember};
    size_t len;

    lost[0] = 0;
    ck_assert_int_eq(pf_format_folded.write(p, k, &w, &err), 0);
    pf_end_frame(k);
    const uint8_t *bytes = pf_sink_bytes(k, &len);
    char *text = strndup((const char *)bytes, len);
    pf_abandon(k);
    return text;
}

static pf_id text_label(struct pf_profile *p, const char *key, const char *value)
{
    return pf_label(p, &(struct pf_label){.key = pf_strz(p, key), .str = pf_strz(p, value)});
}

/* Labels go out as leading frames when asked for, and come back as they were. */
START_TEST(labels_there_and_back)
{
    static const char want[] = "{a\\x5cx3db\\x5cx3a=x\\x3by} 9\n"
                               "{bytes:=-4096 KiB pages};{thread=};f 5\n"
                               "{bytes:=12};g 7\n"
                               "\\x7bno=label};g 1\n";
    struct pf_profile *p = pf_new(&mem);
    pf_type_add(p, "samples", "count", PF_SUM);
    pf_id f = pf_stack(p, 0, frame_at(p, "f", "", 0, 0));
    pf_id g = pf_stack(p, 0, frame_at(p, "g", "", 0, 0));
    pf_id no = pf_stack(p, 0, frame_at(p, "{no=label}", "", 0, 0));
    pf_id two[2] = {text_label(p, "thread", ""),
                    pf_label(p, &(struct pf_label){.key = pf_strz(p, "bytes"),
                                                   .kind = PF_LABEL_NUM,
                                                   .num = -4096,
                                                   .unit = pf_strz(p, "KiB pages")})};
    pf_id twelve = pf_label(
        p, &(struct pf_label){.key = pf_strz(p, "bytes"), .kind = PF_LABEL_NUM, .num = 12});
    pf_id odd = text_label(p, "a=b:", "x;y");
    sample(p, f, pf_label_set(p, two, 2), 5, 0);
    sample(p, g, pf_label_set(p, &twelve, 1), 7, 0);
    sample(p, 0, pf_label_set(p, &odd, 1), 9, 0);
    sample(p, pf_stack(p, no, frame_at(p, "g", "", 0, 0)), 0, 1, 0);
    char *first = written_as(p, PF_LABELLED);
    ck_assert_str_eq(lost, "");
    struct pf_profile *q = read_text(first);
    char *second = written_as(q, PF_LABELLED);
    ck_assert_str_eq(first, second);
    ck_assert_uint_eq(q->labels.n, 5);
    for (size_t at = 0, line = 0; want[at]; at += strcspn(want + at, "\n") + 1, line++) {
        char text[100];
        snprintf(text, sizeof text, "%.*s\n", (int)strcspn(want + at, "\n"), want + at);
        ck_assert_msg(strstr(first, text) != NULL, "%s is not in\n%s", text, first);
    }
    free(first);
    free(second);
    pf_free(p);
    pf_free(q);
}
END_TEST

/* Where labels are dropped, the peak of a stack is the largest of its samples, not their sum. */
START_TEST(peaks_are_not_added)
{
    struct pf_profile *p = pf_new(&mem);
    pf_type_add(p, "rss", "bytes", PF_PEAK);
    pf_id f = pf_stack(p, 0, frame_at(p, "f", "", 0, 0)), label = text_label(p, "pid", "1");
    sample(p, f, 0, 50, 0);
    sample(p, f, pf_label_set(p, &label, 1), 70, 0);
    char *got = written_as(p, 0);
    ck_assert_str_eq(got, "f 70\n");
    ck_assert_ptr_nonnull(strstr(lost, "'rss' is no sum"));
    free(got);
    pf_free(p);
}
END_TEST

/* Two columns as difffolded.pl writes them, for stacks of both sides. */
START_TEST(two_sides)
{
    struct pf_profile *p = pf_new(&mem);
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
    pf_id label = text_label(p, "pprof::base", "true"), base = pf_label_set(p, &label, 1);
    pf_id f = pf_stack(p, 0, frame_at(p, "f", "", 0, 0)), g = frame_at(p, "g", "", 0, 0);
    sample(p, f, 0, 50, 0);
    sample(p, f, base, -70, 0);
    sample(p, pf_stack(p, f, g), base, -5, 0);
    for (unsigned how = PF_TWO_SIDED; how <= (PF_TWO_SIDED | PF_LABELLED); how += PF_LABELLED) {
        char *got = written_as(p, how);
        ck_assert_str_eq(got, "f 70 50\nf;g 5 0\n");
        ck_assert_str_eq(lost, "");
        free(got);
    }
    pf_free(p);
}
END_TEST

START_TEST(no_types)
{
    struct pf_profile *p = pf_new(&mem);
    struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
    ck_assert_int_eq(pf_format_folded.write(p, k, NULL, &err), -1);
    ck_assert_int_eq(err.code, PF_EVALUE);
    pf_abandon(k);
    pf_free(p);
}
END_TEST

START_TEST(failing_allocations)
{
    const char *text = "main (a.py:1);f\\x3b (b.py:2);g 5\nmain (a.py:1);h 1.5\nx\nnew;h;i;j;k 3\n";
    for (uint64_t n = 1;; n++) {
        pf_mem_init(&mem, 0);
        mem.fail_at = n;
        err = (struct pf_err){0};
        struct pf_profile *p = read_bytes(text, strlen(text));
        struct pf_sink *k = p ? pf_create_mem(&mem, PF_PLAIN, &err) : NULL;
        if (k) {
            pf_format_folded.write(p, k, NULL, &err);
            pf_end_frame(k);
            pf_commit(k, &err);
        }
        pf_free(p);
        ck_assert_uint_eq(mem.used, 0);
        if (err.code == PF_OK)
            break;
        ck_assert_int_eq(err.code, PF_ENOMEM);
    }
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *c = tcase_create(name);
    tcase_add_checked_fixture(c, start, finish);
    tcase_set_timeout(c, 60);
    suite_add_tcase(suite, c);
    return c;
}

int main(void)
{
    Suite *suite = suite_create("folded");
    TCase *c = add_case(suite, "read");
    tcase_add_loop_test(c, grammar, 0, sizeof lines / sizeof *lines);
    tcase_add_loop_test(c, too_large, 0, sizeof refused / sizeof *refused);
    tcase_add_test(c, fractions_sum_up);
    tcase_add_test(c, utf16);
    tcase_add_test(c, damaged_packing);
    tcase_add_loop_test(c, frame, 0, sizeof frames / sizeof *frames);
    tcase_add_test(c, shared_prefixes);
    tcase_add_test(c, known_steps);
    tcase_add_test(c, deep_stack);
    tcase_add_loop_test(c, probe, 0, sizeof heads / sizeof *heads);
    c = add_case(suite, "write");
    tcase_add_test(c, order_is_canonical);
    tcase_add_test(c, spelling);
    tcase_add_test(c, equal_texts);
    tcase_add_test(c, what_is_lost);
    tcase_add_test(c, labels_there_and_back);
    tcase_add_test(c, peaks_are_not_added);
    tcase_add_test(c, two_sides);
    tcase_add_test(c, no_types);
    tcase_add_test(c, failing_allocations);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
