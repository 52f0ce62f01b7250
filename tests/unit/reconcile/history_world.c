/* SPDX-License-Identifier: MIT */
#include "history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const pool_names[WORLD_POOLS] = {"main", "spare"};
static const char *const ranges[WORLD_POOLS][2] = {
    {"192.0.2.0-192.0.2.3", "192.0.2.0-192.0.2.1"},
    {"192.0.2.4-192.0.2.5", "192.0.2.4-192.0.2.4"},
};

uint64_t chance_next(uint64_t *state)
{
    uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);

    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static int below(uint64_t *chance, int limit)
{
    return (int)(chance_next(chance) % (uint64_t)limit);
}

static bool one_in(uint64_t *chance, int times)
{
    return below(chance, times) == 0;
}

static void make_service(struct world_service *service, uint64_t *chance)
{
    *service = (struct world_service){
        .exists = true,
        .wanted = one_in(chance, 4) ? below(chance, 8) : -1,
        .pool = one_in(chance, 5) ? below(chance, WORLD_POOLS) : -1,
        .shares = one_in(chance, 2),
        .port = 1 + (unsigned)below(chance, 3),
        .created = below(chance, 4),
    };
}

static void change_service(struct world *world, uint64_t *chance)
{
    struct world_service *service = &world->services[below(chance, WORLD_SERVICES)];
    int64_t created = service->created;

    if (service->exists && one_in(chance, 3)) {
        service->exists = false;
        return;
    }
    if (!service->exists || one_in(chance, 3)) {
        make_service(service, chance);
        return;
    }
    switch (below(chance, 3)) {
    case 0:
        service->shares = !service->shares;
        break;
    case 1:
        service->port = 1 + (unsigned)below(chance, 3);
        break;
    default:
        service->wanted = service->wanted < 0 ? below(chance, 8) : -1;
        break;
    }
    service->created = created;
}

static void change_pool(struct world *world, uint64_t *chance)
{
    struct world_pool *pool = &world->pools[below(chance, WORLD_POOLS)];

    switch (below(chance, 4)) {
    case 0:
        pool->exists = !pool->exists;
        break;
    case 1:
        pool->small = !pool->small;
        break;
    case 2:
        pool->auto_assign = !pool->auto_assign;
        break;
    default:
        pool->pinned = !pool->pinned;
        break;
    }
}

void world_begin(struct world *world, uint64_t *chance)
{
    memset(world, 0, sizeof(*world));
    for (int i = 0; i < WORLD_POOLS; i++)
        world->pools[i] = (struct world_pool){.exists = true, .auto_assign = true};
    for (int i = 0; i < WORLD_SERVICES; i++)
        if (one_in(chance, 2))
            make_service(&world->services[i], chance);
}

void world_step(struct world *world, uint64_t *chance)
{
    int changes = below(chance, 3);

    for (int i = 0; i < changes; i++)
        change_service(world, chance);
    if (one_in(chance, 6))
        change_pool(world, chance);
    world->broken = world->broken ? one_in(chance, 2) : one_in(chance, 8);
    world->incomplete = one_in(chance, 12);
    for (int i = 0; i < WORLD_SERVICES; i++)
        world->services[i].hidden = (world->broken || world->incomplete) && one_in(chance, 4);
}

void world_describe(const struct world *world, char *buffer, size_t size)
{
    size_t length = 0;

    for (int i = 0; i < WORLD_POOLS; i++)
        length += (size_t)snprintf(buffer + length, size - length, "%s:%s%s%s%s ", pool_names[i],
                                   world->pools[i].exists ? "there" : "gone",
                                   world->pools[i].small ? " small" : "",
                                   world->pools[i].auto_assign ? "" : " explicit",
                                   world->pools[i].pinned ? " pinned" : "");
    for (int i = 0; i < WORLD_SERVICES; i++) {
        const struct world_service *service = &world->services[i];

        if (service->exists)
            length += (size_t)snprintf(
                buffer + length, size - length, "%s(%swanted %d pool %d %s port %u created %d) ",
                world_name(i), service->hidden ? "HIDDEN " : "", service->wanted, service->pool,
                service->shares ? "shares" : "alone", service->port, (int)service->created);
    }
    snprintf(buffer + length, size - length, "%s%s", world->broken ? "broken " : "",
             world->incomplete ? "incomplete" : "");
}

