/* SPDX-License-Identifier: MIT */
#include "reconcile/ballots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/candidate_groups.h"

/* An address that a service stands for. */
struct claim {
    const struct mlb_address *address;
    struct standing *standing;
};

struct making {
    const struct standing_context *context;
    struct ballots *ballots;
    struct candidate_groups groups;
};

static const char *service_order(const struct standing *standing, const char **name)
{
    *name = standing->service->object.name;
    return standing->service->object.namespace_;
}

static int compare_claims(const void *left, const void *right)
{
    const struct claim *a = left;
    const struct claim *b = right;
    int order = mlb_address_compare(a->address, b->address);
    if (order != 0)
        return order;
    const char *a_name = NULL;
    const char *b_name = NULL;
    order = strcmp(service_order(a->standing, &a_name), service_order(b->standing, &b_name));
    return order != 0 ? order : strcmp(a_name, b_name);
}

static struct claim *sort_claims(struct arena *arena, struct standing *standings,
                                 size_t standing_count, size_t *count)
{
    size_t total = 0;
    for (size_t i = 0; i < standing_count; i++)
        total += standings[i].address_count;
    struct claim *sorted = arena_allocate(arena, total, sizeof(*sorted));
    if (sorted == NULL)
        return NULL;
    *count = 0;
    for (size_t i = 0; i < standing_count; i++) {
        for (size_t j = 0; j < standings[i].address_count; j++) {
            sorted[*count].address = &standings[i].addresses[j];
            sorted[(*count)++].standing = &standings[i];
        }
    }
    qsort(sorted, total, sizeof(*sorted), compare_claims);
    return sorted;
}

static int choose_group(struct making *making, const struct candidate_group_key *key,
                        struct ballot *ballot)
{
    ballot->group = candidate_groups_get(&making->groups, key);
    return ballot->group == NULL ? -ENOMEM : 0;
}

/* The nodes that suit all services of an address; where there is none, those that suit any. */
static bool combine(const struct ballot *ballot, size_t offset, node_word *set, size_t words)
{
    bool first = true;
    for (size_t i = 0; i < ballot->standing_count; i++) {
        const struct standing *standing = ballot->standings[i];
        const node_word *nodes = offset == 0 ? standing->suitable : standing->possible;
        if (!standing->usable)
            continue;
        if (first)
            node_set_unite(set, nodes, words);
        else
            node_set_intersect(set, nodes, words);
        first = false;
    }
    if (first || !node_set_is_empty(set, words))
        return true;
    for (size_t i = 0; i < ballot->standing_count; i++) {
        const struct standing *standing = ballot->standings[i];
        if (standing->usable)
            node_set_unite(set, offset == 0 ? standing->suitable : standing->possible, words);
    }
    return node_set_is_empty(set, words);
}

static bool has_advertisement(const struct advertisement *const *advertisements, size_t count,
                              const struct advertisement *advertisement)
{
    for (size_t i = 0; i < count; i++) {
        if (advertisements[i] == advertisement)
            return true;
    }
    return false;
}

/* Every advertisement that matches any of the services counts once. */
static int unite_advertisements(const struct standing_context *context, struct ballot *ballot)
{
    size_t total = 0;
    const struct standing *only = NULL;
    bool equal = true;
    for (size_t i = 0; i < ballot->standing_count; i++) {
        const struct standing *standing = ballot->standings[i];
        if (!standing->usable)
            continue;
        equal = equal && (only == NULL || only->advertisements == standing->advertisements);
        only = only == NULL ? standing : only;
        total += standing->advertisement_count;
    }
    if (only == NULL)
        return 0;
    if (equal) {
        ballot->advertisements = only->advertisements;
        ballot->advertisement_count = only->advertisement_count;
        return 0;
    }
    const struct advertisement **all =
        (const struct advertisement **)arena_allocate(context->arena, total, sizeof(*all));
    if (all == NULL)
        return -ENOMEM;
    ballot->advertisements = all;
    for (size_t i = 0; i < ballot->standing_count; i++) {
        const struct standing *standing = ballot->standings[i];
        for (size_t j = 0; standing->usable && j < standing->advertisement_count; j++) {
            if (!has_advertisement(all, ballot->advertisement_count, standing->advertisements[j]))
                all[ballot->advertisement_count++] = standing->advertisements[j];
        }
    }
    return 0;
}

