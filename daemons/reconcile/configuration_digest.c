/* SPDX-License-Identifier: MIT */
#include "reconcile/configuration_digest.h"

#include <string.h>

#include "reconcile/request.h"

/* FNV-1a with 64 bits: it tells mistakes apart, nobody has a reason to forge it. */
#define HASH_START UINT64_C(14695981039346656037)
#define HASH_PRIME UINT64_C(1099511628211)

static void add_bytes(uint64_t *hash, const void *bytes, size_t length)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < length; i++)
        *hash = (*hash ^ byte[i]) * HASH_PRIME;
}

static void add_number(uint64_t *hash, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    add_bytes(hash, bytes, sizeof(bytes));
}

/* The NUL ends it; a missing text differs from an empty one. */
static void add_text(uint64_t *hash, const char *text)
{
    add_number(hash, text != NULL);
    if (text != NULL)
        add_bytes(hash, text, strlen(text) + 1);
}

static void add_list(uint64_t *hash, const struct string_list *list)
{
    add_number(hash, list->count);
    for (size_t i = 0; i < list->count; i++)
        add_text(hash, list->items[i]);
}

static void add_labels(uint64_t *hash, const struct labels *labels)
{
    add_number(hash, labels->count);
    for (size_t i = 0; i < labels->count; i++) {
        add_text(hash, labels->items[i].key);
        add_text(hash, labels->items[i].value);
    }
}

static void add_selector(uint64_t *hash, const struct selector *selector)
{
    add_number(hash, selector->count);
    for (size_t i = 0; i < selector->count; i++) {
        const struct selector_requirement *requirement = &selector->requirements[i];
        add_text(hash, requirement->key);
        add_number(hash, requirement->operator);
        add_list(hash, &requirement->values);
    }
}

static void add_selectors(uint64_t *hash, const struct selector_list *list)
{
    add_number(hash, list->count);
    for (size_t i = 0; i < list->count; i++)
        add_selector(hash, &list->items[i]);
}

static void add_pool(uint64_t *hash, const struct ip_address_pool *pool)
{
    add_list(hash, &pool->entries);
    add_number(hash, pool->auto_assign);
    add_number(hash, pool->avoid_buggy_ips);
    add_number(hash, pool->has_service_allocation);
    add_number(hash, (uint64_t)pool->priority);
    add_list(hash, &pool->namespaces);
    add_selectors(hash, &pool->namespace_selectors);
    add_selectors(hash, &pool->service_selectors);
    add_number(hash, pool->is_own_advertisement);
}

static void add_advertisement(uint64_t *hash, const struct l2_advertisement *advertisement)
{
    add_list(hash, &advertisement->pools);
    add_selectors(hash, &advertisement->pool_selectors);
    add_selectors(hash, &advertisement->node_selectors);
    add_selectors(hash, &advertisement->service_selectors);
    add_list(hash, &advertisement->interfaces);
    add_number(hash, advertisement->preference_count);
    for (size_t i = 0; i < advertisement->preference_count; i++) {
        add_number(hash, (uint64_t)advertisement->preferences[i].weight);
        add_selector(hash, &advertisement->preferences[i].selector);
    }
}

/* Of the annotations those that a request is made of: others may differ as tools like. */
static void add_service_annotations(uint64_t *hash, const struct service *service)
{
    static const char *const names[] = {"loadBalancerIPs", "allow-shared-ip", "address-pool"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        add_text(hash, service_annotation(service, names[i]));
}

static void add_ports(uint64_t *hash, const struct service *service)
{
    add_number(hash, service->port_count);
    for (size_t i = 0; i < service->port_count; i++) {
        add_number(hash, service->ports[i].protocol);
        add_number(hash, service->ports[i].number);
    }
}

static void add_ingress(uint64_t *hash, const struct service *service)
{
    add_number(hash, service->ingress_count);
    for (size_t i = 0; i < service->ingress_count; i++) {
        add_number(hash, service->ingress[i].family);
        add_bytes(hash, service->ingress[i].bytes, sizeof(service->ingress[i].bytes));
    }
}

static void add_service(uint64_t *hash, const struct service *service)
{
    add_number(hash, service->broken);
    add_number(hash, service->is_load_balancer);
    add_number(hash, service->policy);
    add_number(hash, service->ip_family_policy);
    add_number(hash, service->ip_family_count);
    add_bytes(hash, service->ip_families, service->ip_family_count);
    add_list(hash, &service->cluster_ips);
    add_labels(hash, &service->selector);
    add_text(hash, service->load_balancer_ip);
    add_text(hash, service->load_balancer_class);
    add_service_annotations(hash, service);
    add_ports(hash, service);
    add_ingress(hash, service);
}

static void add_slice(uint64_t *hash, const struct endpoint_slice *slice)
{
    add_text(hash, slice->service_name);
    add_number(hash, slice->endpoint_count);
    for (size_t i = 0; i < slice->endpoint_count; i++) {
        add_text(hash, slice->endpoints[i].node_name);
        add_number(hash, slice->endpoints[i].ready);
        add_number(hash, slice->endpoints[i].serving);
    }
}

/* Who lives is what the members say; the rest of a node's conditions counts. */
static void add_node(uint64_t *hash, const struct node *node)
{
    add_number(hash, node->network_unavailable);
    add_number(hash, node->exclude_from_balancers);
}

static void add_object(uint64_t *hash, const struct object *object)
{
    add_text(hash, object->namespace_);
    add_text(hash, object->name);
    add_labels(hash, &object->labels);
    add_number(hash, (uint64_t)object->created);
    switch (object->kind) {
    case OBJECT_IP_ADDRESS_POOL:
        add_pool(hash, (const struct ip_address_pool *)object);
        break;
    case OBJECT_L2_ADVERTISEMENT:
        add_advertisement(hash, (const struct l2_advertisement *)object);
        break;
    case OBJECT_SERVICE:
        add_service(hash, (const struct service *)object);
        break;
    case OBJECT_ENDPOINT_SLICE:
        add_slice(hash, (const struct endpoint_slice *)object);
        break;
    case OBJECT_NODE:
        add_node(hash, (const struct node *)object);
        break;
    case OBJECT_NAMESPACE:
        break;
    }
}

static void add_objects(uint64_t *hash, const struct object_list *list)
{
    add_number(hash, list->count);
    for (size_t i = 0; i < list->count; i++)
        add_object(hash, list->items[i]);
}

uint64_t configuration_digest(const struct object_set *objects,
                              const struct announcement_options *options)
{
    uint64_t hash = HASH_START;
    add_number(&hash, options->mode);
    add_number(&hash, options->ignore_exclude_label);
    add_text(&hash, options->load_balancer_class == NULL ? "" : options->load_balancer_class);
    for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        add_objects(&hash, &objects->lists[kind]);
    add_objects(&hash, &objects->statuses);
    return hash;
}
