/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "os/link.h"
#include "os/link_message.h"
#include "os/link_table.h"

#define UP (IFF_UP | IFF_BROADCAST | IFF_MULTICAST | IFF_RUNNING | IFF_LOWER_UP)

struct usable_case {
    uint32_t flags;
    uint32_t type;
    uint32_t master;
    int excluded;
    const char *master_kind;
    const char *master_name;
    int without_hardware_address;
    int candidate;
    const char *reason; /* empty: usable */
};

static const struct usable_case usable_cases[] = {
    {UP, ARPHRD_ETHER, 0, 0, "", NULL, 0, 1, ""},
    {UP, ARPHRD_ETHER, 9, 0, "vrf", "vrf-blue", 0, 1, ""},
    {UP | IFF_PROMISC, ARPHRD_ETHER, 0, 0, "", NULL, 0, 1, ""},
    {UP, ARPHRD_ETHER, 9, 0, "bridge", "br0", 0, 0, "port of br0"},
    {UP, ARPHRD_ETHER, 9, 0, "bond", "bond0", 0, 0, "port of bond0"},
    {UP, ARPHRD_ETHER, 9, 0, "team", "team0", 0, 0, "port of team0"},
    {UP, ARPHRD_ETHER, 9, 0, "openvswitch", "ovs-system", 0, 0, "port of ovs-system"},
    {UP, ARPHRD_ETHER, 9, 0, "", NULL, 0, 0, "port of interface 9"},
    {UP & ~(uint32_t)IFF_UP, ARPHRD_ETHER, 0, 0, "", NULL, 0, 1, "down"},
    {UP & ~(uint32_t)IFF_LOWER_UP, ARPHRD_ETHER, 0, 0, "", NULL, 0, 1, "no carrier"},
    {UP | IFF_DORMANT, ARPHRD_ETHER, 0, 0, "", NULL, 0, 1, "dormant"},
    {UP & ~(uint32_t)IFF_RUNNING, ARPHRD_ETHER, 0, 0, "", NULL, 0, 1, "not running"},
    {UP | IFF_NOARP, ARPHRD_ETHER, 0, 0, "", NULL, 0, 0, "NOARP"},
    {UP & ~(uint32_t)IFF_BROADCAST, ARPHRD_ETHER, 0, 0, "", NULL, 0, 0, "no broadcast"},
    {UP | IFF_LOOPBACK, ARPHRD_LOOPBACK, 0, 0, "", NULL, 0, 0, "loopback"},
    {UP, ARPHRD_TUNNEL, 0, 0, "", NULL, 0, 0, "not Ethernet"},
    {UP, ARPHRD_ETHER, 0, 0, "", NULL, 1, 0, "not Ethernet"},
    {UP, ARPHRD_ETHER, 0, 1, "", NULL, 0, 0, "excluded by name"},
};

static void test_usable(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(usable_cases) / sizeof(*usable_cases); i++) {
        const struct usable_case *c = &usable_cases[i];
        struct link link = {
            .index = 3,
            .flags = c->flags,
            .type = c->type,
            .master = c->master,
            .has_hardware_address = !c->without_hardware_address,
        };
        char reason[64] = "untouched";

        snprintf(link.master_kind, sizeof(link.master_kind), "%s", c->master_kind);
        assert_int_equal(link_usable(&link, c->excluded, c->master_name, reason, sizeof(reason)),
                         c->reason[0] == 0);
        assert_string_equal(reason, c->reason);
        assert_int_equal(link_is_candidate(&link, c->excluded), c->candidate);
    }
}

static struct link named(uint32_t index, const char *name)
{
    struct link link = {.index = index};

    snprintf(link.name, sizeof(link.name), "%s", name);
    return link;
}

static void test_table_of_links(void **state)
{
    struct link_table table = {0};
    struct link link;

    (void)state;
    for (uint32_t index = 100; index > 0; index--) {
        link = named(index, "eth");
        assert_int_equal(link_table_set(&table, &link, 1), 1);
        assert_int_equal(link_table_set(&table, &link, 2), 0);
    }
    assert_int_equal(table.link_count, 100);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(table.links[i].link.index, i + 1);
        assert_int_equal(table.links[i].generation, 2);
    }
    link = named(50, "lan");
    assert_int_equal(link_table_set(&table, &link, 2), 1);
    assert_string_equal(link_table_find(&table, 50)->name, "lan");
    assert_int_equal(link_table_remove(&table, 50), 1);
    assert_int_equal(link_table_remove(&table, 50), 0);
    assert_null(link_table_find(&table, 50));
    assert_non_null(link_table_find(&table, 51));
    assert_null(link_table_find(&table, 101));
    link_table_free(&table);
}

