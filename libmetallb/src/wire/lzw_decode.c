/* SPDX-License-Identifier: MIT */
#include <metallb/error.h>

#include "wire/lzw.h"
#include "wire/lzw_codes.h"

#define NO_CODE UINT32_MAX

/* What a code of a pair stands for: the expansion of another code and a byte. */
struct pair {
    uint16_t prefix;
    uint16_t length; /* of the whole expansion */
    uint8_t byte;
};

struct decoder {
    const uint8_t *bytes;
    size_t left;
    uint32_t bits; /* read and not used, the next lowest */
    unsigned bit_count;
    unsigned width;
    uint32_t highest; /* the code that the next pair gets */
    uint32_t last;    /* code before, the beginning of that pair; NO_CODE: none will be added */
    uint8_t *target;
    size_t used;
    size_t capacity;
    struct pair pairs[LZW_CODES];
};

static void forget(struct decoder *decoder)
{
    decoder->width = LZW_WIDTH_MIN;
    decoder->highest = LZW_END;
    decoder->last = NO_CODE;
}

/* Returns 0 at the end of the input. */
static int next_code(struct decoder *decoder, uint32_t *code)
{
    while (decoder->bit_count < decoder->width) {
        if (decoder->left == 0)
            return 0;
        decoder->bits |= (uint32_t)*decoder->bytes++ << decoder->bit_count;
        decoder->left--;
        decoder->bit_count += 8;
    }
    *code = decoder->bits & ((1u << decoder->width) - 1);
    decoder->bits >>= decoder->width;
    decoder->bit_count -= decoder->width;
    return 1;
}

static size_t length_of(const struct decoder *decoder, uint32_t code)
{
    return code < LZW_CLEAR ? 1 : decoder->pairs[code].length;
}

/* Writes an expansion from its end, for which there is room, and returns its first byte. */
static uint8_t expand(const struct decoder *decoder, uint32_t code, uint8_t *target)
{
    size_t at = length_of(decoder, code);

    while (code >= LZW_CLEAR) {
        target[--at] = decoder->pairs[code].byte;
        code = decoder->pairs[code].prefix;
    }
    target[0] = (uint8_t)code;
    return (uint8_t)code;
}

/* The pair gets a code. When all are given, they stay as they are until CLEAR. */
static void add_pair(struct decoder *decoder, uint32_t code, uint8_t byte)
{
    if (decoder->last != NO_CODE)
        decoder->pairs[decoder->highest] = (struct pair){
            .prefix = (uint16_t)decoder->last,
            .length = (uint16_t)(length_of(decoder, decoder->last) + 1),
            .byte = byte,
        };
    decoder->last = code;
    if (++decoder->highest < 1u << decoder->width)
        return;
    if (decoder->width < LZW_WIDTH_MAX) {
        decoder->width++;
    } else {
        decoder->last = NO_CODE;
        decoder->highest--;
    }
}

static int32_t decode(struct decoder *decoder, uint32_t code)
{
    uint8_t *target = decoder->target + decoder->used;
    /* The pair that this very code will complete: its last byte is its own first one. */
    int is_next = code == decoder->highest && decoder->last != NO_CODE;
    size_t length;
    uint8_t first;

    if (code > decoder->highest)
        return MLB_ERROR_MALFORMED;
    length = is_next ? length_of(decoder, decoder->last) + 1 : length_of(decoder, code);
    if (length > decoder->capacity - decoder->used)
        return MLB_ERROR_BUFFER_TOO_SMALL;
    first = expand(decoder, is_next ? decoder->last : code, target);
    if (is_next)
        target[length - 1] = first;
    decoder->used += length;
    add_pair(decoder, code, first);
    return MLB_OK;
}

int32_t lzw_decompress(const uint8_t *bytes, size_t length, uint8_t *target, size_t capacity,
                       size_t *written)
{
    struct decoder decoder;
    int32_t result = MLB_OK;
    uint32_t code;

    decoder.bytes = bytes;
    decoder.left = length;
    decoder.bits = 0;
    decoder.bit_count = 0;
    decoder.target = target;
    decoder.used = 0;
    decoder.capacity = capacity;
    forget(&decoder);
    while (result == MLB_OK) {
        if (!next_code(&decoder, &code))
            return MLB_ERROR_MALFORMED;
        if (code == LZW_END)
            break;
        if (code == LZW_CLEAR)
            forget(&decoder);
        else
            result = decode(&decoder, code);
    }
    if (result == MLB_OK)
        *written = decoder.used;
    return result;
}
