/* SPDX-License-Identifier: MIT */
/*
 * LZW as memberlist compresses with it: literals of 8 bits, codes of 9 to 12 bits, least
 * significant bit first; bytes equal to those of Go's compress/lzw.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Memory of one compression, of the caller: some 80 KiB. */
struct lzw_encoder;
struct lzw_encoder *lzw_encoder_new(void); /* NULL without memory */
void lzw_encoder_free(struct lzw_encoder *encoder);

/* Returns the compressed length, 0 where it would be more than capacity. */
size_t lzw_compress(struct lzw_encoder *encoder, const uint8_t *bytes, size_t length,
                    uint8_t *target, size_t capacity);

/*
 * Returns MLB_OK with *written set, MLB_ERROR_MALFORMED, or MLB_ERROR_BUFFER_TOO_SMALL where the
 * output would be more than capacity.
 */
int32_t lzw_decompress(const uint8_t *bytes, size_t length, uint8_t *target, size_t capacity,
                       size_t *written);
