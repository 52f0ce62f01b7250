/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "speaker/delivery/interface_settings.h"

struct fixture {
    char root[64];
    struct log log;
    struct reports reports;
    struct interface_settings *settings;
};

static void path_of(const struct fixture *fixture, const char *interface, const char *name,
                    char *path, size_t size)
{
    snprintf(path, size, "%s/%s/%s", fixture->root, interface, name);
}

static void write_value(const struct fixture *fixture, const char *interface, const char *name,
                        int value)
{
    char path[256];
    FILE *file;

    path_of(fixture, interface, name, path, sizeof(path));
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%d\n", value);
    fclose(file);
}

static int value_of(const struct fixture *fixture, const char *interface, const char *name)
{
    char path[256];
    char text[16] = "";
    FILE *file;

    path_of(fixture, interface, name, path, sizeof(path));
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    return (int)strtol(text, NULL, 10);
}

static void make_interface(const struct fixture *fixture, const char *name, int ignore,
                           int announce)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", fixture->root, name);
    assert_int_equal(mkdir(path, 0700), 0);
    write_value(fixture, name, "arp_ignore", ignore);
    write_value(fixture, name, "arp_announce", announce);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    snprintf(fixture->root, sizeof(fixture->root), "/tmp/metallb-settings-XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    fixture->log = (struct log){.fd = STDERR_FILENO, .level = LOG_LEVEL_NONE};
    reports_init(&fixture->reports, &fixture->log);
    fixture->settings = interface_settings_new(fixture->root, &fixture->log, &fixture->reports);
    assert_non_null(fixture->settings);
    make_interface(fixture, "all", 0, 0);
    make_interface(fixture, "eth0", 0, 1);
    make_interface(fixture, "eth1", 2, 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"all", "eth0", "eth1", "lan0"};
    struct fixture *fixture = *state;
    char path[256];

    interface_settings_free(fixture->settings);
    reports_free(&fixture->reports);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        path_of(fixture, names[i], "arp_ignore", path, sizeof(path));
        unlink(path);
        path_of(fixture, names[i], "arp_announce", path, sizeof(path));
        unlink(path);
        path_of(fixture, names[i], "", path, sizeof(path));
        rmdir(path);
    }
    assert_int_equal(rmdir(fixture->root), 0);
    free(fixture);
    return 0;
}

static const struct used_interface both[] = {{1, "eth0"}, {2, "eth1"}};

static void test_set_and_put_back(void **state)
{
    struct fixture *fixture = *state;

    interface_settings_use(fixture->settings, both, 2);
    assert_int_equal(value_of(fixture, "eth0", "arp_ignore"), 1);
    assert_int_equal(value_of(fixture, "eth0", "arp_announce"), 2);
    assert_int_equal(value_of(fixture, "eth1", "arp_ignore"), 2);
    assert_int_equal(value_of(fixture, "eth1", "arp_announce"), 2);

    interface_settings_use(fixture->settings, both, 1);
    assert_int_equal(value_of(fixture, "eth0", "arp_ignore"), 1);
    assert_int_equal(value_of(fixture, "eth1", "arp_ignore"), 2);
    assert_int_equal(value_of(fixture, "eth1", "arp_announce"), 0);

    interface_settings_free(fixture->settings);
    fixture->settings = NULL;
    assert_int_equal(value_of(fixture, "eth0", "arp_ignore"), 0);
    assert_int_equal(value_of(fixture, "eth0", "arp_announce"), 1);
}

static void test_larger_of_all_and_interface(void **state)
{
    struct fixture *fixture = *state;

    write_value(fixture, "all", "arp_ignore", 1);
    interface_settings_use(fixture->settings, both, 1);
    assert_int_equal(value_of(fixture, "eth0", "arp_ignore"), 0);
    assert_int_equal(value_of(fixture, "eth0", "arp_announce"), 2);
}

static void test_what_others_wrote_since_is_theirs(void **state)
{
    struct fixture *fixture = *state;

    interface_settings_use(fixture->settings, both, 1);
    write_value(fixture, "eth0", "arp_ignore", 8);
    interface_settings_use(fixture->settings, NULL, 0);
    assert_int_equal(value_of(fixture, "eth0", "arp_ignore"), 8);
    assert_int_equal(value_of(fixture, "eth0", "arp_announce"), 1);
}

static void test_renamed_interface_gets_its_own_back(void **state)
{
    static const struct used_interface renamed[] = {{1, "lan0"}};
    struct fixture *fixture = *state;
    char from[256];
    char to[256];

    interface_settings_use(fixture->settings, both, 1);
    path_of(fixture, "eth0", "", from, sizeof(from));
    path_of(fixture, "lan0", "", to, sizeof(to));
    assert_int_equal(rename(from, to), 0);
    interface_settings_use(fixture->settings, renamed, 1);
    interface_settings_use(fixture->settings, NULL, 0);
    assert_int_equal(value_of(fixture, "lan0", "arp_ignore"), 0);
    assert_int_equal(value_of(fixture, "lan0", "arp_announce"), 1);
}

static void test_failure_is_reported_while_it_lasts(void **state)
{
    static const struct used_interface missing[] = {{3, "lan0"}};
    struct fixture *fixture = *state;

    assert_false(interface_settings_use(fixture->settings, missing, 1));
    assert_int_equal(fixture->reports.count, 0);
    assert_false(interface_settings_use(fixture->settings, missing, 1));
    assert_int_equal(fixture->reports.count, 2);
    assert_non_null(strstr(fixture->reports.items[0].message, "lan0/arp_announce cannot be set"));
    make_interface(fixture, "lan0", 0, 0);
    assert_true(interface_settings_use(fixture->settings, missing, 1));
    assert_int_equal(fixture->reports.count, 0);
    assert_int_equal(value_of(fixture, "lan0", "arp_ignore"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_set_and_put_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_larger_of_all_and_interface, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_others_wrote_since_is_theirs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_renamed_interface_gets_its_own_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failure_is_reported_while_it_lasts, setup, teardown),
    };

    return cmocka_run_group_tests_name("interface-settings", tests, NULL, NULL);
}
