/* SPDX-License-Identifier: MIT */
/*
 * MessagePack as memberlist uses it, read and written within bounds and without allocation.
 *
 * Written is what go-msgpack writes: texts, bytes and keys in the old "raw" family (fixraw, raw16,
 * raw32), unsigned integers in their shortest form. Read is every form of a value that a peer may
 * choose; a value that nobody asked for can be passed over, to a bounded depth.
 */
#pragma once

#include "base/cursor.h"

/* Containers within containers that msgpack_skip() follows. */
#define MSGPACK_DEPTH_MAX 16

/* Bytes of the message that is read, or of the caller for writing; not NUL-terminated. */
struct span {
    const uint8_t *bytes; /* may be NULL where length is 0 */
    size_t length;
};

/* Values of reader->failed: 1 where bytes are missing, this where they are there but wrong. */
#define MSGPACK_REFUSED 2

void msgpack_write_map(struct writer *writer, uint32_t pairs);
void msgpack_write_raw(struct writer *writer, const void *bytes, size_t length);
/* The head alone; length bytes must follow. */
void msgpack_write_raw_head(struct writer *writer, size_t length);
void msgpack_write_key(struct writer *writer, const char *key);
void msgpack_write_unsigned(struct writer *writer, uint64_t value);
/* As Go writes what it holds in a signed integer: of 128 and more, int16, int32 or int64. */
void msgpack_write_signed(struct writer *writer, uint64_t value);
void msgpack_write_bool(struct writer *writer, int value);
void msgpack_write_nil(struct writer *writer);

/* Each sets reader->failed where the value is of another kind or does not fit, and gives zero. */
uint32_t msgpack_read_map(struct reader *reader);
/* Raw, str, bin, or an array of numbers below 128; nil is empty, with bytes NULL. */
struct span msgpack_read_bytes(struct reader *reader);
uint64_t msgpack_read_unsigned(struct reader *reader,
                               uint64_t maximum); /* any width, either sign */
int msgpack_read_bool(struct reader *reader);
void msgpack_skip(struct reader *reader); /* any one value */

/* Sets reader->failed to MSGPACK_REFUSED, unless it failed before. */
void msgpack_refuse(struct reader *reader);