static const char *first_reason(const struct ballot *ballot)
{
    const char *reason = NULL;
    for (size_t i = 0; i < ballot->standing_count; i++) {
        const struct standing *standing = ballot->standings[i];
        if (standing->reason != NULL && (reason == NULL || standing->usable)) {
            reason = standing->reason;
            if (standing->usable)
                break;
        }
    }
    return reason;
}

/* MetalLB asks each service alone: the first one that anybody may announce decides, and its first
 * address for all its addresses. */
static int decide_as_metallb(struct making *making, struct ballot *ballot)
{
    size_t words = making->context->landscape->words;
    for (size_t i = 0; i < ballot->standing_count; i++) {
        const struct standing *standing = ballot->standings[i];
        if (!standing->usable || node_set_is_empty(standing->possible, words))
            continue;
        ballot->key = standing->addresses[0];
        ballot->advertisements = standing->advertisements;
        ballot->advertisement_count = standing->advertisement_count;
        struct candidate_group_key key = {.possible = standing->possible,
                                          .suitable = standing->possible,
                                          .advertisements = standing->advertisements,
                                          .advertisement_count = standing->advertisement_count};
        return choose_group(making, &key, ballot);
    }
    ballot->reason = first_reason(ballot);
    return 0;
}

static int decide(struct making *making, struct ballot *ballot)
{
    const struct standing_context *context = making->context;
    size_t words = context->landscape->words;
    node_word *suitable = arena_allocate(context->arena, words * 2, sizeof(node_word));
    if (suitable == NULL || unite_advertisements(context, ballot) != 0)
        return -ENOMEM;
    node_word *possible = suitable + words;
    bool all = combine(ballot, 0, suitable, words);
    if (!combine(ballot, 1, possible, words))
        all = false;
    if (!all)
        ballot->warning = "no node suits all services that share the address; those that suit any "
                          "of them are candidates";
    node_set_unite(possible, suitable, words);
    if (node_set_is_empty(possible, words)) {
        ballot->reason = first_reason(ballot);
        return 0;
    }
    struct candidate_group_key key = {.possible = possible,
                                      .suitable = suitable,
                                      .advertisements = ballot->advertisements,
                                      .advertisement_count = ballot->advertisement_count};
    return choose_group(making, &key, ballot);
}

/* A refused request does not count where another service has the address. */
static size_t drop_refused(struct standing **standings, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (standings[i]->usable)
            standings[kept++] = standings[i];
    }
    return kept == 0 ? count : kept;
}

static int make_ballots(struct making *making, const struct claim *claims, size_t count)
{
    struct arena *arena = making->context->arena;
    struct standing **standings =
        (struct standing **)arena_allocate(arena, count, sizeof(struct standing *));
    if (standings == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count;) {
        struct ballot *ballot = &making->ballots->items[making->ballots->count++];
        ballot->address = *claims[i].address;
        ballot->key = ballot->address;
        ballot->standings = &standings[i];
        size_t used = 0;
        for (; i < count && mlb_address_compare(claims[i].address, &ballot->address) == 0; i++) {
            if (used == 0 || ballot->standings[used - 1] != claims[i].standing)
                ballot->standings[used++] = claims[i].standing;
        }
        ballot->standing_count = drop_refused(ballot->standings, used);
        int code = making->context->options->mode == ELECTION_METALLB
                       ? decide_as_metallb(making, ballot)
                       : decide(making, ballot);
        if (code != 0)
            return -ENOMEM;
    }
    return 0;
}

int ballots_make(const struct standing_context *context, const struct claims *claims,
                 struct ballots *ballots)
{
    struct standing *standings = arena_allocate(context->arena, claims->count, sizeof(*standings));
    if (standings == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < claims->count; i++) {
        standings[i] = claims->items[i];
        /* One that already has a reason is a request that was refused. */
        if (standings[i].reason == NULL && standing_judge(context, &standings[i]) != 0)
            return -ENOMEM;
    }
    *ballots = (struct ballots){.notes = claims->notes, .note_count = claims->note_count};
    struct making making = {.context = context, .ballots = ballots};
    size_t count = 0;
    struct claim *sorted = sort_claims(context->arena, standings, claims->count, &count);
    ballots->items = arena_allocate(context->arena, count, sizeof(*ballots->items));
    if (sorted == NULL || ballots->items == NULL ||
        candidate_groups_init(&making.groups, context, count) != 0 ||
        make_ballots(&making, sorted, count) != 0)
        return -ENOMEM;
    ballots->groups = making.groups.items;
    ballots->group_count = making.groups.count;
    return 0;
}
