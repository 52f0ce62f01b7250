/* SPDX-License-Identifier: MIT */
/* Candidates, groups and addresses of an election. */
#include "table.h"

#include <string.h>

static const struct mlb_address address = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 1}};
static const struct mlb_address other = {.family = MLB_FAMILY_IPV4, .bytes = {192, 0, 2, 2}};
static const struct mlb_address alien = {.family = 0};

static char long_name[MLB_NODE_NAME_MAX + 2];
static const struct mlb_candidate good[] = {{.name = "a"}, {.name = "b"}};
static const struct mlb_candidate twice[] = {{.name = "a"}, {.name = "b"}, {.name = "a"}};
static const struct mlb_candidate nameless[] = {{.name = "a"}, {.name = NULL}};
static const struct mlb_candidate empty[] = {{.name = ""}};
static const struct mlb_candidate endless[] = {{.name = long_name}};

static uint32_t ranking[3];
static struct mlb_election *made;
static struct mlb_address next;
static struct mlb_election_result result = {.struct_size = sizeof(result)};
static struct mlb_election_result small = {.struct_size = 8};
static const struct mlb_election_options no_size = {0};
static const struct mlb_election_options unknown_flag = {sizeof(unknown_flag), 1};

CALL(rank_nothing, mlb_election_rank(NULL, good, 2, ranking, 3, diagnostic))
CALL(rank_alien, mlb_election_rank(&alien, good, 2, ranking, 3, diagnostic))
CALL(rank_nobody, mlb_election_rank(&address, NULL, 2, ranking, 3, diagnostic))
CALL(rank_nowhere, mlb_election_rank(&address, good, 2, NULL, 3, diagnostic))
CALL(rank_too_many, mlb_election_rank(&address, good, SIZE_MAX, ranking, 3, diagnostic))
CALL(rank_nameless, mlb_election_rank(&address, nameless, 2, ranking, 3, diagnostic))
CALL(rank_empty, mlb_election_rank(&address, empty, 1, ranking, 3, diagnostic))
CALL(rank_endless, mlb_election_rank(&address, endless, 1, ranking, 3, diagnostic))
CALL(rank_twice, mlb_election_rank(&address, twice, 3, ranking, 3, diagnostic))
CALL(new_nowhere, mlb_election_new(NULL, NULL, diagnostic))
CALL(new_without_size, mlb_election_new(&no_size, &made, diagnostic))
CALL(new_with_flag, mlb_election_new(&unknown_flag, &made, diagnostic))
CALL(set_in_nothing, mlb_election_set_group(NULL, 1, good, 2, diagnostic))
CALL(set_nobody, mlb_election_set_group(object, 1, NULL, 2, diagnostic))
CALL(set_nameless, mlb_election_set_group(object, 1, nameless, 2, diagnostic))
CALL(set_endless, mlb_election_set_group(object, 1, endless, 1, diagnostic))
CALL(set_twice, mlb_election_set_group(object, 1, twice, 3, diagnostic))
CALL(remove_unknown, mlb_election_remove_group(object, 7, diagnostic))
CALL(remove_used, mlb_election_remove_group(object, 1, diagnostic))
CALL(remove_from_nothing, mlb_election_remove_group(NULL, 1, diagnostic))
CALL(add_nothing, mlb_election_set_address(object, NULL, 1, diagnostic))
CALL(add_alien, mlb_election_set_address(object, &alien, 1, diagnostic))
CALL(add_to_unknown, mlb_election_set_address(object, &other, 7, diagnostic))
CALL(add_to_nothing, mlb_election_set_address(NULL, &other, 1, diagnostic))
CALL(forget_unknown, mlb_election_remove_address(object, &other, diagnostic))
CALL(forget_in_nothing, mlb_election_remove_address(NULL, &address, diagnostic))
CALL(find_unknown, mlb_election_find(object, &other, &result, diagnostic))
CALL(find_nowhere, mlb_election_find(object, &address, NULL, diagnostic))
CALL(find_small, mlb_election_find(object, &address, &small, diagnostic))
CALL(find_in_nothing, mlb_election_find(NULL, &address, &result, diagnostic))
CALL(next_of_nothing, mlb_election_next_changed(NULL, &next, diagnostic))
CALL(next_nowhere, mlb_election_next_changed(object, NULL, diagnostic))

#define NO_ELECTION "there is no election (NULL); make one with mlb_election_new()"

