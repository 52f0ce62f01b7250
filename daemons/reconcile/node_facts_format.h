/* SPDX-License-Identifier: MIT */
/* The numbers of the record of facts, for those who write and read it; see node_facts.h. */
#pragma once

#include "reconcile/node_facts.h"

/* The last byte is the version. */
static const uint8_t facts_magic[] = {'M', 'L', 'F', 1};

#define MAGIC_SIZE      sizeof(facts_magic)
#define FIELD_HEAD_SIZE 3
#define IPV4_SIZE       4
#define IPV6_SIZE       16

enum field_type {
    FIELD_FLAGS = 1,
    FIELD_RUN = 2,
    FIELD_DIGEST = 3,
    FIELD_INTERFACES = 4,
    FIELD_SUBNETS_IPV4 = 5,
    FIELD_SUBNETS_IPV6 = 6,
    FIELD_ADDRESSES_IPV4 = 7,
    FIELD_ADDRESSES_IPV6 = 8,
};
#define FIELD_COUNT 9

enum flag {
    FLAG_READY = 1,
    FLAG_DRAINING = 2,
    FLAG_MORE_INTERFACES = 4,
    FLAG_MORE_SUBNETS = 8,
    FLAG_MORE_ADDRESSES = 16,
};

static inline size_t address_size(uint8_t family)
{
    return family == MLB_FAMILY_IPV4 ? IPV4_SIZE : IPV6_SIZE;
}
