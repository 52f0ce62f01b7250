/* SPDX-License-Identifier: MIT */
/* Life of objects, and the set of those in force. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects/objects.h"

static void free_string_list(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

static void free_labels(struct labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->items[i].key);
        free(labels->items[i].value);
    }
    free(labels->items);
}

static void free_selector(struct selector *selector)
{
    for (size_t i = 0; i < selector->count; i++) {
        free(selector->requirements[i].key);
        free_string_list(&selector->requirements[i].values);
    }
    free(selector->requirements);
}

static void free_selector_list(struct selector_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_selector(&list->items[i]);
    free(list->items);
}

static void free_pool(struct ip_address_pool *pool)
{
    mlb_pool_free(pool->pool);
    free_string_list(&pool->entries);
    free_string_list(&pool->namespaces);
    free_selector_list(&pool->namespace_selectors);
    free_selector_list(&pool->service_selectors);
}

static void free_advertisement(struct l2_advertisement *advertisement)
{
    free_string_list(&advertisement->pools);
    free_selector_list(&advertisement->pool_selectors);
    free_selector_list(&advertisement->node_selectors);
    free_selector_list(&advertisement->service_selectors);
    free_string_list(&advertisement->interfaces);
    for (size_t i = 0; i < advertisement->preference_count; i++)
        free_selector(&advertisement->preferences[i].selector);
    free(advertisement->preferences);
}

static void free_service(struct service *service)
{
    free_string_list(&service->cluster_ips);
    free_labels(&service->selector);
    free(service->ports);
    free(service->load_balancer_ip);
    free(service->load_balancer_class);
    free(service->ingress);
}

static void free_endpoint_slice(struct endpoint_slice *slice)
{
    free(slice->service_name);
    for (size_t i = 0; i < slice->endpoint_count; i++)
        free(slice->endpoints[i].node_name);
    free(slice->endpoints);
}

static void free_kind(struct object *object)
{
    switch (object->kind) {
    case OBJECT_IP_ADDRESS_POOL:
        free_pool((struct ip_address_pool *)object);
        break;
    case OBJECT_L2_ADVERTISEMENT:
        free_advertisement((struct l2_advertisement *)object);
        break;
    case OBJECT_SERVICE:
        free_service((struct service *)object);
        break;
    case OBJECT_ENDPOINT_SLICE:
        free_endpoint_slice((struct endpoint_slice *)object);
        break;
    case OBJECT_NODE:
    case OBJECT_NAMESPACE:
        break;
    }
}

struct object *object_ref(struct object *object)
{
    object->references++;
    return object;
}

void object_unref(struct object *object)
{
    if (object == NULL || --object->references > 0)
        return;
    free_kind(object);
    free(object->namespace_);
    free(object->name);
    free_labels(&object->labels);
    free_labels(&object->annotations);
    free(object->file);
    free(object);
}

void object_describe(const struct object *object, char *buffer, size_t size)
{
    if (object->namespace_[0] == '\0')
        snprintf(buffer, size, "%s/%s", object->kind_text, object->name);
    else
        snprintf(buffer, size, "%s/%s/%s", object->kind_text, object->namespace_, object->name);
}

void object_set_init(struct object_set *set)
{
    memset(set, 0, sizeof(*set));
}

static void clear_list(struct object_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        object_unref(list->items[i]);
    free(list->items);
}

void object_set_clear(struct object_set *set)
{
    for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        clear_list(&set->lists[kind]);
    clear_list(&set->statuses);
    object_set_init(set);
}

static int compare_names(const struct object *object, const char *namespace_, const char *name)
{
    int order = strcmp(object->namespace_, namespace_);

    return order != 0 ? order : strcmp(object->name, name);
}

/* Index of the first object that is not before the name. */
static size_t lower_bound(const struct object_list *list, const char *namespace_, const char *name)
{
    size_t low = 0;
    size_t high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_names(list->items[middle], namespace_, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int object_list_insert(struct object_list *list, struct object *object)
{
    size_t index = lower_bound(list, object->namespace_, object->name);
    struct object **items;

    if (index < list->count &&
        compare_names(list->items[index], object->namespace_, object->name) == 0) {
        object_ref(object);
        object_unref(list->items[index]);
        list->items[index] = object;
        return 0;
    }
    /* Grows when the count is a power of two, so that the list needs no capacity of its own; what
     * was removed leaves more room than that. */
    if ((list->count & (list->count - 1)) == 0) {
        items = reallocarray(list->items, list->count == 0 ? 1 : list->count * 2, sizeof(*items));
        if (items == NULL)
            return -ENOMEM;
        list->items = items;
    }
    memmove(&list->items[index + 1], &list->items[index],
            (list->count - index) * sizeof(struct object *));
    list->items[index] = object_ref(object);
    list->count++;
    return 0;
}

int object_set_insert(struct object_set *set, struct object *object)
{
    return object_list_insert(&set->lists[object->kind], object);
}

void object_set_remove(struct object_set *set, enum object_kind kind, const char *namespace_,
                       const char *name)
{
    struct object_list *list = &set->lists[kind];
    size_t index = lower_bound(list, namespace_, name);
    struct object *object;

    if (index == list->count || compare_names(list->items[index], namespace_, name) != 0)
        return;
    object = list->items[index];
    list->count--;
    memmove(&list->items[index], &list->items[index + 1],
            (list->count - index) * sizeof(struct object *));
    object_unref(object);
}

struct object *object_set_find(const struct object_set *set, enum object_kind kind,
                               const char *namespace_, const char *name)
{
    const struct object_list *list = &set->lists[kind];
    size_t index = lower_bound(list, namespace_, name);

    if (index < list->count && compare_names(list->items[index], namespace_, name) == 0)
        return list->items[index];
    return NULL;
}