static void test_table_of_addresses(void **state)
{
    struct link_table table = {0};
    struct mlb_address address = {.family = MLB_FAMILY_IPV4};

    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        address.bytes[3] = (uint8_t)(i * 7);
        assert_int_equal(link_table_set_address(&table, i % 3, &address, 1), 1);
        assert_int_equal(link_table_set_address(&table, i % 3, &address, 2), 0);
    }
    assert_int_equal(table.address_count, 200);
    address.bytes[3] = 7;
    assert_int_equal(link_table_remove_address(&table, 0, &address), 0);
    assert_int_equal(link_table_remove_address(&table, 1, &address), 1);
    assert_int_equal(link_table_remove_address(&table, 1, &address), 0);
    assert_int_equal(table.address_count, 199);
    link_table_free(&table);
}

static struct nl_msg *link_message(unsigned char family, const char *name)
{
    struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);
    struct ifinfomsg header = {.ifi_family = family, .ifi_index = 7, .ifi_flags = UP};
    static const uint8_t hardware_address[6] = {2, 0, 0, 0, 0, 9};

    header.ifi_type = ARPHRD_ETHER;
    assert_non_null(message);
    assert_int_equal(nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO), 0);
    if (name)
        assert_int_equal(nla_put_string(message, IFLA_IFNAME, name), 0);
    assert_int_equal(nla_put(message, IFLA_ADDRESS, 6, hardware_address), 0);
    return message;
}

static void test_link_message(void **state)
{
    struct nl_msg *message = link_message(AF_UNSPEC, "eth0");
    struct nlattr *information;
    struct link link;

    (void)state;
    assert_int_equal(nla_put_u32(message, IFLA_MASTER, 12), 0);
    information = nla_nest_start(message, IFLA_LINKINFO);
    assert_int_equal(nla_put_string(message, IFLA_INFO_SLAVE_KIND, "bridge"), 0);
    nla_nest_end(message, information);
    assert_int_equal(link_message_parse(nlmsg_hdr(message), &link), 1);
    assert_int_equal(link.index, 7);
    assert_int_equal(link.flags, UP);
    assert_int_equal(link.type, ARPHRD_ETHER);
    assert_int_equal(link.master, 12);
    assert_string_equal(link.name, "eth0");
    assert_string_equal(link.master_kind, "bridge");
    assert_int_equal(link.hardware_address[5], 9);
    assert_int_equal(link.has_hardware_address, 1);
    nlmsg_free(message);
}

/* A port that leaves its bridge: the bridge says "deleted", but the interface is still there. */
static void test_bridge_message_is_ignored(void **state)
{
    struct nl_msg *message = link_message(AF_BRIDGE, "eth0");
    struct link link;

    (void)state;
    assert_int_equal(link_message_parse(nlmsg_hdr(message), &link), 0);
    nlmsg_free(message);
}

static void test_incomplete_messages(void **state)
{
    struct nl_msg *message = link_message(AF_UNSPEC, NULL);
    struct nlmsghdr *header = nlmsg_hdr(message);
    struct mlb_address address;
    struct link link;
    uint32_t index;

    (void)state;
    assert_int_equal(link_message_parse(header, &link), 0);
    for (uint32_t length = NLMSG_HDRLEN; length < header->nlmsg_len; length++) {
        struct nl_msg *shorter = nlmsg_alloc_size(header->nlmsg_len);
        assert_non_null(shorter);
        memcpy(nlmsg_hdr(shorter), header, length);
        nlmsg_hdr(shorter)->nlmsg_len = length;
        assert_int_equal(link_message_parse(nlmsg_hdr(shorter), &link), 0);
        assert_int_equal(address_message_parse(nlmsg_hdr(shorter), &index, &address), 0);
        nlmsg_free(shorter);
    }
    nlmsg_free(message);
}

static void test_address_message(void **state)
{
    static const uint8_t local[4] = {192, 0, 2, 1};
    static const uint8_t peer[4] = {192, 0, 2, 2};
    const struct ifaddrmsg header = {.ifa_family = AF_INET, .ifa_index = 5};
    struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWADDR, 0);
    struct mlb_address address;
    uint32_t index;

    (void)state;
    assert_non_null(message);
    assert_int_equal(nlmsg_append(message, (void *)&header, sizeof(header), NLMSG_ALIGNTO), 0);
    assert_int_equal(nla_put(message, IFA_ADDRESS, 4, peer), 0);
    assert_int_equal(address_message_parse(nlmsg_hdr(message), &index, &address), 1);
    assert_memory_equal(address.bytes, peer, 4);
    assert_int_equal(nla_put(message, IFA_LOCAL, 4, local), 0);
    assert_int_equal(address_message_parse(nlmsg_hdr(message), &index, &address), 1);
    assert_int_equal(address.family, MLB_FAMILY_IPV4);
    assert_int_equal(index, 5);
    assert_memory_equal(address.bytes, local, 4);
    nlmsg_free(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usable),
        cmocka_unit_test(test_table_of_links),
        cmocka_unit_test(test_table_of_addresses),
        cmocka_unit_test(test_link_message),
        cmocka_unit_test(test_bridge_message_is_ignored),
        cmocka_unit_test(test_incomplete_messages),
        cmocka_unit_test(test_address_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
