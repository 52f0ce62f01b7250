/* SPDX-License-Identifier: MIT */
/*
 * Finds the end of a value that arrives in pieces. Each byte is looked at once, however small the
 * pieces are.
 */
#pragma once

#include "wire/msgpack.h"

enum {
    MSGPACK_SCAN_REFUSED = -1, /* no MessagePack, or too deep */
    MSGPACK_SCAN_SHORT = 0,    /* more must come */
    MSGPACK_SCAN_WHOLE = 1,
};

struct msgpack_scan {
    size_t offset;                    /* of what has not been looked at */
    unsigned depth;                   /* containers that are open */
    uint64_t left[MSGPACK_DEPTH_MAX]; /* values that still belong to each of them */
};

/* Begins at the value that stands at offset. */
void msgpack_scan_begin(struct msgpack_scan *scan, size_t offset);

/*
 * Goes on as far as the bytes reach.
 *
 * @param bytes  from offset 0 on: those of the call before, which may have moved, and new ones
 * @return       MSGPACK_SCAN_*; scan->offset is behind the value when it is whole
 */
int msgpack_scan_value(struct msgpack_scan *scan, const uint8_t *bytes, size_t length);
