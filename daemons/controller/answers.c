/* SPDX-License-Identifier: MIT */
#include "controller/answers.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <metallb/version.h>
#include <string.h>

#include "common/json_document.h"
#include "documents/explanation.h"
#include "documents/problems.h"

static void write_services(struct json_writer *writer, const struct service_results *results)
{
    size_t assigned = 0;
    size_t kept = 0;
    size_t waiting = 0;

    for (size_t i = 0; i < results->service_count; i++) {
        enum service_condition condition = service_results_at(results, i)->condition;

        assigned += condition == SERVICE_ASSIGNED;
        kept += condition == SERVICE_KEPT;
        waiting += condition == SERVICE_UNASSIGNED;
    }
    json_key(writer, "services");
    json_begin_object(writer);
    json_unsigned_member(writer, "assigned", assigned);
    json_unsigned_member(writer, "kept", kept);
    json_unsigned_member(writer, "waiting", waiting);
    json_end_object(writer);
}

static void write_size(struct json_writer *writer, const char *key, const struct mlb_count *count)
{
    char text[MLB_COUNT_TEXT_SIZE] = "";

    mlb_count_format(count, text, sizeof(text), NULL);
    json_text_member(writer, key, text);
}

static void write_pools(struct json_writer *writer, const struct service_results *results)
{
    json_key(writer, "pools");
    json_begin_array(writer);
    for (size_t i = 0; i < results->pool_count; i++) {
        const struct mlb_pool_counters *counters = &results->pools[i].counters;

        json_begin_object(writer);
        json_text_member(writer, "name", results->pools[i].pool->object.name);
        json_unsigned_member(writer, "services", counters->requests);
        write_size(writer, "assignedIPv4", &counters->assigned_ipv4);
        write_size(writer, "availableIPv4", &counters->available_ipv4);
        write_size(writer, "assignedIPv6", &counters->assigned_ipv6);
        write_size(writer, "availableIPv6", &counters->available_ipv6);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_waiting(struct json_writer *writer, const struct service_results *results)
{
    json_key(writer, "waiting");
    json_begin_array(writer);
    for (size_t i = 0; i < results->service_count; i++) {
        const struct service_result *result = service_results_at(results, i);

        if (result->condition != SERVICE_UNASSIGNED)
            continue;
        json_begin_object(writer);
        json_text_member(writer, "namespace", result->namespace_);
        json_text_member(writer, "name", result->name);
        json_text_member(writer, "reason", result->error);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_status(struct json_writer *writer, const struct controller *controller)
{
    json_begin_object(writer);
    json_text_member(writer, "program", "metallb-controller");
    json_text_member(writer, "version", mlb_version_text());
    json_text_member(writer, "state", controller->options->state);
    json_key(writer, "ready");
    json_boolean(writer, controller_is_ready(controller));
    json_key(writer, "durable");
    json_boolean(writer, sink_is_durable(controller->sink));
    json_unsigned_member(writer, "events", controller->events.next - 1);
    write_services(writer, &controller->results);
    write_pools(writer, &controller->results);
    write_waiting(writer, &controller->results);
    json_key(writer, "errors");
    json_begin_array(writer);
    problems_document_write(writer, source_problems(controller->source));
    problems_document_write(writer, sink_problems(controller->sink));
    problems_document_write(writer, &controller->unreadable);
    json_end_array(writer);
    json_end_object(writer);
}

static char *status_document(const struct controller *controller, size_t *length)
{
    struct json_document document;
    struct json_writer *writer = json_document_begin(&document, length);

    if (writer == NULL)
        return NULL;
    write_status(writer, controller);
    return json_document_end(&document);
}

static char *error_document(const char *message, size_t *length)
{
    return json_document_of_text("error", message, length);
}

static char *events_document(struct controller *controller, const cJSON *request, size_t *length)
{
    const cJSON *since = cJSON_GetObjectItemCaseSensitive(request, "since");
    uint64_t sequence = 0;

    if (cJSON_IsNumber(since) && since->valuedouble >= 0 && since->valuedouble < 9e15)
        sequence = (uint64_t)since->valuedouble;
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "follow")))
        control_follow(controller->control);
    return events_since(&controller->events, sequence, length);
}

static char *why_not_document(const struct controller *controller, const cJSON *request,
                              size_t *length)
{
    const char *namespace_ =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "namespace"));
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "name"));
    int result;
    char *text;

    if (namespace_ == NULL || name == NULL)
        return error_document("why-not needs a namespace and a name", length);
    result = explanation_document(controller->reconciler, source_objects(controller->source),
                                  namespace_, name, &text, length);
    if (result == -ENOENT)
        return error_document("there is no Service of this name and type LoadBalancer", length);
    return result == 0 ? text : NULL;
}

char *answers_give(struct controller *controller, const char *line, size_t *length)
{
    cJSON *request = cJSON_Parse(line);
    const char *command =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "command"));
    char *answer;

    if (command == NULL)
        answer = error_document("a request is one line with a JSON object such as "
                                "{\"command\":\"status\"}",
                                length);
    else if (strcmp(command, "status") == 0)
        answer = status_document(controller, length);
    else if (strcmp(command, "events") == 0)
        answer = events_document(controller, request, length);
    else if (strcmp(command, "why-not") == 0)
        answer = why_not_document(controller, request, length);
    else
        answer = error_document("unknown command, known are: status, events, why-not", length);
    cJSON_Delete(request);
    return answer;
}
