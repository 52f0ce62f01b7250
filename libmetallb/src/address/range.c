/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "address/check.h"
#include "address/count.h"
#include "base/diagnostic.h"
#include "base/refusals.h"

int32_t mlb_address_compare(const struct mlb_address *a, const struct mlb_address *b)
{
    address_value first;
    address_value second;

    if (!a || !b)
        return (a != NULL) - (b != NULL);
    first = address_to_value(a);
    second = address_to_value(b);
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return (first > second) - (first < second);
}

int32_t mlb_range_contains(const struct mlb_range *range, const struct mlb_address *address)
{
    if (!range || !address || !range_is_valid(range))
        return 0;
    return mlb_address_compare(&range->first, address) <= 0 &&
           mlb_address_compare(address, &range->last) <= 0;
}

int32_t mlb_range_overlaps(const struct mlb_range *a, const struct mlb_range *b)
{
    if (!a || !b || !range_is_valid(a) || !range_is_valid(b))
        return 0;
    return mlb_address_compare(&a->first, &b->last) <= 0 &&
           mlb_address_compare(&b->first, &a->last) <= 0;
}

int32_t mlb_range_count(const struct mlb_range *range, struct mlb_count *count,
                        struct mlb_diagnostic *diagnostic)
{
    int32_t result = range_check(range, "", diagnostic);

    if (result != MLB_OK)
        return result;
    if (!count)
        return refuse_missing("count", diagnostic);
    *count = count_between(address_to_value(&range->first), address_to_value(&range->last));
    return MLB_OK;
}

static address_value low_bits(unsigned count)
{
    return count < 128 ? ((address_value)1 << count) - 1 : ~(address_value)0;
}

/* Host bits of the largest prefix that begins at start and does not pass last. */
static unsigned largest_block(address_value start, address_value last, unsigned bits)
{
    unsigned host_bits = 0;

    while (host_bits < bits && (start & low_bits(host_bits + 1)) == 0 &&
           low_bits(host_bits + 1) <= last - start)
        host_bits++;
    return host_bits;
}

int32_t mlb_range_prefixes(const struct mlb_range *range, struct mlb_prefix *prefixes,
                           size_t capacity, size_t *count, struct mlb_diagnostic *diagnostic)
{
    struct mlb_prefix found[MLB_RANGE_PREFIXES_MAX];
    address_value start;
    address_value last;
    size_t needed = 0;
    unsigned bits;
    int32_t result = range_check(range, "", diagnostic);

    if (result != MLB_OK)
        return result;
    if (!count)
        return refuse_missing("count", diagnostic);
    if (!prefixes && capacity > 0)
        return refuse_missing("prefixes", diagnostic);
    bits = address_family_bits(range->first.family);
    start = address_to_value(&range->first);
    last = address_to_value(&range->last);
    for (;;) {
        const unsigned host_bits = largest_block(start, last, bits);

        found[needed++] = (struct mlb_prefix){
            .address = address_from_value(range->first.family, start),
            .length = (uint8_t)(bits - host_bits),
        };
        if (low_bits(host_bits) == last - start)
            break;
        start += low_bits(host_bits) + 1;
    }
    *count = needed;
    if (needed > capacity)
        return diagnostic_set(diagnostic, MLB_ERROR_BUFFER_TOO_SMALL, "prefixes", NULL,
                              "the range needs %zu prefixes but there is room for %zu", needed,
                              capacity);
    memcpy(prefixes, found, needed * sizeof(found[0]));
    return MLB_OK;
}

int32_t mlb_range_format(const struct mlb_range *range, char *buffer, size_t size,
                         struct mlb_diagnostic *diagnostic)
{
    char text[MLB_RANGE_TEXT_SIZE];
    struct mlb_prefix prefix = {.length = 0};
    size_t prefixes = 0;
    size_t length;
    int32_t result = range_check(range, "", diagnostic);

    if (result != MLB_OK)
        return result;
    mlb_address_format(&range->first, text, sizeof(text), NULL);
    length = strlen(text);
    if (mlb_address_compare(&range->first, &range->last) != 0) {
        if (mlb_range_prefixes(range, &prefix, 1, &prefixes, NULL) == MLB_OK) {
            snprintf(text + length, sizeof(text) - length, "/%u", prefix.length);
        } else {
            text[length] = '-';
            mlb_address_format(&range->last, text + length + 1, sizeof(text) - length - 1, NULL);
        }
    }
    return text_give(text, buffer, size, diagnostic);
}
