/* check_folded_styles.c - folded stacks by who wrote them: threads and processes, frames, numbers.
 */
#include "folded.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct pf_format pf_format_folded, pf_format_foldeddiff;

static struct pf_mem mem;
static struct pf_err err;

static void start(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
}

static void finish(void)
{
    ck_assert_uint_eq(mem.used, 0);
}

/* A copy without the NUL, so that a sanitizer sees who reads a byte too many. */
static char *tight(const char *text)
{
    size_t len = strlen(text);
    char *copy = malloc(len + !len);

    for (size_t i = 0; i < len; i++)
        copy[i] = text[i];
    return copy;
}

/* ---- what stands before the frames ---- */

/* The text up to the bar, which is no part of the input, are labels. */
static const struct {
    const char *text;
    enum folded_style style;
} prefixes[] = {
    {"main;f (a.py:3)", FOLDED_PLAIN},
    {"thread (1): a|;f (a.py:3)", FOLDED_PYSPY},
    {"thread (0x7F)|;f (a.py:3);g (a.py:4)", FOLDED_PYSPY},
    {"thread (0x7F)|", FOLDED_PYSPY},
    {"thread (1): a; b;c|;f (a.py:3)", FOLDED_PYSPY},
    {"thread (1): a|;f;g", FOLDED_PYSPY},
    {"thread (1): a (x)|;0x7f (libc.so.6)", FOLDED_PYSPY},
    {"thread (1): |;f (a.py:3)", FOLDED_PYSPY},
    {"thread (1) a;f (a.py:3)", FOLDED_PLAIN},
    {"thread (one): a;f (a.py:3)", FOLDED_PLAIN},
    {"thread (1;f (a.py:3)", FOLDED_PLAIN},
    {"process 1:\"x\"|;f (a.py:3)", FOLDED_PYSPY},
    {"process 1:\"x\"|", FOLDED_PYSPY},
    {"process 1:\"sh -c \"a;b\";c\";thread (2): main|;f (a.py:3)", FOLDED_PYSPY},
    {"process 1:\"x\"|;f;g", FOLDED_PYSPY},
    {"process 1:\"x;f (a.py:3)", FOLDED_PLAIN},
    {"process 1:x;f (a.py:3)", FOLDED_PLAIN},
    {"process :\"x\";f (a.py:3)", FOLDED_PLAIN},
    {"process 1:\"a;\";b\";process 2:\"c\";thread (3): d|;f (a.py:3)", FOLDED_PYSPY},
    {"tid:12|;a.py:f:3", FOLDED_TACHYON},
    {"tid:12|", FOLDED_TACHYON},
    {"tid:;a.py:f:3", FOLDED_PLAIN},
    {"tid:1x;a.py:f:3", FOLDED_PLAIN},
    {"", FOLDED_PLAIN},
    {"process ", FOLDED_PLAIN},
    {"thread (", FOLDED_PLAIN},
};

START_TEST(prefix)
{
    char text[200];
    struct folded_prefix x;
    snprintf(text, sizeof text, "%s", prefixes[_i].text);
    char *bar = strchr(text, '|');
    if (bar)
        memmove(bar, bar + 1, strlen(bar));

    char *copy = tight(text);
    folded_prefix(copy, strlen(text), &x);
    free(copy);
    ck_assert_int_eq(x.style, prefixes[_i].style);
    ck_assert_uint_eq(x.len, bar ? (size_t)(bar - text) : 0);
}
END_TEST

static const struct {
    const char *line;
    size_t len; /* 0: it is not austin's */
    enum folded_style style;
} austin[] = {
    {"Thread 7f;f (a.py);L3 57", 9, FOLDED_AUSTIN1},
    {"Thread 7f 57", 9, FOLDED_AUSTIN1},
    {"Thread 7f", 9, FOLDED_AUSTIN1},
    {"Thread main 57", 0, 0},
    {"Thread-7f 57", 0, 0},
    {"Process 12;Thread 7f 57", 20, FOLDED_AUSTIN1},
    {"Process 12;main 57", 0, 0},
    {"Process ;Thread 7f 57", 0, 0},
    {"Process 12", 0, 0},
    {"P1;T2;a.py:f:3 57", 5, FOLDED_AUSTIN3},
    {"P1;T2 57", 5, FOLDED_AUSTIN3},
    {"P1;T0:7f2a 57", 10, FOLDED_AUSTIN3},
    {"P1;Tom;f 57", 0, 0},
    {"P1;T", 0, 0},
    {"P;T1 5", 0, 0},
    {"P1 5", 0, 0},
};

