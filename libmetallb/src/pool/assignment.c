/* SPDX-License-Identifier: MIT */
#include "pool/assignment.h"

#include <string.h>

#include "base/diagnostic.h"
#include "base/structs.h"

_Static_assert(sizeof(struct mlb_assignment) == 312, "part of the ABI");

int32_t assignment_check_call(const struct mlb_allocator *allocator,
                              const struct mlb_request *request,
                              const struct mlb_assignment *assignment,
                              struct mlb_diagnostic *diagnostic)
{
    if (!allocator)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, NULL, NULL,
                              "an allocator is needed");
    if (assignment && !struct_is_writable(assignment, sizeof(*assignment)))
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, NULL, NULL,
                              "the assignment is of an unknown size");
    return request_check(request, diagnostic);
}

void assignment_fill(const struct allocation *allocation, struct mlb_assignment *assignment)
{
    if (!assignment)
        return;
    *assignment = (struct mlb_assignment){
        .struct_size = assignment->struct_size,
        .address_count = allocation->address_count,
    };
    for (uint32_t i = 0; i < allocation->address_count; i++)
        assignment->addresses[i] = allocation->claims[i].held->address;
    memcpy(assignment->pool, allocation->pool->pool->name,
           strlen(allocation->pool->pool->name) + 1);
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
