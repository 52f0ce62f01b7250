/* SPDX-License-Identifier: MIT */
/* What this node says of itself to the others, as bytes and as it elects itself by. */
#pragma once

#include <metallb/announcer.h>
#include <metallb/membership.h>

#include "reconcile/node_facts.h"
#include "speaker/ownership/announcing.h"

struct self_facts {
    uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
    size_t length;
    /* The bytes read again: what does not fit the others do not know, so it must not count here */
    struct node_facts facts;
    struct node_facts_interface *interfaces;
    size_t interface_count;
    struct node_facts_subnet *subnets;
    size_t subnet_count;
};

/* What changes more often than interfaces. */
struct self_state {
    bool ready;
    bool draining;
    uint64_t run;
    uint64_t digest;
    const struct announcing *announcing; /* what it answers for is what it holds */
};

/* Reads the interfaces that the announcer can use, and their subnets. Returns 0, or a negative
 * errno with those of before. */
int self_facts_read_interfaces(struct self_facts *self, const struct mlb_announcer *announcer);

/* Makes bytes and facts. Returns 0, or -ENOMEM with those of before. */
int self_facts_make(struct self_facts *self, const struct self_state *state);

void self_facts_clear(struct self_facts *self);