START_TEST(austin_prefix)
{
    struct folded_prefix x;
    char *copy = tight(austin[_i].line);
    bool is = folded_austin_prefix(copy, strlen(austin[_i].line), &x);
    free(copy);
    ck_assert(is == (austin[_i].len != 0));
    if (is) {
        ck_assert_uint_eq(x.len, austin[_i].len);
        ck_assert_int_eq(x.style, austin[_i].style);
    }
}
END_TEST

/* ---- frames ---- */

static const struct {
    enum folded_style style;
    const char *text, *name, *file;
    int64_t line;
} places[] = {
    {FOLDED_AUSTIN3, "a.py:f:3", "f", "a.py", 3},
    {FOLDED_AUSTIN3, "C:\\a.py:f:3", "f", "C:\\a.py", 3},
    {FOLDED_AUSTIN3, "<frozen x>:<module>:27", "<module>", "<frozen x>", 27},
    {FOLDED_AUSTIN3, "a.py:f:", NULL, NULL, 0},
    {FOLDED_AUSTIN3, "a.py:f:x", NULL, NULL, 0},
    {FOLDED_AUSTIN3, "a.py:f:4)", NULL, NULL, 0},
    {FOLDED_AUSTIN3, "f:3", NULL, NULL, 0},
    {FOLDED_AUSTIN3, ":GC:", NULL, NULL, 0},
    {FOLDED_AUSTIN3, "::3", "", "", 3},
    {FOLDED_AUSTIN3, "a.py:f:99999999999", NULL, NULL, 0},
    {FOLDED_AUSTIN3, "", NULL, NULL, 0},
    {FOLDED_TACHYON, "<task>:T-1:0", "T-1", "<task>", 0},
    {FOLDED_TACHYON, "<GC>", NULL, NULL, 0},
    {FOLDED_AUSTIN1, "f (a.py);L3", "f", "a.py", 3},
    {FOLDED_AUSTIN1, "f (a.py);L0", "f", "a.py", 0},
    {FOLDED_AUSTIN1, "f (no suffix);L3", "f", "no suffix", 3},
    {FOLDED_AUSTIN1, "f (a.py:3)", "f", "a.py", 3},
    {FOLDED_AUSTIN1, "L3", NULL, NULL, 0},
    {FOLDED_AUSTIN1, ";L3", NULL, NULL, 0},
    {FOLDED_AUSTIN1, "();L3", NULL, NULL, 0},
    {FOLDED_AUSTIN1, "f(a);L3", NULL, NULL, 0},
};

START_TEST(place)
{
    const char *text = places[_i].text;
    struct folded_place at;
    size_t len = strlen(text);

    ck_assert(folded_place(places[_i].style, text, len, &at) == (places[_i].name != NULL));
    if (!places[_i].name)
        return;
    ck_assert_uint_eq(at.name_len, strlen(places[_i].name));
    ck_assert_mem_eq(text + at.name, places[_i].name, at.name_len);
    ck_assert_uint_eq(at.file_len, strlen(places[_i].file));
    ck_assert_mem_eq(text + at.file, places[_i].file, at.file_len);
    ck_assert_int_eq(at.line, places[_i].line);
}
END_TEST

/* ---- numbers ---- */

static const struct {
    const char *line; /* behind `x` */
    enum folded_style style;
    unsigned n; /* 0: they are none */
    int64_t value[FOLDED_VALUES];
    size_t stack;
    bool idle;
} numbers[] = {
    {"x 57", FOLDED_AUSTIN3, 1, {57}, 1, false},
    {"x -57", FOLDED_AUSTIN3, 1, {-57}, 1, false},
    {"x;f 57 ", FOLDED_AUSTIN3, 1, {57}, 3, false},
    {"x;f 57,1,-1024", FOLDED_AUSTIN3, 2, {57, -1024}, 3, true},
    {"x;f 57,0,7", FOLDED_AUSTIN3, 2, {57, 7}, 3, false},
    {"x;f 5,x", FOLDED_AUSTIN3, 0, {0}, 0, false},
    {"x;f 5,1", FOLDED_AUSTIN3, 0, {0}, 0, false},
    {"x;f ,1,2", FOLDED_AUSTIN3, 0, {0}, 0, false},
    {"x;f5", FOLDED_AUSTIN3, 0, {0}, 0, false},
    {"x", FOLDED_AUSTIN3, 0, {0}, 0, false},
    {"x;f 57", FOLDED_AUSTIN1, 1, {57}, 3, false},
    {"x 57 0 -1024", FOLDED_AUSTIN1, 3, {57, 0, -1024}, 1, false},
    {"x;f 5 7", FOLDED_AUSTIN1, 1, {7}, 5, false},
    {"x;f 1.5", FOLDED_AUSTIN1, 0, {0}, 0, false},
};

