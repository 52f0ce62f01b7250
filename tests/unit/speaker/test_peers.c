/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "speaker/group/peers.h"

#define RUN    7
#define DIGEST 99

static const struct node_facts_interface eth0[] = {{"eth0", {2, 0, 0, 0, 0, 1}}};
static const struct node_facts_interface eth1[] = {{"eth1", {2, 0, 0, 0, 0, 2}}};

static struct node_facts usual(void)
{
    return (struct node_facts){
        .ready = true, .run = RUN, .digest = DIGEST, .interfaces = eth0, .interface_count = 1};
}

static struct mlb_member member(const char *name, uint32_t state, bool publishes)
{
    struct mlb_member made = {.struct_size = sizeof(made), .state = state};

    snprintf(made.name, sizeof(made.name), "%s", name);
    if (publishes) {
        node_facts_meta_write(RUN, made.meta);
        made.meta_length = NODE_FACTS_META_SIZE;
    }
    return made;
}

static int update(struct peers *peers, const char *name, uint32_t state,
                  const struct node_facts *facts, bool joined, uint64_t now)
{
    struct mlb_member made = member(name, state, true);
    uint8_t bytes[MLB_MEMBERSHIP_FACTS_MAX];
    size_t length = facts == NULL ? 0 : node_facts_write(facts, bytes);

    return peers_update(peers, &made, facts == NULL ? NULL : bytes, length, joined, now);
}

#define BOTH   (int)(PEERS_SHOWN | PEERS_ELECTION)
#define AGREED (BOTH | (int)PEERS_AGREED)

static void test_what_the_election_asks_for(void **state)
{
    struct peers peers = {.digest = DIGEST};
    struct node_facts facts = usual();
    struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};

    (void)state;
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, NULL, true, 0), BOTH);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, NULL, false, 0), PEERS_SHOWN);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), AGREED);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), PEERS_SHOWN);
    /* A suspected one still counts. */
    assert_int_equal(update(&peers, "b", MLB_MEMBER_SUSPECT, &facts, false, 0), PEERS_SHOWN);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_FAILED, &facts, false, 0), AGREED);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_LEFT, &facts, false, 0), PEERS_SHOWN);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, true, 0), AGREED);
    facts.digest++;
    facts.addresses = &address;
    facts.address_count = 1;
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), PEERS_SHOWN);
    facts.draining = true;
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), BOTH);
    facts.ready = false;
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), BOTH);
    facts.interfaces = eth1;
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), BOTH);
    facts.interface_count = 0;
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), BOTH);
    assert_int_equal(peers_remove(&peers, "c"), PEERS_NOTHING);
    assert_int_equal(peers_remove(&peers, "b"), BOTH);
    assert_int_equal(peers.count, 0);
    peers_clear(&peers);
}

static void test_who_lives(void **state)
{
    struct peers peers = {0};
    struct node_facts facts = usual();
    struct live_node self = {.name = "a"};
    struct live_node *live = NULL;
    size_t count = 0;
    struct mlb_member own = member("a", MLB_MEMBER_ALIVE, true);
    struct mlb_member other_kind = member("e", MLB_MEMBER_ALIVE, false);
    struct mlb_member odd = member("", MLB_MEMBER_ALIVE, false);

    (void)state;
    own.is_self = 1;
    update(&peers, "d", MLB_MEMBER_ALIVE, &facts, true, 0);
    update(&peers, "b", MLB_MEMBER_FAILED, &facts, true, 0);
    update(&peers, "c", MLB_MEMBER_SUSPECT, NULL, true, 0);
    assert_int_equal(peers_update(&peers, &own, NULL, 0, true, 0), BOTH);
    assert_int_equal(peers_update(&peers, &other_kind, NULL, 0, true, 0), AGREED);
    memset(odd.name, 'x', MLB_MEMBER_NAME_MAX);
    assert_int_equal(peers_update(&peers, &odd, NULL, 0, true, 0), AGREED);
    assert_int_equal(peers_others(&peers), 4);
    assert_int_equal(peers_live(&peers, NULL, &live, &count), 0);
    assert_int_equal(count, 3);
    assert_string_equal(live[0].name, "c");
    assert_true(live[0].waiting && live[0].facts == NULL);
    assert_string_equal(live[1].name, "d");
    assert_true(!live[1].waiting && live[1].facts->ready);
    assert_string_equal(live[2].name, "e");
    assert_true(!live[2].waiting && live[2].facts == NULL);
    free(live);
    assert_int_equal(peers_live(&peers, &self, &live, &count), 0);
    assert_int_equal(count, 4);
    assert_string_equal(live[3].name, "a");
    free(live);
    assert_string_equal(peers_find_hardware(&peers, eth0[0].hardware_address)->name, "b");
    /* The membership keeps what a failed one said to itself; whose address it was stays known. */
    update(&peers, "b", MLB_MEMBER_FAILED, NULL, false, 0);
    assert_string_equal(peers_find_hardware(&peers, eth0[0].hardware_address)->name, "b");
    assert_int_equal(peers.items[1].facts_state, PEER_FACTS_AWAITED);
    assert_null(peers_find_hardware(&peers, eth1[0].hardware_address));
    assert_null(peers_find(&peers, "x"));
    peers_clear(&peers);
}

