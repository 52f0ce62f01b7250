/* SPDX-License-Identifier: MIT */
/* How a seed is written, and what to write instead where it is not. */
#include "live/membership/membership.h"

#include <stdlib.h>
#include <string.h>

#include "address/parse.h"
#include "base/diagnostic.h"

/* RFC 1035 §2.3.4 */
#define HOST_LABEL_MAX 63

/* What stands in front of the port, and the port itself if there is one. */
struct seed_parts {
    struct text host;
    struct text port;
    int has_port;
    int has_brackets;
};

/* Why a seed is refused, as half a sentence; NULL for no reason. */
typedef const char *reason;

static int is_visible(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.start[i] <= ' ' || text.start[i] == 0x7f)
            return 0;
    }
    return 1;
}

static size_t count_of(struct text text, char character)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += text.start[i] == character;
    return count;
}

static reason split_brackets(struct text text, struct seed_parts *parts)
{
    const size_t end = text_find(text, ']');

    if (end == text.length)
        return "the bracket is not closed; write [2001:db8::1]:port";
    parts->has_brackets = 1;
    parts->host = text_before(text_after(text, 1), end - 1);
    if (end + 1 == text.length)
        return NULL;
    if (text.start[end + 1] != ':')
        return "a colon and the port are expected behind the bracket";
    parts->has_port = 1;
    parts->port = text_after(text, end + 2);
    return NULL;
}

/* Several colons without brackets are those of an IPv6 address. */
static reason split(struct text text, struct seed_parts *parts)
{
    const size_t colon = text_find(text, ':');

    if (text.length > 0 && text.start[0] == '[')
        return split_brackets(text, parts);
    parts->host = text;
    if (count_of(text, ':') != 1)
        return NULL;
    parts->host = text_before(text, colon);
    parts->has_port = 1;
    parts->port = text_after(text, colon + 1);
    return NULL;
}

static reason parse_port(struct text text, uint16_t *port)
{
    static const char *const complaint = "a port is a number from 1 to 65535";
    uint32_t value = 0;

    if (text.length == 0 || text.length > 5 || text.start[0] == '0')
        return complaint;
    for (size_t i = 0; i < text.length; i++) {
        if (!text_is_digit(text.start[i]))
            return complaint;
        value = value * 10 + (uint32_t)(text.start[i] - '0');
    }
    if (value > UINT16_MAX)
        return complaint;
    *port = (uint16_t)value;
    return NULL;
}

/* A name whose last label is a number would be taken for an address by many programs. */
static int ends_in_number(struct text host)
{
    size_t start = host.length;

    while (start > 0 && host.start[start - 1] != '.')
        start--;
    for (size_t i = start; i < host.length; i++) {
        if (!text_is_digit(host.start[i]))
            return 0;
    }
    return start < host.length;
}

static int is_address(const struct seed_parts *parts)
{
    return parts->has_brackets || text_contains(parts->host, ':') || ends_in_number(parts->host);
}

static reason complain_about_address(const struct seed_parts *parts, int32_t code)
{
    if (code == MLB_ERROR_ZONE)
        return "a zone has no place here; take a global or unique local address";
    if (text_contains(parts->host, ':'))
        return "an IPv6 address and its port are written as [2001:db8::1]:port";
    if (parts->has_brackets && parts->host.length > 0)
        return "only an IPv6 address stands in brackets";
    if (parts->host.length > 0 && !text_is_digit(parts->host.start[0]))
        return "the last part of a host name is not a number";
    return address_complaint(parts->host, code);
}

static reason set_address(const struct seed_parts *parts, struct seed *seed, int32_t *result)
{
    struct mlb_address address;
    const int32_t code = address_parse_text(parts->host, &address, NULL);
    reason fault;

    if (code != MLB_OK)
        return complain_about_address(parts, code);
    if (parts->has_brackets && !text_contains(parts->host, ':'))
        return "only an IPv6 address stands in brackets";
    fault = membership_address_fault(&address);
    if (fault)
        return fault;
    seed->addresses = malloc(sizeof(*seed->addresses));
    if (!seed->addresses) {
        *result = MLB_ERROR_NO_MEMORY;
        return "out of memory";
    }
    seed->addresses[0] = address;
    seed->count = 1;
    return NULL;
}

static int is_name_character(char character)
{
    return text_is_digit(character) || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '-' || character == '_';
}

static reason check_label(struct text label)
{
    if (label.length == 0)
        return "a part of the host name is empty";
    if (label.length > HOST_LABEL_MAX)
        return "a part of the host name is longer than 63 characters";
    if (label.start[0] == '-' || label.start[label.length - 1] == '-')
        return "a part of the host name begins or ends with a hyphen";
    for (size_t i = 0; i < label.length; i++) {
        if (!is_name_character(label.start[i]))
            return "a host name has letters, digits, hyphens and dots only";
    }
    return NULL;
}

static reason set_name(struct text host, struct seed *seed)
{
    struct text rest = host;
    reason fault = NULL;

    if (host.length == 0)
        return "the host is missing";
    if (host.length > RESOLVER_NAME_MAX ||
        (host.length == RESOLVER_NAME_MAX && host.start[host.length - 1] != '.'))
        return "the host name is longer than 253 characters";
    /* The dot of the root may end it. */
    if (host.length > 1 && host.start[host.length - 1] == '.')
        rest = text_before(host, host.length - 1);
    for (;;) {
        const size_t end = text_find(rest, '.');

        fault = check_label(text_before(rest, end));
        if (fault || end == rest.length)
            break;
        rest = text_after(rest, end + 1);
    }
    if (fault)
        return fault;
    memcpy(seed->name, host.start, host.length);
    return NULL;
}

static reason parse(struct text text, struct seed *seed, int32_t *result)
{
    struct seed_parts parts = {.has_port = 0};
    reason fault;

    if (text.length == 0)
        return "it is empty; write a host, or a host and its port";
    if (!is_visible(text))
        return "white space has no place in it";
    if (text_contains(text, '/'))
        return "a seed is one host, written without a scheme, path or prefix length";
    if (text_contains(text, ','))
        return "a comma has no place here; give each seed by itself";
    fault = split(text, &parts);
    if (!fault && parts.has_port)
        fault = parse_port(parts.port, &seed->port);
    if (fault)
        return fault;
    return is_address(&parts) ? set_address(&parts, seed, result) : set_name(parts.host, seed);
}

int32_t membership_parse_seed(const char *text, uint16_t default_port, struct seed *ret,
                              struct mlb_diagnostic *diagnostic)
{
    struct seed seed = {.port = default_port};
    int32_t result = MLB_ERROR_INVALID_ARGUMENT;
    const reason fault = text ? parse(text_of(text), &seed, &result) : "it is missing (NULL)";

    if (fault)
        return diagnostic_set(diagnostic, result, text, NULL, "seed \"%.300s\": %s",
                              text ? text : "", fault);
    *ret = seed;
    return MLB_OK;
}
