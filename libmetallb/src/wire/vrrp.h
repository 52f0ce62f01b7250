/* SPDX-License-Identifier: MIT */
/* Advertisements of the Virtual Router Redundancy Protocol, versions 2 and 3 (RFC 3768, 5798). */
#pragma once

#include <metallb/address.h>

#define VRRP_PROTOCOL 112

/* What an advertisement says; the addresses alias the bytes parsed. */
struct vrrp_advertisement {
    uint8_t version; /* 2 or 3 */
    uint8_t router;  /* virtual router identifier */
    uint8_t priority;
    uint8_t family; /* of the addresses: MLB_FAMILY_IPV4 or MLB_FAMILY_IPV6 */
    uint8_t count;  /* of the addresses */
    const uint8_t *addresses;
};

/*
 * Parses the payload of IP protocol 112.
 *
 * @param source  of the IP packet; the addresses are of its family
 * @return        MLB_OK, MLB_ERROR_MALFORMED also for a wrong checksum or another version
 */
int32_t vrrp_parse(const struct mlb_address *source, const uint8_t *bytes, size_t length,
                   struct vrrp_advertisement *advertisement);

/*
 * Builds the payload of an advertisement with its checksum, without authentication.
 *
 * @return  its length, or 0 if that is more than capacity
 */
size_t vrrp_build(const struct mlb_address *source, const struct vrrp_advertisement *advertisement,
                  uint8_t *buffer, size_t capacity);

/* The address at an index below count. */
void vrrp_address(const struct vrrp_advertisement *advertisement, size_t index,
                  struct mlb_address *address);
