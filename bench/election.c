/* SPDX-License-Identifier: MIT */
/*
 * Costs of the election: the first three places of all addresses over all nodes, and what one node
 * more or less costs afterwards; beside a baseline that ranks all nodes for each address with one
 * EVP call a digest and qsort(). The baseline runs on a tenth of the addresses and is scaled up.
 *
 *     bench-election [ADDRESSES [NODES]]
 */
#include <metallb/election.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BASELINE_SHARE 10
#define GROUP          1

struct setup {
    uint32_t address_count;
    uint32_t node_count;
    struct mlb_candidate *candidates;
    char (*names)[32];
};

struct hashed {
    uint8_t digest[32];
    uint32_t index;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void require(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench-election: %s failed\n", what);
    exit(1);
}

static struct mlb_address address_at(uint32_t number)
{
    struct mlb_address address = {.family = MLB_FAMILY_IPV4};

    address.bytes[0] = 10;
    address.bytes[1] = (uint8_t)(number >> 16);
    address.bytes[2] = (uint8_t)(number >> 8);
    address.bytes[3] = (uint8_t)number;
    return address;
}

static struct setup make_setup(uint32_t address_count, uint32_t node_count)
{
    struct setup setup = {.address_count = address_count, .node_count = node_count};

    setup.candidates = calloc(node_count, sizeof(*setup.candidates));
    setup.names = calloc(node_count, sizeof(*setup.names));
    require(setup.candidates && setup.names, "memory");
    for (uint32_t i = 0; i < node_count; i++) {
        snprintf(setup.names[i], sizeof(setup.names[i]), "node-%u.example.net", i);
        setup.candidates[i].name = setup.names[i];
    }
    return setup;
}

static uint32_t take_changes(struct mlb_election *election)
{
    struct mlb_address address;
    uint32_t count = 0;

    while (mlb_election_next_changed(election, &address, NULL) == 1)
        count++;
    return count;
}

static void report(const char *what, double seconds, uint32_t changed)
{
    printf("%-44s %10.2f ms %8u addresses changed\n", what, seconds * 1e3, changed);
}

static void set_nodes(struct mlb_election *election, const struct setup *setup, uint32_t count,
                      const char *what)
{
    double start = now();

    require(mlb_election_set_group(election, GROUP, setup->candidates, count, NULL) == MLB_OK,
            what);
    report(what, now() - start, take_changes(election));
}

static void run_incremental(const struct setup *setup)
{
    struct mlb_election *election = NULL;

    require(mlb_election_new(NULL, &election, NULL) == MLB_OK, "mlb_election_new");
    require(mlb_election_set_group(election, GROUP, NULL, 0, NULL) == MLB_OK,
            "mlb_election_set_group");
    for (uint32_t i = 0; i < setup->address_count; i++) {
        struct mlb_address address = address_at(i);

        require(mlb_election_set_address(election, &address, GROUP, NULL) == MLB_OK,
                "mlb_election_set_address");
    }
    set_nodes(election, setup, setup->node_count, "cold, owner and two standbys");
    set_nodes(election, setup, setup->node_count - 1, "one node leaves");
    set_nodes(election, setup, setup->node_count, "one node joins");
    mlb_election_free(election);
}

static void run_pure(const struct setup *setup, size_t places, const char *what)
{
    uint32_t *ranking = calloc(setup->node_count, sizeof(*ranking));
    double start = now();

    require(ranking != NULL, "memory");
    for (uint32_t i = 0; i < setup->address_count; i++) {
        struct mlb_address address = address_at(i);

        require(mlb_election_rank(&address, setup->candidates, setup->node_count, ranking, places,
                                  NULL) == MLB_OK,
                "mlb_election_rank");
    }
    printf("%-44s %10.2f ms\n", what, (now() - start) * 1e3);
    free(ranking);
}

static int compare_hashed(const void *a, const void *b)
{
    return memcmp(((const struct hashed *)a)->digest, ((const struct hashed *)b)->digest, 32);
}

static void rank_plainly(const struct setup *setup, const char *address, struct hashed *hashed)
{
    for (uint32_t i = 0; i < setup->node_count; i++) {
        char message[96];
        int length = snprintf(message, sizeof(message), "%s#%s", setup->names[i], address);

        hashed[i].index = i;
        require(EVP_Digest(message, (size_t)length, hashed[i].digest, NULL, EVP_sha256(), NULL) ==
                    1,
                "EVP_Digest");
    }
    qsort(hashed, setup->node_count, sizeof(*hashed), compare_hashed);
}

static void run_baseline(const struct setup *setup)
{
    struct hashed *hashed = calloc(setup->node_count, sizeof(*hashed));
    uint32_t count = setup->address_count / BASELINE_SHARE + 1;
    double start = now();

    require(hashed != NULL, "memory");
    for (uint32_t i = 0; i < count; i++) {
        struct mlb_address address = address_at(i);
        char text[MLB_ADDRESS_TEXT_SIZE];
        uint32_t owner = 0;

        mlb_address_format(&address, text, sizeof(text), NULL);
        rank_plainly(setup, text, hashed);
        mlb_election_rank(&address, setup->candidates, setup->node_count, &owner, 1, NULL);
        require(owner == hashed[0].index, "agreement of baseline and library");
    }
    printf("%-44s %10.2f ms (scaled up from %u addresses)\n", "baseline: EVP, full sort",
           (now() - start) * 1e3 * setup->address_count / count, count);
    free(hashed);
}

int main(int argc, char **argv)
{
    long address_count = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;
    long node_count = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    struct setup setup;

    if (address_count < 1 || address_count > 1 << 24 || node_count < 2 || node_count > 1 << 20) {
        fprintf(stderr, "usage: %s [ADDRESSES [NODES]]\n", argv[0]);
        return 2;
    }
    setup = make_setup((uint32_t)address_count, (uint32_t)node_count);
    printf("election: %u addresses, %u nodes, one thread\n", setup.address_count, setup.node_count);
    run_incremental(&setup);
    run_pure(&setup, 3, "pure function, three places, nothing kept");
    run_pure(&setup, setup.node_count, "pure function, full ranking");
    run_baseline(&setup);
    free(setup.candidates);
    free(setup.names);
    return 0;
}