START_TEST(metrics)
{
    struct folded_count c;
    bool is = folded_metrics(numbers[_i].line, strlen(numbers[_i].line), 1, numbers[_i].style, &c);

    ck_assert(is == (numbers[_i].n != 0));
    if (!is)
        return;
    ck_assert(c.fits);
    ck_assert_uint_eq(c.n, numbers[_i].n);
    ck_assert_uint_eq(c.stack, numbers[_i].stack);
    ck_assert(c.idle == numbers[_i].idle);
    for (unsigned k = 0; k < c.n; k++)
        ck_assert_int_eq(c.value[k], numbers[_i].value[k]);
}
END_TEST

/* ---- labels of whole files ---- */

static struct pf_profile *read_text(const struct pf_format *f, const char *s)
{
    struct pf_source *in = pf_open_mem(&mem, s, strlen(s), &err);
    struct pf_profile *p = in ? pf_load(in, f, &err) : NULL;

    ck_assert_msg(p != NULL, "%s", err.msg);
    pf_close(in);
    return p;
}

/* The labels of sample i as text: key=value, in the order of the keys. */
static const char *labels(const struct pf_profile *p, uint32_t i)
{
    static char text[2000];
    pf_id set = p->samples.labels[i];
    const char *key[8] = {NULL};
    char value[8][100];
    uint32_t n = p->sets.first[set + 1] - p->sets.first[set];

    ck_assert_uint_le(n, 8);
    for (uint32_t k = 0; k < n; k++) {
        const struct pf_label *l = &p->labels.at[p->sets.item[p->sets.first[set] + k]];
        uint32_t to = k;
        for (; to && strcmp(key[to - 1], p->strs.at[l->key].s) > 0; to--) {
            key[to] = key[to - 1];
            memcpy(value[to], value[to - 1], sizeof *value);
        }
        key[to] = p->strs.at[l->key].s;
        if (l->kind == PF_LABEL_NUM)
            snprintf(value[to], sizeof *value, "%lld", (long long)l->num);
        else
            snprintf(value[to], sizeof *value, "%s", p->strs.at[l->str].s);
    }
    text[0] = 0;
    size_t len = 0;
    for (uint32_t k = 0; k < n; k++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.40s=%.99s", k ? " " : "",
                                key[k], value[k]);
    text[len] = 0;
    return text;
}

static const struct {
    const char *in, *labels;
} labelled[] = {
    {"a;b 1\n", ""},
    {"thread (0x7F): main;f (a.py:1) 1\n", "thread=main tid=127"},
    {"thread (12) 1\n", "thread=12 tid=12"},
    {"thread (0xfffffffffffffffff): x 1\n", "thread=x"},
    {"thread (1): a\\x3bb;f (a.py:1) 1\n", "thread=a;b tid=1"},
    {"process 9:\"x -y \"z\"\";f (a.py:1) 1\n", "pid=9 process=x -y \"z\""},
    {"process 1:\"sh\";process 2:\"x\";thread (3): m;f (a.py:1) 1\n",
     "ancestors=process 1:\"sh\" pid=2 process=x thread=m tid=3"},
    {"process 1:\"sh\";process 2:\"x\" 1\n", "ancestors=process 1:\"sh\" pid=2 process=x"},
    {"process 1:\"\" 1\n", "pid=1"},
    {"tid:77;a.py:f:1 1\n", "thread=77 tid=77"},
    {"Thread 7f;f (a.py);L3 1\n", "thread=7f"},
    {"Process 5;Thread 7f 1\n", "pid=5 process=5 thread=7f"},
    {"P1;T2;a.py:f:3 1\n", "pid=1 process=1 thread=2"},
    {"P1;T0:7f 1\n", "interpreter=0 pid=1 process=1 thread=7f"},
    {"P1;T2;a.py:f:3 1,1,0\n", "pid=1 process=1 state=idle thread=2"},
};

START_TEST(label)
{
    struct pf_profile *p = read_text(&pf_format_folded, labelled[_i].in);
    ck_assert_uint_eq(p->samples.n, 1);
    ck_assert_str_eq(labels(p, 0), labelled[_i].labels);
    pf_free(p);
}
END_TEST

