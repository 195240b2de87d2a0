/* check_json.c - what the tokenizer for JSON takes, what it gives, and what it refuses where. */
#include "json.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct pf_mem mem;
static struct pf_source *in;
static struct pf_json j;
static struct pf_err err;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    in = NULL;
}

static void close_input(void)
{
    if (in)
        pf_json_close(&j);
    pf_close(in);
    in = NULL;
}

static void teardown(void)
{
    close_input();
    ck_assert_uint_eq(mem.used, 0);
}

static void open_bytes(const char *bytes, size_t len)
{
    close_input();
    err = (struct pf_err){0};
    in = pf_open_mem(&mem, bytes, len, &err);
    ck_assert_ptr_nonnull(in);
    pf_json_open(&j, in, &err);
}

static void open_text(const char *s)
{
    open_bytes(s, strlen(s));
}

/* ---- whole texts, written back without white space ---- */

enum { DUMPED = 4096 };

struct dump {
    char s[DUMPED];
    size_t n;
};

static void put(struct dump *d, const char *s, size_t len)
{
    ck_assert_uint_lt(d->n + len, DUMPED);
    memcpy(d->s + d->n, s, len);
    d->n += len;
    d->s[d->n] = 0;
}

static void put_value(struct dump *d)
{
    int kind = pf_json_look(&j);
    bool word;

    if (kind == '{' || kind == '[') {
        pf_json_enter(&j, (char)kind);
        put(d, kind == '{' ? "{" : "[", 1);
    } else if (kind == '"') {
        if (pf_json_string(&j))
            put(d, j.text, j.len);
        put(d, ";", 1);
    } else if (kind == '0') {
        if (pf_json_number(&j))
            put(d, j.text, j.len);
        put(d, ";", 1);
    } else if (kind == 'n') {
        pf_json_null(&j);
        put(d, "null;", 5);
    } else if (kind) {
        pf_json_bool(&j, &word);
        put(d, word ? "true;" : "false;", word ? 5 : 6);
    }
}

/* One value at the top, and nothing after it. */
static void dump_all(struct dump *d)
{
    d->n = 0;
    d->s[0] = 0;
    put_value(d);
    while (j.depth && !err.code) {
        bool object = j.open[j.depth - 1] == '{';
        if (object ? pf_json_key(&j) : pf_json_item(&j)) {
            if (object) {
                put(d, j.text, j.len);
                put(d, "=", 1);
            }
            put_value(d);
        } else {
            put(d, object ? "}" : "]", 1);
        }
    }
    pf_json_done(&j);
}

static const char whole[] =
    "{\"name\" : \"a\\u00e9\\n\\\"b\", \"list\":[1,-2.5e+10, true,false ,null,[],{}],\r\n\t\"o\" :"
    " { \"\\ud83d\\ude00\":\"\xc3\xa9\" ,\"12345678901234567890\": 0.125 } } ";
static const char whole_dumped[] =
    "{name=a\xc3\xa9\n\"b;list=[1;-2.5e+10;true;false;null;[]{}]o={\xf0\x9f\x98\x80=\xc3\xa9;"
    "12345678901234567890=0.125;}}";

START_TEST(takes_all_there_is)
{
    struct dump d;

    open_text(whole);
    dump_all(&d);
    ck_assert_str_eq(err.msg, "");
    ck_assert_str_eq(d.s, whole_dumped);
}
END_TEST

START_TEST(windows_may_end_anywhere)
{
    enum { WINDOW = 256 * PF_KIB, STEP = 4 }; /* shorter than most tokens */
    char path[] = "/tmp/check_json_XXXXXX";
    size_t len = strlen(whole);
    char *text = malloc(WINDOW + len);
    struct dump d;

    close(mkstemp(path));
    ck_assert_ptr_nonnull(text);
    memset(text, ' ', WINDOW + len);
    for (size_t cut = 0; cut <= len; cut += STEP) {
        FILE *f = fopen(path, "wb");
        memcpy(text + WINDOW - cut, whole, len);
        fwrite(text, 1, WINDOW - cut + len, f);
        fclose(f);
        close_input();
        err = (struct pf_err){0};
        in = pf_open(&mem, path, &err);
        pf_json_open(&j, in, &err);
        dump_all(&d);
        ck_assert_msg(!err.code && strcmp(d.s, whole_dumped) == 0, "cut after %zu: %s %s", cut,
                      err.msg, d.s);
    }
    unlink(path);
    free(text);
}
END_TEST

