/* SPDX-License-Identifier: MIT */
/* TCP on loopback. */
#include "../socket_harness.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "os/stream_socket.h"

#define MANY (8u * 1024 * 1024)

static const struct mlb_address everywhere;

struct pair {
    int listener;
    struct stream_socket *dialled;
    struct stream_socket *accepted;
    struct mlb_address peer; /* as the listener saw it */
    uint16_t peer_port;
};

static int listen_on(const char *text)
{
    const struct mlb_address address = address_of(text);
    const int listener = stream_listener_open(&address, 0);

    assert_true(listener >= 0);
    return listener;
}

static struct stream_socket *accept_from(int listener, struct pair *pair)
{
    struct stream_socket *socket = NULL;

    await_events(listener, POLLIN);
    assert_int_equal(stream_listener_accept(listener, &socket, &pair->peer, &pair->peer_port), 1);
    return socket;
}

static struct stream_socket *dial(const struct mlb_address *source, const char *text, uint16_t port)
{
    const struct mlb_address target = address_of(text);
    struct stream_socket *socket = NULL;

    assert_int_equal(stream_socket_connect(source, &target, port, &socket), 0);
    return socket;
}

static void open_pair(struct pair *pair, const struct mlb_address *source, const char *target)
{
    pair->listener = listen_on(target);
    pair->dialled = dial(source, target, port_of(pair->listener));
    pair->accepted = accept_from(pair->listener, pair);
    await_events(stream_socket_descriptor(pair->dialled), POLLOUT);
    assert_int_equal(stream_socket_write(pair->dialled), 0);
}

static void close_pair(struct pair *pair)
{
    stream_socket_close(pair->dialled);
    stream_socket_close(pair->accepted);
    close(pair->listener);
}

/* Waits until there is something to read, or the end. */
static int read_some(struct stream_socket *socket, uint8_t *buffer, size_t capacity)
{
    int received;

    do {
        await_events(stream_socket_descriptor(socket), POLLIN);
        received = stream_socket_read(socket, buffer, capacity);
    } while (received == 0);
    return received;
}

static void assert_text(struct stream_socket *socket, const char *text)
{
    uint8_t buffer[64];

    assert_int_equal(read_some(socket, buffer, sizeof(buffer)), strlen(text));
    assert_memory_equal(buffer, text, strlen(text));
}

static void send_text(struct stream_socket *socket, const char *text)
{
    assert_int_equal(stream_socket_send(socket, (const uint8_t *)text, strlen(text)), 0);
}

static void assert_no_delay(const struct stream_socket *socket)
{
    int on = 0;
    socklen_t length = sizeof(on);

    assert_int_equal(
        getsockopt(stream_socket_descriptor(socket), IPPROTO_TCP, TCP_NODELAY, &on, &length), 0);
    assert_true(on);
}

static void exchange(const char *target)
{
    struct pair pair;

    open_pair(&pair, &everywhere, target);
    assert_address(&pair.peer, target);
    assert_int_equal(pair.peer_port, port_of(stream_socket_descriptor(pair.dialled)));
    send_text(pair.dialled, "question");
    assert_text(pair.accepted, "question");
    send_text(pair.accepted, "answer");
    assert_text(pair.dialled, "answer");
    assert_false(stream_socket_writes(pair.dialled));
    assert_no_delay(pair.dialled);
    assert_no_delay(pair.accepted);
    close_pair(&pair);
}

static void test_exchange(void **state)
{
    (void)state;
    exchange("127.0.0.1");
    exchange("::1");
}

static void test_all_addresses(void **state)
{
    const int listener = stream_listener_open(&everywhere, 0);
    struct pair pair;
    struct stream_socket *dialled;
    struct stream_socket *accepted;

    (void)state;
    dialled = dial(&everywhere, "127.0.0.1", port_of(listener));
    accepted = accept_from(listener, &pair);
    assert_address(&pair.peer, "127.0.0.1");
    stream_socket_close(dialled);
    stream_socket_close(accepted);
    dialled = dial(&everywhere, "::1", port_of(listener));
    accepted = accept_from(listener, &pair);
    assert_address(&pair.peer, "::1");
    stream_socket_close(dialled);
    stream_socket_close(accepted);
    close(listener);
}

