/* SPDX-License-Identifier: MIT */
/* A program outside the tree, built against what was installed. */
#include <metallb/metallb.h>
#include <stdio.h>

int main(void)
{
    static const struct mlb_candidate candidates[] = {
        {.name = "node-a"}, {.name = "node-b"}, {.name = "node-c"}};
    struct mlb_diagnostic diagnostic;
    struct mlb_pool *pool = NULL;
    struct mlb_address address;
    uint32_t owner = 0;

    mlb_diagnostic_init(&diagnostic);
    if (mlb_version() >> 16 != MLB_VERSION_MAJOR || mlb_pool_new("lan", NULL, &pool, NULL))
        return 1;
    if (mlb_pool_add(pool, "10.0.0.0/24", &diagnostic)) {
        fprintf(stderr, "%s\n", diagnostic.message);
        return 1;
    }
    if (mlb_address_parse("10.0.0.1", &address, &diagnostic) ||
        !mlb_pool_contains(pool, &address) ||
        mlb_election_rank(&address, candidates, 3, &owner, 1, NULL))
        return 1;
    mlb_pool_free(pool);
    printf("%s\n", candidates[owner].name);
    return 0;
}
