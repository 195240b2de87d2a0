/* check_archive.c - archives: what is asked for, the order of adding, one frame at a time, damage.
 */
#include "ar.h"
#include "gen.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 40, BIG = 300000, MOST = 100000 };

static struct pf_mem mem;
static struct pf_err err;
static char folder[] = "check_archive.XXXXXX";
static const struct pf_archive_how plain, by_checksum = {.by_checksum = true};

static void start(void)
{
    snprintf(folder, sizeof folder, "check_archive.XXXXXX");
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
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

/* A profile of its own for each seed; with a long comment it fills a good part of a frame. */
static struct pf_profile *profile(uint64_t seed, size_t long_comment)
{
    struct pf_profile *p = gen_profile(&mem, seed, GEN_FOLDED);
    char *text = calloc(1, long_comment + 1);

    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < long_comment; i++)
        text[i] = (char)('a' + (i * (seed + 3) % 23));
    if (long_comment)
        pf_push(p, &p->comments, pf_str(p, text, long_comment));
    p->time_ns = (int64_t)seed * 1000000000;
    free(text);
    return p;
}

static int add(struct pf_build *b, uint64_t seed, size_t long_comment, struct pf_err *e)
{
    char label[32];
    const char *labels[] = {label};
    struct pf_profile *p = profile(seed, long_comment);

    snprintf(label, sizeof label, "parity=%s", seed % 2 ? "odd" : "even");
    int rc = pf_build_add(b, p, labels, 1, NULL, e);
    pf_free(p);
    return rc;
}

static int write_to(struct pf_build *b, const char *path, struct pf_err *e)
{
    struct pf_sink *out = pf_create(&mem, path, PF_PLAIN, e);

    if (!out)
        return -1;
    if (pf_build_write(b, PF_ARCHIVE_TAR, 0, out, e) == 0)
        return pf_commit(out, e);
    pf_abandon(out);
    return -1;
}

/* Adds profiles [from, to) by `step` to the archive at path, as profarchive does. */
static void add_range(const char *path, uint64_t from, uint64_t to, uint64_t step, size_t comment)
{
    struct pf_build *b = pf_build_new(&mem, &err);
    struct pf_archive *old = access(path, F_OK) ? NULL : pf_archive_open(&mem, path, &plain, &err);

    if (old)
        ck_assert_int_eq(pf_build_base(b, old, NULL, &err), 0);
    for (uint64_t i = from; i < to; i += step)
        ck_assert_int_eq(add(b, i, comment, &err), 0);
    ck_assert_msg(write_to(b, path, &err) == 0, "%s", err.msg);
    pf_build_free(b);
    pf_archive_close(old);
}

struct bytes {
    uint8_t *at;
    size_t n;
};

static struct bytes file(const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rb");

    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fstat(fileno(f), &st), 0);
    struct bytes b = {malloc((size_t)st.st_size + 1), (size_t)st.st_size};
    ck_assert_uint_eq(fread(b.at, 1, b.n, f), b.n);
    fclose(f);
    return b;
}

static void save(const char *path, struct bytes b, size_t n)
{
    FILE *f = fopen(path, "wb");

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(b.at, 1, n, f), n);
    fclose(f);
}

static void assert_same(const char *a, const char *b)
{
    struct bytes x = file(a), y = file(b);

    ck_assert_uint_eq(x.n, y.n);
    ck_assert_int_eq(memcmp(x.at, y.at, x.n), 0);
    free(x.at);
    free(y.at);
}

static void print(void *ctx, const char *text)
{
    if (ctx)
        snprintf(ctx, 512, "%s", text);
    else
        puts(text);
}

/* ---- times and questions ---- */

START_TEST(times)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"1970-01-01", 0},
        {"2000-02-29", 951782400},
        {"2026-01-31T12:34:56Z", 1769862896},
        {"2026-01-31 12:34", 1769862840},
        {"1969-12-31", -86400},
        {"@1700000000", 1700000000},
        {"90m", 1000000 - 5400},
        {"2w", 1000000 - 1209600},
        {"0s", 1000000},
    };
    static const char *const bad[] = {"",
                                      "@",
                                      "@x",
                                      "5",
                                      "5y",
                                      "-5d",
                                      "2026-13-01",
                                      "2026-1-1",
                                      "2026-01-01T",
                                      "2026-01-01T25:00",
                                      "99999999999999w",
                                      "d"};
    int64_t ns;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(pf_time_parse(good[i].text, 1000000ll * 1000000000, &ns), "%s", good[i].text);
        ck_assert_int_eq(ns, good[i].seconds * 1000000000);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!pf_time_parse(bad[i], 0, &ns), "%s", bad[i]);
}
END_TEST

