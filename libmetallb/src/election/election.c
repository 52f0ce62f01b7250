/* SPDX-License-Identifier: MIT */
#include <metallb/election.h>

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "election/members.h"

/* An address with its places. */
struct contest {
    struct table_link link;
    LIST_ENTRY(contest) in_group;
    TAILQ_ENTRY(contest) in_changed;
    struct group *group;
    struct mlb_address address;
    struct places places;
    int changed;
    size_t text_length;
    char text[MLB_ADDRESS_TEXT_SIZE];
};

struct group {
    struct table_link link;
    uint32_t number;
    struct members members;
    LIST_HEAD(, contest) contests;
};

struct mlb_election {
    struct table nodes;
    struct table groups;
    struct table contests;
    TAILQ_HEAD(, contest) changed;
};

/* A larger struct of a newer caller is accepted when it asks for nothing that is unknown here. */
static int options_acceptable(const struct mlb_election_options *options)
{
    const uint8_t *bytes = (const uint8_t *)options;

    if (options->struct_size < sizeof(*options) || options->flags)
        return 0;
    for (size_t i = sizeof(*options); i < options->struct_size; i++)
        if (bytes[i])
            return 0;
    return 1;
}

int32_t mlb_election_new(const struct mlb_election_options *options, struct mlb_election **election)
{
    struct mlb_election *made;

    if (!election || (options && !options_acceptable(options)))
        return MLB_ERROR_INVALID_ARGUMENT;
    made = calloc(1, sizeof(*made));
    if (!made)
        return MLB_ERROR_NO_MEMORY;
    TAILQ_INIT(&made->changed);
    *election = made;
    return MLB_OK;
}

static void release_contest(struct table_link *link)
{
    free(link);
}

static void release_group(struct table_link *link)
{
    free(((struct group *)link)->members.member);
    free(link);
}

static void release_node(struct table_link *link)
{
    free(link);
}

void mlb_election_free(struct mlb_election *election)
{
    if (!election)
        return;
    table_free(&election->contests, release_contest);
    table_free(&election->groups, release_group);
    table_free(&election->nodes, release_node);
    free(election);
}

static uint64_t hash_of_group(uint32_t number)
{
    return table_hash(&number, sizeof(number));
}

static struct group *find_group(const struct mlb_election *election, uint32_t number)
{
    struct table_link *link = table_first(&election->groups, hash_of_group(number));

    while (link && ((struct group *)link)->number != number)
        link = table_next(link);
    return (struct group *)link;
}

static uint64_t hash_of_address(const struct mlb_address *address)
{
    uint8_t bytes[1 + sizeof(address->bytes)] = {address->family};
    size_t length = address->family == MLB_FAMILY_IPV4 ? 4 : sizeof(address->bytes);

    memcpy(bytes + 1, address->bytes, length);
    return table_hash(bytes, 1 + length);
}

static struct contest *find_contest(const struct mlb_election *election,
                                    const struct mlb_address *address)
{
    struct table_link *link = table_first(&election->contests, hash_of_address(address));

    while (link && mlb_address_compare(&((struct contest *)link)->address, address) != 0)
        link = table_next(link);
    return (struct contest *)link;
}

static void note_change(struct mlb_election *election, struct contest *contest,
                        const struct places *before)
{
    if (contest->changed || places_equal(before, &contest->places))
        return;
    contest->changed = 1;
    TAILQ_INSERT_TAIL(&election->changed, contest, in_changed);
}

static void decide(struct mlb_election *election, struct contest *contest)
{
    const struct members *members = &contest->group->members;
    struct places before = contest->places;

    places_decide(&contest->places, members->member, members->count, contest->text,
                  contest->text_length);
    note_change(election, contest, &before);
}

static void offer(struct mlb_election *election, struct contest *contest,
                  const struct member *offers, size_t count)
{
    struct places before = contest->places;

    for (size_t i = 0; i < count; i++)
        places_offer(&contest->places, &offers[i], contest->text, contest->text_length);
    note_change(election, contest, &before);
}

/* Replaces the members of a group; offers is room for all new ones. */
static void change_members(struct mlb_election *election, struct group *group,
                           struct members *members, struct member *offers)
{
    struct members old = group->members;
    size_t offer_count = members_compare(&old, members, offers);
    struct contest *contest;

    group->members = *members;
    LIST_FOREACH(contest, &group->contests, in_group)
    {
        if (places_disturbed(&contest->places))
            decide(election, contest);
        else if (offer_count)
            offer(election, contest, offers, offer_count);
    }
    members_settle(&old);
    members_free(&election->nodes, &old);
}

static struct group *make_group(struct mlb_election *election, uint32_t number)
{
    struct group *group = NULL;

