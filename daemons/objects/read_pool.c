/* SPDX-License-Identifier: MIT */
/* Reads IPAddressPool and the older AddressPool. */
#include <string.h>

#include "objects/kinds.h"
#include "objects/selector.h"

static void read_entry(const struct field *item, struct ip_address_pool *pool)
{
    struct mlb_diagnostic diagnostic;
    int32_t result;

    mlb_diagnostic_init(&diagnostic);
    result = mlb_pool_add(pool->pool, item->value->text, &diagnostic);
    if (result == MLB_ERROR_NO_MEMORY)
        item->context->no_memory = true;
    else if (result != MLB_OK)
        field_error(item, "%s", diagnostic.message);
}

static void read_entries(const struct field *field, struct ip_address_pool *pool)
{
    size_t count = field_count(field);

    if (count == 0) {
        if (!field_present(field) || field->value->kind == TREE_SEQUENCE)
            field_error(field, "must have at least one entry");
        return;
    }
    pool->entries.items = field_allocate(field, count, sizeof(char *));
    for (size_t i = 0; i < count && pool->entries.items != NULL; i++) {
        struct field item = field_item(field, i);
        const char *text = field_text(&item);

        if (text == NULL) {
            if (!field_present(&item))
                field_error(&item, "must be an address, a range or a prefix");
            continue;
        }
        read_entry(&item, pool);
        pool->entries.items[pool->entries.count] = field_copy(&item, text);
        if (pool->entries.items[pool->entries.count] != NULL)
            pool->entries.count++;
    }
}

static void read_addresses(const struct field *spec, struct ip_address_pool *pool)
{
    struct field addresses = field_member(spec, "addresses");
    struct mlb_pool_options options = {
        .struct_size = sizeof(options),
        .flags = pool->avoid_buggy_ips ? MLB_POOL_AVOID_BUGGY : 0,
    };

    if (spec->context->no_memory ||
        mlb_pool_new(pool->object.name, &options, &pool->pool, NULL) != MLB_OK) {
        spec->context->no_memory = true;
        return;
    }
    read_entries(&addresses, pool);
}

static void read_service_allocation(const struct field *field, struct ip_address_pool *pool)
{
    struct field priority = field_member(field, "priority");
    struct field namespaces = field_member(field, "namespaces");
    struct field namespace_selectors = field_member(field, "namespaceSelectors");
    struct field service_selectors = field_member(field, "serviceSelectors");
    static const char *const known[] = {"priority", "namespaces", "namespaceSelectors",
                                        "serviceSelectors", NULL};
    int64_t number = 0;

    if (!field_is_mapping(field))
        return;
    field_warn_of_unknown(field, known);
    pool->has_service_allocation = true;
    if (field_integer(&priority, 0, INT32_MAX, &number))
        pool->priority = (int32_t)number;
    field_strings(&namespaces, true, &pool->namespaces);
    selector_read_list(&namespace_selectors, &pool->namespace_selectors);
    selector_read_list(&service_selectors, &pool->service_selectors);
}

static struct field required_spec(const struct field *root)
{
    struct field spec = field_member(root, "spec");

    if (!field_present(&spec))
        field_error(&spec, "is required");
    else
        field_is_mapping(&spec);
    return spec;
}

static void read_auto_assign(const struct field *spec, struct ip_address_pool *pool)
{
    struct field auto_assign = field_member(spec, "autoAssign");

    pool->auto_assign = true;
    field_boolean(&auto_assign, &pool->auto_assign);
}

void ip_address_pool_read(const struct field *root, struct object *object)
{
    static const char *const known[] = {"addresses", "autoAssign", "avoidBuggyIPs",
                                        "serviceAllocation", NULL};
    struct ip_address_pool *pool = (struct ip_address_pool *)object;
    struct field spec = required_spec(root);
    struct field avoid_buggy_ips = field_member(&spec, "avoidBuggyIPs");
    struct field service_allocation = field_member(&spec, "serviceAllocation");

    if (spec.value == NULL || spec.value->kind != TREE_MAPPING)
        return;
    field_warn_of_unknown(&spec, known);
    read_auto_assign(&spec, pool);
    field_boolean(&avoid_buggy_ips, &pool->avoid_buggy_ips);
    read_addresses(&spec, pool);
    read_service_allocation(&service_allocation, pool);
}

void address_pool_read(const struct field *root, struct object *object)
{
    static const char *const protocols[] = {"layer2", "bgp", NULL};
    static const char *const known[] = {"addresses",         "autoAssign", "protocol",
                                        "bgpAdvertisements", "name",       NULL};
    struct ip_address_pool *pool = (struct ip_address_pool *)object;
    struct field spec = required_spec(root);
    struct field protocol = field_member(&spec, "protocol");
    struct field bgp = field_member(&spec, "bgpAdvertisements");

    if (spec.value == NULL || spec.value->kind != TREE_MAPPING)
        return;
    field_warn_of_unknown(&spec, known);
    if (!field_present(&protocol))
        field_error(&protocol, "is required: layer2");
    if (field_word(&protocol, protocols) == 1)
        field_error(&protocol, "BGP is not supported; use layer2");
    if (field_count(&bgp) > 0)
        field_error(&bgp, "BGP is not supported; only protocol layer2 is");
    pool->is_own_advertisement = true;
    read_auto_assign(&spec, pool);
    read_addresses(&spec, pool);
}
