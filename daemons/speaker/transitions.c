/* SPDX-License-Identifier: MIT */
#include "speaker/transitions.h"

#include "common/clock.h"
#include "speaker/deciding.h"

/* The others are told of the end for GROUP_LEAVE_SECONDS; should nobody say when that is over. */
#define DEPART_SECONDS (GROUP_LEAVE_SECONDS + 1)

void transitions_begin(struct speaker *speaker, uint64_t now)
{
    bool grouped = group_is_used(&speaker->group);

    lifecycle_init(&speaker->lifecycle, grouped ? LIFECYCLE_ALL : 0);
    speaker->start_by = grouped ? now + speaker->options->join_seconds * NANOSECONDS : CLOCK_NEVER;
    speaker->hand_over_by = CLOCK_NEVER;
}

static bool is_starting(const struct speaker *speaker)
{
    return speaker->lifecycle.state == LIFECYCLE_STARTING ||
           speaker->lifecycle.state == LIFECYCLE_STARTING_DRAINED;
}

/* To leave is all that MetalLB's speakers understand. */
static bool leaves_to_drain(const struct speaker *speaker)
{
    return speaker->options->election == ELECTION_METALLB;
}

/* Begins to answer only until the others do. */
static void begin_hand_over(struct speaker *speaker, uint64_t now)
{
    speaker->hand_over_by = now;
    if (group_is_used(&speaker->group) && peers_others(&speaker->group.peers) > 0 &&
        ownership_answers(&speaker->ownership))
        speaker->hand_over_by += HAND_OVER_SECONDS * NANOSECONDS;
}

static void begin_drain(struct speaker *speaker, uint64_t now)
{
    log_info(speaker->log, NULL, "draining: the others take the addresses of this node over");
    deciding_publish(speaker);
    begin_hand_over(speaker, now);
}

static void be_drained(struct speaker *speaker, uint64_t now)
{
    (void)rivals_agree(&speaker->ownership.rivals, NULL, NULL);
    deciding_update(speaker, now);
    log_info(speaker->log, NULL, "drained: %s",
             ownership_answers(&speaker->ownership) ? "this node answers only for what no other can"
                                                    : "this node answers for no address");
}

/* What is queued for addresses that are not answered for is dropped by the announcer. */
static void be_stalled(struct speaker *speaker)
{
    ownership_silence(&speaker->ownership);
    deciding_publish(speaker);
}

static void leave(struct speaker *speaker, uint64_t now)
{
    ev_io_stop(speaker->loop, &speaker->source_io);
    speaker->depart_by = now;
    if (group_is_used(&speaker->group) && !speaker->group.left) {
        group_leave(&speaker->group);
        speaker->depart_by += DEPART_SECONDS * NANOSECONDS;
    }
    begin_hand_over(speaker, now);
}

static void end(struct speaker *speaker, uint64_t now)
{
    ownership_give_up(&speaker->ownership, now);
    if (!ownership_is_drained(&speaker->ownership))
        log_info(speaker->log, NULL, "answering has stopped, delivering for %u s more",
                 speaker->options->drain_seconds);
}

static void enter(struct speaker *speaker, enum lifecycle_event event, uint64_t now)
{
    if (event == LIFECYCLE_DRAIN && leaves_to_drain(speaker))
        group_leave(&speaker->group);
    if (event == LIFECYCLE_UNDRAIN) {
        log_info(speaker->log, NULL, "draining no longer");
        group_return(&speaker->group);
        (void)rivals_agree(&speaker->ownership.rivals, NULL, NULL);
    }
    switch (speaker->lifecycle.state) {
    case LIFECYCLE_STARTING_DRAINED:
        begin_drain(speaker, now);
        break;
    case LIFECYCLE_STARTING:
    case LIFECYCLE_RUNNING:
        deciding_update(speaker, now);
        break;
    case LIFECYCLE_DRAINING:
        begin_drain(speaker, now);
        break;
    case LIFECYCLE_DRAINED:
        be_drained(speaker, now);
        break;
    case LIFECYCLE_STALLED:
    case LIFECYCLE_STALLED_DRAINED:
        be_stalled(speaker);
        break;
    case LIFECYCLE_LEAVING:
        leave(speaker, now);
        break;
    case LIFECYCLE_ENDING:
        if (event == LIFECYCLE_TERMINATE)
            leave(speaker, now);
        end(speaker, now);
        break;
    }
}

