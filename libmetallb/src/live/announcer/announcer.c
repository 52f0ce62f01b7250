/* SPDX-License-Identifier: MIT */
/* The life of an announcer, and its one descriptor. */
#include "live/announcer/announcer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diagnostic.h"
#include "base/refusals.h"
#include "base/structs.h"
#include "os/clock.h"
#include "os/vrrp_socket.h"

/* What one dispatch does at most, so that a storm on one socket starves nobody. */
#define DISPATCH_SOURCES          64
#define DISPATCH_FRAMES           256
#define DISPATCH_FRAMES_OF_SOCKET 64
#define DISPATCH_NETLINK_MESSAGES 256

/* The kernel answers a dump at once; only a host with very many interfaces needs more rounds. */
#define INITIAL_ROUNDS 1000

#define RETRY_INTERVAL NANOSECONDS_PER_SECOND

int announcer_watch(struct mlb_announcer *announcer, int descriptor, enum source source,
                    uint32_t index)
{
    return waker_watch(&announcer->waker, EPOLL_CTL_ADD, descriptor, EPOLLIN,
                       (uint64_t)source << 32 | index);
}

void announcer_retry_later(struct mlb_announcer *announcer)
{
    if (announcer->retry_at == ANNOUNCE_NEVER)
        announcer->retry_at = announcer->now + RETRY_INTERVAL;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void arm_for_next(struct mlb_announcer *announcer)
{
    const uint64_t own = earlier(earlier(announcer->retry_at, announcer->send_at),
                                 announcer_filter_deadline(announcer));

    if (announcer->changes_wait)
        waker_arm(&announcer->waker, 0);
    else
        waker_arm(&announcer->waker, earlier(own, announce_deadline(announcer->core)));
}

static int compile_patterns(struct mlb_announcer *announcer,
                            const struct mlb_announcer_options *options,
                            struct mlb_diagnostic *diagnostic)
{
    char reason[128] = "";
    size_t bad = 0;
    int error;

    if (options->exclude_count == 0)
        return MLB_OK;
    error = name_patterns_compile(&announcer->exclude, options->exclude, options->exclude_count,
                                  &bad, reason, sizeof(reason));
    if (error == -EINVAL) {
        const char *pattern = options->exclude[bad] ? options->exclude[bad] : "";
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, pattern, NULL,
                              QUOTED " is not a regular expression: %s", QUOTE(pattern), reason);
    }
    return error ? diagnostic_set_system(diagnostic, -error, NULL, "regular expression") : MLB_OK;
}

static int32_t take_options(const struct mlb_announcer_options *given,
                            struct mlb_announcer_options *options,
                            struct mlb_diagnostic *diagnostic)
{
    if (given && !struct_read(options, sizeof(*options), given, first_size_mlb_announcer_options))
        return struct_refuse(given, sizeof(*options), "mlb_announcer_options", diagnostic);
    if (options->flags & ~MLB_ANNOUNCER_NO_EBPF)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "flags", NULL,
                              "the flags of the options are 0x%x; only MLB_ANNOUNCER_NO_EBPF is "
                              "known",
                              options->flags);
    if (options->exclude_count > 0 && !options->exclude)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "exclude", NULL,
                              "exclude_count is %u but the list of patterns is missing (NULL)",
                              options->exclude_count);
    return MLB_OK;
}

static int32_t create_core(struct mlb_announcer *announcer,
                           const struct mlb_announcer_options *options,
                           struct mlb_diagnostic *diagnostic)
{
    struct announce_options core_options;
    int32_t result;

    announce_options_init(&core_options);
    core_options.refresh_interval = options->refresh_seconds * NANOSECONDS_PER_SECOND;
    result = announce_new(&core_options, &announcer->core);
    announcer->batch = packet_batch_new();
    announcer->filter = filter_new(!(options->flags & MLB_ANNOUNCER_NO_EBPF));
    if (result == MLB_OK && (!announcer->batch || !announcer->filter))
        result = MLB_ERROR_NO_MEMORY;
    if (result != MLB_OK)
        diagnostic_set(diagnostic, result, NULL, NULL, "cannot make an announcer: %s",
                       mlb_strerror(result));
    return result;
}

