/* SPDX-License-Identifier: MIT */
/* The public announcer on a real wire. */
#include "wire_harness.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void announce(const struct fixture *fixture, const struct mlb_address *address)
{
    static const char *const interfaces[] = {HOST};

    assert_int_equal(mlb_announcer_announce(fixture->announcer, address, interfaces, 1, NULL),
                     MLB_OK);
}

/* An ARP reply of the address to the asker 192.0.2.9. */
static int is_answer(const uint8_t *frame, ssize_t length, const void *wanted)
{
    const struct mlb_address *address = wanted;
    static const uint8_t asker[4] = {192, 0, 2, 9};

    return length >= 42 && frame[12] == 0x08 && frame[13] == 0x06 && frame[21] == 2 &&
           memcmp(frame + 28, address->bytes, 4) == 0 && memcmp(frame + 38, asker, 4) == 0;
}

/* A frame of the take-over: to all, sender and target are the address. */
static int is_gratuitous(const uint8_t *frame, ssize_t length, const void *wanted)
{
    const struct mlb_address *address = wanted;

    return length >= 42 && frame[0] == 0xff && frame[12] == 0x08 && frame[13] == 0x06 &&
           memcmp(frame + 28, address->bytes, 4) == 0 && memcmp(frame + 38, address->bytes, 4) == 0;
}

static void ask(const struct fixture *fixture, const struct mlb_address *address)
{
    uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0x08, 0x06, 0, 1,
                         0x08, 0,    6,    4,    0,    1,    2, 0, 0, 0, 0, 9, 192,  0,    2, 9};

    int error = 0;
    socklen_t size = sizeof(error);

    memcpy(frame + 38, address->bytes, 4);
    /* Takes the error that an earlier "down" left behind. */
    getsockopt(fixture->wire, SOL_SOCKET, SO_ERROR, &error, &size);
    assert_int_equal(send(fixture->wire, frame, sizeof(frame), 0), sizeof(frame));
}

/* The other end may lose what it sends in the moment in which it comes up. */
static int answers_again(const struct fixture *fixture, const struct mlb_address *address)
{
    for (int i = 0; i < PATIENCE_MS / 100; i++) {
        ask(fixture, address);
        if (wait_for_frame(fixture, is_answer, address, 100))
            return 1;
    }
    return 0;
}

static void check_answers(void **state, uint32_t flags)
{
    struct fixture *fixture = start(state, flags);
    const struct mlb_address address = parse("192.0.2.100");
    struct mlb_announcer_counters counters = {.struct_size = sizeof(counters)};

    announce(fixture, &address);
    assert_true(wait_for_frame(fixture, is_gratuitous, &address, PATIENCE_MS));
    ask(fixture, &address);
    assert_true(wait_for_frame(fixture, is_answer, &address, PATIENCE_MS));
    assert_int_equal(
        mlb_announcer_counters(fixture->announcer, &address, if_nametoindex(HOST), &counters, NULL),
        MLB_OK);
    assert_int_equal(counters.requests, 1);
    assert_int_equal(counters.replies, 1);
    assert_true(counters.gratuitous >= 2);
    assert_int_equal(
        mlb_announcer_announces_on(fixture->announcer, &address, if_nametoindex(HOST), NULL), 1);
}

static void test_answers(void **state)
{
    check_answers(state, 0);
}

static void test_answers_with_classic_filter(void **state)
{
    check_answers(state, MLB_ANNOUNCER_NO_EBPF);
}

static void test_withdrawn_is_silent_at_once(void **state)
{
    struct fixture *fixture = start(state, 0);
    const struct mlb_address address = parse("192.0.2.100");
    const struct mlb_address other = parse("192.0.2.101");

    announce(fixture, &address);
    announce(fixture, &other);
    assert_true(wait_for_frame(fixture, is_gratuitous, &other, PATIENCE_MS));
    /* Both requests wait in the socket when the address is withdrawn. */
    ask(fixture, &address);
    ask(fixture, &other);
    assert_int_equal(mlb_announcer_withdraw(fixture->announcer, &address, NULL), MLB_OK);
    assert_int_equal(mlb_announcer_withdraw(fixture->announcer, &address, NULL),
                     MLB_ERROR_NOT_FOUND);
    assert_false(wait_for_frame(fixture, is_answer, &address, 200));
    ask(fixture, &other);
    assert_true(wait_for_frame(fixture, is_answer, &other, PATIENCE_MS));
}

