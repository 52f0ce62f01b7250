/* SPDX-License-Identifier: MIT */
/* The input is decompressed with room for as much as its first byte says; then it makes a round
 * trip of its own. */
#include <metallb/error.h>
#include <stdlib.h>
#include <string.h>

#include "wire/lzw.h"

#define INPUT_MAX  65536
#define OUTPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void decompress(const uint8_t *bytes, size_t size, size_t capacity)
{
    uint8_t *target = malloc(capacity ? capacity : 1);
    size_t written = SIZE_MAX;

    if (!target)
        return;
    if (lzw_decompress(bytes, size, target, capacity, &written) == MLB_OK)
        require(written <= capacity);
    else
        require(written == SIZE_MAX);
    free(target);
}

static void round_trip(const uint8_t *bytes, size_t size)
{
    static struct lzw_encoder *encoder;
    static uint8_t packed[2 * INPUT_MAX];
    static uint8_t unpacked[INPUT_MAX];
    size_t packed_size;
    size_t unpacked_size = 0;

    if (!encoder)
        encoder = lzw_encoder_new();
    if (!encoder)
        return;
    packed_size = lzw_compress(encoder, bytes, size, packed, sizeof(packed));
    require(packed_size > 0);
    require(lzw_decompress(packed, packed_size, unpacked, size, &unpacked_size) == MLB_OK);
    require(unpacked_size == size && memcmp(unpacked, bytes, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > INPUT_MAX)
        return 0;
    decompress(data + 1, size - 1, data[0] == 255 ? OUTPUT_MAX : 4 * data[0]);
    round_trip(data, size);
    return 0;
}
