/* SPDX-License-Identifier: MIT */
/* The rule of the election as a pure function, and the rows of l2_election.json about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <metallb/election.h>
#include <stdio.h>
#include <string.h>

#include "../case_file.h"

#define CANDIDATES_MAX 200

static struct mlb_address address_of(const char *text)
{
    struct mlb_address address;

    assert_int_equal(mlb_address_parse(text, &address, NULL), MLB_OK);
    return address;
}

static void check_ordering(const cJSON *row)
{
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(row, "candidates");
    const cJSON *scores = cJSON_GetObjectItemCaseSensitive(row, "scores");
    const cJSON *order = cJSON_GetObjectItemCaseSensitive(row, "order");
    struct mlb_address address =
        address_of(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "ip")));
    struct mlb_candidate candidates[CANDIDATES_MAX] = {0};
    uint32_t ranking[CANDIDATES_MAX];
    size_t count = (size_t)cJSON_GetArraySize(names);

    assert_int_equal(count, cJSON_GetArraySize(order));
    for (size_t i = 0; i < count; i++) {
        const cJSON *score;

        candidates[i].name = cJSON_GetStringValue(cJSON_GetArrayItem(names, (int)i));
        score = cJSON_GetObjectItemCaseSensitive(scores, candidates[i].name);
        candidates[i].preference = score ? score->valueint : 0;
    }
    assert_int_equal(mlb_election_rank(&address, candidates, count, ranking, count, NULL), MLB_OK);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(candidates[ranking[i]].name,
                            cJSON_GetStringValue(cJSON_GetArrayItem(order, (int)i)));
}

static void test_ordering_cases(void **state)
{
    cJSON *root = case_file_load("l2_election.json");
    const cJSON *row;
    int rows = 0;

    (void)state;
    assert_non_null(root);
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(root, "ordering"))
    {
        check_ordering(row);
        rows++;
    }
    assert_true(rows > 0);
    cJSON_Delete(root);
}

static void test_cluster_policy_sweep(void **state)
{
    static const struct mlb_candidate candidates[] = {{.name = "iris1"}, {.name = "iris2"}};
    cJSON *root = case_file_load("l2_election.json");
    const cJSON *sweep = cJSON_GetObjectItemCaseSensitive(root, "cluster_policy_sweep");
    const cJSON *winners = cJSON_GetObjectItemCaseSensitive(sweep, "winner_by_last_octet");
    const cJSON *winner;
    int rows = 0;

    (void)state;
    assert_non_null(root);
    cJSON_ArrayForEach(winner, winners)
    {
        struct mlb_address address;
        char text[MLB_ADDRESS_TEXT_SIZE];
        uint32_t owner = 2;

        snprintf(text, sizeof(text), "10.20.30.%s", winner->string);
        address = address_of(text);
        assert_int_equal(mlb_election_rank(&address, candidates, 2, &owner, 1, NULL), MLB_OK);
        assert_string_equal(candidates[owner].name, cJSON_GetStringValue(winner));
        rows++;
    }
    assert_int_equal(rows, 255);
    cJSON_Delete(root);
}

/* Whatever the capacity, the first places are those of the full ranking. */
static void test_partial_ranking_is_the_beginning_of_the_full_one(void **state)
{
    struct mlb_address address = address_of("2001:db8::1");
    struct mlb_candidate candidates[CANDIDATES_MAX];
    char names[CANDIDATES_MAX][16];
    uint32_t full[CANDIDATES_MAX];
    uint32_t part[CANDIDATES_MAX];

    (void)state;
    for (int i = 0; i < CANDIDATES_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "node-%d", i);
        candidates[i] = (struct mlb_candidate){.name = names[i], .preference = i % 3 - 1};
    }
    assert_int_equal(
        mlb_election_rank(&address, candidates, CANDIDATES_MAX, full, CANDIDATES_MAX, NULL),
        MLB_OK);
    for (size_t i = 1; i < CANDIDATES_MAX; i++)
        assert_true(candidates[full[i - 1]].preference >= candidates[full[i]].preference);
    for (size_t capacity = 0; capacity <= CANDIDATES_MAX; capacity++) {
        assert_int_equal(
            mlb_election_rank(&address, candidates, CANDIDATES_MAX, part, capacity, NULL), MLB_OK);
        assert_memory_equal(part, full, capacity * sizeof(*part));
    }
}

static void test_capacity_above_the_count(void **state)
{
    static const struct mlb_candidate candidates[] = {{.name = "a"}, {.name = "b"}};
    struct mlb_address address = address_of("192.0.2.1");
    uint32_t ranking[4] = {9, 9, 9, 9};

    (void)state;
    assert_int_equal(mlb_election_rank(&address, candidates, 2, ranking, 4, NULL), MLB_OK);
    assert_int_equal(ranking[0] + ranking[1], 1);
    assert_int_equal(ranking[2], 9);
    assert_int_equal(mlb_election_rank(&address, NULL, 0, ranking, 4, NULL), MLB_OK);
    assert_int_equal(mlb_election_rank(&address, candidates, 2, NULL, 0, NULL), MLB_OK);
}

/* A long name makes the message longer than one block of the hash. */
static void test_names_of_every_length(void **state)
{
    struct mlb_address address = address_of("192.0.2.1");
    char name[MLB_NODE_NAME_MAX + 2];
    uint32_t ranking[2];

    (void)state;
    for (size_t length = 1; length <= MLB_NODE_NAME_MAX + 1; length++) {
        struct mlb_candidate candidates[] = {{.name = "node"}, {.name = name}};

        memset(name, 'x', length);
        name[length] = '\0';
        assert_int_equal(mlb_election_rank(&address, candidates, 2, ranking, 2, NULL),
                         length <= MLB_NODE_NAME_MAX ? MLB_OK : MLB_ERROR_INVALID_ARGUMENT);
    }
}

static void test_refusals_leave_the_ranking(void **state)
{
    static const struct mlb_candidate twice[] = {
        {.name = "a"}, {.name = "b"}, {.name = "a", .preference = 5}};
    static const struct mlb_candidate nameless[] = {{.name = "a"}, {.name = ""}};
    static const struct mlb_candidate null[] = {{.name = NULL}};
    struct mlb_address address = address_of("192.0.2.1");
    struct mlb_address no_family = {0};
    uint32_t ranking[3] = {7, 7, 7};

    (void)state;
    assert_int_equal(mlb_election_rank(&address, twice, 3, ranking, 3, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_rank(&address, nameless, 2, ranking, 2, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_rank(&address, null, 1, ranking, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_rank(&address, NULL, 1, ranking, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_rank(&address, twice, 1, NULL, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_rank(NULL, twice, 1, ranking, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(mlb_election_rank(&no_family, twice, 1, ranking, 1, NULL),
                     MLB_ERROR_INVALID_ARGUMENT);
    assert_int_equal(ranking[0], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordering_cases),
        cmocka_unit_test(test_cluster_policy_sweep),
        cmocka_unit_test(test_partial_ranking_is_the_beginning_of_the_full_one),
        cmocka_unit_test(test_capacity_above_the_count),
        cmocka_unit_test(test_names_of_every_length),
        cmocka_unit_test(test_refusals_leave_the_ranking),
    };

    return cmocka_run_group_tests_name("ranking", tests, NULL, NULL);
}
