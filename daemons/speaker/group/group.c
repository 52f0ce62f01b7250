/* SPDX-License-Identifier: MIT */
#include "speaker/group/group.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "common/clock.h"
#include "speaker/group/group_files.h"
#include "speaker/group/group_log.h"
#include "speaker/group/seeds.h"

#define SECRET_NAME "secretkey"
#define LOOK_PACE   ((uint64_t)(FOLLOWED_FILE_SECONDS * (double)NANOSECONDS))

static int make_membership(struct group *group)
{
    const struct speaker_options *options = group->options;
    struct mlb_membership_timing timing;
    uint8_t meta[NODE_FACTS_META_SIZE];
    struct mlb_membership_options settings = {
        .struct_size = sizeof(settings),
        .name = options->node_name,
        .keys = group->keys.keys,
        .key_count = (uint32_t)group->keys.count,
        .meta = meta,
        .meta_length = sizeof(meta),
        .timing = &timing,
        .bind_address = options->bind_address,
        .bind_port = (uint16_t)options->group_port,
    };
    struct mlb_diagnostic diagnostic;

    mlb_diagnostic_init(&diagnostic);
    node_facts_meta_write(group->run, meta);
    if (mlb_membership_timing_init(options->group_profile, &timing, NULL) == MLB_OK &&
        mlb_membership_new(&settings, &group->membership, &diagnostic) == MLB_OK)
        return 0;
    log_error(group->log, NULL, "cannot join other speakers: %s", diagnostic.message);
    return -1;
}

int group_open(struct group *group, const struct speaker_options *options, const struct log *log,
               struct reports *reports)
{
    const char *seeds;

    *group =
        (struct group){.options = options, .log = log, .reports = reports, .look_at = CLOCK_NEVER};
    if (options->members == NULL)
        return 0;
    if (getrandom(&group->run, sizeof(group->run), 0) != (ssize_t)sizeof(group->run)) {
        log_error(log, NULL, "no random number can be had: %s", strerror(errno));
        return -1;
    }
    seeds = seeds_path(options->members);
    if (seeds != NULL)
        followed_file_init(&group->seeds, seeds, NULL);
    if (options->group_secret != NULL) {
        followed_file_init(&group->secret, options->group_secret, SECRET_NAME);
        if (group_read_secret(group, clock_now()) != 1)
            return -1;
    } else {
        log_warn(log, NULL,
                 "without a key whoever reaches the port can join the other speakers "
                 "and take addresses (--ml-insecure)");
    }
    return make_membership(group);
}

void group_close(struct group *group)
{
    mlb_membership_free(group->membership);
    peers_clear(&group->peers);
    explicit_bzero(&group->keys, sizeof(group->keys));
    *group = (struct group){0};
}

bool group_is_used(const struct group *group)
{
    return group->membership != NULL;
}

int group_join(struct group *group, uint64_t now)
{
    group->look_at = now + LOOK_PACE;
    if (group->seeds.path != NULL)
        return group_follow_seeds(group);
    return group_set_seeds(group, group->options->members);
}

/* Takes in how a member stands now. Returns PEERS_* bits. */
static unsigned refresh(struct group *group, const char *name, bool joined, uint64_t now)
{
    struct mlb_member member = {.struct_size = sizeof(member)};
    uint8_t facts[MLB_MEMBERSHIP_FACTS_MAX];
    size_t length = 0;
    bool has_facts;
    int result;

    if (mlb_membership_find(group->membership, name, &member, NULL) != MLB_OK)
        return (unsigned)peers_remove(&group->peers, name);
    has_facts = mlb_membership_facts(group->membership, name, facts, sizeof(facts), &length, NULL,
                                     NULL) == MLB_OK;
    result = peers_update(&group->peers, &member, has_facts ? facts : NULL, length, joined, now);
    if (result >= 0)
        return (unsigned)result;
    if (!group->stale)
        log_error(group->log, NULL, "out of memory: what %s says has to wait", name);
    group->stale = true;
    return PEERS_NOTHING;
}

