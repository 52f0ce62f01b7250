/* SPDX-License-Identifier: MIT */
/* What goes wrong beside the protocol: told, but not in a flood. */
#include "live/membership/membership.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TROUBLE_INTERVAL (10 * NANOSECONDS_PER_SECOND)

static int32_t error_code(int error)
{
    switch (error) {
    case -EPERM:
    case -EACCES:
        return MLB_ERROR_PERMISSION;
    case -ENOMEM:
        return MLB_ERROR_NO_MEMORY;
    default:
        return MLB_ERROR_SYSTEM;
    }
}

static struct mlb_membership_event *begin(struct mlb_membership *membership, enum trouble_kind kind,
                                          int32_t code)
{
    struct trouble *trouble = &membership->troubles[kind];

    trouble->waits = 1;
    trouble->next = membership->now + TROUBLE_INTERVAL;
    trouble->event = (struct mlb_membership_event){
        .struct_size = sizeof(trouble->event),
        .kind = MLB_MEMBERSHIP_ERROR,
        .code = code,
        .time = membership->now,
    };
    return &trouble->event;
}

void membership_trouble(struct mlb_membership *membership, enum trouble_kind kind, int error,
                        const char *action)
{
    struct mlb_membership_event *event;

    if (membership->now < membership->troubles[kind].next)
        return;
    event = begin(membership, kind, error_code(error));
    snprintf(event->detail, sizeof(event->detail), "%s: %s", action, strerror(-error));
}

/* Each name by itself, so that one does not hide another; once only for the same reason. */
void membership_name_trouble(struct mlb_membership *membership, struct seed *seed, int error,
                             const char *reason)
{
    struct mlb_membership_event *event;

    if (membership->troubles[TROUBLE_NAME].waits || seed->told_error == error)
        return;
    event = begin(membership, TROUBLE_NAME, MLB_ERROR_NOT_FOUND);
    snprintf(event->detail, sizeof(event->detail), "cannot look up \"%.160s\": %s", seed->name,
             reason);
    seed->told_error = error;
}

int membership_take_trouble(struct mlb_membership *membership, struct mlb_membership_event *event)
{
    for (size_t i = 0; i < TROUBLE_KINDS; i++) {
        struct trouble *trouble = &membership->troubles[i];

        if (!trouble->waits)
            continue;
        trouble->waits = 0;
        *event = trouble->event;
        return 1;
    }
    return 0;
}

int membership_take_core_event(struct mlb_membership *membership,
                               struct mlb_membership_event *event)
{
    while (membership_next_event(membership->core, event) == 1) {
        /* While a name waits for its first answer, not every seed was tried. */
        if (event->kind != MLB_MEMBERSHIP_SEEDS_SILENT || !membership_seeds_wait(membership))
            return 1;
        membership->seeds.silence_unsaid = 1;
    }
    return 0;
}
