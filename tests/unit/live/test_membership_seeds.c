/* SPDX-License-Identifier: MIT */
/* Joining by names; the linker replaces getaddrinfo(3) with a name server of our own. */
#include "group_harness.h"

#include <netdb.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct group group;

/* What the name server says of "node": an address, or an error. */
static char node_address[MLB_ADDRESS_TEXT_SIZE];
static int node_error;
static int questions; /* asked about any name */
static sem_t hanging;
static sem_t released;
static sem_t gone_on;
static int hangs; /* whether a look-up of "hang" does */

int __real_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **ret);
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **ret);

int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **ret)
{
    const int error = __atomic_load_n(&node_error, __ATOMIC_ACQUIRE);

    __atomic_add_fetch(&questions, 1, __ATOMIC_RELEASE);
    if (strcmp(name, "hang.example") == 0) {
        if (__atomic_load_n(&hangs, __ATOMIC_ACQUIRE)) {
            sem_post(&hanging);
            sem_wait(&released);
            sem_post(&gone_on);
        }
        return error ? error : __real_getaddrinfo(node_address, service, hints, ret);
    }
    if (strcmp(name, "absent.example") == 0)
        return EAI_NONAME;
    if (strcmp(name, "node.example") != 0)
        return __real_getaddrinfo(name, service, hints, ret);
    return error ? error : __real_getaddrinfo(node_address, service, hints, ret);
}

static void serve(const char *address, int error)
{
    snprintf(node_address, sizeof(node_address), "%s", address);
    __atomic_store_n(&node_error, error, __ATOMIC_RELEASE);
}

/* Lets the look-up that hangs go on, and those that follow not hang at all. */
static void release(void)
{
    __atomic_store_n(&hangs, 0, __ATOMIC_RELEASE);
    sem_post(&released);
    sem_wait(&gone_on);
}

