/* SPDX-License-Identifier: MIT */
/* The public calls about addresses, interfaces and events. */
#include "live/announcer/announcer.h"

#include <stdio.h>
#include <string.h>

#include "address/check.h"
#include "base/diagnostic.h"
#include "base/refusals.h"
#include "base/structs.h"
#include "os/clock.h"

/* The next dispatch comes at once: it applies all that was called for until then in one go. */
static void dispatch_soon(struct mlb_announcer *announcer)
{
    waker_arm(&announcer->waker, 0);
}

static int32_t refuse_address(const struct mlb_address *address, int32_t code,
                              struct mlb_diagnostic *diagnostic)
{
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    mlb_address_format(address, text, sizeof(text), NULL);
    return diagnostic_set(diagnostic, code, text, NULL, "%s: %s", text,
                          code == MLB_ERROR_INVALID_ARGUMENT
                              ? "no single host can have this address; announce a unicast one"
                              : mlb_strerror(code));
}

/* code is MLB_ERROR_NOT_FOUND of a call for an address, or anything that is no such refusal. */
static int32_t refuse_unannounced(const struct mlb_address *address, int32_t code,
                                  struct mlb_diagnostic *diagnostic)
{
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    if (code != MLB_ERROR_NOT_FOUND)
        return refuse_address(address, code, diagnostic);
    mlb_address_format(address, text, sizeof(text), NULL);
    return diagnostic_set(diagnostic, code, text, NULL, "%s is not announced", text);
}

static int32_t check_names(const char *const *names, size_t count,
                           struct mlb_diagnostic *diagnostic)
{
    if (count > 0 && !names)
        return refuse_no_list("interfaces", count, diagnostic);
    /* A choice that left nothing must not mean everything. */
    if (count == 0 && names)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "interfaces", NULL,
                              "the list of interfaces is empty; pass NULL for all of them");
    for (size_t i = 0; i < count; i++) {
        const size_t length = names[i] ? strnlen(names[i], MLB_INTERFACE_NAME_SIZE) : 0;
        if (length == 0)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "interfaces", NULL,
                                  "interface %zu of %zu has no name", i + 1, count);
        if (length == MLB_INTERFACE_NAME_SIZE)
            return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, names[i], NULL,
                                  QUOTED " cannot be the name of an interface: it is longer than "
                                         "%d bytes",
                                  QUOTE(names[i]), MLB_INTERFACE_NAME_SIZE - 1);
    }
    return MLB_OK;
}

int32_t mlb_announcer_announce(struct mlb_announcer *announcer, const struct mlb_address *address,
                               const char *const *interfaces, size_t count,
                               struct mlb_diagnostic *diagnostic)
{
    struct mlb_address own;
    int32_t result;

    if (!announcer)
        return refuse_no_object("announcer", diagnostic);
    result = address_take(address, &own, diagnostic);
    if (result == MLB_OK)
        result = check_names(interfaces, count, diagnostic);
    if (result != MLB_OK)
        return result;
    result = announce_add(announcer->core, clock_now(), &own, interfaces, count);
    if (result != MLB_OK)
        return refuse_address(&own, result, diagnostic);
    dispatch_soon(announcer);
    return MLB_OK;
}

/* A call of the core about an address that is announced. */
static int32_t tell_core(struct mlb_announcer *announcer, const struct mlb_address *address,
                         int32_t (*call)(struct announce *core, uint64_t now,
                                         const struct mlb_address *address),
                         struct mlb_diagnostic *diagnostic)
{
    struct mlb_address own;
    int32_t result;

    if (!announcer)
        return refuse_no_object("announcer", diagnostic);
    result = address_take(address, &own, diagnostic);
    if (result != MLB_OK)
        return result;
    result = call(announcer->core, clock_now(), &own);
    if (result != MLB_OK)
        return refuse_unannounced(&own, result, diagnostic);
    dispatch_soon(announcer);
    return MLB_OK;
}

int32_t mlb_announcer_withdraw(struct mlb_announcer *announcer, const struct mlb_address *address,
                               struct mlb_diagnostic *diagnostic)
{
    int32_t result = tell_core(announcer, address, announce_remove, diagnostic);

    if (result == MLB_OK)
        announcer_drop_pending(announcer);
    return result;
}

int32_t mlb_announcer_repeat(struct mlb_announcer *announcer, const struct mlb_address *address,
                             struct mlb_diagnostic *diagnostic)
{
    return tell_core(announcer, address, announce_repeat, diagnostic);
}

int32_t mlb_announcer_next_event(struct mlb_announcer *announcer, struct mlb_announcer_event *event,
                                 struct mlb_diagnostic *diagnostic)
{
    struct mlb_announcer_event taken = {.struct_size = sizeof(taken)};
    int32_t result;

