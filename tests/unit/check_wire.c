/* check_wire.c - protobuf's wire format: numbers of all sizes, cut and broken fields, buffers. */
#include "pb_help.h"

static const uint64_t borders[] = {
    0,
    1,
    0x7f,
    0x80,
    0x3fff,
    0x4000,
    0x1fffff,
    0x200000,
    0xfffffff,
    0x10000000,
    0x7ffffffff,
    0x800000000,
    1ull << 42,
    (1ull << 49) - 1,
    1ull << 49,
    1ull << 56,
    (1ull << 63) - 1,
    1ull << 63,
    UINT64_MAX,
};
enum { BORDERS = sizeof borders / sizeof *borders };

START_TEST(varints_of_all_sizes)
{
    for (size_t i = 0; i < BORDERS; i++) {
        uint8_t buf[10];
        uint8_t *end = pf_put_varint(buf, borders[i]);
        unsigned size = (unsigned)(end - buf);
        ck_assert_uint_eq(pf_varint_size(borders[i]), size);
        for (unsigned have = 0; have <= size; have++) { /* every prefix is cut */
            const uint8_t *at = buf;
            uint64_t v = 77;
            ck_assert_int_eq(pf_varint(&at, buf + have, &v), have == size);
            ck_assert(v == (have == size ? borders[i] : 77));
            ck_assert_ptr_eq(at, have == size ? end : buf);
        }
    }
    ck_assert_uint_eq(pf_varint_size(UINT64_MAX), 10);
}
END_TEST

START_TEST(odd_varints)
{
    static const struct {
        const char *hex;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"~8000", true, 0}, /* longer than need be, but allowed */
        {"~ff808080808000", true, 0x7f},
        {"~80808080808080808000", true, 0},
        {"~ffffffffffffffffff01", true, UINT64_MAX},
        {"~ffffffffffffffffff02", false, 0}, /* 65 bits */
        {"~ffffffffffffffffff7f", false, 0},
        {"~80808080808080808080", false, 0}, /* 11 bytes */
        {"~8080808080808080808001", false, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = bytes_of(cases[i].hex);
        const uint8_t *at = b.at;
        uint64_t v = 0;
        ck_assert_msg(pf_varint(&at, b.at + b.n, &v) == cases[i].ok, "%s", cases[i].hex);
        ck_assert(v == cases[i].value);
    }
}
END_TEST

static enum pf_wire_found next(struct pf_wire *w, struct pf_field *f)
{
    uint64_t need;
    const char *why;

    return pf_wire_next(w, f, &need, &why);
}

START_TEST(fields_of_all_types)
{
    struct bytes b =
        bytes_of("1:0 15:150 16:-1 536870911:7 3!72623859790382856 4%67305985 5'hello' "
                 "6'' 1000{1:2}");
    static const struct {
        uint32_t number, type;
        uint64_t value;
        size_t len;
    } want[] = {
        {1, WIRE_VARINT, 0, 0},
        {15, WIRE_VARINT, 150, 0},
        {16, WIRE_VARINT, UINT64_MAX, 0},
        {536870911, WIRE_VARINT, 7, 0},
        {3, WIRE_I64, 0x0102030405060708, 8},
        {4, WIRE_I32, 0x04030201, 4},
        {5, WIRE_LEN, 5, 5},
        {6, WIRE_LEN, 0, 0},
        {1000, WIRE_LEN, 2, 2},
    };
    struct pf_wire w = {b.at, b.at + b.n, b.at};
    struct pf_field f;

    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const uint8_t *start = w.at;
        ck_assert_int_eq(next(&w, &f), WIRE_FIELD);
        ck_assert_uint_eq(f.number, want[i].number);
        ck_assert_uint_eq(f.type, want[i].type);
        ck_assert(f.value == want[i].value);
        ck_assert_uint_eq(f.len, want[i].len);
        ck_assert_ptr_eq(f.start, start);
        ck_assert_ptr_eq(w.at, f.data + f.len);
    }
    ck_assert_int_eq(next(&w, &f), WIRE_END);
    ck_assert_int_eq(next(&w, &f), WIRE_END);
}
END_TEST

START_TEST(broken_fields)
{
    static const struct {
        const char *hex, *why;
    } cases[] = {
        {"~00", "a field number is out of range"},
        {"~0200", "a field number is out of range"},
        {"~808080801000", "a field number is out of range"}, /* 2^29 */
        {"~ffffffffffffffffff0100", "a field number is out of range"},
        {"~0b", "groups are not used in profiles"},
        {"~0c", "groups are not used in profiles"},
        {"~0e", "unknown wire type"},
        {"~0f", "unknown wire type"},
        {"~08ffffffffffffffffff02", "a number is longer than 64 bits"},
        {"~ffffffffffffffffff0200", "a number is longer than 64 bits"},
        {"~0affffffffffffffffff7f", "a number is longer than 64 bits"},
        {"~0affffffffffffffff7f", "a length is out of range"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = bytes_of(cases[i].hex);
        struct pf_wire w = {b.at, b.at + b.n, b.at};
        struct pf_field f;
        uint64_t need;
        const char *why = "";
        ck_assert_msg(pf_wire_next(&w, &f, &need, &why) == WIRE_BROKEN, "%s", cases[i].hex);
        ck_assert_str_eq(why, cases[i].why);
        ck_assert_ptr_eq(w.at, b.at);
    }
}
END_TEST

/* A cut field tells how much it wants; with that much it is whole, or tells more. */
START_TEST(cut_fields_tell_what_they_need)
{
    static const char *const cases[] = {"1:5",     "1:300", "1:-1", "2000:1", "1'twelve bytes'",
                                        "2000'x'", "3!5",   "3%5",  "700!1",  "5{1:2 2:3}"};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = bytes_of(cases[i]);
        for (size_t have = 1; have < b.n; have++) {
            uint8_t *cut = malloc(have); /* so that a sanitizer sees what is read behind it */
            ck_assert_ptr_nonnull(cut);
            memcpy(cut, b.at, have);
            struct pf_wire w = {cut, cut + have, cut};
            struct pf_field f;
            uint64_t need = 0;
            const char *why = "";
            ck_assert_int_eq(pf_wire_next(&w, &f, &need, &why), WIRE_CUT);
            ck_assert_uint_gt(need, have);
            ck_assert_uint_le(need, b.n);
            ck_assert_ptr_eq(w.at, cut);
            free(cut);
        }
    }
}
END_TEST

