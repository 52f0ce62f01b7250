/* SPDX-License-Identifier: MIT */
/* The simulator itself: the order of what happens, its figures, and that a seed decides all. */
#include "support.h"

#include "simulator/chance.h"
#include "simulator/event_queue.h"
#include "simulator/packets.h"

#define EVENTS 5000

static void test_events_come_by_time(void **state)
{
    static struct event events[EVENTS];
    struct event_queue queue = {0};
    struct random random = {.state = 7};
    uint64_t latest = 0;

    (void)state;
    for (size_t i = 0; i < EVENTS; i++)
        event_queue_add(&queue, random_below(&random, 1000), &events[i]);
    for (size_t i = 0; i < EVENTS; i++) {
        const struct event_entry entry = event_queue_take(&queue);

        assert_true(entry.time >= latest);
        latest = entry.time;
        if (i % 3 == 0)
            event_queue_add(&queue, latest + random_below(&random, 50), entry.event);
    }
    assert_int_equal(queue.count, (EVENTS + 2) / 3);
    event_queue_free(&queue);
}

static void test_percentiles(void **state)
{
    struct figures figures = {0};

    (void)state;
    assert_int_equal(figures_percentile(&figures, 50), 0);
    for (uint64_t i = 200; i > 0; i--)
        figures_add(&figures, i);
    assert_int_equal(figures_percentile(&figures, 0), 1);
    assert_int_equal(figures_percentile(&figures, 50), 100);
    assert_int_equal(figures_percentile(&figures, 99), 198);
    assert_int_equal(figures_percentile(&figures, 100), 200);
    figures_free(&figures);
}

static void test_packets_are_used_again(void **state)
{
    static uint8_t bytes[3000] = {1, 2, 3};
    struct packet_pool pool = {0};
    struct packet *small = packet_new(&pool, bytes, 10);
    struct packet *large = packet_new(&pool, bytes, sizeof(bytes));
    struct packet *again;

    (void)state;
    assert_memory_equal(large->bytes, bytes, sizeof(bytes));
    packet_free(&pool, small);
    again = packet_new(&pool, bytes, 100);
    assert_ptr_equal(again, small);
    assert_int_equal(again->length, 100);
    packet_pool_free(&pool);
}

static void test_chances(void **state)
{
    struct random random = {.state = 3};
    const uint64_t threshold = random_threshold(0.1);
    unsigned int hits = 0;

    (void)state;
    for (unsigned int i = 0; i < 100000; i++) {
        hits += (unsigned int)random_hits(&random, threshold);
        assert_false(random_hits(&random, 0));
        assert_true(random_hits(&random, random_threshold(1)));
    }
    assert_in_range(hits, 9500, 10500);
}

static void digest(void *context, uint32_t from, uint32_t to, const uint8_t *bytes, size_t length)
{
    uint64_t *sum = context;

    *sum = (*sum ^ from ^ ((uint64_t)to << 32)) * 0x100000001b3u;
    for (size_t i = 0; i < length; i++)
        *sum = (*sum ^ bytes[i]) * 0x100000001b3u;
}

static uint64_t run_with_seed(uint64_t seed)
{
    struct sim_options options = group_options(seed, 6, MLB_MEMBERSHIP_FAST);
    struct sim *sim;
    uint64_t sum = 1;

    options.loss = 0.05;
    sim = sim_new(&options);
    sim_set_tap(sim, digest, &sum);
    measure_start_group(sim);
    sim_run(sim, 10 * SIM_SECOND);
    sim_crash(sim, 2);
    sim_run(sim, 10 * SIM_SECOND);
    sim_free(sim);
    return sum;
}

static void test_a_seed_decides_all(void **state)
{
    const uint64_t sum = run_with_seed(11);

    (void)state;
    assert_true(run_with_seed(11) == sum);
    assert_true(run_with_seed(12) != sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_come_by_time),    cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_packets_are_used_again), cmocka_unit_test(test_chances),
        cmocka_unit_test(test_a_seed_decides_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
