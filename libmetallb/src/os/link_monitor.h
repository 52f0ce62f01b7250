/* SPDX-License-Identifier: MIT */
/*
 * Follows the interfaces of a network namespace and their addresses by rtnetlink(7).
 *
 * Results are 0 or a negative errno.
 */
#pragma once

#include "os/link_table.h"

/* Who is told; the handlers must not call the monitor, but may read its table. */
struct link_handler {
    void *context;
    /* The interface is new or changed in any way. */
    void (*link)(void *context, const struct link *link);
    void (*link_removed)(void *context, uint32_t interface_index);
    /* An address stands on an interface now (present 1) or no longer; not told for the loopback
     * device and for kube-ipvs0, which hold service addresses by design. */
    void (*address)(void *context, uint32_t interface_index, const char *name,
                    const struct mlb_address *address, int present);
};

struct link_monitor;

int link_monitor_open(const struct link_handler *handler, struct link_monitor **ret);

/* NULL is ignored. */
void link_monitor_close(struct link_monitor *monitor);

/* Readable when link_monitor_receive() has work. */
int link_monitor_descriptor(const struct link_monitor *monitor);

/* Asks for everything anew; the answers tell what changed, also what is gone. */
int link_monitor_resynchronize(struct link_monitor *monitor);

/*
 * Takes at most limit messages without waiting. When the kernel had to drop some, everything is
 * asked for anew.
 */
int link_monitor_receive(struct link_monitor *monitor, size_t limit);

/* 1 while the answer to link_monitor_resynchronize() is not complete. */
int link_monitor_is_reading(const struct link_monitor *monitor);

const struct link_table *link_monitor_table(const struct link_monitor *monitor);
