/* SPDX-License-Identifier: MIT */
/* Streams: who may open how many, what is answered, and what a bad one costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "peer.h"

static struct peer *begin(void)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);

    peer_begin(peer);
    peer->answers = 1;
    return peer;
}

static int32_t accept(struct peer *peer, uint64_t stream, uint8_t host)
{
    struct membership_endpoint source = peer_at(host);

    source.port = (uint16_t)(30000 + stream);
    return membership_stream_accepted(peer->core, peer->now, stream, &source);
}

static void no_action(struct peer *peer)
{
    struct membership_action action;

    assert_int_equal(membership_next_action(peer->core, &action), 0);
}

static void test_limits(void **state)
{
    struct peer *peer = begin();
    uint64_t stream = 1;

    (void)state;
    for (int i = 0; i < 8; i++, stream += 2)
        assert_int_equal(accept(peer, stream, 20), MLB_OK);
    assert_int_equal(accept(peer, stream, 20), MLB_ERROR_EXHAUSTED);
    stream += 2;
    for (uint8_t host = 21; host < 36; host++)
        for (int i = 0; i < 8; i++, stream += 2)
            assert_int_equal(accept(peer, stream, host), MLB_OK);
    assert_int_equal(peer_statistics(peer).streams, 128);
    no_action(peer);
    /* Whoever comes then is heard: the one that is held open for longest is given up. */
    assert_int_equal(accept(peer, stream, 99), MLB_OK);
    assert_int_equal(peer_action(peer, MEMBERSHIP_STREAM_CLOSE).stream, 1);
    no_action(peer);
    assert_int_equal(peer_statistics(peer).streams, 128);
    assert_int_equal(peer_statistics(peer).streams_failed, 1);
    membership_stream_closed(peer->core, peer->now, 3);
    stream += 2;
    assert_int_equal(accept(peer, stream, 20), MLB_OK);
    no_action(peer);
    peer_free(peer);
}

/* What waits in all streams is bounded, and the largest pays for it. */
static void test_waiting_bytes(void **state)
{
    /* Of a user message that never ends. */
    static const uint8_t head[] = {0x08, 0x81, 0xaa, 'U', 's',  'e',  'r',  'M',  's',
                                   'g',  'L',  'e',  'n', 0xce, 0x01, 0x40, 0x00, 0x00};
    struct peer *peer = begin();
    const size_t piece = 4 * 1024 * 1024;
    uint8_t *bytes = calloc(1, piece);

    (void)state;
    assert_non_null(bytes);
    memcpy(bytes, head, sizeof(head));
    assert_int_equal(accept(peer, 1, 20), MLB_OK);
    membership_stream_input(peer->core, peer->now, 1, bytes, piece);
    for (uint64_t stream = 3; stream < 11; stream += 2) {
        assert_int_equal(accept(peer, stream, 21), MLB_OK);
        membership_stream_input(peer->core, peer->now, stream, bytes, piece);
        memset(bytes, 0, sizeof(head));
        for (int i = 1; i < 4; i++)
            membership_stream_input(peer->core, peer->now, stream, bytes, piece);
        memcpy(bytes, head, sizeof(head));
    }
    /* The fourth of 16 MiB was one too many beside the one of 4. */
    assert_int_equal(peer_action(peer, MEMBERSHIP_STREAM_CLOSE).stream, 3);
    no_action(peer);
    assert_int_equal(peer_statistics(peer).streams, 4);
    /* The place is free again, and an exchange goes on beside those that wait. */
    assert_int_equal(accept(peer, 11, 22), MLB_OK);
    membership_stream_input(peer->core, peer->now, 11, bytes, 1);
    no_action(peer);
    free(bytes);
    peer_free(peer);
}

static void test_time_out(void **state)
{
    struct peer *peer = begin();

    (void)state;
    assert_int_equal(accept(peer, 1, 20), MLB_OK);
    membership_stream_input(peer->core, peer->now, 1, (const uint8_t *)"\6", 1);
    peer_pass(peer, SEC(10) - 1);
    no_action(peer);
    peer_pass(peer, 1);
    assert_int_equal(peer_action(peer, MEMBERSHIP_STREAM_CLOSE).stream, 1);
    assert_int_equal(peer_statistics(peer).streams_failed, 1);
    assert_int_equal(peer_statistics(peer).streams, 0);
    /* What comes for it still is ignored. */
    membership_stream_input(peer->core, peer->now, 1, (const uint8_t *)"\6", 1);
    membership_stream_closed(peer->core, peer->now, 1);
    no_action(peer);
    peer_free(peer);
}

