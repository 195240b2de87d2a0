/* check_select.c - expressions, units, hashes, and what pf_select makes of generated profiles. */
#include "select.h"

#include "gen.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;

static void start(void)
{
    pf_mem_init(&mem, 0);
}

static void finish(void)
{
    ck_assert_uint_eq(mem.used, 0);
}

/* ---- expressions ---- */

static const struct {
    const char *expression, *text;
    int found;
} matches[] = {
    {"b", "abc", 1},       {"^b", "abc", 0},       {"c$", "abc", 1},
    {"c$", "abc\n", 0}, /* as in pprof: the very end */
    {"(?i)ABC", "abc", 1}, {"^.$", "\xc3\xa9", 1}, {"x", "\xff\xfex", 1},
    {"^$", "", 1},         {"a.c", "a\nc", 0},     {"\\d{3}", "12", 0},
};

START_TEST(matches_like_pprof)
{
    struct pf_err err = {0};
    struct pf_pattern *x = pf_pattern_new(&mem, matches[_i].expression, &err);

    ck_assert_msg(x != NULL, "%s", err.msg);
    ck_assert_int_eq(pf_pattern_match(x, matches[_i].text, strlen(matches[_i].text), &err),
                     matches[_i].found);
    pf_pattern_free(x);
}
END_TEST

static const struct {
    const char *expression;
    uint64_t at;
} broken[] = {{"a(b", 3}, {"a)b", 1}, {"[a", 2}, {"a**", 2}, {"(?<n", 4}, {"\\C", 2}};

START_TEST(tells_where_it_is_broken)
{
    struct pf_err err = {0};

    ck_assert_ptr_null(pf_pattern_new(&mem, broken[_i].expression, &err));
    ck_assert_int_eq(err.code, PF_EVALUE);
    ck_assert_int_eq(err.where, PF_AT_OFFSET);
    if (broken[_i].at != 2) /* PCRE2's versions point at or behind these */
        ck_assert_uint_eq(err.at, broken[_i].at);
}
END_TEST

START_TEST(stops_explosions)
{
    struct pf_err err = {0};
    struct pf_pattern *x = pf_pattern_new(&mem, "^(a+)+$", &err);
    char text[64];

    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '!';
    ck_assert_ptr_nonnull(x);
    ck_assert_int_eq(pf_pattern_match(x, text, sizeof text, &err), -1);
    ck_assert_int_eq(err.code, PF_ELIMIT);
    pf_pattern_free(x);
}
END_TEST

static const struct {
    const char *expression, *text, *with, *gives;
} replaced[] = {
    {"o", "foo", "0", "f00"}, {"^(\\w+)\\.(\\w+)$", "old.name", "$2 of $1", "name of old"},
    {"x", "foo", "y", NULL},  {"$", "foo", "!", "foo!"},
    {"o", "foo", "", "f"},
};

START_TEST(replaces)
{
    struct pf_err err = {0};
    struct pf_pattern *x = pf_pattern_new(&mem, replaced[_i].expression, &err);
    struct pf_str text = {.s = replaced[_i].text, .len = (uint32_t)strlen(replaced[_i].text)};
    char *buf = NULL;
    size_t size = 0;
    int len = pf_pattern_replace(x, text, replaced[_i].with, &buf, &size, &err);

    if (!replaced[_i].gives) {
        ck_assert_int_eq(len, -2);
    } else {
        ck_assert_int_eq(len, (int)strlen(replaced[_i].gives));
        ck_assert_mem_eq(buf, replaced[_i].gives, (size_t)len);
    }
    pf_dealloc(&mem, buf);
    pf_pattern_free(x);
}
END_TEST

/* ---- units ---- */

static const struct {
    int64_t value;
    const char *from, *to;
    double scaled;
    const char *unit;
} scales[] = {
    {4096, "bytes", "kb", 4, "kB"},
    {1, "MB", "kilobytes", 1024, "kB"},
    {1536, "b", "minimum", 1.5, "kB"},
    {-1536, "b", "auto", -1.5, "kB"},
    {0, "b", "minimum", 0, "B"},
    {250, "ms", "s", 0.25, "s"},
    {90, "milliseconds", "ns", 90e6, "ns"},
    {4096, "bytes", "ms", 4096, "B"}, /* another family: its default */
    {4096, "bytes", "", 4096, "B"},
    {7, "", "minimum", 7, ""},
    {7, "request", "kB", 7, "kB"},
    {7, "request", "count", 7, ""},
    {7, "", "", 7, ""},
};

START_TEST(scales_like_pprof)
{
    struct pf_str from = {.s = scales[_i].from, .len = (uint32_t)strlen(scales[_i].from)};
    struct pf_str to = {.s = scales[_i].to, .len = (uint32_t)strlen(scales[_i].to)}, unit;
    double scaled = pf_scale(scales[_i].value, from, to, &unit);

    ck_assert_double_eq_tol(scaled, scales[_i].scaled, 1e-9);
    ck_assert_uint_eq(unit.len, strlen(scales[_i].unit));
    ck_assert_mem_eq(unit.s, scales[_i].unit, unit.len);
}
END_TEST