static void test_facts_of_a_former_run_and_broken_ones(void **state)
{
    struct peers peers = {0};
    struct node_facts facts = usual();
    struct mlb_member broken = member("b", MLB_MEMBER_ALIVE, true);

    (void)state;
    facts.run = RUN + 1;
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, true, 0);
    assert_int_equal(peers.count, 1);
    assert_int_equal(peers.items[0].facts_state, PEER_FACTS_AWAITED);
    assert_int_equal(peers_update(&peers, &broken, (const uint8_t *)"MLF\x02", 4, false, 0),
                     AGREED);
    assert_int_equal(peers.items[0].facts_state, PEER_FACTS_UNKNOWN);
    assert_int_equal(peers_update(&peers, &broken, (const uint8_t *)"MLF\x01", 4, false, 0), BOTH);
    assert_int_equal(peers.items[0].facts_state, PEER_FACTS_BROKEN);
    peers_clear(&peers);
}

static void expect_claims(struct peers *peers, size_t count)
{
    assert_int_equal(peers->claim_count, count);
    peers_forget_claims(peers);
}

/* Whom something was left to takes it only with its facts, or is gone. */
static void test_who_agrees(void **state)
{
    struct peers peers = {0};
    struct node_facts facts = usual();
    struct mlb_member other_kind = member("e", MLB_MEMBER_ALIVE, false);

    (void)state;
    assert_int_equal(peers_update(&peers, &other_kind, NULL, 0, true, 0), AGREED);
    facts.run = RUN + 1;
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, true, 0), BOTH);
    assert_false(peers_find(&peers, "b")->agreed);
    assert_true(peers_find(&peers, "e")->agreed);
    peers_forget_agreed(&peers);
    facts.run = RUN;
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), AGREED);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_SUSPECT, &facts, false, 0), PEERS_SHOWN);
    assert_true(peers_find(&peers, "b")->agreed);
    assert_false(peers_find(&peers, "e")->agreed);
    peers_forget_agreed(&peers);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_FAILED, NULL, false, 0), AGREED);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, NULL, true, 0), BOTH);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0), AGREED);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_FAILED, NULL, false, 0), AGREED);
    assert_int_equal(update(&peers, "b", MLB_MEMBER_ALIVE, &facts, true, 0), AGREED);
    peers_clear(&peers);
}

static void test_claims(void **state)
{
    struct mlb_address addresses[] = {{.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}},
                                      {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 2}}};
    struct peers peers = {0};
    struct node_facts facts = usual();
    static struct mlb_address many[1100];

    (void)state;
    facts.addresses = addresses;
    facts.address_count = 1;
    facts.ready = false;
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, true, 0);
    assert_false(peers.any_claim);
    expect_claims(&peers, 1);
    facts.ready = true;
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0);
    assert_false(peers.any_claim);
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0);
    expect_claims(&peers, 0);
    facts.address_count = 2;
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0);
    assert_memory_equal(&peers.claims[0], &addresses[1], sizeof(addresses[1]));
    expect_claims(&peers, 1);
    /* What a failed one held is no claim; when it comes back it all is one. */
    update(&peers, "b", MLB_MEMBER_FAILED, &facts, false, 0);
    expect_claims(&peers, 0);
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, true, 0);
    assert_true(peers.any_claim);
    expect_claims(&peers, 2);
    /* More than fit: any address may be among them. */
    for (size_t i = 0; i < 1100; i++)
        many[i] = (struct mlb_address){.family = MLB_FAMILY_IPV4,
                                       .bytes = {10, 0, (uint8_t)(i >> 8), (uint8_t)i}};
    facts.addresses = many;
    facts.address_count = 1100;
    assert_false(peers.any_claim);
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0);
    assert_true(peers.any_claim);
    peers_forget_claims(&peers);
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 0);
    assert_false(peers.any_claim);
    peers_clear(&peers);
}

static void test_configurations_that_differ(void **state)
{
    struct peers peers = {.digest = DIGEST};
    struct node_facts facts = usual();
    bool changed = false;

    (void)state;
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, true, 0);
    assert_true(peers_compare(&peers, 0, &changed) == CLOCK_NEVER);
    peers_set_digest(&peers, DIGEST + 1, 5 * NANOSECONDS);
    assert_true(peers_compare(&peers, 6 * NANOSECONDS, &changed) == 15 * NANOSECONDS);
    assert_false(changed);
    assert_true(peers_compare(&peers, 15 * NANOSECONDS, &changed) == CLOCK_NEVER);
    assert_true(changed);
    assert_true(peers.items[0].differs);
    assert_int_equal(peers.mismatches, 1);
    assert_true(peers_compare(&peers, 16 * NANOSECONDS, &changed) == CLOCK_NEVER);
    assert_false(changed);
    /* Another difference is still one. */
    peers_set_digest(&peers, DIGEST + 2, 17 * NANOSECONDS);
    (void)peers_compare(&peers, 17 * NANOSECONDS, &changed);
    assert_false(changed);
    facts.digest = DIGEST + 2;
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 18 * NANOSECONDS);
    (void)peers_compare(&peers, 18 * NANOSECONDS, &changed);
    assert_true(changed);
    assert_false(peers.items[0].differs);
    assert_int_equal(peers.mismatches, 1);
    /* One that is just starting has not read everything. */
    facts.digest = 0;
    facts.ready = false;
    update(&peers, "b", MLB_MEMBER_ALIVE, &facts, false, 19 * NANOSECONDS);
    assert_true(peers_compare(&peers, 40 * NANOSECONDS, &changed) == CLOCK_NEVER);
    /* Neither has one that failed. */
    facts.ready = true;
    update(&peers, "b", MLB_MEMBER_FAILED, &facts, false, 41 * NANOSECONDS);
    assert_true(peers_compare(&peers, 60 * NANOSECONDS, &changed) == CLOCK_NEVER);
    assert_int_equal(peers.mismatches, 1);
    peers_clear(&peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_election_asks_for),
        cmocka_unit_test(test_who_lives),
        cmocka_unit_test(test_facts_of_a_former_run_and_broken_ones),
        cmocka_unit_test(test_who_agrees),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_configurations_that_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
