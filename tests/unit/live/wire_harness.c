/* SPDX-License-Identifier: MIT */
#include "wire_harness.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../memory/failing_allocator.h"

static int have_namespace;

static struct nl_sock *open_netlink(void)
{
    struct nl_sock *netlink = nl_socket_alloc();

    if (netlink && nl_connect(netlink, NETLINK_ROUTE) == 0)
        return netlink;
    nl_socket_free(netlink);
    return NULL;
}

int make_wire(void)
{
    struct nl_sock *netlink;
    int result = -1;

    failing_allocator_pause(1);
    netlink = open_netlink();
    if (netlink)
        result = rtnl_link_veth_add(netlink, HOST, LAN, getpid());
    nl_socket_free(netlink);
    failing_allocator_pause(0);
    return result;
}

void remove_wire(void)
{
    struct nl_sock *netlink;
    struct rtnl_link *link;

    failing_allocator_pause(1);
    netlink = open_netlink();
    link = rtnl_link_alloc();
    assert_non_null(netlink);
    rtnl_link_set_ifindex(link, (int)if_nametoindex(LAN));
    rtnl_link_delete(netlink, link);
    rtnl_link_put(link);
    nl_socket_free(netlink);
    failing_allocator_pause(0);
}

void set_up(const char *name, int up)
{
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {0};

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    assert_int_equal(ioctl(descriptor, SIOCGIFFLAGS, &request), 0);
    if (up)
        request.ifr_flags |= IFF_UP;
    else
        request.ifr_flags &= (short)~IFF_UP;
    assert_int_equal(ioctl(descriptor, SIOCSIFFLAGS, &request), 0);
    close(descriptor);
}

/* Until then the interface loses what is sent. */
static void wait_until_running(const char *name)
{
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {0};

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    for (int i = 0; i < PATIENCE_MS; i++) {
        assert_int_equal(ioctl(descriptor, SIOCGIFFLAGS, &request), 0);
        if (request.ifr_flags & IFF_RUNNING)
            break;
        poll(NULL, 0, 1);
    }
    close(descriptor);
}

int open_wire(void)
{
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int)if_nametoindex(LAN),
    };
    const int on = 1;
    const int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(descriptor >= 0);
    setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
    return descriptor;
}

int enter_namespace(void **state)
{
    (void)state;
    have_namespace = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
    return 0;
}

int set_up_wire(void **state)
{
    static struct fixture fixture;

    *state = &fixture;
    fixture = (struct fixture){.wire = -1};
    if (!have_namespace || make_wire() != 0)
        return 0;
    set_up(HOST, 1);
    set_up(LAN, 1);
    wait_until_running(HOST);
    wait_until_running(LAN);
    fixture.wire = open_wire();
    return 0;
}

int tear_down(void **state)
{
    struct fixture *fixture = *state;

    mlb_announcer_free(fixture->announcer);
    if (fixture->wire < 0)
        return 0;
    close(fixture->wire);
    if (if_nametoindex(LAN))
        remove_wire();
    return 0;
}

struct fixture *start(void **state, uint32_t flags)
{
    struct fixture *fixture = *state;
    const struct mlb_announcer_options options = {.struct_size = sizeof(options), .flags = flags};

    if (fixture->wire < 0)
        skip();
    assert_int_equal(mlb_announcer_new(&options, &fixture->announcer, NULL), MLB_OK);
    return fixture;
}

static int remaining(const struct timespec *end)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int)((end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000);
}

int wait_for_frame(const struct fixture *fixture, frame_check check, const void *wanted,
                   int patience)
{
    struct pollfd descriptors[] = {
        {.fd = mlb_announcer_fd(fixture->announcer), .events = POLLIN},
        {.fd = fixture->wire, .events = POLLIN},
    };
    struct timespec end;
    uint8_t frame[2048];

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += patience / 1000;
    end.tv_nsec += patience % 1000 * 1000000L;
    for (int left = patience; left > 0; left = remaining(&end)) {
        ssize_t length;
        if (poll(descriptors, 2, left) > 0 && descriptors[0].revents)
            assert_int_equal(mlb_announcer_dispatch(fixture->announcer, NULL), MLB_OK);
        while ((length = recv(fixture->wire, frame, sizeof(frame), 0)) > 0) {
            if (check(frame, length, wanted))
                return 1;
        }
    }
    return 0;
}

int wait_for_event(const struct fixture *fixture, uint32_t kind, struct mlb_announcer_event *event)
{
    struct pollfd descriptor = {.fd = mlb_announcer_fd(fixture->announcer), .events = POLLIN};
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += PATIENCE_MS / 1000;
    event->struct_size = sizeof(*event);
    for (int left = PATIENCE_MS; left > 0; left = remaining(&end)) {
        assert_int_equal(mlb_announcer_dispatch(fixture->announcer, NULL), MLB_OK);
        while (mlb_announcer_next_event(fixture->announcer, event, NULL) == 1) {
            if (event->kind == kind && event->interface_index == if_nametoindex(HOST))
                return 1;
        }
        poll(&descriptor, 1, left);
    }
    return 0;
}

struct mlb_address parse(const char *text)
{
    struct mlb_address address;

    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    return address;
}
