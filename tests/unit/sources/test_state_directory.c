/* SPDX-License-Identifier: MIT */
/* The durable directory of a controller: what is written is found again, whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sources/manifests.h"
#include "sources/state_directory.h"

#define FLUSH_MILLISECONDS 10000

struct fixture {
    char base[64];
    char path[128];
    struct sink *sink;
    struct state_records records;
    struct problem_list problems;
    char error[512];
};

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (fixture == NULL)
        return -1;
    strcpy(fixture->base, "/tmp/metallb-state-XXXXXX");
    if (mkdtemp(fixture->base) == NULL)
        return -1;
    snprintf(fixture->path, sizeof(fixture->path), "%s/state", fixture->base);
    *state = fixture;
    return 0;
}

static void close_directory(struct fixture *fixture)
{
    sink_free(fixture->sink);
    fixture->sink = NULL;
    state_records_clear(&fixture->records);
    problem_list_clear(&fixture->problems);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    close_directory(fixture);
    nftw(fixture->base, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return 0;
}

static void open_directory(struct fixture *fixture)
{
    int result;

    close_directory(fixture);
    result = state_directory_open(fixture->path, &fixture->records, &fixture->problems,
                                  &fixture->sink, fixture->error, sizeof(fixture->error));
    if (result != 0)
        fail_msg("%s", fixture->error);
}

static struct mlb_address address(const char *text)
{
    struct mlb_address result = {0};

    if (text != NULL)
        assert_int_equal(mlb_address_parse(text, &result, NULL), MLB_OK);
    return result;
}

/* An outcome of one address, or of none. */
static struct service_outcome outcome(const char *name, const char *now, const char *former)
{
    struct service_outcome made = {
        .namespace_ = "default", .name = name, .terms = "", .pool = "lan"};

    made.addresses[0] = address(now);
    made.address_count = now != NULL;
    made.former[0] = address(former);
    made.former_count = former != NULL;
    made.reason = now == NULL ? "no available IPs" : NULL;
    return made;
}

static void give(struct fixture *fixture, const struct service_outcome *services, size_t count,
                 bool complete)
{
    struct pool_outcome pool = {.name = "lan"};
    struct outcomes outcomes = {.services = services,
                                .service_count = count,
                                .pools = &pool,
                                .pool_count = 1,
                                .complete = complete};

    pool.counters.requests = (uint32_t)count;
    assert_int_equal(sink_write(fixture->sink, &outcomes), 0);
}

static void give_one(struct fixture *fixture, struct service_outcome service)
{
    give(fixture, &service, 1, false);
}

static const struct state_record *find(const struct fixture *fixture, const char *name)
{
    for (size_t i = 0; i < fixture->records.count; i++)
        if (strcmp(fixture->records.items[i].name, name) == 0)
            return &fixture->records.items[i];
    return NULL;
}

static void expect_record(const struct fixture *fixture, const char *name, const char *expected)
{
    const struct state_record *record = find(fixture, name);
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    assert_non_null(record);
    if (record->address_count > 0)
        mlb_address_format(&record->addresses[0], text, sizeof(text), NULL);
    assert_string_equal(text, expected);
}

static bool exists(const struct fixture *fixture, const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", fixture->path, name);
    return access(path, F_OK) == 0;
}

static void put(const struct fixture *fixture, const char *name, const char *text)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", fixture->path, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void what_is_written_is_read_again(void **state)
{
    struct fixture *fixture = *state;
    struct service_outcome web = outcome("web", "192.0.2.1", NULL);
    struct service_outcome waits = outcome("waits", NULL, NULL);
    struct service_outcome both[2];

    open_directory(fixture);
    assert_int_equal(fixture->records.count, 0);
    web.terms = "80/6 key\"\\ backend";
    web.addresses[1] = address("2001:db8::1");
    web.address_count = 2;
    both[0] = waits;
    both[1] = web;
    give(fixture, both, 2, false);
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    assert_true(exists(fixture, "services/default/web.json"));
    assert_true(exists(fixture, "pools/lan.json"));
    open_directory(fixture);
    assert_int_equal(fixture->records.count, 2);
    expect_record(fixture, "web", "192.0.2.1");
    expect_record(fixture, "waits", "");
    assert_int_equal(find(fixture, "web")->address_count, 2);
    assert_string_equal(find(fixture, "web")->terms, "80/6 key\"\\ backend");
}

static void speakers_read_it_as_manifests(void **state)
{
    struct fixture *fixture = *state;
    struct problem_list problems = {0};
    const char *path = fixture->path;
    struct object_set set;

    open_directory(fixture);
    give_one(fixture, outcome("web", "192.0.2.1", NULL));
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    object_set_init(&set);
    assert_int_equal(manifests_load(&path, 1, &set, &problems), 0);
    assert_false(problem_list_has_errors(&problems));
    assert_int_equal(set.statuses.count, 1);
    assert_int_equal(((const struct service *)set.statuses.items[0])->ingress_count, 1);
    object_set_clear(&set);
    problem_list_clear(&problems);
}

