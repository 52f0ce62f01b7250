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
    const struct service *service; /* NULL where only a record is known, for convergence_keep() */
    const char *id;                /* "namespace/name" */
    struct service_request request;
    const struct mlb_address *existing; /* what it has so far */
    size_t existing_count;
    const char *recorded_terms; /* on which it has that; NULL where nothing records them */
    enum convergence_need need;
    const char *given_up; /* why it lost what it had, else NULL */
    struct service_result *result;
};

struct convergence_context {
    struct mlb_allocator *allocator;
    const struct object_set *objects;
    const struct pool_choice *pools;
    struct arena *arena;
    bool holds;       /* objects are incomplete or broken: nobody gives up what he has */
    const char *hold; /* why nothing is given automatically, else NULL */
};

/* Steps 1 to 11 for a service: what it has stays or goes, and what it needs then. Returns 0 or
 * -ENOMEM. */
int convergence_judge(struct convergence_context *context, struct convergence *work);

/* Puts what a service holds aside on the terms recorded, before anybody is judged on others.
 * Returns 0 or -ENOMEM. */
int convergence_reserve(struct convergence_context *context, const struct convergence *work);

/* Gives a service what it needs. Returns 0 or -ENOMEM. */
int convergence_allocate(struct convergence_context *context, struct convergence *work);

/* Keeps addresses that nobody can judge, and reserves those that lie in a pool, on the terms
 * recorded if there are any. Returns 0 or -ENOMEM. */
int convergence_keep(struct convergence_context *context, struct convergence *work,
                     const char *reason);
