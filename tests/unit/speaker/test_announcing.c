/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "speaker/ownership/announcing.h"

struct record {
    char text[512];
    const char *failing; /* changes of this address fail */
    const char *taken;   /* this address belongs to another node */
};

static struct mlb_address parse(const char *text)
{
    struct mlb_address address;

    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    return address;
}

static int record_change(void *context, enum announcing_change change,
                         const struct wanted_address *wanted)
{
    static const char signs[] = {'+', '~', '-', '.'};
    struct record *record = context;
    size_t used = strlen(record->text);
    char address[MLB_ADDRESS_TEXT_SIZE];

    mlb_address_format(&wanted->address, address, sizeof(address), NULL);
    snprintf(record->text + used, sizeof(record->text) - used, "%c%s ", signs[change], address);
    return record->failing != NULL && strcmp(record->failing, address) == 0 ? -EIO : 0;
}

static bool is_taken(void *context, const struct mlb_address *address)
{
    const struct record *record = context;
    char text[MLB_ADDRESS_TEXT_SIZE];

    mlb_address_format(address, text, sizeof(text), NULL);
    return record->taken != NULL && strcmp(record->taken, text) == 0;
}

/* Wants a list such as "192.0.2.1 !192.0.2.2@eth0,eth1", ! for silent, and returns the changes. */
static const char *want(struct announcing *announcing, struct record *record, bool keep,
                        const char *list)
{
    struct wanted_address wanted[8] = {0};
    const char *names[8][4];
    char copy[256];
    char *rest = NULL;
    size_t count = 0;

    snprintf(copy, sizeof(copy), "%s", list);
    for (char *item = strtok_r(copy, " ", &rest); item != NULL; item = strtok_r(NULL, " ", &rest)) {
        char *more = NULL;
        char *address = strtok_r(item, "@", &more);

        wanted[count].silent = address[0] == '!';
        wanted[count].address = parse(address + (address[0] == '!' ? 1 : 0));
        wanted[count].interfaces = names[count];
        for (char *name = strtok_r(NULL, ",", &more); name != NULL;
             name = strtok_r(NULL, ",", &more))
            names[count][wanted[count].interface_count++] = name;
        count++;
    }
    record->text[0] = '\0';
    assert_int_equal(
        announcing_set(announcing, wanted, count, keep, is_taken, record_change, record), 0);
    return record->text;
}

static void test_only_differences(void **state)
{
    struct announcing announcing = {0};
    struct record record = {0};

    (void)state;
    assert_string_equal(want(&announcing, &record, false, "192.0.2.2 192.0.2.4 2001:db8::1"),
                        "+192.0.2.2 +192.0.2.4 +2001:db8::1 ");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.2 192.0.2.4 2001:db8::1"), "");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 192.0.2.4 192.0.2.5"),
                        "-192.0.2.2 -2001:db8::1 +192.0.2.1 +192.0.2.5 ");
    assert_int_equal(announcing.count, 3);
    assert_string_equal(want(&announcing, &record, false, ""), "-192.0.2.1 -192.0.2.4 -192.0.2.5 ");
    assert_int_equal(announcing.count, 0);
    announcing_clear(&announcing);
}

static void test_interfaces(void **state)
{
    struct announcing announcing = {0};
    struct record record = {0};

    (void)state;
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1@eth0"), "+192.0.2.1 ");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1@eth0"), "");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1@eth0,eth1"), "~192.0.2.1 ");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1"), "~192.0.2.1 ");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1"), "");
    announcing_clear(&announcing);
}

static void test_what_failed_is_tried_again(void **state)
{
    struct announcing announcing = {0};
    struct record record = {.failing = "192.0.2.1"};

    (void)state;
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 192.0.2.2"),
                        "+192.0.2.1 +192.0.2.2 ");
    assert_int_equal(announcing.count, 1);
    record.failing = NULL;
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 192.0.2.2"), "+192.0.2.1 ");
    record.failing = "192.0.2.2";
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 192.0.2.2@eth0"),
                        "~192.0.2.2 ");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1"), "-192.0.2.2 ");
    assert_int_equal(announcing.count, 2);
    record.failing = NULL;
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 192.0.2.2@eth0"),
                        "~192.0.2.2 ");
    announcing_clear(&announcing);
}

