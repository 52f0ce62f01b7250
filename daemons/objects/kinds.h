/* SPDX-License-Identifier: MIT */
/* The kinds of objects that are read, and what reads each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "objects/field.h"
#include "objects/objects.h"

struct kind {
    const char *name;
    const char *api_versions[3]; /* up to the first NULL */
    enum object_kind kind;
    bool namespaced;
    size_t size;
    /* Fills a zeroed object whose metadata stand already. */
    void (*read)(const struct field *root, struct object *object);
};

/* Kind of a name of this length, or NULL. */
const struct kind *kind_find(const char *name, size_t length);

/* Whether a kind is known in this version. */
bool kind_has_version(const struct kind *kind, const char *api_version);

/* Fills what all objects have. False if the object cannot even be named. */
bool metadata_read(const struct field *root, const struct kind *kind, struct object *object);

void ip_address_pool_read(const struct field *root, struct object *object);
void address_pool_read(const struct field *root, struct object *object);
void l2_advertisement_read(const struct field *root, struct object *object);
void service_read(const struct field *root, struct object *object);
void endpoint_slice_read(const struct field *root, struct object *object);
void node_read(const struct field *root, struct object *object);
void namespace_read(const struct field *root, struct object *object);
