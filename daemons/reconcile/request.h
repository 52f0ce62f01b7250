/* SPDX-License-Identifier: MIT */
/* What a Service asks of the allocator: families, addresses, pool, sharing. */
#pragma once

#include "objects/objects.h"
#include "reconcile/arena.h"

struct service_request {
    const char *id;             /* "namespace/name" */
    uint32_t families;          /* MLB_FAMILIES_*; 0 where they cannot be determined */
    const char *families_error; /* why, else NULL */
    bool lacks_family;          /* RequireDualStack, but only one family is given */
    uint32_t dual_stack;        /* MLB_DUAL_STACK_* */
    uint8_t primary_family;
    struct mlb_address wanted[MLB_ASSIGNMENT_ADDRESSES_MAX];
    size_t wanted_count;
    const char *wanted_error; /* why the requested addresses are no request, else NULL */
    const char *pool;         /* the pool requested, or NULL */
    const char *sharing_key;  /* "" shares with nobody */
    const char *backend_key;
    const struct mlb_port *ports; /* each pair once */
    size_t port_count;
};

/* Returns 0 or -ENOMEM. Texts live as long as the arena and the service. */
int service_request_read(const struct service *service, struct arena *arena,
                         struct service_request *request);

/* Value of metallb.io/NAME, else of the deprecated metallb.universe.tf/NAME, else NULL. */
const char *service_annotation(const struct service *service, const char *name);

/* MLB_FAMILIES_* of one address or of two of different families; 0 for anything else. */
uint32_t families_of(const struct mlb_address *addresses, size_t count);

/* Whether a load balancer of this class (NULL or "": without a class) is to serve the Service. */
bool service_has_class(const struct service *service, const char *load_balancer_class);
