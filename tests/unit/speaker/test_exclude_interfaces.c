/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "speaker/exclude_interfaces.h"

static char path[] = "/tmp/metallb-exclude-XXXXXX";
static char error[512];

static int read_text(const char *text, struct exclude_interfaces *exclude)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    error[0] = '\0';
    return exclude_interfaces_read(path, exclude, error, sizeof(error));
}

static void test_the_shipped_format(void **state)
{
    struct exclude_interfaces exclude = {0};

    (void)state;
    assert_int_equal(read_text("announcedInterfacesToExclude: [\"^docker.*\", ^lo$]\n", &exclude),
                     0);
    assert_int_equal(exclude.count, 2);
    assert_string_equal(exclude.patterns[0], "^docker.*");
    assert_string_equal(exclude.patterns[1], "^lo$");
    exclude_interfaces_clear(&exclude);

    assert_int_equal(
        read_text("other: 1\nannouncedInterfacesToExclude:\n- ^veth.*\n- '^cali.*'\n", &exclude),
        0);
    assert_int_equal(exclude.count, 2);
    assert_string_equal(exclude.patterns[1], "^cali.*");
    exclude_interfaces_clear(&exclude);

    assert_int_equal(read_text("announcedInterfacesToExclude: []\n", &exclude), 0);
    assert_int_equal(exclude.count, 0);
    exclude_interfaces_clear(&exclude);
}

static void test_errors_name_the_place(void **state)
{
    static const struct {
        const char *text;
        const char *error; /* behind the path */
    } cases[] = {
        {"announcedInterfacesToExclude:\n- eth0\n- '(eth'\n",
         ":3: '(eth' is not a regular expression: "},
        {"announcedInterfacesToExclude: eth0\n", ": has no list under the key "},
        {"announcedInterfaces: [eth0]\n", ": has no list under the key "},
        {"", ": has no list under the key "},
        {"announcedInterfacesToExclude: [[eth0]]\n", ":1: announcedInterfacesToExclude is a list"},
        {"announcedInterfacesToExclude: [''] \n", ":1: announcedInterfacesToExclude is a list"},
        {"a: [\n", ":2: "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct exclude_interfaces exclude = {0};
        char expected[256];

        assert_int_equal(read_text(cases[i].text, &exclude), -1);
        snprintf(expected, sizeof(expected), "%s%s", path, cases[i].error);
        assert_memory_equal(error, expected, strlen(expected));
        assert_null(exclude.patterns);
    }
}

static void test_missing_file(void **state)
{
    struct exclude_interfaces exclude = {0};

    (void)state;
    assert_int_equal(
        exclude_interfaces_read("/nonexistent/file.yaml", &exclude, error, sizeof(error)), -1);
    assert_string_equal(error, "/nonexistent/file.yaml: No such file or directory");
}

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_shipped_format),
        cmocka_unit_test(test_errors_name_the_place),
        cmocka_unit_test(test_missing_file),
    };

    return cmocka_run_group_tests_name("exclude-interfaces", tests, make_file, remove_file);
}
