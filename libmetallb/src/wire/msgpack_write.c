/* SPDX-License-Identifier: MIT */
#include "wire/msgpack.h"

#define FIXMAP     0x80
#define FIXMAP_MAX 15
#define FIXRAW     0xa0
#define FIXRAW_MAX 31
#define FIXINT_MAX 0x7f
#define NIL        0xc0
#define FALSE      0xc2
#define TRUE       0xc3
#define UINT8      0xcc
#define UINT16     0xcd
#define UINT32     0xce
#define UINT64     0xcf
#define INT16      0xd1
#define INT32      0xd2
#define INT64      0xd3
#define RAW16      0xda
#define RAW32      0xdb
#define MAP16      0xde
#define MAP32      0xdf

static void write_u64(struct writer *writer, uint64_t value)
{
    write_u32(writer, (uint32_t)(value >> 32));
    write_u32(writer, (uint32_t)value);
}

static void write_16(struct writer *writer, uint8_t first, uint64_t value)
{
    write_u8(writer, first);
    write_u16(writer, (uint16_t)value);
}

static void write_32(struct writer *writer, uint8_t first, uint64_t value)
{
    write_u8(writer, first);
    write_u32(writer, (uint32_t)value);
}

static void write_64(struct writer *writer, uint8_t first, uint64_t value)
{
    write_u8(writer, first);
    write_u64(writer, value);
}

void msgpack_write_map(struct writer *writer, uint32_t pairs)
{
    if (pairs <= FIXMAP_MAX)
        write_u8(writer, (uint8_t)(FIXMAP | pairs));
    else if (pairs <= UINT16_MAX)
        write_16(writer, MAP16, pairs);
    else
        write_32(writer, MAP32, pairs);
}

void msgpack_write_raw_head(struct writer *writer, size_t length)
{
    if (length <= FIXRAW_MAX)
        write_u8(writer, (uint8_t)(FIXRAW | length));
    else if (length <= UINT16_MAX)
        write_16(writer, RAW16, length);
    else if (length <= UINT32_MAX)
        write_32(writer, RAW32, length);
    else
        writer->failed = 1;
}

void msgpack_write_raw(struct writer *writer, const void *bytes, size_t length)
{
    msgpack_write_raw_head(writer, length);
    if (length > 0)
        write_bytes(writer, bytes, length);
}

void msgpack_write_key(struct writer *writer, const char *key)
{
    msgpack_write_raw(writer, key, strlen(key));
}

void msgpack_write_unsigned(struct writer *writer, uint64_t value)
{
    if (value <= FIXINT_MAX) {
        write_u8(writer, (uint8_t)value);
    } else if (value <= UINT8_MAX) {
        write_u8(writer, UINT8);
        write_u8(writer, (uint8_t)value);
    } else if (value <= UINT16_MAX) {
        write_16(writer, UINT16, value);
    } else if (value <= UINT32_MAX) {
        write_32(writer, UINT32, value);
    } else {
        write_64(writer, UINT64, value);
    }
}

void msgpack_write_signed(struct writer *writer, uint64_t value)
{
    if (value <= FIXINT_MAX)
        write_u8(writer, (uint8_t)value);
    else if (value <= INT16_MAX)
        write_16(writer, INT16, value);
    else if (value <= INT32_MAX)
        write_32(writer, INT32, value);
    else
        write_64(writer, INT64, value);
}

void msgpack_write_bool(struct writer *writer, int value)
{
    write_u8(writer, value ? TRUE : FALSE);
}

void msgpack_write_nil(struct writer *writer)
{
    write_u8(writer, NIL);
}
