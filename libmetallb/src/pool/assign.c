/* SPDX-License-Identifier: MIT */
/* Explicit assignment. */
#include <string.h>

#include "base/diagnostic.h"
#include "base/structs.h"
#include "pool/allocator.h"
#include "pool/assignment.h"

static int32_t refuse_two_pools(const struct mlb_address *addresses, const struct pool_state *first,
                                const struct pool_state *second, struct mlb_diagnostic *diagnostic)
{
    char texts[2][MLB_ADDRESS_TEXT_SIZE] = {"", ""};

    for (size_t i = 0; i < 2; i++)
        mlb_address_format(&addresses[i], texts[i], sizeof(texts[i]), NULL);
    return diagnostic_set(diagnostic, MLB_ERROR_NOT_IN_POOL, texts[1], texts[0],
                          "%s is in pool %s but %s is in pool %s; both must be in one pool",
                          texts[0], first->pool->name, texts[1], second->pool->name);
}

/* The one pool of all addresses, or NULL and why not. */
static struct pool_state *find_home(const struct mlb_allocator *allocator,
                                    const struct mlb_address *addresses, uint32_t count,
                                    int32_t *result, struct mlb_diagnostic *diagnostic)
{
    struct pool_state *found = NULL;

    for (uint32_t i = 0; i < count; i++) {
        struct pool_state *state = pool_map_home(&allocator->map, &addresses[i]);

        if (!state || (found && found != state)) {
            *result = state ? refuse_two_pools(addresses, found, state, diagnostic)
                            : diagnose_homeless(diagnostic, allocator, &addresses[i]);
            return NULL;
        }
        found = state;
    }
    return found;
}

static bool request_names(const struct mlb_request *request, const struct pool_state *state)
{
    for (uint32_t i = 0; i < request->pool_count; i++)
        if (strcmp(request->pools[i], state->pool->name) == 0)
            return true;
    return false;
}

static int32_t check_home(const struct mlb_request *request, const struct pool_state *home,
                          const struct mlb_address *addresses, struct mlb_diagnostic *diagnostic)
{
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    mlb_address_format(&addresses[0], text, sizeof(text), NULL);
    if (!request_names(request, home))
        return diagnostic_set(diagnostic, MLB_ERROR_POOL_NOT_ALLOWED, text, home->pool->name,
                              "%s is in pool %s, which %s may not use", text, home->pool->name,
                              request->id);
    if (request->address_count == 2 && addresses[0].family == addresses[1].family)
        return diagnostic_set(diagnostic, MLB_ERROR_FAMILY, text, NULL,
                              "both addresses of %s are %s; two must be of different families",
                              request->id, address_family_name(addresses[0].family));
    return MLB_OK;
}

static int32_t copy_addresses(const struct mlb_request *request, struct mlb_address *addresses,
                              struct mlb_diagnostic *diagnostic)
{
    if (request->address_count == 0 || request->address_count > MLB_ASSIGNMENT_ADDRESSES_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, NULL,
                              "%s asks for %u addresses; mlb_allocator_assign() needs 1 or %d",
                              request->id, request->address_count, MLB_ASSIGNMENT_ADDRESSES_MAX);
    if (!request->addresses)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, "addresses",
                              "the address_count of %s is %u but its addresses are missing (NULL)",
                              request->id, request->address_count);
    for (uint32_t i = 0; i < request->address_count; i++) {
        if (address_family_bits(request->addresses[i].family) == 0)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, NULL,
                                  "the family of address %u of %u of %s is %u; it can be "
                                  "MLB_FAMILY_IPV4 (4) or MLB_FAMILY_IPV6 (6)",
                                  i + 1, request->address_count, request->id,
                                  request->addresses[i].family);
        addresses[i] = address_normalise(&request->addresses[i]);
    }
    return MLB_OK;
}

int32_t mlb_allocator_assign(struct mlb_allocator *allocator, const struct mlb_request *request,
                             struct mlb_assignment *assignment, struct mlb_diagnostic *diagnostic)
{
    struct mlb_request own = {0};
    struct mlb_address addresses[MLB_ASSIGNMENT_ADDRESSES_MAX] = {{0}};
    struct pool_state *home = NULL;
    int32_t result = assignment_check_call(allocator, request, assignment, &own, diagnostic);

    if (result == MLB_OK)
        result = copy_addresses(&own, addresses, diagnostic);
    if (result == MLB_OK)
        home = find_home(allocator, addresses, own.address_count, &result, diagnostic);
    if (!home)
        return result;
    result = check_home(&own, home, addresses, diagnostic);
    if (result != MLB_OK)
        return result;
    return assignment_make(allocator, &own, home, addresses, own.address_count, assignment,
                           diagnostic);
}
