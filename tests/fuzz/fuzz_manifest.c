/* SPDX-License-Identifier: MIT */
/* Any bytes are a manifest or are refused, and what is read is admitted without harm. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "objects/admission.h"
#include "objects/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_object(const struct object *object)
{
    char name[OBJECT_NAME_SIZE];

    require(object->references >= 1 && object->name[0] != '\0');
    object_describe(object, name, sizeof(name));
    if (object->kind == OBJECT_SERVICE)
        require(((const struct service *)object)->ingress_count <= MLB_ASSIGNMENT_ADDRESSES_MAX);
    if (object->kind == OBJECT_IP_ADDRESS_POOL)
        require(mlb_pool_size(((const struct ip_address_pool *)object)->pool) > 0);
}

static void check(const uint8_t *data, size_t size, enum manifest_format format)
{
    struct problem_list problems = {0};
    struct object_set set;
    struct object_set again;
    struct manifest manifest;

    require(manifest_parse("f", (const char *)data, size, format, &manifest, &problems) == 0);
    /* What is not whole has a reason. */
    if (manifest.truncated || manifest.nameless || manifest.broken_count > 0)
        require(problem_list_has_errors(&problems));
    for (size_t i = 0; i < manifest.count; i++)
        check_object(manifest.items[i]);
    require(admission_run(NULL, manifest.items, manifest.count, &set, &problems) == 0);
    admission_review(&set, &problems);
    /* What is in force stays in force when it is read again. */
    require(admission_run(&set, manifest.items, manifest.count, &again, &problems) == 0);
    for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        require(set.lists[kind].count == again.lists[kind].count);
    object_set_clear(&again);
    object_set_clear(&set);
    manifest_clear(&manifest);
    problem_list_clear(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, MANIFEST_GUESS);
    check(data, size, MANIFEST_JSON);
    return 0;
}
