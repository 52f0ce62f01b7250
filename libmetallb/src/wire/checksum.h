/* SPDX-License-Identifier: MIT */
/* The Internet checksum (RFC 1071) and the pseudo-headers under it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Adds bytes to a running sum; only the last piece may have an odd length. */
uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t length);

/*
 * Begins a sum with a pseudo-header: RFC 8200 §8.1 where address_size is 16, RFC 793 §3.1 where it
 * is 4.
 */
uint32_t checksum_pseudo_header(const uint8_t *source, const uint8_t *destination,
                                size_t address_size, size_t payload_length, uint8_t protocol);

/* The checksum to write for a sum; 0 for the sum over a message with a right checksum. */
uint16_t checksum_finish(uint32_t sum);
