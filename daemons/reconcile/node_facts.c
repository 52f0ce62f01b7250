/* SPDX-License-Identifier: MIT */
#include "reconcile/node_facts.h"

#include <stdlib.h>
#include <string.h>

void node_facts_clear(struct node_facts *facts)
{
    free(facts->memory);
    *facts = (struct node_facts){0};
}

bool node_facts_has_interface(const struct node_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->interface_count; i++) {
        if (strcmp(facts->interfaces[i].name, name) == 0)
            return true;
    }
    return facts->more_interfaces;
}

static int compare_addresses(const void *left, const void *right)
{
    return mlb_address_compare(left, right);
}

bool node_facts_holds(const struct node_facts *facts, const struct mlb_address *address)
{
    return facts->address_count > 0 &&
           bsearch(address, facts->addresses, facts->address_count, sizeof(*facts->addresses),
                   compare_addresses) != NULL;
}
