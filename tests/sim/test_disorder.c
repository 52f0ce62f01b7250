/* SPDX-License-Identifier: MIT */
/*
 * Networks that double, delay and repeat packets, and hosts that forge them. Without keys whoever
 * reaches the port can say anything; what is false must not last.
 */
#include "support.h"

#include <string.h>

#include "simulator/chance.h"
#include "wire/memberlist.h"

#define NODES    8
#define RECORDED 2000
#define HOSTILE  (NODES + 1) /* a host that is no member */

struct recording {
    size_t count;
    struct {
        uint32_t from;
        uint32_t to;
        size_t length;
        uint8_t bytes[1500];
    } packets[RECORDED];
};

static void record(void *context, uint32_t from, uint32_t to, const uint8_t *bytes, size_t length)
{
    struct recording *recording = context;

    if (recording->count == RECORDED || length > sizeof(recording->packets[0].bytes))
        return;
    recording->packets[recording->count].from = from;
    recording->packets[recording->count].to = to;
    recording->packets[recording->count].length = length;
    memcpy(recording->packets[recording->count++].bytes, bytes, length);
}

static void replay(struct sim *sim, const struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++)
        sim_inject(sim, recording->packets[i].from, recording->packets[i].to,
                   recording->packets[i].bytes, recording->packets[i].length, i * SIM_MILLISECOND);
}

static void test_doubled_and_late(void **state)
{
    struct sim_options options = group_options(100, NODES, MLB_MEMBERSHIP_FAST);
    struct sim *sim;
    struct sim_counts counts;

    (void)state;
    options.doubles = 0.3;
    options.late = 0.1;
    options.late_max = 50 * (uint64_t)SIM_MILLISECOND;
    sim = new_group(&options);
    sim_run(sim, 60 * SIM_SECOND);
    sim_counts(sim, &counts);
    assert_int_equal(counts.verdicts, 0);
    sim_crash(sim, 1);
    await_agreement(sim, 3 * SIM_SECOND);
    sim_run(sim, 30 * SIM_SECOND);
    assert_holds(sim, sim_agrees(sim), "old news came true again");
    end_group(sim);
}

/* All that was ever sent, once more: before a crash, after it, and in the next life. */
static void test_replay(void **state)
{
    static struct recording recording;
    const struct sim_options options = group_options(101, NODES, MLB_MEMBERSHIP_FAST);
    const uint32_t seeds[] = {0};
    struct sim *sim = sim_new(&options);

    (void)state;
    recording.count = 0;
    sim_set_tap(sim, record, &recording);
    assert_true(measure_join(sim, 10 * SIM_SECOND) != SIM_NEVER);
    sim_run(sim, 2 * SIM_SECOND);
    sim_kill(sim, 3);
    await_agreement(sim, 3 * SIM_SECOND);
    assert_in_range(recording.count, 100, RECORDED);
    sim_set_tap(sim, NULL, NULL);
    replay(sim, &recording);
    sim_run(sim, 5 * SIM_SECOND);
    await_agreement(sim, options.disagreement_max);
    sim_start(sim, 3, seeds, 1);
    await_agreement(sim, 3 * SIM_SECOND);
    replay(sim, &recording);
    sim_run(sim, 5 * SIM_SECOND);
    await_agreement(sim, options.disagreement_max);
    end_group(sim);
}

static struct span span_of(const char *text)
{
    return (struct span){.bytes = (const uint8_t *)text, .length = strlen(text)};
}

static void send_to_all(struct sim *sim, const struct writer *writer)
{
    assert_false(writer->failed);
    for (uint32_t i = 0; i < NODES; i++)
        sim_inject(sim, HOSTILE, i, writer->start, writer->used, SIM_MILLISECOND);
}

static void accuse(struct sim *sim, enum memberlist_type type, uint32_t victim, const char *from,
                   uint32_t incarnation)
{
    uint8_t bytes[256];
    char name[SIM_NAME_SIZE];
    struct writer writer = writer_to(bytes, sizeof(bytes));
    struct memberlist_verdict verdict = {.from = span_of(from), .incarnation = incarnation};

    sim_name(victim, name);
    verdict.node = span_of(name);
    memberlist_build_verdict(&writer, type, &verdict);
    send_to_all(sim, &writer);
}

static void praise(struct sim *sim, uint32_t subject, uint32_t address, uint32_t incarnation)
{
    static const uint8_t versions[MEMBERLIST_VERSIONS] = {1, 5, 2, 0, 0, 0};
    const struct membership_endpoint endpoint = sim_endpoint(address);
    uint8_t bytes[256];
    char name[SIM_NAME_SIZE];
    struct writer writer = writer_to(bytes, sizeof(bytes));
    struct memberlist_node node = {.address = {.bytes = endpoint.address.bytes, .length = 4},
                                   .versions = {.bytes = versions, .length = sizeof(versions)},
                                   .incarnation = incarnation,
                                   .port = endpoint.port};

    sim_name(subject, name);
    node.name = span_of(name);
    memberlist_build_alive(&writer, &node);
    send_to_all(sim, &writer);
}

