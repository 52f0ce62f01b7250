/* SPDX-License-Identifier: MIT */
/*
 * Tells which node would announce an address, and who would follow if it failed.
 *
 *     who-owns 192.0.2.10 node-a node-b=100 node-c
 *
 * A number behind a node's name is its preference.
 */
#include <metallb/election.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_candidate(char *text, struct mlb_candidate *candidate)
{
    char *preference = strchr(text, '=');
    char *end = NULL;

    candidate->name = text;
    if (!preference)
        return 0;
    *preference++ = '\0';
    candidate->preference = (int32_t)strtol(preference, &end, 10);
    return end == preference || *end != '\0';
}

static int complain(const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "who-owns: %s\n", diagnostic->message);
    return 1;
}

static int print_ranking(const struct mlb_address *address, const struct mlb_candidate *candidates,
                         size_t count, uint32_t *ranking)
{
    struct mlb_diagnostic diagnostic;

    mlb_diagnostic_init(&diagnostic);
    if (mlb_election_rank(address, candidates, count, ranking, count, &diagnostic))
        return complain(&diagnostic);
    for (size_t i = 0; i < count; i++)
        printf("%s %s\n", i ? "then " : "owner", candidates[ranking[i]].name);
    return 0;
}

int main(int argc, char **argv)
{
    struct mlb_diagnostic diagnostic;
    struct mlb_address address;
    struct mlb_candidate *candidates;
    uint32_t *ranking;
    size_t count = argc > 2 ? (size_t)argc - 2 : 0;
    int status = 1;

    if (!count) {
        fprintf(stderr, "usage: %s ADDRESS NODE[=PREFERENCE]...\n", argv[0]);
        return 2;
    }
    mlb_diagnostic_init(&diagnostic);
    if (mlb_address_parse(argv[1], &address, &diagnostic))
        return complain(&diagnostic);
    candidates = calloc(count, sizeof(*candidates));
    ranking = calloc(count, sizeof(*ranking));
    for (size_t i = 0; candidates && i < count; i++)
        if (read_candidate(argv[i + 2], &candidates[i])) {
            fprintf(stderr, "who-owns: the preference of %s is no number\n", candidates[i].name);
            free(candidates);
            candidates = NULL;
        }
    if (candidates && ranking)
        status = print_ranking(&address, candidates, count, ranking);
    free(candidates);
    free(ranking);
    return status;
}
