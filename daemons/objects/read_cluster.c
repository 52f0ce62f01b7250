/* SPDX-License-Identifier: MIT */
/* Reads EndpointSlice, Node and Namespace: what the speakers know of a cluster. */
#include <string.h>

#include "objects/kinds.h"

#define LABEL_SERVICE_NAME "kubernetes.io/service-name"
#define LABEL_EXCLUDE      "node.kubernetes.io/exclude-from-external-load-balancers"

static enum tristate read_tristate(const struct field *conditions, const char *key)
{
    struct field field = field_member(conditions, key);
    bool value = false;

    if (!field_boolean(&field, &value))
        return TRISTATE_UNKNOWN;
    return value ? TRISTATE_TRUE : TRISTATE_FALSE;
}

static void read_endpoint(const struct field *item, struct endpoint *endpoint)
{
    struct field conditions = field_member(item, "conditions");
    struct field node_name = field_member(item, "nodeName");
    const char *text;

    if (!field_present(item))
        field_error(item, "must be an endpoint");
    if (!field_is_mapping(item))
        return;
    text = field_text(&node_name);
    if (text != NULL && text[0] != '\0')
        endpoint->node_name = field_copy(&node_name, text);
    if (!field_is_mapping(&conditions))
        return;
    endpoint->ready = read_tristate(&conditions, "ready");
    endpoint->serving = read_tristate(&conditions, "serving");
}

void endpoint_slice_read(const struct field *root, struct object *object)
{
    struct endpoint_slice *slice = (struct endpoint_slice *)object;
    const char *service_name = labels_get(&object->labels, LABEL_SERVICE_NAME);
    struct field endpoints = field_member(root, "endpoints");
    size_t count = field_count(&endpoints);

    slice->service_name = field_copy(root, service_name == NULL ? "" : service_name);
    if (count == 0)
        return;
    slice->endpoints = field_allocate(&endpoints, count, sizeof(*slice->endpoints));
    for (size_t i = 0; i < count && slice->endpoints != NULL; i++) {
        struct field item = field_item(&endpoints, i);

        read_endpoint(&item, &slice->endpoints[slice->endpoint_count++]);
    }
}

static void read_condition(const struct field *item, struct node *node)
{
    struct field type_field = field_member(item, "type");
    struct field status_field = field_member(item, "status");
    const char *type;
    const char *status;

    if (!field_is_mapping(item))
        return;
    type = field_text(&type_field);
    status = field_text(&status_field);
    if (type == NULL || status == NULL)
        return;
    if (strcmp(type, "NetworkUnavailable") == 0)
        node->network_unavailable = strcmp(status, "True") == 0;
    if (strcmp(type, "Ready") == 0)
        node->not_ready = strcmp(status, "True") != 0;
}

void node_read(const struct field *root, struct object *object)
{
    struct node *node = (struct node *)object;
    struct field status = field_member(root, "status");
    struct field conditions = field_member(&status, "conditions");
    size_t count = 0;

    node->exclude_from_balancers = labels_get(&object->labels, LABEL_EXCLUDE) != NULL;
    if (field_is_mapping(&status))
        count = field_count(&conditions);
    for (size_t i = 0; i < count; i++) {
        struct field item = field_item(&conditions, i);

        read_condition(&item, node);
    }
}

void namespace_read(const struct field *root, struct object *object)
{
    (void)root;
    (void)object;
}
