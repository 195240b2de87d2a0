/* check_text.c - numbers without a locale, and the heads that probes see. */
#include "text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *s;
    int64_t scale;
    size_t taken;
    int64_t value;
    bool fits, exact;
} numbers[] = {
    {"0.123", 9, 5, 123000000, true, true},
    {"1e+03 nsec", 0, 5, 1000, true, true},
    {"5.62e-07", 9, 8, 562, true, true},
    {"-2.5", 0, 4, -2, true, false},
    {"3.5", 0, 3, 4, true, false},
    {"2.5000000000000000000001", 0, 24, 3, true, false},
    {".5", 1, 2, 5, true, true},
    {"7.", 0, 2, 7, true, true},
    {"+12x", 0, 3, 12, true, true},
    {"12e", 0, 2, 12, true, true},
    {"12e-", 0, 2, 12, true, true},
    {"9223372036854775807", 0, 19, INT64_MAX, true, true},
    {"-9223372036854775808", 0, 20, INT64_MIN, true, true},
    {"9223372036854775808", 0, 19, 0, false, true},
    {"9223372036854775807.5", 0, 21, 0, false, false},
    {"1e999999999999", 0, 14, 0, false, true},
    {"0e999999999999", 0, 14, 0, true, true},
    {"1e-999999999999", 0, 15, 0, true, false},
    {"0.000", 9, 5, 0, true, true},
    {"0.04", 0, 4, 0, true, false},
    {"0.5", 0, 3, 0, true, false},
    {"0.51", 0, 4, 1, true, false},
    {"0.05", 0, 4, 0, true, false},
    {".", 0, 0, 0, true, true},
    {"-", 0, 0, 0, true, true},
    {"", 0, 0, 0, true, true},
    {"x1", 0, 0, 0, true, true},
    {"1700000000.1234", 9, 15, 1700000000123400000, true, true},
    {"9223372036.854775807", 9, 20, INT64_MAX, true, true},
    {"-9223372036.854775808", 9, 21, INT64_MIN, true, true},
    {"9223372036.8547758", 9, 18, 9223372036854775800, true, true},
    {"9223372037", 9, 10, 0, false, true},
    {"-0.0", 3, 4, 0, true, true},
    {"1.2.3", 1, 3, 12, true, true},
    {"1.2e1", 0, 5, 12, true, true},
    {"1.25E", 2, 4, 125, true, true},
    {"000000000000000000000012", 0, 24, 12, true, true},
};

START_TEST(decimals)
{
    struct pf_decimal d;

    ck_assert_uint_eq(pf_decimal(numbers[_i].s, strlen(numbers[_i].s), (int)numbers[_i].scale, &d),
                      numbers[_i].taken);
    ck_assert_int_eq(d.value, numbers[_i].value);
    ck_assert_int_eq(d.fits, numbers[_i].fits);
    ck_assert_int_eq(d.exact, numbers[_i].exact);
}
END_TEST

START_TEST(long_number_of_zeros)
{
    enum { LEN = 100000 };
    char *s = malloc(LEN);
    struct pf_decimal d;

    memset(s, '0', LEN);
    s[LEN - 1] = '7';
    ck_assert_uint_eq(pf_decimal(s, LEN, 0, &d), LEN);
    ck_assert_int_eq(d.value, 7);
    free(s);
}
END_TEST

static void head_is(const char *head, size_t len, const char *want)
{
    char buf[PF_HEAD];
    const char *text;
    size_t n = pf_text_head((const uint8_t *)head, len, buf, &text);

    ck_assert_uint_eq(n, strlen(want));
    ck_assert_mem_eq(text, want, n);
}

START_TEST(heads)
{
    head_is("plain", 5, "plain");
    head_is("\xef\xbb\xbfmark", 7, "mark");
    head_is("\xff\xfe"
            "a\0\n\0\xe9\0\0\x54",
            10, "a\n??");
    head_is("\xfe\xff\0a\0b", 6, "ab");
    head_is("", 0, "");
}
END_TEST

static const struct {
    const char *s;
    size_t taken;
    int64_t bytes;
    bool fits, exact;
} sizes[] = {
    {"1", 1, 1048576, true, true},          {"1.5 MiB", 3, 1572864, true, true},
    {"0.00390625", 10, 4096, true, true},   {"61.675781", 9, 64671744, true, false},
    {"-64.004", 7, -67113058, true, false}, {"9223372036", 10, 9671406556020736, true, true},
    {"1e300", 5, 0, false, true},           {"nan", 0, 0, true, true},
};

START_TEST(mebibytes)
{
    struct pf_decimal d;

    ck_assert_uint_eq(pf_mebibytes(sizes[_i].s, strlen(sizes[_i].s), &d), sizes[_i].taken);
    ck_assert_int_eq(d.value, sizes[_i].bytes);
    ck_assert_int_eq(d.fits, sizes[_i].fits);
    ck_assert_int_eq(d.exact, sizes[_i].exact);
}
END_TEST

START_TEST(divisions)
{
    static const int64_t cases[][3] = {{7, 2, 4}, {5, 2, 2},  {-5, 2, -2}, {-7, 2, -4},
                                       {6, 3, 2}, {10, 4, 2}, {11, 4, 3},  {-11, 4, -3},
                                       {0, 9, 0}, {1, 3, 0},  {2, 3, 1}};
    int64_t q;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(pf_divide(cases[i][0], cases[i][1], &q));
        ck_assert_int_eq(q, cases[i][2]);
    }
    ck_assert(pf_divide((pf_int128)INT64_MAX * 1000, 1000, &q));
    ck_assert_int_eq(q, INT64_MAX);
    ck_assert(!pf_divide(((pf_int128)INT64_MAX + 1) * 1000, 1000, &q));
}
END_TEST

START_TEST(lines_of_a_head)
{
    const char *text = "one\r\n\ntwo\nthr", *want[] = {"one", "", "two", "thr"};
    size_t left = strlen(text), n, len;

    for (n = 0; n < 4; n++) {
        const char *line = pf_head_line(&text, &left, &len);
        ck_assert_ptr_nonnull(line);
        ck_assert_uint_eq(len, strlen(want[n]));
        ck_assert_mem_eq(line, want[n], len);
    }
    ck_assert_ptr_null(pf_head_line(&text, &left, &len));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");
    SRunner *runner = srunner_create(s);

    tcase_add_loop_test(t, decimals, 0, sizeof numbers / sizeof *numbers);
    tcase_add_test(t, long_number_of_zeros);
    tcase_add_test(t, heads);
    tcase_add_loop_test(t, mebibytes, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(t, divisions);
    tcase_add_test(t, lines_of_a_head);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
