/* SPDX-License-Identifier: MIT */
/*
 * The decisions of the announcer: which frames to answer, what to tell the LAN and when, without
 * I/O, clock or randomness. Whoever owns the sockets drives it:
 *
 *     input, tick or any other change -> output until 0 -> next_change until 0 ->
 *     next_event until 0 -> deadline
 *
 * Every `now` is monotonic nanoseconds of the caller's clock; one that goes back counts as the
 * latest seen. Addresses, interface indexes and bytes are copied. A call that fails changes
 * nothing. An object belongs to one thread at a time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <metallb/announcer.h>

/* No deadline. */
#define ANNOUNCE_NEVER UINT64_MAX

/* Bytes of the longest frame that announce_output() writes: a neighbour advertisement. */
#define ANNOUNCE_FRAME_SIZE_MAX 86

/* Answers that wait for announce_output(); what comes when all are taken is not answered. */
#define ANNOUNCE_ANSWERS_MAX 512

struct announce;

struct announce_options {
    uint64_t repeat_interval;   /* between two sets of one address; 1.1 s */
    uint64_t repeat_duration;   /* sets are sent until so long after their last cause; 5 s */
    uint64_t refresh_interval;  /* between two sets after that; 0: none */
    uint32_t burst_frames;      /* frames at once on one interface; 64 */
    uint32_t frames_per_second; /* and then; 1 000, at least 1 */
};

/* An interface of the host. Give the unusable ones too: their frames are no conflict. */
struct announce_interface {
    uint32_t index;
    char name[MLB_INTERFACE_NAME_SIZE];
    uint8_t hardware_address[MLB_HARDWARE_ADDRESS_SIZE];
    uint8_t usable; /* 1: answer and announce on it */
};

/* What announce_input() made of a frame. */
enum announce_verdict {
    ANNOUNCE_IGNORED, /* malformed, our own, tagged, or of a kind that asks nothing of us */
    ANNOUNCE_FOREIGN, /* sound, but about an address that is not announced on the interface */
    ANNOUNCE_TAKEN,   /* about an announced address: answered or a conflict */
};

/* The protocol of a frame, so that it leaves by the right socket. */
enum announce_frame_kind {
    ANNOUNCE_FRAME_ARP,
    ANNOUNCE_FRAME_NDP,
};

/* What the operating system's side has to follow. */
enum announce_change_kind {
    ANNOUNCE_FILTER_ADD,    /* frames about the address must reach us */
    ANNOUNCE_FILTER_REMOVE, /* they need not any more */
    ANNOUNCE_GROUP_JOIN,    /* listen to a solicited-node group on an interface */
    ANNOUNCE_GROUP_LEAVE,   /* no longer; the interface may be gone already */
};

struct announce_change {
    enum announce_change_kind kind;
    uint32_t interface_index;   /* of the groups; else 0 */
    struct mlb_address address; /* the announced address or the group */
};

/* Fills in the defaults named above. */
void announce_options_init(struct announce_options *options);

/*
 * Makes an announcer without addresses and interfaces.
 *
 * @param options  NULL for the defaults
 * @return         MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
int32_t announce_new(const struct announce_options *options, struct announce **ret);

/* NULL is ignored. */
void announce_free(struct announce *core);

/*
 * Adds an interface or changes the one of the same index. Where it became usable, has a new
 * hardware address or a new name that an address is restricted to, the LAN is told.
 *
 * @return  MLB_OK, MLB_ERROR_INVALID_ARGUMENT for index 0 or a name without NUL,
 *          MLB_ERROR_NO_MEMORY
 */
int32_t announce_set_interface(struct announce *core, uint64_t now,
                               const struct announce_interface *interface);

/* Forgets an interface; an unknown index is ignored. */
void announce_remove_interface(struct announce *core, uint64_t now, uint32_t interface_index);

/*
 * Announces an address on all usable interfaces (count 0) or on those named. An address that is
 * announced already only gets the new set of interfaces; the LAN is told on those that are new.
 *
 * @return  MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
int32_t announce_add(struct announce *core, uint64_t now, const struct mlb_address *address,
                     const char *const *names, size_t count);

/*
 * Withdraws an address: answers that wait for output are not sent any more.
 *
 * @return  MLB_OK, MLB_ERROR_NOT_FOUND
 */
