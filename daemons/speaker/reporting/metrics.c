/* SPDX-License-Identifier: MIT */
#include "speaker/reporting/metrics.h"

#include <stdio.h>
#include <string.h>

#include "common/metrics.h"
#include "speaker/reporting/metrics_group.h"
#include "speaker/speaker_state.h"

/* A counter of each address that this node announces, in MetalLB's names. */
struct address_counter {
    const char *name;
    const char *help;
    size_t offset; /* in struct mlb_announcer_counters */
};

static const struct address_counter address_counters[] = {
    {"metallb_layer2_requests_received", "Number of ARP and NDP requests received for owned IPs",
     offsetof(struct mlb_announcer_counters, requests)},
    {"metallb_layer2_responses_sent", "Number of ARP and NDP responses sent for owned IPs",
     offsetof(struct mlb_announcer_counters, replies)},
    {"metallb_layer2_gratuitous_sent",
     "Number of gratuitous packets sent for owned IPs as a result of failovers",
     offsetof(struct mlb_announcer_counters, gratuitous)},
    {"metallb_speaker_conflicts_heard", "Claims of owned IPs by other hosts",
     offsetof(struct mlb_announcer_counters, conflicts)},
};

static bool is_owned(const struct speaker *speaker, const struct address_decision *decision)
{
    return decision->owner != NULL && strcmp(decision->owner, speaker->options->node_name) == 0;
}

static void write_counter(FILE *stream, const struct speaker *speaker,
                          const struct address_counter *counter)
{
    const struct announcements *decisions = &speaker->ownership.decisions;

    metrics_begin(stream, counter->name, "counter", counter->help);
    for (size_t i = 0; i < decisions->address_count; i++) {
        const struct address_decision *decision = &decisions->addresses[i];
        struct mlb_announcer_counters counters = {.struct_size = sizeof(counters)};
        struct metric_label label = {"ip", decision->text};
        uint64_t value;

        if (!is_owned(speaker, decision) ||
            mlb_announcer_counters(speaker->announcer, &decision->address, 0, &counters, NULL) !=
                MLB_OK)
            continue;
        memcpy(&value, (const char *)&counters + counter->offset, sizeof(value));
        metrics_value(stream, counter->name, &label, 1, (double)value);
    }
}

static void write_announced(FILE *stream, const struct speaker *speaker)
{
    static const char name[] = "metallb_speaker_announced";
    const struct announcements *decisions = &speaker->ownership.decisions;

    metrics_begin(stream, name, "gauge", "Services being announced from this node");
    for (size_t i = 0; i < decisions->address_count; i++) {
        const struct address_decision *decision = &decisions->addresses[i];

        for (size_t j = 0; is_owned(speaker, decision) && j < decision->service_count; j++) {
            const struct object *object = &decision->services[j]->object;
            char service[OBJECT_NAME_SIZE];
            struct metric_label labels[] = {{"service", service},
                                            {"protocol", "layer2"},
                                            {"node", speaker->options->node_name},
                                            {"ip", decision->text}};

            snprintf(service, sizeof(service), "%s/%s", object->namespace_, object->name);
            metrics_value(stream, name, labels, 4, 1);
        }
    }
}

static void write_health(FILE *stream, const struct speaker *speaker)
{
    metrics_single(stream, "metallb_k8s_client_updates_total", "counter",
                   "Number of times the objects were taken in",
                   (double)source_generation(speaker->source));
    metrics_single(stream, "metallb_k8s_client_config_loaded_bool", "gauge",
                   "1 if the configuration was successfully loaded at least once",
                   speaker->ownership.decided);
    metrics_single(stream, "metallb_k8s_client_config_stale_bool", "gauge",
                   "1 if an older version of some object is in force, because it is broken now",
                   problem_list_has_errors(source_problems(speaker->source)));
    metrics_single(stream, "metallb_speaker_reports", "gauge",
                   "What is wrong at present, as metallbctl status shows it",
                   (double)speaker->reports.count);
}

static void answer_metrics(const struct speaker *speaker, struct http_answer *answer)
{
    FILE *stream = http_answer_begin(answer);

    if (stream == NULL)
        return;
    for (size_t i = 0; i < sizeof(address_counters) / sizeof(address_counters[0]); i++)
        write_counter(stream, speaker, &address_counters[i]);
    write_announced(stream, speaker);
    write_health(stream, speaker);
    metrics_group_write(stream, &speaker->group);
    metrics_process(stream);
    http_answer_end(answer, stream, METRICS_CONTENT_TYPE);
}

static bool is_ready(const struct speaker *speaker)
{
    return speaker->ownership.decided && lifecycle_answers(&speaker->lifecycle);
}

void speaker_http_answer(void *context, const char *path, struct http_answer *answer)
{
    const struct speaker *speaker = context;

    if (strcmp(path, "/metrics") == 0 && speaker->source != NULL)
        answer_metrics(speaker, answer);
    else if (strcmp(path, "/healthz") == 0 || (strcmp(path, "/readyz") == 0 && is_ready(speaker)))
        http_answer_text(answer, 200, "ok");
    else if (strcmp(path, "/readyz") == 0)
        http_answer_text(answer, 503, lifecycle_name(&speaker->lifecycle));
}
