/* SPDX-License-Identifier: MIT */
/* Reads L2Advertisement. */
#include "objects/kinds.h"
#include "objects/selector.h"

static void read_preference(const struct field *item, struct node_preference *preference)
{
    static const char *const known[] = {"weight", "preference", NULL};
    struct field weight = field_member(item, "weight");
    struct field selector = field_member(item, "preference");
    int64_t number = 0;

    if (!field_present(item))
        field_error(item, "must have a weight and a preference");
    if (!field_is_mapping(item))
        return;
    field_warn_of_unknown(item, known);
    if (!field_present(&weight))
        field_error(&weight, "is required");
    if (field_integer(&weight, 1, 100, &number))
        preference->weight = (int32_t)number;
    if (!field_present(&selector))
        field_error(&selector, "is required");
    selector_read(&selector, &preference->selector);
}

static void read_preferences(const struct field *field, struct l2_advertisement *advertisement)
{
    size_t count = field_count(field);

    if (count == 0)
        return;
    advertisement->preferences = field_allocate(field, count, sizeof(*advertisement->preferences));
    for (size_t i = 0; i < count && advertisement->preferences != NULL; i++) {
        struct field item = field_item(field, i);

        read_preference(&item, &advertisement->preferences[advertisement->preference_count++]);
    }
}

void l2_advertisement_read(const struct field *root, struct object *object)
{
    static const char *const known[] = {"ipAddressPools",
                                        "ipAddressPoolSelectors",
                                        "nodeSelectors",
                                        "serviceSelectors",
                                        "interfaces",
                                        "preferredNodeSelectors",
                                        NULL};
    struct l2_advertisement *advertisement = (struct l2_advertisement *)object;
    struct field spec = field_member(root, "spec");
    struct field pools = field_member(&spec, "ipAddressPools");
    struct field pool_selectors = field_member(&spec, "ipAddressPoolSelectors");
    struct field node_selectors = field_member(&spec, "nodeSelectors");
    struct field service_selectors = field_member(&spec, "serviceSelectors");
    struct field interfaces = field_member(&spec, "interfaces");
    struct field preferences = field_member(&spec, "preferredNodeSelectors");

    /* Without a spec it stands for all pools, nodes and interfaces. */
    if (!field_is_mapping(&spec))
        return;
    field_warn_of_unknown(&spec, known);
    field_strings(&pools, true, &advertisement->pools);
    selector_read_list(&pool_selectors, &advertisement->pool_selectors);
    selector_read_list(&node_selectors, &advertisement->node_selectors);
    selector_read_list(&service_selectors, &advertisement->service_selectors);
    field_strings(&interfaces, false, &advertisement->interfaces);
    read_preferences(&preferences, advertisement);
}