START_TEST(every_prefix_is_refused_at_its_end)
{
    size_t len = strlen(whole) - 1; /* the last blank may be missing */

    for (size_t n = 0; n < len; n++) {
        struct dump d;
        open_bytes(whole, n);
        dump_all(&d);
        ck_assert_int_eq(err.code, PF_ESYNTAX);
        ck_assert_uint_eq(err.where, PF_AT_OFFSET);
        ck_assert_msg(err.at <= n, "cut at %zu: offset %llu", n, (unsigned long long)err.at);
        ck_assert_msg(strstr(err.msg, "the input ends where") || err.at < n, "cut at %zu: %s", n,
                      err.msg);
    }
}
END_TEST

/* ---- what is refused ---- */

static const struct {
    const char *text;
    uint64_t at;
    const char *msg;
} refused[] = {
    {"", 0, "the input ends where a value is expected"},
    {"  x", 2, "expected a value, not `x`"},
    {"NaN", 0, "expected a value, not `N`"},
    {"nul", 0, "expected a value, not `n`"},
    {"truE", 0, "expected a value, not `t`"},
    {"1 2", 2, "expected the end of the input, not `2`"},
    {"[1,]", 3, "expected a value, not `]`"},
    {"[,1]", 1, "expected a value, not `,`"},
    {"[1 2]", 3, "expected `,` or `]`, not `2`"},
    {"[1}", 2, "expected `,` or `]`, not `}`"},
    {"{\"a\":1,}", 7, "expected a key in quotes, not `}`"},
    {"{a:1}", 1, "expected a key in quotes or `}`, not `a`"},
    {"{\"a\" 1}", 5, "expected `:`, not `1`"},
    {"{\"a\":1]", 6, "expected `,` or `}`, not `]`"},
    {"{\"a\":}", 5, "expected a value, not `}`"},
    {"01", 1, "expected the end of the input, not `1`"},
    {"-", 1, "the input ends where a digit is expected"},
    {"-x", 1, "expected a digit, not `x`"},
    {"+1", 0, "expected a value, not `+`"},
    {".5", 0, "expected a value, not `.`"},
    {"[1.]", 3, "expected a digit after the point, not `]`"},
    {"[1e]", 3, "expected a digit of the exponent, not `]`"},
    {"[1e+]", 4, "expected a digit of the exponent, not `]`"},
    {"0x10", 1, "expected the end of the input, not `x`"},
    {"\"a\nb\"", 2, "expected a character (control bytes are written \\u00XX), not a byte 0x0a"},
    {"\"a", 2, "the input ends where the closing quote of a string is expected"},
    {"\"a\\\"", 4, "the input ends where the closing quote of a string is expected"},
    {"\"a\\x\"", 2, "expected an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"},
    {"\"\\u12g4\"", 1, "expected an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"},
    {"\"\\u12\"", 1, "expected an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"},
    {"\x01", 0, "expected a value, not a byte 0x01"},
};

START_TEST(refuses)
{
    struct dump d;

    open_text(refused[_i].text);
    dump_all(&d);
    ck_assert_str_eq(err.msg, refused[_i].msg);
    ck_assert_int_eq(err.code, PF_ESYNTAX);
    ck_assert_uint_eq(err.at, refused[_i].at);
}
END_TEST

START_TEST(refuses_the_same_when_it_skips)
{
    open_text(refused[_i].text);
    if (pf_json_skip(&j))
        pf_json_done(&j);
    ck_assert_str_eq(err.msg, refused[_i].msg);
    ck_assert_uint_eq(err.at, refused[_i].at);
}
END_TEST

START_TEST(nesting_has_a_limit)
{
    enum { DEEP = 1000000 };
    char *text = malloc(DEEP);

    memset(text, '[', DEEP);
    open_bytes(text, DEEP);
    ck_assert(!pf_json_skip(&j));
    ck_assert_int_eq(err.code, PF_ELIMIT);
    ck_assert_uint_eq(err.at, PF_JSON_DEPTH);
    memset(text + PF_JSON_DEPTH, ']', PF_JSON_DEPTH);
    open_bytes(text, (size_t)2 * PF_JSON_DEPTH);
    ck_assert(pf_json_skip(&j) && pf_json_done(&j));
    free(text);
}
END_TEST

START_TEST(errors_are_sticky)
{
    int64_t number;

    open_text("[?, 1]");
    ck_assert(pf_json_enter(&j, '[') && pf_json_item(&j));
    ck_assert(!pf_json_int(&j, &number));
    ck_assert(!pf_json_item(&j) && !pf_json_key(&j) && !pf_json_skip(&j) && !pf_json_done(&j));
    ck_assert_uint_eq(err.at, 1);
}
END_TEST

/* ---- strings ---- */

