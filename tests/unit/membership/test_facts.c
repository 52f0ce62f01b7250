/* SPDX-License-Identifier: MIT */
/* Records of facts: how they travel, when they vanish and come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lab.h"

static void set_text(struct lab *lab, size_t node, const char *text)
{
    assert_int_equal(
        membership_set_facts(lab->nodes[node].core, lab->now, (const uint8_t *)text, strlen(text)),
        MLB_OK);
    lab_drive(lab, node);
}

static const char *wanted;
static size_t origin;

static int known_everywhere(struct lab *lab)
{
    for (size_t i = 0; i < lab->count; i++) {
        const char *facts = lab->nodes[i].core ? lab_facts(lab, i, origin) : wanted;

        if (!facts || strcmp(facts, wanted) != 0)
            return 0;
    }
    return 1;
}

static uint64_t spread(struct lab *lab, size_t node, const char *text, uint64_t limit)
{
    wanted = text;
    origin = node;
    return lab_run_until(lab, known_everywhere, limit);
}

static void test_small(void **state)
{
    struct lab *lab = lab_new(8, MLB_MEMBERSHIP_FAST);

    (void)state;
    lab_start_all(lab);
    lab_run(lab, SEC(2));
    set_text(lab, 3, "first");
    assert_true(spread(lab, 3, "first", SEC(1)) < MS(300));
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(lab_events(lab, i, MLB_MEMBERSHIP_FACTS, 3), i != 3);
    assert_int_equal(lab_member(lab, 0, 3).facts_version, 1);
    assert_int_equal(lab_member(lab, 0, 3).facts_length, 5);
    lab_forget_events(lab);
    /* Equal ones are nothing new. */
    set_text(lab, 3, "first");
    lab_run(lab, SEC(1));
    assert_int_equal(lab_member(lab, 0, 3).facts_version, 1);
    set_text(lab, 3, "second");
    assert_true(spread(lab, 3, "second", SEC(1)) < MS(300));
    assert_int_equal(lab_member(lab, 0, 3).facts_version, 2);
    set_text(lab, 3, "");
    assert_true(spread(lab, 3, "", SEC(1)) < MS(300));
    lab_run(lab, SEC(30));
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_FACTS, 3), 2);
    lab_free(lab);
}

static char large[MLB_MEMBERSHIP_FACTS_MAX + 1];

static void test_large(void **state)
{
    struct lab *lab = lab_new(12, MLB_MEMBERSHIP_FAST);
    uint64_t streams;

    (void)state;
    memset(large, 'x', MLB_MEMBERSHIP_FACTS_MAX);
    lab_start_all(lab);
    lab_run(lab, SEC(1));
    streams = lab_statistics(lab, 3).streams_opened;
    set_text(lab, 3, large);
    assert_true(lab_statistics(lab, 3).streams <= 8);
    assert_true(spread(lab, 3, large, SEC(2)) < MS(100));
    assert_in_range(lab_statistics(lab, 3).streams_opened - streams, 11, 12);
    lab_run(lab, SEC(1));
    assert_int_equal(lab_statistics(lab, 3).streams_failed, 0);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(lab_events(lab, i, MLB_MEMBERSHIP_FACTS, 3), i != 3);
    assert_int_equal(membership_set_facts(lab->nodes[3].core, lab->now, (const uint8_t *)large,
                                          MLB_MEMBERSHIP_FACTS_MAX + 1),
                     MLB_ERROR_INVALID_ARGUMENT);
    lab_free(lab);
}

/* Who comes later learns large facts too, and tells its own. */
static void test_large_of_newcomer(void **state)
{
    struct lab *lab = lab_new(6, MLB_MEMBERSHIP_FAST);

    (void)state;
    memset(large, 'y', MLB_MEMBERSHIP_FACTS_MAX);
    for (size_t i = 0; i < 5; i++)
        lab_start(lab, i, 0);
    lab_run(lab, SEC(1));
    set_text(lab, 2, large);
    lab_run(lab, SEC(1));
    lab_start(lab, 5, 0);
    set_text(lab, 5, large);
    assert_true(spread(lab, 2, large, SEC(3)) < MS(200));
    assert_true(spread(lab, 5, large, SEC(3)) < MS(200));
    lab_free(lab);
}

