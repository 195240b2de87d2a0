/* check_module.c - files become modules, on every machine the same. */
#include "formats.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *file, *module;
} cases[] = {
    {"/usr/lib/python3.11/json/encoder.py", "json.encoder"},
    {"/usr/lib64/python3.9/json/__init__.py", "json"},
    {"lib/pypy3.9/site-packages/attr/_make.py", "attr._make"},
    {"/opt/pypy/lib/pypy3.9/ast.py", "ast"},
    {"/venv/lib/python3.11/site-packages/pip/_internal/cli/main.py", "pip._internal.cli.main"},
    {"/usr/lib/python3/dist-packages/yaml/loader.py", "yaml.loader"},
    {"/v/lib/python3.8/site-packages/x-1.0-py3.8.egg/x/y.py", "x.y"},
    {"/v/site-packages/pkg/lib/python3/mod.py", "pkg.lib.python3.mod"},
    {"C:\\Python311\\Lib\\json\\decoder.py", "json.decoder"},
    {"C:\\Python311\\Lib\\site-packages\\a\\b.py", "a.b"},
    {"C:\\work\\app.py", "app"},
    {"/usr/lib/python311.zip/json/scanner.pyc", "json.scanner"},
    {"/home/u/app/server.py", "server"},
    {"/home/u/app/__init__.py", "app"},
    {"/home/u/app/__pycache__/server.cpython-311.pyc", "server"},
    {"/home/u/app/__pycache__/__init__.cpython-311.opt-1.pyc", "app"},
    {"/__init__.py", "__init__"},
    {"/usr/lib/python3.11/json/__pycache__/encoder.cpython-311.pyc", "json.encoder"},
    {"/usr/lib/python3.11/json/__pycache__/__init__.cpython-311.pyc", "json"},
    {"pkg/mod.py", "pkg.mod"},
    {"./pkg/mod.pyo", "pkg.mod"},
    {"././mod.pyw", "mod"},
    {"../pkg//mod.pyx", "pkg.mod"},
    {"mod.py", "mod"},
    {"pkg/__init__.py", "pkg"},
    {"__init__.py", "__init__"},
    {"<frozen importlib._bootstrap>", "importlib._bootstrap"},
    {"<frozen os>", "os"},
    {"<builtin>/frozen importlib._bootstrap_external", "importlib._bootstrap_external"},
    {"~", ""},
    {"", ""},
    {"/", ""},
    {"<string>", ""},
    {"<frozen >", ""},
    {"<frozen ", ""},
    {"<__array_function__ internals>", ""},
    {"/usr/lib/libc.so.6", ""},
    {"main.go", ""},
    {".py", ""},
    {"/a/.py", ""},
    {"/usr/lib/python3.11/.py", ""},
};

START_TEST(a_file_is_a_module)
{
    char buf[256];
    const char *file = cases[_i].file;

    size_t len = pf_module(file, strlen(file), buf, sizeof buf);
    ck_assert_str_eq(buf, cases[_i].module);
    ck_assert_uint_eq(len, strlen(cases[_i].module));
}
END_TEST

START_TEST(what_does_not_fit_is_no_module)
{
    char buf[9];

    ck_assert_uint_eq(pf_module("pkg/modul.py", 12, buf, 9), 0);
    ck_assert_str_eq(buf, "");
    ck_assert_uint_eq(pf_module("pkg/modu.py", 11, buf, 9), 8);
    ck_assert_str_eq(buf, "pkg.modu");
    ck_assert_uint_eq(pf_module("a.py", 4, NULL, 0), 0);
}
END_TEST

/* Every prefix of every case, in a block of just that size: nothing is read beyond it. */
START_TEST(prefixes_are_safe)
{
    char buf[64];

    for (size_t len = 0; len <= strlen(cases[_i].file); len++) {
        char *copy = malloc(len ? len : 1);
        memcpy(copy, cases[_i].file, len);
        ck_assert_uint_lt(pf_module(copy, len, buf, sizeof buf), sizeof buf);
        free(copy);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("module");
    TCase *t = tcase_create("files");
    int n = sizeof cases / sizeof *cases;

    tcase_add_loop_test(t, a_file_is_a_module, 0, n);
    tcase_add_loop_test(t, prefixes_are_safe, 0, n);
    tcase_add_test(t, what_does_not_fit_is_no_module);
    suite_add_tcase(s, t);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
