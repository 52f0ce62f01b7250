/* SPDX-License-Identifier: MIT */
/*
 * Counts the addresses of pools.
 *
 *     count-addresses lan=192.0.2.0/24 lab=10.0.0.10-10.0.0.19,fd00::/64
 */
#include <metallb/pool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "count-addresses: %s\n", diagnostic->message);
    return -1;
}

/* Builds a pool from `name=entry,entry`; the text is cut into pieces. */
static int build_pool(char *text, struct mlb_pool **pool)
{
    struct mlb_diagnostic diagnostic;
    char *entries = strchr(text, '=');
    char *rest = NULL;

    if (!entries) {
        fprintf(stderr, "count-addresses: %s is not of the form name=entry,entry\n", text);
        return -1;
    }
    *entries++ = '\0';
    mlb_diagnostic_init(&diagnostic);
    if (mlb_pool_new(text, NULL, pool, &diagnostic))
        return complain(&diagnostic);
    for (char *entry = strtok_r(entries, ",", &rest); entry; entry = strtok_r(NULL, ",", &rest))
        if (mlb_pool_add(*pool, entry, &diagnostic))
            return complain(&diagnostic);
    return 0;
}

/* What is asked for here cannot fail, so no diagnostic is needed. */
static void print_pool(const struct mlb_pool *pool)
{
    static const uint8_t families[] = {MLB_FAMILY_IPV4, MLB_FAMILY_IPV6};

    printf("%s", mlb_pool_name(pool));
    for (size_t i = 0; i < sizeof(families); i++) {
        struct mlb_count count;
        char text[MLB_COUNT_TEXT_SIZE];

        mlb_pool_count(pool, families[i], &count, NULL);
        mlb_count_format(&count, text, sizeof(text), NULL);
        printf(" IPv%d=%s", families[i], text);
    }
    printf("\n");
}

/* Two pools may not have an address in common. */
static int check_overlaps(struct mlb_pool *const *pools, int count)
{
    struct mlb_diagnostic diagnostic;

    mlb_diagnostic_init(&diagnostic);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            if (mlb_pool_check_overlap(pools[i], pools[k], &diagnostic))
                return complain(&diagnostic);
    return 0;
}

int main(int argc, char **argv)
{
    int count = argc - 1;
    struct mlb_pool **pools = calloc((size_t)argc, sizeof(struct mlb_pool *));
    int failed = !pools;

    if (!count) {
        fprintf(stderr, "usage: %s NAME=ENTRY[,ENTRY...]...\n", argv[0]);
        free(pools);
        return 2;
    }
    for (int i = 0; !failed && i < count; i++)
        failed = build_pool(argv[i + 1], &pools[i]);
    if (!failed)
        failed = check_overlaps(pools, count);
    for (int i = 0; !failed && i < count; i++)
        print_pool(pools[i]);
    for (int i = 0; pools && i < count; i++)
        mlb_pool_free(pools[i]);
    free(pools);
    return failed ? 1 : 0;
}
