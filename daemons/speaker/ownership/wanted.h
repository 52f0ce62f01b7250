/* SPDX-License-Identifier: MIT */
/* From the decisions for all nodes to what this node has to announce. */
#pragma once

#include "reconcile/announcements.h"
#include "speaker/ownership/announcing.h"

struct wanted_list {
    struct wanted_address *items; /* ascending by address; origin is the decision */
    size_t count;
    bool has_ipv4;
};

/* Returns 0 or -ENOMEM; the list borrows from the decisions. */
int wanted_list_make(const struct announcements *decisions, const char *node_name,
                     struct wanted_list *list);
void wanted_list_clear(struct wanted_list *list);

/* The decision for an address, or NULL. */
const struct address_decision *decision_find(const struct announcements *decisions,
                                             const struct mlb_address *address);

/* "default/web, default/dns"; NULL without memory, the caller frees it. */
char *decision_services(const struct address_decision *decision);

/* "eth0, eth1" or "all interfaces"; NULL without memory, the caller frees it. */
char *wanted_interfaces(const struct wanted_address *wanted);