void transitions_take(struct speaker *speaker, enum lifecycle_event event, uint64_t now)
{
    if (lifecycle_take(&speaker->lifecycle, event))
        enter(speaker, event, now);
}

static const char *what_is_missing(unsigned missing)
{
    if ((missing & LIFECYCLE_CONFIGURATION) != 0)
        return "manifests that cannot all be read";
    if ((missing & LIFECYCLE_LINKS) != 0)
        return "an interface that is up";
    return "what the other speakers know";
}

/* Waits no longer, or says that the wait is over. */
static void tick_start(struct speaker *speaker, uint64_t now)
{
    if (is_starting(speaker) && speaker->start_by <= now) {
        log_warn(speaker->log, NULL, "waits no longer for %s (--join-timeout)",
                 what_is_missing(speaker->lifecycle.missing));
        (void)lifecycle_learn(&speaker->lifecycle, LIFECYCLE_ALL);
        deciding_update(speaker, now);
    }
    if (speaker->start_by == CLOCK_NEVER || is_starting(speaker))
        return;
    speaker->start_by = CLOCK_NEVER;
    if (lifecycle_answers(&speaker->lifecycle))
        log_info(speaker->log, NULL, "takes part in the election of %zu speakers",
                 peers_others(&speaker->group.peers) + 1);
}

static void tick_hand_over(struct speaker *speaker, uint64_t now)
{
    if (!lifecycle_hands_over(&speaker->lifecycle)) {
        speaker->hand_over_by = CLOCK_NEVER;
        return;
    }
    if (speaker->hand_over_by > now && ownership_answers(&speaker->ownership))
        return;
    speaker->hand_over_by = CLOCK_NEVER;
    transitions_take(speaker, LIFECYCLE_HANDED_OVER, now);
}

uint64_t transitions_tick(struct speaker *speaker, uint64_t now)
{
    uint64_t next;

    tick_start(speaker, now);
    tick_hand_over(speaker, now);
    next = speaker->start_by < speaker->hand_over_by ? speaker->start_by : speaker->hand_over_by;
    if (lifecycle_ends(&speaker->lifecycle) && speaker->depart_by > now &&
        speaker->depart_by < next)
        next = speaker->depart_by;
    return next;
}

static bool agrees(void *context, const uint8_t *hardware_address)
{
    const struct peer *peer = peers_find_hardware(context, hardware_address);

    return peer != NULL && peer->agreed;
}

/* Takes back what was left to who has gone. Who is back decides by the same view as this node once
 * its facts are known, not before: until then this node would take from it what it may well own and
 * has just announced. Returns whether there was anything. */
static bool take_back(struct speaker *speaker)
{
    struct peers *peers = &speaker->group.peers;
    bool any = !lifecycle_hands_over(&speaker->lifecycle) &&
               rivals_agree(&speaker->ownership.rivals, agrees, peers);

    peers_forget_agreed(peers);
    return any;
}

void transitions_take_group(struct speaker *speaker, unsigned bits, uint64_t now)
{
    bool decide = (bits & GROUP_ELECTION) != 0;

    if ((bits & GROUP_STALLED) != 0)
        transitions_take(speaker, LIFECYCLE_STALL, now);
    if ((bits & GROUP_DEPARTED) != 0)
        speaker->depart_by = now;
    if ((bits & GROUP_AGREED) != 0)
        decide = take_back(speaker) || decide;
    if ((bits & GROUP_INFORMED) != 0)
        decide = lifecycle_learn(&speaker->lifecycle, LIFECYCLE_GROUP) || decide;
    if (!speaker->group.stalled && lifecycle_take(&speaker->lifecycle, LIFECYCLE_RECOVERY))
        decide = true;
    if (decide)
        deciding_update(speaker, now);
}

bool transitions_are_over(const struct speaker *speaker, uint64_t now)
{
    return speaker->lifecycle.state == LIFECYCLE_ENDING &&
           ownership_is_drained(&speaker->ownership) && speaker->depart_by <= now;
}
