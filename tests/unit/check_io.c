/* check_io.c - sources: what is read, unpacked, cut into lines and frames, and refused. */
#include "formats.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { BIG = 700000 };

static struct pf_mem mem;
static struct pf_err err;

static void start(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
}

static void finish(void)
{
    ck_assert_uint_eq(mem.used, 0);
}

/* ---- help ---- */

struct bytes {
    uint8_t *s;
    size_t len;
};

static struct bytes copy(const void *s, size_t len)
{
    struct bytes b = {calloc(1, len + 1), len};
    ck_assert_ptr_nonnull(b.s);
    if (len)
        memcpy(b.s, s, len);
    b.s[len] = 0;
    return b;
}

static struct bytes join(struct bytes a, struct bytes b)
{
    struct bytes both = {calloc(1, a.len + b.len + 1), a.len + b.len};
    ck_assert_ptr_nonnull(both.s);
    memcpy(both.s, a.s, a.len);
    memcpy(both.s + a.len, b.s, b.len);
    free(a.s);
    free(b.s);
    return both;
}

static struct bytes pack(struct bytes plain, enum pf_packing packing)
{
    struct pf_mem m;
    size_t len;
    pf_mem_init(&m, 0);
    struct pf_sink *k = pf_create_mem(&m, packing, &err);
    ck_assert_ptr_nonnull(k);
    pf_put(k, plain.s, plain.len);
    pf_end_frame(k);
    const uint8_t *s = pf_sink_bytes(k, &len);
    struct bytes packed = copy(s, len);
    ck_assert_int_eq(pf_commit(k, &err), 0);
    free(plain.s);
    return packed;
}

static struct bytes text(const char *s)
{
    return copy(s, strlen(s));
}

static struct bytes big(void)
{
    struct bytes b = {calloc(1, BIG), BIG};
    uint32_t x = 1;
    for (size_t i = 0; i < BIG; i++) {
        x = x * 1664525 + 1013904223;
        b.s[i] = i % 61 == 60 ? '\n' : (uint8_t)('a' + (x >> 28));
    }
    return b;
}

static struct pf_source *of(struct bytes b)
{
    struct pf_source *in = pf_open_mem(&mem, b.s, b.len, &err);
    ck_assert_ptr_nonnull(in);
    return in;
}

/* All that is left of the frame, in peeks of `step`. */
static struct bytes rest(struct pf_source *in, size_t step)
{
    struct bytes all = {calloc(1, 1), 0};
    size_t have;
    for (const uint8_t *at; (at = pf_peek(in, step, &have));) {
        uint64_t was = pf_offset(in);
        ck_assert_uint_gt(have, 0);
        size_t take = have < step ? have : step;
        all.s = realloc(all.s, all.len + take + 1);
        memcpy(all.s + all.len, at, take);
        all.len += take;
        pf_skip(in, take);
        ck_assert_uint_eq(pf_offset(in), was + take);
    }
    ck_assert_uint_eq(have, 0);
    return all;
}

static void expect_rest(struct pf_source *in, const char *want)
{
    struct bytes got = rest(in, 3);
    ck_assert_uint_eq(got.len, strlen(want));
    ck_assert_mem_eq(got.s, want, got.len);
    free(got.s);
}

/* Reading all frames of b fails with this. */
static void expect_error(struct bytes b, enum pf_code code, const char *part)
{
    struct pf_source *in = of(b);
    do
        free(rest(in, 1000).s);
    while (pf_next_frame(in));
    ck_assert_msg(pf_source_check(in, &err) == -1, "no error, expected '%s'", part);
    ck_assert_msg(err.code == code && strstr(err.msg, part), "'%s' instead of '%s'", err.msg, part);
    pf_close(in);
    free(b.s);
    err = (struct pf_err){0};
}

/* ---- peek and skip ---- */

static const enum pf_packing pilings[][2] = {
    {PF_PLAIN, PF_PLAIN}, {PF_GZIP, PF_PLAIN}, {PF_ZSTD, PF_PLAIN}, {PF_GZIP, PF_GZIP},
    {PF_GZIP, PF_ZSTD},   {PF_ZSTD, PF_GZIP},  {PF_ZSTD, PF_ZSTD},
};

