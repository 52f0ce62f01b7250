/* SPDX-License-Identifier: MIT */
#include "reconcile/announcements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/claims.h"
#include "reconcile/decisions.h"

/* Names of nodes that are gone are kept until there are so many more of them than live ones. */
#define NODE_SURPLUS 256

struct announcement_reconciler {
    struct announcement_options options;
    char *load_balancer_class;
    char *node_name;
    struct node_table nodes;
    struct electorate *electorate;
    struct arena arena; /* what the last results point to */
    struct arena claims_arena;
    struct claims claims;       /* of the objects of the last run */
    uint64_t claims_generation; /* of these objects; 0: none */
    const struct address_decision *decisions;
    const struct contest *contests; /* of the decisions */
};

/* What the ranking of an address follows from. */
struct contest {
    struct mlb_address key;
    const struct candidate_group *group; /* NULL: nobody stands for election */
};

/* One run: what becomes the reconciler's once it succeeded, and what is needed no longer then. */
struct run {
    struct announcement_reconciler *reconciler;
    struct arena *arena;
    struct arena *results;
    struct arena claims_arena; /* of claims that were made for this run */
    struct claims claims;
    struct landscape landscape;
    struct ballots ballots;
    struct address_decision *decisions;
    struct contest *contests;
    struct candidate_group *groups; /* those of the ballots */
    struct announcement_warning *warnings;
    size_t warning_count;
};

bool election_mode_parse(const char *text, enum election_mode *mode)
{
    static const struct {
        const char *name;
        enum election_mode mode;
    } modes[] = {
        {"endpoints", ELECTION_ENDPOINTS},
        {"prefer-endpoints", ELECTION_PREFER_ENDPOINTS},
        {"speakers", ELECTION_SPEAKERS},
        {"metallb", ELECTION_METALLB},
    };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(text, modes[i].name) == 0) {
            *mode = modes[i].mode;
            return true;
        }
    }
    return false;
}

static bool copy_text(const char *text, char **copy)
{
    *copy = text == NULL ? NULL : strdup(text);
    return text == NULL || *copy != NULL;
}

int announcement_reconciler_new(const struct announcement_options *options,
                                struct announcement_reconciler **reconciler)
{
    struct announcement_reconciler *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return -ENOMEM;
    if (options != NULL) {
        made->options = *options;
        if (!copy_text(options->load_balancer_class, &made->load_balancer_class) ||
            !copy_text(options->node_name, &made->node_name)) {
            announcement_reconciler_free(made);
            return -ENOMEM;
        }
    }
    made->options.load_balancer_class = made->load_balancer_class;
    made->options.node_name = made->node_name;
    *reconciler = made;
    return 0;
}

void announcement_reconciler_free(struct announcement_reconciler *reconciler)
{
    if (reconciler == NULL)
        return;
    electorate_free(reconciler->electorate);
    node_table_clear(&reconciler->nodes);
    arena_clear(&reconciler->arena);
    arena_clear(&reconciler->claims_arena);
    free(reconciler->load_balancer_class);
    free(reconciler->node_name);
    free(reconciler);
}

int announcement_live_nodes(const struct object_set *objects, const char *self,
                            struct live_node **nodes, size_t *count)
{
    const struct object_list *list = &objects->lists[OBJECT_NODE];
    struct live_node *found = calloc(list->count + 1, sizeof(*found));
    if (found == NULL)
        return -ENOMEM;
    size_t used = 0;
    bool has_self = self == NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = (const struct node *)list->items[i];
        bool is_self = self != NULL && strcmp(node->object.name, self) == 0;
        has_self = has_self || is_self;
        if (is_self || !node->not_ready)
            found[used++].name = node->object.name;
    }
    if (!has_self)
        found[used++].name = self;
    *nodes = found;
    *count = used;
    return 0;
}

/* Results of the last run may still point to names, so the table is only replaced, and the old one
 * handed back to be cleared when the run has succeeded. */
static int number_nodes(struct announcement_reconciler *reconciler,
                        const struct announcement_input *input, struct node_table *retired)
{
    if (reconciler->nodes.count > 2 * input->live_count + NODE_SURPLUS) {
        *retired = reconciler->nodes;
        reconciler->nodes = (struct node_table){0};
        electorate_free(reconciler->electorate);
        reconciler->electorate = NULL;
    }
    for (size_t i = 0; i < input->live_count; i++) {
        if (node_table_add(&reconciler->nodes, input->live[i].name) != 0)
            return -ENOMEM;
    }
    if (reconciler->electorate == NULL)
        reconciler->electorate = electorate_new();
    return reconciler->electorate == NULL ? -ENOMEM : 0;
}

