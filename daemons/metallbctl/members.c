/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "metallbctl/ask.h"
#include "metallbctl/command.h"
#include "metallbctl/document.h"
#include "metallbctl/table.h"

static bool is_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* What the member says that it does, in one word. */
static const char *part_of(const cJSON *member)
{
    const char *facts = document_text(member, "facts");
    if (cJSON_GetObjectItemCaseSensitive(member, "ready") == NULL)
        return facts;
    if (!is_true(member, "ready"))
        return "not ready";
    return is_true(member, "draining") ? "draining" : "ready";
}

static void add_interfaces(struct table *table, const cJSON *member)
{
    const cJSON *interfaces = cJSON_GetObjectItemCaseSensitive(member, "interfaces");
    size_t size = (size_t)cJSON_GetArraySize(interfaces);
    const char **names = (const char **)calloc(size + 1, sizeof(*names));
    size_t count = 0;
    const cJSON *interface = NULL;
    cJSON_ArrayForEach(interface, interfaces)
    {
        const char *name = document_text(interface, "name");
        if (names != NULL && name != NULL)
            names[count++] = name;
    }
    if (names == NULL)
        table->failed = true;
    else
        table_add_list(table, names, count);
    free((void *)names);
}

static void add_held(struct table *table, const cJSON *member)
{
    const cJSON *addresses = cJSON_GetObjectItemCaseSensitive(member, "addresses");
    if (cJSON_IsNumber(addresses))
        table_add_format(table, "%.0f%s", addresses->valuedouble,
                         is_true(member, "moreAddresses") ? " or more" : "");
    else
        table_add(table, NULL);
}

bool members_print(const cJSON *members)
{
    static const char *const heads[] = {"MEMBER",    "ENDPOINT", "STATE",        "SAYS",
                                        "ADDRESSES", "USES",     "CONFIGURATION"};
    struct table table = {.columns = sizeof(heads) / sizeof(heads[0])};
    for (size_t i = 0; i < table.columns; i++)
        table_add(&table, heads[i]);
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, members)
    {
        const char *name = document_text(member, "name");
        table_add_format(&table, "%s%s", name == NULL ? "-" : name,
                         is_true(member, "self") ? " (this)" : "");
        table_add(&table, document_text(member, "endpoint"));
        table_add(&table, document_text(member, "state"));
        table_add(&table, part_of(member));
        add_held(&table, member);
        add_interfaces(&table, member);
        table_add_format(&table, "%.8s%s",
                         document_text(member, "configuration") == NULL
                             ? "-"
                             : document_text(member, "configuration"),
                         is_true(member, "differs") ? " DIFFERS" : "");
    }
    return table_print(&table, stdout);
}

static int print(const cJSON *status)
{
    const cJSON *members = cJSON_GetObjectItemCaseSensitive(status, "members");
    if (cJSON_IsArray(members))
        return members_print(members) ? EXIT_GOOD : out_of_memory();
    fputs("metallbctl members: this speaker runs without --members\n", stderr);
    return EXIT_BAD;
}

static int run(const struct arguments *arguments)
{
    const char *path = arguments->control == NULL ? SPEAKER_CONTROL_PATH : arguments->control;
    return document_ask("members", path, "members", arguments->json, print);
}

const struct command members_command = {
    .name = "members",
    .summary = "show the group of speakers as the one here sees it",
    .help = "Usage: metallbctl members [--control PATH] [-o json]\n\n"
            "Asks the speaker on this host who else is there, and what each says of itself.\n\n"
            "      --control PATH     the socket; default " SPEAKER_CONTROL_PATH "\n"
            "  -o, --output KIND      table (default) or json\n\n"
            "Exit status: 0 success, 1 no answer or no group, 2 wrong arguments.\n",
    .accepted = ACCEPT_CONTROL,
    .run = run,
};