static const struct {
    const char *text, *want;
    size_t len;
    unsigned bad;
} strings[] = {
    {"\"\"", "", 0, 0},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8, 0},
    {"\"\\u0000\"", "\0", 1, 0},
    {"\"\\u007f\\u0080\\u07FF\\u0800\\uffff\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11,
     0},
    {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4, 0},
    /* lone surrogates: undecodable bytes of Python are those bytes again, others stay */
    {"\"\\udcff\"", "\xff", 1, 0},
    {"\"\\udc80x\"", "\x80x", 2, 0},
    {"\"\\udc7f\"", "\xed\xb1\xbf", 3, 0},
    {"\"\\ud800x\"", "\xed\xa0\x80x", 4, 0},
    {"\"\\ud800\\u0041\"", "\xed\xa0\x80\x41", 4, 0},
    /* what is no UTF-8 is kept, and counted */
    {"\"\xff\xfe\"", "\xff\xfe", 2, 1},
    {"\"a\xc3\"", "a\xc3", 2, 1},
    {"\"\xed\xa0\x80\"", "\xed\xa0\x80", 3, 1},
    {"\"12345678\xc3\xa9 plain text beyond eight bytes\"",
     "12345678\xc3\xa9 plain text beyond eight bytes", 40, 0},
};

START_TEST(decodes_strings)
{
    open_text(strings[_i].text);
    ck_assert(pf_json_string(&j));
    ck_assert_uint_eq(j.len, strings[_i].len);
    ck_assert_mem_eq(j.text, strings[_i].want, j.len);
    ck_assert_uint_eq(j.bad_utf8, strings[_i].bad);
}
END_TEST

START_TEST(long_strings_are_held_whole)
{
    enum { LONG = 3 * PF_MIB };
    char *text = malloc(LONG);

    memset(text, 'x', LONG);
    text[0] = text[LONG - 1] = '"';
    memcpy(text + LONG / 2, "\\n", 2);
    open_bytes(text, LONG);
    ck_assert(pf_json_string(&j));
    ck_assert_uint_eq(j.len, LONG - 3);
    ck_assert_int_eq(j.text[LONG / 2 - 1], '\n');
    free(text);
}
END_TEST

START_TEST(texts_in_other_encodings)
{
    static const char mark[] = "\xef\xbb\xbf[\"x\"]";
    static const char utf16[] = "\xff\xfe[\0\"\0\xe9\0\"\0]\0";
    struct dump d;

    open_bytes(mark, sizeof mark - 1);
    dump_all(&d);
    ck_assert_str_eq(d.s, "[x;]");
    open_bytes(utf16, sizeof utf16 - 1);
    dump_all(&d);
    ck_assert_str_eq(d.s, "[\xc3\xa9;]");
}
END_TEST

/* ---- numbers and names ---- */

START_TEST(whole_numbers)
{
    static const struct {
        const char *text;
        int64_t value;
        bool ok;
    } ints[] = {{"0", 0, true},
                {"-0", 0, true},
                {"1e3", 1000, true},
                {"2.0", 2, true},
                {"1.5", 0, false},
                {"9223372036854775807", INT64_MAX, true},
                {"1e300", 0, false},
                {"-9223372036854775808", INT64_MIN, true},
                {"9223372036854775808", 0, false}};
    int64_t value;

    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
        open_text(ints[i].text);
        ck_assert_msg(pf_json_int(&j, &value) == ints[i].ok, "%s", ints[i].text);
        if (ints[i].ok)
            ck_assert_int_eq(value, ints[i].value);
    }
}
END_TEST

START_TEST(indexes)
{
    static const uint32_t want[] = {0, 7, 123456789, 4294967295, 12, 5};
    uint32_t value, n = 0;

    open_text("[0,7, 123456789 ,4294967295,12,5]           ");
    ck_assert(pf_json_enter(&j, '['));
    while (pf_json_index(&j, &value))
        ck_assert_uint_eq(value, want[n++]);
    ck_assert(!err.code && n == 6 && pf_json_done(&j));
}
END_TEST

START_TEST(wrong_indexes)
{
    static const char *const texts[] = {
        "[-1]            ",   "[0.5]           ", "[4294967296]    ", "[01,2,3,4,5,6,7]",
        "[\"0\"]           ", "[1 2 3 4 5 6 7]",  "[1,,2,3,4,5,6,7]"};
    uint32_t value;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        open_text(texts[i]);
        ck_assert(pf_json_enter(&j, '['));
        while (pf_json_index(&j, &value)) {
        }
        ck_assert_msg(err.code != PF_OK, "%s", texts[i]);
    }
}
END_TEST

