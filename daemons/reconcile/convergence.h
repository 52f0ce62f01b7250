/* SPDX-License-Identifier: MIT */
/*
 * One Service after another through the controller's rules: first what it has is judged, then what
 * it lacks is allocated. The caller decides the order.
 */
#pragma once

#include "reconcile/pool_choice.h"
#include "reconcile/request.h"
#include "reconcile/services.h"

enum convergence_need {
    NEED_NOTHING,
    NEED_REQUESTED,  /* addresses that the service names */
    NEED_AUTOMATIC,  /* any */
    NEED_COMPLETION, /* the family that it lacks, from the pool of the address that it has */
};

/* A Service on its way to a result. */
struct convergence {
    const struct service *service;
    struct service_request request;
    const struct mlb_address *existing; /* what it has so far */
    size_t existing_count;
    enum convergence_need need;
    struct service_result *result;
};

struct convergence_context {
    struct mlb_allocator *allocator;
    const struct object_set *objects;
    const struct pool_choice *pools;
    struct arena *arena;
};

/* Steps 1 to 11 for a service: what it has stays or goes, and what it needs then. Returns 0 or
 * -ENOMEM. */
int convergence_judge(struct convergence_context *context, struct convergence *work);

/* Gives a service what it needs. Returns 0 or -ENOMEM. */
int convergence_allocate(struct convergence_context *context, struct convergence *work);

/* Keeps addresses that nobody can judge, and reserves those that lie in a pool. Returns 0 or
 * -ENOMEM. */
int convergence_keep(struct convergence_context *context, struct convergence *work,
                     const char *reason);
