/* SPDX-License-Identifier: MIT */
#include "speaker/delivery/local_delivery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/sorted.h"

struct delivered_address {
    struct mlb_address address;
    uint64_t renew_at;
    uint64_t remove_at; /* CLOCK_NEVER while it is held */
    bool on_device;     /* by us */
    int error;          /* of the last call */
};

void local_delivery_init(struct local_delivery *delivery,
                         const struct local_delivery_operations *operations, void *context,
                         unsigned drain_seconds)
{
    *delivery = (struct local_delivery){
        .operations = operations,
        .context = context,
        .drain = drain_seconds * NANOSECONDS,
    };
}

void local_delivery_clear(struct local_delivery *delivery)
{
    free(delivery->items);
    delivery->items = NULL;
    delivery->count = 0;
    delivery->capacity = 0;
    delivery->ipv4_count = 0;
}

static int compare_address(const void *address, const void *item)
{
    return mlb_address_compare(address, &((const struct delivered_address *)item)->address);
}

static struct delivered_address *find(const struct local_delivery *delivery,
                                      const struct mlb_address *address)
{
    return sorted_find(address, delivery->items, delivery->count, sizeof(*delivery->items),
                       compare_address);
}

static int reserve(struct local_delivery *delivery)
{
    size_t capacity = delivery->capacity == 0 ? 16 : 2 * delivery->capacity;
    struct delivered_address *items;

    if (delivery->items != NULL && delivery->count < delivery->capacity)
        return 0;
    items = realloc(delivery->items, capacity * sizeof(*items));
    if (items == NULL)
        return -ENOMEM;
    delivery->items = items;
    delivery->capacity = capacity;
    return 0;
}

static struct delivered_address *find_or_insert(struct local_delivery *delivery,
                                                const struct mlb_address *address)
{
    struct delivered_address *item = find(delivery, address);
    size_t position;

    if (item != NULL)
        return item;
    if (reserve(delivery) != 0)
        return NULL;
    position =
        sorted_position(address, delivery->items, delivery->count, sizeof(*item), compare_address);
    item = &delivery->items[position];
    memmove(item + 1, item, (delivery->count - position) * sizeof(*item));
    delivery->count++;
    delivery->ipv4_count += address->family == MLB_FAMILY_IPV4;
    *item = (struct delivered_address){.address = *address, .remove_at = CLOCK_NEVER};
    return item;
}

static void set_error(struct local_delivery *delivery, struct delivered_address *item, int error)
{
    if (item->error == error)
        return;
    item->error = error;
    delivery->operations->report(delivery->context, &item->address, error);
}

/* An address that already stands on the device by another's hand is not ours to renew or remove;
 * trying again later takes it over when that one is gone. */
static void put(struct local_delivery *delivery, struct delivered_address *item, uint64_t now)
{
    const struct local_delivery_operations *operations = delivery->operations;
    int error =
        item->on_device
            ? operations->renew(delivery->context, &item->address, LOCAL_DELIVERY_LIFETIME_SECONDS)
            : operations->add(delivery->context, &item->address, LOCAL_DELIVERY_LIFETIME_SECONDS);
    unsigned pace = error == 0 || error == -EEXIST ? LOCAL_DELIVERY_RENEW_SECONDS
                                                   : LOCAL_DELIVERY_RETRY_SECONDS;

    item->on_device = item->on_device || error == 0;
    item->renew_at = now + pace * NANOSECONDS;
    set_error(delivery, item, error);
}

int local_delivery_adopt(struct local_delivery *delivery, const struct mlb_address *address,
                         uint64_t now)
{
    struct delivered_address *item = find_or_insert(delivery, address);

    if (item == NULL)
        return -ENOMEM;
    item->on_device = true;
    item->renew_at = now;
    item->remove_at = now + delivery->drain;
    return 0;
}

bool local_delivery_address(const struct local_delivery *delivery, size_t position,
                            struct mlb_address *address)
{
    if (position >= delivery->count)
        return false;
    *address = delivery->items[position].address;
    return true;
}

int local_delivery_hold(struct local_delivery *delivery, const struct mlb_address *address,
                        uint64_t now)
{
    struct delivered_address *item = find_or_insert(delivery, address);

    if (item == NULL)
        return -ENOMEM;
    item->remove_at = CLOCK_NEVER;
    put(delivery, item, now);
    return 0;
}

void local_delivery_release(struct local_delivery *delivery, const struct mlb_address *address,
                            uint64_t now)
{
    struct delivered_address *item = find(delivery, address);

    if (item != NULL && item->remove_at == CLOCK_NEVER)
        item->remove_at = now + delivery->drain;
}

void local_delivery_hurry(struct local_delivery *delivery, uint64_t now)
{
    for (size_t i = 0; i < delivery->count; i++)
        if (delivery->items[i].remove_at > now)
            delivery->items[i].remove_at = now;
}

/* What cannot be removed expires by itself. */
static void take_off(struct local_delivery *delivery, struct delivered_address *item)
{
    if (item->on_device)
        (void)delivery->operations->remove(delivery->context, &item->address);
    set_error(delivery, item, 0);
    delivery->ipv4_count -= item->address.family == MLB_FAMILY_IPV4;
}

static void remove_drained(struct local_delivery *delivery, uint64_t now)
{
    size_t kept = 0;
    size_t removed = 0;

    for (size_t i = 0; i < delivery->count; i++) {
        if (delivery->items[i].remove_at <= now && removed < LOCAL_DELIVERY_BATCH) {
            take_off(delivery, &delivery->items[i]);
            removed++;
        } else {
            delivery->items[kept++] = delivery->items[i];
        }
    }
    delivery->count = kept;
}

uint64_t local_delivery_tick(struct local_delivery *delivery, uint64_t now)
{
    uint64_t next = CLOCK_NEVER;
    size_t renewed = 0;

    remove_drained(delivery, now);
    for (size_t i = 0; i < delivery->count; i++) {
        struct delivered_address *item = &delivery->items[i];

        if (item->renew_at <= now && item->remove_at > now && renewed < LOCAL_DELIVERY_BATCH) {
            put(delivery, item, now);
            renewed++;
        }
        if (item->renew_at < next)
            next = item->renew_at;
        if (item->remove_at < next)
            next = item->remove_at;
    }
    return next;
}
