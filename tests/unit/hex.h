/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Writes the bytes of a text of hex digits to target and returns how many they are. */
static inline size_t hex_decode(const char *hex, uint8_t *target)
{
    size_t length = strlen(hex) / 2;

    for (size_t i = 0; i < length; i++) {
        const char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};

        target[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return length;
}
