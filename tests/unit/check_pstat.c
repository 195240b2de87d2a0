/* check_pstat.c - pstats: the table value by value, the samples made from it, and what is refused.
 */
#include "pstat_help.h"

/* ---- what is read ---- */

START_TEST(a_table_is_kept_and_split_by_caller)
{
    TRY("{" KEY("f") T5 ONE TWO SEC SEC "{" KEY("m") T4 ONE ONE HALF HALF "0" ROW("m") "0");
    ck_assert_uint_eq(p->calls.n, 2);
    ck_assert_int_eq(p->calls.form, PF_EDGES_TIMED);
    ck_assert_int_eq(p->stack_kind, PF_EDGE_ONLY);
    ck_assert_str_eq(p->strs.at[p->format].s, "pstat");
    ck_assert_int_eq(p->calls.at[0].nc, 2);
    ck_assert_str_eq(samples(), "m>f 500000000 1 1 | f 500000000 1 0 | m 500000000 1 1");
    ck_assert_uint_eq(p->notes.n, 0);
}
END_TEST

START_TEST(counts_of_callers_come_the_other_way_round)
{
    TRY("{" KEY("f") T5 ONE FIVE SEC SEC "{" KEY("f") T4 "i\4\0\0\0" TWO HALF HALF KEY("m")
            T4 ONE ONE HALF SEC "00");
    ck_assert_int_eq(p->calls.at[0].cc, 1);
    ck_assert_int_eq(p->calls.edge[0].nc, 4);
    ck_assert_int_eq(p->calls.edge[0].cc, 2);
    ck_assert_str_eq(samples(), "f>f 500000000 4 0 | m>f 500000000 1 1");
}
END_TEST

START_TEST(references_find_keys_edges_and_rows)
{
    /* slots: 0 dict, 1 key f, 2 its row, 3 the edge, 4 an empty dict, 5 row of m */
    TRY("\xfb\xa8\3\0\0\0" STR("a") ONE STR("f") "\xa8\5\0\0\0" ONE ONE HALF HALF "{" KEY(
        "m") "\xa8\4\0\0\0" ONE ONE HALF HALF "0" KEY("m") "\xa8\5\0\0\0" ONE TWO HALF HALF "\xfb"
                                                           "0" KEY("x") "r\4\0\0\0" KEY("y")
                                                               T5 ONE ONE HALF HALF
        "r\5\0\0\0" KEY("z") T5 ONE ONE HALF HALF "{r\1\0\0\0r\3\0\0\0"
                                                  "00");
    ck_assert_uint_eq(p->calls.n, 5);
    ck_assert_uint_eq(p->calls.n_edges, 2);
    ck_assert_str_eq(name_of(p->calls.edge[1].caller), "f");
    ck_assert_int_eq(p->calls.at[2].nc, 2);
}
END_TEST

START_TEST(ints_as_edges_split_calls_but_no_time)
{
    TRY("{" KEY("f") T5 TWO FIVE SEC SEC "{" KEY("f") "i\3\0\0\0" KEY("m") ONE "0" ROW("m") "0");
    ck_assert_int_eq(p->calls.form, PF_EDGES_COUNTS);
    ck_assert_str_eq(samples(), "f>f 0 3 0 | m>f 0 1 1 | f 1000000000 1 1 | m 500000000 1 1");
    ck_assert_uint_eq(p->notes.n, 0);
}
END_TEST

START_TEST(an_int_edge_among_timed_ones_has_no_time)
{
    TRY("{" KEY("f") T5 TWO TWO SEC SEC "{" KEY("g") ONE KEY("m") T4 ONE ONE HALF HALF "00");
    ck_assert_int_eq(p->calls.form, PF_EDGES_TIMED);
    ck_assert(noted("without times: 1"));
    ck_assert_str_eq(samples(), "g>f 0 1 1 | m>f 500000000 1 1 | f 500000000 0 0");
}
END_TEST