/* The quick way and the slow way agree, whatever the bytes. */
START_TEST(both_ways_find_the_same)
{
    uint32_t state = (uint32_t)_i;
    uint8_t buf[24];

    for (int round = 0; round < 20000; round++) {
        for (size_t k = 0; k < sizeof buf; k++) {
            state = state * 1664525 + 1013904223;
            buf[k] = (uint8_t)(state >> 24 & (round % 3 ? 0xff : 0x1f));
        }
        struct pf_wire a = {buf, buf + round % 25, buf}, b = a;
        struct pf_field f = {0}, g = {0};
        uint64_t need_a = 0, need_b = 0;
        const char *why_a = "", *why_b = "";
        enum pf_wire_found found;
        do {
            found = pf_wire_next(&a, &f, &need_a, &why_a);
            ck_assert_int_eq(pf_wire_slow(&b, &g, &need_b, &why_b), found);
            ck_assert_ptr_eq(a.at, b.at);
            ck_assert(need_a == need_b);
            ck_assert_str_eq(why_a, why_b);
            if (found == WIRE_FIELD) {
                ck_assert(f.number == g.number && f.type == g.type && f.value == g.value);
                ck_assert(f.data == g.data && f.len == g.len && f.start == g.start);
            }
        } while (found == WIRE_FIELD);
    }
}
END_TEST

/* ---- buffers ---- */

START_TEST(a_buffer_writes_what_is_read)
{
    struct pb_buf b = {.mem = &mem}, inner = {.mem = &mem};
    struct bytes want = bytes_of("1:5 2:-1 7{1'abc'}");

    pb_number(&b, 1, 5);
    pb_number(&b, 3, 0); /* left out */
    pb_number(&b, 2, UINT64_MAX);
    pb_tag(&inner, 1, WIRE_LEN);
    pb_varint(&inner, 3);
    pb_bytes(&inner, "abc", 3);
    pb_bytes(&inner, NULL, 0);
    pb_message(&b, 7, &inner);
    ck_assert(!b.failed);
    ck_assert_uint_eq(b.n, want.n);
    ck_assert_mem_eq(b.at, want.at, want.n);
    for (int i = 0; i < 1000; i++)
        pb_message(&b, 7, &inner);
    ck_assert_uint_eq(b.n, want.n + 1000 * (inner.n + 2));
    pf_dealloc(&mem, b.at);
    pf_dealloc(&mem, inner.at);
}
END_TEST

START_TEST(a_buffer_that_failed_stays_so)
{
    struct pb_buf b = {.mem = &mem}, outer = {.mem = &mem};

    pb_varint(&b, 1);
    mem.fail_at = mem.count + 1;
    for (int i = 0; i < 1000; i++)
        pb_varint(&b, 1);
    mem.fail_at = 0;
    size_t n = b.n;
    pb_varint(&b, 1);
    ck_assert(b.failed);
    ck_assert_uint_eq(b.n, n);
    pb_message(&outer, 1, &b);
    ck_assert(outer.failed);
    pf_dealloc(&mem, b.at);
    pf_dealloc(&mem, outer.at);
}
END_TEST

/* ---- recognising ---- */

START_TEST(bytes_are_recognised_as_profiles)
{
    static const struct {
        const char *text;
        bool sure;
    } cases[] = {
        {"1{1:1 2:2} 2{1[1] 2[7]}", true},
        {"2{2[7]} 6'' 6'time' 1{1:1}", true},
        {"9:12345 1{1:1} 6'' 12:5", true},
        {"", false},
        {"1:1", false},
        {"9:12345 10:5", false},
        {"1{1'x'} 6''", false},
        {"1{1:1} 6:5", false},
        {"1{3:1} 6''", false},
        {"~68656c6c6f20776f726c64", false},
        {"~0b0b0b", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes b = bytes_of(cases[i].text);
        int bid = pb_probe(b.at, b.n);
        ck_assert_msg(cases[i].sure ? bid >= 90 : bid < 60, "'%s': %d", cases[i].text, bid);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wire");
    TCase *t = tcase_create("wire");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, varints_of_all_sizes);
    tcase_add_test(t, odd_varints);
    tcase_add_test(t, fields_of_all_types);
    tcase_add_test(t, broken_fields);
    tcase_add_test(t, cut_fields_tell_what_they_need);
    tcase_add_loop_test(t, both_ways_find_the_same, 0, 5);
    tcase_add_test(t, a_buffer_writes_what_is_read);
    tcase_add_test(t, a_buffer_that_failed_stays_so);
    tcase_add_test(t, bytes_are_recognised_as_profiles);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
