/* SPDX-License-Identifier: MIT */
#include "speaker/lifecycle.h"

#include <stddef.h>

struct traits {
    const char *name;
    bool answers;
    bool ready;
    bool drains;
    bool hands_over;
    bool ends;
};

static const struct traits traits[LIFECYCLE_STATE_COUNT] = {
    [LIFECYCLE_STARTING] = {.name = "starting"},
    [LIFECYCLE_STARTING_DRAINED] = {.name = "starting", .drains = true},
    [LIFECYCLE_RUNNING] = {.name = "running", .answers = true, .ready = true},
    [LIFECYCLE_DRAINING] =
        {.name = "draining", .answers = true, .ready = true, .drains = true, .hands_over = true},
    [LIFECYCLE_DRAINED] = {.name = "drained", .answers = true, .ready = true, .drains = true},
    [LIFECYCLE_STALLED] = {.name = "stalled"},
    [LIFECYCLE_STALLED_DRAINED] = {.name = "stalled", .drains = true},
    [LIFECYCLE_LEAVING] =
        {.name = "leaving", .answers = true, .drains = true, .hands_over = true, .ends = true},
    [LIFECYCLE_ENDING] = {.name = "ending", .drains = true, .ends = true},
};

struct transition {
    enum lifecycle_state from;
    enum lifecycle_event event;
    enum lifecycle_state to;
};

/* Every other pair of state and event changes nothing. */
static const struct transition transitions[] = {
    {LIFECYCLE_STARTING, LIFECYCLE_STARTED, LIFECYCLE_RUNNING},
    {LIFECYCLE_STARTING, LIFECYCLE_DRAIN, LIFECYCLE_STARTING_DRAINED},
    {LIFECYCLE_STARTING, LIFECYCLE_TERMINATE, LIFECYCLE_ENDING},
    {LIFECYCLE_STARTING_DRAINED, LIFECYCLE_STARTED, LIFECYCLE_DRAINED},
    {LIFECYCLE_STARTING_DRAINED, LIFECYCLE_UNDRAIN, LIFECYCLE_STARTING},
    {LIFECYCLE_STARTING_DRAINED, LIFECYCLE_TERMINATE, LIFECYCLE_ENDING},
    {LIFECYCLE_RUNNING, LIFECYCLE_STALL, LIFECYCLE_STALLED},
    {LIFECYCLE_RUNNING, LIFECYCLE_DRAIN, LIFECYCLE_DRAINING},
    {LIFECYCLE_RUNNING, LIFECYCLE_TERMINATE, LIFECYCLE_LEAVING},
    {LIFECYCLE_DRAINING, LIFECYCLE_STALL, LIFECYCLE_STALLED_DRAINED},
    {LIFECYCLE_DRAINING, LIFECYCLE_UNDRAIN, LIFECYCLE_RUNNING},
    {LIFECYCLE_DRAINING, LIFECYCLE_HANDED_OVER, LIFECYCLE_DRAINED},
    {LIFECYCLE_DRAINING, LIFECYCLE_TERMINATE, LIFECYCLE_LEAVING},
    {LIFECYCLE_DRAINED, LIFECYCLE_STALL, LIFECYCLE_STALLED_DRAINED},
    {LIFECYCLE_DRAINED, LIFECYCLE_UNDRAIN, LIFECYCLE_RUNNING},
    {LIFECYCLE_DRAINED, LIFECYCLE_TERMINATE, LIFECYCLE_LEAVING},
    {LIFECYCLE_STALLED, LIFECYCLE_RECOVERY, LIFECYCLE_RUNNING},
    {LIFECYCLE_STALLED, LIFECYCLE_DRAIN, LIFECYCLE_STALLED_DRAINED},
    {LIFECYCLE_STALLED, LIFECYCLE_TERMINATE, LIFECYCLE_ENDING},
    {LIFECYCLE_STALLED_DRAINED, LIFECYCLE_RECOVERY, LIFECYCLE_DRAINED},
    {LIFECYCLE_STALLED_DRAINED, LIFECYCLE_UNDRAIN, LIFECYCLE_STALLED},
    {LIFECYCLE_STALLED_DRAINED, LIFECYCLE_TERMINATE, LIFECYCLE_ENDING},
    {LIFECYCLE_LEAVING, LIFECYCLE_STALL, LIFECYCLE_ENDING},
    {LIFECYCLE_LEAVING, LIFECYCLE_HANDED_OVER, LIFECYCLE_ENDING},
    {LIFECYCLE_LEAVING, LIFECYCLE_TERMINATE, LIFECYCLE_ENDING},
};

void lifecycle_init(struct lifecycle *lifecycle, unsigned missing)
{
    *lifecycle = (struct lifecycle){
        .state = missing == 0 ? LIFECYCLE_RUNNING : LIFECYCLE_STARTING,
        .missing = missing,
    };
}

bool lifecycle_take(struct lifecycle *lifecycle, enum lifecycle_event event)
{
    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++) {
        if (transitions[i].from != lifecycle->state || transitions[i].event != event)
            continue;
        lifecycle->state = transitions[i].to;
        return true;
    }
    return false;
}

bool lifecycle_learn(struct lifecycle *lifecycle, unsigned known)
{
    if (lifecycle->missing == 0)
        return false;
    lifecycle->missing &= ~known;
    return lifecycle->missing == 0 && lifecycle_take(lifecycle, LIFECYCLE_STARTED);
}

bool lifecycle_answers(const struct lifecycle *lifecycle)
{
    return traits[lifecycle->state].answers;
}

bool lifecycle_is_ready(const struct lifecycle *lifecycle)
{
    return traits[lifecycle->state].ready;
}

bool lifecycle_drains(const struct lifecycle *lifecycle)
{
    return traits[lifecycle->state].drains;
}

bool lifecycle_hands_over(const struct lifecycle *lifecycle)
{
    return traits[lifecycle->state].hands_over;
}

bool lifecycle_ends(const struct lifecycle *lifecycle)
{
    return traits[lifecycle->state].ends;
}

const char *lifecycle_name(const struct lifecycle *lifecycle)
{
    return traits[lifecycle->state].name;
}
