/* SPDX-License-Identifier: MIT */
/*
 * Reads Service.
 *
 * What a Service asks for (addresses, pools, sharing) is kept as text: a request that cannot be
 * met is the business of the one who answers it and does not make the Service invalid.
 */
#include <stdlib.h>
#include <string.h>

#include "objects/kinds.h"

/* The Kubernetes API takes an empty text for none. */
static int optional_word(const struct field *field, const char *const *words)
{
    if (field_present(field) && field->value->kind == TREE_STRING && field->value->text[0] == '\0')
        return -1;
    return field_word(field, words);
}

static void read_type(const struct field *spec, struct service *service)
{
    static const char *const types[] = {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName",
                                        NULL};
    struct field type = field_member(spec, "type");

    service->is_load_balancer = optional_word(&type, types) == 2;
}

static void read_policies(const struct field *spec, struct service *service)
{
    static const char *const policies[] = {"Cluster", "Local", NULL};
    static const char *const family_policies[] = {"SingleStack", "PreferDualStack",
                                                  "RequireDualStack", NULL};
    struct field policy = field_member(spec, "externalTrafficPolicy");
    struct field family_policy = field_member(spec, "ipFamilyPolicy");

    service->policy =
        optional_word(&policy, policies) == 1 ? TRAFFIC_POLICY_LOCAL : TRAFFIC_POLICY_CLUSTER;
    switch (optional_word(&family_policy, family_policies)) {
    case 0:
        service->ip_family_policy = IP_FAMILY_POLICY_SINGLE;
        break;
    case 1:
        service->ip_family_policy = IP_FAMILY_POLICY_PREFER;
        break;
    case 2:
        service->ip_family_policy = IP_FAMILY_POLICY_REQUIRE;
        break;
    default:
        service->ip_family_policy = IP_FAMILY_POLICY_NONE;
        break;
    }
}

static void read_families(const struct field *spec, struct service *service)
{
    static const char *const families[] = {"IPv4", "IPv6", NULL};
    struct field field = field_member(spec, "ipFamilies");
    size_t count = field_count(&field);

    if (count > 2)
        field_error(&field, "must have at most two items");
    for (size_t i = 0; i < count && i < 2; i++) {
        struct field item = field_item(&field, i);
        int word = field_word(&item, families);
        uint8_t family = word == 0 ? MLB_FAMILY_IPV4 : MLB_FAMILY_IPV6;

        if (!field_present(&item))
            field_error(&item, "must be IPv4 or IPv6");
        if (word < 0)
            continue;
        if (i == 1 && service->ip_family_count == 1 && service->ip_families[0] == family)
            field_error(&item, "%s stands twice in the list", families[word]);
        service->ip_families[service->ip_family_count++] = family;
    }
}

static void read_cluster_ips(const struct field *spec, struct service *service)
{
    struct field list = field_member(spec, "clusterIPs");
    struct field single = field_member(spec, "clusterIP");
    const char *text = field_text(&single);

    field_strings(&list, true, &service->cluster_ips);
    if (service->cluster_ips.count > 0 || text == NULL || text[0] == '\0')
        return;
    free(service->cluster_ips.items);
    service->cluster_ips.items = field_allocate(&single, 1, sizeof(char *));
    if (service->cluster_ips.items == NULL)
        return;
    service->cluster_ips.items[0] = field_copy(&single, text);
    service->cluster_ips.count = service->cluster_ips.items[0] == NULL ? 0 : 1;
}

static bool read_port(const struct field *item, struct mlb_port *port)
{
    static const char *const protocols[] = {"TCP", "UDP", "SCTP", NULL};
    static const uint8_t numbers[] = {MLB_PROTOCOL_TCP, MLB_PROTOCOL_UDP, MLB_PROTOCOL_SCTP};
    struct field protocol = field_member(item, "protocol");
    struct field number_field = field_member(item, "port");
    int64_t number = 0;
    int word;

    if (!field_present(item))
        field_error(item, "must have a port");
    if (!field_is_mapping(item))
        return false;
    word = optional_word(&protocol, protocols);
    if (!field_present(&number_field))
        field_error(&number_field, "is required");
    if (!field_integer(&number_field, 1, 65535, &number))
        return false;
    port->number = (uint16_t)number;
    port->protocol = numbers[word < 0 ? 0 : word];
    return true;
}

