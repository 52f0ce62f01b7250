/* SPDX-License-Identifier: MIT */
#include "membership/stream_scan.h"

#include <metallb/error.h>

#include "membership/seal.h"

/* Most nodes that memberlist takes in one push/pull. */
#define NODES_MAX 1048576

void stream_scan_begin(struct stream_scan *scan, size_t offset)
{
    *scan = (struct stream_scan){.start = offset};
    msgpack_scan_begin(&scan->value, offset);
}

static void begin_part(struct stream_scan *scan, enum stream_part part, size_t offset)
{
    scan->part = part;
    scan->start = offset;
    msgpack_scan_begin(&scan->value, offset);
}

static int is_stream_type(uint8_t type)
{
    return type == MEMBERLIST_PING || type == MEMBERLIST_ACK || type == MEMBERLIST_PUSH_PULL ||
           type == MEMBERLIST_USER || type == MEMBERLIST_COMPRESS || type == MEMBERLIST_ERROR;
}

static int scan_type(struct stream_scan *scan, const uint8_t *bytes, size_t length)
{
    if (scan->start == length)
        return MSGPACK_SCAN_SHORT;
    scan->type = bytes[scan->start];
    if (!is_stream_type(scan->type))
        return MSGPACK_SCAN_REFUSED;
    begin_part(scan, STREAM_PART_HEAD, scan->start + 1);
    return MSGPACK_SCAN_WHOLE;
}

/* Learns from a head what comes behind it. */
static int32_t read_head(struct stream_scan *scan, struct reader *reader)
{
    struct memberlist_push_pull head = {0};
    uint32_t user_length = 0;
    int32_t result = MLB_OK;

    if (scan->type == MEMBERLIST_PUSH_PULL) {
        result = memberlist_read_push_pull(reader, &head);
        user_length = head.user_state_length;
    } else if (scan->type == MEMBERLIST_USER) {
        result = memberlist_read_user_length(reader, &user_length);
    }
    if (result != MLB_OK || head.nodes > NODES_MAX || user_length > SEAL_STREAM_MAX)
        return MLB_ERROR_MALFORMED;
    scan->nodes = head.nodes;
    scan->bytes = user_length;
    return MLB_OK;
}

static int scan_head(struct stream_scan *scan, const uint8_t *bytes, size_t length)
{
    int result = msgpack_scan_value(&scan->value, bytes, length);
    struct reader reader;

    if (result != MSGPACK_SCAN_WHOLE)
        return result;
    reader = reader_of(bytes + scan->start, scan->value.offset - scan->start);
    if (read_head(scan, &reader) != MLB_OK)
        return MSGPACK_SCAN_REFUSED;
    begin_part(scan, STREAM_PART_NODES, scan->value.offset);
    return MSGPACK_SCAN_WHOLE;
}

static int scan_nodes(struct stream_scan *scan, const uint8_t *bytes, size_t length)
{
    while (scan->nodes > 0) {
        int result = msgpack_scan_value(&scan->value, bytes, length);

        if (result != MSGPACK_SCAN_WHOLE)
            return result;
        scan->nodes--;
        msgpack_scan_begin(&scan->value, scan->value.offset);
    }
    begin_part(scan, STREAM_PART_BYTES, scan->value.offset);
    return MSGPACK_SCAN_WHOLE;
}

int stream_scan_message(struct stream_scan *scan, const uint8_t *bytes, size_t length)
{
    int result = MSGPACK_SCAN_WHOLE;

    if (scan->part == STREAM_PART_TYPE)
        result = scan_type(scan, bytes, length);
    if (result == MSGPACK_SCAN_WHOLE && scan->part == STREAM_PART_HEAD)
        result = scan_head(scan, bytes, length);
    if (result == MSGPACK_SCAN_WHOLE && scan->part == STREAM_PART_NODES)
        result = scan_nodes(scan, bytes, length);
    if (result == MSGPACK_SCAN_WHOLE && length - scan->start < scan->bytes)
        result = MSGPACK_SCAN_SHORT;
    return result;
}

size_t stream_scan_end(const struct stream_scan *scan)
{
    return scan->start + scan->bytes;
}
