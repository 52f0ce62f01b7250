/* SPDX-License-Identifier: MIT */
/*
 * Random histories of services, pools and failures against plain rules:
 *
 * - an address has one owner, or several that may share it;
 * - nothing moves that need not: an address is given up only when its service is gone or wishes
 *   otherwise while everything can be read, or when its pool no longer has it for the service;
 * - nobody waits for an address that is free for him;
 * - what is decided step by step is what a controller decides that comes back from its records at
 *   each step, and the same history gives the same again.
 *
 * Usage: test-reconcile-histories [FIRST COUNT]; a failing seed is shown again with SEED 1.
 */
#include "fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

#define STEPS 8

static uint64_t first_seed = 0;
static uint64_t seed_count = 50000;

/* What is known of each service after a step. */
struct picture {
    bool known[WORLD_SERVICES];
    int address[WORLD_SERVICES]; /* number, or -1 */
    enum service_condition condition[WORLD_SERVICES];
    char terms[WORLD_SERVICES][64];
};

struct history {
    uint64_t seed;
    struct world world;
    struct world before;
    /* Whether it wished anything else since its address was judged with everything readable. */
    bool wavered[WORLD_SERVICES];
    struct picture now;
    struct picture last;
    struct service_reconciler *reconciler;
    struct object_set objects;
    char story[8192];
};

static struct service_reconciler *new_reconciler(void)
{
    static const struct service_reconciler_options options = {.keeps_records = true};
    struct service_reconciler *reconciler;

    assert_int_equal(service_reconciler_new(&options, &reconciler), 0);
    return reconciler;
}

static void fail_history(const struct history *history, const char *what, int service)
{
    char text[2048];

    world_describe(&history->world, text, sizeof(text));
    /* cmocka cuts long messages. */
    fprintf(stderr, "%snow: %s\n", history->story, text);
    fail_msg("seed %" PRIu64 ": %s %s", history->seed, world_name(service), what);
}

static void take_picture(const struct service_reconciler *reconciler, struct picture *picture)
{
    for (int i = 0; i < WORLD_SERVICES; i++) {
        const struct service_result *result =
            service_reconciler_find(reconciler, world_namespace(i), world_name(i));

        picture->known[i] = result != NULL;
        picture->address[i] = -1;
        picture->terms[i][0] = '\0';
        if (result == NULL)
            continue;
        picture->condition[i] = result->condition;
        if (result->address_count > 0)
            picture->address[i] = world_number(&result->addresses[0]);
        snprintf(picture->terms[i], sizeof(picture->terms[i]), "%s", result->terms);
    }
}

/* Terms as the record has them: "PORT/6 key ". */
static bool may_share(const struct picture *picture, int a, int b)
{
    return picture->terms[a][0] != '\0' && picture->terms[b][0] != '\0' &&
           strcmp(picture->terms[a], picture->terms[b]) != 0;
}

static void check_owners(const struct history *history)
{
    const struct picture *now = &history->now;

    for (int a = 0; a < WORLD_SERVICES; a++)
        for (int b = 0; b < a; b++)
            if (now->address[a] >= 0 && now->address[a] == now->address[b] && !may_share(now, a, b))
                fail_history(history, "shares its address with another that it may not", a);
}

static bool same_wish(const struct world_service *a, const struct world_service *b)
{
    return a->exists == b->exists && a->wanted == b->wanted && a->pool == b->pool &&
           a->shares == b->shares && a->port == b->port;
}

static bool same_service(const struct world_service *a, const struct world_service *b)
{
    return same_wish(a, b) && a->hidden == b->hidden && a->created == b->created;
}

static bool holds(const struct world *world)
{
    return world->broken || world->incomplete;
}

/* Whether the address that a service had may be taken from it. */
static bool may_lose(const struct history *history, int service)
{
    const struct world *world = &history->world;
    int had = history->last.address[service];
    int pool = world_pool_of(world, had);

    if (holds(world))
        return false;
    return history->wavered[service] || pool < 0 || !world_may_use(world, pool, service);
}

