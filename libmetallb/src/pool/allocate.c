/* SPDX-License-Identifier: MIT */
/* Automatic choice. */
#include "address/count.h"
#include "base/diagnostic.h"
#include "pool/assignment.h"

/* Addresses of one pool. */
struct choice {
    struct pool_state *pool;
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX];
    uint32_t count;
};

static struct pool_state *pool_at(const struct mlb_allocator *allocator,
                                  const struct mlb_request *request, uint32_t index)
{
    return pool_map_find_name(&allocator->map, request->pools[index]);
}

static int32_t check_pools(const struct mlb_allocator *allocator, const struct mlb_request *request,
                           struct mlb_diagnostic *diagnostic)
{
    for (uint32_t i = 0; i < request->pool_count; i++)
        if (!pool_at(allocator, request, i))
            return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, request->pools[i], request->id,
                                  "%s asks for pool \"%s\", which does not exist", request->id,
                                  request->pools[i]);
    return MLB_OK;
}

static int32_t check_families(const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    if (request->families == 0 || request->families > MLB_FAMILIES_BOTH)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, NULL,
                              "the families of %s are %u; set MLB_FAMILIES_IPV4 (1), "
                              "MLB_FAMILIES_IPV6 (2) or MLB_FAMILIES_BOTH (3)",
                              request->id, request->families);
    if (request->dual_stack > MLB_DUAL_STACK_REQUIRE)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, NULL,
                              "the dual_stack of %s is %u; it can be MLB_DUAL_STACK_SINGLE (0), "
                              "MLB_DUAL_STACK_PREFER (1) or MLB_DUAL_STACK_REQUIRE (2)",
                              request->id, request->dual_stack);
    if (request->primary_family != MLB_FAMILY_NONE &&
        address_family_bits(request->primary_family) == 0)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, NULL,
                              "the primary_family of %s is %u; it can be MLB_FAMILY_NONE (0), "
                              "MLB_FAMILY_IPV4 (4) or MLB_FAMILY_IPV6 (6)",
                              request->id, request->primary_family);
    return MLB_OK;
}

/* One address of the first pool that has one of the family. */
static bool choose_one(const struct mlb_allocator *allocator, const struct mlb_request *request,
                       const struct allocation *allocation, uint8_t family, struct choice *choice)
{
    for (uint32_t i = 0; i < request->pool_count; i++) {
        struct pool_state *pool = pool_at(allocator, request, i);

        if (allocator_choose(pool, family, allocation, &choice->addresses[0])) {
            choice->pool = pool;
            choice->count = 1;
            return true;
        }
    }
    return false;
}

/* Two addresses of the first pool that has both families. */
static bool choose_both(const struct mlb_allocator *allocator, const struct mlb_request *request,
                        const struct allocation *allocation, struct choice *choice)
{
    for (uint32_t i = 0; i < request->pool_count; i++) {
        struct pool_state *pool = pool_at(allocator, request, i);

        if (allocator_choose(pool, MLB_FAMILY_IPV4, allocation, &choice->addresses[0]) &&
            allocator_choose(pool, MLB_FAMILY_IPV6, allocation, &choice->addresses[1])) {
            choice->pool = pool;
            choice->count = 2;
            return true;
        }
    }
    return false;
}

static bool choose_dual_stack(const struct mlb_allocator *allocator,
                              const struct mlb_request *request,
                              const struct allocation *allocation, struct choice *choice)
{
    const uint8_t primary =
        request->primary_family == MLB_FAMILY_IPV6 ? MLB_FAMILY_IPV6 : MLB_FAMILY_IPV4;
    const uint8_t other = primary == MLB_FAMILY_IPV4 ? MLB_FAMILY_IPV6 : MLB_FAMILY_IPV4;

    if (request->dual_stack == MLB_DUAL_STACK_SINGLE)
        return false;
    if (choose_both(allocator, request, allocation, choice))
        return true;
    return request->dual_stack == MLB_DUAL_STACK_PREFER &&
           (choose_one(allocator, request, allocation, primary, choice) ||
            choose_one(allocator, request, allocation, other, choice));
}

static int32_t refuse_exhausted(const struct mlb_request *request,
                                struct mlb_diagnostic *diagnostic)
{
    const char *what = "address";

    if (request->families == MLB_FAMILIES_BOTH && request->dual_stack == MLB_DUAL_STACK_SINGLE)
        return diagnostic_set(diagnostic, MLB_ERROR_EXHAUSTED, request->id, NULL,
                              "%s asks for both families but its policy allows one address only",
                              request->id);
    if (request->families != MLB_FAMILIES_BOTH)
        what = request->families == MLB_FAMILIES_IPV4 ? "IPv4 address" : "IPv6 address";
    else if (request->dual_stack == MLB_DUAL_STACK_REQUIRE)
        what = "pair of an IPv4 and an IPv6 address";
    if (request->pool_count == 0)
        return diagnostic_set(diagnostic, MLB_ERROR_EXHAUSTED, request->id, NULL,
                              "%s may use no pool", request->id);
    if (request->pool_count == 1)
        return diagnostic_set(diagnostic, MLB_ERROR_EXHAUSTED, request->id, request->pools[0],
                              "no %s is left for %s in pool %s", what, request->id,
                              request->pools[0]);
    return diagnostic_set(diagnostic, MLB_ERROR_EXHAUSTED, request->id, request->pools[0],
                          "no %s is left for %s in any of the %u pools that it may use", what,
                          request->id, request->pool_count);
}

