/* SPDX-License-Identifier: MIT */
/* Timeouts and limits, as memberlist computes them, and the bounds of the timing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
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

static void check_remaining(const cJSON *items)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach(item, items)
    {
        unsigned wanted = 0;
        unsigned confirmations = 0;

        assert_int_equal(sscanf(item->string, "k=%u n=%u", &wanted, &confirmations), 2);
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
        size_t members = 0;

        if (sscanf(item->string, "n=%zu", &members) == 1)
            check_members(item, members);
        else if (sscanf(item->string, "pp n=%zu", &members) == 1)
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

static void refused(struct mlb_membership_timing timing, const char *name)
{
    struct timing_fault fault;

    assert_int_equal(membership_timing_check(&timing, &fault), MLB_ERROR_INVALID_ARGUMENT);
    assert_string_equal(fault.name, name);
    assert_non_null(strstr(fault.text, name));
    assert_int_equal(membership_timing_check(&timing, NULL), MLB_ERROR_INVALID_ARGUMENT);
}

#define REFUSED(field, value)                          \
    do {                                               \
        struct mlb_membership_timing changed = timing; \
        changed.field = value;                         \
        refused(changed, #field);                      \
    } while (0)

static void test_bounds(void **state)
{
    struct mlb_membership_timing timing;

    (void)state;
    assert_int_equal(membership_timing_init(MLB_MEMBERSHIP_LAN, &timing), MLB_OK);
    REFUSED(flags, 2);
    REFUSED(probe_interval, 0);
    REFUSED(probe_interval, 3600001);
    REFUSED(probe_timeout, 0);
    REFUSED(probe_timeout, 1000);
    REFUSED(gossip_interval, 0);
    REFUSED(gossip_to_the_dead, 0);
    REFUSED(push_pull_interval, 0);
    REFUSED(stream_timeout, 0);
    REFUSED(seed_interval, 0);
    REFUSED(indirect_checks, 17);
    REFUSED(gossip_nodes, 0);
    REFUSED(gossip_nodes, 17);
    REFUSED(retransmit_multiplier, 0);
    REFUSED(suspicion_multiplier, 0);
    REFUSED(suspicion_multiplier, 17);
    REFUSED(suspicion_max_multiplier, 0);
    REFUSED(awareness_max, 0);
    REFUSED(awareness_max, 17);
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
