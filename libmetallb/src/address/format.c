/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "address/check.h"
#include "address/value.h"
#include "base/refusals.h"

#define IPV6_GROUPS 8

/* The groups that "::" replaces. */
struct zero_run {
    size_t start;
    size_t length;
};

static unsigned group_at(const struct mlb_address *address, size_t index)
{
    return (unsigned)address->bytes[2 * index] << 8 | address->bytes[2 * index + 1];
}

/*
 * RFC 5952 §4.2: "::" shortens the longest run of zero groups, the first of equal ones (4.2.3), and
 * never a single group (4.2.2).
 */
static struct zero_run longest_zero_run(const struct mlb_address *address)
{
    struct zero_run longest = {.start = IPV6_GROUPS, .length = 1};
    size_t length = 0;

    for (size_t i = 0; i < IPV6_GROUPS; i++) {
        length = group_at(address, i) == 0 ? length + 1 : 0;
        if (length > longest.length)
            longest = (struct zero_run){.start = i + 1 - length, .length = length};
    }
    return longest;
}

static void format_ipv6(const struct mlb_address *address, char text[MLB_ADDRESS_TEXT_SIZE])
{
    const struct zero_run zeros = longest_zero_run(address);
    size_t length = 0;
    size_t i = 0;

    while (i < IPV6_GROUPS) {
        if (i == zeros.start) {
            length += (size_t)snprintf(text + length, MLB_ADDRESS_TEXT_SIZE - length, "::");
            i += zeros.length;
            continue;
        }
        /* RFC 5952 §4.1 and §4.3: no leading zeros, lower case. */
        length += (size_t)snprintf(text + length, MLB_ADDRESS_TEXT_SIZE - length, "%s%x",
                                   i == 0 || i == zeros.start + zeros.length ? "" : ":",
                                   group_at(address, i));
        i++;
    }
}

static void format_ipv4(const struct mlb_address *address, char text[MLB_ADDRESS_TEXT_SIZE])
{
    snprintf(text, MLB_ADDRESS_TEXT_SIZE, "%u.%u.%u.%u", address->bytes[0], address->bytes[1],
             address->bytes[2], address->bytes[3]);
}

int32_t mlb_address_format(const struct mlb_address *address, char *buffer, size_t size,
                           struct mlb_diagnostic *diagnostic)
{
    struct mlb_address normal;
    char text[MLB_ADDRESS_TEXT_SIZE];
    int32_t result;

    result = address_take(address, &normal, diagnostic);
    if (result != MLB_OK)
        return result;
    if (normal.family == MLB_FAMILY_IPV4)
        format_ipv4(&normal, text);
    else
        format_ipv6(&normal, text);
    return text_give(text, buffer, size, diagnostic);
}
