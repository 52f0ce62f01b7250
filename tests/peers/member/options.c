/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option names[] = {
    {"name", required_argument, NULL, 'n'},
    {"bind", required_argument, NULL, 'b'},
    {"port", required_argument, NULL, 'p'},
    {"profile", required_argument, NULL, 't'},
    {"key", required_argument, NULL, 'k'},
    {"secret", required_argument, NULL, 's'},
    {"label", required_argument, NULL, 'l'},
    {"versions", required_argument, NULL, 'v'},
    {"meta", required_argument, NULL, 'm'},
    {"no-compression", no_argument, NULL, 'c'},
    {NULL, 0, NULL, 0},
};

static int digit(char character)
{
    const char *digits = "0123456789abcdef";
    const char *found = character ? strchr(digits, character) : NULL;

    return found ? (int)(found - digits) : -1;
}

int hex_read(const char *text, uint8_t *bytes, size_t capacity)
{
    size_t length = strlen(text);

    if (length % 2 || length / 2 > capacity)
        return -1;
    for (size_t i = 0; i < length; i += 2) {
        int high = digit(text[i]);
        int low = digit(text[i + 1]);

        if (high < 0 || low < 0)
            return -1;
        bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    return (int)(length / 2);
}

int keys_read(char *text, struct mlb_membership_key *keys)
{
    int count = 0;
    char *rest = NULL;

    for (char *one = strtok_r(text, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        int length = count < MLB_MEMBERSHIP_KEYS_MAX
                         ? hex_read(one, keys[count].bytes, sizeof(keys[count].bytes))
                         : -1;

        if (length < 0)
            return -1;
        keys[count++].length = (uint32_t)length;
    }
    return count;
}

static int read_number(const char *text, unsigned long most, unsigned long *number)
{
    char *end = NULL;

    *number = strtoul(text, &end, 10);
    return end != text && !*end && *number <= most;
}

static int read_profile(const char *text, struct options *options)
{
    static const char *const profiles[] = {
        [MLB_MEMBERSHIP_FAST] = "fast",
        [MLB_MEMBERSHIP_LAN] = "lan",
        [MLB_MEMBERSHIP_WAN] = "wan",
    };

    for (uint32_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++) {
        if (!strcmp(text, profiles[i])) {
            options->membership.timing = &options->timing;
            return !mlb_membership_timing_init(i, &options->timing, NULL);
        }
    }
    return 0;
}

/* Three numbers: least, most, spoken. */
static int read_versions(char *text, uint8_t versions[3])
{
    char *rest = NULL;
    unsigned long number = 0;
    int count = 0;

    for (char *one = strtok_r(text, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        if (count == 3 || !read_number(one, UINT8_MAX, &number))
            return 0;
        versions[count++] = (uint8_t)number;
    }
    return count == 3;
}

static int read_keys(char *text, struct options *options)
{
    int count = keys_read(text, options->keys);

    options->membership.keys = options->keys;
    options->membership.key_count = count > 0 ? (uint32_t)count : 0;
    return count > 0;
}

static int read_secret(const char *text, struct options *options)
{
    options->membership.keys = options->keys;
    options->membership.key_count = 1;
    return !mlb_membership_key_from_secret((const uint8_t *)text, strlen(text), options->keys,
                                           NULL);
}

static int read_meta(const char *text, struct options *options)
{
    int length = hex_read(text, options->meta, sizeof(options->meta));

    options->membership.meta = options->meta;
    options->membership.meta_length = length > 0 ? (uint32_t)length : 0;
    return length >= 0;
}

static int read_port(const char *text, uint16_t *port)
{
    unsigned long number = 0;

    if (!read_number(text, UINT16_MAX, &number))
        return 0;
    *port = (uint16_t)number;
    return 1;
}

static int read_option(int option, char *value, struct options *options)
{
    struct mlb_membership_options *membership = &options->membership;

    switch (option) {
    case 'n':
        membership->name = value;
        return 1;
    case 'b':
        return !mlb_address_parse(value, &membership->bind_address, NULL);
    case 'p':
        return read_port(value, &membership->bind_port);
    case 't':
        return read_profile(value, options);
    case 'k':
        return read_keys(value, options);
    case 's':
        return read_secret(value, options);
    case 'l':
        membership->label = value;
        return 1;
    case 'v':
        return read_versions(value, membership->delegate_versions);
    case 'm':
        return read_meta(value, options);
    case 'c':
        membership->flags |= MLB_MEMBERSHIP_NO_COMPRESSION;
        return 1;
    default:
        return 0;
    }
}

int options_read(int argc, char **argv, struct options *options)
{
    int index = 0;
    int option;

    memset(options, 0, sizeof(*options));
    options->membership.struct_size = sizeof(options->membership);
    while ((option = getopt_long(argc, argv, "", names, &index)) != -1) {
        if (option == '?') /* it has said so itself */
            return 0;
        if (!read_option(option, optarg, options)) {
            fprintf(stderr, "member: --%s is not understood\n", names[index].name);
            return 0;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "member: %s is no option\n", argv[optind]);
        return 0;
    }
    return 1;
}
