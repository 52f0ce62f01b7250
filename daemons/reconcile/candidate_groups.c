/* SPDX-License-Identifier: MIT */
#include "reconcile/candidate_groups.h"

#include <errno.h>
#include <string.h>

/* Candidates that have an endpoint rank before those that have none, whatever is preferred. */
#define PREFERENCE_OF_ENDPOINT (INT32_C(1) << 30)

/* One that drains ranks behind all that do not, with an endpoint or without. */
#define PREFERENCE_OF_DRAINING INT32_MIN

struct candidate_group_slot {
    struct candidate_group *group; /* NULL: empty */
    struct candidate_group_key key;
};

int candidate_groups_init(struct candidate_groups *groups, const struct standing_context *context,
                          size_t count)
{
    *groups = (struct candidate_groups){.context = context, .slot_count = 16};
    while (groups->slot_count < count * 2)
        groups->slot_count *= 2;
    groups->slots = arena_allocate(context->arena, groups->slot_count, sizeof(*groups->slots));
    groups->items = arena_allocate(context->arena, count, sizeof(*groups->items));
    return groups->slots == NULL || groups->items == NULL ? -ENOMEM : 0;
}

static uint64_t hash_words(uint64_t hash, const node_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hash ^= words[i];
        hash *= UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

static bool same_key(const struct candidate_group_key *a, const struct candidate_group_key *b,
                     size_t words)
{
    return memcmp(a->possible, b->possible, words * sizeof(node_word)) == 0 &&
           memcmp(a->suitable, b->suitable, words * sizeof(node_word)) == 0 &&
           a->advertisement_count == b->advertisement_count &&
           (a->advertisements == b->advertisements ||
            memcmp((const void *)a->advertisements, (const void *)b->advertisements,
                   a->advertisement_count * sizeof(struct advertisement *)) == 0);
}

static struct candidate_group_slot *find_slot(const struct candidate_groups *groups,
                                              const struct candidate_group_key *key)
{
    size_t words = groups->context->landscape->words;
    uint64_t hash = hash_words(hash_words(key->advertisement_count, key->possible, words),
                               key->suitable, words);
    size_t at = (size_t)hash & (groups->slot_count - 1);
    while (groups->slots[at].group != NULL && !same_key(&groups->slots[at].key, key, words))
        at = (at + 1) & (groups->slot_count - 1);
    return &groups->slots[at];
}

static int32_t preference_of(const struct candidate_group_key *key, uint32_t node)
{
    int32_t sum = 0;
    for (size_t i = 0; i < key->advertisement_count; i++) {
        if (key->advertisements[i]->preferences != NULL)
            sum += key->advertisements[i]->preferences[node];
    }
    return sum;
}

static int fill_group(const struct candidate_groups *groups, const struct candidate_group_key *key,
                      struct candidate_group *group)
{
    const struct landscape *landscape = groups->context->landscape;
    bool prefers_endpoints = groups->context->options->mode == ELECTION_PREFER_ENDPOINTS;
    struct group_candidate *candidates =
        arena_allocate(groups->context->results, node_set_count(key->possible, landscape->words),
                       sizeof(*candidates));
    if (candidates == NULL)
        return -ENOMEM;
    for (uint32_t node = 0; node < landscape->nodes->count; node++) {
        if (!node_set_has(key->possible, node))
            continue;
        struct group_candidate *candidate = &candidates[group->count++];
        candidate->node = node;
        candidate->preference = preference_of(key, node);
        if (prefers_endpoints && node_set_has(key->suitable, node))
            candidate->preference += PREFERENCE_OF_ENDPOINT;
        if (node_set_has(landscape->draining, node))
            candidate->preference += PREFERENCE_OF_DRAINING;
    }
    group->candidates = candidates;
    return 0;
}

struct candidate_group *candidate_groups_get(struct candidate_groups *groups,
                                             const struct candidate_group_key *key)
{
    struct candidate_group_slot *slot = find_slot(groups, key);
    if (slot->group == NULL) {
        struct candidate_group *group = &groups->items[groups->count];
        if (fill_group(groups, key, group) != 0)
            return NULL;
        groups->count++;
        slot->group = group;
        slot->key = *key;
    }
    return slot->group;
}
