/* SPDX-License-Identifier: MIT */
/* Addresses to join by: when each is tried, and what is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer.h"

#define OPEN_MAX 64

static struct membership_endpoint dialled[OPEN_MAX];
static uint64_t streams[OPEN_MAX];

/* Takes all actions; gives the number of streams that were opened. */
static size_t take_dialled(struct peer *peer)
{
    struct membership_action action;
    size_t count = 0;

    while (membership_next_action(peer->core, &action)) {
        if (action.kind != MEMBERSHIP_STREAM_CONNECT)
            continue;
        dialled[count] = action.target;
        streams[count++] = action.stream;
    }
    return count;
}

static struct peer *begin(void)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_FAST);

    peer_begin(peer);
    peer->answers = 1;
    return peer;
}

static void set_seeds(struct peer *peer, const uint8_t *hosts, size_t count)
{
    struct membership_endpoint seeds[OPEN_MAX];

    for (size_t i = 0; i < count; i++)
        seeds[i] = peer_at(hosts[i]);
    assert_int_equal(membership_set_seeds(peer->core, peer->now, seeds, count), MLB_OK);
    peer_drain(peer);
}

static void answer(struct peer *peer, uint64_t stream, const char *name, uint8_t host)
{
    const struct memberlist_node node = peer_node(name, host, 1);
    uint8_t buffer[1400];
    const size_t length = peer_build_state(buffer, sizeof(buffer), &node, 1, NULL, 0);

    peer_stream(peer, stream, SEAL_ACCEPTED, buffer, length);
}

static void refuse(struct peer *peer, uint64_t stream)
{
    membership_stream_closed(peer->core, peer->now, stream);
    peer_drain(peer);
}

static void test_all_at_once(void **state)
{
    struct peer *peer = begin();

    (void)state;
    set_seeds(peer, (uint8_t[]){2, 3, 1, 3}, 4);
    /* This node itself and a second mention do not count. */
    assert_int_equal(take_dialled(peer), 2);
    assert_int_equal(dialled[0].address.bytes[3], 2);
    assert_int_equal(dialled[1].address.bytes[3], 3);
    /* What runs is not tried twice. */
    peer_pass(peer, MS(1400));
    assert_int_equal(take_dialled(peer), 0);
    peer_free(peer);
}

static void test_again_and_again(void **state)
{
    struct peer *peer = begin();

    (void)state;
    set_seeds(peer, (uint8_t[]){2, 3}, 2);
    assert_int_equal(take_dialled(peer), 2);
    answer(peer, streams[0], "b", 2);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SYNCHRONIZED, NULL), 1);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_JOINED, "b"), 1);
    assert_int_equal(peer->events[1].address.bytes[3], 2);
    refuse(peer, streams[1]);
    /* A member is there at the one, so only the other one is tried, also in a whole group. */
    for (int i = 0; i < 5; i++) {
        peer_pass(peer, MS(1101));
        assert_int_equal(take_dialled(peer), 1);
        assert_int_equal(dialled[0].address.bytes[3], 3);
        refuse(peer, streams[0]);
    }
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 0);
    /* The member fails, so its address is tried again. */
    peer_dead(peer, "b", "c", 1);
    peer_pass(peer, MS(1101));
    assert_int_equal(take_dialled(peer), 2);
    peer_free(peer);
}

/* One that shows no sign is given up soon, as its SYN may hang in a cut network. */
static void test_no_sign(void **state)
{
    struct peer *peer = begin();

    (void)state;
    set_seeds(peer, (uint8_t[]){2}, 1);
    assert_int_equal(take_dialled(peer), 1);
    peer_pass(peer, MS(1499));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 0);
    assert_int_equal(take_dialled(peer), 0);
    peer_pass(peer, MS(1));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    assert_int_equal(peer_statistics(peer).streams_failed, 1);
    peer_pass(peer, MS(700));
    assert_int_equal(take_dialled(peer), 1);
    peer_free(peer);
}

static void test_time_out(void **state)
{
    struct peer *peer = begin();

    (void)state;
    set_seeds(peer, (uint8_t[]){2}, 1);
    assert_int_equal(take_dialled(peer), 1);
    peer_pass(peer, MS(1400));
    membership_stream_input(peer->core, peer->now, streams[0], (const uint8_t *)"\x09", 1);
    peer_pass(peer, MS(1599));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 0);
    assert_int_equal(take_dialled(peer), 0);
    peer_pass(peer, MS(1));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    assert_int_equal(peer_statistics(peer).streams_failed, 1);
    peer_free(peer);
}

static void test_silence(void **state)
{
    struct peer *peer = begin();

    (void)state;
    set_seeds(peer, (uint8_t[]){2, 3}, 2);
    assert_int_equal(take_dialled(peer), 2);
    refuse(peer, streams[0]);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 0);
    refuse(peer, streams[1]);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    /* One refuses, one answers, the one that answered fails: not all were tried since. */
    peer_pass(peer, MS(1101));
    assert_int_equal(take_dialled(peer), 2);
    refuse(peer, streams[0]);
    answer(peer, streams[1], "x", 9);
    peer_forget(peer);
    peer_pass(peer, MS(1101));
    assert_int_equal(take_dialled(peer), 2);
    refuse(peer, streams[0]);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 0);
    refuse(peer, streams[1]);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    peer_free(peer);
}