START_TEST(names_stand_once)
{
    static const char *const names[] = {"a", "b", NULL};
    uint64_t seen = 0;

    open_text("{\"b\":1,\"c\":2,\"c\":3,\"a\":4,\"b\":5}");
    ck_assert(pf_json_enter(&j, '{'));
    ck_assert(pf_json_key(&j) && pf_json_which(&j, names, &seen) == 1 && pf_json_skip(&j));
    ck_assert(pf_json_key(&j) && pf_json_which(&j, names, &seen) == -1 && pf_json_skip(&j));
    ck_assert(pf_json_key(&j) && pf_json_which(&j, names, &seen) == -1 && pf_json_skip(&j));
    ck_assert(pf_json_key(&j) && pf_json_which(&j, names, &seen) == 0 && pf_json_skip(&j));
    ck_assert(pf_json_key(&j) && pf_json_which(&j, names, &seen) == -1);
    ck_assert_str_eq(err.msg, "the key 'b' stands here for the second time");
    ck_assert_uint_eq(err.at, 25);
}
END_TEST

/* ---- arrays that need not be closed ---- */

START_TEST(open_arrays)
{
    static const struct {
        const char *text;
        bool ok, open;
    } arrays[] = {{"[1,2]", true, false},    {"[1,2", true, true},      {"[1,2,", true, true},
                  {"[1,2,]", true, true},    {"[1,2,\n\n", true, true}, {"[", true, true},
                  {"[[1]", true, true},      {"[[1", false, false},     {"[1 2", false, false},
                  {"[[1,],2]", false, false}};

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        open_text(arrays[i].text);
        j.may_end = true;
        ck_assert(pf_json_enter(&j, '['));
        while (pf_json_item(&j) && pf_json_skip(&j)) {
        }
        pf_json_done(&j);
        ck_assert_msg((err.code == PF_OK) == arrays[i].ok, "%s: %s", arrays[i].text, err.msg);
        ck_assert_msg(j.ended_open == arrays[i].open, "%s", arrays[i].text);
    }
}
END_TEST

/* ---- heads ---- */

START_TEST(heads)
{
    static const char text[] =
        " \n{\"a\\\"b\": {\"in\": [{\"deep\": 1}]}, \"x:y\": \"{\\\"no\\\": 1\", "
        "\"$schema\": \"https://www.speedscope.app/x\", \"cut";
    char buf[4096];
    struct pf_json_head h = pf_json_head((const uint8_t *)text, sizeof text - 1, buf);

    ck_assert_int_eq(h.open, '{');
    ck_assert(pf_json_head_key(&h, 2, "in", NULL) && !pf_json_head_key(&h, 1, "in", NULL));
    ck_assert(pf_json_head_key(&h, 4, "deep", NULL));
    ck_assert(!pf_json_head_key(&h, 1, "no", NULL) && !pf_json_head_key(&h, 2, "no", NULL));
    ck_assert(pf_json_head_key(&h, 1, "$schema", "speedscope"));
    ck_assert(!pf_json_head_key(&h, 1, "$schema", "else"));
    ck_assert(!pf_json_head_key(&h, 1, "cut", NULL));
}
END_TEST

START_TEST(heads_that_are_no_json)
{
    static const char *const texts[] = {"",       " ",    "x", "{(\3", "{0", "[unknown];a 1",
                                        "{a;b 1", "\"x\""};
    char buf[4096];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(!pf_json_head((const uint8_t *)texts[i], strlen(texts[i]), buf).open, "%s",
                      texts[i]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("json");
    TCase *t = tcase_create("json");
    SRunner *runner = srunner_create(s);
    const int n = sizeof refused / sizeof *refused;

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, takes_all_there_is);
    tcase_add_test(t, windows_may_end_anywhere);
    tcase_add_test(t, every_prefix_is_refused_at_its_end);
    tcase_add_loop_test(t, refuses, 0, n);
    tcase_add_loop_test(t, refuses_the_same_when_it_skips, 0, n);
    tcase_add_test(t, nesting_has_a_limit);
    tcase_add_test(t, errors_are_sticky);
    tcase_add_loop_test(t, decodes_strings, 0, sizeof strings / sizeof *strings);
    tcase_add_test(t, long_strings_are_held_whole);
    tcase_add_test(t, texts_in_other_encodings);
    tcase_add_test(t, whole_numbers);
    tcase_add_test(t, indexes);
    tcase_add_test(t, wrong_indexes);
    tcase_add_test(t, names_stand_once);
    tcase_add_test(t, open_arrays);
    tcase_add_test(t, heads);
    tcase_add_test(t, heads_that_are_no_json);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