static void test_source(void **state)
{
    const struct mlb_address source = address_of("127.0.0.2");
    const struct mlb_address all_ipv4 = {.family = MLB_FAMILY_IPV4};
    const struct mlb_address ipv6 = address_of("::1");
    struct stream_socket *socket = NULL;
    struct pair pair;

    (void)state;
    open_pair(&pair, &source, "127.0.0.1");
    assert_address(&pair.peer, "127.0.0.2");
    close_pair(&pair);
    open_pair(&pair, &all_ipv4, "127.0.0.1");
    assert_address(&pair.peer, "127.0.0.1");
    close_pair(&pair);
    assert_int_equal(stream_socket_connect(&source, &ipv6, 9, &socket), -EAFNOSUPPORT);
    assert_int_equal(stream_socket_connect(&all_ipv4, &ipv6, 9, &socket), -EAFNOSUPPORT);
    assert_null(socket);
}

static void test_refused(void **state)
{
    const int listener = listen_on("127.0.0.1");
    const uint16_t port = port_of(listener);
    struct stream_socket *socket;

    (void)state;
    close(listener);
    socket = dial(&everywhere, "127.0.0.1", port);
    send_text(socket, "never seen");
    await_events(stream_socket_descriptor(socket), POLLOUT);
    assert_int_equal(stream_socket_write(socket), -ECONNREFUSED);
    stream_socket_close(socket);
}

static void test_port_taken(void **state)
{
    const struct mlb_address address = address_of("127.0.0.1");
    const int listener = listen_on("127.0.0.1");

    (void)state;
    assert_int_equal(stream_listener_open(&address, port_of(listener)), -EADDRINUSE);
    assert_int_equal(stream_listener_open(&everywhere, port_of(listener)), -EADDRINUSE);
    close(listener);
}

/* A restart finds connections of its earlier life that wait for their end. */
static void test_listens_again(void **state)
{
    const struct mlb_address address = address_of("127.0.0.1");
    struct pair pair;
    uint16_t port;
    uint8_t byte;
    int listener;

    (void)state;
    open_pair(&pair, &everywhere, "127.0.0.1");
    port = port_of(pair.listener);
    /* Who ends first keeps the port in TIME_WAIT. */
    assert_int_equal(stream_socket_finish(pair.accepted), 0);
    assert_int_equal(read_some(pair.dialled, &byte, 1), STREAM_SOCKET_ENDED);
    assert_int_equal(stream_socket_finish(pair.dialled), 0);
    assert_int_equal(read_some(pair.accepted, &byte, 1), STREAM_SOCKET_ENDED);
    close_pair(&pair);
    listener = stream_listener_open(&address, port);
    assert_true(listener >= 0);
    close(listener);
}

static uint8_t pattern(size_t position)
{
    return (uint8_t)(position * 31 + (position >> 8));
}

/* Sends what waits and reads what came, until all has arrived. */
static void transfer(struct stream_socket *from, struct stream_socket *to, size_t total)
{
    static uint8_t buffer[65536];
    size_t taken = 0;

    while (taken < total) {
        int received;

        if (stream_socket_writes(from))
            assert_int_equal(stream_socket_write(from), 0);
        await_events(stream_socket_descriptor(to), POLLIN);
        received = stream_socket_read(to, buffer, sizeof(buffer));
        assert_true(received >= 0);
        for (int i = 0; i < received; i++, taken++)
            assert_int_equal(buffer[i], pattern(taken));
    }
}

/* More than the kernel takes at once, in pieces, and begun before the connection stands. */
static void test_much(void **state)
{
    uint8_t *bytes = malloc(MANY);
    struct pair pair;

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        bytes[i] = pattern(i);
    pair.listener = listen_on("127.0.0.1");
    pair.dialled = dial(&everywhere, "127.0.0.1", port_of(pair.listener));
    assert_int_equal(stream_socket_send(pair.dialled, bytes, 1000), 0);
    pair.accepted = accept_from(pair.listener, &pair);
    await_events(stream_socket_descriptor(pair.dialled), POLLOUT);
    assert_int_equal(stream_socket_write(pair.dialled), 0);
    assert_int_equal(stream_socket_send(pair.dialled, bytes + 1000, MANY / 2), 0);
    assert_true(stream_socket_writes(pair.dialled));
    assert_int_equal(stream_socket_send(pair.dialled, bytes + 1000 + MANY / 2, MANY / 2 - 1000), 0);
    assert_int_equal(stream_socket_finish(pair.dialled), 0);
    assert_false(stream_socket_is_done(pair.dialled));
    transfer(pair.dialled, pair.accepted, MANY);
    assert_int_equal(read_some(pair.accepted, bytes, 1), STREAM_SOCKET_ENDED);
    close_pair(&pair);
    free(bytes);
}

static void discard_until_end(struct stream_socket *socket)
{
    static uint8_t buffer[65536];
    int received;

    do
        received = read_some(socket, buffer, sizeof(buffer));
    while (received > 0);
    assert_int_equal(received, STREAM_SOCKET_ENDED);
}