static void test_incomplete_objects_take_nothing_away(void **state)
{
    struct announcing announcing = {0};
    struct record record = {.taken = "192.0.2.2"};

    (void)state;
    want(&announcing, &record, false, "192.0.2.1 192.0.2.2 192.0.2.3");
    assert_string_equal(want(&announcing, &record, true, "192.0.2.3 192.0.2.4"),
                        "-192.0.2.2 +192.0.2.4 ");
    assert_int_equal(announcing.count, 3);
    record.text[0] = '\0';
    announcing_stop_all(&announcing, record_change, &record);
    assert_string_equal(record.text, "-192.0.2.1 -192.0.2.3 -192.0.2.4 ");
    assert_int_equal(announcing.count, 0);
}

static void test_silence_of_one(void **state)
{
    struct announcing announcing = {0};
    struct record record = {0};
    struct mlb_address address = parse("192.0.2.2");

    (void)state;
    want(&announcing, &record, false, "192.0.2.1 192.0.2.2@eth0");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 !192.0.2.2@eth0"),
                        ".192.0.2.2 ");
    assert_false(announcing_has(&announcing, &address));
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 !192.0.2.2@eth0"), "");
    /* It starts as what it is by then. */
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 192.0.2.2@eth1"),
                        "+192.0.2.2 ");
    assert_true(announcing_has(&announcing, &address));
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 192.0.2.2@eth1"), "");
    /* One that is not announced does not begin to be. */
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1 192.0.2.2@eth1 !192.0.2.3"),
                        "");
    assert_int_equal(announcing.count, 2);
    assert_string_equal(want(&announcing, &record, false, "!192.0.2.1"), "-192.0.2.2 .192.0.2.1 ");
    assert_string_equal(want(&announcing, &record, false, ""), "-192.0.2.1 ");
    announcing_clear(&announcing);
}

static void test_silence_of_all(void **state)
{
    struct announcing announcing = {0};
    struct record record = {0};
    struct mlb_address address = parse("192.0.2.2");

    (void)state;
    want(&announcing, &record, false, "192.0.2.1 192.0.2.2 192.0.2.3@eth0");
    record.text[0] = '\0';
    announcing_silence(&announcing, &address, record_change, &record);
    assert_string_equal(record.text, ".192.0.2.2 ");
    announcing_silence(&announcing, NULL, record_change, &record);
    assert_string_equal(record.text, ".192.0.2.2 .192.0.2.1 .192.0.2.3 ");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.2"),
                        "-192.0.2.1 -192.0.2.3 +192.0.2.2 ");
    announcing_clear(&announcing);
}

/* What is not given up though nothing wants it any more starts again too, and fails as well. */
static void test_silence_of_what_is_kept(void **state)
{
    struct announcing announcing = {0};
    struct record record = {0};

    (void)state;
    want(&announcing, &record, false, "192.0.2.1@eth0,eth1 192.0.2.2");
    announcing_silence(&announcing, NULL, record_change, &record);
    record.failing = "192.0.2.1";
    assert_string_equal(want(&announcing, &record, true, ""), "+192.0.2.1 +192.0.2.2 ");
    record.failing = NULL;
    assert_string_equal(want(&announcing, &record, true, ""), "+192.0.2.1 ");
    assert_string_equal(want(&announcing, &record, true, ""), "");
    assert_string_equal(want(&announcing, &record, false, "192.0.2.1@eth0,eth1 192.0.2.2"), "");
    announcing_clear(&announcing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_differences),
        cmocka_unit_test(test_silence_of_one),
        cmocka_unit_test(test_silence_of_all),
        cmocka_unit_test(test_silence_of_what_is_kept),
        cmocka_unit_test(test_interfaces),
        cmocka_unit_test(test_what_failed_is_tried_again),
        cmocka_unit_test(test_incomplete_objects_take_nothing_away),
    };

    return cmocka_run_group_tests_name("announcing", tests, NULL, NULL);
}
