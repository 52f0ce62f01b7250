/* SPDX-License-Identifier: MIT */
#include "pool/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address/check.h"
#include "address/count.h"
#include "base/diagnostic.h"
#include "base/refusals.h"
#include "base/structs.h"

#define INITIAL_ENTRIES 4

_Static_assert(sizeof(struct mlb_pool_options) == 8, "part of the ABI");

unsigned pool_family_index(uint8_t family)
{
    return family == MLB_FAMILY_IPV4 ? POOL_IPV4 : POOL_IPV6;
}

static int32_t check_name(const char *name, struct mlb_diagnostic *diagnostic)
{
    if (!name || name[0] == '\0')
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "name", NULL,
                              "the pool has no name; give it one that no other pool has");
    if (strlen(name) > MLB_POOL_NAME_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "name", NULL,
                              "the name of the pool has %zu bytes; it can have %d at most",
                              strlen(name), MLB_POOL_NAME_MAX);
    for (size_t i = 0; name[i] != '\0'; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "name", NULL,
                                  "the name of the pool has a control character at byte %zu; leave "
                                  "it out",
                                  i);
    return MLB_OK;
}

static struct mlb_pool *make_pool(const char *name, uint32_t flags)
{
    struct mlb_pool *pool = calloc(1, sizeof(*pool));

    if (!pool)
        return NULL;
    memcpy(pool->name, name, strlen(name) + 1);
    pool->flags = flags;
    return pool;
}

int32_t mlb_pool_new(const char *name, const struct mlb_pool_options *options,
                     struct mlb_pool **pool, struct mlb_diagnostic *diagnostic)
{
    struct mlb_pool_options own = {0};
    struct mlb_pool *fresh;
    int32_t result = check_name(name, diagnostic);

    if (result != MLB_OK)
        return result;
    if (!pool)
        return refuse_no_place("pool", diagnostic);
    if (options && !struct_read(&own, sizeof(own), options, first_size_mlb_pool_options))
        return struct_refuse(options, sizeof(own), "mlb_pool_options", diagnostic);
    if (own.flags & ~MLB_POOL_AVOID_BUGGY)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, name, "flags",
                              "the flags of pool %s are 0x%x; only MLB_POOL_AVOID_BUGGY is known",
                              name, own.flags);
    fresh = make_pool(name, own.flags);
    if (!fresh)
        return refuse_no_memory("a pool", diagnostic);
    *pool = fresh;
    return MLB_OK;
}

void mlb_pool_free(struct mlb_pool *pool)
{
    if (!pool)
        return;
    free(pool->entries);
    free(pool->by_address.indexes);
    for (unsigned i = 0; i < POOL_FAMILIES; i++)
        free(pool->of_family[i].indexes);
    free(pool);
}

static bool list_reserve(struct entry_list *list, size_t capacity)
{
    uint32_t *indexes = reallocarray(list->indexes, capacity, sizeof(*indexes));

    if (!indexes)
        return false;
    list->indexes = indexes;
    return true;
}

static void list_insert(struct entry_list *list, size_t place, uint32_t index)
{
    memmove(list->indexes + place + 1, list->indexes + place,
            (list->count - place) * sizeof(*list->indexes));
    list->indexes[place] = index;
    list->count++;
}

/* Makes room for capacity entries; a list that grew before another failed keeps its room. */
static bool reserve(struct mlb_pool *pool, size_t capacity)
{
    struct pool_entry *entries;

    if (capacity <= pool->capacity)
        return true;
    if (!list_reserve(&pool->by_address, capacity))
        return false;
    for (unsigned i = 0; i < POOL_FAMILIES; i++)
        if (!list_reserve(&pool->of_family[i], capacity))
            return false;
    entries = reallocarray(pool->entries, capacity, sizeof(*entries));
    if (!entries)
        return false;
    pool->entries = entries;
    pool->capacity = capacity;
    return true;
}

