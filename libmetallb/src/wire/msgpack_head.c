/* SPDX-License-Identifier: MIT */
#include "wire/msgpack_head.h"

/* First bytes, as the MessagePack specification names them. */
#define FIXINT_LAST 0x7f
#define FIXMAP      0x80
#define FIXARRAY    0x90
#define FIXRAW      0xa0
#define NIL         0xc0
#define FALSE       0xc2
#define TRUE        0xc3
#define BIN8        0xc4
#define EXT8        0xc7
#define FLOAT32     0xca
#define FLOAT64     0xcb
#define UINT8       0xcc
#define INT8        0xd0
#define FIXEXT1     0xd4
#define RAW8        0xd9
#define ARRAY16     0xdc
#define MAP16       0xde
#define FIXNEGATIVE 0xe0

/* Reads an unsigned number of 1, 2, 4 or 8 bytes: 2 to the power of `size`. */
static uint64_t read_number(struct reader *reader, int size)
{
    uint64_t number = 0;

    for (int left = 1 << size; left > 0; left--)
        number = number << 8 | read_u8(reader);
    return number;
}

static struct msgpack_head number_head(uint64_t number)
{
    return (struct msgpack_head){.kind = MSGPACK_UNSIGNED, .number = number};
}

static struct msgpack_head bytes_head(uint64_t length)
{
    return (struct msgpack_head){.kind = MSGPACK_BYTES, .payload = length};
}

static struct msgpack_head other_head(uint64_t length)
{
    return (struct msgpack_head){.kind = MSGPACK_OTHER, .payload = length};
}

static struct msgpack_head array_head(uint64_t count)
{
    return (struct msgpack_head){
        .kind = MSGPACK_ARRAY, .count = (uint32_t)count, .children = count};
}

static struct msgpack_head map_head(uint64_t count)
{
    return (struct msgpack_head){
        .kind = MSGPACK_MAP, .count = (uint32_t)count, .children = 2 * count};
}

static struct msgpack_head signed_head(struct reader *reader, int size)
{
    uint64_t number = read_number(reader, size);
    int sign = (8 << size) - 1;

    if (number >> sign)
        return (struct msgpack_head){.kind = MSGPACK_NEGATIVE};
    return number_head(number);
}

/* The heads whose first byte holds the size. */
static struct msgpack_head fixed_head(uint8_t first)
{
    if (first <= FIXINT_LAST)
        return number_head(first);
    if (first < FIXARRAY)
        return map_head(first - FIXMAP);
    if (first < FIXRAW)
        return array_head(first - FIXARRAY);
    return bytes_head(first - FIXRAW);
}

/* The heads from 0xc0 to 0xdf, most of which come in several sizes side by side. */
static struct msgpack_head sized_head(struct reader *reader, uint8_t first)
{
    if (first == NIL)
        return (struct msgpack_head){.kind = MSGPACK_NIL};
    if (first == FALSE || first == TRUE)
        return (struct msgpack_head){.kind = MSGPACK_BOOL, .number = first == TRUE};
    if (first >= MAP16)
        return map_head(read_number(reader, first - MAP16 + 1));
    if (first >= ARRAY16)
        return array_head(read_number(reader, first - ARRAY16 + 1));
    if (first >= RAW8)
        return bytes_head(read_number(reader, first - RAW8));
    /* An extension has one more byte, its type. */
    if (first >= FIXEXT1)
        return other_head(1 + (UINT64_C(1) << (first - FIXEXT1)));
    if (first >= INT8)
        return signed_head(reader, first - INT8);
    if (first >= UINT8)
        return number_head(read_number(reader, first - UINT8));
    if (first >= FLOAT32)
        return other_head(first == FLOAT64 ? 8 : 4);
    if (first >= EXT8)
        return other_head(1 + read_number(reader, first - EXT8));
    if (first >= BIN8)
        return bytes_head(read_number(reader, first - BIN8));
    /* 0xc1 is the one byte that the specification never uses. */
    msgpack_refuse(reader);
    return (struct msgpack_head){0};
}

struct msgpack_head msgpack_read_head(struct reader *reader)
{
    uint8_t first = read_u8(reader);

    if (first >= FIXNEGATIVE)
        return (struct msgpack_head){.kind = MSGPACK_NEGATIVE};
    if (first >= NIL)
        return sized_head(reader, first);
    return fixed_head(first);
}
