/* SPDX-License-Identifier: MIT */
/*
 * Settings of network interfaces that keep the kernel from answering ARP for addresses on the
 * loopback device (arp_ignore) and from using them in its own requests (arp_announce). What they
 * were is remembered and put back.
 */
#pragma once

#include <metallb/announcer.h>
#include <stddef.h>

#include "common/log.h"
#include "speaker/reporting/reports.h"

struct used_interface {
    uint32_t index;
    char name[MLB_INTERFACE_NAME_SIZE];
};

struct interface_settings;

/* root is the directory of the settings, "/proc/sys/net/ipv4/conf"; NULL without memory. */
struct interface_settings *interface_settings_new(const char *root, const struct log *log,
                                                  struct reports *reports);

/*
 * Makes the settings of these interfaces what we need, and puts back those of interfaces that are
 * used no longer. Renamed interfaces are known by their index. What fails is reported; settings
 * that do not exist only the second time, because the kernel tells of an interface before it makes
 * them.
 *
 * Returns whether all succeeded; else the caller should call again a little later.
 */
bool interface_settings_use(struct interface_settings *settings,
                            const struct used_interface *interfaces, size_t count);

/* Puts back everything and frees; NULL is ignored. */
void interface_settings_free(struct interface_settings *settings);
