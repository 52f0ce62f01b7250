/* SPDX-License-Identifier: MIT */
#include "reconcile/explain.h"

#include <errno.h>
#include <string.h>

#include "reconcile/service_run.h"

struct explaining {
    const struct service_reconciler *reconciler;
    const struct service_entry *entry;
    const struct service *service;
    struct service_request request;
    struct pool_choice pools;
    struct arena *arena;
};

static const char *holder_of(const struct explaining *explaining, const struct mlb_address *address,
                             char *buffer, size_t size)
{
    for (size_t i = 0;; i++) {
        if (mlb_allocator_holder(explaining->reconciler->allocator, address, i, buffer, size,
                                 NULL) != MLB_OK)
            return NULL;
        if (strcmp(buffer, explaining->entry->id) != 0)
            return buffer;
    }
}

/* What the pool has to do with the addresses that the service asks for. */
static const char *explain_wanted(const struct explaining *explaining,
                                  const struct ip_address_pool *pool)
{
    const struct service_request *request = &explaining->request;
    for (size_t i = 0; i < request->wanted_count; i++) {
        char text[MLB_ADDRESS_TEXT_SIZE] = "";
        char holder[OBJECT_NAME_SIZE];
        mlb_address_format(&request->wanted[i], text, sizeof(text), NULL);
        if (!mlb_pool_contains(pool->pool, &request->wanted[i]))
            return arena_format(explaining->arena, "does not hold the requested address %s", text);
        if (holder_of(explaining, &request->wanted[i], holder, sizeof(holder)) != NULL)
            return arena_format(explaining->arena,
                                "the requested address %s is held by %s, which does not share it "
                                "with this service",
                                text, holder);
    }
    return NULL;
}

static bool has_entries(const struct ip_address_pool *pool, uint8_t family)
{
    for (size_t i = 0; i < mlb_pool_size(pool->pool); i++) {
        struct mlb_range range;
        if (mlb_pool_range(pool->pool, i, &range, NULL) == MLB_OK && range.first.family == family)
            return true;
    }
    return false;
}

/* Why the pool has no address of a family, or NULL if it has one. */
static const char *explain_family(const struct explaining *explaining,
                                  const struct ip_address_pool *pool, uint8_t family)
{
    static const struct mlb_count none = {0};
    const char *name = family == MLB_FAMILY_IPV6 ? "IPv6" : "IPv4";
    struct mlb_pool_counters counters = {.struct_size = sizeof(counters)};
    char count[MLB_COUNT_TEXT_SIZE] = "";
    if (!has_entries(pool, family))
        return arena_format(explaining->arena, "has no %s address", name);
    if (mlb_allocator_pool_counters(explaining->reconciler->allocator, pool->object.name, &counters,
                                    NULL) != MLB_OK)
        return NULL;
    bool ipv6 = family == MLB_FAMILY_IPV6;
    const struct mlb_count *available = ipv6 ? &counters.available_ipv6 : &counters.available_ipv4;
    if (memcmp(available, &none, sizeof(none)) != 0)
        return NULL;
    mlb_count_format(ipv6 ? &counters.assigned_ipv6 : &counters.assigned_ipv4, count, sizeof(count),
                     NULL);
    return arena_format(explaining->arena, "all its %s %s addresses are in use%s", count, name,
                        explaining->request.sharing_key[0] == '\0'
                            ? ""
                            : ", and none is shared on the terms of this service");
}

static const char *explain_supply(const struct explaining *explaining,
                                  const struct ip_address_pool *pool)
{
    const struct service_request *request = &explaining->request;
    const char *text = NULL;
    if ((request->families & MLB_FAMILIES_IPV4) != 0)
        text = explain_family(explaining, pool, MLB_FAMILY_IPV4);
    if (text == NULL && (request->families & MLB_FAMILIES_IPV6) != 0)
        text = explain_family(explaining, pool, MLB_FAMILY_IPV6);
    return text;
}

static const char *explain_access(const struct explaining *explaining,
                                  const struct ip_address_pool *pool)
{
    const struct service_request *request = &explaining->request;
    bool is_explicit = request->pool != NULL || request->wanted_count > 0;
    if (request->pool != NULL && strcmp(request->pool, pool->object.name) != 0)
        return arena_format(explaining->arena, "the service asks for the pool %s", request->pool);
    if (!pool_is_compatible(explaining->pools.objects, pool, explaining->service))
        return "its serviceAllocation does not take this service";
    if (!is_explicit && !pool->auto_assign)
        return "autoAssign is false and the service asks for no address of it";
    return NULL;
}

static const char *explain_pool(const struct explaining *explaining,
                                const struct ip_address_pool *pool, bool used, bool is_behind)
{
    const char *text = NULL;
    if (used)
        return "used";
    text = explain_access(explaining, pool);
    if (text == NULL)
        text = explain_wanted(explaining, pool);
    if (text == NULL && explaining->request.wanted_count == 0)
        text = explain_supply(explaining, pool);
    if (text == NULL && is_behind)
        text = "has a free address, but the service has one already";
    return text == NULL ? "suits the service" : text;
}

/* Pools that serviceAllocation gives to the service come first, as when they are tried. */
static size_t rank(const struct ip_address_pool **order, const struct explaining *explaining)
{
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < explaining->pools.count; i++) {
            const struct ip_address_pool *pool = explaining->pools.by_priority[i];
            bool pinned = pool->has_service_allocation &&
                          pool_is_compatible(explaining->pools.objects, pool, explaining->service);
            if (pinned == (pass == 0))
                order[count++] = pool;
        }
    }
    return count;
}

static int explain_pools(struct explaining *explaining, struct service_explanation *explanation)
{
    const struct service_result *result = &explaining->entry->result;
    const struct ip_address_pool **order =
        arena_allocate(explaining->arena, explaining->pools.count, sizeof(*order));
    struct pool_explanation *items =
        arena_allocate(explaining->arena, explaining->pools.count, sizeof(*items));
    if (order == NULL || items == NULL)
        return -ENOMEM;
    size_t count = rank(order, explaining);
    for (size_t i = 0; i < count; i++) {
        bool used = result->pool != NULL && strcmp(result->pool, order[i]->object.name) == 0;
        items[i] = (struct pool_explanation){
            .pool = order[i]->object.name,
            .used = used,
            .text = explain_pool(explaining, order[i], used, result->address_count > 0)};
    }
    explanation->pools = items;
    explanation->pool_count = count;
    return 0;
}

int service_reconciler_explain(const struct service_reconciler *reconciler,
                               const struct object_set *objects, const char *namespace_,
                               const char *name, struct arena *arena,
                               struct service_explanation *explanation)
{
    const struct service_entry *entry =
        service_entries_find(&reconciler->entries, namespace_, name);
    if (entry == NULL)
        return -ENOENT;
    struct explaining explaining = {
        .reconciler = reconciler, .entry = entry, .service = entry->result.service, .arena = arena};
    *explanation = (struct service_explanation){.result = &entry->result};
    if (explaining.service == NULL || !explaining.service->is_load_balancer ||
        entry->result.condition == SERVICE_OTHER_CLASS)
        return 0;
    if (pool_choice_init(&explaining.pools, objects, arena) != 0 ||
        service_request_read(explaining.service, arena, &explaining.request) != 0)
        return -ENOMEM;
    return explain_pools(&explaining, explanation);
}