/* A request for one family in one pool that has no entry of it asks for the wrong pool. */
static bool lacks_family(const struct mlb_allocator *allocator, const struct mlb_request *request)
{
    const unsigned family = request->families == MLB_FAMILIES_IPV4 ? POOL_IPV4 : POOL_IPV6;

    return request->pool_count == 1 && request->families != MLB_FAMILIES_BOTH &&
           pool_at(allocator, request, 0)->pool->of_family[family].count == 0;
}

static int32_t refuse(const struct mlb_allocator *allocator, const struct mlb_request *request,
                      struct mlb_diagnostic *diagnostic)
{
    if (lacks_family(allocator, request))
        return diagnostic_set(diagnostic, MLB_ERROR_NOT_IN_POOL, request->id, request->pools[0],
                              "%s asks for an %s address but pool %s has none", request->id,
                              request->families == MLB_FAMILIES_IPV4 ? "IPv4" : "IPv6",
                              request->pools[0]);
    return refuse_exhausted(request, diagnostic);
}

/* Takes over the ports and keys of a request that holds addresses. */
static int32_t keep(struct mlb_allocator *allocator, const struct mlb_request *request,
                    const struct allocation *former, struct mlb_assignment *assignment,
                    struct mlb_diagnostic *diagnostic)
{
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX];

    for (uint32_t i = 0; i < former->address_count; i++)
        addresses[i] = former->claims[i].held->address;
    return assignment_make(allocator, request, former->pool, addresses, former->address_count,
                           assignment, diagnostic);
}

int32_t mlb_allocator_allocate(struct mlb_allocator *allocator, const struct mlb_request *request,
                               struct mlb_assignment *assignment, struct mlb_diagnostic *diagnostic)
{
    struct mlb_request own = {0};
    struct choice choice = {.count = 0};
    struct allocation *allocation = NULL;
    const struct allocation *former;
    bool chosen;
    int32_t result = assignment_check_call(allocator, request, assignment, &own, diagnostic);

    if (result == MLB_OK)
        result = check_families(&own, diagnostic);
    if (result != MLB_OK)
        return result;
    former = allocator_find_id(allocator, own.id);
    if (former)
        return keep(allocator, &own, former, assignment, diagnostic);
    result = check_pools(allocator, &own, diagnostic);
    if (result == MLB_OK)
        result = allocation_new(allocator, &own, &allocation, diagnostic);
    if (result != MLB_OK)
        return result;
    if (own.families == MLB_FAMILIES_BOTH)
        chosen = choose_dual_stack(allocator, &own, allocation, &choice);
    else
        chosen = choose_one(allocator, &own, allocation,
                            own.families == MLB_FAMILIES_IPV4 ? MLB_FAMILY_IPV4 : MLB_FAMILY_IPV6,
                            &choice);
    if (!chosen) {
        allocation_free(allocator, allocation);
        return refuse(allocator, &own, diagnostic);
    }
    return assignment_finish(allocator, allocation, NULL, choice.pool, choice.addresses,
                             choice.count, assignment, diagnostic);
}

int32_t mlb_allocator_complete(struct mlb_allocator *allocator, const struct mlb_request *request,
                               struct mlb_assignment *assignment, struct mlb_diagnostic *diagnostic)
{
    struct mlb_request own = {0};
    struct choice choice = {.count = 2};
    struct allocation *allocation = NULL;
    struct allocation *former;
    uint8_t missing;
    int32_t result = assignment_check_call(allocator, request, assignment, &own, diagnostic);

    if (result != MLB_OK)
        return result;
    former = allocator_find_id(allocator, own.id);
    if (!former || former->address_count != 1)
        return diagnostic_set(diagnostic, MLB_ERROR_WRONG_STATE, own.id, NULL,
                              "%s holds %u addresses; only who holds one can be given the other "
                              "family",
                              own.id, former ? former->address_count : 0);
    result = allocation_new(allocator, &own, &allocation, diagnostic);
    if (result != MLB_OK)
        return result;
    choice.pool = former->pool;
    choice.addresses[0] = former->claims[0].held->address;
    missing = choice.addresses[0].family == MLB_FAMILY_IPV4 ? MLB_FAMILY_IPV6 : MLB_FAMILY_IPV4;
    if (!allocator_choose(choice.pool, missing, allocation, &choice.addresses[1])) {
        allocation_free(allocator, allocation);
        return diagnostic_set(diagnostic, MLB_ERROR_EXHAUSTED, own.id, choice.pool->pool->name,
                              "no %s address is left for %s in pool %s, where its other one is",
                              address_family_name(missing), own.id, choice.pool->pool->name);
    }
    return assignment_finish(allocator, allocation, former, choice.pool, choice.addresses,
                             choice.count, assignment, diagnostic);
}
