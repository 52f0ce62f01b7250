/* SPDX-License-Identifier: MIT */
/*
 * The announcer without memory: for each n, the n-th allocation of making it, of a call, and of its
 * work on a wire fails. The linker replaces the allocations of the library; those of libnl and
 * libbpf are turned here where the two are loaded.
 */
#include "wire_harness.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../memory/redirect.h"
#include "../../memory/wrapped.h"

#define NONE SIZE_MAX

/* More than anything here allocates. */
#define MANY 400

static size_t until_failure = NONE; /* allocations that succeed before the one that fails */

int may_allocate(void)
{
    if (until_failure == NONE)
        return 1;
    return until_failure-- != 0;
}

static char *failing_strdup(const char *text)
{
    return may_allocate() ? strdup(text) : NULL;
}

static int serve_libraries(void **state)
{
    static const char *const libraries[] = {"libnl-3", "libnl-route-3", "libbpf"};
    static const struct redirection calls[] = {
        {"malloc", (void (*)(void))__wrap_malloc},
        {"calloc", (void (*)(void))__wrap_calloc},
        {"realloc", (void (*)(void))__wrap_realloc},
        {"strdup", (void (*)(void))failing_strdup},
    };

    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        if (redirect(libraries[i], calls, sizeof(calls) / sizeof(calls[0])) < 3)
            return -1;
    }
    return enter_namespace(state);
}

/* After the failure the count has passed zero, so it is NONE again. */
static int has_failed(void)
{
    const int failed = until_failure == NONE;

    until_failure = NONE;
    return failed;
}

static struct fixture *on_wire(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->wire < 0)
        skip();
    return fixture;
}

static int32_t make(struct fixture *fixture, struct mlb_diagnostic *diagnostic)
{
    static const char *const patterns[] = {"^veth", "^docker"};
    const struct mlb_announcer_options options = {
        .struct_size = sizeof(options),
        .exclude = patterns,
        .exclude_count = 2,
        .refresh_seconds = 60,
    };

    return mlb_announcer_new(&options, &fixture->announcer, diagnostic);
}

static void drop(struct fixture *fixture)
{
    mlb_announcer_free(fixture->announcer);
    fixture->announcer = NULL;
}

/* A frame of ARP in which the sender is the address. */
static int is_told(const uint8_t *frame, ssize_t length, const void *wanted)
{
    const struct mlb_address *address = wanted;

    return length >= 42 && frame[12] == 0x08 && frame[13] == 0x06 &&
           memcmp(frame + 28, address->bytes, 4) == 0;
}

/* It tells the LAN of an address that is announced now. */
static void assert_works(struct fixture *fixture, const char *text)
{
    const struct mlb_address address = parse(text);

    assert_int_equal(mlb_announcer_announce(fixture->announcer, &address, NULL, 0, NULL), MLB_OK);
    assert_true(wait_for_frame(fixture, is_told, &address, PATIENCE_MS));
}

/* Either it says that memory is short and there is nothing, or it is whole. */
static void test_new(void **state)
{
    struct fixture *fixture = on_wire(state);
    size_t refused = 0;
    int failed = 1;

    for (size_t n = 0; failed; n++) {
        struct mlb_diagnostic diagnostic;
        int32_t result;

        assert_in_range(n, 0, MANY);
        mlb_diagnostic_init(&diagnostic);
        until_failure = n;
        result = make(fixture, &diagnostic);
        failed = has_failed();
        if (result == MLB_OK) {
            assert_works(fixture, "192.0.2.100");
        } else {
            assert_true(failed);
            assert_int_equal(result, MLB_ERROR_NO_MEMORY);
            assert_int_equal(diagnostic.code, MLB_ERROR_NO_MEMORY);
            assert_null(fixture->announcer);
            refused++;
        }
        drop(fixture);
    }
    assert_true(refused > 9);
}

static void test_announce(void **state)
{
    static const char *const interfaces[] = {HOST, "other0"};
    const struct mlb_address address = parse("2001:db8::100");
    struct fixture *fixture = on_wire(state);
    size_t refused = 0;
    int failed = 1;

    assert_int_equal(make(fixture, NULL), MLB_OK);
    assert_works(fixture, "192.0.2.100");
    for (size_t n = 0; failed; n++) {
        struct mlb_diagnostic diagnostic;
        int32_t result;

        assert_in_range(n, 0, MANY);
        mlb_diagnostic_init(&diagnostic);
        until_failure = n;
        result = mlb_announcer_announce(fixture->announcer, &address, interfaces, 2, &diagnostic);
        failed = has_failed();
        if (result != MLB_OK) {
            assert_int_equal(result, MLB_ERROR_NO_MEMORY);
            assert_int_equal(diagnostic.code, MLB_ERROR_NO_MEMORY);
            assert_string_equal(diagnostic.subject, "2001:db8::100");
            assert_int_equal(mlb_announcer_withdraw(fixture->announcer, &address, NULL),
                             MLB_ERROR_NOT_FOUND);
            refused++;
        } else {
            assert_int_equal(mlb_announcer_withdraw(fixture->announcer, &address, NULL), MLB_OK);
        }
    }
    assert_true(refused > 1);
    assert_works(fixture, "192.0.2.101");
}

/* An interface that comes up is used, at the latest a little later. */
static void test_work(void **state)
{
    struct fixture *fixture = on_wire(state);
    const struct mlb_address address = parse("192.0.2.100");
    const struct mlb_address address6 = parse("2001:db8::100");
    struct mlb_announcer_event event;
    size_t met = 0;
    int failed = 1;

    for (size_t n = 0; failed; n++) {
        assert_in_range(n, 0, MANY);
        assert_int_equal(make(fixture, NULL), MLB_OK);
        set_up(HOST, 0);
        assert_int_equal(wait_for_event(fixture, MLB_ANNOUNCER_INTERFACE_DOWN, &event), 1);
        until_failure = n;
        set_up(HOST, 1);
        (void)mlb_announcer_announce(fixture->announcer, &address, NULL, 0, NULL);
        (void)mlb_announcer_announce(fixture->announcer, &address6, NULL, 0, NULL);
        assert_int_equal(mlb_announcer_dispatch(fixture->announcer, NULL), MLB_OK);
        assert_int_equal(mlb_announcer_announce(fixture->announcer, &address, NULL, 0, NULL),
                         MLB_OK);
        assert_true(wait_for_frame(fixture, is_told, &address, PATIENCE_MS));
        failed = has_failed();
        met += (size_t)failed;
        assert_works(fixture, "192.0.2.101");
        drop(fixture);
    }
    assert_true(met > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new, set_up_wire, tear_down),
        cmocka_unit_test_setup_teardown(test_announce, set_up_wire, tear_down),
        cmocka_unit_test_setup_teardown(test_work, set_up_wire, tear_down),
    };

    return cmocka_run_group_tests_name("announcer memory", tests, serve_libraries, NULL);
}
