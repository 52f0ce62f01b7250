/* SPDX-License-Identifier: MIT */
/* The linker lets this program refuse memory at any one allocation: what fails leaves what was
 * there, and works when it is tried again. */
#include "../reconcile/fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../memory/wrapped.h"
#include "common/clock.h"
#include "speaker/group/peers.h"
#include "speaker/group/seeds.h"
#include "speaker/ownership/announcing.h"
#include "speaker/ownership/foresight.h"
#include "speaker/ownership/rivals.h"

#define NO_FAILURE    (-1)
#define MANY_FAILURES 500

static long allowance = NO_FAILURE;

/* The one whose turn it is fails, each later one works. */
int may_allocate(void)
{
    return allowance < 0 || allowance-- != 0;
}

/* Does something with one allocation after the other refused, until none is left to refuse; each
 * attempt tells whether it got what it wanted. */
static void refuse_each(bool (*attempt)(void), long at_least)
{
    long failures = 0;
    bool refused = true;

    for (; refused; failures++) {
        allowance = failures;
        (void)attempt();
        refused = allowance < 0;
        allowance = NO_FAILURE;
        assert_in_range(failures, 0, MANY_FAILURES);
    }
    assert_in_range(failures - 1, at_least, MANY_FAILURES);
}

static const struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 7}};

static bool update_peers(void)
{
    struct peers peers = {0};
    struct mlb_member member = {.struct_size = sizeof(member), .name = "b"};
    struct node_facts facts = {.ready = true, .addresses = &address, .address_count = 1};
    uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
    struct live_node *live = NULL;
    size_t count = 0;
    size_t length = node_facts_write(&facts, bytes);
    int first = peers_update(&peers, &member, bytes, length, true, 0);
    int second = peers_update(&peers, &member, bytes, length, false, 0);
    int listed = peers_live(&peers, NULL, &live, &count);

    assert_true(first > 0 || first == -ENOMEM);
    if (first > 0 || second > 0) {
        assert_int_equal(peers.count, 1);
        assert_int_equal(peers.items[0].facts_state, PEER_FACTS_READ);
        /* What it claims is never lost. */
        assert_true(peers.any_claim || peers.claim_count == 1);
    }
    assert_int_equal(listed == 0 ? count : 0, listed == 0 ? peers.count : 0);
    free(live);
    peers_clear(&peers);
    return first > 0 && second > 0 && listed == 0;
}

static void test_peers(void **state)
{
    (void)state;
    refuse_each(update_peers, 4);
}

static bool read_seeds(void)
{
    struct seeds seeds = {0};
    int result = seeds_read("a,b", &seeds);

    assert_int_equal(seeds.count, result == 0 ? 2 : 0);
    seeds_clear(&seeds);
    return result == 0;
}

static void test_seeds(void **state)
{
    (void)state;
    refuse_each(read_seeds, 2);
}

static int accept_change(void *context, enum announcing_change change,
                         const struct wanted_address *wanted)
{
    (void)context;
    (void)change;
    (void)wanted;
    return 0;
}

static bool belongs_to_nobody(void *context, const struct mlb_address *one)
{
    (void)context;
    (void)one;
    return false;
}

/* One that is silent and kept goes on when there is memory again. */
static bool announce(void)
{
    const char *names[] = {"eth0", "eth1"};
    struct wanted_address wanted = {.address = address, .interfaces = names, .interface_count = 2};
    struct announcing announcing = {0};
    int first =
        announcing_set(&announcing, &wanted, 1, false, belongs_to_nobody, accept_change, NULL);
    int second;

    announcing_silence(&announcing, NULL, accept_change, NULL);
    second = announcing_set(&announcing, NULL, 0, true, belongs_to_nobody, accept_change, NULL);
    assert_int_equal(announcing.count, first == 0 ? 1 : 0);
    allowance = NO_FAILURE;
    assert_int_equal(
        announcing_set(&announcing, NULL, 0, true, belongs_to_nobody, accept_change, NULL), 0);
    assert_int_equal(announcing_has(&announcing, &address), first == 0);
    announcing_clear(&announcing);
    return first == 0 && second == 0;
}

static void test_announcing(void **state)
{
    long failures = 0;

    (void)state;
    /* The attempt ends the refusals itself, so that each is looked at by its result. */
    for (bool whole = false; !whole; failures++) {
        allowance = failures;
        whole = announce();
        allowance = NO_FAILURE;
        assert_in_range(failures, 0, MANY_FAILURES);
    }
    assert_in_range(failures, 4, MANY_FAILURES);
}

static bool yield(void)
{
    static const uint8_t holder[MLB_HARDWARE_ADDRESS_SIZE] = {2};
    struct rivals rivals = {0};
    bool acted = rivals_may_act(&rivals, &address, 1);
    int yielded = rivals_yield(&rivals, &address, holder, 1);

    assert_int_equal(rivals_has(&rivals, &address), yielded == 0);
    rivals_clear(&rivals);
    return acted && yielded == 0;
}

static void test_rivals(void **state)
{
    (void)state;
    refuse_each(yield, 1);
}

static struct object_set objects;

static bool foresee(void)
{
    static struct live_node live[] = {{.name = "a"}, {.name = "c"}};
    struct announcement_options rules = {.node_name = "a"};
    struct announcement_input input = {.objects = &objects, .live = live, .live_count = 2};
    struct foresight foresight = {0};
    enum foreseen foreseen = foresight_ask(&foresight, &rules, &input, "b", &address, NANOSECONDS);

    assert_true(foreseen == FORESEEN_NOTHING || foreseen == FORESEEN_OWNER);
    foresight_clear(&foresight);
    return foreseen == FORESEEN_OWNER;
}

static void test_foresight(void **state)
{
    (void)state;
    objects_read(LAN NODE("a") NODE("b") NODE("c") HELD("name: web", "", "{ip: 192.0.2.7}")
                     ENDPOINTS("web", ON("a") ", " ON("b") ", " ON("c")),
                 &objects);
    refuse_each(foresee, 5);
    object_set_clear(&objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peers),      cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_announcing), cmocka_unit_test(test_rivals),
        cmocka_unit_test(test_foresight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
