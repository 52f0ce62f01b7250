/* SPDX-License-Identifier: MIT */
/*
 * What all decisions of a run share: which nodes live and may announce, what the advertisements
 * select, in which pool an address lies, where the endpoints are.
 */
#pragma once

#include "objects/objects.h"
#include "reconcile/announcements.h"
#include "reconcile/arena.h"
#include "reconcile/node_table.h"

/* An L2Advertisement with its nodes resolved. */
struct advertisement {
    const struct l2_advertisement *object; /* NULL: an AddressPool, which advertises itself */
    node_word *selected;                   /* live ones that its nodeSelectors take */
    node_word *nodes;                      /* of those, the ones with an interface for it */
    int32_t *preferences;                  /* by node, sums of weights; NULL: none */
};

/* A pool and the advertisements that name it. */
struct advertised_pool {
    const struct ip_address_pool *pool;
    const struct advertisement **advertisements;
    size_t advertisement_count;
};

struct pool_range {
    struct mlb_range range;
    const struct advertised_pool *pool;
};

struct landscape {
    const struct object_set *objects;
    const struct node_table *nodes;
    size_t words;                    /* of a set of nodes */
    node_word *live;                 /* nodes that live */
    node_word *eligible;             /* of those, the ones that may announce at all */
    node_word *draining;             /* of those, the ones that do so only if nobody else can */
    const struct node_facts **facts; /* by node, NULL: it says nothing of itself */
    struct advertisement *advertisements;
    size_t advertisement_count;
    struct advertised_pool *pools;
    size_t pool_count;
    struct pool_range *ranges; /* ascending, without overlap */
    size_t range_count;
    const struct endpoint_slice **slices; /* by namespace and service */
    size_t slice_count;
};

/* Resolves everything; node_table has the numbers of all live nodes. Returns 0 or -ENOMEM. */
int landscape_init(struct landscape *landscape, const struct announcement_input *input,
                   const struct node_table *nodes, const struct announcement_options *options,
                   struct arena *arena);

/* Pool that an address lies in, or NULL. Buggy addresses count: somebody assigned them. */
const struct advertised_pool *landscape_pool_of(const struct landscape *landscape,
                                                const struct mlb_address *address);

/* Adds the live nodes with an endpoint of the service that can serve to nodes; tells whether any
 * endpoint can serve at all, also one on no node. */
bool landscape_endpoints(const struct landscape *landscape, const struct service *service,
                         node_word *nodes);
