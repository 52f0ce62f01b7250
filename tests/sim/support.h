/* SPDX-License-Identifier: MIT */
/* What the tests of groups share. Whatever fails names the seed of its run. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/measure.h"
#include "simulator/sim.h"

/* Options of a group with the timing of a profile, watched, on a network without loss; the bound is
 * that for all members going at once. */
struct sim_options group_options(uint64_t seed, uint32_t nodes, uint32_t profile);

/*
 * Longest that nodes which can reach each other may disagree on a member, and that an address may
 * have no owner or two, counted from the last disturbance. It adds up: a suspicion that nobody
 * confirms; probes, one after the other, of all the members that went at once, by a node that has
 * nobody to share them with and takes itself for slow; the spreading of the verdicts; three tries
 * of a seed; and, as gossip reaches all only nearly always, a full exchange.
 *
 * @param lost  how many members may go at once
 */
uint64_t disagreement_bound(const struct mlb_membership_timing *timing, uint32_t nodes,
                            uint32_t lost);

/* A group in which all know all. */
struct sim *new_group(const struct sim_options *options);

/* Every node has all others as seeds. */
void seed_all(struct sim *sim);

/* Waits until all believe what is true, and fails if that takes longer. */
void await_agreement(struct sim *sim, uint64_t limit);

/* Frees a group; fails if anything was violated. */
void end_group(struct sim *sim);

/* As assert_true(), with the seed. */
void assert_holds(struct sim *sim, int holds, const char *what);
