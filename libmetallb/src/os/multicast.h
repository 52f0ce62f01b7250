/* SPDX-License-Identifier: MIT */
/*
 * Memberships of IPv6 multicast groups, as many as wanted: the kernel reports them to the LAN
 * (MLD, RFC 3810), so that snooping switches forward their frames to us.
 *
 * Results are 0 or a negative errno.
 */
#pragma once

#include <metallb/address.h>

#include <stddef.h>
#include <stdint.h>

/* One socket holds a few hundred memberships (net.core.optmem_max), so there are several. */
struct multicast {
    int *sockets;
    size_t count;
    size_t next; /* none before this one has room */
};

void multicast_close(struct multicast *multicast);

/* Joining a group again that is joined already is no error. */
int multicast_join(struct multicast *multicast, uint32_t interface_index,
                   const struct mlb_address *group);

/* A group that is not joined is no error. */
void multicast_leave(struct multicast *multicast, uint32_t interface_index,
                     const struct mlb_address *group);
