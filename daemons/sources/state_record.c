/* SPDX-License-Identifier: MIT */
#include "sources/state_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_writer.h"
#include "objects/manifest.h"

/* The name that MetalLB gives this annotation. */
#define ANNOTATION_POOL  "metallb.io/ip-allocated-from-pool"
#define ANNOTATION_TERMS "metallb.io/ip-sharing-terms"

static void write_metadata(struct json_writer *writer, const struct service_outcome *outcome)
{
    bool has_pool = outcome->pool != NULL && outcome->address_count > 0;
    bool has_terms = outcome->terms != NULL && outcome->terms[0] != '\0';

    json_begin_object(writer);
    json_text_member(writer, "namespace", outcome->namespace_);
    json_text_member(writer, "name", outcome->name);
    if (has_pool || has_terms) {
        json_key(writer, "annotations");
        json_begin_object(writer);
        if (has_pool)
            json_text_member(writer, ANNOTATION_POOL, outcome->pool);
        if (has_terms)
            json_text_member(writer, ANNOTATION_TERMS, outcome->terms);
        json_end_object(writer);
    }
    json_end_object(writer);
}

static void write_addresses(struct json_writer *writer, const struct service_outcome *outcome)
{
    json_key(writer, "loadBalancer");
    json_begin_object(writer);
    json_key(writer, "ingress");
    json_begin_array(writer);
    for (size_t i = 0; i < outcome->address_count; i++) {
        char text[MLB_ADDRESS_TEXT_SIZE] = "";

        mlb_address_format(&outcome->addresses[i], text, sizeof(text), NULL);
        json_begin_object(writer);
        json_text_member(writer, "ip", text);
        json_end_object(writer);
    }
    json_end_array(writer);
    json_end_object(writer);
}

static void write_condition(struct json_writer *writer, const char *reason)
{
    json_key(writer, "conditions");
    json_begin_array(writer);
    json_begin_object(writer);
    json_text_member(writer, "type", "metallb.io/AddressAssigned");
    json_text_member(writer, "status", "False");
    json_text_member(writer, "reason", "AllocationFailed");
    json_text_member(writer, "message", reason);
    json_end_object(writer);
    json_end_array(writer);
}

void state_record_write(FILE *stream, const struct service_outcome *outcome)
{
    struct json_writer writer = {.stream = stream};

    json_begin_object(&writer);
    json_text_member(&writer, "apiVersion", "v1");
    json_text_member(&writer, "kind", "Service");
    json_key(&writer, "metadata");
    write_metadata(&writer, outcome);
    json_key(&writer, "status");
    json_begin_object(&writer);
    write_addresses(&writer, outcome);
    if (outcome->address_count == 0)
        write_condition(&writer, outcome->reason == NULL ? "" : outcome->reason);
    json_end_object(&writer);
    json_end_object(&writer);
    fputc('\n', stream);
}

static void write_count(struct json_writer *writer, const char *key, const struct mlb_count *count)
{
    char text[MLB_COUNT_TEXT_SIZE] = "";

    mlb_count_format(count, text, sizeof(text), NULL);
    json_text_member(writer, key, text);
}

void state_record_write_pool(FILE *stream, const struct pool_outcome *outcome)
{
    const struct mlb_pool_counters *counters = &outcome->counters;
    struct json_writer writer = {.stream = stream};

    json_begin_object(&writer);
    json_text_member(&writer, "name", outcome->name);
    json_unsigned_member(&writer, "services", counters->requests);
    write_count(&writer, "assignedIPv4", &counters->assigned_ipv4);
    write_count(&writer, "availableIPv4", &counters->available_ipv4);
    write_count(&writer, "assignedIPv6", &counters->assigned_ipv6);
    write_count(&writer, "availableIPv6", &counters->available_ipv6);
    json_end_object(&writer);
    fputc('\n', stream);
}

static int complain(struct problem_list *problems, const char *path, const char *field,
                    const char *message)
{
    problem_add(problems, PROBLEM_ERROR, path, 0, "", field, "%s", message);
    return -EINVAL;
}

static int take_service(const char *path, const struct service *service, const char *namespace_,
                        const char *name, struct state_record *record,
                        struct problem_list *problems)
{
    const char *terms = labels_get(&service->object.annotations, ANNOTATION_TERMS);

    if (strcmp(service->object.namespace_, namespace_) != 0 ||
        strcmp(service->object.name, name) != 0)
        return complain(problems, path, "metadata", "is about another Service than its path says");
    for (size_t i = 0; i < service->ingress_count; i++)
        record->addresses[i] = service->ingress[i];
    record->address_count = service->ingress_count;
    record->namespace_ = strdup(namespace_);
    record->name = strdup(name);
    record->terms = strdup(terms == NULL ? "" : terms);
    return record->namespace_ == NULL || record->name == NULL || record->terms == NULL ? -ENOMEM
                                                                                       : 0;
}

int state_record_read(const char *path, const char *text, size_t length, const char *namespace_,
                      const char *name, struct state_record *record, struct problem_list *problems)
{
    struct problem_list found = {0};
    struct manifest manifest;
    int result;

    memset(record, 0, sizeof(*record));
    result = manifest_parse(path, text, length, MANIFEST_JSON, &manifest, &found);
    if (result == 0 && found.count > 0)
        /* What other readers may ignore was not written here. */
        result = complain(problems, path, found.items[0].field, found.items[0].message);
    problem_list_clear(&found);
    if (result != 0) {
        manifest_clear(&manifest);
        return result;
    }
    if (manifest.count != 1 || manifest.items[0]->kind != OBJECT_SERVICE)
        result = complain(problems, path, "", "does not hold the record of one Service");
    else
        result = take_service(path, (const struct service *)manifest.items[0], namespace_, name,
                              record, problems);
    manifest_clear(&manifest);
    if (result != 0)
        state_record_clear(record);
    return result;
}

void state_record_clear(struct state_record *record)
{
    free(record->namespace_);
    free(record->name);
    free(record->terms);
    memset(record, 0, sizeof(*record));
}
