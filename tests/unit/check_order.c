/* check_order.c - sorting what is nearly sorted, counting, and the order of labels and their sets.
 */
#include "order.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;

static void setup(void)
{
    pf_mem_init(&mem, 0);
}

static void teardown(void)
{
    ck_assert_uint_eq(mem.used, 0);
}

struct row {
    uint32_t key, at;
};

static int by_key(const void *a, const void *b, void *arg)
{
    const struct row *x = a, *y = b;

    ++*(uint32_t *)arg;
    return (x->key > y->key) - (x->key < y->key);
}

/* Rows in order but for the last ones; keys come several times, and equal rows keep their order. */
START_TEST(sorts_whatever_the_tail)
{
    static const uint32_t sorted[] = {100, 99, 95, 60, 50, 40, 0};
    struct row rows[100];
    uint32_t compared = 0, n = 100;

    srand(1);
    for (uint32_t i = 0; i < n; i++)
        rows[i] = (struct row){i < sorted[_i] ? i / 2 : (uint32_t)rand() % 60, i};
    pf_order_sort(&mem, rows, n, sizeof *rows, by_key, &compared);
    for (uint32_t i = 1; i < n; i++)
        ck_assert(rows[i - 1].key < rows[i].key
                  || (rows[i - 1].key == rows[i].key && rows[i - 1].at < rows[i].at));
    if (sorted[_i] == 100)
        ck_assert_uint_eq(compared, 99);
}
END_TEST

START_TEST(sorts_without_memory_for_the_tail)
{
    struct row rows[10];
    uint32_t compared = 0;

    for (uint32_t i = 0; i < 10; i++)
        rows[i] = (struct row){i < 8 ? i : 9 - i, i};
    mem.fail_at = mem.count + 1;
    pf_order_sort(&mem, rows, 10, sizeof *rows, by_key, &compared);
    for (uint32_t i = 1; i < 10; i++)
        ck_assert_uint_le(rows[i - 1].key, rows[i].key);
}
END_TEST

static uint32_t key_at(const void *arg, pf_id id)
{
    return ((const uint32_t *)arg)[id];
}

START_TEST(counting_keeps_equal_ones_in_their_order)
{
    static const uint32_t keys[] = {2, 0, 2, 1, 0};
    pf_id ids[] = {0, 1, 2, 3, 4};
    const pf_id want[] = {1, 4, 3, 0, 2};

    ck_assert(pf_order_count(&mem, ids, 5, 3, key_at, keys));
    ck_assert_mem_eq(ids, want, sizeof ids);
    ck_assert(pf_order_count(&mem, ids, 0, 0, key_at, keys));
}
END_TEST

/* ---- samples by their labels ---- */

static pf_id text(struct pf_profile *p, const char *key, const char *value)
{
    return pf_label(p, &(struct pf_label){.key = pf_strz(p, key), .str = pf_strz(p, value)});
}

static pf_id number(struct pf_profile *p, const char *key, int64_t value)
{
    return pf_label(p,
                    &(struct pf_label){.key = pf_strz(p, key), .kind = PF_LABEL_NUM, .num = value});
}

static void sample(struct pf_profile *p, pf_id *labels, uint32_t n)
{
    int64_t value = p->samples.n;

    pf_sample(p, 0, pf_label_set(p, labels, n), &value);
}

/* The same samples, with sets of up to `most` labels (counted), or of more (compared). */
START_TEST(samples_by_labels)
{
    struct pf_profile *p = pf_new(&mem);
    struct pf_order o = {0};
    const uint32_t want[] = {1, 4, 6, 5, 3, 0, 2};

    pf_type_add(p, "n", "count", PF_SUM);
    sample(p, (pf_id[]){number(p, "time", 7), text(p, "process", "b")}, 2);
    sample(p, NULL, 0);
    sample(p, (pf_id[]){number(p, "time", -3)}, 1);
    sample(p, (pf_id[]){text(p, "process", "b")}, 1);
    sample(p, (pf_id[]){text(p, "process", "a"), number(p, "time", 5)}, 2);
    sample(p, (pf_id[]){text(p, "process", "ab")}, 1);
    pf_id many[20] = {text(p, "process", "a"), number(p, "time", 7)};
    for (uint32_t i = 2; i < 20; i++)
        many[i] = number(p, "time", 100 - (int64_t)i);
    sample(p, many, _i ? 20 : 2);
    ck_assert(pf_order_make(p, &o));
    ck_assert_mem_eq(o.samples, want, sizeof want);
    pf_order_free(p, &o);
    pf_free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("order");
    TCase *t = tcase_create("order");
    SRunner *runner = srunner_create(s);

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, sorts_whatever_the_tail, 0, 7);
    tcase_add_test(t, sorts_without_memory_for_the_tail);
    tcase_add_test(t, counting_keeps_equal_ones_in_their_order);
    tcase_add_loop_test(t, samples_by_labels, 0, 2);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
