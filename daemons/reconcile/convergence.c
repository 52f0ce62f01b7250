/* SPDX-License-Identifier: MIT */
#include "reconcile/convergence.h"

#include <errno.h>
#include <string.h>

#include "reconcile/service_terms.h"

/* Translates a result of the library: the caller only tells lack of memory from refusals. */
static int memory_error(int32_t code)
{
    return code == MLB_ERROR_NO_MEMORY ? -ENOMEM : 0;
}

static struct mlb_request make_request(const struct convergence *work)
{
    const struct service_request *request = &work->request;
    return (struct mlb_request){
        .struct_size = sizeof(struct mlb_request),
        .families = request->families == 0 ? MLB_FAMILIES_IPV4 : request->families,
        .dual_stack = request->dual_stack,
        .primary_family = request->primary_family,
        .id = work->id,
        .ports = request->ports,
        .port_count = (uint32_t)request->port_count,
        .sharing_key = request->sharing_key,
        .backend_key = request->backend_key,
    };
}

static void use_pools(struct mlb_request *request, const struct convergence_context *context,
                      const struct convergence *work, enum pool_choice_kind kind)
{
    request->pool_count = (uint32_t)pool_choice_list(context->pools, work->service, kind);
    request->pools = context->pools->names;
}

/* Takes over what the allocator gave. */
static int take(const struct convergence_context *context, struct convergence *work,
                const struct mlb_assignment *assignment)
{
    const struct ip_address_pool *pool = pool_choice_find(context->pools, assignment->pool);
    struct service_result *result = work->result;
    memcpy(result->addresses, assignment->addresses, sizeof(result->addresses));
    result->address_count = assignment->address_count;
    result->pool = pool == NULL ? NULL : pool->object.name;
    result->condition = SERVICE_ASSIGNED;
    result->error = NULL;
    return 0;
}

static int32_t assign(const struct convergence_context *context, struct convergence *work,
                      const struct mlb_address *addresses, size_t count, enum pool_choice_kind kind,
                      struct mlb_diagnostic *diagnostic)
{
    struct mlb_request request = make_request(work);
    use_pools(&request, context, work, kind);
    request.addresses = addresses;
    request.address_count = (uint32_t)count;
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    int32_t code = mlb_allocator_assign(context->allocator, &request, &assignment, diagnostic);
    if (code == MLB_OK)
        take(context, work, &assignment);
    return code;
}

static void set_need(struct convergence *work)
{
    work->need = work->request.wanted_count > 0 ? NEED_REQUESTED : NEED_AUTOMATIC;
}

/* Takes from a service what it has, so that it gets something else. */
static int give_up(const struct convergence_context *context, struct convergence *work,
                   const char *reason)
{
    mlb_allocator_release(context->allocator, work->id, NULL);
    work->result->address_count = 0;
    work->result->pool = NULL;
    work->result->condition = SERVICE_UNASSIGNED;
    work->given_up = reason;
    set_need(work);
    return reason == NULL ? -ENOMEM : 0;
}

/* Ends a service without an address. */
static int refuse(struct convergence *work, const char *error)
{
    work->result->condition = SERVICE_UNASSIGNED;
    work->result->address_count = 0;
    work->result->pool = NULL;
    work->result->error = error;
    work->need = NEED_NOTHING;
    return error == NULL ? -ENOMEM : 0;
}

/* As refuse(), with the message of the library. */
static int refuse_with(struct convergence_context *context, struct convergence *work, int32_t code,
                       const struct mlb_diagnostic *diagnostic)
{
    if (code == MLB_ERROR_NO_MEMORY)
        return -ENOMEM;
    return refuse(work, arena_copy(context->arena, diagnostic->message));
}

/* What cannot be assigned together is reserved one by one, so that nobody else gets any of it. */
static int reserve_each(const struct convergence_context *context, const struct convergence *work,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct mlb_request request = make_request(work);
        request.id = arena_format(context->arena, "%s#%zu", work->id, i);
        if (request.id == NULL)
            return -ENOMEM;
        use_pools(&request, context, work, POOL_CHOICE_ANY);
        request.addresses = &work->existing[i];
        request.address_count = 1;
        if (mlb_allocator_assign(context->allocator, &request, NULL, NULL) == MLB_ERROR_NO_MEMORY)
            return -ENOMEM;
    }
    return 0;
}

int convergence_reserve(struct convergence_context *context, const struct convergence *work)
{
    struct service_result result = {0};
    struct convergence recorded = *work;
    recorded.result = &result;
    if (service_terms_read(work->recorded_terms, context->arena, &recorded.request) == -ENOMEM)
        return -ENOMEM;
    return memory_error(
        assign(context, &recorded, work->existing, work->existing_count, POOL_CHOICE_ANY, NULL));
}

