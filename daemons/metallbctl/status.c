/* SPDX-License-Identifier: MIT */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metallbctl/ask.h"
#include "metallbctl/command.h"
#include "metallbctl/document.h"
#include "metallbctl/table.h"

/* Texts of an array as one cell; of objects, their names. */
static void add_texts(struct table *table, const cJSON *array, int first)
{
    int size = cJSON_GetArraySize(array);
    const char **texts = (const char **)calloc((size_t)size + 1, sizeof(*texts));
    size_t count = 0;
    int index = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, array)
    {
        const char *text =
            cJSON_IsObject(item) ? document_text(item, "name") : cJSON_GetStringValue(item);
        if (texts != NULL && index++ >= first && text != NULL)
            texts[count++] = text;
    }
    if (texts == NULL)
        table->failed = true;
    else
        table_add_list(table, texts, count);
    free((void *)texts);
}

/* A count for people; -o json shows all digits of the largest ones. */
static void add_count(struct table *table, const cJSON *object, const char *name)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(object, name);
    if (cJSON_IsNumber(count))
        table_add_format(table, "%.0f", count->valuedouble);
    else
        table_add(table, NULL);
}

static bool print_addresses(const cJSON *addresses)
{
    static const char *const heads[] = {"ADDRESS",    "OWNER",    "STANDBYS", "SERVICES",
                                        "INTERFACES", "REQUESTS", "REPLIES",  "REASON"};
    struct table table = {.columns = sizeof(heads) / sizeof(heads[0])};
    for (size_t i = 0; i < table.columns; i++)
        table_add(&table, heads[i]);
    const cJSON *address = NULL;
    cJSON_ArrayForEach(address, addresses)
    {
        table_add(&table, document_text(address, "address"));
        table_add(&table, document_text(address, "owner"));
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "ranking"), 1);
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "services"), 0);
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "interfaces"), 0);
        const cJSON *counters = cJSON_GetObjectItemCaseSensitive(address, "counters");
        add_count(&table, counters, "requests");
        add_count(&table, counters, "replies");
        table_add(&table, document_text(address, "reason"));
    }
    return table_print(&table, stdout);
}

static bool print_interfaces(const cJSON *interfaces)
{
    static const char *const heads[] = {"INTERFACE", "HARDWARE ADDRESS", "USABLE", "FRAMES",
                                        "REASON"};
    struct table table = {.columns = sizeof(heads) / sizeof(heads[0])};
    for (size_t i = 0; i < table.columns; i++)
        table_add(&table, heads[i]);
    const cJSON *interface = NULL;
    cJSON_ArrayForEach(interface, interfaces)
    {
        const cJSON *usable = cJSON_GetObjectItemCaseSensitive(interface, "usable");
        table_add(&table, document_text(interface, "name"));
        table_add(&table, document_text(interface, "hardwareAddress"));
        table_add(&table, cJSON_IsTrue(usable) ? "yes" : "no");
        add_count(&table, interface, "frames");
        table_add(&table, document_text(interface, "reason"));
    }
    return table_print(&table, stdout);
}

static void print_errors(const cJSON *errors)
{
    const cJSON *error = NULL;
    cJSON_ArrayForEach(error, errors)
    {
        const char *text =
            cJSON_IsObject(error) ? document_text(error, "message") : cJSON_GetStringValue(error);
        const char *file = document_text(error, "file");
        const char *object = document_text(error, "object");
        printf("error: %s%s%s%s%s\n", file == NULL ? "" : file,
               file == NULL || file[0] == '\0' ? "" : ": ", object == NULL ? "" : object,
               object == NULL || object[0] == '\0' ? "" : ": ", text == NULL ? "" : text);
    }
}

