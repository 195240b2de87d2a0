/* check_options.c - the command line: GNU conventions, values, and what is said of mistakes. */
#include "../../tools/common/options.c" // NOLINT(bugprone-suspicious-include): its statics are tested

#include <check.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

/* What options.c calls when it is not satisfied: here it ends the parse, not the program. */
struct pf_mem tool_mem;
static jmp_buf refused;
static char said[256];

void die(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(said, sizeof said, fmt, ap);
    va_end(ap);
    longjmp(refused, 1);
}

enum { TEXT, JSON, CSV };
static struct {
    bool flag;
    int number, when, format;
    uint64_t size;
    const char *text;
    struct opt_list list;
} is;

static const struct opt opts[] = {
    {OPT_FLAG, 'b', "bare", &is.flag, NULL, ""},
    {OPT_INT, 'n', "limit", &is.number, "N", ""},
    {OPT_WORD, 0, "when", &is.when, "WHEN", "", .words = "auto|always|never"},
    {OPT_CHOICE, 0, "json", &is.format, NULL, "", .value = JSON},
    {OPT_CHOICE, 'c', "csv", &is.format, NULL, "", .value = CSV},
    {OPT_SIZE, 0, "size", &is.size, "SIZE", ""},
    {OPT_STR, 't', "to", &is.text, "FORMAT", ""},
    {OPT_LIST, 'B', "base", &is.list, "FILE", ""},
    {0},
};
static const struct tool tool = {.name = "t", .opts = opts, .has = TOOL_SAMPLE};
static const struct tool plain = {.name = "t", .opts = opts, .has = TOOL_ONE_FORMAT};

static char *words[16];
static char buf[512];

static int split(const char *line)
{
    int n = 0;

    snprintf(buf, sizeof buf, "t %s", line);
    for (char *w = strtok(buf, " "); w; w = strtok(NULL, " "))
        words[n++] = w;
    words[n] = NULL;
    return n;
}

/* The operands of a line whose words are parted by blanks; NULL where it was refused. */
static char **parse_for(const struct tool *t, const char *line)
{
    memset(&is, 0, sizeof is);
    given = (struct given){0};
    said[0] = '\0';
    return setjmp(refused) ? NULL : options_parse(t, split(line), words);
}

static char **parse(const char *line)
{
    return parse_for(&tool, line);
}

static void check_refused(const char *line, const char *why)
{
    ck_assert_msg(!parse(line), "'%s' was accepted", line);
    ck_assert_str_eq(said, why);
}

START_TEST(spellings)
{
    char **rest = parse("a --to pb -n5 --limit=7 b -bc -o out -");

    ck_assert_ptr_nonnull(rest);
    ck_assert_str_eq(rest[0], "a");
    ck_assert_str_eq(rest[1], "b");
    ck_assert_str_eq(rest[2], "-");
    ck_assert_ptr_null(rest[3]);
    ck_assert_str_eq(is.text, "pb");
    ck_assert_int_eq(is.number, 7);
    ck_assert(is.flag);
    ck_assert_int_eq(is.format, CSV);
    ck_assert_str_eq(given.output, "out");
}
END_TEST

START_TEST(bundle_ends_in_a_value)
{
    ck_assert_ptr_nonnull(parse("-bqn 12"));
    ck_assert(is.flag && given.quiet);
    ck_assert_int_eq(is.number, 12);
    ck_assert_ptr_nonnull(parse("-bn12"));
    ck_assert_int_eq(is.number, 12);
}
END_TEST

START_TEST(two_dashes_end_options)
{
    char **rest = parse("-b -- -n --to");

    ck_assert_str_eq(rest[0], "-n");
    ck_assert_str_eq(rest[1], "--to");
    ck_assert_ptr_null(rest[2]);
}
END_TEST

START_TEST(a_value_may_look_like_an_option)
{
    ck_assert_ptr_nonnull(parse("--to --json -t -n"));
    ck_assert_str_eq(is.text, "-n");
    ck_assert_int_eq(is.format, TEXT);
    ck_assert_ptr_nonnull(parse("--to="));
    ck_assert_str_eq(is.text, "");
}
END_TEST

START_TEST(sizes)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"10", 10},
                {"64k", 65536},
                {"64K", 65536},
                {"1kB", 1024},
                {"4GiB", 4294967296},
                {"3M", 3145728},
                {"16B", 16},
                {"0", 0},
                {"18446744073709551615", UINT64_MAX},
                {"2T", 2199023255552},
                {"4Gi", 4294967296}};
    static const char *const bad[] = {
        "", "k", "1.5G", "-1", "10x", "18446744073709551616", "4i", "4GiBB", "20000000T"};
    uint64_t bytes;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(size(good[i].text, &bytes), "%s", good[i].text);
        ck_assert_uint_eq(bytes, good[i].bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!size(bad[i], &bytes), "%s", bad[i]);
}
END_TEST

START_TEST(lists_and_words)
{
    pf_mem_init(&tool_mem, 0);
    ck_assert_ptr_nonnull(parse("-B one --base two --base=three --when never"));
    ck_assert_int_eq(is.list.n, 3);
    ck_assert_str_eq(is.list.at[2], "three");
    ck_assert_int_eq(is.when, 2);
    pf_dealloc(&tool_mem, is.list.at);
}
END_TEST

START_TEST(mistakes)
{
    check_refused("--nonsense", "unknown option '--nonsense' (try --help)");
    check_refused("--lim=3", "unknown option '--lim' (try --help)");
    check_refused("-bz", "unknown option '-z' (try --help)");
    check_refused("--json=1", "option '--json' takes no value");
    check_refused("--to", "option '--to' needs a value: FORMAT");
    check_refused("-bn", "option '-n' needs a value: N");
    check_refused("-n -1", "option '-n' takes a number from 0 to 2147483647, not '-1'");
    check_refused("--limit 2147483648",
                  "option '--limit' takes a number from 0 to 2147483647, not '2147483648'");
    check_refused("--when so", "option '--when' takes auto|always|never, not 'so'");
    check_refused("--when a", "option '--when' takes auto|always|never, not 'a'");
    check_refused("--size 3q", "option '--size' takes a size, such as 512MiB or 4GiB, not '3q'");
}
END_TEST

START_TEST(common_options_are_the_tool_s_choice)
{
    ck_assert_ptr_nonnull(parse("-s time -f pstat"));
    ck_assert_str_eq(given.sample, "time");
    ck_assert_str_eq(given.from, "pstat");
    ck_assert_ptr_null(parse_for(&plain, "-s time"));
    ck_assert_ptr_null(parse_for(&plain, "--from pstat"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("options");
    TCase *t = tcase_create("options");
    SRunner *r = srunner_create(s);

    tcase_add_test(t, spellings);
    tcase_add_test(t, bundle_ends_in_a_value);
    tcase_add_test(t, two_dashes_end_options);
    tcase_add_test(t, a_value_may_look_like_an_option);
    tcase_add_test(t, sizes);
    tcase_add_test(t, lists_and_words);
    tcase_add_test(t, mistakes);
    tcase_add_test(t, common_options_are_the_tool_s_choice);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
