/* check_pickle.c - the pickle machine: what it makes of opcodes, and which it refuses. */
#include "pickle.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;

/* One pickle, loaded; gives back all but its profile. */
struct loaded {
    struct pf_profile *p;
    struct pf_source *in;
    struct pf_pickle m;
    struct pf_pval top;
    struct pf_err err;
    bool ok;
};

static const struct pf_pickle_how plain = {.global = {{"a.b", "C"}}};
static const struct pf_pickle_how old = {.global = {{"a.b", "C"}}, .python2 = true};

static void load(struct loaded *l, const struct pf_pickle_how *how, const char *bytes, size_t n)
{
    *l = (struct loaded){.ok = false};
    pf_mem_init(&mem, (size_t)64 * PF_MIB);
    l->p = pf_new(&mem);
    l->in = pf_open_mem(&mem, bytes, n, &l->err);
    ck_assert_ptr_nonnull(l->p);
    ck_assert_ptr_nonnull(l->in);
    ck_assert(pf_pickle_open(&l->m, how, NULL, l->in, l->p, &l->err));
    l->ok = pf_pickle_load(&l->m, &l->top);
    ck_assert(l->ok == (l->err.code == PF_OK));
}

static void unload(struct loaded *l)
{
    pf_pickle_close(&l->m);
    pf_close(l->in);
    pf_free(l->p);
    ck_assert_uint_eq(mem.used, 0);
}

#define LOAD(l, how, bytes) load(l, how, bytes, sizeof(bytes) - 1)

static const struct {
    const char *bytes;
    size_t n;
    int64_t i;
    bool huge;
} ints[] = {
#define INT(bytes, i, huge)                                                                        \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, i, huge                                                          \
    }
    INT("K\xff.", 255, false),
    INT("M\xff\xff.", 65535, false),
    INT("J\xff\xff\xff\xff.", -1, false),
    INT("\x8a\0.", 0, false),
    INT("\x8a\1\x80.", -128, false),
    INT("\x8a\5\xff\xff\xff\xff\0.", 4294967295, false),
    INT("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", INT64_MAX, false),
    INT("\x8a\x08\0\0\0\0\0\0\0\x80.", INT64_MIN, false),
    INT("\x8a\x09\1\0\0\0\0\0\0\0\0.", 1, false),
    INT("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0.", 0, true),
    INT("\x8a\x09\0\0\0\0\0\0\0\x80\0.", 0, true),
    INT("\x8a\x0a\0\0\0\0\0\0\0\0\0\1.", 0, true),
    INT("I-70000000000\n.", -70000000000, false),
    INT("I9223372036854775807\n.", INT64_MAX, false),
};

START_TEST(numbers)
{
    struct loaded l;

    load(&l, &old, ints[_i].bytes, ints[_i].n);
    ck_assert_msg(l.ok, "%s", l.err.msg);
    ck_assert_uint_eq(l.top.kind, ints[_i].huge ? PF_P_HUGE : PF_P_INT);
    ck_assert_int_eq(l.top.i, ints[_i].i);
    unload(&l);
}
END_TEST

START_TEST(a_float_and_a_string)
{
    struct loaded l;

    LOAD(&l, &plain, "G\x3f\xf8\0\0\0\0\0\0.");
    ck_assert(l.ok && l.top.kind == PF_P_FLOAT && l.top.d == 1.5);
    unload(&l);
    LOAD(&l, &plain, "\x8c\x05\xc3\xa9\xed\xb3\xbf."); /* é, then the byte ff as U+DCFF */
    ck_assert(l.ok && l.top.kind == PF_P_STR);
    ck_assert_str_eq(pf_str_at(l.p, l.top.id).s, "\xc3\xa9\xff");
    ck_assert_uint_eq(l.m.bad_utf8, 0);
    unload(&l);
    LOAD(&l, &old, "U\2ab.");
    ck_assert_str_eq(pf_str_at(l.p, l.top.id).s, "ab");
    unload(&l);
}
END_TEST

/* An object whose state is {'k': [1, None, ('x', 'x')]}, by protocol 4 and by protocol 2. */
static void check_object(const struct loaded *l)
{
    ck_assert_msg(l->ok, "%s", l->err.msg);
    ck_assert(pf_pickle_is(&l->m, l->top, "C"));
    const struct pf_pval *v = pf_pickle_attr(&l->m, l->top, "k");
    ck_assert_ptr_nonnull(v);
    ck_assert_ptr_null(pf_pickle_attr(&l->m, l->top, "x"));
    const struct pf_pobj *list = pf_pickle_object(&l->m, *v);
    ck_assert(list && list->kind == PF_P_LIST && list->n == 3);
    ck_assert(list->at[0].kind == PF_P_INT && list->at[0].i == 1);
    ck_assert(list->at[1].kind == PF_P_NONE);
    const struct pf_pobj *pair = pf_pickle_object(&l->m, list->at[2]);
    ck_assert(pair && pair->kind == PF_P_TUPLE && pair->n == 2);
    ck_assert(pair->at[0].kind == PF_P_STR && pair->at[0].id == pair->at[1].id);
}

