/* SPDX-License-Identifier: MIT */
/* Any bytes are a record of facts or are refused; what was read is written and read again the same,
 * and the meta data of a member are read whatever they are. */
#include <errno.h>
#include <metallb/membership.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/node_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void require_equal(const struct node_facts *a, const struct node_facts *b)
{
    require(a->ready == b->ready && a->draining == b->draining && a->run == b->run);
    require(a->digest == b->digest && a->interface_count == b->interface_count);
    require(memcmp(a->interfaces, b->interfaces, a->interface_count * sizeof(*a->interfaces)) == 0);
    require(a->subnet_count == b->subnet_count && a->address_count == b->address_count);
    require(memcmp(a->subnets, b->subnets, a->subnet_count * sizeof(*a->subnets)) == 0);
    require(memcmp(a->addresses, b->addresses, a->address_count * sizeof(*a->addresses)) == 0);
}

static void check_read(const struct node_facts *facts, size_t size)
{
    uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
    struct node_facts again;
    size_t length = node_facts_write(facts, bytes);

    require(length <= sizeof(bytes));
    require(node_facts_read(bytes, length, &again) == 0);
    /* A record near the limit may lose what the writer keeps room for. */
    if (size < MLB_MEMBERSHIP_FACTS_MAX / 2)
        require_equal(facts, &again);
    for (size_t i = 0; i < facts->address_count; i++)
        require(node_facts_holds(facts, &facts->addresses[i]));
    for (size_t i = 0; i < facts->interface_count; i++)
        require(node_facts_has_interface(facts, facts->interfaces[i].name));
    node_facts_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct node_facts facts = {0};
    uint64_t run = 0;
    int result = node_facts_read(data, size, &facts);

    require(result == 0 || result == -EINVAL || result == -EPROTONOSUPPORT);
    if (result == 0)
        check_read(&facts, size);
    else
        require(facts.memory == NULL);
    node_facts_clear(&facts);
    if (node_facts_meta_read(data, size, &run))
        require(size >= NODE_FACTS_META_SIZE);
    return 0;
}
