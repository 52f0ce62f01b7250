/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "wire/lzw.h"
#include "wire/lzw_codes.h"

/* Of the table: four times the codes or more, so that a search looks at few places. A text gives no
 * more codes than it has bytes, so a short one needs, and empties, a small part of the table. */
#define SLOT_BITS_MIN 8
#define SLOT_BITS_MAX (LZW_WIDTH_MAX + 2)

struct lzw_encoder {
    uint32_t slots[1u << SLOT_BITS_MAX]; /* (prefix code << 8 | byte) << 12 | code; 0: empty */
    unsigned slot_bits;                  /* of the part in use */
    uint8_t *target;
    size_t used;
    size_t capacity;
    int failed;
    uint32_t bits; /* not written yet, the oldest lowest */
    unsigned bit_count;
    unsigned width;
    uint32_t highest; /* code given last */
    uint32_t limit;   /* first code that needs one bit more */
};

struct lzw_encoder *lzw_encoder_new(void)
{
    return calloc(1, sizeof(struct lzw_encoder));
}

void lzw_encoder_free(struct lzw_encoder *encoder)
{
    free(encoder);
}

static void put_byte(struct lzw_encoder *encoder)
{
    if (encoder->used == encoder->capacity)
        encoder->failed = 1;
    else
        encoder->target[encoder->used++] = (uint8_t)encoder->bits;
}

static void put_code(struct lzw_encoder *encoder, uint32_t code)
{
    encoder->bits |= code << encoder->bit_count;
    encoder->bit_count += encoder->width;
    while (encoder->bit_count >= 8) {
        put_byte(encoder);
        encoder->bits >>= 8;
        encoder->bit_count -= 8;
    }
}

static void forget(struct lzw_encoder *encoder)
{
    memset(encoder->slots, 0, sizeof(encoder->slots[0]) << encoder->slot_bits);
    encoder->width = LZW_WIDTH_MIN;
    encoder->highest = LZW_END;
    encoder->limit = 1u << LZW_WIDTH_MIN;
}

/*
 * Goes on to the next code. When they run out, the table begins anew, which the other side is told;
 * 0 then.
 */
static int advance(struct lzw_encoder *encoder)
{
    if (++encoder->highest == encoder->limit) {
        encoder->width++;
        encoder->limit *= 2;
    }
    if (encoder->highest < LZW_CODES - 1)
        return 1;
    put_code(encoder, LZW_CLEAR);
    forget(encoder);
    return 0;
}

/* The place of a pair, or the empty one where it belongs. */
static uint32_t *find(struct lzw_encoder *encoder, uint32_t pair)
{
    const uint32_t mask = (1u << encoder->slot_bits) - 1;
    uint32_t slot = (pair * UINT32_C(2654435761)) >> (32 - encoder->slot_bits);

    while (encoder->slots[slot] && encoder->slots[slot] >> LZW_WIDTH_MAX != pair)
        slot = (slot + 1) & mask;
    return &encoder->slots[slot];
}

static void encode(struct lzw_encoder *encoder, const uint8_t *bytes, size_t length)
{
    uint32_t code = bytes[0];

    for (size_t i = 1; i < length && !encoder->failed; i++) {
        uint32_t pair = code << 8 | bytes[i];
        uint32_t *slot = find(encoder, pair);

        if (*slot) {
            code = *slot & (LZW_CODES - 1);
            continue;
        }
        put_code(encoder, code);
        if (advance(encoder))
            *slot = pair << LZW_WIDTH_MAX | encoder->highest;
        code = bytes[i];
    }
    put_code(encoder, code);
    advance(encoder);
}

static void choose_slots(struct lzw_encoder *encoder, size_t length)
{
    encoder->slot_bits = SLOT_BITS_MIN;
    while (encoder->slot_bits < SLOT_BITS_MAX && (size_t)1 << encoder->slot_bits < 4 * length)
        encoder->slot_bits++;
}

size_t lzw_compress(struct lzw_encoder *encoder, const uint8_t *bytes, size_t length,
                    uint8_t *target, size_t capacity)
{
    encoder->target = target;
    encoder->used = 0;
    encoder->capacity = capacity;
    encoder->failed = 0;
    encoder->bits = 0;
    encoder->bit_count = 0;
    choose_slots(encoder, length);
    forget(encoder);
    put_code(encoder, LZW_CLEAR);
    if (length > 0)
        encode(encoder, bytes, length);
    put_code(encoder, LZW_END);
    if (encoder->bit_count > 0)
        put_byte(encoder);
    return encoder->failed ? 0 : encoder->used;
}
