/* SPDX-License-Identifier: MIT */
/* The life of a membership, and its one descriptor. */
#include "membership_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "address/value.h"
#include "base/diagnostic.h"
#include "crypto/entropy.h"

/* Descriptors looked at in one dispatch; the kernel gives the others their turn next time. */
#define DISPATCH_SOURCES 64

int membership_watch(struct mlb_membership *membership, int operation, int descriptor,
                     uint32_t events, enum membership_source source, uint64_t number)
{
    struct epoll_event event = {
        .events = events,
        .data.u64 = (uint64_t)source << MEMBERSHIP_SOURCE_SHIFT | number,
    };

    if (epoll_ctl(membership->epoll_descriptor, operation, descriptor, &event) != 0)
        return -errno;
    return 0;
}

/* A time in the past fires at once. */
static void arm(struct mlb_membership *membership, uint64_t deadline)
{
    struct itimerspec timer = {0};

    if (deadline == membership->armed)
        return;
    if (deadline != MEMBERSHIP_NEVER) {
        timer.it_value.tv_sec = (time_t)(deadline / NANOSECONDS_PER_SECOND);
        timer.it_value.tv_nsec = (long)(deadline % NANOSECONDS_PER_SECOND);
        /* All zero would disarm it. */
        if (deadline == 0)
            timer.it_value.tv_nsec = 1;
    }
    if (timerfd_settime(membership->timer_descriptor, TFD_TIMER_ABSTIME, &timer, NULL) == 0)
        membership->armed = deadline;
}

void membership_dispatch_soon(struct mlb_membership *membership)
{
    arm(membership, 0);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void arm_for_next(struct mlb_membership *membership)
{
    const uint64_t own =
        earlier(membership_streams_deadline(membership), membership_seeds_deadline(membership));

    if (membership->work_waits)
        arm(membership, 0);
    else
        arm(membership, earlier(own, membership_deadline(membership->core)));
}

static struct mlb_membership *make_empty(const struct mlb_membership_options *options)
{
    struct mlb_membership *membership = calloc(1, sizeof(*membership));

    if (!membership || !hash_table_init(&membership->connections)) {
        free(membership);
        return NULL;
    }
    list_init(&membership->lingering);
    membership->listener = -1;
    membership->epoll_descriptor = -1;
    membership->timer_descriptor = -1;
    membership->armed = MEMBERSHIP_NEVER;
    membership->accept_at = MEMBERSHIP_NEVER;
    membership->seeds.next_ask = MEMBERSHIP_NEVER;
    membership->next_accepted = 1;
    membership->now = clock_now();
    if (options->bind_address.family != MLB_FAMILY_NONE)
        membership->bind_address = address_normalise(&options->bind_address);
    membership->bind_port = options->bind_port ? options->bind_port : MLB_MEMBERSHIP_PORT;
    membership->key_count = options->key_count;
    return membership;
}

static int32_t open_descriptors(struct mlb_membership *membership,
                                struct mlb_diagnostic *diagnostic)
{
    int error;

    membership->epoll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (membership->epoll_descriptor < 0)
        return diagnostic_set_system(diagnostic, errno, NULL, "cannot make an epoll descriptor");
    membership->timer_descriptor = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (membership->timer_descriptor < 0)
        return diagnostic_set_system(diagnostic, errno, NULL, "cannot make a timer");
    error = resolver_new(&membership->resolver);
    if (error)
        return diagnostic_set_system(diagnostic, -error, NULL, "cannot make a resolver");
    error = membership_watch(membership, EPOLL_CTL_ADD, membership->timer_descriptor, EPOLLIN,
                             MEMBERSHIP_SOURCE_TIMER, 0);
    if (!error)
        error =
            membership_watch(membership, EPOLL_CTL_ADD, resolver_descriptor(membership->resolver),
                             EPOLLIN, MEMBERSHIP_SOURCE_RESOLVER, 0);
    if (error)
        return diagnostic_set_system(diagnostic, -error, NULL, "cannot watch the timer");
    return membership_listen(membership, diagnostic);
}

static int32_t create_core(struct mlb_membership *membership,
                           const struct mlb_membership_options *options,
                           struct mlb_diagnostic *diagnostic)
{
    struct membership_options core = {
        .name = options->name,
        .label = options->label,
        .keys = options->keys,
        .key_count = options->key_count,
        .meta = options->meta,
        .meta_length = options->meta_length,
        .delegate_versions = {options->delegate_versions[0], options->delegate_versions[1],
                              options->delegate_versions[2]},
        .flags = options->flags,
        .timing = *options->timing,
        .facts_version = clock_date(),
        .entropy = entropy_fill,
    };
    int32_t result = membership_choose_advertised(membership, options, &core.advertise, diagnostic);

    if (result != MLB_OK)
        return result;
    if (entropy_fill(NULL, (uint8_t *)&core.seed, sizeof(core.seed)) != 0)
        result = MLB_ERROR_SYSTEM;
    if (result == MLB_OK)
        result = membership_new(&core, membership->now, &membership->core);
    if (result != MLB_OK)
        return diagnostic_set(diagnostic, result, NULL, NULL, "cannot make a membership: %s",
                              mlb_strerror(result));
    membership->linger_time = core.timing.stream_timeout * (NANOSECONDS_PER_SECOND / 1000);
    return MLB_OK;
}

int32_t mlb_membership_new(const struct mlb_membership_options *options,
                           struct mlb_membership **membership, struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_options own;
    struct mlb_membership_timing timing;
    struct mlb_membership *created;
    int32_t result;

    if (!membership)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "membership", NULL,
                              "there is no place for the membership (NULL)");
    result = membership_take_options(options, &own, &timing, diagnostic);
    if (result != MLB_OK)
        return result;
    created = make_empty(&own);
    if (!created)
        return diagnostic_set(diagnostic, MLB_ERROR_NO_MEMORY, NULL, NULL, "out of memory");
    result = open_descriptors(created, diagnostic);
    if (result == MLB_OK)
        result = create_core(created, &own, diagnostic);
    if (result != MLB_OK) {
        mlb_membership_free(created);
        return result;
    }
    membership_dispatch_soon(created);
    *membership = created;
    return MLB_OK;
}

