/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <string.h>

#include "wire/vrrp.h"

static const struct mlb_address router_ipv4 = {MLB_FAMILY_IPV4, {0}, {192, 0, 2, 1}};
static const struct mlb_address router_ipv6 = {MLB_FAMILY_IPV6, {0}, {0xfe, 0x80, [15] = 1}};

/* Virtual router 51, priority 100; built by another implementation (scapy). */
static const uint8_t version_2[] = {0x21, 0x33, 0x64, 0x02, 0x00, 0x01, 0xf6, 0xb2,
                                    0xc0, 0x00, 0x02, 0x0a, 0xc0, 0x00, 0x02, 0x0b,
                                    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
static const uint8_t version_3_ipv4[] = {0x31, 0x33, 0x64, 0x01, 0x00, 0x64,
                                         0x05, 0xcc, 0xc0, 0x00, 0x02, 0x0a};
static const uint8_t version_3_ipv6[] = {0x31, 0x33, 0x64, 0x01, 0x00, 0x64, 0x3e, 0x7f,
                                         0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,
                                         0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10};

static void test_version_2(void **state)
{
    struct vrrp_advertisement parsed;
    struct mlb_address address;

    (void)state;
    assert_int_equal(vrrp_parse(&router_ipv4, version_2, sizeof(version_2), &parsed), MLB_OK);
    assert_int_equal(parsed.version, 2);
    assert_int_equal(parsed.router, 51);
    assert_int_equal(parsed.priority, 100);
    assert_int_equal(parsed.count, 2);
    vrrp_address(&parsed, 1, &address);
    assert_int_equal(address.family, MLB_FAMILY_IPV4);
    assert_memory_equal(address.bytes, "\xc0\x00\x02\x0b", 4);
    assert_int_equal(vrrp_parse(&router_ipv6, version_2, sizeof(version_2), &parsed),
                     MLB_ERROR_MALFORMED);
}

static void test_version_3(void **state)
{
    struct vrrp_advertisement parsed;
    struct mlb_address address;

    (void)state;
    assert_int_equal(vrrp_parse(&router_ipv4, version_3_ipv4, sizeof(version_3_ipv4), &parsed),
                     MLB_OK);
    assert_int_equal(parsed.version, 3);
    assert_int_equal(parsed.count, 1);
    assert_int_equal(vrrp_parse(&router_ipv6, version_3_ipv6, sizeof(version_3_ipv6), &parsed),
                     MLB_OK);
    vrrp_address(&parsed, 0, &address);
    assert_int_equal(address.family, MLB_FAMILY_IPV6);
    assert_memory_equal(address.bytes, version_3_ipv6 + 8, 16);
}

static void test_refuses_every_shorter_length(void **state)
{
    struct vrrp_advertisement parsed;

    (void)state;
    for (size_t length = 0; length < sizeof(version_3_ipv6); length++)
        assert_int_equal(vrrp_parse(&router_ipv6, version_3_ipv6, length, &parsed),
                         MLB_ERROR_MALFORMED);
}

static void test_refuses_every_changed_byte(void **state)
{
    struct vrrp_advertisement parsed;
    uint8_t bytes[sizeof(version_3_ipv6)];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        memcpy(bytes, version_3_ipv6, sizeof(bytes));
        bytes[i] ^= 4;
        assert_int_equal(vrrp_parse(&router_ipv6, bytes, sizeof(bytes), &parsed),
                         MLB_ERROR_MALFORMED);
    }
}

/* Some routers leave the pseudo-header out of the checksum of version 3 with IPv4. */
static void test_version_3_without_pseudo_header(void **state)
{
    struct vrrp_advertisement parsed;
    uint8_t bytes[sizeof(version_3_ipv4)];
    uint32_t sum = 0;

    (void)state;
    memcpy(bytes, version_3_ipv4, sizeof(bytes));
    bytes[6] = 0;
    bytes[7] = 0;
    for (size_t i = 0; i < sizeof(bytes); i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    sum = 0xffff & ~((sum & 0xffff) + (sum >> 16));
    bytes[6] = (uint8_t)(sum >> 8);
    bytes[7] = (uint8_t)sum;
    assert_int_equal(vrrp_parse(&router_ipv4, bytes, sizeof(bytes), &parsed), MLB_OK);
}

/* RFC 3768 §5.3.8: version 2 has no pseudo-header. */
static void test_version_2_with_pseudo_header(void **state)
{
    struct vrrp_advertisement parsed;
    uint8_t bytes[sizeof(version_3_ipv4)];

    (void)state;
    memcpy(bytes, version_3_ipv4, sizeof(bytes));
    bytes[0] = 0x21;
    bytes[6] = (uint8_t)(bytes[6] + 0x10); /* what the first byte now has less */
    assert_int_equal(vrrp_parse(&router_ipv4, bytes, sizeof(bytes), &parsed), MLB_ERROR_MALFORMED);
    bytes[0] = 0x31;
    bytes[6] = (uint8_t)(bytes[6] - 0x10);
    assert_int_equal(vrrp_parse(&router_ipv4, bytes, sizeof(bytes), &parsed), MLB_OK);
}

static void test_build(void **state)
{
    struct vrrp_advertisement advertisement = {
        .version = 2, .router = 51, .priority = 100, .count = 2, .addresses = version_2 + 8};
    uint8_t bytes[sizeof(version_2)];

    (void)state;
    advertisement.family = MLB_FAMILY_IPV4;
    assert_int_equal(vrrp_build(&router_ipv4, &advertisement, bytes, sizeof(bytes)),
                     sizeof(version_2));
    assert_memory_equal(bytes, version_2, sizeof(version_2));
    assert_int_equal(vrrp_build(&router_ipv4, &advertisement, bytes, sizeof(bytes) - 1), 0);
    advertisement = (struct vrrp_advertisement){
        .version = 3, .router = 51, .priority = 100, .count = 1, .addresses = version_3_ipv6 + 8};
    advertisement.family = MLB_FAMILY_IPV6;
    assert_int_equal(vrrp_build(&router_ipv6, &advertisement, bytes, sizeof(bytes)),
                     sizeof(version_3_ipv6));
    assert_memory_equal(bytes, version_3_ipv6, sizeof(version_3_ipv6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_2),
        cmocka_unit_test(test_version_3),
        cmocka_unit_test(test_refuses_every_shorter_length),
        cmocka_unit_test(test_refuses_every_changed_byte),
        cmocka_unit_test(test_version_3_without_pseudo_header),
        cmocka_unit_test(test_version_2_with_pseudo_header),
        cmocka_unit_test(test_build),
    };

    return cmocka_run_group_tests_name("vrrp", tests, NULL, NULL);
}
