/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "speaker/group/followed_file.h"

#define MAXIMUM 32

static char directory[] = "/tmp/followed-XXXXXX";
static char path[64];

static int setup(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/file", directory);
    return 0;
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", directory);
    return system(command);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* expected is a text, or NULL where nothing is to be read. */
static void look(struct followed_file *file, int expected, const char *expected_text)
{
    char *text = NULL;
    size_t length = 0;

    assert_int_equal(followed_file_read(file, MAXIMUM, &text, &length), expected);
    if (expected_text != NULL) {
        assert_string_equal(text, expected_text);
        assert_int_equal(length, strlen(expected_text));
    } else {
        assert_null(text);
    }
    free(text);
}

static void test_a_change_is_read_once_it_stands(void **state)
{
    struct followed_file file;

    (void)state;
    write_file(path, "one");
    followed_file_init(&file, path, NULL);
    look(&file, 1, "one");
    look(&file, 0, NULL);
    write_file(path, "seconds");
    look(&file, 0, NULL);
    look(&file, 1, "seconds");
    look(&file, 0, NULL);
    /* Still being written at the second look. */
    write_file(path, "thi");
    look(&file, 0, NULL);
    write_file(path, "third");
    look(&file, 0, NULL);
    look(&file, 1, "third");
    write_file(path, "");
    look(&file, 0, NULL);
    look(&file, 1, "");
}

static void test_errors(void **state)
{
    struct followed_file file;

    (void)state;
    unlink(path);
    followed_file_init(&file, path, NULL);
    look(&file, -ENOENT, NULL);
    look(&file, -ENOENT, NULL);
    write_file(path, "late");
    look(&file, 1, "late");
    unlink(path);
    look(&file, -ENOENT, NULL);
    write_file(path, "0123456789012345678901234567890123456789");
    look(&file, 0, NULL);
    look(&file, -EFBIG, NULL);
    look(&file, -EFBIG, NULL);
    write_file(path, "01234567890123456789012345678901");
    look(&file, 0, NULL);
    look(&file, 1, "01234567890123456789012345678901");
    followed_file_init(&file, directory, NULL);
    look(&file, -EISDIR, NULL);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    followed_file_init(&file, path, NULL);
    look(&file, -EINVAL, NULL);
    unlink(path);
}

/* As Kubernetes does: the directory of the files is replaced by way of a link. */
static void test_a_directory_behind_a_link(void **state)
{
    char one[64], two[64], data[64], link_[64], name[96];
    struct followed_file file;

    (void)state;
    snprintf(one, sizeof(one), "%s/..1", directory);
    snprintf(two, sizeof(two), "%s/..2", directory);
    snprintf(data, sizeof(data), "%s/..data", directory);
    snprintf(link_, sizeof(link_), "%s/..data_tmp", directory);
    snprintf(name, sizeof(name), "%s/secretkey", directory);
    assert_int_equal(mkdir(one, 0700), 0);
    assert_int_equal(mkdir(two, 0700), 0);
    assert_int_equal(symlink("..1", data), 0);
    assert_int_equal(symlink("..data/secretkey", name), 0);
    followed_file_init(&file, directory, "secretkey");
    look(&file, -ENOENT, NULL);
    snprintf(name, sizeof(name), "%s/secretkey", one);
    write_file(name, "first");
    look(&file, 1, "first");
    snprintf(name, sizeof(name), "%s/secretkey", two);
    write_file(name, "other");
    assert_int_equal(symlink("..2", link_), 0);
    assert_int_equal(rename(link_, data), 0);
    look(&file, 0, NULL);
    look(&file, 1, "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_is_read_once_it_stands),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_a_directory_behind_a_link),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
