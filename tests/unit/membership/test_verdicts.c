/* SPDX-License-Identifier: MIT */
/* What is believed about members: every state with every message, refutation, conflicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer.h"

#define UNKNOWN (-1)
#define ALIVE   MLB_MEMBER_ALIVE
#define SUSPECT MLB_MEMBER_SUSPECT
#define FAILED  MLB_MEMBER_FAILED
#define LEFT    MLB_MEMBER_LEFT

enum message {
    SAY_ALIVE,
    SAY_SUSPECT,
    SAY_DEAD,
    SAY_LEFT,
};

static void say(struct peer *peer, enum message message, uint32_t incarnation)
{
    switch (message) {
    case SAY_ALIVE:
        peer_alive(peer, "other", 2, incarnation);
        break;
    case SAY_SUSPECT:
        peer_suspect(peer, "other", "third", incarnation);
        break;
    case SAY_DEAD:
        peer_dead(peer, "other", "third", incarnation);
        break;
    case SAY_LEFT:
        peer_dead(peer, "other", "other", incarnation);
        break;
    }
}

/* Brings "other" into a state, in incarnation 5. */
static struct peer *in_state(int before)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);

    peer_begin(peer);
    peer->answers = 1;
    if (before != UNKNOWN)
        say(peer, SAY_ALIVE, 5);
    if (before == SUSPECT)
        say(peer, SAY_SUSPECT, 5);
    if (before == FAILED)
        say(peer, SAY_DEAD, 5);
    if (before == LEFT)
        say(peer, SAY_LEFT, 5);
    assert_int_equal(peer_state(peer, "other"), before);
    peer_pass(peer, MS(900));
    peer_forget(peer);
    return peer;
}

struct row {
    int before;
    enum message message;
    uint32_t incarnation;
    int after;
    uint32_t incarnation_after;
    uint32_t event; /* 0: none */
};