/* ---- hashes: the examples of FIPS 180-4 and RFC 4231 ---- */

static void hex_is(const uint8_t digest[PF_SHA256], const char *hex)
{
    char text[2 * PF_SHA256 + 1];

    for (size_t i = 0; i < PF_SHA256; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    ck_assert_str_eq(text, hex);
}

START_TEST(hashes)
{
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    uint8_t digest[PF_SHA256];

    pf_sha256("", 0, digest);
    hex_is(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    pf_sha256("abc", 3, digest);
    hex_is(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    pf_sha256(two_blocks, sizeof two_blocks - 1, digest);
    hex_is(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    pf_hmac_sha256("Jefe", 4, 'w', "hat do ya want for nothing?", 27, digest);
    hex_is(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
END_TEST

/* ---- whole selections ---- */

static struct pf_profile *selected(uint64_t seed, const struct pf_select *how)
{
    struct pf_profile *p = gen_profile(&mem, seed, GEN_ANY), *q;
    struct pf_selected told;
    struct pf_err err = {0};

    ck_assert_ptr_nonnull(p);
    q = pf_select(p, how, &told, &err);
    ck_assert_msg(q != NULL, "%s", err.msg);
    ck_assert_int_eq(pf_check(q, NULL, NULL), 0);
    pf_free(p);
    return q;
}

static int64_t total(const struct pf_profile *p, uint32_t type)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < p->samples.n; i++)
        sum += p->samples.value[type][i];
    return sum;
}

/* What --focus keeps and what --ignore keeps is all that there is, in each column that adds up. */
START_TEST(parts_are_the_whole)
{
    static const char *const expressions[] = {"a", "^[a-m]", "\\.py", "1", ".", "nowhere"};
    struct pf_err err = {0};

    for (size_t k = 0; k < sizeof expressions / sizeof *expressions; k++) {
        struct pf_pattern *x = pf_pattern_new(&mem, expressions[k], &err);
        struct pf_profile *whole = selected((uint64_t)_i, &(struct pf_select){0});
        struct pf_profile *kept =
            selected((uint64_t)_i, &(struct pf_select){.focus = {.at = &x, .n = 1}});
        struct pf_profile *rest =
            selected((uint64_t)_i, &(struct pf_select){.ignore = {.at = &x, .n = 1}});
        for (uint32_t t = 0; t < whole->types.n; t++)
            if (whole->types.at[t].kind == PF_SUM)
                ck_assert_int_eq(total(kept, t) + total(rest, t), total(whole, t));
        pf_free(whole);
        pf_free(kept);
        pf_free(rest);
        pf_pattern_free(x);
    }
}
END_TEST

/* Whatever is asked for, the result is a sound profile. */
START_TEST(everything_at_once)
{
    struct pf_err err = {0};
    struct pf_pattern *any = pf_pattern_new(&mem, "[a-p]", &err);
    struct pf_pattern *some = pf_pattern_new(&mem, "[q-z]|1", &err);
    const char *keys[] = {"thread", "bytes"}, *to[] = {"<$0>"};
    struct pf_select how = {
        .tag_root = {keys, 2},
        .tag_leaf = {keys + 1, 1},
        .ignore = {&some, _i % 3 == 0},
        .hide = {&some, 1},
        .show = {&any, _i % 2 == 0},
        .show_from = {&any, _i % 5 == 0},
        .prune_from = {&any, _i % 4 == 0},
        .tag_hide = {&some, 1},
        .no = PF_OF_IMPORTLIB,
        .no_idle = true,
        .map = {&any, 1},
        .map_to = to,
        .trim = {keys, 1},
        .granularity = (enum pf_granularity)(_i % 5),
        .collapse_recursion = true,
        .depth = 4,
        .min = 0.01,
        .redact = _i % 2 ? "salt" : NULL,
    };

    pf_free(selected((uint64_t)_i, &how));
    pf_pattern_free(any);
    pf_pattern_free(some);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("select");
    tcase_add_checked_fixture(t, start, finish);
    tcase_add_loop_test(t, matches_like_pprof, 0, sizeof matches / sizeof *matches);
    tcase_add_loop_test(t, tells_where_it_is_broken, 0, sizeof broken / sizeof *broken);
    tcase_add_test(t, stops_explosions);
    tcase_add_loop_test(t, replaces, 0, sizeof replaced / sizeof *replaced);
    tcase_add_loop_test(t, scales_like_pprof, 0, sizeof scales / sizeof *scales);
    tcase_add_test(t, hashes);
    tcase_add_loop_test(t, parts_are_the_whole, 0, 20);
    tcase_add_loop_test(t, everything_at_once, 0, 40);

    Suite *s = suite_create("select");
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