/* Place in by_address of the first entry that ends at an address or behind it. */
static size_t first_not_before(const struct mlb_pool *pool, const struct mlb_address *address)
{
    size_t low = 0;
    size_t high = pool->by_address.count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct pool_entry *entry = &pool->entries[pool->by_address.indexes[middle]];

        if (mlb_address_compare(&entry->range.last, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct pool_entry *entry_at_place(const struct mlb_pool *pool, size_t place)
{
    return place < pool->by_address.count ? &pool->entries[pool->by_address.indexes[place]] : NULL;
}

static int32_t refuse_overlap(const struct mlb_pool *pool, const struct mlb_range *range,
                              const struct mlb_range *earlier, struct mlb_diagnostic *diagnostic)
{
    char text[MLB_RANGE_TEXT_SIZE] = "";
    char earlier_text[MLB_RANGE_TEXT_SIZE] = "";

    mlb_range_format(range, text, sizeof(text), NULL);
    mlb_range_format(earlier, earlier_text, sizeof(earlier_text), NULL);
    return diagnostic_set(diagnostic, MLB_ERROR_OVERLAP, text, earlier_text,
                          "entry %s overlaps entry %s of the same pool %s", text, earlier_text,
                          pool->name);
}

static int32_t check_range(const struct mlb_pool *pool, const struct mlb_range *range,
                           struct mlb_diagnostic *diagnostic)
{
    char place[sizeof(" for pool ") + MLB_POOL_NAME_MAX];

    snprintf(place, sizeof(place), " for pool %s", pool->name);
    return range_check(range, place, diagnostic);
}

static void append(struct mlb_pool *pool, size_t place, const struct mlb_range *range)
{
    const unsigned family = pool_family_index(range->first.family);
    const uint32_t index = (uint32_t)pool->count++;
    struct pool_entry *entry = &pool->entries[index];
    const struct mlb_count base = pool->usable[family];

    *entry = (struct pool_entry){
        .base = (address_value)base.words[1] << 64 | base.words[0],
        .range = *range,
        .avoid_buggy = (pool->flags & MLB_POOL_AVOID_BUGGY) != 0,
    };
    list_insert(&pool->by_address, place, index);
    list_insert(&pool->of_family[family], pool->of_family[family].count, index);
    pool->usable[family] = count_sum(base, pool_entry_count(entry));
}

int32_t mlb_pool_add_range(struct mlb_pool *pool, const struct mlb_range *range,
                           struct mlb_diagnostic *diagnostic)
{
    const struct pool_entry *neighbour;
    struct mlb_range normal;
    size_t place;
    int32_t result;

    if (!pool)
        return refuse_no_object("pool", diagnostic);
    result = check_range(pool, range, diagnostic);
    if (result != MLB_OK)
        return result;
    if (pool->count == UINT32_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, pool->name, NULL,
                              "pool %s has %zu entries already and cannot hold more", pool->name,
                              pool->count);
    normal.first = address_normalise(&range->first);
    normal.last = address_normalise(&range->last);
    if (!range_is_valid(&normal))
        normal = *range;
    place = first_not_before(pool, &normal.first);
    neighbour = entry_at_place(pool, place);
    if (neighbour && mlb_range_overlaps(&neighbour->range, &normal))
        return refuse_overlap(pool, &normal, &neighbour->range, diagnostic);
    if (pool->count == pool->capacity &&
        !reserve(pool, pool->capacity ? pool->capacity * 2 : INITIAL_ENTRIES))
        return diagnostic_set(diagnostic, MLB_ERROR_NO_MEMORY, pool->name, NULL,
                              "no memory for another entry of pool %s", pool->name);
    append(pool, place, &normal);
    return MLB_OK;
}

int32_t mlb_pool_add(struct mlb_pool *pool, const char *entry, struct mlb_diagnostic *diagnostic)
{
    struct mlb_range range;
    int32_t result;

    if (!pool)
        return refuse_no_object("pool", diagnostic);
    result = mlb_range_parse(entry, &range, diagnostic);
    return result == MLB_OK ? mlb_pool_add_range(pool, &range, diagnostic) : result;
}

struct mlb_pool *pool_copy(const struct mlb_pool *pool)
{
    struct mlb_pool *copy = make_pool(pool->name, pool->flags);

    if (!copy)
        return NULL;
    if (!reserve(copy, pool->count)) {
        mlb_pool_free(copy);
        return NULL;
    }
    for (size_t i = 0; i < pool->count; i++)
        append(copy, first_not_before(copy, &pool->entries[i].range.first),
               &pool->entries[i].range);
    return copy;
}

const struct pool_entry *pool_find_entry(const struct mlb_pool *pool,
                                         const struct mlb_address *address)
{
    const struct pool_entry *entry = entry_at_place(pool, first_not_before(pool, address));

    return entry && mlb_range_contains(&entry->range, address) ? entry : NULL;
}

struct mlb_address pool_address_at(const struct mlb_pool *pool, unsigned family_index,
                                   address_value ordinal)
{
    const struct entry_list *list = &pool->of_family[family_index];
    size_t low = 0;
    size_t high = list->count;

    /* The last entry whose base is not above the ordinal: empty ones stand before it. */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;

        if (pool->entries[list->indexes[middle]].base <= ordinal)
            low = middle;
        else
            high = middle;
    }
    return pool_entry_address(&pool->entries[list->indexes[low]], ordinal);
}