static struct sim *new_hostile_group(uint64_t seed, struct sim_options *options)
{
    *options = group_options(seed, NODES, MLB_MEMBERSHIP_FAST);
    options->flags |= SIM_FORGED;
    return new_group(options);
}

static void test_false_verdicts(void **state)
{
    static const uint32_t incarnations[] = {0, 1, 2, 1000, 0x7fffffff, 0xfffffffe, 0xffffffff};
    struct sim_options options;
    struct sim *sim = new_hostile_group(102, &options);

    (void)state;
    for (size_t i = 0; i < sizeof(incarnations) / sizeof(incarnations[0]); i++) {
        accuse(sim, MEMBERLIST_DEAD, 2, "node-0005", incarnations[i]);
        sim_run(sim, 50 * (uint64_t)SIM_MILLISECOND);
        await_agreement(sim, 3 * SIM_SECOND);
        accuse(sim, MEMBERLIST_SUSPECT, 4, "node-0005", incarnations[i]);
        sim_run(sim, 50 * (uint64_t)SIM_MILLISECOND);
        await_agreement(sim, 3 * SIM_SECOND);
        /* Claims that the node left by itself. */
        accuse(sim, MEMBERLIST_DEAD, 6, "node-0006", incarnations[i]);
        sim_run(sim, 50 * (uint64_t)SIM_MILLISECOND);
        await_agreement(sim, 3 * SIM_SECOND);
    }
    sim_run(sim, 20 * SIM_SECOND);
    assert_holds(sim, sim_agrees(sim), "forged news came back");
    end_group(sim);
}

static void test_false_praise(void **state)
{
    static const uint32_t incarnations[] = {0, 1, 2, 1000, 0x7fffffff, 0xfffffffe, 0xffffffff};
    struct sim_options options;
    struct sim *sim = new_hostile_group(103, &options);

    (void)state;
    sim_crash(sim, 2);
    await_agreement(sim, 3 * SIM_SECOND);
    for (size_t i = 0; i < sizeof(incarnations) / sizeof(incarnations[0]); i++) {
        /* A dead node is alive, a living one has another address, or a future incarnation. */
        praise(sim, 2, 2, incarnations[i]);
        praise(sim, 3, HOSTILE, incarnations[i]);
        praise(sim, 4, 4, incarnations[i]);
        sim_run(sim, 50 * (uint64_t)SIM_MILLISECOND);
        await_agreement(sim, options.disagreement_max);
    }
    end_group(sim);
}

/* Members that do not exist cost the time of their failure, not more. */
static void test_invented_members(void **state)
{
    struct sim_options options;
    struct sim *sim = new_hostile_group(104, &options);
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};

    (void)state;
    for (uint32_t i = 0; i < 40; i++)
        praise(sim, 1000 + i, HOSTILE + i, 1);
    sim_run(sim, 30 * SIM_SECOND);
    assert_holds(sim, sim_agrees(sim), "invented members made others fail");
    membership_statistics(sim_core(sim, 0), &statistics);
    assert_int_equal(statistics.alive, NODES);
    assert_int_equal(statistics.suspect, 0);
    end_group(sim);
}

/* What was recorded, with some bytes changed. */
static void test_mutilated(void **state)
{
    static struct recording recording;
    struct sim_options options;
    struct sim *sim = new_hostile_group(105, &options);
    struct random random = {.state = 105};

    (void)state;
    recording.count = 0;
    sim_set_tap(sim, record, &recording);
    sim_crash(sim, 7);
    sim_run(sim, 5 * SIM_SECOND);
    sim_set_tap(sim, NULL, NULL);
    for (unsigned int round = 0; round < 10; round++) {
        for (size_t i = 0; i < recording.count; i++) {
            uint8_t *bytes = recording.packets[i].bytes;

            bytes[random_below(&random, (uint32_t)recording.packets[i].length)] ^=
                (uint8_t)(1u << random_below(&random, 8));
        }
        replay(sim, &recording);
        sim_run(sim, 3 * SIM_SECOND);
    }
    await_agreement(sim, 3 * options.disagreement_max);
    end_group(sim);
}

/* With a key nothing of the above is even heard. */
static void test_key_shuts_out(void **state)
{
    const struct mlb_membership_key key = {.bytes = {9, 8, 7}, .length = 16};
    struct sim_options options = group_options(106, NODES, MLB_MEMBERSHIP_FAST);
    struct sim *sim;
    struct sim_counts counts;

    (void)state;
    options.key = &key;
    sim = new_group(&options);
    for (uint32_t i = 0; i < NODES; i++) {
        accuse(sim, MEMBERLIST_DEAD, i, "node-0000", 5);
        praise(sim, 1000 + i, HOSTILE, 1);
    }
    sim_run(sim, 5 * SIM_SECOND);
    sim_counts(sim, &counts);
    assert_int_equal(counts.verdicts, 0);
    end_group(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubled_and_late), cmocka_unit_test(test_replay),
        cmocka_unit_test(test_false_verdicts),   cmocka_unit_test(test_false_praise),
        cmocka_unit_test(test_invented_members), cmocka_unit_test(test_mutilated),
        cmocka_unit_test(test_key_shuts_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
