/* SPDX-License-Identifier: MIT */
/*
 * Membership of large groups in virtual time: how fast crashes are found, what a group at rest
 * sends, how long it takes to meet and to heal, how often a living node is taken for dead, which
 * pauses of a process are survived. The same seed gives the same figures on any machine.
 *
 *     bench-sim [-p fast|lan|wan] [-t NAME=VALUE]... [-n NODES[,NODES]...] [-r REPETITIONS]
 *               [-l LOSS] [-d SECONDS] [-s SEED] detection|idle|join|heal|quiet|stall
 *
 * -t sets one value of the timing, -l is the percentage of packets lost, -d the virtual time of a
 * group at rest. `quiet` can be split over processes with different seeds: their counts add up.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "simulator/measure.h"

#define SIZES_MAX 16

/* Longer than a verdict can take, so that a node that was touched is not counted as falsely
 * accused. */
#define GRACE (20 * SIM_SECOND)

struct settings {
    struct mlb_membership_timing timing;
    uint32_t sizes[SIZES_MAX];
    size_t size_count;
    uint32_t repetitions;
    double loss;
    double seconds;
    uint64_t seed;
};

static const struct {
    const char *name;
    size_t offset;
} values[] = {
    {"probe_interval", offsetof(struct mlb_membership_timing, probe_interval)},
    {"probe_timeout", offsetof(struct mlb_membership_timing, probe_timeout)},
    {"gossip_interval", offsetof(struct mlb_membership_timing, gossip_interval)},
    {"gossip_to_the_dead", offsetof(struct mlb_membership_timing, gossip_to_the_dead)},
    {"push_pull_interval", offsetof(struct mlb_membership_timing, push_pull_interval)},
    {"seed_interval", offsetof(struct mlb_membership_timing, seed_interval)},
    {"indirect_checks", offsetof(struct mlb_membership_timing, indirect_checks)},
    {"gossip_nodes", offsetof(struct mlb_membership_timing, gossip_nodes)},
    {"retransmit_multiplier", offsetof(struct mlb_membership_timing, retransmit_multiplier)},
    {"suspicion_multiplier", offsetof(struct mlb_membership_timing, suspicion_multiplier)},
    {"suspicion_max_multiplier", offsetof(struct mlb_membership_timing, suspicion_max_multiplier)},
    {"awareness_max", offsetof(struct mlb_membership_timing, awareness_max)},
};

static void usage(void)
{
    fprintf(stderr, "usage: bench-sim [-p fast|lan|wan] [-t NAME=VALUE]... [-n NODES,...] "
                    "[-r REPETITIONS] [-l LOSS] [-d SECONDS] [-s SEED] "
                    "detection|idle|join|heal|quiet|stall\n");
    exit(2);
}

static double milliseconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / 1e6;
}

static double processor_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static struct measure measure_of(const struct settings *settings, uint32_t nodes)
{
    return (struct measure){.options = {.seed = settings->seed,
                                        .node_count = nodes,
                                        .timing = settings->timing,
                                        .loss = settings->loss,
                                        .disagreement_max = GRACE}};
}

static void require(const struct measure *measure, int result)
{
    if (result == 0)
        return;
    fprintf(stderr, "bench-sim: %s\n", measure->reason);
    exit(1);
}

static void print_percentiles(struct figures *figures)
{
    printf(" | %8.0f | %8.0f | %8.0f", milliseconds(figures_percentile(figures, 50)),
           milliseconds(figures_percentile(figures, 99)),
           milliseconds(figures_percentile(figures, 100)));
    figures_free(figures);
}

static void run_detection(const struct settings *settings, uint32_t nodes)
{
    struct measure measure = measure_of(settings, nodes);
    struct figures first = {0};
    struct figures last = {0};

    require(&measure, measure_detection(&measure, settings->repetitions, &first, &last));
    printf("| %5u | %7u", nodes, settings->repetitions);
    print_percentiles(&first);
    print_percentiles(&last);
    printf(" | %5" PRIu64 " |\n", measure.counts.false_positives);
}

static void run_idle(const struct settings *settings, uint32_t nodes)
{
    struct measure measure = measure_of(settings, nodes);
    struct sim_traffic traffic;
    const uint64_t duration = (uint64_t)(settings->seconds * 1e9);
    const double node_seconds = settings->seconds * nodes;

    require(&measure, measure_idle(&measure, duration, &traffic));
    printf("| %5u | %9.0f | %9.1f | %9.0f | %9.0f |\n", nodes, milliseconds(measure.joined),
           (double)traffic.packets / node_seconds, (double)traffic.packet_bytes / node_seconds,
           (double)traffic.stream_bytes / node_seconds);
}

static uint64_t join_once(struct measure *measure, struct sim_traffic *sum)
{
    struct sim *sim = sim_new(&measure->options);
    const uint64_t time = measure_join(sim, 3600 * SIM_SECOND);
    struct sim_traffic traffic;

    if (time == SIM_NEVER)
        snprintf(measure->reason, sizeof(measure->reason), "the group did not meet in an hour");
    sim_traffic_total(sim, &traffic);
    sum->packets += traffic.packets;
    sum->packet_bytes += traffic.packet_bytes;
    sum->stream_bytes += traffic.stream_bytes;
    sim_free(sim);
    return time;
}

