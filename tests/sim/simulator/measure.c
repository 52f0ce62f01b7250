/* SPDX-License-Identifier: MIT */
#include "simulator/measure.h"

#include <stdio.h>
#include <string.h>

#include "simulator/chance.h"

#define JOIN_LIMIT   (600 * SIM_SECOND)
#define DETECT_LIMIT (300 * SIM_SECOND)
#define HEAL_LIMIT   (120 * SIM_SECOND)

/* Between two measurements, so that they do not know of each other. */
#define PAUSE_MIN SIM_SECOND
#define PAUSE_MAX (3 * SIM_SECOND)

void measure_start_group(struct sim *sim)
{
    const uint32_t first[] = {0};
    const uint32_t second[] = {1};
    const uint32_t count = sim_node_count(sim);

    for (uint32_t i = 0; i < count; i++)
        sim_start(sim, i, i ? first : second, count > 1);
}

uint64_t measure_join(struct sim *sim, uint64_t limit)
{
    const uint64_t start = sim_now(sim);

    measure_start_group(sim);
    return sim_run_until(sim, sim_converged, NULL, limit) ? sim_now(sim) - start : SIM_NEVER;
}

static struct sim *new_group(struct measure *measure)
{
    struct sim *sim = sim_new(&measure->options);

    measure->joined = measure_join(sim, JOIN_LIMIT);
    if (measure->joined != SIM_NEVER)
        return sim;
    snprintf(measure->reason, sizeof(measure->reason), "the group did not come together");
    sim_free(sim);
    return NULL;
}

static int finish(struct measure *measure, struct sim *sim, const char *reason)
{
    const char *violation = sim_violation(sim);

    sim_counts(sim, &measure->counts);
    if (violation || reason)
        snprintf(measure->reason, sizeof(measure->reason), "%s", violation ? violation : reason);
    sim_free(sim);
    return violation || reason ? -1 : 0;
}

struct subject {
    uint32_t node;
};

static int nobody_believes(struct sim *sim, void *context)
{
    const struct subject *subject = context;

    return sim_believers(sim, subject->node) == 0;
}

static void pause_between(struct sim *sim, struct random *random)
{
    sim_run(sim, PAUSE_MIN + random_below(random, PAUSE_MAX - PAUSE_MIN));
}

/* One crash, and back again. */
static const char *detect(struct sim *sim, struct random *random, struct figures *first,
                          struct figures *last)
{
    const uint32_t count = sim_node_count(sim);
    struct subject subject = {.node = random_below(random, count)};
    const uint32_t seed = (subject.node + 1) % count;
    const uint64_t start = sim_now(sim);

    sim_crash(sim, subject.node);
    if (!sim_run_until(sim, nobody_believes, &subject, DETECT_LIMIT))
        return "a crash was not seen by all";
    figures_add(first, sim_first_verdict(sim, subject.node) - start);
    figures_add(last, sim_now(sim) - start);
    sim_start(sim, subject.node, &seed, 1);
    if (!sim_run_until(sim, sim_converged, NULL, JOIN_LIMIT))
        return "a node that came back was not seen by all";
    pause_between(sim, random);
    return NULL;
}

int measure_detection(struct measure *measure, uint32_t crashes, struct figures *first,
                      struct figures *last)
{
    struct random random = {.state = measure->options.seed ^ 1};
    struct sim *sim = new_group(measure);
    const char *reason = NULL;

    if (!sim)
        return -1;
    pause_between(sim, &random);
    for (uint32_t i = 0; i < crashes && !reason; i++)
        reason = detect(sim, &random, first, last);
    return finish(measure, sim, reason);
}

/* Until the last news has been told often enough. */
#define SETTLE (20 * SIM_SECOND)

int measure_idle(struct measure *measure, uint64_t duration, struct sim_traffic *traffic)
{
    struct sim *sim = new_group(measure);
    struct sim_traffic before;

    if (!sim)
        return -1;
    sim_run(sim, SETTLE);
    sim_traffic_total(sim, &before);
    sim_run(sim, duration);
    sim_traffic_total(sim, traffic);
    traffic->packets -= before.packets;
    traffic->packet_bytes -= before.packet_bytes;
    traffic->stream_bytes -= before.stream_bytes;
    traffic->streams -= before.streams;
    return finish(measure, sim, NULL);
}

static void cut(struct sim *sim, uint32_t parts, int alone)
{
    const uint32_t count = sim_node_count(sim);

    for (uint32_t i = 0; i < count; i++)
        sim_set_side(sim, i, alone ? (i ? 1 + i % (parts - 1) : 0) : i % parts);
}

static const char *split_and_heal(struct sim *sim, uint32_t parts, int alone,
                                  struct figures *healed)
{
    uint64_t start;

    cut(sim, parts, alone);
    if (!sim_run_until(sim, sim_converged, NULL, DETECT_LIMIT))
        return "the parts of a cut group did not find out";
    sim_heal(sim);
    start = sim_now(sim);
    if (!sim_run_until(sim, sim_converged, NULL, HEAL_LIMIT))
        return "a healed group did not come together";
    figures_add(healed, sim_now(sim) - start);
    return NULL;
}

int measure_heal(struct measure *measure, uint32_t parts, int alone, uint32_t repetitions,
                 struct figures *healed)
{
    struct random random = {.state = measure->options.seed ^ 2};
    struct sim *sim = new_group(measure);
    const char *reason = NULL;

    if (!sim)
        return -1;
    for (uint32_t i = 0; i < sim_node_count(sim); i++)
        sim_seed_with_all(sim, i);
    for (uint32_t i = 0; i < repetitions && !reason; i++) {
        pause_between(sim, &random);
        reason = split_and_heal(sim, parts, alone, healed);
    }
    return finish(measure, sim, reason);
}

int measure_quiet(struct measure *measure, uint64_t duration)
{
    struct sim *sim = new_group(measure);

    if (!sim)
        return -1;
    sim_run(sim, duration);
    return finish(measure, sim, NULL);
}

static uint64_t verdicts_of(const struct sim *sim)
{
    struct sim_counts counts;

    sim_counts(sim, &counts);
    return counts.verdicts;
}

static const char *stall(struct sim *sim, uint32_t node, uint64_t duration, uint32_t *failed)
{
    const uint64_t verdicts = verdicts_of(sim);

    sim_stall(sim, node);
    sim_run(sim, duration);
    sim_continue(sim, node);
    sim_run(sim, PAUSE_MIN);
    *failed += verdicts_of(sim) > verdicts;
    return sim_run_until(sim, sim_converged, NULL, JOIN_LIMIT) ? NULL : "a node stayed lost";
}

int measure_stall(struct measure *measure, uint64_t duration, uint32_t repetitions,
                  uint32_t *failed)
{
    struct random random = {.state = measure->options.seed ^ 3};
    struct sim *sim = new_group(measure);
    const char *reason = NULL;

    if (!sim)
        return -1;
    *failed = 0;
    for (uint32_t i = 0; i < repetitions && !reason; i++) {
        pause_between(sim, &random);
        reason = stall(sim, (uint32_t)random_below(&random, measure->options.node_count), duration,
                       failed);
    }
    return finish(measure, sim, reason);
}
