/* SPDX-License-Identifier: MIT */
#include "os/link_monitor.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "os/link_message.h"

/* The usual limit of the kernel (net.core.rmem_max) for a socket without privileges. */
#define RECEIVE_BUFFER_SIZE 212992

/* The kernel gives one dump at a time: first the interfaces, then the addresses on them. */
enum dump_state {
    DUMP_NONE,
    DUMP_LINKS,
    DUMP_ADDRESSES,
};

struct link_monitor {
    struct link_handler handler;
    struct nl_sock *socket;
    struct nl_cb *callbacks;
    struct link_table table;
    enum dump_state state;
    uint32_t generation;
    uint32_t sequence; /* of the request for the dump */
    int incomplete;    /* messages were lost or changed during the dump: it has to be repeated */
    int error;         /* of a handler of a message, for the caller of the receive */
};

static int system_error(int netlink_error)
{
    switch (-netlink_error) {
    case NLE_NOMEM:
        return -ENOMEM;
    case NLE_PERM:
    case NLE_NOACCESS:
        return -EPERM;
    case NLE_AGAIN:
        return -EAGAIN;
    default:
        return -EIO;
    }
}

static int request_dump(struct link_monitor *monitor, enum dump_state state)
{
    struct ifinfomsg links = {.ifi_family = AF_UNSPEC};
    struct ifaddrmsg addresses = {.ifa_family = AF_UNSPEC};
    int result;

    /* The message takes the number after the one used up here. */
    monitor->sequence = nl_socket_use_seq(monitor->socket) + 1;
    if (state == DUMP_LINKS)
        result = nl_send_simple(monitor->socket, RTM_GETLINK, NLM_F_DUMP, &links, sizeof(links));
    else
        result =
            nl_send_simple(monitor->socket, RTM_GETADDR, NLM_F_DUMP, &addresses, sizeof(addresses));
    monitor->state = result < 0 ? DUMP_NONE : state;
    return result < 0 ? system_error(result) : 0;
}

static int start_dump(struct link_monitor *monitor)
{
    monitor->generation++;
    monitor->incomplete = 0;
    return request_dump(monitor, DUMP_LINKS);
}

/* The kernel refuses a second dump while one runs, and the end of that one must not be taken for
 * the end of the new one: what it did not name would count as gone. */
int link_monitor_resynchronize(struct link_monitor *monitor)
{
    if (monitor->state == DUMP_NONE)
        return start_dump(monitor);
    monitor->incomplete = 1;
    return 0;
}

static void forget_link(struct link_monitor *monitor, uint32_t index)
{
    if (link_table_remove(&monitor->table, index))
        monitor->handler.link_removed(monitor->handler.context, index);
}

static void forget_address(struct link_monitor *monitor, uint32_t index,
                           const struct mlb_address *address)
{
    const struct link *link = link_table_find(&monitor->table, index);

    if (link_table_remove_address(&monitor->table, index, address))
        monitor->handler.address(monitor->handler.context, index, link ? link->name : "", address,
                                 0);
}

/* What the complete dump did not name is gone; from the end, since removing moves what follows. */
static void sweep_links(struct link_monitor *monitor)
{
    for (size_t i = monitor->table.link_count; i-- > 0;) {
        if (monitor->table.links[i].generation != monitor->generation)
            forget_link(monitor, monitor->table.links[i].link.index);
    }
}

static void sweep_addresses(struct link_monitor *monitor)
{
    for (size_t i = monitor->table.address_count; i-- > 0;) {
        const struct local_address entry = monitor->table.addresses[i];
        if (entry.generation != monitor->generation)
            forget_address(monitor, entry.interface_index, &entry.address);
    }
}

static void take_link(struct link_monitor *monitor, const struct link *link)
{
    const int changed = link_table_set(&monitor->table, link, monitor->generation);

    if (changed < 0)
        monitor->error = changed;
    else if (changed)
        monitor->handler.link(monitor->handler.context, link);
}

static int holds_service_addresses(const struct link *link)
{
    return (link->flags & IFF_LOOPBACK) || strcmp(link->name, "kube-ipvs0") == 0;
}

static void take_address(struct link_monitor *monitor, uint32_t index,
                         const struct mlb_address *address)
{
    const struct link *link = link_table_find(&monitor->table, index);
    int changed;

    if (!link || holds_service_addresses(link))
        return;
    changed = link_table_set_address(&monitor->table, index, address, monitor->generation);
    if (changed < 0)
        monitor->error = changed;
    else if (changed)
        monitor->handler.address(monitor->handler.context, index, link->name, address, 1);
}

