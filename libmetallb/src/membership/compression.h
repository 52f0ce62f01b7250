/* SPDX-License-Identifier: MIT */
/* The message that holds a compressed one: a type byte and a map of algorithm and bytes. */
#pragma once

#include "wire/lzw.h"
#include "wire/memberlist.h"

/* Most bytes that type byte and map add. */
#define COMPRESSION_HEAD_MAX 17

/*
 * Compresses a message.
 *
 * @param target  room for capacity bytes
 * @return        the new message, in target but not at its beginning; length 0 where it would take
 *                more than capacity
 */
struct span compression_wrap(struct lzw_encoder *encoder, struct span message, uint8_t *target,
                             size_t capacity);

/* Most bytes that a message of length bytes can come to. */
size_t compression_bound(size_t length);

/*
 * Finds the compressed bytes in a message (behind its type byte).
 *
 * @return  MLB_OK, MLB_ERROR_MALFORMED (also for an unknown algorithm)
 */
int32_t compression_parse(struct span body, struct span *compressed);