static void test_foreign_frames_stay_in_the_kernel(void **state)
{
    struct fixture *fixture = start(state, 0);
    const struct mlb_address address = parse("192.0.2.100");
    struct mlb_interface interface = {.struct_size = sizeof(interface)};
    struct mlb_address foreign = address;

    announce(fixture, &address);
    assert_true(wait_for_frame(fixture, is_gratuitous, &address, PATIENCE_MS));
    for (int i = 1; i < 100; i++) {
        foreign.bytes[3] = (uint8_t)i;
        ask(fixture, &foreign);
    }
    ask(fixture, &address);
    assert_true(wait_for_frame(fixture, is_answer, &address, PATIENCE_MS));
    for (size_t i = 0; strcmp(interface.name, HOST) != 0; i++)
        assert_int_equal(mlb_announcer_interface(fixture->announcer, i, &interface, NULL), MLB_OK);
    assert_int_equal(interface.usable, 1);
    assert_int_equal(interface.frames, 1);
    assert_int_equal(interface.foreign, 0);
    assert_int_not_equal(interface.filter, MLB_FILTER_NONE);
}

static void test_link_events(void **state)
{
    struct fixture *fixture = start(state, 0);
    const struct mlb_address address = parse("192.0.2.100");
    struct mlb_announcer_event event;

    announce(fixture, &address);
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_INTERFACE_UP, &event));
    assert_string_equal(event.interface_name, HOST);
    set_up(LAN, 0);
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_INTERFACE_DOWN, &event));
    assert_string_equal(event.detail, "no carrier");
    assert_int_equal(
        mlb_announcer_announces_on(fixture->announcer, &address, event.interface_index, NULL), 0);
    set_up(LAN, 1);
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_INTERFACE_UP, &event));
    set_up(HOST, 0);
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_INTERFACE_DOWN, &event));
    assert_string_equal(event.detail, "down");
    set_up(HOST, 1);
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_INTERFACE_UP, &event));
    assert_true(answers_again(fixture, &address));
}

static void test_interface_appears_later(void **state)
{
    struct fixture *fixture = *state;
    const struct mlb_address address = parse("192.0.2.100");

    if (fixture->wire < 0)
        skip();
    close(fixture->wire);
    remove_wire();
    start(state, 0);
    announce(fixture, &address);
    mlb_announcer_dispatch(fixture->announcer, NULL);
    assert_int_equal(make_wire(), 0);
    set_up(LAN, 1);
    fixture->wire = open_wire();
    set_up(HOST, 1);
    assert_true(wait_for_frame(fixture, is_gratuitous, &address, PATIENCE_MS));
    assert_true(answers_again(fixture, &address));
}

/* More changes than the netlink socket holds, the last of them lost too: nobody is left behind. */
static void test_overrun_of_netlink(void **state)
{
    struct fixture *fixture = start(state, 0);
    struct mlb_announcer_event event;
    struct mlb_interface interface = {.struct_size = sizeof(interface)};

    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_INTERFACE_UP, &event));
    for (int i = 0; i < 300; i++) {
        set_up(HOST, 0);
        set_up(HOST, 1);
    }
    set_up(LAN, 0);
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_INTERFACE_DOWN, &event));
    for (int i = 0; i < PATIENCE_MS / 10; i++) {
        mlb_announcer_dispatch(fixture->announcer, NULL);
        interface.name[0] = 0;
        for (size_t j = 0; strcmp(interface.name, HOST) != 0; j++)
            assert_int_equal(mlb_announcer_interface(fixture->announcer, j, &interface, NULL),
                             MLB_OK);
        if (!interface.usable)
            break;
        poll(NULL, 0, 10);
    }
    assert_int_equal(interface.usable, 0);
}

static void give_address(const char *name, const char *address)
{
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {0};
    struct sockaddr_in *value = (struct sockaddr_in *)&request.ifr_addr;

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    value->sin_family = AF_INET;
    inet_pton(AF_INET, address, &value->sin_addr);
    assert_int_equal(ioctl(descriptor, SIOCSIFADDR, &request), 0);
    close(descriptor);
}

static void put_checksum(uint8_t *place, const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~(sum + (sum >> 16));
    place[0] = (uint8_t)(sum >> 8);
    place[1] = (uint8_t)sum;
}

