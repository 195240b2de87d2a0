/* check_tree.c - trees of calls and their values, and whose code a function is. */
#include "ops.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_err err;
static struct pf_profile *p;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    p = pf_new(&mem);
    pf_type_add(p, "time", "nanoseconds", PF_SUM);
}

static void teardown(void)
{
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

/* "b;a" 3: one letter a function */
static void add(const char *path, int64_t value, pf_id labels)
{
    pf_id stack = 0;

    for (const char *s = path; *s; s++)
        if (*s != ';')
            stack = pf_stack(p, stack,
                             pf_frame(p, pf_func(p, pf_str(p, s, 1), pf_strz(p, "x.py"), 1), 1));
    pf_sample(p, stack, labels, &value);
}

/* The tree as text: "name self/total" in preorder, a dot for each level. */
static void tree_is(bool inverted, enum pf_part part, const char *want)
{
    struct pf_tree t;
    int64_t self[64], total[64];
    char text[1024] = "";
    size_t n = 0;

    ck_assert_int_eq(pf_tree_make(p, PF_BY_FUNCTION, inverted, &t, &err), 0);
    ck_assert_uint_le(t.n, 64);
    ck_assert_int_eq(pf_tree_values(&t, 0, part, self, total, &err), 0);
    for (uint32_t i = 0; i < t.n; i++) {
        pf_id func = t.rows[t.row[i]].func;
        n += (size_t)snprintf(
            text + n, sizeof text - n, "%s%.*s%s %d/%d", i ? "\n" : "", (int)t.depth[i], "........",
            i ? pf_str_at(p, p->funcs.at[func].name).s : "all", (int)self[i], (int)total[i]);
        ck_assert(i == 0 || t.parent[i] < i);
        ck_assert_uint_le(i + t.size[i], t.n);
    }
    ck_assert_str_eq(text, want);
    pf_tree_free(&t);
}

START_TEST(siblings_by_name)
{
    add("b;d", 2, 0);
    add("b;a;c", 3, 0);
    add("a", 4, 0);
    add("b", 5, 0);
    tree_is(false, PF_PART_ALL, "all 0/14\n.a 4/4\n.b 5/10\n..a 0/3\n...c 3/3\n..d 2/2");
}
END_TEST

START_TEST(inverted)
{
    add("b;d", 2, 0);
    add("a;d", 3, 0);
    add("d", 4, 0);
    tree_is(true, PF_PART_ALL, "all 0/9\n.d 4/9\n..a 3/3\n..b 2/2");
}
END_TEST

START_TEST(empty_stacks_stay_with_the_whole)
{
    add("", 7, 0);
    add("a", 1, 0);
    tree_is(false, PF_PART_ALL, "all 7/8\n.a 1/1");
    tree_is(true, PF_PART_ALL, "all 7/8\n.a 1/1");
}
END_TEST

START_TEST(no_samples)
{
    tree_is(false, PF_PART_ALL, "all 0/0");
    tree_is(true, PF_PART_ALL, "all 0/0");
}
END_TEST

START_TEST(parts)
{
    pf_id label = pf_label(p, &(struct pf_label){.key = pf_strz(p, "pprof::base"),
                                                 .str = pf_strz(p, "true"),
                                                 .kind = PF_LABEL_STR});
    pf_id base = pf_label_set(p, &label, 1);

    add("a;b", 5, 0);
    ck_assert(!pf_is_signed(p));
    add("a;b", -3, base);
    add("a;c", -2, base);
    ck_assert(pf_is_signed(p));
    tree_is(false, PF_PART_ALL, "all 0/0\n.a 0/0\n..b 2/2\n..c -2/-2");
    tree_is(false, PF_PART_GAINS, "all 0/5\n.a 0/5\n..b 5/5\n..c 0/0");
    tree_is(false, PF_PART_NEW, "all 0/5\n.a 0/5\n..b 5/5\n..c 0/0");
    tree_is(false, PF_PART_BASE, "all 0/5\n.a 0/5\n..b 3/3\n..c 2/2");
}
END_TEST

START_TEST(a_sum_that_does_not_fit)
{
    struct pf_tree t;
    int64_t self[8], total[8];

    add("a;b", INT64_MAX, 0);
    add("a;c", 1, 0);
    ck_assert_int_eq(pf_tree_make(p, PF_BY_FUNCTION, false, &t, &err), 0);
    ck_assert_int_eq(pf_tree_values(&t, 0, PF_PART_ALL, self, total, &err), -1);
    ck_assert_str_eq(err.msg, "the sum of 'time' in 'a' does not fit 64 bits");
    pf_tree_free(&t);
}
END_TEST

static const struct {
    const char *file, *name;
    enum pf_origin want;
} origins[] = {
    {"app.py", "f", PF_PROJECT},
    {"/home/me/app/x.py", "f", PF_PROJECT},
    {"<string>", "<module>", PF_PROJECT},
    {"/usr/lib/python3.11/json/encoder.py", "encode", PF_STDLIB},
    {"C:\\Python311\\Lib\\os.py", "walk", PF_STDLIB},
    {"<frozen importlib._bootstrap>", "_find_and_load", PF_STDLIB},
    {"/v/lib/python3.9/site-packages/x/y.py", "f", PF_PACKAGE},
    {"/usr/lib/python3/dist-packages/yaml/__init__.py", "load", PF_PACKAGE},
    {"~", "<built-in method builtins.len>", PF_BUILTIN},
    {"", "len", PF_PROJECT},
    {"/usr/lib/x86_64-linux-gnu/libc.so.6", "read", PF_NATIVE},
    {"[vdso]", "clock", PF_NATIVE},
};

START_TEST(origin)
{
    pf_id func = pf_func(p, pf_strz(p, origins[_i].name), pf_strz(p, origins[_i].file), 1);

    ck_assert_int_eq(pf_origin(p, func), origins[_i].want);
}
END_TEST

START_TEST(builtins_of_profile_have_no_file)
{
    p->format = pf_strz(p, "pstat");
    ck_assert_int_eq(pf_origin(p, pf_func(p, pf_strz(p, "len"), 0, 0)), PF_BUILTIN);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tree");
    TCase *t = tcase_create("tree");
    SRunner *runner = srunner_create(s);

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, siblings_by_name);
    tcase_add_test(t, inverted);
    tcase_add_test(t, empty_stacks_stay_with_the_whole);
    tcase_add_test(t, no_samples);
    tcase_add_test(t, parts);
    tcase_add_test(t, a_sum_that_does_not_fit);
    tcase_add_loop_test(t, origin, 0, sizeof origins / sizeof *origins);
    tcase_add_test(t, builtins_of_profile_have_no_file);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