static void close_descriptor(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

void mlb_membership_free(struct mlb_membership *membership)
{
    if (!membership)
        return;
    membership_free_streams(membership);
    membership_free_seeds(&membership->seeds);
    resolver_free(membership->resolver);
    datagram_socket_close(membership->packets);
    close_descriptor(membership->listener);
    close_descriptor(membership->timer_descriptor);
    close_descriptor(membership->epoll_descriptor);
    membership_free(membership->core);
    free(membership);
}

int32_t mlb_membership_fd(const struct mlb_membership *membership)
{
    return membership ? membership->epoll_descriptor : MLB_ERROR_INVALID_ARGUMENT;
}

static void handle(struct mlb_membership *membership, const struct epoll_event *event)
{
    const uint64_t number = event->data.u64 & ((UINT64_C(1) << MEMBERSHIP_SOURCE_SHIFT) - 1);

    switch ((enum membership_source)(event->data.u64 >> MEMBERSHIP_SOURCE_SHIFT)) {
    case MEMBERSHIP_SOURCE_TIMER:
        membership->armed = 0;
        break;
    case MEMBERSHIP_SOURCE_PACKETS:
        membership_receive_packets(membership);
        break;
    case MEMBERSHIP_SOURCE_LISTENER:
        membership_accept(membership);
        break;
    case MEMBERSHIP_SOURCE_RESOLVER:
        membership_take_answers(membership);
        break;
    case MEMBERSHIP_SOURCE_CONNECTION:
        membership_on_connection(membership, number);
        break;
    }
}

int32_t mlb_membership_dispatch(struct mlb_membership *membership,
                                struct mlb_diagnostic *diagnostic)
{
    struct epoll_event events[DISPATCH_SOURCES];
    int count;

    if (!membership)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "membership", NULL,
                              "there is no membership (NULL); make one with mlb_membership_new()");
    count = epoll_wait(membership->epoll_descriptor, events, DISPATCH_SOURCES, 0);
    if (count < 0 && errno != EINTR)
        return diagnostic_set_system(diagnostic, errno, NULL, "epoll_wait");
    membership->now = clock_now();
    membership->work_waits = 0;
    /* First, since a tick that comes late decides whether what waits is still news. */
    membership_tick(membership->core, membership->now);
    for (int i = 0; i < count; i++)
        handle(membership, &events[i]);
    membership_streams_tick(membership);
    membership_seeds_tick(membership);
    membership_send_packets(membership);
    membership_run_actions(membership);
    arm_for_next(membership);
    return MLB_OK;
}
