/* SPDX-License-Identifier: MIT */
/* TCP peers that do not behave, and a process without descriptors. */
#include "group_harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "membership/membership.h"

#define PEERS 12

static struct group group;

static int set_up(void **state)
{
    (void)state;
    memset(&group, 0, sizeof(group));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    group_free(&group);
    return 0;
}

/* A membership whose streams have this long. */
static void add_with_timeout(size_t place, uint32_t milliseconds)
{
    struct mlb_membership_options options = group_options(place);
    struct mlb_membership_timing timing;

    assert_int_equal(mlb_membership_timing_init(MLB_MEMBERSHIP_FAST, &timing, NULL), MLB_OK);
    timing.stream_timeout = milliseconds;
    options.timing = &timing;
    group_add(&group, place, &options);
}

static int dial(size_t place)
{
    const struct mlb_address address = group_address(place);
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(MLB_MEMBERSHIP_PORT)};
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(&target.sin_addr, address.bytes, 4);
    assert_int_equal(connect(descriptor, (const struct sockaddr *)&target, sizeof(target)), 0);
    return descriptor;
}

struct raw_peer {
    int descriptor;
    size_t to_send; /* bytes of no meaning */
    char *answer;
    size_t capacity;
    size_t length;
    int ended; /* 1: in order, negative errno: by a reset */
};

static void send_some(struct raw_peer *peer)
{
    static const char bytes[65536] = {0x5a};

    while (peer->to_send > 0 && !peer->ended) {
        const size_t length = peer->to_send < sizeof(bytes) ? peer->to_send : sizeof(bytes);
        const ssize_t sent = send(peer->descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0)
            peer->ended = -errno;
        else
            peer->to_send -= (size_t)sent;
    }
}

static int has_ended(const struct group *run, const void *context)
{
    struct raw_peer *peer = *(struct raw_peer *const *)context;

    (void)run;
    send_some(peer);
    while (!peer->ended && peer->to_send == 0) {
        const ssize_t received = recv(peer->descriptor, peer->answer + peer->length,
                                      peer->capacity - peer->length, MSG_DONTWAIT);
        if (received < 0 && errno == EAGAIN)
            return 0;
        if (received <= 0)
            peer->ended = received == 0 ? 1 : -errno;
        else
            peer->length += (size_t)received;
    }
    return peer->ended != 0;
}

static void await_end(struct raw_peer *peer)
{
    group_run(&group, has_ended, &peer);
}

/* Bytes of no protocol, and more of them than are read: the complaint arrives all the same. */
static void test_garbage(void **state)
{
    static char answer[65536];
    struct raw_peer peer = {
        .to_send = 32u * 1024 * 1024, .answer = answer, .capacity = sizeof(answer)};

    (void)state;
    add_with_timeout(0, 60000);
    peer.descriptor = dial(0);
    await_end(&peer);
    assert_int_equal(peer.ended, 1);
    /* All that it had to say was taken, though it was of no use. */
    assert_int_equal(peer.to_send, 0);
    close(peer.descriptor);
    assert_int_equal(group_statistics(&group, 0).streams_failed, 1);
}

/* Who keeps a stream open for nothing is cut off, whether it said something or not. */
static void test_silent_peers(void **state)
{
    char bytes[256];
    struct raw_peer silent = {.answer = bytes, .capacity = sizeof(bytes)};
    struct raw_peer slow = {.answer = bytes, .capacity = sizeof(bytes)};

    (void)state;
    add_with_timeout(0, 200);
    silent.descriptor = dial(0);
    slow.descriptor = dial(0);
    /* The beginning of a full exchange. */
    assert_int_equal(send(slow.descriptor, "\x06\x83", 2, 0), 2);
    await_end(&silent);
    await_end(&slow);
    close(silent.descriptor);
    close(slow.descriptor);
    assert_int_equal(group_statistics(&group, 0).streams, 0);
}