/* In incarnation 5, as told; a row for each message that is older, of the same age, newer. */
static const struct row rows[] = {
    {UNKNOWN, SAY_ALIVE, 1, ALIVE, 1, MLB_MEMBERSHIP_JOINED},
    /* 7.1: a new record has incarnation 0, so it is known but stays dead. */
    {UNKNOWN, SAY_ALIVE, 0, FAILED, 0, 0},
    {UNKNOWN, SAY_SUSPECT, 5, UNKNOWN, 0, 0},
    {UNKNOWN, SAY_DEAD, 5, UNKNOWN, 0, 0},
    {UNKNOWN, SAY_LEFT, 5, UNKNOWN, 0, 0},

    {ALIVE, SAY_ALIVE, 4, ALIVE, 5, 0},
    {ALIVE, SAY_ALIVE, 5, ALIVE, 5, 0},
    {ALIVE, SAY_ALIVE, 6, ALIVE, 6, 0},
    {ALIVE, SAY_SUSPECT, 4, ALIVE, 5, 0},
    {ALIVE, SAY_SUSPECT, 5, SUSPECT, 5, MLB_MEMBERSHIP_SUSPECTED},
    {ALIVE, SAY_SUSPECT, 6, SUSPECT, 6, MLB_MEMBERSHIP_SUSPECTED},
    {ALIVE, SAY_DEAD, 4, ALIVE, 5, 0},
    {ALIVE, SAY_DEAD, 5, FAILED, 5, MLB_MEMBERSHIP_FAILED},
    {ALIVE, SAY_DEAD, 6, FAILED, 6, MLB_MEMBERSHIP_FAILED},
    {ALIVE, SAY_LEFT, 4, ALIVE, 5, 0},
    {ALIVE, SAY_LEFT, 5, LEFT, 5, MLB_MEMBERSHIP_LEFT},
    {ALIVE, SAY_LEFT, 6, LEFT, 6, MLB_MEMBERSHIP_LEFT},

    {SUSPECT, SAY_ALIVE, 4, SUSPECT, 5, 0},
    {SUSPECT, SAY_ALIVE, 5, SUSPECT, 5, 0},
    {SUSPECT, SAY_ALIVE, 6, ALIVE, 6, MLB_MEMBERSHIP_TRUSTED},
    {SUSPECT, SAY_SUSPECT, 4, SUSPECT, 5, 0},
    {SUSPECT, SAY_SUSPECT, 5, SUSPECT, 5, 0},
    /* 7.3.2: a running suspicion keeps its incarnation. */
    {SUSPECT, SAY_SUSPECT, 6, SUSPECT, 5, 0},
    {SUSPECT, SAY_DEAD, 4, SUSPECT, 5, 0},
    {SUSPECT, SAY_DEAD, 5, FAILED, 5, MLB_MEMBERSHIP_FAILED},
    {SUSPECT, SAY_DEAD, 6, FAILED, 6, MLB_MEMBERSHIP_FAILED},
    {SUSPECT, SAY_LEFT, 4, SUSPECT, 5, 0},
    {SUSPECT, SAY_LEFT, 5, LEFT, 5, MLB_MEMBERSHIP_LEFT},
    {SUSPECT, SAY_LEFT, 6, LEFT, 6, MLB_MEMBERSHIP_LEFT},

    {FAILED, SAY_ALIVE, 4, FAILED, 5, 0},
    {FAILED, SAY_ALIVE, 5, FAILED, 5, 0},
    {FAILED, SAY_ALIVE, 6, ALIVE, 6, MLB_MEMBERSHIP_JOINED},
    {FAILED, SAY_SUSPECT, 4, FAILED, 5, 0},
    {FAILED, SAY_SUSPECT, 5, FAILED, 5, 0},
    {FAILED, SAY_SUSPECT, 6, FAILED, 5, 0},
    {FAILED, SAY_DEAD, 4, FAILED, 5, 0},
    {FAILED, SAY_DEAD, 5, FAILED, 5, 0},
    {FAILED, SAY_DEAD, 6, FAILED, 5, 0},
    /* 7.5.3: a later "left" does not overwrite dead. */
    {FAILED, SAY_LEFT, 4, FAILED, 5, 0},
    {FAILED, SAY_LEFT, 5, FAILED, 5, 0},
    {FAILED, SAY_LEFT, 6, FAILED, 5, 0},

    {LEFT, SAY_ALIVE, 4, LEFT, 5, 0},
    {LEFT, SAY_ALIVE, 5, LEFT, 5, 0},
    {LEFT, SAY_ALIVE, 6, ALIVE, 6, MLB_MEMBERSHIP_JOINED},
    {LEFT, SAY_SUSPECT, 4, LEFT, 5, 0},
    {LEFT, SAY_SUSPECT, 5, LEFT, 5, 0},
    {LEFT, SAY_SUSPECT, 6, LEFT, 5, 0},
    {LEFT, SAY_DEAD, 4, LEFT, 5, 0},
    {LEFT, SAY_DEAD, 5, LEFT, 5, 0},
    {LEFT, SAY_DEAD, 6, LEFT, 5, 0},
    {LEFT, SAY_LEFT, 4, LEFT, 5, 0},
    {LEFT, SAY_LEFT, 5, LEFT, 5, 0},
    {LEFT, SAY_LEFT, 6, LEFT, 5, 0},
};

static void test_each_state_and_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct peer *peer = in_state(row->before);

        say(peer, row->message, row->incarnation);
        if (peer_state(peer, "other") != row->after ||
            (row->after != UNKNOWN && peer_incarnation(peer, "other") != row->incarnation_after) ||
            peer->event_count != (row->event != 0) ||
            (row->event && peer_events(peer, row->event, "other") != 1))
            fail_msg("row %zu: state %d, incarnation %u, %zu events, the first %u", i,
                     peer_state(peer, "other"), peer_incarnation(peer, "other"), peer->event_count,
                     peer->events[0].kind);
        peer_free(peer);
    }
}

