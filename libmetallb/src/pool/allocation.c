/* SPDX-License-Identifier: MIT */
/* A request's copy, and how it takes and leaves addresses. */
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/diagnostic.h"
#include "pool/allocator.h"

/* An address that is about to be taken, with the memory that taking it needs. */
struct taking {
    struct held_address *held;
    struct held_address *fresh; /* the same where nobody holds the address, else NULL */
    struct interval *interval;  /* that holds the ordinal; NULL where somebody holds the address */
    struct interval *spare;     /* for the second half of it, where it splits */
    address_value ordinal;
};

_Static_assert(sizeof(struct held_address) >= sizeof(struct interval),
               "a released address leaves its memory to the free interval");

/* The 256 addresses of a block stay neighbours in the table: pools are filled in order. */
static uint64_t hash_address(const struct mlb_address *address)
{
    const address_value value = address_to_value(address);
    const address_value block = value >> 8;

    return hash_bytes(&block, sizeof(block), address->family) + (uint64_t)(value & 255);
}

static uint64_t hash_id(const char *id)
{
    return hash_bytes(id, strlen(id), 0);
}

struct allocation *allocator_find_id(const struct mlb_allocator *allocator, const char *id)
{
    struct hash_node *node = hash_table_first(&allocator->requests, hash_id(id));

    for (; node; node = hash_table_next(node)) {
        struct allocation *allocation = CONTAINER_OF(node, struct allocation, by_id);

        if (strcmp(allocation->id, id) == 0)
            return allocation;
    }
    return NULL;
}

struct held_address *allocator_find_held(const struct mlb_allocator *allocator,
                                         const struct mlb_address *address)
{
    struct hash_node *node = hash_table_first(&allocator->addresses, hash_address(address));

    for (; node; node = hash_table_next(node)) {
        struct held_address *held = CONTAINER_OF(node, struct held_address, by_address);

        if (mlb_address_compare(&held->address, address) == 0)
            return held;
    }
    return NULL;
}

static int32_t copy_ports(struct allocation *allocation, const struct mlb_request *request,
                          struct mlb_diagnostic *diagnostic)
{
    struct mlb_port *ports = allocation->ports;

    if (request->port_count == 0)
        return MLB_OK;
    memcpy(ports, request->ports, request->port_count * sizeof(*ports));
    qsort(ports, request->port_count, sizeof(*ports), sharing_order_ports);
    for (uint32_t i = 1; i < request->port_count; i++)
        if (sharing_order_ports(&ports[i - 1], &ports[i]) == 0)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, request->id, NULL,
                                  "%s names port %u of protocol %u twice; name it once",
                                  request->id, ports[i].number, ports[i].protocol);
    allocation->port_count = request->port_count;
    return MLB_OK;
}

static int32_t refuse_memory(const struct mlb_request *request, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_NO_MEMORY, request->id, NULL,
                          "no memory to assign to %s", request->id);
}

int32_t allocation_new(struct mlb_allocator *allocator, const struct mlb_request *request,
                       struct allocation **allocation, struct mlb_diagnostic *diagnostic)
{
    const size_t ports_size = request->port_count * sizeof(struct mlb_port);
    const size_t id_size = strlen(request->id) + 1;
    struct allocation *fresh = malloc(sizeof(*fresh) + ports_size + id_size);
    int32_t result;

    if (!fresh)
        return refuse_memory(request, diagnostic);
    *fresh = (struct allocation){
        .ports = (struct mlb_port *)(fresh + 1),
        .id = memcpy((char *)(fresh + 1) + ports_size, request->id, id_size),
    };
    result = copy_ports(fresh, request, diagnostic);
    if (result == MLB_OK && request->sharing_key && request->sharing_key[0] != '\0') {
        fresh->group = sharing_group_acquire(&allocator->groups, request->sharing_key,
                                             request->backend_key ? request->backend_key : "");
        if (!fresh->group)
            result = refuse_memory(request, diagnostic);
    }
    if (result != MLB_OK) {
        free(fresh);
        return result;
    }
    *allocation = fresh;
    return MLB_OK;
}

void allocation_free(struct mlb_allocator *allocator, struct allocation *allocation)
{
    if (!allocation)
        return;
    sharing_group_release(&allocator->groups, allocation->group);
    free(allocation);
}

