/* SPDX-License-Identifier: MIT */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metallbctl/ask.h"
#include "metallbctl/command.h"
#include "metallbctl/table.h"

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

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
            cJSON_IsObject(item) ? text_of(item, "name") : cJSON_GetStringValue(item);
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
        table_add(&table, text_of(address, "address"));
        table_add(&table, text_of(address, "owner"));
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "ranking"), 1);
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "services"), 0);
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "interfaces"), 0);
        const cJSON *counters = cJSON_GetObjectItemCaseSensitive(address, "counters");
        add_count(&table, counters, "requests");
        add_count(&table, counters, "replies");
        table_add(&table, text_of(address, "reason"));
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
        table_add(&table, text_of(interface, "name"));
        table_add(&table, text_of(interface, "hardwareAddress"));
        table_add(&table, cJSON_IsTrue(usable) ? "yes" : "no");
        add_count(&table, interface, "frames");
        table_add(&table, text_of(interface, "reason"));
    }
    return table_print(&table, stdout);
}

static void print_errors(const cJSON *errors)
{
    const cJSON *error = NULL;
    cJSON_ArrayForEach(error, errors)
    {
        const char *text =
            cJSON_IsObject(error) ? text_of(error, "message") : cJSON_GetStringValue(error);
        const char *file = text_of(error, "file");
        const char *object = text_of(error, "object");
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
        table_add(&table, text_of(pool, "name"));
        add_count(&table, pool, "services");
        table_add(&table, text_of(pool, "assignedIPv4"));
        table_add(&table, text_of(pool, "availableIPv4"));
        table_add(&table, text_of(pool, "assignedIPv6"));
        table_add(&table, text_of(pool, "availableIPv6"));
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
        table_add(&table, text_of(service, "namespace"));
        table_add(&table, text_of(service, "name"));
        table_add(&table, text_of(service, "reason"));
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
    const char *state = text_of(status, "state");
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
    const char *node = text_of(status, "node");
    printf("Node %s\n\n", node == NULL ? "-" : node);
    if (!print_addresses(cJSON_GetObjectItemCaseSensitive(status, "addresses")))
        return out_of_memory();
    fputc('\n', stdout);
    if (!print_interfaces(cJSON_GetObjectItemCaseSensitive(status, "interfaces")))
        return out_of_memory();
    return EXIT_GOOD;
}

static int print_status(const cJSON *status)
{
    int result =
        text_of(status, "program") == NULL ? print_speaker(status) : print_controller(status);
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(status, "errors");
    if (result == EXIT_GOOD && cJSON_GetArraySize(errors) > 0) {
        fputc('\n', stdout);
        print_errors(errors);
    }
    return result;
}

static int show(const char *path, const char *answer, bool json)
{
    cJSON *status = cJSON_Parse(answer);
    if (!cJSON_IsObject(status)) {
        fprintf(stderr, "metallbctl status: %s does not answer like a speaker or controller\n",
                path);
        cJSON_Delete(status);
        return EXIT_BAD;
    }
    int result = EXIT_GOOD;
    const char *error = text_of(status, "error");
    if (error != NULL) {
        fprintf(stderr, "metallbctl status: %s: %s\n", path, error);
        result = EXIT_BAD;
    } else if (json) {
        /* The daemon's own text: numbers keep all their digits. */
        size_t length = strlen(answer);
        printf("%s%s", answer, length > 0 && answer[length - 1] == '\n' ? "" : "\n");
    } else {
        result = print_status(status);
    }
    cJSON_Delete(status);
    return result;
}

static int run(const struct arguments *arguments)
{
    const char *path = arguments->control == NULL ? SPEAKER_CONTROL_PATH : arguments->control;
    char *answer = NULL;
    int status = ask("status", path, "{\"command\":\"status\"}\n", &answer);
    if (status == EXIT_GOOD)
        status = show(path, answer, arguments->json);
    free(answer);
    return status;
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
