/* SPDX-License-Identifier: MIT */
#include <metallb/election.h>

#include <stdlib.h>
#include <string.h>

#include "address/check.h"
#include "base/diagnostic.h"
#include "base/hash_table.h"
#include "base/list.h"
#include "base/refusals.h"
#include "base/structs.h"
#include "election/members.h"

/* An address with its places. */
struct contest {
    struct hash_node link;
    struct list in_group;
    struct list in_changed; /* in no list: nobody needs to be told */
    struct group *group;
    struct mlb_address address;
    struct places places;
};

struct group {
    struct hash_node link;
    uint32_t number;
    struct members members;
    struct list contests;
};

struct mlb_election {
    struct hash_table nodes;
    struct hash_table groups;
    struct hash_table contests;
    struct list changed;
};

static struct mlb_election *make_election(void)
{
    struct mlb_election *election = calloc(1, sizeof(*election));

    if (!election)
        return NULL;
    list_init(&election->changed);
    if (hash_table_init(&election->nodes) && hash_table_init(&election->groups) &&
        hash_table_init(&election->contests))
        return election;
    mlb_election_free(election);
    return NULL;
}

int32_t mlb_election_new(const struct mlb_election_options *options, struct mlb_election **election,
                         struct mlb_diagnostic *diagnostic)
{
    struct mlb_election_options own = {0};
    struct mlb_election *made;

    if (!election)
        return refuse_no_place("election", diagnostic);
    if (options && !struct_read(&own, sizeof(own), options, first_size_mlb_election_options))
        return struct_refuse(options, sizeof(own), "mlb_election_options", diagnostic);
    if (own.flags)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "flags", NULL,
                              "the flags of the election are 0x%x; none is known, set them to 0",
                              own.flags);
    made = make_election();
    if (!made)
        return refuse_no_memory("an election", diagnostic);
    *election = made;
    return MLB_OK;
}

static void free_contest(struct hash_node *link)
{
    free(link);
}

/* The nodes that the members refer to are freed by themselves. */
static void free_group(struct hash_node *link)
{
    free(((struct group *)link)->members.member);
    free(link);
}

static void free_node(struct hash_node *link)
{
    free(link);
}

static void free_all(struct hash_table *table, void (*free_one)(struct hash_node *link))
{
    struct hash_node *link = hash_table_any(table);

    while (link) {
        struct hash_node *next = hash_table_after(table, link);

        free_one(link);
        link = next;
    }
    hash_table_free(table);
}

void mlb_election_free(struct mlb_election *election)
{
    if (!election)
        return;
    free_all(&election->contests, free_contest);
    free_all(&election->groups, free_group);
    free_all(&election->nodes, free_node);
    free(election);
}

static uint64_t hash_of_group(uint32_t number)
{
    return hash_bytes(&number, sizeof(number), 0);
}

static struct group *find_group(const struct mlb_election *election, uint32_t number)
{
    struct hash_node *link = hash_table_first(&election->groups, hash_of_group(number));

    while (link && ((struct group *)link)->number != number)
        link = hash_table_next(link);
    return (struct group *)link;
}

static uint64_t hash_of_address(const struct mlb_address *address)
{
    uint8_t bytes[1 + sizeof(address->bytes)] = {address->family};
    size_t length = address->family == MLB_FAMILY_IPV4 ? 4 : sizeof(address->bytes);

    memcpy(bytes + 1, address->bytes, length);
    return hash_bytes(bytes, 1 + length, 0);
}

static struct contest *find_contest(const struct mlb_election *election,
                                    const struct mlb_address *address)
{
    struct hash_node *link = hash_table_first(&election->contests, hash_of_address(address));

    while (link && mlb_address_compare(&((struct contest *)link)->address, address) != 0)
        link = hash_table_next(link);
    return (struct contest *)link;
}

static void note_change(struct mlb_election *election, struct contest *contest,
                        const struct places *before)
{
    if (places_equal(before, &contest->places))
        return;
    list_remove(&contest->in_changed);
    list_append(&election->changed, &contest->in_changed);
}

