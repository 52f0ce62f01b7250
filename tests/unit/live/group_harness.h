/* SPDX-License-Identifier: MIT */
/* Several memberships in one process, on addresses of loopback that no other process has. */
#pragma once

#include "../socket_harness.h"

#include <metallb/membership.h>

#define GROUP_MAX  4
#define EVENTS_MAX 256

struct member_log {
    struct mlb_membership *membership; /* NULL: not there */
    struct mlb_membership_event events[EVENTS_MAX];
    size_t event_count;
    int frozen; /* not driven: its process stands still */
};

struct group {
    struct member_log members[GROUP_MAX];
    uint64_t dispatches;
};

/* Address of a place in the group: 127.x.y.place, after the process. */
struct mlb_address group_address(size_t place);

/* That address as a seed; static memory, one for each place. */
const char *group_seed(size_t place);

/* The options of a place, on its address, with the name "node-<place>". */
struct mlb_membership_options group_options(size_t place);

void group_add(struct group *group, size_t place, const struct mlb_membership_options *options);

void group_remove(struct group *group, size_t place);

void group_free(struct group *group);

/* Lets a place join by the seeds; NULL behind the last. */
void group_join(struct group *group, size_t place, const char *const *seeds);

/* Condition about a group. */
typedef int (*group_condition)(const struct group *group, const void *context);

/* Drives all members until a condition holds; fails the test where it does not come to hold. */
void group_run(struct group *group, group_condition condition, const void *context);

/* An event that is waited for. */
struct group_event {
    size_t place;
    uint32_t kind;
    const char *name; /* NULL: any */
};

/* How many such events came. */
size_t group_count(const struct group *group, const struct group_event *event);

/* Drives the group until an event has come. */
void group_await(struct group *group, size_t place, uint32_t kind, const char *name);

void group_forget_events(struct group *group);

/* State of a member as a place sees it, or -1 for none of that name. */
int group_state(const struct group *group, size_t place, const char *name);

/* Drives the group until each place sees exactly this many alive. */
void group_await_alive(struct group *group, size_t count);

struct mlb_membership_statistics group_statistics(const struct group *group, size_t place);