int32_t announce_remove(struct announce *core, uint64_t now, const struct mlb_address *address);

/*
 * Tells the LAN about an announced address as if it were new.
 *
 * @return  MLB_OK, MLB_ERROR_NOT_FOUND
 */
int32_t announce_repeat(struct announce *core, uint64_t now, const struct mlb_address *address);

/*
 * Takes a frame that came in on an interface.
 *
 * @param bytes   the frame from its Ethernet header on
 * @param tagged  1 if it carried a VLAN tag that the kernel took off, or was for another host
 */
enum announce_verdict announce_input(struct announce *core, uint64_t now, uint32_t interface_index,
                                     const uint8_t *bytes, size_t length, int tagged);

/*
 * Takes a VRRP advertisement, versions 2 and 3: the payload of IP protocol 112, without the IP
 * header.
 *
 * @param source  of the IP packet; its family is that of the addresses advertised
 * @return        how many of the announced addresses it names
 */
size_t announce_input_vrrp(struct announce *core, uint64_t now, uint32_t interface_index,
                           const struct mlb_address *source, const uint8_t *bytes, size_t length);

/*
 * Tells that an address stands on a local interface or no longer does. Kept also while the address
 * is not announced. Interfaces whose addresses mean nothing (lo, kube-ipvs0) are for the caller to
 * leave out. announce_remove_interface() forgets the addresses of that interface.
 *
 * @param name     of the interface, for the event; need not be known by announce_set_interface()
 * @param present  1 it does, 0 it does not
 * @return         MLB_OK, MLB_ERROR_INVALID_ARGUMENT, MLB_ERROR_NO_MEMORY
 */
int32_t announce_local_address(struct announce *core, uint32_t interface_index, const char *name,
                               const struct mlb_address *address, int present);

/*
 * Writes the next frame to send: answers first, then announcements as far as the pacing allows at
 * `now`.
 *
 * @param buffer    room for ANNOUNCE_FRAME_SIZE_MAX bytes; with less nothing is written
 * @return          the bytes of the frame; 0 when there is none now
 */
size_t announce_output(struct announce *core, uint64_t now, uint8_t *buffer, size_t capacity,
                       uint32_t *interface_index, enum announce_frame_kind *kind);

/*
 * When to call announce_tick() and announce_output() at the latest: 0 for at once, ANNOUNCE_NEVER
 * for not before something else happens.
 */
uint64_t announce_deadline(const struct announce *core);

/* Does what is due at `now`. */
void announce_tick(struct announce *core, uint64_t now);

/*
 * Takes the next event, of the kinds CONFLICT, LOCAL_ADDRESS, LOCAL_REMOVED and VRRP. Of those that
 * come faster than they are taken one for each address and kind is kept, the oldest, and counted
 * up.
 *
 * @param event  written but for struct_size
 * @return       1 with an event, 0 when there is none
 */
int announce_next_event(struct announce *core, struct mlb_announcer_event *event);

/*
 * Takes the next change for the operating system's side. Changes that cancel each other before they
 * are taken do not appear.
 *
 * @return  1 with a change, 0 when there is none
 */
int announce_next_change(struct announce *core, struct announce_change *change);

/*
 * Copies the counters of an address; struct_size is left as it is.
 *
 * @param interface_index  0 for the sum, past interfaces included
 * @return                 MLB_OK, MLB_ERROR_NOT_FOUND
 */
int32_t announce_counters(const struct announce *core, const struct mlb_address *address,
                          uint32_t interface_index, struct mlb_announcer_counters *counters);

/* 1 if the address is announced on the interface now, 0 if not, MLB_ERROR_NOT_FOUND. */
int32_t announce_announces_on(const struct announce *core, const struct mlb_address *address,
                              uint32_t interface_index);

/* How many addresses are announced. */
size_t announce_count(const struct announce *core);

/*
 * The announced address at a position; positions change with announce_add() and
 * announce_remove().
 *
 * @return  MLB_OK, MLB_ERROR_NOT_FOUND behind the last
 */
int32_t announce_address_at(const struct announce *core, size_t position,
                            struct mlb_address *address);