static void run_join(const struct settings *settings, uint32_t nodes)
{
    struct measure measure = measure_of(settings, nodes);
    struct figures times = {0};
    struct sim_traffic sum = {0};
    const double joins = (double)nodes * settings->repetitions;

    for (uint32_t i = 0; i < settings->repetitions; i++, measure.options.seed++) {
        figures_add(&times, join_once(&measure, &sum));
        require(&measure, measure.reason[0] ? -1 : 0);
    }
    printf("| %5u | %6u", nodes, settings->repetitions);
    print_percentiles(&times);
    printf(" | %9.0f | %9.0f | %11.0f |\n", (double)sum.packets / joins,
           (double)sum.packet_bytes / joins, (double)sum.stream_bytes / joins);
}

static void run_heal(const struct settings *settings, uint32_t nodes)
{
    struct measure measure = measure_of(settings, nodes);
    struct figures halves = {0};
    struct figures alone = {0};

    require(&measure, measure_heal(&measure, 2, 0, settings->repetitions, &halves));
    require(&measure, measure_heal(&measure, 2, 1, settings->repetitions, &alone));
    printf("| %5u | %6u", nodes, settings->repetitions);
    print_percentiles(&halves);
    print_percentiles(&alone);
    printf(" |\n");
}

static void run_quiet(const struct settings *settings, uint32_t nodes)
{
    struct measure measure = measure_of(settings, nodes);

    require(&measure, measure_quiet(&measure, (uint64_t)(settings->seconds * 1e9)));
    printf("| %5u | %10.1f | %8" PRIu64 " | %10" PRIu64 " |\n", nodes,
           settings->seconds * nodes / 3600, measure.counts.false_positives,
           measure.counts.false_suspicions);
}

static void run_stall(const struct settings *settings, uint32_t nodes)
{
    struct measure measure = measure_of(settings, nodes);

    printf("| %5u | %6u", nodes, settings->repetitions);
    for (uint32_t length = 100; length <= 600; length += 100) {
        uint32_t failed;

        require(&measure, measure_stall(&measure, (uint64_t)length * SIM_MILLISECOND,
                                        settings->repetitions, &failed));
        printf(" | %5.1f", 100.0 * failed / settings->repetitions);
    }
    printf(" |\n");
}

static const struct {
    const char *name;
    void (*run)(const struct settings *settings, uint32_t nodes);
    const char *heading;
} measures[] = {
    {"detection", run_detection,
     "| nodes | crashes | first ms: p50 | p99 | max | last: p50 | p99 | max | false |"},
    {"idle", run_idle, "| nodes | met after ms | packets/s | bytes/s | stream bytes/s | per node"},
    {"join", run_join,
     "| nodes | groups | ms: p50 | p99 | max | packets | bytes | stream bytes | per node"},
    {"heal", run_heal,
     "| nodes | splits | halves ms: p50 | p99 | max | one node: p50 | p99 | max |"},
    {"quiet", run_quiet,
     "| nodes | node-hours | false positives | false suspicions of observers |"},
    {"stall", run_stall,
     "| nodes | stalls | percent taken for failed: 100 ms | 200 | 300 | 400 | 500 | 600 |"},
};

static void set_profile(struct settings *settings, const char *name)
{
    static const char *const names[] = {"fast", "lan", "wan"};

    for (uint32_t profile = 0; profile < 3; profile++) {
        if (strcmp(name, names[profile]) == 0 &&
            membership_timing_init(profile, &settings->timing) == MLB_OK)
            return;
    }
    usage();
}

static void set_value(struct settings *settings, const char *text)
{
    const char *sign = strchr(text, '=');

    for (size_t i = 0; sign && i < sizeof(values) / sizeof(values[0]); i++) {
        if (strlen(values[i].name) == (size_t)(sign - text) &&
            strncmp(values[i].name, text, (size_t)(sign - text)) == 0) {
            const uint32_t value = (uint32_t)strtoul(sign + 1, NULL, 10);

            memcpy((uint8_t *)&settings->timing + values[i].offset, &value, sizeof(value));
            return;
        }
    }
    usage();
}

static void set_sizes(struct settings *settings, char *text)
{
    settings->size_count = 0;
    for (char *word = strtok(text, ","); word; word = strtok(NULL, ",")) {
        const unsigned long size = strtoul(word, NULL, 10);

        if (size < 2 || size > 10000 || settings->size_count == SIZES_MAX)
            usage();
        settings->sizes[settings->size_count++] = (uint32_t)size;
    }
}

static void set_option(struct settings *settings, int option)
{
    switch (option) {
    case 'p':
        set_profile(settings, optarg);
        break;
    case 't':
        set_value(settings, optarg);
        break;
    case 'n':
        set_sizes(settings, optarg);
        break;
    case 'r':
        settings->repetitions = (uint32_t)strtoul(optarg, NULL, 10);
        break;
    case 'l':
        settings->loss = strtod(optarg, NULL) / 100;
        break;
    case 'd':
        settings->seconds = strtod(optarg, NULL);
        break;
    case 's':
        settings->seed = strtoull(optarg, NULL, 10);
        break;
    default:
        usage();
    }
}

static void run(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
        if (strcmp(name, measures[i].name) != 0)
            continue;
        printf("%s\n", measures[i].heading);
        for (size_t size = 0; size < settings->size_count; size++) {
            measures[i].run(settings, settings->sizes[size]);
            fflush(stdout);
        }
        return;
    }
    usage();
}

int main(int argc, char **argv)
{
    struct settings settings = {
        .sizes = {3, 10, 100}, .size_count = 3, .repetitions = 1000, .seconds = 300, .seed = 1};
    int option;

    set_profile(&settings, "fast");
    while ((option = getopt(argc, argv, "p:t:n:r:l:d:s:")) != -1)
        set_option(&settings, option);
    if (optind + 1 != argc)
        usage();
    run(&settings, argv[optind]);
    fprintf(stderr, "%.1f s of processor time\n", processor_seconds());
    return 0;
}
