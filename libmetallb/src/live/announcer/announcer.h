/* SPDX-License-Identifier: MIT */
/* The parts of a public announcer, shared by the files announcer*.c only. */
#pragma once

#include <metallb/announcer.h>

#include "announce/announce.h"
#include "os/filter.h"
#include "os/link_monitor.h"
#include "os/multicast.h"
#include "os/name_patterns.h"
#include "os/packet_socket.h"
#include "os/waker.h"

/* Frames that an interface keeps for later while its socket is full. */
#define PENDING_FRAMES 64

/* What a descriptor in the epoll set is; for a port the index of the interface stands beside. */
enum source {
    SOURCE_NETLINK,
    SOURCE_TIMER,
    SOURCE_VRRP_IPV4,
    SOURCE_VRRP_IPV6,
    SOURCE_ARP,
    SOURCE_NDP,
};

struct pending_frame {
    size_t length;
    enum packet_protocol protocol;
    uint8_t bytes[ANNOUNCE_FRAME_SIZE_MAX];
};

/* Frames in the order in which they are to leave. */
struct pending_ring {
    size_t first;
    size_t count;
    struct pending_frame frames[PENDING_FRAMES];
};

/* What the announcer has to do with one interface of the host. */
struct port {
    uint32_t index;
    char name[MLB_INTERFACE_NAME_SIZE];
    uint8_t hardware_address[MLB_HARDWARE_ADDRESS_SIZE];
    uint8_t usable;
    uint8_t socket_failed;              /* its sockets could not be opened; tried again */
    uint8_t group_failed;               /* a group could not be joined; the LAN is not told of it */
    int sockets[PACKET_PROTOCOL_COUNT]; /* -1: none */
    uint64_t frames;
    uint64_t foreign;
    uint64_t next_error;          /* no error is told before */
    struct pending_ring *pending; /* NULL while there was no need */
};

/* Events about interfaces and errors; the core keeps its own. */
struct event_queue {
    struct mlb_announcer_event *items;
    size_t count;
    size_t capacity;
};

struct mlb_announcer {
    struct announce *core;
    struct filter *filter;
    struct link_monitor *monitor;
    struct name_patterns exclude;
    struct multicast groups;
    struct packet_batch *batch;
    struct port *ports; /* ascending by index */
    size_t port_count;
    struct event_queue events;
    struct waker waker;
    uint64_t now;
    uint64_t retry_at;   /* when to try again what failed, or ANNOUNCE_NEVER */
    uint64_t send_at;    /* when to send what waits in ports, or ANNOUNCE_NEVER */
    uint64_t filter_at;  /* the filter is not replaced before, after it failed */
    uint64_t next_error; /* no error without an interface is told before */
    int changes_wait;    /* the next dispatch goes on with the changes of the core */
    int attach_wanted;   /* a rebuilt filter is not on all sockets yet */
    int resynchronize;   /* the interfaces have to be read anew */
    int left_behind;     /* memory was short for what the link table holds */
    int vrrp[2];         /* IPv4, IPv6; -1: none */
};

/* announcer.c */
int announcer_watch(struct mlb_announcer *announcer, int descriptor, enum source source,
                    uint32_t index);
void announcer_retry_later(struct mlb_announcer *announcer);

/* announcer_events.c */
void announcer_interface_event(struct mlb_announcer *announcer, uint32_t kind,
                               const struct port *port, const char *detail);
/* port may be NULL; error is a negative errno */
void announcer_error(struct mlb_announcer *announcer, struct port *port, int error,
                     const char *action);
int event_queue_take(struct event_queue *queue, struct mlb_announcer_event *event);
void event_queue_free(struct event_queue *queue);

/* announcer_ports.c */
struct port *announcer_find_port(const struct mlb_announcer *announcer, uint32_t index);
void announcer_port_fail(struct mlb_announcer *announcer, struct port *port, int error,
                         const char *action);
/* The interface that the sockets were bound to is gone; they are opened anew if there is another.
 */
void announcer_port_replaced(struct mlb_announcer *announcer, struct port *port);
void announcer_retry_ports(struct mlb_announcer *announcer);
void announcer_free_ports(struct mlb_announcer *announcer);
/* The handlers of the link monitor; context is the announcer. */
void announcer_on_link(void *context, const struct link *link);
void announcer_on_link_removed(void *context, uint32_t index);
void announcer_on_address(void *context, uint32_t index, const char *name,
                          const struct mlb_address *address, int present);

/* announcer_frames.c: what comes in */
size_t announcer_receive_frames(struct mlb_announcer *announcer, uint32_t index,
                                enum packet_protocol protocol, size_t limit);
void announcer_receive_vrrp(struct mlb_announcer *announcer, uint8_t family);

/* announcer_apply.c: what the core wants */
void announcer_apply_changes(struct mlb_announcer *announcer);
/* When the filter is to be replaced, or ANNOUNCE_NEVER */
uint64_t announcer_filter_deadline(const struct mlb_announcer *announcer);
void announcer_send_frames(struct mlb_announcer *announcer);
void announcer_drop_pending(struct mlb_announcer *announcer);