static size_t build_ping(uint8_t *buffer, size_t capacity, const char *node)
{
    const struct memberlist_ping ping = {.node = peer_text(node), .sequence = 321};
    struct writer writer = writer_to(buffer, capacity);

    memberlist_build_ping(&writer, &ping);
    assert_false(writer.failed);
    return writer.used;
}

static void test_ping(void **state)
{
    struct peer *peer = begin();
    struct membership_action action;
    struct memberlist_ack ack;
    uint8_t buffer[1400];
    size_t length = build_ping(buffer, sizeof(buffer), "self");

    (void)state;
    assert_int_equal(accept(peer, 1, 20), MLB_OK);
    peer_stream(peer, 1, SEAL_DIALLED, buffer, length);
    action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
    length = peer_open(peer, &action, SEAL_DIALLED, buffer, sizeof(buffer));
    assert_int_equal(buffer[0], MEMBERLIST_ACK);
    assert_int_equal(memberlist_parse_ack(buffer + 1, length - 1, &ack), MLB_OK);
    assert_int_equal(ack.sequence, 321);
    assert_int_equal(peer_action(peer, MEMBERSHIP_STREAM_CLOSE).stream, 1);
    /* Of another node: closed without a word. */
    length = build_ping(buffer, sizeof(buffer), "other");
    assert_int_equal(accept(peer, 3, 20), MLB_OK);
    peer_stream(peer, 3, SEAL_DIALLED, buffer, length);
    assert_int_equal(peer_action(peer, MEMBERSHIP_STREAM_CLOSE).stream, 3);
    no_action(peer);
    peer_free(peer);
}

/* Bytes that cannot be a stream are complained about, but not as often as a peer likes. */
static void test_complaint(void **state)
{
    struct peer *peer = begin();
    struct membership_action action;
    uint8_t buffer[1400];

    (void)state;
    for (uint64_t stream = 1; stream < 12; stream += 2) {
        assert_int_equal(accept(peer, stream, 20), MLB_OK);
        membership_stream_input(peer->core, peer->now, stream, (const uint8_t *)"\x0a\0\0\0\1", 5);
        if (stream == 1) {
            action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
            assert_in_range(peer_open(peer, &action, SEAL_DIALLED, buffer, 1400), 3, 1400);
            assert_int_equal(buffer[0], MEMBERLIST_ERROR);
        }
        assert_int_equal(peer_action(peer, MEMBERSHIP_STREAM_CLOSE).stream, stream);
    }
    no_action(peer);
    assert_int_equal(peer_statistics(peer).streams_failed, 6);
    peer_pass(peer, MS(100));
    assert_int_equal(accept(peer, 13, 20), MLB_OK);
    membership_stream_input(peer->core, peer->now, 13, (const uint8_t *)"\x0a\0\0\0\1", 5);
    (void)peer_action(peer, MEMBERSHIP_STREAM_SEND);
    peer_free(peer);
}

struct seen {
    size_t nodes;
    int has_left;
    int join;
    uint32_t user_length;
};

static struct seen read_state(const uint8_t *message, size_t length)
{
    struct reader reader = reader_of(message + 1, length - 1);
    struct memberlist_push_pull head;
    struct memberlist_node node;
    struct seen seen = {0};

    assert_int_equal(message[0], MEMBERLIST_PUSH_PULL);
    assert_int_equal(memberlist_read_push_pull(&reader, &head), MLB_OK);
    for (uint32_t i = 0; i < head.nodes; i++) {
        assert_int_equal(memberlist_read_node(&reader, &node), MLB_OK);
        seen.nodes++;
        seen.has_left |= node.state == MLB_MEMBER_LEFT;
    }
    seen.join = head.join;
    seen.user_length = head.user_state_length;
    assert_int_equal(reader.left, head.user_state_length);
    return seen;
}