/* Asks for a packet socket now, so that the lack of the capability shows here and not later. */
static int32_t check_permission(struct mlb_diagnostic *diagnostic)
{
    const int descriptor = packet_socket_open();

    if (descriptor < 0)
        return diagnostic_set_system(diagnostic, -descriptor, "CAP_NET_RAW",
                                     "cannot open a packet socket (needs CAP_NET_RAW)");
    close(descriptor);
    return MLB_OK;
}

static void open_vrrp(struct mlb_announcer *announcer, int position, uint8_t family,
                      enum source source)
{
    const int descriptor = vrrp_socket_open(family);

    if (descriptor >= 0 && announcer_watch(announcer, descriptor, source, 0) == 0)
        announcer->vrrp[position] = descriptor;
    else if (descriptor >= 0)
        close(descriptor);
}

static int open_monitor(struct mlb_announcer *announcer)
{
    const struct link_handler handler = {
        .context = announcer,
        .link = announcer_on_link,
        .link_removed = announcer_on_link_removed,
        .address = announcer_on_address,
    };
    int error = link_monitor_open(&handler, &announcer->monitor);

    if (!error)
        error = announcer_watch(announcer, link_monitor_descriptor(announcer->monitor),
                                SOURCE_NETLINK, 0);
    if (!error)
        error = link_monitor_resynchronize(announcer->monitor);
    for (int i = 0; i < INITIAL_ROUNDS && !error && link_monitor_is_reading(announcer->monitor);
         i++)
        error = link_monitor_receive(announcer->monitor, DISPATCH_NETLINK_MESSAGES);
    return error;
}

static int32_t open_descriptors(struct mlb_announcer *announcer, struct mlb_diagnostic *diagnostic)
{
    int error = waker_open(&announcer->waker, (uint64_t)SOURCE_TIMER << 32);

    if (error)
        return diagnostic_set_system(diagnostic, -error, NULL, "cannot make a timer");
    open_vrrp(announcer, 0, MLB_FAMILY_IPV4, SOURCE_VRRP_IPV4);
    open_vrrp(announcer, 1, MLB_FAMILY_IPV6, SOURCE_VRRP_IPV6);
    error = open_monitor(announcer);
    if (error)
        return diagnostic_set_system(diagnostic, -error, NULL, "cannot read the interfaces");
    return MLB_OK;
}

static struct mlb_announcer *make_empty(void)
{
    struct mlb_announcer *announcer = calloc(1, sizeof(*announcer));

    if (!announcer)
        return NULL;
    waker_init(&announcer->waker);
    announcer->vrrp[0] = -1;
    announcer->vrrp[1] = -1;
    announcer->retry_at = ANNOUNCE_NEVER;
    announcer->send_at = ANNOUNCE_NEVER;
    announcer->now = clock_now();
    return announcer;
}

int32_t mlb_announcer_new(const struct mlb_announcer_options *options,
                          struct mlb_announcer **announcer, struct mlb_diagnostic *diagnostic)
{
    struct mlb_announcer_options own = {0};
    struct mlb_announcer *created;
    int32_t result;

    if (!announcer)
        return refuse_no_place("announcer", diagnostic);
    result = take_options(options, &own, diagnostic);
    if (result != MLB_OK)
        return result;
    created = make_empty();
    if (!created)
        return refuse_no_memory("an announcer", diagnostic);
    result = compile_patterns(created, &own, diagnostic);
    if (result == MLB_OK)
        result = check_permission(diagnostic);
    if (result == MLB_OK)
        result = create_core(created, &own, diagnostic);
    if (result == MLB_OK)
        result = open_descriptors(created, diagnostic);
    if (result != MLB_OK) {
        mlb_announcer_free(created);
        return result;
    }
    /* Events of the first reading and interfaces that failed wait for a dispatch. */
    waker_arm(&created->waker, 0);
    *announcer = created;
    return MLB_OK;
}

