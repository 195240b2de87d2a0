/* check_producers.c - the producers of merged profiles: a set, in whatever order it comes together.
 */
#include "merge.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_profile *p;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    p = pf_new(&mem);
}

static void teardown(void)
{
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

static pf_id both(const char *a, const char *b)
{
    return pf_producers(p, pf_strz(p, a), pf_strz(p, b));
}

static const struct {
    const char *a, *b, *want;
} cases[] = {
    {"", "", ""},
    {"cProfile", "", "cProfile"},
    {"cProfile", "cProfile", "cProfile"},
    {"yappi", "cProfile", "cProfile, yappi"},
    {"cProfile, yappi", "profile", "cProfile, profile, yappi"},
    {"cProfile, yappi", "yappi", "cProfile, yappi"},
    {"py-spy 0.4.2", "py-spy", "py-spy, py-spy 0.4.2"},
    {"b,, , a", "a", "a, b,"},
    {"mixed", "yappi", "mixed"},
};

START_TEST(a_set)
{
    ck_assert_str_eq(pf_str_at(p, both(cases[_i].a, cases[_i].b)).s, cases[_i].want);
    ck_assert_str_eq(pf_str_at(p, both(cases[_i].b, cases[_i].a)).s, cases[_i].want);
}
END_TEST

START_TEST(a_text_may_hold_a_nul)
{
    pf_id got = pf_producers(p, pf_str(p, "a\0b", 3), pf_strz(p, "a"));
    struct pf_str s = pf_str_at(p, got);

    ck_assert_uint_eq(s.len, 6);
    ck_assert_mem_eq(s.s, "a, a\0b", 6);
}
END_TEST

START_TEST(too_many_are_mixed_in_any_order)
{
    pf_id up = 0, down = 0;
    char name[16];

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "tool %d", i);
        up = pf_producers(p, up, pf_strz(p, name));
        snprintf(name, sizeof name, "tool %d", 99 - i);
        down = pf_producers(p, pf_strz(p, name), down);
    }
    ck_assert_str_eq(pf_str_at(p, up).s, "mixed");
    ck_assert_str_eq(pf_str_at(p, down).s, "mixed");
}
END_TEST

START_TEST(one_that_is_too_long_stays_as_long_as_it_is_alone)
{
    char text[400];

    memset(text, 'x', sizeof text);
    pf_id one = pf_str(p, text, sizeof text);
    ck_assert_uint_eq(pf_producers(p, one, one), one);
    ck_assert_uint_eq(pf_producers(p, 0, one), one);
    ck_assert_str_eq(pf_str_at(p, pf_producers(p, one, pf_strz(p, "a"))).s, "mixed");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("producers");
    TCase *t = tcase_create("producers");
    SRunner *runner = srunner_create(s);

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_set, 0, sizeof cases / sizeof *cases);
    tcase_add_test(t, a_text_may_hold_a_nul);
    tcase_add_test(t, too_many_are_mixed_in_any_order);
    tcase_add_test(t, one_that_is_too_long_stays_as_long_as_it_is_alone);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
