/* SPDX-License-Identifier: MIT */
#include "speaker/ownership/foresight.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "speaker/ownership/wanted.h"

/* At most one such election in this time, whatever is claimed on the wire. */
#define PACE NANOSECONDS

void foresight_forget(struct foresight *foresight)
{
    announcement_reconciler_free(foresight->reconciler);
    free(foresight->member);
    foresight->reconciler = NULL;
    foresight->member = NULL;
    foresight->decisions = (struct announcements){0};
}

/* The list of those that live, the member among them as one that says nothing. */
static struct live_node *assume(const struct announcement_input *input, const char *member,
                                size_t *count)
{
    struct live_node *live = calloc(input->live_count + 1, sizeof(*live));

    if (live == NULL)
        return NULL;
    *count = 0;
    for (size_t i = 0; i < input->live_count; i++)
        if (strcmp(input->live[i].name, member) != 0)
            live[(*count)++] = input->live[i];
    live[(*count)++].name = member;
    return live;
}

/* Returns 0 or -1 with nothing foreseen. */
static int hold_election(struct foresight *foresight, const struct announcement_options *rules,
                         const struct announcement_input *input, const char *member)
{
    struct announcement_input assumed = *input;
    struct live_node *live = assume(input, member, &assumed.live_count);
    int result = -1;

    foresight_forget(foresight);
    foresight->member = strdup(member);
    assumed.live = live;
    if (live != NULL && foresight->member != NULL &&
        announcement_reconciler_new(rules, &foresight->reconciler) == 0)
        result =
            announcement_reconciler_run(foresight->reconciler, &assumed, &foresight->decisions);
    free(live);
    if (result == 0)
        return 0;
    foresight_forget(foresight);
    return -1;
}

enum foreseen foresight_ask(struct foresight *foresight, const struct announcement_options *rules,
                            const struct announcement_input *input, const char *member,
                            const struct mlb_address *address, uint64_t now)
{
    const struct address_decision *decision;

    if (foresight->reconciler == NULL || strcmp(foresight->member, member) != 0) {
        if (foresight->at != 0 && now - foresight->at < PACE)
            return FORESEEN_NOTHING;
        foresight->at = now;
        if (hold_election(foresight, rules, input, member) != 0)
            return FORESEEN_NOTHING;
    }
    decision = decision_find(&foresight->decisions, address);
    return decision != NULL && decision->owner != NULL && strcmp(decision->owner, member) == 0
               ? FORESEEN_OWNER
               : FORESEEN_OTHER;
}

void foresight_clear(struct foresight *foresight)
{
    foresight_forget(foresight);
    *foresight = (struct foresight){0};
}
