/* SPDX-License-Identifier: MIT */
/* Profiles of timing and the bounds of their values. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "membership/core.h"

#define TIME_MAX 3600000

/*
 * The values of `fast` and what they do, as bench/sim shows it (docs/performance.md):
 *
 * Probes: an interval of 100 ms declares a crashed node after 458 ms in the median and 613 ms in 99
 * of 100 cases with 3 nodes, after 767 and 1181 ms with 100; with 110 ms it is 508 with 3.
 * It costs each node 20 packets and 1 kB a second, however many there are. The timeout leaves an
 * answer 40 ms, and more than half of the interval to those who probe in our place.
 *
 * Suspicion: 3 is the least multiplier with which an accusation must be confirmed, also among three
 * nodes. A process may stand still for 300 ms. Without confirmation a node has three times as long,
 * which is at least nine probes, each of which tells it of the accusation.
 *
 * Gossip: with 4 transmissions, as in `lan`, a node missed another one until the next full exchange
 * in one or two of a hundred groups of 8 or 50 that started at once; with 8 in none of 300. They
 * cost nothing while nothing happens. A full exchange each 5 s is what repairs the rest: 88 bytes a
 * second with 3 nodes, 240 with 320.
 */
static const struct mlb_membership_timing profiles[] = {
    [MLB_MEMBERSHIP_FAST] =
        {
            .struct_size = sizeof(struct mlb_membership_timing),
            .probe_interval = 100,
            .probe_timeout = 40,
            .gossip_interval = 50,
            .gossip_to_the_dead = 30000,
            .push_pull_interval = 5000,
            .stream_timeout = 3000,
            .seed_interval = 1000,
            .indirect_checks = 3,
            .gossip_nodes = 3,
            .retransmit_multiplier = 8,
            .suspicion_multiplier = 3,
            .suspicion_max_multiplier = 3,
            .awareness_max = 8,
        },
    /* memberlist's DefaultLANConfig, which MetalLB uses; it knows no seed interval. */
    [MLB_MEMBERSHIP_LAN] =
        {
            .struct_size = sizeof(struct mlb_membership_timing),
            .probe_interval = 1000,
            .probe_timeout = 500,
            .gossip_interval = 200,
            .gossip_to_the_dead = 30000,
            .push_pull_interval = 30000,
            .stream_timeout = 10000,
            .seed_interval = 1000,
            .indirect_checks = 3,
            .gossip_nodes = 3,
            .retransmit_multiplier = 4,
            .suspicion_multiplier = 4,
            .suspicion_max_multiplier = 6,
            .awareness_max = 8,
        },
    /* memberlist's DefaultWANConfig */
    [MLB_MEMBERSHIP_WAN] =
        {
            .struct_size = sizeof(struct mlb_membership_timing),
            .probe_interval = 5000,
            .probe_timeout = 3000,
            .gossip_interval = 500,
            .gossip_to_the_dead = 60000,
            .push_pull_interval = 60000,
            .stream_timeout = 30000,
            .seed_interval = 5000,
            .indirect_checks = 3,
            .gossip_nodes = 4,
            .retransmit_multiplier = 4,
            .suspicion_multiplier = 6,
            .suspicion_max_multiplier = 6,
            .awareness_max = 8,
        },
};

int32_t membership_timing_init(uint32_t profile, struct mlb_membership_timing *timing)
{
    if (profile >= sizeof(profiles) / sizeof(profiles[0]))
        return MLB_ERROR_INVALID_ARGUMENT;
    *timing = profiles[profile];
    return MLB_OK;
}

struct bound {
    const char *name;
    size_t offset;
    uint32_t least;
    uint32_t most;
};

#define BOUND(name, least, most)                                         \
    {                                                                    \
#name, offsetof(struct mlb_membership_timing, name), least, most \
    }

static const struct bound bounds[] = {
    BOUND(flags, 0, MLB_MEMBERSHIP_NO_STREAM_PINGS),
    BOUND(probe_interval, 1, TIME_MAX),
    BOUND(probe_timeout, 1, TIME_MAX),
    BOUND(gossip_interval, 1, TIME_MAX),
    BOUND(gossip_to_the_dead, 1, TIME_MAX),
    BOUND(push_pull_interval, 1, TIME_MAX),
    BOUND(stream_timeout, 1, TIME_MAX),
    BOUND(seed_interval, 1, TIME_MAX),
    BOUND(indirect_checks, 0, 16),
    BOUND(gossip_nodes, 1, 16),
    BOUND(retransmit_multiplier, 1, 16),
    BOUND(suspicion_multiplier, 1, 16),
    BOUND(suspicion_max_multiplier, 1, 16),
    BOUND(awareness_max, 1, 16),
};

__attribute__((format(printf, 4, 5))) static int32_t refuse(struct timing_fault *ret,
                                                            const char *name, uint32_t value,
                                                            const char *format, ...)
{
    struct timing_fault fault = {.name = name};
    const int length = snprintf(fault.text, sizeof(fault.text), "%s is %u; ", name, value);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(fault.text + length, sizeof(fault.text) - (size_t)length, format, arguments);
    va_end(arguments);
    if (ret)
        *ret = fault;
    return MLB_ERROR_INVALID_ARGUMENT;
}

int32_t membership_timing_check(const struct mlb_membership_timing *timing,
                                struct timing_fault *fault)
{
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        uint32_t value = 0;

        memcpy(&value, (const char *)timing + bounds[i].offset, sizeof(value));
        if (value < bounds[i].least || value > bounds[i].most)
            return refuse(fault, bounds[i].name, value, "it can be %u to %u", bounds[i].least,
                          bounds[i].most);
    }
    if (timing->reserved)
        return refuse(fault, "reserved", timing->reserved, "set it to 0");
    /* memberlist's own WAN values are beyond half of the interval. */
    if (timing->probe_timeout >= timing->probe_interval)
        return refuse(fault, "probe_timeout", timing->probe_timeout,
                      "it must be less than probe_interval, which is %u", timing->probe_interval);
    return MLB_OK;
}
