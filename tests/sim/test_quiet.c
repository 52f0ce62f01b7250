/* SPDX-License-Identifier: MIT */
/* Groups in which nothing happens: no false alarm where packets are lost, and little traffic. */
#include "support.h"

/* Bytes a second that each node may send at rest. */
#define TRAFFIC_MAX 5000

/* Few suspicions are confirmed or not refuted in time; more than that is an error. */
static void rest(uint32_t nodes, uint32_t profile, double loss, uint64_t duration,
                 uint64_t verdicts_max)
{
    struct measure measure = {.options = group_options(nodes, nodes, profile)};

    measure.options.loss = loss;
    measure.options.disagreement_max = disagreement_bound(&measure.options.timing, nodes, 1);
    if (measure_quiet(&measure, duration) != 0)
        fail_msg("%s", measure.reason);
    print_message("# %u nodes, %.0f s, %.0f %% lost: %u false suspicions, %u false verdicts\n",
                  nodes, (double)duration / 1e9, loss * 100,
                  (unsigned int)measure.counts.false_suspicions,
                  (unsigned int)measure.counts.false_positives);
    assert_in_range(measure.counts.false_positives, 0, verdicts_max);
}

static void test_without_loss(void **state)
{
    (void)state;
    rest(3, MLB_MEMBERSHIP_FAST, 0, 600 * SIM_SECOND, 0);
    rest(30, MLB_MEMBERSHIP_FAST, 0, 120 * SIM_SECOND, 0);
}

static void test_loss_of_1_percent(void **state)
{
    (void)state;
    rest(3, MLB_MEMBERSHIP_FAST, 0.01, 3600 * SIM_SECOND, 0);
    rest(10, MLB_MEMBERSHIP_FAST, 0.01, 600 * SIM_SECOND, 0);
    rest(100, MLB_MEMBERSHIP_FAST, 0.01, 60 * SIM_SECOND, 0);
}

static void test_loss_of_5_percent(void **state)
{
    (void)state;
    rest(3, MLB_MEMBERSHIP_FAST, 0.05, 1200 * SIM_SECOND, 0);
    rest(30, MLB_MEMBERSHIP_FAST, 0.05, 120 * SIM_SECOND, 0);
}

/* Here a verdict may be wrong now and then; it must not last longer than the bound. */
static void test_loss_of_20_percent(void **state)
{
    (void)state;
    rest(5, MLB_MEMBERSHIP_LAN, 0.20, 600 * SIM_SECOND, 1);
    rest(30, MLB_MEMBERSHIP_LAN, 0.20, 300 * SIM_SECOND, 1);
}

/* A node that hears all and is heard by few is probed through others. */
static void test_one_way_loss(void **state)
{
    struct sim_options options = group_options(91, 10, MLB_MEMBERSHIP_FAST);
    struct sim *sim = new_group(&options);
    struct sim_counts counts;

    (void)state;
    sim_set_loss_link(sim, 2, 3, 1);
    sim_set_loss_link(sim, 3, 2, 0.3);
    sim_set_loss_link(sim, 4, 5, 1);
    sim_run(sim, 300 * SIM_SECOND);
    sim_counts(sim, &counts);
    assert_int_equal(counts.verdicts, 0);
    end_group(sim);
}

/* A node whose own packets are lost now and then does not make others fail. */
static void test_a_bad_node(void **state)
{
    struct sim_options options = group_options(92, 10, MLB_MEMBERSHIP_FAST);
    struct sim *sim;
    uint64_t verdicts = 0;

    (void)state;
    options.disagreement_max = 0;
    options.ownerless_max = 0;
    sim = new_group(&options);
    sim_set_loss_in(sim, 6, 0.3);
    sim_set_loss_out(sim, 6, 0.3);
    sim_run(sim, 300 * SIM_SECOND);
    for (uint32_t i = 0; i < 10; i++)
        verdicts += i == 6 ? 0 : sim_false_verdicts(sim, i);
    assert_int_equal(verdicts, 0);
    end_group(sim);
}

static void traffic_of(uint32_t nodes, uint64_t duration)
{
    struct measure measure = {.options = group_options(nodes, nodes, MLB_MEMBERSHIP_FAST)};
    struct sim_traffic traffic;
    const double node_seconds = nodes * (double)duration / 1e9;
    double bytes;

    if (measure_idle(&measure, duration, &traffic) != 0)
        fail_msg("%s", measure.reason);
    bytes = (double)(traffic.packet_bytes + traffic.stream_bytes) / node_seconds;
    print_message("# %u nodes: %.1f packets and %.0f bytes per node and second\n", nodes,
                  (double)traffic.packets / node_seconds, bytes);
    assert_true(bytes < TRAFFIC_MAX);
}

static void test_traffic(void **state)
{
    (void)state;
    traffic_of(3, 300 * SIM_SECOND);
    traffic_of(10, 120 * SIM_SECOND);
    traffic_of(100, 120 * SIM_SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_loss),      cmocka_unit_test(test_loss_of_1_percent),
        cmocka_unit_test(test_loss_of_5_percent), cmocka_unit_test(test_loss_of_20_percent),
        cmocka_unit_test(test_one_way_loss),      cmocka_unit_test(test_a_bad_node),
        cmocka_unit_test(test_traffic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
