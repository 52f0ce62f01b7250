/* SPDX-License-Identifier: MIT */
/* Objects in force from manifests written in the tests. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "objects/objects.h"

/* Pools "lan" (192.0.2.0/29 and 2001:db8::/125) with an advertisement of everything. */
#define LAN                                                 \
    "---\n"                                                 \
    "apiVersion: metallb.io/v1beta1\n"                      \
    "kind: IPAddressPool\n"                                 \
    "metadata: {name: lan}\n"                               \
    "spec: {addresses: [192.0.2.0/29, '2001:db8::/125']}\n" \
    "---\n"                                                 \
    "apiVersion: metallb.io/v1beta1\n"                      \
    "kind: L2Advertisement\n"                               \
    "metadata: {name: all}\n"

#define POOL(name, spec)               \
    "---\n"                            \
    "apiVersion: metallb.io/v1beta1\n" \
    "kind: IPAddressPool\n"            \
    "metadata: {name: " name "}\n"     \
    "spec: " spec "\n"

#define ADVERTISEMENT(name, spec)      \
    "---\n"                            \
    "apiVersion: metallb.io/v1beta1\n" \
    "kind: L2Advertisement\n"          \
    "metadata: {name: " name "}\n"     \
    "spec: " spec "\n"

/* A Service of type LoadBalancer; metadata and spec are the insides of flow mappings. */
#define SERVICE(metadata, spec)  \
    "---\n"                      \
    "apiVersion: v1\n"           \
    "kind: Service\n"            \
    "metadata: {" metadata "}\n" \
    "spec: {type: LoadBalancer, " spec "}\n"

#define HELD(metadata, spec, ingress) \
    SERVICE(metadata, spec) "status: {loadBalancer: {ingress: [" ingress "]}}\n"

#define STATUS(name, ingress)      \
    "---\n"                        \
    "apiVersion: v1\n"             \
    "kind: Service\n"              \
    "metadata: {name: " name "}\n" \
    "status: {loadBalancer: {ingress: [" ingress "]}}\n"

#define NODE(name)     \
    "---\n"            \
    "apiVersion: v1\n" \
    "kind: Node\n"     \
    "metadata: {name: " name ", labels: {kubernetes.io/hostname: " name "}}\n"

/* One slice; endpoints is the inside of a flow sequence. */
#define ENDPOINTS(service, endpoints)                                                      \
    "---\n"                                                                                \
    "apiVersion: discovery.k8s.io/v1\n"                                                    \
    "kind: EndpointSlice\n"                                                                \
    "metadata: {name: " service "-1, labels: {kubernetes.io/service-name: " service "}}\n" \
    "addressType: IPv4\n"                                                                  \
    "endpoints: [" endpoints "]\n"

#define ON(node) "{addresses: [198.51.100.1], nodeName: " node "}"

/* Reads a text of YAML documents; the test fails where one of them is refused. */
void objects_read(const char *text, struct object_set *set);
