/* SPDX-License-Identifier: MIT */
/*
 * Gives services their addresses from a pool of four. Services with one sharing key stand on one
 * address as long as they use different ports.
 *
 *     share-address
 */
#include <metallb/allocator.h>
#include <stdio.h>

static const char *const pool_names[] = {"lan"};

struct service {
    const char *id;
    const char *sharing_key;
    struct mlb_port port;
};

static const struct service services[] = {
    {"default/web", "public", {.number = 80, .protocol = MLB_PROTOCOL_TCP}},
    {"default/dns", "public", {.number = 53, .protocol = MLB_PROTOCOL_UDP}},
    {"default/web-too", "public", {.number = 80, .protocol = MLB_PROTOCOL_TCP}},
    {"default/mail", NULL, {.number = 25, .protocol = MLB_PROTOCOL_TCP}},
    {"default/news", "public", {.number = 119, .protocol = MLB_PROTOCOL_TCP}},
};

static int complain(const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "share-address: %s\n", diagnostic->message);
    return 1;
}

static int give_address(struct mlb_allocator *allocator, const struct service *service)
{
    struct mlb_request request = {
        .struct_size = sizeof(request),
        .families = MLB_FAMILIES_IPV4,
        .id = service->id,
        .pools = pool_names,
        .pool_count = 1,
        .ports = &service->port,
        .port_count = 1,
        .sharing_key = service->sharing_key,
    };
    struct mlb_assignment assignment = {.struct_size = sizeof(assignment)};
    struct mlb_diagnostic diagnostic;
    char text[MLB_ADDRESS_TEXT_SIZE];

    mlb_diagnostic_init(&diagnostic);
    if (mlb_allocator_allocate(allocator, &request, &assignment, &diagnostic))
        return complain(&diagnostic);
    mlb_address_format(&assignment.addresses[0], text, sizeof(text), NULL);
    printf("%-16s %s\n", service->id, text);
    return 0;
}

/* What is asked for here cannot fail, so no diagnostic is needed. */
static void print_counters(const struct mlb_allocator *allocator)
{
    struct mlb_pool_counters counters = {.struct_size = sizeof(counters)};
    char assigned[MLB_COUNT_TEXT_SIZE];
    char available[MLB_COUNT_TEXT_SIZE];

    mlb_allocator_pool_counters(allocator, pool_names[0], &counters, NULL);
    mlb_count_format(&counters.assigned_ipv4, assigned, sizeof(assigned), NULL);
    mlb_count_format(&counters.available_ipv4, available, sizeof(available), NULL);
    printf("%u services, %s addresses in use, %s left\n", counters.requests, assigned, available);
}

/* The allocator copies its pools, so that this one can be freed at once. */
static int32_t fill(struct mlb_allocator *allocator, struct mlb_diagnostic *diagnostic)
{
    const struct mlb_pool *pools[1];
    struct mlb_pool *pool = NULL;
    int32_t result = mlb_pool_new(pool_names[0], NULL, &pool, diagnostic);

    if (result == MLB_OK)
        result = mlb_pool_add(pool, "192.0.2.0/30", diagnostic);
    pools[0] = pool;
    if (result == MLB_OK)
        result = mlb_allocator_set_pools(allocator, pools, 1, diagnostic);
    mlb_pool_free(pool);
    return result;
}

static int give_all(struct mlb_allocator *allocator)
{
    int failed = 0;

    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        failed |= give_address(allocator, &services[i]);
    print_counters(allocator);
    return failed;
}

int main(void)
{
    struct mlb_allocator *allocator = NULL;
    struct mlb_diagnostic diagnostic;
    int status;

    mlb_diagnostic_init(&diagnostic);
    if (mlb_allocator_new(&allocator, &diagnostic) || fill(allocator, &diagnostic))
        status = complain(&diagnostic);
    else
        status = give_all(allocator);
    mlb_allocator_free(allocator);
    return status;
}
