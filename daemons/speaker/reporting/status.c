/* SPDX-License-Identifier: MIT */
#include "speaker/reporting/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_document.h"
#include "documents/problems.h"
#include "speaker/reporting/status_members.h"

/* Up to so many candidates all are ranked for the status, else the owner and the standbys. */
#define RANKING_MAX 64

struct interfaces {
    struct mlb_interface *items;
    size_t count;
};

static struct interfaces read_interfaces(const struct mlb_announcer *announcer)
{
    struct interfaces interfaces = {0};

    for (;;) {
        struct mlb_interface interface = {.struct_size = sizeof(interface)};
        struct mlb_interface *grown;

        if (mlb_announcer_interface(announcer, interfaces.count, &interface, NULL) != MLB_OK)
            return interfaces;
        grown = realloc(interfaces.items, (interfaces.count + 1) * sizeof(*grown));
        if (grown == NULL)
            return interfaces;
        interfaces.items = grown;
        interfaces.items[interfaces.count++] = interface;
    }
}

static void write_services(struct json_writer *writer, const struct address_decision *decision)
{
    char name[512];

    json_key(writer, "services");
    json_begin_array(writer);
    for (size_t i = 0; i < decision->service_count; i++) {
        const struct object *object = &decision->services[i]->object;

        snprintf(name, sizeof(name), "%s/%s", object->namespace_, object->name);
        json_text(writer, name);
    }
    json_end_array(writer);
}

static void write_ranking(struct json_writer *writer, const struct status_view *view,
                          const struct address_decision *decision)
{
    const char *names[RANKING_MAX];
    const char *const *ranking = decision->places;
    size_t count = decision->place_count;

    if (decision->candidate_count <= RANKING_MAX &&
        announcement_reconciler_ranking(view->reconciler, decision, names) == 0) {
        ranking = names;
        count = decision->candidate_count;
    }
    json_key(writer, "ranking");
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++)
        json_text(writer, ranking[i]);
    json_end_array(writer);
}

static void write_counters(struct json_writer *writer,
                           const struct mlb_announcer_counters *counters)
{
    json_unsigned_member(writer, "requests", counters->requests);
    json_unsigned_member(writer, "replies", counters->replies);
    json_unsigned_member(writer, "gratuitous", counters->gratuitous);
    json_unsigned_member(writer, "dropped", counters->dropped);
    json_unsigned_member(writer, "conflicts", counters->conflicts);
}

static void read_counters(const struct status_view *view, const struct mlb_address *address,
                          uint32_t index, struct mlb_announcer_counters *counters)
{
    *counters = (struct mlb_announcer_counters){.struct_size = sizeof(*counters)};
    (void)mlb_announcer_counters(view->announcer, address, index, counters, NULL);
}

static bool announces_on(const struct status_view *view, const struct mlb_address *address,
                         const struct mlb_interface *interface)
{
    return mlb_announcer_announces_on(view->announcer, address, interface->index, NULL) == 1;
}

static void write_announced(struct json_writer *writer, const struct status_view *view,
                            const struct mlb_address *address, const struct interfaces *interfaces)
{
    struct mlb_announcer_counters counters;

    json_key(writer, "interfaces");
    json_begin_array(writer);
    for (size_t i = 0; i < interfaces->count; i++)
        if (announces_on(view, address, &interfaces->items[i]))
            json_text(writer, interfaces->items[i].name);
    json_end_array(writer);

    json_key(writer, "counters");
    json_begin_object(writer);
    read_counters(view, address, 0, &counters);
    write_counters(writer, &counters);
    json_key(writer, "interfaces");
    json_begin_object(writer);
    for (size_t i = 0; i < interfaces->count; i++) {
        if (!announces_on(view, address, &interfaces->items[i]))
            continue;
        read_counters(view, address, interfaces->items[i].index, &counters);
        json_key(writer, interfaces->items[i].name);
        json_begin_object(writer);
        write_counters(writer, &counters);
        json_end_object(writer);
    }
    json_end_object(writer);
    json_end_object(writer);
}

static void write_addresses(struct json_writer *writer, const struct status_view *view,
                            const struct interfaces *interfaces)
{
    json_key(writer, "addresses");
    json_begin_array(writer);
    for (size_t i = 0; i < view->decisions->address_count; i++) {
        const struct address_decision *decision = &view->decisions->addresses[i];

        json_begin_object(writer);
        json_text_member(writer, "address", decision->text);
        write_services(writer, decision);
        json_text_member(writer, "owner", decision->owner);
        write_ranking(writer, view, decision);
        json_text_member(writer, "reason", decision->reason);
        write_announced(writer, view, &decision->address, interfaces);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static const char *filter_name(uint8_t filter)
{
    static const char *const names[] = {"none", "ebpf", "classic", "covering"};

    return filter < sizeof(names) / sizeof(names[0]) ? names[filter] : NULL;
}

static void write_interfaces(struct json_writer *writer, const struct interfaces *interfaces)
{
    json_key(writer, "interfaces");
    json_begin_array(writer);
    for (size_t i = 0; i < interfaces->count; i++) {
        const struct mlb_interface *interface = &interfaces->items[i];
        const uint8_t *bytes = interface->hardware_address;
        char hardware[18];

        snprintf(hardware, sizeof(hardware), "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1],
                 bytes[2], bytes[3], bytes[4], bytes[5]);
        json_begin_object(writer);
        json_text_member(writer, "name", interface->name);
        json_unsigned_member(writer, "index", interface->index);
        json_text_member(writer, "hardwareAddress", hardware);
        json_key(writer, "usable");
        json_boolean(writer, interface->usable != 0);
        json_text_member(writer, "reason", interface->usable != 0 ? NULL : interface->reason);
        json_text_member(writer, "filter", filter_name(interface->filter));
        json_unsigned_member(writer, "frames", interface->frames);
        json_unsigned_member(writer, "foreign", interface->foreign);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_errors(struct json_writer *writer, const struct status_view *view)
{
    json_key(writer, "errors");
    json_begin_array(writer);
    problems_document_write(writer, view->problems);
    for (size_t i = 0; i < view->reports->count; i++) {
        json_begin_object(writer);
        json_text_member(writer, "message", view->reports->items[i].message);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_status(struct json_writer *writer, const struct status_view *view,
                         const struct interfaces *interfaces)
{
    json_begin_object(writer);
    json_text_member(writer, "node", view->node_name);
    json_text_member(writer, "state", view->state);
    write_addresses(writer, view, interfaces);
    write_interfaces(writer, interfaces);
    status_members_write(writer, view->group);
    write_errors(writer, view);
    json_end_object(writer);
}

char *status_document(const struct status_view *view, size_t *length)
{
    struct interfaces interfaces = read_interfaces(view->announcer);
    struct json_document document;
    struct json_writer *writer = json_document_begin(&document, length);

    if (writer != NULL)
        write_status(writer, view, &interfaces);
    free(interfaces.items);
    return writer == NULL ? NULL : json_document_end(&document);
}
