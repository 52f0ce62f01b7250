/* SPDX-License-Identifier: MIT */
/* Members of other kinds, which ignore facts: they get none, and others get them all the sooner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer.h"

/* Hosts: 20 and 21 are of another kind, 30 of ours; 40 comes later. */
static uint64_t next_stream = 1;

static struct peer *begin(void)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);

    peer_begin(peer);
    peer->answers = 1;
    peer_alive(peer, "x", 20, 1);
    peer_alive(peer, "y", 21, 1);
    peer_alive(peer, "b", 30, 1);
    return peer;
}

/* A member dials with its state; the user state that it gets back. */
static size_t exchange(struct peer *peer, const char *name, uint8_t host, const uint8_t *user_state,
                       size_t user_length)
{
    const struct memberlist_node node = peer_node(name, host, 1);
    const uint64_t stream = next_stream;
    struct membership_endpoint source = peer_at(host);
    struct membership_action action;
    struct memberlist_push_pull head;
    struct reader reader;
    uint8_t buffer[8192];
    size_t length = peer_build_state(buffer, sizeof(buffer), &node, 1, user_state, user_length);

    next_stream += 2;
    source.port = 31000;
    assert_int_equal(membership_stream_accepted(peer->core, peer->now, stream, &source), MLB_OK);
    peer_stream(peer, stream, SEAL_DIALLED, buffer, length);
    action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
    length = peer_open(peer, &action, SEAL_DIALLED, buffer, sizeof(buffer));
    assert_int_equal(peer_action(peer, MEMBERSHIP_STREAM_CLOSE).stream, stream);
    reader = reader_of(buffer + 1, length - 1);
    assert_int_equal(memberlist_read_push_pull(&reader, &head), MLB_OK);
    return head.user_state_length;
}

/* Of the kind that has facts: mark, instance, no name, no records. */
static const uint8_t own_state[] = {'m', 'l', 'b', 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 'b'};

static void publish(struct peer *peer, const char *text)
{
    peer_forget(peer);
    assert_int_equal(
        membership_set_facts(peer->core, peer->now, (const uint8_t *)text, strlen(text)), MLB_OK);
    peer_pass(peer, SEC(2));
}

static void test_told_apart(void **state)
{
    struct peer *peer = begin();

    (void)state;
    publish(peer, "first");
    /* Four times by gossip, and each directly. */
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 0), 4 + 3);
    assert_int_equal(exchange(peer, "x", 20, NULL, 0), 0);
    assert_int_equal(exchange(peer, "y", 21, (const uint8_t *)"\2serf", 5), 0);
    assert_true(exchange(peer, "b", 30, own_state, sizeof(own_state)) > 0);
    publish(peer, "second");
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 20), 0);
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 21), 0);
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 30), 4 + 1);
    peer_free(peer);
}

/* Who is new may have heard of the group from one that knows no facts. */
static void test_newcomer(void **state)
{
    struct peer *peer = begin();

    (void)state;
    publish(peer, "first");
    peer_alive(peer, "late", 40, 1);
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 40), 0);
    peer_pass(peer, SEC(5));
    (void)exchange(peer, "x", 20, NULL, 0);
    peer_forget(peer);
    peer_alive(peer, "later", 41, 1);
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 41), 1);
    /* Not before it knows whose facts they are. */
    assert_true(peer_first(peer, MEMBERLIST_ALIVE, 41) < peer_first(peer, MEMBERLIST_USER, 41));
    peer_free(peer);
}

/* Where nobody takes facts none wait for ever. */
static void test_nobody_takes(void **state)
{
    struct peer *peer = begin();

    (void)state;
    (void)exchange(peer, "x", 20, NULL, 0);
    (void)exchange(peer, "y", 21, NULL, 0);
    (void)exchange(peer, "b", 30, NULL, 0);
    publish(peer, "first");
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 0), 0);
    assert_int_equal(peer_statistics(peer).queued, 0);
    peer_free(peer);
}

/* The same name in a new life may be of our kind. */
static void test_new_life(void **state)
{
    struct peer *peer = begin();

    (void)state;
    (void)exchange(peer, "x", 20, NULL, 0);
    peer_alive(peer, "x", 20, 2);
    publish(peer, "first");
    assert_in_range(peer_count(peer, MEMBERLIST_USER, 20), 1, 4);
    /* So does a state with facts say. */
    (void)exchange(peer, "b", 30, NULL, 0);
    (void)exchange(peer, "b", 30, own_state, sizeof(own_state));
    publish(peer, "second");
    assert_in_range(peer_count(peer, MEMBERLIST_USER, 30), 1, 4);
    peer_free(peer);
}

/* One that has published facts takes them, also if it did not know that of us. */
static void test_publisher(void **state)
{
    static const uint8_t record[] = {
        MEMBERLIST_USER, 'm', 'l', 'b', 1, 1, 'b', 0, 0, 0, 0, 0, 0, 0, 5, 0, 2, 'o', 'k'};
    struct peer *peer = begin();

    (void)state;
    peer_send(peer, record, sizeof(record));
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_FACTS, "b"), 1);
    assert_int_equal(exchange(peer, "b", 30, NULL, 0), 0);
    (void)exchange(peer, "x", 20, NULL, 0);
    (void)exchange(peer, "y", 21, NULL, 0);
    publish(peer, "first");
    /* Its own ones too, which are told on. */
    assert_int_equal(peer_count(peer, MEMBERLIST_USER, 30), 8 + 1);
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_told_apart),   cmocka_unit_test(test_newcomer),
        cmocka_unit_test(test_nobody_takes), cmocka_unit_test(test_new_life),
        cmocka_unit_test(test_publisher),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
