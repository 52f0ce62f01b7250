/* SPDX-License-Identifier: MIT */
/* Network interfaces as the kernel describes them, and which of them may announce addresses. */
#pragma once

#include <metallb/announcer.h>

#include <stddef.h>
#include <stdint.h>

/* Bytes of the name of a device type ("bridge") with its NUL. */
#define LINK_KIND_SIZE 32

struct link {
    uint32_t index;
    uint32_t flags;  /* IFF_* of netdevice(7), also those above 16 bits */
    uint32_t type;   /* ARPHRD_* */
    uint32_t master; /* index of the interface that this one belongs to, or 0 */
    char name[MLB_INTERFACE_NAME_SIZE];
    char master_kind[LINK_KIND_SIZE]; /* device type of the master */
    uint8_t hardware_address[MLB_HARDWARE_ADDRESS_SIZE];
    uint8_t has_hardware_address; /* it has one of Ethernet's length */
    uint8_t reserved;
};

/*
 * Tells whether an interface can announce addresses.
 *
 * @param excluded     1 if its name is excluded by configuration
 * @param master_name  NULL where it is not known
 * @param reason       why not, for a person; empty if it can
 * @return             1 if it can, else 0
 */
int link_usable(const struct link *link, int excluded, const char *master_name, char *reason,
                size_t size);

/*
 * Tells whether the interface may get usable again by a change of its state alone, so that its
 * sockets are worth keeping.
 */
int link_is_candidate(const struct link *link, int excluded);
