/* SPDX-License-Identifier: MIT */
#include "reconcile/landscape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct node *find_node(const struct object_set *objects, const char *name)
{
    return (const struct node *)object_set_find(objects, OBJECT_NODE, "", name);
}

static bool may_announce(const struct landscape *landscape, const char *name,
                         bool ignore_exclude_label)
{
    const struct node *node = find_node(landscape->objects, name);
    return node == NULL ||
           !(node->network_unavailable || (node->exclude_from_balancers && !ignore_exclude_label));
}

/* A node without facts is a speaker of another kind, which is able until it fails. One whose facts
 * are on their way, or that is just starting, would own addresses that it does not answer for. */
static bool is_ready(const struct live_node *live)
{
    return !live->waiting && (live->facts == NULL || live->facts->ready);
}

static void resolve_node(struct landscape *landscape, const struct live_node *live,
                         const struct announcement_options *options)
{
    uint32_t number = node_table_find(landscape->nodes, live->name);
    bool believed = options->mode != ELECTION_METALLB;
    node_set_add(landscape->live, number);
    if (may_announce(landscape, live->name, options->ignore_exclude_label) &&
        (!believed || is_ready(live)))
        node_set_add(landscape->eligible, number);
    if (!believed || live->facts == NULL)
        return;
    landscape->facts[number] = live->facts;
    if (live->facts->draining)
        node_set_add(landscape->draining, number);
}

static int resolve_nodes(struct landscape *landscape, const struct announcement_input *input,
                         const struct announcement_options *options, struct arena *arena)
{
    size_t words = landscape->words;
    node_word *sets = arena_allocate(arena, words * 3, sizeof(node_word));
    landscape->facts = (const struct node_facts **)arena_allocate(arena, landscape->nodes->count,
                                                                  sizeof(*landscape->facts));
    if (sets == NULL || landscape->facts == NULL)
        return -ENOMEM;
    landscape->live = sets;
    landscape->eligible = sets + words;
    landscape->draining = sets + words * 2;
    for (size_t i = 0; i < input->live_count; i++)
        resolve_node(landscape, &input->live[i], options);
    return 0;
}

/* Calls a selector with the labels of a node; without an object it has its host name alone. */
static bool node_matches(const struct landscape *landscape, uint32_t number,
                         const struct selector *selector)
{
    char *name = landscape->nodes->names[number];
    const struct node *node = find_node(landscape->objects, name);
    if (node != NULL)
        return selector_matches(selector, &node->object.labels);
    char key[] = "kubernetes.io/hostname";
    struct label label = {.key = key, .value = name};
    struct labels labels = {.items = &label, .count = 1};
    return selector_matches(selector, &labels);
}

static bool is_selected(const struct landscape *landscape, const struct l2_advertisement *object,
                        uint32_t number)
{
    if (object == NULL || object->node_selectors.count == 0)
        return true;
    for (size_t i = 0; i < object->node_selectors.count; i++) {
        if (node_matches(landscape, number, &object->node_selectors.items[i]))
            return true;
    }
    return false;
}

/* Whether the node has an interface that the advertisement may use. */
static bool is_able(const struct landscape *landscape, const struct l2_advertisement *object,
                    uint32_t number)
{
    const struct node_facts *facts = landscape->facts[number];
    if (facts == NULL)
        return true;
    if (object == NULL || object->interfaces.count == 0)
        return facts->interface_count > 0 || facts->more_interfaces;
    for (size_t i = 0; i < object->interfaces.count; i++) {
        if (node_facts_has_interface(facts, object->interfaces.items[i]))
            return true;
    }
    return false;
}

static int32_t preference_of(const struct landscape *landscape,
                             const struct l2_advertisement *object, uint32_t number)
{
    int32_t sum = 0;
    for (size_t i = 0; i < object->preference_count; i++) {
        if (node_matches(landscape, number, &object->preferences[i].selector))
            sum += object->preferences[i].weight;
    }
    return sum;
}

