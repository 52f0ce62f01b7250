/* SPDX-License-Identifier: MIT */
#include "election/members.h"

#include <stdlib.h>

#include "base/refusals.h"
#include "election/candidate.h"

static int compare(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct member *)a)->node;
    uintptr_t right = (uintptr_t)((const struct member *)b)->node;

    return left < right ? -1 : left > right;
}

static int32_t acquire_all(struct hash_table *nodes, const struct mlb_candidate *candidates,
                           size_t count, struct members *members, struct mlb_diagnostic *diagnostic)
{
    for (size_t i = 0; i < count; i++) {
        const int32_t result = candidate_check_name(candidates, i, count, diagnostic);

        if (result)
            return result;
        members->member[i].node = node_acquire(nodes, candidates[i].name);
        if (!members->member[i].node)
            return refuse_no_memory("the candidates of a group", diagnostic);
        members->member[i].preference = candidates[i].preference;
        members->count++;
    }
    qsort(members->member, count, sizeof(*members->member), compare);
    for (size_t i = 1; i < count; i++)
        if (members->member[i - 1].node == members->member[i].node)
            return candidate_refuse_twice(members->member[i].node->name, diagnostic);
    return MLB_OK;
}

int32_t members_make(struct hash_table *nodes, const struct mlb_candidate *candidates, size_t count,
                     struct members *members, struct mlb_diagnostic *diagnostic)
{
    struct members made = {0};
    int32_t result;

    if (count) {
        made.member = calloc(count, sizeof(*made.member));
        if (!made.member)
            return refuse_no_memory("the candidates of a group", diagnostic);
        result = acquire_all(nodes, candidates, count, &made, diagnostic);
        if (result) {
            members_free(nodes, &made);
            return result;
        }
    }
    *members = made;
    return MLB_OK;
}

void members_free(struct hash_table *nodes, struct members *members)
{
    for (size_t i = 0; i < members->count; i++)
        node_release(nodes, members->member[i].node);
    free(members->member);
    *members = (struct members){0};
}

/* Both sets are ordered by node, so one walk finds the differences. */
size_t members_compare(const struct members *old, const struct members *new, struct member *offers)
{
    size_t offer_count = 0;
    size_t i = 0;

    for (size_t k = 0; k < new->count; k++) {
        const struct member *member = &new->member[k];

        while (i < old->count && compare(&old->member[i], member) < 0)
            old->member[i++].node->disturbed = 1;
        if (i < old->count && old->member[i].node == member->node) {
            if (old->member[i++].preference == member->preference)
                continue;
            member->node->disturbed = 1;
        }
        offers[offer_count++] = *member;
    }
    while (i < old->count)
        old->member[i++].node->disturbed = 1;
    return offer_count;
}

void members_settle(const struct members *old)
{
    for (size_t i = 0; i < old->count; i++)
        old->member[i].node->disturbed = 0;
}