static const struct wrong calls[] = {
    {"rank for no address", rank_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"address\" is missing (NULL)"},
    {"rank for no family", rank_alien, MLB_ERROR_INVALID_ARGUMENT,
     "the family of the address is 0; it can be MLB_FAMILY_IPV4 (4) or MLB_FAMILY_IPV6 (6)"},
    {"rank no list", rank_nobody, MLB_ERROR_INVALID_ARGUMENT,
     "the count is 2 but the list of candidates is missing (NULL)"},
    {"rank into nothing", rank_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"ranking\" is missing (NULL)"},
    {"rank too many", rank_too_many, MLB_ERROR_INVALID_ARGUMENT,
     "there are 18446744073709551615 candidates; at most 2147483647 can be ranked"},
    {"rank without name", rank_nameless, MLB_ERROR_INVALID_ARGUMENT,
     "candidate 2 of 2 has no name"},
    {"rank an empty name", rank_empty, MLB_ERROR_INVALID_ARGUMENT, "candidate 1 of 1 has no name"},
    {"rank a long name", rank_endless, MLB_ERROR_INVALID_ARGUMENT,
     "the name of candidate 1 of 1 is longer than 253 bytes"},
    {"rank one name twice", rank_twice, MLB_ERROR_INVALID_ARGUMENT,
     "two candidates have the name a; give each node its own"},
    {"no place", new_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no place for the election (NULL)"},
    {"no struct_size", new_without_size, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size is 0; set it to sizeof(struct mlb_election_options) and all that is not "
     "used to zero"},
    {"unknown flag", new_with_flag, MLB_ERROR_INVALID_ARGUMENT,
     "the flags of the election are 0x1; none is known, set them to 0"},
    {"group of no election", set_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ELECTION},
    {"group without list", set_nobody, MLB_ERROR_INVALID_ARGUMENT,
     "the count is 2 but the list of candidates is missing (NULL)"},
    {"group with no name", set_nameless, MLB_ERROR_INVALID_ARGUMENT,
     "candidate 2 of 2 has no name"},
    {"group with a long name", set_endless, MLB_ERROR_INVALID_ARGUMENT,
     "the name of candidate 1 of 1 is longer than 253 bytes"},
    {"group with one name twice", set_twice, MLB_ERROR_INVALID_ARGUMENT,
     "two candidates have the name a; give each node its own"},
    {"unknown group removed", remove_unknown, MLB_ERROR_NOT_FOUND, "there is no group 7"},
    {"used group removed", remove_used, MLB_ERROR_WRONG_STATE,
     "192.0.2.1 is still in group 1; remove or move its addresses first"},
    {"group removed from nothing", remove_from_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ELECTION},
    {"no address", add_nothing, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"address\" is missing (NULL)"},
    {"address without family", add_alien, MLB_ERROR_INVALID_ARGUMENT,
     "the family of the address is 0; it can be MLB_FAMILY_IPV4 (4) or MLB_FAMILY_IPV6 (6)"},
    {"address to an unknown group", add_to_unknown, MLB_ERROR_NOT_FOUND,
     "there is no group 7; set its candidates with mlb_election_set_group()"},
    {"address to nothing", add_to_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ELECTION},
    {"unknown address removed", forget_unknown, MLB_ERROR_NOT_FOUND, "192.0.2.2 is in no group"},
    {"address removed from nothing", forget_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ELECTION},
    {"unknown address asked", find_unknown, MLB_ERROR_NOT_FOUND, "192.0.2.2 is in no group"},
    {"no result", find_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "there is no struct mlb_election_result to write to (NULL)"},
    {"small result", find_small, MLB_ERROR_INVALID_ARGUMENT,
     "the struct_size of the struct mlb_election_result to write to is 8; set it to sizeof(struct "
     "mlb_election_result)"},
    {"nothing asked", find_in_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ELECTION},
    {"changes of nothing", next_of_nothing, MLB_ERROR_INVALID_ARGUMENT, NO_ELECTION},
    {"change to nowhere", next_nowhere, MLB_ERROR_INVALID_ARGUMENT,
     "the argument \"address\" is missing (NULL)"},
};

static void test_calls(void **state)
{
    struct mlb_election *election = NULL;

    (void)state;
    memset(long_name, 'a', sizeof(long_name) - 1);
    assert_int_equal(mlb_election_new(NULL, &election, NULL), MLB_OK);
    assert_int_equal(mlb_election_set_group(election, 1, good, COUNT(good), NULL), MLB_OK);
    assert_int_equal(mlb_election_set_address(election, &address, 1, NULL), MLB_OK);
    check_calls(calls, COUNT(calls), election);
    assert_null(made);
    assert_int_equal(mlb_election_find(election, &address, &result, NULL), MLB_OK);
    assert_int_equal(result.count, COUNT(good));
    mlb_election_free(election);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
    };

    return cmocka_run_group_tests_name("messages of the election", tests, NULL, NULL);
}