static int64_t ask(struct pf_archive *a, const char *word, bool *wanted)
{
    struct pf_query q = {.words = &word, .n = word ? 1 : 0};
    struct pf_err e = {0};

    return pf_query_run(&q, pf_archive_entries(a), wanted, &e);
}

START_TEST(questions)
{
    bool wanted[MANY];
    char id[PF_ID_TEXT];
    uint32_t timeless;

    add_range("a.tar.zst", 0, 10, 1, 0);
    struct pf_archive *a = pf_archive_open(&mem, "a.tar.zst", &plain, &err);
    ck_assert_msg(a != NULL, "%s", err.msg);
    ck_assert(pf_archive_is_ours(a));
    const struct pf_entries *e = pf_archive_entries(a);
    ck_assert_uint_eq(e->n, 10);
    ck_assert_int_eq(ask(a, NULL, wanted), 10);
    ck_assert_int_eq(ask(a, "parity=odd", wanted), 5);
    ck_assert_int_eq(ask(a, "parity=od", wanted), 0);
    ck_assert_int_eq(ask(a, "none=odd", wanted), 0);
    ck_assert_int_eq(ask(a, "xyz", wanted), -1);
    ck_assert_int_eq(ask(a, "=x", wanted), -1);
    pf_id_text(e->at[3].hash, id);
    ck_assert_int_eq(ask(a, id, wanted), 1);
    ck_assert(wanted[3]);

    /* seed 0 has time 0, which is none: it stays, whatever its age */
    ask(a, NULL, wanted);
    ck_assert_int_eq(pf_query_keep_newest(e, wanted, 4, &timeless, &err), 0);
    ck_assert_uint_eq(timeless, 1);
    for (uint32_t i = 0; i < e->n; i++)
        ck_assert_int_eq(wanted[i], e->at[i].time_ns > 0 && e->at[i].time_ns <= 5000000000);

    struct pf_query q = {.has_since = true, .since = 8000000000};
    ck_assert_int_eq(pf_query_run(&q, e, wanted, &err), 2);
    q = (struct pf_query){.has_until = true, .until = 8000000000};
    ck_assert_int_eq(pf_query_run(&q, e, wanted, &err), 7);
    pf_archive_close(a);
}
END_TEST

/* ---- order, frames, reading ---- */

START_TEST(any_order_gives_the_same_bytes)
{
    add_range("a.tar.zst", 0, MANY, 1, BIG);
    for (uint64_t i = MANY; i-- > 0;)
        add_range("b.tar.zst", i, i + 1, 1, BIG);
    assert_same("a.tar.zst", "b.tar.zst");
    add_range("c.tar.zst", 0, MANY, 3, BIG);
    add_range("c.tar.zst", 1, MANY, 3, BIG);
    add_range("c.tar.zst", 0, MANY, 1, BIG); /* what is there comes again */
    assert_same("a.tar.zst", "c.tar.zst");
    ck_assert_int_eq(pf_archive_check(&mem, "a.tar.zst", print, NULL, &err), 0);
}
END_TEST

static int count(void *ctx, uint32_t entry, const uint8_t *content, size_t len)
{
    struct pf_err e = {0};
    struct pf_source *in = pf_open_mem(&mem, content, len, &e);
    struct pf_profile *p = pf_load(in, NULL, &e);

    (void)entry;
    ck_assert_msg(p != NULL, "%s", e.msg);
    pf_free(p);
    pf_close(in);
    ++*(unsigned *)ctx;
    return 0;
}

