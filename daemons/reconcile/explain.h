/* SPDX-License-Identifier: MIT */
/* Why a service got the address that it has, or none: for each pool why it was not used. */
#pragma once

#include "reconcile/arena.h"
#include "reconcile/services.h"

struct pool_explanation {
    const char *pool;
    bool used; /* the service has its addresses from here */
    const char *text;
};

struct service_explanation {
    const struct service_result *result;
    const struct pool_explanation *pools; /* in the order in which the service would try them */
    size_t pool_count;
};

/*
 * Explains the result of a service in the last run; nothing changes by it.
 *
 * @param objects      those of the last run
 * @param explanation  lives in the arena and until the next run
 * @return             0, -ENOENT for a service that the reconciler does not know, or -ENOMEM
 */
int service_reconciler_explain(const struct service_reconciler *reconciler,
                               const struct object_set *objects, const char *namespace_,
                               const char *name, struct arena *arena,
                               struct service_explanation *explanation);
