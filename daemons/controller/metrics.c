/* SPDX-License-Identifier: MIT */
#include "controller/metrics.h"

#include <stdio.h>
#include <string.h>

#include "common/metrics.h"

static double to_double(const struct mlb_count *count)
{
    return (double)count->words[0] + (double)count->words[1] * 0x1p64 +
           (double)count->words[2] * 0x1p128;
}

/* A gauge of each pool, in MetalLB's names. */
struct pool_gauge {
    const char *name;
    const char *help;
    bool ipv4;
    bool ipv6;
    bool capacity; /* else what is in use */
};

static const struct pool_gauge pool_gauges[] = {
    {"metallb_allocator_addresses_total", "Number of usable IP addresses, per pool", true, true,
     true},
    {"metallb_allocator_ipv4_addresses_total", "Number of usable IPv4 addresses, per pool", true,
     false, true},
    {"metallb_allocator_ipv6_addresses_total", "Number of usable IPv6 addresses, per pool", false,
     true, true},
    {"metallb_allocator_addresses_in_use_total", "Number of IP addresses in use, per pool", true,
     true, false},
    {"metallb_allocator_ipv4_addresses_in_use_total", "Number of IPv4 addresses in use, per pool",
     true, false, false},
    {"metallb_allocator_ipv6_addresses_in_use_total", "Number of IPv6 addresses in use, per pool",
     false, true, false},
};

static double pool_value(const struct pool_gauge *gauge, const struct mlb_pool_counters *counters)
{
    double value = 0;

    if (gauge->ipv4)
        value += to_double(&counters->assigned_ipv4) +
                 (gauge->capacity ? to_double(&counters->available_ipv4) : 0);
    if (gauge->ipv6)
        value += to_double(&counters->assigned_ipv6) +
                 (gauge->capacity ? to_double(&counters->available_ipv6) : 0);
    return value;
}

static void write_pools(FILE *stream, const struct service_results *results)
{
    static const char services[] = "metallb_allocator_services_allocated_total";

    for (size_t i = 0; i < sizeof(pool_gauges) / sizeof(pool_gauges[0]); i++) {
        const struct pool_gauge *gauge = &pool_gauges[i];

        metrics_begin(stream, gauge->name, "gauge", gauge->help);
        for (size_t j = 0; j < results->pool_count; j++) {
            struct metric_label label = {"pool", results->pools[j].pool->object.name};

            metrics_value(stream, gauge->name, &label, 1,
                          pool_value(gauge, &results->pools[j].counters));
        }
    }
    metrics_begin(stream, services, "gauge", "Number of services allocated, per pool");
    for (size_t j = 0; j < results->pool_count; j++) {
        struct metric_label label = {"pool", results->pools[j].pool->object.name};

        metrics_value(stream, services, &label, 1, results->pools[j].counters.requests);
    }
}

static void write_services(FILE *stream, const struct service_results *results)
{
    static const char name[] = "metallb_controller_services";
    static const char *const states[] = {"assigned", "kept", "waiting"};
    static const enum service_condition conditions[] = {SERVICE_ASSIGNED, SERVICE_KEPT,
                                                        SERVICE_UNASSIGNED};

    metrics_begin(stream, name, "gauge", "Services of type LoadBalancer by how they stand");
    for (size_t i = 0; i < 3; i++) {
        struct metric_label label = {"state", states[i]};
        size_t count = 0;

        for (size_t j = 0; j < results->service_count; j++)
            count += service_results_at(results, j)->condition == conditions[i];
        metrics_value(stream, name, &label, 1, (double)count);
    }
}

static void write_health(FILE *stream, const struct controller *controller)
{
    bool stale = problem_list_has_errors(source_problems(controller->source));

    metrics_single(stream, "metallb_k8s_client_updates_total", "counter",
                   "Number of times the objects were looked at and decided on",
                   (double)(controller->decisions + controller->failures));
    metrics_single(stream, "metallb_k8s_client_update_errors_total", "counter",
                   "Number of times that failed", (double)controller->failures);
    metrics_single(stream, "metallb_k8s_client_config_loaded_bool", "gauge",
                   "1 if the configuration was successfully loaded at least once",
                   controller->decisions > 0);
    metrics_single(stream, "metallb_k8s_client_config_stale_bool", "gauge",
                   "1 if an older version of some object is in force, because it is broken now",
                   stale);
    metrics_single(stream, "metallb_controller_results_waiting", "gauge",
                   "Results that are not durable yet",
                   (double)(controller->sink->written - controller->sink->durable));
    metrics_single(stream, "metallb_controller_state_errors", "gauge",
                   "Problems of the state directory at present",
                   (double)(sink_problems(controller->sink)->count + controller->unreadable.count));
}

static void answer_metrics(const struct controller *controller, struct http_answer *answer)
{
    FILE *stream = http_answer_begin(answer);

    if (stream == NULL)
        return;
    write_pools(stream, &controller->results);
    write_services(stream, &controller->results);
    write_health(stream, controller);
    metrics_process(stream);
    http_answer_end(answer, stream, METRICS_CONTENT_TYPE);
}

static void answer_ready(const struct controller *controller, struct http_answer *answer)
{
    if (controller_is_ready(controller))
        http_answer_text(answer, 200, "ok");
    else if (controller->decisions == 0)
        http_answer_text(answer, 503, "the objects are not read yet");
    else
        http_answer_text(answer, 503, "the last result is not durable");
}

void controller_http_answer(void *context, const char *path, struct http_answer *answer)
{
    const struct controller *controller = context;

    if (strcmp(path, "/metrics") == 0)
        answer_metrics(controller, answer);
    else if (strcmp(path, "/healthz") == 0)
        http_answer_text(answer, 200, "ok");
    else if (strcmp(path, "/readyz") == 0)
        answer_ready(controller, answer);
}
