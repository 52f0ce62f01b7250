/* SPDX-License-Identifier: MIT */
/* The address that a host has to the others, in namespaces of their own. */
#include "../socket_harness.h"

#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>

#include "os/own_address.h"

static int have_namespace;

/* Each test begins with loopback alone, which is down. */
static int enter_namespace(void **state)
{
    (void)state;
    have_namespace = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
    return 0;
}

static void need_namespace(void)
{
    if (!have_namespace)
        skip();
}

static void configure(unsigned long what, const char *address)
{
    struct ifreq request = {.ifr_name = "lo"};
    struct sockaddr_in value = {.sin_family = AF_INET};
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (what == SIOCSIFFLAGS) {
        request.ifr_flags = IFF_UP;
    } else {
        assert_int_equal(inet_pton(AF_INET, address, &value.sin_addr), 1);
        memcpy(&request.ifr_addr, &value, sizeof(value));
    }
    assert_int_equal(ioctl(descriptor, what, &request), 0);
    close(descriptor);
}

static void add_default_route(void)
{
    char interface[] = "lo";
    struct sockaddr_in any = {.sin_family = AF_INET};
    struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = interface};
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memcpy(&route.rt_dst, &any, sizeof(any));
    memcpy(&route.rt_genmask, &any, sizeof(any));
    assert_int_equal(ioctl(descriptor, SIOCADDRT, &route), 0);
    close(descriptor);
}

static void test_none(void **state)
{
    struct mlb_address address = {.family = 77};

    (void)state;
    need_namespace();
    assert_int_equal(own_address_find(MLB_FAMILY_IPV4, &address), -EADDRNOTAVAIL);
    assert_int_equal(own_address_find(MLB_FAMILY_IPV6, &address), -EADDRNOTAVAIL);
    /* 127.0.0.1 and ::1 are nothing that others could reach. */
    configure(SIOCSIFFLAGS, NULL);
    assert_int_equal(own_address_find(MLB_FAMILY_IPV4, &address), -EADDRNOTAVAIL);
    assert_int_equal(own_address_find(MLB_FAMILY_IPV6, &address), -EADDRNOTAVAIL);
    assert_int_equal(address.family, 77);
}

static void test_interface(void **state)
{
    struct mlb_address address;

    need_namespace();
    configure(SIOCSIFADDR, "198.51.100.7");
    /* What is down cannot be reached. */
    assert_int_equal(own_address_find(MLB_FAMILY_IPV4, &address), -EADDRNOTAVAIL);
    configure(SIOCSIFFLAGS, NULL);
    assert_int_equal(own_address_find(MLB_FAMILY_IPV4, &address), 0);
    assert_address(&address, "198.51.100.7");
    assert_int_equal(own_address_find(MLB_FAMILY_IPV6, &address), -EADDRNOTAVAIL);
    enter_namespace(state);
    configure(SIOCSIFFLAGS, NULL);
    configure(SIOCSIFADDR, "169.254.1.1");
    assert_int_equal(own_address_find(MLB_FAMILY_IPV4, &address), -EADDRNOTAVAIL);
}

static void test_route(void **state)
{
    struct mlb_address address;

    need_namespace();
    configure(SIOCSIFFLAGS, NULL);
    configure(SIOCSIFADDR, "198.51.100.7");
    add_default_route();
    assert_int_equal(own_address_find(MLB_FAMILY_IPV4, &address), 0);
    assert_address(&address, "198.51.100.7");
    /* A route whose source is no address for others is as good as none. */
    enter_namespace(state);
    configure(SIOCSIFFLAGS, NULL);
    configure(SIOCSIFADDR, "169.254.1.1");
    add_default_route();
    assert_int_equal(own_address_find(MLB_FAMILY_IPV4, &address), -EADDRNOTAVAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_none, enter_namespace),
        cmocka_unit_test_setup(test_interface, enter_namespace),
        cmocka_unit_test_setup(test_route, enter_namespace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
