/* SPDX-License-Identifier: MIT */
/*
 * Pools are taken in the order of their claim: first those whose ranges are in force, then changed
 * versions of pools in force, then new ones, of these first those with recorded assignments, then
 * by name. Each must agree with those taken before it. Where a changed version does not, the
 * version in force stands up for its ranges, and all is decided again with it among the first.
 */
#include "objects/pool_admission.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum claim {
    CLAIM_IN_FORCE,
    CLAIM_CHANGED,
    CLAIM_NEW,
};

struct candidate {
    struct ip_address_pool *pool;
    struct ip_address_pool *previous; /* version in force, or NULL */
    enum claim claim;
    bool recorded; /* a Service holds an address of it */
    size_t order;
};

/* A range of a pool that was taken. */
struct holding {
    struct mlb_range range;
    const struct ip_address_pool *pool;
};

struct contest {
    struct candidate *candidates;
    size_t count;
    struct holding *holdings; /* disjoint, sorted */
    size_t holding_count;
    const struct ip_address_pool **taken;
    size_t taken_count;
    struct problem_list refusals; /* of the present round */
    bool refused;
};

static bool same_ranges(const struct mlb_pool *a, const struct mlb_pool *b)
{
    struct mlb_range left;
    struct mlb_range right;

    if (mlb_pool_size(a) != mlb_pool_size(b))
        return false;
    for (size_t i = 0; i < mlb_pool_size(a); i++) {
        if (mlb_pool_range(a, i, &left, NULL) != MLB_OK ||
            mlb_pool_range(b, i, &right, NULL) != MLB_OK ||
            memcmp(&left, &right, sizeof(left)) != 0)
            return false;
    }
    return true;
}

static bool holds_assignment(const struct ip_address_pool *pool, const struct service *service)
{
    for (size_t i = 0; i < service->ingress_count; i++)
        if (mlb_pool_contains(pool->pool, &service->ingress[i]))
            return true;
    return false;
}

static bool is_recorded(const struct ip_address_pool *pool, const struct object_list *services)
{
    for (size_t i = 0; i < services->count; i++)
        if (holds_assignment(pool, (const struct service *)services->items[i]))
            return true;
    return false;
}

static void judge(struct candidate *candidate, const struct object_set *in_force,
                  const struct object_set *set)
{
    struct object *previous = NULL;

    if (in_force != NULL)
        previous =
            object_set_find(in_force, OBJECT_IP_ADDRESS_POOL, candidate->pool->object.namespace_,
                            candidate->pool->object.name);
    candidate->previous = (struct ip_address_pool *)previous;
    if (previous == NULL) {
        candidate->claim = CLAIM_NEW;
        candidate->recorded = is_recorded(candidate->pool, &set->lists[OBJECT_SERVICE]) ||
                              is_recorded(candidate->pool, &set->statuses);
    } else if (same_ranges(candidate->pool->pool, candidate->previous->pool)) {
        candidate->claim = CLAIM_IN_FORCE;
    } else {
        candidate->claim = CLAIM_CHANGED;
    }
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;
    int order;

    if (left->claim != right->claim)
        return left->claim < right->claim ? -1 : 1;
    if (left->recorded != right->recorded)
        return left->recorded ? -1 : 1;
    order = strcmp(left->pool->object.name, right->pool->object.name);
    if (order != 0)
        return order;
    return left->order < right->order ? -1 : 1;
}

