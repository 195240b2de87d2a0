/* check_flamesvg.c - flame graphs as SVG: titles, boxes on boxes, and the stacks they stand for. */
#include "flamesvg.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pf_mem mem;
static struct pf_err err;
static struct pf_profile *p;

static void setup(void)
{
    pf_mem_init(&mem, 0);
    err = (struct pf_err){0};
    p = pf_new(&mem);
}

static void teardown(void)
{
    pf_free(p);
    ck_assert_uint_eq(mem.used, 0);
}

/* The samples as folded lines without their counts' unit: "a;b 3|c 1". */
static const char *stacks(void)
{
    static char text[2048];
    struct pf_path path = {0};
    size_t n = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < p->samples.n; i++) {
        pf_unwind(p, p->samples.stack[i], &path);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s", i ? "|" : "");
        for (uint32_t k = 0; k < path.n; k++)
            n += (size_t)snprintf(
                text + n, sizeof text - n, "%s%s", k ? ";" : "",
                pf_str_at(p, p->funcs.at[p->frames.at[path.frame[k]].func].name).s);
        n +=
            (size_t)snprintf(text + n, sizeof text - n, " %lld", (long long)p->samples.value[0][i]);
    }
    pf_dealloc(&mem, path.frame);
    return text;
}

/* ---- boxes ---- */

struct shape {
    const char *name;
    int64_t y, x, w;
};

