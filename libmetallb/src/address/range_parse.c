/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "address/parse.h"
#include "base/diagnostic.h"

/* ::ffff:0:0/96 holds the IPv4 addresses (RFC 4291 §2.5.5.2). */
#define MAPPED_PREFIX_LENGTH 96

/* How much of an entry a message quotes. */
#define QUOTED_MAX 100

/* An entry while it is parsed: what messages quote, and where they go. */
struct entry {
    struct text text;
    struct mlb_diagnostic *diagnostic;
};

static int32_t refuse(const struct entry *entry, int32_t code, const char *where, const char *why)
{
    char subject[sizeof(entry->diagnostic->subject)];
    const size_t length =
        entry->text.length < sizeof(subject) ? entry->text.length : sizeof(subject) - 1;
    const int quoted = length < QUOTED_MAX ? (int)length : QUOTED_MAX;

    memcpy(subject, entry->text.start, length);
    subject[length] = '\0';
    return diagnostic_set(entry->diagnostic, code, subject, NULL, "\"%.*s%s\": %s%s", quoted,
                          subject, length > QUOTED_MAX ? "..." : "", where, why);
}

/* Reads a prefix length of at most three digits; any other text is refused. */
static int32_t parse_length(const struct entry *entry, struct text text, unsigned *length)
{
    unsigned value = 0;

    if (text.length == 0)
        return refuse(entry, MLB_ERROR_PREFIX_LENGTH, "",
                      "the prefix length behind the \"/\" is missing");
    for (size_t i = 0; i < text.length; i++) {
        if (!text_is_digit(text.start[i]))
            return refuse(entry, MLB_ERROR_PREFIX_LENGTH, "",
                          "the prefix length is not a number; a netmask is not accepted");
        if (i < 3)
            value = value * 10 + (unsigned)(text.start[i] - '0');
    }
    if (text.length > 1 && text.start[0] == '0')
        return refuse(entry, MLB_ERROR_LEADING_ZERO, "",
                      "the prefix length has a leading zero; write it without");
    *length = text.length > 3 ? 1000 : value;
    return MLB_OK;
}

static int32_t check_length(const struct entry *entry, uint8_t family, bool mapped,
                            unsigned *length)
{
    if (mapped && *length < MAPPED_PREFIX_LENGTH)
        return refuse(entry, MLB_ERROR_PREFIX_LENGTH, "",
                      "the prefix of an IPv4-mapped address must be 96 or longer, or it would "
                      "hold more than IPv4; write it as IPv4");
    if (mapped && *length <= 128)
        *length -= MAPPED_PREFIX_LENGTH;
    if (*length > address_family_bits(family))
        return refuse(entry, MLB_ERROR_PREFIX_LENGTH, "",
                      family == MLB_FAMILY_IPV4 && !mapped
                          ? "the prefix length of an IPv4 address is 32 at most"
                          : "the prefix length of an IPv6 address is 128 at most");
    return MLB_OK;
}

static int32_t parse_cidr(const struct entry *entry, size_t slash, struct mlb_range *range)
{
    const struct text before = text_before(entry->text, slash);
    struct mlb_address address;
    unsigned length = 0;
    bool mapped = false;
    int32_t result = address_parse_text(before, &address, &mapped);

    if (result != MLB_OK)
        return refuse(entry, result, "", address_complaint(before, result));
    result = parse_length(entry, text_after(entry->text, slash + 1), &length);
    if (result == MLB_OK)
        result = check_length(entry, address.family, mapped, &length);
    if (result == MLB_OK)
        *range = range_from_prefix(&address, length);
    return result;
}

/* One end of a range: an error of any kind but zone and leading zero becomes code. */
static int32_t parse_end(const struct entry *entry, struct text text, int32_t code,
                         const char *where, struct mlb_address *address)
{
    const int32_t result = address_parse_text(text, address, NULL);

    if (result == MLB_OK)
        return MLB_OK;
    if (result == MLB_ERROR_ZONE || result == MLB_ERROR_LEADING_ZERO)
        code = result;
    if (text_contains(text, '-'))
        return refuse(entry, code, where, "a range has one dash only, as in first-last");
    if (code == MLB_ERROR_RANGE_LAST && text.length > 0 && text_find(text, '.') == text.length &&
        text_find(text, ':') == text.length && text_is_digit(text.start[0]))
        return refuse(entry, code, where, "write the last address of the range in full");
    return refuse(entry, code, where, address_complaint(text, result));
}

static int32_t parse_ends(const struct entry *entry, size_t dash, struct mlb_range *range)
{
    const struct text first = text_trim(text_before(entry->text, dash));
    const struct text last = text_trim(text_after(entry->text, dash + 1));
    struct mlb_range parsed;
    int32_t result =
        parse_end(entry, first, MLB_ERROR_RANGE_FIRST, "before the dash, ", &parsed.first);

    if (result == MLB_OK)
        result = parse_end(entry, last, MLB_ERROR_RANGE_LAST, "behind the dash, ", &parsed.last);
    if (result != MLB_OK)
        return result;
    if (parsed.first.family != parsed.last.family)
        return refuse(entry, MLB_ERROR_RANGE_FAMILIES, "",
                      "one end of the range is IPv4 and the other IPv6; both must be the same");
    if (!range_is_valid(&parsed))
        return refuse(entry, MLB_ERROR_RANGE_REVERSED, "",
                      "the range ends before it begins; write the lower address first");
    *range = parsed;
    return MLB_OK;
}

static int32_t parse_single(const struct entry *entry, struct mlb_range *range)
{
    struct mlb_address address;
    const int32_t result = address_parse_text(entry->text, &address, NULL);

    if (result == MLB_ERROR_EMPTY)
        return refuse(entry, result, "",
                      "the entry is empty; write a CIDR, a range first-last or an address");
    if (result != MLB_OK)
        return refuse(entry, result, "", address_complaint(entry->text, result));
    *range = (struct mlb_range){.first = address, .last = address};
    return MLB_OK;
}

int32_t mlb_range_parse(const char *text, struct mlb_range *range,
                        struct mlb_diagnostic *diagnostic)
{
    struct entry entry = {.diagnostic = diagnostic};
    size_t dash;
    size_t slash;

    if (!text || !range)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, text, NULL,
                              "the entry, or the place for the range, is missing (NULL)");
    entry.text = text_trim(text_of(text));
    dash = text_find(entry.text, '-');
    slash = text_find(entry.text, '/');
    /* A dash decides, as in MetalLB: "10.0.0.0/-8" is a range whose first end is wrong. */
    if (dash < entry.text.length)
        return parse_ends(&entry, dash, range);
    if (slash < entry.text.length)
        return parse_cidr(&entry, slash, range);
    return parse_single(&entry, range);
}
