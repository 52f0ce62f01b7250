/* SPDX-License-Identifier: MIT */
#pragma once

#include "address/text.h"
#include "address/value.h"

/*
 * Parses an address as mlb_address_parse() does, from a part of a text. *mapped (may be NULL) tells
 * whether it was written as an IPv4-mapped IPv6 address.
 *
 * @return  MLB_OK, MLB_ERROR_EMPTY, MLB_ERROR_ADDRESS, MLB_ERROR_ZONE, MLB_ERROR_LEADING_ZERO
 */
int32_t address_parse_text(struct text text, struct mlb_address *address, bool *mapped);

/*
 * Says in half a sentence why address_parse_text() refused a text with a code, and what would be
 * right. The string is static.
 */
const char *address_complaint(struct text text, int32_t code);
