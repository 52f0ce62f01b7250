/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/options.h"

struct values {
    bool quiet;
    const char *name;
    struct option_values paths;
    unsigned seconds;
    unsigned mode;
};

static const char *const modes[] = {"slow", "fast", NULL};

static const struct option options[] = {
    {.name = "quiet",
     .help = "say less",
     .type = OPTION_FLAG,
     .offset = offsetof(struct values, quiet)},
    {.name = "node-name",
     .argument = "NAME",
     .help = "name",
     .type = OPTION_TEXT,
     .offset = offsetof(struct values, name)},
    {.name = "path",
     .argument = "PATH",
     .help = "where\nmay be repeated",
     .type = OPTION_LIST,
     .offset = offsetof(struct values, paths),
     .required = true},
    {.name = "seconds",
     .argument = "N",
     .help = "how long",
     .type = OPTION_NUMBER,
     .maximum = 60,
     .offset = offsetof(struct values, seconds)},
    {.name = "mode",
     .argument = "MODE",
     .help = "how",
     .type = OPTION_CHOICE,
     .choices = modes,
     .offset = offsetof(struct values, mode)},
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static char error[256];

static enum option_outcome parse(struct values *values, const char *const *arguments)
{
    int count = 0;

    while (arguments[count] != NULL)
        count++;
    error[0] = '\0';
    return options_parse(options, OPTION_COUNT, count, (char *const *)arguments, values, error,
                         sizeof(error));
}

#define PARSE(values, ...) parse(values, (const char *const[]){__VA_ARGS__, NULL})

static void test_both_ways_of_giving_a_value(void **state)
{
    struct values values = {.seconds = 5};

    (void)state;
    assert_int_equal(
        PARSE(&values, "--path", "/a", "--path=/b", "--quiet", "--node-name=n=1", "--mode", "fast"),
        OPTIONS_RUN);
    assert_int_equal(values.paths.count, 2);
    assert_string_equal(values.paths.items[0], "/a");
    assert_string_equal(values.paths.items[1], "/b");
    assert_true(values.quiet);
    assert_string_equal(values.name, "n=1");
    assert_int_equal(values.mode, 1);
    assert_int_equal(values.seconds, 5);
    options_clear(options, OPTION_COUNT, &values);
}

static void test_errors_name_the_option(void **state)
{
    static const struct {
        const char *arguments[5];
        const char *error;
    } cases[] = {
        {{"--path", "/a", "--frobnicate=3"}, "--frobnicate: unknown option"},
        {{"--path"}, "--path: needs a value (PATH)"},
        {{"--path", "/a", "--seconds", "61"},
         "--seconds: '61' is not valid, expected a number from 0 to 60"},
        {{"--path", "/a", "--seconds=-1"},
         "--seconds: '-1' is not valid, expected a number from 0 to 60"},
        {{"--path", "/a", "--seconds", "5s"},
         "--seconds: '5s' is not valid, expected a number from 0 to 60"},
        {{"--path", "/a", "--mode", "fas"}, "--mode: 'fas' is not valid, expected slow, fast"},
        {{"--path", "/a", "--quiet=maybe"},
         "--quiet: 'maybe' is not valid, expected true or false"},
        {{"--path", "/a", "surplus"}, "surplus: not an option"},
        {{"--quiet"}, "--path: missing, give --path PATH"},
        {{"--pat", "/a"}, "--pat: unknown option"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct values values = {0};

        assert_int_equal(parse(&values, cases[i].arguments), OPTIONS_WRONG);
        assert_string_equal(error, cases[i].error);
        options_clear(options, OPTION_COUNT, &values);
    }
}

static void test_environment_stands_behind_the_arguments(void **state)
{
    struct values values = {0};

    (void)state;
    setenv("METALLB_NODE_NAME", "from-environment", 1);
    setenv("METALLB_PATH", "/x:/y", 1);
    setenv("METALLB_SECONDS", "7", 1);
    setenv("METALLB_QUIET", "true", 1);
    setenv("METALLB_MODE", "", 1);
    assert_int_equal(PARSE(&values, "--node-name", "given"), OPTIONS_RUN);
    assert_string_equal(values.name, "given");
    assert_int_equal(values.paths.count, 2);
    assert_string_equal(values.paths.items[1], "/y");
    assert_int_equal(values.seconds, 7);
    assert_true(values.quiet);
    assert_int_equal(values.mode, 0);
    options_clear(options, OPTION_COUNT, &values);

    setenv("METALLB_SECONDS", "many", 1);
    assert_int_equal(PARSE(&values, "--path", "/a"), OPTIONS_WRONG);
    assert_string_equal(error,
                        "METALLB_SECONDS: 'many' is not valid, expected a number from 0 to 60");
    options_clear(options, OPTION_COUNT, &values);
    unsetenv("METALLB_NODE_NAME");
    unsetenv("METALLB_PATH");
    unsetenv("METALLB_SECONDS");
    unsetenv("METALLB_QUIET");
    unsetenv("METALLB_MODE");
}

static void test_too_many_values(void **state)
{
    struct values values = {0};
    const char *arguments[2 * OPTION_VALUES_MAX + 3] = {NULL};

    (void)state;
    for (size_t i = 0; i <= OPTION_VALUES_MAX; i++) {
        arguments[2 * i] = "--path";
        arguments[2 * i + 1] = "/a";
    }
    assert_int_equal(parse(&values, arguments), OPTIONS_WRONG);
    assert_string_equal(error, "--path: given more than 64 times");
}

static void test_help_and_version(void **state)
{
    struct values values = {0};
    char *help;

    (void)state;
    assert_int_equal(PARSE(&values, "--help"), OPTIONS_HELP);
    assert_int_equal(PARSE(&values, "--version"), OPTIONS_VERSION);
    help = options_help(options, OPTION_COUNT, "test [options]", "Tests.");
    assert_non_null(help);
    assert_non_null(strstr(help, "  --path PATH               where\n"
                                 "                            may be repeated\n"
                                 "                            [METALLB_PATH]\n"));
    free(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways_of_giving_a_value),
        cmocka_unit_test(test_errors_name_the_option),
        cmocka_unit_test(test_environment_stands_behind_the_arguments),
        cmocka_unit_test(test_too_many_values),
        cmocka_unit_test(test_help_and_version),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
