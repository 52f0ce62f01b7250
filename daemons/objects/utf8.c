/* SPDX-License-Identifier: MIT */
#include "objects/utf8.h"

#include <stdint.h>

/* Bytes of the character that begins with this byte, and the least code point that needs them. */
static size_t length_of(uint8_t first, uint32_t *least)
{
    if (first < 0x80) {
        *least = 0;
        return 1;
    }
    if (first >= 0xc0 && first < 0xe0) {
        *least = 0x80;
        return 2;
    }
    if (first >= 0xe0 && first < 0xf0) {
        *least = 0x800;
        return 3;
    }
    *least = 0x10000;
    return first >= 0xf0 && first < 0xf8 ? 4 : 0;
}

/* Length of a valid character, else 0. */
static size_t character_length(const uint8_t *text, size_t length)
{
    uint32_t least = 0;
    size_t bytes = length_of(text[0], &least);
    uint32_t code;

    if (bytes == 0 || bytes > length || text[0] == 0)
        return 0;
    if (bytes == 1)
        return 1;
    code = text[0] & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3fu);
    }
    /* RFC 3629 §3: no overlong forms, no surrogates, nothing above U+10FFFF. */
    if (code < least || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
        return 0;
    return bytes;
}

size_t utf8_valid_length(const char *text, size_t length)
{
    size_t offset = 0;

    while (offset < length) {
        size_t bytes = character_length((const uint8_t *)text + offset, length - offset);

        if (bytes == 0)
            break;
        offset += bytes;
    }
    return offset;
}
