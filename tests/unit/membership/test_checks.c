/* SPDX-License-Identifier: MIT */
/* What is not taken from a peer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer.h"

static void refused(struct peer *peer, const struct memberlist_node *node)
{
    const uint64_t before = peer_statistics(peer).messages_refused;

    peer_tell(peer, node);
    assert_int_equal(peer_statistics(peer).messages_refused, before + 1);
}

static void test_bad_nodes(void **state)
{
    static const uint8_t group[] = {239, 1, 1, 1};
    static const uint8_t nowhere[16] = {0};
    static const uint8_t of_a_link[16] = {0xfe, 0x80, [15] = 1};
    static const uint8_t bad_versions[][6] = {
        {0, 5, 2, 0, 0, 0}, {1, 0, 2, 0, 0, 0}, {3, 5, 4, 0, 0, 0}, {1, 1, 1, 0, 0, 0},
        {1, 5, 6, 0, 0, 0}, {1, 5, 2, 2, 5, 4}, {1, 5, 2, 1, 0, 0}};
    static uint8_t long_name[256];
    static uint8_t meta[513];
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);
    struct memberlist_node node;

    (void)state;
    peer_begin(peer);
    memset(long_name, 'x', sizeof(long_name));
    for (size_t i = 0; i < sizeof(bad_versions) / 6; i++) {
        node = peer_node("a", 2, 1);
        node.versions.bytes = bad_versions[i];
        refused(peer, &node);
    }
    node = peer_node("a", 2, 1);
    node.versions.length = 5;
    refused(peer, &node);
    node.versions.length = 0;
    refused(peer, &node);
    node = peer_node("", 2, 1);
    refused(peer, &node);
    node = peer_node("a\nb", 2, 1);
    refused(peer, &node);
    node.name = (struct span){(const uint8_t *)"a\0b", 3};
    refused(peer, &node);
    node.name = (struct span){long_name, 256};
    refused(peer, &node);
    node = peer_node("a", 2, 1);
    node.meta = (struct span){meta, 513};
    refused(peer, &node);
    node = peer_node("a", 2, 1);
    node.address = (struct span){group, 4};
    refused(peer, &node);
    node.address = (struct span){nowhere, 16};
    refused(peer, &node);
    node.address = (struct span){nowhere, 4};
    refused(peer, &node);
    node.address = (struct span){of_a_link, 16};
    refused(peer, &node);
    node = peer_node("a", 2, UINT32_MAX);
    refused(peer, &node);
    assert_int_equal(peer_statistics(peer).failed + peer_statistics(peer).alive, 1);
    node = peer_node("", 2, 1);
    node.name = (struct span){long_name, 255};
    node.meta = (struct span){meta, 512};
    peer_tell(peer, &node);
    assert_int_equal(peer_statistics(peer).alive, 2);
    peer_free(peer);
}

static void test_table_full(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);

    (void)state;
    peer->options.members_max = 3;
    peer_begin(peer);
    peer_alive(peer, "a", 2, 1);
    peer_alive(peer, "b", 3, 1);
    peer_alive(peer, "c", 4, 1);
    assert_int_equal(peer_state(peer, "c"), -1);
    assert_int_equal(peer_statistics(peer).messages_refused, 1);
    peer_alive(peer, "a", 2, 2);
    assert_int_equal(peer_incarnation(peer, "a"), 2);
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_nodes),
        cmocka_unit_test(test_table_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
