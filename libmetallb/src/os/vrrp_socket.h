/* SPDX-License-Identifier: MIT */
/*
 * Hears the advertisements of VRRP (RFC 5798) on chosen interfaces.
 *
 * Results are 0 or a count, or a negative errno.
 */
#pragma once

#include <metallb/address.h>

#include <stddef.h>
#include <stdint.h>

/* More than any advertisement: 255 IPv4 addresses need 1 036 bytes. */
#define VRRP_PAYLOAD_SIZE 1500

struct vrrp_message {
    uint32_t interface_index;
    struct mlb_address source;
    size_t length;
    uint8_t payload[VRRP_PAYLOAD_SIZE]; /* what follows the IP header */
};

/* A raw socket for one family (MLB_FAMILY_*), which hears nothing yet; a descriptor. */
int vrrp_socket_open(uint8_t family);

/* Listens on an interface too, or (join 0) no longer. */
int vrrp_socket_membership(int descriptor, uint8_t family, uint32_t interface_index, int join);

/* Takes one message without waiting: 1 with one, 0 when none waits. */
int vrrp_socket_receive(int descriptor, uint8_t family, struct vrrp_message *message);