/* VRRP version 2 (RFC 3768 §5.1) from 192.0.2.7 to all, about one address. */
static void advertise(const struct fixture *fixture, const struct mlb_address *address)
{
    uint8_t frame[60] = {
        0x01, 0x00, 0x5e, 0,  0, 0x12, 2,    0, 0,   0,   0, 9, 0x08, 0, /* Ethernet */
        0x45, 0,    0,    40, 0, 0,    0,    0, 255, 112, 0, 0, 192,  0,
        2,    7,    224,  0,  0, 18,   0x21, 5, 100, 1,   0, 1, 0,    0,
    };

    memcpy(frame + 42, address->bytes, 4);
    put_checksum(frame + 24, frame + 14, 20);
    put_checksum(frame + 40, frame + 34, 20);
    assert_int_equal(send(fixture->wire, frame, sizeof(frame), 0), sizeof(frame));
}

static void test_vrrp_is_heard(void **state)
{
    struct fixture *fixture = start(state, 0);
    const struct mlb_address address = parse("192.0.2.100");
    const struct mlb_address peer = parse("192.0.2.7");
    struct mlb_announcer_event event;

    give_address(HOST, "192.0.2.2");
    announce(fixture, &address);
    assert_true(wait_for_frame(fixture, is_gratuitous, &address, PATIENCE_MS));
    advertise(fixture, &address);
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_VRRP, &event));
    assert_int_equal(mlb_address_compare(&event.address, &address), 0);
    assert_int_equal(mlb_address_compare(&event.sender, &peer), 0);
}

static void test_local_address(void **state)
{
    struct fixture *fixture = start(state, 0);
    const struct mlb_address address = parse("192.0.2.100");
    struct mlb_announcer_event event;

    announce(fixture, &address);
    give_address(HOST, "192.0.2.100");
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_LOCAL_ADDRESS, &event));
    assert_int_equal(mlb_address_compare(&event.address, &address), 0);
    give_address(HOST, "192.0.2.2");
    assert_true(wait_for_event(fixture, MLB_ANNOUNCER_LOCAL_REMOVED, &event));
}

/* Groups of the addresses 2001:db8:: to 2001:db8::fff. The interface has one of its own, which the
 * kernel joins some time after the link is up, for an address of its hardware's. */
static size_t joined_groups(void)
{
    FILE *file = fopen("/proc/self/net/igmp6", "re");
    char line[256];
    size_t count = 0;

    while (file && fgets(line, sizeof(line), file))
        count += strstr(line, HOST) && strstr(line, "ff0200000000000000000001ff000");
    if (file)
        fclose(file);
    return count;
}

/* Does all that is due at once, which may take several rounds. */
static void dispatch_all(const struct fixture *fixture)
{
    struct pollfd descriptor = {.fd = mlb_announcer_fd(fixture->announcer), .events = POLLIN};

    for (int i = 0; i < 100 && poll(&descriptor, 1, 0) > 0; i++)
        mlb_announcer_dispatch(fixture->announcer, NULL);
}

static void test_thousand_groups(void **state)
{
    struct fixture *fixture = start(state, 0);
    struct mlb_address address = parse("2001:db8::");

    assert_int_equal(joined_groups(), 0);
    for (int i = 0; i < 1000; i++) {
        address.bytes[14] = (uint8_t)(i >> 8);
        address.bytes[15] = (uint8_t)i;
        announce(fixture, &address);
    }
    dispatch_all(fixture);
    assert_int_equal(joined_groups(), 1000);
    for (int i = 0; i < 1000; i++) {
        address.bytes[14] = (uint8_t)(i >> 8);
        address.bytes[15] = (uint8_t)i;
        assert_int_equal(mlb_announcer_withdraw(fixture->announcer, &address, NULL), MLB_OK);
    }
    dispatch_all(fixture);
    assert_int_equal(joined_groups(), 0);
}

