/* SPDX-License-Identifier: MIT */
/*
 * A group of nodes in virtual time: cores of membership on a network that loses, delays, doubles
 * and cuts, with nodes that crash, stall, leave and come back. One thread, no clock, no I/O; the
 * same seed gives the same run to the last byte.
 *
 * A node is a number from 0; the network has further addresses behind the nodes, for hosts that
 * are no member and that a test speaks for (sim_inject()).
 *
 * What must hold at every step is checked along the way when SIM_WATCH is set; the first violation
 * is kept as a text that names the seed (sim_violation()).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "membership/membership.h"

#define SIM_MILLISECOND 1000000u
#define SIM_SECOND      1000000000ull
#define SIM_NEVER       UINT64_MAX

/* Check what must hold at each step. */
#define SIM_WATCH 1u
/* Each life of a node is told in its meta data, so that old news is known as such. */
#define SIM_LIVES 2u
/* Somebody forges news, so that incarnations are seen that their owner never had. */
#define SIM_FORGED 4u

struct sim_options {
    uint64_t seed;
    uint32_t node_count; /* most nodes; none runs at first */
    uint32_t flags;      /* SIM_WATCH, SIM_LIVES, SIM_FORGED */
    struct mlb_membership_timing timing;
    double loss;         /* chance that a packet is lost, 0 to 1 */
    double doubles;      /* chance that a packet comes twice */
    double late;         /* chance that a packet takes up to late_max longer: order is lost */
    uint64_t late_max;   /* nanoseconds */
    uint64_t delay_min;  /* one way, nanoseconds; uniform from delay_min to delay_max */
    uint64_t delay_max;  /* 0 for both: 0.2 to 2 ms */
    uint32_t addresses;  /* which nodes elect an owner for; 0: no election */
    uint32_t core_flags; /* MLB_MEMBERSHIP_NO_COMPRESSION */
    const char *label;   /* NULL: none */
    const struct mlb_membership_key *key; /* NULL: none */
    /* Longest that two nodes may disagree, and an address may have none or two owners, after the
     * last disturbance; 0: not checked */
    uint64_t disagreement_max;
    uint64_t ownerless_max;
};

struct sim;

struct sim *sim_new(const struct sim_options *options);
void sim_free(struct sim *sim);

uint64_t sim_now(const struct sim *sim);
uint64_t sim_seed(const struct sim *sim);
uint32_t sim_node_count(const struct sim *sim);

/* The first violation, or NULL. */
const char *sim_violation(const struct sim *sim);

/* Lets time pass. */
void sim_run(struct sim *sim, uint64_t duration);

/* Lets time pass until a condition holds; 1 if it does within the limit, else 0. It is looked at
 * after each event that may change who believes what. */
int sim_run_until(struct sim *sim, int (*condition)(struct sim *sim, void *context), void *context,
                  uint64_t limit);

/* Lives of nodes. */

/* Starts a node that is down, with seeds (none for seed_count 0). */
void sim_start(struct sim *sim, uint32_t node, const uint32_t *seeds, size_t seed_count);

/* Starts a node that is down, with all nodes as seeds. */
void sim_start_with_all(struct sim *sim, uint32_t node);

/* As long as the node runs. */
void sim_set_seeds(struct sim *sim, uint32_t node, const uint32_t *seeds, size_t seed_count);

/* All nodes, as a list of members gives them to each. */
void sim_seed_with_all(struct sim *sim, uint32_t node);

/* The machine loses power: nobody answers for it. */
void sim_crash(struct sim *sim, uint32_t node);
/* The process ends at once: its machine refuses streams. */
void sim_kill(struct sim *sim, uint32_t node);

/* SIGSTOP and SIGCONT: packets and streams wait meanwhile, up to a socket's room. */
void sim_stall(struct sim *sim, uint32_t node);
void sim_continue(struct sim *sim, uint32_t node);

/* Leaves; it still answers until it is killed. */
void sim_leave(struct sim *sim, uint32_t node);

/* Comes back in the same life. */
void sim_return(struct sim *sim, uint32_t node);

