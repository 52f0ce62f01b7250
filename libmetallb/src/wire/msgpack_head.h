/* SPDX-License-Identifier: MIT */
/* The head of a MessagePack value: what it is and how much belongs to it. */
#pragma once

#include "wire/msgpack.h"

enum msgpack_kind {
    MSGPACK_NIL,
    MSGPACK_BOOL,
    MSGPACK_UNSIGNED, /* also of a signed form, where it is not negative */
    MSGPACK_NEGATIVE,
    MSGPACK_BYTES, /* raw, str or bin */
    MSGPACK_ARRAY,
    MSGPACK_MAP,
    MSGPACK_OTHER, /* floating point numbers and extensions */
};

struct msgpack_head {
    enum msgpack_kind kind;
    uint64_t number;   /* of MSGPACK_BOOL and MSGPACK_UNSIGNED */
    uint32_t count;    /* elements of MSGPACK_ARRAY, pairs of MSGPACK_MAP */
    uint64_t payload;  /* bytes behind the head that are no values, of any kind */
    uint64_t children; /* values behind the head */
};

/*
 * Reads a head; the payload is not passed over.
 *
 * @return  what was read; undefined where reader->failed
 */
struct msgpack_head msgpack_read_head(struct reader *reader);
