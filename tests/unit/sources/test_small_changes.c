/* SPDX-License-Identifier: MIT */
/*
 * A source that takes small changes in one by one comes to the same objects as one that reads
 * everything anew: random histories of files, from seeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory.h"
#include "sources/manifests.h"

#define HISTORIES 12
#define STEPS     25
#define FILES     6
#define SERVICES  5

/* Quiet for so long, the source has taken in what happened. */
#define QUIET_MILLISECONDS 40

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* One to three things in a file: services, now and then a pool, a status or what is broken. */
static void make_text(uint64_t *chance, char *text, size_t size)
{
    size_t length = 0;
    unsigned count = 1 + (unsigned)(next(chance) % 3);

    for (unsigned i = 0; i < count && length < size; i++) {
        unsigned service = (unsigned)(next(chance) % SERVICES);

        switch (next(chance) % 12) {
        case 0:
            length += (size_t)snprintf(text + length, size - length, "---\nkind: [\n");
            break;
        case 1:
            length += (size_t)snprintf(text + length, size - length,
                                       "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%u}\n"
                                       "status: {loadBalancer: {ingress: [{ip: 192.0.2.%u}]}}\n",
                                       service, (unsigned)(next(chance) % 8));
            break;
        case 2:
            length +=
                (size_t)snprintf(text + length, size - length,
                                 "---\napiVersion: metallb.io/v1beta1\nkind: IPAddressPool\n"
                                 "metadata: {name: p%u}\nspec: {addresses: [192.0.2.%u/32]}\n",
                                 service, (unsigned)(next(chance) % 8));
            break;
        default:
            length += (size_t)snprintf(text + length, size - length,
                                       "---\napiVersion: v1\nkind: Service\n"
                                       "metadata: {name: s%u}\n"
                                       "spec: {type: LoadBalancer, ports: [{port: %u}]}\n",
                                       service, 1 + (unsigned)(next(chance) % 9));
            break;
        }
    }
}

static void act(const struct directory *directory, uint64_t *chance)
{
    char name[32];
    char other[32];
    char path[512];
    char text[2048] = "";

    snprintf(name, sizeof(name), "f%u.yaml", (unsigned)(next(chance) % FILES));
    snprintf(other, sizeof(other), "f%u.yaml", (unsigned)(next(chance) % FILES));
    switch (next(chance) % 5) {
    case 0:
        unlink(directory_at(directory, name));
        break;
    case 1:
        snprintf(path, sizeof(path), "%s", directory_at(directory, name));
        rename(path, directory_at(directory, other));
        break;
    default:
        make_text(chance, text, sizeof(text));
        directory_write(directory, name, text);
        break;
    }
}

static void settle(struct source *source)
{
    struct pollfd poller = {.fd = source_fd(source), .events = POLLIN};

    while (poll(&poller, 1, QUIET_MILLISECONDS) > 0)
        assert_true(source_dispatch(source) >= 0);
}

static const struct service *service_at(const struct object_set *set, size_t index)
{
    return (const struct service *)set->lists[OBJECT_SERVICE].items[index];
}

/* What is good must be the same; what is broken keeps versions that a new reader cannot know. */
static void compare(const struct object_set *followed, const struct object_set *read, uint64_t seed)
{
    if (followed->broken || read->broken) {
        assert_int_equal(followed->broken, read->broken);
        return;
    }
    if (followed->lists[OBJECT_SERVICE].count != read->lists[OBJECT_SERVICE].count)
        fail_msg("seed %u: %zu services, not %zu", (unsigned)seed,
                 followed->lists[OBJECT_SERVICE].count, read->lists[OBJECT_SERVICE].count);
    for (size_t i = 0; i < read->lists[OBJECT_SERVICE].count; i++) {
        const struct service *a = service_at(followed, i);
        const struct service *b = service_at(read, i);

        assert_string_equal(a->object.name, b->object.name);
        assert_int_equal(a->port_count, b->port_count);
        assert_memory_equal(a->ports, b->ports, a->port_count * sizeof(*a->ports));
        assert_int_equal(a->ingress_count, b->ingress_count);
    }
    assert_int_equal(followed->statuses.count, read->statuses.count);
    assert_int_equal(followed->lists[OBJECT_IP_ADDRESS_POOL].count,
                     read->lists[OBJECT_IP_ADDRESS_POOL].count);
}

static void check(const struct directory *directory, struct source *source, uint64_t seed)
{
    struct problem_list problems = {0};
    const char *path = directory->path;
    struct object_set set;

    object_set_init(&set);
    assert_int_equal(manifests_load(&path, 1, &set, &problems), 0);
    compare(source_objects(source), &set, seed);
    object_set_clear(&set);
    problem_list_clear(&problems);
}

static void run_history(uint64_t seed)
{
    const struct manifests_options options = {
        .settle_milliseconds = 5, .rescan_milliseconds = 1000000, .youth_milliseconds = 1};
    struct directory directory;
    struct source *source;
    const char *path;
    uint64_t chance = seed;

    directory_make(&directory);
    path = directory.path;
    /* One file stays, so that the directory is never empty at once. */
    directory_write(&directory, "stays.yaml",
                    "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n");
    assert_int_equal(source_manifests_new(&path, 1, &options, &source), 0);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned count = 1 + (unsigned)(next(&chance) % 2);

        for (unsigned i = 0; i < count; i++)
            act(&directory, &chance);
        settle(source);
        check(&directory, source, seed);
    }
    source_free(source);
    directory_remove(&directory);
}

static void followed_and_read_are_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++)
        run_history(seed * UINT64_C(0x9e3779b97f4a7c15));
}

/* A Service that comes, changes and goes is all that is told of the change. */
static void a_small_change_is_told_exactly(void **state)
{
    const struct manifests_options options = {.rescan_milliseconds = 1000000,
                                              .youth_milliseconds = 1};
    const struct object_changes *changes;
    struct directory directory;
    struct source *source;
    const char *path;

    (void)state;
    directory_make(&directory);
    path = directory.path;
    directory_write(&directory, "a.json",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"a\"},"
                    "\"spec\":{}}");
    assert_int_equal(source_manifests_new(&path, 1, &options, &source), 0);
    assert_true(source_changes(source)->footing);
    settle(source);
    directory_write(&directory, "b.json",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"b\"},"
                    "\"spec\":{}}");
    settle(source);
    changes = source_changes(source);
    assert_false(changes->footing);
    assert_int_equal(changes->kinds, OBJECT_BIT(OBJECT_SERVICE));
    assert_int_equal(changes->service_count, 1);
    assert_string_equal(changes->services[0].name, "b");
    unlink(directory_at(&directory, "b.json"));
    settle(source);
    assert_int_equal(source_changes(source)->service_count, 1);
    assert_null(object_set_find(source_objects(source), OBJECT_SERVICE, "default", "b"));
    source_free(source);
    directory_remove(&directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(followed_and_read_are_the_same),
        cmocka_unit_test(a_small_change_is_told_exactly),
    };
    return cmocka_run_group_tests_name("small changes", tests, NULL, NULL);
}
