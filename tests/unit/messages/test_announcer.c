/* SPDX-License-Identifier: MIT */
/* Announcers in an empty network namespace: nothing is ever sent. */
#include "table.h"

#include <sched.h>

#define OPTIONS(name, change)                                                    \
    static int32_t name(void *object, struct mlb_diagnostic *diagnostic)         \
    {                                                                            \
        struct mlb_announcer_options options = {.struct_size = sizeof(options)}; \
        struct mlb_announcer *announcer = NULL;                                  \
        int32_t result;                                                          \
                                                                                 \
        (void)object;                                                            \
        change;                                                                  \
        result = mlb_announcer_new(&options, &announcer, diagnostic);            \
        assert_null(announcer);                                                  \
        return result;                                                           \
    }

OPTIONS(no_size, options.struct_size = 0)
OPTIONS(random_size, options.struct_size = UINT32_MAX)
OPTIONS(flags, options.flags = 0x80)
OPTIONS(no_patterns, options.exclude_count = 1)
OPTIONS(pattern, (options.exclude = (const char *const[]){"eth("}, options.exclude_count = 1))

static int32_t no_place(void *object, struct mlb_diagnostic *diagnostic)
{
    (void)object;
    return mlb_announcer_new(NULL, NULL, diagnostic);
}

static int32_t dispatch_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    (void)object;
    return mlb_announcer_dispatch(NULL, diagnostic);
}

static int32_t announce_with_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};

    (void)object;
    return mlb_announcer_announce(NULL, &address, NULL, 0, diagnostic);
}

static const struct wrong options[] = {
    {"no struct_size", no_size, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size is 0; set it to sizeof(struct mlb_announcer_options) and all that is not "
     "used to zero"},
    {"struct_size of nothing", random_size, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size is 4294967295; set it to sizeof(struct mlb_announcer_options) and all that "
     "is not used to zero"},
    {"flags", flags, MLB_ERROR_INVALID_ARGUMENT,
     "the flags of the options are 0x80; only MLB_ANNOUNCER_NO_EBPF is known"},
    {"no patterns", no_patterns, MLB_ERROR_INVALID_ARGUMENT,
     "exclude_count is 1 but the list of patterns is missing (NULL)"},
    {"pattern", pattern, MLB_ERROR_INVALID_ARGUMENT,
     "\"eth(\" is not a regular expression: Unmatched ( or \\("},
    {"no place", no_place, MLB_ERROR_INVALID_ARGUMENT,
     "there is no place for the announcer (NULL)"},
    {"no announcer to dispatch", dispatch_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "there is no announcer (NULL); make one with mlb_announcer_new()"},
    {"no announcer", announce_with_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "there is no announcer (NULL); make one with mlb_announcer_new()"},
};

static int32_t announce_nothing(void *object, struct mlb_diagnostic *diagnostic)
{
    return mlb_announcer_announce(object, NULL, NULL, 0, diagnostic);
}

static int32_t announce_without_family(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address address = {0};

    return mlb_announcer_announce(object, &address, NULL, 0, diagnostic);
}

static int32_t announce_multicast(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {224, 0, 0, 5}};

    return mlb_announcer_announce(object, &address, NULL, 0, diagnostic);
}

static int32_t announce_on(void *object, const char *const *names,
                           struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};

    return mlb_announcer_announce(object, &address, names, 1, diagnostic);
}

static int32_t no_names(void *object, struct mlb_diagnostic *diagnostic)
{
    return announce_on(object, NULL, diagnostic);
}

static int32_t empty_list(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};

    return mlb_announcer_announce(object, &address, (const char *const[]){"eth0"}, 0, diagnostic);
}

static int32_t announce_loopback(void *object, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_address address = {.family = MLB_FAMILY_IPV6, .bytes = {[15] = 1}};

    return mlb_announcer_announce(object, &address, NULL, 0, diagnostic);
}

static int32_t no_name(void *object, struct mlb_diagnostic *diagnostic)
{
    return announce_on(object, (const char *const[]){""}, diagnostic);
}

static int32_t long_name(void *object, struct mlb_diagnostic *diagnostic)
{
    return announce_on(object, (const char *const[]){"interface-number-1"}, diagnostic);
}

static const struct wrong calls[] = {
    {"no address", announce_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"address\" is missing (NULL)"},
    {"no family", announce_without_family, MLB_ERROR_INVALID_ARGUMENT,
     "the family of the address is 0; it can be MLB_FAMILY_IPV4 (4) or MLB_FAMILY_IPV6 (6)"},
    {"multicast", announce_multicast, MLB_ERROR_INVALID_ARGUMENT,
     "224.0.0.5: no single host can have this address; announce a unicast one"},
    {"no list of interfaces", no_names, MLB_ERROR_INVALID_ARGUMENT,
     "the count is 1 but the list of interfaces is missing (NULL)"},
    {"empty list of interfaces", empty_list, MLB_ERROR_INVALID_ARGUMENT,
     "the list of interfaces is empty; pass NULL for all of them"},
    {"loopback", announce_loopback, MLB_ERROR_INVALID_ARGUMENT,
     "::1: no single host can have this address; announce a unicast one"},
    {"empty name", no_name, MLB_ERROR_INVALID_ARGUMENT, "interface 1 of 1 has no name"},
    {"long name", long_name, MLB_ERROR_INVALID_ARGUMENT,
     "\"interface-number-1\" cannot be the name of an interface: it is longer than 15 bytes"},
};