START_TEST(all_packings)
{
    static const size_t steps[] = {1000, 65536, 300000, BIG, BIG + 1};
    struct bytes want = big(), packed = copy(want.s, want.len);
    for (int i = 0; i < 2; i++)
        packed = pack(packed, pilings[_i][i]);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct pf_source *in = of(packed);
        struct bytes got = rest(in, steps[i]);
        ck_assert_uint_eq(got.len, want.len);
        ck_assert_mem_eq(got.s, want.s, want.len);
        ck_assert_uint_eq(pf_bytes_read(in), packed.len);
        ck_assert_int_eq(pf_source_check(in, &err), 0);
        ck_assert(!pf_next_frame(in));
        pf_close(in);
        free(got.s);
    }
    free(want.s);
    free(packed.s);
}
END_TEST

START_TEST(packed_three_times)
{
    struct bytes b = pack(pack(pack(text("x"), PF_GZIP), PF_ZSTD), PF_GZIP);
    expect_error(b, PF_ELIMIT, "packed more than twice");
}
END_TEST

START_TEST(peek_consumes_nothing)
{
    struct bytes b = text("hello");
    struct pf_source *in = of(b);
    size_t have;
    ck_assert_ptr_nonnull(pf_peek(in, 2, &have));
    ck_assert_uint_ge(have, 2);
    ck_assert_mem_eq(pf_peek(in, 100, &have), "hello", 5);
    ck_assert_uint_eq(have, 5);
    pf_skip(in, 4);
    ck_assert_mem_eq(pf_peek(in, 2, &have), "o", 1);
    ck_assert_uint_eq(have, 1);
    pf_skip(in, 1);
    ck_assert_ptr_null(pf_peek(in, 1, &have));
    ck_assert_uint_eq(have, 0);
    pf_close(in);
    free(b.s);
}
END_TEST

START_TEST(files)
{
    char path[] = "check_io.XXXXXX";
    int fd = mkstemp(path);
    struct bytes want = big();
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, want.s, want.len), (ssize_t)want.len);
    close(fd);
    struct pf_source *in = pf_open(&mem, path, &err);
    ck_assert_ptr_nonnull(in);
    ck_assert_ptr_eq(pf_source_mem(in), &mem);
    struct bytes got = rest(in, 5000);
    ck_assert_uint_eq(got.len, want.len);
    ck_assert_mem_eq(got.s, want.s, want.len);
    ck_assert_uint_eq(pf_bytes_read(in), want.len);
    pf_close(in);
    ck_assert_uint_lt(mem.peak, 600000); /* not slurped */
    unlink(path);
    free(want.s);
    free(got.s);

    ck_assert_ptr_null(pf_open(&mem, path, &err));
    ck_assert_int_eq(err.code, PF_EIO);
    ck_assert_str_eq(err.msg, "cannot open: No such file or directory");
    err = (struct pf_err){0};
    ck_assert_ptr_null(pf_open(&mem, ".", &err));
    ck_assert_str_eq(err.msg, "cannot read: is a directory");
}
END_TEST

START_TEST(standard_input)
{
    int ends[2], was = dup(STDIN_FILENO);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "a\nb", 3), 3);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    struct pf_source *in = pf_open(&mem, "-", &err);
    expect_rest(in, "a\nb");
    pf_close(in);
    ck_assert_int_eq(dup2(was, STDIN_FILENO), STDIN_FILENO); /* it was not closed */
    close(ends[0]);
    close(was);
}
END_TEST

START_TEST(nothing_in_it)
{
    size_t have;
    struct pf_source *in = pf_open_mem(&mem, NULL, 0, &err);
    ck_assert_ptr_null(pf_peek(in, 10, &have));
    ck_assert_ptr_null(pf_line(in, &have));
    pf_text(in);
    ck_assert(!pf_next_frame(in));
    ck_assert_int_eq(pf_source_check(in, &err), 0);
    pf_close(in);
}
END_TEST

START_TEST(budget)
{
    struct bytes b = pack(big(), PF_GZIP);
    size_t have;
    mem.limit = 200000;
    struct pf_source *in = of(b);
    ck_assert_ptr_null(pf_peek(in, BIG, &have));
    ck_assert_int_eq(pf_source_check(in, &err), -1);
    ck_assert_int_eq(err.code, PF_ENOMEM);
    pf_close(in);
    free(b.s);
}
END_TEST

