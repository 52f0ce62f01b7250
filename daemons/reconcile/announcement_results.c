/* SPDX-License-Identifier: MIT */
/* What a run decides for each address, as its caller gets it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/announcement_run.h"

static int rank(const struct announcement_reconciler *reconciler, const struct contest *contest,
                uint32_t *nodes, size_t capacity)
{
    const struct candidate_group *group = contest->group;
    struct mlb_candidate *candidates = calloc(group->count, sizeof(*candidates));
    if (candidates == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < group->count; i++) {
        candidates[i].name = reconciler->nodes.names[group->candidates[i].node];
        candidates[i].preference = group->candidates[i].preference;
    }
    int32_t code =
        mlb_election_rank(&contest->key, candidates, group->count, nodes, capacity, NULL);
    free(candidates);
    for (size_t i = 0; code == MLB_OK && i < capacity; i++)
        nodes[i] = group->candidates[nodes[i]].node;
    return code == MLB_OK ? 0 : -ENOMEM;
}

static int find_places(const struct announcement_run *run, const struct contest *contest,
                       struct address_decision *decision)
{
    const struct announcement_reconciler *reconciler = run->reconciler;
    uint32_t places[MLB_ELECTION_PLACES];
    if (contest->group == NULL)
        return 0;
    decision->candidate_count = contest->group->count;
    if (mlb_address_compare(&contest->key, &decision->address) == 0) {
        decision->place_count = electorate_places(reconciler->electorate, &reconciler->nodes,
                                                  &decision->address, places);
    } else {
        decision->place_count = contest->group->count < MLB_ELECTION_PLACES ? contest->group->count
                                                                            : MLB_ELECTION_PLACES;
        if (rank(reconciler, contest, places, decision->place_count) != 0)
            return -ENOMEM;
    }
    for (size_t i = 0; i < decision->place_count; i++)
        decision->places[i] = reconciler->nodes.names[places[i]];
    decision->owner = decision->place_count > 0 ? decision->places[0] : NULL;
    return 0;
}

/* The union of the interfaces of all advertisements that take the owner; one without any interface
 * means all. */
static int find_interfaces(const struct announcement_run *run, const struct ballot *ballot,
                           struct address_decision *decision)
{
    const char *self = run->reconciler->options.node_name;
    if (self == NULL || decision->owner == NULL || strcmp(self, decision->owner) != 0)
        return 0;
    uint32_t number = node_table_find(&run->reconciler->nodes, self);
    const struct string_list **lists = (const struct string_list **)arena_allocate(
        run->results, ballot->advertisement_count, sizeof(*lists));
    if (lists == NULL)
        return -ENOMEM;
    decision->interfaces = lists;
    for (size_t i = 0; i < ballot->advertisement_count; i++) {
        const struct advertisement *advertisement = ballot->advertisements[i];
        if (!node_set_has(advertisement->nodes, number))
            continue;
        if (advertisement->object == NULL || advertisement->object->interfaces.count == 0)
            decision->all_interfaces = true;
        else
            lists[decision->interface_list_count++] = &advertisement->object->interfaces;
    }
    if (decision->all_interfaces)
        decision->interface_list_count = 0;
    return 0;
}

static int fill_decision(struct announcement_run *run, size_t index)
{
    const struct ballot *ballot = &run->ballots.items[index];
    struct address_decision *decision = &run->decisions[index];
    struct contest *contest = &run->contests[index];
    decision->address = ballot->address;
    if (mlb_address_format(&ballot->address, decision->text, sizeof(decision->text), NULL) !=
        MLB_OK)
        return -ENOMEM;
    const struct service **services = (const struct service **)arena_allocate(
        run->results, ballot->standing_count, sizeof(*services));
    if (services == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < ballot->standing_count; i++)
        services[i] = ballot->standings[i]->service;
    decision->services = services;
    decision->service_count = ballot->standing_count;
    decision->reason = ballot->reason;
    if (ballot->warning != NULL)
        run->warnings[run->warning_count++] =
            (struct announcement_warning){.address = decision->text, .message = ballot->warning};
    contest->key = ballot->key;
    if (ballot->group != NULL)
        contest->group = &run->groups[ballot->group - run->ballots.groups];
    return find_places(run, contest, decision) != 0 || find_interfaces(run, ballot, decision) != 0
               ? -ENOMEM
               : 0;
}

static int allocate_results(struct announcement_run *run)
{
    size_t warnings = run->ballots.note_count;
    for (size_t i = 0; i < run->ballots.count; i++)
        warnings += run->ballots.items[i].warning != NULL ? 1 : 0;
    run->decisions = arena_allocate(run->results, run->ballots.count, sizeof(*run->decisions));
    run->contests = arena_allocate(run->results, run->ballots.count, sizeof(*run->contests));
    run->warnings = arena_allocate(run->results, warnings, sizeof(*run->warnings));
    run->groups = arena_allocate(run->results, run->ballots.group_count, sizeof(*run->groups));
    if (run->decisions == NULL || run->contests == NULL || run->warnings == NULL ||
        run->groups == NULL)
        return -ENOMEM;
    if (run->ballots.group_count > 0)
        memcpy(run->groups, run->ballots.groups, run->ballots.group_count * sizeof(*run->groups));
    return 0;
}

int announcement_results_make(struct announcement_run *run)
{
    if (allocate_results(run) != 0)
        return -ENOMEM;
    for (size_t i = 0; i < run->ballots.count; i++) {
        if (fill_decision(run, i) != 0)
            return -ENOMEM;
    }
    for (size_t i = 0; i < run->ballots.note_count; i++)
        run->warnings[run->warning_count++] = run->ballots.notes[i];
    return 0;
}

int announcement_reconciler_ranking(const struct announcement_reconciler *reconciler,
                                    const struct address_decision *decision, const char **names)
{
    const struct contest *contest = &reconciler->contests[decision - reconciler->decisions];
    if (contest->group == NULL)
        return 0;
    uint32_t *nodes = calloc(contest->group->count, sizeof(*nodes));
    if (nodes == NULL || rank(reconciler, contest, nodes, contest->group->count) != 0) {
        free(nodes);
        return -ENOMEM;
    }
    for (size_t i = 0; i < contest->group->count; i++)
        names[i] = reconciler->nodes.names[nodes[i]];
    free(nodes);
    return 0;
}

bool address_decision_uses_interface(const struct address_decision *decision, const char *name)
{
    if (decision->all_interfaces)
        return true;
    for (size_t i = 0; i < decision->interface_list_count; i++) {
        if (string_list_contains(decision->interfaces[i], name))
            return true;
    }
    return false;
}
