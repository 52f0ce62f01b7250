/* SPDX-License-Identifier: MIT */
#include "pool/allocator.h"

bool allocator_choose(const struct pool_state *pool, uint8_t family,
                      const struct allocation *allocation, struct mlb_address *address)
{
    const unsigned index = pool_family_index(family);
    const struct held_address *held =
        allocation->group ? sharing_group_first(allocation->group, pool, family) : NULL;
    const struct interval *lowest;

    for (; held; held = sharing_group_next(held)) {
        const struct allocation *other;

        if (sharing_check(held, allocation, NULL, &other) == MLB_OK) {
            *address = held->address;
            return true;
        }
    }
    lowest = interval_set_lowest(&pool->free[index]);
    if (!lowest)
        return false;
    *address = pool_address_at(pool->pool, index, lowest->first);
    return true;
}
