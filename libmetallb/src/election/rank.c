/* SPDX-License-Identifier: MIT */
#include "election/rank.h"

#include <stdlib.h>
#include <string.h>

#include "base/diagnostic.h"
#include "base/refusals.h"
#include "election/candidate.h"

/* Indexes are told as 32 bits, and the hash set has twice as many slots. */
#define CANDIDATES_MAX (UINT32_MAX / 2)

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

void rank_prefix_init(struct sha256_prefix *prefix, const char *name)
{
    char bytes[MLB_NODE_NAME_MAX + 1];
    const size_t length = strnlen(name, MLB_NODE_NAME_MAX);

    memcpy(bytes, name, length);
    bytes[length] = '#';
    sha256_prefix_init(prefix, bytes, length + 1);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;

    return rank_before(&left->rank, &right->rank) ? -1 : rank_before(&right->rank, &left->rank);
}

static int32_t fill_entries(struct entry *entries, const char *text,
                            const struct mlb_candidate *candidates, size_t count,
                            struct mlb_diagnostic *diagnostic)
{
    struct sha256_prefix prefix;
    size_t length = strlen(text);

    for (size_t i = 0; i < count; i++) {
        const int32_t result = candidate_check_name(candidates, i, count, diagnostic);

        if (result)
            return result;
        rank_prefix_init(&prefix, candidates[i].name);
        sha256_with_prefix(&prefix, text, length, &entries[i].rank.digest);
        entries[i].rank.preference = candidates[i].preference;
        entries[i].index = (uint32_t)i;
    }
    return MLB_OK;
}

/*
 * Equal names have equal digests, so a hash set of digests finds them; slots holds index + 1.
 * Returns the place of an entry that stands there twice, or count.
 */
static size_t find_duplicate(const struct entry *entries, size_t count, uint32_t *slots,
                             size_t mask)
{
    for (size_t i = 0; i < count; i++) {
        size_t slot = entries[i].rank.digest.words[0] & mask;

        while (slots[slot]) {
            if (!sha256_compare(&entries[slots[slot] - 1].rank.digest, &entries[i].rank.digest))
                return i;
            slot = (slot + 1) & mask;
        }
        slots[slot] = (uint32_t)i + 1;
    }
    return count;
}

static int32_t check_names_differ(const struct entry *entries,
                                  const struct mlb_candidate *candidates, size_t count,
                                  struct mlb_diagnostic *diagnostic)
{
    size_t slot_count = 4;
    uint32_t *slots;
    size_t duplicate;

    while (slot_count < 2 * count)
        slot_count *= 2;
    slots = calloc(slot_count, sizeof(*slots));
    if (!slots)
        return refuse_no_memory("the names of the candidates", diagnostic);
    duplicate = find_duplicate(entries, count, slots, slot_count - 1);
    free(slots);
    return duplicate < count ? candidate_refuse_twice(candidates[duplicate].name, diagnostic)
                             : MLB_OK;
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
                         size_t capacity, struct mlb_diagnostic *diagnostic)
{
    int32_t result = fill_entries(entries, text, candidates, count, diagnostic);

    if (result == MLB_OK)
        result = check_names_differ(entries, candidates, count, diagnostic);
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
    int32_t result = mlb_address_format(address, text, sizeof(text), diagnostic);

    if (result)
        return result;
    if (count && !candidates)
        return refuse_no_list("candidates", count, diagnostic);
    if (capacity && !ranking)
        return refuse_missing("ranking", diagnostic);
    if (count > CANDIDATES_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "count", NULL,
                              "there are %zu candidates; at most %u can be ranked", count,
                              CANDIDATES_MAX);
    if (!count)
        return MLB_OK;
    entries = calloc(count, sizeof(*entries));
    if (!entries)
        return refuse_no_memory("the candidates", diagnostic);
    result = rank_into(entries, text, candidates, count, ranking, capacity, diagnostic);
    free(entries);
    return result;
}