/* Every allocation fails in turn: an error, never a crash, a leak or other content. */
START_TEST(failing_allocations)
{
    struct bytes want = big(), b = copy(want.s, want.len);
    for (int i = 0; i < 2; i++)
        b = pack(b, pilings[_i][i]);
    for (uint64_t n = 1;; n++) {
        pf_mem_init(&mem, 0);
        mem.fail_at = n;
        err = (struct pf_err){0};
        struct pf_source *in = pf_open_mem(&mem, b.s, b.len, &err);
        struct bytes got = {0};
        if (in) {
            got = rest(in, 100000);
            pf_source_check(in, &err);
        }
        pf_close(in);
        free(got.s);
        ck_assert_uint_eq(mem.used, 0);
        if (err.code == PF_OK) {
            ck_assert_uint_eq(got.len, want.len);
            break;
        }
        ck_assert_int_eq(err.code, PF_ENOMEM);
    }
    free(b.s);
    free(want.s);
}
END_TEST

/* ---- frames ---- */

static struct bytes skippable(const char *s)
{
    uint8_t head[8] = {0x51, 0x2a, 0x4d, 0x18, (uint8_t)strlen(s)};
    return join(copy(head, 8), text(s));
}

static struct bytes zstd(const char *s)
{
    return pack(text(s), PF_ZSTD);
}

static struct bytes empty_zstd(void)
{
    char buf[64];
    return copy(buf, ZSTD_compress(buf, sizeof buf, "", 0, 3));
}

static struct bytes several_frames(void)
{
    struct bytes b = join(skippable("note"), empty_zstd());
    b = join(join(b, zstd("first\nframe")), skippable("index"));
    b = join(join(b, empty_zstd()), zstd("second"));
    return join(join(b, zstd("third")), skippable("end"));
}

START_TEST(frames_apart)
{
    struct bytes b = several_frames();
    if (_i)
        b = pack(b, PF_GZIP);
    struct pf_source *in = of(b);
    size_t len;
    ck_assert_mem_eq(pf_line(in, &len), "first", 5);
    expect_rest(in, "frame");
    ck_assert_uint_eq(pf_offset(in), 11);
    ck_assert(pf_next_frame(in));
    ck_assert_uint_eq(pf_offset(in), 0);
    ck_assert_uint_eq(pf_line_number(in), 0);
    expect_rest(in, "second");
    ck_assert(pf_next_frame(in));
    expect_rest(in, "third");
    ck_assert(!pf_next_frame(in));
    ck_assert(!pf_next_frame(in));
    expect_rest(in, "");
    ck_assert_int_eq(pf_source_check(in, &err), 0);
    pf_close(in);

    in = of(b); /* unread frames are skipped */
    ck_assert(pf_next_frame(in) && pf_next_frame(in));
    expect_rest(in, "third");
    pf_close(in);
    free(b.s);
}
END_TEST

START_TEST(frames_joined)
{
    struct bytes b = several_frames();
    struct pf_source *in = of(b);
    size_t have;
    pf_join_frames(in);
    ck_assert_mem_eq(pf_peek(in, 12, &have), "first\nframes", 12);
    expect_rest(in, "first\nframesecondthird");
    ck_assert(!pf_next_frame(in));
    pf_close(in);

    in = of(b); /* joined later */
    expect_rest(in, "first\nframe");
    pf_join_frames(in);
    expect_rest(in, "secondthird");
    pf_close(in);
    free(b.s);
}
END_TEST

/* Each frame is unpacked by itself; a gzip stream that goes on over frames is followed. */
START_TEST(packed_frames)
{
    struct bytes a = pack(pack(text("one"), PF_GZIP), PF_ZSTD);
    struct bytes b = join(join(a, zstd("plain")), pack(pack(text("two"), PF_ZSTD), PF_ZSTD));
    struct pf_source *in = of(b);
    expect_rest(in, "one");
    ck_assert(pf_next_frame(in));
    expect_rest(in, "plain");
    ck_assert(pf_next_frame(in));
    expect_rest(in, "two");
    ck_assert(!pf_next_frame(in));
    ck_assert_int_eq(pf_source_check(in, &err), 0);
    pf_close(in);
    free(b.s);

    struct bytes whole = pack(text("one stream"), PF_GZIP);
    struct bytes left = copy(whole.s, 12), right = copy(whole.s + 12, whole.len - 12);
    b = join(pack(left, PF_ZSTD), pack(right, PF_ZSTD));
    in = of(b);
    expect_rest(in, "one stream");
    ck_assert_int_eq(pf_source_check(in, &err), 0);
    pf_close(in);
    free(whole.s);
    free(b.s);
}
END_TEST

