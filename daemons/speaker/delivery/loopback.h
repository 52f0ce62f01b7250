/* SPDX-License-Identifier: MIT */
/*
 * Addresses on the loopback device that carry our mark and a bounded lifetime, so that the kernel
 * delivers what is sent to them to local servers, and forgets them if we do.
 */
#pragma once

#include <metallb/address.h>
#include <stdbool.h>

struct loopback;

/* Returns 0 or a negative errno. */
int loopback_new(struct loopback **loopback);

/* Leaves the addresses as they are; NULL is ignored. */
void loopback_free(struct loopback *loopback);

/* Whether the loopback device is up: without that the kernel delivers nothing. */
bool loopback_is_up(const struct loopback *loopback);

/* Returns 0, -EEXIST when the address stands on the device already, or another negative errno. */
int loopback_add(struct loopback *loopback, const struct mlb_address *address,
                 unsigned lifetime_seconds);

/* Sets the lifetime of an address added before, and puts it back if somebody removed it. */
int loopback_renew(struct loopback *loopback, const struct mlb_address *address,
                   unsigned lifetime_seconds);

/* Returns 0, also when the address is not there, or a negative errno. */
int loopback_remove(struct loopback *loopback, const struct mlb_address *address);

/* Whether the kernel delivers what is sent to an address of this host now. An IPv6 address counts
 * only a moment after it was added. */
bool loopback_delivers(struct loopback *loopback, const struct mlb_address *address);

/* Calls found for each address on the device that carries our mark: what a former run left. */
int loopback_list(struct loopback *loopback,
                  void (*found)(void *context, const struct mlb_address *address), void *context);
