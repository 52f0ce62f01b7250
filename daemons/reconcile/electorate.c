/* SPDX-License-Identifier: MIT */
#include "reconcile/electorate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A group of the last run. */
struct known_group {
    uint32_t id;
    bool used; /* by the present run */
    struct group_candidate *candidates;
    size_t count;
    uint64_t hash;
};

struct placed_address {
    struct mlb_address address;
    uint32_t group;
};

struct electorate {
    struct mlb_election *election;
    struct known_group *groups; /* by hash */
    size_t group_count;
    struct placed_address *placed; /* by address */
    size_t placed_count;
    uint32_t next_id;
};

struct electorate *electorate_new(void)
{
    struct electorate *electorate = calloc(1, sizeof(*electorate));
    if (electorate != NULL && mlb_election_new(NULL, &electorate->election, NULL) != MLB_OK) {
        free(electorate);
        return NULL;
    }
    return electorate;
}

static void free_groups(struct known_group *groups, size_t count)
{
    for (size_t i = 0; groups != NULL && i < count; i++)
        free(groups[i].candidates);
    free(groups);
}

void electorate_free(struct electorate *electorate)
{
    if (electorate == NULL)
        return;
    mlb_election_free(electorate->election);
    free_groups(electorate->groups, electorate->group_count);
    free(electorate->placed);
    free(electorate);
}

/* FNV-1a over whole candidates. */
static uint64_t hash_candidates(const struct group_candidate *candidates, size_t count)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < count; i++) {
        hash ^= (uint64_t)candidates[i].node << 32 | (uint32_t)candidates[i].preference;
        hash *= UINT64_C(1099511628211);
        hash ^= hash >> 29;
    }
    return hash;
}

static int compare_groups(const void *left, const void *right)
{
    const struct known_group *a = left;
    const struct known_group *b = right;
    return (a->hash > b->hash) - (a->hash < b->hash);
}

