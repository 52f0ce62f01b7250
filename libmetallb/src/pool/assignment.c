/* SPDX-License-Identifier: MIT */
#include "pool/assignment.h"

#include <string.h>

#include "base/diagnostic.h"
#include "base/refusals.h"
#include "base/structs.h"

_Static_assert(sizeof(struct mlb_assignment) == 312, "part of the ABI");

int32_t assignment_check_call(const struct mlb_allocator *allocator,
                              const struct mlb_request *given,
                              const struct mlb_assignment *assignment, struct mlb_request *request,
                              struct mlb_diagnostic *diagnostic)
{
    int32_t result = MLB_OK;

    if (!allocator)
        return refuse_no_object("allocator", diagnostic);
    if (assignment)
        result = struct_check_writable(assignment, first_size_mlb_assignment, "mlb_assignment",
                                       diagnostic);
    return result == MLB_OK ? request_take(given, request, diagnostic) : result;
}

void assignment_fill(const struct allocation *allocation, struct mlb_assignment *assignment)
{
    struct mlb_assignment own = {.address_count = allocation->address_count};

    if (!assignment)
        return;
    for (uint32_t i = 0; i < allocation->address_count; i++)
        own.addresses[i] = allocation->claims[i].held->address;
    memcpy(own.pool, allocation->pool->pool->name, strlen(allocation->pool->pool->name) + 1);
    struct_write(assignment, &own, sizeof(own));
}

int32_t assignment_finish(struct mlb_allocator *allocator, struct allocation *allocation,
                          struct allocation *former, struct pool_state *pool,
                          const struct mlb_address *addresses, uint32_t count,
                          struct mlb_assignment *assignment, struct mlb_diagnostic *diagnostic)
{
    const int32_t result =
        allocator_place(allocator, allocation, former, pool, addresses, count, diagnostic);

    if (result != MLB_OK) {
        if (result == MLB_ERROR_NO_MEMORY)
            diagnostic_set(diagnostic, result, allocation->id, NULL, "no memory to assign to %s",
                           allocation->id);
        allocation_free(allocator, allocation);
        return result;
    }
    assignment_fill(allocation, assignment);
    return MLB_OK;
}

int32_t assignment_make(struct mlb_allocator *allocator, const struct mlb_request *request,
                        struct pool_state *pool, const struct mlb_address *addresses,
                        uint32_t count, struct mlb_assignment *assignment,
                        struct mlb_diagnostic *diagnostic)
{
    struct allocation *allocation = NULL;
    const int32_t result = allocation_new(allocator, request, &allocation, diagnostic);

    if (result != MLB_OK)
        return result;
    return assignment_finish(allocator, allocation, allocator_find_id(allocator, request->id), pool,
                             addresses, count, assignment, diagnostic);
}
