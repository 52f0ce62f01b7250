/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <metallb/membership.h>

#include "speaker/options.h"

static char error[512];

static enum option_outcome parse(struct speaker_options *options, const char *const *arguments)
{
    int count = 0;

    while (arguments[count] != NULL)
        count++;
    return speaker_options_parse(count, (char *const *)arguments, options, error, sizeof(error));
}

#define PARSE(options, ...) parse(options, (const char *const[]){__VA_ARGS__, NULL})

static void test_defaults(void **state)
{
    struct speaker_options options;

    (void)state;
    assert_int_equal(PARSE(&options, "--manifests", "/m"), OPTIONS_RUN);
    assert_string_equal(options.node_name, options.host_name);
    assert_string_equal(options.common.control, "/run/metallb/speaker.sock");
    assert_int_equal(options.election, ELECTION_ENDPOINTS);
    assert_int_equal(options.delivery, LOCAL_DELIVERY_ADDRESS);
    assert_int_equal(options.drain_seconds, 5);
    assert_int_equal(options.refresh_seconds, 0);
    assert_int_equal(options.common.log_level, LOG_LEVEL_INFO);
    assert_int_equal(options.common.log_format, LOG_FORMAT_LOGFMT);
    assert_false(options.ignore_exclude_label);
    assert_null(options.common.load_balancer_class);
    speaker_options_clear(&options);
}

static void test_the_group_of_speakers(void **state)
{
    struct speaker_options options;

    (void)state;
    assert_int_equal(PARSE(&options, "--manifests", "/m"), OPTIONS_RUN);
    assert_null(options.members);
    assert_int_equal(options.group_profile, MLB_MEMBERSHIP_FAST);
    assert_int_equal(options.join_seconds, 3);
    assert_int_equal(options.bind_address.family, MLB_FAMILY_NONE);
    speaker_options_clear(&options);

    assert_int_equal(PARSE(&options, "--manifests", "/m", "--members", "b,c:1", "--ml-bindaddr",
                           "2001:db8::1", "--ml-bindport", "65535", "--ml-secret-key-path", "/k",
                           "--ml-profile", "lan", "--join-timeout", "0"),
                     OPTIONS_RUN);
    assert_string_equal(options.members, "b,c:1");
    assert_int_equal(options.bind_address.family, MLB_FAMILY_IPV6);
    assert_int_equal(options.group_port, 65535);
    assert_string_equal(options.group_secret, "/k");
    assert_int_equal(options.group_profile, MLB_MEMBERSHIP_LAN);
    assert_int_equal(options.join_seconds, 0);
    speaker_options_clear(&options);

    assert_int_equal(
        PARSE(&options, "--manifests", "/m", "--members", "b", "--ml-insecure", "--ml-wan-config"),
        OPTIONS_RUN);
    assert_int_equal(options.group_profile, MLB_MEMBERSHIP_WAN);
    speaker_options_clear(&options);
}

static void test_members_need_a_key(void **state)
{
    struct speaker_options options;

    (void)state;
    assert_int_equal(PARSE(&options, "--manifests", "/m", "--members", "b"), OPTIONS_WRONG);
    assert_non_null(strstr(error, "--ml-secret-key-path"));
    assert_int_equal(PARSE(&options, "--manifests", "/m", "--members", "b", "--ml-insecure",
                           "--ml-secret-key-path", "/k"),
                     OPTIONS_WRONG);
    assert_non_null(strstr(error, "--ml-insecure"));
    assert_int_equal(PARSE(&options, "--manifests", "/m", "--ml-bindaddr", "192.0.2.300"),
                     OPTIONS_WRONG);
    assert_non_null(strstr(error, "--ml-bindaddr"));
    assert_int_equal(PARSE(&options, "--manifests", "/m", "--ml-bindport", "65536"), OPTIONS_WRONG);
}

/* The variables that MetalLB's speakers know keep their names. */
static void test_names_of_metallb_in_the_environment(void **state)
{
    static const char *const pairs[][2] = {
        {"METALLB_ML_BIND_ADDR", "192.0.2.1"},
        {"METALLB_ML_BIND_PORT", "7947"},
        {"METALLB_ML_SECRET_KEY_PATH", "/k"},
        {"METALLB_MEMBERS", "b"},
    };
    struct speaker_options options;

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        setenv(pairs[i][0], pairs[i][1], 1);
    assert_int_equal(PARSE(&options, "--manifests", "/m"), OPTIONS_RUN);
    assert_int_equal(options.bind_address.family, MLB_FAMILY_IPV4);
    assert_int_equal(options.group_port, 7947);
    assert_string_equal(options.group_secret, "/k");
    assert_string_equal(options.members, "b");
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        unsetenv(pairs[i][0]);
    speaker_options_clear(&options);
}

static void test_names_mean_what_the_reconciler_means(void **state)
{
    static const char *const names[] = {"endpoints", "prefer-endpoints", "speakers", "metallb"};
    struct speaker_options options;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        enum election_mode mode;

        assert_int_equal(PARSE(&options, "--manifests", "/m", "--election", names[i]), OPTIONS_RUN);
        assert_true(election_mode_parse(names[i], &mode));
        assert_int_equal(options.election, mode);
        speaker_options_clear(&options);
    }
    assert_int_equal(PARSE(&options, "--manifests", "/m", "--local-delivery", "none",
                           "--log-format", "json", "--log-level", "warn"),
                     OPTIONS_RUN);
    assert_int_equal(options.delivery, LOCAL_DELIVERY_NONE);
    assert_int_equal(options.common.log_format, LOG_FORMAT_JSON);
    assert_int_equal(options.common.log_level, LOG_LEVEL_WARN);
    speaker_options_clear(&options);
}

static void test_node_name_from_the_environment(void **state)
{
    struct speaker_options options;

    (void)state;
    setenv("METALLB_NODE_NAME", "node-7", 1);
    assert_int_equal(PARSE(&options, "--manifests", "/m"), OPTIONS_RUN);
    assert_string_equal(options.node_name, "node-7");
    unsetenv("METALLB_NODE_NAME");
    speaker_options_clear(&options);
}

static void test_wrong_values(void **state)
{
    static const struct {
        const char *name;
        const char *value;
    } cases[] = {
        {"--log-level", "loud"},  {"--node-name", ""},       {"--election", "first"},
        {"--drain-seconds", "x"}, {"--local-delivery", "1"}, {"--log-format", "xml"},
    };
    struct speaker_options options;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(PARSE(&options, "--manifests", "/m", cases[i].name, cases[i].value),
                         OPTIONS_WRONG);
        assert_memory_equal(error, cases[i].name, strlen(cases[i].name));
        speaker_options_clear(&options);
    }
    assert_int_equal(PARSE(&options, "--node-name", "a"), OPTIONS_WRONG);
    assert_memory_equal(error, "--manifests: ", 13);
    speaker_options_clear(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_the_group_of_speakers),
        cmocka_unit_test(test_members_need_a_key),
        cmocka_unit_test(test_names_of_metallb_in_the_environment),
        cmocka_unit_test(test_names_mean_what_the_reconciler_means),
        cmocka_unit_test(test_node_name_from_the_environment),
        cmocka_unit_test(test_wrong_values),
    };

    return cmocka_run_group_tests_name("speaker-options", tests, NULL, NULL);
}
