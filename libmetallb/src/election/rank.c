/* SPDX-License-Identifier: MIT */
#include "election/rank.h"

#include <stdlib.h>
#include <string.h>

/* Up to this capacity, keeping the best in order by insertion beats sorting all. */
#define SELECTION_MAX 16

struct entry {
    struct rank rank;
    uint32_t index;
};

int rank_before(const struct rank *a, const struct rank *b)
{
    if (a->preference != b->preference)
        return a->preference > b->preference;
    return sha256_compare(&a->digest, &b->digest) < 0;
}

int rank_prefix_init(struct sha256_prefix *prefix, const char *name)
{
    char bytes[MLB_NODE_NAME_MAX + 1];
    size_t length = name ? strnlen(name, MLB_NODE_NAME_MAX + 1) : 0;

    if (length == 0 || length > MLB_NODE_NAME_MAX)
        return -1;
    memcpy(bytes, name, length);
    bytes[length] = '#';
    sha256_prefix_init(prefix, bytes, length + 1);
    return 0;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;

    return rank_before(&left->rank, &right->rank) ? -1 : rank_before(&right->rank, &left->rank);
}

static int fill_entries(struct entry *entries, const char *text,
                        const struct mlb_candidate *candidates, size_t count)
{
    struct sha256_prefix prefix;
    size_t length = strlen(text);

    for (size_t i = 0; i < count; i++) {
        if (rank_prefix_init(&prefix, candidates[i].name))
            return -1;
        sha256_with_prefix(&prefix, text, length, &entries[i].rank.digest);
        entries[i].rank.preference = candidates[i].preference;
        entries[i].index = (uint32_t)i;
    }
    return 0;
}

/* Equal names have equal digests, so a hash set of digests finds them; slots holds index + 1. */
static int has_duplicate(const struct entry *entries, size_t count, uint32_t *slots, size_t mask)
{
    for (size_t i = 0; i < count; i++) {
        size_t slot = entries[i].rank.digest.words[0] & mask;

        while (slots[slot]) {
            if (!sha256_compare(&entries[slots[slot] - 1].rank.digest, &entries[i].rank.digest))
                return 1;
            slot = (slot + 1) & mask;
        }
        slots[slot] = (uint32_t)i + 1;
    }
    return 0;
}

static int32_t check_names_differ(const struct entry *entries, size_t count)
{
    size_t slot_count = 4;
    uint32_t *slots;
    int duplicate;

    while (slot_count < 2 * count)
        slot_count *= 2;
    slots = calloc(slot_count, sizeof(*slots));
    if (!slots)
        return MLB_ERROR_NO_MEMORY;
    duplicate = has_duplicate(entries, count, slots, slot_count - 1);
    free(slots);
    return duplicate ? MLB_ERROR_INVALID_ARGUMENT : MLB_OK;
}

/* Brings the best capacity entries to the front, in order. */
static void select_best(struct entry *entries, size_t count, size_t capacity)
{
    for (size_t i = 1; i < count; i++) {
        struct entry entry = entries[i];
        size_t place = i < capacity ? i : capacity;

        if (place == capacity && !rank_before(&entry.rank, &entries[place - 1].rank))
            continue;
        if (place == capacity)
            place--;
        for (; place > 0 && rank_before(&entry.rank, &entries[place - 1].rank); place--)
            entries[place] = entries[place - 1];
        entries[place] = entry;
    }
}

static int32_t rank_into(struct entry *entries, const char *text,
                         const struct mlb_candidate *candidates, size_t count, uint32_t *ranking,
                         size_t capacity)
{
    int32_t result;

    if (fill_entries(entries, text, candidates, count))
        return MLB_ERROR_INVALID_ARGUMENT;
    result = check_names_differ(entries, count);
    if (result)
        return result;
    if (capacity > count)
        capacity = count;
    if (capacity > SELECTION_MAX)
        qsort(entries, count, sizeof(*entries), compare_entries);
    else if (capacity)
        select_best(entries, count, capacity);
    for (size_t i = 0; i < capacity; i++)
        ranking[i] = entries[i].index;
    return MLB_OK;
}

int32_t mlb_election_rank(const struct mlb_address *address, const struct mlb_candidate *candidates,
                          size_t count, uint32_t *ranking, size_t capacity,
                          struct mlb_diagnostic *diagnostic)
{
    char text[MLB_ADDRESS_TEXT_SIZE];
    struct entry *entries;
    int32_t result;

    if (!address || (count && !candidates) || (capacity && !ranking) || count > UINT32_MAX / 2)
        return MLB_ERROR_INVALID_ARGUMENT;
    result = mlb_address_format(address, text, sizeof(text), NULL);
    if (result || !count)
        return result;
    entries = calloc(count, sizeof(*entries));
    if (!entries)
        return MLB_ERROR_NO_MEMORY;
    result = rank_into(entries, text, candidates, count, ranking, capacity);
    free(entries);
    return result;
}
