/* SPDX-License-Identifier: MIT */
/* The nodes to join by: names are looked up beside the caller, addresses go to the core. */
#include "live/membership/membership.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/diagnostic.h"
#include "base/refusals.h"

/* How long an answer is good, and how soon one that failed is asked for again. */
#define LOOKUP_INTERVAL (30 * NANOSECONDS_PER_SECOND)
#define LOOKUP_RETRY    NANOSECONDS_PER_SECOND

/* Answers taken in one dispatch. */
#define DISPATCH_ANSWERS 64

/* What the core is to know. */
struct endpoints {
    struct membership_endpoint *items;
    size_t count;
};

static int is_name(const struct seed *seed)
{
    return seed->name[0] != '\0';
}

static void free_items(struct seed *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(items[i].addresses);
    free(items);
}

void membership_free_seeds(struct seed_list *seeds)
{
    free_items(seeds->items, seeds->count);
    free(seeds->applied);
    *seeds = (struct seed_list){.next_ask = MEMBERSHIP_NEVER};
}

static int compare_endpoints(const void *a, const void *b)
{
    const struct membership_endpoint *left = a;
    const struct membership_endpoint *right = b;
    const int order = memcmp(&left->address, &right->address, sizeof(left->address));

    return order != 0 ? order : (left->port > right->port) - (left->port < right->port);
}

/* Several seeds may name one node. */
static size_t remove_doubles(struct membership_endpoint *items, size_t count)
{
    size_t kept = 0;

    qsort(items, count, sizeof(*items), compare_endpoints);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || compare_endpoints(&items[kept - 1], &items[i]) != 0)
            items[kept++] = items[i];
    }
    return kept;
}

static void add_addresses(const struct seed *seed, struct endpoints *endpoints)
{
    for (size_t i = 0; i < seed->count && endpoints->count < SEED_ADDRESSES_MAX; i++) {
        endpoints->items[endpoints->count++] =
            (struct membership_endpoint){.address = seed->addresses[i], .port = seed->port};
    }
}

/* The caller frees the items. MLB_OK, MLB_ERROR_NO_MEMORY. */
static int32_t collect(const struct seed *seeds, size_t count, struct endpoints *ret)
{
    struct endpoints endpoints = {.count = 0};
    size_t room = 1;

    for (size_t i = 0; i < count; i++)
        room += seeds[i].count;
    if (room > SEED_ADDRESSES_MAX)
        room = SEED_ADDRESSES_MAX;
    endpoints.items = calloc(room, sizeof(*endpoints.items));
    if (!endpoints.items)
        return MLB_ERROR_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        add_addresses(&seeds[i], &endpoints);
    endpoints.count = remove_doubles(endpoints.items, endpoints.count);
    *ret = endpoints;
    return MLB_OK;
}

static int is_applied(const struct seed_list *seeds, const struct endpoints *endpoints)
{
    if (!seeds->applied || seeds->applied_count != endpoints->count)
        return 0;
    for (size_t i = 0; i < endpoints->count; i++) {
        if (compare_endpoints(&seeds->applied[i], &endpoints->items[i]) != 0)
            return 0;
    }
    return 1;
}

/* Tells the core of seeds that it does not know yet. MLB_OK, MLB_ERROR_NO_MEMORY. */
static int32_t apply(struct mlb_membership *membership, const struct seed *items, size_t count,
                     int anew)
{
    struct seed_list *seeds = &membership->seeds;
    struct endpoints endpoints;
    int32_t result = collect(items, count, &endpoints);

    if (result != MLB_OK)
        return result;
    if (anew || !is_applied(seeds, &endpoints))
        result =
            membership_set_seeds(membership->core, clock_now(), endpoints.items, endpoints.count);
    if (result != MLB_OK) {
        free(endpoints.items);
        return result;
    }
    free(seeds->applied);
    seeds->applied = endpoints.items;
    seeds->applied_count = endpoints.count;
    seeds->apply_wanted = 0;
    return MLB_OK;
}

static void find_next_ask(struct seed_list *seeds)
{
    seeds->next_ask = MEMBERSHIP_NEVER;
    for (size_t i = 0; i < seeds->count; i++) {
        if (seeds->items[i].ask_at < seeds->next_ask)
            seeds->next_ask = seeds->items[i].ask_at;
    }
}

static const struct seed *find_same(const struct seed_list *seeds, const struct seed *seed)
{
    for (size_t i = 0; i < seeds->count; i++) {
        if (seeds->items[i].port == seed->port && strcmp(seeds->items[i].name, seed->name) == 0)
            return &seeds->items[i];
    }
    return NULL;
}

/* What is known of a name stays known when the list changes around it. */
static int32_t take_over(const struct seed_list *seeds, struct seed *seed)
{
    const struct seed *known = find_same(seeds, seed);

    if (!known || known->count == 0)
        return MLB_OK;
    seed->addresses = malloc(known->count * sizeof(*seed->addresses));
    if (!seed->addresses)
        return MLB_ERROR_NO_MEMORY;
    memcpy(seed->addresses, known->addresses, known->count * sizeof(*seed->addresses));
    seed->count = known->count;
    seed->answered = 1;
    return MLB_OK;
}

static int32_t parse_all(const struct mlb_membership *membership, const char *const *texts,
                         struct seed *items, size_t count, struct mlb_diagnostic *diagnostic)
{
    for (size_t i = 0; i < count; i++) {
        int32_t result =
            membership_parse_seed(texts[i], membership->bind_port, &items[i], diagnostic);

        if (result != MLB_OK)
            return result;
        items[i].ask_at = MEMBERSHIP_NEVER;
        if (!is_name(&items[i]))
            continue;
        items[i].ask_at = 0;
        if (take_over(&membership->seeds, &items[i]) != MLB_OK)
            return refuse_no_memory("the seeds", diagnostic);
    }
    return MLB_OK;
}

