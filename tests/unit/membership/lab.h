/* SPDX-License-Identifier: MIT */
/*
 * A few cores in one process, in virtual time: packets and streams between them take half a
 * millisecond, links can be cut, nodes crash, stand still and start again.
 */
#pragma once

#include "membership/membership.h"

#define LAB_NODES  12
#define LAB_EVENTS 512

#define MS(count)  ((uint64_t)(count)*1000000u)
#define SEC(count) MS((uint64_t)(count)*1000u)

struct lab_node {
    struct membership *core; /* NULL: crashed, or not started */
    struct membership_options options;
    struct membership_endpoint endpoint;
    char name[32];
    uint64_t accepted; /* streams so far */
    uint64_t stands_until;
    struct mlb_membership_event events[LAB_EVENTS]; /* the last ones are the newest */
    size_t event_count;
    size_t packets_sent;
    size_t bytes_sent;
    size_t largest_packet;
};

struct lab_delivery;
struct lab_stream;

struct lab {
    uint64_t now;
    size_t count;
    struct lab_node nodes[LAB_NODES];
    struct lab_delivery *first;
    struct lab_delivery *last;
    struct lab_stream *streams;
    uint8_t cut[LAB_NODES][LAB_NODES]; /* 1: nothing gets from one to the other */
    uint32_t loss;                     /* packets lost in a thousand */
    uint64_t random;
    /* Sees each packet before it is sent; returns 0 to lose it. May be NULL. */
    int (*watch)(struct lab *lab, size_t from, size_t to, const uint8_t *bytes, size_t length);
    void *watch_context;
};

/* Nodes "node-0" to count - 1 at 192.0.2.1 and so on, of a profile; none is started. */
struct lab *lab_new(size_t count, uint32_t profile);
void lab_free(struct lab *lab);

/* Starts or starts again a node; seed is the number of a node to join by, or SIZE_MAX for none. */
void lab_start(struct lab *lab, size_t node, size_t seed);
/* All of them, with node 0 as seed, and lets them find each other. */
void lab_start_all(struct lab *lab);
/* The process is gone, its host refuses streams. */
void lab_crash(struct lab *lab, size_t node);
/* The node does nothing for a time, and then all that has come in meanwhile at once. */
void lab_stand_still(struct lab *lab, size_t node, uint64_t duration);
void lab_cut(struct lab *lab, size_t a, size_t b, int cut);
/* Cuts the first `size` nodes off the others, or heals that. */
void lab_split(struct lab *lab, size_t size, int cut);

void lab_run(struct lab *lab, uint64_t duration);
/* Takes out what the core wants done now. */
void lab_drive(struct lab *lab, size_t node);
/* Runs until `is_so`, at most for a time; the time that it took, or UINT64_MAX. */
uint64_t lab_run_until(struct lab *lab, int (*is_so)(struct lab *lab), uint64_t limit);

/* State of a member in the view of a node; -1 for none. */
int lab_state(struct lab *lab, size_t node, size_t member);
uint32_t lab_incarnation(struct lab *lab, size_t node, size_t member);
struct mlb_member lab_member(struct lab *lab, size_t node, size_t member);
/* Whether all running nodes hold all running nodes for alive and no other one. */
int lab_is_whole(struct lab *lab);

/* How many events of a kind about a member; member SIZE_MAX: about any. */
size_t lab_events(struct lab *lab, size_t node, uint32_t kind, size_t member);
void lab_forget_events(struct lab *lab);
/* The facts that a node knows of a member, as text; NULL for none. */
const char *lab_facts(struct lab *lab, size_t node, size_t member);
struct mlb_membership_statistics lab_statistics(struct lab *lab, size_t node);
