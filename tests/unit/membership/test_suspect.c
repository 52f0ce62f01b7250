/* SPDX-License-Identifier: MIT */
/* A suspect that answers: what it hears, and what it is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer.h"

static struct peer *begin(void)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);

    peer_begin(peer);
    peer_alive(peer, "b", 2, 1);
    peer_alive(peer, "c", 3, 1);
    peer_alive(peer, "d", 4, 1);
    return peer;
}

/* It has refuted; and it was away for a while. */
static void answer_suspect(struct peer *peer, uint64_t stream)
{
    struct memberlist_node nodes[3] = {
        peer_node("c", 3, 2),
        peer_node("old", 77, 1),
        peer_node("b", 2, 1),
    };
    uint8_t buffer[1024];
    size_t length = 0;

    nodes[2].state = MLB_MEMBER_FAILED;
    length = peer_build_state(buffer, sizeof(buffer), nodes, 3, NULL, 0);
    peer_stream(peer, stream, SEAL_ACCEPTED, buffer, length);
    peer_drain(peer);
}

/* 7.8.1: it hears with the ping that it is suspected. */
static void test_probe_of_suspect(void **state)
{
    struct peer *peer = begin();
    const struct peer_message *ping = NULL;
    const struct peer_message *suspect = NULL;
    struct memberlist_verdict verdict;
    struct membership_action dial;

    (void)state;
    peer->answers = 1;
    peer_suspect(peer, "c", "d", 1);
    peer_pass(peer, MS(500));
    peer_forget(peer);
    for (int i = 0; i < 100 && !peer_first(peer, MEMBERLIST_PING, 3); i++)
        peer_pass(peer, MS(50));
    ping = peer_first(peer, MEMBERLIST_PING, 3);
    assert_non_null(ping);
    for (size_t position = 0; (suspect = peer_next(peer, MEMBERLIST_SUSPECT, 3, &position));)
        if (suspect->packet == ping->packet)
            break;
    assert_non_null(suspect);
    if (!suspect)
        return; /* clang-tidy does not know that the assertion ends the test */
    assert_int_equal(memberlist_parse_verdict(suspect->bytes + 1, suspect->length - 1, &verdict),
                     MLB_OK);
    assert_memory_equal(verdict.from.bytes, "self", 4);
    /* It answers, so its state is asked for a refutation that was missed. */
    assert_int_equal(peer_state(peer, "c"), MLB_MEMBER_SUSPECT);
    dial = peer_action(peer, MEMBERSHIP_STREAM_CONNECT);
    assert_memory_equal(dial.target.address.bytes, peer_at(3).address.bytes, 4);
    answer_suspect(peer, dial.stream);
    assert_int_equal(peer_state(peer, "c"), MLB_MEMBER_ALIVE);
    assert_int_equal(peer_incarnation(peer, "c"), 2);
    /* What it believes of others may be old. */
    assert_int_equal(peer_state(peer, "old"), -1);
    assert_int_equal(peer_state(peer, "b"), MLB_MEMBER_ALIVE);
    peer_free(peer);
}

/* One that is suspected after a deadline that the stall then counts from is not older than it is.
 */
static void test_confirmed_after_stall(void **state)
{
    struct peer *peer = begin();

    (void)state;
    peer->now = membership_deadline(peer->core) + MS(100);
    peer_suspect(peer, "c", "d", 1);
    peer->now += SEC(30);
    membership_tick(peer->core, peer->now);
    peer_drain(peer);
    assert_int_equal(peer_statistics(peer).stalls, 1);
    peer_pass(peer, MS(20));
    peer_suspect(peer, "c", "b", 1);
    peer_pass(peer, MS(20));
    assert_int_equal(peer_state(peer, "c"), MLB_MEMBER_SUSPECT);
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_of_suspect),
        cmocka_unit_test(test_confirmed_after_stall),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