static bool print_pools(const cJSON *pools)
{
    static const char *const heads[] = {"POOL",           "SERVICES",      "IPV4 ASSIGNED",
                                        "IPV4 AVAILABLE", "IPV6 ASSIGNED", "IPV6 AVAILABLE"};
    struct table table = {.columns = sizeof(heads) / sizeof(heads[0])};
    for (size_t i = 0; i < table.columns; i++)
        table_add(&table, heads[i]);
    const cJSON *pool = NULL;
    cJSON_ArrayForEach(pool, pools)
    {
        table_add(&table, document_text(pool, "name"));
        add_count(&table, pool, "services");
        table_add(&table, document_text(pool, "assignedIPv4"));
        table_add(&table, document_text(pool, "availableIPv4"));
        table_add(&table, document_text(pool, "assignedIPv6"));
        table_add(&table, document_text(pool, "availableIPv6"));
    }
    return table_print(&table, stdout);
}

static bool print_waiting(const cJSON *waiting)
{
    static const char *const heads[] = {"NAMESPACE", "NAME", "REASON"};
    struct table table = {.columns = sizeof(heads) / sizeof(heads[0])};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        table_add(&table, heads[i]);
    const cJSON *service = NULL;
    cJSON_ArrayForEach(service, waiting)
    {
        table_add(&table, document_text(service, "namespace"));
        table_add(&table, document_text(service, "name"));
        table_add(&table, document_text(service, "reason"));
    }
    return table_print(&table, stdout);
}

static double number_of(const cJSON *object, const char *name)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static int print_controller(const cJSON *status)
{
    const cJSON *services = cJSON_GetObjectItemCaseSensitive(status, "services");
    const cJSON *waiting = cJSON_GetObjectItemCaseSensitive(status, "waiting");
    const char *state = document_text(status, "state");
    bool durable = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(status, "durable"));
    printf("Controller of %s, %s\n", state == NULL ? "-" : state,
           durable ? "all is durable" : "the last result is NOT durable");
    printf("Services: %.0f assigned, %.0f kept, %.0f waiting\n\n", number_of(services, "assigned"),
           number_of(services, "kept"), number_of(services, "waiting"));
    if (!print_pools(cJSON_GetObjectItemCaseSensitive(status, "pools")))
        return out_of_memory();
    if (cJSON_GetArraySize(waiting) > 0) {
        fputc('\n', stdout);
        if (!print_waiting(waiting))
            return out_of_memory();
    }
    return EXIT_GOOD;
}

static int print_speaker(const cJSON *status)
{
    const char *node = document_text(status, "node");
    const char *state = document_text(status, "state");
    printf("Node %s, %s\n\n", node == NULL ? "-" : node, state == NULL ? "-" : state);
    if (!print_addresses(cJSON_GetObjectItemCaseSensitive(status, "addresses")))
        return out_of_memory();
    fputc('\n', stdout);
    if (!print_interfaces(cJSON_GetObjectItemCaseSensitive(status, "interfaces")))
        return out_of_memory();
    const cJSON *members = cJSON_GetObjectItemCaseSensitive(status, "members");
    if (!cJSON_IsArray(members))
        return EXIT_GOOD;
    fputc('\n', stdout);
    return members_print(members) ? EXIT_GOOD : out_of_memory();
}

static int print_status(const cJSON *status)
{
    int result =
        document_text(status, "program") == NULL ? print_speaker(status) : print_controller(status);
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(status, "errors");
    if (result == EXIT_GOOD && cJSON_GetArraySize(errors) > 0) {
        fputc('\n', stdout);
        print_errors(errors);
    }
    return result;
}

static int run(const struct arguments *arguments)
{
    const char *path = arguments->control == NULL ? SPEAKER_CONTROL_PATH : arguments->control;
    return document_ask("status", path, "status", arguments->json, print_status);
}

const struct command status_command = {
    .name = "status",
    .summary = "ask a running speaker or controller how it stands",
    .help = "Usage: metallbctl status [--control PATH] [-o json]\n\n"
            "Asks the speaker on this host what it thinks, announces and has counted, or with\n"
            "--control " CONTROLLER_CONTROL_PATH " the controller what it has assigned.\n\n"
            "      --control PATH     the socket; default " SPEAKER_CONTROL_PATH "\n"
            "  -o, --output KIND      table (default) or json\n\n"
            "Exit status: 0 success, 1 no answer, 2 wrong arguments.\n",
    .accepted = ACCEPT_CONTROL,
    .run = run,
};
