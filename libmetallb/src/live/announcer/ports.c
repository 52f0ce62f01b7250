/* SPDX-License-Identifier: MIT */
/* Follows the interfaces of the host: which are used, with which sockets. */
#include "live/announcer/announcer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/vrrp_socket.h"

static size_t port_position(const struct mlb_announcer *announcer, uint32_t index)
{
    size_t low = 0;
    size_t high = announcer->port_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (announcer->ports[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct port *announcer_find_port(const struct mlb_announcer *announcer, uint32_t index)
{
    const size_t position = port_position(announcer, index);

    if (position < announcer->port_count && announcer->ports[position].index == index)
        return &announcer->ports[position];
    return NULL;
}

static struct port *add_port(struct mlb_announcer *announcer, const struct link *link)
{
    const size_t position = port_position(announcer, link->index);
    struct port *grown = realloc(announcer->ports, (announcer->port_count + 1) * sizeof(*grown));
    struct port *port;

    if (!grown)
        return NULL;
    announcer->ports = grown;
    port = grown + position;
    memmove(port + 1, port, (announcer->port_count - position) * sizeof(*port));
    *port = (struct port){.index = link->index, .sockets = {-1, -1}};
    announcer->port_count++;
    return port;
}

static void close_sockets(struct port *port)
{
    for (int i = 0; i < PACKET_PROTOCOL_COUNT; i++) {
        if (port->sockets[i] >= 0)
            close(port->sockets[i]);
        port->sockets[i] = -1;
    }
    free(port->pending);
    port->pending = NULL;
}

static void join_vrrp(const struct mlb_announcer *announcer, uint32_t index, int join)
{
    /* Hearing of somebody else's failover is a help for the administrator and no more: without
     * it everything else works. */
    if (announcer->vrrp[0] >= 0)
        vrrp_socket_membership(announcer->vrrp[0], MLB_FAMILY_IPV4, index, join);
    if (announcer->vrrp[1] >= 0)
        vrrp_socket_membership(announcer->vrrp[1], MLB_FAMILY_IPV6, index, join);
}

static void release_sockets(struct mlb_announcer *announcer, struct port *port)
{
    if (port->sockets[0] < 0)
        return;
    join_vrrp(announcer, port->index, 0);
    close_sockets(port);
}

static int open_socket(struct mlb_announcer *announcer, struct port *port,
                       enum packet_protocol protocol)
{
    const enum source source = protocol == PACKET_PROTOCOL_ARP ? SOURCE_ARP : SOURCE_NDP;
    const int descriptor = packet_socket_open();
    int error;

    if (descriptor < 0)
        return descriptor;
    port->sockets[protocol] = descriptor;
    error = filter_attach(announcer->filter, descriptor, protocol);
    if (!error)
        error = packet_socket_bind(descriptor, port->index, protocol);
    if (!error)
        error = announcer_watch(announcer, descriptor, source, port->index);
    return error;
}

static int open_sockets(struct mlb_announcer *announcer, struct port *port)
{
    int error = open_socket(announcer, port, PACKET_PROTOCOL_ARP);

    if (!error)
        error = open_socket(announcer, port, PACKET_PROTOCOL_IPV6);
    if (error) {
        close_sockets(port);
        return error;
    }
    port->group_failed = 0;
    join_vrrp(announcer, port->index, 1);
    return 0;
}

/* An interface that is gone already will be told of by netlink: no error. */
static int is_gone(int error)
{
    return error == -ENODEV || error == -ENXIO || error == -ENETDOWN;
}

/* Tells whether the interface has its sockets, now at the latest. */
static int have_sockets(struct mlb_announcer *announcer, struct port *port)
{
    int error;

    if (port->sockets[0] >= 0)
        return 1;
    error = open_sockets(announcer, port);
    if (!error)
        return 1;
    if (!is_gone(error))
        announcer_error(announcer, port, error, "cannot open the packet sockets");
    port->socket_failed = 1;
    announcer_retry_later(announcer);
    return 0;
}

/* The link table has it already, so the kernel's answer would bring nothing new. */
static void leave_behind(struct mlb_announcer *announcer)
{
    announcer->left_behind = 1;
    announcer_retry_later(announcer);
}

static void tell_core(struct mlb_announcer *announcer, struct port *port)
{
    struct announce_interface interface = {.index = port->index, .usable = port->usable};

    memcpy(interface.name, port->name, sizeof(interface.name));
    memcpy(interface.hardware_address, port->hardware_address, sizeof(interface.hardware_address));
    if (announce_set_interface(announcer->core, announcer->now, &interface) == MLB_OK)
        return;
    announcer_error(announcer, port, -ENOMEM, "cannot follow the interface");
    leave_behind(announcer);
}

/* Takes over name and hardware address; writes what is new, for a person. */
static void take_properties(struct port *port, const struct link *link, char *change, size_t size)
{
    const int renamed = strcmp(port->name, link->name) != 0;

    change[0] = 0;
    if (renamed)
        snprintf(change, size, "was %s", port->name);
    else if (memcmp(port->hardware_address, link->hardware_address,
                    sizeof(port->hardware_address)) != 0)
        snprintf(change, size, "new hardware address");
    memcpy(port->name, link->name, sizeof(port->name));
    memcpy(port->hardware_address, link->hardware_address, sizeof(port->hardware_address));
}

static const char *master_name(const struct mlb_announcer *announcer, const struct link *link)
{
    const struct link *master =
        link->master ? link_table_find(link_monitor_table(announcer->monitor), link->master) : NULL;

    return master ? master->name : NULL;
}

static void update_port(struct mlb_announcer *announcer, struct port *port, const struct link *link)
{
    const int was_usable = port->usable;
    const int excluded = name_patterns_match(&announcer->exclude, link->name);
    struct mlb_interface description;
    char change[64];
    int usable = link_usable(link, excluded, master_name(announcer, link), description.reason,
                             sizeof(description.reason));

    take_properties(port, link, change, sizeof(change));
    port->socket_failed = 0;
    if (!link_is_candidate(link, excluded))
        release_sockets(announcer, port);
    if (usable && !have_sockets(announcer, port)) {
        usable = 0;
        snprintf(description.reason, sizeof(description.reason), "no packet sockets");
    }
    port->usable = (uint8_t)usable;
    tell_core(announcer, port);
    if (usable && !was_usable)
        announcer_interface_event(announcer, MLB_ANNOUNCER_INTERFACE_UP, port, "");
    else if (!usable && was_usable)
        announcer_interface_event(announcer, MLB_ANNOUNCER_INTERFACE_DOWN, port,
                                  description.reason);
    else if (usable && change[0])
        announcer_interface_event(announcer, MLB_ANNOUNCER_INTERFACE_CHANGED, port, change);
}

void announcer_on_link(void *context, const struct link *link)
{
    struct mlb_announcer *announcer = context;
    struct port *port = announcer_find_port(announcer, link->index);

    if (!port)
        port = add_port(announcer, link);
    if (port) {
        update_port(announcer, port, link);
        return;
    }
    announcer_error(announcer, NULL, -ENOMEM, "cannot follow an interface");
    leave_behind(announcer);
}

void announcer_on_link_removed(void *context, uint32_t index)
{
    struct mlb_announcer *announcer = context;
    struct port *port = announcer_find_port(announcer, index);

    if (!port)
        return;
    if (port->usable)
        announcer_interface_event(announcer, MLB_ANNOUNCER_INTERFACE_DOWN, port, "removed");
    release_sockets(announcer, port);
    announce_remove_interface(announcer->core, announcer->now, index);
    announcer->port_count--;
    memmove(port, port + 1,
            (size_t)(announcer->ports + announcer->port_count - port) * sizeof(*port));
}

void announcer_on_address(void *context, uint32_t index, const char *name,
                          const struct mlb_address *address, int present)
{
    struct mlb_announcer *announcer = context;

    if (announce_local_address(announcer->core, index, name, address, present) >= 0)
        return;
    announcer_error(announcer, NULL, -ENOMEM, "cannot follow a local address");
    leave_behind(announcer);
}

static void close_port(struct mlb_announcer *announcer, struct port *port, const char *reason)
{
    const int was_usable = port->usable;

    release_sockets(announcer, port);
    port->usable = 0;
    port->socket_failed = 1;
    tell_core(announcer, port);
    if (was_usable)
        announcer_interface_event(announcer, MLB_ANNOUNCER_INTERFACE_DOWN, port, reason);
    announcer_retry_later(announcer);
}

void announcer_port_fail(struct mlb_announcer *announcer, struct port *port, int error,
                         const char *action)
{
    announcer_error(announcer, port, error, action);
    close_port(announcer, port, action);
}

void announcer_port_replaced(struct mlb_announcer *announcer, struct port *port)
{
    close_port(announcer, port, "removed");
}

/* Takes over all that the link table holds; what is known already does not change. */
static void catch_up(struct mlb_announcer *announcer, const struct link_table *table)
{
    announcer->left_behind = 0;
    for (size_t i = 0; i < table->link_count; i++)
        announcer_on_link(announcer, &table->links[i].link);
    for (size_t i = 0; i < table->address_count; i++) {
        const struct local_address *local = &table->addresses[i];
        const struct link *link = link_table_find(table, local->interface_index);

        announcer_on_address(announcer, local->interface_index, link ? link->name : "",
                             &local->address, 1);
    }
}

void announcer_retry_ports(struct mlb_announcer *announcer)
{
    const struct link_table *table = link_monitor_table(announcer->monitor);

    if (announcer->left_behind)
        catch_up(announcer, table);
    for (size_t i = 0; i < announcer->port_count; i++) {
        struct port *port = &announcer->ports[i];
        const struct link *link = port->socket_failed ? link_table_find(table, port->index) : NULL;
        if (link)
            update_port(announcer, port, link);
    }
}

void announcer_free_ports(struct mlb_announcer *announcer)
{
    for (size_t i = 0; i < announcer->port_count; i++)
        close_sockets(&announcer->ports[i]);
    free(announcer->ports);
}