/* The peer still sends when it is answered: the answer reaches it all the same. */
static void test_answer_survives_unread_input(void **state)
{
    static uint8_t bytes[256 * 1024];
    struct pair pair;

    (void)state;
    open_pair(&pair, &everywhere, "127.0.0.1");
    assert_int_equal(stream_socket_send(pair.dialled, bytes, sizeof(bytes)), 0);
    await_events(stream_socket_descriptor(pair.accepted), POLLIN);
    send_text(pair.accepted, "refused");
    assert_int_equal(stream_socket_finish(pair.accepted), 0);
    assert_false(stream_socket_is_done(pair.accepted));
    assert_text(pair.dialled, "refused");
    assert_int_equal(stream_socket_finish(pair.dialled), 0);
    while (stream_socket_writes(pair.dialled)) {
        assert_int_equal(stream_socket_read(pair.accepted, bytes, sizeof(bytes)) >= 0, 1);
        assert_int_equal(stream_socket_write(pair.dialled), 0);
    }
    discard_until_end(pair.accepted);
    assert_true(stream_socket_is_done(pair.accepted));
    discard_until_end(pair.dialled);
    assert_true(stream_socket_is_done(pair.dialled));
    close_pair(&pair);
}

/* The peer has ended and still gets what waits for it. */
static void test_peer_ends_first(void **state)
{
    uint8_t *bytes = malloc(MANY);
    uint8_t byte;
    struct pair pair;

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        bytes[i] = pattern(i);
    open_pair(&pair, &everywhere, "127.0.0.1");
    assert_int_equal(stream_socket_send(pair.accepted, bytes, MANY), 0);
    assert_int_equal(stream_socket_finish(pair.accepted), 0);
    assert_int_equal(stream_socket_finish(pair.dialled), 0);
    assert_int_equal(read_some(pair.accepted, &byte, 1), STREAM_SOCKET_ENDED);
    /* The end stays readable: who waited for it would not sleep any more. */
    assert_false(stream_socket_reads(pair.accepted));
    assert_true(stream_socket_writes(pair.accepted));
    assert_false(stream_socket_is_done(pair.accepted));
    transfer(pair.accepted, pair.dialled, MANY);
    assert_false(stream_socket_writes(pair.accepted));
    assert_true(stream_socket_is_done(pair.accepted));
    close_pair(&pair);
    free(bytes);
}

static void reset(struct stream_socket *socket)
{
    const struct linger now = {.l_onoff = 1};

    assert_int_equal(
        setsockopt(stream_socket_descriptor(socket), SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
    stream_socket_close(socket);
}

static void test_reset(void **state)
{
    struct pair pair;
    uint8_t byte;

    (void)state;
    open_pair(&pair, &everywhere, "127.0.0.1");
    reset(pair.dialled);
    pair.dialled = NULL;
    assert_int_equal(read_some(pair.accepted, &byte, 1), -ECONNRESET);
    /* Sending raises an error and no signal. */
    assert_int_equal(stream_socket_send(pair.accepted, (const uint8_t *)"x", 1), -EPIPE);
    close_pair(&pair);
}

/* Without descriptors the connection waits and is accepted later. */
static void test_no_descriptors(void **state)
{
    struct rlimit before;
    struct rlimit none;
    struct pair pair = {.accepted = NULL};
    const struct mlb_address target = address_of("127.0.0.1");
    int error;

    (void)state;
    pair.listener = listen_on("127.0.0.1");
    pair.dialled = dial(&everywhere, "127.0.0.1", port_of(pair.listener));
    await_events(pair.listener, POLLIN);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    error = stream_listener_accept(pair.listener, &pair.accepted, &pair.peer, &pair.peer_port);
    assert_int_equal(stream_socket_connect(&everywhere, &target, 9, &pair.accepted), -EMFILE);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(error, -EMFILE);
    assert_true(stream_listener_is_exhausted(error));
    assert_false(stream_listener_is_exhausted(-ECONNABORTED));
    assert_null(pair.accepted);
    pair.accepted = accept_from(pair.listener, &pair);
    assert_int_equal(
        stream_listener_accept(pair.listener, &pair.accepted, &pair.peer, &pair.peer_port), 0);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_all_addresses),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_port_taken),
        cmocka_unit_test(test_listens_again),
        cmocka_unit_test(test_much),
        cmocka_unit_test(test_answer_survives_unread_input),
        cmocka_unit_test(test_peer_ends_first),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_no_descriptors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
