/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "speaker/delivery/local_delivery.h"

#define SECOND NANOSECONDS

struct device {
    char calls[4096];
    int error; /* what add and renew return */
    int reported;
};

static void record(struct device *device, char sign, const struct mlb_address *address)
{
    size_t used = strlen(device->calls);
    char text[MLB_ADDRESS_TEXT_SIZE];

    mlb_address_format(address, text, sizeof(text), NULL);
    snprintf(device->calls + used, sizeof(device->calls) - used, "%c%s ", sign, text);
}

static int add(void *context, const struct mlb_address *address, unsigned lifetime)
{
    struct device *device = context;

    assert_int_equal(lifetime, LOCAL_DELIVERY_LIFETIME_SECONDS);
    record(device, '+', address);
    return device->error;
}

static int renew(void *context, const struct mlb_address *address, unsigned lifetime)
{
    struct device *device = context;

    assert_int_equal(lifetime, LOCAL_DELIVERY_LIFETIME_SECONDS);
    record(device, '=', address);
    return device->error;
}

static int take_away(void *context, const struct mlb_address *address)
{
    record(context, '-', address);
    return 0;
}

static void report(void *context, const struct mlb_address *address, int error)
{
    struct device *device = context;

    (void)address;
    device->reported = error;
}

static const struct local_delivery_operations operations = {
    .add = add,
    .renew = renew,
    .remove = take_away,
    .report = report,
};

static struct mlb_address parse(const char *text)
{
    struct mlb_address address;

    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    return address;
}

/* The calls since the last time. */
static const char *calls(struct device *device)
{
    static char text[sizeof(device->calls)];

    memcpy(text, device->calls, sizeof(text));
    device->calls[0] = '\0';
    return text;
}

static void test_held_addresses_are_renewed(void **state)
{
    struct device device = {0};
    struct local_delivery delivery;
    struct mlb_address a = parse("192.0.2.1");

    (void)state;
    local_delivery_init(&delivery, &operations, &device, 5);
    assert_true(local_delivery_tick(&delivery, 0) == CLOCK_NEVER);
    assert_int_equal(local_delivery_hold(&delivery, &a, 100 * SECOND), 0);
    assert_string_equal(calls(&device), "+192.0.2.1 ");
    assert_true(local_delivery_tick(&delivery, 100 * SECOND) == 120 * SECOND);
    assert_string_equal(calls(&device), "");
    assert_true(local_delivery_tick(&delivery, 121 * SECOND) == 141 * SECOND);
    assert_string_equal(calls(&device), "=192.0.2.1 ");
    assert_int_equal(delivery.ipv4_count, 1);
    local_delivery_clear(&delivery);
}

static void test_released_addresses_are_drained(void **state)
{
    struct device device = {0};
    struct local_delivery delivery;
    struct mlb_address a = parse("192.0.2.1");
    struct mlb_address b = parse("2001:db8::1");

    (void)state;
    local_delivery_init(&delivery, &operations, &device, 5);
    local_delivery_hold(&delivery, &b, 0);
    local_delivery_hold(&delivery, &a, 0);
    calls(&device);
    local_delivery_release(&delivery, &a, 10 * SECOND);
    local_delivery_release(&delivery, &a, 12 * SECOND);
    assert_true(local_delivery_tick(&delivery, 14 * SECOND) == 15 * SECOND);
    assert_string_equal(calls(&device), "");
    assert_true(local_delivery_tick(&delivery, 15 * SECOND) == 20 * SECOND);
    assert_string_equal(calls(&device), "-192.0.2.1 ");
    assert_int_equal(delivery.ipv4_count, 0);

    local_delivery_release(&delivery, &b, 16 * SECOND);
    local_delivery_hold(&delivery, &b, 17 * SECOND);
    assert_string_equal(calls(&device), "=2001:db8::1 ");
    assert_true(local_delivery_tick(&delivery, 30 * SECOND) == 37 * SECOND);
    assert_int_equal(delivery.count, 1);
    local_delivery_clear(&delivery);
}

static void test_long_drain_is_renewed_too(void **state)
{
    struct device device = {0};
    struct local_delivery delivery;
    struct mlb_address a = parse("192.0.2.1");

    (void)state;
    local_delivery_init(&delivery, &operations, &device, 300);
    local_delivery_hold(&delivery, &a, 0);
    local_delivery_release(&delivery, &a, 0);
    calls(&device);
    local_delivery_tick(&delivery, 20 * SECOND);
    assert_string_equal(calls(&device), "=192.0.2.1 ");
    local_delivery_hurry(&delivery, 21 * SECOND);
    assert_true(local_delivery_tick(&delivery, 21 * SECOND) == CLOCK_NEVER);
    assert_string_equal(calls(&device), "-192.0.2.1 ");
    local_delivery_clear(&delivery);
}

