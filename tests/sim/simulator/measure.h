/* SPDX-License-Identifier: MIT */
/*
 * What is measured in tests and in bench/sim alike. Each measure makes a group of its own from the
 * options, whose node_count is the size of the group, and returns 0, or -1 when the group did not
 * come together, with a violation or the reason in `reason`.
 */
#pragma once

#include "simulator/figures.h"
#include "simulator/sim.h"

#define MEASURE_REASON_SIZE 512

struct measure {
    struct sim_options options;
    char reason[MEASURE_REASON_SIZE];
    uint64_t joined;          /* how long it took until all knew all */
    struct sim_counts counts; /* at the end */
};

/* Starts all nodes at once, each with the first one as its seed; the first one with the second. */
void measure_start_group(struct sim *sim);

/* Starts a group and waits until all know all; how long that took, or SIM_NEVER. */
uint64_t measure_join(struct sim *sim, uint64_t limit);

/* From a crash to the first verdict, and to that of the last node, in nanoseconds. */
int measure_detection(struct measure *measure, uint32_t crashes, struct figures *first,
                      struct figures *last);

/* The group at rest for a while: what all nodes sent meanwhile. */
int measure_idle(struct measure *measure, uint64_t duration, struct sim_traffic *traffic);

/*
 * Cuts a group into parts until each part takes the others for failed, heals it, and measures until
 * all know all again.
 *
 * @param alone  1: the first part is one node; 0: all parts are of one size
 */
int measure_heal(struct measure *measure, uint32_t parts, int alone, uint32_t repetitions,
                 struct figures *healed);

/* The group at rest; counts.false_positives and more are in the measure. */
int measure_quiet(struct measure *measure, uint64_t duration);

/* Processes that stand still for a while, one after the other; how many of them anybody took for
 * failed. */
int measure_stall(struct measure *measure, uint64_t duration, uint32_t repetitions,
                  uint32_t *failed);
