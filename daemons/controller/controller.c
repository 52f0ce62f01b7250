/* SPDX-License-Identifier: MIT */
#include "controller/controller.h"

#include <metallb/version.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "controller/answers.h"
#include "controller/deciding.h"
#include "controller/metrics.h"
#include "controller/watchers.h"
#include "sources/manifests.h"
#include "sources/state_directory.h"

/* What waits at the end is brought to the disk within this time, or lost: it is decided again. */
#define FLUSH_MILLISECONDS 5000

static char *answer(void *context, const char *line, size_t *length)
{
    struct controller *controller = context;

    memory_tidy_later(controller->loop, &controller->tidy);
    return answers_give(controller, line, length);
}

static int open_control(struct controller *controller)
{
    char error[512];

    controller->control = control_new(controller->loop, controller->options->common.control, answer,
                                      controller, error, sizeof(error));
    if (controller->control == NULL)
        log_error(controller->log, NULL, "%s", error);
    controller->events.control = controller->control;
    return controller->control != NULL ? 0 : -1;
}

static int open_http(struct controller *controller)
{
    char error[512];

    if (controller->options->common.metrics == NULL)
        return 0;
    controller->http = http_server_new(controller->loop, controller->options->common.metrics,
                                       controller_http_answer, controller, error, sizeof(error));
    if (controller->http == NULL)
        log_error(controller->log, NULL, "--metrics: %s", error);
    return controller->http != NULL ? 0 : -1;
}

/* While a record is unknown, so is an address that somebody may have. */
static int hold(struct controller *controller, const struct state_records *records)
{
    char reason[512];

    if (records->unreadable_count == 0)
        return 0;
    snprintf(reason, sizeof(reason),
             "no address is given while the record of %s in the state directory cannot be read; "
             "mend or remove it and start the controller again",
             records->unreadable[0]);
    log_error(controller->log, NULL, "%s", reason);
    return service_reconciler_hold(controller->reconciler, reason);
}

static int restore(struct controller *controller, const struct state_records *records)
{
    struct service_record *items = calloc(records->count + 1, sizeof(*items));
    int result;

    if (items == NULL)
        return -1;
    for (size_t i = 0; i < records->count; i++) {
        const struct state_record *record = &records->items[i];

        items[i] = (struct service_record){.namespace_ = record->namespace_,
                                           .name = record->name,
                                           .address_count = record->address_count,
                                           .terms = record->terms};
        memcpy(items[i].addresses, record->addresses, sizeof(items[i].addresses));
    }
    result = service_reconciler_restore(controller->reconciler, items, records->count);
    free(items);
    if (result == 0)
        result = hold(controller, records);
    if (result != 0)
        log_error(controller->log, NULL, "out of memory");
    return result;
}

static int open_state(struct controller *controller)
{
    struct service_reconciler_options options = {
        .load_balancer_class = controller->options->common.load_balancer_class,
        .keeps_records = true,
    };
    struct problem_log problems = {0};
    struct state_records records;
    char error[1024];
    int result;

    if (state_directory_open(controller->options->state, &records, &controller->unreadable,
                             &controller->sink, error, sizeof(error)) != 0) {
        log_error(controller->log, NULL, "%s", error);
        return -1;
    }
    problem_log_update(&problems, controller->log, &controller->unreadable);
    problem_log_clear(&problems);
    result = service_reconciler_new(&options, &controller->reconciler);
    if (result == 0)
        result = restore(controller, &records);
    log_info(controller->log, NULL, "%s holds %zu records", controller->options->state,
             records.count);
    state_records_clear(&records);
    return result;
}

static int open_source(struct controller *controller)
{
    const struct option_values *paths = &controller->options->common.manifests;
    int result = source_manifests_new(paths->items, paths->count, NULL, &controller->source);

    if (result != 0)
        log_error(controller->log, NULL, "manifests cannot be followed: %s", strerror(-result));
    return result;
}

static int open_all(struct controller *controller)
{
    if (controller->loop == NULL) {
        log_error(controller->log, NULL, "no event loop can be made");
        return -1;
    }
    watchers_start_signals(controller);
    return open_state(controller) == 0 && open_control(controller) == 0 &&
                   open_http(controller) == 0 && open_source(controller) == 0
               ? 0
               : -1;
}

struct controller *controller_new(const struct controller_options *options, const struct log *log)
{
    struct controller *controller = calloc(1, sizeof(*controller));

    if (controller == NULL) {
        log_error(log, NULL, "out of memory");
        return NULL;
    }
    controller->options = options;
    controller->log = log;
    events_init(&controller->events, log);
    watchers_init(controller);
    signal(SIGPIPE, SIG_IGN);
    controller->loop = ev_default_loop(EVFLAG_AUTO);
    if (open_all(controller) != 0) {
        controller_free(controller);
        return NULL;
    }
    watchers_start(controller);
    return controller;
}

int controller_run(struct controller *controller)
{
    log_info(controller->log, NULL, "metallb-controller %s has started", mlb_version_text());
    notify_watchdog_start(&controller->watchdog, controller->loop);
    watchers_take_objects(controller);
    ev_run(controller->loop, 0);
    notify_send("STOPPING=1");
    if (!sink_flush(controller->sink, FLUSH_MILLISECONDS))
        log_warn(controller->log, NULL,
                 "the last result is not durable yet: it is decided again at the next start");
    deciding_take_durable(controller);
    log_info(controller->log, NULL, "metallb-controller ends");
    return 0;
}

void controller_free(struct controller *controller)
{
    if (controller == NULL)
        return;
    http_server_free(controller->http);
    control_free(controller->control);
    source_free(controller->source);
    service_reconciler_free(controller->reconciler);
    sink_free(controller->sink);
    events_clear(&controller->events);
    problem_log_clear(&controller->source_problems);
    problem_log_clear(&controller->sink_problems);
    problem_list_clear(&controller->unreadable);
    if (controller->loop != NULL)
        ev_loop_destroy(controller->loop);
    free(controller);
}
