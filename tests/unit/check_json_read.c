/* check_json_read.c - what readers of JSON do again and again: objects by a table, texts, numbers.
 */
#include "json.h"

#include <check.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_profile *p;
static struct pf_source *in;
static struct pf_json j;
static struct pf_err err;

static void open_text(const char *s)
{
    err = (struct pf_err){0};
    in = pf_open_mem(&mem, s, strlen(s), &err);
    pf_json_open(&j, in, &err);
}

static int end(void)
{
    int status = pf_json_end(&j, p);

    pf_close(in);
    return status;
}

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

struct thing {
    int64_t whole, nano, bytes;
    pf_id name;
    int called;
};

static void call(void *to)
{
    struct thing *t = to;

    t->called++;
    pf_json_skip(&j);
}

static const struct pf_json_field fields[] = {
    {"whole", PF_JSON_INT, offsetof(struct thing, whole), 0, NULL},
    {"seconds", PF_JSON_DECIMAL, offsetof(struct thing, nano), 9, NULL},
    {"mib", PF_JSON_MIB, offsetof(struct thing, bytes), 0, NULL},
    {"name", PF_JSON_STRING, offsetof(struct thing, name), 0, NULL},
    {"more", PF_JSON_CALL, 0, 0, call},
    {0},
};

START_TEST(members_go_where_the_table_says)
{
    struct thing t = {0};

    open_text("{\"mib\":1.5,\"other\":[{\"whole\":9}],\"whole\":-7,\"more\":{\"name\":1},"
              "\"seconds\":0.0000000015,\"name\":\"x\"}");
    ck_assert_uint_eq(pf_json_object(&j, fields, p, &t), 31);
    ck_assert(pf_json_done(&j));
    ck_assert_int_eq(end(), 0);
    ck_assert_int_eq(t.whole, -7);
    ck_assert_int_eq(t.nano, 2); /* half to even */
    ck_assert_int_eq(t.bytes, 1572864);
    ck_assert_str_eq(pf_str_at(p, t.name).s, "x");
    ck_assert_int_eq(t.called, 1);
}
END_TEST

START_TEST(null_is_nothing)
{
    struct thing t = {.nano = 5, .bytes = 5, .name = 5};

    open_text("{\"seconds\":null,\"mib\":null,\"name\":null}");
    ck_assert_uint_eq(pf_json_object(&j, fields, p, &t), 14);
    ck_assert_int_eq(end(), 0);
    ck_assert_int_eq(t.nano, 0);
    ck_assert_int_eq(t.bytes, 0);
    ck_assert_uint_eq(t.name, 0);
}
END_TEST

static const struct {
    const char *text, *msg;
    uint64_t at;
} wrong[] = {
    {"[]", "expected an object", 0},
    {"{\"whole\":null}", "expected a number", 9},
    {"{\"whole\":1.5}", "expected a whole number of at most 63 bits", 9},
    {"{\"name\":1}", "expected a string", 8},
    {"{\"seconds\":\"1\"}", "expected a number", 11},
    {"{\"seconds\":9223372037}", "the number does not fit 63 bits of its unit", 11},
    {"{\"mib\":9e15}", "the number does not fit 63 bits of its unit", 7},
    {"{\"name\":\"a\",\"name\":\"b\"}", "the key 'name' stands here for the second time", 12},
};

START_TEST(what_does_not_fit_is_told_where_it_is)
{
    struct thing t = {0};

    open_text(wrong[_i].text);
    pf_json_object(&j, fields, p, &t);
    ck_assert_int_eq(end(), -1);
    ck_assert_ptr_nonnull(strstr(err.msg, wrong[_i].msg));
    ck_assert_uint_eq(err.at, wrong[_i].at);
}
END_TEST

START_TEST(members_by_one_name)
{
    open_text("{\"a\":{\"b\":1},\"b\":2,\"c\":[\"b\"]}");
    ck_assert(pf_json_enter(&j, '{'));
    int64_t value = 0;
    ck_assert(pf_json_member(&j, "b"));
    ck_assert(pf_json_int(&j, &value));
    ck_assert_int_eq(value, 2);
    ck_assert(!pf_json_member(&j, "b"));
    ck_assert(pf_json_done(&j));
    ck_assert_int_eq(end(), 0);
}
END_TEST

START_TEST(an_error_of_the_profile_counts)
{
    open_text("{}");
    pf_fail(&p->err, PF_ENOMEM, "no room");
    ck_assert_int_eq(end(), -1);
    ck_assert_str_eq(err.msg, "no room");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("json_read");
    TCase *t = tcase_create("json_read");
    SRunner *runner = srunner_create(s);

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, members_go_where_the_table_says);
    tcase_add_test(t, null_is_nothing);
    tcase_add_loop_test(t, what_does_not_fit_is_told_where_it_is, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(t, members_by_one_name);
    tcase_add_test(t, an_error_of_the_profile_counts);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
