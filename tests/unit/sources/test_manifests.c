/* SPDX-License-Identifier: MIT */
/* Manifests watched: what changes, what stays, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>

#include "directory.h"
#include "sources/manifests.h"

/* Far more than the time promised, so that a busy machine fails no test. */
#define PATIENCE_MILLISECONDS 5000

/* The slow comparison of all files is far away, unless a test wants it. */
#define NEVER_MILLISECONDS 1000000

struct fixture {
    struct directory directory;
    struct source *source;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (fixture == NULL)
        return -1;
    directory_make(&fixture->directory);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    source_free(fixture->source);
    directory_remove(&fixture->directory);
    free(fixture);
    return 0;
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Lets the source work until it reports a change or the time is over. */
static bool changes_within(struct fixture *fixture, int64_t milliseconds)
{
    int64_t end = now() + milliseconds;

    for (int64_t rest = milliseconds; rest > 0; rest = end - now()) {
        struct pollfd poller = {.fd = source_fd(fixture->source), .events = POLLIN};
        int result;

        if (poll(&poller, 1, (int)rest) <= 0)
            break;
        result = source_dispatch(fixture->source);
        assert_true(result >= 0);
        if (result == 1)
            return true;
    }
    return false;
}

static void open_source(struct fixture *fixture, const char *path, unsigned rescan)
{
    struct manifests_options options = {.rescan_milliseconds = rescan, .youth_milliseconds = 1};

    assert_int_equal(source_manifests_new(&path, 1, &options, &fixture->source), 0);
    /* The files were made just now: once the source has grown up it says so. */
    changes_within(fixture, 40);
}

static const struct object *node(const struct fixture *fixture, const char *name)
{
    return object_set_find(source_objects(fixture->source), OBJECT_NODE, "", name);
}

static size_t count_nodes(const struct fixture *fixture)
{
    return source_objects(fixture->source)->lists[OBJECT_NODE].count;
}

/* Waits until a node is there, or gone. */
static void wait_for_node(struct fixture *fixture, const char *name, bool there)
{
    int64_t end = now() + PATIENCE_MILLISECONDS;

    while ((node(fixture, name) != NULL) != there && now() < end)
        changes_within(fixture, end - now());
    assert_int_equal(node(fixture, name) != NULL, there);
}

static void wait_for_error(struct fixture *fixture)
{
    int64_t end = now() + PATIENCE_MILLISECONDS;

    while (!problem_list_has_errors(source_problems(fixture->source)) && now() < end)
        changes_within(fixture, end - now());
    assert_true(problem_list_has_errors(source_problems(fixture->source)));
}

static void wait_for_peace(struct fixture *fixture)
{
    int64_t end = now() + PATIENCE_MILLISECONDS;

    while (problem_list_has_errors(source_problems(fixture->source)) && now() < end)
        changes_within(fixture, end - now());
    assert_false(problem_list_has_errors(source_problems(fixture->source)));
}

static void test_files_come_change_and_go(void **state)
{
    struct fixture *fixture = *state;
    uint64_t generation;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    assert_int_equal(count_nodes(fixture), 1);
    generation = source_generation(fixture->source);
    directory_write(&fixture->directory, "b.yaml", node_text("b"));
    wait_for_node(fixture, "b", true);
    assert_true(source_generation(fixture->source) > generation);
    directory_write(&fixture->directory, "b.yaml", node_text("c"));
    wait_for_node(fixture, "c", true);
    assert_null(node(fixture, "b"));
    unlink(directory_at(&fixture->directory, "b.yaml"));
    wait_for_node(fixture, "c", false);
    assert_non_null(node(fixture, "a"));
}

static void test_a_change_is_applied_soon(void **state)
{
    struct fixture *fixture = *state;
    int64_t least = PATIENCE_MILLISECONDS;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    for (int i = 0; i < 5; i++) {
        char name[16];
        int64_t begin;

        snprintf(name, sizeof(name), "n%d", i);
        directory_write(&fixture->directory, "a.yaml", node_text(name));
        begin = now();
        wait_for_node(fixture, name, true);
        if (now() - begin < least)
            least = now() - begin;
    }
    /* The best of several: what a busy machine adds is not ours. */
    assert_true(least < 100);
}

static void test_a_touched_file_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    uint64_t generation;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    generation = source_generation(fixture->source);
    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    assert_false(changes_within(fixture, 200));
    assert_int_equal(source_generation(fixture->source), generation);
}

