/* SPDX-License-Identifier: MIT */
/*
 * The seal without memory: each call fails at each of its allocations once, those of libcrypto
 * included, says so, and works when there is memory again. What a peer claims asks for no memory.
 * The linker turns the library's allocations to the ones here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "membership/seal.h"

#define NO_FAILURE    SIZE_MAX
#define FAILURES_MAX  400
#define MESSAGE_BYTES 5000

static size_t allocations_left = NO_FAILURE;
static size_t largest;
static size_t allocations;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);

static int may_allocate(size_t size)
{
    allocations++;
    if (size > largest)
        largest = size;
    if (allocations_left == 0)
        return 0;
    allocations_left -= allocations_left != NO_FAILURE;
    return 1;
}

void *__wrap_malloc(size_t size)
{
    return may_allocate(size) ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_allocate(count * size) ? __real_calloc(count, size) : NULL;
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    return may_allocate(count * size) ? __real_reallocarray(memory, count, size) : NULL;
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return may_allocate(size) ? __real_malloc(size) : NULL;
}

static void *crypto_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return may_allocate(size) ? realloc(memory, size) : NULL;
}

static void crypto_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

static int no_entropy(void *context, uint8_t *bytes, size_t length)
{
    (void)context;
    memset(bytes, 7, length);
    return 0;
}

static const struct mlb_membership_key keys[] = {{.bytes = "first key", .length = 16},
                                                 {.bytes = "second key", .length = 32}};
static uint8_t message[MESSAGE_BYTES];

static struct seal *new_seal(size_t *failures)
{
    const struct seal_options options = {.label = "blue", .compress = 1, .entropy = no_entropy};
    struct seal *seal = NULL;
    int32_t result = MLB_ERROR_NO_MEMORY;

    for (size_t room = 0; result == MLB_ERROR_NO_MEMORY; room++, ++*failures) {
        assert_in_range(room, 0, FAILURES_MAX);
        allocations_left = room;
        result = seal_new(&options, &seal);
        allocations_left = NO_FAILURE;
        assert_int_equal(seal == NULL, result != MLB_OK);
    }
    assert_int_equal(result, MLB_OK);
    return seal;
}

static void ignore(void *context, const uint8_t *bytes, size_t length)
{
    (void)bytes;
    *(size_t *)context += length;
}

/* The keys stay as they were: what was sealed with the first one can still be opened. */
static void exhaust_keys(struct seal *seal, size_t *failures)
{
    const struct span span = {message, 100};
    uint8_t packet[500];
    size_t length;
    int32_t result = MLB_ERROR_NO_MEMORY;

    assert_int_equal(seal_set_keys(seal, keys, 1), MLB_OK);
    length = seal_close_packet(seal, &span, 1, 0, packet, sizeof(packet));
    assert_int_not_equal(length, 0);
    for (size_t room = 0; result == MLB_ERROR_NO_MEMORY; room++, ++*failures) {
        size_t heard = 0;

        assert_in_range(room, 0, FAILURES_MAX);
        allocations_left = room;
        result = seal_set_keys(seal, keys + 1, 1);
        allocations_left = NO_FAILURE;
        assert_int_equal(seal_open_packet(seal, packet, length, ignore, &heard),
                         result == MLB_OK ? MLB_ERROR_MALFORMED : MLB_OK);
    }
    assert_int_equal(result, MLB_OK);
}

static size_t exhaust_close(struct seal *seal, uint8_t **bytes, size_t *failures)
{
    int32_t result = MLB_ERROR_NO_MEMORY;
    size_t length = 0;

    for (size_t room = 0; result == MLB_ERROR_NO_MEMORY; room++, ++*failures) {
        assert_in_range(room, 0, FAILURES_MAX);
        allocations_left = room;
        result = seal_close_stream(seal, SEAL_DIALLED, message, sizeof(message), bytes, &length);
        allocations_left = NO_FAILURE;
        assert_int_equal(*bytes == NULL, result != MLB_OK);
    }
    assert_int_equal(result, MLB_OK);
    return length;
}

static void exhaust_open(struct seal *seal, const uint8_t *bytes, size_t length, size_t *failures)
{
    int result = MLB_ERROR_NO_MEMORY;

    for (size_t room = 0; result == MLB_ERROR_NO_MEMORY; room++, ++*failures) {
        struct seal_stream *stream;

        assert_in_range(room, 0, FAILURES_MAX);
        allocations_left = room;
        stream = seal_stream_new(seal, SEAL_ACCEPTED);
        if (stream)
            result = seal_stream_input(stream, bytes, length / 2);
        if (stream && result == 0)
            result = seal_stream_input(stream, bytes + length / 2, length - length / 2);
        allocations_left = NO_FAILURE;
        if (result == 1)
            assert_memory_equal(seal_stream_message(stream).bytes, message, sizeof(message));
        /* Without memory once, a stream has lost bytes and cannot go on. */
        if (stream && result == MLB_ERROR_NO_MEMORY)
            assert_int_equal(seal_stream_input(stream, bytes, length), MLB_ERROR_NO_MEMORY);
        seal_stream_free(stream);
    }
    assert_int_equal(result, 1);
}

