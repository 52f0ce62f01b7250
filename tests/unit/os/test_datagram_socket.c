/* SPDX-License-Identifier: MIT */
/* UDP on loopback; the linker replaces socket(2) to play a kernel without IPv6. */
#include "../socket_harness.h"

#include <errno.h>
#include <string.h>

#include "os/datagram_socket.h"

static const struct mlb_address everywhere;

static int without_ipv6;

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);

int __wrap_socket(int domain, int type, int protocol)
{
    if (without_ipv6 && domain == AF_INET6) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    return __real_socket(domain, type, protocol);
}

static struct datagram_socket *open_on(const struct mlb_address *address)
{
    struct datagram_socket *socket = NULL;

    assert_int_equal(datagram_socket_open(address, 0, &socket), 0);
    return socket;
}

static uint16_t port(const struct datagram_socket *socket)
{
    return port_of(datagram_socket_descriptor(socket));
}

/* Sends a text and takes it; where it came from is left in the datagram. */
static void pass(struct datagram_socket *from, struct datagram_socket *to, const char *target,
                 struct datagram *datagram)
{
    const struct mlb_address address = address_of(target);

    assert_int_equal(datagram_socket_send(from, &address, port(to), (const uint8_t *)"text", 4), 0);
    await_events(datagram_socket_descriptor(to), POLLIN);
    assert_int_equal(datagram_socket_receive(to, DATAGRAM_BATCH), 1);
    assert_int_equal(datagram_socket_at(to, 0, datagram), 0);
    assert_int_equal(datagram->length, 4);
    assert_memory_equal(datagram->bytes, "text", 4);
    assert_int_equal(datagram->port, port(from));
}

static void pass_between(const char *bind_a, const char *bind_b)
{
    const struct mlb_address address_a = address_of(bind_a);
    const struct mlb_address address_b = address_of(bind_b);
    struct datagram_socket *a = open_on(&address_a);
    struct datagram_socket *b = open_on(&address_b);
    struct datagram datagram;

    pass(a, b, bind_b, &datagram);
    assert_address(&datagram.source, bind_a);
    pass(b, a, bind_a, &datagram);
    assert_address(&datagram.source, bind_b);
    datagram_socket_close(a);
    datagram_socket_close(b);
}

static void test_one_address(void **state)
{
    (void)state;
    pass_between("127.0.0.1", "127.0.0.2");
    pass_between("::1", "::1");
}

static void test_all_addresses(void **state)
{
    const struct mlb_address ipv4 = address_of("127.0.0.2");
    const struct mlb_address ipv6 = address_of("::1");
    struct datagram_socket *all = open_on(&everywhere);
    struct datagram_socket *a = open_on(&ipv4);
    struct datagram_socket *b = open_on(&ipv6);
    struct datagram datagram;

    (void)state;
    /* An IPv4 source is IPv4 although it came through an IPv6 socket. */
    pass(a, all, "127.0.0.1", &datagram);
    assert_address(&datagram.source, "127.0.0.2");
    pass(b, all, "::1", &datagram);
    assert_address(&datagram.source, "::1");
    pass(all, a, "127.0.0.2", &datagram);
    assert_int_equal(datagram.source.family, MLB_FAMILY_IPV4);
    pass(all, b, "::1", &datagram);
    assert_address(&datagram.source, "::1");
    datagram_socket_close(all);
    datagram_socket_close(a);
    datagram_socket_close(b);
}

static void test_kernel_without_ipv6(void **state)
{
    const struct mlb_address ipv6 = address_of("::1");
    struct datagram_socket *all;
    struct datagram_socket *refused = NULL;
    struct datagram datagram;

    (void)state;
    without_ipv6 = 1;
    all = open_on(&everywhere);
    assert_int_equal(datagram_socket_open(&ipv6, 0, &refused), -EAFNOSUPPORT);
    without_ipv6 = 0;
    assert_null(refused);
    pass(all, all, "127.0.0.1", &datagram);
    assert_int_equal(datagram_socket_send(all, &ipv6, 9, (const uint8_t *)"x", 1), -EAFNOSUPPORT);
    datagram_socket_close(all);
}

static void test_one_family(void **state)
{
    const struct mlb_address all_ipv4 = {.family = MLB_FAMILY_IPV4};
    const struct mlb_address all_ipv6 = {.family = MLB_FAMILY_IPV6};
    struct datagram_socket *a = open_on(&all_ipv4);
    struct datagram_socket *b = NULL;
    struct datagram datagram;

    (void)state;
    /* The IPv6 socket leaves the IPv4 port to the other one. */
    assert_int_equal(datagram_socket_open(&all_ipv6, port(a), &b), 0);
    pass(a, a, "127.0.0.1", &datagram);
    pass(b, b, "::1", &datagram);
    datagram_socket_close(a);
    datagram_socket_close(b);
}

