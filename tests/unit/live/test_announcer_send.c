/* SPDX-License-Identifier: MIT */
/* Frames that find the socket full: a datagram socket whose reader sleeps stands for the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live/announcer/announcer.h"
#include "os/clock.h"

#define MILLISECOND (NANOSECONDS_PER_SECOND / 1000)
#define INDEX       4

struct wire {
    struct mlb_announcer announcer;
    struct port port;
    int reader;
};

static void open_wire(struct wire *wire)
{
    const struct announce_interface interface = {
        .index = INDEX, .name = "eth0", .hardware_address = {2, 0, 0, 0, 0, 1}, .usable = 1};
    int pair[2];

    memset(wire, 0, sizeof(*wire));
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
    wire->port = (struct port){.index = INDEX, .usable = 1, .sockets = {pair[0], pair[0]}};
    wire->reader = pair[1];
    wire->announcer.ports = &wire->port;
    wire->announcer.port_count = 1;
    wire->announcer.now = NANOSECONDS_PER_SECOND;
    wire->announcer.send_at = ANNOUNCE_NEVER;
    wire->announcer.retry_at = ANNOUNCE_NEVER;
    assert_int_equal(announce_new(NULL, &wire->announcer.core), MLB_OK);
    assert_int_equal(announce_set_interface(wire->announcer.core, wire->announcer.now, &interface),
                     MLB_OK);
}

static void close_wire(struct wire *wire)
{
    announce_free(wire->announcer.core);
    event_queue_free(&wire->announcer.events);
    free(wire->port.pending);
    close(wire->port.sockets[0]);
    close(wire->reader);
}

static void announce(struct wire *wire, uint8_t last_byte)
{
    const struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, last_byte}};

    assert_int_equal(announce_add(wire->announcer.core, wire->announcer.now, &address, NULL, 0),
                     MLB_OK);
}

/* Fills the wire; how many datagrams it holds. */
static size_t fill(const struct wire *wire)
{
    size_t count = 0;

    while (send(wire->port.sockets[0], "x", 1, 0) == 1)
        count++;
    return count;
}

static void take(const struct wire *wire, size_t count)
{
    char buffer[128];

    while (count-- > 0)
        assert_true(recv(wire->reader, buffer, sizeof(buffer), 0) > 0);
}

/* The last bytes of the addresses in the ARP frames that wait on the wire. */
static size_t read_addresses(const struct wire *wire, uint8_t *last_bytes, size_t capacity)
{
    uint8_t frame[128];
    size_t count = 0;

    while (count < capacity && recv(wire->reader, frame, sizeof(frame), 0) == 60)
        last_bytes[count++] = frame[31];
    return count;
}

static void test_kept_and_sent_later(void **state)
{
    struct wire wire;
    uint8_t addresses[8];
    size_t held;

    (void)state;
    open_wire(&wire);
    held = fill(&wire);
    announce(&wire, 1);
    announcer_send_frames(&wire.announcer);
    assert_non_null(wire.port.pending);
    assert_int_equal(wire.port.pending->count, 2);
    assert_int_equal(wire.announcer.send_at, wire.announcer.now + 2 * MILLISECOND);
    /* Still full: tried again, and again later. */
    wire.announcer.now += 2 * MILLISECOND;
    announcer_send_frames(&wire.announcer);
    assert_non_null(wire.port.pending);
    assert_int_equal(wire.port.pending->count, 2);
    assert_int_equal(wire.announcer.send_at, wire.announcer.now + 2 * MILLISECOND);
    /* Room, but not tried before its time, and later frames stand behind. */
    take(&wire, held);
    wire.announcer.now += MILLISECOND;
    announce(&wire, 2);
    announcer_send_frames(&wire.announcer);
    assert_int_equal(read_addresses(&wire, addresses, 8), 0);
    wire.announcer.now += MILLISECOND;
    announcer_send_frames(&wire.announcer);
    assert_int_equal(read_addresses(&wire, addresses, 8), 4);
    assert_memory_equal(addresses, "\1\1\2\2", 4);
    assert_int_equal(wire.announcer.send_at, ANNOUNCE_NEVER);
    close_wire(&wire);
}

static void test_bounded(void **state)
{
    struct wire wire;

    (void)state;
    open_wire(&wire);
    fill(&wire);
    for (uint8_t i = 1; i < 200; i++)
        announce(&wire, i);
    for (int i = 0; i < 100; i++) {
        announcer_send_frames(&wire.announcer);
        wire.announcer.now += 10 * MILLISECOND;
        announce_tick(wire.announcer.core, wire.announcer.now);
    }
    assert_non_null(wire.port.pending);
    assert_int_equal(wire.port.pending->count, PENDING_FRAMES);
    close_wire(&wire);
}

static void test_dropped_with_withdrawal(void **state)
{
    struct wire wire;
    uint8_t addresses[8];
    size_t held;

    (void)state;
    open_wire(&wire);
    held = fill(&wire);
    announce(&wire, 1);
    announcer_send_frames(&wire.announcer);
    announcer_drop_pending(&wire.announcer);
    take(&wire, held);
    wire.announcer.now += 10 * MILLISECOND;
    announcer_send_frames(&wire.announcer);
    assert_int_equal(read_addresses(&wire, addresses, 8), 0);
    assert_int_equal(wire.announcer.send_at, ANNOUNCE_NEVER);
    close_wire(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_and_sent_later),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_dropped_with_withdrawal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
