/* SPDX-License-Identifier: MIT */
#include "speaker/reporting/metrics_group.h"

#include <string.h>

#include "common/metrics.h"

/* A counter of the membership. */
struct group_counter {
    const char *name;
    const char *help;
    size_t offset; /* in struct mlb_membership_statistics */
};

static const struct group_counter counters[] = {
    {"metallb_speaker_membership_packets_received_total", "Packets received from other speakers",
     offsetof(struct mlb_membership_statistics, packets_received)},
    {"metallb_speaker_membership_packets_sent_total", "Packets sent to other speakers",
     offsetof(struct mlb_membership_statistics, packets_sent)},
    {"metallb_speaker_membership_packets_refused_total",
     "Packets of another key, label or checksum, or malformed",
     offsetof(struct mlb_membership_statistics, packets_refused)},
    {"metallb_speaker_membership_messages_refused_total",
     "Messages in sound packets that were malformed or out of bounds",
     offsetof(struct mlb_membership_statistics, messages_refused)},
    {"metallb_speaker_membership_suspicions_total", "Members that were suspected",
     offsetof(struct mlb_membership_statistics, suspicions)},
    {"metallb_speaker_membership_refutations_total",
     "Times that this node had to say that it lives",
     offsetof(struct mlb_membership_statistics, refutations)},
    {"metallb_speaker_membership_stalls_total",
     "Times that this node stood still or was taken for dead",
     offsetof(struct mlb_membership_statistics, stalls)},
    {"metallb_speaker_membership_conflicts_total", "Claims of one name by two nodes",
     offsetof(struct mlb_membership_statistics, conflicts)},
};

static void write_members(FILE *stream, const struct mlb_membership_statistics *statistics)
{
    static const char name[] = "metallb_speaker_members";
    const struct {
        const char *state;
        uint32_t count;
    } states[] = {
        {"alive", statistics->alive},
        {"suspect", statistics->suspect},
        {"failed", statistics->failed},
        {"left", statistics->left},
    };

    metrics_begin(stream, name, "gauge", "Members of the group of speakers, this one included");
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        metrics_value(stream, name, &(struct metric_label){"state", states[i].state}, 1,
                      states[i].count);
}

static double count_facts(const struct peers *peers, enum peer_facts state)
{
    double count = 0;

    for (size_t i = 0; i < peers->count; i++)
        if (!peers->items[i].is_self && peer_lives(&peers->items[i]) &&
            peers->items[i].facts_state == state)
            count++;
    return count;
}

static double count_different(const struct peers *peers)
{
    double count = 0;

    for (size_t i = 0; i < peers->count; i++)
        count += peers->items[i].differs ? 1 : 0;
    return count;
}

static void write_peers(FILE *stream, const struct peers *peers)
{
    metrics_single(stream, "metallb_speaker_members_without_facts", "gauge",
                   "Members that say nothing of themselves, so that both kinds may elect apart",
                   count_facts(peers, PEER_FACTS_NONE));
    metrics_single(stream, "metallb_speaker_members_not_understood", "gauge",
                   "Members that say what this version does not understand",
                   count_facts(peers, PEER_FACTS_UNKNOWN) + count_facts(peers, PEER_FACTS_BROKEN));
    metrics_single(stream, "metallb_speaker_configuration_differs", "gauge",
                   "Members whose configuration has differed for too long", count_different(peers));
    metrics_single(stream, "metallb_speaker_configuration_differs_total", "counter",
                   "Times that the configuration of a member differed for too long",
                   (double)peers->mismatches);
}

void metrics_group_write(FILE *stream, const struct group *group)
{
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};

    if (group->membership == NULL ||
        mlb_membership_statistics(group->membership, &statistics, NULL) != MLB_OK)
        return;
    write_members(stream, &statistics);
    metrics_single(stream, "metallb_speaker_membership_health", "gauge",
                   "How slow this node takes itself to be, 0 for healthy", statistics.health);
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        uint64_t value;

        memcpy(&value, (const char *)&statistics + counters[i].offset, sizeof(value));
        metrics_single(stream, counters[i].name, "counter", counters[i].help, (double)value);
    }
    write_peers(stream, &group->peers);
}
