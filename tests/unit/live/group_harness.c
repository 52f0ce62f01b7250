/* SPDX-License-Identifier: MIT */
#include "group_harness.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct mlb_address group_address(size_t place)
{
    const unsigned process = (unsigned)getpid();

    return (struct mlb_address){
        .family = MLB_FAMILY_IPV4,
        .bytes = {127, (uint8_t)(1 + (process >> 8) % 250), (uint8_t)process, (uint8_t)(place + 1)},
    };
}

const char *group_seed(size_t place)
{
    static char seeds[GROUP_MAX][MLB_ADDRESS_TEXT_SIZE];
    const struct mlb_address address = group_address(place);

    mlb_address_format(&address, seeds[place], sizeof(seeds[place]), NULL);
    return seeds[place];
}

struct mlb_membership_options group_options(size_t place)
{
    static const char *const names[GROUP_MAX] = {"node-0", "node-1", "node-2", "node-3"};

    return (struct mlb_membership_options){
        .struct_size = sizeof(struct mlb_membership_options),
        .name = names[place],
        .bind_address = group_address(place),
    };
}

void group_add(struct group *group, size_t place, const struct mlb_membership_options *options)
{
    const struct mlb_membership_options usual = group_options(place);
    struct mlb_diagnostic diagnostic;

    mlb_diagnostic_init(&diagnostic);
    if (mlb_membership_new(options ? options : &usual, &group->members[place].membership,
                           &diagnostic) != MLB_OK)
        fail_msg("%s", diagnostic.message);
    group->members[place].event_count = 0;
}

void group_remove(struct group *group, size_t place)
{
    mlb_membership_free(group->members[place].membership);
    group->members[place].membership = NULL;
}

void group_free(struct group *group)
{
    for (size_t i = 0; i < GROUP_MAX; i++)
        group_remove(group, i);
}

void group_join(struct group *group, size_t place, const char *const *seeds)
{
    struct mlb_diagnostic diagnostic;
    size_t count = 0;

    mlb_diagnostic_init(&diagnostic);
    while (seeds[count])
        count++;
    if (mlb_membership_join(group->members[place].membership, seeds, count, &diagnostic) != MLB_OK)
        fail_msg("%s", diagnostic.message);
}

static void take_events(struct member_log *member)
{
    for (;;) {
        struct mlb_membership_event event = {.struct_size = sizeof(event)};

        if (mlb_membership_next_event(member->membership, &event, NULL) != 1)
            return;
        assert_in_range(event.kind, MLB_MEMBERSHIP_JOINED, MLB_MEMBERSHIP_ERROR);
        assert_true(member->event_count < EVENTS_MAX);
        member->events[member->event_count++] = event;
    }
}

static void dispatch(struct group *group, struct pollfd *entries)
{
    for (size_t i = 0; i < GROUP_MAX; i++) {
        struct member_log *member = &group->members[i];

        if (!member->membership || !entries[i].revents)
            continue;
        assert_int_equal(mlb_membership_dispatch(member->membership, NULL), MLB_OK);
        group->dispatches++;
        take_events(member);
    }
}

static uint64_t milliseconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void print_events(const struct group *group)
{
    for (size_t i = 0; i < GROUP_MAX; i++)
        for (size_t j = 0; j < group->members[i].event_count; j++) {
            const struct mlb_membership_event *event = &group->members[i].events[j];

            print_error("node-%zu: event %u %s %s\n", i, event->kind, event->name, event->detail);
        }
}

void group_run(struct group *group, group_condition condition, const void *context)
{
    const uint64_t limit = milliseconds_now() + PATIENCE_MS;
    struct pollfd entries[GROUP_MAX];

    while (!condition(group, context)) {
        if (milliseconds_now() > limit) {
            print_events(group);
            fail_msg("what was waited for did not come");
        }
        for (size_t i = 0; i < GROUP_MAX; i++) {
            const struct member_log *member = &group->members[i];

            entries[i] = (struct pollfd){.fd = -1, .events = POLLIN};
            if (member->membership && !member->frozen)
                entries[i].fd = mlb_membership_fd(member->membership);
        }
        assert_true(poll(entries, GROUP_MAX, PATIENCE_MS) >= 0);
        dispatch(group, entries);
    }
}

size_t group_count(const struct group *group, const struct group_event *wanted)
{
    const struct member_log *member = &group->members[wanted->place];
    size_t count = 0;

    for (size_t i = 0; i < member->event_count; i++) {
        const struct mlb_membership_event *event = &member->events[i];

        count += event->kind == wanted->kind &&
                 (!wanted->name || strcmp(event->name, wanted->name) == 0);
    }
    return count;
}

static int has_come(const struct group *group, const void *context)
{
    return group_count(group, context) > 0;
}

void group_await(struct group *group, size_t place, uint32_t kind, const char *name)
{
    const struct group_event event = {place, kind, name};

    group_run(group, has_come, &event);
}

void group_forget_events(struct group *group)
{
    for (size_t i = 0; i < GROUP_MAX; i++)
        group->members[i].event_count = 0;
}

int group_state(const struct group *group, size_t place, const char *name)
{
    struct mlb_member member = {.struct_size = sizeof(member)};

    if (mlb_membership_find(group->members[place].membership, name, &member, NULL) != MLB_OK)
        return -1;
    return (int)member.state;
}

struct mlb_membership_statistics group_statistics(const struct group *group, size_t place)
{
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};

    assert_int_equal(mlb_membership_statistics(group->members[place].membership, &statistics, NULL),
                     MLB_OK);
    return statistics;
}

static int are_alive(const struct group *group, const void *context)
{
    const size_t *count = context;

    for (size_t i = 0; i < GROUP_MAX; i++) {
        if (group->members[i].membership && group_statistics(group, i).alive != *count)
            return 0;
    }
    return 1;
}

void group_await_alive(struct group *group, size_t count)
{
    group_run(group, are_alive, &count);
}