static void check_stays(const struct history *history)
{
    for (int i = 0; i < WORLD_SERVICES; i++)
        if (history->last.address[i] >= 0 && history->now.address[i] != history->last.address[i] &&
            !may_lose(history, i))
            fail_history(history, "lost its address without a cause", i);
}

static void note_wishes(struct history *history)
{
    for (int i = 0; i < WORLD_SERVICES; i++)
        history->wavered[i] |=
            !same_wish(&history->world.services[i], &history->before.services[i]);
}

static void forget_wishes(struct history *history)
{
    for (int i = 0; i < WORLD_SERVICES; i++)
        if (!holds(&history->world) ||
            (history->last.address[i] < 0 && history->now.address[i] >= 0))
            history->wavered[i] = false;
}

static bool is_free(const struct history *history, int number)
{
    for (int i = 0; i < WORLD_SERVICES; i++)
        if (history->now.address[i] == number)
            return false;
    return true;
}

static bool may_have(const struct history *history, int service, int number)
{
    const struct world *world = &history->world;
    const struct world_service *wish = &world->services[service];
    int pool = world_pool_of(world, number);

    if (pool < 0 || !world_may_use(world, pool, service) ||
        (wish->pool >= 0 && wish->pool != pool) || (wish->wanted >= 0 && wish->wanted != number))
        return false;
    return wish->pool >= 0 || wish->wanted >= 0 || world->pools[pool].auto_assign;
}

static void check_waiting(const struct history *history)
{
    for (int i = 0; i < WORLD_SERVICES; i++) {
        const struct world_service *service = &history->world.services[i];

        if (!service->exists || service->hidden || history->now.address[i] >= 0)
            continue;
        for (int number = 0; number < 6; number++)
            if (is_free(history, number) && may_have(history, i, number))
                fail_history(history, "waits although an address is free for it", i);
    }
}

static void check_known(const struct history *history)
{
    for (int i = 0; i < WORLD_SERVICES; i++) {
        const struct world_service *service = &history->world.services[i];
        bool is_there = service->exists && !service->hidden;

        if (is_there && !history->now.known[i])
            fail_history(history, "is not known", i);
        if (!service->exists && !holds(&history->world) && history->now.known[i])
            fail_history(history, "is still known", i);
        if (history->now.address[i] >= 0 && is_there &&
            history->now.condition[i] == SERVICE_ASSIGNED &&
            world_pool_of(&history->world, history->now.address[i]) < 0)
            fail_history(history, "has an address of no pool", i);
    }
}

/* A controller that is killed after each step and comes back from what was recorded. */
static void run_from_records(const struct history *history, const struct object_set *objects,
                             struct picture *picture)
{
    struct service_reconciler *reconciler = new_reconciler();
    struct service_record records[WORLD_SERVICES];
    struct service_results results;
    size_t count = 0;

    for (int i = 0; i < WORLD_SERVICES; i++) {
        if (!history->last.known[i])
            continue;
        records[count] = (struct service_record){.namespace_ = world_namespace(i),
                                                 .name = world_name(i),
                                                 .terms = history->last.terms[i]};
        if (history->last.address[i] >= 0) {
            records[count].addresses[0] = world_address(history->last.address[i]);
            records[count].address_count = 1;
        }
        count++;
    }
    assert_int_equal(service_reconciler_restore(reconciler, records, count), 0);
    assert_int_equal(service_reconciler_run(reconciler, objects, NULL, &results), 0);
    take_picture(reconciler, picture);
    service_reconciler_free(reconciler);
}

static void check_same(const struct history *history, const struct picture *other, const char *what)
{
    for (int i = 0; i < WORLD_SERVICES; i++)
        if (history->now.known[i] != other->known[i] ||
            history->now.address[i] != other->address[i])
            fail_history(history, what, i);
}

