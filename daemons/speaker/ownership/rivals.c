/* SPDX-License-Identifier: MIT */
#include "speaker/ownership/rivals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/sorted.h"

#define DEFEND (RIVALS_DEFEND_SECONDS * NANOSECONDS)

static int compare_address(const void *address, const void *item)
{
    return mlb_address_compare(address, &((const struct rival *)item)->address);
}

static struct rival *find(const struct rivals *rivals, const struct mlb_address *address)
{
    return sorted_find(address, rivals->items, rivals->count, sizeof(*rivals->items),
                       compare_address);
}

/* The items, with room for one more; NULL without memory. */
static struct rival *make_room(struct rivals *rivals)
{
    size_t capacity = rivals->capacity == 0 ? 16 : rivals->capacity * 2;
    struct rival *items;

    if (rivals->count < rivals->capacity)
        return rivals->items;
    items = reallocarray(rivals->items, capacity, sizeof(*items));
    if (items == NULL)
        return NULL;
    rivals->items = items;
    rivals->capacity = capacity;
    return items;
}

/* NULL without memory or room. */
static struct rival *find_or_add(struct rivals *rivals, const struct mlb_address *address)
{
    struct rival *present = find(rivals, address);
    struct rival *items;
    size_t position;

    if (present != NULL || rivals->count == RIVALS_MAX)
        return present;
    items = make_room(rivals);
    if (items == NULL)
        return NULL;
    position = sorted_position(address, items, rivals->count, sizeof(*items), compare_address);
    memmove(items + position + 1, items + position, (rivals->count - position) * sizeof(*items));
    items[position] = (struct rival){.address = *address};
    rivals->count++;
    return &items[position];
}

bool rivals_may_act(struct rivals *rivals, const struct mlb_address *address, uint64_t now)
{
    struct rival *rival = find_or_add(rivals, address);

    if (rival == NULL || rival->defend_at > now)
        return false;
    rival->defend_at = now + DEFEND;
    return true;
}

int rivals_yield(struct rivals *rivals, const struct mlb_address *address, const uint8_t *holder,
                 uint64_t now)
{
    struct rival *rival = find_or_add(rivals, address);

    if (rival == NULL)
        return -ENOMEM;
    rival->yield_until = now + DEFEND;
    memcpy(rival->holder, holder, sizeof(rival->holder));
    return 0;
}

bool rivals_has(const struct rivals *rivals, const struct mlb_address *address)
{
    const struct rival *rival = find(rivals, address);

    return rival != NULL && rival->yield_until != 0;
}

bool rivals_agree(struct rivals *rivals, bool (*agrees)(void *context, const uint8_t *holder),
                  void *context)
{
    bool any = false;

    for (size_t i = 0; i < rivals->count; i++) {
        struct rival *rival = &rivals->items[i];

        if (rival->yield_until == 0 || (agrees != NULL && !agrees(context, rival->holder)))
            continue;
        rival->yield_until = 0;
        any = true;
    }
    return any;
}

void rivals_settle(struct rivals *rivals, bool (*is_settled)(void *, const struct mlb_address *),
                   void *context)
{
    for (size_t i = 0; i < rivals->count; i++)
        if (rivals->items[i].yield_until != 0 && is_settled(context, &rivals->items[i].address))
            rivals->items[i].yield_until = 0;
}

uint64_t rivals_expire(struct rivals *rivals, uint64_t now, bool *ended)
{
    uint64_t next = CLOCK_NEVER;
    size_t kept = 0;

    *ended = false;
    for (size_t i = 0; i < rivals->count; i++) {
        struct rival *rival = &rivals->items[i];
        uint64_t due;

        if (rival->yield_until != 0 && rival->yield_until <= now) {
            rival->yield_until = 0;
            *ended = true;
        }
        due = rival->yield_until > rival->defend_at ? rival->yield_until : rival->defend_at;
        if (due <= now)
            continue;
        if (rival->yield_until != 0 && rival->yield_until < due)
            due = rival->yield_until;
        next = due < next ? due : next;
        rivals->items[kept++] = *rival;
    }
    rivals->count = kept;
    return next;
}

void rivals_clear(struct rivals *rivals)
{
    free(rivals->items);
    *rivals = (struct rivals){0};
}
