/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SHA256_BLOCK_SIZE  64
#define SHA256_STATE_WORDS 8

/* A SHA-256 digest; comparing the words in order is comparing the 32 bytes in order. */
struct sha256_digest {
    uint32_t words[SHA256_STATE_WORDS];
};

/*
 * The common beginning of many messages, hashed as far as its whole blocks go. A value without
 * pointers: it may be copied, and read from several threads.
 */
struct sha256_prefix {
    uint32_t state[SHA256_STATE_WORDS];
    uint32_t length;      /* of the whole prefix */
    uint32_t tail_length; /* bytes behind the last whole block */
    uint8_t tail[SHA256_BLOCK_SIZE];
};

/* Prepares a prefix of length bytes. */
void sha256_prefix_init(struct sha256_prefix *prefix, const void *bytes, size_t length);

/* Hashes the prefix followed by length bytes of suffix. */
void sha256_with_prefix(const struct sha256_prefix *prefix, const void *suffix, size_t length,
                        struct sha256_digest *digest);

/* Negative, 0 or positive as a is before, equal to or after b in byte order. */
int sha256_compare(const struct sha256_digest *a, const struct sha256_digest *b);