static struct known_group *find_equal(const struct electorate *electorate,
                                      const struct candidate_group *group, uint64_t hash)
{
    size_t low = 0;
    size_t high = electorate->group_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (electorate->groups[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < electorate->group_count && electorate->groups[low].hash == hash; low++) {
        struct known_group *known = &electorate->groups[low];
        if (known->count == group->count && memcmp(known->candidates, group->candidates,
                                                   group->count * sizeof(*group->candidates)) == 0)
            return known;
    }
    return NULL;
}

static int compare_placed(const void *key, const void *item)
{
    return mlb_address_compare(key, &((const struct placed_address *)item)->address);
}

static const struct placed_address *find_placed(const struct electorate *electorate,
                                                const struct mlb_address *address)
{
    if (electorate->placed_count == 0)
        return NULL;
    return bsearch(address, electorate->placed, electorate->placed_count,
                   sizeof(*electorate->placed), compare_placed);
}

static int compare_ids(const void *left, const void *right)
{
    const struct known_group *const *a = left;
    const struct known_group *const *b = right;
    return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

/* The known groups by id; the caller frees it. */
static struct known_group **index_by_id(const struct electorate *electorate)
{
    struct known_group **index = calloc(electorate->group_count + 1, sizeof(*index));
    if (index == NULL)
        return NULL;
    for (size_t i = 0; i < electorate->group_count; i++)
        index[i] = &electorate->groups[i];
    qsort(index, electorate->group_count, sizeof(*index), compare_ids);
    return index;
}

static struct known_group *find_by_id(struct known_group **index, size_t count, uint32_t id)
{
    struct known_group key = {.id = id};
    struct known_group *pointer = &key;
    struct known_group **found = bsearch(&pointer, index, count, sizeof(*index), compare_ids);
    return found == NULL ? NULL : *found;
}

static int tell_candidates(struct electorate *electorate, const struct node_table *nodes,
                           const struct candidate_group *group)
{
    struct mlb_candidate *candidates = calloc(group->count, sizeof(*candidates));
    if (candidates == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < group->count; i++) {
        candidates[i].name = nodes->names[group->candidates[i].node];
        candidates[i].preference = group->candidates[i].preference;
    }
    int32_t code =
        mlb_election_set_group(electorate->election, group->id, candidates, group->count, NULL);
    free(candidates);
    return code == MLB_OK ? 0 : -ENOMEM;
}

static int copy_group(struct known_group *known, const struct candidate_group *group, uint64_t hash)
{
    known->candidates = calloc(group->count, sizeof(*known->candidates));
    if (known->candidates == NULL)
        return -ENOMEM;
    memcpy(known->candidates, group->candidates, group->count * sizeof(*known->candidates));
    known->count = group->count;
    known->hash = hash;
    known->id = group->id;
    return 0;
}

#define GROUP_UNDECIDED UINT32_MAX

/* Groups whose candidates did not change keep their number. */
static void keep_equal_groups(struct electorate *electorate, struct candidate_group *groups,
                              size_t count, uint64_t *hashes)
{
    for (size_t i = 0; i < count; i++) {
        hashes[i] = hash_candidates(groups[i].candidates, groups[i].count);
        struct known_group *known = find_equal(electorate, &groups[i], hashes[i]);
        groups[i].id = GROUP_UNDECIDED;
        if (known == NULL)
            continue;
        groups[i].id = known->id;
        known->used = true;
    }
}

/* A group with other candidates takes the number that its first address had, if nobody else has
 * it: then the election decides again only what the difference touches. */
static int renew_groups(struct electorate *electorate, const struct node_table *nodes,
                        const struct elected_address *addresses, size_t count)
{
    struct known_group **index = index_by_id(electorate);
    if (index == NULL)
        return -ENOMEM;
    int result = 0;
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct candidate_group *group = addresses[i].group;
        if (group->id != GROUP_UNDECIDED)
            continue;
        const struct placed_address *placed = find_placed(electorate, &addresses[i].address);
        struct known_group *known =
            placed == NULL ? NULL : find_by_id(index, electorate->group_count, placed->group);
        bool reuse = known != NULL && !known->used;
        group->id = reuse ? known->id : electorate->next_id++;
        if (reuse)
            known->used = true;
        result = tell_candidates(electorate, nodes, group);
    }
    free(index);
    return result;
}

/* Both lists are ascending: one walk finds what came, went and moved. */
static int place_addresses(struct electorate *electorate, const struct elected_address *addresses,
                           size_t count)
{
    size_t old = 0;
    size_t new = 0;
    while (old < electorate->placed_count || new < count) {
        int order = 0;
        if (old == electorate->placed_count)
            order = 1;
        else if (new == count)
            order = -1;
        else
            order = mlb_address_compare(&electorate->placed[old].address, &addresses[new].address);
        int32_t code = MLB_OK;
        if (order < 0)
            code = mlb_election_remove_address(electorate->election,
                                               &electorate->placed[old].address, NULL);
        else if (order > 0 || electorate->placed[old].group != addresses[new].group->id)
            code = mlb_election_set_address(electorate->election, &addresses[new].address,
                                            addresses[new].group->id, NULL);
        if (code != MLB_OK)
            return -ENOMEM;
        old += order <= 0 ? 1 : 0;
        new += order >= 0 ? 1 : 0;
    }
    return 0;
}

static int remember_groups(struct electorate *electorate, const struct candidate_group *groups,
                           size_t count, const uint64_t *hashes)
{
    struct known_group *known = calloc(count == 0 ? 1 : count, sizeof(*known));
    if (known == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (copy_group(&known[i], &groups[i], hashes[i]) != 0) {
            free_groups(known, count);
            return -ENOMEM;
        }
    }
    qsort(known, count, sizeof(*known), compare_groups);
    for (size_t i = 0; i < electorate->group_count; i++) {
        if (!electorate->groups[i].used)
            mlb_election_remove_group(electorate->election, electorate->groups[i].id, NULL);
    }
    free_groups(electorate->groups, electorate->group_count);
    electorate->groups = known;
    electorate->group_count = count;
    return 0;
}

static int remember_addresses(struct electorate *electorate,
                              const struct elected_address *addresses, size_t count)
{
    struct placed_address *placed = calloc(count == 0 ? 1 : count, sizeof(*placed));
    if (placed == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        placed[i].address = addresses[i].address;
        placed[i].group = addresses[i].group->id;
    }
    free(electorate->placed);
    electorate->placed = placed;
    electorate->placed_count = count;
    return 0;
}

static void drain_changes(struct electorate *electorate)
{
    struct mlb_address address;
    while (mlb_election_next_changed(electorate->election, &address, NULL) == 1)
        continue;
}

int electorate_set(struct electorate *electorate, const struct node_table *nodes,
                   struct candidate_group *groups, size_t group_count,
                   const struct elected_address *addresses, size_t address_count)
{
    uint64_t *hashes = calloc(group_count == 0 ? 1 : group_count, sizeof(*hashes));
    if (hashes == NULL)
        return -ENOMEM;
    keep_equal_groups(electorate, groups, group_count, hashes);
    int result = 0;
    if (renew_groups(electorate, nodes, addresses, address_count) != 0 ||
        place_addresses(electorate, addresses, address_count) != 0 ||
        remember_groups(electorate, groups, group_count, hashes) != 0 ||
        remember_addresses(electorate, addresses, address_count) != 0)
        result = -ENOMEM;
    free(hashes);
    drain_changes(electorate);
    return result;
}

size_t electorate_places(const struct electorate *electorate, const struct node_table *nodes,
                         const struct mlb_address *address, uint32_t places[MLB_ELECTION_PLACES])
{
    struct mlb_election_result result = {.struct_size = sizeof(result)};
    if (mlb_election_find(electorate->election, address, &result, NULL) != MLB_OK)
        return 0;
    size_t count = 0;
    while (count < result.count && count < MLB_ELECTION_PLACES) {
        places[count] = node_table_find(nodes, result.names[count]);
        count++;
    }
    return count;
}
