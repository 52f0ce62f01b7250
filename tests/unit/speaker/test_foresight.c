/* SPDX-License-Identifier: MIT */
/* What a claim on the wire shows of its sender's rank. */
#include "../reconcile/fixture.h"

#include "common/clock.h"
#include "speaker/ownership/foresight.h"

/* By the digests alone b, a, c rank in this order for 192.0.2.7. */
#define OBJECTS                                                                \
    LAN NODE("a") NODE("b") NODE("c") HELD("name: web", "", "{ip: 192.0.2.7}") \
        ENDPOINTS("web", ON("a") ", " ON("b") ", " ON("c"))

static const struct mlb_address held = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 7}};
static const struct mlb_address other = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 6}};

static void test_who_would_own_it(void **state)
{
    struct announcement_options rules = {.node_name = "a"};
    struct node_facts starting = {0};
    struct live_node live[] = {{.name = "a"}, {.name = "b", .facts = &starting}, {.name = "c"}};
    struct object_set objects;
    struct announcement_input input = {.objects = &objects, .live = live, .live_count = 3};
    struct foresight foresight = {0};
    uint64_t now = 100 * NANOSECONDS;

    (void)state;
    objects_read(OBJECTS, &objects);
    /* What it says of itself does not count: it answers. */
    assert_int_equal(foresight_ask(&foresight, &rules, &input, "b", &held, now), FORESEEN_OWNER);
    assert_int_equal(foresight_ask(&foresight, &rules, &input, "b", &other, now), FORESEEN_OTHER);
    /* Another member, a moment later. */
    assert_int_equal(foresight_ask(&foresight, &rules, &input, "c", &held, now), FORESEEN_NOTHING);
    now += NANOSECONDS;
    assert_int_equal(foresight_ask(&foresight, &rules, &input, "c", &held, now), FORESEEN_OTHER);
    /* One that is not in the list at all. */
    input.live_count = 1;
    now += NANOSECONDS;
    foresight_forget(&foresight);
    assert_int_equal(foresight_ask(&foresight, &rules, &input, "b", &held, now), FORESEEN_OWNER);
    /* What changed makes it old, and the next is not held at once. */
    foresight_forget(&foresight);
    assert_int_equal(foresight_ask(&foresight, &rules, &input, "b", &held, now + 1),
                     FORESEEN_NOTHING);
    now += NANOSECONDS;
    assert_int_equal(foresight_ask(&foresight, &rules, &input, "x", &held, now), FORESEEN_OTHER);
    foresight_clear(&foresight);
    foresight_clear(&foresight);
    object_set_clear(&objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_would_own_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
