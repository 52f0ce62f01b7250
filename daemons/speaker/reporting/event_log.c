/* SPDX-License-Identifier: MIT */
#include "speaker/reporting/event_log.h"

#include <inttypes.h>
#include <stdio.h>

#define KEY_SIZE           128
#define HARDWARE_TEXT_SIZE 18

static void format_hardware(const uint8_t *address, char *text)
{
    snprintf(text, HARDWARE_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", address[0], address[1],
             address[2], address[3], address[4], address[5]);
}

static void make_key(const struct mlb_announcer_event *event, const char *kind, char *key)
{
    char address[MLB_ADDRESS_TEXT_SIZE] = "";

    (void)mlb_address_format(&event->address, address, sizeof(address), NULL);
    snprintf(key, KEY_SIZE, "%s %s %" PRIu32, kind, address, event->interface_index);
}

static void log_interface(const struct reports *reports, const struct mlb_announcer_event *event)
{
    const struct log_field *fields = LOG_FIELDS({"interface", event->interface_name});
    const char *what = "has changed";

    if (event->kind == MLB_ANNOUNCER_INTERFACE_UP)
        what = "is used";
    else if (event->kind == MLB_ANNOUNCER_INTERFACE_DOWN)
        what = "is not used";
    log_info(reports->log, fields, "interface %s %s%s%s", event->interface_name, what,
             event->detail[0] != '\0' ? ": " : "", event->detail);
}

static void report_conflict(struct reports *reports, const struct mlb_announcer_event *event,
                            const char *address, uint64_t now)
{
    char key[KEY_SIZE];
    char hardware[HARDWARE_TEXT_SIZE];

    make_key(event, "conflict", key);
    format_hardware(event->hardware_address, hardware);
    reports_count(reports, key, LOG_LEVEL_WARN, now,
                  "another host, %s, claims %s on %s (%" PRIu64 " times so far)", hardware, address,
                  event->interface_name, event->count);
}

static void report_vrrp(struct reports *reports, const struct mlb_announcer_event *event,
                        const char *address, uint64_t now)
{
    char key[KEY_SIZE];
    char sender[MLB_ADDRESS_TEXT_SIZE] = "";

    make_key(event, "vrrp", key);
    (void)mlb_address_format(&event->sender, sender, sizeof(sender), NULL);
    reports_count(reports, key, LOG_LEVEL_WARN, now,
                  "%s announces %s by VRRP on %s (%" PRIu64
                  " times so far): another failover serves this address",
                  sender, address, event->interface_name, event->count);
}

static void report_error(struct reports *reports, const struct mlb_announcer_event *event,
                         uint64_t now)
{
    char key[KEY_SIZE];

    snprintf(key, sizeof(key), "announcer %" PRIi32 " %" PRIu32, event->code,
             event->interface_index);
    reports_count(reports, key, LOG_LEVEL_ERROR, now, "%s%s%s: %s", event->interface_name,
                  event->interface_name[0] != '\0' ? ": " : "", mlb_strerror(event->code),
                  event->detail);
}

void event_log_write(struct reports *reports, const struct mlb_announcer_event *event, uint64_t now)
{
    char address[MLB_ADDRESS_TEXT_SIZE] = "";
    char key[KEY_SIZE];

    (void)mlb_address_format(&event->address, address, sizeof(address), NULL);
    make_key(event, "local", key);
    switch (event->kind) {
    case MLB_ANNOUNCER_CONFLICT:
        report_conflict(reports, event, address, now);
        return;
    case MLB_ANNOUNCER_LOCAL_ADDRESS:
        reports_set(reports, key, LOG_LEVEL_WARN,
                    "%s stands on %s by another's hand; it is announced all the same", address,
                    event->interface_name);
        return;
    case MLB_ANNOUNCER_LOCAL_REMOVED:
        reports_clear(reports, key);
        return;
    case MLB_ANNOUNCER_VRRP:
        report_vrrp(reports, event, address, now);
        return;
    case MLB_ANNOUNCER_ERROR:
        report_error(reports, event, now);
        return;
    default:
        log_interface(reports, event);
    }
}

void event_log_forget(struct reports *reports, const struct mlb_address *address)
{
    static const char *const kinds[] = {"conflict", "local", "vrrp"};
    char text[MLB_ADDRESS_TEXT_SIZE] = "";
    char prefix[KEY_SIZE];

    (void)mlb_address_format(address, text, sizeof(text), NULL);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        snprintf(prefix, sizeof(prefix), "%s %s ", kinds[i], text);
        reports_clear_prefix(reports, prefix);
    }
}