/* The Kubernetes API has no limit of its own; three protocols have this many ports. */
#define PORTS_MAX 4096

static void read_ports(const struct field *spec, struct service *service)
{
    struct field field = field_member(spec, "ports");
    size_t count = field_count(&field);

    if (count > PORTS_MAX) {
        field_error(&field, "must have at most %d items", PORTS_MAX);
        return;
    }
    if (count == 0)
        return;
    service->ports = field_allocate(&field, count, sizeof(*service->ports));
    for (size_t i = 0; i < count && service->ports != NULL; i++) {
        struct field item = field_item(&field, i);
        struct mlb_port *port = &service->ports[service->port_count];

        if (!read_port(&item, port))
            continue;
        for (size_t j = 0; j < service->port_count; j++)
            if (memcmp(&service->ports[j], port, sizeof(*port)) == 0)
                field_error(&item, "the same protocol and port stand twice in the list");
        service->port_count++;
    }
}

static char *read_optional(const struct field *spec, const char *key)
{
    struct field field = field_member(spec, key);
    const char *text = field_text(&field);

    return text == NULL || text[0] == '\0' ? NULL : field_copy(&field, text);
}

static void read_spec(const struct field *spec, struct service *service)
{
    struct field selector = field_member(spec, "selector");

    read_type(spec, service);
    read_policies(spec, service);
    read_families(spec, service);
    read_cluster_ips(spec, service);
    read_ports(spec, service);
    field_labels(&selector, true, &service->selector);
    service->load_balancer_ip = read_optional(spec, "loadBalancerIP");
    service->load_balancer_class = read_optional(spec, "loadBalancerClass");
}

static bool has_family(const struct service *service, uint8_t family)
{
    for (size_t i = 0; i < service->ingress_count; i++)
        if (service->ingress[i].family == family)
            return true;
    return false;
}

static void read_ingress_item(const struct field *item, struct service *service)
{
    struct field ip = field_member(item, "ip");
    struct field hostname = field_member(item, "hostname");
    struct mlb_address address;

    if (!field_present(&ip) && field_present(&hostname))
        return;
    if (ip.value == NULL || ip.value->kind != TREE_STRING ||
        mlb_address_parse(ip.value->text, &address, NULL) != MLB_OK)
        field_notice(&ip, "is not an address and is ignored");
    else if (has_family(service, address.family))
        field_notice(&ip, "is a second address of one family and is ignored");
    else
        service->ingress[service->ingress_count++] = address;
}

/* A status is what a program wrote: what cannot be read of it counts as none, and the Service goes
 * on. */
static void read_status(const struct field *root, struct service *service)
{
    struct field status = field_member(root, "status");
    struct field load_balancer = field_member(&status, "loadBalancer");
    struct field ingress = field_member(&load_balancer, "ingress");

    if (!field_present(&ingress)) {
        const struct field *wrong = field_present(&load_balancer) ? &load_balancer : &status;

        if (field_present(wrong) && wrong->value->kind != TREE_MAPPING)
            field_notice(wrong, "is not a mapping and is ignored");
        return;
    }
    if (ingress.value->kind != TREE_SEQUENCE) {
        field_notice(&ingress, "is not a sequence and is ignored");
        return;
    }
    service->ingress =
        field_allocate(&ingress, MLB_ASSIGNMENT_ADDRESSES_MAX, sizeof(*service->ingress));
    for (size_t i = 0; i < ingress.value->count && service->ingress != NULL; i++) {
        struct field item = field_item(&ingress, i);

        read_ingress_item(&item, service);
    }
}

void service_read(const struct field *root, struct object *object)
{
    struct service *service = (struct service *)object;
    struct field spec = field_member(root, "spec");

    if (!field_present(&spec))
        service->status_only = true;
    else if (field_is_mapping(&spec))
        read_spec(&spec, service);
    read_status(root, service);
}