/* Never reads and never ends: after twice the time of a stream nothing is left of it. */
static void test_lingering_ends(void **state)
{
    char bytes[256];
    struct raw_peer peer = {.answer = bytes, .capacity = sizeof(bytes)};

    (void)state;
    add_with_timeout(0, 200);
    peer.descriptor = dial(0);
    assert_int_equal(send(peer.descriptor, "ZZZZ", 4, 0), 4);
    await_end(&peer);
    /* Our side is still open; a write is answered by a reset once theirs is gone. */
    peer.ended = 0;
    while (!peer.ended) {
        struct pollfd entry = {.fd = mlb_membership_fd(group.members[0].membership),
                               .events = POLLIN};

        assert_int_equal(poll(&entry, 1, PATIENCE_MS), 1);
        assert_int_equal(mlb_membership_dispatch(group.members[0].membership, NULL), MLB_OK);
        if (send(peer.descriptor, "Z", 1, MSG_NOSIGNAL) < 0)
            peer.ended = errno;
    }
    assert_true(peer.ended == EPIPE || peer.ended == ECONNRESET);
    close(peer.descriptor);
}

struct raw_peers {
    struct raw_peer *peers;
    size_t count;
    size_t wanted; /* how many are to have ended */
};

static int have_ended(const struct group *run, const void *context)
{
    const struct raw_peers *all = context;
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct raw_peer *peer = &all->peers[i];

        count += (size_t)has_ended(run, &peer);
    }
    assert_true(count <= all->wanted);
    return count == all->wanted;
}

static int has_accepted(const struct group *run, const void *context)
{
    return group_statistics(run, 0).streams_accepted >= *(const uint64_t *)context;
}

/* One address may have a few streams at a time; others get their turn. */
static void test_many_of_one_peer(void **state)
{
    struct raw_peer peers[PEERS];
    const struct raw_peers all = {peers, PEERS, PEERS - MEMBERSHIP_STREAMS_PER_PEER_MAX};
    char bytes[256];

    (void)state;
    add_with_timeout(0, 60000);
    for (size_t i = 0; i < PEERS; i++)
        peers[i] =
            (struct raw_peer){.descriptor = dial(0), .answer = bytes, .capacity = sizeof(bytes)};
    group_run(&group, have_ended, &all);
    assert_int_equal(group_statistics(&group, 0).streams, MEMBERSHIP_STREAMS_PER_PEER_MAX);
    group_add(&group, 1, NULL);
    group_join(&group, 1, (const char *const[]){group_seed(0), NULL});
    group_await_alive(&group, 2);
    for (size_t i = 0; i < PEERS; i++)
        close(peers[i].descriptor);
}

static int has_no_streams(const struct group *run, const void *context)
{
    (void)context;
    return group_statistics(run, 0).streams == 0;
}