/* What a source would say of the step. */
static struct object_changes changes_of(const struct history *history, struct service_key *keys)
{
    struct object_changes changes = {.services = keys};
    const struct world *a = &history->before;
    const struct world *b = &history->world;

    changes.footing = holds(a) || holds(b);
    if (memcmp(a->pools, b->pools, sizeof(a->pools)) != 0)
        changes.kinds |= OBJECT_BIT(OBJECT_IP_ADDRESS_POOL);
    /* By namespace, then name, as a source sorts them. */
    for (int odd = 0; odd < 2; odd++)
        for (int i = odd; i < WORLD_SERVICES; i += 2)
            if (!same_service(&a->services[i], &b->services[i]))
                keys[changes.service_count++] =
                    (struct service_key){.namespace_ = world_namespace(i), .name = world_name(i)};
    if (changes.service_count > 0)
        changes.kinds |= OBJECT_BIT(OBJECT_SERVICE);
    return changes;
}

static void tell_story(struct history *history)
{
    size_t length = strlen(history->story);
    char text[2048];

    world_describe(&history->world, text, sizeof(text));
    snprintf(history->story + length, sizeof(history->story) - length, "%s -> ", text);
    for (int i = 0; i < WORLD_SERVICES; i++) {
        length = strlen(history->story);
        if (history->now.address[i] >= 0)
            snprintf(history->story + length, sizeof(history->story) - length, "%s=%d ",
                     world_name(i), history->now.address[i]);
    }
    length = strlen(history->story);
    snprintf(history->story + length, sizeof(history->story) - length, "\n");
}

static void run_step(struct history *history, bool first)
{
    struct service_key keys[WORLD_SERVICES];
    struct object_changes changes = changes_of(history, keys);
    struct service_results results;
    struct picture restarted;
    struct object_set objects;

    world_objects(&history->world, &objects);
    assert_int_equal(
        service_reconciler_run(history->reconciler, &objects, first ? NULL : &changes, &results),
        0);
    history->last = history->now;
    take_picture(history->reconciler, &history->now);
    note_wishes(history);
    check_owners(history);
    if (!first)
        check_stays(history);
    check_waiting(history);
    check_known(history);
    run_from_records(history, &objects, &restarted);
    check_same(history, &restarted, "comes out otherwise after a restart");
    forget_wishes(history);
    object_set_clear(&history->objects);
    history->objects = objects;
}

static void run_history(uint64_t seed, struct picture *end)
{
    struct history history = {.seed = seed, .reconciler = new_reconciler()};
    uint64_t chance = seed;

    world_begin(&history.world, &chance);
    for (int i = 0; i < WORLD_SERVICES; i++)
        history.now.address[i] = -1;
    for (int step = 0; step < STEPS; step++) {
        run_step(&history, step == 0);
        tell_story(&history);
        history.before = history.world;
        world_step(&history.world, &chance);
    }
    *end = history.now;
    object_set_clear(&history.objects);
    service_reconciler_free(history.reconciler);
}

static void histories_keep_to_the_rules(void **state)
{
    (void)state;
    for (uint64_t seed = first_seed; seed < first_seed + seed_count; seed++) {
        struct picture end;

        run_history(seed, &end);
    }
}

static void the_same_history_gives_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = first_seed; seed < first_seed + seed_count / 50; seed++) {
        struct picture ends[2];

        run_history(seed, &ends[0]);
        run_history(seed, &ends[1]);
        assert_memory_equal(ends[0].address, ends[1].address, sizeof(ends[0].address));
    }
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_keep_to_the_rules),
        cmocka_unit_test(the_same_history_gives_the_same),
    };

    if (count > 1)
        first_seed = strtoull(arguments[1], NULL, 10);
    if (count > 2)
        seed_count = strtoull(arguments[2], NULL, 10);
    return cmocka_run_group_tests_name("histories", tests, NULL, NULL);
}
