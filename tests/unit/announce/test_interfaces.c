/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lab.h"

#define NOW (10 * SECOND)

/* 192.0.2.10 on all interfaces, 192.0.2.20 on "lan" only; nothing to send any more. */
static struct announce *settled(void)
{
    struct mlb_address restricted = address_of("192.0.2.20");
    const char *names[] = {"lan", "an-interface-name-that-none-can-have"};
    struct announce *core = lab_new(1);

    lab_add(core, 0, "192.0.2.10");
    assert_int_equal(announce_add(core, 0, &restricted, names, 2), MLB_OK);
    lab_settle(core, 0, NOW);
    return core;
}

static void assert_announced_on(struct announce *core, const char *address, uint32_t index,
                                int expected)
{
    struct mlb_address value = address_of(address);

    assert_int_equal(announce_announces_on(core, &value, index), expected);
}

/* Checks that exactly the burst of one address was sent, on one interface. */
static void assert_burst(struct announce *core, uint64_t now, uint32_t index, uint8_t last_octet)
{
    struct sent sent[10];

    assert_int_equal(lab_run(core, now, now + 60 * SECOND, sent, 10), 10);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(sent[i].interface_index, index);
        assert_int_equal(sent[i].bytes[31], last_octet);
        assert_memory_equal(sent[i].bytes + 6, sent[i].bytes + 22, 6);
    }
}

static void assert_nothing(struct announce *core, uint64_t now)
{
    assert_int_equal(lab_run(core, now, now + 60 * SECOND, NULL, 0), 0);
}

static void test_interface_that_appears(void **state)
{
    struct announce *core = settled();

    (void)state;
    assert_announced_on(core, "192.0.2.10", 2, 0);
    lab_set_interface(core, NOW, 2, "eth2", 1);
    assert_announced_on(core, "192.0.2.10", 2, 1);
    assert_announced_on(core, "192.0.2.20", 2, 0);
    assert_burst(core, NOW, 2, 10);
    announce_free(core);
}

static void test_interface_that_is_down_and_up(void **state)
{
    struct announce *core = settled();

    (void)state;
    lab_set_interface(core, NOW, 1, "eth1", 0);
    assert_announced_on(core, "192.0.2.10", 1, 0);
    assert_nothing(core, NOW);
    lab_set_interface(core, 100 * SECOND, 1, "eth1", 1);
    assert_announced_on(core, "192.0.2.10", 1, 1);
    assert_burst(core, 100 * SECOND, 1, 10);
    announce_free(core);
}

static void test_interface_that_goes_down_in_the_burst(void **state)
{
    struct announce *core = lab_new(1);

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    lab_set_interface(core, 0, 1, "eth1", 0);
    assert_nothing(core, 0);
    assert_int_equal(announce_deadline(core), ANNOUNCE_NEVER);
    announce_free(core);
}

static void test_new_hardware_address(void **state)
{
    static const uint8_t hardware[6] = {0x02, 0xbb, 0, 0, 0, 1};
    struct announce_interface interface = {.index = 1, .name = "eth1", .usable = 1};
    struct announce *core = settled();
    struct sent sent[10];

    (void)state;
    memcpy(interface.hardware_address, hardware, 6);
    assert_int_equal(announce_set_interface(core, NOW, &interface), MLB_OK);
    assert_int_equal(lab_run(core, NOW, 60 * SECOND, sent, 10), 10);
    for (size_t i = 0; i < 10; i++) {
        assert_memory_equal(sent[i].bytes + 6, hardware, 6);
        assert_memory_equal(sent[i].bytes + 22, hardware, 6);
    }
    announce_free(core);
}

/* A request that came before the change is answered with the address that is right now. */
static void test_new_hardware_address_before_the_answer(void **state)
{
    static const uint8_t hardware[6] = {0x02, 0xbb, 0, 0, 0, 1};
    struct announce_interface interface = {.index = 1, .name = "eth1", .usable = 1};
    struct announce *core = settled();
    struct arp_packet request = arp_request_for("192.0.2.10");
    struct sent sent[3];

    (void)state;
    lab_arp(core, 1, ethernet_broadcast, &request);
    memcpy(interface.hardware_address, hardware, 6);
    assert_int_equal(announce_set_interface(core, NOW, &interface), MLB_OK);
    assert_int_equal(lab_drain(core, NOW, sent, 3), 3);
    assert_memory_equal(sent[0].bytes, client_hardware, 6);
    assert_memory_equal(sent[0].bytes + 22, hardware, 6);
    announce_free(core);
}

/* A name that an address is restricted to comes and goes; other addresses are left alone. */
static void test_rename(void **state)
{
    struct announce *core = settled();

    (void)state;
    lab_set_interface(core, NOW, 1, "lan", 1);
    assert_announced_on(core, "192.0.2.20", 1, 1);
    assert_burst(core, NOW, 1, 20);
    lab_set_interface(core, 100 * SECOND, 1, "wan", 1);
    assert_announced_on(core, "192.0.2.20", 1, 0);
    assert_announced_on(core, "192.0.2.10", 1, 1);
    assert_nothing(core, 100 * SECOND);
    announce_free(core);
}