/* Whether a message is about "other" as it is gossiped; what probes say of a suspect is not. */
static int is_gossip(const struct peer_message *message)
{
    struct memberlist_node node = {0};
    struct memberlist_verdict verdict = {0};
    const uint8_t *body = message->bytes + 1;

    if (message->target.address.bytes[3] == 2 && message->bytes[0] == MEMBERLIST_SUSPECT)
        return 0;
    if (message->bytes[0] == MEMBERLIST_ALIVE)
        assert_int_equal(memberlist_parse_alive(body, message->length - 1, &node), MLB_OK);
    else if (message->bytes[0] == MEMBERLIST_DEAD || message->bytes[0] == MEMBERLIST_SUSPECT)
        assert_int_equal(memberlist_parse_verdict(body, message->length - 1, &verdict), MLB_OK);
    return (node.name.length == 5 && memcmp(node.name.bytes, "other", 5) == 0) ||
           (verdict.node.length == 5 && memcmp(verdict.node.bytes, "other", 5) == 0);
}

/* What was believed is told to others, what was not is not. */
static void test_what_is_gossiped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        const uint32_t before = row->before == UNKNOWN ? 0 : 5;
        struct peer *peer = in_state(row->before);
        const int changes = row->after != row->before || row->incarnation_after != before;
        size_t told = 0;

        peer_alive(peer, "third", 3, 1);
        peer_alive(peer, "fourth", 4, 1);
        peer_pass(peer, SEC(2));
        assert_int_equal(peer_statistics(peer).queued, 0);
        peer_forget(peer);
        say(peer, row->message, row->incarnation);
        peer_pass(peer, MS(600));
        for (size_t k = 0; k < peer->count; k++)
            told += is_gossip(&peer->messages[k]);
        /* Dead from the start: nothing was believed. */
        if ((told > 0) != (changes && row->incarnation > 0))
            fail_msg("row %zu: told %zu times", i, told);
        peer_free(peer);
    }
}

struct self_row {
    enum message message;
    uint32_t incarnation;
    uint32_t after;
};

/* In incarnation 5. */
static const struct self_row self_rows[] = {
    {SAY_ALIVE, 4, 5},   {SAY_ALIVE, 5, 5},    {SAY_ALIVE, 6, 7}, {SAY_SUSPECT, 4, 5},
    {SAY_SUSPECT, 5, 6}, {SAY_SUSPECT, 9, 10}, {SAY_DEAD, 4, 5},  {SAY_DEAD, 5, 6},
    {SAY_DEAD, 9, 10},   {SAY_LEFT, 4, 5},     {SAY_LEFT, 5, 6},  {SAY_LEFT, 9, 10},
};

static void say_of_self(struct peer *peer, enum message message, uint32_t incarnation)
{
    if (message == SAY_ALIVE)
        peer_alive(peer, "self", 1, incarnation);
    else if (message == SAY_SUSPECT)
        peer_suspect(peer, "self", "third", incarnation);
    else
        peer_dead(peer, "self", message == SAY_LEFT ? "self" : "third", incarnation);
}

static void test_refutation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(self_rows) / sizeof(self_rows[0]); i++) {
        const struct self_row *row = &self_rows[i];
        struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);
        const int refutes = row->after != 5;

        peer_begin(peer);
        assert_int_equal(peer_incarnation(peer, "self"), 1);
        peer_suspect(peer, "self", "third", 4);
        peer_pass(peer, SEC(3));
        peer_alive(peer, "third", 3, 1);
        peer_pass(peer, SEC(3));
        peer_forget(peer);
        assert_int_equal(peer_incarnation(peer, "self"), 5);
        say_of_self(peer, row->message, row->incarnation);
        assert_int_equal(peer_state(peer, "self"), MLB_MEMBER_ALIVE);
        assert_int_equal(peer_incarnation(peer, "self"), row->after);
        assert_int_equal(peer_statistics(peer).refutations, 1 + refutes);
        /* The same packet once more changes nothing. */
        say_of_self(peer, row->message, row->incarnation);
        assert_int_equal(peer_incarnation(peer, "self"), row->after);
        peer_pass(peer, MS(300));
        /* Who accuses us of what was refuted is told so. */
        assert_int_equal(peer_count(peer, MEMBERLIST_ALIVE, 3) > 0,
                         refutes || row->message == SAY_SUSPECT || row->message == SAY_DEAD);
        /* Only another who says dead means that we were deaf. */
        assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_STALLED, NULL),
                         row->message == SAY_DEAD && refutes);
        peer_free(peer);
    }
}

