/* SPDX-License-Identifier: MIT */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metallbctl/ask.h"
#include "metallbctl/command.h"

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text == NULL ? "" : text;
}

static void print_list(const char *before, const cJSON *array)
{
    const cJSON *item = NULL;
    bool first = true;
    cJSON_ArrayForEach(item, array)
    {
        printf("%s%s", first ? before : ", ", item->valuestring == NULL ? "" : item->valuestring);
        first = false;
    }
}

static void print_counts(const cJSON *event)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, event)
    {
        if (cJSON_IsNumber(item) && item->valuedouble > 0 && strcmp(item->string, "sequence") != 0)
            printf(" %s %.0f", item->string, item->valuedouble);
    }
}

/* "TIME kind namespace/name ADDRESSES (was FORMER): reason" */
static void print_event(const cJSON *event)
{
    const cJSON *former = cJSON_GetObjectItemCaseSensitive(event, "former");
    const char *kind = text_of(event, "kind");
    const char *reason = text_of(event, "reason");
    printf("%s %-8s", text_of(event, "time"), kind);
    if (strcmp(kind, "summary") == 0) {
        print_counts(event);
    } else {
        const cJSON *addresses = cJSON_GetObjectItemCaseSensitive(event, "addresses");
        printf(" %s/%s", text_of(event, "namespace"), text_of(event, "name"));
        print_list(" ", addresses);
        if (cJSON_GetArraySize(former) > 0 && !cJSON_Compare(former, addresses, true)) {
            print_list(" (was ", former);
            fputc(')', stdout);
        }
    }
    printf("%s%s\n", reason[0] == '\0' ? "" : ": ", reason);
}

static int take(const char *line, void *context)
{
    const struct arguments *arguments = context;
    cJSON *event = cJSON_Parse(line);
    const cJSON *missed = cJSON_GetObjectItemCaseSensitive(event, "missed");
    int status = EXIT_GOOD;
    if (!cJSON_IsObject(event)) {
        fputs("metallbctl events: the answer is not that of a controller\n", stderr);
        status = EXIT_BAD;
    } else if (text_of(event, "error")[0] != '\0') {
        fprintf(stderr, "metallbctl events: %s\n", text_of(event, "error"));
        status = EXIT_BAD;
    } else if (arguments->json) {
        fputs(line, stdout);
    } else if (cJSON_IsNumber(missed)) {
        printf("(%.0f earlier events are not kept any more)\n", missed->valuedouble);
    } else {
        print_event(event);
    }
    cJSON_Delete(event);
    /* Who follows wants to see each at once. */
    return status == EXIT_GOOD ? finish_output(EXIT_GOOD) : status;
}

static int run(const struct arguments *arguments)
{
    const char *path = arguments->control == NULL ? CONTROLLER_CONTROL_PATH : arguments->control;
    struct arguments copy = *arguments;
    return ask_lines("events", path,
                     arguments->follow ? "{\"command\":\"events\",\"follow\":true}\n"
                                       : "{\"command\":\"events\"}\n",
                     take, &copy);
}

const struct command events_command = {
    .name = "events",
    .summary = "show what the controller assigned, moved and refused, and why",
    .help = "Usage: metallbctl events [--follow] [--control PATH] [-o json]\n\n"
            "Shows the last events of the controller on this host, oldest first.\n\n"
            "      --follow           stay and show what happens from now on\n"
            "      --control PATH     its socket; default " CONTROLLER_CONTROL_PATH "\n"
            "  -o, --output KIND      table (default) or json: one object a line\n\n"
            "Exit status: 0 success, 1 no answer, 2 wrong arguments.\n",
    .accepted = ACCEPT_CONTROL | ACCEPT_FOLLOW,
    .run = run,
};