START_TEST(gzip_members)
{
    struct bytes b = join(pack(text("one "), PF_GZIP), pack(text("two"), PF_GZIP));
    struct pf_source *in = of(b);
    expect_rest(in, "one two");
    ck_assert(!pf_next_frame(in));
    ck_assert_int_eq(pf_source_check(in, &err), 0);
    pf_close(in);
    free(b.s);
}
END_TEST

/* A frame after a small one is not read through the small one's window for ever. */
START_TEST(small_frame_then_big)
{
    struct bytes want = big(), b = join(zstd("x"), pack(copy(want.s, want.len), PF_ZSTD));
    struct pf_source *in = of(b);
    expect_rest(in, "x");
    ck_assert(pf_next_frame(in));
    struct bytes got = rest(in, 1000);
    ck_assert_uint_eq(got.len, want.len);
    ck_assert_mem_eq(got.s, want.s, want.len);
    pf_close(in);
    free(got.s);
    free(want.s);
    free(b.s);
}
END_TEST

/* ---- damage ---- */

static struct bytes zstd_with(const char *s, int window_log, unsigned dict)
{
    char buf[4096];
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_outBuffer out = {buf, sizeof buf, 0};
    ZSTD_inBuffer in = {s, strlen(s), 0}, none = {"", 0, 0};
    char words[300] = {0x37, (char)0xa4, 0x30, (char)0xec};
    if (window_log)
        ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, window_log);
    if (dict) {
        for (size_t i = 0; i < sizeof words; i++)
            words[i] = (char)('a' + i % 26);
        ZSTD_CCtx_loadDictionary(z, words, sizeof words);
    }
    ZSTD_compressStream2(z, &out, &in, ZSTD_e_continue);
    ck_assert_uint_eq(ZSTD_compressStream2(z, &out, &none, ZSTD_e_end), 0);
    ZSTD_freeCCtx(z);
    if (dict) { /* a raw dictionary has no id, so give the frame one: flag and byte */
        memmove(buf + 7, buf + 6, out.pos - 6);
        buf[4] = (char)(buf[4] | 1);
        buf[6] = (char)dict;
        out.pos++;
    }
    return copy(buf, out.pos);
}

START_TEST(bad_packing)
{
    expect_error(join(pack(text("x"), PF_GZIP), text("garbage")), PF_ESYNTAX,
                 "something else follows the gzip data");
    expect_error(join(zstd("x"), text("garbage")), PF_ESYNTAX,
                 "something else follows the zstd data");
    expect_error(join(zstd("x"), text("\x28\xb5")), PF_ESYNTAX, "something else follows");
    expect_error(text("\x1f\x8b"), PF_ESYNTAX, "the gzip data is cut");
    expect_error(text("\x28\xb5\x2f\xfd"), PF_ESYNTAX, "the zstd data is cut");
    expect_error(skippable("only this"), PF_ESYNTAX, "holds no data");
    expect_error(zstd_with("text", 28, 0), PF_ELIMIT, "128 MiB");
    expect_error(zstd_with("text", 20, 77), PF_ESYNTAX, "needs a dictionary");
    struct bytes b = zstd("text");
    b.s[b.len - 1] ^= 1;
    expect_error(b, PF_ESYNTAX, "bad checksum");
    b = pack(text("text"), PF_GZIP);
    b.s[b.len - 6] ^= 1;
    expect_error(b, PF_ESYNTAX, "incorrect data check");
}
END_TEST

START_TEST(error_offset)
{
    struct bytes b = zstd("some text");
    struct pf_source *in = pf_open_mem(&mem, b.s, b.len - 1, &err);
    free(rest(in, 10).s);
    ck_assert_int_eq(pf_source_check(in, &err), -1);
    ck_assert_int_eq(err.where, PF_AT_OFFSET);
    ck_assert_uint_eq(err.at, b.len - 1);
    pf_close(in);
    free(b.s);
}
END_TEST

