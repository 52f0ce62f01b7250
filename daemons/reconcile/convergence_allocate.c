/* SPDX-License-Identifier: MIT */
/* What a service lacks: the addresses that it names, or any. */
#include <errno.h>
#include <string.h>

#include "reconcile/convergence_steps.h"

/* As convergence_refuse(), with the message of the library. */
static int refuse_with(struct convergence_context *context, struct convergence *work, int32_t code,
                       const struct mlb_diagnostic *diagnostic)
{
    if (code == MLB_ERROR_NO_MEMORY)
        return -ENOMEM;
    return convergence_refuse(work, arena_copy(context->arena, diagnostic->message));
}

static const char *family_demand(uint32_t families)
{
    switch (families) {
    case MLB_FAMILIES_IPV4:
        return "the service is IPv4 alone, so one IPv4 address must be requested";
    case MLB_FAMILIES_IPV6:
        return "the service is IPv6 alone, so one IPv6 address must be requested";
    default:
        return "the service has both families, so an address of each must be requested";
    }
}

/* The service gives a sharing key that does not count, which the message must not hide. */
static bool shares_with_nobody(const struct service *service)
{
    const char *key = service_annotation(service, "allow-shared-ip");
    return key != NULL && key[0] != '\0' && service->policy == TRAFFIC_POLICY_LOCAL &&
           service->selector.count == 0;
}

static int allocate_requested(struct convergence_context *context, struct convergence *work)
{
    const struct service_request *request = &work->request;
    if (families_of(request->wanted, request->wanted_count) != request->families)
        return convergence_refuse(work, family_demand(request->families));
    char home[MLB_POOL_NAME_MAX + 1];
    if (request->pool != NULL &&
        mlb_allocator_pool_of(context->allocator, &request->wanted[0], home, sizeof(home), NULL) ==
            MLB_OK &&
        strcmp(home, request->pool) != 0)
        return convergence_refuse(
            work,
            arena_format(context->arena, "the requested address lies in pool %s, not in pool %s",
                         home, request->pool));
    struct mlb_diagnostic diagnostic;
    mlb_diagnostic_init(&diagnostic);
    int32_t code = convergence_assign(context, work, request->wanted, request->wanted_count,
                                      POOL_CHOICE_EXPLICIT, &diagnostic);
    if (code == MLB_ERROR_SHARING && shares_with_nobody(work->service))
        return convergence_refuse(
            work, arena_format(context->arena,
                               "%s: with externalTrafficPolicy Local and no selector it "
                               "shares with nobody",
                               diagnostic.message));
    return code == MLB_OK ? 0 : refuse_with(context, work, code, &diagnostic);
}

static int32_t allocate_from(struct convergence_context *context, struct convergence *work,
                             const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    if (request->pool_count == 0)
        return MLB_ERROR_EXHAUSTED;
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    int32_t code = mlb_allocator_allocate(context->allocator, request, &assignment, diagnostic);
    if (code == MLB_OK)
        convergence_take(context, work, &assignment);
    return code;
}

static int allocate_from_named_pool(struct convergence_context *context, struct convergence *work)
{
    const char *name = work->request.pool;
    const struct ip_address_pool *pool = pool_choice_find(context->pools, name);
    if (pool == NULL)
        return convergence_refuse(work, arena_format(context->arena, "there is no pool %s", name));
    if (!pool_is_compatible(context->objects, pool, work->service))
        return convergence_refuse(work, arena_format(context->arena,
                                                     "pool %s is not for this service (see its "
                                                     "serviceAllocation)",
                                                     name));
    struct mlb_request request = convergence_request(work);
    request.pools = &name;
    request.pool_count = 1;
    struct mlb_diagnostic diagnostic;
    mlb_diagnostic_init(&diagnostic);
    int32_t code = allocate_from(context, work, &request, &diagnostic);
    return code == MLB_OK ? 0 : refuse_with(context, work, code, &diagnostic);
}

static int allocate_automatically(struct convergence_context *context, struct convergence *work)
{
    static const enum pool_choice_kind kinds[] = {POOL_CHOICE_PINNED, POOL_CHOICE_GENERAL};
    for (size_t i = 0; i < 2; i++) {
        struct mlb_request request = convergence_request(work);
        convergence_use_pools(&request, context, work, kinds[i]);
        struct mlb_diagnostic diagnostic;
        mlb_diagnostic_init(&diagnostic);
        int32_t code = allocate_from(context, work, &request, &diagnostic);
        if (code == MLB_OK)
            return 0;
        if (code != MLB_ERROR_EXHAUSTED && code != MLB_ERROR_NOT_IN_POOL)
            return refuse_with(context, work, code, &diagnostic);
    }
    if (work->request.families == MLB_FAMILIES_BOTH &&
        work->request.dual_stack == MLB_DUAL_STACK_SINGLE)
        return convergence_refuse(work, "no available IPs: with both families an ipFamilyPolicy of "
                                        "PreferDualStack or RequireDualStack is needed");
    if (work->request.families == MLB_FAMILIES_BOTH &&
        work->request.dual_stack == MLB_DUAL_STACK_REQUIRE)
        return convergence_refuse(
            work, "no available IPs: no pool that the service may use has a free address "
                  "of both families");
    if (work->request.families == MLB_FAMILIES_BOTH)
        return convergence_refuse(
            work, "no available IPs: no pool that the service may use has a free address");
    return convergence_refuse(
        work, work->request.families == MLB_FAMILIES_IPV6
                  ? "no available IPs: no pool that the service may use has a free IPv6 "
                    "address"
                  : "no available IPs: no pool that the service may use has a free IPv4 "
                    "address");
}

/* A failure leaves the service with the one address that it has. */
static int complete(struct convergence_context *context, struct convergence *work)
{
    struct mlb_request request = convergence_request(work);
    request.pools = (const char *const *)&work->result->pool;
    request.pool_count = 1;
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    int32_t code = mlb_allocator_complete(context->allocator, &request, &assignment, NULL);
    if (code == MLB_OK)
        convergence_take(context, work, &assignment);
    return convergence_memory_error(code);
}

int convergence_allocate(struct convergence_context *context, struct convergence *work)
{
    if (work->need == NEED_NOTHING)
        return 0;
    if (work->need == NEED_COMPLETION)
        return context->hold != NULL ? 0 : complete(context, work);
    if (work->request.wanted_error != NULL)
        return convergence_refuse(work, work->request.wanted_error);
    if (work->need == NEED_REQUESTED)
        return allocate_requested(context, work);
    if (context->hold != NULL)
        return convergence_refuse(work, context->hold);
    if (work->request.pool != NULL)
        return allocate_from_named_pool(context, work);
    return allocate_automatically(context, work);
}