static void test_a_broken_file_keeps_its_last_version(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    directory_write(&fixture->directory, "b.yaml", node_text("b"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    directory_write(&fixture->directory, "a.yaml", "kind: [");
    wait_for_error(fixture);
    assert_non_null(node(fixture, "a"));
    assert_false(source_objects(fixture->source)->incomplete);
    directory_write(&fixture->directory, "b.yaml", node_text("c"));
    wait_for_node(fixture, "c", true);
    assert_non_null(node(fixture, "a"));
    directory_write(&fixture->directory, "a.yaml", "");
    wait_for_node(fixture, "a", false);
    assert_false(problem_list_has_errors(source_problems(fixture->source)));
}

static void test_a_broken_object_keeps_its_last_version(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml",
                    "apiVersion: v1\nkind: List\nitems:\n"
                    "- {apiVersion: v1, kind: Node, metadata: {name: a}}\n"
                    "- {apiVersion: v1, kind: Node, metadata: {name: b}}\n");
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    directory_write(&fixture->directory, "a.yaml",
                    "apiVersion: v1\nkind: List\nitems:\n"
                    "- {apiVersion: v1, kind: Node, metadata: {name: a, labels: 7}}\n"
                    "- {apiVersion: v1, kind: Node, metadata: {name: c}}\n");
    wait_for_node(fixture, "c", true);
    assert_non_null(node(fixture, "a"));
    assert_null(node(fixture, "b"));
    assert_true(problem_list_has_errors(source_problems(fixture->source)));
}

static void test_a_service_that_breaks_again_tells_its_present_status(void **state)
{
    static const char text[] = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
                               "spec: {type: %d}\nstatus: {loadBalancer: {ingress: [{ip: "
                               "192.0.2.%d}]}}\n";
    struct fixture *fixture = *state;
    const struct object_list *statuses;
    char broken[512];

    snprintf(broken, sizeof(broken), text, 7, 1);
    directory_write(&fixture->directory, "a.yaml", broken);
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    snprintf(broken, sizeof(broken), text, 7, 2);
    directory_write(&fixture->directory, "a.yaml", broken);
    assert_true(changes_within(fixture, PATIENCE_MILLISECONDS));
    statuses = &source_objects(fixture->source)->statuses;
    assert_int_equal(statuses->count, 1);
    assert_int_equal(((struct service *)statuses->items[0])->ingress[0].bytes[3], 2);
    assert_true(source_objects(fixture->source)->incomplete);
}

static void test_a_nameless_object_may_be_any(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml",
                    "{apiVersion: v1, kind: Node, metadata: {name: a}}\n---\n"
                    "{apiVersion: v1, kind: Node, metadata: {name: b}}\n");
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    directory_write(&fixture->directory, "a.yaml",
                    "{apiVersion: v1, kind: Node, metadata: {nam: a}}\n---\n"
                    "{apiVersion: v1, kind: Node, metadata: {name: c}}\n");
    wait_for_node(fixture, "c", true);
    assert_non_null(node(fixture, "a"));
    assert_non_null(node(fixture, "b"));
}

