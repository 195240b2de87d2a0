/* check_asyncio.c - the parts of a slow-callback record. */
#include "asyncio.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *repr;
    const char *kind, *state, *task, *name, *file;
    int64_t line;
    const char *created;
    int64_t created_line;
} records[] = {
    {"<Task pending name='T' coro=<f() running at a.py:3> cb=[g() at b.py:4] created at c.py:9>",
     "Task", "pending", "'T'", "f", "a.py", 3, "c.py", 9},
    {"<Task finished coro=<A.g() done, defined at /x:y/a b.py:7> exception=E(<b>\n created at z)>",
     "Task", "finished", "", "A.g", "/x:y/a b.py", 7, "", 0},
    {"<Task pending name='coro=<x() running at y.py:1>' coro=<f() running at a.py:3>>", "Task",
     "pending", "'coro=<x() running at y.py:1>'", "f", "a.py", 3, "", 0},
    {"<Task pending name='it\\'s' coro=<f() running, defined at a.py:3>>", "Task", "pending",
     "'it\\'s'", "f", "a.py", 3, "", 0},
    {"<Task pending name='open coro=<f() running at a.py:3>>", "Task", "pending", "", "f", "a.py",
     3, "", 0},
    {"<Task pending name=\"a'b\" coro=<fetch()>>", "Task", "pending", "\"a'b\"", "fetch", "", 0, "",
     0},
    {"<Handle block(2) at C:\\a.py:12 created at D:\\b.py:36>", "Handle", "", "", "block",
     "C:\\a.py", 12, "D:\\b.py", 36},
    {"<Handle cancelled m.<locals>.<lambda>() at a.py:1>", "Handle", "cancelled", "",
     "m.<locals>.<lambda>", "a.py", 1, "", 0},
    {"<TimerHandle cancelled when=1.5 S.on({'a': 1}) created at b.py:2>", "TimerHandle",
     "cancelled", "", "S.on", "", 0, "b.py", 2},
    {"<TimerHandle when=1.5>", "TimerHandle", "", "", "TimerHandle", "", 0, "", 0},
    {"<Handle <X object at 0x7f>(<F...e.py:1>) created at b.py:2>", "Handle", "", "",
     "<X object at 0x7f>", "", 0, "b.py", 2},
    {"<Handle <a<b(1) at a.py:1>", "Handle", "", "", "<a<b", "a.py", 1, "", 0},
    {"<Handle f(') at x:1') at a.py:999999999999>", "Handle", "", "", "f", "", 0, "", 0},
    {"<function f at 0x7f>", "", "", "", "<function f at 0x7f>", "", 0, "", 0},
    {"<>", "", "", "", "<>", "", 0, "", 0},
    {"<Task >", "", "", "", "<Task >", "", 0, "", 0},
    {"<Handle >", "Handle", "", "", "Handle", "", 0, "", 0},
};

static void is(struct aio_text t, const char *want)
{
    ck_assert_uint_eq(t.len, strlen(want));
    if (t.len)
        ck_assert_mem_eq(t.s, want, t.len);
}

START_TEST(parses)
{
    struct asyncio_record r;

    asyncio_parse(records[_i].repr, strlen(records[_i].repr), &r);
    is(r.kind, records[_i].kind);
    is(r.state, records[_i].state);
    is(r.task, records[_i].task);
    is(r.name, records[_i].name);
    is(r.at.file, records[_i].file);
    ck_assert_int_eq(r.at.line, records[_i].line);
    is(r.created.file, records[_i].created);
    ck_assert_int_eq(r.created.line, records[_i].created_line);
}
END_TEST

/* No cut of a record makes the parser look outside of it (a sanitizer sees to that). */
START_TEST(parses_what_is_cut)
{
    const char *s = records[_i].repr;

    for (size_t len = 2; len <= strlen(s); len++) {
        struct asyncio_record r;
        char *cut = malloc(len);
        ck_assert_ptr_nonnull(cut);
        memcpy(cut, s, len);
        asyncio_parse(cut, len, &r);
        ck_assert_ptr_nonnull(r.name.s);
        free(cut);
    }
}
END_TEST

static const struct {
    const char *literal, *plain;
} literals[] = {
    {"'plain'", "plain"},
    {"\"it's\"", "it's"},
    {"'a\\'b\\\"c\\\\'", "a'b\"c\\"},
    {"'\\n\\t\\x41\\xe9\\u540d\\U0001f40d'", "\n\tA\xc3\xa9\xe5\x90\x8d\xf0\x9f\x90\x8d"},
    {"'\\x4\\uzzzz\\U99999999'", "x4uzzzzU99999999"},
    {"'\\'", "\\"},
    {"''", ""},
};

START_TEST(unquotes)
{
    char to[64];
    struct aio_text t = {literals[_i].literal, strlen(literals[_i].literal)};

    is((struct aio_text){to, asyncio_unquote(t, to)}, literals[_i].plain);
}
END_TEST

START_TEST(unescapes_json)
{
    static const char packed[] =
        "a\\\"b\\\\c\\/\\n\\u003c\\u00E9\\u540d\\ud83d\\udc0d\\u12\\ud83dx\\ud83d\\u0041\\";
    static const char plain[] =
        "a\"b\\c/\n<\xc3\xa9\xe5\x90\x8d\xf0\x9f\x90\x8du12\xed\xa0\xbdx\xed\xa0\xbd"
        "A\\";
    char to[sizeof packed];

    is((struct aio_text){to, asyncio_unescape_json(packed, sizeof packed - 1, to)}, plain);
}
END_TEST

START_TEST(drops_addresses)
{
    static const char with[] = "<A at 0x7fF0> at 0x at b.py";
    char to[sizeof with];

    is((struct aio_text){to, asyncio_without_address((struct aio_text){with, sizeof with - 1}, to)},
       "<A> at b.py");
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("asyncio");
    tcase_add_loop_test(t, parses, 0, sizeof records / sizeof *records);
    tcase_add_loop_test(t, parses_what_is_cut, 0, sizeof records / sizeof *records);
    tcase_add_loop_test(t, unquotes, 0, sizeof literals / sizeof *literals);
    tcase_add_test(t, unescapes_json);
    tcase_add_test(t, drops_addresses);

    Suite *s = suite_create("asyncio");
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
