/* SPDX-License-Identifier: MIT */
/* What is believed about a member: the rules 7.2 (alive), 7.3 (suspect) and 7.5 (dead). */
#include <stdlib.h>
#include <string.h>

#include "membership/core.h"

#define SECOND (1000 * MILLISECOND)

static int spans_are_equal(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

static void gossip_alive(struct membership *core, const struct member *member)
{
    const struct memberlist_node node = member_node(member);
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_alive(&writer, &node);
    gossip_put(core, member, &writer, NULL);
}

static void gossip_verdict(struct membership *core, const struct member *member,
                           enum memberlist_type type, const struct memberlist_verdict *verdict,
                           uint8_t *told)
{
    uint8_t buffer[MESSAGE_MAX];
    struct writer writer = writer_to(buffer, sizeof(buffer));

    memberlist_build_verdict(&writer, type, verdict);
    gossip_put(core, member, &writer, told);
}

void verdict_announce_self(struct membership *core)
{
    core->self->incarnation++;
    gossip_alive(core, core->self);
}

/* 7.5, the end: an incarnation above the accused one, so that all believe it. */
static void refute(struct membership *core, uint32_t accused)
{
    if (accused > core->self->incarnation)
        core->self->incarnation = accused;
    awareness_add(core, 1);
    core->statistics.refutations++;
    verdict_announce_self(core);
    facts_publish(core);
}

/* 7.2.5: two nodes claim one name. The address that we know stays, and for our own name we say so
 * now and then, however often the rival claims it. */
static void report_conflict(struct membership *core, const struct memberlist_node *node)
{
    const struct membership_endpoint endpoint = {address_of_span(node->address), node->port};
    const struct member *self = core->self;

    core->statistics.conflicts++;
    event_at(core, MLB_MEMBERSHIP_CONFLICT, node->name, &endpoint);
    if (!name_is_own(core, node->name) || node->incarnation < self->incarnation ||
        core->now < core->next_conflict)
        return;
    core->next_conflict = core->now + SECOND;
    refute(core, node->incarnation);
}

/* 7.2.7 and 7.2.9: somebody tells of us what we did not say in this life. */
static void alive_self(struct membership *core, const struct memberlist_node *node)
{
    const struct memberlist_node own = member_node(core->self);

    if (node->incarnation < own.incarnation)
        return;
    if (node->incarnation == own.incarnation && spans_are_equal(node->meta, own.meta) &&
        spans_are_equal(node->versions, own.versions))
        return;
    refute(core, node->incarnation);
}

/* Who takes the name of one that left brings facts of its own. */
static void drop_facts(struct member *member)
{
    free(member->facts);
    member->facts = NULL;
}

static void event_of_alive(struct membership *core, struct member *member, uint8_t before,
                           int changed)
{
    if (before == MLB_MEMBER_FAILED || before == MLB_MEMBER_LEFT) {
        event_member(core, MLB_MEMBERSHIP_JOINED, member);
        facts_greet(core, member);
        return;
    }
    if (before == MLB_MEMBER_SUSPECT)
        event_member(core, MLB_MEMBERSHIP_TRUSTED, member);
    if (changed)
        event_member(core, MLB_MEMBERSHIP_UPDATED, member);
}

/* 7.2.8 to 7.2.10 for others. */
static void believe_alive(struct membership *core, struct member *member,
                          const struct memberlist_node *node, int moved)
{
    const uint8_t before = member->state;
    const int changed =
        !spans_are_equal((struct span){member->meta, member->meta_length}, node->meta);

    if (member_describe(member, node) != MLB_OK)
        return;
    suspicion_end(core, member);
    if (moved)
        drop_facts(member);
    member->incarnation = node->incarnation;
    member->ignores_facts = 0; /* it may have been replaced by one of our kind */
    if (before != MLB_MEMBER_ALIVE)
        member_set_state(core, member, MLB_MEMBER_ALIVE);
    gossip_alive(core, member);
    event_of_alive(core, member, before, changed);
}

void verdict_alive(struct membership *core, const struct memberlist_node *node)
{
    const struct membership_endpoint endpoint = {address_of_span(node->address), node->port};
    const int is_self = name_is_own(core, node->name);
    struct member *member = NULL;
    int moved = 0;

    /* 7.2.1: who has left is not brought back by old news. */
    if (is_self && core->leave.left)
        return;
    if (!node_is_valid(core, node) || node->incarnation == UINT32_MAX) {
        core->statistics.messages_refused++;
        return;
    }
    member = member_find(core, node->name);
    if (!member) {
        member = member_add(core, node);
        if (!member) {
            core->statistics.messages_refused++;
            return;
        }
    } else if (!member_is_at(member, &endpoint)) {
        /* 7.2.5: only the name of one that left is free. */
        if (member->state != MLB_MEMBER_LEFT) {
            report_conflict(core, node);
            return;
        }
        moved = 1;
    }
    if (is_self) {
        alive_self(core, node);
        return;
    }
    /* 7.2.6 */
    if (moved || node->incarnation > member->incarnation)
        believe_alive(core, member, node, moved);
}

/*
 * An accusation that was refuted: the accuser may have missed that, and would let us fail. It is
 * told directly, now and then, as others pass on the same.
 */
static void remind(struct membership *core, const struct memberlist_verdict *verdict)
{
    const struct member *accuser = member_find(core, verdict->from);
    struct membership_endpoint endpoint;

    if (!accuser || accuser == core->self || core->leave.left || core->now < core->next_reminder)
        return;
    core->next_reminder = core->now + milliseconds(core->timing.gossip_interval);
    endpoint = member_endpoint(accuser);
    push_pull_tell_alive(core, &endpoint);
}

void verdict_suspect(struct membership *core, const struct memberlist_verdict *verdict)
{
    struct member *member = member_find(core, verdict->node);

    /* 7.3.1 */
    if (!member)
        return;
    if (verdict->incarnation < member->incarnation) {
        if (member == core->self)
            remind(core, verdict);
        return;
    }
    /* 7.3.2 */
    if (member->suspicion) {
        if (suspicion_confirm(core, member->suspicion, verdict->from))
            gossip_verdict(core, member, MEMBERLIST_SUSPECT, verdict, NULL);
        return;
    }
    /* Only without memory for its timer. */
    if (member->state == MLB_MEMBER_SUSPECT) {
        suspicion_begin(core, member, verdict->from);
        return;
    }
    /* 7.3.3 */
    if (member->state != MLB_MEMBER_ALIVE)
        return;
    /* 7.3.4 */
    if (member == core->self) {
        refute(core, verdict->incarnation);
        return;
    }
    /* 7.3.5 */
    core->statistics.suspicions++;
    member->incarnation = verdict->incarnation;
    member_set_state(core, member, MLB_MEMBER_SUSPECT);
    gossip_verdict(core, member, MEMBERLIST_SUSPECT, verdict, NULL);
    suspicion_begin(core, member, verdict->from);
    event_member(core, MLB_MEMBERSHIP_SUSPECTED, member);
}

/* 7.5.5 */
static void believe_dead(struct membership *core, struct member *member,
                         const struct memberlist_verdict *verdict)
{
    const int left = spans_are_equal(verdict->node, verdict->from);

    member->incarnation = verdict->incarnation;
    member_set_state(core, member, left ? MLB_MEMBER_LEFT : MLB_MEMBER_FAILED);
    facts_hide(member);
    if (member != core->self)
        event_member(core, left ? MLB_MEMBERSHIP_LEFT : MLB_MEMBERSHIP_FAILED, member);
}

/*
 * Beyond the protocol, where a verdict of anybody is believed at once: who is taken for dead itself
 * was cut off, and judged those that it could not hear. When it is back that is the first that it
 * tells. It counts as an accusation, as in a full exchange, and who lives refutes it.
 */
static int is_of_the_dead(const struct membership *core, const struct memberlist_verdict *verdict,
                          const struct member *accused)
{
    const struct member *accuser = member_find(core, verdict->from);

    return accuser && accuser != accused && accuser->state == MLB_MEMBER_FAILED;
}

void verdict_dead(struct membership *core, const struct memberlist_verdict *verdict)
{
    struct member *member = member_find(core, verdict->node);

    /* 7.5.1 */
    if (!member)
        return;
    if (verdict->incarnation < member->incarnation) {
        if (member == core->self)
            remind(core, verdict);
        return;
    }
    if (member != core->self && is_of_the_dead(core, verdict, member)) {
        verdict_suspect(core, verdict);
        return;
    }
    /* 7.5.2 */
    suspicion_end(core, member);
    /* 7.5.3 */
    if (!member_is_visible(member))
        return;
    /* 7.5.4: who is taken for dead has missed what was said meanwhile. */
    if (member == core->self && !core->leave.left) {
        refute(core, verdict->incarnation);
        /* A leave from before a restart is no sign of having been deaf. */
        if (!spans_are_equal(verdict->node, verdict->from))
            recovery_want(core);
        return;
    }
    gossip_verdict(core, member, MEMBERLIST_DEAD, verdict,
                   member == core->self ? &core->leave.told : NULL);
    believe_dead(core, member, verdict);
}
