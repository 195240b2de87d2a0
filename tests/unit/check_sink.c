/* check_sink.c - sinks: packing, files that are replaced whole, errors, and every escape. */
#include "formats.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BIG = 1000000 };

static struct pf_mem mem;
static struct pf_err err;
static char folder[] = "check_sink.XXXXXX";

static void start(void)
{
    snprintf(folder, sizeof folder, "check_sink.XXXXXX");
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    umask(022);
}

static unsigned entries(void)
{
    DIR *d = opendir(".");
    unsigned n = 0;
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static void finish(void)
{
    DIR *d = opendir(".");
    for (struct dirent *e; (e = readdir(d));)
        unlink(e->d_name);
    closedir(d);
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    ck_assert_uint_eq(mem.used, 0);
}

/* ---- packing ---- */

static uint8_t *big(void)
{
    uint8_t *s = malloc(BIG);
    uint32_t x = 1;
    for (size_t i = 0; i < BIG; i++) {
        x = x * 1664525 + 1013904223;
        s[i] = (uint8_t)('a' + (x >> 28));
    }
    return s;
}

static struct pf_sink *put_in_steps(const uint8_t *s, size_t len, size_t step, enum pf_packing how)
{
    struct pf_sink *k = pf_create_mem(&mem, how, &err);
    ck_assert_ptr_nonnull(k);
    for (size_t i = 0; i < len; i += step)
        pf_put(k, s + i, len - i < step ? len - i : step);
    pf_end_frame(k);
    return k;
}

/* Equal content gives equal bytes however it was put, and is read back. */
START_TEST(steps_do_not_matter)
{
    static const size_t lens[] = {1, 131071, 131072, 131073, 262144, BIG};
    static const size_t steps[] = {BIG, 1000, 131072, 7};
    uint8_t *s = big();
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct pf_sink *first = put_in_steps(s, lens[i], BIG, (enum pf_packing)_i);
        size_t len, have;
        const uint8_t *want = pf_sink_bytes(first, &len);
        for (size_t j = 1; j < 4; j++) {
            struct pf_sink *k = put_in_steps(s, lens[i], steps[j], (enum pf_packing)_i);
            const uint8_t *got = pf_sink_bytes(k, &have);
            ck_assert_uint_eq(len, have);
            ck_assert_mem_eq(got, want, len);
            ck_assert_int_eq(pf_commit(k, &err), 0);
        }
        struct pf_source *in = pf_open_mem(&mem, want, len, &err);
        ck_assert_mem_eq(pf_peek(in, BIG, &have), s, lens[i]);
        ck_assert_uint_eq(have, lens[i]);
        pf_close(in);
        pf_abandon(first);
    }
    free(s);
}
END_TEST

START_TEST(gzip_head)
{
    static const uint8_t head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    struct pf_sink *k = put_in_steps(head, 1, 1, PF_GZIP);
    size_t len;
    ck_assert_mem_eq(pf_sink_bytes(k, &len), head, sizeof head);
    pf_puts(k, "second member");
    pf_end_frame(k);
    const uint8_t *s = pf_sink_bytes(k, &len);
    ck_assert_ptr_nonnull(memmem(s + 1, len - 1, head, sizeof head));
    pf_abandon(k);
}
END_TEST

START_TEST(frames)
{
    struct pf_sink *k = pf_create_mem(&mem, PF_ZSTD, &err);
    size_t len, have;
    pf_puts(k, "one");
    pf_end_frame(k);
    pf_end_frame(k); /* no empty frame between */
    pf_printf(k, "t%so", "w");
    pf_end_frame(k);
    const uint8_t *s = pf_sink_bytes(k, &len);
    struct pf_source *in = pf_open_mem(&mem, s, len, &err);
    ck_assert_mem_eq(pf_peek(in, 9, &have), "one", 3);
    ck_assert(pf_next_frame(in));
    ck_assert_mem_eq(pf_peek(in, 9, &have), "two", 3);
    ck_assert(!pf_next_frame(in));
    pf_close(in);
    pf_abandon(k);
}
END_TEST

