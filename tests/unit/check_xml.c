/* check_xml.c - the XML tokenizer: elements, text, what is skipped and what is refused; entities.
 */
#include "xml.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The tokens as text: `<name`, `>name`, `text`, each with a bar behind; what went wrong at the end.
 */
static const char *tokens(const char *input)
{
    static char text[1000];
    struct pf_source *in = pf_open_mem(&mem, input, strlen(input), &err);
    struct pf_xml x = {.in = in, .err = &err};
    struct pf_xml_token t;
    size_t n = 0;
    bool ok;

    text[0] = 0;
    while ((ok = pf_xml_next(&x, &t)) && t.kind != PF_XML_END)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s%s|",
                              t.kind == PF_XML_OPEN    ? "<"
                              : t.kind == PF_XML_CLOSE ? ">"
                                                       : "",
                              (int)t.len, t.s, t.empty ? "/" : "");
    if (!ok)
        snprintf(text + n, sizeof text - n, "%llu: %s", (unsigned long long)err.at, err.msg);
    pf_close(in);
    return text;
}

static const struct {
    const char *in, *out;
} inputs[] = {
    {"", ""},
    {"<a></a>", "<a|>a|"},
    {"<a/>", "<a/|"},
    {"<a >t&amp;u</a>\n", "<a|t&amp;u|>a|\n|"},
    {"<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"x>y\"><a b='>' c=\"/\"/>", "<a/|"},
    {"<!-- <b> -- > --><a><![CDATA[ </a> ]] > ]]></a>", "<a|>a|"},
    {"<fg:a-b.c_1/>", "<fg:a-b.c_1/|"},
    {"<a><b></a>", "<a|<b|6: the end of an element that was not begun last"},
    {"</a>", "0: the end of an element that was not begun last"},
    {"<a>", "<a|3: the file is cut: elements are open"},
    {"<a b=\">", "0: the file is cut within a tag"},
    {"<!-- <a>", "6: the file is cut"},
    {"<>", "0: expected the name of an element"},
    {"<a234567890123456789012345678901234/>", "0: expected the name of an element"},
    {"<!DOCTYPE a [<!ENTITY b \"c\">]><a/>", "0: the document type has declarations of its own"},
};

START_TEST(token)
{
    ck_assert_str_eq(tokens(inputs[_i].in), inputs[_i].out);
}
END_TEST

START_TEST(limits)
{
    enum { LONG = 3 * PF_MIB };
    char *long_tag = malloc(LONG), deep[500] = "";
    size_t n = 0;

    for (int i = 0; i < 65; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, "<a>");
    ck_assert_ptr_nonnull(strstr(tokens(deep), "192: elements are nested more than 64 deep"));
    err = (struct pf_err){0};
    memset(long_tag, ' ', LONG);
    long_tag[0] = '<';
    long_tag[1] = 'a';
    long_tag[LONG - 1] = 0;
    ck_assert_str_eq(tokens(long_tag), "0: a tag is longer than 1 MiB");
    ck_assert_int_eq(err.code, PF_ELIMIT);
    free(long_tag);
}
END_TEST

static const struct {
    const char *attrs, *name, *value;
} attributes[] = {
    {" a=\"1\" b='2'", "a", "1"},
    {" a=\"1\" b='2'", "b", "2"},
    {" a=\"1\" b='2'", "c", NULL},
    {" fg:w=\"3\"", "w", NULL},
    {" fg:w=\"3\"", "fg:w", "3"},
    {" a=\"\"", "a", ""},
    {" a=1", "a", NULL},
    {" a=\"1", "a", NULL},
    {" a = \"1\"", "a", NULL},
    {"", "a", NULL},
    {" a", "a", NULL},
    {" a=", "a", NULL},
    {" =\"1\"", "a", NULL},
    {" ab=\"1\"a=\"2\"", "a", "2"},
};

START_TEST(attribute)
{
    struct pf_xml_token t = {.attrs = attributes[_i].attrs,
                             .attrs_len = strlen(attributes[_i].attrs)};
    const char *s;
    size_t len;
    bool found = pf_xml_attr(&t, attributes[_i].name, &s, &len);

    ck_assert(found == (attributes[_i].value != NULL));
    if (found) {
        ck_assert_uint_eq(len, strlen(attributes[_i].value));
        ck_assert_mem_eq(s, attributes[_i].value, len);
    }
}
END_TEST

static const struct {
    const char *in, *out; /* NULL: refused */
} entities[] = {
    {"a", "a"},
    {"&lt;&gt;&amp;&quot;&apos;", "<>&\"'"},
    {"&amp;lt;", "&lt;"},
    {"&#65;&#x42;", "AB"},
    {"&#233;&#x540d;&#x1F40D;", "\xc3\xa9\xe5\x90\x8d\xf0\x9f\x90\x8d"},
    {"&lol;", NULL},
    {"&", NULL},
    {"&lt", NULL},
    {"&;", NULL},
    {"&#;", NULL},
    {"&#x;", NULL},
    {"&#0;", NULL},
    {"&#xd800;", NULL},
    {"&#x110000;", NULL},
    {"&#99999999999999999999;", NULL},
    {"&#6a;", NULL},
};

START_TEST(entity)
{
    char text[100];
    snprintf(text, sizeof text, "%s", entities[_i].in);
    size_t len = pf_xml_decode(text, strlen(text));

    ck_assert((len == SIZE_MAX) == (entities[_i].out == NULL));
    if (entities[_i].out) {
        ck_assert_uint_eq(len, strlen(entities[_i].out));
        ck_assert_mem_eq(text, entities[_i].out, len);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("xml");
    TCase *t = tcase_create("xml");

    tcase_add_checked_fixture(t, start, finish);
    tcase_add_loop_test(t, token, 0, sizeof inputs / sizeof *inputs);
    tcase_add_test(t, limits);
    tcase_add_loop_test(t, attribute, 0, sizeof attributes / sizeof *attributes);
    tcase_add_loop_test(t, entity, 0, sizeof entities / sizeof *entities);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