/* JOINED and FACTS of a newcomer come in one turn. */
static void test_with_join(void **state)
{
    struct lab *lab = lab_new(4, MLB_MEMBERSHIP_FAST);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char text[16];

        lab_start(lab, i, SIZE_MAX);
        snprintf(text, sizeof(text), "of %zu", i);
        set_text(lab, i, text);
        assert_int_equal(
            membership_set_seeds(lab->nodes[i].core, lab->now, &lab->nodes[0].endpoint, 1), MLB_OK);
        lab_run(lab, MS(700));
    }
    lab_run(lab, SEC(2));
    for (size_t a = 0; a < 4; a++) {
        const struct lab_node *node = &lab->nodes[a];

        for (size_t i = 0; i < node->event_count; i++) {
            if (node->events[i].kind != MLB_MEMBERSHIP_JOINED)
                continue;
            for (size_t k = i + 1; k < node->event_count; k++) {
                if (node->events[k].kind == MLB_MEMBERSHIP_FACTS &&
                    strcmp(node->events[k].name, node->events[i].name) == 0)
                    assert_int_equal(node->events[k].time, node->events[i].time);
            }
        }
        assert_int_equal(lab_events(lab, a, MLB_MEMBERSHIP_FACTS, SIZE_MAX), 3);
    }
    lab_free(lab);
}

static int is_failed(struct lab *lab)
{
    return lab_state(lab, 0, 2) == MLB_MEMBER_FAILED;
}

/* Gone with the member; a restart brings its own, whatever the version was before. */
static void test_death_and_restart(void **state)
{
    struct lab *lab = lab_new(3, MLB_MEMBERSHIP_FAST);

    (void)state;
    lab_start_all(lab);
    lab->nodes[2].options.facts_version = 1000;
    lab_start(lab, 2, 0);
    set_text(lab, 2, "before");
    assert_true(spread(lab, 2, "before", SEC(2)) < SEC(1));
    assert_int_equal(lab_member(lab, 0, 2).facts_version, 1000);
    lab_crash(lab, 2);
    assert_true(lab_run_until(lab, is_failed, SEC(3)) < SEC(2));
    assert_null(lab_facts(lab, 0, 2));
    assert_int_equal(lab_member(lab, 0, 2).facts_version, 0);
    lab_run(lab, SEC(1));
    lab_forget_events(lab);
    /* Its clock went back. */
    lab->nodes[2].options.facts_version = 5;
    lab_start(lab, 2, 0);
    set_text(lab, 2, "after");
    assert_true(spread(lab, 2, "after", SEC(2)) < SEC(1));
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_FACTS, 2), 1);
    lab_free(lab);
}

/* A restart so quick that nobody noticed: the old facts are still there, and are overtaken. */
static void test_quick_restart(void **state)
{
    struct lab *lab = lab_new(3, MLB_MEMBERSHIP_FAST);

    (void)state;
    lab_start_all(lab);
    lab->nodes[2].options.facts_version = 1000;
    lab_start(lab, 2, 0);
    set_text(lab, 2, "before");
    assert_true(spread(lab, 2, "before", SEC(2)) < SEC(1));
    lab->nodes[2].options.facts_version = 5;
    lab_start(lab, 2, 0);
    set_text(lab, 2, "after");
    assert_true(spread(lab, 2, "after", SEC(2)) < SEC(1));
    assert_true(lab_member(lab, 0, 2).facts_version > 1000);
    lab_free(lab);
}

static int facts_gone(struct lab *lab)
{
    return lab_facts(lab, 0, 2) == NULL;
}

/* Taken for dead though alive: it refutes and tells its facts again, of the same version. */
static void test_refutation(void **state)
{
    struct lab *lab = lab_new(3, MLB_MEMBERSHIP_FAST);

    (void)state;
    lab_start_all(lab);
    set_text(lab, 2, "mine");
    assert_true(spread(lab, 2, "mine", SEC(2)) < SEC(1));
    lab_cut(lab, 0, 2, 1);
    lab_cut(lab, 1, 2, 1);
    assert_true(lab_run_until(lab, facts_gone, SEC(3)) < SEC(2));
    lab_run(lab, SEC(1));
    lab_forget_events(lab);
    lab_cut(lab, 0, 2, 0);
    lab_cut(lab, 1, 2, 0);
    assert_true(lab_run_until(lab, lab_is_whole, SEC(3)) < SEC(3));
    assert_true(spread(lab, 2, "mine", SEC(1)) < MS(300));
    assert_int_equal(lab_events(lab, 0, MLB_MEMBERSHIP_FACTS, 2), 1);
    assert_int_equal(lab_member(lab, 0, 2).facts_version, 1);
    lab_free(lab);
}

/* Lost gossip is made good by the next full exchange. */
static void test_repair(void **state)
{
    struct lab *lab = lab_new(4, MLB_MEMBERSHIP_FAST);

    (void)state;
    lab_start_all(lab);
    lab_run(lab, SEC(1));
    lab->loss = 1000;
    set_text(lab, 1, "unheard");
    lab_run(lab, MS(60));
    lab->loss = 0;
    assert_true(spread(lab, 1, "unheard", SEC(60)) < SEC(40));
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_large_of_newcomer),
        cmocka_unit_test(test_with_join),
        cmocka_unit_test(test_death_and_restart),
        cmocka_unit_test(test_quick_restart),
        cmocka_unit_test(test_refutation),
        cmocka_unit_test(test_repair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
