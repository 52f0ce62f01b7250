/* SPDX-License-Identifier: MIT */
#include "membership/compression.h"

#include <metallb/error.h>

#define ALGORITHM_LZW 0

static const char algorithm_key[] = "Algo";
static const char bytes_key[] = "Buf";

static void write_head(struct writer *writer, size_t length)
{
    write_u8(writer, MEMBERLIST_COMPRESS);
    msgpack_write_map(writer, 2);
    msgpack_write_key(writer, algorithm_key);
    msgpack_write_unsigned(writer, ALGORITHM_LZW);
    msgpack_write_key(writer, bytes_key);
    msgpack_write_raw_head(writer, length);
}

/* The length of the head depends on that of the bytes, so it is put before them, at its end. */
struct span compression_wrap(struct lzw_encoder *encoder, struct span message, uint8_t *target,
                             size_t capacity)
{
    uint8_t head[COMPRESSION_HEAD_MAX];
    struct writer writer = writer_to(head, sizeof(head));
    uint8_t *bytes = target + COMPRESSION_HEAD_MAX;
    size_t length;

    if (capacity < COMPRESSION_HEAD_MAX)
        return (struct span){0};
    length = lzw_compress(encoder, message.bytes, message.length, bytes,
                          capacity - COMPRESSION_HEAD_MAX);
    if (length == 0)
        return (struct span){0};
    write_head(&writer, length);
    memcpy(bytes - writer.used, head, writer.used);
    return (struct span){.bytes = bytes - writer.used, .length = writer.used + length};
}

/* A code is 12 bits at most and stands for at least a byte; few more begin the table anew. */
size_t compression_bound(size_t length)
{
    return COMPRESSION_HEAD_MAX + length + length / 2 + length / 1024 + 16;
}

int32_t compression_parse(struct span body, struct span *compressed)
{
    struct reader reader = reader_of(body.bytes, body.length);
    struct span bytes = {0};
    uint64_t algorithm = ALGORITHM_LZW;

    for (uint32_t pairs = msgpack_read_map(&reader); pairs > 0 && !reader.failed; pairs--) {
        struct span key = msgpack_read_bytes(&reader);

        if (key.length == strlen(algorithm_key) &&
            memcmp(key.bytes, algorithm_key, key.length) == 0)
            algorithm = msgpack_read_unsigned(&reader, UINT8_MAX);
        else if (key.length == strlen(bytes_key) && memcmp(key.bytes, bytes_key, key.length) == 0)
            bytes = msgpack_read_bytes(&reader);
        else
            msgpack_skip(&reader);
    }
    if (reader.failed || algorithm != ALGORITHM_LZW)
        return MLB_ERROR_MALFORMED;
    *compressed = bytes;
    return MLB_OK;
}