static void test_port_taken(void **state)
{
    const struct mlb_address address = address_of("127.0.0.1");
    struct datagram_socket *first = open_on(&address);
    struct datagram_socket *second = NULL;

    (void)state;
    assert_int_equal(datagram_socket_open(&address, port(first), &second), -EADDRINUSE);
    assert_int_equal(datagram_socket_open(&everywhere, port(first), &second), -EADDRINUSE);
    assert_null(second);
    datagram_socket_close(first);
}

static void test_foreign_address(void **state)
{
    const struct mlb_address foreign = address_of("198.51.100.1");
    struct datagram_socket *socket = NULL;

    (void)state;
    assert_int_equal(datagram_socket_open(&foreign, 0, &socket), -EADDRNOTAVAIL);
    assert_null(socket);
}

static void test_batches(void **state)
{
    const struct mlb_address address = address_of("127.0.0.1");
    struct datagram_socket *socket = open_on(&address);
    struct datagram datagram;
    uint8_t next = 0;

    (void)state;
    for (uint8_t i = 0; i < 40; i++)
        assert_int_equal(datagram_socket_send(socket, &address, port(socket), &i, 1), 0);
    assert_int_equal(datagram_socket_receive(socket, 3), 3);
    for (size_t i = 0; i < 3; i++, next++) {
        assert_int_equal(datagram_socket_at(socket, i, &datagram), 0);
        assert_int_equal(datagram.bytes[0], next);
    }
    assert_int_equal(datagram_socket_receive(socket, 1000), DATAGRAM_BATCH);
    assert_int_equal(datagram_socket_receive(socket, 1000), DATAGRAM_BATCH);
    assert_int_equal(datagram_socket_receive(socket, 1000), 40 - 3 - 2 * DATAGRAM_BATCH);
    assert_int_equal(datagram_socket_receive(socket, 1000), 0);
    datagram_socket_close(socket);
}

static void test_sizes(void **state)
{
    /* The most that IPv4 can carry, and nothing at all. */
    static uint8_t bytes[65508];
    const size_t largest = 65507;
    const struct mlb_address address = address_of("127.0.0.1");
    struct datagram_socket *socket = open_on(&address);
    struct datagram datagram;

    (void)state;
    memset(bytes, 0x5a, sizeof(bytes));
    assert_int_equal(datagram_socket_send(socket, &address, port(socket), bytes, sizeof(bytes)),
                     -EMSGSIZE);
    assert_int_equal(datagram_socket_send(socket, &address, port(socket), bytes, largest), 0);
    assert_int_equal(datagram_socket_send(socket, &address, port(socket), bytes, 0), 0);
    assert_int_equal(datagram_socket_receive(socket, 2), 2);
    assert_int_equal(datagram_socket_at(socket, 0, &datagram), 0);
    assert_int_equal(datagram.length, largest);
    assert_memory_equal(datagram.bytes, bytes, largest);
    assert_int_equal(datagram_socket_at(socket, 1, &datagram), 0);
    assert_int_equal(datagram.length, 0);
    datagram_socket_close(socket);
}

/* Neither a closed port nor a target that cannot be reached spoils the socket. */
static void test_errors_pass(void **state)
{
    const struct mlb_address address = address_of("127.0.0.1");
    const struct mlb_address broadcast = address_of("255.255.255.255");
    struct datagram_socket *socket = open_on(&address);
    struct datagram_socket *closed = open_on(&address);
    const uint16_t closed_port = port(closed);
    struct datagram datagram;

    (void)state;
    datagram_socket_close(closed);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            datagram_socket_send(socket, &address, closed_port, (const uint8_t *)"x", 1), 0);
    assert_int_equal(datagram_socket_receive(socket, 1), 0);
    assert_true(datagram_socket_send(socket, &broadcast, 9, (const uint8_t *)"x", 1) < 0);
    pass(socket, socket, "127.0.0.1", &datagram);
    datagram_socket_close(socket);
}

static void test_room(void **state)
{
    struct datagram_socket *socket = open_on(&everywhere);
    const int plain = __real_socket(AF_INET, SOCK_DGRAM, 0);
    int size = 0;
    int usual = 0;
    socklen_t length = sizeof(size);

    (void)state;
    getsockopt(plain, SOL_SOCKET, SO_RCVBUF, &usual, &length);
    assert_int_equal(
        getsockopt(datagram_socket_descriptor(socket), SOL_SOCKET, SO_RCVBUF, &size, &length), 0);
    /* The kernel doubles what is asked for; without the capability it may allow less. */
    assert_true(size >= usual && (geteuid() != 0 || size >= 4 * 1024 * 1024 || size > usual));
    close(plain);
    datagram_socket_close(socket);
    datagram_socket_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_address),
        cmocka_unit_test(test_all_addresses),
        cmocka_unit_test(test_kernel_without_ipv6),
        cmocka_unit_test(test_one_family),
        cmocka_unit_test(test_port_taken),
        cmocka_unit_test(test_foreign_address),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_errors_pass),
        cmocka_unit_test(test_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
