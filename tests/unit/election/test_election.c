/* SPDX-License-Identifier: MIT */
/* The incremental election: its calls one by one, then against full rankings at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <metallb/election.h>
#include <stdio.h>
#include <string.h>

#define NODES     24
#define GROUPS    4
#define ADDRESSES 60
#define STEPS     1500

static struct mlb_address address_number(unsigned int number)
{
    struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, (uint8_t)number}};

    if (number % 3 == 0)
        address = (struct mlb_address){.family = MLB_FAMILY_IPV6,
                                       .bytes = {0x20, 0x01, [15] = (uint8_t)number}};
    return address;
}

static struct mlb_election *new_election(void)
{
    struct mlb_election *election = NULL;

    assert_int_equal(mlb_election_new(NULL, &election, NULL), MLB_OK);
    return election;
}

static struct mlb_election_result places_of(const struct mlb_election *election,
                                            const struct mlb_address *address)
{
    struct mlb_election_result result = {.struct_size = sizeof(result)};

    assert_int_equal(mlb_election_find(election, address, &result, NULL), MLB_OK);
    return result;
}

static int changed_count(struct mlb_election *election)
{
    struct mlb_address address;
    int count = 0;

    while (mlb_election_next_changed(election, &address, NULL) == 1)
        count++;
    return count;
}

static void test_options(void **state)
{
    struct {
        struct mlb_election_options known;
        uint64_t unknown;
    } options = {.known = {.struct_size = sizeof(options)}};
    struct mlb_election *election = NULL;

    (void)state;
    assert_int_equal(mlb_election_new(&options.known, &election, NULL), MLB_OK);
    mlb_election_free(election);
    election = NULL;
    options.unknown = 1;
    assert_int_equal(mlb_election_new(&options.known, &election, NULL), MLB_ERROR_INVALID_ARGUMENT);
    options.known = (struct mlb_election_options){.struct_size = 8, .flags = 1};
    assert_int_equal(mlb_election_new(&options.known, &election, NULL), MLB_ERROR_INVALID_ARGUMENT);
    options.known = (struct mlb_election_options){.struct_size = 4};
    assert_int_equal(mlb_election_new(&options.known, &election, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_new(NULL, NULL, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_null(election);
    mlb_election_free(NULL);
}

static void test_places_follow_the_group(void **state)
{
    struct mlb_candidate candidates[] = {
        {.name = "node-a"}, {.name = "node-b"}, {.name = "node-c"}};
    struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {10, 0, 0, 1}};
    struct mlb_election *election = new_election();
    struct mlb_election_result result;

    (void)state;
    assert_int_equal(mlb_election_set_group(election, 7, candidates, 3, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_address(election, &address, 7, NULL), MLB_OK);
    result = places_of(election, &address);
    assert_int_equal(result.count, 3);
    assert_string_equal(result.names[0], "node-b");
    assert_string_equal(result.names[1], "node-a");
    assert_string_equal(result.names[2], "node-c");
    assert_int_equal(changed_count(election), 1);

    assert_int_equal(mlb_election_set_group(election, 7, candidates, 1, NULL), MLB_OK);
    result = places_of(election, &address);
    assert_int_equal(result.count, 1);
    assert_string_equal(result.names[0], "node-a");
    assert_string_equal(result.names[1], "");
    assert_int_equal(changed_count(election), 1);

    assert_int_equal(mlb_election_set_group(election, 7, NULL, 0, NULL), MLB_OK);
    assert_int_equal(places_of(election, &address).count, 0);
    assert_int_equal(changed_count(election), 1);
    mlb_election_free(election);
}

static void test_a_mapped_address_is_the_ipv4_address(void **state)
{
    const struct mlb_candidate nodes[] = {{.name = "a"}, {.name = "b"}};
    const struct mlb_address mapped = {
        .family = MLB_FAMILY_IPV6,
        .bytes = {[10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 1},
    };
    const struct mlb_address plain = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};
    struct mlb_election *election = new_election();
    struct mlb_address changed = {0};

    (void)state;
    assert_int_equal(mlb_election_set_group(election, 1, nodes, 2, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_address(election, &mapped, 1, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_address(election, &plain, 1, NULL), MLB_OK);
    assert_int_equal(mlb_election_next_changed(election, &changed, NULL), 1);
    assert_memory_equal(&changed, &plain, sizeof(plain));
    assert_int_equal(mlb_election_next_changed(election, &changed, NULL), 0);
    assert_int_equal(places_of(election, &plain).count, 2);
    assert_int_equal(mlb_election_remove_address(election, &mapped, NULL), MLB_OK);
    mlb_election_free(election);
}

static void test_changes_are_told_once(void **state)
{
    struct mlb_candidate candidates[] = {{.name = "node-a"}, {.name = "node-b"}};
    struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {10, 0, 0, 1}};
    struct mlb_election *election = new_election();
    struct mlb_address changed;

    (void)state;
    assert_int_equal(mlb_election_set_group(election, 1, candidates, 1, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_address(election, &address, 1, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_group(election, 1, candidates, 2, NULL), MLB_OK);
    assert_int_equal(mlb_election_next_changed(election, &changed, NULL), 1);
    assert_int_equal(mlb_address_compare(&changed, &address), 0);
    assert_int_equal(mlb_election_next_changed(election, &changed, NULL), 0);

    assert_int_equal(mlb_election_set_group(election, 1, candidates, 2, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_address(election, &address, 1, NULL), MLB_OK);
    candidates[1].preference = 100; /* node-b owns it already */
    assert_int_equal(mlb_election_set_group(election, 1, candidates, 2, NULL), MLB_OK);
    assert_int_equal(changed_count(election), 0);

    candidates[0].preference = 200;
    assert_int_equal(mlb_election_set_group(election, 1, candidates, 2, NULL), MLB_OK);
    assert_string_equal(places_of(election, &address).names[0], "node-a");
    assert_int_equal(mlb_election_remove_address(election, &address, NULL), MLB_OK);
    assert_int_equal(changed_count(election), 0);
    mlb_election_free(election);
}