    if (!table_reserve(&election->groups))
        group = calloc(1, sizeof(*group));
    if (!group)
        return NULL;
    group->number = number;
    LIST_INIT(&group->contests);
    table_insert(&election->groups, &group->link, hash_of_group(number));
    return group;
}

int32_t mlb_election_set_group(struct mlb_election *election, uint32_t group,
                               const struct mlb_candidate *candidates, size_t count)
{
    struct members members;
    struct member *offers;
    struct group *found;
    int32_t result;

    if (!election || (count && !candidates))
        return MLB_ERROR_INVALID_ARGUMENT;
    result = members_make(&election->nodes, candidates, count, &members);
    if (result)
        return result;
    offers = calloc(count + 1, sizeof(*offers));
    found = offers ? find_group(election, group) : NULL;
    if (offers && !found)
        found = make_group(election, group);
    if (!found) {
        free(offers);
        members_free(&election->nodes, &members);
        return MLB_ERROR_NO_MEMORY;
    }
    change_members(election, found, &members, offers);
    free(offers);
    return MLB_OK;
}

int32_t mlb_election_remove_group(struct mlb_election *election, uint32_t group)
{
    struct group *found;

    if (!election)
        return MLB_ERROR_INVALID_ARGUMENT;
    found = find_group(election, group);
    if (!found)
        return MLB_ERROR_NOT_FOUND;
    if (!LIST_EMPTY(&found->contests))
        return MLB_ERROR_WRONG_STATE;
    members_free(&election->nodes, &found->members);
    table_remove(&election->groups, &found->link);
    free(found);
    return MLB_OK;
}

static struct contest *make_contest(struct mlb_election *election,
                                    const struct mlb_address *address, const char *text)
{
    struct contest *contest = NULL;

    if (!table_reserve(&election->contests))
        contest = calloc(1, sizeof(*contest));
    if (!contest)
        return NULL;
    contest->address = *address;
    contest->text_length = strlen(text);
    memcpy(contest->text, text, contest->text_length);
    table_insert(&election->contests, &contest->link, hash_of_address(address));
    return contest;
}

int32_t mlb_election_set_address(struct mlb_election *election, const struct mlb_address *address,
                                 uint32_t group)
{
    char text[MLB_ADDRESS_TEXT_SIZE];
    struct contest *contest;
    struct group *found;

    if (!election || !address || mlb_address_format(address, text, sizeof(text)))
        return MLB_ERROR_INVALID_ARGUMENT;
    found = find_group(election, group);
    if (!found)
        return MLB_ERROR_NOT_FOUND;
    contest = find_contest(election, address);
    if (contest && contest->group == found)
        return MLB_OK;
    if (contest)
        LIST_REMOVE(contest, in_group);
    else
        contest = make_contest(election, address, text);
    if (!contest)
        return MLB_ERROR_NO_MEMORY;
    contest->group = found;
    LIST_INSERT_HEAD(&found->contests, contest, in_group);
    decide(election, contest);
    return MLB_OK;
}

int32_t mlb_election_remove_address(struct mlb_election *election,
                                    const struct mlb_address *address)
{
    struct contest *contest;

    if (!election || !address)
        return MLB_ERROR_INVALID_ARGUMENT;
    contest = find_contest(election, address);
    if (!contest)
        return MLB_ERROR_NOT_FOUND;
    if (contest->changed)
        TAILQ_REMOVE(&election->changed, contest, in_changed);
    LIST_REMOVE(contest, in_group);
    table_remove(&election->contests, &contest->link);
    free(contest);
    return MLB_OK;
}

int32_t mlb_election_find(const struct mlb_election *election, const struct mlb_address *address,
                          struct mlb_election_result *result)
{
    const struct contest *contest;

    if (!election || !address || !result || result->struct_size < sizeof(*result))
        return MLB_ERROR_INVALID_ARGUMENT;
    contest = find_contest(election, address);
    if (!contest)
        return MLB_ERROR_NOT_FOUND;
    memset(result->names, 0, sizeof(result->names));
    result->count = (uint32_t)contest->places.count;
    for (size_t i = 0; i < contest->places.count; i++) {
        const char *name = contest->places.place[i].node->name;

        memcpy(result->names[i], name, strlen(name) + 1);
    }
    return MLB_OK;
}

int32_t mlb_election_next_changed(struct mlb_election *election, struct mlb_address *address)
{
    struct contest *contest;

    if (!election || !address)
        return MLB_ERROR_INVALID_ARGUMENT;
    contest = TAILQ_FIRST(&election->changed);
    if (!contest)
        return 0;
    TAILQ_REMOVE(&election->changed, contest, in_changed);
    contest->changed = 0;
    *address = contest->address;
    return 1;
}
