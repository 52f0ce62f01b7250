/* SPDX-License-Identifier: MIT */
#include "address/parse.h"

#include <string.h>

#include "base/diagnostic.h"

#define IPV4_OCTETS 4
#define IPV6_GROUPS 8

/* The two halves of an IPv6 address around its "::", as far as they were read. */
struct groups {
    uint16_t values[IPV6_GROUPS];
    size_t count;
    size_t gap; /* how many groups stand before "::"; only with has_gap */
    bool has_gap;
};

/* Reads the digits at the front of a text as an octet and moves behind them. */
static int32_t parse_octet(struct text *text, uint8_t *octet)
{
    unsigned value = 0;
    size_t length = 0;

    while (length < text->length && text_is_digit(text->start[length])) {
        if (length == 3)
            return MLB_ERROR_ADDRESS;
        value = value * 10 + (unsigned)(text->start[length] - '0');
        length++;
    }
    if (length == 0 || value > UINT8_MAX)
        return MLB_ERROR_ADDRESS;
    if (length > 1 && text->start[0] == '0')
        return MLB_ERROR_LEADING_ZERO;
    *octet = (uint8_t)value;
    *text = text_after(*text, length);
    return MLB_OK;
}

static int32_t parse_ipv4(struct text text, uint8_t octets[IPV4_OCTETS])
{
    for (size_t i = 0; i < IPV4_OCTETS; i++) {
        int32_t result;

        if (i > 0) {
            if (text.length == 0 || text.start[0] != '.')
                return MLB_ERROR_ADDRESS;
            text = text_after(text, 1);
        }
        result = parse_octet(&text, &octets[i]);
        if (result != MLB_OK)
            return result;
    }
    return text.length == 0 ? MLB_OK : MLB_ERROR_ADDRESS;
}

static int hexadecimal_digit(char character)
{
    if (text_is_digit(character))
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

/* Length of the group of up to four hexadecimal digits in front; 0 if there is none. */
static size_t parse_group(struct text text, uint16_t *group)
{
    size_t length = 0;
    unsigned value = 0;

    while (length < text.length && length < 4 && hexadecimal_digit(text.start[length]) >= 0) {
        value = value << 4 | (unsigned)hexadecimal_digit(text.start[length]);
        length++;
    }
    *group = (uint16_t)value;
    return length;
}

/* RFC 4291 §2.2: the last two groups may be written as an IPv4 address. */
static int32_t parse_dotted_tail(struct text text, struct groups *groups)
{
    uint8_t octets[IPV4_OCTETS];
    int32_t result;

    if (groups->count + 2 > IPV6_GROUPS)
        return MLB_ERROR_ADDRESS;
    result = parse_ipv4(text, octets);
    if (result != MLB_OK)
        return result;
    groups->values[groups->count++] = (uint16_t)(octets[0] << 8 | octets[1]);
    groups->values[groups->count++] = (uint16_t)(octets[2] << 8 | octets[3]);
    return MLB_OK;
}

/* Moves over the ":" or "::" behind a group; false if neither is right there. */
static bool parse_separator(struct text *text, struct groups *groups)
{
    if (text->start[0] != ':' || text->length == 1)
        return false;
    *text = text_after(*text, 1);
    if (text->start[0] != ':')
        return true;
    /* RFC 4291 §2.2: "The '::' can only appear once in an address." */
    if (groups->has_gap)
        return false;
    groups->has_gap = true;
    groups->gap = groups->count;
    *text = text_after(*text, 1);
    return true;
}

static int32_t parse_groups(struct text text, struct groups *groups)
{
    if (text.length >= 2 && text.start[0] == ':' && text.start[1] == ':') {
        groups->has_gap = true;
        text = text_after(text, 2);
    }
    while (text.length > 0) {
        uint16_t group;
        const size_t length = parse_group(text, &group);

        if (length < text.length && text.start[length] == '.')
            return parse_dotted_tail(text, groups);
        if (length == 0 || groups->count == IPV6_GROUPS)
            return MLB_ERROR_ADDRESS;
        groups->values[groups->count++] = group;
        text = text_after(text, length);
        if (text.length > 0 && !parse_separator(&text, groups))
            return MLB_ERROR_ADDRESS;
    }
    return MLB_OK;
}

/* The group at a place of the address, of which zeros places are not written. */
static uint16_t group_at(const struct groups *groups, size_t place, size_t zeros)
{
    if (zeros == 0 || place < groups->gap)
        return groups->values[place];
    return place < groups->gap + zeros ? 0 : groups->values[place - zeros];
}

static int32_t parse_ipv6(struct text text, struct mlb_address *address)
{
    struct groups groups = {.count = 0};
    address_value value = 0;
    const int32_t result = parse_groups(text, &groups);

    if (result != MLB_OK)
        return result;
    /* RFC 4291 §2.2: "::" stands for one or more groups. */
    if (groups.has_gap ? groups.count == IPV6_GROUPS : groups.count != IPV6_GROUPS)
        return MLB_ERROR_ADDRESS;
    for (size_t place = 0; place < IPV6_GROUPS; place++)
        value = value << 16 | group_at(&groups, place, IPV6_GROUPS - groups.count);
    *address = address_from_value(MLB_FAMILY_IPV6, value);
    return MLB_OK;
}

int32_t address_parse_text(struct text text, struct mlb_address *address, bool *mapped)
{
    struct mlb_address parsed = {.family = MLB_FAMILY_IPV4};
    int32_t result;

    if (text.length == 0)
        return MLB_ERROR_EMPTY;
    if (!text_contains(text, ':'))
        result = parse_ipv4(text, parsed.bytes);
    else if (text_contains(text, '%'))
        result = MLB_ERROR_ZONE;
    else
        result = parse_ipv6(text, &parsed);
    if (result != MLB_OK)
        return result;
    if (mapped)
        *mapped = address_is_mapped(&parsed);
    *address = address_normalise(&parsed);
    return MLB_OK;
}

int32_t mlb_address_parse(const char *text, struct mlb_address *address,
                          struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!text || !address)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, text, NULL,
                              "the text, or the place for the address, is missing (NULL)");
    result = address_parse_text(text_of(text), address, NULL);
    if (result != MLB_OK)
        return diagnostic_set(diagnostic, result, text, NULL, QUOTED ": %s", QUOTE(text),
                              address_complaint(text_of(text), result));
    return MLB_OK;
}
