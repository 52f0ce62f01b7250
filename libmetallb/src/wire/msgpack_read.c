/* SPDX-License-Identifier: MIT */
#include "wire/msgpack_head.h"
#include "wire/msgpack_scan.h"

void msgpack_refuse(struct reader *reader)
{
    if (!reader->failed)
        reader->failed = MSGPACK_REFUSED;
}

uint32_t msgpack_read_map(struct reader *reader)
{
    struct msgpack_head head = msgpack_read_head(reader);

    if (!reader->failed && head.kind != MSGPACK_MAP)
        msgpack_refuse(reader);
    return reader->failed ? 0 : head.count;
}

/* Go also reads bytes from an array of numbers. Those below 128 are one byte each, the number. */
static struct span read_array_of_bytes(struct reader *reader, uint32_t count)
{
    struct span span = {.bytes = read_span(reader, count), .length = count};

    for (size_t i = 0; !reader->failed && i < count; i++)
        if (span.bytes[i] > INT8_MAX)
            msgpack_refuse(reader);
    return reader->failed ? (struct span){0} : span;
}

struct span msgpack_read_bytes(struct reader *reader)
{
    struct msgpack_head head = msgpack_read_head(reader);
    struct span span = {0};

    if (reader->failed || head.kind == MSGPACK_NIL)
        return span;
    if (head.kind == MSGPACK_ARRAY)
        return read_array_of_bytes(reader, head.count);
    if (head.kind != MSGPACK_BYTES) {
        msgpack_refuse(reader);
        return span;
    }
    span.bytes = read_span(reader, head.payload);
    span.length = span.bytes ? head.payload : 0;
    return span;
}

uint64_t msgpack_read_unsigned(struct reader *reader, uint64_t maximum)
{
    struct msgpack_head head = msgpack_read_head(reader);

    if (!reader->failed && (head.kind != MSGPACK_UNSIGNED || head.number > maximum))
        msgpack_refuse(reader);
    return reader->failed ? 0 : head.number;
}

int msgpack_read_bool(struct reader *reader)
{
    struct msgpack_head head = msgpack_read_head(reader);

    if (!reader->failed && head.kind != MSGPACK_BOOL)
        msgpack_refuse(reader);
    return reader->failed ? 0 : (int)head.number;
}

void msgpack_skip(struct reader *reader)
{
    struct msgpack_scan scan = {0};

    msgpack_scan_begin(&scan, 0);
    if (reader->failed)
        return;
    switch (msgpack_scan_value(&scan, reader->at, reader->left)) {
    case MSGPACK_SCAN_WHOLE:
        read_span(reader, scan.offset);
        break;
    case MSGPACK_SCAN_SHORT:
        reader->failed = 1;
        break;
    default:
        msgpack_refuse(reader);
    }
}
