/* SPDX-License-Identifier: MIT */
#include "reconcile/pool_choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *left, const void *right)
{
    const struct ip_address_pool *const *a = left;
    const struct ip_address_pool *const *b = right;
    return strcmp((*a)->object.name, (*b)->object.name);
}

static int compare_priorities(const void *left, const void *right)
{
    const struct ip_address_pool *const *a = left;
    const struct ip_address_pool *const *b = right;
    /* Zero means no priority: behind all others. */
    uint32_t first = (*a)->priority > 0 ? (uint32_t)(*a)->priority : UINT32_MAX;
    uint32_t second = (*b)->priority > 0 ? (uint32_t)(*b)->priority : UINT32_MAX;
    if (first != second)
        return first < second ? -1 : 1;
    return compare_names(left, right);
}

int pool_choice_init(struct pool_choice *choice, const struct object_set *objects,
                     struct arena *arena)
{
    const struct object_list *list = &objects->lists[OBJECT_IP_ADDRESS_POOL];
    choice->objects = objects;
    choice->count = list->count;
    choice->by_name = arena_allocate(arena, list->count, sizeof(*choice->by_name));
    choice->by_priority = arena_allocate(arena, list->count, sizeof(*choice->by_priority));
    choice->names = arena_allocate(arena, list->count, sizeof(*choice->names));
    if (choice->by_name == NULL || choice->by_priority == NULL || choice->names == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < list->count; i++) {
        choice->by_name[i] = (const struct ip_address_pool *)list->items[i];
        choice->by_priority[i] = choice->by_name[i];
    }
    if (list->count > 0) {
        qsort(choice->by_name, list->count, sizeof(*choice->by_name), compare_names);
        qsort(choice->by_priority, list->count, sizeof(*choice->by_priority), compare_priorities);
    }
    return 0;
}

const struct ip_address_pool *pool_choice_find(const struct pool_choice *choice, const char *name)
{
    size_t low = 0;
    size_t high = choice->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(choice->by_name[middle]->object.name, name);
        if (order == 0)
            return choice->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool namespace_matches(const struct object_set *objects, const struct ip_address_pool *pool,
                              const char *name)
{
    if (pool->namespaces.count == 0 && pool->namespace_selectors.count == 0)
        return true;
    if (string_list_contains(&pool->namespaces, name))
        return true;
    const struct object *found = object_set_find(objects, OBJECT_NAMESPACE, "", name);
    return found != NULL && selector_list_matches(&pool->namespace_selectors, &found->labels);
}

bool pool_is_compatible(const struct object_set *objects, const struct ip_address_pool *pool,
                        const struct service *service)
{
    return namespace_matches(objects, pool, service->object.namespace_) &&
           (pool->service_selectors.count == 0 ||
            selector_list_matches(&pool->service_selectors, &service->object.labels));
}

static bool is_chosen(const struct pool_choice *choice, const struct ip_address_pool *pool,
                      const struct service *service, enum pool_choice_kind kind)
{
    switch (kind) {
    case POOL_CHOICE_ANY:
        return true;
    case POOL_CHOICE_GENERAL:
        return pool->auto_assign && !pool->has_service_allocation;
    case POOL_CHOICE_PINNED:
        if (!pool->auto_assign || !pool->has_service_allocation)
            return false;
        break;
    case POOL_CHOICE_EXPLICIT:
        break;
    }
    return pool_is_compatible(choice->objects, pool, service);
}

size_t pool_choice_list(const struct pool_choice *choice, const struct service *service,
                        enum pool_choice_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < choice->count; i++) {
        if (is_chosen(choice, choice->by_priority[i], service, kind))
            choice->names[count++] = choice->by_priority[i]->object.name;
    }
    return count;
}