static void a_record_goes_with_its_service(void **state)
{
    struct fixture *fixture = *state;
    struct service_outcome gone = outcome("web", NULL, "192.0.2.1");

    open_directory(fixture);
    give_one(fixture, outcome("web", "192.0.2.1", NULL));
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    gone.remove = true;
    give_one(fixture, gone);
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    assert_false(exists(fixture, "services/default"));
    open_directory(fixture);
    assert_int_equal(fixture->records.count, 0);
}

static void a_second_one_is_told_who_has_the_lock(void **state)
{
    struct fixture *fixture = *state;
    struct state_records records;
    struct sink *sink = NULL;
    char error[512];
    char expected[32];

    open_directory(fixture);
    assert_int_equal(state_directory_open(fixture->path, &records, &fixture->problems, &sink, error,
                                          sizeof(error)),
                     -EBUSY);
    snprintf(expected, sizeof(expected), "process %ld on ", (long)getpid());
    assert_non_null(strstr(error, fixture->path));
    assert_non_null(strstr(error, expected));
}

static void names_are_checked_before_they_are_paths(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"", ".", "..", "../x", "a/b", ".hidden"};

    open_directory(fixture);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct service_outcome service = outcome(names[i], "192.0.2.1", NULL);

        give_one(fixture, service);
        assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
        assert_int_equal(sink_problems(fixture->sink)->count, 1);
        assert_non_null(strstr(sink_problems(fixture->sink)->items[0].message, "name"));
        service.remove = true;
        give_one(fixture, service);
        assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
        assert_int_equal(sink_problems(fixture->sink)->count, 0);
    }
    assert_false(exists(fixture, "services"));
    assert_false(exists(fixture, "x.json"));
}

static void what_cannot_be_read_stays(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"web\"}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"other\"},"
        "\"status\":{}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"},"
        "\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"192.0.2\"}]}}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"},"
        "\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"192.0.2.1\"},{\"ip\":\"192.0.2.2\"}"
        "]}}}",
    };
    struct fixture *fixture = *state;

    open_directory(fixture);
    give_one(fixture, outcome("web", "192.0.2.1", NULL));
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct stat status;
        char path[512];

        put(fixture, "services/default/web.json", texts[i]);
        open_directory(fixture);
        assert_int_equal(fixture->records.count, 0);
        assert_int_equal(fixture->records.unreadable_count, 1);
        assert_string_equal(fixture->records.unreadable[0], "default/web");
        assert_int_equal(fixture->problems.count, 1);
        assert_non_null(strstr(fixture->problems.items[0].file, "services/default/web.json"));
        give_one(fixture, outcome("web", "192.0.2.9", NULL));
        assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
        snprintf(path, sizeof(path), "%s/services/default/web.json", fixture->path);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_size, strlen(texts[i]));
    }
}

static void leftovers_of_a_crash_go(void **state)
{
    struct fixture *fixture = *state;

    open_directory(fixture);
    give_one(fixture, outcome("web", "192.0.2.1", NULL));
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    put(fixture, "services/default/.web.json.tmp", "{");
    open_directory(fixture);
    expect_record(fixture, "web", "192.0.2.1");
    assert_int_equal(fixture->problems.count, 0);
    assert_false(exists(fixture, "services/default/.web.json.tmp"));
}

static void a_failure_loses_nothing_and_ends(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit limit;
    struct rlimit none;

    open_directory(fixture);
    give_one(fixture, outcome("web", "192.0.2.1", NULL));
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    /* No byte can be written to a file, as on a full disk. */
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    give_one(fixture, outcome("web", "192.0.2.2", "192.0.2.1"));
    give_one(fixture, outcome("late", "192.0.2.1", NULL));
    assert_false(sink_flush(fixture->sink, 300));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(sink_problems(fixture->sink)->count, 1);
    assert_non_null(strstr(sink_problems(fixture->sink)->items[0].message, "File too large"));
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    assert_int_equal(sink_problems(fixture->sink)->count, 0);
    open_directory(fixture);
    expect_record(fixture, "web", "192.0.2.2");
    expect_record(fixture, "late", "192.0.2.1");
}

/* More than are written by one thread, half of them in each of two namespaces. */
#define MANY 1200

static void give_many(struct fixture *fixture)
{
    struct service_outcome *services = calloc(MANY, sizeof(*services));
    char(*names)[16] = calloc(MANY, sizeof(*names));

    assert_non_null(services);
    assert_non_null(names);
    for (unsigned i = 0; i < MANY; i++) {
        char text[32];

        snprintf(names[i], sizeof(names[i]), "s%04u", i);
        snprintf(text, sizeof(text), "10.0.%u.%u", i / 256, i % 256);
        services[i] = outcome(names[i], text, NULL);
        services[i].namespace_ = i < MANY / 2 ? "first" : "second";
    }
    give(fixture, services, MANY, false);
    free(names);
    free(services);
}

