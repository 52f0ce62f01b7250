/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"

#define MANY           1000
#define MANY_FRAMES    (10 * MANY)
#define SETS           5
#define SET_OF_TIME(i) ((i)*1100 * MILLISECOND)

static void test_arp_set(void **state)
{
    static const uint8_t zero[6];
    struct mlb_address address = address_of("192.0.2.10");
    struct announce *core = lab_new(1);
    struct sent sent[3];
    struct arp_packet packet;
    uint8_t own[6];

    (void)state;
    own_hardware(1, own);
    lab_add(core, 0, "192.0.2.10");
    assert_int_equal(announce_deadline(core), 0);
    assert_int_equal(lab_drain(core, 0, sent, 3), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_memory_equal(sent[i].bytes, ethernet_broadcast, 6);
        assert_memory_equal(sent[i].bytes + 6, own, 6);
        assert_int_equal(sent[i].length, 60);
        assert_int_equal(arp_parse(sent[i].bytes + 14, sent[i].length - 14, &packet), MLB_OK);
        assert_int_equal(packet.operation, i == 0 ? ARP_REQUEST : ARP_REPLY);
        assert_memory_equal(packet.sender_hardware, own, 6);
        assert_memory_equal(packet.sender_protocol, address.bytes, 4);
        assert_memory_equal(packet.target_hardware, i == 0 ? zero : own, 6);
        assert_memory_equal(packet.target_protocol, address.bytes, 4);
    }
    announce_free(core);
}

static void test_ndp_set(void **state)
{
    static const uint8_t all_nodes_hardware[6] = {0x33, 0x33, 0, 0, 0, 1};
    struct mlb_address address = address_of("2001:db8::10");
    struct announce *core = lab_new(1);
    struct sent sent[2];
    struct ndp_message message;
    uint8_t own[6];

    (void)state;
    own_hardware(1, own);
    lab_add(core, 0, "2001:db8::10");
    assert_int_equal(lab_drain(core, 0, sent, 2), 1);
    assert_memory_equal(sent[0].bytes, all_nodes_hardware, 6);
    assert_int_equal(ndp_parse(sent[0].bytes + 14, sent[0].length - 14, &message), MLB_OK);
    assert_int_equal(message.type, NDP_ADVERTISEMENT);
    assert_int_equal(message.flags, NDP_FLAG_OVERRIDE);
    assert_memory_equal(message.source, address.bytes, 16);
    assert_memory_equal(message.target, address.bytes, 16);
    assert_memory_equal(message.destination, ipv6_all_nodes, 16);
    assert_memory_equal(message.link_address, own, 6);
    announce_free(core);
}

static void test_times_of_a_take_over(void **state)
{
    struct announce *core = lab_new(2);
    struct sent sent[4 * SETS];

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    assert_int_equal(lab_run(core, 0, 60 * SECOND, sent, 4 * SETS), 4 * SETS);
    for (size_t i = 0; i < 4 * SETS; i++)
        assert_int_equal(sent[i].time, SET_OF_TIME(i / 4));
    assert_int_equal(announce_deadline(core), ANNOUNCE_NEVER);
    assert_int_equal(lab_counters(core, "192.0.2.10", 0).gratuitous, 4 * SETS);
    assert_int_equal(lab_counters(core, "192.0.2.10", 1).gratuitous, 2 * SETS);
    assert_int_equal(lab_counters(core, "192.0.2.10", 0).dropped, 0);
    announce_free(core);
}

static void test_nothing_for_what_did_not_change_hands(void **state)
{
    struct mlb_address address = address_of("192.0.2.10");
    struct announce *core = lab_new(2);
    const char *names[] = {"eth2", "eth1"};

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    lab_settle(core, 0, 10 * SECOND);
    lab_add(core, 10 * SECOND, "192.0.2.10");
    assert_int_equal(announce_add(core, 10 * SECOND, &address, names, 2), MLB_OK);
    lab_set_interface(core, 10 * SECOND, 1, "eth1", 1);
    assert_int_equal(lab_run(core, 10 * SECOND, 60 * SECOND, NULL, 0), 0);
    announce_free(core);
}

