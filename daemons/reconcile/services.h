/* SPDX-License-Identifier: MIT */
/*
 * Services and pools in, addresses out: what the controller wants.
 *
 * A run looks at all objects at once and gives the wanted state of every Service of type
 * LoadBalancer. It does no I/O and reads no clock; the same objects give the same result.
 *
 * Order: addresses that stand in a status come first, in creation order, then by namespace and
 * name; of two services that claim one address and may not share it, the first keeps it. Requested
 * addresses follow, because on plain hosts the speakers announce them without asking anybody.
 * Automatic ones come last.
 *
 * A handle remembers what it assigned, so that a run on objects which do not show it yet gives the
 * same addresses again.
 */
#pragma once

#include "objects/objects.h"

struct service_reconciler;

struct service_reconciler_options {
    /* Only services of this class are served; NULL or "": only those without a class. */
    const char *load_balancer_class;
};

enum service_condition {
    SERVICE_ASSIGNED,     /* it has its addresses; error may tell of a request that is ignored */
    SERVICE_KEPT,         /* its addresses stay, because what is known does not suffice to judge */
    SERVICE_UNASSIGNED,   /* it has no address; error says why */
    SERVICE_OTHER_CLASS,  /* another implementation serves its loadBalancerClass; left alone */
    SERVICE_NOT_BALANCED, /* not of type LoadBalancer, but its status has addresses: clear it */
};

struct service_result {
    const struct service *service; /* borrowed from the objects of the run */
    enum service_condition condition;
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX];
    size_t address_count;
    const char *pool;  /* NULL without addresses, or where they lie in no known pool */
    const char *error; /* NULL where nothing is wrong */
    bool changed;      /* the addresses differ from those in the service's status */
};

struct pool_result {
    const struct ip_address_pool *pool; /* borrowed from the objects of the run */
    struct mlb_pool_counters counters;
};

struct service_results {
    /* By namespace and name: every Service of type LoadBalancer, and those to be cleared. */
    const struct service_result *services;
    size_t service_count;
    /* While the objects are incomplete: statuses whose Service is not known (SERVICE_KEPT). */
    const struct service_result *orphans;
    size_t orphan_count;
    const struct pool_result *pools; /* by name */
    size_t pool_count;
};

/* Returns 0 or -ENOMEM. Options may be NULL. */
int service_reconciler_new(const struct service_reconciler_options *options,
                           struct service_reconciler **reconciler);

/* NULL is ignored. */
void service_reconciler_free(struct service_reconciler *reconciler);

/*
 * Computes the wanted state.
 *
 * Results point into the reconciler and the objects: they are valid until the next run and as long
 * as the objects live. Returns 0 or -ENOMEM with the results and what is remembered untouched.
 */
int service_reconciler_run(struct service_reconciler *reconciler, const struct object_set *objects,
                           struct service_results *results);