/* What a line shares with the one before must not hide that labels or idleness differ. */
START_TEST(labels_change_from_line_to_line)
{
    struct pf_profile *p =
        read_text(&pf_format_folded, "P1;T2;a.py:f:3 1,0,0\nP1;T2;a.py:f:3 2,1,0\n"
                                     "P1;T22;a.py:f:3 4,0,0\nP1;T2;a.py:f:3 8,0,0\n"
                                     "P1;T2 16,0,0\nP1;T2;a.py:f:3 32,1,0\n");
    ck_assert_uint_eq(p->samples.n, 4);
    ck_assert_int_eq(p->samples.value[0][0], 9000);
    ck_assert_int_eq(p->samples.value[0][1], 34000);
    ck_assert_str_eq(labels(p, 2), "pid=1 process=1 thread=22");
    ck_assert_uint_eq(p->samples.stack[3], 0);
    ck_assert_uint_eq(p->stacks.n, 2);
    pf_free(p);
}
END_TEST

/* One text means one thing in austin's lines and another in others. */
START_TEST(frames_depend_on_the_style)
{
    struct pf_profile *p =
        read_text(&pf_format_folded, "a.py:f:3 1\nP1;T2;a.py:f:3 1\ntid:1;a.py:f:3 1\n");
    ck_assert_uint_eq(p->samples.n, 3);
    ck_assert_uint_ne(p->samples.stack[0], p->samples.stack[1]);
    ck_assert_uint_eq(p->samples.stack[1], p->samples.stack[2]);
    ck_assert_str_eq(p->strs.at[p->types.at[0].name].s, "samples");
    pf_free(p);
}
END_TEST

START_TEST(numbers_that_do_not_fit)
{
    static const char *const in[] = {
        "P1;T2 9223372036854775808\n",
        "P1;T2 9223372036854775\nP1;T3 9223372036854775\n",
        "# mode: memory\nP1;T2 9223372036854775807\nP1;T3 1\n",
        "Thread 7f 1 9223372036854775807 0\n",
    };
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        err = (struct pf_err){0};
        struct pf_source *s = pf_open_mem(&mem, in[i], strlen(in[i]), &err);
        ck_assert_ptr_null(pf_load(s, &pf_format_folded, &err));
        ck_assert_int_eq(err.code, PF_EVALUE);
        pf_close(s);
    }
}
END_TEST

START_TEST(comments_are_kept_up_to_a_limit)
{
    char text[4000];
    size_t n = (size_t)snprintf(text, sizeof text, "# interval: -5\n# no pair\n#x: 1\n");
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "# count: %d\n", i);
    snprintf(text + n, sizeof text - n, "P1;T2 1\n");
    struct pf_profile *p = read_text(&pf_format_folded, text);
    ck_assert_int_eq(p->period, 0);
    ck_assert_uint_eq(p->comments.n, 64);
    ck_assert_uint_eq(p->notes.n, 2); /* `#x: 1` is no comment, but a stack of one frame */
    pf_free(p);
}
END_TEST

START_TEST(a_difference_is_signed)
{
    struct pf_profile *p = read_text(&pf_format_foldeddiff, "a;b 5 7\na;b 1 0\na 2 2\n");
    ck_assert_uint_eq(p->samples.n, 4);
    ck_assert_int_eq(p->samples.value[0][0], 7);
    ck_assert_int_eq(p->samples.value[0][1], -6);
    ck_assert_str_eq(labels(p, 1), "pprof::base=true");
    ck_assert_uint_eq(p->samples.stack[0], p->samples.stack[1]);
    ck_assert_ptr_null(pf_format_foldeddiff.probe);
    pf_free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("folded_styles");
    TCase *t = tcase_create("styles");

    tcase_add_checked_fixture(t, start, finish);
    tcase_add_loop_test(t, prefix, 0, sizeof prefixes / sizeof *prefixes);
    tcase_add_loop_test(t, austin_prefix, 0, sizeof austin / sizeof *austin);
    tcase_add_loop_test(t, place, 0, sizeof places / sizeof *places);
    tcase_add_loop_test(t, metrics, 0, sizeof numbers / sizeof *numbers);
    tcase_add_loop_test(t, label, 0, sizeof labelled / sizeof *labelled);
    tcase_add_test(t, labels_change_from_line_to_line);
    tcase_add_test(t, frames_depend_on_the_style);
    tcase_add_test(t, numbers_that_do_not_fit);
    tcase_add_test(t, comments_are_kept_up_to_a_limit);
    tcase_add_test(t, a_difference_is_signed);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