void sim_set_facts(struct sim *sim, uint32_t node, const uint8_t *facts, size_t length);

int sim_is_running(const struct sim *sim, uint32_t node);

/* The core of a running node, to look into. After a call that changes it: sim_pump(). */
struct membership *sim_core(struct sim *sim, uint32_t node);
void sim_pump(struct sim *sim, uint32_t node);

/* The network. */

/* Only nodes of one side hear each other; all start on side 0. */
void sim_set_side(struct sim *sim, uint32_t node, uint32_t side);
void sim_heal(struct sim *sim);

/* Chances of loss of all packets; of those that a node sends; of those that come to it. */
void sim_set_loss(struct sim *sim, double loss);
void sim_set_loss_out(struct sim *sim, uint32_t node, double loss);
void sim_set_loss_in(struct sim *sim, uint32_t node, double loss);
/* Of one way between two nodes; at most SIM_LINKS_MAX ways. */
#define SIM_LINKS_MAX 64
void sim_set_loss_link(struct sim *sim, uint32_t from, uint32_t to, double loss);
/* Chances of doubled and of late packets. */
void sim_set_disorder(struct sim *sim, double doubles, double late, uint64_t late_max);

/* A packet that no node sent, from whatever number; it is neither lost nor cut off. */
void sim_inject(struct sim *sim, uint32_t from, uint32_t to, const uint8_t *bytes, size_t length,
                uint64_t delay);

/* Called for each packet sent. */
typedef void (*sim_tap)(void *context, uint32_t from, uint32_t to, const uint8_t *bytes,
                        size_t length);
void sim_set_tap(struct sim *sim, sim_tap tap, void *context);

struct membership_endpoint sim_endpoint(uint32_t number);

/* "node-0042" and back; UINT32_MAX for another name. */
#define SIM_NAME_SIZE 16
void sim_name(uint32_t node, char name[SIM_NAME_SIZE]);
uint32_t sim_number(const char *name);

/* What nodes believe. */

/* Whether a running node takes another one for a member (alive or suspected). */
int sim_believes(const struct sim *sim, uint32_t observer, uint32_t subject);

/* How many running nodes but itself take a node for a member. */
uint32_t sim_believers(const struct sim *sim, uint32_t subject);

/* Whether every running node believes of each other node what is true. */
int sim_agrees(const struct sim *sim);
/* As above, as condition of sim_run_until(). */
int sim_converged(struct sim *sim, void *context);

/* How many addresses a node owns by its own view, and answers for. */
uint32_t sim_addresses_of(const struct sim *sim, uint32_t node);

/* Counts. */

struct sim_traffic {
    uint64_t packets;      /* sent */
    uint64_t packet_bytes; /* UDP payload */
    uint64_t stream_bytes; /* both ways of all streams that it opened */
    uint64_t streams;      /* opened */
};
void sim_traffic(const struct sim *sim, uint32_t node, struct sim_traffic *traffic);
/* Of all nodes together. */
void sim_traffic_total(const struct sim *sim, struct sim_traffic *traffic);

struct sim_counts {
    uint64_t verdicts;        /* of observers: a member failed */
    uint64_t false_verdicts;  /* of them about a node that ran, reachable and not stalled */
    uint64_t false_positives; /* the same, once for each incarnation of the node */
    uint64_t suspicions;      /* of observers */
    uint64_t false_suspicions;
    uint64_t stalls;            /* nodes that took themselves for stalled */
    uint64_t disagreement_max;  /* longest seen outside of the grace after a disturbance */
    uint64_t ownerless_max;     /* longest time without an owner, from its begin */
    uint64_t doubly_owned_max;  /* longest time with two owners or more */
    uint64_t ownership_changes; /* an observer that began or ceased to own */
    uint64_t checks;            /* invariants looked at */
};
void sim_counts(const struct sim *sim, struct sim_counts *counts);

/* Verdicts about a node that were false. */
uint64_t sim_false_verdicts(const struct sim *sim, uint32_t subject);

/* When an observer first heard that a node is gone, since it last went; SIM_NEVER: not yet. */
uint64_t sim_first_verdict(const struct sim *sim, uint32_t subject);
