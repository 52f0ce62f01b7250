/* SPDX-License-Identifier: MIT */
/* The record of facts: what is written is read again, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <metallb/membership.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/node_facts.h"

#define MANY 1000

static struct mlb_address address(const char *text)
{
    struct mlb_address made;
    assert_int_equal(mlb_address_parse(text, &made, NULL), MLB_OK);
    return made;
}

struct sample {
    struct node_facts_interface interfaces[2];
    struct node_facts_subnet subnets[3];
    struct mlb_address addresses[3];
    struct node_facts facts;
};

static const struct node_facts *make_sample(struct sample *sample)
{
    *sample = (struct sample){
        .interfaces = {{"eth0", {2, 0, 0, 0, 0, 1}}, {"enp130s0f1np123", {2, 0, 0, 0, 0, 2}}},
        .subnets = {{0, {address("192.0.2.0"), 24, {0}}},
                    {1, {address("2001:db8::"), 64, {0}}},
                    {1, {address("198.51.100.128"), 25, {0}}}},
        .addresses = {address("192.0.2.1"), address("192.0.2.200"), address("2001:db8::1")},
        .facts = {.ready = true, .run = UINT64_C(0x0102030405060708), .digest = UINT64_MAX},
    };
    sample->facts.interfaces = sample->interfaces;
    sample->facts.interface_count = 2;
    sample->facts.subnets = sample->subnets;
    sample->facts.subnet_count = 3;
    sample->facts.addresses = sample->addresses;
    sample->facts.address_count = 3;
    return &sample->facts;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
    struct node_facts read = {0};
    struct sample sample;
    size_t length = node_facts_write(make_sample(&sample), bytes);
    assert_int_equal(node_facts_read(bytes, length, &read), 0);
    assert_true(read.ready);
    assert_false(read.draining || read.more_interfaces || read.more_subnets || read.more_addresses);
    assert_true(read.run == UINT64_C(0x0102030405060708));
    assert_true(read.digest == UINT64_MAX);
    assert_int_equal(read.interface_count, 2);
    assert_memory_equal(read.interfaces, sample.interfaces, sizeof(sample.interfaces));
    /* Subnets come by family. */
    assert_int_equal(read.subnet_count, 3);
    assert_memory_equal(&read.subnets[0], &sample.subnets[0], sizeof(sample.subnets[0]));
    assert_memory_equal(&read.subnets[1], &sample.subnets[2], sizeof(sample.subnets[0]));
    assert_memory_equal(&read.subnets[2], &sample.subnets[1], sizeof(sample.subnets[0]));
    assert_int_equal(read.address_count, 3);
    assert_memory_equal(read.addresses, sample.addresses, sizeof(sample.addresses));
    node_facts_clear(&read);
    assert_null(read.interfaces);
}

static void flags_are_kept_apart(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 4; bits++) {
        uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
        struct node_facts facts = {.ready = bits & 1, .draining = bits >> 1};
        struct node_facts read = {0};
        size_t length = node_facts_write(&facts, bytes);
        assert_int_equal(node_facts_read(bytes, length, &read), 0);
        assert_int_equal(read.ready, bits & 1);
        assert_int_equal(read.draining, bits >> 1);
        assert_int_equal(read.interface_count + read.subnet_count + read.address_count, 0);
        node_facts_clear(&read);
    }
}

static void questions(void **state)
{
    (void)state;
    struct sample sample;
    struct node_facts facts = *make_sample(&sample);
    struct mlb_address held = address("192.0.2.200");
    struct mlb_address other = address("192.0.2.201");
    assert_true(node_facts_has_interface(&facts, "eth0"));
    assert_false(node_facts_has_interface(&facts, "eth1"));
    assert_true(node_facts_holds(&facts, &held));
    assert_false(node_facts_holds(&facts, &other));
    facts.more_interfaces = true;
    assert_true(node_facts_has_interface(&facts, "eth1"));
    facts.address_count = 0;
    assert_false(node_facts_holds(&facts, &held));
}

