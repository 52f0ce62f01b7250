/* SPDX-License-Identifier: MIT */
/* Forms of values, each written as Go writes it and read in all forms that a peer may choose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wire/msgpack_scan.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE            70000

static uint8_t buffer[SIZE];

struct form {
    uint64_t value;
    size_t length;
    uint8_t bytes[9];
};

static const struct form unsigned_forms[] = {
    {0, 1, {0x00}},
    {127, 1, {0x7f}},
    {128, 2, {0xcc, 0x80}},
    {255, 2, {0xcc, 0xff}},
    {256, 3, {0xcd, 0x01, 0x00}},
    {65535, 3, {0xcd, 0xff, 0xff}},
    {65536, 5, {0xce, 0x00, 0x01, 0x00, 0x00}},
    {UINT32_MAX, 5, {0xce, 0xff, 0xff, 0xff, 0xff}},
    {UINT64_C(1) << 32, 9, {0xcf, 0, 0, 0, 1, 0, 0, 0, 0}},
    {UINT64_MAX, 9, {0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
};

static const struct form signed_forms[] = {
    {0, 1, {0x00}},
    {127, 1, {0x7f}},
    {128, 3, {0xd1, 0x00, 0x80}},
    {32767, 3, {0xd1, 0x7f, 0xff}},
    {32768, 5, {0xd2, 0x00, 0x00, 0x80, 0x00}},
    {INT32_MAX, 5, {0xd2, 0x7f, 0xff, 0xff, 0xff}},
    {UINT32_MAX, 9, {0xd3, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}},
};

static void assert_form(const struct form *form, void (*write)(struct writer *, uint64_t))
{
    struct writer writer = writer_to(buffer, sizeof(buffer));
    struct reader reader = reader_of(form->bytes, form->length);

    write(&writer, form->value);
    assert_int_equal(writer.used, form->length);
    assert_memory_equal(buffer, form->bytes, form->length);
    assert_true(msgpack_read_unsigned(&reader, UINT64_MAX) == form->value);
    assert_int_equal(reader.failed, 0);
    assert_int_equal(reader.left, 0);
}

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unsigned_forms); i++)
        assert_form(&unsigned_forms[i], msgpack_write_unsigned);
    for (size_t i = 0; i < COUNT_OF(signed_forms); i++)
        assert_form(&signed_forms[i], msgpack_write_signed);
}

/* Forms that a peer may choose for 7 though it could be shorter. */
static void test_wide_numbers(void **state)
{
    static const struct form forms[] = {
        {7, 2, {0xcc, 7}},          {7, 3, {0xcd, 0, 7}},
        {7, 5, {0xce, 0, 0, 0, 7}}, {7, 9, {0xcf, 0, 0, 0, 0, 0, 0, 0, 7}},
        {7, 2, {0xd0, 7}},          {7, 3, {0xd1, 0, 7}},
        {7, 5, {0xd2, 0, 0, 0, 7}}, {7, 9, {0xd3, 0, 0, 0, 0, 0, 0, 0, 7}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct reader reader = reader_of(forms[i].bytes, forms[i].length);
        struct reader small = reader;

        assert_int_equal(msgpack_read_unsigned(&reader, 7), 7);
        assert_int_equal(reader.failed, 0);
        assert_int_equal(reader.left, 0);
        assert_int_equal(msgpack_read_unsigned(&small, 6), 0);
        assert_int_equal(small.failed, MSGPACK_REFUSED);
    }
}

/* No number, and none that fits: negative ones of all widths, the rest of other kinds. */
static void test_no_numbers(void **state)
{
    static const uint8_t firsts[] = {0xe0, 0xff, 0xd0, 0xd1, 0xd2, 0xd3, 0xc0, 0xc1,
                                     0xc2, 0xc3, 0xca, 0xcb, 0xa0, 0x80, 0x90, 0xd4};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(firsts); i++) {
        uint8_t bytes[20];
        struct reader reader = reader_of(bytes, sizeof(bytes));

        memset(bytes, 0xff, sizeof(bytes));
        bytes[0] = firsts[i];
        assert_int_equal(msgpack_read_unsigned(&reader, UINT64_MAX), 0);
        assert_int_equal(reader.failed, MSGPACK_REFUSED);
        /* Nothing is read after that, and it is not taken for missing bytes. */
        reader.left = 1;
        assert_int_equal(read_u8(&reader), 0);
        assert_int_equal(reader.left, 1);
        assert_int_equal(read_u16(&reader), 0);
        assert_int_equal(reader.failed, MSGPACK_REFUSED);
    }
}

