/* SPDX-License-Identifier: MIT */
/*
 * Every allocation fails once. The linker turns the library's allocations to the ones here
 * (--wrap).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../../memory/wrapped.h"
#include "lab.h"

static size_t allocations_left = SIZE_MAX;

int may_allocate(void)
{
    if (allocations_left == 0)
        return 0;
    allocations_left -= allocations_left != SIZE_MAX;
    return 1;
}

static void count_state(struct announce *core, size_t *changes, size_t *frames)
{
    struct announce_change change;

    *frames = lab_run(core, 0, 10 * SECOND, NULL, 0);
    for (*changes = 0; announce_next_change(core, &change);)
        ++*changes;
}

/* With room for just so many allocations, until the call succeeds; each failure must leave no
 * trace. Returns how many allocations the call needs. */
static size_t exhaust(int32_t (*call)(struct announce *core), struct announce *core)
{
    size_t needed = 0;

    for (;; needed++) {
        size_t changes = 0;
        size_t frames = 0;
        int32_t result = MLB_OK;

        assert_true(needed < 1000);
        allocations_left = needed;
        result = call(core);
        allocations_left = SIZE_MAX;
        if (result == MLB_OK)
            return needed;
        assert_int_equal(result, MLB_ERROR_NO_MEMORY);
        count_state(core, &changes, &frames);
        assert_int_equal(changes, 0);
        assert_int_equal(frames, 0);
    }
}

static int32_t add_service(struct announce *core)
{
    struct mlb_address address = address_of("2001:db8::10");
    const char *names[] = {"eth1", "eth2"};

    return announce_add(core, 0, &address, names, 2);
}

static void test_add(void **state)
{
    struct mlb_address address = address_of("2001:db8::10");
    struct announce *core = lab_new(2);
    size_t changes = 0;
    size_t frames = 0;

    (void)state;
    assert_in_range(exhaust(add_service, core), 5, 20);
    assert_int_equal(announce_announces_on(core, &address, 2), 1);
    count_state(core, &changes, &frames);
    assert_int_equal(changes, 3);
    assert_int_equal(frames, 10);
    announce_free(core);
}

static int32_t widen_service(struct announce *core)
{
    struct mlb_address address = address_of("2001:db8::10");

    return announce_add(core, 0, &address, NULL, 0);
}

static void test_change_of_interfaces(void **state)
{
    struct mlb_address address = address_of("2001:db8::10");
    const char *names[] = {"none"};
    struct announce *core = lab_new(2);
    size_t changes = 0;
    size_t frames = 0;

    (void)state;
    assert_int_equal(announce_add(core, 0, &address, names, 1), MLB_OK);
    count_state(core, &changes, &frames);
    assert_int_equal(changes, 1);
    assert_in_range(exhaust(widen_service, core), 3, 20);
    count_state(core, &changes, &frames);
    assert_int_equal(changes, 2);
    assert_int_equal(frames, 10);
    announce_free(core);
}

static int32_t set_interface(struct announce *core)
{
    struct announce_interface interface = {.index = 5, .name = "eth5", .usable = 1};

    own_hardware(5, interface.hardware_address);
    return announce_set_interface(core, 0, &interface);
}

/* After a failure the old names are in force: an interface of another name is not used. */
static void test_failed_change_keeps_the_names(void **state)
{
    struct mlb_address address = address_of("2001:db8::10");
    const char *names[] = {"none"};
    struct announce *core = lab_new(2);

    (void)state;
    assert_int_equal(announce_add(core, 0, &address, names, 1), MLB_OK);
    allocations_left = 1;
    assert_int_equal(widen_service(core), MLB_ERROR_NO_MEMORY);
    allocations_left = SIZE_MAX;
    lab_set_interface(core, 0, 7, "eth7", 1);
    assert_int_equal(announce_announces_on(core, &address, 7), 0);
    lab_set_interface(core, 0, 7, "none", 1);
    assert_int_equal(announce_announces_on(core, &address, 7), 1);
    announce_free(core);
}