START_TEST(one_profile_needs_no_other_frame)
{
    bool wanted[MANY] = {false};
    unsigned n = 0;

    add_range("a.tar.zst", 0, MANY, 1, BIG);
    struct bytes b = file("a.tar.zst");
    struct pf_archive *a = pf_archive_open(&mem, "a.tar.zst", &plain, &err);
    ck_assert_ptr_nonnull(a);
    wanted[0] = true;
    ck_assert_int_eq(pf_archive_read(a, wanted, count, &n, &err), 0);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(pf_archive_read(a, NULL, count, &n, &err), 0);
    ck_assert_uint_eq(n, 1 + MANY);
    pf_archive_close(a);

    memset(b.at + b.n / 2, 0xff, b.n / 4); /* the frames at the end, but not the index */
    save("a.tar.zst", b, b.n);
    a = pf_archive_open(&mem, "a.tar.zst", &plain, &err);
    ck_assert_msg(a != NULL, "%s", err.msg);
    ck_assert_int_eq(pf_archive_read(a, wanted, count, &n, &err), 0);
    ck_assert_int_eq(pf_archive_read(a, NULL, count, &n, &err), -1);
    ck_assert_int_eq(err.code, PF_ESYNTAX);
    pf_archive_close(a);
    free(b.at);
}
END_TEST

/* ---- damage ---- */

static int hash_is_right(void *ctx, uint32_t entry, const uint8_t *content, size_t len)
{
    const struct pf_entries *e = pf_archive_entries(*(struct pf_archive **)ctx);
    uint8_t hash[PF_HASH];

    ar_sha256(content, len, hash);
    ck_assert_mem_eq(hash, e->at[entry].hash, PF_HASH);
    return 0;
}

/* Who reads by checksums gets no damaged content, and all of it where nothing is damaged. */
START_TEST(checksums_find_damage)
{
    unsigned whole = 0;

    add_range("a.tar.zst", 1, 4, 1, 0);
    struct bytes b = file("a.tar.zst");
    for (size_t i = 0; i <= b.n; i++) {
        struct pf_err e = {0};
        if (i < b.n)
            b.at[i] ^= 0x55;
        save("broken.tar.zst", b, b.n);
        struct pf_archive *a = pf_archive_open(&mem, "broken.tar.zst", &by_checksum, &e);
        whole += a && pf_archive_read(a, NULL, hash_is_right, &a, &e) == 0;
        pf_archive_close(a);
        if (i < b.n)
            b.at[i] ^= 0x55;
    }
    ck_assert_uint_ge(whole, 1);
    free(b.at);
}
END_TEST

static int64_t read_by(const struct pf_archive_how *how)
{
    struct pf_err e = {0};
    unsigned n = 0;
    struct pf_archive *a = pf_archive_open(&mem, "lies.tar.zst", how, &e);

    ck_assert_ptr_nonnull(a);
    int rc = pf_archive_read(a, NULL, count, &n, &e);
    ck_assert_int_eq(e.code, rc < 0 ? PF_ESYNTAX : PF_OK);
    pf_archive_close(a);
    return n;
}

/* A name that lies is what only hashes find. */
START_TEST(hashes_find_lies)
{
    struct pf_build *b = pf_build_new(&mem, &err);
    char said[512];

    ck_assert_int_eq(add(b, 1, 0, &err), 0);
    b->content[0].hash[0] ^= 1;
    b->e.at[0].hash[0] ^= 1;
    ck_assert_msg(write_to(b, "lies.tar.zst", &err) == 0, "%s", err.msg);
    pf_build_free(b);
    ck_assert_int_eq(read_by(&by_checksum), 1);
    ck_assert_int_eq(read_by(&plain), 0);
    ck_assert_int_gt(pf_archive_check(&mem, "lies.tar.zst", print, said, &err), 0);
}
END_TEST

/* Whatever byte is changed, check finds it, and no reader breaks. */
START_TEST(every_byte_counts)
{
    char said[512];

    add_range("a.tar.zst", 1, 4, 1, 0);
    struct bytes b = file("a.tar.zst");
    for (size_t i = 0; i < b.n; i += 7) {
        struct pf_err e = {0};
        b.at[i] ^= 0x55;
        save("broken.tar.zst", b, b.n);
        int64_t found = pf_archive_check(&mem, "broken.tar.zst", print, said, &e);
        ck_assert_msg(found > 0 || e.code == PF_EFORMAT, "byte %zu: %ld, %s", i, (long)found,
                      e.msg);
        b.at[i] ^= 0x55;
    }
    free(b.at);
}
END_TEST