static void test_written_raw(void **state)
{
    static const struct form heads[] = {
        {0, 1, {0xa0}},
        {31, 1, {0xbf}},
        {32, 3, {0xda, 0x00, 0x20}},
        {65535, 3, {0xda, 0xff, 0xff}},
        {65536, 5, {0xdb, 0x00, 0x01, 0x00, 0x00}},
    };
    static uint8_t content[65536];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct writer writer = writer_to(buffer, sizeof(buffer));
        struct writer narrow = writer_to(buffer, heads[i].length + heads[i].value - 1);
        struct reader reader;
        struct span span;

        msgpack_write_raw(&narrow, content, heads[i].value);
        assert_true(narrow.failed);
        msgpack_write_raw(&writer, content, heads[i].value);
        assert_int_equal(writer.used, heads[i].length + heads[i].value);
        assert_memory_equal(buffer, heads[i].bytes, heads[i].length);
        reader = reader_of(buffer, writer.used);
        span = msgpack_read_bytes(&reader);
        assert_int_equal(reader.failed, 0);
        assert_int_equal(span.length, heads[i].value);
        assert_ptr_equal(span.bytes, buffer + heads[i].length);
    }
}

static void test_written_maps(void **state)
{
    static const struct form heads[] = {
        {0, 1, {0x80}},
        {15, 1, {0x8f}},
        {16, 3, {0xde, 0x00, 0x10}},
        {65536, 5, {0xdf, 0x00, 0x01, 0x00, 0x00}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct writer writer = writer_to(buffer, sizeof(buffer));
        struct reader reader = reader_of(heads[i].bytes, heads[i].length);

        msgpack_write_map(&writer, (uint32_t)heads[i].value);
        assert_int_equal(writer.used, heads[i].length);
        assert_memory_equal(buffer, heads[i].bytes, heads[i].length);
        assert_int_equal(msgpack_read_map(&reader), heads[i].value);
        assert_int_equal(reader.failed, 0);
    }
}

/* "ab" in each form that holds bytes. */
static void test_bytes(void **state)
{
    static const struct form forms[] = {
        {2, 3, {0xa2, 'a', 'b'}},
        {2, 4, {0xd9, 2, 'a', 'b'}},
        {2, 5, {0xda, 0, 2, 'a', 'b'}},
        {2, 7, {0xdb, 0, 0, 0, 2, 'a', 'b'}},
        {2, 4, {0xc4, 2, 'a', 'b'}},
        {2, 5, {0xc5, 0, 2, 'a', 'b'}},
        {2, 7, {0xc6, 0, 0, 0, 2, 'a', 'b'}},
        {2, 3, {0x92, 'a', 'b'}},
        {2, 5, {0xdc, 0, 2, 'a', 'b'}},
        {2, 7, {0xdd, 0, 0, 0, 2, 'a', 'b'}},
    };
    static const uint8_t nil = 0xc0;
    static const uint8_t wide[] = {0x91, 0xcc, 0x80};
    struct reader reader = reader_of(&nil, 1);
    struct span span = msgpack_read_bytes(&reader);

    (void)state;
    assert_int_equal(reader.failed, 0);
    assert_null(span.bytes);
    assert_int_equal(span.length, 0);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        reader = reader_of(forms[i].bytes, forms[i].length);
        span = msgpack_read_bytes(&reader);
        assert_int_equal(reader.failed, 0);
        assert_int_equal(reader.left, 0);
        assert_int_equal(span.length, 2);
        assert_memory_equal(span.bytes, "ab", 2);
    }
    reader = reader_of(wide, sizeof(wide));
    span = msgpack_read_bytes(&reader);
    assert_int_equal(reader.failed, MSGPACK_REFUSED);
    assert_int_equal(span.length, 0);
}

static void test_other_kinds(void **state)
{
    static const uint8_t truth[] = {0xc3, 0xc2, 0x01, 0x80};
    struct reader reader = reader_of(truth, sizeof(truth));
    struct writer writer = writer_to(buffer, sizeof(buffer));

    (void)state;
    assert_int_equal(msgpack_read_bool(&reader), 1);
    assert_int_equal(msgpack_read_bool(&reader), 0);
    assert_int_equal(reader.failed, 0);
    assert_int_equal(msgpack_read_bool(&reader), 0);
    assert_int_equal(reader.failed, MSGPACK_REFUSED);
    reader = reader_of(truth, 1);
    assert_int_equal(msgpack_read_map(&reader), 0);
    assert_int_equal(reader.failed, MSGPACK_REFUSED);
    reader = reader_of(truth, 1);
    assert_int_equal(msgpack_read_bytes(&reader).length, 0);
    assert_int_equal(reader.failed, MSGPACK_REFUSED);
    msgpack_write_bool(&writer, 2);
    msgpack_write_bool(&writer, 0);
    msgpack_write_nil(&writer);
    msgpack_write_key(&writer, "Node");
    assert_int_equal(writer.used, 8);
    assert_memory_equal(buffer, "\xc3\xc2\xc0\xa4Node", 8);
}

