/* SPDX-License-Identifier: MIT */
/* What the operating system's side is told: filters and groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lab.h"

static void assert_change(struct announce *core, enum announce_change_kind kind,
                          uint32_t interface_index, const char *address)
{
    struct mlb_address expected = address_of(address);
    struct announce_change change;

    assert_int_equal(announce_next_change(core, &change), 1);
    assert_int_equal(change.kind, kind);
    assert_int_equal(change.interface_index, interface_index);
    assert_int_equal(change.address.family, expected.family);
    assert_memory_equal(change.address.bytes, expected.bytes, 16);
}

static void assert_no_change(struct announce *core)
{
    struct announce_change change;

    assert_int_equal(announce_next_change(core, &change), 0);
}

static size_t count_changes(struct announce *core)
{
    struct announce_change change;
    size_t count = 0;

    while (announce_next_change(core, &change))
        count++;
    return count;
}

static void withdraw(struct announce *core, const char *address)
{
    struct mlb_address value = address_of(address);

    assert_int_equal(announce_remove(core, 0, &value), MLB_OK);
}

static void test_filter(void **state)
{
    struct announce *core = lab_new(1);

    (void)state;
    assert_no_change(core);
    lab_add(core, 0, "192.0.2.10");
    assert_change(core, ANNOUNCE_FILTER_ADD, 0, "192.0.2.10");
    assert_no_change(core);
    lab_add(core, 0, "192.0.2.10");
    assert_no_change(core);
    withdraw(core, "192.0.2.10");
    assert_change(core, ANNOUNCE_FILTER_REMOVE, 0, "192.0.2.10");
    assert_no_change(core);
    announce_free(core);
}

static void test_filter_changes_that_cancel(void **state)
{
    struct announce *core = lab_new(1);

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    withdraw(core, "192.0.2.10");
    assert_no_change(core);
    lab_add(core, 0, "192.0.2.10");
    assert_change(core, ANNOUNCE_FILTER_ADD, 0, "192.0.2.10");
    /* Away and back: the address is in the filter at the end. */
    withdraw(core, "192.0.2.10");
    lab_add(core, 0, "192.0.2.10");
    assert_change(core, ANNOUNCE_FILTER_REMOVE, 0, "192.0.2.10");
    assert_change(core, ANNOUNCE_FILTER_ADD, 0, "192.0.2.10");
    assert_no_change(core);
    withdraw(core, "192.0.2.10");
    announce_free(core);
}

static void test_group_per_interface(void **state)
{
    struct announce *core = lab_new(2);

    (void)state;
    lab_add(core, 0, "2001:db8::1:2:3");
    assert_change(core, ANNOUNCE_FILTER_ADD, 0, "2001:db8::1:2:3");
    assert_change(core, ANNOUNCE_GROUP_JOIN, 1, "ff02::1:ff02:3");
    assert_change(core, ANNOUNCE_GROUP_JOIN, 2, "ff02::1:ff02:3");
    assert_no_change(core);
    withdraw(core, "2001:db8::1:2:3");
    assert_int_equal(count_changes(core), 3);
    announce_free(core);
}

/* RFC 4291 §2.7.1: addresses that differ in their high bits alone share a group. */
static void test_group_is_shared(void **state)
{
    struct announce *core = lab_new(1);

    (void)state;
    lab_add(core, 0, "2001:db8::10");
    lab_add(core, 0, "2001:db8:1::10");
    assert_int_equal(count_changes(core), 3);
    withdraw(core, "2001:db8::10");
    assert_change(core, ANNOUNCE_FILTER_REMOVE, 0, "2001:db8::10");
    assert_no_change(core);
    withdraw(core, "2001:db8:1::10");
    assert_change(core, ANNOUNCE_FILTER_REMOVE, 0, "2001:db8:1::10");
    assert_change(core, ANNOUNCE_GROUP_LEAVE, 1, "ff02::1:ff00:10");
    assert_no_change(core);
    announce_free(core);
}

