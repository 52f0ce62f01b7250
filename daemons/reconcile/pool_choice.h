/* SPDX-License-Identifier: MIT */
/* Which pools a Service may use, and in which order. */
#pragma once

#include "objects/objects.h"
#include "reconcile/arena.h"

/* The pools of a set, sorted once. */
struct pool_choice {
    const struct object_set *objects;
    const struct ip_address_pool **by_name;
    const struct ip_address_pool **by_priority; /* positive ones ascending, zero last; then name */
    size_t count;
    const char **names; /* scratch for pool_choice_list(), room for count */
};

enum pool_choice_kind {
    POOL_CHOICE_EXPLICIT, /* every pool that is compatible */
    POOL_CHOICE_PINNED,   /* those that serviceAllocation gives to the service, autoAssign only */
    POOL_CHOICE_GENERAL,  /* those without a serviceAllocation, autoAssign only */
    POOL_CHOICE_ANY,      /* every pool, compatible or not */
};

/* Returns 0 or -ENOMEM. */
int pool_choice_init(struct pool_choice *choice, const struct object_set *objects,
                     struct arena *arena);

/* Returns a borrowed pool or NULL. */
const struct ip_address_pool *pool_choice_find(const struct pool_choice *choice, const char *name);

/* Whether serviceAllocation lets the service use the pool. */
bool pool_is_compatible(const struct object_set *objects, const struct ip_address_pool *pool,
                        const struct service *service);

/* Fills choice->names, which stay valid until the next call, and returns how many. */
size_t pool_choice_list(const struct pool_choice *choice, const struct service *service,
                        enum pool_choice_kind kind);
