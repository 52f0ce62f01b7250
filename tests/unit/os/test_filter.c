/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "filter_harness.h"

#define FOREIGN 0x0a000001u

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state ^ *state >> 15;
}

/* Every test runs with classic programs and, where the kernel lets us load it, with the eBPF set.
 */
static struct harness open_or_skip(void **state, enum packet_protocol protocol)
{
    const int ebpf = *(const int *)*state;
    struct harness harness;

    harness_open(&harness, ebpf, protocol);
    if (ebpf && filter_kind(harness.filter) != MLB_FILTER_EBPF) {
        harness_close(&harness);
        skip();
    }
    return harness;
}

static void test_empty_passes_nothing(void **state)
{
    const struct mlb_address zero = ipv6(0, 0, 0, 0);
    struct harness arp = open_or_skip(state, PACKET_PROTOCOL_ARP);
    struct harness ndp = open_or_skip(state, PACKET_PROTOCOL_IPV6);

    assert_false(passes_arp(&arp, 0, 0));
    assert_false(passes_arp(&arp, FOREIGN, FOREIGN));
    assert_false(passes_nd(&ndp, &zero));
    harness_close(&arp);
    harness_close(&ndp);
}

static void test_arp_target_and_sender(void **state)
{
    const struct mlb_address address = ipv4(0xc0000202);
    struct harness arp = open_or_skip(state, PACKET_PROTOCOL_ARP);

    assert_int_equal(harness_set(&arp, &address, 1), 0);
    assert_true(passes_arp(&arp, FOREIGN, 0xc0000202));
    assert_true(passes_arp(&arp, 0, 0xc0000202));
    assert_true(passes_arp(&arp, 0xc0000202, FOREIGN));
    assert_true(passes_arp(&arp, 0xc0000202, 0xc0000202));
    assert_false(passes_arp(&arp, FOREIGN, 0xc0000201));
    assert_false(passes_arp(&arp, 0xc0000203, 0xc0000203));
    harness_close(&arp);
}

static void test_arp_other_formats(void **state)
{
    static const size_t constant_bytes[] = {12, 13, 14, 15, 16, 17, 18, 19};
    const struct mlb_address address = ipv4(0xc0000202);
    uint8_t frame[ARP_FRAME_SIZE];
    struct harness arp = open_or_skip(state, PACKET_PROTOCOL_ARP);

    assert_int_equal(harness_set(&arp, &address, 1), 0);
    for (size_t i = 0; i < sizeof(constant_bytes) / sizeof(*constant_bytes); i++) {
        make_arp(frame, FOREIGN, 0xc0000202);
        frame[constant_bytes[i]] ^= 1;
        assert_false(passes(&arp, frame, sizeof(frame)));
    }
    make_arp(frame, FOREIGN, 0xc0000202);
    for (size_t length = 1; length < 42; length++)
        assert_false(passes(&arp, frame, length));
    assert_true(passes(&arp, frame, 42));
    harness_close(&arp);
}

static void test_nd_types_and_formats(void **state)
{
    const struct mlb_address address = ipv6(0x20010db8, 0, 0, 7);
    const struct mlb_address other = ipv6(0x20010db8, 0, 0, 8);
    uint8_t frame[ND_FRAME_SIZE];
    struct harness ndp = open_or_skip(state, PACKET_PROTOCOL_IPV6);

    assert_int_equal(harness_set(&ndp, &address, 1), 0);
    for (unsigned int type = 0; type < 256; type++) {
        make_nd(frame, (uint8_t)type, &address);
        assert_int_equal(passes(&ndp, frame, sizeof(frame)), type == 135 || type == 136);
        make_nd(frame, (uint8_t)type, &other);
        assert_false(passes(&ndp, frame, sizeof(frame)));
    }
    make_nd(frame, 135, &address);
    frame[20] = 6;
    assert_false(passes(&ndp, frame, sizeof(frame)));
    make_nd(frame, 135, &address);
    frame[13] = 0;
    assert_false(passes(&ndp, frame, sizeof(frame)));
    make_nd(frame, 135, &address);
    for (size_t length = 1; length < 78; length++)
        assert_false(passes(&ndp, frame, length));
    assert_true(passes(&ndp, frame, 78));
    harness_close(&ndp);
}

/* An IPv4 address and the IPv6 address with the same bytes are two. */
static void test_families_apart(void **state)
{
    const struct mlb_address address = ipv4(0xc0000202);
    const struct mlb_address same_bytes = ipv6(0xc0000202, 0, 0, 0);
    const struct mlb_address low_word = ipv6(0, 0, 0, 0xc0000202);
    struct harness ndp = open_or_skip(state, PACKET_PROTOCOL_IPV6);

    assert_int_equal(harness_set(&ndp, &address, 1), 0);
    assert_false(passes_nd(&ndp, &same_bytes));
    assert_false(passes_nd(&ndp, &low_word));
    harness_close(&ndp);
}