static void test_group_only_where_allowed(void **state)
{
    struct mlb_address address = address_of("2001:db8::10");
    const char *names[] = {"eth2"};
    struct announce *core = lab_new(3);

    (void)state;
    assert_int_equal(announce_add(core, 0, &address, names, 1), MLB_OK);
    assert_change(core, ANNOUNCE_FILTER_ADD, 0, "2001:db8::10");
    assert_change(core, ANNOUNCE_GROUP_JOIN, 2, "ff02::1:ff00:10");
    assert_no_change(core);
    assert_int_equal(announce_add(core, 0, &address, NULL, 0), MLB_OK);
    assert_change(core, ANNOUNCE_GROUP_JOIN, 1, "ff02::1:ff00:10");
    assert_change(core, ANNOUNCE_GROUP_JOIN, 3, "ff02::1:ff00:10");
    assert_no_change(core);
    announce_free(core);
}

static void test_group_on_an_interface_that_appears(void **state)
{
    struct announce *core = lab_new(0);

    (void)state;
    lab_add(core, 0, "2001:db8::10");
    lab_add(core, 0, "2001:db8::11");
    assert_int_equal(count_changes(core), 2);
    lab_set_interface(core, 0, 4, "eth4", 0);
    assert_no_change(core);
    lab_set_interface(core, 0, 4, "eth4", 1);
    assert_change(core, ANNOUNCE_GROUP_JOIN, 4, "ff02::1:ff00:10");
    assert_change(core, ANNOUNCE_GROUP_JOIN, 4, "ff02::1:ff00:11");
    assert_no_change(core);
    lab_set_interface(core, 0, 4, "eth4", 0);
    assert_change(core, ANNOUNCE_GROUP_LEAVE, 4, "ff02::1:ff00:10");
    lab_set_interface(core, 0, 4, "eth4", 1);
    assert_change(core, ANNOUNCE_GROUP_JOIN, 4, "ff02::1:ff00:10");
    assert_no_change(core);
    announce_remove_interface(core, 0, 4);
    assert_int_equal(count_changes(core), 2);
    announce_free(core);
}

/* An interface that left and came back under the same index has lost its memberships. */
static void test_group_on_an_interface_that_comes_back(void **state)
{
    struct announce *core = lab_new(1);

    (void)state;
    lab_add(core, 0, "2001:db8::10");
    assert_int_equal(count_changes(core), 2);
    announce_remove_interface(core, 0, 1);
    lab_set_interface(core, 0, 1, "eth1", 1);
    assert_change(core, ANNOUNCE_GROUP_LEAVE, 1, "ff02::1:ff00:10");
    assert_change(core, ANNOUNCE_GROUP_JOIN, 1, "ff02::1:ff00:10");
    assert_no_change(core);
    announce_free(core);
}

static void test_thousands_of_groups(void **state)
{
    struct announce *core = lab_new(2);
    char text[MLB_ADDRESS_TEXT_SIZE];

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "2001:db8:%x::%x", i & 1, 0x100 + i / 2);
        lab_add(core, 0, text);
    }
    assert_int_equal(announce_count(core), 5000);
    assert_int_equal(count_changes(core), 5000 + 2 * 2500);
    for (unsigned i = 0; i < 5000; i++) {
        struct mlb_address address;

        assert_int_equal(announce_address_at(core, 0, &address), MLB_OK);
        assert_int_equal(announce_remove(core, 0, &address), MLB_OK);
    }
    assert_int_equal(count_changes(core), 5000 + 2 * 2500);
    assert_int_equal(announce_count(core), 0);
    announce_free(core);
}

static void test_iteration(void **state)
{
    struct mlb_address expected = address_of("192.0.2.11");
    struct mlb_address address;
    struct announce *core = lab_new(0);

    (void)state;
    lab_add(core, 0, "192.0.2.10");
    lab_add(core, 0, "192.0.2.11");
    withdraw(core, "192.0.2.10");
    assert_int_equal(announce_count(core), 1);
    assert_int_equal(announce_address_at(core, 0, &address), MLB_OK);
    assert_memory_equal(&address, &expected, sizeof(address));
    assert_int_equal(announce_address_at(core, 1, &address), MLB_ERROR_NOT_FOUND);
    announce_free(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_filter_changes_that_cancel),
        cmocka_unit_test(test_group_per_interface),
        cmocka_unit_test(test_group_is_shared),
        cmocka_unit_test(test_group_only_where_allowed),
        cmocka_unit_test(test_group_on_an_interface_that_appears),
        cmocka_unit_test(test_group_on_an_interface_that_comes_back),
        cmocka_unit_test(test_thousands_of_groups),
        cmocka_unit_test(test_iteration),
    };

    return cmocka_run_group_tests_name("announce changes", tests, NULL, NULL);
}
