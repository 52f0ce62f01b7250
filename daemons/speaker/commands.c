/* SPDX-License-Identifier: MIT */
#include "speaker/commands.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/json_document.h"
#include "speaker/reporting/status.h"
#include "speaker/reporting/status_members.h"
#include "speaker/transitions.h"

static char *status(struct speaker *speaker, size_t *length)
{
    struct status_view view = {
        .node_name = speaker->options->node_name,
        .state = lifecycle_name(&speaker->lifecycle),
        .group = &speaker->group,
        .decisions = &speaker->ownership.decisions,
        .reconciler = speaker->ownership.reconciler,
        .announcer = speaker->announcer,
        .problems = source_problems(speaker->source),
        .reports = &speaker->reports,
    };

    return status_document(&view, length);
}

static char *members_document(const struct speaker *speaker, size_t *length)
{
    struct json_document document;
    struct json_writer *writer = json_document_begin(&document, length);

    if (writer == NULL)
        return NULL;
    json_begin_object(writer);
    status_members_write(writer, &speaker->group);
    json_end_object(writer);
    return json_document_end(&document);
}

static char *refuse(const char *message, size_t *length)
{
    return json_document_of_text("error", message, length);
}

static char *change(struct speaker *speaker, enum lifecycle_event event, size_t *length)
{
    if (!group_is_used(&speaker->group))
        return refuse("this speaker runs without --members, so no other would learn that "
                      "it drains",
                      length);
    if (lifecycle_ends(&speaker->lifecycle))
        return refuse("this speaker ends", length);
    transitions_take(speaker, event, clock_now());
    return json_document_of_text("state", lifecycle_name(&speaker->lifecycle), length);
}

static char *answer(struct speaker *speaker, const char *command, size_t *length)
{
    char message[256];

    if (strcmp(command, "status") == 0)
        return status(speaker, length);
    if (strcmp(command, "members") == 0)
        return members_document(speaker, length);
    if (strcmp(command, "drain") == 0)
        return change(speaker, LIFECYCLE_DRAIN, length);
    if (strcmp(command, "undrain") == 0)
        return change(speaker, LIFECYCLE_UNDRAIN, length);
    snprintf(message, sizeof(message),
             "unknown command '%.64s', known are: status, members, drain, undrain", command);
    return refuse(message, length);
}

char *commands_answer(struct speaker *speaker, const char *line, size_t *length)
{
    cJSON *request = cJSON_Parse(line);
    const cJSON *command = cJSON_GetObjectItemCaseSensitive(request, "command");
    char *text;

    if (cJSON_IsString(command))
        text = answer(speaker, command->valuestring, length);
    else
        text = refuse("a request is one line with a JSON object such as "
                      "{\"command\":\"status\"}",
                      length);
    cJSON_Delete(request);
    return text;
}