/* Addresses whose own text is hashed are kept in the electorate. */
static int elect(struct run *run)
{
    struct announcement_reconciler *reconciler = run->reconciler;
    struct elected_address *addresses =
        arena_allocate(run->arena, run->ballots.count, sizeof(*addresses));
    struct candidate_group *groups =
        arena_allocate(run->arena, run->ballots.group_count, sizeof(*groups));
    bool *used = arena_allocate(run->arena, run->ballots.group_count, sizeof(*used));
    if (addresses == NULL || groups == NULL || used == NULL)
        return -ENOMEM;
    size_t count = 0;
    for (size_t i = 0; i < run->ballots.count; i++) {
        struct ballot *ballot = &run->ballots.items[i];
        if (ballot->group == NULL || mlb_address_compare(&ballot->key, &ballot->address) != 0)
            continue;
        used[ballot->group - run->ballots.groups] = true;
        addresses[count].address = ballot->address;
        addresses[count++].group = ballot->group;
    }
    size_t group_count = 0;
    for (size_t i = 0; i < run->ballots.group_count; i++) {
        if (used[i])
            groups[group_count++] = run->ballots.groups[i];
    }
    for (size_t i = 0, next = 0; i < run->ballots.group_count; i++) {
        if (used[i])
            run->ballots.groups[i].id = (uint32_t)next++;
    }
    for (size_t i = 0; i < count; i++)
        addresses[i].group = &groups[addresses[i].group->id];
    return electorate_set(reconciler->electorate, &reconciler->nodes, groups, group_count,
                          addresses, count);
}

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

static int find_places(const struct run *run, const struct contest *contest,
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
static int find_interfaces(const struct run *run, const struct ballot *ballot,
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

static int fill_decision(struct run *run, size_t index)
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

static int allocate_results(struct run *run)
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

/* Which addresses services stand for follows from the objects alone; a member that comes or goes
 * does not change it. */
static int find_claims(struct run *run, const struct standing_context *context, uint64_t generation)
{
    const struct announcement_reconciler *reconciler = run->reconciler;
    if (generation != 0 && generation == reconciler->claims_generation) {
        run->claims = reconciler->claims;
        return 0;
    }
    return claims_collect(context, &run->claims_arena, &run->claims);
}

static void keep_claims(struct run *run, uint64_t generation)
{
    struct announcement_reconciler *reconciler = run->reconciler;
    if (generation != 0 && generation == reconciler->claims_generation)
        return;
    arena_clear(&reconciler->claims_arena);
    reconciler->claims_arena = run->claims_arena;
    reconciler->claims = run->claims;
    reconciler->claims_generation = generation;
}

static int run_all(struct run *run, const struct announcement_input *input)
{
    struct announcement_reconciler *reconciler = run->reconciler;
    struct standing_context context = {.landscape = &run->landscape,
                                       .options = &reconciler->options,
                                       .arena = run->arena,
                                       .results = run->results};
    if (landscape_init(&run->landscape, input, &reconciler->nodes, &reconciler->options,
                       run->arena) != 0 ||
        find_claims(run, &context, input->generation) != 0 ||
        ballots_make(&context, &run->claims, &run->ballots) != 0 || elect(run) != 0)
        return -ENOMEM;
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

int announcement_reconciler_run(struct announcement_reconciler *reconciler,
                                const struct announcement_input *input,
                                struct announcements *results)
{
    struct arena arena = {0};
    struct arena made = {0};
    struct node_table retired = {0};
    struct run run = {.reconciler = reconciler, .arena = &arena, .results = &made};
    int code = number_nodes(reconciler, input, &retired);
    if (code == 0)
        code = run_all(&run, input);
    arena_clear(&arena);
    if (code != 0) {
        /* The election may be half changed; the next run makes it anew. Names stay, because the
         * last results point to them. */
        electorate_free(reconciler->electorate);
        reconciler->electorate = NULL;
        arena_clear(&made);
        arena_clear(&run.claims_arena);
        if (retired.count > 0) {
            node_table_clear(&reconciler->nodes);
            reconciler->nodes = retired;
        }
        return code;
    }
    node_table_clear(&retired);
    arena_clear(&reconciler->arena);
    reconciler->arena = made;
    keep_claims(&run, input->generation);
    reconciler->decisions = run.decisions;
    reconciler->contests = run.contests;
    *results = (struct announcements){.addresses = run.decisions,
                                      .address_count = run.ballots.count,
                                      .warnings = run.warnings,
                                      .warning_count = run.warning_count};
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