START_TEST(every_cut_is_found_and_recovered)
{
    char said[512];
    uint32_t most = 0;

    add_range("a.tar.zst", 1, 6, 1, 0);
    struct bytes b = file("a.tar.zst");
    for (size_t n = 0; n < b.n; n += 11) {
        struct pf_err e = {0};
        save("cut.tar.zst", b, n);
        struct pf_archive *a = pf_archive_open(&mem, "cut.tar.zst", &plain, &e);
        int64_t found = a ? pf_archive_check(&mem, "cut.tar.zst", print, said, &e) : 1;
        ck_assert_msg(found > 0, "the first %zu bytes", n);
        pf_archive_close(a);

        e = (struct pf_err){0};
        struct pf_build *to = pf_build_new(&mem, &e);
        struct pf_archive_how how = {.tell = print, .ctx = said};
        int64_t lost = pf_archive_recover(&mem, "cut.tar.zst", &how, to, &e);
        ck_assert_msg(lost >= 0 || e.code == PF_EFORMAT, "the first %zu bytes: %s", n, e.msg);
        uint32_t whole = pf_build_count(to);
        ck_assert_uint_ge(whole, most); /* more of the file is never less of the profiles */
        most = whole;
        ck_assert(lost != 0 || whole == 5);
        if (lost >= 0)
            ck_assert_int_eq(write_to(to, "new.tar.zst", &e), 0);
        pf_build_free(to);
        if (lost == 0)
            assert_same("a.tar.zst", "new.tar.zst");
    }
    ck_assert_uint_eq(most, 5);
    free(b.at);
}
END_TEST

/* ---- memory ---- */

static int nothing(void *ctx, uint32_t entry, const uint8_t *content, size_t len)
{
    (void)ctx;
    (void)entry;
    (void)content;
    (void)len;
    return 0;
}

/* Makes an archive, opens it, reads all of it and checks it. */
static enum pf_code whole_life(struct pf_profile *const *p)
{
    static const char *const labels[] = {"branch=main"};
    struct pf_err e = {0};
    struct pf_build *b = pf_build_new(&mem, &e);
    struct pf_archive *a = NULL;
    bool made = b && pf_build_add(b, p[0], labels, 1, NULL, &e) == 0
                && pf_build_add(b, p[1], NULL, 0, NULL, &e) == 0
                && write_to(b, "a.tar.zst", &e) == 0;

    pf_build_free(b);
    if (made && (a = pf_archive_open(&mem, "a.tar.zst", &plain, &e)))
        pf_archive_read(a, NULL, nothing, NULL, &e);
    pf_archive_close(a);
    if (!e.code)
        ck_assert_int_le(pf_archive_check(&mem, "a.tar.zst", print, NULL, &e), 0);
    return e.code;
}

START_TEST(every_allocation_may_fail)
{
    struct pf_profile *p[] = {profile(1, 0), profile(2, 0)};
    size_t before = mem.used;
    uint64_t n = 1;

    for (; n < MOST; n++) {
        mem.count = 0;
        mem.fail_at = n;
        enum pf_code code = whole_life(p);
        bool all = mem.count < n;
        mem.fail_at = 0;
        ck_assert_msg(mem.used == before, "allocation %lu: %zu bytes leaked", n, mem.used - before);
        ck_assert_msg(code == (all ? PF_OK : PF_ENOMEM), "allocation %lu: %d", n, code);
        if (all)
            break;
    }
    ck_assert_uint_lt(n, MOST);
    pf_free(p[0]);
    pf_free(p[1]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("archive");
    TCase *t = tcase_create("archive");

    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, start, finish);
    tcase_add_test(t, times);
    tcase_add_test(t, questions);
    tcase_add_test(t, any_order_gives_the_same_bytes);
    tcase_add_test(t, one_profile_needs_no_other_frame);
    tcase_add_test(t, every_byte_counts);
    tcase_add_test(t, checksums_find_damage);
    tcase_add_test(t, hashes_find_lies);
    tcase_add_test(t, every_cut_is_found_and_recovered);
    tcase_add_test(t, every_allocation_may_fail);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