/* An exchange that a peer dialled: all states go out, and come in by their rules (7.7). */
static void test_exchange(void **state)
{
    struct peer *peer = begin();
    struct memberlist_node nodes[] = {
        peer_node("a", 2, 3), peer_node("b", 3, 3), peer_node("c", 4, 3),
        peer_node("d", 5, 3), peer_node("e", 6, 3), peer_node("f", 7, 3),
    };
    uint8_t buffer[4096];
    struct membership_action action;
    struct seen seen;
    size_t length;

    (void)state;
    peer_alive(peer, "a", 2, 1);
    peer_alive(peer, "b", 3, 3);
    peer_alive(peer, "c", 4, 3);
    peer_alive(peer, "d", 5, 4);
    peer_alive(peer, "e", 6, 1);
    peer_dead(peer, "e", "e", 1);
    nodes[1].state = MLB_MEMBER_FAILED;
    nodes[2].state = MLB_MEMBER_LEFT;
    nodes[3].state = MLB_MEMBER_SUSPECT;
    nodes[5].state = MLB_MEMBER_FAILED;
    length = peer_build_state(buffer, sizeof(buffer), nodes, 6, (const uint8_t *)"user", 4);
    assert_int_equal(accept(peer, 1, 2), MLB_OK);
    peer_stream(peer, 1, SEAL_DIALLED, buffer, length);
    action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
    length = peer_open(peer, &action, SEAL_DIALLED, buffer, sizeof(buffer));
    seen = read_state(buffer, length);
    /* Answered before it was merged. */
    assert_int_equal(seen.nodes, 6);
    assert_int_equal(seen.has_left, 1);
    /* No facts for one whose own state is of another kind. */
    assert_int_equal(seen.user_length, 0);
    (void)peer_action(peer, MEMBERSHIP_STREAM_CLOSE);
    assert_int_equal(peer_incarnation(peer, "a"), 3);
    /* Dead there is suspect here. */
    assert_int_equal(peer_state(peer, "b"), MLB_MEMBER_SUSPECT);
    assert_int_equal(peer_state(peer, "c"), MLB_MEMBER_LEFT);
    /* Older than what is known. */
    assert_int_equal(peer_state(peer, "d"), MLB_MEMBER_ALIVE);
    assert_int_equal(peer_state(peer, "e"), MLB_MEMBER_ALIVE);
    assert_int_equal(peer_state(peer, "f"), -1);
    assert_int_equal(peer_statistics(peer).push_pulls, 1);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_SYNCHRONIZED, NULL), 0);
    peer_free(peer);
}

/* Who thinks us dead hears at once that we are not, by UDP at its address. */
static void test_refutation(void **state)
{
    struct peer *peer = begin();
    struct memberlist_node nodes[] = {peer_node("a", 2, 3), peer_node("self", 1, 8)};
    uint8_t buffer[4096];
    size_t length;

    (void)state;
    nodes[1].state = MLB_MEMBER_FAILED;
    length = peer_build_state(buffer, sizeof(buffer), nodes, 2, NULL, 0);
    assert_int_equal(accept(peer, 1, 2), MLB_OK);
    peer_stream(peer, 1, SEAL_DIALLED, buffer, length);
    assert_int_equal(peer_incarnation(peer, "self"), 9);
    assert_true(peer_count(peer, MEMBERLIST_ALIVE, 2) >= 1);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_STALLED, NULL), 0);
    peer_free(peer);
}