    if (!announcer)
        return refuse_no_object("announcer", diagnostic);
    result = struct_check_writable(event, first_size_mlb_announcer_event, "mlb_announcer_event",
                                   diagnostic);
    if (result != MLB_OK)
        return result;
    if (!event_queue_take(&announcer->events, &taken) &&
        announce_next_event(announcer->core, &taken) != 1)
        return 0;
    struct_write(event, &taken, sizeof(taken));
    return 1;
}

static int32_t refuse_no_counters(const struct announce *core, const struct mlb_address *address,
                                  uint32_t interface_index, int32_t code,
                                  struct mlb_diagnostic *diagnostic)
{
    struct mlb_announcer_counters sum;

    if (announce_counters(core, address, 0, &sum) != MLB_OK)
        return refuse_unannounced(address, code, diagnostic);
    return diagnostic_set(diagnostic, code, "interface_index", NULL,
                          "there is no interface with the index %u", interface_index);
}

int32_t mlb_announcer_counters(const struct mlb_announcer *announcer,
                               const struct mlb_address *address, uint32_t interface_index,
                               struct mlb_announcer_counters *counters,
                               struct mlb_diagnostic *diagnostic)
{
    struct mlb_announcer_counters counted = {0};
    struct mlb_address own;
    int32_t result;

    if (!announcer)
        return refuse_no_object("announcer", diagnostic);
    result = address_take(address, &own, diagnostic);
    if (result == MLB_OK)
        result = struct_check_writable(counters, first_size_mlb_announcer_counters,
                                       "mlb_announcer_counters", diagnostic);
    if (result != MLB_OK)
        return result;
    result = announce_counters(announcer->core, &own, interface_index, &counted);
    if (result != MLB_OK)
        return refuse_no_counters(announcer->core, &own, interface_index, result, diagnostic);
    struct_write(counters, &counted, sizeof(counted));
    return MLB_OK;
}

int32_t mlb_announcer_announces_on(const struct mlb_announcer *announcer,
                                   const struct mlb_address *address, uint32_t interface_index,
                                   struct mlb_diagnostic *diagnostic)
{
    struct mlb_address own;
    int32_t result;

    if (!announcer)
        return refuse_no_object("announcer", diagnostic);
    result = address_take(address, &own, diagnostic);
    if (result != MLB_OK)
        return result;
    result = announce_announces_on(announcer->core, &own, interface_index);
    return result < 0 ? refuse_unannounced(&own, result, diagnostic) : result;
}

static void describe_link(const struct mlb_announcer *announcer, const struct link_table *table,
                          const struct link *link, struct mlb_interface *interface)
{
    const struct link *master = link->master ? link_table_find(table, link->master) : NULL;

    interface->index = link->index;
    memcpy(interface->name, link->name, sizeof(interface->name));
    memcpy(interface->hardware_address, link->hardware_address,
           sizeof(interface->hardware_address));
    interface->usable = (uint8_t)link_usable(
        link, name_patterns_match(&announcer->exclude, link->name), master ? master->name : NULL,
        interface->reason, sizeof(interface->reason));
}

static void describe_port(const struct mlb_announcer *announcer, const struct port *port,
                          struct mlb_interface *interface)
{
    interface->frames = port->frames;
    interface->foreign = port->foreign;
    if (port->sockets[0] >= 0)
        interface->filter = filter_kind(announcer->filter);
    if (port->socket_failed) {
        interface->usable = 0;
        snprintf(interface->reason, sizeof(interface->reason), "no packet sockets");
    }
}

int32_t mlb_announcer_interface(const struct mlb_announcer *announcer, size_t position,
                                struct mlb_interface *interface, struct mlb_diagnostic *diagnostic)
{
    const struct link_table *table;
    const struct port *port;
    struct mlb_interface described = {0};
    int32_t result;

    if (!announcer)
        return refuse_no_object("announcer", diagnostic);
    result =
        struct_check_writable(interface, first_size_mlb_interface, "mlb_interface", diagnostic);
    if (result != MLB_OK)
        return result;
    table = link_monitor_table(announcer->monitor);
    if (position >= table->link_count)
        return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, "position", NULL,
                              "the host has %zu %s; there is none at position %zu",
                              (size_t)table->link_count,
                              table->link_count == 1 ? "interface" : "interfaces", position);
    describe_link(announcer, table, &table->links[position].link, &described);
    port = announcer_find_port(announcer, described.index);
    if (port)
        describe_port(announcer, port, &described);
    struct_write(interface, &described, sizeof(described));
    return MLB_OK;
}
