/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/announcement_run.h"

/* Names of nodes that are gone are kept until there are so many more of them than live ones. */
#define NODE_SURPLUS 256

const char *const election_mode_names[] = {"endpoints", "prefer-endpoints", "speakers", "metallb",
                                           NULL};

bool election_mode_parse(const char *text, enum election_mode *mode)
{
    for (unsigned i = 0; election_mode_names[i] != NULL; i++) {
        if (strcmp(text, election_mode_names[i]) == 0) {
            *mode = (enum election_mode)i;
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
static int elect(struct announcement_run *run)
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

/* Which addresses services stand for follows from the objects alone; a member that comes or goes
 * does not change it. */
static int find_claims(struct announcement_run *run, const struct standing_context *context,
                       uint64_t generation)
{
    const struct announcement_reconciler *reconciler = run->reconciler;
    if (generation != 0 && generation == reconciler->claims_generation) {
        run->claims = reconciler->claims;
        return 0;
    }
    return claims_collect(context, &run->claims_arena, &run->claims);
}

static void keep_claims(struct announcement_run *run, uint64_t generation)
{
    struct announcement_reconciler *reconciler = run->reconciler;
    if (generation != 0 && generation == reconciler->claims_generation)
        return;
    arena_clear(&reconciler->claims_arena);
    reconciler->claims_arena = run->claims_arena;
    reconciler->claims = run->claims;
    reconciler->claims_generation = generation;
}

static int run_all(struct announcement_run *run, const struct announcement_input *input)
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
    return announcement_results_make(run);
}

int announcement_reconciler_run(struct announcement_reconciler *reconciler,
                                const struct announcement_input *input,
                                struct announcements *results)
{
    struct arena arena = {0};
    struct arena made = {0};
    struct node_table retired = {0};
    struct announcement_run run = {.reconciler = reconciler, .arena = &arena, .results = &made};
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
