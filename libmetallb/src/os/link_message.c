/* SPDX-License-Identifier: MIT */
#include "os/link_message.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

static void copy_text(char *target, size_t size, struct nlattr *attribute)
{
    if (attribute)
        nla_strlcpy(target, attribute, size);
}

static void parse_master_kind(struct nlattr *information, struct link *link)
{
    struct nlattr *attributes[IFLA_INFO_MAX + 1];

    if (information && nla_parse_nested(attributes, IFLA_INFO_MAX, information, NULL) == 0)
        copy_text(link->master_kind, sizeof(link->master_kind), attributes[IFLA_INFO_SLAVE_KIND]);
}

static void parse_hardware_address(struct nlattr *attribute, struct link *link)
{
    if (!attribute || nla_len(attribute) != MLB_HARDWARE_ADDRESS_SIZE)
        return;
    memcpy(link->hardware_address, nla_data(attribute), MLB_HARDWARE_ADDRESS_SIZE);
    link->has_hardware_address = 1;
}

static uint32_t number(struct nlattr *attribute)
{
    return attribute && nla_len(attribute) >= (int)sizeof(uint32_t) ? nla_get_u32(attribute) : 0;
}

int link_message_parse(struct nlmsghdr *message, struct link *link)
{
    struct nlattr *attributes[IFLA_MAX + 1];
    const struct ifinfomsg *header = nlmsg_data(message);

    /* A bridge tells about its ports in messages of its own family, also when one leaves it. */
    if (nlmsg_parse(message, sizeof(*header), attributes, IFLA_MAX, NULL) != 0 ||
        header->ifi_family != AF_UNSPEC || header->ifi_index <= 0 || !attributes[IFLA_IFNAME])
        return 0;
    memset(link, 0, sizeof(*link));
    link->index = (uint32_t)header->ifi_index;
    link->flags = header->ifi_flags;
    link->type = header->ifi_type;
    link->master = number(attributes[IFLA_MASTER]);
    copy_text(link->name, sizeof(link->name), attributes[IFLA_IFNAME]);
    parse_hardware_address(attributes[IFLA_ADDRESS], link);
    parse_master_kind(attributes[IFLA_LINKINFO], link);
    return 1;
}

int address_message_parse(struct nlmsghdr *message, uint32_t *interface_index,
                          struct mlb_address *address)
{
    struct nlattr *attributes[IFA_MAX + 1];
    const struct ifaddrmsg *header = nlmsg_data(message);
    struct nlattr *value;
    int size;

    if (nlmsg_parse(message, sizeof(*header), attributes, IFA_MAX, NULL) != 0 ||
        (header->ifa_family != AF_INET && header->ifa_family != AF_INET6))
        return 0;
    /* On a point-to-point link IFA_ADDRESS is that of the other end. */
    value = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
    size = header->ifa_family == AF_INET ? 4 : 16;
    if (!value || nla_len(value) != size)
        return 0;
    memset(address, 0, sizeof(*address));
    address->family = header->ifa_family == AF_INET ? MLB_FAMILY_IPV4 : MLB_FAMILY_IPV6;
    memcpy(address->bytes, nla_data(value), (size_t)size);
    *interface_index = header->ifa_index;
    return 1;
}
