/* SPDX-License-Identifier: MIT */
/* Facts of nodes reach all members, small ones by packets and large ones by streams. */
#include "support.h"

#include <string.h>

#define NODES 12

struct published {
    uint32_t node;
    size_t length;
    uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
};

static void fill(struct published *facts, uint32_t node, size_t length, uint8_t first)
{
    facts->node = node;
    facts->length = length;
    for (size_t i = 0; i < length; i++)
        facts->bytes[i] = (uint8_t)(first + i * 7 + i / 256);
}

static int has_facts(struct sim *sim, uint32_t observer, const struct published *facts)
{
    uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
    char name[SIM_NAME_SIZE];
    uint64_t version = 0;
    size_t length = 0;

    sim_name(facts->node, name);
    return membership_facts(sim_core(sim, observer), name, bytes, sizeof(bytes), &length,
                            &version) == MLB_OK &&
           length == facts->length && memcmp(bytes, facts->bytes, length) == 0 && version > 0;
}

static int all_have_facts(struct sim *sim, const struct published *facts)
{
    for (uint32_t i = 0; i < sim_node_count(sim); i++) {
        if (sim_is_running(sim, i) && !has_facts(sim, i, facts))
            return 0;
    }
    return 1;
}

/* Facts change nothing that a condition of sim_run_until() is asked for, so time goes in steps. */
static void await_facts(struct sim *sim, const struct published *facts, uint64_t limit)
{
    const uint64_t until = sim_now(sim) + limit;

    while (sim_now(sim) < until && !all_have_facts(sim, facts))
        sim_run(sim, 10 * (uint64_t)SIM_MILLISECOND);
    assert_holds(sim, all_have_facts(sim, facts), "facts did not reach all members");
}

static void publish(struct sim *sim, const struct published *facts)
{
    sim_set_facts(sim, facts->node, facts->bytes, facts->length);
}

static void spread(uint64_t seed, size_t length, double loss, uint64_t limit)
{
    struct sim_options options = group_options(seed, NODES, MLB_MEMBERSHIP_FAST);
    static struct published facts;
    struct sim *sim;

    options.loss = loss;
    sim = new_group(&options);
    for (uint8_t round = 0; round < 5; round++) {
        fill(&facts, (uint32_t)(seed + round) % NODES, length, round);
        publish(sim, &facts);
        await_facts(sim, &facts, limit);
    }
    end_group(sim);
}

static void test_small(void **state)
{
    (void)state;
    spread(80, 100, 0, SIM_SECOND);
    spread(81, 1, 0, SIM_SECOND);
    spread(82, 1000, 0, SIM_SECOND);
}

static void test_large(void **state)
{
    (void)state;
    spread(83, MLB_MEMBERSHIP_FACTS_MAX, 0, 2 * SIM_SECOND);
    spread(84, 1400, 0, 2 * SIM_SECOND);
}

static void test_with_loss(void **state)
{
    (void)state;
    spread(85, 200, 0.05, 40 * SIM_SECOND);
    spread(86, MLB_MEMBERSHIP_FACTS_MAX, 0.05, 40 * SIM_SECOND);
}

/* Who changes its facts all the time is heard with the last of them. */
static void test_the_last_counts(void **state)
{
    const struct sim_options options = group_options(87, NODES, MLB_MEMBERSHIP_FAST);
    static struct published facts;
    struct sim *sim = new_group(&options);

    (void)state;
    sim_set_disorder(sim, 0.2, 0.2, 100 * (uint64_t)SIM_MILLISECOND);
    for (uint8_t round = 0; round < 200; round++) {
        fill(&facts, 3, round % 2 ? 80 : 3000, round);
        publish(sim, &facts);
        sim_run(sim, 5 * (uint64_t)SIM_MILLISECOND);
    }
    await_facts(sim, &facts, 5 * SIM_SECOND);
    end_group(sim);
}

static void test_late_comers_learn_them(void **state)
{
    const struct sim_options options = group_options(88, NODES, MLB_MEMBERSHIP_FAST);
    const uint32_t seeds[] = {0};
    static struct published facts;
    struct sim *sim = new_group(&options);

    (void)state;
    sim_kill(sim, 5);
    await_agreement(sim, 5 * SIM_SECOND);
    fill(&facts, 3, 4000, 1);
    publish(sim, &facts);
    await_facts(sim, &facts, 5 * SIM_SECOND);
    sim_run(sim, 5 * SIM_SECOND);
    sim_start(sim, 5, seeds, 1);
    await_facts(sim, &facts, 3 * SIM_SECOND);
    end_group(sim);
}

/* A node that comes back has newer facts than in any life before. */
static void test_facts_of_a_new_life(void **state)
{
    const struct sim_options options = group_options(89, NODES, MLB_MEMBERSHIP_FAST);
    const uint32_t seeds[] = {0};
    static struct published facts;
    struct sim *sim = new_group(&options);

    (void)state;
    for (uint8_t life = 0; life < 4; life++) {
        fill(&facts, 6, 50 + life, life);
        publish(sim, &facts);
        await_facts(sim, &facts, 3 * SIM_SECOND);
        sim_kill(sim, 6);
        sim_run(sim, life * SIM_SECOND);
        sim_start(sim, 6, seeds, 1);
        await_agreement(sim, 5 * SIM_SECOND);
    }
    end_group(sim);
}

/* After a cut both halves have the facts of the other as they are now. */
static void test_facts_across_a_cut(void **state)
{
    const struct sim_options options = group_options(90, NODES, MLB_MEMBERSHIP_FAST);
    static struct published facts[2];
    struct sim *sim = new_group(&options);

    (void)state;
    seed_all(sim);
    for (uint32_t i = 0; i < NODES; i++)
        sim_set_side(sim, i, i % 2);
    await_agreement(sim, options.disagreement_max);
    for (uint8_t i = 0; i < 2; i++) {
        fill(&facts[i], i, 300, i);
        publish(sim, &facts[i]);
    }
    sim_run(sim, SIM_SECOND);
    sim_heal(sim);
    await_facts(sim, &facts[0], 3 * SIM_SECOND);
    await_facts(sim, &facts[1], 3 * SIM_SECOND);
    end_group(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_with_loss),
        cmocka_unit_test(test_the_last_counts),
        cmocka_unit_test(test_late_comers_learn_them),
        cmocka_unit_test(test_facts_of_a_new_life),
        cmocka_unit_test(test_facts_across_a_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