START_TEST(an_object)
{
    struct loaded l;

    LOAD(
        &l, &plain,
        "\x80\4\x95\x27\0\0\0\0\0\0\0\x8c\3a.b\x94\x8c\1C\x94\x93\x94)\x81\x94}\x94\x8c\1k\x94]\x94"
        "(K\1N\x8c\1x\x94h\7\x86\x94"
        "esb.");
    check_object(&l);
    unload(&l);
    LOAD(&l, &plain,
         "\x80\2ca.b\nC\n)\x81q\0}q\1X\1\0\0\0kq\2]q\3K\1aNaX\1\0\0\0xr\4\0\0\0j\4\0\0\0\x86"
         "asb.");
    check_object(&l);
    unload(&l);
}
END_TEST

START_TEST(the_last_value_of_a_key_counts)
{
    struct loaded l;

    LOAD(&l, &plain, "}(\x8c\1kK\1\x8c\1kK\2u.");
    ck_assert_int_eq(pf_pickle_attr(&l.m, l.top, "k")->i, 2);
    unload(&l);
}
END_TEST

START_TEST(a_list_that_holds_itself)
{
    struct loaded l;

    LOAD(&l, &plain, "]\x94h\0a.");
    ck_assert(l.ok && pf_pickle_object(&l.m, l.top)->at[0].id == l.top.id);
    unload(&l);
}
END_TEST

START_TEST(every_value_comes_back_from_the_memo)
{
    struct loaded l;

    LOAD(&l, &plain, "(K\5\x94h\0N\x94h\1\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0\x94h\2t.");
    ck_assert_msg(l.ok, "%s", l.err.msg);
    const struct pf_pobj *o = pf_pickle_object(&l.m, l.top);
    ck_assert(o->n == 6 && o->at[1].i == 5 && o->at[3].kind == PF_P_NONE
              && o->at[5].kind == PF_P_HUGE);
    unload(&l);
}
END_TEST

/* ---- what the caller takes ---- */

static enum pf_offer take_pairs(struct pf_pickle *m, const struct pf_pval *item, uint32_t n,
                                struct pf_pval *made)
{
    if (n == 1) {
        pf_pickle_fail(m, PF_ESYNTAX, "a tuple of 1");
        return PF_OFFER_FAILED;
    }
    *made = (struct pf_pval){.kind = PF_P_PAIR, .i = item[0].i, .more = (uint32_t)item[1].i};
    return n == 2 ? PF_OFFER_TAKEN : PF_OFFER_KEEP;
}

static enum pf_offer add_up(struct pf_pickle *m, pf_id list, const struct pf_pval *item, uint32_t n)
{
    int64_t *sum = m->ctx;

    (void)list;
    for (uint32_t i = 0; i < n; i++)
        *sum += item[i].i * item[i].more;
    return PF_OFFER_TAKEN;
}

static const struct pf_pickle_how taking = {.tuple = take_pairs, .append = add_up};

START_TEST(tuples_and_items_are_offered)
{
    static const char bytes[] = "](K\2K\3\x86\x94h\0J\0\0\1\0K\4\x86\x94h\1e(K\0K\0K\0ta.";
    struct loaded l = {.ok = false};
    int64_t sum = 0;

    pf_mem_init(&mem, 0);
    l.p = pf_new(&mem);
    l.in = pf_open_mem(&mem, bytes, sizeof bytes - 1, &l.err);
    ck_assert(pf_pickle_open(&l.m, &taking, &sum, l.in, l.p, &l.err));
    ck_assert_msg(pf_pickle_load(&l.m, &l.top), "%s", l.err.msg);
    ck_assert_int_eq(
        sum,
        INTMAX_C(2) * (2 * 3 + 65536 * 4)); /* small and large ones, each once more by the memo */
    ck_assert_uint_eq(pf_pickle_object(&l.m, l.top)->n, 0);
    unload(&l);
}
END_TEST

/* ---- what is refused ---- */

