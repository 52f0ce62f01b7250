/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "speaker/ownership/wanted.h"

static char eth0[] = "eth0";
static char eth1[] = "eth1";
static char *first_names[] = {eth1, eth0};
static char *second_names[] = {eth0};
static const struct string_list first = {first_names, 2};
static const struct string_list second = {second_names, 1};
static const struct string_list *const lists[] = {&first, &second};

static char namespace_name[] = "default";
static char web_name[] = "web";
static char dns_name[] = "dns";
static const struct service dns = {.object = {.namespace_ = namespace_name, .name = dns_name}};
static const struct service web = {.object = {.namespace_ = namespace_name, .name = web_name}};
static const struct service *const services[] = {&dns, &web};

static struct address_decision decision(const char *text, const char *owner)
{
    struct address_decision made = {.owner = owner, .all_interfaces = true};

    assert_int_equal(mlb_address_parse(text, &made.address, NULL), MLB_OK);
    return made;
}

static void test_only_what_this_node_owns(void **state)
{
    struct address_decision decisions[] = {
        decision("192.0.2.1", "b"),
        decision("192.0.2.2", "a"),
        decision("192.0.2.3", NULL),
        decision("2001:db8::1", "a"),
    };
    struct announcements announcements = {.addresses = decisions, .address_count = 4};
    struct wanted_list wanted;

    (void)state;
    assert_int_equal(wanted_list_make(&announcements, "a", &wanted), 0);
    assert_int_equal(wanted.count, 2);
    assert_true(wanted.has_ipv4);
    assert_ptr_equal(wanted.items[0].origin, &decisions[1]);
    assert_ptr_equal(wanted.items[1].origin, &decisions[3]);
    assert_int_equal(wanted.items[0].interface_count, 0);
    wanted_list_clear(&wanted);

    assert_int_equal(wanted_list_make(&announcements, "c", &wanted), 0);
    assert_int_equal(wanted.count, 0);
    assert_false(wanted.has_ipv4);
    wanted_list_clear(&wanted);
}

static void test_interfaces_are_a_sorted_union(void **state)
{
    struct address_decision one = decision("192.0.2.1", "a");
    struct announcements announcements = {.addresses = &one, .address_count = 1};
    struct wanted_list wanted;
    char *text;

    (void)state;
    one.all_interfaces = false;
    one.interfaces = lists;
    one.interface_list_count = 2;
    assert_int_equal(wanted_list_make(&announcements, "a", &wanted), 0);
    assert_int_equal(wanted.count, 1);
    text = wanted_interfaces(&wanted.items[0]);
    assert_string_equal(text, "eth0, eth1");
    free(text);
    wanted_list_clear(&wanted);

    one.interface_list_count = 0;
    assert_int_equal(wanted_list_make(&announcements, "a", &wanted), 0);
    assert_int_equal(wanted.count, 0);
    wanted_list_clear(&wanted);
}

static void test_texts_for_the_log(void **state)
{
    struct address_decision one = decision("192.0.2.1", "a");
    struct wanted_address everywhere = {.interface_count = 0};
    char *text;

    (void)state;
    one.services = services;
    one.service_count = 2;
    text = decision_services(&one);
    assert_string_equal(text, "default/dns, default/web");
    free(text);
    text = wanted_interfaces(&everywhere);
    assert_string_equal(text, "all interfaces");
    free(text);
}

static void test_find(void **state)
{
    struct address_decision decisions[] = {
        decision("192.0.2.1", "b"),
        decision("192.0.2.9", "a"),
        decision("2001:db8::1", "a"),
    };
    struct announcements announcements = {.addresses = decisions, .address_count = 3};
    struct address_decision missing = decision("192.0.2.5", NULL);

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_ptr_equal(decision_find(&announcements, &decisions[i].address), &decisions[i]);
    assert_null(decision_find(&announcements, &missing.address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_this_node_owns),
        cmocka_unit_test(test_interfaces_are_a_sorted_union),
        cmocka_unit_test(test_texts_for_the_log),
        cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests_name("wanted", tests, NULL, NULL);
}