/* All addresses of a small space against a model, for sets from sparse to dense. */
static void test_arp_against_model(void **state)
{
    static const uint32_t bases[] = {0, 0xc0000200, 0xffffff00};
    uint32_t seed = 7;

    for (size_t round = 0; round < 24; round++) {
        const uint32_t base = bases[round % 3];
        struct mlb_address addresses[256];
        uint8_t model[256] = {0};
        size_t count = 0;
        struct harness arp = open_or_skip(state, PACKET_PROTOCOL_ARP);

        for (uint32_t i = 0; i < 256; i++) {
            model[i] = next_random(&seed) % 24 < round + 1;
            if (model[i])
                addresses[count++] = ipv4(base + i);
        }
        assert_int_equal(harness_set(&arp, addresses, count), 0);
        for (uint32_t i = 0; i < 256; i++) {
            assert_int_equal(passes_arp(&arp, FOREIGN, base + i), model[i]);
            assert_int_equal(passes_arp(&arp, base + i, FOREIGN), model[i]);
        }
        harness_close(&arp);
    }
}

/* Addresses whose words take few values, so that runs cross the borders of the words. */
static struct mlb_address edge_address(uint32_t choice)
{
    static const uint32_t values[4] = {0, 1, 0xfffffffe, 0xffffffff};

    return ipv6(values[choice & 3], values[choice >> 2 & 3], values[choice >> 4 & 3],
                values[choice >> 6 & 3]);
}

static void test_nd_against_model(void **state)
{
    uint32_t seed = 11;

    for (uint32_t round = 0; round < 24; round++) {
        struct mlb_address addresses[256];
        uint8_t model[256] = {0};
        size_t count = 0;
        struct harness ndp = open_or_skip(state, PACKET_PROTOCOL_IPV6);

        for (uint32_t i = 0; i < 256; i++) {
            model[i] = next_random(&seed) % 24 < round + 1;
            if (model[i])
                addresses[count++] = edge_address(i);
        }
        assert_int_equal(harness_set(&ndp, addresses, count), 0);
        for (uint32_t i = 0; i < 256; i++) {
            const struct mlb_address address = edge_address(i);
            assert_int_equal(passes_nd(&ndp, &address), model[i]);
        }
        harness_close(&ndp);
    }
}

/* Scattered over a /12; every second one of the space between is foreign. */
static void fill_ipv4(struct mlb_address *addresses, size_t count)
{
    for (uint32_t i = 0; i < count; i++)
        addresses[i] = ipv4(0x0a100000u + i * 173u);
}

static void fill_ipv6(struct mlb_address *addresses, size_t count)
{
    for (uint32_t i = 0; i < count; i++)
        addresses[i] = ipv6(0x20010db8, i % 7, 0, i * 173u);
}

static void check_scale(void **state, size_t count, int exact)
{
    const int ebpf = *(const int *)*state;
    struct harness arp = open_or_skip(state, PACKET_PROTOCOL_ARP);
    struct harness ndp = open_or_skip(state, PACKET_PROTOCOL_IPV6);
    struct mlb_address *addresses = calloc(count, sizeof(*addresses));

    assert_non_null(addresses);
    fill_ipv4(addresses, count);
    assert_int_equal(harness_set(&arp, addresses, count), 0);
    for (uint32_t i = 0; i < count; i++)
        assert_true(passes_arp(&arp, FOREIGN, 0x0a100000u + i * 173u));
    for (uint32_t i = 0; exact && i < count; i++)
        assert_false(passes_arp(&arp, FOREIGN, 0x0a100000u + i * 173u + 1 + i % 172));
    assert_false(passes_arp(&arp, FOREIGN, 0x0a100000u - 1));
    fill_ipv6(addresses, count);
    assert_int_equal(harness_set(&ndp, addresses, count), 0);
    for (uint32_t i = 0; i < count; i++) {
        struct mlb_address foreign = addresses[i];
        assert_true(passes_nd(&ndp, &addresses[i]));
        foreign.bytes[8] = 1;
        if (exact)
            assert_false(passes_nd(&ndp, &foreign));
    }
    assert_int_equal(filter_kind(arp.filter), ebpf    ? MLB_FILTER_EBPF
                                              : exact ? MLB_FILTER_CLASSIC
                                                      : MLB_FILTER_COVERING);
    assert_int_equal(filter_kind(ndp.filter), filter_kind(arp.filter));
    harness_close(&arp);
    harness_close(&ndp);
    free(addresses);
}

static void test_5_addresses(void **state)
{
    check_scale(state, 5, 1);
}

