/* SPDX-License-Identifier: MIT */
#include "reconcile/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *service_annotation(const struct service *service, const char *name)
{
    static const char *const prefixes[] = {"metallb.io", "metallb.universe.tf"};
    /* The newer key wins even where it is empty. */
    for (size_t i = 0; i < 2; i++) {
        char key[64];
        snprintf(key, sizeof(key), "%s/%s", prefixes[i], name);
        const char *value = labels_get(&service->object.annotations, key);
        if (value != NULL)
            return value;
    }
    return NULL;
}

uint32_t families_of(const struct mlb_address *addresses, size_t count)
{
    uint32_t families = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t family =
            addresses[i].family == MLB_FAMILY_IPV6 ? MLB_FAMILIES_IPV6 : MLB_FAMILIES_IPV4;
        if ((families & family) != 0)
            return 0;
        families |= family;
    }
    return families;
}

bool service_has_class(const struct service *service, const char *load_balancer_class)
{
    const char *wanted = load_balancer_class == NULL ? "" : load_balancer_class;
    const char *has = service->load_balancer_class == NULL ? "" : service->load_balancer_class;
    return strcmp(wanted, has) == 0;
}

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return text;
}

/* Parses one requested address; the error is kept for the caller to report. */
static int read_wanted_address(struct service_request *request, struct arena *arena,
                               const char *field, const char *text)
{
    if (request->wanted_count == MLB_ASSIGNMENT_ADDRESSES_MAX) {
        request->wanted_error =
            arena_format(arena, "%s holds more than two addresses; give one of each family", field);
        return request->wanted_error == NULL ? -ENOMEM : 0;
    }
    struct mlb_address address;
    if (mlb_address_parse(text, &address, NULL) != MLB_OK) {
        request->wanted_error =
            text[0] == '\0'
                ? arena_format(arena, "%s has an empty item; remove the surplus comma", field)
                : arena_format(arena, "\"%s\" in %s is not an IP address", text, field);
        return request->wanted_error == NULL ? -ENOMEM : 0;
    }
    request->wanted[request->wanted_count++] = address;
    return 0;
}

static int read_wanted_list(struct service_request *request, struct arena *arena, const char *list)
{
    char *text = arena_copy(arena, list);
    if (text == NULL)
        return -ENOMEM;
    while (text != NULL && request->wanted_error == NULL) {
        char *item = strsep(&text, ",");
        if (read_wanted_address(request, arena, "the annotation loadBalancerIPs", trimmed(item)) !=
            0)
            return -ENOMEM;
    }
    if (request->wanted_error == NULL && families_of(request->wanted, request->wanted_count) == 0)
        request->wanted_error =
            "the two addresses in the annotation loadBalancerIPs are of one family";
    return 0;
}

static int read_wanted(const struct service *service, struct arena *arena,
                       struct service_request *request)
{
    const char *list = service_annotation(service, "loadBalancerIPs");
    const char *single = service->load_balancer_ip;
    int result = 0;
    if (is_set(list) && is_set(single))
        request->wanted_error = "both spec.loadBalancerIP and the annotation loadBalancerIPs are "
                                "given; remove one of them";
    else if (is_set(list))
        result = read_wanted_list(request, arena, list);
    else if (is_set(single))
        result = read_wanted_address(request, arena, "spec.loadBalancerIP", single);
    if (request->wanted_error != NULL)
        request->wanted_count = 0;
    return result;
}

static int read_cluster_families(const struct service *service, struct arena *arena,
                                 struct service_request *request)
{
    struct mlb_address addresses[2];
    size_t count = service->cluster_ips.count;
    bool good = count <= 2;
    for (size_t i = 0; good && i < count; i++)
        good = mlb_address_parse(service->cluster_ips.items[i], &addresses[i], NULL) == MLB_OK;
    request->families = good ? families_of(addresses, count) : 0;
    if (request->families != 0)
        return 0;
    request->families_error =
        arena_format(arena, "spec.clusterIPs (%s%s) do not tell the address families",
                     service->cluster_ips.items[0], count > 1 ? ", ..." : "");
    return request->families_error == NULL ? -ENOMEM : 0;
}

static uint32_t declared_families(const struct service *service)
{
    uint32_t families = 0;
    for (size_t i = 0; i < service->ip_family_count; i++)
        families |=
            service->ip_families[i] == MLB_FAMILY_IPV6 ? MLB_FAMILIES_IPV6 : MLB_FAMILIES_IPV4;
    return families;
}

