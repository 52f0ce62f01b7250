/* SPDX-License-Identifier: MIT */
/*
 * A hundred random histories of crashes, stalls, cuts, restarts, leaves and loss. All along, what
 * must hold at each step is checked; in the end all comes back and must agree.
 *
 *     test-sim-random [FIRST-SEED [COUNT]]     runs others, or one again
 */
#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/chance.h"

#define NODES_MAX  14
#define STEPS      25
#define HISTORIES  100
#define FIRST_SEED 1000

static int verbose;

/* With a seed of its own on the command line a history tells what it does. */
static void tell(const struct sim *sim, const char *what, uint32_t node)
{
    if (verbose)
        print_message("# %10.3f s %s %u\n", (double)sim_now(sim) / 1e9, what, node);
}

static void cut(struct sim *sim, struct random *random)
{
    const uint32_t parts = 2 + random_below(random, 3);

    for (uint32_t i = 0; i < sim_node_count(sim); i++)
        sim_set_side(sim, i, random_below(random, parts));
}

static void change_facts(struct sim *sim, struct random *random, uint32_t node)
{
    uint8_t facts[MLB_MEMBERSHIP_FACTS_MAX];
    const uint32_t length = random_below(random, sizeof(facts));

    tell(sim, "facts", node);
    memset(facts, (int)random_below(random, 256), sizeof(facts));
    if (sim_is_running(sim, node))
        sim_set_facts(sim, node, facts, length);
}

static void change_network(struct sim *sim, struct random *random)
{
    static const double losses[] = {0, 0, 0.01, 0.05, 0.2};
    const uint32_t node = random_below(random, sim_node_count(sim));

    tell(sim, "network", node);
    switch (random_below(random, 4)) {
    case 0:
        sim_set_loss(sim, losses[random_below(random, 5)]);
        break;
    case 1:
        sim_set_loss_in(sim, node, losses[random_below(random, 5)]);
        break;
    case 2:
        sim_set_loss_out(sim, node, losses[random_below(random, 5)]);
        break;
    default:
        sim_set_disorder(sim, losses[random_below(random, 5)], losses[random_below(random, 5)],
                         random_below(random, SIM_SECOND));
    }
}

static void change_node(struct sim *sim, struct random *random)
{
    static const struct {
        const char *name;
        void (*call)(struct sim *sim, uint32_t node);
    } changes[] = {
        {"crash", sim_crash},          {"kill", sim_kill},   {"stall", sim_stall},
        {"go on", sim_continue},       {"leave", sim_leave}, {"return", sim_return},
        {"start", sim_start_with_all},
    };
    const uint32_t node = (uint32_t)random_below(random, sim_node_count(sim));
    const size_t change = random_below(random, sizeof(changes) / sizeof(changes[0]));

    tell(sim, changes[change].name, node);
    changes[change].call(sim, node);
}

static void step(struct sim *sim, struct random *random)
{
    switch (random_below(random, 8)) {
    case 0:
        cut(sim, random);
        break;
    case 1:
        tell(sim, "heal", 0);
        sim_heal(sim);
        break;
    case 2:
        change_network(sim, random);
        break;
    case 3:
        change_facts(sim, random, random_below(random, sim_node_count(sim)));
        break;
    default:
        change_node(sim, random);
    }
    /* Mostly soon after each other; now and then long enough for nodes to be forgotten. */
    if (random_below(random, 15) == 0)
        sim_run(sim, random_below(random, 100 * SIM_SECOND));
    else
        sim_run(sim, random_below(random, 2 * SIM_SECOND));
}

static void mend(struct sim *sim)
{
    tell(sim, "mend", 0);
    sim_heal(sim);
    sim_set_loss(sim, 0);
    sim_set_disorder(sim, 0, 0, 0);
    for (uint32_t i = 0; i < sim_node_count(sim); i++) {
        sim_set_loss_in(sim, i, 0);
        sim_set_loss_out(sim, i, 0);
        sim_continue(sim, i);
        sim_return(sim, i);
        sim_start_with_all(sim, i);
    }
}

static void run_history(uint64_t seed)
{
    struct random random = {.state = seed};
    struct sim_options options =
        group_options(seed, 2 + random_below(&random, NODES_MAX - 1), MLB_MEMBERSHIP_FAST);
    struct sim *sim = sim_new(&options);

    for (uint32_t i = 0; i < options.node_count; i++)
        sim_start_with_all(sim, i);
    for (unsigned int i = 0; i < STEPS; i++)
        step(sim, &random);
    mend(sim);
    await_agreement(sim, options.disagreement_max);
    sim_run(sim, 5 * SIM_SECOND);
    assert_holds(sim, sim_agrees(sim), "agreement did not last");
    end_group(sim);
}

static void test_history(void **state)
{
    const uint64_t *seed = *state;

    run_history(*seed);
}

/* Histories in which a node that had stood still for long brought back one that was forgotten. */
static const uint64_t found[] = {7095, 8031, 11061};

#define FOUND (sizeof(found) / sizeof(found[0]))

/* Those found once, and the wanted ones from a first seed on. */
static size_t fill(uint64_t *seeds, size_t known, uint64_t first, size_t wanted)
{
    for (size_t i = 0; i < known; i++)
        seeds[i] = found[i];
    for (size_t i = 0; i < wanted; i++)
        seeds[known + i] = first + i;
    return known + wanted;
}

int main(int argc, char **argv)
{
    static uint64_t seeds[FOUND + HISTORIES];
    static struct CMUnitTest tests[FOUND + HISTORIES];
    static char names[FOUND + HISTORIES][32];
    const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : FIRST_SEED;
    const uint64_t wanted = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? 1 : HISTORIES;
    const size_t count =
        fill(seeds, argc > 1 ? 0 : FOUND, first, wanted < HISTORIES ? wanted : HISTORIES);

    verbose = argc > 1;
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "history_%" PRIu64, seeds[i]);
        tests[i] = (struct CMUnitTest){
            .name = names[i], .test_func = test_history, .initial_state = &seeds[i]};
    }
    return _cmocka_run_group_tests("histories", tests, count, NULL, NULL);
}
