/* SPDX-License-Identifier: MIT */
/* What the tests of sockets share. Nothing waits for a time: only for descriptors, with a limit. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <metallb/address.h>

/* Longer than anything here takes on a busy machine. */
#define PATIENCE_MS 20000

static inline struct mlb_address address_of(const char *text)
{
    struct mlb_address address;

    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    return address;
}

static inline void assert_address(const struct mlb_address *address, const char *text)
{
    char given[MLB_ADDRESS_TEXT_SIZE];

    assert_true(mlb_address_format(address, given, sizeof(given), NULL) >= 0);
    assert_string_equal(given, text);
}

/* The events (poll(2)) that came. */
static inline short await_events(int descriptor, short events)
{
    struct pollfd entry = {.fd = descriptor, .events = events};

    assert_int_equal(poll(&entry, 1, PATIENCE_MS), 1);
    return entry.revents;
}

static inline int is_ready(int descriptor, short events)
{
    struct pollfd entry = {.fd = descriptor, .events = events};

    return poll(&entry, 1, 0) == 1;
}

static inline uint16_t port_of(int descriptor)
{
    struct sockaddr_in6 name = {0};
    socklen_t length = sizeof(name);

    /* The port stands at the same place in the names of both families. */
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&name, &length), 0);
    return ntohs(name.sin6_port);
}

/* A port that is free for UDP and TCP on an address, as far as one can know. */
static inline uint16_t free_port(int domain)
{
    const struct sockaddr_storage storage = {.ss_family = (sa_family_t)domain};
    const socklen_t length =
        domain == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    const int descriptor = socket(domain, SOCK_STREAM, 0);
    uint16_t port;

    assert_int_equal(bind(descriptor, (const struct sockaddr *)&storage, length), 0);
    port = port_of(descriptor);
    close(descriptor);
    return port;
}
