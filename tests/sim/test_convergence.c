/* SPDX-License-Identifier: MIT */
/* Groups of all sizes meet by one seed, also where packets are lost, in clear and encrypted. */
#include "support.h"

static uint64_t join(const struct sim_options *options)
{
    struct sim *sim = sim_new(options);
    const uint64_t time = measure_join(sim, 120 * SIM_SECOND);

    assert_holds(sim, time != SIM_NEVER, "the group did not meet");
    print_message("# %u nodes met in %.2f s\n", options->node_count, (double)time / 1e9);
    sim_run(sim, 2 * SIM_SECOND);
    assert_holds(sim, sim_agrees(sim), "the group did not stay together");
    end_group(sim);
    return time;
}

static void join_in(uint32_t nodes, uint64_t limit)
{
    const struct sim_options options = group_options(nodes, nodes, MLB_MEMBERSHIP_FAST);

    assert_true(join(&options) <= limit);
}

static void test_3(void **state)
{
    (void)state;
    join_in(3, 2 * SIM_SECOND);
}

static void test_10(void **state)
{
    (void)state;
    join_in(10, 2 * SIM_SECOND);
}

static void test_100(void **state)
{
    (void)state;
    join_in(100, 5 * SIM_SECOND);
}

static void test_500(void **state)
{
    (void)state;
    join_in(500, 20 * SIM_SECOND);
}

static void test_loss(void **state)
{
    static const double losses[] = {0.01, 0.05, 0.10, 0.20};

    (void)state;
    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
        struct sim *sim;
        struct sim_options options = group_options(20 + i, 20, MLB_MEMBERSHIP_LAN);

        options.loss = losses[i];
        sim = new_group(&options);
        end_group(sim);
    }
}

static void test_key_and_label(void **state)
{
    const struct mlb_membership_key key = {.bytes = {1, 2, 3, 4, 5}, .length = 32};
    struct sim_options options = group_options(30, 10, MLB_MEMBERSHIP_FAST);

    (void)state;
    options.key = &key;
    options.label = "speakers";
    assert_true(join(&options) <= 5 * SIM_SECOND);
}

static void test_no_compression(void **state)
{
    struct sim_options options = group_options(31, 10, MLB_MEMBERSHIP_FAST);

    (void)state;
    options.core_flags = MLB_MEMBERSHIP_NO_COMPRESSION;
    assert_true(join(&options) <= 5 * SIM_SECOND);
}

static void test_wan(void **state)
{
    struct sim_options options = group_options(32, 10, MLB_MEMBERSHIP_WAN);

    (void)state;
    options.delay_min = 20 * SIM_MILLISECOND;
    options.delay_max = 200 * SIM_MILLISECOND;
    join(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3),    cmocka_unit_test(test_10),
        cmocka_unit_test(test_100),  cmocka_unit_test(test_500),
        cmocka_unit_test(test_loss), cmocka_unit_test(test_key_and_label),
        cmocka_unit_test(test_wan),  cmocka_unit_test(test_no_compression),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
