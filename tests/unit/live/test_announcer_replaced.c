/* SPDX-License-Identifier: MIT */
/*
 * An interface that another one replaced under its index, of which netlink said nothing because its
 * socket was full: the packet sockets are dead and must not be kept.
 */
#include "wire_harness.h"

#include <linux/if_ether.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../memory/failing_allocator.h"
#include "live/announcer/announcer.h"

static int is_arp(const uint8_t *frame, ssize_t length, const void *wanted)
{
    (void)wanted;
    return length >= ETH_HLEN && frame[12] == 0x08 && frame[13] == 0x06;
}

static void make_wire_at(unsigned index)
{
    struct nl_sock *netlink;
    struct rtnl_link *link;
    struct rtnl_link *peer;

    failing_allocator_pause(1);
    netlink = nl_socket_alloc();
    link = rtnl_link_veth_alloc();
    peer = rtnl_link_veth_get_peer(link);
    rtnl_link_set_name(link, HOST);
    rtnl_link_set_ifindex(link, (int)index);
    rtnl_link_set_name(peer, LAN);
    assert_int_equal(nl_connect(netlink, NETLINK_ROUTE), 0);
    assert_int_equal(rtnl_link_add(netlink, link, NLM_F_CREATE | NLM_F_EXCL), 0);
    rtnl_link_put(peer);
    rtnl_link_put(link);
    nl_socket_free(netlink);
    failing_allocator_pause(0);
}

static void lose_messages(const struct mlb_announcer *announcer)
{
    const int descriptor = link_monitor_descriptor(announcer->monitor);
    char lost[16384];

    while (recv(descriptor, lost, sizeof(lost), MSG_DONTWAIT) > 0)
        continue;
}

static void test_sockets_of_a_replaced_interface(void **state)
{
    struct fixture *fixture = start(state, 0);
    const struct mlb_address address = parse("192.0.2.100");
    const unsigned index = if_nametoindex(HOST);

    assert_int_equal(mlb_announcer_announce(fixture->announcer, &address, NULL, 0, NULL), MLB_OK);
    assert_true(wait_for_frame(fixture, is_arp, NULL, PATIENCE_MS));
    close(fixture->wire);
    remove_wire();
    make_wire_at(index);
    set_up(HOST, 1);
    set_up(LAN, 1);
    fixture->wire = open_wire();
    lose_messages(fixture->announcer);
    assert_int_equal(link_monitor_resynchronize(fixture->announcer->monitor), 0);
    assert_true(wait_for_frame(fixture, is_arp, NULL, PATIENCE_MS));
    assert_int_equal(mlb_announcer_announces_on(fixture->announcer, &address, index, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sockets_of_a_replaced_interface, set_up_wire,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