/* Boxes in the order they are drawn; exact ones have no counts of their own. */
static int link_boxes(struct flame *f, const struct shape *shapes, uint32_t n)
{
    f->p = p;
    f->mem = &mem;
    f->n = n;
    f->box = calloc(n + 1, sizeof *f->box);
    ck_assert_ptr_nonnull(f->box);
    for (uint32_t i = 0; i < n; i++)
        f->box[i] = (struct flame_box){.x = shapes[i].x,
                                       .w = shapes[i].w,
                                       .y = shapes[i].y,
                                       .count = shapes[i].w,
                                       .left = shapes[i].w,
                                       .name = shapes[i].name,
                                       .len = (uint32_t)strlen(shapes[i].name),
                                       .at = 100 + i};
    pf_type_add(p, "samples", "count", PF_SUM);
    return flame_link(f, &err) || flame_samples(f, &err) ? -1 : 0;
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

START_TEST(a_box_stands_on_the_one_that_holds_it)
{
    static const struct shape shapes[] = {{"all", 0, 0, 10}, {"c", 2, 4, 2}, {"a", 1, 0, 3},
                                          {"b", 1, 3, 5},    {"d", 2, 6, 1}, {"e", 2, 1, 2}};
    struct flame f = {.exact = true, .total = 10};

    ck_assert_int_eq(link_boxes(&f, shapes, COUNT(shapes)), 0);
    ck_assert_str_eq(stacks(), " 2|a 1|a;e 2|b 2|b;c 2|b;d 1");
    free(f.box);
}
END_TEST

START_TEST(the_root_may_be_at_either_end)
{
    static const struct shape down[] = {{"all", 0, 0, 4}, {"a", 1, 0, 4}, {"b", 2, 1, 2}};
    static const struct shape up[] = {{"all", 9, 0, 4}, {"a", 8, 0, 4}, {"b", 7, 1, 2}};
    struct flame f = {.exact = true, .total = -1};

    ck_assert_int_eq(link_boxes(&f, _i ? up : down, 3), 0);
    ck_assert_str_eq(stacks(), "a 2|a;b 2");
    free(f.box);
}
END_TEST

/* As wide as the root at both ends: the one that is called `all` is it. */
START_TEST(all_is_the_root)
{
    static const struct shape shapes[] = {{"leaf", 0, 0, 4}, {"f", 1, 0, 4}, {"all", 2, 0, 4}};
    struct flame f = {.exact = true, .total = -1};

    ck_assert_int_eq(link_boxes(&f, shapes, COUNT(shapes)), 0);
    ck_assert_str_eq(stacks(), "f;leaf 4");
    free(f.box);
}
END_TEST

START_TEST(gaps_behind_a_callee_were_frames)
{
    static const struct shape shapes[] = {
        {"all", 0, 0, 20}, {"f", 1, 0, 20}, {"a", 2, 3, 5}, {"c", 2, 10, 4}};
    struct flame f = {.exact = true, .total = -1};

    ck_assert_int_eq(link_boxes(&f, shapes, COUNT(shapes)), 0);
    ck_assert_int_eq(f.narrow, 2 + 6); /* between a and c, and behind c */
    ck_assert(!f.by_time);
    ck_assert_str_eq(stacks(), "f 11|f;a 5|f;c 4");
    free(f.box);
}
END_TEST

START_TEST(callees_that_are_not_sorted_are_in_time)
{
    static const struct shape shapes[] = {{"all", 0, 0, 9}, {"b", 1, 0, 3}, {"a", 1, 4, 3}};
    struct flame f = {.exact = true, .total = -1};

    ck_assert_int_eq(link_boxes(&f, shapes, COUNT(shapes)), 0);
    ck_assert(f.by_time);
    free(f.box);
}
END_TEST

START_TEST(pixels_leave_a_choice)
{
    static const struct shape shapes[] = {
        {"all", 0, 0, 8}, {"a", 1, 0, 4}, {"b", 1, 0, 4}, {"c", 2, 0, 3}};
    struct flame f = {.exact = false, .total = -1};

    ck_assert_int_eq(link_boxes(&f, shapes, COUNT(shapes)), 0);
    ck_assert_uint_eq(f.ambiguous, 1);
    ck_assert_str_eq(stacks(), "a 1|a;c 3|b 4");
    free(f.box);
}
END_TEST

static const struct {
    struct shape shape[4];
    const char *what;
    uint64_t at;
} wrong[] = {
    {{{"all", 0, 0, 9}, {"a", 1, 0, 5}, {"b", 1, 4, 3}}, "the frame 'b' overlaps another one", 102},
    {{{"all", 0, 0, 9}, {"a", 1, 0, 5}, {"b", 2, 3, 3}}, "the frame 'b' stands on no other", 102},
    {{{"all", 0, 0, 9}, {"a", 1, 7, 5}}, "the frame 'a' stands on no other", 101},
    {{{"a", 0, 0, 5}, {"b", 0, 5, 5}}, "no frame at the top or bottom", 100},
    {{{"all", 0, 0, 8}}, "the frame 'all' has another number of samples than total", 100},
};

START_TEST(what_cannot_be_a_graph_is_refused)
{
    struct flame f = {.exact = true, .total = _i == COUNT(wrong) - 1 ? 9 : -1};
    uint32_t n = 0;

    while (n < 4 && wrong[_i].shape[n].name)
        n++;
    ck_assert_int_eq(link_boxes(&f, wrong[_i].shape, n), -1);
    ck_assert_ptr_nonnull(strstr(err.msg, wrong[_i].what));
    ck_assert_uint_eq(err.at, wrong[_i].at);
    free(f.box);
}
END_TEST

/* ---- pictures ---- */

static void read_svg(const char *svg)
{
    struct pf_source *in = pf_open_mem(&mem, svg, strlen(svg), &err);

    ck_assert_ptr_nonnull(in);
    pf_format_named("flamesvg")->read(in, p, &err);
    pf_close(in);
    ck_assert_str_eq(err.msg, "");
}

/* One frame above the root; only the count of a title tells how wide it is. */
#define GRAPH(title) "<svg>" BOX("all (1,000 samples, 100%)", "0", "1180") BOX(title, "16", "118")
#define BOX(title, y, w)                                                                           \
    "<g><title>" title "</title><rect x=\"0\" y=\"" y "\" width=\"" w "\"/></g>"

static const struct {
    const char *svg, *want;
} titles[] = {
    {GRAPH("f (a.py:3) (100 samples, 10.00%)") "</svg>", " 900|f 100"},
    {GRAPH("f(int) (100 samples, 10.00%; +4.87%)") "</svg>", " 900|f(int) 100"},
    {GRAPH("a (1 samples, 2%) (1,000 samples, 10%)") "</svg>", "a (1 samples, 2%) 1000"},
    {GRAPH("&lt;module&gt; (100 samples, 10%)") "</svg>", " 900|<module> 100"},
    {GRAPH("x &amp;&#65; (100 samples, 10%)") "</svg>", " 900|x &A 100"},
};

START_TEST(titles_end_in_a_count)
{
    read_svg(titles[_i].svg);
    ck_assert_str_eq(stacks(), titles[_i].want);
}
END_TEST

#define ONE          BOX("all (1 samples, 100%)", "0", "9") "</svg>"
#define HEADED(text) "<svg><text id=\"title\">" text "</text>" ONE

static const struct {
    const char *svg, *who;
} drawn[] = {
    {"<svg>" ONE, ""},
    {HEADED("Flame Graph"), ""},
    {HEADED("py-spy record -o p.svg -- python a.py"), "py-spy"},
    {HEADED("/home/ada/.local/bin/py-spy record"), "py-spy"},
    {HEADED("C:\\bin\\py-spy.exe record"), "py-spy"},
    {HEADED("happy-spy record"), ""},
    {HEADED("Flame Graph of py-spy"), ""},
    {"<svg xmlns:fg=\"http://github.com/jonhoo/inferno\">" ONE, "inferno"},
    {"<svg xmlns:fg=\"http://github.com/jonhoo/inferno\"><text id=\"title\">py-spy</text>" ONE,
     "py-spy"},
    {"<svg><!-- Flame graph stack visualization. -->" ONE, "flamegraph.pl"},
    {"<svg><!--Flame graph stack visualization. -->" ONE, ""},
};

START_TEST(who_drew_it)
{
    read_svg(drawn[_i].svg);
    ck_assert_str_eq(pf_str_at(p, p->producer).s, drawn[_i].who);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("flamesvg");
    TCase *t = tcase_create("flamesvg");
    SRunner *runner = srunner_create(s);

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_box_stands_on_the_one_that_holds_it);
    tcase_add_loop_test(t, the_root_may_be_at_either_end, 0, 2);
    tcase_add_test(t, all_is_the_root);
    tcase_add_test(t, gaps_behind_a_callee_were_frames);
    tcase_add_test(t, callees_that_are_not_sorted_are_in_time);
    tcase_add_test(t, pixels_leave_a_choice);
    tcase_add_loop_test(t, what_cannot_be_a_graph_is_refused, 0, COUNT(wrong));
    tcase_add_loop_test(t, titles_end_in_a_count, 0, COUNT(titles));
    tcase_add_loop_test(t, who_drew_it, 0, COUNT(drawn));
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
