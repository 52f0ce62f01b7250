/* SPDX-License-Identifier: MIT */
/*
 * What the cores tell, and whether they may: events follow each other as they can, agree with the
 * table of the core, incarnations only grow, and news of a life that was taken for over never make
 * it a member again.
 */
#include <metallb/error.h>

#include "simulator/internal.h"

static struct history *history_of(struct sim *sim, uint32_t observer, uint32_t subject)
{
    return &sim->histories[(size_t)observer * sim->node_count + subject];
}

static int find(struct sim *sim, uint32_t observer, uint32_t subject)
{
    return membership_find(sim->nodes[observer].core, sim->nodes[subject].name, &sim->member) ==
           MLB_OK;
}

uint32_t news_own_incarnation(struct sim *sim, uint32_t node)
{
    return sim->nodes[node].core && find(sim, node, node) ? sim->member.incarnation : 0;
}

/* The life that the member found last is in, or the present one where lives are not told. */
static uint32_t life_found(const struct sim *sim, uint32_t subject)
{
    const uint8_t *meta = sim->member.meta;

    if (sim->member.meta_length != 4)
        return sim->nodes[subject].life;
    return ((uint32_t)meta[0] << 24) | ((uint32_t)meta[1] << 16) | ((uint32_t)meta[2] << 8) |
           meta[3];
}

/* Which views may come before the one that an event brings, as bits. */
static unsigned int allowed_before(uint8_t view, uint32_t kind)
{
    if (kind == MLB_MEMBERSHIP_TRUSTED)
        return 1u << VIEW_SUSPECT;
    if (view == VIEW_ALIVE)
        return 1u << VIEW_NONE | 1u << VIEW_FAILED | 1u << VIEW_LEFT;
    if (view == VIEW_SUSPECT)
        return 1u << VIEW_ALIVE;
    return 1u << VIEW_ALIVE | 1u << VIEW_SUSPECT;
}

static void check_incarnation(struct sim *sim, uint32_t observer, uint32_t subject,
                              uint32_t incarnation)
{
    const struct node *node = &sim->nodes[subject];
    const uint32_t own = node->state == NODE_DOWN ? 0 : news_own_incarnation(sim, subject);
    const uint32_t highest = own > node->peak_incarnation ? own : node->peak_incarnation;

    if (incarnation > highest && !(sim->options.flags & SIM_FORGED))
        sim_violate(sim, "%s heard of incarnation %u of %s, which never had more than %u",
                    sim->nodes[observer].name, incarnation, node->name, highest);
}

/*
 * Whether an observer may have forgotten a subject that was only cut off, so that it learns of it
 * anew without anything having changed for the subject: from nodes that it was not cut off from,
 * which may not have noticed yet that it went since. Where it came back with the incarnation that
 * others still know of its former life, nobody but itself can tell the two apart.
 */
static int may_be_forgotten(const struct sim *sim, const struct history *history, uint32_t subject)
{
    const uint64_t remembered = sim->options.timing.gossip_to_the_dead * (uint64_t)SIM_MILLISECOND;
    const struct node *node = &sim->nodes[subject];

    return sim->now - history->gone_at > remembered &&
           (is_observer(node) || sim->now - node->gone_at <= sim->options.disagreement_max);
}

/* Whether news of a life may make an observer believe again in a subject that it took for gone. */
static int may_return(const struct sim *sim, const struct history *history, uint32_t subject,
                      uint32_t life, uint32_t incarnation)
{
    if (life > history->gone_life || may_be_forgotten(sim, history, subject))
        return 1;
    /* A refutation; one of a former life is only wrong where there is no life at all. */
    return incarnation > history->gone_incarnation &&
           (life == history->gone_life || is_observer(&sim->nodes[subject]));
}

/* "Old news never resurrects." */
static void check_return(struct sim *sim, uint32_t observer, uint32_t subject,
                         const struct mlb_membership_event *event)
{
    struct history *history = history_of(sim, observer, subject);
    uint32_t life = sim->nodes[subject].life;

    if (find(sim, observer, subject))
        life = life_found(sim, subject);
    if (!may_return(sim, history, subject, life, event->incarnation))
        sim_violate(sim, "%s takes %s for alive again: life %u at %u, was gone in life %u at %u",
                    sim->nodes[observer].name, event->name, life, event->incarnation,
                    history->gone_life, history->gone_incarnation);
    if (life != history->life || may_be_forgotten(sim, history, subject))
        history->incarnation = 0;
    history->life = life;
}

static void remember_gone(struct sim *sim, uint32_t observer, uint32_t subject,
                          uint32_t incarnation)
{
    struct history *history = history_of(sim, observer, subject);
    const uint32_t life = find(sim, observer, subject) ? life_found(sim, subject) : 0;

    if (life == history->gone_life && incarnation < history->gone_incarnation)
        return;
    history->gone_life = life;
    history->gone_incarnation = incarnation;
    history->gone_at = sim->now;
}

