/* SPDX-License-Identifier: MIT */
#include "speaker/group/group_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void group_format_endpoint(const struct mlb_address *address, uint16_t port, char *text)
{
    char formatted[MLB_ADDRESS_TEXT_SIZE] = "";
    bool brackets = address->family == MLB_FAMILY_IPV6;

    (void)mlb_address_format(address, formatted, sizeof(formatted), NULL);
    snprintf(text, GROUP_ENDPOINT_SIZE, "%s%s%s:%u", brackets ? "[" : "", formatted,
             brackets ? "]" : "", port);
}

static void log_conflict(const struct group *group, const struct mlb_membership_event *event,
                         const char *endpoint, uint64_t now)
{
    char key[MLB_MEMBER_NAME_MAX + 16];

    snprintf(key, sizeof(key), "name %s", event->name);
    reports_count(group->reports, key, LOG_LEVEL_WARN, now,
                  "two speakers are called %s, the other one at %s: give each a name of its own "
                  "with --node-name",
                  event->name, endpoint);
}

static void log_error_event(const struct group *group, const struct mlb_membership_event *event,
                            uint64_t now)
{
    char key[64];

    snprintf(key, sizeof(key), "membership %d", (int)event->code);
    reports_count(group->reports, key, LOG_LEVEL_ERROR, now, "membership: %s%s%s",
                  mlb_strerror(event->code), event->detail[0] != '\0' ? ": " : "", event->detail);
}

/* Of a member that comes, goes or wavers. */
static void log_member(const struct group *group, const struct mlb_membership_event *event,
                       enum log_level level, const char *what, const char *endpoint)
{
    const struct log_field *fields = LOG_FIELDS({"member", event->name}, {"at", endpoint});

    log_write(group->log, level, fields, "%s %s%s%s", event->name, what,
              event->detail[0] != '\0' ? ": " : "", event->detail);
}

void group_log_event(const struct group *group, const struct mlb_membership_event *event,
                     uint64_t now)
{
    char endpoint[GROUP_ENDPOINT_SIZE] = "";

    group_format_endpoint(&event->address, event->port, endpoint);
    switch (event->kind) {
    case MLB_MEMBERSHIP_JOINED:
        log_member(group, event, LOG_LEVEL_INFO, "has joined", endpoint);
        return;
    case MLB_MEMBERSHIP_UPDATED:
        log_member(group, event, LOG_LEVEL_INFO, "has started anew or moved", endpoint);
        return;
    case MLB_MEMBERSHIP_SUSPECTED:
        log_member(group, event, LOG_LEVEL_WARN, "does not answer", endpoint);
        return;
    case MLB_MEMBERSHIP_TRUSTED:
        log_member(group, event, LOG_LEVEL_INFO, "answers again", endpoint);
        return;
    case MLB_MEMBERSHIP_FAILED:
        log_member(group, event, LOG_LEVEL_WARN, "has failed", endpoint);
        return;
    case MLB_MEMBERSHIP_LEFT:
        log_member(group, event, LOG_LEVEL_INFO, "has left", endpoint);
        return;
    case MLB_MEMBERSHIP_CONFLICT:
        log_conflict(group, event, endpoint, now);
        return;
    case MLB_MEMBERSHIP_SYNCHRONIZED:
        log_debug(group->log, NULL, "exchanged all that is known with %s", endpoint);
        return;
    case MLB_MEMBERSHIP_SEEDS_SILENT:
        log_info(group->log, NULL, "no other speaker answers");
        return;
    case MLB_MEMBERSHIP_STALLED:
        log_warn(group->log, NULL, "this node stood still or was taken for dead%s%s",
                 event->detail[0] != '\0' ? ": " : "", event->detail);
        return;
    case MLB_MEMBERSHIP_RECOVERED:
        log_info(group->log, NULL, "the group was asked what is so now");
        return;
    case MLB_MEMBERSHIP_ERROR:
        log_error_event(group, event, now);
        return;
    default:
        return;
    }
}

/* Names of the members that suit, with ", " between; NULL where there is none, or no memory. */
static char *names_of(const struct peers *peers, bool (*suits)(const struct peer *peer))
{
    char *text = NULL;
    size_t length = 0;
    size_t count = 0;
    FILE *stream = open_memstream(&text, &length);

    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < peers->count; i++)
        if (suits(&peers->items[i]))
            fprintf(stream, "%s%s", count++ == 0 ? "" : ", ", peers->items[i].name);
    if (fclose(stream) != 0 || count == 0) {
        free(text);
        return NULL;
    }
    return text;
}

static bool says_nothing(const struct peer *peer)
{
    return !peer->is_self && peer_lives(peer) && peer->facts_state == PEER_FACTS_NONE;
}

static bool is_not_understood(const struct peer *peer)
{
    return !peer->is_self && peer_lives(peer) &&
           (peer->facts_state == PEER_FACTS_UNKNOWN || peer->facts_state == PEER_FACTS_BROKEN);
}

static bool differs(const struct peer *peer)
{
    return peer->differs;
}

void group_log_facts(const struct group *group)
{
    char *names = names_of(&group->peers, says_nothing);

    if (names != NULL && group->options->election != ELECTION_METALLB)
        reports_set(group->reports, "facts", LOG_LEVEL_ERROR,
                    "%s: a speaker of another kind, which elects by its own rules; two nodes may "
                    "answer for one address until all have --election metallb, or all are of this "
                    "kind",
                    names);
    else
        reports_clear(group->reports, "facts");
    free(names);
    names = names_of(&group->peers, is_not_understood);
    if (names != NULL)
        reports_set(group->reports, "facts version", LOG_LEVEL_ERROR,
                    "%s: what it says of itself is not understood here, so it counts as able; is "
                    "it of another version?",
                    names);
    else
        reports_clear(group->reports, "facts version");
    free(names);
}

void group_log_digests(const struct group *group)
{
    char *names = names_of(&group->peers, differs);

    if (names != NULL)
        reports_set(group->reports, "digest", LOG_LEVEL_WARN,
                    "%s: manifests or rules of election differ from those here for more than %d "
                    "s; two nodes may answer for one address, or none",
                    names, PEERS_PATIENCE_SECONDS);
    else
        reports_clear(group->reports, "digest");
    free(names);
}
