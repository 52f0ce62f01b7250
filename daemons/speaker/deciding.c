/* SPDX-License-Identifier: MIT */
#include "speaker/deciding.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "reconcile/configuration_digest.h"

/* Nothing is decided by subnets, so that a slow pace will do. */
#define SUBNETS_PACE (30 * NANOSECONDS)

static void make_self(struct speaker *speaker)
{
    struct self_state state = {
        .ready = lifecycle_is_ready(&speaker->lifecycle),
        .draining = lifecycle_drains(&speaker->lifecycle),
        .run = speaker->group.run,
        .digest = speaker->digest,
        .announcing = &speaker->ownership.announcing,
    };

    if (self_facts_make(&speaker->self, &state) != 0)
        log_error(speaker->log, NULL, "out of memory: what is told of this node is old");
}

void deciding_publish(struct speaker *speaker)
{
    if (!group_is_used(&speaker->group))
        return;
    make_self(speaker);
    group_publish(&speaker->group, speaker->self.bytes, speaker->self.length);
}

/* A node that stands in nobody's list of nodes is elected by itself alone. */
static const char *unlisted_self(struct speaker *speaker, const struct object_set *objects)
{
    const char *name = speaker->options->node_name;

    if (object_set_find(objects, OBJECT_NODE, "", name) != NULL) {
        reports_clear(&speaker->reports, "node");
        return NULL;
    }
    reports_set(&speaker->reports, "node", LOG_LEVEL_WARN,
                "no Node object is named %s: this node counts itself as live, but other speakers "
                "do not know of it (see --node-name)",
                name);
    return name;
}

/* This node by what it tells the others, but for one thing: while they take over its addresses it
 * still counts as theirs. */
static int list_members(struct speaker *speaker, struct announcement_input *input,
                        struct node_facts *own, struct live_node **live)
{
    struct live_node self = {.name = speaker->options->node_name, .facts = own};

    make_self(speaker);
    *own = speaker->self.facts;
    own->draining = own->draining && !lifecycle_hands_over(&speaker->lifecycle);
    return peers_live(&speaker->group.peers,
                      speaker->group.left && !lifecycle_hands_over(&speaker->lifecycle) ? NULL
                                                                                        : &self,
                      live, &input->live_count);
}

/* Fills in who lives; the caller frees the list. own is what the list borrows of this node. */
static int gather(struct speaker *speaker, struct announcement_input *input, struct node_facts *own)
{
    const struct object_set *objects = source_objects(speaker->source);
    struct live_node *live = NULL;
    int result;

    *input = (struct announcement_input){
        .objects = objects,
        .generation = source_generation(speaker->source),
    };
    if (group_is_used(&speaker->group))
        result = list_members(speaker, input, own, &live);
    else
        result = announcement_live_nodes(objects, unlisted_self(speaker, objects), &live,
                                         &input->live_count);
    input->live = live;
    return result;
}

/* Who keeps an address that another held too tells the LAN at once whose it is. */
static void settle_claims(struct speaker *speaker)
{
    struct peers *peers = &speaker->group.peers;
    const struct announcing *announcing = &speaker->ownership.announcing;

    for (size_t i = 0; !peers->any_claim && i < peers->claim_count; i++)
        ownership_repeat(&speaker->ownership, &peers->claims[i]);
    for (size_t i = 0; peers->any_claim && i < announcing->count; i++)
        ownership_repeat(&speaker->ownership, &announcing->entries[i].address);
    peers_forget_claims(peers);
}

void deciding_update(struct speaker *speaker, uint64_t now)
{
    struct announcement_input input;
    struct node_facts own = {0};

    foresight_forget(&speaker->foresight);
    if (lifecycle_ends(&speaker->lifecycle))
        return;
    if (gather(speaker, &input, &own) != 0) {
        log_error(speaker->log, NULL, "out of memory: nothing is decided");
        return;
    }
    ownership_update(&speaker->ownership, &input, lifecycle_answers(&speaker->lifecycle), now);
    free((void *)input.live);
    settle_claims(speaker);
    /* Take-over frames leave now, not when the loop comes round; what fails fails again there. */
    (void)mlb_announcer_dispatch(speaker->announcer, NULL);
    deciding_publish(speaker);
}

static void take_digest(struct speaker *speaker, uint64_t now)
{
    struct announcement_options rules = speaker_rules(speaker->options);

    if (!group_is_used(&speaker->group) ||
        speaker->digest_generation == source_generation(speaker->source))
        return;
    speaker->digest_generation = source_generation(speaker->source);
    speaker->digest = configuration_digest(source_objects(speaker->source), &rules);
    peers_set_digest(&speaker->group.peers, speaker->digest, now);
}

void deciding_take_objects(struct speaker *speaker, uint64_t now)
{
    problem_log_update(&speaker->problems, speaker->log, source_problems(speaker->source));
    take_digest(speaker, now);
    if (!source_objects(speaker->source)->incomplete)
        (void)lifecycle_learn(&speaker->lifecycle, LIFECYCLE_CONFIGURATION);
    deciding_update(speaker, now);
}

static void read_interfaces(struct speaker *speaker, uint64_t now)
{
    speaker->subnets_at = now + SUBNETS_PACE;
    if (self_facts_read_interfaces(&speaker->self, speaker->announcer) != 0)
        log_error(speaker->log, NULL, "what is told of the interfaces of this node is old");
}

void deciding_take_interfaces(struct speaker *speaker, uint64_t now)
{
    host_delivery_interfaces_changed(&speaker->ownership.host);
    if (!group_is_used(&speaker->group))
        return;
    read_interfaces(speaker, now);
    if (speaker->self.interface_count > 0)
        (void)lifecycle_learn(&speaker->lifecycle, LIFECYCLE_LINKS);
    deciding_update(speaker, now);
}

uint64_t deciding_tick(struct speaker *speaker, uint64_t now)
{
    if (!group_is_used(&speaker->group))
        return CLOCK_NEVER;
    if (speaker->subnets_at <= now) {
        read_interfaces(speaker, now);
        deciding_publish(speaker);
    }
    return speaker->subnets_at;
}

enum foreseen deciding_foresee(struct speaker *speaker, const char *member,
                               const struct mlb_address *address, uint64_t now)
{
    struct announcement_options rules = speaker_rules(speaker->options);
    struct announcement_input input;
    struct node_facts own = {0};
    enum foreseen foreseen = FORESEEN_NOTHING;

    if (gather(speaker, &input, &own) == 0)
        foreseen = foresight_ask(&speaker->foresight, &rules, &input, member, address, now);
    free((void *)input.live);
    return foreseen;
}
