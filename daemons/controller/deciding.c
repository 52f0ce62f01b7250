/* SPDX-License-Identifier: MIT */
#include "controller/deciding.h"

#include <stdlib.h>
#include <string.h>

/* What failed for want of memory is tried again after so long. */
#define RETRY_SECONDS 1.

static void retry_later(struct controller *controller)
{
    ev_timer_stop(controller->loop, &controller->retry);
    ev_timer_set(&controller->retry, RETRY_SECONDS, 0.);
    ev_timer_start(controller->loop, &controller->retry);
}

static void set_result(struct service_outcome *outcome, const struct service_result *result)
{
    memcpy(outcome->addresses, result->addresses, sizeof(outcome->addresses));
    outcome->address_count = result->address_count;
    outcome->pool = result->pool;
    outcome->reason = result->error;
    outcome->terms = result->terms;
}

static struct service_outcome outcome_of(const struct service_change *change)
{
    struct service_outcome outcome = {.namespace_ = change->namespace_,
                                      .name = change->name,
                                      .remove = change->result == NULL,
                                      .former_count = change->former_count};

    memcpy(outcome.former, change->former, sizeof(outcome.former));
    if (change->result != NULL)
        set_result(&outcome, change->result);
    return outcome;
}

static size_t select_changed(const struct service_results *results,
                             struct service_outcome *outcomes)
{
    size_t count = 0;

    for (size_t i = 0; i < results->change_count; i++)
        if (!results->changes[i].recorded)
            outcomes[count++] = outcome_of(&results->changes[i]);
    return count;
}

/* Services that another implementation serves, or that want no address, are not recorded. */
static bool is_recorded(const struct service_result *result)
{
    return result->condition != SERVICE_OTHER_CLASS && result->condition != SERVICE_NOT_BALANCED;
}

static size_t select_all(const struct service_results *results, struct service_outcome *outcomes)
{
    size_t count = 0;

    for (size_t i = 0; i < results->service_count; i++) {
        const struct service_result *result = service_results_at(results, i);

        if (!is_recorded(result))
            continue;
        outcomes[count] =
            (struct service_outcome){.namespace_ = result->namespace_, .name = result->name};
        set_result(&outcomes[count++], result);
    }
    return count;
}

static struct pool_outcome *list_pools(const struct service_results *results)
{
    struct pool_outcome *pools = calloc(results->pool_count + 1, sizeof(*pools));

    for (size_t i = 0; pools != NULL && i < results->pool_count; i++)
        pools[i] = (struct pool_outcome){.name = results->pools[i].pool->object.name,
                                         .counters = results->pools[i].counters};
    return pools;
}

/* Gives the result to the sink: what changed, or everything where the sink lost it. */
static void write_result(struct controller *controller, bool complete)
{
    const struct service_results *results = &controller->results;
    size_t room = complete ? results->service_count : results->change_count;
    struct service_outcome *services = calloc(room + 1, sizeof(*services));
    struct pool_outcome *pools = list_pools(results);
    struct outcomes outcomes = {.services = services,
                                .pools = pools,
                                .pool_count = results->pool_count,
                                .complete = complete};
    int result = -1;

    if (services != NULL && pools != NULL) {
        outcomes.service_count =
            complete ? select_all(results, services) : select_changed(results, services);
        result = sink_write(controller->sink, &outcomes);
    }
    free(services);
    free(pools);
    controller->unwritten = result != 0;
    if (result == 0)
        return;
    log_error(controller->log, NULL, "out of memory: the result is recorded later");
    retry_later(controller);
}

void deciding_run(struct controller *controller, const struct object_changes *changes)
{
    const struct object_set *objects = source_objects(controller->source);

    if (service_reconciler_run(controller->reconciler, objects,
                               controller->undecided ? NULL : changes, &controller->results) != 0) {
        controller->undecided = true;
        controller->failures++;
        log_error(controller->log, NULL, "out of memory: nothing was decided, it is tried again");
        retry_later(controller);
        return;
    }
    controller->undecided = false;
    controller->decisions++;
    /* A complete result makes up for one that the sink did not take. */
    write_result(controller, controller->unwritten);
    events_add(&controller->events, &controller->results, controller->sink->written);
    deciding_take_durable(controller);
}

void deciding_retry(struct controller *controller)
{
    if (controller->undecided)
        deciding_run(controller, NULL);
    else if (controller->unwritten)
        write_result(controller, true);
}

bool controller_is_ready(const struct controller *controller)
{
    return controller->decisions > 0 && !controller->undecided && !controller->unwritten &&
           sink_is_durable(controller->sink) && !controller->sink->wants_all;
}

void deciding_take_durable(struct controller *controller)
{
    sink_dispatch(controller->sink);
    problem_log_update(&controller->sink_problems, controller->log,
                       sink_problems(controller->sink));
    if (controller->sink->wants_all && !controller->rewriting) {
        log_warn(controller->log, NULL,
                 "the state directory was removed or replaced: it is written anew");
        write_result(controller, true);
        controller->rewriting = true;
    }
    controller->rewriting = controller->rewriting && controller->sink->wants_all;
    events_release(&controller->events, controller->sink->durable);
    if (controller_is_ready(controller) && !controller->was_ready) {
        controller->was_ready = true;
        notify_send("READY=1");
    }
}
