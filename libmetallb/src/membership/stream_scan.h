/* SPDX-License-Identifier: MIT */
/*
 * Finds the end of a message in a stream, which tells no length of the whole: it follows from the
 * maps and counts inside. Each byte is looked at once, however small the pieces are.
 */
#pragma once

#include "wire/msgpack_scan.h"

enum stream_part {
    STREAM_PART_TYPE,
    STREAM_PART_HEAD,  /* the map behind the type */
    STREAM_PART_NODES, /* the maps of a push/pull behind its head */
    STREAM_PART_BYTES, /* user state or user message */
};

struct stream_scan {
    enum stream_part part;
    uint8_t type;
    size_t start;              /* of the part */
    uint32_t nodes;            /* that are to come */
    size_t bytes;              /* at the end */
    struct msgpack_scan value; /* of head or node */
};

/* Begins at a message whose type byte stands at offset. */
void stream_scan_begin(struct stream_scan *scan, size_t offset);

/*
 * Goes on as far as the bytes reach.
 *
 * @param bytes  from offset 0 on: those of the call before, which may have moved, and new ones
 * @return       MSGPACK_SCAN_*; refused is also a type that no stream has
 */
int stream_scan_message(struct stream_scan *scan, const uint8_t *bytes, size_t length);

/* The byte behind a whole message. */
size_t stream_scan_end(const struct stream_scan *scan);