/* Leaves an address; the last who does makes it free. */
static void leave(struct mlb_allocator *allocator, struct claim *claim)
{
    struct held_address *held = claim->held;
    struct pool_state *pool = held->pool;
    const struct mlb_address address = held->address;

    list_remove(&claim->link);
    if (!list_is_empty(&held->claims))
        return;
    held_address_set_group(held, NULL);
    hash_table_remove(&allocator->addresses, &held->by_address);
    pool->assigned[pool_family_index(address.family)]--;
    interval_set_give(pool_state_free(pool, &address), pool_state_ordinal(pool, &address), held);
}

void allocator_drop(struct mlb_allocator *allocator, struct allocation *allocation)
{
    for (uint32_t i = 0; i < allocation->address_count; i++)
        if (allocation->claims[i].held)
            leave(allocator, &allocation->claims[i]);
    allocation->pool->requests--;
    hash_table_remove(&allocator->requests, &allocation->by_id);
    allocation_free(allocator, allocation);
}

/* Gets all that taking an address needs, or says why it cannot be taken. */
static int32_t prepare(struct mlb_allocator *allocator, const struct allocation *allocation,
                       const struct allocation *former, struct pool_state *pool,
                       const struct mlb_address *address, struct taking *taking,
                       struct mlb_diagnostic *diagnostic)
{
    const struct allocation *other = NULL;
    int32_t result;

    taking->held = allocator_find_held(allocator, address);
    if (taking->held) {
        result = sharing_check(taking->held, allocation, former, &other);
        if (result != MLB_OK)
            return diagnose_conflict(diagnostic, result, taking->held, allocation, other);
        return MLB_OK;
    }
    taking->ordinal = pool_state_ordinal(pool, address);
    taking->interval = interval_set_find(pool_state_free(pool, address), taking->ordinal);
    taking->fresh = malloc(sizeof(*taking->fresh));
    taking->held = taking->fresh;
    if (interval_splits(taking->interval, taking->ordinal))
        taking->spare = malloc(sizeof(*taking->spare));
    if (!taking->held || (interval_splits(taking->interval, taking->ordinal) && !taking->spare))
        return MLB_ERROR_NO_MEMORY;
    *taking->held = (struct held_address){.pool = pool, .address = *address};
    list_init(&taking->held->claims);
    return MLB_OK;
}

static void abandon(struct taking *takings, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        free(takings[i].fresh);
        free(takings[i].spare);
    }
}

/* The claim of an allocation on an address, or NULL. */
static struct claim *find_claim(struct allocation *allocation, const struct held_address *held)
{
    for (uint32_t i = 0; allocation && i < allocation->address_count; i++)
        if (allocation->claims[i].held == held)
            return &allocation->claims[i];
    return NULL;
}

static void take(struct mlb_allocator *allocator, const struct taking *taking)
{
    struct held_address *held = taking->held;

    interval_set_take(pool_state_free(held->pool, &held->address), taking->interval,
                      taking->ordinal, taking->spare);
    hash_table_insert(&allocator->addresses, &held->by_address, hash_address(&held->address));
    held->pool->assigned[pool_family_index(held->address.family)]++;
}

/* Who keeps an address keeps his place in the order of its holders. */
static void add_claim(struct allocation *allocation, struct allocation *former,
                      struct held_address *held)
{
    struct claim *claim = &allocation->claims[allocation->address_count++];
    struct claim *former_claim = find_claim(former, held);

    *claim = (struct claim){.owner = allocation, .held = held};
    if (!former_claim) {
        list_append(&held->claims, &claim->link);
        return;
    }
    list_append(&former_claim->link, &claim->link);
    list_remove(&former_claim->link);
    former_claim->held = NULL;
}

int32_t allocator_place(struct mlb_allocator *allocator, struct allocation *allocation,
                        struct allocation *former, struct pool_state *pool,
                        const struct mlb_address *addresses, uint32_t count,
                        struct mlb_diagnostic *diagnostic)
{
    struct taking takings[MLB_ASSIGNMENT_ADDRESSES_MAX] = {{.held = NULL}};

    for (uint32_t i = 0; i < count; i++) {
        const int32_t result =
            prepare(allocator, allocation, former, pool, &addresses[i], &takings[i], diagnostic);

        if (result != MLB_OK) {
            abandon(takings, count);
            return result;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (takings[i].fresh)
            take(allocator, &takings[i]);
        add_claim(allocation, former, takings[i].held);
        held_address_set_group(takings[i].held, allocation->group);
    }
    if (former)
        allocator_drop(allocator, former);
    allocation->pool = pool;
    pool->requests++;
    hash_table_insert(&allocator->requests, &allocation->by_id, hash_id(allocation->id));
    return MLB_OK;
}
