/* SPDX-License-Identifier: MIT */
/* Timeouts and limits, as memberlist computes them, and the bounds of the timing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "../case_file.h"
#include "membership/core.h"

/* "1m30s", "4.164s" in milliseconds. */
static uint64_t duration(const char *text)
{
    uint64_t minutes = 0;
    const char *rest = strchr(text, 'm');

    if (rest)
        minutes = strtoull(text, NULL, 10);
    return minutes * 60000 + (uint64_t)(strtod(rest ? rest + 1 : text, NULL) * 1000.0 + 0.5);
}

static void check_members(const cJSON *item, size_t members)
{
    const cJSON *limit = cJSON_GetObjectItem(item, "retransmitLimit_mult4");
    const cJSON *suspicion = cJSON_GetObjectItem(item, "suspicionTimeout_mult4_1s");
    const cJSON *scale = cJSON_GetObjectItem(item, "pushPullScale_30s");
    const struct mlb_membership_timing timing = {.suspicion_multiplier = 4, .probe_interval = 1000};

    assert_int_equal(gossip_limit(4, members), limit->valueint);
    assert_int_equal(suspicion_least(&timing, members),
                     duration(suspicion->valuestring) * MILLISECOND);
    assert_int_equal(push_pull_scale(30000, members), duration(scale->valuestring));
}

/* The number behind a name such as "n=" in a text; 0 without it. */
static unsigned long number(const char *text, const char *name)
{
    const char *found = strstr(text, name);

    return found ? strtoul(found + strlen(name), NULL, 10) : 0;
}

static void check_remaining(const cJSON *items)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach(item, items)
    {
        const uint32_t wanted = (uint32_t)number(item->string, "k=");
        const uint32_t confirmations = (uint32_t)number(item->string, "n=");

        assert_int_equal(
            suspicion_left(4000 * MILLISECOND, 24000 * MILLISECOND, wanted, confirmations, 0),
            duration(item->valuestring) * MILLISECOND);
    }
}

static void test_formulas(void **state)
{
    cJSON *file = case_file_load("memberlist_vectors.json");
    const cJSON *formulas = cJSON_GetObjectItem(file, "formulas");
    const cJSON *item = NULL;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(item, formulas)
    {
        const size_t members = number(item->string, "n=");

        if (item->string[0] == 'n')
            check_members(item, members);
        else if (members > 0)
            assert_int_equal(push_pull_scale(30000, members), duration(item->valuestring));
        else
            check_remaining(item);
        count++;
    }
    assert_in_range(count, 18, 1000);
    cJSON_Delete(file);
}

/* Time that has passed counts, but never below nothing. */
static void test_elapsed(void **state)
{
    (void)state;
    assert_int_equal(
        suspicion_left(4000 * MILLISECOND, 24000 * MILLISECOND, 2, 1, 2000 * MILLISECOND),
        9381 * MILLISECOND);
    assert_int_equal(
        suspicion_left(4000 * MILLISECOND, 24000 * MILLISECOND, 2, 2, 5000 * MILLISECOND), 0);
}

static void test_profiles(void **state)
{
    struct mlb_membership_timing timing;

    (void)state;
    for (uint32_t profile = MLB_MEMBERSHIP_FAST; profile <= MLB_MEMBERSHIP_WAN; profile++) {
        assert_int_equal(membership_timing_init(profile, &timing), MLB_OK);
        assert_int_equal(timing.struct_size, sizeof(timing));
        assert_int_equal(membership_timing_check(&timing, NULL), MLB_OK);
    }
    assert_int_equal(membership_timing_init(3, &timing), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(membership_timing_init(MLB_MEMBERSHIP_LAN, &timing), MLB_OK);
    assert_int_equal(timing.probe_interval, 1000);
    assert_int_equal(timing.probe_timeout, 500);
    assert_int_equal(timing.suspicion_multiplier, 4);
    assert_int_equal(timing.gossip_interval, 200);
}

#define VALUE(member, number)                                           \
    {                                                                   \
#member, offsetof(struct mlb_membership_timing, member), number \
    }

static const struct {
    const char *name;
    size_t offset;
    uint32_t value;
} refused[] = {
    VALUE(flags, 2),
    VALUE(probe_interval, 0),
    VALUE(probe_interval, 3600001),
    VALUE(probe_timeout, 0),
    VALUE(probe_timeout, 1000),
    VALUE(gossip_interval, 0),
    VALUE(gossip_to_the_dead, 0),
    VALUE(push_pull_interval, 0),
    VALUE(stream_timeout, 0),
    VALUE(seed_interval, 0),
    VALUE(indirect_checks, 17),
    VALUE(gossip_nodes, 0),
    VALUE(gossip_nodes, 17),
    VALUE(retransmit_multiplier, 0),
    VALUE(suspicion_multiplier, 0),
    VALUE(suspicion_multiplier, 17),
    VALUE(suspicion_max_multiplier, 0),
    VALUE(awareness_max, 0),
    VALUE(awareness_max, 17),
};

static void test_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct mlb_membership_timing timing;
        struct timing_fault fault;

        assert_int_equal(membership_timing_init(MLB_MEMBERSHIP_LAN, &timing), MLB_OK);
        memcpy((char *)&timing + refused[i].offset, &refused[i].value, sizeof(uint32_t));
        assert_int_equal(membership_timing_check(&timing, &fault), MLB_ERROR_INVALID_ARGUMENT);
        assert_string_equal(fault.name, refused[i].name);
        assert_non_null(strstr(fault.text, refused[i].name));
        assert_int_equal(membership_timing_check(&timing, NULL), MLB_ERROR_INVALID_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_elapsed),
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
