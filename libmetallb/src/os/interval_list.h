/* SPDX-License-Identifier: MIT */
/*
 * Sorted intervals of addresses, the form in which a classic BPF program searches them.
 *
 * An address is four words in host order, most significant first; an IPv4 address is the last one.
 */
#pragma once

#include <metallb/address.h>

#include <stddef.h>
#include <stdint.h>

#define ADDRESS_WORDS 4

struct address_interval {
    uint32_t first[ADDRESS_WORDS];
    uint32_t last[ADDRESS_WORDS];
};

struct interval_list {
    struct address_interval *items; /* ascending, disjoint, no two adjacent */
    size_t count;
};

void interval_list_free(struct interval_list *list);

/*
 * Collects the addresses of one family, in any order; neighbours become one interval.
 *
 * @return  0 or -ENOMEM
 */
int interval_list_build(const struct mlb_address *addresses, size_t count, uint8_t family,
                        struct interval_list *list);

/*
 * Makes at most limit intervals (limit > 0) that cover those of a list, by closing the smallest
 * gaps first.
 *
 * @return  0 or -ENOMEM
 */
int interval_list_cover(const struct interval_list *list, size_t limit,
                        struct interval_list *covering);
