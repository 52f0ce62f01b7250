/* SPDX-License-Identifier: MIT */
#include "wire/msgpack_scan.h"

#include "wire/msgpack_head.h"

void msgpack_scan_begin(struct msgpack_scan *scan, size_t offset)
{
    *scan = (struct msgpack_scan){.offset = offset};
}

/* Counts a value that ended, and the containers that end with it; 1 when nothing is open then. */
static int close_value(struct msgpack_scan *scan)
{
    while (scan->depth > 0) {
        if (--scan->left[scan->depth - 1] > 0)
            return 0;
        scan->depth--;
    }
    return 1;
}

static int open_container(struct msgpack_scan *scan, uint64_t children)
{
    if (scan->depth == MSGPACK_DEPTH_MAX)
        return MSGPACK_SCAN_REFUSED;
    scan->left[scan->depth++] = children;
    return MSGPACK_SCAN_SHORT;
}

int msgpack_scan_value(struct msgpack_scan *scan, const uint8_t *bytes, size_t length)
{
    for (;;) {
        struct reader reader = reader_of(bytes + scan->offset, length - scan->offset);
        struct msgpack_head head = msgpack_read_head(&reader);

        if (!reader.failed)
            read_span(&reader, head.payload);
        if (reader.failed)
            return reader.failed == MSGPACK_REFUSED ? MSGPACK_SCAN_REFUSED : MSGPACK_SCAN_SHORT;
        scan->offset = length - reader.left;
        if (head.children > 0) {
            if (open_container(scan, head.children) == MSGPACK_SCAN_REFUSED)
                return MSGPACK_SCAN_REFUSED;
        } else if (close_value(scan)) {
            return MSGPACK_SCAN_WHOLE;
        }
    }
}
