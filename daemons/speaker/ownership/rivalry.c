/* SPDX-License-Identifier: MIT */
#include "speaker/ownership/rivalry.h"

#include "speaker/deciding.h"
#include "speaker/reporting/event_log.h"

static void hand_over(struct speaker *speaker, const struct peer *peer,
                      const struct mlb_announcer_event *event, const char *address, uint64_t now)
{
    log_info(speaker->log, LOG_FIELDS({"address", address}, {"member", peer->name}),
             "%s has taken %s over", peer->name, address);
    ownership_yield(&speaker->ownership, &event->address, event->hardware_address, now);
}

static void yield(struct speaker *speaker, const struct peer *peer,
                  const struct mlb_announcer_event *event, const char *address, uint64_t now)
{
    log_info(speaker->log, LOG_FIELDS({"address", address}, {"member", peer->name}),
             "%s answers for %s and comes before this node: left to it", peer->name, address);
    ownership_yield(&speaker->ownership, &event->address, event->hardware_address, now);
    deciding_publish(speaker);
}

static void defend(struct speaker *speaker, const struct peer *peer,
                   const struct mlb_announcer_event *event, const char *address, uint64_t now)
{
    if (!rivals_may_act(&speaker->ownership.rivals, &event->address, now))
        return;
    log_info(speaker->log, LOG_FIELDS({"address", address}, {"member", peer->name}),
             "%s claims %s, which this node owns: announced again", peer->name, address);
    ownership_repeat(&speaker->ownership, &event->address);
}

/* What others say comes a moment later than their frames: who starts, recovers or gets its link
 * back announces before the others know that it may. So its rank counts as if it could do what it
 * evidently does. Who drains or leaves answers only until it hears who took over. */
static void settle(struct speaker *speaker, const struct peer *peer,
                   const struct mlb_announcer_event *event, const char *address, uint64_t now)
{
    bool goes = peer->state == MLB_MEMBER_LEFT ||
                (peer->facts_state == PEER_FACTS_READ && peer->facts.draining);

    if (goes || !announcing_has(&speaker->ownership.announcing, &event->address))
        return;
    switch (deciding_foresee(speaker, peer->name, &event->address, now)) {
    case FORESEEN_NOTHING:
        return;
    case FORESEEN_OWNER:
        yield(speaker, peer, event, address, now);
        return;
    case FORESEEN_OTHER:
        defend(speaker, peer, event, address, now);
        return;
    }
}

void rivalry_take(struct speaker *speaker, const struct mlb_announcer_event *event, uint64_t now)
{
    const struct peer *peer = peers_find_hardware(&speaker->group.peers, event->hardware_address);
    char address[MLB_ADDRESS_TEXT_SIZE] = "";

    (void)mlb_address_format(&event->address, address, sizeof(address), NULL);
    if (peer == NULL)
        event_log_write(&speaker->reports, event, now);
    else if (peer_lives(peer) && lifecycle_hands_over(&speaker->lifecycle))
        hand_over(speaker, peer, event, address, now);
    else
        settle(speaker, peer, event, address, now);
}
