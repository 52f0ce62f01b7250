/* SPDX-License-Identifier: MIT */
#include "speaker/speaker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/memory.h"
#include "sources/manifests.h"
#include "speaker/commands.h"
#include "speaker/deciding.h"
#include "speaker/exclude_interfaces.h"
#include "speaker/privileges.h"
#include "speaker/reporting/metrics.h"
#include "speaker/speaker_state.h"
#include "speaker/transitions.h"
#include "speaker/watchers.h"

static char *answer(void *context, const char *line, size_t *length)
{
    struct speaker *speaker = context;
    char *text = commands_answer(speaker, line, length);

    memory_tidy_later(speaker->loop, &speaker->tidy);
    watchers_settle(speaker);
    return text;
}

static int open_announcer(struct speaker *speaker)
{
    struct exclude_interfaces exclude = {0};
    struct mlb_announcer_options options = {
        .struct_size = sizeof(options),
        .refresh_seconds = speaker->options->refresh_seconds,
    };
    struct mlb_diagnostic diagnostic;
    char error[1024];
    int32_t result;

    if (speaker->options->exclude_interfaces != NULL &&
        exclude_interfaces_read(speaker->options->exclude_interfaces, &exclude, error,
                                sizeof(error)) != 0) {
        log_error(speaker->log, NULL, "%s", error);
        return -1;
    }
    options.exclude = (const char *const *)exclude.patterns;
    options.exclude_count = (uint32_t)exclude.count;
    mlb_diagnostic_init(&diagnostic);
    result = mlb_announcer_new(&options, &speaker->announcer, &diagnostic);
    exclude_interfaces_clear(&exclude);
    if (result != MLB_OK)
        log_error(speaker->log, NULL, "cannot announce: %s", diagnostic.message);
    return result == MLB_OK ? 0 : -1;
}

static int open_source(struct speaker *speaker)
{
    const struct option_values *paths = &speaker->options->common.manifests;
    int result = source_manifests_new(paths->items, paths->count, NULL, &speaker->source);

    if (result != 0)
        log_error(speaker->log, NULL, "manifests cannot be followed: %s", strerror(-result));
    return result;
}

static int open_ownership(struct speaker *speaker)
{
    int result = ownership_init(&speaker->ownership, speaker->options, speaker->log,
                                &speaker->reports, speaker->announcer);

    if (result != 0)
        log_error(speaker->log, NULL, "local delivery cannot start: %s", strerror(-result));
    return result;
}

static int open_group(struct speaker *speaker)
{
    return group_open(&speaker->group, speaker->options, speaker->log, &speaker->reports);
}

static int open_control(struct speaker *speaker)
{
    char error[512];

    speaker->control = control_new(speaker->loop, speaker->options->common.control, answer, speaker,
                                   error, sizeof(error));
    if (speaker->control == NULL)
        log_error(speaker->log, NULL, "%s", error);
    return speaker->control != NULL ? 0 : -1;
}

static int open_http(struct speaker *speaker)
{
    char error[512];

    if (speaker->options->common.metrics == NULL)
        return 0;
    speaker->http = http_server_new(speaker->loop, speaker->options->common.metrics,
                                    speaker_http_answer, speaker, error, sizeof(error));
    if (speaker->http == NULL)
        log_error(speaker->log, NULL, "--metrics: %s", error);
    return speaker->http != NULL ? 0 : -1;
}

static int open_all(struct speaker *speaker)
{
    if (speaker->loop == NULL) {
        log_error(speaker->log, NULL, "no event loop can be made");
        return -1;
    }
    watchers_start_signals(speaker);
    if (privileges_check(speaker->options, speaker->log) != 0 || open_announcer(speaker) != 0 ||
        open_control(speaker) != 0 || open_http(speaker) != 0 || open_source(speaker) != 0 ||
        open_ownership(speaker) != 0)
        return -1;
    /* The key has to be readable without these privileges, since it is read again later. */
    if (privileges_drop(speaker->options, speaker->log) != 0)
        return -1;
    return open_group(speaker);
}

struct speaker *speaker_new(const struct speaker_options *options, const struct log *log)
{
    struct speaker *speaker = calloc(1, sizeof(*speaker));

    if (speaker == NULL) {
        log_error(log, NULL, "out of memory");
        return NULL;
    }
    speaker->options = options;
    speaker->log = log;
    reports_init(&speaker->reports, log);
    watchers_init(speaker);
    /* Two packet sockets for each interface, of which a host can have thousands. Without it the
     * lack of descriptors is told where it occurs. */
    (void)descriptors_raise_limit();
    signal(SIGPIPE, SIG_IGN);
    speaker->loop = ev_default_loop(EVFLAG_AUTO);
    if (open_all(speaker) != 0) {
        speaker_free(speaker);
        return NULL;
    }
    transitions_begin(speaker, clock_now());
    watchers_start(speaker);
    return speaker;
}

/* Others learn that this node is there, but owns nothing yet, before it joins. */
static void start(struct speaker *speaker)
{
    uint64_t now = clock_now();

    deciding_take_interfaces(speaker, now);
    watchers_take_objects(speaker);
    if (!group_is_used(&speaker->group))
        return;
    /* Where the list names nobody there is nobody to wait for. */
    if (group_join(&speaker->group, now) == 0 && !speaker->group.has_seeds)
        transitions_take_group(speaker, GROUP_INFORMED, now);
    watchers_settle(speaker);
}

int speaker_run(struct speaker *speaker)
{
    const struct speaker_options *options = speaker->options;

    log_info(speaker->log, LOG_FIELDS({"node", options->node_name}),
             "metallb-speaker %s has started as node %s", mlb_version_text(), options->node_name);
    if (options->election != ELECTION_ENDPOINTS)
        log_warn(speaker->log, NULL,
                 "with this --election a node without an endpoint may own an address; unless a "
                 "service proxy runs there, it would swallow the traffic");
    notify_watchdog_start(&speaker->watchdog, speaker->loop);
    /* A signal that came while the manifests were read for the first time. */
    ev_run(speaker->loop, EVRUN_NOWAIT);
    if (!lifecycle_ends(&speaker->lifecycle)) {
        start(speaker);
        notify_send("READY=1");
    }
    if (!transitions_are_over(speaker, clock_now()))
        ev_run(speaker->loop, 0);
    notify_watchdog_stop(&speaker->watchdog, speaker->loop);
    log_info(speaker->log, NULL, "metallb-speaker ends");
    return 0;
}

void speaker_free(struct speaker *speaker)
{
    if (speaker == NULL)
        return;
    http_server_free(speaker->http);
    control_free(speaker->control);
    foresight_clear(&speaker->foresight);
    group_close(&speaker->group);
    ownership_clear(&speaker->ownership);
    self_facts_clear(&speaker->self);
    mlb_announcer_free(speaker->announcer);
    source_free(speaker->source);
    problem_log_clear(&speaker->problems);
    reports_free(&speaker->reports);
    if (speaker->loop != NULL)
        ev_loop_destroy(speaker->loop);
    free(speaker);
}