static int on_message(struct nl_msg *message, void *context)
{
    struct link_monitor *monitor = context;
    struct nlmsghdr *header = nlmsg_hdr(message);
    struct link link;
    struct mlb_address address;
    uint32_t index;

    if (header->nlmsg_type == RTM_NEWLINK && link_message_parse(header, &link))
        take_link(monitor, &link);
    else if (header->nlmsg_type == RTM_DELLINK && link_message_parse(header, &link))
        forget_link(monitor, link.index);
    else if (header->nlmsg_type == RTM_NEWADDR && address_message_parse(header, &index, &address))
        take_address(monitor, index, &address);
    else if (header->nlmsg_type == RTM_DELADDR && address_message_parse(header, &index, &address))
        forget_address(monitor, index, &address);
    return NL_OK;
}

static int on_dump_end(struct nl_msg *message, void *context)
{
    struct link_monitor *monitor = context;

    /* The end of a dump that was given up. */
    if (monitor->state == DUMP_NONE || nlmsg_hdr(message)->nlmsg_seq != monitor->sequence)
        return NL_OK;
    if (monitor->incomplete) {
        monitor->error = start_dump(monitor);
    } else if (monitor->state == DUMP_LINKS) {
        sweep_links(monitor);
        monitor->error = request_dump(monitor, DUMP_ADDRESSES);
    } else {
        sweep_addresses(monitor);
        monitor->state = DUMP_NONE;
    }
    return NL_OK;
}

static int on_interrupted(struct nl_msg *message, void *context)
{
    struct link_monitor *monitor = context;

    (void)message;
    monitor->incomplete = 1;
    return NL_OK;
}

static int on_error(struct sockaddr_nl *peer, struct nlmsgerr *error, void *context)
{
    struct link_monitor *monitor = context;

    (void)peer;
    monitor->state = DUMP_NONE;
    monitor->error = error->error;
    return NL_STOP;
}

/* Changes that nobody asked for carry no sequence number of ours. */
static int accept_sequence(struct nl_msg *message, void *context)
{
    (void)message;
    (void)context;
    return NL_OK;
}

static int set_callbacks(struct link_monitor *monitor)
{
    struct nl_cb *callbacks = nl_cb_alloc(NL_CB_CUSTOM);

    if (!callbacks)
        return -ENOMEM;
    monitor->callbacks = callbacks;
    nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_message, monitor);
    nl_cb_set(callbacks, NL_CB_FINISH, NL_CB_CUSTOM, on_dump_end, monitor);
    nl_cb_set(callbacks, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, accept_sequence, NULL);
    nl_cb_set(callbacks, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, monitor);
    nl_cb_err(callbacks, NL_CB_CUSTOM, on_error, monitor);
    return 0;
}

static int connect_socket(struct nl_sock *socket)
{
    int result = nl_connect(socket, NETLINK_ROUTE);

    if (result == 0)
        result = nl_socket_set_buffer_size(socket, RECEIVE_BUFFER_SIZE, 0);
    if (result == 0)
        result = nl_socket_set_nonblocking(socket);
    if (result == 0)
        result = nl_socket_add_memberships(socket, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                                           RTNLGRP_IPV6_IFADDR, RTNLGRP_NONE);
    return result == 0 ? 0 : system_error(result);
}

int link_monitor_open(const struct link_handler *handler, struct link_monitor **ret)
{
    struct link_monitor *monitor = calloc(1, sizeof(*monitor));
    int error = -ENOMEM;

    if (!monitor)
        return -ENOMEM;
    monitor->handler = *handler;
    monitor->socket = nl_socket_alloc();
    if (monitor->socket)
        error = set_callbacks(monitor);
    if (!error)
        error = connect_socket(monitor->socket);
    if (error) {
        link_monitor_close(monitor);
        return error;
    }
    *ret = monitor;
    return 0;
}

void link_monitor_close(struct link_monitor *monitor)
{
    if (!monitor)
        return;
    if (monitor->callbacks)
        nl_cb_put(monitor->callbacks);
    if (monitor->socket)
        nl_socket_free(monitor->socket);
    link_table_free(&monitor->table);
    free(monitor);
}

int link_monitor_descriptor(const struct link_monitor *monitor)
{
    return nl_socket_get_fd(monitor->socket);
}

int link_monitor_receive(struct link_monitor *monitor, size_t limit)
{
    monitor->error = 0;
    for (size_t i = 0; i < limit && !monitor->error; i++) {
        const int result = nl_recvmsgs(monitor->socket, monitor->callbacks);

        if (result == -NLE_AGAIN)
            return monitor->error;
        /* The library reports an overrun of the socket (ENOBUFS) as lack of memory. */
        if (result == -NLE_NOMEM)
            return link_monitor_resynchronize(monitor);
        if (result < 0 && !monitor->error) {
            /* The end of a dump may have been among what could not be read. */
            monitor->state = DUMP_NONE;
            return system_error(result);
        }
    }
    return monitor->error;
}

int link_monitor_is_reading(const struct link_monitor *monitor)
{
    return monitor->state != DUMP_NONE;
}

const struct link_table *link_monitor_table(const struct link_monitor *monitor)
{
    return &monitor->table;
}
