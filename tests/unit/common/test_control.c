/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/control.h"

#define LONG_REPLY 3000000

struct fixture {
    struct ev_loop *loop;
    char directory[64];
    char path[100];
    char error[256];
    struct control *control;
    char last_line[CONTROL_LINE_MAX + 1];
};

static char *answer(void *context, const char *line, size_t *length)
{
    struct fixture *fixture = context;
    char *reply;

    snprintf(fixture->last_line, sizeof(fixture->last_line), "%s", line);
    if (strcmp(line, "nothing") == 0)
        return NULL;
    *length = strcmp(line, "long") == 0 ? LONG_REPLY : strlen(line);
    reply = malloc(*length + 1);
    assert_non_null(reply);
    memset(reply, 'x', *length);
    if (*length == strlen(line))
        memcpy(reply, line, *length);
    return reply;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/metallb-control-XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    snprintf(fixture->path, sizeof(fixture->path), "%s/run/speaker.sock", fixture->directory);
    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    fixture->control = control_new(fixture->loop, fixture->path, answer, fixture, fixture->error,
                                   sizeof(fixture->error));
    assert_non_null(fixture->control);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    char run[128];

    control_free(fixture->control);
    ev_loop_destroy(fixture->loop);
    unlink(fixture->path);
    snprintf(run, sizeof(run), "%s/run", fixture->directory);
    rmdir(run);
    assert_int_equal(rmdir(fixture->directory), 0);
    free(fixture);
    return 0;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Runs the server until the client has read to the end; returns how many bytes came. */
static size_t read_all(struct fixture *fixture, int fd, char *buffer, size_t size)
{
    size_t total = 0;

    for (int round = 0; round < 10000; round++) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        char drop[65536];
        ssize_t got;

        ev_run(fixture->loop, EVRUN_NOWAIT);
        if (poll(&waiting, 1, 1) <= 0)
            continue;
        got = recv(fd, drop, sizeof(drop), 0);
        if (got <= 0)
            return total;
        for (ssize_t i = 0; i < got && total + (size_t)i < size; i++)
            buffer[total + (size_t)i] = drop[i];
        total += (size_t)got;
    }
    fail_msg("the server did not end the connection");
    return 0;
}

static void test_line_in_reply_out(void **state)
{
    struct fixture *fixture = *state;
    char reply[64] = "";
    int fd = connect_to(fixture->path);

    assert_int_equal(send(fd, "hel", 3, MSG_NOSIGNAL), 3);
    ev_run(fixture->loop, EVRUN_NOWAIT);
    ev_run(fixture->loop, EVRUN_NOWAIT);
    assert_int_equal(send(fd, "lo\nmore", 7, MSG_NOSIGNAL), 7);
    assert_int_equal(read_all(fixture, fd, reply, sizeof(reply)), 5);
    assert_string_equal(reply, "hello");
    close(fd);
}

static void test_reply_longer_than_the_socket_buffer(void **state)
{
    struct fixture *fixture = *state;
    char reply[1];
    int fd = connect_to(fixture->path);

    assert_int_equal(send(fd, "long\n", 5, MSG_NOSIGNAL), 5);
    assert_int_equal(read_all(fixture, fd, reply, sizeof(reply)), LONG_REPLY);
    close(fd);
}

static void test_endless_line_ends_the_connection(void **state)
{
    struct fixture *fixture = *state;
    char line[2 * CONTROL_LINE_MAX];
    char reply[1];
    int fd = connect_to(fixture->path);

    memset(line, 'x', sizeof(line));
    assert_int_equal(send(fd, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
    assert_int_equal(read_all(fixture, fd, reply, sizeof(reply)), 0);
    assert_string_equal(fixture->last_line, "");
    close(fd);
}

static void test_waiting_clients_get_their_turn(void **state)
{
    struct fixture *fixture = *state;
    int idle[CONTROL_CLIENTS_MAX];
    char reply[8] = "";
    int late;

    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        idle[i] = connect_to(fixture->path);
    for (size_t i = 0; i < 2 * CONTROL_CLIENTS_MAX; i++)
        ev_run(fixture->loop, EVRUN_NOWAIT);
    late = connect_to(fixture->path);
    assert_int_equal(send(late, "late\n", 5, MSG_NOSIGNAL), 5);
    ev_run(fixture->loop, EVRUN_NOWAIT);
    ev_run(fixture->loop, EVRUN_NOWAIT);
    assert_string_equal(fixture->last_line, "");
    close(idle[0]);
    assert_int_equal(read_all(fixture, late, reply, sizeof(reply)), 4);
    assert_string_equal(fixture->last_line, "late");
    for (size_t i = 1; i < CONTROL_CLIENTS_MAX; i++)
        close(idle[i]);
    close(late);
}

static void test_live_socket_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    char expected[256];

    assert_null(control_new(fixture->loop, fixture->path, answer, fixture, fixture->error,
                            sizeof(fixture->error)));
    snprintf(expected, sizeof(expected), "control socket %s: another process listens there",
             fixture->path);
    assert_string_equal(fixture->error, expected);
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static void test_stale_socket_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    control_free(fixture->control);
    fixture->control = NULL;
    assert_int_equal(access(fixture->path, F_OK), -1);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    fixture->control = control_new(fixture->loop, fixture->path, answer, fixture, fixture->error,
                                   sizeof(fixture->error));
    assert_non_null(fixture->control);
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0660);
}

static void test_a_file_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    FILE *file;

    control_free(fixture->control);
    file = fopen(fixture->path, "w");
    assert_non_null(file);
    fclose(file);
    fixture->control = control_new(fixture->loop, fixture->path, answer, fixture, fixture->error,
                                   sizeof(fixture->error));
    assert_null(fixture->control);
    assert_non_null(strstr(fixture->error, "no socket"));
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static void test_socket_of_a_successor_stays(void **state)
{
    struct fixture *fixture = *state;
    struct control *successor;

    unlink(fixture->path);
    successor = control_new(fixture->loop, fixture->path, answer, fixture, fixture->error,
                            sizeof(fixture->error));
    assert_non_null(successor);
    control_free(fixture->control);
    fixture->control = successor;
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static void stop_loop(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)timer;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

/* Returns how often the loop woke up. */
static unsigned run_for(struct ev_loop *loop, double seconds)
{
    ev_timer timer;
    unsigned before = ev_iteration(loop);

    ev_timer_init(&timer, stop_loop, seconds, 0.);
    ev_now_update(loop);
    ev_timer_start(loop, &timer);
    ev_run(loop, 0);
    return ev_iteration(loop) - before;
}

static void test_lack_of_descriptors_keeps_nobody_busy(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit limit;
    struct rlimit none;
    char reply[64] = "";
    int fd = connect_to(fixture->path);

    assert_int_equal(send(fd, "hello\n", 6, MSG_NOSIGNAL), 6);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    unsigned wakeups = run_for(fixture->loop, 0.5);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_in_range(wakeups, 1, 20);
    assert_int_equal(read_all(fixture, fd, reply, sizeof(reply)), 5);
    assert_string_equal(reply, "hello");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_line_in_reply_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reply_longer_than_the_socket_buffer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_endless_line_ends_the_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(test_waiting_clients_get_their_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(test_live_socket_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stale_socket_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_socket_of_a_successor_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lack_of_descriptors_keeps_nobody_busy, setup,
                                        teardown),
    };

    return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
