/* check_pb_samples.c - samples of profile.proto: what one takes from the one before is its own. */
#include "pb_help.h"

/* Locations 1 a, 2 b, 300 c; the bytes of 300 end in those of 2. */
#define TABLES                                                                                     \
    "6'' 6'n' 6'a' 6'b' 6'c' 1{1:1 2:1} 5{1:1 2:2} 5{1:2 2:3} 5{1:3 2:4} "                         \
    "4{1:1 4{1:1}} 4{1:2 4{1:2}} 4{1:300 4{1:3}} "

static const struct {
    const char *samples, *want;
    uint32_t stacks;
} cases[] = {
    {"2{1[1] 2[1]} 2{1[2 1] 2[2]} 2{1[300 2 1] 2[3]} 2{1[300 1] 2[4]} 2{1[2] 2[5]}",
     "a 1\na;b 2\na;b;c 3\na;c 4\nb 5\n", 5},
    /* a tail of equal bytes that begins inside a number */
    {"2{1[1 2] 2[1]} 2{1[1 300] 2[2]} 2{1[1 2] 2[3]}", "b;a 1\nc;a 2\nb;a 3\n", 4},
    {"2{1[2] 2[1]} 2{1[300] 2[2]} 2{1[300] 2[3]}", "b 1\nc 2\nc 3\n", 2},
    /* out of order: stacks are known already */
    {"2{1[300 1] 2[1]} 2{1[2 1] 2[2]} 2{1[300 1] 2[3]}", "a;c 1\na;b 2\na;c 3\n", 3},
    {"2{1[2 1] 2[1]} 2{1[1] 2[2]} 2{1[2 1] 2[3]}", "a;b 1\na 2\na;b 3\n", 2},
    {"2{1[2 1] 2[1]} 2{2[2]} 2{1[2 1] 2[3]}", "a;b 1\n 2\na;b 3\n", 2},
    {"2{1[2 1] 2[1]} 2{1[] 2[2]} 2{1[2 1] 2[3]}", "a;b 1\n 2\na;b 3\n", 2},
    /* several fields of locations */
    {"2{1[300] 1[2 1] 2[1]} 2{1[300 2 1] 2[2]} 2{1[300] 1:2 1:1 2[3]} 2{1[2 1] 2[4]}",
     "a;b;c 1\na;b;c 2\na;b;c 3\na;b 4\n", 3},
    {"2{1[1] 2[1]} 2{1[2 1] 1[1] 2[2]} 2{1[2 1] 2[3]}", "a 1\na;a;b 2\na;b 3\n", 4},
    {"2{1:1 2[1]} 2{1[2 1] 2[2]} 2{1[300 2 1] 1:1 2[3]}", "a 1\na;b 2\na;a;b;c 3\n", 5},
};

START_TEST(samples_after_each_other)
{
    char text[1000];

    snprintf(text, sizeof text, TABLES "%s", cases[_i].samples);
    struct pf_profile *p = load_text(text);
    expect_samples(p, cases[_i].want);
    ck_assert_uint_eq(p->stacks.n, 1 + cases[_i].stacks);
    pf_free(there_and_back(p));
    pf_free(p);
}
END_TEST

/* In order by their locations, but two of these are one frame. */
START_TEST(equal_locations)
{
    struct pf_profile *p =
        load_text(TABLES "4{1:301 4{1:1}} 2{1[2 1] 2[1]} 2{1[300] 2[2]} 2{1[2 301] 2[3]}");

    expect_samples(p, "a;b 1\nc 2\na;b 3\n");
    ck_assert_uint_eq(p->stacks.n, 1 + 3);
    pf_free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pb_samples");
    TCase *t = tcase_create("pb_samples");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, samples_after_each_other, 0, sizeof cases / sizeof *cases);
    tcase_add_test(t, equal_locations);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