int convergence_keep(struct convergence_context *context, struct convergence *work,
                     const char *reason)
{
    size_t count = work->existing_count > MLB_ASSIGNMENT_ADDRESSES_MAX
                       ? MLB_ASSIGNMENT_ADDRESSES_MAX
                       : work->existing_count;
    if (work->recorded_terms != NULL &&
        service_terms_read(work->recorded_terms, context->arena, &work->request) == -ENOMEM)
        return -ENOMEM;
    mlb_allocator_release(context->allocator, work->id, NULL);
    int32_t code = assign(context, work, work->existing, count, POOL_CHOICE_ANY, NULL);
    if (code != MLB_OK) {
        memcpy(work->result->addresses, work->existing, count * sizeof(*work->existing));
        work->result->address_count = count;
        work->result->pool = NULL;
    }
    work->result->condition = SERVICE_KEPT;
    work->result->error = reason;
    if (work->recorded_terms != NULL)
        work->result->terms = work->recorded_terms;
    work->need = NEED_NOTHING;
    if (code != MLB_OK && memory_error(code) == 0)
        return reserve_each(context, work, count);
    return memory_error(code);
}

static bool same_addresses(const struct mlb_address *a, size_t a_count, const struct mlb_address *b,
                           size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        bool found = false;
        for (size_t j = 0; j < b_count; j++)
            found = found || mlb_address_compare(&a[i], &b[j]) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* What the service itself makes impossible, whatever the pools are. Returns whether it ends. */
static bool is_impossible(struct convergence *work, const char **error)
{
    if (!work->request.lacks_family)
        return false;
    *error = work->service->cluster_ips.count > 0
                 ? "RequireDualStack needs two clusterIPs, one of each family"
                 : "RequireDualStack needs both families, but only one is given";
    return true;
}

/* A second family that the service no longer has goes; the address of the other one stays. */
static void drop_foreign_family(struct convergence *work)
{
    const struct service_request *request = &work->request;
    if (request->dual_stack != MLB_DUAL_STACK_PREFER || work->existing_count != 2 ||
        families_of(work->existing, 2) != MLB_FAMILIES_BOTH ||
        request->families == MLB_FAMILIES_BOTH)
        return;
    uint8_t family = request->families == MLB_FAMILIES_IPV6 ? MLB_FAMILY_IPV6 : MLB_FAMILY_IPV4;
    if (work->existing[0].family != family)
        work->existing++;
    work->existing_count = 1;
    work->given_up = "the service has one address family only";
}

static bool families_fit(const struct convergence *work)
{
    uint32_t families = work->existing_count > MLB_ASSIGNMENT_ADDRESSES_MAX
                            ? 0
                            : families_of(work->existing, work->existing_count);
    if (families == 0)
        return false;
    return families == work->request.families ||
           (work->request.families == MLB_FAMILIES_BOTH &&
            work->request.dual_stack == MLB_DUAL_STACK_PREFER);
}

/* After the existing addresses were assigned: does the service ask for others? */
static int judge_wishes(struct convergence_context *context, struct convergence *work)
{
    const struct service_request *request = &work->request;
    struct service_result *result = work->result;
    if (request->pool != NULL && (result->pool == NULL || strcmp(result->pool, request->pool) != 0))
        return give_up(
            context, work,
            arena_format(context->arena, "the service asks for the pool %s", request->pool));
    if (request->wanted_error != NULL) {
        result->error = request->wanted_error;
        return 0;
    }
    if (request->wanted_count > 0 && !same_addresses(request->wanted, request->wanted_count,
                                                     result->addresses, result->address_count))
        return give_up(context, work, "the service asks for other addresses");
    if (result->address_count == 1 && request->wanted_count == 0 &&
        request->dual_stack == MLB_DUAL_STACK_PREFER && request->families == MLB_FAMILIES_BOTH)
        work->need = NEED_COMPLETION;
    return 0;
}

static int judge_existing(struct convergence_context *context, struct convergence *work)
{
    const char *error = NULL;
    if (context->pools->count == 0)
        return give_up(context, work, "no IPAddressPool is configured");
    if (is_impossible(work, &error))
        return give_up(context, work, error);
    drop_foreign_family(work);
    if (work->request.families_error == NULL && !families_fit(work))
        return give_up(context, work, "its addresses are not of the families of the service");
    struct mlb_diagnostic diagnostic;
    mlb_diagnostic_init(&diagnostic);
    int32_t code = assign(context, work, work->existing, work->existing_count, POOL_CHOICE_EXPLICIT,
                          &diagnostic);
    if (code == MLB_ERROR_NO_MEMORY)
        return -ENOMEM;
    if (code != MLB_OK)
        return give_up(context, work, arena_copy(context->arena, diagnostic.message));
    if (work->request.families_error != NULL) {
        work->result->error = work->request.families_error;
        return 0;
    }
    return judge_wishes(context, work);
}

/* While manifests are broken or incomplete nobody can say whether what is asked is meant. */
static int judge_held(struct convergence_context *context, struct convergence *work)
{
    const struct mlb_address *existing = work->existing;
    size_t count = work->existing_count;
    int result = judge_existing(context, work);
    if (result != 0 || work->given_up == NULL)
        return result;
    const char *reason =
        arena_format(context->arena, "kept until all manifests can be read: %s", work->given_up);
    if (reason == NULL)
        return -ENOMEM;
    work->given_up = NULL;
    work->existing = existing;
    work->existing_count = count;
    return convergence_keep(context, work, reason);
}

int convergence_judge(struct convergence_context *context, struct convergence *work)
{
    const char *error = NULL;
    work->need = NEED_NOTHING;
    work->result->condition = SERVICE_UNASSIGNED;
    if (work->existing_count > 0) {
        int result = context->holds ? judge_held(context, work) : judge_existing(context, work);
        if (result != 0 || work->result->address_count > 0)
            return result;
    }
    if (context->pools->count == 0)
        return refuse(work, "no IPAddressPool is configured");
    if (is_impossible(work, &error))
        return refuse(work, error);
    if (work->request.families_error != NULL)
        return refuse(work, work->request.families_error);
    set_need(work);
    return 0;
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
        return refuse(work, family_demand(request->families));
    char home[MLB_POOL_NAME_MAX + 1];
    if (request->pool != NULL &&
        mlb_allocator_pool_of(context->allocator, &request->wanted[0], home, sizeof(home), NULL) ==
            MLB_OK &&
        strcmp(home, request->pool) != 0)
        return refuse(work, arena_format(context->arena,
                                         "the requested address lies in pool %s, not in pool %s",
                                         home, request->pool));
    struct mlb_diagnostic diagnostic;
    mlb_diagnostic_init(&diagnostic);
    int32_t code = assign(context, work, request->wanted, request->wanted_count,
                          POOL_CHOICE_EXPLICIT, &diagnostic);
    if (code == MLB_ERROR_SHARING && shares_with_nobody(work->service))
        return refuse(work, arena_format(context->arena,
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
        take(context, work, &assignment);
    return code;
}

static int allocate_from_named_pool(struct convergence_context *context, struct convergence *work)
{
    const char *name = work->request.pool;
    const struct ip_address_pool *pool = pool_choice_find(context->pools, name);
    if (pool == NULL)
        return refuse(work, arena_format(context->arena, "there is no pool %s", name));
    if (!pool_is_compatible(context->objects, pool, work->service))
        return refuse(work, arena_format(context->arena,
                                         "pool %s is not for this service (see its "
                                         "serviceAllocation)",
                                         name));
    struct mlb_request request = make_request(work);
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
        struct mlb_request request = make_request(work);
        use_pools(&request, context, work, kinds[i]);
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
        return refuse(work, "no available IPs: with both families an ipFamilyPolicy of "
                            "PreferDualStack or RequireDualStack is needed");
    if (work->request.families == MLB_FAMILIES_BOTH &&
        work->request.dual_stack == MLB_DUAL_STACK_REQUIRE)
        return refuse(work, "no available IPs: no pool that the service may use has a free address "
                            "of both families");
    if (work->request.families == MLB_FAMILIES_BOTH)
        return refuse(work,
                      "no available IPs: no pool that the service may use has a free address");
    return refuse(work, work->request.families == MLB_FAMILIES_IPV6
                            ? "no available IPs: no pool that the service may use has a free IPv6 "
                              "address"
                            : "no available IPs: no pool that the service may use has a free IPv4 "
                              "address");
}

/* A failure leaves the service with the one address that it has. */
static int complete(struct convergence_context *context, struct convergence *work)
{
    struct mlb_request request = make_request(work);
    request.pools = (const char *const *)&work->result->pool;
    request.pool_count = 1;
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    int32_t code = mlb_allocator_complete(context->allocator, &request, &assignment, NULL);
    if (code == MLB_OK)
        take(context, work, &assignment);
    return memory_error(code);
}

int convergence_allocate(struct convergence_context *context, struct convergence *work)
{
    if (work->need == NEED_NOTHING)
        return 0;
    if (work->need == NEED_COMPLETION)
        return context->hold != NULL ? 0 : complete(context, work);
    if (work->request.wanted_error != NULL)
        return refuse(work, work->request.wanted_error);
    if (work->need == NEED_REQUESTED)
        return allocate_requested(context, work);
    if (context->hold != NULL)
        return refuse(work, context->hold);
    if (work->request.pool != NULL)
        return allocate_from_named_pool(context, work);
    return allocate_automatically(context, work);
}
