/* SPDX-License-Identifier: MIT */
/* Manifests read once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "directory.h"
#include "sources/manifests.h"

struct fixture {
    struct directory directory;
    struct object_set set;
    struct problem_list problems;
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

    object_set_clear(&fixture->set);
    problem_list_clear(&fixture->problems);
    directory_remove(&fixture->directory);
    free(fixture);
    return 0;
}

static void load(struct fixture *fixture, const char *path)
{
    assert_int_equal(manifests_load(&path, 1, &fixture->set, &fixture->problems), 0);
}

static size_t count_nodes(const struct fixture *fixture)
{
    return fixture->set.lists[OBJECT_NODE].count;
}

static void test_a_directory_without_its_subdirectories(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "b.yaml", node_text("b"));
    directory_write(&fixture->directory, "a.yml", node_text("a"));
    directory_write(&fixture->directory, "c.json",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"c\"}}");
    directory_write(&fixture->directory, "readme.txt", "x");
    directory_write(&fixture->directory, ".hidden.yaml", node_text("hidden"));
    mkdir(directory_at(&fixture->directory, "sub"), 0755);
    directory_write(&fixture->directory, "sub/d.yaml", node_text("d"));
    load(fixture, fixture->directory.path);
    assert_int_equal(count_nodes(fixture), 3);
    assert_int_equal(fixture->problems.count, 2);
    assert_int_equal(fixture->problems.items[0].severity, PROBLEM_NOTICE);
    assert_false(fixture->set.incomplete);
}

static void test_a_state_directory(void **state)
{
    struct fixture *fixture = *state;

    mkdir(directory_at(&fixture->directory, "services"), 0755);
    mkdir(directory_at(&fixture->directory, "services/shop"), 0755);
    mkdir(directory_at(&fixture->directory, "services/shop/deeper"), 0755);
    mkdir(directory_at(&fixture->directory, "pools"), 0755);
    directory_write(&fixture->directory, "lock", "");
    directory_write(&fixture->directory, "pools/p.yaml", "nonsense: [");
    directory_write(&fixture->directory, "services/shop/deeper/x.yaml", node_text("x"));
    directory_write(&fixture->directory, "services/shop/n.yaml", node_text("n"));
    load(fixture, fixture->directory.path);
    assert_int_equal(fixture->problems.count, 0);
    assert_int_equal(count_nodes(fixture), 1);
    assert_non_null(object_set_find(&fixture->set, OBJECT_NODE, "", "n"));
}

static void test_a_file_and_the_later_duplicate(void **state)
{
    struct fixture *fixture = *state;
    char first[PATH_SIZE * 2];
    char second[PATH_SIZE * 2];
    const char *paths[] = {first, second};

    directory_write(&fixture->directory, "z.yaml", node_text("n"));
    directory_write(&fixture->directory, "a.yaml", node_text("n"));
    snprintf(first, sizeof(first), "%s", directory_at(&fixture->directory, "z.yaml"));
    snprintf(second, sizeof(second), "%s", directory_at(&fixture->directory, "a.yaml"));
    assert_int_equal(manifests_load(paths, 2, &fixture->set, &fixture->problems), 0);
    assert_int_equal(fixture->problems.count, 1);
    assert_string_equal(fixture->problems.items[0].file, second);
}

static void test_what_is_missing_makes_incomplete(void **state)
{
    struct fixture *fixture = *state;

    load(fixture, directory_at(&fixture->directory, "missing.yaml"));
    assert_true(fixture->set.incomplete);
    assert_true(fixture->problems.count > 0);
    assert_int_equal(fixture->problems.items[0].severity, PROBLEM_ERROR);
}

/* It may be on its way to be written, but that is no fault of the manifests. */
static void test_an_empty_file_is_noted(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", "");
    load(fixture, directory_at(&fixture->directory, "a.yaml"));
    assert_false(problem_list_has_errors(&fixture->problems));
    assert_int_equal(fixture->problems.count, 1);
    assert_int_equal(fixture->problems.items[0].severity, PROBLEM_NOTICE);
    assert_true(fixture->set.incomplete);
}

static void test_a_broken_file_leaves_the_others(void **state)
{
    struct fixture *fixture = *state;

    directory_write(&fixture->directory, "a.yaml", node_text("a"));
    directory_write(&fixture->directory, "b.yaml", "kind: [");
    load(fixture, fixture->directory.path);
    assert_int_equal(count_nodes(fixture), 1);
    assert_true(fixture->set.incomplete);
}

static void test_what_a_broken_service_holds_is_kept_aside(void **state)
{
    struct fixture *fixture = *state;
    const struct service *service;

    directory_write(&fixture->directory, "a.yaml",
                    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: 7}\n"
                    "status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n");
    load(fixture, fixture->directory.path);
    assert_true(fixture->set.incomplete);
    assert_int_equal(fixture->problems.count, 1);
    assert_int_equal(fixture->set.lists[OBJECT_SERVICE].count, 0);
    assert_int_equal(fixture->set.statuses.count, 1);
    service = (const struct service *)fixture->set.statuses.items[0];
    assert_true(service->broken);
    assert_int_equal(service->ingress_count, 1);
}

static void test_a_fifo_does_not_block(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(mkfifo(directory_at(&fixture->directory, "a.yaml"), 0600), 0);
    load(fixture, fixture->directory.path);
    assert_int_equal(fixture->problems.count, 1);
    assert_true(fixture->set.incomplete);
}

static void test_standard_input(void **state)
{
    struct fixture *fixture = *state;
    int kept = dup(STDIN_FILENO);
    int ends[2];
    const char *text = node_text("n");

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    load(fixture, "-");
    close(ends[0]);
    if (kept >= 0) {
        dup2(kept, STDIN_FILENO);
        close(kept);
    }
    assert_int_equal(count_nodes(fixture), 1);
    assert_false(fixture->set.incomplete);
    assert_string_equal(fixture->set.lists[OBJECT_NODE].items[0]->file, "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_directory_without_its_subdirectories, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_state_directory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_and_the_later_duplicate, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_missing_makes_incomplete, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_empty_file_is_noted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_broken_file_leaves_the_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_a_broken_service_holds_is_kept_aside, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_fifo_does_not_block, setup, teardown),
        cmocka_unit_test_setup_teardown(test_standard_input, setup, teardown),
    };

    return cmocka_run_group_tests_name("sources-load", tests, NULL, NULL);
}