static void watch(struct sim *sim, uint32_t observer, uint32_t subject, uint8_t view,
                  const struct mlb_membership_event *event)
{
    const uint8_t before = views_get(sim, observer, subject);

    sim->counts.checks++;
    if (!(allowed_before(view, event->kind) & 1u << before))
        sim_violate(sim, "%s tells of %s event %u in state %u", sim->nodes[observer].name,
                    event->name, event->kind, before);
    check_incarnation(sim, observer, subject, event->incarnation);
    if (view == VIEW_ALIVE && before != VIEW_SUSPECT)
        check_return(sim, observer, subject, event);
    if (view == VIEW_FAILED || view == VIEW_LEFT)
        remember_gone(sim, observer, subject, event->incarnation);
}

/* Whether nothing was done to a node for so long that nobody may doubt it. */
static int is_clean(const struct sim *sim, const struct node *node)
{
    return is_observer(node) && sim->now - node->clean_since >= sim->options.disagreement_max;
}

static int is_false(const struct sim *sim, uint32_t observer, uint32_t subject)
{
    const struct node *a = &sim->nodes[observer];
    const struct node *b = &sim->nodes[subject];

    return is_clean(sim, a) && is_clean(sim, b) && a->side == b->side;
}

static void count_verdict(struct sim *sim, uint32_t observer, uint32_t subject,
                          uint32_t incarnation)
{
    struct node *node = &sim->nodes[subject];

    sim->counts.verdicts++;
    if (!is_observer(node) && node->first_verdict == SIM_NEVER)
        node->first_verdict = sim->now;
    if (!is_false(sim, observer, subject))
        return;
    sim->counts.false_verdicts++;
    node->false_verdicts++;
    if (incarnation > node->false_incarnation)
        sim->counts.false_positives++;
    node->false_incarnation = incarnation;
}

static void count_suspicion(struct sim *sim, uint32_t observer, uint32_t subject)
{
    sim->counts.suspicions++;
    sim->counts.false_suspicions += (uint64_t)is_false(sim, observer, subject);
}

static void take_own(struct sim *sim, struct node *node, uint32_t kind)
{
    if (kind == MLB_MEMBERSHIP_SYNCHRONIZED)
        node->is_ready = 1;
    else if (kind == MLB_MEMBERSHIP_STALLED || kind == MLB_MEMBERSHIP_RECOVERED)
        node->is_doubtful = kind == MLB_MEMBERSHIP_STALLED;
    else
        return;
    sim->counts.stalls += kind == MLB_MEMBERSHIP_STALLED;
    owners_recount(sim);
}

/* The view that a kind of event brings, or VIEW_NONE. */
static uint8_t view_of(uint32_t kind)
{
    switch (kind) {
    case MLB_MEMBERSHIP_JOINED:
    case MLB_MEMBERSHIP_TRUSTED:
        return VIEW_ALIVE;
    case MLB_MEMBERSHIP_SUSPECTED:
        return VIEW_SUSPECT;
    case MLB_MEMBERSHIP_FAILED:
        return VIEW_FAILED;
    case MLB_MEMBERSHIP_LEFT:
        return VIEW_LEFT;
    default:
        return VIEW_NONE;
    }
}

void news_take(struct sim *sim, uint32_t observer, const struct mlb_membership_event *event)
{
    const uint8_t view = view_of(event->kind);
    uint32_t subject;

    if (view == VIEW_NONE) {
        take_own(sim, &sim->nodes[observer], event->kind);
        return;
    }
    subject = sim_number(event->name);
    if (subject >= sim->node_count || subject == observer)
        return;
    if (sim->histories)
        watch(sim, observer, subject, view, event);
    if (view == VIEW_FAILED || view == VIEW_LEFT)
        count_verdict(sim, observer, subject, event->incarnation);
    if (view == VIEW_SUSPECT)
        count_suspicion(sim, observer, subject);
    views_set(sim, observer, subject, view);
}

static void compare(struct sim *sim, uint32_t observer, uint32_t subject)
{
    struct history *history = history_of(sim, observer, subject);
    const uint8_t view = views_get(sim, observer, subject);

    if (subject != observer && view != sim->member.state + 1)
        sim_violate(sim, "%s has %s in state %u, its events said %u", sim->nodes[observer].name,
                    sim->nodes[subject].name, sim->member.state, view - 1);
    if (sim->member.incarnation < history->incarnation)
        sim_violate(sim, "%s: incarnation of %s fell from %u to %u", sim->nodes[observer].name,
                    sim->nodes[subject].name, history->incarnation, sim->member.incarnation);
    history->incarnation = sim->member.incarnation;
}

void news_look(struct sim *sim, uint32_t observer)
{
    struct node *node = &sim->nodes[observer];
    const uint32_t subject = node->next_look;

    sim->counts.checks++;
    node->next_look = subject + 1 < sim->node_count ? subject + 1 : 0;
    if (find(sim, observer, subject)) {
        compare(sim, observer, subject);
        return;
    }
    if (is_member(views_get(sim, observer, subject)))
        sim_violate(sim, "%s forgot %s, a member", node->name, sim->nodes[subject].name);
    history_of(sim, observer, subject)->incarnation = 0;
}
