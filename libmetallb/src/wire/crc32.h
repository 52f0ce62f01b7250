/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The CRC-32 of IEEE 802.3 (reflected, polynomial 0x04c11db7) of length bytes. */
uint32_t crc32_of(const uint8_t *bytes, size_t length);
