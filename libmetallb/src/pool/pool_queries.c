/* SPDX-License-Identifier: MIT */
#include "address/count.h"
#include "base/diagnostic.h"
#include "base/refusals.h"
#include "pool/pool.h"

const char *mlb_pool_name(const struct mlb_pool *pool)
{
    return pool ? pool->name : NULL;
}

size_t mlb_pool_size(const struct mlb_pool *pool)
{
    return pool ? pool->count : 0;
}

int32_t mlb_pool_range(const struct mlb_pool *pool, size_t index, struct mlb_range *range,
                       struct mlb_diagnostic *diagnostic)
{
    if (!pool)
        return refuse_no_object("pool", diagnostic);
    if (!range)
        return refuse_missing("range", diagnostic);
    if (index >= pool->count)
        return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, pool->name, NULL,
                              "pool %s has %zu %s; there is none with the index %zu", pool->name,
                              pool->count, pool->count == 1 ? "entry" : "entries", index);
    *range = pool->entries[index].range;
    return MLB_OK;
}

int32_t mlb_pool_contains(const struct mlb_pool *pool, const struct mlb_address *address)
{
    const struct pool_entry *entry;
    struct mlb_address normal;

    if (!pool || !address || address_family_bits(address->family) == 0)
        return 0;
    normal = address_normalise(address);
    entry = pool_find_entry(pool, &normal);
    return entry && pool_entry_contains(entry, &normal);
}

int32_t mlb_pool_count(const struct mlb_pool *pool, uint8_t family, struct mlb_count *count,
                       struct mlb_diagnostic *diagnostic)
{
    if (!pool)
        return refuse_no_object("pool", diagnostic);
    if (!count)
        return refuse_missing("count", diagnostic);
    if (family == MLB_FAMILY_NONE)
        *count = count_sum(pool->usable[POOL_IPV4], pool->usable[POOL_IPV6]);
    else if (address_family_bits(family) != 0)
        *count = pool->usable[pool_family_index(family)];
    else
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "family", NULL,
                              "the family is %u; it can be MLB_FAMILY_IPV4 (4), MLB_FAMILY_IPV6 "
                              "(6) or MLB_FAMILY_NONE (0) for both",
                              family);
    return MLB_OK;
}

static const struct mlb_range *range_at(const struct mlb_pool *pool, size_t place)
{
    return &pool->entries[pool->by_address.indexes[place]].range;
}

static int32_t refuse_overlap(const struct mlb_pool *pool, const struct mlb_range *range,
                              const struct mlb_pool *other, const struct mlb_range *other_range,
                              struct mlb_diagnostic *diagnostic)
{
    char text[MLB_RANGE_TEXT_SIZE] = "";
    char other_text[MLB_RANGE_TEXT_SIZE] = "";

    mlb_range_format(range, text, sizeof(text), NULL);
    mlb_range_format(other_range, other_text, sizeof(other_text), NULL);
    return diagnostic_set(diagnostic, MLB_ERROR_OVERLAP, pool->name, other->name,
                          "entry %s of pool %s overlaps entry %s of pool %s", text, pool->name,
                          other_text, other->name);
}

int32_t mlb_pool_check_overlap(const struct mlb_pool *pool, const struct mlb_pool *other,
                               struct mlb_diagnostic *diagnostic)
{
    size_t i = 0;
    size_t j = 0;

    if (!pool || !other)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, pool ? "other" : "pool", NULL,
                              "the %s pool to compare is missing (NULL)",
                              pool ? "second" : "first");
    /* Both lists ascend and neither overlaps itself: what ends first can meet nothing further. */
    while (i < pool->by_address.count && j < other->by_address.count) {
        const struct mlb_range *range = range_at(pool, i);
        const struct mlb_range *other_range = range_at(other, j);

        if (mlb_range_overlaps(range, other_range))
            return refuse_overlap(pool, range, other, other_range, diagnostic);
        if (mlb_address_compare(&range->last, &other_range->last) < 0)
            i++;
        else
            j++;
    }
    return MLB_OK;
}