START_TEST(yappi_counts_the_other_way_round)
{
    TRY("{" KEY("f") T5 FIVE TWO HALF HALF NONE ROW("g") "0");
    ck_assert(p->calls.swapped);
    ck_assert_int_eq(p->calls.at[0].cc, 2);
    ck_assert_int_eq(p->calls.at[0].nc, 5);
    ck_assert(noted("yappi"));
    there_and_back(LIT("{" KEY("f") T5 FIVE TWO HALF HALF NONE ROW("g") "0"));
    ck_assert(p->calls.swapped);
}
END_TEST

#define MARKER "(\1\0\0\0u\x0b\0\0\0__sampled__T"

START_TEST(tachyon_counts_samples)
{
    TRY("{" KEY("f") T5 ONE FIVE HALF SEC "{" KEY("m") "i\5\0\0\0"
                                                       "0" MARKER KEY("m") T5 ZERO FIVE
        "g\0\0\0\0\0\0\0\0" SEC NONE "0");
    ck_assert_int_eq(p->calls.form, PF_EDGES_SAMPLED);
    ck_assert(!p->calls.swapped);
    ck_assert_int_eq(pf_type_find(p, "time"), 0);
    ck_assert_int_eq(pf_type_find(p, "samples"), 1);
    ck_assert_uint_eq(p->types.n, 2);
    ck_assert_str_eq(samples(), "f 500000000 1 | m 0 0");
    there_and_back(NULL, 0);
    ck_assert_int_eq(p->calls.form, PF_EDGES_SAMPLED);
    ck_assert_int_eq(p->calls.edge[0].nc, 5);
}
END_TEST

START_TEST(ints_as_times_are_ticks)
{
    TRY("{" KEY("p") T5 ZERO ZERO ZERO ZERO NONE KEY("f") T5 ONE ONE FIVE "I\0\0\0\0\0\1\0\0" NONE
                                                                          "0");
    ck_assert_str_eq(p->strs.at[p->types.at[0].unit].s, "ticks");
    ck_assert_str_eq(samples(), "p 0 0 0 | f 5 1 1");
    ck_assert(noted("raw ticks"));
}
END_TEST

START_TEST(ints_among_floats_are_seconds)
{
    TRY("{" KEY("p") T5 ZERO ZERO ZERO ZERO NONE KEY("f") T5 ONE ONE TWO FIVE NONE ROW("g") "0");
    ck_assert_str_eq(p->strs.at[p->types.at[0].unit].s, "nanoseconds");
    ck_assert_str_eq(samples(), "p 0 0 0 | f 2000000000 1 1 | g 500000000 1 1");
    ck_assert(p->calls.at[0].tt.is_int); /* 0 is 0 in any unit, and stays what it was */
    ck_assert(!p->calls.at[1].ct.is_int);
}
END_TEST

START_TEST(a_key_that_comes_again_replaces_the_value)
{
    TRY("{" KEY("f") T5 ONE ONE HALF HALF "{" KEY("m") T4 ONE ONE HALF HALF "0" ROW("g") KEY("f")
            T5 TWO TWO SEC SEC "{" KEY("x") T4 ONE ONE HALF HALF KEY("m")
                T4 ONE ONE HALF HALF KEY("x") T4 TWO TWO SEC SEC "00");
    ck_assert_uint_eq(p->calls.n, 2);
    ck_assert_str_eq(name_of(p->calls.at[0].func), "f");
    ck_assert_int_eq(p->calls.at[0].nc, 2);
    ck_assert_uint_eq(pf_call_edges(p, 0), 2);
    ck_assert_str_eq(name_of(p->calls.edge[0].caller), "x");
    ck_assert_int_eq(p->calls.edge[0].nc, 2);
    ck_assert_uint_eq(pf_call_edges(p, 1), 0);
    ck_assert(noted("came twice"));
}
END_TEST

#define NEG "g\0\0\0\0\0\0\xe0\xbf"

