/* SPDX-License-Identifier: MIT */
/*
 * An announcer on a pair of virtual interfaces in a network namespace of its own: host0 is the
 * host's, lan0 the other end of the wire.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/metallb.h>
#include <sys/types.h>

#define HOST "host0"
#define LAN  "lan0"

/* Long enough for a busy machine; nothing waits that long when all is well. */
#define PATIENCE_MS 5000

struct fixture {
    struct mlb_announcer *announcer;
    int wire; /* a packet socket at the other end */
};

typedef int (*frame_check)(const uint8_t *frame, ssize_t length, const void *wanted);

/* cmocka's functions: for the group, and for each test. */
int enter_namespace(void **state);
int set_up_wire(void **state);
int tear_down(void **state);

/* Makes the announcer; skips the test where no namespace may be made. */
struct fixture *start(void **state, uint32_t flags);

int make_wire(void);
void remove_wire(void);
int open_wire(void);
void set_up(const char *name, int up);

/* Let the announcer work until a frame passes the check on the wire, or an event of the kind about
 * HOST came, for so long at most; 1 if it did. */
int wait_for_frame(const struct fixture *fixture, frame_check check, const void *wanted,
                   int patience);
int wait_for_event(const struct fixture *fixture, uint32_t kind, struct mlb_announcer_event *event);

struct mlb_address parse(const char *text);
