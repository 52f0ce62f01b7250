/* SPDX-License-Identifier: MIT */
#include "speaker/delivery/host_delivery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"

#define SETTINGS_ROOT "/proc/sys/net/ipv4/conf"
#define KEY_SIZE      128

/* Settings of an interface that the kernel is about to make are there after so long. */
#define SETTINGS_RETRY (NANOSECONDS / 5)

/* How long addresses are waited for in all, and how often they are looked at. */
#define WAIT_AT_MOST (NANOSECONDS / 250)
#define WAIT_PAUSE   50000

static int add_to_loopback(void *context, const struct mlb_address *address, unsigned lifetime)
{
    const struct host_delivery *host = context;

    return loopback_add(host->loopback, address, lifetime);
}

static int renew_on_loopback(void *context, const struct mlb_address *address, unsigned lifetime)
{
    const struct host_delivery *host = context;

    return loopback_renew(host->loopback, address, lifetime);
}

static int remove_from_loopback(void *context, const struct mlb_address *address)
{
    const struct host_delivery *host = context;

    return loopback_remove(host->loopback, address);
}

static void report_delivery(void *context, const struct mlb_address *address, int error)
{
    const struct host_delivery *host = context;
    char text[MLB_ADDRESS_TEXT_SIZE] = "";
    char key[KEY_SIZE];

    (void)mlb_address_format(address, text, sizeof(text), NULL);
    snprintf(key, sizeof(key), "delivery %s", text);
    if (error == 0)
        reports_clear(host->reports, key);
    else if (error == -EEXIST)
        reports_set(host->reports, key, LOG_LEVEL_WARN,
                    "%s stands on lo by another's hand and is left as it is", text);
    else
        reports_set(host->reports, key, LOG_LEVEL_ERROR,
                    "%s cannot be put on lo: %s; local servers do not receive its traffic", text,
                    strerror(-error));
}

static const struct local_delivery_operations delivery_operations = {
    .add = add_to_loopback,
    .renew = renew_on_loopback,
    .remove = remove_from_loopback,
    .report = report_delivery,
};

static void adopt(void *context, const struct mlb_address *address)
{
    struct host_delivery *host = context;
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    (void)mlb_address_format(address, text, sizeof(text), NULL);
    log_info(host->log, LOG_FIELDS({"address", text}), "a former run left %s on lo", text);
    (void)local_delivery_adopt(&host->delivery, address, clock_now());
}

static int open_devices(struct host_delivery *host)
{
    int result = loopback_new(&host->loopback);

    if (result != 0)
        return result;
    host->settings = interface_settings_new(SETTINGS_ROOT, host->log, host->reports);
    if (host->settings == NULL)
        return -ENOMEM;
    return loopback_list(host->loopback, adopt, host);
}

int host_delivery_init(struct host_delivery *host, const struct speaker_options *options,
                       const struct log *log, struct reports *reports,
                       const struct mlb_announcer *announcer)
{
    *host = (struct host_delivery){
        .log = log,
        .reports = reports,
        .announcer = announcer,
        .settings_retry_at = CLOCK_NEVER,
    };
    local_delivery_init(&host->delivery, &delivery_operations, host, options->drain_seconds);
    return options->delivery == LOCAL_DELIVERY_ADDRESS ? open_devices(host) : 0;
}

void host_delivery_clear(struct host_delivery *host)
{
    interface_settings_free(host->settings);
    loopback_free(host->loopback);
    local_delivery_clear(&host->delivery);
    *host = (struct host_delivery){0};
}

/* The kernel would answer on every interface for an address on lo, not only where it is announced:
 * so all interfaces that the announcer uses are set while such an address may be there. */
static void use_settings(struct host_delivery *host, bool needed)
{
    struct used_interface *used = NULL;
    size_t count = 0;

    if (host->settings == NULL)
        return;
    for (size_t i = 0; needed; i++) {
        struct mlb_interface interface = {.struct_size = sizeof(interface)};
        struct used_interface *grown;

        if (mlb_announcer_interface(host->announcer, i, &interface, NULL) != MLB_OK)
            break;
        if (interface.usable == 0)
            continue;
        grown = realloc(used, (count + 1) * sizeof(*used));
        if (grown == NULL) {
            /* A list cut short would put back the settings of the others. */
            free(used);
            host->settings_retry_at = clock_now() + SETTINGS_RETRY;
            return;
        }
        used = grown;
        used[count].index = interface.index;
        memcpy(used[count].name, interface.name, sizeof(interface.name));
        count++;
    }
    host->settings_retry_at = interface_settings_use(host->settings, used, count)
                                  ? CLOCK_NEVER
                                  : clock_now() + SETTINGS_RETRY;
    free(used);
}

void host_delivery_interfaces_changed(struct host_delivery *host)
{
    use_settings(host, host->delivery.ipv4_count > 0);
}

void host_delivery_expect_ipv4(struct host_delivery *host)
{
    use_settings(host, true);
}

int host_delivery_hold(struct host_delivery *host, const struct mlb_address *address, uint64_t now)
{
    return host->loopback == NULL ? 0 : local_delivery_hold(&host->delivery, address, now);
}

void host_delivery_wait(const struct host_delivery *host, const struct mlb_address *addresses,
                        size_t count)
{
    const struct timespec pause = {.tv_nsec = WAIT_PAUSE};
    uint64_t deadline = clock_now() + WAIT_AT_MOST;

    if (host->loopback == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        while (!loopback_delivers(host->loopback, &addresses[i])) {
            if (clock_now() >= deadline)
                return;
            nanosleep(&pause, NULL);
        }
    }
}

void host_delivery_check(struct host_delivery *host)
{
    if (host->loopback == NULL)
        return;
    if (loopback_is_up(host->loopback))
        reports_clear(host->reports, "loopback");
    else
        reports_set(host->reports, "loopback", LOG_LEVEL_ERROR,
                    "the interface lo is down: local servers do not receive the traffic of "
                    "announced addresses");
}

uint64_t host_delivery_tick(struct host_delivery *host, uint64_t now)
{
    uint64_t next = local_delivery_tick(&host->delivery, now);

    if (host->delivery.ipv4_count == 0)
        use_settings(host, false);
    else if (host->settings_retry_at <= now)
        use_settings(host, true);
    return host->settings_retry_at < next ? host->settings_retry_at : next;
}
