/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/error.h>

#include "base/deadline_heap.h"

#define DEADLINES 300

static void test_empty(void **state)
{
    struct deadline_heap heap;
    struct deadline deadline;

    (void)state;
    deadline_heap_init(&heap);
    deadline_init(&deadline);
    assert_null(deadline_heap_first(&heap));
    deadline_heap_set(&heap, &deadline, DEADLINE_NEVER);
    assert_null(deadline_heap_first(&heap));
    deadline_heap_free(&heap);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static uint64_t earliest(const struct deadline *deadlines)
{
    uint64_t time = DEADLINE_NEVER;

    for (size_t i = 0; i < DEADLINES; i++)
        if (deadlines[i].time < time)
            time = deadlines[i].time;
    return time;
}

/* Random changes against a linear search. */
static void test_first_is_the_earliest(void **state)
{
    struct deadline deadlines[DEADLINES];
    struct deadline_heap heap;
    uint64_t seed = 42;

    (void)state;
    deadline_heap_init(&heap);
    assert_int_equal(deadline_heap_reserve(&heap, DEADLINES), MLB_OK);
    for (size_t i = 0; i < DEADLINES; i++)
        deadline_init(&deadlines[i]);
    for (size_t i = 0; i < 20000; i++) {
        struct deadline *deadline = &deadlines[next_random(&seed) % DEADLINES];
        uint64_t time = next_random(&seed) % 1000;
        const struct deadline *first = NULL;

        deadline_heap_set(&heap, deadline, time < 300 ? DEADLINE_NEVER : time);
        first = deadline_heap_first(&heap);
        assert_int_equal(first ? first->time : DEADLINE_NEVER, earliest(deadlines));
    }
    deadline_heap_free(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_first_is_the_earliest),
    };

    return cmocka_run_group_tests_name("deadline heap", tests, NULL, NULL);
}