static void test_removal(void **state)
{
    struct announce *core = settled();

    (void)state;
    assert_int_equal(lab_counters(core, "192.0.2.10", 1).gratuitous, 10);
    announce_remove_interface(core, NOW, 1);
    announce_remove_interface(core, NOW, 1);
    assert_announced_on(core, "192.0.2.10", 1, 0);
    assert_nothing(core, NOW);
    /* What it sent counts on. */
    assert_int_equal(lab_counters(core, "192.0.2.10", 0).gratuitous, 10);
    lab_set_interface(core, 100 * SECOND, 1, "eth1", 1);
    assert_burst(core, 100 * SECOND, 1, 10);
    assert_int_equal(lab_counters(core, "192.0.2.10", 0).gratuitous, 20);
    assert_int_equal(lab_counters(core, "192.0.2.10", 1).gratuitous, 10);
    announce_free(core);
}

/* A further announce_add() replaces the names: told where it is new, silent elsewhere. */
static void test_other_names(void **state)
{
    struct mlb_address address = address_of("192.0.2.10");
    const char *first[] = {"eth1"};
    const char *second[] = {"eth2"};
    struct announce *core = lab_new(2);

    (void)state;
    assert_int_equal(announce_add(core, 0, &address, first, 1), MLB_OK);
    lab_settle(core, 0, NOW);
    assert_int_equal(announce_add(core, NOW, &address, second, 1), MLB_OK);
    assert_announced_on(core, "192.0.2.10", 1, 0);
    assert_announced_on(core, "192.0.2.10", 2, 1);
    assert_burst(core, NOW, 2, 10);
    assert_int_equal(announce_add(core, 100 * SECOND, &address, NULL, 0), MLB_OK);
    assert_burst(core, 100 * SECOND, 1, 10);
    announce_free(core);
}

static void test_counters(void **state)
{
    struct announce *core = lab_new(2);
    struct arp_packet request = arp_request_for("192.0.2.10");
    struct mlb_announcer_counters counters = {.struct_size = 77};
    struct mlb_address address = address_of("192.0.2.10");
    struct mlb_address other = address_of("192.0.2.99");

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    lab_settle(core, 0, NOW);
    lab_arp(core, 1, ethernet_broadcast, &request);
    lab_arp(core, 2, ethernet_broadcast, &request);
    lab_arp(core, 2, ethernet_broadcast, &request);
    assert_int_equal(lab_counters(core, "192.0.2.10", 2).requests, 2);
    assert_int_equal(lab_counters(core, "192.0.2.10", 2).replies, 0);
    lab_drain(core, NOW, NULL, 0);
    assert_int_equal(lab_counters(core, "192.0.2.10", 1).replies, 1);
    assert_int_equal(lab_counters(core, "192.0.2.10", 2).replies, 2);
    assert_int_equal(lab_counters(core, "192.0.2.10", 0).replies, 3);
    assert_int_equal(announce_counters(core, &other, 0, &counters), MLB_ERROR_NOT_FOUND);
    assert_int_equal(announce_counters(core, &address, 9, &counters), MLB_ERROR_NOT_FOUND);
    assert_int_equal(announce_counters(core, &address, 0, &counters), MLB_OK);
    assert_int_equal(counters.struct_size, 77);
    announce_free(core);
}

static void test_arguments(void **state)
{
    static const char *const refused[] = {"0.0.0.0",     "0.1.2.3",   "127.0.0.1",
                                          "127.255.0.1", "224.0.0.1", "255.255.255.255",
                                          "::",          "::1",       "ff02::1"};
    struct announce_interface interface = {.index = 0, .name = "eth1"};
    struct announce_options options;
    struct announce *core = NULL;
    struct mlb_address address = address_of("192.0.2.10");
    const char *names[] = {NULL};

    (void)state;
    announce_options_init(&options);
    options.frames_per_second = 0;
    assert_int_equal(announce_new(&options, &core), MLB_ERROR_INVALID_ARGUMENT);
    assert_null(core);
    core = lab_new(0);
    assert_int_equal(announce_set_interface(core, 0, &interface), MLB_ERROR_INVALID_ARGUMENT);
    interface.index = 1;
    memset(interface.name, 'x', sizeof(interface.name));
    assert_int_equal(announce_set_interface(core, 0, &interface), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(announce_add(core, 0, &address, names, 1), MLB_ERROR_INVALID_ARGUMENT);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct mlb_address value = address_of(refused[i]);

        assert_int_equal(announce_add(core, 0, &value, NULL, 0), MLB_ERROR_INVALID_ARGUMENT);
    }
    address.family = MLB_FAMILY_NONE;
    assert_int_equal(announce_add(core, 0, &address, NULL, 0), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(announce_count(core), 0);
    announce_free(core);
    announce_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interface_that_appears),
        cmocka_unit_test(test_interface_that_is_down_and_up),
        cmocka_unit_test(test_interface_that_goes_down_in_the_burst),
        cmocka_unit_test(test_new_hardware_address),
        cmocka_unit_test(test_new_hardware_address_before_the_answer),
        cmocka_unit_test(test_rename),
        cmocka_unit_test(test_removal),
        cmocka_unit_test(test_other_names),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_arguments),
    };

    return cmocka_run_group_tests_name("announce interfaces", tests, NULL, NULL);
}
