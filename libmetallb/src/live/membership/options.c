/* SPDX-License-Identifier: MIT */
/* What a caller may ask of a membership, and what to write instead of what it may not. */
#include "live/membership/membership.h"

#include <string.h>

#include "address/value.h"
#include "base/diagnostic.h"
#include "base/structs.h"

static int32_t check_name(const char *name, struct mlb_diagnostic *diagnostic)
{
    const size_t length = name ? strnlen(name, MLB_MEMBER_NAME_MAX + 1) : 0;

    if (length == 0)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "name", NULL,
                              "the node has no name; give it one that no other "
                              "member of the group has");
    if (length > MLB_MEMBER_NAME_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "name", NULL,
                              "the name of the node is longer than %d bytes; choose a shorter one",
                              MLB_MEMBER_NAME_MAX);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "name", NULL,
                                  "the name of the node has a control character at byte %zu; leave "
                                  "it out",
                                  i + 1);
    }
    return MLB_OK;
}

static int32_t check_label(const char *label, struct mlb_diagnostic *diagnostic)
{
    if (label && strnlen(label, MLB_MEMBERSHIP_LABEL_MAX + 1) > MLB_MEMBERSHIP_LABEL_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "label", NULL,
                              "the label is longer than %d bytes; choose a shorter one",
                              MLB_MEMBERSHIP_LABEL_MAX);
    return MLB_OK;
}

int32_t membership_check_keys(const struct mlb_membership_key *keys, size_t count,
                              struct mlb_diagnostic *diagnostic)
{
    if (count > MLB_MEMBERSHIP_KEYS_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "keys", NULL,
                              "there are %zu keys; at most %d can be given", count,
                              MLB_MEMBERSHIP_KEYS_MAX);
    if (count > 0 && !keys)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "keys", NULL,
                              "the number of keys is %zu but the keys are missing (NULL)", count);
    for (size_t i = 0; i < count; i++) {
        const uint32_t length = keys[i].length;

        if (length != 16 && length != 24 && length != 32)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "keys", NULL,
                                  "key %zu has %u bytes; a key has 16, 24 or 32 (AES-128, AES-192 "
                                  "or AES-256)",
                                  i + 1, length);
    }
    return MLB_OK;
}

int32_t membership_check_meta(const uint8_t *meta, size_t length, struct mlb_diagnostic *diagnostic)
{
    if (length > MLB_MEMBERSHIP_META_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "meta", NULL,
                              "the meta data has %zu bytes; at most %d can be told", length,
                              MLB_MEMBERSHIP_META_MAX);
    if (length > 0 && !meta)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "meta", NULL,
                              "the length of the meta data is %zu but it is missing (NULL)",
                              length);
    return MLB_OK;
}

/* What an older caller does not know has the value of the default profile. */
static int32_t take_timing(const struct mlb_membership_timing *given,
                           struct mlb_membership_timing *timing, struct mlb_diagnostic *diagnostic)
{
    struct timing_fault fault;

    membership_timing_init(MLB_MEMBERSHIP_FAST, timing);
    if (!given)
        return MLB_OK;
    if (!struct_read(timing, sizeof(*timing), given, first_size_mlb_membership_timing))
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "timing", NULL,
                              "the struct_size of the timing is %u; fill the timing in with "
                              "mlb_membership_timing_init() first",
                              given->struct_size);
    if (membership_timing_check(timing, &fault) != MLB_OK)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, fault.name, NULL,
                              "timing: %s", fault.text);
    return MLB_OK;
}

/* An unspecified address to bind to means all addresses of its family. */
static int32_t check_address(const struct mlb_address *address, const char *option,
                             int may_be_unspecified, struct mlb_diagnostic *diagnostic)
{
    char text[MLB_ADDRESS_TEXT_SIZE] = "";
    struct mlb_address own;
    const char *fault;

    if (address->family == MLB_FAMILY_NONE)
        return MLB_OK;
    if (address_family_bits(address->family) == 0)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, option, NULL,
                              "the family of %s is %u; it can be MLB_FAMILY_IPV4 (4), "
                              "MLB_FAMILY_IPV6 (6) or MLB_FAMILY_NONE (0)",
                              option, address->family);
    own = address_normalise(address);
    fault = membership_address_fault(&own);
    if (!fault || (may_be_unspecified && address_is_unspecified(&own)))
        return MLB_OK;
    mlb_address_format(&own, text, sizeof(text), NULL);
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, option, text,
                          "%s cannot be %s: %s", option, text, fault);
}

static int32_t check_versions(const uint8_t versions[3], struct mlb_diagnostic *diagnostic)
{
    if (versions[0] > versions[2] || versions[2] > versions[1])
        return diagnostic_set(
            diagnostic, MLB_ERROR_INVALID_ARGUMENT, "delegate_versions", NULL,
            "delegate_versions are %u, %u, %u; they must be the least, the most, and the one "
            "spoken, which lies between both",
            versions[0], versions[1], versions[2]);
    return MLB_OK;
}

static int32_t take_frame(const struct mlb_membership_options *given,
                          struct mlb_membership_options *options, struct mlb_diagnostic *diagnostic)
{
    memset(options, 0, sizeof(*options));
    if (!given)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "options", NULL,
                              "there are no options (NULL); a membership needs at least a name");
    if (!struct_read(options, sizeof(*options), given, first_size_mlb_membership_options))
        return struct_refuse(given, sizeof(*options), "mlb_membership_options", diagnostic);
    if (options->flags & ~MLB_MEMBERSHIP_NO_COMPRESSION)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "flags", NULL,
                              "the flags of the options are 0x%x; only "
                              "MLB_MEMBERSHIP_NO_COMPRESSION is known",
                              options->flags);
    if (options->reserved)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "reserved", NULL,
                              "the member \"reserved\" of the options is %u; set it to 0",
                              options->reserved);
    return MLB_OK;
}

int32_t membership_take_options(const struct mlb_membership_options *given,
                                struct mlb_membership_options *options,
                                struct mlb_membership_timing *timing,
                                struct mlb_diagnostic *diagnostic)
{
    int32_t result = take_frame(given, options, diagnostic);

    if (result == MLB_OK)
        result = check_name(options->name, diagnostic);
    if (result == MLB_OK)
        result = check_label(options->label, diagnostic);
    if (result == MLB_OK)
        result = membership_check_keys(options->keys, options->key_count, diagnostic);
    if (result == MLB_OK)
        result = membership_check_meta(options->meta, options->meta_length, diagnostic);
    if (result == MLB_OK)
        result = take_timing(options->timing, timing, diagnostic);
    if (result == MLB_OK)
        result = check_address(&options->bind_address, "bind_address", 1, diagnostic);
    if (result == MLB_OK)
        result = check_address(&options->advertise_address, "advertise_address", 0, diagnostic);
    if (result == MLB_OK)
        result = check_versions(options->delegate_versions, diagnostic);
    options->timing = timing;
    return result;
}
