/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_writer.h"
#include "documents/addresses.h"
#include "metallbctl/assignments.h"
#include "metallbctl/command.h"
#include "metallbctl/load.h"
#include "metallbctl/table.h"
#include "reconcile/services.h"

static void write_service(struct json_writer *writer, const struct service_result *result)
{
    json_begin_object(writer);
    json_text_member(writer, "namespace", result->namespace_);
    json_text_member(writer, "name", result->name);
    addresses_document_write(writer, "addresses", result->addresses, result->address_count);
    json_text_member(writer, "pool", result->pool);
    json_text_member(writer, "error", result->error);
    json_end_object(writer);
}

static void write_count(struct json_writer *writer, const char *key, const struct mlb_count *count)
{
    char text[MLB_COUNT_TEXT_SIZE] = "";
    mlb_count_format(count, text, sizeof(text), NULL);
    json_text_member(writer, key, text);
}

static void write_pool(struct json_writer *writer, const struct pool_result *result)
{
    json_begin_object(writer);
    json_text_member(writer, "name", result->pool->object.name);
    write_count(writer, "assignedIPv4", &result->counters.assigned_ipv4);
    write_count(writer, "availableIPv4", &result->counters.available_ipv4);
    write_count(writer, "assignedIPv6", &result->counters.assigned_ipv6);
    write_count(writer, "availableIPv6", &result->counters.available_ipv6);
    json_end_object(writer);
}

static void write_json(const struct service_results *results)
{
    struct json_writer writer = {.stream = stdout};
    json_begin_object(&writer);
    json_key(&writer, "services");
    json_begin_array(&writer);
    for (size_t i = 0; i < results->service_count; i++) {
        if (service_results_at(results, i)->condition != SERVICE_NOT_BALANCED)
            write_service(&writer, service_results_at(results, i));
    }
    json_end_array(&writer);
    json_key(&writer, "pools");
    json_begin_array(&writer);
    for (size_t i = 0; i < results->pool_count; i++)
        write_pool(&writer, &results->pools[i]);
    json_end_array(&writer);
    json_end_object(&writer);
    fputc('\n', stdout);
}

static void add_addresses(struct table *table, const struct service_result *result)
{
    char texts[MLB_ASSIGNMENT_ADDRESSES_MAX][MLB_ADDRESS_TEXT_SIZE] = {{0}};
    const char *list[MLB_ASSIGNMENT_ADDRESSES_MAX];
    for (size_t i = 0; i < result->address_count; i++) {
        mlb_address_format(&result->addresses[i], texts[i], sizeof(texts[i]), NULL);
        list[i] = texts[i];
    }
    table_add_list(table, list, result->address_count);
}

static bool print_services(const struct service_results *results)
{
    struct table table = {.columns = 5};
    static const char *const heads[] = {"NAMESPACE", "NAME", "ADDRESSES", "POOL", "ERROR"};
    for (size_t i = 0; i < 5; i++)
        table_add(&table, heads[i]);
    for (size_t i = 0; i < results->service_count; i++) {
        const struct service_result *result = service_results_at(results, i);
        if (result->condition == SERVICE_NOT_BALANCED)
            continue;
        table_add(&table, result->namespace_);
        table_add(&table, result->name);
        add_addresses(&table, result);
        table_add(&table, result->pool);
        table_add(&table, result->error);
    }
    return table_print(&table, stdout);
}

static void add_count(struct table *table, const struct mlb_count *count)
{
    char text[MLB_COUNT_TEXT_SIZE] = "";
    mlb_count_format(count, text, sizeof(text), NULL);
    table_add(table, text);
}