/* After a failure the interface is as unknown as before. */
static void test_failed_interface_is_unknown(void **state)
{
    struct mlb_announcer_counters counters;
    struct mlb_address address = address_of("2001:db8::10");
    struct announce *core = lab_new(0);

    (void)state;
    lab_add(core, 0, "2001:db8::10");
    allocations_left = 3;
    assert_int_equal(set_interface(core), MLB_ERROR_NO_MEMORY);
    allocations_left = SIZE_MAX;
    assert_int_equal(announce_counters(core, &address, 5, &counters), MLB_ERROR_NOT_FOUND);
    assert_int_equal(set_interface(core), MLB_OK);
    assert_int_equal(announce_counters(core, &address, 5, &counters), MLB_OK);
    announce_free(core);
}

static void test_new_interface(void **state)
{
    struct announce *core = lab_new(0);
    size_t changes = 0;
    size_t frames = 0;

    (void)state;
    lab_add(core, 0, "2001:db8::10");
    lab_add(core, 0, "2001:db8::11");
    lab_add(core, 0, "192.0.2.10");
    count_state(core, &changes, &frames);
    assert_in_range(exhaust(set_interface, core), 5, 30);
    count_state(core, &changes, &frames);
    assert_int_equal(changes, 2);
    assert_int_equal(frames, 20);
    announce_free(core);
}

static int32_t add_many(struct announce *core)
{
    for (unsigned i = 1; i < 100; i++) {
        struct mlb_address address = address_of("2001:db8::");

        address.bytes[15] = (uint8_t)i;
        if (announce_add(core, 0, &address, NULL, 0) != MLB_OK)
            return MLB_ERROR_NO_MEMORY;
    }
    return MLB_OK;
}

/* Tables that fail to grow keep what they hold. */
static void test_growth(void **state)
{
    (void)state;
    for (size_t room = 0;; room++) {
        struct announce *core = lab_new(3);
        int32_t result = MLB_OK;
        struct mlb_address address;
        size_t changes = 0;
        size_t frames = 0;

        allocations_left = room;
        result = add_many(core);
        allocations_left = SIZE_MAX;
        for (size_t i = 0; i < announce_count(core); i++) {
            assert_int_equal(announce_address_at(core, i, &address), MLB_OK);
            assert_int_equal(announce_announces_on(core, &address, 3), 1);
        }
        count_state(core, &changes, &frames);
        assert_int_equal(changes, 4 * announce_count(core));
        announce_free(core);
        if (result == MLB_OK)
            return;
    }
}

static int32_t add_local(struct announce *core)
{
    struct mlb_address address = address_of("192.0.2.10");

    return announce_local_address(core, 1, "eth1", &address, 1);
}

static void test_local_address(void **state)
{
    struct announce *core = lab_new(1);

    (void)state;
    assert_int_equal(exhaust(add_local, core), 2);
    announce_free(core);
}

/* Without memory the event is lost and the claim is counted all the same. */
static void test_conflict(void **state)
{
    struct announce *core = lab_new(1);
    struct arp_packet packet = arp_request_for("192.0.2.10");
    struct mlb_announcer_event event;

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    packet.operation = ARP_REPLY;
    memcpy(packet.sender_protocol, packet.target_protocol, sizeof(packet.sender_protocol));
    allocations_left = 0;
    assert_int_equal(lab_arp(core, 1, ethernet_broadcast, &packet), ANNOUNCE_TAKEN);
    allocations_left = SIZE_MAX;
    assert_int_equal(announce_next_event(core, &event), 0);
    assert_int_equal(lab_counters(core, "192.0.2.10", 1).conflicts, 1);
    announce_free(core);
}

static void test_new(void **state)
{
    struct announce *core = NULL;

    (void)state;
    allocations_left = 0;
    assert_int_equal(announce_new(NULL, &core), MLB_ERROR_NO_MEMORY);
    allocations_left = SIZE_MAX;
    assert_null(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_change_of_interfaces),
        cmocka_unit_test(test_failed_change_keeps_the_names),
        cmocka_unit_test(test_new_interface),
        cmocka_unit_test(test_failed_interface_is_unknown),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_local_address),
        cmocka_unit_test(test_conflict),
    };

    return cmocka_run_group_tests_name("announce memory", tests, NULL, NULL);
}
