/* SPDX-License-Identifier: MIT */
/*
 * The first byte seeds the sizes of the pieces in which the rest comes: as a stream that was
 * dialled and as one that was accepted, with a key and without, and sealed first, so that what
 * stands within is reached. In pieces as at once the result must be the same.
 */
#include <metallb/error.h>
#include <stdlib.h>

#include "membership/seal.h"

#define LABEL      "blue"
#define SIZE_LIMIT 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mlb_membership_key key = {.bytes = "0123456789abcdef", .length = 16};

static void require(int condition)
{
    if (!condition)
        abort();
}

static int no_entropy(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    memset(bytes, 0, length);
    return 0;
}

static struct seal *seal_of(const char *label, int is_encrypted)
{
    struct seal_options options = {.label = label, .entropy = no_entropy};
    struct seal *seal = NULL;

    require(seal_new(&options, &seal) == MLB_OK);
    if (is_encrypted)
        require(seal_set_keys(seal, &key, 1) == MLB_OK);
    return seal;
}

/* Each piece stands in memory of exactly its size. */
static int input_piece(struct seal_stream *stream, const uint8_t *bytes, size_t size)
{
    uint8_t *piece = malloc(size ? size : 1);
    int result;

    if (!piece)
        abort();
    if (size > 0)
        memcpy(piece, bytes, size);
    result = seal_stream_input(stream, piece, size);
    free(piece);
    return result;
}

static int input_pieces(struct seal_stream *stream, const uint8_t *bytes, size_t size,
                        uint32_t random)
{
    int result = 0;

    for (size_t at = 0; result == 0 && at < size;) {
        size_t piece = random >> 16 & 31;

        random = random * 1664525u + 1013904223u;
        piece = piece < size - at ? piece : size - at;
        result = input_piece(stream, bytes + at, piece);
        at += piece;
    }
    return result;
}

static void check(struct seal *seal, enum seal_role role, const uint8_t *bytes, size_t size,
                  uint8_t seed)
{
    struct seal_stream *whole = seal_stream_new(seal, role);
    struct seal_stream *pieces = seal_stream_new(seal, role);
    int result;

    require(whole && pieces);
    result = input_piece(whole, bytes, size);
    require(input_pieces(pieces, bytes, size, seed) == result);
    if (result == 1) {
        struct span a = seal_stream_message(whole);
        struct span b = seal_stream_message(pieces);

        require(a.length > 0 && a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0);
    }
    seal_stream_free(whole);
    seal_stream_free(pieces);
}

static void check_inside(struct seal *seal, enum seal_role role, const uint8_t *bytes, size_t size,
                         uint8_t seed)
{
    uint8_t *closed = NULL;
    size_t length = 0;

    require(seal_close_stream(seal, role, bytes, size, &closed, &length) == MLB_OK);
    check(seal, role == SEAL_DIALLED ? SEAL_ACCEPTED : SEAL_DIALLED, closed, length, seed);
    free(closed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct seal *plain;
    static struct seal *labelled;
    static struct seal *encrypted;

    if (size < 2 || size > SIZE_LIMIT)
        return 0;
    if (!plain) {
        plain = seal_of(NULL, 0);
        labelled = seal_of(LABEL, 0);
        encrypted = seal_of(LABEL, 1);
    }
    check(plain, SEAL_ACCEPTED, data + 1, size - 1, data[0]);
    check(labelled, SEAL_ACCEPTED, data + 1, size - 1, data[0]);
    check(encrypted, SEAL_DIALLED, data + 1, size - 1, data[0]);
    check(encrypted, SEAL_ACCEPTED, data + 1, size - 1, data[0]);
    check_inside(labelled, SEAL_DIALLED, data + 1, size - 1, data[0]);
    check_inside(encrypted, SEAL_DIALLED, data + 1, size - 1, data[0]);
    check_inside(encrypted, SEAL_ACCEPTED, data + 1, size - 1, data[0]);
    return 0;
}