/* Who has left is not brought back, nor does it answer. */
static void test_left_self(void **state)
{
    (void)state;
    for (enum message message = SAY_ALIVE; message <= SAY_LEFT; message++) {
        struct peer *peer = in_state(ALIVE);

        assert_int_equal(membership_leave(peer->core, peer->now, SEC(1)), MLB_OK);
        for (uint32_t incarnation = 0; incarnation < 9; incarnation++)
            say_of_self(peer, message, incarnation);
        assert_int_equal(peer_state(peer, "self"), LEFT);
        assert_int_equal(peer_incarnation(peer, "self"), 1);
        assert_int_equal(peer_statistics(peer).refutations, 0);
        peer_free(peer);
    }
}

static struct peer *with_ten_members(void)
{
    struct peer *peer = in_state(ALIVE);

    for (uint8_t i = 3; i < 11; i++)
        peer_alive(peer, (char[]){'m', (char)('a' + i), 0}, i, 1);
    assert_int_equal(peer_statistics(peer).alive, 10);
    return peer;
}

/* Beyond the protocol: who is dead itself judged when it heard nobody, so it only accuses. */
static void test_verdict_of_the_dead(void **state)
{
    static const struct {
        int accuser;
        int after;
    } cases[] = {{ALIVE, FAILED}, {SUSPECT, FAILED}, {FAILED, SUSPECT}, {LEFT, FAILED}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer *peer = in_state(ALIVE);

        peer_alive(peer, "third", 3, 1);
        if (cases[i].accuser == SUSPECT)
            peer_suspect(peer, "third", "fourth", 1);
        if (cases[i].accuser == FAILED)
            peer_dead(peer, "third", "fourth", 1);
        if (cases[i].accuser == LEFT)
            peer_dead(peer, "third", "third", 1);
        peer_forget(peer);
        say(peer, SAY_DEAD, 5);
        assert_int_equal(peer_state(peer, "other"), cases[i].after);
        say(peer, SAY_ALIVE, 6);
        assert_int_equal(peer_state(peer, "other"), ALIVE);
        assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_FAILED, "other"),
                         cases[i].after == FAILED);
        peer_free(peer);
    }
}

/* 7.4: 24 s without a confirmation, 11.381 s with one, 4 s with two; nobody confirms twice. */
static void test_confirmations(void **state)
{
    static const uint64_t times[] = {24000, 24000, 11381, 4000};
    static const char *const accusers[] = {"one", "one", "two", "three"};

    (void)state;
    for (size_t confirmations = 0; confirmations < 4; confirmations++) {
        struct peer *peer = with_ten_members();

        for (size_t i = 0; i <= confirmations; i++)
            peer_suspect(peer, "other", accusers[i], 5);
        peer_pass(peer, MS(times[confirmations] - 1));
        assert_int_equal(peer_state(peer, "other"), SUSPECT);
        peer_pass(peer, MS(1));
        assert_int_equal(peer_state(peer, "other"), FAILED);
        peer_free(peer);
    }
}

/* A confirmation that comes when its shorter time is over already. */
static void test_late_confirmation(void **state)
{
    struct peer *peer = with_ten_members();

    (void)state;
    peer_suspect(peer, "other", "one", 5);
    peer_pass(peer, SEC(15));
    assert_int_equal(peer_state(peer, "other"), SUSPECT);
    peer_suspect(peer, "other", "two", 5);
    peer_pass(peer, MS(1));
    assert_int_equal(peer_state(peer, "other"), FAILED);
    peer_free(peer);
}

