/* SPDX-License-Identifier: MIT */
/*
 * The kernel's filter of all packet sockets: it passes only frames about the addresses announced.
 * An eBPF set where it may be loaded, else classic BPF, exact while the kernel takes the program
 * and over covering intervals beyond.
 *
 * Results are 0 or a negative errno.
 */
#pragma once

#include "os/packet_socket.h"

#include <metallb/announcer.h>

#include <stddef.h>
#include <stdint.h>

struct filter;

/* An empty set; NULL without memory. */
struct filter *filter_new(int allow_ebpf);

void filter_free(struct filter *filter);

/* The kind in force: MLB_FILTER_EBPF, MLB_FILTER_CLASSIC or MLB_FILTER_COVERING. */
uint8_t filter_kind(const struct filter *filter);

/*
 * Follow a change of the set. In force at once with eBPF; where filter_is_stale() says so
 * afterwards, after filter_rebuild() only.
 */
void filter_add(struct filter *filter, const struct mlb_address *address);
void filter_remove(struct filter *filter, const struct mlb_address *address);

int filter_is_stale(const struct filter *filter);

/* Makes the programs for these addresses anew; attach them to every socket then. */
int filter_rebuild(struct filter *filter, const struct mlb_address *addresses, size_t count);

/*
 * Attaches the filter to a socket, in place of the one that it has. Where the kernel refuses an
 * exact program for its length, it and those attached later are covering ones.
 */
int filter_attach(struct filter *filter, int descriptor, enum packet_protocol protocol);