START_TEST(negative_times_leave_a_signed_rest)
{
    TRY("{" KEY("f") T5 ONE TWO NEG NEG "{" KEY("m") T4 ONE ONE HALF HALF "00");
    ck_assert_str_eq(samples(), "m>f 500000000 1 1 | f -1000000000 1 0");
}
END_TEST

START_TEST(edges_take_no_more_than_there_is)
{
    TRY("{" KEY("f") T5 ONE TWO HALF HALF "{" KEY("m") T4 ONE ONE HALF HALF KEY("g")
            T4 FIVE TWO HALF HALF "00");
    ck_assert_str_eq(samples(), "m>f 500000000 1 1 | g>f 0 1 0");
    ck_assert(noted("less than their callers account for: 1"));
}
END_TEST

START_TEST(what_python_takes_is_taken_with_a_note)
{
    TRY("{" T3 STR("a") SEC STR("f") T5
        "T"
        "T" HALF SEC NONE "(\1\0\0\0u\x0b\0\0\0__sampled__F" T3 "u\1\0\0\0\xff"
        "l\3\0\0\0\0\0\0\0\7\0" STR("g") T5 SEC ONE SEC HALF NONE "0more");
    ck_assert(noted("True or False: 2"));
    ck_assert(noted("that are floats: 2"));
    ck_assert(noted("say False: 1"));
    ck_assert(noted("not UTF-8"));
    ck_assert(noted("beyond 2147483647: 1"));
    ck_assert(noted("follows the dict"));
    ck_assert(noted("more time of their own"));
}
END_TEST

START_TEST(names_may_be_empty_and_lines_negative)
{
    TRY("{" T3 "u\0\0\0\0"
        "i\0\0\0\0"
        "u\0\0\0\0" T5 ONE ONE HALF HALF "{" T3 "u\0\0\0\0"
        "i\0\0\0\0"
        "u\0\0\0\0" T4 ZERO ONE HALF HALF "0" T3 "u\0\0\0\0"
        "i\xff\xff\xff\xff"
        "u\0\0\0\0" T5 ONE ONE HALF HALF NONE "0");
    ck_assert_uint_eq(p->calls.n, 2);
    ck_assert_int_eq(p->funcs.at[p->calls.at[1].func].line, -1);
    there_and_back(NULL, 0);
    ck_assert_uint_eq(p->calls.n, 2);
}
END_TEST

/* ---- what is refused ---- */

