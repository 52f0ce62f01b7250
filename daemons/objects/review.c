/* SPDX-License-Identifier: MIT */
/* What is valid but hardly meant: a pool without advertisement, an advertisement without effect. */
#include "objects/admission.h"

static bool names_pool(const struct l2_advertisement *advertisement,
                       const struct ip_address_pool *pool)
{
    if (advertisement->pools.count == 0 && advertisement->pool_selectors.count == 0)
        return true;
    return string_list_contains(&advertisement->pools, pool->object.name) ||
           selector_list_matches(&advertisement->pool_selectors, &pool->object.labels);
}

static bool pool_is_named(const struct object_set *set, const struct ip_address_pool *pool)
{
    const struct object_list *list = &set->lists[OBJECT_L2_ADVERTISEMENT];

    for (size_t i = 0; i < list->count; i++)
        if (names_pool((const struct l2_advertisement *)list->items[i], pool))
            return true;
    return false;
}

static bool names_any_pool(const struct object_set *set,
                           const struct l2_advertisement *advertisement)
{
    const struct object_list *list = &set->lists[OBJECT_IP_ADDRESS_POOL];

    for (size_t i = 0; i < list->count; i++)
        if (names_pool(advertisement, (const struct ip_address_pool *)list->items[i]))
            return true;
    return false;
}

/* Without Node objects the nodes are unknown. */
static bool matches_some_node(const struct object_set *set,
                              const struct l2_advertisement *advertisement)
{
    const struct object_list *nodes = &set->lists[OBJECT_NODE];

    if (nodes->count == 0 || advertisement->node_selectors.count == 0)
        return true;
    for (size_t i = 0; i < nodes->count; i++)
        if (selector_list_matches(&advertisement->node_selectors, &nodes->items[i]->labels))
            return true;
    return false;
}

static void warn(const struct object *object, const char *field, const char *message,
                 struct problem_list *problems)
{
    char name[OBJECT_NAME_SIZE];

    object_describe(object, name, sizeof(name));
    problem_add(problems, PROBLEM_WARNING, object->file, object->line, name, field, "%s", message);
}

static void review_advertisement(const struct object_set *set,
                                 const struct l2_advertisement *advertisement,
                                 struct problem_list *problems)
{
    if (!names_any_pool(set, advertisement))
        warn(&advertisement->object,
             advertisement->pools.count > 0            ? "spec.ipAddressPools"
             : advertisement->pool_selectors.count > 0 ? "spec.ipAddressPoolSelectors"
                                                       : "",
             "matches no pool, so that it has no effect", problems);
    else if (!matches_some_node(set, advertisement))
        warn(&advertisement->object, "spec.nodeSelectors",
             "matches no Node, so that nobody announces for it", problems);
}

void admission_review(const struct object_set *set, struct problem_list *problems)
{
    const struct object_list *pools = &set->lists[OBJECT_IP_ADDRESS_POOL];
    const struct object_list *advertisements = &set->lists[OBJECT_L2_ADVERTISEMENT];

    for (size_t i = 0; i < pools->count; i++) {
        const struct ip_address_pool *pool = (const struct ip_address_pool *)pools->items[i];

        if (!pool->is_own_advertisement && !pool_is_named(set, pool))
            warn(&pool->object, "",
                 "no L2Advertisement names this pool: its addresses are not "
                 "announced",
                 problems);
    }
    for (size_t i = 0; i < advertisements->count; i++)
        review_advertisement(set, (const struct l2_advertisement *)advertisements->items[i],
                             problems);
}