static void test_refusals_change_nothing(void **state)
{
    static const struct mlb_candidate good[] = {{.name = "node-a"}};
    static const struct mlb_candidate twice[] = {{.name = "x"}, {.name = "y"}, {.name = "x"}};
    static const struct mlb_candidate bad[] = {{.name = "x"}, {.name = ""}};
    struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {10, 0, 0, 1}};
    struct mlb_address no_family = {0};
    struct mlb_election_result result = {.struct_size = 8};
    struct mlb_election *election = new_election();

    (void)state;
    assert_int_equal(mlb_election_set_address(election, &address, 1, NULL), MLB_ERROR_NOT_FOUND);
    assert_int_equal(mlb_election_find(election, &address, &result, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    result.struct_size = sizeof(result);
    assert_int_equal(mlb_election_find(election, &address, &result, NULL), MLB_ERROR_NOT_FOUND);
    assert_int_equal(mlb_election_remove_address(election, &address, NULL), MLB_ERROR_NOT_FOUND);
    assert_int_equal(mlb_election_remove_group(election, 1, NULL), MLB_ERROR_NOT_FOUND);

    assert_int_equal(mlb_election_set_group(election, 1, good, 1, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_address(election, &address, 1, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_address(election, &no_family, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_set_group(election, 1, twice, 3, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_set_group(election, 1, bad, 2, NULL), MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_set_group(election, 1, NULL, 2, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_string_equal(places_of(election, &address).names[0], "node-a");
    assert_int_equal(mlb_election_remove_group(election, 1, NULL), MLB_ERROR_WRONG_STATE);
    assert_int_equal(mlb_election_remove_address(election, &address, NULL), MLB_OK);
    assert_int_equal(mlb_election_remove_group(election, 1, NULL), MLB_OK);
    mlb_election_free(election);
}

/* What the election should hold, kept in the plainest way. */
struct model {
    uint64_t random;
    char names[NODES][16];
    struct mlb_candidate candidates[GROUPS][NODES];
    size_t counts[GROUPS];
    int group_of[ADDRESSES]; /* -1: not in the election */
    struct mlb_election_result places[ADDRESSES];
};

static uint32_t draw(struct model *model, uint32_t limit)
{
    model->random = model->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(model->random >> 33) % limit;
}

static size_t find_candidate(const struct model *model, size_t group, const char *name)
{
    size_t i = 0;

    while (i < model->counts[group] && model->candidates[group][i].name != name)
        i++;
    return i;
}

/* One node joins, leaves or changes its preference; a swap keeps the order of names random. */
static void change_candidate(struct model *model, size_t group)
{
    struct mlb_candidate *candidates = model->candidates[group];
    const char *name = model->names[draw(model, NODES)];
    size_t place = find_candidate(model, group, name);
    size_t other;

    if (place == model->counts[group]) {
        candidates[place] = (struct mlb_candidate){.name = name};
        model->counts[group]++;
    } else if (draw(model, 2)) {
        candidates[place] = candidates[--model->counts[group]];
        return;
    }
    candidates[place].preference = (int32_t)draw(model, 4) - 1;
    other = draw(model, (uint32_t)model->counts[group]);
    if (other != place) {
        struct mlb_candidate swap = candidates[other];

        candidates[other] = candidates[place];
        candidates[place] = swap;
    }
}

static void step(struct model *model, struct mlb_election *election)
{
    unsigned int number = draw(model, ADDRESSES);
    struct mlb_address address = address_number(number);
    uint32_t group = draw(model, GROUPS);

    switch (draw(model, 4)) {
    case 0:
        assert_int_equal(mlb_election_set_address(election, &address, group, NULL), MLB_OK);
        model->group_of[number] = (int)group;
        break;
    case 1:
        if (draw(model, 4))
            break;
        assert_int_equal(mlb_election_remove_address(election, &address, NULL),
                         model->group_of[number] < 0 ? MLB_ERROR_NOT_FOUND : MLB_OK);
        model->group_of[number] = -1;
        memset(&model->places[number], 0, sizeof(model->places[number]));
        break;
    default:
        for (uint32_t changes = draw(model, 6) ? 1 : 8; changes > 0; changes--)
            change_candidate(model, group);
        assert_int_equal(mlb_election_set_group(election, group, model->candidates[group],
                                                model->counts[group], NULL),
                         MLB_OK);
    }
}

static void check_address(struct model *model, const struct mlb_election *election, size_t number,
                          int told)
{
    struct mlb_address address = address_number((unsigned int)number);
    size_t group = (size_t)model->group_of[number];
    size_t count = model->counts[group];
    struct mlb_election_result result = places_of(election, &address);
    uint32_t ranking[NODES];

    assert_int_equal(
        mlb_election_rank(&address, model->candidates[group], count, ranking, count, NULL), MLB_OK);
    assert_int_equal(result.count, count < MLB_ELECTION_PLACES ? count : MLB_ELECTION_PLACES);
    for (size_t i = 0; i < result.count; i++)
        assert_string_equal(result.names[i], model->candidates[group][ranking[i]].name);
    assert_int_equal(told,
                     memcmp(result.names, model->places[number].names, sizeof(result.names)) != 0);
    model->places[number] = result;
}

static void check_all(struct model *model, struct mlb_election *election)
{
    int told[ADDRESSES] = {0};
    struct mlb_address changed;

    while (mlb_election_next_changed(election, &changed, NULL) == 1) {
        unsigned int number =
            changed.family == MLB_FAMILY_IPV4 ? changed.bytes[3] : changed.bytes[15];

        assert_int_equal(told[number]++, 0);
        assert_true(model->group_of[number] >= 0);
    }
    for (size_t i = 0; i < ADDRESSES; i++)
        if (model->group_of[i] >= 0)
            check_address(model, election, i, told[i]);
}

static void run_model(uint64_t seed)
{
    static struct model model;
    struct mlb_election *election = new_election();

    memset(&model, 0, sizeof(model));
    model.random = seed;
    for (int i = 0; i < NODES; i++)
        snprintf(model.names[i], sizeof(model.names[i]), "node-%d", i);
    for (int i = 0; i < ADDRESSES; i++)
        model.group_of[i] = -1;
    for (uint32_t i = 0; i < GROUPS; i++)
        assert_int_equal(mlb_election_set_group(election, i, NULL, 0, NULL), MLB_OK);
    for (int i = 0; i < STEPS; i++) {
        step(&model, election);
        check_all(&model, election);
    }
    mlb_election_free(election);
}

static void test_equals_the_full_ranking_after_any_history(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        run_model(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_places_follow_the_group),
        cmocka_unit_test(test_a_mapped_address_is_the_ipv4_address),
        cmocka_unit_test(test_changes_are_told_once),
        cmocka_unit_test(test_refusals_change_nothing),
        cmocka_unit_test(test_equals_the_full_ranking_after_any_history),
    };

    return cmocka_run_group_tests_name("election", tests, NULL, NULL);
}