static void many_are_written_at_once(void **state)
{
    struct fixture *fixture = *state;

    open_directory(fixture);
    give_many(fixture);
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    open_directory(fixture);
    assert_int_equal(fixture->records.count, MANY);
    expect_record(fixture, "s0000", "10.0.0.0");
    expect_record(fixture, "s1199", "10.0.4.175");
}

static void a_failure_of_many_names_its_place(void **state)
{
    struct fixture *fixture = *state;
    const struct problem_list *problems;
    char path[512];

    open_directory(fixture);
    snprintf(path, sizeof(path), "%s/services", fixture->path);
    assert_int_equal(mkdir(path, 0755), 0);
    put(fixture, "services/second", "no directory");
    give_many(fixture);
    for (int i = 0; i < 100 && sink_problems(fixture->sink)->count == 0; i++)
        assert_false(sink_flush(fixture->sink, 100));
    problems = sink_problems(fixture->sink);
    assert_int_equal(problems->count, 1);
    assert_non_null(strstr(problems->items[0].file, "services/second"));
    snprintf(path, sizeof(path), "%s/services/second", fixture->path);
    assert_int_equal(unlink(path), 0);
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    open_directory(fixture);
    assert_int_equal(fixture->records.count, MANY);
}

static void a_lost_directory_is_written_anew(void **state)
{
    struct fixture *fixture = *state;
    struct service_outcome all[2];
    char other[160];

    open_directory(fixture);
    give_one(fixture, outcome("a", "192.0.2.1", NULL));
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    snprintf(other, sizeof(other), "%s-other", fixture->path);
    assert_int_equal(rename(fixture->path, other), 0);
    give_one(fixture, outcome("b", "192.0.2.2", NULL));
    sink_flush(fixture->sink, 300);
    assert_true(fixture->sink->wants_all);
    assert_false(sink_is_durable(fixture->sink));
    put(fixture, "lock", "");
    all[0] = outcome("a", "192.0.2.1", NULL);
    all[1] = outcome("b", "192.0.2.2", NULL);
    give(fixture, all, 2, true);
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    assert_false(fixture->sink->wants_all);
    open_directory(fixture);
    expect_record(fixture, "a", "192.0.2.1");
    expect_record(fixture, "b", "192.0.2.2");
}

static void complete_outcomes_end_all_others(void **state)
{
    struct fixture *fixture = *state;
    struct service_outcome one = outcome("a", "192.0.2.1", NULL);

    open_directory(fixture);
    give_one(fixture, outcome("stale", "192.0.2.7", NULL));
    give(fixture, &one, 1, true);
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
    open_directory(fixture);
    assert_int_equal(fixture->records.count, 1);
    expect_record(fixture, "a", "192.0.2.1");
}

/* Services that pass their addresses round in a circle, killed while they do. */
#define CIRCLE 4

static const char *const circle_names[CIRCLE] = {"a", "b", "c", "d"};
static const char *const circle_addresses[CIRCLE] = {"192.0.2.1", "192.0.2.2", "192.0.2.3",
                                                     "192.0.2.4"};

static void turn(struct fixture *fixture, unsigned step, bool first)
{
    struct service_outcome all[CIRCLE];

    for (unsigned i = 0; i < CIRCLE; i++)
        all[i] = outcome(circle_names[i], circle_addresses[(i + step) % CIRCLE],
                         first ? NULL : circle_addresses[(i + step + CIRCLE - 1) % CIRCLE]);
    give(fixture, all, CIRCLE, false);
    assert_true(sink_flush(fixture->sink, FLUSH_MILLISECONDS));
}

static void expect_no_double(const struct fixture *fixture)
{
    assert_int_equal(fixture->records.unreadable_count, 0);
    for (size_t i = 0; i < fixture->records.count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct state_record *a = &fixture->records.items[i];
            const struct state_record *b = &fixture->records.items[j];

            if (a->address_count > 0 && b->address_count > 0 &&
                mlb_address_compare(&a->addresses[0], &b->addresses[0]) == 0)
                fail_msg("%s and %s have one address", a->name, b->name);
        }
}

static void run_in_circles(struct fixture *fixture)
{
    open_directory(fixture);
    for (unsigned step = 0;; step++)
        turn(fixture, step, step == 0);
}

static void a_crash_at_any_moment_doubles_nothing(void **state)
{
    struct fixture *fixture = *state;

    for (unsigned round = 0; round < 60; round++) {
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            run_in_circles(fixture);
            _exit(1);
        }
        usleep(3000 + round * 331 % 9000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        open_directory(fixture);
        expect_no_double(fixture);
        close_directory(fixture);
        nftw(fixture->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(speakers_read_it_as_manifests, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_goes_with_its_service, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_one_is_told_who_has_the_lock, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_checked_before_they_are_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(leftovers_of_a_crash_go, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_loses_nothing_and_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(many_are_written_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_of_many_names_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_directory_is_written_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(complete_outcomes_end_all_others, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crash_at_any_moment_doubles_nothing, setup, teardown),
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests_name("state directory", tests, NULL, NULL);
}