/* An exchange that we dialled, with such an answer, is repeated once. */
static void test_repetition(void **state)
{
    struct peer *peer = begin();
    const struct membership_endpoint seed = peer_at(2);
    struct memberlist_node nodes[] = {peer_node("a", 2, 3), peer_node("self", 1, 8)};
    struct membership_action action;
    uint8_t buffer[4096];
    size_t length;

    (void)state;
    assert_int_equal(membership_set_seeds(peer->core, peer->now, &seed, 1), MLB_OK);
    action = peer_action(peer, MEMBERSHIP_STREAM_CONNECT);
    assert_int_equal(action.stream, 2);
    action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
    length = peer_open(peer, &action, SEAL_ACCEPTED, buffer, sizeof(buffer));
    assert_int_equal(read_state(buffer, length).join, 1);
    nodes[1].state = MLB_MEMBER_SUSPECT;
    length = peer_build_state(buffer, sizeof(buffer), nodes, 2, NULL, 0);
    peer_stream(peer, 2, SEAL_ACCEPTED, buffer, length);
    (void)peer_action(peer, MEMBERSHIP_STREAM_CONNECT);
    action = peer_action(peer, MEMBERSHIP_STREAM_SEND);
    assert_int_equal(action.stream, 4);
    (void)peer_action(peer, MEMBERSHIP_STREAM_CLOSE);
    nodes[1].incarnation = 20;
    length = peer_build_state(buffer, sizeof(buffer), nodes, 2, NULL, 0);
    peer_stream(peer, 4, SEAL_ACCEPTED, buffer, length);
    assert_int_equal(peer_incarnation(peer, "self"), 21);
    assert_int_equal(peer_action(peer, MEMBERSHIP_STREAM_CLOSE).stream, 4);
    no_action(peer);
    peer_free(peer);
}

/* Broken states change nothing, however far they are sound. */
static void test_broken_state(void **state)
{
    struct memberlist_node nodes[] = {peer_node("a", 2, 3), peer_node("b", 3, 3)};
    uint8_t buffer[4096];
    const size_t length = peer_build_state(buffer, sizeof(buffer), nodes, 2, NULL, 0);
    const struct memberlist_push_pull head = {0, 3, 0};

    (void)state;
    for (size_t cut = 2; cut < length; cut += 7) {
        struct peer *peer = begin();
        uint8_t broken[4096];
        struct writer writer = writer_to(broken, sizeof(broken));

        /* More nodes are claimed than there are; the rest is closed by the peer. */
        memberlist_build_push_pull(&writer, &head);
        write_bytes(&writer, buffer + 2, cut - 2);
        assert_int_equal(accept(peer, 1, 2), MLB_OK);
        membership_stream_input(peer->core, peer->now, 1, broken, writer.used);
        membership_stream_closed(peer->core, peer->now, 1);
        assert_int_equal(peer_state(peer, "a"), -1);
        assert_int_equal(peer_statistics(peer).streams, 0);
        peer_free(peer);
    }
}

/* A record that is out of bounds costs itself, not the whole exchange. */
static void test_bad_entry(void **state)
{
    struct peer *peer = begin();
    static const uint8_t bad[] = {3, 3, 3, 0, 0, 0};
    struct memberlist_node nodes[] = {peer_node("bad", 2, 3), peer_node("good", 3, 3)};
    uint8_t buffer[4096];
    size_t length;

    (void)state;
    nodes[0].versions.bytes = bad;
    length = peer_build_state(buffer, sizeof(buffer), nodes, 2, NULL, 0);
    assert_int_equal(accept(peer, 1, 3), MLB_OK);
    peer_stream(peer, 1, SEAL_DIALLED, buffer, length);
    assert_int_equal(peer_state(peer, "bad"), -1);
    assert_int_equal(peer_state(peer, "good"), MLB_MEMBER_ALIVE);
    assert_int_equal(peer_statistics(peer).messages_refused, 1);
    peer_free(peer);
}

static void test_periodic(void **state)
{
    struct peer *peer = begin();
    struct membership_action action;
    size_t count = 0;

    (void)state;
    peer_alive(peer, "a", 2, 1);
    for (int i = 0; i < 1300; i++) {
        peer_pass(peer, MS(100));
        while (membership_next_action(peer->core, &action))
            if (action.kind == MEMBERSHIP_STREAM_CONNECT) {
                assert_int_equal(action.target.address.bytes[3], 2);
                membership_stream_closed(peer->core, peer->now, action.stream);
                count++;
            }
    }
    /* First after 30 to 60 s, then each 30 s. */
    assert_in_range(count, 3, 4);
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),       cmocka_unit_test(test_waiting_bytes),
        cmocka_unit_test(test_time_out),     cmocka_unit_test(test_ping),
        cmocka_unit_test(test_complaint),    cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_refutation),   cmocka_unit_test(test_repetition),
        cmocka_unit_test(test_broken_state), cmocka_unit_test(test_bad_entry),
        cmocka_unit_test(test_periodic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
