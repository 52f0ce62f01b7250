/* SPDX-License-Identifier: MIT */
#include "objects/merge.h"

#include <stdlib.h>
#include <string.h>

/* Each copy returns false without memory and leaves what it has for object_unref(). */
static bool copy_text(const char *from, char **to)
{
    if (from == NULL)
        return true;
    *to = strdup(from);
    return *to != NULL;
}

static bool copy_labels(const struct labels *from, struct labels *to)
{
    if (from->count == 0)
        return true;
    to->items = calloc(from->count, sizeof(*to->items));
    if (to->items == NULL)
        return false;
    for (size_t i = 0; i < from->count; i++) {
        to->count = i + 1;
        if (!copy_text(from->items[i].key, &to->items[i].key) ||
            !copy_text(from->items[i].value, &to->items[i].value))
            return false;
    }
    return true;
}

static bool copy_strings(const struct string_list *from, struct string_list *to)
{
    if (from->count == 0)
        return true;
    to->items = calloc(from->count, sizeof(*to->items));
    if (to->items == NULL)
        return false;
    for (size_t i = 0; i < from->count; i++) {
        to->count = i + 1;
        if (!copy_text(from->items[i], &to->items[i]))
            return false;
    }
    return true;
}

static bool copy_memory(const void *from, size_t count, size_t size, void **to)
{
    if (count == 0)
        return true;
    *to = calloc(count, size);
    if (*to == NULL)
        return false;
    memcpy(*to, from, count * size);
    return true;
}

static bool copy_base(const struct object *from, struct object *to)
{
    to->kind = from->kind;
    to->created = from->created;
    to->line = from->line;
    to->kind_text = from->kind_text;
    return copy_text(from->namespace_, &to->namespace_) && copy_text(from->name, &to->name) &&
           copy_text(from->file, &to->file) && copy_labels(&from->labels, &to->labels) &&
           copy_labels(&from->annotations, &to->annotations);
}

static bool copy_spec(const struct service *from, struct service *to)
{
    void *ports = NULL;

    to->is_load_balancer = from->is_load_balancer;
    to->policy = from->policy;
    to->ip_family_policy = from->ip_family_policy;
    to->ip_family_count = from->ip_family_count;
    memcpy(to->ip_families, from->ip_families, sizeof(to->ip_families));
    if (!copy_memory(from->ports, from->port_count, sizeof(*from->ports), &ports))
        return false;
    to->ports = ports;
    to->port_count = from->port_count;
    return copy_strings(&from->cluster_ips, &to->cluster_ips) &&
           copy_labels(&from->selector, &to->selector) &&
           copy_text(from->load_balancer_ip, &to->load_balancer_ip) &&
           copy_text(from->load_balancer_class, &to->load_balancer_class);
}

static bool copy_ingress(const struct service *from, struct service *to)
{
    void *ingress = NULL;

    if (!copy_memory(from->ingress, from->ingress_count, sizeof(*from->ingress), &ingress))
        return false;
    to->ingress = ingress;
    to->ingress_count = from->ingress_count;
    return true;
}

struct object *service_with_status(const struct service *service, const struct service *status)
{
    struct service *merged = calloc(1, sizeof(*merged));

    if (merged == NULL)
        return NULL;
    merged->object.references = 1;
    if (copy_base(&service->object, &merged->object) && copy_spec(service, merged) &&
        copy_ingress(status, merged))
        return &merged->object;
    merged->object.kind = OBJECT_SERVICE;
    object_unref(&merged->object);
    return NULL;
}
