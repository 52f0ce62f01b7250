/* SPDX-License-Identifier: MIT */
#include "controller/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controller/event_text.h"

void events_init(struct events *events, const struct log *log)
{
    memset(events, 0, sizeof(*events));
    events->log = log;
    events->next = 1;
    events->last = &events->first;
}

static void free_pending(struct pending_event *event)
{
    free(event->message);
    free(event->service);
    free(event->members);
    free(event);
}

void events_clear(struct events *events)
{
    while (events->first != NULL) {
        struct pending_event *event = events->first;

        events->first = event->next;
        free_pending(event);
    }
    for (size_t i = 0; i < EVENTS_MAX; i++)
        free(events->items[i].line);
    memset(events, 0, sizeof(*events));
}

/* Takes the texts over. */
static void append(struct events *events, uint64_t written, enum log_level level, char *message,
                   char *service, char *members)
{
    struct pending_event *event = calloc(1, sizeof(*event));

    if (event == NULL || message == NULL || members == NULL) {
        free(event);
        free(message);
        free(service);
        free(members);
        return;
    }
    *event = (struct pending_event){.written = written,
                                    .level = level,
                                    .message = message,
                                    .service = service,
                                    .members = members};
    *events->last = event;
    events->last = &event->next;
}

static void add_change(struct events *events, const struct service_change *change, uint64_t written)
{
    char *service = NULL;

    if (asprintf(&service, "%s/%s", change->namespace_, change->name) < 0)
        service = NULL;
    append(events, written, event_level(change->kind), event_message(change), service,
           event_members(change));
}

#define KIND_COUNT (SERVICE_CHANGE_TERMS + 1)

/* What an administrator has to hear of comes first. */
static const enum service_change_kind by_weight[KIND_COUNT] = {
    SERVICE_CHANGE_MOVED,    SERVICE_CHANGE_REFUSED, SERVICE_CHANGE_RELEASED,
    SERVICE_CHANGE_ASSIGNED, SERVICE_CHANGE_TERMS,   SERVICE_CHANGE_KEPT,
};

static void add_summary(struct events *events, const size_t counts[KIND_COUNT], uint64_t written)
{
    char *message = NULL;
    char *members = NULL;
    size_t size = 0;
    FILE *texts[2] = {open_memstream(&message, &size), open_memstream(&members, &size)};

    for (size_t i = 0; i < KIND_COUNT && texts[0] != NULL && texts[1] != NULL; i++) {
        enum service_change_kind kind = by_weight[i];
        const char *name = event_kind_name(kind);

        if (counts[kind] > 0)
            fprintf(texts[0], "%s%s %zu", ftell(texts[0]) > 0 ? ", " : "services: ", name,
                    counts[kind]);
        fprintf(texts[1], "%s\"%s\":%zu", i == 0 ? "\"kind\":\"summary\"," : ",", name,
                counts[kind]);
    }
    for (size_t i = 0; i < 2; i++)
        if (texts[i] != NULL)
            fclose(texts[i]);
    append(events, written, LOG_LEVEL_INFO, message, NULL, members);
}

void events_add(struct events *events, const struct service_results *results, uint64_t written)
{
    size_t counts[KIND_COUNT] = {0};
    size_t told = 0;

    for (size_t i = 0; i < results->change_count; i++)
        counts[results->changes[i].kind]++;
    if (results->change_count > EVENTS_OF_RESULT_MAX || counts[SERVICE_CHANGE_KEPT] > 0)
        add_summary(events, counts, written);
    for (size_t weight = 0; weight < KIND_COUNT && told < EVENTS_OF_RESULT_MAX; weight++) {
        if (counts[by_weight[weight]] == 0)
            continue;
        for (size_t i = 0; i < results->change_count && told < EVENTS_OF_RESULT_MAX; i++)
            if (results->changes[i].kind == by_weight[weight]) {
                add_change(events, &results->changes[i], written);
                told++;
            }
    }
}

static char *make_line(uint64_t sequence, const char *members, size_t *length)
{
    char *line = NULL;
    char when[40] = "";
    struct timespec now;
    struct tm utc;
    int made;

    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc) != NULL)
        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &utc);
    made = asprintf(&line, "{\"sequence\":%" PRIu64 ",\"time\":\"%s.%03ldZ\",%s}\n", sequence, when,
                    now.tv_nsec / 1000000, members);
    *length = made < 0 ? 0 : (size_t)made;
    return made < 0 ? NULL : line;
}

static void tell(struct events *events, struct pending_event *pending)
{
    struct event event = {.sequence = events->next};
    struct event *place = &events->items[events->next % EVENTS_MAX];

    log_write(events->log, pending->level, LOG_FIELDS({"service", pending->service}), "%s",
              pending->message);
    event.line = make_line(event.sequence, pending->members, &event.length);
    if (event.line == NULL)
        return;
    events->next++;
    free(place->line);
    *place = event;
    if (events->control != NULL)
        control_publish(events->control, event.line, event.length);
}

void events_release(struct events *events, uint64_t durable)
{
    while (events->first != NULL && events->first->written <= durable) {
        struct pending_event *event = events->first;

        events->first = event->next;
        if (events->first == NULL)
            events->last = &events->first;
        tell(events, event);
        free_pending(event);
    }
}

char *events_since(const struct events *events, uint64_t sequence, size_t *length)
{
    uint64_t oldest = events->next > EVENTS_MAX ? events->next - EVENTS_MAX : 1;
    char *text = NULL;
    FILE *stream = open_memstream(&text, length);

    if (stream == NULL)
        return NULL;
    if (sequence + 1 < oldest && sequence > 0)
        fprintf(stream, "{\"missed\":%" PRIu64 "}\n", oldest - sequence - 1);
    for (uint64_t i = sequence + 1 < oldest ? oldest : sequence + 1; i < events->next; i++)
        if (events->items[i % EVENTS_MAX].line != NULL)
            fwrite(events->items[i % EVENTS_MAX].line, 1, events->items[i % EVENTS_MAX].length,
                   stream);
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}