static void close_descriptor(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

void mlb_announcer_free(struct mlb_announcer *announcer)
{
    if (!announcer)
        return;
    announcer_free_ports(announcer);
    multicast_close(&announcer->groups);
    link_monitor_close(announcer->monitor);
    close_descriptor(announcer->vrrp[0]);
    close_descriptor(announcer->vrrp[1]);
    waker_close(&announcer->waker);
    filter_free(announcer->filter);
    packet_batch_free(announcer->batch);
    name_patterns_free(&announcer->exclude);
    event_queue_free(&announcer->events);
    announce_free(announcer->core);
    free(announcer);
}

int32_t mlb_announcer_fd(const struct mlb_announcer *announcer)
{
    return announcer ? announcer->waker.epoll : MLB_ERROR_INVALID_ARGUMENT;
}

static void receive_netlink(struct mlb_announcer *announcer)
{
    const int error = link_monitor_receive(announcer->monitor, DISPATCH_NETLINK_MESSAGES);

    if (!error)
        return;
    announcer_error(announcer, NULL, error, "cannot read changes of the interfaces");
    announcer->resynchronize = 1;
    announcer_retry_later(announcer);
}

static enum source source_of(const struct epoll_event *event)
{
    return (enum source)(event->data.u64 >> 32);
}

/* Before any frame: a frame is judged by the state of its interface. */
static void handle_control(struct mlb_announcer *announcer, const struct epoll_event *events,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (source_of(&events[i]) == SOURCE_NETLINK)
            receive_netlink(announcer);
        else if (source_of(&events[i]) == SOURCE_TIMER)
            waker_fired(&announcer->waker);
    }
}

static size_t handle_source(struct mlb_announcer *announcer, const struct epoll_event *event,
                            size_t limit)
{
    const uint32_t index = (uint32_t)event->data.u64;

    switch (source_of(event)) {
    case SOURCE_ARP:
        return announcer_receive_frames(announcer, index, PACKET_PROTOCOL_ARP, limit);
    case SOURCE_NDP:
        return announcer_receive_frames(announcer, index, PACKET_PROTOCOL_IPV6, limit);
    case SOURCE_VRRP_IPV4:
        announcer_receive_vrrp(announcer, MLB_FAMILY_IPV4);
        return 0;
    case SOURCE_VRRP_IPV6:
        announcer_receive_vrrp(announcer, MLB_FAMILY_IPV6);
        return 0;
    case SOURCE_NETLINK:
    case SOURCE_TIMER:
        return 0;
    }
    return 0;
}

static void handle_frames(struct mlb_announcer *announcer, const struct epoll_event *events,
                          size_t count)
{
    size_t left = DISPATCH_FRAMES;

    for (size_t i = 0; i < count && left > 0; i++) {
        const size_t limit = left < DISPATCH_FRAMES_OF_SOCKET ? left : DISPATCH_FRAMES_OF_SOCKET;
        left -= handle_source(announcer, &events[i], limit);
    }
}

static void retry(struct mlb_announcer *announcer)
{
    if (announcer->now < announcer->retry_at)
        return;
    announcer->retry_at = ANNOUNCE_NEVER;
    announcer_retry_ports(announcer);
    if (!announcer->resynchronize)
        return;
    announcer->resynchronize = 0;
    if (link_monitor_resynchronize(announcer->monitor) != 0) {
        announcer->resynchronize = 1;
        announcer_retry_later(announcer);
    }
}

int32_t mlb_announcer_dispatch(struct mlb_announcer *announcer, struct mlb_diagnostic *diagnostic)
{
    struct epoll_event events[DISPATCH_SOURCES];
    int count;

    if (!announcer)
        return refuse_no_object("announcer", diagnostic);
    count = waker_take(&announcer->waker, events, DISPATCH_SOURCES);
    if (count < 0)
        return diagnostic_set_system(diagnostic, -count, NULL, "epoll_wait");
    announcer->now = clock_now();
    handle_control(announcer, events, (size_t)count);
    retry(announcer);
    handle_frames(announcer, events, (size_t)count);
    announce_tick(announcer->core, announcer->now);
    announcer_apply_changes(announcer);
    announcer_send_frames(announcer);
    arm_for_next(announcer);
    return MLB_OK;
}