static void test_address_of_another_hand_is_left_alone(void **state)
{
    struct device device = {.error = -EEXIST};
    struct local_delivery delivery;
    struct mlb_address a = parse("192.0.2.1");

    (void)state;
    local_delivery_init(&delivery, &operations, &device, 0);
    local_delivery_hold(&delivery, &a, 0);
    assert_int_equal(device.reported, -EEXIST);
    local_delivery_release(&delivery, &a, SECOND);
    calls(&device);
    assert_true(local_delivery_tick(&delivery, SECOND) == CLOCK_NEVER);
    assert_string_equal(calls(&device), "");
    assert_int_equal(device.reported, 0);
    local_delivery_clear(&delivery);
}

static void test_failure_is_tried_again_soon(void **state)
{
    struct device device = {.error = -EPERM};
    struct local_delivery delivery;
    struct mlb_address a = parse("192.0.2.1");

    (void)state;
    local_delivery_init(&delivery, &operations, &device, 0);
    local_delivery_hold(&delivery, &a, 0);
    assert_int_equal(device.reported, -EPERM);
    device.error = 0;
    assert_true(local_delivery_tick(&delivery, 2 * SECOND) == 22 * SECOND);
    assert_string_equal(calls(&device), "+192.0.2.1 +192.0.2.1 ");
    assert_int_equal(device.reported, 0);
    local_delivery_clear(&delivery);
}

static void test_leftovers_are_drained_unless_held(void **state)
{
    struct device device = {0};
    struct local_delivery delivery;
    struct mlb_address a = parse("192.0.2.1");
    struct mlb_address b = parse("192.0.2.2");

    (void)state;
    local_delivery_init(&delivery, &operations, &device, 5);
    local_delivery_adopt(&delivery, &a, 0);
    local_delivery_adopt(&delivery, &b, 0);
    local_delivery_hold(&delivery, &b, SECOND);
    assert_string_equal(calls(&device), "=192.0.2.2 ");
    local_delivery_tick(&delivery, 5 * SECOND);
    assert_string_equal(calls(&device), "-192.0.2.1 ");
    assert_int_equal(delivery.count, 1);
    local_delivery_clear(&delivery);
}

static void test_renewals_come_in_batches(void **state)
{
    struct device device = {0};
    struct local_delivery delivery;
    struct mlb_address a = parse("192.0.2.0");

    (void)state;
    local_delivery_init(&delivery, &operations, &device, 5);
    for (int i = 0; i < LOCAL_DELIVERY_BATCH + 1; i++) {
        a.bytes[3] = (uint8_t)(200 - i);
        assert_int_equal(local_delivery_hold(&delivery, &a, 0), 0);
    }
    assert_true(local_delivery_tick(&delivery, 20 * SECOND) == 20 * SECOND);
    assert_true(local_delivery_tick(&delivery, 20 * SECOND) == 40 * SECOND);
    local_delivery_clear(&delivery);
}

static void test_removals_come_in_batches(void **state)
{
    struct device device = {0};
    struct local_delivery delivery;
    struct mlb_address a = parse("192.0.2.0");

    (void)state;
    local_delivery_init(&delivery, &operations, &device, 5);
    for (int i = 0; i < LOCAL_DELIVERY_BATCH + 1; i++) {
        a.bytes[3] = (uint8_t)(200 - i);
        assert_int_equal(local_delivery_hold(&delivery, &a, 0), 0);
        local_delivery_release(&delivery, &a, 20 * SECOND);
    }
    calls(&device);
    /* The one that is left is due for its renewal too, which would be in vain. */
    assert_true(local_delivery_tick(&delivery, 25 * SECOND) <= 25 * SECOND);
    assert_int_equal(delivery.count, 1);
    assert_null(strchr(calls(&device), '='));
    assert_true(local_delivery_tick(&delivery, 25 * SECOND) == CLOCK_NEVER);
    assert_string_equal(calls(&device), "-192.0.2.200 ");
    assert_int_equal(delivery.ipv4_count, 0);
    local_delivery_clear(&delivery);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_held_addresses_are_renewed),
        cmocka_unit_test(test_released_addresses_are_drained),
        cmocka_unit_test(test_long_drain_is_renewed_too),
        cmocka_unit_test(test_address_of_another_hand_is_left_alone),
        cmocka_unit_test(test_failure_is_tried_again_soon),
        cmocka_unit_test(test_leftovers_are_drained_unless_held),
        cmocka_unit_test(test_renewals_come_in_batches),
        cmocka_unit_test(test_removals_come_in_batches),
    };

    return cmocka_run_group_tests_name("local-delivery", tests, NULL, NULL);
}
