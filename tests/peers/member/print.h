/* SPDX-License-Identifier: MIT */
/* What the test's member says: each a line of JSON on standard output. */
#pragma once

#include <cjson/cJSON.h>
#include <metallb/membership.h>

/* Prints an object as one line and frees it. */
void print_line(cJSON *object);

/* Prints an event. */
void print_event(const struct mlb_membership_event *event);

/*
 * Makes the description of a member.
 *
 * @return  a new object
 */
cJSON *describe_member(const struct mlb_member *member);

/*
 * Makes the description of the statistics.
 *
 * @return  a new object
 */
cJSON *describe_statistics(const struct mlb_membership_statistics *statistics);

/* Adds bytes in hexadecimal to an object. */
void add_bytes(cJSON *object, const char *key, const uint8_t *bytes, size_t length);

/* Adds a number of 64 bits, every digit of it. */
void add_number(cJSON *object, const char *key, uint64_t number);