/* Writes what is hashed for a contest, and returns its length. Addresses are checked on their way
 * in; writing the text anew costs little beside the hashing, and keeping it much memory. */
static size_t text_of(const struct contest *contest, char text[MLB_ADDRESS_TEXT_SIZE])
{
    text[0] = '\0';
    (void)mlb_address_format(&contest->address, text, MLB_ADDRESS_TEXT_SIZE, NULL);
    return strlen(text);
}

static void decide(struct mlb_election *election, struct contest *contest)
{
    const struct members *members = &contest->group->members;
    struct places before = contest->places;
    char text[MLB_ADDRESS_TEXT_SIZE];
    size_t length = text_of(contest, text);

    places_decide(&contest->places, members->member, members->count, text, length);
    note_change(election, contest, &before);
}

static void offer(struct mlb_election *election, struct contest *contest,
                  const struct member *offers, size_t count)
{
    struct places before = contest->places;
    char text[MLB_ADDRESS_TEXT_SIZE];
    size_t length = text_of(contest, text);

    for (size_t i = 0; i < count; i++)
        places_offer(&contest->places, &offers[i], text, length);
    note_change(election, contest, &before);
}

/* Replaces the members of a group; offers is room for all new ones. */
static void change_members(struct mlb_election *election, struct group *group,
                           struct members *members, struct member *offers)
{
    struct members old = group->members;
    size_t offer_count = members_compare(&old, members, offers);

    group->members = *members;
    for (struct list *link = group->contests.next; link != &group->contests; link = link->next) {
        struct contest *contest = list_entry(link, struct contest, in_group);

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
    struct group *group = calloc(1, sizeof(*group));

    if (!group)
        return NULL;
    group->number = number;
    list_init(&group->contests);
    hash_table_insert(&election->groups, &group->link, hash_of_group(number));
    return group;
}

int32_t mlb_election_set_group(struct mlb_election *election, uint32_t group,
                               const struct mlb_candidate *candidates, size_t count,
                               struct mlb_diagnostic *diagnostic)
{
    struct members members;
    struct member *offers;
    struct group *found;
    int32_t result;

    if (!election)
        return refuse_no_object("election", diagnostic);
    if (count && !candidates)
        return refuse_no_list("candidates", count, diagnostic);
    result = members_make(&election->nodes, candidates, count, &members, diagnostic);
    if (result)
        return result;
    offers = calloc(count + 1, sizeof(*offers));
    found = offers ? find_group(election, group) : NULL;
    if (offers && !found)
        found = make_group(election, group);
    if (!found) {
        free(offers);
        members_free(&election->nodes, &members);
        return refuse_no_memory("the candidates of a group", diagnostic);
    }
    change_members(election, found, &members, offers);
    free(offers);
    return MLB_OK;
}

static int32_t refuse_group(uint32_t number, const char *advice, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, "group", NULL, "there is no group %u%s",
                          number, advice);
}

static int32_t refuse_group_in_use(const struct group *group, struct mlb_diagnostic *diagnostic)
{
    const struct contest *contest = list_entry(group->contests.next, struct contest, in_group);
    char text[MLB_ADDRESS_TEXT_SIZE];

    (void)text_of(contest, text);
    return diagnostic_set(diagnostic, MLB_ERROR_WRONG_STATE, "group", text,
                          "%s is still in group %u; remove or move its addresses first", text,
                          group->number);
}

int32_t mlb_election_remove_group(struct mlb_election *election, uint32_t group,
                                  struct mlb_diagnostic *diagnostic)
{
    struct group *found;

    if (!election)
        return refuse_no_object("election", diagnostic);
    found = find_group(election, group);
    if (!found)
        return refuse_group(group, "", diagnostic);
    if (!list_is_empty(&found->contests))
        return refuse_group_in_use(found, diagnostic);
    members_free(&election->nodes, &found->members);
    hash_table_remove(&election->groups, &found->link);
    free(found);
    return MLB_OK;
}