/* Each prefix is an error, and each flipped bit an error or harmless: never other content. */
START_TEST(cut_and_flipped)
{
    const char *want = "main;a;b 5\nmain;a;c 3\nmain;d 2\n";
    struct bytes b = pack(text(want), _i ? PF_GZIP : PF_ZSTD);
    for (size_t i = 0; i < 9 * b.len; i++) {
        bool cut = i < b.len;
        size_t bit = i - b.len;
        struct bytes bad = copy(b.s, cut ? i : b.len);
        if (!cut)
            bad.s[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct pf_source *in = of(bad);
        struct bytes got = rest(in, 50);
        bool magic =
            got.len == bad.len && memcmp(got.s, bad.s, got.len) == 0; /* no longer packed */
        if (pf_source_check(in, &err) == 0 && !magic) {
            ck_assert_msg(!cut || i == 0, "cut at %zu", i);
            ck_assert(i == 0 || got.len == strlen(want));
            ck_assert_mem_eq(got.s, want, got.len);
        }
        pf_close(in);
        free(got.s);
        free(bad.s);
        err = (struct pf_err){0};
    }
    free(b.s);
}
END_TEST

/* ---- lines ---- */

START_TEST(lines)
{
    static const char *const want[] = {"a", "", "b\rc", "d"};
    struct bytes b = text("a\r\n\nb\rc\nd");
    struct pf_source *in = of(b);
    size_t len;
    for (uint64_t i = 0; i < 4; i++) {
        const char *line = pf_line(in, &len);
        ck_assert_uint_eq(len, strlen(want[i]));
        ck_assert_mem_eq(line, want[i], len);
        ck_assert_uint_eq(pf_line_number(in), i + 1);
    }
    ck_assert_ptr_null(pf_line(in, &len));
    ck_assert_uint_eq(pf_offset(in), b.len);
    ck_assert_int_eq(pf_source_check(in, &err), 0);
    pf_close(in);
    free(b.s);
}
END_TEST

START_TEST(many_lines)
{
    struct bytes want = big(), b = pack(copy(want.s, want.len), pilings[_i][0]);
    struct pf_source *in = of(b);
    size_t at = 0, len;
    for (const char *line; (line = pf_line(in, &len)); at += len + 1)
        ck_assert_mem_eq(line, want.s + at, len);
    ck_assert_uint_eq(at, BIG + 1);
    ck_assert_uint_eq(pf_line_number(in), BIG / 61 + 1);
    pf_close(in);
    free(want.s);
    free(b.s);
}
END_TEST

/* Longer than any window, and the last one without an end: it must survive the move that a vain
 * attempt to read on makes. */
START_TEST(long_lines)
{
    char path[] = "check_io.XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    size_t len;
    for (int line = 0; line < 3; line++)
        for (int i = 0; i < 900001; i++)
            fputc(i == 900000 && line < 2 ? '\n' : 'a' + line, f);
    fclose(f);
    struct pf_source *in = pf_open(&mem, path, &err);
    for (int line = 0; line < 3; line++) {
        const char *s = pf_line(in, &len);
        ck_assert_uint_eq(len, line < 2 ? 900000 : 900001);
        ck_assert(s[0] == 'a' + line && s[len - 1] == 'a' + line);
    }
    ck_assert_ptr_null(pf_line(in, &len));
    pf_close(in);
    unlink(path);
}
END_TEST

START_TEST(endless_line)
{
    size_t len = (size_t)PF_MAX_LINE + 3;
    struct bytes b = {calloc(1, len), len};
    b = pack(b, PF_ZSTD);
    struct pf_source *in = of(b);
    ck_assert_ptr_null(pf_line(in, &len));
    ck_assert_int_eq(pf_source_check(in, &err), -1);
    ck_assert_int_eq(err.code, PF_ELIMIT);
    ck_assert_int_eq(err.where, PF_AT_LINE);
    ck_assert_str_eq(err.msg, "the line is longer than 64 MiB");
    pf_close(in);
    free(b.s);
}
END_TEST

START_TEST(line_of_cut_input)
{
    struct bytes b = pack(big(), PF_GZIP);
    struct pf_source *in = pf_open_mem(&mem, b.s, b.len / 2, &err);
    size_t len;
    while (pf_line(in, &len))
        ck_assert_uint_eq(len, 60); /* no half line */
    ck_assert_int_eq(pf_source_check(in, &err), -1);
    pf_close(in);
    free(b.s);
}
END_TEST

/* ---- text ---- */

#define TEXT(in, out)                                                                              \
    {                                                                                              \
        (in), sizeof(in) - 1, (out)                                                                \
    }
static const struct {
    const char *in;
    size_t len;
    const char *want;
} texts[] = {
    TEXT("plain", "plain"),
    TEXT("\xef\xbb\xbfx\n", "x\n"),
    TEXT("\xef\xbb\xbf", ""),
    TEXT("\xef\xbb", "\xef\xbb"),
    TEXT("\xff\xfe"
         "a\0;\0\n\0",
         "a;\n"),
    TEXT("\xfe\xff"
         "\0a\0;\0\n",
         "a;\n"),
    TEXT("\xff\xfe\xe9\0\xac\x20\x3d\xd8\x0d\xdc", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8d"),
    TEXT("\xfe\xff\xd8\x3d\xdc\x0d", "\xf0\x9f\x90\x8d"),
    TEXT("\xff\xfe\x3d\xd8x\0", "\xef\xbf\xbdx"), /* a high surrogate alone */
    TEXT("\xff\xfe\x0d\xdcx\0", "\xef\xbf\xbdx"), /* a low one */
    TEXT("\xff\xfex\0\x3d\xd8", "x\xef\xbf\xbd"), /* a high one at the end */
    TEXT("\xff\xfex\0y", "x\xef\xbf\xbd"),        /* half a unit */
    TEXT("\xff\xfe\x3d\xd8y", "\xef\xbf\xbd\xef\xbf\xbd"),
    TEXT("\xff\xfe", ""),
};

START_TEST(text_encodings)
{
    struct bytes b = copy(texts[_i].in, texts[_i].len);
    struct pf_source *in = of(b);
    pf_text(in);
    pf_text(in); /* once is enough */
    bool utf16 = (b.s[0] == 0xff || b.s[0] == 0xfe);
    ck_assert(pf_source_utf16(in) == utf16);
    expect_rest(in, texts[_i].want);
    pf_close(in);
    free(b.s);
}
END_TEST

START_TEST(long_utf16)
{
    struct bytes want = big(), wide = {malloc(2 * BIG + 2), 2 * BIG + 2};
    wide.s[0] = 0xff;
    wide.s[1] = 0xfe;
    for (size_t i = 0; i < BIG; i++) {
        wide.s[2 * i + 2] = want.s[i];
        wide.s[2 * i + 3] = 0;
    }
    struct bytes b = pack(wide, pilings[_i][0]);
    struct pf_source *in = of(b);
    pf_text(in);
    struct bytes got = rest(in, 777);
    ck_assert_uint_eq(got.len, want.len);
    ck_assert_mem_eq(got.s, want.s, want.len);
    pf_close(in);
    free(got.s);
    free(want.s);
    free(b.s);
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
    Suite *suite = suite_create("io");
    TCase *c = add_case(suite, "bytes");
    tcase_add_loop_test(c, all_packings, 0, 7);
    tcase_add_test(c, packed_three_times);
    tcase_add_test(c, peek_consumes_nothing);
    tcase_add_test(c, files);
    tcase_add_test(c, standard_input);
    tcase_add_test(c, nothing_in_it);
    tcase_add_test(c, budget);
    tcase_add_loop_test(c, failing_allocations, 0, 7);
    c = add_case(suite, "frames");
    tcase_add_loop_test(c, frames_apart, 0, 2);
    tcase_add_test(c, frames_joined);
    tcase_add_test(c, packed_frames);
    tcase_add_test(c, gzip_members);
    tcase_add_test(c, small_frame_then_big);
    c = add_case(suite, "damage");
    tcase_add_test(c, bad_packing);
    tcase_add_test(c, error_offset);
    tcase_add_loop_test(c, cut_and_flipped, 0, 2);
    c = add_case(suite, "lines");
    tcase_add_test(c, lines);
    tcase_add_loop_test(c, many_lines, 0, 3);
    tcase_add_test(c, long_lines);
    tcase_add_test(c, endless_line);
    tcase_add_test(c, line_of_cut_input);
    tcase_add_loop_test(c, text_encodings, 0, sizeof texts / sizeof *texts);
    tcase_add_loop_test(c, long_utf16, 0, 3);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