#define BAD_TIME(x) "{" KEY("f") T5 ONE ONE x HALF NONE "0"
#define EDGE(x)     "{" KEY("f") T5 ONE ONE HALF HALF "{" KEY("m") x "00"
static const struct {
    const char *bytes;
    size_t len;
    const char *message;
    uint64_t offset;
} refused[] = {
    {LIT("{0"), "no functions", 1},
    {LIT("{" MARKER "0"), "only a marker", 23},
    {LIT("i\1\0\0\0"), "expected a dict of functions, found an int", 0},
    {LIT("[\0\0\0\0"), "expected a dict of functions, found a list", 0},
    {LIT("{" ROW("f")), "the file is cut", 58},
    {LIT("{N"), "expected a function (file, line, name), found None", 1},
    {LIT("{(\2\0\0\0"), "found a tuple of 2", 1},
    {LIT("{(\0\0\0\1"), "found a tuple of 16777216", 1},
    {LIT("{(\1\0\0\0" STR("a") "T"), "found a tuple of 1", 6},
    {LIT("{" T3 ONE), "expected the file", 6},
    {LIT("{" T3 STR("a") STR("1")), "expected the line", 12},
    {LIT("{" T3 STR("a") "l\6\0\0\0\1\0\1\0\1\0\1\0\1\0\1\0"),
     "the line of a function does not fit", 12},
    {LIT("{" T3 STR("a") ONE ONE), "expected the name", 17},
    {LIT("{" KEY("f") "0"), "found the end of a dict", 23},
    {LIT("{" KEY("f") T4), "found a tuple of 4", 23},
    {LIT("{" KEY("f") T5 "0"), "expected a number of calls, found the end of a dict", 28},
    {LIT("{" KEY("f") T5 ONE "l\6\0\0\0\1\0\1\0\1\0\1\0\1\0\1\0"),
     "calls of 'f (a:1)' does not fit", 33},
    {LIT("{" KEY("f") T5 ONE HALF), "expected a number of calls, found 0.5", 33},
    {LIT("{" KEY("f") T5 ONE ONE HALF HALF "N"), "expected a dict of callers, found None", 56},
    {LIT(BAD_TIME("g\0\0\0\0\0\0\xf8\x7f")), "a time of 'f (a:1)' is nan", 38},
    {LIT(BAD_TIME("g\0\0\0\0\0\0\xf0\xff")), "a time of 'f (a:1)' is -inf", 38},
    {LIT(BAD_TIME("g\0\0\0\x20\x5f\xa0\x02\x42")), "a time of 'f (a:1)' does not fit", 38},
    {LIT(BAD_TIME(STR("1"))), "expected a time, found a string", 38},
    {LIT(EDGE("(\3\0\0\0")), "found a tuple of 3", 79},
    {LIT(EDGE("N")), "expected the numbers of a caller", 79},
    {LIT(EDGE(STR("1"))), "expected the numbers of a caller", 79},
    {LIT("\xfb" KEY("f") T5 ONE ONE HALF HALF "\xfb" KEY("m") ONE "0" KEY("g") T5 ONE ONE HALF HALF
         "r\1\0\0\0"),
     "has its callers from another function", 140},
    {LIT("{" KEY("f") T5 ONE
         "l\5\0\0\0\xff\x7f\xff\x7f\xff\x7f\xff\x7f\7\0" HALF HALF NONE ROW("g") "0"),
     "the calls of 'g (a:1)' do not fit 64 bits", 0},
};

START_TEST(other_shapes_are_refused_where_they_are)
{
    ck_assert_int_eq(read_bytes(refused[_i].bytes, refused[_i].len), -1);
    ck_assert_msg(strstr(err.msg, refused[_i].message), "%s", err.msg);
    ck_assert_uint_eq(err.at, refused[_i].offset);
    ck_assert_uint_lt(mem.peak, PF_MIB);
}
END_TEST

START_TEST(every_prefix_is_refused)
{
    static const char all[] =
        "{" KEY("f") T5 ONE TWO SEC SEC "{" KEY("m") T4 ONE ONE HALF HALF "0" ROW("m") "0";

    for (size_t n = 0; n < sizeof all - 1; n++) {
        err = (struct pf_err){0};
        pf_free(p);
        p = pf_new(&mem);
        ck_assert_int_eq(read_bytes(all, n), -1);
        ck_assert_uint_le(err.at, n);
    }
}
END_TEST

START_TEST(a_dict_of_marshal_is_told_from_other_text)
{
    static const struct {
        const char *head;
        size_t len;
        int least, most;
    } heads[] = {
        {LIT("{(\3\0\0\0t"), 90, 100},
        {LIT("\xfb\xa9\3\xda"), 90, 100},
        {LIT("{)\3z"), 90, 100},
        {LIT("\xfb\xa9\1\xda"), 90, 100},
        {LIT("{0"), 80, 100},
        {LIT("{i\1\0\0\0"), 30, 90},
        {LIT("{\"a\":1}"), 0, 0},
        {LIT("{ }"), 0, 0},
        {LIT("{}"), 0, 0},
        {LIT("{impl#0};f 5"), 0, 0},
        {LIT("{(anon)};f 5"), 0, 40},
        {LIT("\x80\4\x95"), 0, 0},
        {LIT("{"), 0, 0},
        {LIT(""), 0, 0},
        {LIT("{closure};f 5"), 0, 0},
    };

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        int bid = pf_format_pstat.probe((const uint8_t *)heads[i].head, heads[i].len);
        ck_assert_int_ge(bid, heads[i].least);
        ck_assert_int_le(bid, heads[i].most);
    }
}
END_TEST