/* Without a cluster nobody sets clusterIPs; then what the manifest says itself counts. */
static int read_families(const struct service *service, struct arena *arena,
                         struct service_request *request)
{
    bool wants_both = service->ip_family_policy == IP_FAMILY_POLICY_PREFER ||
                      service->ip_family_policy == IP_FAMILY_POLICY_REQUIRE;
    if (service->cluster_ips.count > 0) {
        if (read_cluster_families(service, arena, request) != 0)
            return -ENOMEM;
    } else if (service->ip_family_count > 0) {
        request->families = declared_families(service);
    } else if (request->wanted_count > 0) {
        request->families = families_of(request->wanted, request->wanted_count);
    } else {
        request->families = wants_both ? MLB_FAMILIES_BOTH : MLB_FAMILIES_IPV4;
    }
    request->primary_family =
        service->ip_family_count > 0 ? service->ip_families[0] : MLB_FAMILY_IPV4;
    if (service->ip_family_policy == IP_FAMILY_POLICY_PREFER)
        request->dual_stack = MLB_DUAL_STACK_PREFER;
    else if (service->ip_family_policy == IP_FAMILY_POLICY_REQUIRE)
        request->dual_stack = MLB_DUAL_STACK_REQUIRE;
    request->lacks_family = request->dual_stack == MLB_DUAL_STACK_REQUIRE &&
                            request->families_error == NULL &&
                            request->families != MLB_FAMILIES_BOTH;
    if (service->cluster_ips.count > 0 && service->cluster_ips.count < 2 &&
        request->dual_stack == MLB_DUAL_STACK_REQUIRE)
        request->lacks_family = true;
    return 0;
}

/* The selector as sorted k=v list: two Local services share only if they select the same pods. */
static int read_backend_key(const struct service *service, struct arena *arena,
                            struct service_request *request)
{
    size_t size = 1;
    for (size_t i = 0; i < service->selector.count; i++)
        size +=
            strlen(service->selector.items[i].key) + strlen(service->selector.items[i].value) + 2;
    char *key = arena_allocate(arena, size, 1);
    if (key == NULL)
        return -ENOMEM;
    size_t used = 0;
    for (size_t i = 0; i < service->selector.count; i++)
        used += (size_t)snprintf(key + used, size - used, "%s%s=%s", i > 0 ? "," : "",
                                 service->selector.items[i].key, service->selector.items[i].value);
    request->backend_key = key;
    return 0;
}

static int read_sharing(const struct service *service, struct arena *arena,
                        struct service_request *request)
{
    const char *key = service_annotation(service, "allow-shared-ip");
    request->sharing_key = key == NULL ? "" : key;
    request->backend_key = "";
    if (service->policy != TRAFFIC_POLICY_LOCAL)
        return 0;
    if (service->selector.count > 0)
        return read_backend_key(service, arena, request);
    /* Nothing tells whether such a service has the endpoints of another one, so that a node which
     * suits both may not exist. */
    request->sharing_key = "";
    return 0;
}

static int compare_ports(const void *left, const void *right)
{
    const struct mlb_port *a = left;
    const struct mlb_port *b = right;
    if (a->protocol != b->protocol)
        return a->protocol < b->protocol ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static int read_ports(const struct service *service, struct arena *arena,
                      struct service_request *request)
{
    if (service->port_count == 0)
        return 0;
    struct mlb_port *ports = arena_allocate(arena, service->port_count, sizeof(*ports));
    if (ports == NULL)
        return -ENOMEM;
    memcpy(ports, service->ports, service->port_count * sizeof(*ports));
    qsort(ports, service->port_count, sizeof(*ports), compare_ports);
    size_t kept = 1;
    for (size_t i = 1; i < service->port_count; i++) {
        if (compare_ports(&ports[i], &ports[kept - 1]) != 0)
            ports[kept++] = ports[i];
    }
    request->ports = ports;
    request->port_count = kept;
    return 0;
}

int service_request_read(const struct service *service, struct arena *arena,
                         struct service_request *request)
{
    memset(request, 0, sizeof(*request));
    request->id = arena_format(arena, "%s/%s", service->object.namespace_, service->object.name);
    const char *pool = service_annotation(service, "address-pool");
    request->pool = is_set(pool) ? pool : NULL;
    if (request->id == NULL || read_wanted(service, arena, request) != 0 ||
        read_families(service, arena, request) != 0 || read_sharing(service, arena, request) != 0 ||
        read_ports(service, arena, request) != 0)
        return -ENOMEM;
    return 0;
}