static int resolve_advertisement(const struct landscape *landscape,
                                 struct advertisement *advertisement, struct arena *arena)
{
    const struct l2_advertisement *object = advertisement->object;
    advertisement->selected = arena_allocate(arena, landscape->words * 2, sizeof(node_word));
    if (advertisement->selected == NULL)
        return -ENOMEM;
    advertisement->nodes = advertisement->selected + landscape->words;
    if (object != NULL && object->preference_count > 0) {
        advertisement->preferences =
            arena_allocate(arena, landscape->nodes->count, sizeof(int32_t));
        if (advertisement->preferences == NULL)
            return -ENOMEM;
    }
    for (uint32_t number = 0; number < landscape->nodes->count; number++) {
        if (!node_set_has(landscape->live, number) || !is_selected(landscape, object, number))
            continue;
        node_set_add(advertisement->selected, number);
        if (is_able(landscape, object, number))
            node_set_add(advertisement->nodes, number);
        if (object != NULL && advertisement->preferences != NULL)
            advertisement->preferences[number] = preference_of(landscape, object, number);
    }
    return 0;
}

/* The last one stands for the AddressPools, which advertise themselves everywhere. */
static int resolve_advertisements(struct landscape *landscape, struct arena *arena)
{
    const struct object_list *list = &landscape->objects->lists[OBJECT_L2_ADVERTISEMENT];
    landscape->advertisement_count = list->count + 1;
    landscape->advertisements =
        arena_allocate(arena, landscape->advertisement_count, sizeof(*landscape->advertisements));
    if (landscape->advertisements == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < landscape->advertisement_count; i++) {
        struct advertisement *advertisement = &landscape->advertisements[i];
        if (i < list->count)
            advertisement->object = (const struct l2_advertisement *)list->items[i];
        if (resolve_advertisement(landscape, advertisement, arena) != 0)
            return -ENOMEM;
    }
    return 0;
}

static bool advertises(const struct advertisement *advertisement,
                       const struct ip_address_pool *pool)
{
    const struct l2_advertisement *object = advertisement->object;
    if (pool->is_own_advertisement || object == NULL)
        return pool->is_own_advertisement && object == NULL;
    if (object->pools.count == 0 && object->pool_selectors.count == 0)
        return true;
    return string_list_contains(&object->pools, pool->object.name) ||
           selector_list_matches(&object->pool_selectors, &pool->object.labels);
}

static int resolve_pool(struct landscape *landscape, const struct ip_address_pool *pool,
                        struct arena *arena)
{
    struct advertised_pool *entry = &landscape->pools[landscape->pool_count++];
    entry->pool = pool;
    entry->advertisements =
        arena_allocate(arena, landscape->advertisement_count, sizeof(*entry->advertisements));
    if (entry->advertisements == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < landscape->advertisement_count; i++) {
        if (advertises(&landscape->advertisements[i], pool))
            entry->advertisements[entry->advertisement_count++] = &landscape->advertisements[i];
    }
    for (size_t i = 0; i < mlb_pool_size(pool->pool); i++) {
        struct pool_range *range = &landscape->ranges[landscape->range_count++];
        range->pool = entry;
        if (mlb_pool_range(pool->pool, i, &range->range, NULL) != MLB_OK)
            return -ENOMEM;
    }
    return 0;
}

static int compare_ranges(const void *left, const void *right)
{
    return mlb_address_compare(&((const struct pool_range *)left)->range.first,
                               &((const struct pool_range *)right)->range.first);
}