/* Index of the first holding that ends at or behind an address. */
static size_t find_holding(const struct contest *contest, const struct mlb_address *address)
{
    size_t low = 0;
    size_t high = contest->holding_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (mlb_address_compare(&contest->holdings[middle].range.last, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

__attribute__((format(printf, 4, 5))) static void refuse(struct contest *contest,
                                                         const struct candidate *candidate,
                                                         const char *field, const char *format, ...)
{
    const struct object *object = &candidate->pool->object;
    char name[OBJECT_NAME_SIZE];
    char message[2048];
    va_list list;

    va_start(list, format);
    vsnprintf(message, sizeof(message), format, list);
    va_end(list);
    object_describe(object, name, sizeof(name));
    problem_add(&contest->refusals, PROBLEM_ERROR, object->file, object->line, name, field, "%s%s",
                message, candidate->claim == CLAIM_CHANGED ? "; its version in force stays" : "");
}

static bool name_is_taken(struct contest *contest, const struct candidate *candidate)
{
    const struct object *object = &candidate->pool->object;

    for (size_t i = 0; i < contest->taken_count; i++) {
        const struct object *other = &contest->taken[i]->object;

        if (strcmp(other->name, object->name) != 0)
            continue;
        refuse(contest, candidate, "metadata.name",
               "the pool %s in the namespace %s (%s:%u) has this name already", other->name,
               other->namespace_, other->file, other->line);
        return true;
    }
    return false;
}

static bool overlaps(struct contest *contest, const struct candidate *candidate)
{
    const struct mlb_pool *pool = candidate->pool->pool;

    for (size_t i = 0; i < mlb_pool_size(pool); i++) {
        char other_text[MLB_RANGE_TEXT_SIZE] = "";
        const struct holding *holding;
        struct mlb_range range;
        char field[64];
        size_t index;

        if (mlb_pool_range(pool, i, &range, NULL) != MLB_OK)
            continue;
        index = find_holding(contest, &range.first);
        holding = &contest->holdings[index];
        if (index == contest->holding_count ||
            mlb_address_compare(&holding->range.first, &range.last) > 0)
            continue;
        mlb_range_format(&holding->range, other_text, sizeof(other_text), NULL);
        snprintf(field, sizeof(field), "spec.addresses[%zu]", i);
        refuse(contest, candidate, field,
               "%.100s of the pool %s overlaps with %s of the pool %s (%s:%u)",
               i < candidate->pool->entries.count ? candidate->pool->entries.items[i] : "an entry",
               candidate->pool->object.name, other_text, holding->pool->object.name,
               holding->pool->object.file, holding->pool->object.line);
        return true;
    }
    return false;
}

static int take(struct contest *contest, const struct candidate *candidate)
{
    const struct mlb_pool *pool = candidate->pool->pool;
    size_t size = mlb_pool_size(pool);
    struct holding *holdings = reallocarray(contest->holdings, contest->holding_count + size + 1,
                                            sizeof(*contest->holdings));

    if (holdings == NULL)
        return -ENOMEM;
    contest->holdings = holdings;
    for (size_t i = 0; i < size; i++) {
        struct holding holding = {.pool = candidate->pool};
        size_t index;

        if (mlb_pool_range(pool, i, &holding.range, NULL) != MLB_OK)
            continue;
        index = find_holding(contest, &holding.range.first);
        memmove(&holdings[index + 1], &holdings[index],
                (contest->holding_count - index) * sizeof(*holdings));
        holdings[index] = holding;
        contest->holding_count++;
    }
    contest->taken[contest->taken_count++] = candidate->pool;
    return 0;
}

/* One round. Returns 1 if it must be played again, 0 when all is decided, or -ENOMEM. */
static int play(struct contest *contest)
{
    contest->holding_count = 0;
    contest->taken_count = 0;
    contest->refused = false;
    qsort(contest->candidates, contest->count, sizeof(*contest->candidates), compare_candidates);
    for (size_t i = 0; i < contest->count; i++) {
        struct candidate *candidate = &contest->candidates[i];

        if (name_is_taken(contest, candidate) || overlaps(contest, candidate)) {
            contest->refused = true;
            if (candidate->claim != CLAIM_CHANGED)
                continue;
            candidate->pool = candidate->previous;
            candidate->claim = CLAIM_IN_FORCE;
            return 1;
        }
        if (take(contest, candidate) != 0)
            return -ENOMEM;
    }
    return 0;
}

/* Plays until all is decided. What a round that is played again says of a changed version is final;
 * the rest of it may come out otherwise. */
static int decide(struct contest *contest, struct problem_list *problems)
{
    int result;

    do {
        struct problem_list last = {0};

        problem_list_clear(&contest->refusals);
        result = play(contest);
        if (result != 1) {
            problem_list_append(problems, &contest->refusals);
        } else if (contest->refusals.count > 0) { /* lack of memory may have lost it */
            last.items = &contest->refusals.items[contest->refusals.count - 1];
            last.count = 1;
            problem_list_append(problems, &last);
        }
    } while (result == 1);
    problem_list_clear(&contest->refusals);
    return result;
}

static int insert_taken(const struct contest *contest, struct object_set *set)
{
    for (size_t i = 0; i < contest->taken_count; i++) {
        int result = object_set_insert(set, (struct object *)&contest->taken[i]->object);

        if (result != 0)
            return result;
    }
    return 0;
}

int pool_admission_run(const struct object_set *in_force, struct ip_address_pool *const *pools,
                       size_t count, struct object_set *set, struct problem_list *problems)
{
    struct contest contest = {.count = count};
    int result = -ENOMEM;

    if (count == 0)
        return 0;
    contest.candidates = calloc(count, sizeof(*contest.candidates));
    contest.taken = calloc(count, sizeof(*contest.taken));
    contest.holdings = calloc(1, sizeof(*contest.holdings));
    if (contest.candidates != NULL && contest.taken != NULL && contest.holdings != NULL) {
        for (size_t i = 0; i < count; i++) {
            contest.candidates[i] = (struct candidate){.pool = pools[i], .order = i};
            judge(&contest.candidates[i], in_force, set);
        }
        result = decide(&contest, problems);
    }
    if (result == 0)
        result = insert_taken(&contest, set);
    if (in_force == NULL && contest.refused)
        set->incomplete = true;
    free(contest.holdings);
    free(contest.taken);
    free(contest.candidates);
    return result;
}