/* Time in which this node stood still is not taken from the suspect. */
static void test_suspect_and_stall(void **state)
{
    struct peer *peer = with_ten_members();

    (void)state;
    peer_suspect(peer, "other", "one", 5);
    peer_pass(peer, SEC(10));
    peer->now += SEC(12);
    membership_tick(peer->core, peer->now);
    peer_drain(peer);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_STALLED, NULL), 1);
    peer_pass(peer, SEC(12));
    assert_int_equal(peer_state(peer, "other"), SUSPECT);
    peer_pass(peer, MS(2500));
    assert_int_equal(peer_state(peer, "other"), FAILED);
    peer_free(peer);
}

static void test_health(void **state)
{
    struct peer *peer = peer_new(MLB_MEMBERSHIP_LAN);

    (void)state;
    peer_begin(peer);
    for (uint32_t i = 1; i < 20; i++) {
        peer_suspect(peer, "self", "third", i);
        assert_int_equal(peer_statistics(peer).health, i < 7 ? i : 7);
    }
    peer_free(peer);
}

static void test_conflict(void **state)
{
    struct peer *peer = in_state(ALIVE);

    (void)state;
    peer_alive(peer, "other", 7, 9);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_CONFLICT, "other"), 1);
    assert_int_equal(peer->events[0].address.bytes[3], 7);
    assert_int_equal(peer->events[0].port, MLB_MEMBERSHIP_PORT);
    assert_int_equal(peer_incarnation(peer, "other"), 5);
    assert_int_equal(peer_statistics(peer).conflicts, 1);
    /* A dead name is bound to its address too, one that left is free, even at once. */
    say(peer, SAY_DEAD, 5);
    peer_alive(peer, "other", 7, 9);
    assert_int_equal(peer_state(peer, "other"), FAILED);
    peer_free(peer);

    peer = in_state(LEFT);
    peer_alive(peer, "other", 7, 5);
    assert_int_equal(peer_state(peer, "other"), ALIVE);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_JOINED, "other"), 1);
    peer_free(peer);
}

/* Who claims our own name is told that it is taken, but cannot keep us busy. */
static void test_rival(void **state)
{
    struct peer *peer = in_state(ALIVE);
    uint32_t before = peer_incarnation(peer, "self");

    (void)state;
    for (uint32_t i = 0; i < 50; i++)
        peer_alive(peer, "self", 7, 100 + i * 10);
    assert_int_equal(peer_statistics(peer).refutations, 1);
    assert_int_equal(peer_incarnation(peer, "self"), 101);
    assert_true(before < 101);
    assert_int_equal(peer_statistics(peer).conflicts, 50);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_CONFLICT, "self"), 50);
    peer_pass(peer, MS(1100));
    peer_alive(peer, "self", 7, 1000);
    assert_int_equal(peer_statistics(peer).refutations, 2);
    peer_free(peer);
}

/* 4 bytes and the mapped form of an IPv4 address are one address; what was received is told on. */
static void test_mapped_address(void **state)
{
    static const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 2};
    struct peer *peer = in_state(ALIVE);
    struct memberlist_node node = peer_node("other", 2, 6);
    const struct peer_message *message = NULL;
    struct mlb_member member = {.struct_size = sizeof(member)};

    (void)state;
    node.address = (struct span){mapped, sizeof(mapped)};
    peer_tell(peer, &node);
    assert_int_equal(peer_incarnation(peer, "other"), 6);
    assert_int_equal(peer_statistics(peer).conflicts, 0);
    assert_int_equal(membership_find(peer->core, "other", &member), MLB_OK);
    assert_int_equal(member.address.family, MLB_FAMILY_IPV4);
    peer_pass(peer, MS(250));
    for (size_t position = 0; (message = peer_next(peer, MEMBERLIST_ALIVE, 2, &position));) {
        assert_int_equal(memberlist_parse_alive(message->bytes + 1, message->length - 1, &node),
                         MLB_OK);
        assert_int_equal(node.address.length, node.name.length == 5 ? 16 : 4);
    }
    peer_free(peer);
}

