/* SPDX-License-Identifier: MIT */
#include "os/interval_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The distance between two intervals, and which of them lies before it. */
struct gap {
    uint32_t size[ADDRESS_WORDS];
    size_t position;
};

void interval_list_free(struct interval_list *list)
{
    free(list->items);
    *list = (struct interval_list){0};
}

static void words_of(const struct mlb_address *address, uint32_t words[ADDRESS_WORDS])
{
    const size_t used = address->family == MLB_FAMILY_IPV4 ? 1 : ADDRESS_WORDS;

    memset(words, 0, ADDRESS_WORDS * sizeof(*words));
    for (size_t i = 0; i < used; i++) {
        const uint8_t *bytes = address->bytes + 4 * i;
        words[ADDRESS_WORDS - used + i] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                                          (uint32_t)bytes[2] << 8 | bytes[3];
    }
}

static int compare_words(const uint32_t a[ADDRESS_WORDS], const uint32_t b[ADDRESS_WORDS])
{
    for (size_t i = 0; i < ADDRESS_WORDS; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

static int compare_intervals(const void *a, const void *b)
{
    const struct address_interval *left = a;
    const struct address_interval *right = b;

    return compare_words(left->first, right->first);
}

/* larger - smaller, as numbers of 128 bits */
static void subtract(const uint32_t larger[ADDRESS_WORDS], const uint32_t smaller[ADDRESS_WORDS],
                     uint32_t difference[ADDRESS_WORDS])
{
    uint64_t borrow = 0;

    for (size_t i = ADDRESS_WORDS; i-- > 0;) {
        const uint64_t part = (uint64_t)larger[i] - smaller[i] - borrow;
        difference[i] = (uint32_t)part;
        borrow = part >> 63;
    }
}

static int follows_directly(const struct address_interval *interval,
                            const struct address_interval *next)
{
    static const uint32_t one[ADDRESS_WORDS] = {0, 0, 0, 1};
    uint32_t difference[ADDRESS_WORDS];

    subtract(next->first, interval->last, difference);
    return compare_words(difference, one) <= 0;
}

static size_t merge_neighbours(struct address_interval *items, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && follows_directly(&items[kept - 1], &items[i]))
            memcpy(items[kept - 1].last, items[i].last, sizeof(items[i].last));
        else
            items[kept++] = items[i];
    }
    return kept;
}

int interval_list_build(const struct mlb_address *addresses, size_t count, uint8_t family,
                        struct interval_list *list)
{
    struct address_interval *items = calloc(count + 1, sizeof(*items));
    size_t used = 0;

    if (!items)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (addresses[i].family != family)
            continue;
        words_of(&addresses[i], items[used].first);
        memcpy(items[used].last, items[used].first, sizeof(items[used].last));
        used++;
    }
    qsort(items, used, sizeof(*items), compare_intervals);
    list->items = items;
    list->count = merge_neighbours(items, used);
    return 0;
}

/* Largest first; among equal ones the earlier, so that the same list gives the same covering. */
static int compare_gaps(const void *a, const void *b)
{
    const struct gap *left = a;
    const struct gap *right = b;
    const int order = compare_words(right->size, left->size);

    if (order != 0)
        return order;
    return left->position < right->position ? -1 : 1;
}

static int compare_positions(const void *a, const void *b)
{
    const struct gap *left = a;
    const struct gap *right = b;

    return left->position < right->position ? -1 : left->position > right->position;
}

/* The limit - 1 largest gaps stay open; every interval in between runs from one to the next. */
static size_t cover_between(const struct interval_list *list, struct gap *gaps, size_t open,
                            struct address_interval *items)
{
    size_t start = 0;

    for (size_t i = 0; i <= open; i++) {
        const size_t end = i < open ? gaps[i].position : list->count - 1;
        memcpy(items[i].first, list->items[start].first, sizeof(items[i].first));
        memcpy(items[i].last, list->items[end].last, sizeof(items[i].last));
        start = end + 1;
    }
    return open + 1;
}

int interval_list_cover(const struct interval_list *list, size_t limit,
                        struct interval_list *covering)
{
    const size_t gap_count = list->count > 0 ? list->count - 1 : 0;
    const size_t open = limit - 1 < gap_count ? limit - 1 : gap_count;
    struct address_interval *items = calloc(open + 1, sizeof(*items));
    struct gap *gaps = calloc(gap_count + 1, sizeof(*gaps));

    if (!items || !gaps) {
        free(items);
        free(gaps);
        return -ENOMEM;
    }
    for (size_t i = 0; i < gap_count; i++) {
        subtract(list->items[i + 1].first, list->items[i].last, gaps[i].size);
        gaps[i].position = i;
    }
    qsort(gaps, gap_count, sizeof(*gaps), compare_gaps);
    qsort(gaps, open, sizeof(*gaps), compare_positions);
    covering->items = items;
    covering->count = list->count > 0 ? cover_between(list, gaps, open, items) : 0;
    free(gaps);
    return 0;
}