static int resolve_pools(struct landscape *landscape, struct arena *arena)
{
    const struct object_list *list = &landscape->objects->lists[OBJECT_IP_ADDRESS_POOL];
    size_t ranges = 0;
    for (size_t i = 0; i < list->count; i++)
        ranges += mlb_pool_size(((const struct ip_address_pool *)list->items[i])->pool);
    landscape->pools = arena_allocate(arena, list->count, sizeof(*landscape->pools));
    landscape->ranges = arena_allocate(arena, ranges, sizeof(*landscape->ranges));
    if (landscape->pools == NULL || landscape->ranges == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < list->count; i++) {
        if (resolve_pool(landscape, (const struct ip_address_pool *)list->items[i], arena) != 0)
            return -ENOMEM;
    }
    qsort(landscape->ranges, landscape->range_count, sizeof(*landscape->ranges), compare_ranges);
    return 0;
}

const struct advertised_pool *landscape_pool_of(const struct landscape *landscape,
                                                const struct mlb_address *address)
{
    size_t low = 0;
    size_t high = landscape->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mlb_address_compare(&landscape->ranges[middle].range.first, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || !mlb_range_contains(&landscape->ranges[low - 1].range, address))
        return NULL;
    return landscape->ranges[low - 1].pool;
}

static int compare_slice(const struct endpoint_slice *slice, const char *namespace_,
                         const char *service)
{
    int order = strcmp(slice->service_name, service);
    return order != 0 ? order : strcmp(slice->object.namespace_, namespace_);
}

static int compare_slices(const void *left, const void *right)
{
    const struct endpoint_slice *const *a = left;
    const struct endpoint_slice *const *b = right;
    return compare_slice(*a, (*b)->object.namespace_, (*b)->service_name);
}

static int index_slices(struct landscape *landscape, struct arena *arena)
{
    const struct object_list *list = &landscape->objects->lists[OBJECT_ENDPOINT_SLICE];
    landscape->slices = arena_allocate(arena, list->count, sizeof(*landscape->slices));
    if (landscape->slices == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < list->count; i++)
        landscape->slices[i] = (const struct endpoint_slice *)list->items[i];
    landscape->slice_count = list->count;
    qsort(landscape->slices, list->count, sizeof(*landscape->slices), compare_slices);
    return 0;
}

/* A missing Ready condition counts as ready, and an endpoint that ends may still serve. */
static bool can_serve(const struct endpoint *endpoint)
{
    return endpoint->ready != TRISTATE_FALSE || endpoint->serving == TRISTATE_TRUE;
}

static size_t first_slice(const struct landscape *landscape, const struct service *service)
{
    size_t low = 0;
    size_t high = landscape->slice_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_slice(landscape->slices[middle], service->object.namespace_,
                          service->object.name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool landscape_endpoints(const struct landscape *landscape, const struct service *service,
                         node_word *nodes)
{
    bool any = false;
    for (size_t i = first_slice(landscape, service); i < landscape->slice_count; i++) {
        const struct endpoint_slice *slice = landscape->slices[i];
        if (compare_slice(slice, service->object.namespace_, service->object.name) != 0)
            break;
        for (size_t j = 0; j < slice->endpoint_count; j++) {
            const struct endpoint *endpoint = &slice->endpoints[j];
            if (!can_serve(endpoint))
                continue;
            any = true;
            uint32_t number = endpoint->node_name == NULL
                                  ? NODE_UNKNOWN
                                  : node_table_find(landscape->nodes, endpoint->node_name);
            if (number != NODE_UNKNOWN && node_set_has(landscape->live, number))
                node_set_add(nodes, number);
        }
    }
    return any;
}

int landscape_init(struct landscape *landscape, const struct announcement_input *input,
                   const struct node_table *nodes, const struct announcement_options *options,
                   struct arena *arena)
{
    *landscape = (struct landscape){
        .objects = input->objects, .nodes = nodes, .words = node_set_words(nodes->count)};
    if (resolve_nodes(landscape, input, options, arena) != 0 ||
        resolve_advertisements(landscape, arena) != 0 || resolve_pools(landscape, arena) != 0 ||
        index_slices(landscape, arena) != 0)
        return -ENOMEM;
    return 0;
}
