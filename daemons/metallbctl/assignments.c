/* SPDX-License-Identifier: MIT */
#include "metallbctl/assignments.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/json_writer.h"

static bool same_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* The directory of a file, "." for a bare name; the caller frees it. */
static char *directory_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        return strdup(".");
    return slash == file ? strdup("/") : strndup(file, (size_t)(slash - file));
}

static const char *base_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash == NULL ? file : slash + 1;
}

/* Names that a directory of manifests is searched for. */
static bool is_manifest_name(const char *name)
{
    return name[0] != '.' &&
           (ends_with(name, ".yaml") || ends_with(name, ".yml") || ends_with(name, ".json"));
}

bool assignments_are_read(const char *file, const char *const *paths, size_t count)
{
    char *directory = directory_of(file);
    bool in_directory = is_manifest_name(base_of(file));
    bool found = false;
    for (size_t i = 0; !found && i < count; i++)
        found = same_file(file, paths[i]) ||
                (in_directory && directory != NULL && same_file(directory, paths[i]));
    free(directory);
    return found;
}

bool assignments_exist(const char *file)
{
    struct stat status;
    return stat(file, &status) == 0 && status.st_size > 0;
}

bool assignments_are_broken(const char *file, const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        if (problem->severity == PROBLEM_ERROR && same_file(file, problem->file))
            return true;
    }
    return false;
}

static bool holds_other_objects(const char *file, const struct object_set *objects)
{
    const char *previous = "";
    for (size_t i = 0; i < OBJECT_KIND_COUNT; i++) {
        const struct object_list *list = &objects->lists[i];
        for (size_t j = 0; j < list->count; j++) {
            /* Neighbours mostly come from one file. */
            if (strcmp(list->items[j]->file, previous) == 0)
                continue;
            previous = list->items[j]->file;
            if (same_file(file, previous))
                return true;
        }
    }
    return false;
}

/* Objects of kinds that are not read are only known by the notice of it. */
static bool holds_other_kinds(const char *file, const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        if (problem->severity == PROBLEM_NOTICE && problem->line != 0 &&
            problem->object[0] == '\0' && same_file(file, problem->file))
            return true;
    }
    return false;
}

bool assignments_have_company(const char *file, const struct object_set *objects,
                              const struct problem_list *problems)
{
    return holds_other_objects(file, objects) || holds_other_kinds(file, problems);
}

/* What is written for one service. */
struct assignment {
    const struct object *object;
    const struct mlb_address *addresses;
    size_t count;
};

/* A status that another implementation gave stays as it is. */
static struct assignment assignment_of(const struct service_result *result)
{
    if (result->condition == SERVICE_OTHER_CLASS)
        return (struct assignment){.object = &result->service->object,
                                   .addresses = result->service->ingress,
                                   .count = result->service->ingress_count};
    return (struct assignment){.object = &result->service->object,
                               .addresses = result->addresses,
                               .count = result->address_count};
}

static int write_yaml_service(FILE *stream, const struct assignment *assignment)
{
    fputs("---\napiVersion: v1\nkind: Service\nmetadata:\n  namespace: \"", stream);
    json_write_escaped(stream, assignment->object->namespace_);
    fputs("\"\n  name: \"", stream);
    json_write_escaped(stream, assignment->object->name);
    fputs("\"\nstatus:\n  loadBalancer:\n    ingress:\n", stream);
    for (size_t i = 0; i < assignment->count; i++) {
        char text[MLB_ADDRESS_TEXT_SIZE];
        if (mlb_address_format(&assignment->addresses[i], text, sizeof(text), NULL) != MLB_OK)
            return -EINVAL;
        fprintf(stream, "    - ip: \"%s\"\n", text);
    }
    return 0;
}

static int write_json_service(struct json_writer *writer, const struct assignment *assignment)
{
    json_begin_object(writer);
    json_text_member(writer, "apiVersion", "v1");
    json_text_member(writer, "kind", "Service");
    json_key(writer, "metadata");
    json_begin_object(writer);
    json_text_member(writer, "namespace", assignment->object->namespace_);
    json_text_member(writer, "name", assignment->object->name);
    json_end_object(writer);
    json_key(writer, "status");
    json_begin_object(writer);
    json_key(writer, "loadBalancer");
    json_begin_object(writer);
    json_key(writer, "ingress");
    json_begin_array(writer);
    for (size_t i = 0; i < assignment->count; i++) {
        char text[MLB_ADDRESS_TEXT_SIZE];
        if (mlb_address_format(&assignment->addresses[i], text, sizeof(text), NULL) != MLB_OK)
            return -EINVAL;
        json_begin_object(writer);
        json_text_member(writer, "ip", text);
        json_end_object(writer);
    }
    json_end_array(writer);
    json_end_object(writer);
    json_end_object(writer);
    json_end_object(writer);
    return 0;
}

