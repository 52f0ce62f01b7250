/* SPDX-License-Identifier: MIT */
/*
 * Measures the allocator and prints a table. Beside it stands the naive way: a linear walk over the
 * addresses of the pool with one look-up each, first fit, which costs O(n) for each assignment.
 */
#include <getopt.h>
#include <metallb/allocator.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define MILLION 1000000
#define ID_SIZE 32

struct options {
    unsigned naive_bits; /* size of the pool that the naive way fills, in bits; 0 leaves it out */
};

/* Processor time, so that what else the machine does is not measured. */
static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "bench-allocation: %s failed\n", what);
    exit(1);
}

static void print_row(const char *what, size_t operations, double elapsed)
{
    printf("%-44s %10zu %12.3f %14.0f\n", what, operations, elapsed * 1e3,
           elapsed / (double)operations * 1e9);
    fflush(stdout);
}

static void print_head(void)
{
    printf("%-44s %10s %12s %14s\n", "", "operations", "CPU ms", "ns/operation");
}

static struct mlb_allocator *allocator_with(const char *entry)
{
    struct mlb_allocator *allocator = NULL;
    struct mlb_pool *pool = NULL;
    const struct mlb_pool *pools[1];

    require(mlb_pool_new("pool", NULL, &pool, NULL) == MLB_OK, "pool");
    require(mlb_pool_add(pool, entry, NULL) == MLB_OK, "pool entry");
    require(mlb_allocator_new(&allocator, NULL) == MLB_OK, "allocator");
    pools[0] = pool;
    require(mlb_allocator_set_pools(allocator, pools, 1, NULL) == MLB_OK, "set pools");
    mlb_pool_free(pool);
    return allocator;
}

static void write_id(char id[ID_SIZE], size_t number)
{
    snprintf(id, ID_SIZE, "default/service-%07zu", number);
}

static void allocate(struct mlb_allocator *allocator, size_t number, uint32_t families)
{
    static const char *const pools[] = {"pool"};
    const struct mlb_port port = {.number = 80, .protocol = MLB_PROTOCOL_TCP};
    char id[ID_SIZE];
    const struct mlb_request request = {
        .struct_size = sizeof(request),
        .families = families,
        .id = id,
        .pools = pools,
        .ports = &port,
        .pool_count = 1,
        .port_count = 1,
    };

    write_id(id, number);
    require(mlb_allocator_allocate(allocator, &request, NULL, NULL) == MLB_OK, "allocate");
}

static void release(struct mlb_allocator *allocator, size_t number)
{
    char id[ID_SIZE];

    write_id(id, number);
    require(mlb_allocator_release(allocator, id, NULL) == MLB_OK, "release");
}

static void measure_creation(const char *what, const char *entry)
{
    const double start = seconds();
    struct mlb_allocator *allocator = allocator_with(entry);

    print_row(what, 1, seconds() - start);
    mlb_allocator_free(allocator);
}

static void measure_fill(const char *what, const char *entry, uint32_t families, size_t count)
{
    struct mlb_allocator *allocator = allocator_with(entry);
    const double start = seconds();

    for (size_t i = 0; i < count; i++)
        allocate(allocator, i, families);
    print_row(what, count, seconds() - start);
    mlb_allocator_free(allocator);
}

/* Every third address is released, in an order without pattern, and given out again. */
static void measure_churn(size_t count)
{
    struct mlb_allocator *allocator = allocator_with("10.0.0.0/8");
    const size_t step = 7919; /* a prime, so that it visits all */
    double start;

    for (size_t i = 0; i < count; i++)
        allocate(allocator, i, MLB_FAMILIES_IPV4);
    start = seconds();
    for (size_t i = 0; i < count / 3; i++)
        release(allocator, i * step % count);
    print_row("release a third of a million, scattered", count / 3, seconds() - start);
    start = seconds();
    for (size_t i = 0; i < count / 3; i++)
        allocate(allocator, i * step % count, MLB_FAMILIES_IPV4);
    print_row("and allocate for them again", count / 3, seconds() - start);
    start = seconds();
    for (size_t i = 0; i < count; i++)
        release(allocator, i);
    print_row("release the million", count, seconds() - start);
    mlb_allocator_free(allocator);
}

/* The naive way keeps what is in use in an open hash table. */
struct naive {
    uint32_t *used;
    size_t mask;
};

static bool naive_is_used(const struct naive *naive, uint32_t address, size_t *place)
{
    size_t i = address * 2654435761u & naive->mask;

    while (naive->used[i] != 0 && naive->used[i] != address)
        i = (i + 1) & naive->mask;
    *place = i;
    return naive->used[i] == address;
}

static void measure_naive(unsigned bits)
{
    const size_t size = (size_t)1 << bits;
    struct naive naive = {.used = calloc(size * 2, sizeof(uint32_t)), .mask = size * 2 - 1};
    char what[64];
    const double start = seconds();

    require(naive.used != NULL, "memory");
    for (size_t i = 0; i < size; i++) {
        uint32_t address = 10u << 24;
        size_t place;

        while (naive_is_used(&naive, address, &place))
            address++;
        naive.used[place] = address;
    }
    snprintf(what, sizeof(what), "fill a /%u, naive (walk and look up)", 32 - bits);
    print_row(what, size, seconds() - start);
    free(naive.used);
}

static void print_help(void)
{
    printf("Usage: bench-allocation [--naive-bits N]\n"
           "\n"
           "Measures the address allocator and prints a table.\n"
           "\n"
           "  --naive-bits N  let the naive way fill a pool of 2^N addresses (default 14, which\n"
           "                  is a /18; 0 leaves it out, 20 is the most)\n"
           "  --help          print this\n");
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"help", no_argument, NULL, 'h'},
        {"naive-bits", required_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        char *end = NULL;

        if (option == 'h') {
            print_help();
            exit(0);
        }
        if (option != 'n')
            return false;
        options->naive_bits = (unsigned)strtoul(optarg, &end, 10);
        if (*optarg == '\0' || *end != '\0' || options->naive_bits > 20) {
            fprintf(stderr, "bench-allocation: --naive-bits must be 0 to 20\n");
            return false;
        }
    }
    return optind == argc;
}

int main(int argc, char **argv)
{
    struct options options = {.naive_bits = 14};
    struct rusage usage;

    if (!parse_options(argc, argv, &options)) {
        fprintf(stderr, "Try bench-allocation --help.\n");
        return 2;
    }
    print_head();
    measure_creation("create a pool of a /8", "10.0.0.0/8");
    measure_creation("create a pool of a /48", "2001:db8::/48");
    measure_fill("fill a /18", "10.0.0.0/18", MLB_FAMILIES_IPV4, 1 << 14);
    if (options.naive_bits > 0)
        measure_naive(options.naive_bits);
    measure_fill("fill a /16", "10.0.0.0/16", MLB_FAMILIES_IPV4, 1 << 16);
    measure_fill("a million in a /8", "10.0.0.0/8", MLB_FAMILIES_IPV4, MILLION);
    measure_fill("a million in a /48", "2001:db8::/48", MLB_FAMILIES_IPV6, MILLION);
    measure_churn(MILLION);
    getrusage(RUSAGE_SELF, &usage);
    printf("%-44s %10.0f MB\n", "resident memory at its highest", (double)usage.ru_maxrss / 1024);
    return 0;
}