static bool print_pools(const struct service_results *results)
{
    struct table table = {.columns = 5};
    static const char *const heads[] = {"POOL", "IPV4 ASSIGNED", "IPV4 AVAILABLE", "IPV6 ASSIGNED",
                                        "IPV6 AVAILABLE"};
    for (size_t i = 0; i < 5; i++)
        table_add(&table, heads[i]);
    for (size_t i = 0; i < results->pool_count; i++) {
        const struct pool_result *result = &results->pools[i];
        table_add(&table, result->pool->object.name);
        add_count(&table, &result->counters.assigned_ipv4);
        add_count(&table, &result->counters.available_ipv4);
        add_count(&table, &result->counters.assigned_ipv6);
        add_count(&table, &result->counters.available_ipv6);
    }
    return table_print(&table, stdout);
}

static int write_tables(const struct service_results *results)
{
    if (!print_services(results))
        return out_of_memory();
    fputc('\n', stdout);
    return print_pools(results) ? EXIT_GOOD : out_of_memory();
}

static int write_assignments(const char *file, const struct loaded *loaded,
                             const struct service_results *results)
{
    if (assignments_are_broken(file, &loaded->problems)) {
        fprintf(stderr,
                "metallbctl allocate: %s is broken, so what it holds is not known; it is left "
                "as it is\n",
                file);
        return EXIT_BAD;
    }
    if (assignments_have_company(file, &loaded->objects, &loaded->problems)) {
        fprintf(stderr,
                "metallbctl allocate: %s holds other objects than assignments; it is left as it "
                "is, give --write a file of its own\n",
                file);
        return EXIT_BAD;
    }
    int error = assignments_write(file, results);
    if (error == 0)
        return EXIT_GOOD;
    fprintf(stderr, "metallbctl allocate: cannot write %s: %s\n", file,
            error == -ENOTSUP ? "it is not a regular file" : strerror(-error));
    return EXIT_BAD;
}

static int allocate(const struct arguments *arguments, const struct loaded *loaded)
{
    struct service_reconciler_options options = {.load_balancer_class =
                                                     arguments->load_balancer_class};
    struct service_reconciler *reconciler = NULL;
    struct service_results results = {0};
    if (service_reconciler_new(&options, &reconciler) != 0 ||
        service_reconciler_run(reconciler, &loaded->objects, NULL, &results) != 0) {
        service_reconciler_free(reconciler);
        return out_of_memory();
    }
    /* Before the file is written, nobody may rely on what is printed. */
    int status = EXIT_GOOD;
    if (arguments->write != NULL)
        status = write_assignments(arguments->write, loaded, &results);
    if (arguments->json)
        write_json(&results);
    else if (write_tables(&results) != EXIT_GOOD)
        status = EXIT_BAD;
    service_reconciler_free(reconciler);
    return status;
}

static int run(const struct arguments *arguments)
{
    struct loaded loaded;
    size_t count = arguments->path_count;
    /* The assignments written before count also where the file stands apart from the manifests. */
    if (arguments->write != NULL && assignments_exist(arguments->write) &&
        !assignments_are_read(arguments->write, arguments->paths, count))
        arguments->paths[count++] = arguments->write;
    if (load(arguments->paths, count, &loaded) != EXIT_GOOD)
        return EXIT_BAD;
    load_report(&loaded);
    int status = allocate(arguments, &loaded);
    if (loaded.broken)
        status = EXIT_BAD;
    load_clear(&loaded);
    return status;
}

const struct command allocate_command = {
    .name = "allocate",
    .summary = "show the address of each service, and record it in a manifest",
    .help = "Usage: metallbctl allocate -f PATH... [--write FILE] [-o json]\n\n"
            "Gives services their addresses by the controller's own rules.\n\n"
            "  -f, --file PATH       file, directory or - for standard input; may be repeated\n"
            "      --write FILE      also write the assignments as manifests, in one step; a FILE\n"
            "                        that exists is read too, so that what it records stays\n"
            "      --lb-class CLASS  the loadBalancerClass served; default: none\n"
            "  -o, --output KIND     table (default) or json\n\n"
            "Exit status: 0 success, 1 broken objects or failure, 2 wrong arguments.\n",
    .accepted = ACCEPT_FILES | ACCEPT_WRITE | ACCEPT_CLASS,
    .run = run,
};