/* Peers that go away without a word. */
static void test_resets(void **state)
{
    const struct linger now = {.l_onoff = 1};
    const uint64_t all = 4;
    int descriptors[4];

    (void)state;
    add_with_timeout(0, 60000);
    for (size_t i = 0; i < 4; i++)
        descriptors[i] = dial(0);
    group_run(&group, has_accepted, &all);
    for (size_t i = 0; i < 4; i++) {
        setsockopt(descriptors[i], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        close(descriptors[i]);
    }
    group_run(&group, has_no_streams, NULL);
}

static void set_limit(rlim_t limit)
{
    struct rlimit now;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
    now.rlim_cur = limit;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
}

static int lowest_free(void)
{
    const int descriptor = dup(0);

    assert_true(descriptor >= 0);
    close(descriptor);
    return descriptor;
}

/*
 * Nobody can be accepted without descriptors. That is told, the process does not spin, packets go
 * on, and who waited is accepted when there are some again.
 */
static void test_no_descriptors(void **state)
{
    struct rlimit before;
    struct pollfd entry;
    int wakes = 0;
    int peers[PEERS];

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    add_with_timeout(0, 60000);
    group_add(&group, 1, NULL);
    group_join(&group, 1, (const char *const[]){group_seed(0), NULL});
    group_await_alive(&group, 2);
    /* More than there are streams of the joining, whose descriptors become free. */
    for (size_t i = 0; i < PEERS; i++)
        peers[i] = dial(0);
    set_limit((rlim_t)lowest_free());
    group_await(&group, 0, MLB_MEMBERSHIP_ERROR, NULL);
    entry = (struct pollfd){.fd = mlb_membership_fd(group.members[0].membership), .events = POLLIN};
    while (wakes < 100 && poll(&entry, 1, 0) == 1) {
        assert_int_equal(mlb_membership_dispatch(group.members[0].membership, NULL), MLB_OK);
        wakes++;
    }
    assert_true(wakes < 100);
    set_limit(before.rlim_cur);
    for (size_t i = 0; i < group.members[0].event_count; i++) {
        const struct mlb_membership_event *event = &group.members[0].events[i];

        if (event->kind != MLB_MEMBERSHIP_ERROR)
            continue;
        assert_int_equal(event->code, MLB_ERROR_SYSTEM);
        assert_string_equal(event->detail, "cannot accept connections: Too many open files");
    }
    assert_int_equal(group_state(&group, 0, "node-1"), MLB_MEMBER_ALIVE);
    group_add(&group, 2, NULL);
    group_join(&group, 2, (const char *const[]){group_seed(0), NULL});
    group_await_alive(&group, 3);
    for (size_t i = 0; i < PEERS; i++)
        close(peers[i]);
}

/* Without descriptors a membership is not made, and nothing is left open. */
static void test_no_descriptors_at_first(void **state)
{
    const struct mlb_membership_options options = group_options(0);
    const int next = dup(0);
    struct rlimit before;
    int made = 0;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    close(next);
    for (rlim_t limit = (rlim_t)next; !made; limit++) {
        struct mlb_membership *membership = NULL;
        struct mlb_diagnostic diagnostic;
        int32_t result;
        int free_one;

        mlb_diagnostic_init(&diagnostic);
        set_limit(limit);
        result = mlb_membership_new(&options, &membership, &diagnostic);
        set_limit(before.rlim_cur);
        made = result == MLB_OK;
        assert_true(limit < (rlim_t)next + 20);
        if (!made) {
            assert_int_equal(result, MLB_ERROR_SYSTEM);
            assert_int_equal(diagnostic.system_error, EMFILE);
            assert_null(membership);
        }
        mlb_membership_free(membership);
        free_one = dup(0);
        assert_int_equal(free_one, next);
        close(free_one);
    }
}

#define UNREACHABLE 100

/* Where each try fails at once a dispatch does not go through all of them, and the next goes on. */
static void test_unreachable_seeds(void **state)
{
    static char texts[UNREACHABLE][32];
    const char *seeds[UNREACHABLE + 1] = {NULL};
    struct pollfd entry = {.events = POLLIN};
    uint64_t before = 0;

    (void)state;
    group_add(&group, 0, NULL);
    for (size_t i = 0; i < UNREACHABLE; i++) {
        snprintf(texts[i], sizeof(texts[i]), "2001:db8::%zx", i + 1);
        seeds[i] = texts[i];
    }
    entry.fd = mlb_membership_fd(group.members[0].membership);
    group_join(&group, 0, seeds);
    while (before < UNREACHABLE) {
        uint64_t failed;

        assert_int_equal(poll(&entry, 1, PATIENCE_MS), 1);
        assert_int_equal(mlb_membership_dispatch(group.members[0].membership, NULL), MLB_OK);
        failed = group_statistics(&group, 0).streams_failed;
        assert_in_range(failed - before, 0, 64);
        before = failed;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_garbage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_silent_peers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lingering_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_of_one_peer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_resets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unreachable_seeds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_descriptors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_descriptors_at_first, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
