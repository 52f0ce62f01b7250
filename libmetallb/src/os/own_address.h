/* SPDX-License-Identifier: MIT */
/*
 * The address that this host has to the others.
 *
 * Results are 0 or a negative errno.
 */
#pragma once

#include <metallb/address.h>

/*
 * The address of this host that others most likely reach it by: the source of the default route,
 * or without one the first address of an interface that is up and valid beyond its link.
 *
 * @param family  MLB_FAMILY_IPV4 or MLB_FAMILY_IPV6
 * @return        0, -EADDRNOTAVAIL where there is none, or another negative errno
 */
int own_address_find(uint8_t family, struct mlb_address *address);