static void test_100_addresses(void **state)
{
    check_scale(state, 100, 1);
}

static void test_1000_addresses(void **state)
{
    check_scale(state, 1000, 1);
}

static void test_5000_addresses(void **state)
{
    check_scale(state, 5000, *(const int *)*state);
}

/* More than the first eBPF set holds. */
static void test_20000_addresses(void **state)
{
    check_scale(state, 20000, *(const int *)*state);
}

/* Consecutive addresses are one interval, so ten thousand of them stay exact. */
static void test_run_is_exact(void **state)
{
    static struct mlb_address addresses[10000];
    struct harness arp = open_or_skip(state, PACKET_PROTOCOL_ARP);

    for (uint32_t i = 0; i < 10000; i++)
        addresses[i] = ipv4(0x0a200000u + i);
    assert_int_equal(harness_set(&arp, addresses, 10000), 0);
    assert_true(passes_arp(&arp, FOREIGN, 0x0a200000u + 9999));
    assert_false(passes_arp(&arp, FOREIGN, 0x0a200000u + 10000));
    assert_int_not_equal(filter_kind(arp.filter), MLB_FILTER_COVERING);
    harness_close(&arp);
}

static void test_removed_is_dropped(void **state)
{
    const struct mlb_address addresses[] = {ipv4(0xc0000202), ipv4(0xc0000204)};
    struct harness arp = open_or_skip(state, PACKET_PROTOCOL_ARP);

    assert_int_equal(harness_set(&arp, addresses, 2), 0);
    filter_remove(arp.filter, &addresses[0]);
    if (filter_is_stale(arp.filter)) {
        assert_int_equal(filter_rebuild(arp.filter, &addresses[1], 1), 0);
        assert_int_equal(filter_attach(arp.filter, arp.receiver, PACKET_PROTOCOL_ARP), 0);
    }
    assert_false(filter_is_stale(arp.filter));
    assert_false(passes_arp(&arp, FOREIGN, 0xc0000202));
    assert_true(passes_arp(&arp, FOREIGN, 0xc0000204));
    harness_close(&arp);
}

static int set_optmem(const char *value)
{
    const int descriptor = open("/proc/sys/net/core/optmem_max", O_WRONLY | O_CLOEXEC);
    ssize_t written;

    if (descriptor < 0)
        return -1;
    written = write(descriptor, value, strlen(value));
    close(descriptor);
    return written > 0 ? 0 : -1;
}

/* In a namespace with the small option memory of older kernels: exit 0 fine, 77 not possible. */
static int with_small_optmem(void)
{
    static struct mlb_address addresses[900];
    struct harness arp;

    if (unshare(CLONE_NEWNET) != 0 || set_optmem("20480") != 0)
        return 77;
    fill_ipv4(addresses, 900);
    harness_open(&arp, 0, PACKET_PROTOCOL_ARP);
    if (harness_set(&arp, addresses, 300) != 0 || filter_kind(arp.filter) != MLB_FILTER_CLASSIC)
        return 1;
    /* As large again: does not fit beside the old one, but alone. */
    if (harness_set(&arp, addresses + 300, 300) != 0 ||
        filter_kind(arp.filter) != MLB_FILTER_CLASSIC)
        return 2;
    if (harness_set(&arp, addresses, 900) != 0 || filter_kind(arp.filter) != MLB_FILTER_COVERING)
        return 3;
    for (size_t i = 0; i < 900; i++) {
        if (!passes_arp(&arp, FOREIGN, 0x0a100000u + (uint32_t)i * 173u))
            return 4;
    }
    if (passes_arp(&arp, FOREIGN, 0x0a0fffff))
        return 5;
    harness_close(&arp);
    return 0;
}

static void test_small_optmem(void **state)
{
    int status = 0;
    const pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(with_small_optmem());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define BOTH(test)                                  \
    {"classic " #test, test, NULL, NULL, &classic}, \
    {                                               \
        "ebpf " #test, test, NULL, NULL, &ebpf      \
    }

int main(void)
{
    static int classic = 0;
    static int ebpf = 1;
    const struct CMUnitTest tests[] = {
        BOTH(test_empty_passes_nothing),
        BOTH(test_arp_target_and_sender),
        BOTH(test_arp_other_formats),
        BOTH(test_nd_types_and_formats),
        BOTH(test_families_apart),
        BOTH(test_arp_against_model),
        BOTH(test_nd_against_model),
        BOTH(test_5_addresses),
        BOTH(test_100_addresses),
        BOTH(test_1000_addresses),
        BOTH(test_5000_addresses),
        BOTH(test_20000_addresses),
        BOTH(test_run_is_exact),
        BOTH(test_removed_is_dropped),
        cmocka_unit_test(test_small_optmem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