static void replace(struct mlb_membership *membership, struct seed *items, size_t count)
{
    struct seed_list *seeds = &membership->seeds;

    /* Nobody wants the answers, and with a slow name server they would be in the way of the new. */
    resolver_drop_questions(membership->resolver);
    free_items(seeds->items, seeds->count);
    seeds->items = items;
    seeds->count = count;
    seeds->generation++;
    seeds->silence_unsaid = 0;
    find_next_ask(seeds);
}

int32_t mlb_membership_join(struct mlb_membership *membership, const char *const *seeds,
                            size_t count, struct mlb_diagnostic *diagnostic)
{
    struct seed *items;
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    if (count > 0 && !seeds)
        return refuse_no_list("seeds", count, diagnostic);
    if (count > SEEDS_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "seeds", NULL,
                              "there are %zu seeds; at most %d can be given", count, SEEDS_MAX);
    items = calloc(count + 1, sizeof(*items));
    if (!items)
        return refuse_no_memory("the seeds", diagnostic);
    result = parse_all(membership, seeds, items, count, diagnostic);
    if (result == MLB_OK) {
        result = apply(membership, items, count, 1);
        if (result != MLB_OK)
            diagnostic_set(diagnostic, result, NULL, NULL, "cannot set the seeds: %s",
                           mlb_strerror(result));
    }
    if (result != MLB_OK) {
        free_items(items, count);
        return result;
    }
    replace(membership, items, count);
    membership_dispatch_soon(membership);
    return MLB_OK;
}

/* Where a name that had addresses cannot be looked up for a while, it keeps them. */
static int32_t learn(struct seed *seed, const struct resolver_answer *answer)
{
    struct mlb_address *addresses = NULL;

    if (answer->error && !answer->absent)
        return MLB_OK;
    if (!answer->error) {
        addresses = malloc(answer->count * sizeof(*addresses));
        if (!addresses)
            return MLB_ERROR_NO_MEMORY;
        memcpy(addresses, answer->addresses, answer->count * sizeof(*addresses));
    }
    free(seed->addresses);
    seed->addresses = addresses;
    seed->count = answer->error ? 0 : answer->count;
    return MLB_OK;
}

static void take_answer(struct mlb_membership *membership, const struct resolver_answer *answer)
{
    struct seed_list *seeds = &membership->seeds;
    const size_t position = (uint32_t)answer->token;
    struct seed *seed;
    int failed;

    if (answer->token >> 32 != seeds->generation || position >= seeds->count)
        return;
    seed = &seeds->items[position];
    failed = answer->error != 0;
    if (learn(seed, answer) != MLB_OK) {
        seed->ask_at = membership->now + LOOKUP_RETRY;
        return;
    }
    seed->answered = 1;
    seed->ask_at = membership->now + (failed ? LOOKUP_RETRY : LOOKUP_INTERVAL);
    if (failed)
        membership_name_trouble(membership, seed, answer->error, gai_strerror(answer->error));
    else
        seed->told_error = 0;
    seeds->apply_wanted = 1;
}

/* Tells the core what is known by now; all of it anew where the silence of some is to be judged
 * together with names that have answered since. */
static void tell(struct mlb_membership *membership)
{
    struct seed_list *seeds = &membership->seeds;
    const int anew = seeds->silence_unsaid && !membership_seeds_wait(membership);

    if (apply(membership, seeds->items, seeds->count, anew) != MLB_OK)
        seeds->apply_at = membership->now + LOOKUP_RETRY;
    else if (anew)
        seeds->silence_unsaid = 0;
}

void membership_take_answers(struct mlb_membership *membership)
{
    struct resolver_answer answer;

    for (int i = 0; i < DISPATCH_ANSWERS; i++) {
        if (!resolver_take(membership->resolver, &answer))
            break;
        take_answer(membership, &answer);
    }
    find_next_ask(&membership->seeds);
}

static void ask(struct mlb_membership *membership, size_t position)
{
    struct seed *seed = &membership->seeds.items[position];
    const int error = resolver_ask(membership->resolver, seed->name,
                                   (uint64_t)membership->seeds.generation << 32 | position);

    seed->ask_at = error ? membership->now + LOOKUP_RETRY : MEMBERSHIP_NEVER;
    if (error)
        membership_trouble(membership, TROUBLE_LOOKUP, error, "cannot look up names");
}

void membership_seeds_tick(struct mlb_membership *membership)
{
    struct seed_list *seeds = &membership->seeds;

    if (membership->now >= seeds->next_ask) {
        for (size_t i = 0; i < seeds->count; i++) {
            if (membership->now >= seeds->items[i].ask_at)
                ask(membership, i);
        }
        find_next_ask(seeds);
    }
    if (seeds->apply_wanted && membership->now >= seeds->apply_at)
        tell(membership);
}

uint64_t membership_seeds_deadline(const struct mlb_membership *membership)
{
    const struct seed_list *seeds = &membership->seeds;

    if (!seeds->apply_wanted || seeds->next_ask < seeds->apply_at)
        return seeds->next_ask;
    return seeds->apply_at;
}

int membership_seeds_wait(const struct mlb_membership *membership)
{
    for (size_t i = 0; i < membership->seeds.count; i++) {
        if (is_name(&membership->seeds.items[i]) && !membership->seeds.items[i].answered)
            return 1;
    }
    return 0;
}