static const struct mlb_address idle = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 9}};
static const struct mlb_address busy = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 8}};
static const struct mlb_address alien = {.family = 3};
static struct mlb_announcer_event event = {.struct_size = sizeof(event)};
static struct mlb_announcer_event small_event = {.struct_size = 4};
static struct mlb_announcer_counters counters = {.struct_size = sizeof(counters)};
static struct mlb_interface interface = {.struct_size = sizeof(interface)};

CALL(withdraw_idle, mlb_announcer_withdraw(object, &idle, diagnostic))
CALL(withdraw_alien, mlb_announcer_withdraw(object, &alien, diagnostic))
CALL(withdraw_from_nothing, mlb_announcer_withdraw(NULL, &idle, diagnostic))
CALL(repeat_idle, mlb_announcer_repeat(object, &idle, diagnostic))
CALL(repeat_nothing, mlb_announcer_repeat(object, NULL, diagnostic))
CALL(repeat_in_nothing, mlb_announcer_repeat(NULL, &idle, diagnostic))
CALL(event_nowhere, mlb_announcer_next_event(object, NULL, diagnostic))
CALL(event_small, mlb_announcer_next_event(object, &small_event, diagnostic))
CALL(event_of_nothing, mlb_announcer_next_event(NULL, &event, diagnostic))
CALL(count_idle, mlb_announcer_counters(object, &idle, 1, &counters, diagnostic))
CALL(count_alien, mlb_announcer_counters(object, &alien, 1, &counters, diagnostic))
CALL(count_nowhere, mlb_announcer_counters(object, &idle, 1, NULL, diagnostic))
CALL(count_of_nothing, mlb_announcer_counters(NULL, &idle, 1, &counters, diagnostic))
CALL(count_no_interface, mlb_announcer_counters(object, &busy, 1000, &counters, diagnostic))
CALL(asks_idle, mlb_announcer_announces_on(object, &idle, 1, diagnostic))
CALL(asks_alien, mlb_announcer_announces_on(object, &alien, 1, diagnostic))
CALL(asks_nothing, mlb_announcer_announces_on(NULL, &idle, 1, diagnostic))
CALL(interface_behind, mlb_announcer_interface(object, 1000, &interface, diagnostic))
CALL(interface_nowhere, mlb_announcer_interface(object, 0, NULL, diagnostic))
CALL(interface_of_nothing, mlb_announcer_interface(NULL, 0, &interface, diagnostic))

#define NO_ANNOUNCER "there is no announcer (NULL); make one with mlb_announcer_new()"
#define NO_FAMILY \
    "the family of the address is 3; it can be MLB_FAMILY_IPV4 (4) or MLB_FAMILY_IPV6 (6)"

static const struct wrong questions[] = {
    {"withdraws what is not there", withdraw_idle, MLB_ERROR_NOT_FOUND,
     "192.0.2.9 is not announced"},
    {"withdraws no address", withdraw_alien, MLB_ERROR_INVALID_ARGUMENT, NO_FAMILY},
    {"withdraws from nothing", withdraw_from_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ANNOUNCER},
    {"repeats what is not there", repeat_idle, MLB_ERROR_NOT_FOUND, "192.0.2.9 is not announced"},
    {"repeats nothing", repeat_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"address\" is missing (NULL)"},
    {"repeats in nothing", repeat_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ANNOUNCER},
    {"no event", event_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no struct mlb_announcer_event to write to (NULL)"},
    {"small event", event_small, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size of the struct mlb_announcer_event to write to is 4; set it to sizeof(struct "
     "mlb_announcer_event)"},
    {"event of nothing", event_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ANNOUNCER},
    {"counts what is not there", count_idle, MLB_ERROR_NOT_FOUND, "192.0.2.9 is not announced"},
    {"counts on no interface", count_no_interface, MLB_ERROR_NOT_FOUND,
     "there is no interface with the index 1000"},
    {"counts no address", count_alien, MLB_ERROR_INVALID_ARGUMENT, NO_FAMILY},
    {"counts into nothing", count_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no struct mlb_announcer_counters to write to (NULL)"},
    {"counts of nothing", count_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ANNOUNCER},
    {"asks for what is not there", asks_idle, MLB_ERROR_NOT_FOUND, "192.0.2.9 is not announced"},
    {"asks for no address", asks_alien, MLB_ERROR_INVALID_ARGUMENT, NO_FAMILY},
    {"asks nothing", asks_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ANNOUNCER},
    {"behind the last interface", interface_behind, MLB_ERROR_NOT_FOUND,
     "the host has 1 interface; there is none at position 1000"},
    {"no interface", interface_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no struct mlb_interface to write to (NULL)"},
    {"interface of nothing", interface_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ANNOUNCER},
};

static void test_options(void **state)
{
    (void)state;
    check_calls(options, COUNT(options), NULL);
}

static void test_calls(void **state)
{
    struct mlb_announcer *announcer = NULL;

    (void)state;
    if (unshare(CLONE_NEWNET) != 0 || mlb_announcer_new(NULL, &announcer, NULL) != MLB_OK)
        skip();
    check_calls(calls, COUNT(calls), announcer);
    assert_int_equal(mlb_announcer_announce(announcer, &busy, NULL, 0, NULL), MLB_OK);
    check_calls(questions, COUNT(questions), announcer);
    mlb_announcer_free(announcer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_calls),
    };

    return cmocka_run_group_tests_name("messages of the announcer", tests, NULL, NULL);
}