static void test_nobody_to_try(void **state)
{
    (void)state;
    for (size_t count = 0; count < 2; count++) {
        struct peer *peer = begin();

        set_seeds(peer, (uint8_t[]){1}, count);
        assert_int_equal(take_dialled(peer), 0);
        assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
        peer_forget(peer);
        peer_pass(peer, SEC(5));
        assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 0);
        peer_free(peer);
    }
}

/* Sends to the core what it sent itself: a seed that leads back here by another address. */
static void test_own_other_address(void **state)
{
    struct peer *peer = begin();
    struct membership_endpoint source = peer_at(77);
    struct membership_action action;
    uint8_t buffer[1400];
    size_t length;
    uint64_t dialled_stream;

    (void)state;
    set_seeds(peer, (uint8_t[]){77}, 1);
    dialled_stream = peer_action(peer, MEMBERSHIP_STREAM_CONNECT).stream;
    action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
    length = peer_open(peer, &action, SEAL_ACCEPTED, buffer, sizeof(buffer));
    assert_int_equal(membership_stream_accepted(peer->core, peer->now, 1, &source), MLB_OK);
    peer_stream(peer, 1, SEAL_DIALLED, buffer, length);
    action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
    assert_int_equal(action.stream, 1);
    length = peer_open(peer, &action, SEAL_DIALLED, buffer, sizeof(buffer));
    peer_stream(peer, dialled_stream, SEAL_ACCEPTED, buffer, length);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SYNCHRONIZED, NULL), 0);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    assert_int_equal(peer_statistics(peer).streams_failed, 0);
    peer_pass(peer, SEC(29));
    assert_int_equal(take_dialled(peer), 0);
    /* It may have moved to another node by then. */
    peer_pass(peer, MS(2200));
    assert_int_equal(take_dialled(peer), 1);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    peer_free(peer);
}

static void test_many(void **state)
{
    struct peer *peer = begin();
    uint8_t hosts[30];
    size_t tried[64] = {0};
    size_t count = 0;

    (void)state;
    for (uint8_t i = 0; i < 30; i++)
        hosts[i] = (uint8_t)(i + 2);
    set_seeds(peer, hosts, 30);
    count = take_dialled(peer);
    assert_int_equal(count, 8);
    for (int round = 0; round < 29; round++) {
        tried[dialled[0].address.bytes[3]]++;
        refuse(peer, streams[0]);
        memmove(streams, streams + 1, 7 * sizeof(streams[0]));
        memmove(dialled, dialled + 1, 7 * sizeof(dialled[0]));
        if (round < 22) {
            struct membership_action action = peer_action(peer, MEMBERSHIP_STREAM_CONNECT);

            dialled[7] = action.target;
            streams[7] = action.stream;
            (void)peer_action(peer, MEMBERSHIP_STREAM_SEND);
        } else {
            struct membership_action action;

            assert_int_equal(membership_next_action(peer->core, &action), 0);
        }
    }
    for (uint8_t i = 2; i < 31; i++)
        assert_int_equal(tried[i], 1);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 0);
    refuse(peer, streams[0]);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    peer_free(peer);
}

/* The same list again, as after a look-up, disturbs nothing. */
static void test_set_again(void **state)
{
    struct peer *peer = begin();

    (void)state;
    set_seeds(peer, (uint8_t[]){2, 3}, 2);
    assert_int_equal(take_dialled(peer), 2);
    refuse(peer, streams[0]);
    set_seeds(peer, (uint8_t[]){3, 2}, 2);
    assert_int_equal(take_dialled(peer), 0);
    refuse(peer, streams[1]);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    /* A new one is tried at once. */
    set_seeds(peer, (uint8_t[]){3, 4}, 2);
    assert_int_equal(take_dialled(peer), 2);
    /* One that is gone by the time of its answer does no harm. */
    set_seeds(peer, NULL, 0);
    answer(peer, streams[0], "c", 3);
    refuse(peer, streams[1]);
    peer_pass(peer, SEC(3));
    assert_int_equal(take_dialled(peer), 0);
    peer_free(peer);
}

/* A group of other versions does not answer in a way that counts. */
static void test_other_versions(void **state)
{
    struct peer *peer = begin();
    static const uint8_t others[] = {1, 5, 2, 2, 5, 5};
    struct memberlist_node node = peer_node("serf", 2, 1);
    uint8_t buffer[1400];
    size_t length;

    (void)state;
    set_seeds(peer, (uint8_t[]){2}, 1);
    assert_int_equal(take_dialled(peer), 1);
    node.versions.bytes = others;
    length = peer_build_state(buffer, sizeof(buffer), &node, 1, NULL, 0);
    peer_stream(peer, streams[0], SEAL_ACCEPTED, buffer, length);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SYNCHRONIZED, NULL), 0);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SEEDS_SILENT, NULL), 1);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_ERROR, NULL), 1);
    assert_int_equal(peer_state(peer, "serf"), -1);
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_at_once),       cmocka_unit_test(test_again_and_again),
        cmocka_unit_test(test_no_sign),           cmocka_unit_test(test_time_out),
        cmocka_unit_test(test_silence),           cmocka_unit_test(test_nobody_to_try),
        cmocka_unit_test(test_own_other_address), cmocka_unit_test(test_many),
        cmocka_unit_test(test_set_again),         cmocka_unit_test(test_other_versions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
