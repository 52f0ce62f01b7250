/* SPDX-License-Identifier: MIT */
/*
 * How fast crashed nodes are taken for failed. The profile `lan` must agree with what was measured
 * of memberlist itself and of a model of it; `fast` must keep what it promises.
 */
#include "support.h"

#include <stdlib.h>

struct expectation {
    uint32_t profile;
    uint32_t nodes;
    uint32_t crashes;
    /* Milliseconds, first verdict: both percentiles within these */
    uint64_t median_min;
    uint64_t median_max;
    uint64_t p99_min;
    uint64_t p99_max;
};

static void expect(const struct expectation *expected)
{
    struct measure measure = {
        .options = group_options(expected->nodes, expected->nodes, expected->profile)};
    struct figures first = {0};
    struct figures last = {0};
    uint64_t median;
    uint64_t p99;

    if (measure_detection(&measure, expected->crashes, &first, &last) != 0)
        fail_msg("%s", measure.reason);
    median = figures_percentile(&first, 50) / SIM_MILLISECOND;
    p99 = figures_percentile(&first, 99) / SIM_MILLISECOND;
    print_message("# %u nodes: first verdict %u, %u ms, last node %u, %u ms (p50, p99)\n",
                  expected->nodes, (unsigned int)median, (unsigned int)p99,
                  (unsigned int)(figures_percentile(&last, 50) / SIM_MILLISECOND),
                  (unsigned int)(figures_percentile(&last, 99) / SIM_MILLISECOND));
    figures_free(&first);
    figures_free(&last);
    assert_in_range(median, expected->median_min, expected->median_max);
    assert_in_range(p99, expected->p99_min, expected->p99_max);
    assert_int_equal(measure.counts.false_positives, 0);
}

/* The model of memberlist gives 5.6 and 7.3 s; measured were 5.19 to 6.88 s. */
static void test_lan_3(void **state)
{
    (void)state;
    expect(&(struct expectation){MLB_MEMBERSHIP_LAN, 3, 1000, 5400, 5800, 6700, 7900});
}

/* The model of memberlist gives 5.7 and 8.7 s; measured were 5.19 to 6.73 s. */
static void test_lan_10(void **state)
{
    (void)state;
    expect(&(struct expectation){MLB_MEMBERSHIP_LAN, 10, 500, 5500, 5900, 7600, 9800});
}

static void test_fast_3(void **state)
{
    (void)state;
    expect(&(struct expectation){MLB_MEMBERSHIP_FAST, 3, 300, 0, 500, 0, 1000});
}

static void test_fast_10(void **state)
{
    (void)state;
    expect(&(struct expectation){MLB_MEMBERSHIP_FAST, 10, 100, 0, 500, 0, 1000});
}

static void test_fast_100(void **state)
{
    (void)state;
    expect(&(struct expectation){MLB_MEMBERSHIP_FAST, 100, 30, 0, 1000, 0, 2000});
}

/* Nodes that crash together cannot confirm each other's suspicions. */
static void crash_together(uint32_t nodes, uint32_t crashes)
{
    const struct sim_options options = group_options(nodes, nodes, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);

    for (uint32_t i = 0; i < crashes; i++)
        sim_crash(sim, i);
    await_agreement(sim, options.disagreement_max);
    end_group(sim);
}

static void test_many_crash_together(void **state)
{
    (void)state;
    crash_together(4, 3);
    crash_together(10, 5);
    crash_together(30, 20);
}

/* A node that nobody hears any more takes all others for failed, one after the other. */
static void test_alone(void **state)
{
    const struct sim_options options = group_options(40, 10, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);

    (void)state;
    sim_set_side(sim, 4, 1);
    await_agreement(sim, options.disagreement_max);
    end_group(sim);
}

/* A process that ends on a living machine is found as a crash is. */
static void test_killed(void **state)
{
    const struct sim_options options = group_options(41, 5, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);

    (void)state;
    sim_kill(sim, 1);
    await_agreement(sim, 2 * SIM_SECOND);
    end_group(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lan_3),    cmocka_unit_test(test_lan_10),
        cmocka_unit_test(test_fast_3),   cmocka_unit_test(test_fast_10),
        cmocka_unit_test(test_fast_100), cmocka_unit_test(test_many_crash_together),
        cmocka_unit_test(test_alone),    cmocka_unit_test(test_killed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
