/* SPDX-License-Identifier: MIT */
#include "objects/kinds.h"

#include <string.h>

static const struct kind kinds[] = {
    {"IPAddressPool",
     {"metallb.io/v1beta1"},
     OBJECT_IP_ADDRESS_POOL,
     true,
     sizeof(struct ip_address_pool),
     ip_address_pool_read},
    {"AddressPool",
     {"metallb.io/v1beta1", "metallb.io/v1alpha1"},
     OBJECT_IP_ADDRESS_POOL,
     true,
     sizeof(struct ip_address_pool),
     address_pool_read},
    {"L2Advertisement",
     {"metallb.io/v1beta1"},
     OBJECT_L2_ADVERTISEMENT,
     true,
     sizeof(struct l2_advertisement),
     l2_advertisement_read},
    {"Service", {"v1"}, OBJECT_SERVICE, true, sizeof(struct service), service_read},
    {"EndpointSlice",
     {"discovery.k8s.io/v1"},
     OBJECT_ENDPOINT_SLICE,
     true,
     sizeof(struct endpoint_slice),
     endpoint_slice_read},
    {"Node", {"v1"}, OBJECT_NODE, false, sizeof(struct node), node_read},
    {"Namespace", {"v1"}, OBJECT_NAMESPACE, false, sizeof(struct namespace_object), namespace_read},
};

const struct kind *kind_find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0)
            return &kinds[i];
    return NULL;
}

bool kind_has_version(const struct kind *kind, const char *api_version)
{
    for (size_t i = 0; kind->api_versions[i] != NULL; i++)
        if (strcmp(kind->api_versions[i], api_version) == 0)
            return true;
    return false;
}
