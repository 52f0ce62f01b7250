/* SPDX-License-Identifier: MIT */
#include "election/places.h"

static void insert(struct places *places, const struct place *place)
{
    size_t position = places->count;

    if (position == MLB_ELECTION_PLACES)
        position--;
    else
        places->count++;
    for (; position > 0; position--) {
        if (!rank_before(&place->rank, &places->place[position - 1].rank))
            break;
        places->place[position] = places->place[position - 1];
    }
    places->place[position] = *place;
}

void places_offer(struct places *places, const struct member *member, const char *text,
                  size_t length)
{
    const struct place *last = &places->place[MLB_ELECTION_PLACES - 1];
    struct place place = {.node = member->node, .rank = {.preference = member->preference}};
    int full = places->count == MLB_ELECTION_PLACES;

    if (full && member->preference < last->rank.preference)
        return;
    sha256_with_prefix(&member->node->prefix, text, length, &place.rank.digest);
    if (!full || rank_before(&place.rank, &last->rank))
        insert(places, &place);
}

void places_decide(struct places *places, const struct member *members, size_t count,
                   const char *text, size_t length)
{
    places->count = 0;
    for (size_t i = 0; i < count; i++)
        places_offer(places, &members[i], text, length);
}

int places_disturbed(const struct places *places)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->place[i].node->disturbed)
            return 1;
    return 0;
}

int places_equal(const struct places *a, const struct places *b)
{
    if (a->count != b->count)
        return 0;
    for (size_t i = 0; i < a->count; i++)
        if (a->place[i].node != b->place[i].node)
            return 0;
    return 1;
}
