/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_writer.h"
#include "metallbctl/command.h"
#include "metallbctl/load.h"
#include "metallbctl/table.h"
#include "reconcile/announcements.h"

/* The live nodes: names borrowed from text or the objects. */
struct live_nodes {
    char *text;
    struct live_node *items;
    size_t count;
};

static int split_names(const char *list, struct live_nodes *live)
{
    live->text = strdup(list);
    live->items = calloc(strlen(list) + 1, sizeof(*live->items));
    if (live->text == NULL || live->items == NULL)
        return out_of_memory();
    char *rest = NULL;
    for (char *name = strtok_r(live->text, ", \t\n", &rest); name != NULL;
         name = strtok_r(NULL, ", \t\n", &rest))
        live->items[live->count++].name = name;
    return EXIT_GOOD;
}

static int find_live(const struct arguments *arguments, const struct object_set *objects,
                     struct live_nodes *live)
{
    if (arguments->alive != NULL)
        return split_names(arguments->alive, live);
    return announcement_live_nodes(objects, NULL, &live->items, &live->count) == 0
               ? EXIT_GOOD
               : out_of_memory();
}

/* The result with all rankings, which json and table both need. */
struct election {
    struct announcement_reconciler *reconciler;
    struct announcements announcements;
    const char ***rankings; /* by address */
};

static int rank_all(struct election *election)
{
    const struct announcements *announcements = &election->announcements;
    election->rankings =
        (const char ***)calloc(announcements->address_count + 1, sizeof(*election->rankings));
    if (election->rankings == NULL)
        return out_of_memory();
    for (size_t i = 0; i < announcements->address_count; i++) {
        const struct address_decision *decision = &announcements->addresses[i];
        election->rankings[i] =
            (const char **)calloc(decision->candidate_count + 1, sizeof(*election->rankings[i]));
        if (election->rankings[i] == NULL ||
            announcement_reconciler_ranking(election->reconciler, decision,
                                            election->rankings[i]) != 0)
            return out_of_memory();
    }
    return EXIT_GOOD;
}

static void clear_election(struct election *election)
{
    for (size_t i = 0; election->rankings != NULL && i < election->announcements.address_count; i++)
        free((void *)election->rankings[i]);
    free((void *)election->rankings);
    announcement_reconciler_free(election->reconciler);
}

static void write_services(struct json_writer *writer, const struct address_decision *decision)
{
    json_begin_array(writer);
    for (size_t i = 0; i < decision->service_count; i++) {
        const struct object *object = &decision->services[i]->object;
        char name[OBJECT_NAME_SIZE];
        snprintf(name, sizeof(name), "%s/%s", object->namespace_, object->name);
        json_text(writer, name);
    }
    json_end_array(writer);
}

static void write_ranking(struct json_writer *writer, const struct address_decision *decision,
                          const char *const *ranking)
{
    json_begin_array(writer);
    for (size_t i = 0; ranking != NULL && i < decision->candidate_count; i++)
        json_text(writer, ranking[i]);
    json_end_array(writer);
}

