/* SPDX-License-Identifier: MIT */
#include <metallb/error.h>

#include "wire/memberlist.h"

int32_t memberlist_compound_open(const uint8_t *body, size_t length,
                                 struct memberlist_compound *compound)
{
    struct reader bodies = reader_of(body, length);
    uint8_t count = read_u8(&bodies);
    struct reader lengths = bodies;

    read_span(&bodies, (size_t)count * MEMBERLIST_COMPOUND_LENGTH);
    if (bodies.failed)
        return MLB_ERROR_MALFORMED;
    *compound = (struct memberlist_compound){.lengths = lengths, .bodies = bodies, .left = count};
    return MLB_OK;
}

int memberlist_compound_next(struct memberlist_compound *compound, struct span *message)
{
    const uint8_t *bytes;
    size_t length;

    if (compound->left == 0)
        return 0;
    length = read_u16(&compound->lengths);
    bytes = read_span(&compound->bodies, length);
    if (!bytes)
        return 0;
    compound->left--;
    *message = (struct span){.bytes = bytes, .length = length};
    return 1;
}
