/* SPDX-License-Identifier: MIT */
#include "reconcile/standing.h"

#include <errno.h>
#include <string.h>

#include "reconcile/request.h"

/* The one pool that all addresses lie in, or NULL. */
static const struct advertised_pool *common_pool(const struct landscape *landscape,
                                                 const struct standing *standing)
{
    const struct advertised_pool *pool = NULL;
    for (size_t i = 0; i < standing->address_count; i++) {
        const struct advertised_pool *found = landscape_pool_of(landscape, &standing->addresses[i]);
        if (found == NULL || (pool != NULL && found != pool))
            return NULL;
        pool = found;
    }
    return pool;
}

static bool has_service_selectors(const struct advertisement *advertisement)
{
    return advertisement->object != NULL && advertisement->object->service_selectors.count > 0;
}

static bool any_has_service_selectors(const struct advertisement *const *advertisements,
                                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (has_service_selectors(advertisements[i]))
            return true;
    }
    return false;
}

static int match_advertisements(const struct standing_context *context,
                                const struct advertised_pool *pool, struct standing *standing)
{
    const struct advertisement *const *all =
        (const struct advertisement *const *)pool->advertisements;
    if (!any_has_service_selectors(all, pool->advertisement_count)) {
        standing->advertisements = all;
        standing->advertisement_count = pool->advertisement_count;
        return 0;
    }
    const struct advertisement **matching = (const struct advertisement **)arena_allocate(
        context->arena, pool->advertisement_count, sizeof(*matching));
    if (matching == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < pool->advertisement_count; i++) {
        if (!has_service_selectors(all[i]) ||
            selector_list_matches(&all[i]->object->service_selectors,
                                  &standing->service->object.labels))
            matching[standing->advertisement_count++] = all[i];
    }
    standing->advertisements = matching;
    return 0;
}

/* As MetalLB's ShouldAnnounce decides, step by step; its word for all the rest is notOwner. */
static void judge_as_metallb(const struct standing_context *context, struct standing *standing,
                             const node_word *endpoints, bool any_endpoint)
{
    const struct landscape *landscape = context->landscape;
    bool shares = service_annotation(standing->service, "allow-shared-ip") != NULL;
    if (!any_endpoint)
        standing->reason = "notOwner";
    else if (shares &&
             any_has_service_selectors(standing->advertisements, standing->advertisement_count))
        standing->reason = "sharedIPWithServiceSelector";
    else if (node_set_is_empty(standing->possible, landscape->words) &&
             !node_set_is_empty(landscape->live, landscape->words))
        standing->reason = "noMatchingAdvertisement";
    if (standing->reason == NULL) {
        node_set_intersect(standing->possible, landscape->eligible, landscape->words);
        if (standing->service->policy == TRAFFIC_POLICY_LOCAL)
            node_set_intersect(standing->possible, endpoints, landscape->words);
        if (node_set_is_empty(standing->possible, landscape->words))
            standing->reason = "notOwner";
    }
    if (standing->reason != NULL)
        memset(standing->possible, 0, landscape->words * sizeof(node_word));
    node_set_unite(standing->suitable, standing->possible, landscape->words);
}

/* Why no advertisement has a node. */
static const char *missing_reason(const struct landscape *landscape,
                                  const struct standing *standing)
{
    if (node_set_is_empty(landscape->live, landscape->words))
        return "noLiveNode";
    for (size_t i = 0; i < standing->advertisement_count; i++) {
        if (!node_set_is_empty(standing->advertisements[i]->selected, landscape->words))
            return "noUsableInterface";
    }
    return "noMatchingAdvertisement";
}

static void judge(const struct standing_context *context, struct standing *standing,
                  const node_word *endpoints)
{
    const struct landscape *landscape = context->landscape;
    size_t words = landscape->words;
    enum election_mode mode = context->options->mode;
    if (node_set_is_empty(standing->possible, words)) {
        standing->reason = missing_reason(landscape, standing);
        return;
    }
    node_set_intersect(standing->possible, landscape->eligible, words);
    if (node_set_is_empty(standing->possible, words)) {
        standing->reason = "noEligibleNode";
        return;
    }
    bool needs_endpoint =
        mode == ELECTION_ENDPOINTS || standing->service->policy == TRAFFIC_POLICY_LOCAL;
    node_set_unite(standing->suitable, standing->possible, words);
    if (needs_endpoint || mode == ELECTION_PREFER_ENDPOINTS)
        node_set_intersect(standing->suitable, endpoints, words);
    if (!needs_endpoint)
        return;
    node_set_intersect(standing->possible, endpoints, words);
    if (node_set_is_empty(standing->possible, words))
        standing->reason = "noReadyEndpoint";
}

int standing_judge(const struct standing_context *context, struct standing *standing)
{
    const struct landscape *landscape = context->landscape;
    node_word *endpoints = arena_allocate(context->arena, landscape->words * 3, sizeof(node_word));
    if (endpoints == NULL)
        return -ENOMEM;
    standing->suitable = endpoints + landscape->words;
    standing->possible = standing->suitable + landscape->words;
    if (!standing->service->is_load_balancer) {
        standing->reason = "notLoadBalancer";
        return 0;
    }
    if (!service_has_class(standing->service, context->options->load_balancer_class)) {
        standing->reason = "otherLoadBalancerClass";
        return 0;
    }
    const struct advertised_pool *pool = common_pool(landscape, standing);
    if (pool == NULL) {
        standing->reason = "ipNotAllowed";
        return 0;
    }
    standing->usable = true;
    if (match_advertisements(context, pool, standing) != 0)
        return -ENOMEM;
    bool any_endpoint = landscape_endpoints(landscape, standing->service, endpoints);
    for (size_t i = 0; i < standing->advertisement_count; i++)
        node_set_unite(standing->possible, standing->advertisements[i]->nodes, landscape->words);
    if (context->options->mode == ELECTION_METALLB)
        judge_as_metallb(context, standing, endpoints, any_endpoint);
    else
        judge(context, standing, endpoints);
    return 0;
}