static int write_service(FILE *stream, struct json_writer *writer,
                         const struct service_result *result)
{
    struct assignment assignment = assignment_of(result);
    if (assignment.count == 0)
        return 0;
    if (writer == NULL)
        return write_yaml_service(stream, &assignment);
    if (writer->comma)
        fputs("\n", stream);
    return write_json_service(writer, &assignment);
}

static int compare_names(const struct service_result *a, const struct service_result *b)
{
    int order = strcmp(a->service->object.namespace_, b->service->object.namespace_);
    return order != 0 ? order : strcmp(a->service->object.name, b->service->object.name);
}

/* Services and orphans by namespace and name, so that the file changes where an assignment does. */
static int write_services(FILE *stream, struct json_writer *writer,
                          const struct service_results *results)
{
    size_t service = 0;
    size_t orphan = 0;
    int result = 0;
    while (result == 0 && (service < results->service_count || orphan < results->orphan_count)) {
        bool is_orphan =
            service == results->service_count ||
            (orphan < results->orphan_count &&
             compare_names(&results->orphans[orphan], service_results_at(results, service)) < 0);
        result = write_service(stream, writer,
                               is_orphan ? &results->orphans[orphan++]
                                         : service_results_at(results, service++));
    }
    return result;
}

static int write_content(FILE *stream, bool json, const struct service_results *results)
{
    struct json_writer writer = {.stream = stream};
    if (json) {
        json_begin_object(&writer);
        json_text_member(&writer, "apiVersion", "v1");
        json_text_member(&writer, "kind", "List");
        json_key(&writer, "items");
        json_begin_array(&writer);
    } else {
        fputs("# Addresses of services, written by metallbctl allocate --write.\n", stream);
    }
    int result = write_services(stream, json ? &writer : NULL, results);
    if (json) {
        json_end_array(&writer);
        json_end_object(&writer);
        fputc('\n', stream);
    }
    return result;
}

/* Keeps the mode of the former file; a new one gets what the umask leaves of 0666. */
static mode_t mode_of(const char *file)
{
    struct stat status;
    if (stat(file, &status) == 0)
        return status.st_mode & 0777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static int sync_directory(const char *file)
{
    char *directory = directory_of(file);
    if (directory == NULL)
        return -ENOMEM;
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(directory);
    if (descriptor < 0)
        return -errno;
    int result = fsync(descriptor) == 0 ? 0 : -errno;
    close(descriptor);
    return result;
}

/* Takes over the descriptor. */
static int fill_temporary(int descriptor, const char *file, const struct service_results *results)
{
    FILE *stream = fdopen(descriptor, "w");
    if (stream == NULL) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    int result = write_content(stream, ends_with(file, ".json"), results);
    if (result == 0 && (fflush(stream) != 0 || ferror(stream) != 0 ||
                        fchmod(descriptor, mode_of(file)) != 0 || fsync(descriptor) != 0))
        result = errno == 0 ? -EIO : -errno;
    if (fclose(stream) != 0 && result == 0)
        result = -errno;
    return result;
}

static int replace(const char *file, const struct service_results *results)
{
    char *directory = directory_of(file);
    char *temporary = NULL;
    /* The leading dot keeps readers of the directory away from it. */
    if (directory == NULL || asprintf(&temporary, "%s/.%s.XXXXXX", directory, base_of(file)) < 0) {
        free(directory);
        return -ENOMEM;
    }
    free(directory);
    int descriptor = mkostemp(temporary, O_CLOEXEC);
    int result = descriptor < 0 ? -errno : fill_temporary(descriptor, file, results);
    if (result == 0 && rename(temporary, file) != 0)
        result = -errno;
    if (result != 0 && descriptor >= 0)
        unlink(temporary);
    free(temporary);
    return result == 0 ? sync_directory(file) : result;
}

/* A device or a pipe would be replaced by a file, and whoever reads it could not see that. */
static bool is_replaceable(const char *file)
{
    struct stat status;
    return stat(file, &status) != 0 || S_ISREG(status.st_mode);
}

int assignments_write(const char *file, const struct service_results *results)
{
    if (!is_replaceable(file))
        return -ENOTSUP;
    /* A symbolic link stays one: what it points to is replaced. */
    char *real = realpath(file, NULL);
    int result = replace(real == NULL ? file : real, results);
    free(real);
    return result;
}