/* Bytes of each form by its first byte, followed by zeros: 0 where it is none. */
static size_t size_of_form(unsigned first)
{
    static const size_t sizes[] = {1, 0, 1, 1, 2, 3, 5, 3,  4,  6, 5, 9, 2, 3, 5, 9,
                                   2, 3, 5, 9, 3, 4, 6, 10, 18, 2, 3, 5, 3, 5, 3, 5};

    if (first < 0x80 || first >= 0xe0)
        return 1;
    if (first < 0x90)
        return 1 + 2 * (first - 0x80);
    if (first < 0xa0)
        return 1 + (first - 0x90);
    if (first < 0xc0)
        return 1 + (first - 0xa0);
    return sizes[first - 0xc0];
}

/* Each form is passed over whole; cut short it asks for more, and never for too much. */
static void test_skip(void **state)
{
    uint8_t bytes[64] = {0};

    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        size_t size = size_of_form(first);
        struct reader reader = reader_of(bytes, sizeof(bytes));

        bytes[0] = (uint8_t)first;
        msgpack_skip(&reader);
        if (size == 0) {
            assert_int_equal(reader.failed, MSGPACK_REFUSED);
            continue;
        }
        assert_int_equal(reader.failed, 0);
        assert_int_equal(sizeof(bytes) - reader.left, size);
        for (size_t cut = 0; cut < size; cut++) {
            reader = reader_of(bytes, cut);
            msgpack_skip(&reader);
            assert_int_equal(reader.failed, 1);
        }
    }
}

static void test_depth(void **state)
{
    uint8_t bytes[MSGPACK_DEPTH_MAX + 2];
    struct reader reader = reader_of(bytes, MSGPACK_DEPTH_MAX + 1);

    (void)state;
    memset(bytes, 0x91, sizeof(bytes));
    bytes[MSGPACK_DEPTH_MAX] = 0;
    msgpack_skip(&reader);
    assert_int_equal(reader.failed, 0);
    assert_int_equal(reader.left, 0);
    bytes[MSGPACK_DEPTH_MAX] = 0x91;
    bytes[MSGPACK_DEPTH_MAX + 1] = 0;
    reader = reader_of(bytes, MSGPACK_DEPTH_MAX + 2);
    msgpack_skip(&reader);
    assert_int_equal(reader.failed, MSGPACK_REFUSED);
}

/* Claims of much in few bytes: no memory, no time, just the wish for more. */
static void test_claims(void **state)
{
    static const uint8_t firsts[] = {0xc6, 0xc9, 0xdb, 0xdd, 0xdf};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(firsts); i++) {
        const uint8_t bytes[] = {firsts[i], 0xff, 0xff, 0xff, 0xff, 0x00, 0x00};
        struct reader reader = reader_of(bytes, sizeof(bytes));

        msgpack_skip(&reader);
        assert_int_equal(reader.failed, 1);
        reader = reader_of(bytes, sizeof(bytes));
        assert_int_equal(msgpack_read_bytes(&reader).length, 0);
        assert_true(reader.failed);
    }
}

/* A value byte by byte: each step is short until the last one, and nothing is read twice. */
static void test_scan(void **state)
{
    static const uint8_t bytes[] = {0xff, 0x83, 0xa1, 'a',  0x92, 0xc0, 0xcd, 1,   2,   0xa1, 'b',
                                    0x80, 0xa1, 'c',  0xda, 0,    3,    'x',  'y', 'z', 0x77};
    struct msgpack_scan scan;

    (void)state;
    msgpack_scan_begin(&scan, 1);
    for (size_t length = 1; length < sizeof(bytes) - 1; length++) {
        assert_int_equal(msgpack_scan_value(&scan, bytes, length), MSGPACK_SCAN_SHORT);
        assert_in_range(scan.offset, 1, length);
        /* Heads are looked at again until they are whole, but no more than they are long. */
        assert_true(length - scan.offset < 6);
    }
    assert_int_equal(msgpack_scan_value(&scan, bytes, sizeof(bytes)), MSGPACK_SCAN_WHOLE);
    assert_int_equal(scan.offset, sizeof(bytes) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),      cmocka_unit_test(test_wide_numbers),
        cmocka_unit_test(test_no_numbers),   cmocka_unit_test(test_written_raw),
        cmocka_unit_test(test_written_maps), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_other_kinds),  cmocka_unit_test(test_skip),
        cmocka_unit_test(test_depth),        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_scan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