/* The burst lasts 5 s from the last cause, not from the first. */
static void test_repeat_on_demand(void **state)
{
    struct mlb_address address = address_of("192.0.2.10");
    struct mlb_address other = address_of("192.0.2.11");
    struct announce *core = lab_new(1);
    struct sent sent[2 * SETS];

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    lab_settle(core, 0, 2 * SECOND);
    assert_int_equal(announce_repeat(core, 2 * SECOND, &address), MLB_OK);
    assert_int_equal(announce_repeat(core, 2 * SECOND, &other), MLB_ERROR_NOT_FOUND);
    assert_int_equal(lab_run(core, 2 * SECOND, 60 * SECOND, sent, 2 * SETS), 2 * SETS);
    for (size_t i = 0; i < 2 * SETS; i++)
        assert_int_equal(sent[i].time, 2 * SECOND + SET_OF_TIME(i / 2));
    announce_free(core);
}

static void test_withdrawal_stops_the_burst(void **state)
{
    struct mlb_address address = address_of("192.0.2.10");
    struct announce *core = lab_new(1);

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    lab_settle(core, 0, 2 * SECOND);
    assert_int_equal(announce_remove(core, 2 * SECOND, &address), MLB_OK);
    assert_int_equal(announce_remove(core, 2 * SECOND, &address), MLB_ERROR_NOT_FOUND);
    assert_int_equal(lab_run(core, 2 * SECOND, 60 * SECOND, NULL, 0), 0);
    assert_int_equal(announce_deadline(core), ANNOUNCE_NEVER);
    announce_free(core);
}

static void test_refresh(void **state)
{
    struct announce_options options;
    struct announce *core = NULL;
    struct sent sent[SETS + 3];

    (void)state;
    announce_options_init(&options);
    options.refresh_interval = 60 * SECOND;
    assert_int_equal(announce_new(&options, &core), MLB_OK);
    lab_set_interface(core, 0, 1, "eth1", 1);
    lab_add(core, 0, "2001:db8::10");
    assert_int_equal(lab_run(core, 0, 200 * SECOND, sent, SETS + 3), SETS + 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sent[SETS + i].time, SET_OF_TIME(4) + (i + 1) * 60 * SECOND);
    announce_free(core);
}

static void add_many(struct announce *core, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char text[32];

        snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 0xff, i & 0xff);
        if (i > 0)
            lab_add(core, 0, text);
    }
}

/* Which of 10.0.0.0/16 a frame is about. */
static unsigned number_of(const struct sent *sent)
{
    return (unsigned)sent->bytes[30] << 8 | sent->bytes[31];
}

/* At any time no more frames have gone than the bucket allows. */
static void assert_paced(const struct sent *sent, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(i < 64 + sent[i].time / MILLISECOND);
    assert_int_equal(sent[63].time, 0);
    assert_int_equal(sent[64].time, MILLISECOND);
    assert_int_equal(sent[1063].time, SECOND);
}

static void test_a_thousand_addresses(void **state)
{
    struct sent *sent = calloc(MANY_FRAMES, sizeof(*sent));
    struct announce *core = lab_new(1);
    uint8_t frames[MANY] = {0};
    uint64_t dropped = 0;
    size_t count = 0;

    (void)state;
    assert_non_null(sent);
    add_many(core, MANY);
    count = lab_run(core, 0, 60 * SECOND, sent, MANY_FRAMES);
    assert_paced(sent, count);
    for (size_t i = 0; i < count; i++) {
        /* Until each address has had its first set, none has a repeat. */
        if (i < 2 * (MANY - 1))
            assert_true(frames[number_of(&sent[i])] < 2);
        frames[number_of(&sent[i])]++;
    }
    for (unsigned i = 1; i < MANY; i++) {
        char text[32];

        snprintf(text, sizeof(text), "10.0.%u.%u", i >> 8, i & 0xff);
        assert_in_range(frames[i], 2, 2 * SETS);
        dropped += lab_counters(core, text, 0).dropped;
        assert_int_equal(lab_counters(core, text, 0).gratuitous, frames[i]);
    }
    /* Each address wants five sets, and what is not sent whole by 5 s is dropped. */
    assert_true(sent[count - 1].time <= 5 * SECOND);
    assert_in_range(count / 2 + dropped, SETS * (MANY - 1), SETS * (MANY - 1) + 1);
    assert_true(dropped > 0);
    announce_free(core);
    free(sent);
}