/* A record of many of each; what is written last is cut first. */
static void what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    static struct node_facts_interface interfaces[MANY];
    static struct node_facts_subnet subnets[MANY];
    static struct mlb_address addresses[MANY];
    uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
    struct node_facts read = {0};
    for (int i = 0; i < MANY; i++) {
        snprintf(interfaces[i].name, sizeof(interfaces[i].name), "eth%d", i);
        subnets[i].interface = (uint8_t)i;
        subnets[i].prefix = (struct mlb_prefix){address("192.0.2.0"), 24, {0}};
        addresses[i] = address("10.0.0.0");
        addresses[i].bytes[2] = (uint8_t)(i >> 8);
        addresses[i].bytes[3] = (uint8_t)i;
    }
    struct node_facts facts = {.addresses = addresses, .address_count = MANY};

    /* A thousand addresses are what one node may well hold; these fit. */
    assert_int_equal(node_facts_read(bytes, node_facts_write(&facts, bytes), &read), 0);
    assert_int_equal(read.address_count, MANY);
    assert_false(read.more_addresses);
    node_facts_clear(&read);

    facts.interfaces = interfaces;
    facts.interface_count = 10;
    facts.subnets = subnets;
    facts.subnet_count = 20;
    assert_int_equal(node_facts_read(bytes, node_facts_write(&facts, bytes), &read), 0);
    assert_int_equal(read.interface_count, 10);
    assert_true(read.more_addresses && !read.more_interfaces);
    assert_in_range(read.address_count, 900, MANY - 1);
    assert_memory_equal(read.addresses, addresses, read.address_count * sizeof(addresses[0]));
    /* Those of an interface that is not in the record are left out too. */
    assert_int_equal(read.subnet_count, 10);
    assert_true(read.more_subnets);
    node_facts_clear(&read);

    facts.interface_count = MANY;
    facts.subnet_count = MANY;
    size_t length = node_facts_write(&facts, bytes);
    assert_in_range(length, 1, MLB_MEMBERSHIP_FACTS_MAX);
    assert_int_equal(node_facts_read(bytes, length, &read), 0);
    assert_int_equal(read.interface_count, NODE_FACTS_INTERFACES_MAX);
    assert_true(read.more_interfaces && read.more_subnets && read.more_addresses);
    node_facts_clear(&read);
}

/* Fields by hand: flags, run and digest, and what is given. */
static size_t build(uint8_t *bytes, const uint8_t *tail, size_t tail_length)
{
    static const uint8_t head[] = {'M', 'L', 'F', 1, 1, 0, 1, 1, 2, 0, 8, 0, 0, 0, 0,
                                   0,   0,   0,   7, 3, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9};
    memcpy(bytes, head, sizeof(head));
    memcpy(bytes + sizeof(head), tail, tail_length);
    return sizeof(head) + tail_length;
}

static int read_tail(const uint8_t *tail, size_t tail_length, struct node_facts *facts)
{
    uint8_t bytes[512];
    return node_facts_read(bytes, build(bytes, tail, tail_length), facts);
}

#define TAIL(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static void newer_fields_are_skipped(void **state)
{
    (void)state;
    struct node_facts read = {0};
    assert_int_equal(
        read_tail(TAIL(200, 0, 2, 1, 2, 99, 0, 0, 200, 0, 1, 5, 7, 0, 4, 192, 0, 2, 1), &read), 0);
    assert_true(read.ready);
    assert_true(read.run == 7 && read.digest == 9);
    assert_int_equal(read.address_count, 1);
    node_facts_clear(&read);
    /* More behind the known part of a field. */
    static const uint8_t longer[] = {'M', 'L', 'F', 1, 1, 0, 2, 2, 255, 2, 0, 9, 0, 0, 0, 0, 0,
                                     0,   0,   7,   1, 3, 0, 9, 0, 0,   0, 0, 0, 0, 0, 9, 1};
    assert_int_equal(node_facts_read(longer, sizeof(longer), &read), 0);
    assert_true(read.draining && !read.ready);
    assert_true(read.run == 7 && read.digest == 9);
    node_facts_clear(&read);
}

