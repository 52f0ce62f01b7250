/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "address/parse.h"

static bool contains_space(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.start[i] == ' ' || (text.start[i] >= '\t' && text.start[i] <= '\r'))
            return true;
    return false;
}

/* Only digits and dots: somebody meant an IPv4 address. */
static bool looks_like_ipv4(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!text_is_digit(text.start[i]) && text.start[i] != '.')
            return false;
    return text.length > 0;
}

static bool contains_other_than_hexadecimal(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!strchr("0123456789abcdefABCDEF:.", text.start[i]))
            return true;
    return false;
}

static size_t occurrences(struct text text, char character)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += text.start[i] == character;
    return count;
}

static const char *complain_about_address(struct text text)
{
    if (text_contains(text, ','))
        return "a comma has no place in an entry; make each address or range an entry of its own";
    if (text_contains(text, '[') || text_contains(text, ']'))
        return "an address is written without brackets";
    if (text_contains(text, '/'))
        return "an address is expected here, without a prefix length";
    if (contains_space(text))
        return "white space inside an address is not allowed";
    if (looks_like_ipv4(text))
        return "an IPv4 address is four numbers from 0 to 255, such as 192.0.2.1";
    if (occurrences(text, ':') == 1 && text_contains(text, '.'))
        return "an address is written without a port";
    if (text_contains(text, ':') && !contains_other_than_hexadecimal(text))
        return "an IPv6 address is eight groups of up to four hexadecimal digits, with one \"::\" "
               "at most, such as 2001:db8::1";
    return "this is not an IP address, and host names are not resolved";
}

const char *address_complaint(struct text text, int32_t code)
{
    switch (code) {
    case MLB_ERROR_EMPTY:
        return "an address is missing here";
    case MLB_ERROR_ZONE:
        return "an IPv6 zone has no place here; leave out the \"%\" and what follows it";
    case MLB_ERROR_LEADING_ZERO:
        return "a number of an IPv4 address has a leading zero, which some programs read as octal; "
               "write it without";
    default:
        return complain_about_address(text);
    }
}