/* What nobody could refute is not believed, neither of us nor of others. */
static void test_absurd_accusations(void **state)
{
    struct peer *peer = in_state(ALIVE);

    (void)state;
    peer_suspect(peer, "other", "third", UINT32_MAX);
    peer_dead(peer, "other", "third", UINT32_MAX - 1);
    assert_int_equal(peer_state(peer, "other"), ALIVE);
    peer_suspect(peer, "self", "third", UINT32_MAX);
    peer_dead(peer, "self", "third", UINT32_MAX - 5);
    assert_int_equal(peer_incarnation(peer, "self"), 1);
    assert_int_equal(peer_statistics(peer).messages_refused, 4);
    peer_dead(peer, "self", "", 3);
    peer_dead(peer, "self", "a\tb", 3);
    assert_int_equal(peer_incarnation(peer, "self"), 1);
    peer_free(peer);
}

/* 7.6: who failed long ago is forgotten, and only then. */
static void test_reaping(void **state)
{
    struct peer *peer = in_state(FAILED);

    (void)state;
    peer_pass(peer, SEC(28));
    assert_int_equal(peer_state(peer, "other"), FAILED);
    peer_pass(peer, SEC(4));
    assert_int_equal(peer_state(peer, "other"), UNKNOWN);
    assert_int_equal(peer_statistics(peer).failed, 0);
    peer_alive(peer, "other", 7, 1);
    assert_int_equal(peer_state(peer, "other"), ALIVE);
    peer_free(peer);
}

static void test_meta_of_others(void **state)
{
    struct peer *peer = in_state(ALIVE);
    struct memberlist_node node = peer_node("other", 2, 6);
    struct mlb_member member = {.struct_size = sizeof(member)};

    (void)state;
    node.meta = peer_text("blue");
    peer_tell(peer, &node);
    assert_int_equal(peer_events(peer, MLB_MEMBERSHIP_UPDATED, "other"), 1);
    assert_int_equal(membership_find(peer->core, "other", &member), MLB_OK);
    assert_int_equal(member.meta_length, 4);
    assert_memory_equal(member.meta, "blue", 4);
    peer_free(peer);
}

static void test_own_meta(void **state)
{
    struct peer *peer = in_state(ALIVE);
    const struct peer_message *message = NULL;
    struct memberlist_node node;

    (void)state;
    assert_int_equal(membership_set_meta(peer->core, peer->now, (const uint8_t *)"red", 3), MLB_OK);
    assert_int_equal(peer_incarnation(peer, "self"), 2);
    assert_int_equal(membership_set_meta(peer->core, peer->now, (const uint8_t *)"red", 3), MLB_OK);
    assert_int_equal(peer_incarnation(peer, "self"), 2);
    peer_pass(peer, MS(250));
    message = peer_first(peer, MEMBERLIST_ALIVE, 2);
    assert_non_null(message);
    assert_int_equal(memberlist_parse_alive(message->bytes + 1, message->length - 1, &node),
                     MLB_OK);
    assert_int_equal(node.meta.length, 3);
    assert_int_equal(membership_set_meta(peer->core, peer->now, (const uint8_t *)"", 513),
                     MLB_ERROR_INVALID_ARGUMENT);
    /* Nobody refutes for it, and who hears it as it was refutes. */
    assert_int_equal(peer_statistics(peer).refutations, 0);
    peer_alive(peer, "self", 1, 2);
    assert_int_equal(peer_statistics(peer).refutations, 1);
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_state_and_message),
        cmocka_unit_test(test_what_is_gossiped),
        cmocka_unit_test(test_refutation),
        cmocka_unit_test(test_left_self),
        cmocka_unit_test(test_verdict_of_the_dead),
        cmocka_unit_test(test_confirmations),
        cmocka_unit_test(test_late_confirmation),
        cmocka_unit_test(test_suspect_and_stall),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_conflict),
        cmocka_unit_test(test_rival),
        cmocka_unit_test(test_mapped_address),
        cmocka_unit_test(test_absurd_accusations),
        cmocka_unit_test(test_reaping),
        cmocka_unit_test(test_meta_of_others),
        cmocka_unit_test(test_own_meta),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
