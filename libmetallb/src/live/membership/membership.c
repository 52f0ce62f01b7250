/* SPDX-License-Identifier: MIT */
/* The life of a membership, and its one descriptor. */
#include "live/membership/membership.h"

#include <stdlib.h>
#include <unistd.h>

#include "address/value.h"
#include "base/diagnostic.h"
#include "base/refusals.h"
#include "crypto/entropy.h"

/* Descriptors looked at in one dispatch; the kernel gives the others their turn next time. */
#define DISPATCH_SOURCES 64

/* Wishes of the core for streams in one dispatch: where the network is unreachable each try of a
 * seed fails at once, and the next one follows. */
#define DISPATCH_ACTIONS 64

/* After so long no further connection is looked at: what one sends may take long to open. */
#define DISPATCH_TIME (NANOSECONDS_PER_SECOND / 100)

int membership_watch(struct mlb_membership *membership, int operation, int descriptor,
                     uint32_t events, enum membership_source source, uint64_t number)
{
    return waker_watch(&membership->waker, operation, descriptor, events,
                       (uint64_t)source << MEMBERSHIP_SOURCE_SHIFT | number);
}

void membership_dispatch_soon(struct mlb_membership *membership)
{
    waker_arm(&membership->waker, 0);
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
        waker_arm(&membership->waker, 0);
    else
        waker_arm(&membership->waker, earlier(own, membership_deadline(membership->core)));
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
    waker_init(&membership->waker);
    membership->accept_at = MEMBERSHIP_NEVER;
    membership->seeds.next_ask = MEMBERSHIP_NEVER;
    membership->next_accepted = 1;
    membership->now = clock_now();
    if (options->bind_address.family != MLB_FAMILY_NONE)
        membership->bind_address = address_normalise(&options->bind_address);
    membership->bind_port = options->bind_port ? options->bind_port : MLB_MEMBERSHIP_PORT;
    return membership;
}

static int32_t open_descriptors(struct mlb_membership *membership,
                                struct mlb_diagnostic *diagnostic)
{
    int error = waker_open(&membership->waker,
                           (uint64_t)MEMBERSHIP_SOURCE_TIMER << MEMBERSHIP_SOURCE_SHIFT);

    if (error)
        return diagnostic_set_system(diagnostic, -error, NULL, "cannot make a timer");
    error = resolver_new(&membership->resolver);
    if (error)
        return diagnostic_set_system(diagnostic, -error, NULL, "cannot make a resolver");
    error = membership_watch(membership, EPOLL_CTL_ADD, resolver_descriptor(membership->resolver),
                             EPOLLIN, MEMBERSHIP_SOURCE_RESOLVER, 0);
    if (error)
        return diagnostic_set_system(diagnostic, -error, NULL, "cannot watch the resolver");
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
        return refuse_no_place("membership", diagnostic);
    result = membership_take_options(options, &own, &timing, diagnostic);
    if (result != MLB_OK)
        return result;
    created = make_empty(&own);
    if (!created)
        return refuse_no_memory("a membership", diagnostic);
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

void mlb_membership_free(struct mlb_membership *membership)
{
    if (!membership)
        return;
    membership_free_streams(membership);
    membership_free_seeds(&membership->seeds);
    resolver_free(membership->resolver);
    datagram_socket_close(membership->packets);
    if (membership->listener >= 0)
        close(membership->listener);
    waker_close(&membership->waker);
    membership_free(membership->core);
    free(membership);
}

int32_t mlb_membership_fd(const struct mlb_membership *membership)
{
    return membership ? membership->waker.epoll : MLB_ERROR_INVALID_ARGUMENT;
}

static enum membership_source source_of(const struct epoll_event *event)
{
    return (enum membership_source)(event->data.u64 >> MEMBERSHIP_SOURCE_SHIFT);
}

static void handle(struct mlb_membership *membership, const struct epoll_event *event)
{
    switch (source_of(event)) {
    case MEMBERSHIP_SOURCE_TIMER:
        waker_fired(&membership->waker);
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
        membership_on_connection(membership,
                                 event->data.u64 & ((UINT64_C(1) << MEMBERSHIP_SOURCE_SHIFT) - 1));
        break;
    }
}

/*
 * Packets come before streams, since who asks by them measures the time. Of the connections each
 * dispatch begins with another one, so that none waits for ever behind busy ones.
 */
static void handle_all(struct mlb_membership *membership, const struct epoll_event *events,
                       size_t count)
{
    const size_t first = membership->turn++;

    for (size_t i = 0; i < count; i++) {
        if (source_of(&events[i]) != MEMBERSHIP_SOURCE_CONNECTION)
            handle(membership, &events[i]);
    }
    for (size_t i = 0; i < count; i++) {
        const struct epoll_event *event = &events[(first + i) % count];

        if (source_of(event) != MEMBERSHIP_SOURCE_CONNECTION)
            continue;
        if (clock_now() - membership->now > DISPATCH_TIME)
            return;
        handle(membership, event);
    }
}

int32_t mlb_membership_dispatch(struct mlb_membership *membership,
                                struct mlb_diagnostic *diagnostic)
{
    struct epoll_event events[DISPATCH_SOURCES];
    int count;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    count = waker_take(&membership->waker, events, DISPATCH_SOURCES);
    if (count < 0)
        return diagnostic_set_system(diagnostic, -count, NULL, "epoll_wait");
    membership->now = clock_now();
    membership->work_waits = 0;
    /* First, since a tick that comes late decides whether what waits is still news. */
    membership_tick(membership->core, membership->now);
    handle_all(membership, events, (size_t)count);
    membership_streams_tick(membership);
    membership_seeds_tick(membership);
    membership_send_packets(membership);
    if (!membership_run_actions(membership, DISPATCH_ACTIONS))
        membership->work_waits = 1;
    arm_for_next(membership);
    return MLB_OK;
}
