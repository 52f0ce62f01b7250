/* SPDX-License-Identifier: MIT */
/* The order in which messages are told, and when they have been told often enough (7.10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>
#include <stdio.h>
#include <string.h>

#include "membership/broadcast_queue.h"

#define MOST 64

static void put(struct broadcast_queue *queue, const char *name, const char *message, uint8_t *told)
{
    assert_int_equal(broadcast_queue_put(queue, hash_bytes(name, strlen(name), 0), name,
                                         (uint8_t)strlen(name), (const uint8_t *)message,
                                         (uint16_t)strlen(message), told),
                     MLB_OK);
}

/* Messages of one packet, each followed by a blank. */
static const char *packet(struct broadcast_queue *queue, size_t room, uint32_t limit)
{
    static char text[4096];
    struct broadcast *picked[MOST];
    const size_t count = broadcast_queue_pick(queue, room, picked, MOST);
    char *at = text;

    *at = '\0';
    for (size_t i = 0; i < count; i++)
        at += sprintf(at, "%.*s ", picked[i]->length, (const char *)picked[i]->bytes);
    broadcast_queue_sent(queue, picked, count, limit);
    return text;
}

static void test_least_told_first(void **state)
{
    struct broadcast_queue queue;

    (void)state;
    assert_int_equal(broadcast_queue_init(&queue), MLB_OK);
    put(&queue, "a", "first", NULL);
    assert_string_equal(packet(&queue, 100, 3), "first ");
    put(&queue, "b", "two", NULL);
    /* Told less often goes before larger, and room for only one takes that one. */
    assert_string_equal(packet(&queue, 7, 3), "two ");
    /* Equally often: the largest first. */
    assert_string_equal(packet(&queue, 100, 3), "first two ");
    assert_string_equal(packet(&queue, 100, 3), "first two ");
    assert_string_equal(packet(&queue, 100, 3), "");
    assert_int_equal(broadcast_queue_count(&queue), 0);
    broadcast_queue_free(&queue);
}

static void test_largest_that_fits(void **state)
{
    struct broadcast_queue queue;

    (void)state;
    assert_int_equal(broadcast_queue_init(&queue), MLB_OK);
    put(&queue, "a", "four", NULL);
    put(&queue, "b", "sixsix", NULL);
    put(&queue, "c", "seven77", NULL);
    put(&queue, "d", "FOUR", NULL);
    /* Each takes two bytes more; six are left for one of four bytes: the newer one. */
    assert_string_equal(packet(&queue, 15, 9), "seven77 FOUR ");
    assert_string_equal(packet(&queue, 5, 9), "");
    assert_string_equal(packet(&queue, 6, 9), "four ");
    /* Told less often comes first, then on with higher counts while there is room. */
    assert_string_equal(packet(&queue, 100, 9), "sixsix seven77 FOUR four ");
    assert_string_equal(packet(&queue, 2, 9), "");
    assert_string_equal(packet(&queue, 0, 9), "");
    broadcast_queue_free(&queue);
}

static void test_one_of_a_name(void **state)
{
    struct broadcast_queue queue;
    uint8_t told[3] = {0};

    (void)state;
    assert_int_equal(broadcast_queue_init(&queue), MLB_OK);
    put(&queue, "a", "old", &told[0]);
    assert_string_equal(packet(&queue, 100, 4), "old ");
    put(&queue, "a", "new", &told[1]);
    put(&queue, "ab", "other", &told[2]);
    assert_int_equal(told[0], 1);
    assert_int_equal(broadcast_queue_count(&queue), 2);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(told[1], 0);
        assert_string_equal(packet(&queue, 100, 4), "other new ");
    }
    assert_int_equal(told[1] + told[2], 2);
    assert_string_equal(packet(&queue, 100, 4), "");
    put(&queue, "a", "left", &told[0]);
    told[0] = 0;
    broadcast_queue_free(&queue);
    assert_int_equal(told[0], 1);
}

static void test_most_of_a_packet(void **state)
{
    struct broadcast_queue queue;
    struct broadcast *picked[MOST];
    size_t count = 0;

    (void)state;
    assert_int_equal(broadcast_queue_init(&queue), MLB_OK);
    for (unsigned i = 0; i < 1000; i++) {
        char name[16];

        snprintf(name, sizeof(name), "n%u", i);
        put(&queue, name, name, NULL);
    }
    assert_int_equal(broadcast_queue_pick(&queue, 100000, picked, MOST), MOST);
    broadcast_queue_sent(&queue, picked, MOST, 1);
    assert_int_equal(broadcast_queue_count(&queue), 1000 - MOST);
    while ((count = broadcast_queue_pick(&queue, 1000, picked, MOST)) > 0)
        broadcast_queue_sent(&queue, picked, count, 1);
    assert_int_equal(broadcast_queue_count(&queue), 0);
    broadcast_queue_free(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least_told_first),
        cmocka_unit_test(test_largest_that_fits),
        cmocka_unit_test(test_one_of_a_name),
        cmocka_unit_test(test_most_of_a_packet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