static struct contest *make_contest(struct mlb_election *election,
                                    const struct mlb_address *address)
{
    struct contest *contest = calloc(1, sizeof(*contest));

    if (!contest)
        return NULL;
    contest->address = *address;
    list_init(&contest->in_group);
    list_init(&contest->in_changed);
    hash_table_insert(&election->contests, &contest->link, hash_of_address(address));
    return contest;
}

int32_t mlb_election_set_address(struct mlb_election *election, const struct mlb_address *address,
                                 uint32_t group, struct mlb_diagnostic *diagnostic)
{
    struct mlb_address own;
    struct contest *contest;
    struct group *found;
    int32_t result;

    if (!election)
        return refuse_no_object("election", diagnostic);
    result = address_take(address, &own, diagnostic);
    if (result)
        return result;
    found = find_group(election, group);
    if (!found)
        return refuse_group(group, "; set its candidates with mlb_election_set_group()",
                            diagnostic);
    contest = find_contest(election, &own);
    if (contest && contest->group == found)
        return MLB_OK;
    if (contest)
        list_remove(&contest->in_group);
    else
        contest = make_contest(election, &own);
    if (!contest)
        return refuse_no_memory("another address of the election", diagnostic);
    contest->group = found;
    list_append(&found->contests, &contest->in_group);
    decide(election, contest);
    return MLB_OK;
}

static int32_t look_up(const struct mlb_election *election, const struct mlb_address *address,
                       struct contest **contest, struct mlb_diagnostic *diagnostic)
{
    struct mlb_address own;
    char text[MLB_ADDRESS_TEXT_SIZE] = "";
    int32_t result = address_take(address, &own, diagnostic);

    if (result)
        return result;
    *contest = find_contest(election, &own);
    if (*contest)
        return MLB_OK;
    (void)mlb_address_format(&own, text, sizeof(text), NULL);
    return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, text, NULL, "%s is in no group", text);
}

int32_t mlb_election_remove_address(struct mlb_election *election,
                                    const struct mlb_address *address,
                                    struct mlb_diagnostic *diagnostic)
{
    struct contest *contest;
    int32_t result;

    if (!election)
        return refuse_no_object("election", diagnostic);
    result = look_up(election, address, &contest, diagnostic);
    if (result)
        return result;
    list_remove(&contest->in_changed);
    list_remove(&contest->in_group);
    hash_table_remove(&election->contests, &contest->link);
    free(contest);
    return MLB_OK;
}

int32_t mlb_election_find(const struct mlb_election *election, const struct mlb_address *address,
                          struct mlb_election_result *result, struct mlb_diagnostic *diagnostic)
{
    struct mlb_election_result own = {0};
    struct contest *contest;
    int32_t refusal;

    if (!election)
        return refuse_no_object("election", diagnostic);
    refusal = struct_check_writable(result, first_size_mlb_election_result, "mlb_election_result",
                                    diagnostic);
    if (!refusal)
        refusal = look_up(election, address, &contest, diagnostic);
    if (refusal)
        return refusal;
    own.count = (uint32_t)contest->places.count;
    for (size_t i = 0; i < contest->places.count && i < MLB_ELECTION_PLACES; i++) {
        const char *name = contest->places.place[i].node->name;

        memcpy(own.names[i], name, strlen(name) + 1);
    }
    struct_write(result, &own, sizeof(own));
    return MLB_OK;
}

int32_t mlb_election_next_changed(struct mlb_election *election, struct mlb_address *address,
                                  struct mlb_diagnostic *diagnostic)
{
    struct contest *contest;

    if (!election)
        return refuse_no_object("election", diagnostic);
    if (!address)
        return refuse_missing("address", diagnostic);
    if (list_is_empty(&election->changed))
        return 0;
    contest = list_entry(election->changed.next, struct contest, in_changed);
    list_remove(&contest->in_changed);
    *address = contest->address;
    return 1;
}
