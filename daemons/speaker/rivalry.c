/* SPDX-License-Identifier: MIT */
#include "speaker/rivalry.h"

#include <string.h>

#include "speaker/deciding.h"
#include "speaker/event_log.h"
#include "speaker/wanted.h"

/* Whether the member ranks before this node by this node's own view. One that lives would own the
 * address then; one that is taken for dead and is heard all the same is asked the election about.
 * One that left answers on until it hears who took over, and is to hear it again. */
static bool ranks_higher(struct speaker *speaker, const struct peer *peer,
                         const struct mlb_address *address, uint64_t now)
{
    const struct address_decision *decision = decision_find(&speaker->ownership.decisions, address);

    if (peer->state == MLB_MEMBER_FAILED)
        return deciding_foresees(speaker, peer, address, now);
    return decision != NULL && decision->owner != NULL && strcmp(decision->owner, peer->name) == 0;
}

static void hand_over(struct speaker *speaker, const struct peer *peer,
                      const struct mlb_announcer_event *event, const char *address, uint64_t now)
{
    log_info(speaker->log, LOG_FIELDS({"address", address}, {"member", peer->name}),
             "%s has taken %s over", peer->name, address);
    ownership_yield(&speaker->ownership, &event->address, now);
}

static void settle(struct speaker *speaker, const struct peer *peer,
                   const struct mlb_announcer_event *event, const char *address, uint64_t now)
{
    const struct log_field *fields = LOG_FIELDS({"address", address}, {"member", peer->name});

    if (ranks_higher(speaker, peer, &event->address, now)) {
        log_warn(speaker->log, fields,
                 "%s answers for %s, though it counts as failed here, and comes before this node: "
                 "left to it for %d s",
                 peer->name, address, RIVALS_DEFEND_SECONDS);
        ownership_yield(&speaker->ownership, &event->address, now);
        deciding_publish(speaker);
        return;
    }
    log_info(speaker->log, fields, "%s claims %s, which this node owns: announced again",
             peer->name, address);
    ownership_repeat(&speaker->ownership, &event->address);
}

void rivalry_take(struct speaker *speaker, const struct mlb_announcer_event *event, uint64_t now)
{
    const struct peer *peer = peers_find_hardware(&speaker->group.peers, event->hardware_address);
    char address[MLB_ADDRESS_TEXT_SIZE] = "";

    (void)mlb_address_format(&event->address, address, sizeof(address));
    if (peer != NULL && peer_lives(peer) && lifecycle_hands_over(&speaker->lifecycle)) {
        hand_over(speaker, peer, event, address, now);
        return;
    }
    event_log_conflict(&speaker->reports, event, peer == NULL ? NULL : peer->name, now);
    if (peer == NULL || !announcing_has(&speaker->ownership.announcing, &event->address) ||
        (peer->state == MLB_MEMBER_FAILED && !deciding_may_foresee(speaker, now)))
        return;
    if (rivals_may_act(&speaker->ownership.rivals, &event->address, now))
        settle(speaker, peer, event, address, now);
}
