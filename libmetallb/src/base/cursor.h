/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes bytes in network order within bounds. A step that does not fit sets `failed`,
 * reads as zero and writes nothing, so that a parser checks once at its end.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
    const uint8_t *at;
    size_t left;
    int failed;
};

struct writer {
    uint8_t *start;
    size_t used;
    size_t capacity;
    int failed;
};

static inline struct reader reader_of(const uint8_t *bytes, size_t length)
{
    return (struct reader){.at = bytes, .left = length};
}

/* Start of the next `count` bytes, which are passed over; NULL if there are fewer. */
static inline const uint8_t *read_span(struct reader *reader, size_t count)
{
    const uint8_t *span = reader->at;

    if (reader->failed)
        return NULL;
    if (count > reader->left) {
        reader->failed = 1;
        return NULL;
    }
    reader->at += count;
    reader->left -= count;
    return span;
}

static inline void read_bytes(struct reader *reader, uint8_t *target, size_t count)
{
    const uint8_t *span = read_span(reader, count);

    if (span)
        memcpy(target, span, count);
    else
        memset(target, 0, count);
}

static inline uint8_t read_u8(struct reader *reader)
{
    const uint8_t *span = read_span(reader, 1);

    return span ? span[0] : 0;
}

static inline uint16_t read_u16(struct reader *reader)
{
    const uint8_t *span = read_span(reader, 2);

    return span ? (uint16_t)((unsigned)span[0] << 8 | span[1]) : 0;
}

static inline uint32_t read_u32(struct reader *reader)
{
    uint32_t high = read_u16(reader);

    return high << 16 | read_u16(reader);
}

static inline struct writer writer_to(uint8_t *buffer, size_t capacity)
{
    return (struct writer){.start = buffer, .capacity = capacity};
}

/* Start of the next `count` bytes to write; NULL if they do not fit. */
static inline uint8_t *write_span(struct writer *writer, size_t count)
{
    uint8_t *span = writer->start + writer->used;

    if (writer->failed || count > writer->capacity - writer->used) {
        writer->failed = 1;
        return NULL;
    }
    writer->used += count;
    return span;
}

static inline void write_bytes(struct writer *writer, const uint8_t *source, size_t count)
{
    uint8_t *span = write_span(writer, count);

    if (span)
        memcpy(span, source, count);
}

static inline void write_zeros(struct writer *writer, size_t count)
{
    uint8_t *span = write_span(writer, count);

    if (span)
        memset(span, 0, count);
}

static inline void write_u8(struct writer *writer, uint8_t value)
{
    write_bytes(writer, &value, 1);
}

static inline void write_u16(struct writer *writer, uint16_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};

    write_bytes(writer, bytes, sizeof(bytes));
}

static inline void write_u32(struct writer *writer, uint32_t value)
{
    write_u16(writer, (uint16_t)(value >> 16));
    write_u16(writer, (uint16_t)value);
}