static int set_up(void **state)
{
    (void)state;
    memset(&group, 0, sizeof(group));
    questions = 0;
    hangs = 1;
    serve(group_seed(0), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    group_free(&group);
    return 0;
}

static void test_name(void **state)
{
    (void)state;
    group_add(&group, 0, NULL);
    group_add(&group, 1, NULL);
    group_join(&group, 1, (const char *const[]){"node.example", NULL});
    group_await_alive(&group, 2);
    /* A name that waits for its address is no silent seed. */
    assert_int_equal(group_count(&group, &(struct group_event){1, MLB_MEMBERSHIP_SEEDS_SILENT, ""}),
                     0);
}

/* A real name, with addresses of both families of which one does not answer. */
static void test_localhost(void **state)
{
    struct mlb_membership_options options = group_options(0);
    char seed[64];

    (void)state;
    options.bind_address = address_of("127.0.0.1");
    options.bind_port = free_port(AF_INET);
    snprintf(seed, sizeof(seed), "localhost:%u", options.bind_port);
    group_add(&group, 0, &options);
    options = group_options(1);
    options.bind_address = (struct mlb_address){.family = MLB_FAMILY_NONE};
    options.advertise_address = address_of("127.0.0.1");
    options.bind_port = free_port(AF_INET6);
    group_add(&group, 1, &options);
    group_join(&group, 1, (const char *const[]){seed, NULL});
    group_await_alive(&group, 2);
}

static int have_asked(const struct group *run, const void *context)
{
    (void)run;
    return __atomic_load_n(&questions, __ATOMIC_ACQUIRE) >= *(const int *)context;
}

/* What cannot be looked up is told once, tried again soon, and counts as a silent seed. */
static void test_failing_name(void **state)
{
    const struct group_event silent = {1, MLB_MEMBERSHIP_SEEDS_SILENT, NULL};
    const struct group_event error = {1, MLB_MEMBERSHIP_ERROR, NULL};
    const int thrice = 3;

    (void)state;
    serve("", EAI_AGAIN);
    group_add(&group, 0, NULL);
    group_add(&group, 1, NULL);
    group_join(&group, 1, (const char *const[]){"node.example:7946", NULL});
    group_await(&group, 1, MLB_MEMBERSHIP_ERROR, NULL);
    group_await(&group, 1, MLB_MEMBERSHIP_SEEDS_SILENT, NULL);
    for (size_t i = 0; i < group.members[1].event_count; i++) {
        const struct mlb_membership_event *event = &group.members[1].events[i];

        if (event->kind != MLB_MEMBERSHIP_ERROR)
            continue;
        assert_int_equal(event->code, MLB_ERROR_NOT_FOUND);
        assert_string_equal(event->detail, "cannot look up \"node.example\": Temporary failure in "
                                           "name resolution");
    }
    group_run(&group, have_asked, &thrice);
    assert_int_equal(group_count(&group, &error), 1);
    assert_int_equal(group_count(&group, &silent), 1);
    serve(group_seed(0), 0);
    group_await_alive(&group, 2);
}

/* Two names fail: each is told of. */
static void test_failing_names(void **state)
{
    const char *const seeds[] = {"node.example", "absent.example", NULL};
    size_t told = 0;

    (void)state;
    serve("", EAI_AGAIN);
    group_add(&group, 1, NULL);
    group_join(&group, 1, seeds);
    while (told < 2) {
        group_forget_events(&group);
        group_await(&group, 1, MLB_MEMBERSHIP_ERROR, NULL);
        for (size_t i = 0; i < group.members[1].event_count; i++) {
            const char *detail = group.members[1].events[i].detail;

            told += strstr(detail, "node.example") || strstr(detail, "absent.example");
        }
    }
    assert_int_equal(told, 2);
}

/* A name server that does not answer holds up nobody: neither other seeds nor the end. */
static void test_hanging_name(void **state)
{
    const char *const seeds[] = {"hang.example", group_seed(0), "node.example", NULL};

    (void)state;
    group_add(&group, 0, NULL);
    group_add(&group, 1, NULL);
    group_join(&group, 1, seeds);
    group_await_alive(&group, 2);
    sem_wait(&hanging);
    group_remove(&group, 1);
    release();
}

/* While a name may still turn out to be a member, the silence of the others is not told. */
static void test_silence_waits_for_names(void **state)
{
    struct mlb_membership_event event = {.struct_size = sizeof(event)};
    const char *const seeds[] = {"hang.example", group_seed(2), NULL};

    (void)state;
    serve("", EAI_AGAIN);
    group_add(&group, 1, NULL);
    group_join(&group, 1, seeds);
    while (group_statistics(&group, 1).streams_failed < 2) {
        struct pollfd entry = {.fd = mlb_membership_fd(group.members[1].membership),
                               .events = POLLIN};

        assert_int_equal(poll(&entry, 1, PATIENCE_MS), 1);
        assert_int_equal(mlb_membership_dispatch(group.members[1].membership, NULL), MLB_OK);
        assert_int_equal(mlb_membership_next_event(group.members[1].membership, &event, NULL), 0);
    }
    sem_wait(&hanging);
    release();
    group_await(&group, 1, MLB_MEMBERSHIP_SEEDS_SILENT, NULL);
}

/* A new list keeps what is known of a name, and forgets what is not in it. */
static void test_new_list(void **state)
{
    (void)state;
    group_add(&group, 0, NULL);
    group_add(&group, 1, NULL);
    group_join(&group, 1, (const char *const[]){"node.example", NULL});
    group_await_alive(&group, 2);
    group_join(&group, 1, (const char *const[]){"node.example", "absent.example", NULL});
    group_await(&group, 1, MLB_MEMBERSHIP_ERROR, NULL);
    assert_int_equal(group_count(&group, &(struct group_event){1, MLB_MEMBERSHIP_SEEDS_SILENT, ""}),
                     0);
    assert_int_equal(group_state(&group, 1, "node-0"), MLB_MEMBER_ALIVE);
    group_join(&group, 1, (const char *const[]){NULL});
    assert_int_equal(group_state(&group, 1, "node-0"), MLB_MEMBER_ALIVE);
}

/* The answer to a question that an earlier list asked is nothing to the new one. */
static void test_late_answer(void **state)
{
    const int first = 1;
    const int several = 4;

    (void)state;
    group_add(&group, 0, NULL);
    group_add(&group, 1, NULL);
    group_join(&group, 1, (const char *const[]){"hang.example", NULL});
    group_run(&group, have_asked, &first);
    sem_wait(&hanging);
    group_join(&group, 1, (const char *const[]){"absent.example", NULL});
    release();
    group_run(&group, have_asked, &several);
    assert_int_equal(group_statistics(&group, 1).alive, 1);
}

/* While its name server is away a name keeps its addresses. */
static void test_keeps_addresses(void **state)
{
    const char *const seeds[] = {"node.example", NULL};

    (void)state;
    serve(group_seed(2), 0);
    group_add(&group, 1, NULL);
    group_join(&group, 1, seeds);
    group_await(&group, 1, MLB_MEMBERSHIP_SEEDS_SILENT, NULL);
    serve("", EAI_AGAIN);
    group_join(&group, 1, seeds);
    group_await(&group, 1, MLB_MEMBERSHIP_ERROR, NULL);
    /* Only by what the name once was it can be found. */
    group_add(&group, 2, NULL);
    group_await_alive(&group, 2);
}

/* A bad seed is refused with all that was given beside it. */
static void test_refused_list(void **state)
{
    const char *const seeds[] = {"node.example", "192.0.2.1:x"};
    struct mlb_diagnostic diagnostic;
    const int none = 0;

    (void)state;
    group_add(&group, 1, NULL);
    mlb_diagnostic_init(&diagnostic);
    assert_int_equal(mlb_membership_join(group.members[1].membership, seeds, 2, &diagnostic),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_string_equal(diagnostic.message,
                        "seed \"192.0.2.1:x\": a port is a number from 1 to 65535");
    assert_int_equal(mlb_membership_dispatch(group.members[1].membership, NULL), MLB_OK);
    assert_int_equal(__atomic_load_n(&questions, __ATOMIC_ACQUIRE), none);
}

/* The list may name the node itself. */
static void test_own_address(void **state)
{
    const char *const seeds[] = {group_seed(0), group_seed(1), NULL};

    (void)state;
    group_add(&group, 0, NULL);
    group_add(&group, 1, NULL);
    group_join(&group, 0, seeds);
    group_join(&group, 1, seeds);
    group_await_alive(&group, 2);
    assert_int_equal(group_count(&group, &(struct group_event){0, MLB_MEMBERSHIP_CONFLICT, NULL}),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_localhost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failing_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failing_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hanging_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_silence_waits_for_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_new_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_late_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keeps_addresses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_own_address, set_up, tear_down),
    };

    sem_init(&hanging, 0, 0);
    sem_init(&released, 0, 0);
    sem_init(&gone_on, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