/* Takes in all members, of which something was missed. */
static unsigned refresh_all(struct group *group, uint64_t now)
{
    struct mlb_member member = {.struct_size = sizeof(member)};
    unsigned changed = PEERS_NOTHING;

    group->stale = false;
    for (size_t i = 0; mlb_membership_member(group->membership, i, &member, NULL) == MLB_OK; i++)
        changed |= refresh(group, member.name, false, now);
    return changed;
}

static unsigned bits_of(unsigned changed)
{
    return ((changed & PEERS_ELECTION) != 0 ? GROUP_ELECTION : 0) |
           ((changed & PEERS_AGREED) != 0 ? GROUP_AGREED : 0);
}

static unsigned take_event(struct group *group, const struct mlb_membership_event *event,
                           uint64_t now)
{
    group_log_event(group, event, now);
    switch (event->kind) {
    case MLB_MEMBERSHIP_SYNCHRONIZED:
    case MLB_MEMBERSHIP_SEEDS_SILENT:
        return GROUP_INFORMED;
    case MLB_MEMBERSHIP_STALLED:
        group->stalled = true;
        return GROUP_STALLED;
    case MLB_MEMBERSHIP_RECOVERED:
        group->stalled = false;
        return GROUP_ELECTION;
    case MLB_MEMBERSHIP_DEPARTED:
        return GROUP_DEPARTED;
    case MLB_MEMBERSHIP_ERROR:
    case MLB_MEMBERSHIP_CONFLICT:
        return 0;
    default:
        break;
    }
    return bits_of(refresh(group, event->name, event->kind == MLB_MEMBERSHIP_JOINED, now));
}

int group_dispatch(struct group *group, uint64_t now)
{
    struct mlb_membership_event event = {.struct_size = sizeof(event)};
    struct mlb_diagnostic diagnostic;
    unsigned bits = 0;
    bool any = false;
    int32_t result;

    mlb_diagnostic_init(&diagnostic);
    result = mlb_membership_dispatch(group->membership, &diagnostic);
    if (result != MLB_OK)
        reports_count(group->reports, "group", LOG_LEVEL_ERROR, now, "membership is disturbed: %s",
                      diagnostic.message);
    while (mlb_membership_next_event(group->membership, &event, NULL) == 1) {
        any = true;
        bits |= take_event(group, &event, now);
    }
    if (group->stale)
        bits |= bits_of(refresh_all(group, now));
    if (any)
        group_log_facts(group);
    return result != MLB_OK && bits == 0 ? -1 : (int)bits;
}

/* Members that failed or left long ago are remembered no longer, which nobody tells. */
static void forget_the_gone(struct group *group)
{
    struct mlb_member member = {.struct_size = sizeof(member)};
    size_t i = 0;

    while (i < group->peers.count) {
        const struct peer *peer = &group->peers.items[i];

        if (!peer_lives(peer) &&
            mlb_membership_find(group->membership, peer->name, &member, NULL) != MLB_OK)
            (void)peers_remove(&group->peers, peer->name);
        else
            i++;
    }
}

uint64_t group_tick(struct group *group, uint64_t now)
{
    bool changed = false;
    uint64_t next;

    if (group->membership == NULL)
        return CLOCK_NEVER;
    if (group->look_at <= now) {
        if (group->secret.path != NULL)
            group_follow_secret(group, now);
        if (group->seeds.path != NULL && !group->left)
            (void)group_follow_seeds(group);
        forget_the_gone(group);
        group->look_at = now + LOOK_PACE;
    }
    next = peers_compare(&group->peers, now, &changed);
    if (changed)
        group_log_digests(group);
    return group->look_at < next ? group->look_at : next;
}

void group_publish(struct group *group, const uint8_t *facts, size_t length)
{
    if (mlb_membership_set_facts(group->membership, facts, length, NULL) == MLB_OK)
        reports_clear(group->reports, "publish");
    else
        reports_set(group->reports, "publish", LOG_LEVEL_ERROR,
                    "the others cannot be told what is so here: out of memory");
    (void)refresh(group, group->options->node_name, false, clock_now());
}

void group_leave(struct group *group)
{
    group->left =
        mlb_membership_leave(group->membership, GROUP_LEAVE_SECONDS * 1000, NULL) == MLB_OK;
}

void group_return(struct group *group)
{
    if (group->left && mlb_membership_return(group->membership, NULL) == MLB_OK)
        group->left = false;
}