static void test_each_allocation(void **state)
{
    size_t failures[4] = {0};
    struct seal *seal = new_seal(&failures[0]);
    uint8_t *bytes = NULL;
    size_t length;

    (void)state;
    exhaust_keys(seal, &failures[1]);
    length = exhaust_close(seal, &bytes, &failures[2]);
    exhaust_open(seal, bytes, length, &failures[3]);
    /* As many as there are allocations, and the call that worked. */
    assert_int_equal(failures[0], 3);
    assert_in_range(failures[1], 4, FAILURES_MAX);
    assert_int_equal(failures[2], 3);
    assert_in_range(failures[3], 5, FAILURES_MAX);
    free(bytes);
    seal_free(seal);
}

/* Packets need no memory at all. */
static void test_packets(void **state)
{
    const struct span spans[] = {{message, 1000}, {message, 300}};
    size_t failures = 0;
    struct seal *seal = new_seal(&failures);
    uint8_t packet[2000];
    size_t heard = 0;
    size_t length;

    (void)state;
    assert_int_equal(seal_set_keys(seal, keys, 2), MLB_OK);
    allocations_left = 0;
    length = seal_close_packet(seal, spans, 2, 1, packet, sizeof(packet));
    assert_int_not_equal(length, 0);
    assert_int_equal(seal_open_packet(seal, packet, length, ignore, &heard), MLB_OK);
    allocations_left = NO_FAILURE;
    assert_int_equal(heard, 1300);
    seal_free(seal);
}

static size_t memory_for(struct seal *seal, const uint8_t *bytes, size_t length)
{
    struct seal_stream *stream = seal_stream_new(seal, SEAL_ACCEPTED);

    assert_non_null(stream);
    largest = 0;
    assert_int_equal(seal_stream_input(stream,
                                       (const uint8_t *)"\xf4\x04"
                                                        "blue",
                                       6),
                     0);
    assert_int_equal(seal_stream_input(stream, bytes, length), 0);
    seal_stream_free(stream);
    return largest;
}

/* A few bytes that announce millions. */
static void test_claims(void **state)
{
    static const uint8_t encrypted[] = {0x0a, 0x01, 0x40, 0x00, 0x00};
    static const uint8_t text[] = {0x0d, 0x81, 0xdb, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t map[] = {0x00, 0xdf, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t nodes[] = "\x06\x81\xa5Nodes\xce\x00\x0f\xff\xff";
    static const uint8_t user[] = "\x08\x81\xaaUserMsgLen\xce\x01\x3f\xff\xff";
    size_t failures = 0;
    struct seal *seal = new_seal(&failures);

    (void)state;
    assert_in_range(memory_for(seal, text, sizeof(text)), 1, 1024);
    assert_in_range(memory_for(seal, map, sizeof(map)), 1, 1024);
    assert_in_range(memory_for(seal, nodes, sizeof(nodes) - 1), 1, 1024);
    assert_in_range(memory_for(seal, user, sizeof(user) - 1), 1, 1024);
    assert_int_equal(seal_set_keys(seal, keys, 1), MLB_OK);
    assert_in_range(memory_for(seal, encrypted, sizeof(encrypted)), 1, 1024);
    seal_free(seal);
}

/* A stream in single bytes moves what it has but a few times. */
static void test_growth(void **state)
{
    static const uint8_t head[] = "\xf4\x04"
                                  "blue\x08\x81\xaaUserMsgLen\xce\x01\x3f\xff\xff";
    size_t failures = 0;
    struct seal *seal = new_seal(&failures);
    struct seal_stream *stream = seal_stream_new(seal, SEAL_ACCEPTED);

    (void)state;
    assert_non_null(stream);
    assert_int_equal(seal_stream_input(stream, head, sizeof(head) - 1), 0);
    allocations = 0;
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(seal_stream_input(stream, head, 1), 0);
    assert_in_range(allocations, 5, 12);
    seal_stream_free(stream);
    seal_free(seal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_allocation),
        cmocka_unit_test(test_packets),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_growth),
    };
    struct writer writer = writer_to(message, sizeof(message));

    if (!CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free))
        return 1;
    /* A user message as long as the memory: 1 byte of type, 15 of its head. */
    memberlist_build_user_length(&writer, MESSAGE_BYTES - 16);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