static void broken_records_are_refused(void **state)
{
    (void)state;
    struct node_facts read = {.run = 42};
    struct node_facts before = read;
#define REFUSED(...) assert_int_equal(read_tail(TAIL(__VA_ARGS__), &read), -EINVAL)
    REFUSED(4, 0);                                           /* half a head */
    REFUSED(4, 0, 9, 1);                                     /* longer than the record */
    REFUSED(1, 0, 1, 0);                                     /* flags twice */
    REFUSED(4, 0, 7, 0, 1, 2, 3, 4, 5, 6);                   /* a name of no bytes */
    REFUSED(4, 0, 8, 1, '/', 1, 2, 3, 4, 5, 6);              /* not a name */
    REFUSED(4, 0, 8, 1, ' ', 1, 2, 3, 4, 5, 6);              /* neither */
    REFUSED(4, 0, 7, 1, 'a', 1, 2, 3, 4, 5);                 /* half a hardware address */
    REFUSED(4, 0, 23, 16, 'a', 'a', 'a', 'a', 'a', 'a', 'a', /* a name too long */
            'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 1, 2, 3, 4, 5, 6);
    REFUSED(5, 0, 6, 0, 24, 192, 0, 2, 0);                                    /* of no interface */
    REFUSED(4, 0, 8, 1, 'a', 1, 2, 3, 4, 5, 6, 5, 0, 6, 0, 33, 192, 0, 2, 0); /* too long */
    REFUSED(4, 0, 8, 1, 'a', 1, 2, 3, 4, 5, 6, 5, 0, 6, 0, 24, 192, 0, 2, 1); /* host bits */
    REFUSED(4, 0, 8, 1, 'a', 1, 2, 3, 4, 5, 6, 5, 0, 5, 0, 24, 192, 0, 2);
    REFUSED(7, 0, 3, 192, 0, 2);                  /* not a whole address */
    REFUSED(7, 0, 8, 192, 0, 2, 2, 192, 0, 2, 1); /* not ascending */
    REFUSED(7, 0, 8, 192, 0, 2, 1, 192, 0, 2, 1); /* twice */
    REFUSED(8, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
#undef REFUSED
    /* What must be there is missing, at every length. */
    uint8_t bytes[64];
    size_t length = build(bytes, (const uint8_t *)"", 0);
    assert_int_equal(node_facts_read(bytes, length, &read), 0);
    node_facts_clear(&read);
    read = before;
    for (size_t i = 0; i < length; i++)
        assert_int_equal(node_facts_read(bytes, i, &read), -EINVAL);
    bytes[3] = 2;
    assert_int_equal(node_facts_read(bytes, length, &read), -EPROTONOSUPPORT);
    bytes[0] = 'm';
    assert_int_equal(node_facts_read(bytes, length, &read), -EINVAL);
    assert_memory_equal(&read, &before, sizeof(read));
}

static void too_many_interfaces_are_refused(void **state)
{
    (void)state;
    static uint8_t bytes[8192];
    static const uint8_t entry[] = {1, 'a', 2, 0, 0, 0, 0, 1};
    uint8_t *at = bytes + build(bytes, (const uint8_t *)"", 0);
    struct node_facts read = {0};
    for (unsigned count = NODE_FACTS_INTERFACES_MAX; count < NODE_FACTS_INTERFACES_MAX + 2;
         count++) {
        uint8_t *end = at;
        *end++ = 4;
        *end++ = (uint8_t)(count * 8 >> 8);
        *end++ = (uint8_t)(count * 8);
        for (unsigned i = 0; i < count; i++) {
            memcpy(end, entry, sizeof(entry));
            end += sizeof(entry);
        }
        int result = node_facts_read(bytes, (size_t)(end - bytes), &read);
        assert_int_equal(result, count <= NODE_FACTS_INTERFACES_MAX ? 0 : -EINVAL);
        node_facts_clear(&read);
    }
}

static void meta_data(void **state)
{
    (void)state;
    uint8_t bytes[NODE_FACTS_META_SIZE + 1] = {0};
    uint64_t run = 0;
    node_facts_meta_write(UINT64_C(0xfedcba9876543210), bytes);
    assert_true(node_facts_meta_read(bytes, NODE_FACTS_META_SIZE, &run));
    assert_true(run == UINT64_C(0xfedcba9876543210));
    assert_true(node_facts_meta_read(bytes, NODE_FACTS_META_SIZE + 1, &run));
    assert_false(node_facts_meta_read(bytes, NODE_FACTS_META_SIZE - 1, &run));
    assert_false(node_facts_meta_read(NULL, 0, &run));
    bytes[3]++;
    assert_false(node_facts_meta_read(bytes, NODE_FACTS_META_SIZE, &run));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(flags_are_kept_apart),
        cmocka_unit_test(questions),
        cmocka_unit_test(what_does_not_fit_is_left_out),
        cmocka_unit_test(newer_fields_are_skipped),
        cmocka_unit_test(broken_records_are_refused),
        cmocka_unit_test(too_many_interfaces_are_refused),
        cmocka_unit_test(meta_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