/* Interfaces are paced apart. */
static void test_pacing_is_per_interface(void **state)
{
    struct announce *core = lab_new(3);
    struct sent sent[192];
    unsigned per_interface[4] = {0};

    (void)state;
    add_many(core, 100);
    assert_int_equal(lab_drain(core, 0, sent, 192), 192);
    for (size_t i = 0; i < 192; i++)
        per_interface[sent[i].interface_index]++;
    for (size_t i = 1; i <= 3; i++)
        assert_int_equal(per_interface[i], 64);
    assert_int_equal(announce_deadline(core), MILLISECOND);
    announce_free(core);
}

/* All first sets of 10 000 addresses take 20 s at 1 000 frames a second, whatever repeats want. */
static void test_ten_thousand_addresses(void **state)
{
    struct announce *core = lab_new(1);
    uint8_t *frames = calloc(10000, 1);
    struct sent sent;
    uint64_t now = 0;
    size_t count = 0;

    (void)state;
    assert_non_null(frames);
    add_many(core, 10000);
    while (now != ANNOUNCE_NEVER) {
        announce_tick(core, now);
        while (announce_output(core, now, sent.bytes, sizeof(sent.bytes), &sent.interface_index,
                               &sent.kind) > 0) {
            count++;
            frames[number_of(&sent)]++;
        }
        now = announce_deadline(core);
    }
    assert_int_equal(count, 2 * 9999);
    for (size_t i = 1; i < 10000; i++)
        assert_int_equal(frames[i], 2);
    free(frames);
    announce_free(core);
}

static void test_output_needs_room(void **state)
{
    struct announce *core = lab_new(1);
    struct sent sent;

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    assert_int_equal(announce_output(core, 0, sent.bytes, sizeof(sent.bytes) - 1,
                                     &sent.interface_index, &sent.kind),
                     0);
    assert_int_equal(lab_drain(core, 0, NULL, 0), 2);
    announce_free(core);
}

/* A clock that goes back must not fill the bucket. */
static void test_clock_that_goes_back(void **state)
{
    struct announce *core = lab_new(1);

    (void)state;
    announce_tick(core, 10 * SECOND);
    add_many(core, 100);
    assert_int_equal(lab_drain(core, 10 * SECOND, NULL, 0), 64);
    announce_tick(core, 5 * SECOND);
    assert_int_equal(lab_drain(core, 5 * SECOND, NULL, 0), 0);
    assert_int_equal(announce_deadline(core), 10 * SECOND + MILLISECOND);
    announce_free(core);
}

/* Interfaces take turns frame by frame. */
static void test_interfaces_take_turns(void **state)
{
    struct announce *core = lab_new(3);
    struct sent sent[6];

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    assert_int_equal(lab_drain(core, 0, sent, 6), 6);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(sent[i].interface_index, 1 + i % 3);
    announce_free(core);
}

/* What begins anew in the middle of a set sends the whole set. */
static void test_new_cause_within_a_set(void **state)
{
    struct mlb_address address = address_of("192.0.2.10");
    struct announce *core = lab_new(1);
    struct sent sent;

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    assert_true(announce_output(core, 0, sent.bytes, sizeof(sent.bytes), &sent.interface_index,
                                &sent.kind) > 0);
    assert_int_equal(announce_repeat(core, 0, &address), MLB_OK);
    assert_int_equal(lab_drain(core, 0, &sent, 1), 2);
    assert_int_equal(sent.bytes[21], ARP_REQUEST);
    announce_free(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arp_set),
        cmocka_unit_test(test_ndp_set),
        cmocka_unit_test(test_times_of_a_take_over),
        cmocka_unit_test(test_nothing_for_what_did_not_change_hands),
        cmocka_unit_test(test_repeat_on_demand),
        cmocka_unit_test(test_withdrawal_stops_the_burst),
        cmocka_unit_test(test_refresh),
        cmocka_unit_test(test_a_thousand_addresses),
        cmocka_unit_test(test_pacing_is_per_interface),
        cmocka_unit_test(test_ten_thousand_addresses),
        cmocka_unit_test(test_output_needs_room),
        cmocka_unit_test(test_clock_that_goes_back),
        cmocka_unit_test(test_interfaces_take_turns),
        cmocka_unit_test(test_new_cause_within_a_set),
    };

    return cmocka_run_group_tests_name("announce take-over", tests, NULL, NULL);
}
