/* SPDX-License-Identifier: MIT */
/* A LAN in virtual time for the tests of the announcer's core. */
#pragma once

#include "announce/announce.h"
#include "wire/arp.h"
#include "wire/ndp.h"

#define MILLISECOND UINT64_C(1000000)
#define SECOND      UINT64_C(1000000000)

/* A frame that the core sent. */
struct sent {
    uint64_t time;
    uint32_t interface_index;
    enum announce_frame_kind kind;
    size_t length;
    uint8_t bytes[ANNOUNCE_FRAME_SIZE_MAX];
};

/* Hardware addresses: 02:00:00:00:00:<index> of our interfaces, 02:aa:00:00:00:<number> of others.
 */
extern const uint8_t client_hardware[6];
extern const uint8_t rival_hardware[6];

struct mlb_address address_of(const char *text);

void own_hardware(uint32_t interface_index, uint8_t *hardware_address);

/* A core with usable interfaces 1 ("eth1") to `interfaces`, at time 0. */
struct announce *lab_new(uint32_t interfaces);

void lab_set_interface(struct announce *core, uint64_t now, uint32_t index, const char *name,
                       uint8_t usable);

void lab_add(struct announce *core, uint64_t now, const char *address);

/* Takes all frames that may be sent now. */
size_t lab_drain(struct announce *core, uint64_t now, struct sent *sent, size_t capacity);

/* Lets the time pass and takes all frames; the deadlines alone move it on. */
size_t lab_run(struct announce *core, uint64_t from, uint64_t to, struct sent *sent,
               size_t capacity);

/* Takes all frames that come within a time and throws them away. */
void lab_settle(struct announce *core, uint64_t from, uint64_t to);

/* A request for target by the client at 192.0.2.1, broadcast; change it, then lab_arp(). */
struct arp_packet arp_request_for(const char *target);

enum announce_verdict lab_arp(struct announce *core, uint32_t interface_index,
                              const uint8_t *destination, const struct arp_packet *packet);

/* A solicitation for target by the client at fe80::2 to the target's group, with the option. */
struct ndp_message solicitation_for(const char *target);

/* Brings in a message from `source`, to the hardware address that suits its destination. */
enum announce_verdict lab_ndp(struct announce *core, uint32_t interface_index,
                              const uint8_t *source, const struct ndp_message *message);

struct mlb_announcer_counters lab_counters(const struct announce *core, const char *address,
                                           uint32_t interface_index);