static void write_json(const struct election *election)
{
    struct json_writer writer = {.stream = stdout};
    json_begin_object(&writer);
    json_key(&writer, "addresses");
    json_begin_array(&writer);
    for (size_t i = 0; i < election->announcements.address_count; i++) {
        const struct address_decision *decision = &election->announcements.addresses[i];
        json_begin_object(&writer);
        json_text_member(&writer, "address", decision->text);
        json_key(&writer, "services");
        write_services(&writer, decision);
        json_text_member(&writer, "owner", decision->owner);
        json_key(&writer, "ranking");
        write_ranking(&writer, decision, election->rankings[i]);
        json_text_member(&writer, "reason", decision->reason);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    json_end_object(&writer);
    fputc('\n', stdout);
}

static void add_service_names(struct table *table, const struct address_decision *decision)
{
    const struct object *first = &decision->services[0]->object;
    if (decision->service_count == 1)
        table_add_format(table, "%s/%s", first->namespace_, first->name);
    else
        table_add_format(table, "%s/%s and %zu more", first->namespace_, first->name,
                         decision->service_count - 1);
}

static int write_table(const struct election *election)
{
    struct table table = {.columns = 5};
    static const char *const heads[] = {"ADDRESS", "OWNER", "STANDBYS", "SERVICES", "REASON"};
    for (size_t i = 0; i < 5; i++)
        table_add(&table, heads[i]);
    for (size_t i = 0; i < election->announcements.address_count; i++) {
        const struct address_decision *decision = &election->announcements.addresses[i];
        size_t standbys = decision->candidate_count > 0 ? decision->candidate_count - 1 : 0;
        table_add(&table, decision->text);
        table_add(&table, decision->owner);
        table_add_list(&table, election->rankings[i] + 1, standbys);
        add_service_names(&table, decision);
        table_add(&table, decision->reason);
    }
    return table_print(&table, stdout) ? EXIT_GOOD : out_of_memory();
}

static int elect(const struct arguments *arguments, const struct announcement_options *options,
                 const struct object_set *objects)
{
    struct live_nodes live = {0};
    struct election election = {0};
    int status = find_live(arguments, objects, &live);
    struct announcement_input input = {
        .objects = objects, .live = live.items, .live_count = live.count};
    if (status == EXIT_GOOD &&
        (announcement_reconciler_new(options, &election.reconciler) != 0 ||
         announcement_reconciler_run(election.reconciler, &input, &election.announcements) != 0))
        status = out_of_memory();
    if (status == EXIT_GOOD)
        status = rank_all(&election);
    for (size_t i = 0; status == EXIT_GOOD && i < election.announcements.warning_count; i++)
        fprintf(stderr, "warning: %s: %s\n", election.announcements.warnings[i].address,
                election.announcements.warnings[i].message);
    if (status == EXIT_GOOD && arguments->json)
        write_json(&election);
    else if (status == EXIT_GOOD)
        status = write_table(&election);
    clear_election(&election);
    free(live.items);
    free(live.text);
    return status;
}

static int run(const struct arguments *arguments)
{
    struct announcement_options options = {
        .load_balancer_class = arguments->load_balancer_class,
        .ignore_exclude_label = arguments->ignore_exclude_label,
    };
    if (arguments->election != NULL && !election_mode_parse(arguments->election, &options.mode)) {
        fprintf(stderr,
                "metallbctl elect: --election is endpoints, prefer-endpoints, speakers or metallb, "
                "not %s\n",
                arguments->election);
        return EXIT_USAGE;
    }
    struct loaded loaded;
    if (load(arguments->paths, arguments->path_count, &loaded) != EXIT_GOOD)
        return EXIT_BAD;
    load_report(&loaded);
    int status = elect(arguments, &options, &loaded.objects);
    if (loaded.broken)
        status = EXIT_BAD;
    load_clear(&loaded);
    return status;
}

const struct command elect_command = {
    .name = "elect",
    .summary = "show which node announces each address",
    .help = "Usage: metallbctl elect -f PATH... [--alive NODE,...] [--election RULE] [-o json]\n\n"
            "Shows which node announces each address, by the speaker's own rules.\n\n"
            "  -f, --file PATH          file, directory or - for standard input; may be repeated\n"
            "      --alive NODE,...     the live nodes; default: the Node objects not marked\n"
            "                           NotReady\n"
            "      --election RULE      endpoints (default), prefer-endpoints, speakers, metallb\n"
            "      --ignore-exclude-lb  nodes with the exclude label take part\n"
            "      --lb-class CLASS     the loadBalancerClass served; default: none\n"
            "  -o, --output KIND        table (default) or json\n\n"
            "Exit status: 0 success, 1 broken objects or failure, 2 wrong arguments.\n",
    .accepted = ACCEPT_FILES | ACCEPT_ELECTION | ACCEPT_CLASS,
    .run = run,
};