static void test_an_object_moves_into_a_file_where_it_breaks(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    directory_write(&fixture->directory, "b.yaml", node_text("b"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    directory_write(&fixture->directory, "c.yaml",
                    "{apiVersion: v1, kind: Node, metadata: {name: a, labels: 7}}\n");
    unlink(directory_at(&fixture->directory, "a.yaml"));
    wait_for_error(fixture);
    assert_non_null(node(fixture, "a"));
}

static void test_a_broken_file_at_the_start(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", "kind: [");
    directory_write(&fixture->directory, "b.yaml", node_text("b"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    assert_true(source_objects(fixture->source)->incomplete);
    assert_non_null(node(fixture, "b"));
    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    wait_for_node(fixture, "a", true);
    assert_false(source_objects(fixture->source)->incomplete);
}

static void test_an_empty_file_at_the_start(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", "");
    directory_write(&fixture->directory, "b.yaml", node_text("b"));
    open_source(fixture, fixture->directory.path, 50);
    assert_true(source_objects(fixture->source)->incomplete);
    changes_within(fixture, 200);
    assert_true(source_objects(fixture->source)->incomplete);
    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    wait_for_node(fixture, "a", true);
    assert_false(source_objects(fixture->source)->incomplete);
}

static void test_a_file_that_stays_empty_holds_nothing(void **state)
{
    const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", "");
    assert_int_equal(utimensat(AT_FDCWD, directory_at(&fixture->directory, "a.yaml"), long_ago, 0),
                     0);
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    assert_false(source_objects(fixture->source)->incomplete);
}

static void test_a_new_broken_file_holds_nothing(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    directory_write(&fixture->directory, "b.yaml", "kind: [");
    wait_for_error(fixture);
    assert_false(source_objects(fixture->source)->incomplete);
}

static void test_an_editor_replaces_by_rename(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_SIZE * 2];

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    directory_write(&fixture->directory, ".a.yaml.swp", node_text("b"));
    snprintf(path, sizeof(path), "%s", directory_at(&fixture->directory, ".a.yaml.swp"));
    rename(path, directory_at(&fixture->directory, "a.yaml"));
    wait_for_node(fixture, "b", true);
    assert_int_equal(count_nodes(fixture), 1);
}

static void test_a_renamed_file_does_not_flap(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_SIZE * 2];
    int64_t end = now() + 300;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    snprintf(path, sizeof(path), "%s", directory_at(&fixture->directory, "a.yaml"));
    rename(path, directory_at(&fixture->directory, "z.yaml"));
    while (now() < end) {
        changes_within(fixture, end - now());
        assert_non_null(node(fixture, "a"));
    }
    assert_non_null(strstr(node(fixture, "a")->file, "z.yaml"));
}

static void test_half_a_file_is_not_read(void **state)
{
    struct fixture *fixture = *state;
    FILE *file;

    directory_write(&fixture->directory, "a.yaml",
                    "{apiVersion: v1, kind: Node, metadata: {name: a}}\n---\n"
                    "{apiVersion: v1, kind: Node, metadata: {name: b}}\n");
    open_source(fixture, fixture->directory.path, 30);
    file = fopen(directory_at(&fixture->directory, "a.yaml"), "w");
    assert_non_null(file);
    fputs(node_text("a"), file);
    fflush(file);
    assert_false(changes_within(fixture, 200));
    assert_non_null(node(fixture, "b"));
    fputs("---\n", file);
    fputs(node_text("c"), file);
    fclose(file);
    wait_for_node(fixture, "c", true);
    assert_null(node(fixture, "b"));
}

static void test_kubernetes_swaps_a_link(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_SIZE * 2];

    mkdir(directory_at(&fixture->directory, "..1"), 0755);
    mkdir(directory_at(&fixture->directory, "..2"), 0755);
    directory_write(&fixture->directory, "..1/a.yaml", node_text("one"));
    directory_write(&fixture->directory, "..2/a.yaml", node_text("two"));
    assert_int_equal(symlink("..1", directory_at(&fixture->directory, "..data")), 0);
    assert_int_equal(symlink("..data/a.yaml", directory_at(&fixture->directory, "a.yaml")), 0);
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    assert_non_null(node(fixture, "one"));
    assert_int_equal(symlink("..2", directory_at(&fixture->directory, "..data_tmp")), 0);
    snprintf(path, sizeof(path), "%s", directory_at(&fixture->directory, "..data_tmp"));
    rename(path, directory_at(&fixture->directory, "..data"));
    wait_for_node(fixture, "two", true);
    assert_null(node(fixture, "one"));
}

static void test_empty_at_once(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    directory_write(&fixture->directory, "b.yaml", node_text("b"));
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    unlink(directory_at(&fixture->directory, "a.yaml"));
    unlink(directory_at(&fixture->directory, "b.yaml"));
    wait_for_error(fixture);
    assert_int_equal(count_nodes(fixture), 2);
    directory_write(&fixture->directory, "c.yaml", node_text("c"));
    wait_for_node(fixture, "c", true);
    assert_int_equal(count_nodes(fixture), 1);
    unlink(directory_at(&fixture->directory, "c.yaml"));
    wait_for_node(fixture, "c", false);
}

static void test_an_unreadable_directory(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_SIZE * 2];
    char away[PATH_SIZE * 2];

    snprintf(path, sizeof(path), "%s", directory_at(&fixture->directory, "m"));
    snprintf(away, sizeof(away), "%s", directory_at(&fixture->directory, "away"));
    mkdir(path, 0755);
    directory_write(&fixture->directory, "m/a.yaml", node_text("a"));
    open_source(fixture, path, NEVER_MILLISECONDS);
    rename(path, away);
    wait_for_error(fixture);
    assert_non_null(node(fixture, "a"));
    rename(away, path);
    wait_for_peace(fixture);
    directory_write(&fixture->directory, "m/b.yaml", node_text("b"));
    wait_for_node(fixture, "b", true);
    assert_non_null(node(fixture, "a"));
}

static void test_a_path_that_appears_later(void **state)
{
    struct fixture *fixture = *state;

    open_source(fixture, directory_at(&fixture->directory, "deep/m"), NEVER_MILLISECONDS);
    assert_true(source_objects(fixture->source)->incomplete);
    assert_true(problem_list_has_errors(source_problems(fixture->source)));
    mkdir(directory_at(&fixture->directory, "deep"), 0755);
    mkdir(directory_at(&fixture->directory, "deep/m"), 0755);
    directory_write(&fixture->directory, "deep/m/a.yaml", node_text("a"));
    wait_for_node(fixture, "a", true);
    /* What was written before it was watched is trusted a little later. */
    while (source_objects(fixture->source)->incomplete)
        assert_true(changes_within(fixture, 5000));
}

static void test_a_single_file(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    open_source(fixture, directory_at(&fixture->directory, "a.yaml"), NEVER_MILLISECONDS);
    directory_write(&fixture->directory, "a.yaml", node_text("b"));
    wait_for_node(fixture, "b", true);
    unlink(directory_at(&fixture->directory, "a.yaml"));
    wait_for_node(fixture, "b", false);
    directory_write(&fixture->directory, "a.yaml", node_text("c"));
    wait_for_node(fixture, "c", true);
    assert_false(problem_list_has_errors(source_problems(fixture->source)));
}

static void test_a_state_directory_grows(void **state)
{
    struct fixture *fixture = *state;

    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    mkdir(directory_at(&fixture->directory, "services"), 0755);
    mkdir(directory_at(&fixture->directory, "services/shop"), 0755);
    directory_write(&fixture->directory, "services/shop/a.yaml", node_text("a"));
    wait_for_node(fixture, "a", true);
    directory_write(&fixture->directory, "services/shop/a.yaml", node_text("b"));
    wait_for_node(fixture, "b", true);
}

static void test_rescan_finds_what_no_event_told(void **state)
{
    struct fixture *fixture = *state;

    /* The file behind a link lies in a directory that is not watched, as on another host. */
    mkdir(directory_at(&fixture->directory, "m"), 0755);
    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    assert_int_equal(symlink("../a.yaml", directory_at(&fixture->directory, "m/a.yaml")), 0);
    open_source(fixture, directory_at(&fixture->directory, "m"), 100);
    /* The second look that follows the first is over. */
    assert_false(changes_within(fixture, 250));
    directory_write(&fixture->directory, "a.yaml", node_text("b"));
    wait_for_node(fixture, "b", true);
}

static void test_what_is_in_force_stays(void **state)
{
    static const char pool[] = "{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: "
                               "{name: %s}, spec: {addresses: [192.0.2.0/24]}}";
    struct fixture *fixture = *state;
    const struct object_list *pools;
    char text[512];

    snprintf(text, sizeof(text), pool, "zulu");
    directory_write(&fixture->directory, "z.yaml", text);
    open_source(fixture, fixture->directory.path, NEVER_MILLISECONDS);
    snprintf(text, sizeof(text), pool, "alfa");
    directory_write(&fixture->directory, "a.yaml", text);
    wait_for_error(fixture);
    pools = &source_objects(fixture->source)->lists[OBJECT_IP_ADDRESS_POOL];
    assert_int_equal(pools->count, 1);
    assert_string_equal(pools->items[0]->name, "zulu");
    unlink(directory_at(&fixture->directory, "z.yaml"));
    wait_for_peace(fixture);
    pools = &source_objects(fixture->source)->lists[OBJECT_IP_ADDRESS_POOL];
    assert_string_equal(pools->items[0]->name, "alfa");
}

static void test_standard_input_is_refused(void **state)
{
    const char *path = "-";
    struct source *source = NULL;

    (void)state;
    assert_true(source_manifests_new(&path, 1, NULL, &source) < 0);
    assert_null(source);
    source_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_files_come_change_and_go),
        TEST(test_a_change_is_applied_soon),
        TEST(test_a_touched_file_changes_nothing),
        TEST(test_a_broken_file_keeps_its_last_version),
        TEST(test_a_broken_object_keeps_its_last_version),
        TEST(test_a_service_that_breaks_again_tells_its_present_status),
        TEST(test_a_nameless_object_may_be_any),
        TEST(test_an_object_moves_into_a_file_where_it_breaks),
        TEST(test_a_broken_file_at_the_start),
        TEST(test_an_empty_file_at_the_start),
        TEST(test_a_file_that_stays_empty_holds_nothing),
        TEST(test_a_new_broken_file_holds_nothing),
        TEST(test_an_editor_replaces_by_rename),
        TEST(test_a_renamed_file_does_not_flap),
        TEST(test_half_a_file_is_not_read),
        TEST(test_kubernetes_swaps_a_link),
        TEST(test_empty_at_once),
        TEST(test_an_unreadable_directory),
        TEST(test_a_path_that_appears_later),
        TEST(test_a_single_file),
        TEST(test_a_state_directory_grows),
        TEST(test_rescan_finds_what_no_event_told),
        TEST(test_what_is_in_force_stays),
        cmocka_unit_test(test_standard_input_is_refused),
    };

    return cmocka_run_group_tests_name("sources-manifests", tests, NULL, NULL);
}