static const struct {
    const char *bytes;
    size_t n;
    uint64_t at;
    const char *says;
} bad[] = {
#define BAD(bytes, at, says)                                                                       \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, at, says                                                         \
    }
    BAD("\x80\2cos\nsystem\n.", 2, "GLOBAL names 'os.system'"),
    BAD("\x8c\2os\x8c\6system\x93.", 12, "STACK_GLOBAL names 'os.system'"),
    BAD("\x8c\3a.b\x8c\3C.x\x93.", 10, "STACK_GLOBAL names 'a.b.C.x'"),
    BAD("ca.b\nC\n)R.", 8, "REDUCE"),
    BAD("(ia.b\nC\n.", 1, "INST"),
    BAD("(o.", 1, "OBJ"),
    BAD("N)}\x92.", 3, "NEWOBJ_EX"),
    BAD("Pid\n.", 0, "PERSID"),
    BAD("NQ.", 1, "BINPERSID"),
    BAD("\x82\1.", 0, "EXT1"),
    BAD("\x97.", 0, "NEXT_BUFFER"),
    BAD("N2.", 1, "DUP"),
    BAD("N0.", 1, "POP"),
    BAD("\x8f.", 0, "EMPTY_SET"),
    BAD("\x88.", 0, "NEWTRUE"),
    BAD("U\1a.", 0, "SHORT_BINSTRING"),
    BAD("I1\n.", 0, "INT"),
    BAD("\xfe.", 0, "0xfe"),
    BAD("\x80\6N.", 0, "protocol 6"),
    BAD(".", 0, "STOP"),
    BAD("NN.", 2, "STOP"),
    BAD("(N.", 2, "STOP"),
    BAD("\x86.", 0, "TUPLE2 needs 2"),
    BAD("N(\x85.", 2, "TUPLE1 needs 1"),
    BAD("t.", 0, "TUPLE finds no mark"),
    BAD("Na.", 1, "APPEND needs 2"),
    BAD("NNa.", 2, "APPEND finds no list"),
    BAD("}(Nu.", 3, "SETITEMS finds a key"),
    BAD("h\0.", 0, "memo entry 0"),
    BAD("N\x94j\1\0\0\0.", 2, "memo entry 1"),
    BAD("]r\xff\xff\xff\xff.", 1, "memo entry 4294967295"),
    BAD("\x94.", 0, "MEMOIZE needs 1"),
    BAD("ca.b\nC\nN\x81.", 8, "NEWOBJ"),
    BAD("ca.b\nC\n)\x81Nb.", 10, "BUILD"),
    BAD("ca.b\nC\n)\x81}b}b.", 12, "BUILD"),
    BAD("X\xff\xff\xff\x7f"
        "a",
        0, "claims 2147483647 bytes"),
    BAD("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
        "a",
        0, "claims 18446744073709551615 bytes"),
    BAD("\x95\xff\xff\xff\xff\xff\xff\xff\xff.", 0, "FRAME"),
    BAD("\x95\x09\0\0\0\0\0\0\0N.", 10, "FRAME claims 7 bytes beyond STOP"),
    BAD("N", 1, "cut"),
    BAD("J\0\0", 3, "cut"),
    BAD("", 0, "cut"),
};

START_TEST(refused)
{
    struct loaded l;

    load(&l, &plain, bad[_i].bytes, bad[_i].n);
    ck_assert_msg(!l.ok && strstr(l.err.msg, bad[_i].says), "%s", l.err.msg);
    ck_assert_uint_eq(l.err.at, bad[_i].at);
    ck_assert_int_eq(l.err.where, PF_AT_OFFSET);
    unload(&l);
}
END_TEST

/* n times the same opcode */
static void check_limit(char op, size_t n, const char *says)
{
    struct loaded l;
    char *bytes = malloc(n);

    ck_assert_ptr_nonnull(bytes);
    memset(bytes, op, n);
    load(&l, &plain, bytes, n);
    ck_assert_int_eq(l.err.code, PF_ELIMIT);
    ck_assert_msg(strstr(l.err.msg, says) != NULL, "%s", l.err.msg);
    unload(&l);
    free(bytes);
}

START_TEST(limits)
{
    check_limit(']', PF_PICKLE_STACK + 1, "wait on the stack");
    check_limit('(', PF_PICKLE_MARKS + 1, "marks are open");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pickle");
    TCase *t = tcase_create("machine");

    tcase_add_loop_test(t, numbers, 0, sizeof ints / sizeof *ints);
    tcase_add_test(t, a_float_and_a_string);
    tcase_add_test(t, an_object);
    tcase_add_test(t, the_last_value_of_a_key_counts);
    tcase_add_test(t, a_list_that_holds_itself);
    tcase_add_test(t, every_value_comes_back_from_the_memo);
    tcase_add_test(t, tuples_and_items_are_offered);
    tcase_add_loop_test(t, refused, 0, sizeof bad / sizeof *bad);
    tcase_add_test(t, limits);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failures = srunner_ntests_failed(r);
    srunner_free(r);
    return failures != 0;
}