static void expect_file(const char *path, const char *want)
{
    char buf[64] = "";
    int fd = open(path, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    ssize_t n = read(fd, buf, sizeof buf);
    close(fd);
    ck_assert_int_eq(n, (ssize_t)strlen(want));
    ck_assert_mem_eq(buf, want, strlen(want));
}

START_TEST(nothing_put)
{
    size_t have;
    ck_assert_int_eq(pf_commit(pf_create(&mem, "x", (enum pf_packing)_i, &err), &err), 0);
    if (_i == PF_PLAIN)
        expect_file("x", "");
    struct pf_source *in = pf_open(&mem, "x", &err);
    ck_assert_ptr_null(pf_peek(in, 1, &have));
    ck_assert_int_eq(pf_source_check(in, &err), 0);
    ck_assert((pf_bytes_read(in) > 0) == (_i != PF_PLAIN));
    pf_close(in);
}
END_TEST

START_TEST(printing)
{
    struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
    char *wide = malloc(5001);
    size_t len;
    memset(wide, 'x', 5000);
    wide[5000] = 0;
    if (!setlocale(LC_ALL, "de_DE.UTF-8"))
        setlocale(LC_ALL, "C.UTF-8");
    pf_printf(k, "%.1f %s %d", 1.5, wide, 7);
    setlocale(LC_ALL, "C");
    pf_end_frame(k);
    const char *s = (const char *)pf_sink_bytes(k, &len);
    ck_assert_uint_eq(len, 3 + 1 + 5000 + 2);
    ck_assert_mem_eq(s, "1.5 x", 5);
    ck_assert_mem_eq(s + len - 3, "x 7", 3);
    free(wide);
    pf_abandon(k);
}
END_TEST

START_TEST(failing_allocations)
{
    uint8_t *s = big();
    for (uint64_t n = 1;; n++) {
        pf_mem_init(&mem, 0);
        mem.fail_at = n;
        err = (struct pf_err){0};
        struct pf_sink *k = pf_create(&mem, "x", (enum pf_packing)_i, &err);
        if (k) {
            pf_put(k, s, BIG);
            pf_printf(k, "%600d", 1);
            pf_commit(k, &err);
        }
        ck_assert_uint_eq(mem.used, 0);
        ck_assert_uint_eq(entries(), err.code == PF_OK);
        if (err.code == PF_OK)
            break;
        ck_assert_int_eq(err.code, PF_ENOMEM);
    }
    free(s);
}
END_TEST

/* ---- files ---- */

static void make_file(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ck_assert_int_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    ck_assert_int_eq(lstat(path, &st), 0);
    return st.st_mode;
}

START_TEST(new_file)
{
    umask(027);
    struct pf_sink *k = pf_create(&mem, "out", PF_PLAIN, &err);
    pf_puts(k, "content");
    ck_assert_ptr_nonnull(pf_sink_temp(k));
    ck_assert_int_eq(access(pf_sink_temp(k), F_OK), 0);
    ck_assert_int_ne(access("out", F_OK), 0);
    ck_assert_int_eq(pf_commit(k, &err), 0);
    expect_file("out", "content");
    ck_assert_uint_eq(mode_of("out") & 07777, 0640);
    ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(replaced_file)
{
    make_file("out", "old");
    chmod("out", 0600);
    struct pf_sink *k = pf_create(&mem, "./out", PF_PLAIN, &err);
    pf_puts(k, "new");
    expect_file("out", "old");
    ck_assert_int_eq(pf_commit(k, &err), 0);
    expect_file("out", "new");
    ck_assert_uint_eq(mode_of("out") & 07777, 0600);
    ck_assert_uint_eq(entries(), 1);

    k = pf_create(&mem, "out", PF_PLAIN, &err);
    pf_puts(k, "never");
    pf_abandon(k);
    expect_file("out", "new");
    ck_assert_uint_eq(entries(), 1);
    pf_abandon(NULL);
}
END_TEST

START_TEST(symbolic_links)
{
    make_file("file", "old");
    ck_assert_int_eq(symlink("file", "near"), 0);
    ck_assert_int_eq(symlink("./near", "far"), 0);
    ck_assert_int_eq(symlink("missing", "dangling"), 0);
    ck_assert_int_eq(symlink("loop", "loop"), 0);
    struct pf_sink *k = pf_create(&mem, "far", PF_PLAIN, &err);
    pf_puts(k, "new");
    ck_assert_int_eq(pf_commit(k, &err), 0);
    ck_assert(S_ISLNK(mode_of("far")) && S_ISLNK(mode_of("near")) && S_ISREG(mode_of("file")));
    expect_file("file", "new");

    k = pf_create(&mem, "dangling", PF_PLAIN, &err);
    pf_puts(k, "made");
    ck_assert_int_eq(pf_commit(k, &err), 0);
    ck_assert(S_ISLNK(mode_of("dangling")));
    expect_file("missing", "made");

    ck_assert_ptr_null(pf_create(&mem, "loop", PF_PLAIN, &err));
    ck_assert_str_eq(err.msg, "cannot create: Too many levels of symbolic links");
}
END_TEST

START_TEST(long_name)
{
    char name[256] = "";
    memset(name, 'n', 255);
    struct pf_sink *k = pf_create(&mem, name, PF_PLAIN, &err);
    ck_assert_msg(k != NULL, "%s", err.msg);
    pf_puts(k, "x");
    ck_assert_int_eq(pf_commit(k, &err), 0);
    expect_file(name, "x");
}
END_TEST

START_TEST(cannot_create)
{
    ck_assert_ptr_null(pf_create(&mem, "no/such", PF_PLAIN, &err));
    ck_assert_int_eq(err.code, PF_EIO);
    ck_assert_str_eq(err.msg, "cannot create: No such file or directory");
    err = (struct pf_err){0};
    ck_assert_ptr_null(pf_create(&mem, ".", PF_ZSTD, &err));
    ck_assert_str_eq(err.msg, "cannot create: Is a directory");
    ck_assert_uint_eq(entries(), 0);
}
END_TEST

START_TEST(full_device)
{
    struct pf_sink *k = pf_create(&mem, "/dev/full", (enum pf_packing)_i, &err);
    if (!k) /* a system without it */
        return;
    ck_assert_ptr_null(pf_sink_temp(k));
    pf_puts(k, "text");
    ck_assert_int_eq(pf_commit(k, &err), -1);
    ck_assert_int_eq(err.code, PF_EIO);
    ck_assert_str_eq(err.msg, "cannot write: No space left on device");
}
END_TEST

/* ---- standard output ---- */

/* Runs with stdout as the writing end of a pipe; returns the other one. */
static int redirect(int *was)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    *was = dup(STDOUT_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    return ends[0];
}

static void restore(int was)
{
    dup2(was, STDOUT_FILENO);
    close(was);
}

START_TEST(to_stdout)
{
    static const char *const names[] = {NULL, "-", "/dev/stdout"};
    char buf[16];
    int was, in = redirect(&was);
    struct pf_sink *k = pf_create(&mem, names[_i], PF_PLAIN, &err);
    ck_assert_ptr_null(pf_sink_temp(k));
    pf_puts(k, "piped");
    int rc = pf_commit(k, &err);
    restore(was);
    ck_assert_int_eq(rc, 0);
    ck_assert_int_eq(read(in, buf, sizeof buf), 5);
    ck_assert_mem_eq(buf, "piped", 5);
    close(in);
}
END_TEST

START_TEST(reader_gone)
{
    int was, in = redirect(&was);
    signal(SIGPIPE, SIG_IGN);
    close(in);
    struct pf_sink *k = pf_create(&mem, NULL, PF_PLAIN, &err);
    pf_puts(k, "piped");
    int rc = pf_commit(k, &err);
    restore(was);
    signal(SIGPIPE, SIG_DFL);
    ck_assert_int_eq(rc, -1);
    ck_assert_int_eq(err.code, PF_EPIPE);
}
END_TEST

START_TEST(closed_stdout)
{
    int was = dup(STDOUT_FILENO);
    close(STDOUT_FILENO);
    struct pf_sink *k = pf_create(&mem, NULL, PF_PLAIN, &err);
    int rc = pf_commit(k, &err);
    restore(was);
    ck_assert_int_eq(rc, -1);
    ck_assert_str_eq(err.msg, "cannot write: Bad file descriptor");
}
END_TEST

/* `-o /dev/stdout >>log` goes on at the end of the log instead of replacing it. */
START_TEST(stdout_is_a_file)
{
    make_file("log", "before ");
    int was = dup(STDOUT_FILENO), fd = open("log", O_WRONLY | O_APPEND);
    dup2(fd, STDOUT_FILENO);
    close(fd);
    struct pf_sink *k = pf_create(&mem, "/dev/stdout", PF_PLAIN, &err);
    bool made = k != NULL;
    if (made) {
        pf_puts(k, "after");
        pf_commit(k, &err);
    }
    restore(was);
    ck_assert(made);
    expect_file("log", "before after");
}
END_TEST

/* ---- escapes ---- */

typedef void put_function(struct pf_sink *k, const char *s, size_t len);

#define CASE(put, in, out)                                                                         \
    {                                                                                              \
        pf_put_##put, (in), sizeof(in) - 1, (out)                                                  \
    }
static const struct {
    put_function *put;
    const char *in;
    size_t len;
    const char *want;
} escapes[] = {
    CASE(name, "", ""),
    CASE(name, "<module> (a\\b.py:3)", "<module> (a\\b.py:3)"),
    CASE(name, "a\0b\x1b[31m\n\x7f", "a\\x00b\\x1b[31m\\x0a\\x7f"),
    CASE(name, "gr\xc3\xb6\xc3\x9f \xf0\x9f\x90\x8d", "gr\xc3\xb6\xc3\x9f \xf0\x9f\x90\x8d"),
    CASE(name, "\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0"),
    CASE(name, "\xd8\x9c", "\\xd8\\x9c"),
    CASE(name, "\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f",
         "\xe2\x80\x8d\\xe2\\x80\\x8e\\xe2\\x80\\x8f"),
    CASE(name, "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf",
         "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xae\xe2\x80\xaf"),
    CASE(name, "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
         "\xe2\x81\xa5\\xe2\\x81\\xa6\\xe2\\x81\\xa9\xe2\x81\xaa"),
    CASE(name, "\xef\xbb\xbfx", "\\xef\\xbb\\xbfx"),
    CASE(name, "\xff\xc3(\xc3", "\\xff\\xc3(\\xc3"),
    CASE(name, "\xed\xa0\x80", "\\xed\\xa0\\x80"),                   /* a surrogate */
    CASE(name, "\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf"), /* longer than needed */
    CASE(name, "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"),          /* beyond U+10FFFF */
    CASE(json, "", "\"\""),
    CASE(json, "a\"b\\c/d", "\"a\\\"b\\\\c/d\""),
    CASE(json, "\0\n\t\x7f", "\"\\u0000\\u000a\\u0009\\u007f\""),
    CASE(json, "\xc2\x85\xe2\x80\xa8\xe2\x80\xae", "\"\\u0085\\u2028\\u202e\""),
    CASE(json, "</script>&", "\"\\u003c/script\\u003e\\u0026\""),
    CASE(json, "\x80\xc3\xa9\xff", "\"\\\\x80\xc3\xa9\\\\xff\""),
    CASE(csv, "", ""),
    CASE(csv, "plain text", "plain text"),
    CASE(csv, "f(a, \"b\")", "\"f(a, \"\"b\"\")\""),
    CASE(csv, "=1+2", "'=1+2"),
    CASE(csv, "+1", "'+1"),
    CASE(csv, "-1,2", "\"'-1,2\""),
    CASE(csv, "@x", "'@x"),
    CASE(csv, "\tx", "'\\x09x"),
    CASE(csv, "\rx\n", "'\\x0dx\\x0a"),
    CASE(csv, "a=b", "a=b"),
    CASE(csv, "\xff\xc3\xa9", "\\xff\xc3\xa9"),
    CASE(markdown, "plain (a.py:3)", "plain (a.py:3)"),
    CASE(markdown, "a|b\\c`d*e_f", "a\\|b\\\\c\\`d\\*e\\_f"),
    CASE(markdown, "<module>&[x](y)", "&lt;module&gt;&amp;\\[x\\](y)"),
    CASE(markdown, "~~x~~ $y$ ![z]", "\\~\\~x\\~\\~ \\$y\\$ \\!\\[z\\]"),
    CASE(markdown, "http://x www.y.z", "http\\://x www\\.y.z"),
    CASE(markdown, "\n\xff\xc2\x85", "\\\\x0a\\\\xff\\\\xc2\\\\x85"),
    CASE(markdown, "__init__ \xc3\xa9", "\\_\\_init\\_\\_ \xc3\xa9"),
    CASE(folded, "<module> (a.py:3)", "<module> (a.py:3)"),
    CASE(folded, "a;b\\c\n", "a\\x3bb\\x5cc\\x0a"),
    CASE(folded, "\xff\xc2\x9f\xe2\x80\xae\x7f\xc3\xa9",
         "\\xff\\xc2\\x9f\\xe2\\x80\\xae\\x7f\xc3\xa9"),
    CASE(folded, "C:\\x.py", "C:\\x5cx.py"),
    CASE(dot, "a\"b\\c];x[", "a\\\"b\\\\c];x["),
    CASE(dot, "\n\xff\xc3\xa9", "\\\\x0a\\\\xff\xc3\xa9"),
    CASE(xml, "<a href=\"x\">&'</a>", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;"),
    CASE(xml, "\0\n\x1b\xff\xc3\xa9\xef\xbf\xbe", "\\x00\\x0a\\x1b\\xff\xc3\xa9\\xef\\xbf\\xbe"),
    CASE(xml, "]]>\xe2\x80\xae", "]]&gt;\\xe2\\x80\\xae"),
};

START_TEST(escape)
{
    struct pf_sink *k = pf_create_mem(&mem, PF_PLAIN, &err);
    size_t len;
    escapes[_i].put(k, escapes[_i].in, escapes[_i].len);
    pf_puts(k, "!");
    pf_end_frame(k);
    const uint8_t *s = pf_sink_bytes(k, &len);
    ck_assert_msg(len == strlen(escapes[_i].want) + 1 && !memcmp(s, escapes[_i].want, len - 1),
                  "'%.*s' instead of '%s'", (int)len - 1, (const char *)s, escapes[_i].want);
    pf_abandon(k);
}
END_TEST

START_TEST(utf8)
{
    static const struct {
        const char *s;
        unsigned len;
        uint32_t code;
    } good[] = {{"a", 1, 'a'},
                {"\xc2\x80", 2, 0x80},
                {"\xdf\xbf", 2, 0x7ff},
                {"\xe0\xa0\x80", 3, 0x800},
                {"\xed\x9f\xbf", 3, 0xd7ff},
                {"\xee\x80\x80", 3, 0xe000},
                {"\xf0\x90\x80\x80", 4, 0x10000},
                {"\xf4\x8f\xbf\xbf", 4, 0x10ffff}};
    uint32_t code;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_uint_eq(pf_utf8(good[i].s, 4, &code), good[i].len);
        ck_assert_uint_eq(code, good[i].code);
        ck_assert_uint_eq(pf_utf8(good[i].s, good[i].len - 1, &code), 0);
    }
    ck_assert_uint_eq(pf_utf8("\x80", 1, &code), 0);
    ck_assert_uint_eq(pf_utf8("\xc1\x81", 2, &code), 0);
}
END_TEST

START_TEST(width)
{
    static const struct {
        const char *s;
        size_t columns;
    } cases[] = {{"", 0},
                 {"main", 4},
                 {"gr\xc3\xb6\xc3\x9f", 4},
                 {"e\xcc\x81", 1},                /* combining acute */
                 {"\xe6\xbc\xa2\xe5\xad\x97", 4}, /* Han */
                 {"\xea\xb0\x80", 2},             /* Hangul */
                 {"\xf0\x9f\x90\x8d", 2},         /* a snake */
                 {"a\xe2\x80\x8d", 1},            /* zero width joiner */
                 {"\x1b[0m", 4 + 3},              /* an escape, spelled out */
                 {"\xe2\x80\xae", 12},            /* three bytes spelled out */
                 {"\xff", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_uint_eq(pf_name_width(cases[i].s, strlen(cases[i].s)), cases[i].columns);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *c = tcase_create(name);
    tcase_add_checked_fixture(c, start, finish);
    tcase_set_timeout(c, 60);
    suite_add_tcase(suite, c);
    return c;
}

int main(void)
{
    Suite *suite = suite_create("sink");
    TCase *c = add_case(suite, "packing");
    tcase_add_loop_test(c, steps_do_not_matter, PF_PLAIN, PF_GZIP + 1);
    tcase_add_test(c, gzip_head);
    tcase_add_test(c, frames);
    tcase_add_loop_test(c, nothing_put, PF_PLAIN, PF_GZIP + 1);
    tcase_add_test(c, printing);
    tcase_add_loop_test(c, failing_allocations, PF_PLAIN, PF_GZIP + 1);
    c = add_case(suite, "files");
    tcase_add_test(c, new_file);
    tcase_add_test(c, replaced_file);
    tcase_add_test(c, symbolic_links);
    tcase_add_test(c, long_name);
    tcase_add_test(c, cannot_create);
    tcase_add_loop_test(c, full_device, PF_PLAIN, PF_GZIP + 1);
    tcase_add_loop_test(c, to_stdout, 0, 3);
    tcase_add_test(c, reader_gone);
    tcase_add_test(c, closed_stdout);
    tcase_add_test(c, stdout_is_a_file);
    c = add_case(suite, "escapes");
    tcase_add_loop_test(c, escape, 0, sizeof escapes / sizeof *escapes);
    tcase_add_test(c, utf8);
    tcase_add_test(c, width);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
