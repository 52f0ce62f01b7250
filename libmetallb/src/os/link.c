/* SPDX-License-Identifier: MIT */
#include "os/link.h"

/* This header and not <net/if.h>: only it has the flags above 16 bits. */
#include <linux/if.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <string.h>

static int refuse(char *reason, size_t size, const char *text)
{
    snprintf(reason, size, "%s", text);
    return 0;
}

/*
 * A bond, bridge, team or Open vSwitch takes the frames of its ports: its LAN is reached through
 * the master. A VRF only chooses a routing table; its members stay interfaces of their own.
 */
static int is_port(const struct link *link)
{
    return link->master != 0 && strcmp(link->master_kind, "vrf") != 0;
}

static int refuse_port(const struct link *link, const char *master_name, char *reason, size_t size)
{
    if (master_name)
        snprintf(reason, size, "port of %s", master_name);
    else
        snprintf(reason, size, "port of interface %u", link->master);
    return 0;
}

/* What a change of its state does not make good. */
static const char *lasting_obstacle(const struct link *link, int excluded)
{
    if (excluded)
        return "excluded by name";
    if (link->flags & IFF_LOOPBACK)
        return "loopback";
    if (link->type != ARPHRD_ETHER || !link->has_hardware_address)
        return "not Ethernet";
    if (link->flags & IFF_NOARP)
        return "NOARP";
    if (!(link->flags & IFF_BROADCAST))
        return "no broadcast";
    return NULL;
}

int link_usable(const struct link *link, int excluded, const char *master_name, char *reason,
                size_t size)
{
    const char *obstacle = lasting_obstacle(link, excluded);

    if (obstacle)
        return refuse(reason, size, obstacle);
    if (is_port(link))
        return refuse_port(link, master_name, reason, size);
    if (!(link->flags & IFF_UP))
        return refuse(reason, size, "down");
    if (!(link->flags & IFF_LOWER_UP))
        return refuse(reason, size, "no carrier");
    if (link->flags & IFF_DORMANT)
        return refuse(reason, size, "dormant");
    /* The carrier is told before the queue of the interface is in place; until then frames that we
     * send are lost without an error. */
    if (!(link->flags & IFF_RUNNING))
        return refuse(reason, size, "not running");
    refuse(reason, size, "");
    return 1;
}

int link_is_candidate(const struct link *link, int excluded)
{
    return !lasting_obstacle(link, excluded) && !is_port(link);
}
