/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/address.h>
#include <stdbool.h>

/* The number that an address is: 32 bits of an IPv4 address, 128 of an IPv6 address. */
__extension__ typedef unsigned __int128 address_value;

/* Number of bits of an address; 0 for what is no family. */
unsigned address_family_bits(uint8_t family);

/* The highest number of a family. */
address_value address_family_last(uint8_t family);

/* "IPv4" or "IPv6", for messages. */
const char *address_family_name(uint8_t family);

address_value address_to_value(const struct mlb_address *address);
struct mlb_address address_from_value(uint8_t family, address_value value);

/* Tells whether an IPv6 address lies in ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
bool address_is_mapped(const struct mlb_address *address);

/* Tells whether it is 0.0.0.0 or ::. */
bool address_is_unspecified(const struct mlb_address *address);

/*
 * Tells whether it is in fe80::/10 (RFC 4291 §2.5.6), which says nothing without its link; our
 * addresses carry none.
 */
bool address_needs_zone(const struct mlb_address *address);

/*
 * The one form of an address that the library keeps: mapped ones become IPv4, unused bytes zero.
 * The family must be one of the two.
 */
struct mlb_address address_normalise(const struct mlb_address *address);

/* Tells whether a range has one known family and does not end before it begins. */
bool range_is_valid(const struct mlb_range *range);

/* All addresses whose first length bits are those of an address. */
struct mlb_range range_from_prefix(const struct mlb_address *address, unsigned length);