static void test_arguments(void **state)
{
    static const char *const patterns[] = {"^lo$", "eth("};
    static const char *const long_name[] = {"a-name-that-is-too-long"};
    struct mlb_announcer_options options = {.struct_size = sizeof(options) - 1};
    struct mlb_announcer *announcer = NULL;
    struct mlb_diagnostic diagnostic;
    struct mlb_address address = parse("192.0.2.1");
    struct fixture *fixture;

    mlb_diagnostic_init(&diagnostic);
    assert_int_equal(mlb_announcer_new(&options, &announcer, NULL), MLB_ERROR_INVALID_ARGUMENT);
    options.struct_size = sizeof(options);
    options.flags = 0x80;
    assert_int_equal(mlb_announcer_new(&options, &announcer, NULL), MLB_ERROR_INVALID_ARGUMENT);
    options.flags = 0;
    options.exclude = patterns;
    options.exclude_count = 2;
    assert_int_equal(mlb_announcer_new(&options, &announcer, &diagnostic),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_string_equal(diagnostic.subject, "eth(");
    assert_int_equal(mlb_announcer_new(NULL, NULL, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_null(announcer);
    assert_int_equal(mlb_announcer_fd(NULL), MLB_ERROR_INVALID_ARGUMENT);
    fixture = start(state, 0);
    assert_int_equal(mlb_announcer_announce(fixture->announcer, &address, long_name, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_announcer_repeat(fixture->announcer, &address, NULL), MLB_ERROR_NOT_FOUND);
    address.family = 5;
    assert_int_equal(mlb_announcer_announce(fixture->announcer, &address, NULL, 0, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
}

static void test_mapped_address_is_ipv4(void **state)
{
    struct fixture *fixture = start(state, 0);
    const struct mlb_address address = parse("192.0.2.100");
    const struct mlb_address mapped = {
        .family = MLB_FAMILY_IPV6,
        .bytes = {[10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 100},
    };

    announce(fixture, &mapped);
    assert_true(wait_for_frame(fixture, is_gratuitous, &address, PATIENCE_MS));
    assert_int_equal(
        mlb_announcer_announces_on(fixture->announcer, &mapped, if_nametoindex(HOST), NULL), 1);
    assert_int_equal(mlb_announcer_repeat(fixture->announcer, &mapped, NULL), MLB_OK);
    assert_int_equal(mlb_announcer_withdraw(fixture->announcer, &address, NULL), MLB_OK);
    assert_int_equal(mlb_announcer_withdraw(fixture->announcer, &mapped, NULL),
                     MLB_ERROR_NOT_FOUND);
}

static void test_addresses_of_no_host(void **state)
{
    static const char *const texts[] = {"0.0.0.0", "224.0.0.5", "255.255.255.255", "::", "ff02::5"};
    struct fixture *fixture = start(state, 0);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct mlb_address address = parse(texts[i]);
        struct mlb_diagnostic diagnostic;

        mlb_diagnostic_init(&diagnostic);
        assert_int_equal(mlb_announcer_announce(fixture->announcer, &address, NULL, 0, &diagnostic),
                         MLB_ERROR_INVALID_ARGUMENT);
        assert_string_equal(diagnostic.subject, texts[i]);
        assert_non_null(strstr(diagnostic.message, "no single host can have"));
    }
}

/* In a process without privileges: 0 as it should be, 77 not possible to try. */
static int without_privileges(void)
{
    struct mlb_announcer *announcer = NULL;
    struct mlb_diagnostic diagnostic;

    if (setuid(65534) != 0)
        return 77;
    mlb_diagnostic_init(&diagnostic);
    if (mlb_announcer_new(NULL, &announcer, &diagnostic) != MLB_ERROR_PERMISSION)
        return 1;
    return announcer || !strstr(diagnostic.message, "CAP_NET_RAW");
}

static void test_permission(void **state)
{
    int status = 0;
    pid_t child;

    (void)state;
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(without_privileges());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define ON_WIRE(test) cmocka_unit_test_setup_teardown(test, set_up_wire, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_WIRE(test_arguments),
        ON_WIRE(test_mapped_address_is_ipv4),
        ON_WIRE(test_addresses_of_no_host),
        ON_WIRE(test_answers),
        ON_WIRE(test_answers_with_classic_filter),
        ON_WIRE(test_withdrawn_is_silent_at_once),
        ON_WIRE(test_foreign_frames_stay_in_the_kernel),
        ON_WIRE(test_link_events),
        ON_WIRE(test_interface_appears_later),
        ON_WIRE(test_overrun_of_netlink),
        ON_WIRE(test_vrrp_is_heard),
        ON_WIRE(test_local_address),
        ON_WIRE(test_thousand_groups),
        cmocka_unit_test(test_permission),
    };

    return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