/* ---- interpreters ---- */

START_TEST(the_interpreter_is_told_from_the_library)
{
    static const struct {
        const char *file, *name;
        bool python2;
        const char *expected;
    } cases[] = {
        {"/usr/lib/python3.11/json/decoder.py", "f", false, "Python 3.11"},
        {"C:\\Python39\\Lib\\json.py", "f", false, "Python 3.9"},
        {"/opt/pypy/lib/pypy3.9/json.py", "f", false, "PyPy 3.9"},
        {"/usr/lib/python2.7/json.py", "f", true, "Python 2.7"},
        {"a.py", "f", true, "Python 2"},
        {"a.py", "<built-in function len>", false, "PyPy"},
        {"a.py", "f", false, ""},
        {"/usr/lib/python3/dist-packages/x.py", "f", false, ""},
        {"/x/lib/python3.999999999999/x.py", "f", false, ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        p->calls.n = p->calls.n_edges = 0;
        pf_call_add(p, pf_func(p, pf_strz(p, cases[i].name), pf_strz(p, cases[i].file), 1));
        pf_id got = pf_pstat_interpreter(p, cases[i].python2);
        ck_assert_str_eq(p->strs.at[got].s, cases[i].expected);
    }
}
END_TEST

/* ---- profilers ---- */

START_TEST(the_profiler_is_told_from_the_table)
{
    static const struct {
        const char *file;
        enum pf_edge_form form;
        bool swapped;
        const char *expected;
    } cases[] = {
        {"~", PF_EDGES_TIMED, false, "cProfile"}, {"__builtin__", PF_EDGES_TIMED, false, "yappi"},
        {"a.py", PF_EDGES_TIMED, true, "yappi"},  {"a.py", PF_EDGES_TIMED, false, ""},
        {"~", PF_EDGES_COUNTS, false, "profile"}, {"~", PF_EDGES_SAMPLED, false, "Tachyon"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pf_profile *q = pf_new(&mem);
        pf_call_add(q, pf_func(q, pf_strz(q, "f"), pf_strz(q, "b.py"), 1));
        pf_call_add(q, pf_func(q, pf_strz(q, "g"), pf_strz(q, cases[i].file), 0));
        q->calls.form = cases[i].form;
        q->calls.swapped = cases[i].swapped;
        pf_id got = pf_pstat_producer(q);
        ck_assert_str_eq(pf_str_at(q, got).s, cases[i].expected);
        pf_free(q);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pstat");
    TCase *t = tcase_create("tables");
    enum { REFUSED = sizeof refused / sizeof *refused };

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_table_is_kept_and_split_by_caller);
    tcase_add_test(t, counts_of_callers_come_the_other_way_round);
    tcase_add_test(t, references_find_keys_edges_and_rows);
    tcase_add_test(t, ints_as_edges_split_calls_but_no_time);
    tcase_add_test(t, an_int_edge_among_timed_ones_has_no_time);
    tcase_add_test(t, yappi_counts_the_other_way_round);
    tcase_add_test(t, tachyon_counts_samples);
    tcase_add_test(t, ints_as_times_are_ticks);
    tcase_add_test(t, ints_among_floats_are_seconds);
    tcase_add_test(t, a_key_that_comes_again_replaces_the_value);
    tcase_add_test(t, negative_times_leave_a_signed_rest);
    tcase_add_test(t, edges_take_no_more_than_there_is);
    tcase_add_test(t, what_python_takes_is_taken_with_a_note);
    tcase_add_test(t, names_may_be_empty_and_lines_negative);
    tcase_add_loop_test(t, other_shapes_are_refused_where_they_are, 0, REFUSED);
    tcase_add_test(t, every_prefix_is_refused);
    tcase_add_test(t, a_dict_of_marshal_is_told_from_other_text);
    tcase_add_test(t, the_interpreter_is_told_from_the_library);
    tcase_add_test(t, the_profiler_is_told_from_the_table);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
