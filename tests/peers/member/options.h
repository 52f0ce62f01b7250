/* SPDX-License-Identifier: MIT */
/* The command line of the test's member, and the notation of bytes in it. */
#pragma once

#include <metallb/membership.h>

struct options {
    struct mlb_membership_options membership; /* points into the fields below */
    struct mlb_membership_timing timing;
    struct mlb_membership_key keys[MLB_MEMBERSHIP_KEYS_MAX];
    uint8_t meta[MLB_MEMBERSHIP_META_MAX];
};

/*
 * Reads the command line.
 *
 * @param options  written whole; not to be moved afterwards
 * @return         1, or 0 after a message on standard error
 */
int options_read(int argc, char **argv, struct options *options);

/*
 * Reads bytes in hexadecimal.
 *
 * @param bytes  room for capacity bytes
 * @return       their number, or -1 for a text that is none or too long
 */
int hex_read(const char *text, uint8_t *bytes, size_t capacity);

/*
 * Reads keys in hexadecimal, separated by commas.
 *
 * @param text  is changed
 * @param keys  room for MLB_MEMBERSHIP_KEYS_MAX keys
 * @return      their number, or -1
 */
int keys_read(char *text, struct mlb_membership_key *keys);