const char *world_namespace(int service)
{
    return service % 2 == 0 ? "n0" : "n1";
}

const char *world_name(int service)
{
    static const char *const names[WORLD_SERVICES] = {"s0", "s1", "s2", "s3", "s4", "s5", "s6"};

    return names[service];
}

struct mlb_address world_address(int number)
{
    struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, (uint8_t)number}};

    return address;
}

int world_number(const struct mlb_address *address)
{
    return address->bytes[3];
}

int world_pool_of(const struct world *world, int number)
{
    if (number < 4 && world->pools[0].exists && (!world->pools[0].small || number < 2))
        return 0;
    if ((number == 4 || (number == 5 && !world->pools[1].small)) && world->pools[1].exists)
        return 1;
    return -1;
}

bool world_may_use(const struct world *world, int pool, int service)
{
    return !world->pools[pool].pinned || service % 2 == 1;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL)
        abort();
    return memory;
}

static void name_object(struct object *object, enum object_kind kind, const char *namespace_,
                        const char *name)
{
    object->kind = kind;
    object->references = 1;
    object->kind_text = kind == OBJECT_SERVICE ? "Service" : "IPAddressPool";
    object->namespace_ = strdup(namespace_);
    object->name = strdup(name);
    object->file = strdup("");
}

static void insert(struct object_set *set, struct object *object)
{
    if (object_set_insert(set, object) != 0)
        abort();
    object_unref(object);
}

static void add_pool(struct object_set *set, const struct world_pool *description, int number)
{
    struct ip_address_pool *pool = allocate(1, sizeof(*pool));

    name_object(&pool->object, OBJECT_IP_ADDRESS_POOL, "default", pool_names[number]);
    if (mlb_pool_new(pool_names[number], NULL, &pool->pool, NULL) != MLB_OK ||
        mlb_pool_add(pool->pool, ranges[number][description->small], NULL) != MLB_OK)
        abort();
    pool->auto_assign = description->auto_assign;
    pool->has_service_allocation = description->pinned;
    if (description->pinned) {
        pool->namespaces.items = allocate(1, sizeof(char *));
        pool->namespaces.items[0] = strdup("n1");
        pool->namespaces.count = 1;
    }
    insert(set, &pool->object);
}

static void add_annotation(struct object *object, const char *key, const char *value)
{
    struct label *label = &object->annotations.items[object->annotations.count++];

    label->key = strdup(key);
    label->value = strdup(value);
}

static void add_service(struct object_set *set, const struct world_service *description, int number)
{
    struct service *service = allocate(1, sizeof(*service));
    struct mlb_address wanted = world_address(description->wanted);
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    name_object(&service->object, OBJECT_SERVICE, world_namespace(number), world_name(number));
    service->object.created = description->created;
    service->object.annotations.items = allocate(3, sizeof(struct label));
    /* Sorted by key, as a reader of manifests leaves them. */
    if (description->pool >= 0)
        add_annotation(&service->object, "metallb.io/address-pool", pool_names[description->pool]);
    if (description->shares)
        add_annotation(&service->object, "metallb.io/allow-shared-ip", "key");
    if (description->wanted >= 0 && mlb_address_format(&wanted, text, sizeof(text), NULL) == MLB_OK)
        add_annotation(&service->object, "metallb.io/loadBalancerIPs", text);
    service->is_load_balancer = true;
    service->ports = allocate(1, sizeof(*service->ports));
    service->ports[0] =
        (struct mlb_port){.number = (uint16_t)description->port, .protocol = MLB_PROTOCOL_TCP};
    service->port_count = 1;
    insert(set, &service->object);
}

void world_objects(const struct world *world, struct object_set *set)
{
    object_set_init(set);
    for (int i = 0; i < WORLD_POOLS; i++)
        if (world->pools[i].exists)
            add_pool(set, &world->pools[i], i);
    for (int i = 0; i < WORLD_SERVICES; i++)
        if (world->services[i].exists && !world->services[i].hidden)
            add_service(set, &world->services[i], i);
    set->broken = world->broken;
    set->incomplete = world->incomplete;
}
