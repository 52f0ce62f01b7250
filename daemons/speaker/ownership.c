/* SPDX-License-Identifier: MIT */
#include "speaker/ownership.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "speaker/event_log.h"
#include "speaker/wanted.h"

#define SETTINGS_ROOT "/proc/sys/net/ipv4/conf"
#define KEY_SIZE      128

/* After so many changes the announcer answers what has come in, so that thousands of addresses that
 * change hands together do not keep those from waiting that do not. */
#define CHANGES_AT_ONCE 256

/* Settings of an interface that the kernel is about to make are there after so long. */
#define SETTINGS_RETRY (NANOSECONDS / 5)

static int add_to_loopback(void *context, const struct mlb_address *address, unsigned lifetime)
{
    const struct ownership *ownership = context;

    return loopback_add(ownership->loopback, address, lifetime);
}

static int renew_on_loopback(void *context, const struct mlb_address *address, unsigned lifetime)
{
    const struct ownership *ownership = context;

    return loopback_renew(ownership->loopback, address, lifetime);
}

static int remove_from_loopback(void *context, const struct mlb_address *address)
{
    const struct ownership *ownership = context;

    return loopback_remove(ownership->loopback, address);
}

static void report_delivery(void *context, const struct mlb_address *address, int error)
{
    const struct ownership *ownership = context;
    char text[MLB_ADDRESS_TEXT_SIZE] = "";
    char key[KEY_SIZE];

    (void)mlb_address_format(address, text, sizeof(text));
    snprintf(key, sizeof(key), "delivery %s", text);
    if (error == 0)
        reports_clear(ownership->reports, key);
    else if (error == -EEXIST)
        reports_set(ownership->reports, key, LOG_LEVEL_WARN,
                    "%s stands on lo by another's hand and is left as it is", text);
    else
        reports_set(ownership->reports, key, LOG_LEVEL_ERROR,
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
    struct ownership *ownership = context;
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    (void)mlb_address_format(address, text, sizeof(text));
    log_info(ownership->log, LOG_FIELDS({"address", text}), "a former run left %s on lo", text);
    (void)local_delivery_adopt(&ownership->delivery, address, clock_now());
}

static int init_delivery(struct ownership *ownership)
{
    int result = loopback_new(&ownership->loopback);

    if (result != 0)
        return result;
    ownership->settings = interface_settings_new(SETTINGS_ROOT, ownership->log, ownership->reports);
    if (ownership->settings == NULL)
        return -ENOMEM;
    return loopback_list(ownership->loopback, adopt, ownership);
}

int ownership_init(struct ownership *ownership, const struct speaker_options *options,
                   const struct log *log, struct reports *reports, struct mlb_announcer *announcer)
{
    const struct announcement_options rules = {
        .mode = (enum election_mode)options->election,
        .ignore_exclude_label = options->ignore_exclude_label,
        .load_balancer_class = options->load_balancer_class,
        .node_name = options->node_name,
    };
    int result;

    *ownership = (struct ownership){
        .options = options,
        .log = log,
        .reports = reports,
        .announcer = announcer,
        .settings_retry_at = CLOCK_NEVER,
    };
    local_delivery_init(&ownership->delivery, &delivery_operations, ownership,
                        options->drain_seconds);
    result = announcement_reconciler_new(&rules, &ownership->reconciler);
    if (result == 0 && options->delivery == LOCAL_DELIVERY_ADDRESS)
        result = init_delivery(ownership);
    return result;
}

void ownership_clear(struct ownership *ownership)
{
    interface_settings_free(ownership->settings);
    loopback_free(ownership->loopback);
    local_delivery_clear(&ownership->delivery);
    announcing_clear(&ownership->announcing);
    problem_log_clear(&ownership->warnings);
    announcement_reconciler_free(ownership->reconciler);
    *ownership = (struct ownership){0};
}

/* The kernel would answer on every interface for an address on lo, not only where it is announced:
 * so all interfaces that the announcer uses are set while such an address may be there. */
static void use_settings(struct ownership *ownership, bool needed)
{
    struct used_interface *used = NULL;
    size_t count = 0;

    if (ownership->settings == NULL)
        return;
    for (size_t i = 0; needed; i++) {
        struct mlb_interface interface = {.struct_size = sizeof(interface)};
        struct used_interface *grown;

        if (mlb_announcer_interface(ownership->announcer, i, &interface) != MLB_OK)
            break;
        if (interface.usable == 0)
            continue;
        grown = realloc(used, (count + 1) * sizeof(*used));
        if (grown == NULL) {
            /* A list cut short would put back the settings of the others. */
            free(used);
            ownership->settings_retry_at = clock_now() + SETTINGS_RETRY;
            return;
        }
        used = grown;
        used[count].index = interface.index;
        memcpy(used[count].name, interface.name, sizeof(interface.name));
        count++;
    }
    ownership->settings_retry_at = interface_settings_use(ownership->settings, used, count)
                                       ? CLOCK_NEVER
                                       : clock_now() + SETTINGS_RETRY;
    free(used);
}

void ownership_interfaces_changed(struct ownership *ownership)
{
    use_settings(ownership, ownership->delivery.ipv4_count > 0);
}

static int start(struct ownership *ownership, const struct wanted_address *wanted, uint64_t now)
{
    struct mlb_diagnostic diagnostic;
    int32_t result;

    if (ownership->loopback != NULL &&
        local_delivery_hold(&ownership->delivery, &wanted->address, now) != 0)
        return -ENOMEM;
    mlb_diagnostic_init(&diagnostic);
    result = mlb_announcer_announce(ownership->announcer, &wanted->address, wanted->interfaces,
                                    wanted->interface_count, &diagnostic);
    if (result == MLB_OK)
        return 0;
    log_error(ownership->log, NULL, "cannot announce: %s", diagnostic.message);
    return -EIO;
}

static void log_start(const struct ownership *ownership, enum announcing_change change,
                      const struct wanted_address *wanted)
{
    const struct address_decision *decision = wanted->origin;
    char *services = decision_services(decision);
    char *interfaces = wanted_interfaces(wanted);

    log_info(ownership->log, LOG_FIELDS({"address", decision->text}, {"services", services}),
             "%s %s for %s on %s: owner of %zu candidate%s",
             change == ANNOUNCING_START ? "announcing" : "now announcing", decision->text,
             services != NULL ? services : "?", interfaces != NULL ? interfaces : "?",
             decision->candidate_count, decision->candidate_count == 1 ? "" : "s");
    free(services);
    free(interfaces);
}

static void log_stop(const struct ownership *ownership, const struct mlb_address *address)
{
    const struct address_decision *decision = decision_find(&ownership->decisions, address);
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    (void)mlb_address_format(address, text, sizeof(text));
    if (decision == NULL)
        log_info(ownership->log, LOG_FIELDS({"address", text}),
                 "no longer announcing %s: no service uses it", text);
    else if (decision->owner != NULL && strcmp(decision->owner, ownership->options->node_name) != 0)
        log_info(ownership->log, LOG_FIELDS({"address", text}, {"owner", decision->owner}),
                 "no longer announcing %s: its owner is %s", text, decision->owner);
    else
        log_info(ownership->log, LOG_FIELDS({"address", text}, {"reason", decision->reason}),
                 "no longer announcing %s: %s", text,
                 decision->reason != NULL ? decision->reason : "this node ends");
}

/* What fails here fails again when the loop dispatches, and is reported there. */
static void give_announcer_a_turn(struct ownership *ownership)
{
    if (++ownership->changes < CHANGES_AT_ONCE)
        return;
    ownership->changes = 0;
    (void)mlb_announcer_dispatch(ownership->announcer, NULL);
}

static int apply(void *context, enum announcing_change change, const struct wanted_address *wanted)
{
    struct ownership *ownership = context;
    uint64_t now = clock_now();

    give_announcer_a_turn(ownership);
    if (change == ANNOUNCING_STOP) {
        (void)mlb_announcer_withdraw(ownership->announcer, &wanted->address);
        local_delivery_release(&ownership->delivery, &wanted->address, now);
        event_log_forget(ownership->reports, &wanted->address);
        log_stop(ownership, &wanted->address);
        return 0;
    }
    if (start(ownership, wanted, now) != 0) {
        if (change == ANNOUNCING_START)
            local_delivery_release(&ownership->delivery, &wanted->address, now);
        return -EIO;
    }
    log_start(ownership, change, wanted);
    return 0;
}

static bool belongs_to_another(void *context, const struct mlb_address *address)
{
    const struct ownership *ownership = context;
    const struct address_decision *decision = decision_find(&ownership->decisions, address);

    return decision != NULL && decision->owner != NULL;
}

/* A node that stands in nobody's list of nodes is elected by itself alone. */
static const char *unlisted_self(struct ownership *ownership, const struct object_set *objects)
{
    const char *name = ownership->options->node_name;

    if (object_set_find(objects, OBJECT_NODE, "", name) != NULL) {
        reports_clear(ownership->reports, "node");
        return NULL;
    }
    reports_set(ownership->reports, "node", LOG_LEVEL_WARN,
                "no Node object is named %s: this node counts itself as live, but other speakers "
                "do not know of it (see --node-name)",
                name);
    return name;
}

static int decide(struct ownership *ownership, const struct object_set *objects)
{
    const char *self = unlisted_self(ownership, objects);
    struct live_node *live = NULL;
    size_t count = 0;
    int result = announcement_live_nodes(objects, self, &live, &count);

    ownership->decisions = (struct announcements){0};
    if (result == 0)
        result = announcement_reconciler_run(
            ownership->reconciler,
            &(struct announcement_input){.objects = objects, .live = live, .live_count = count},
            &ownership->decisions);
    free(live);
    return result;
}

static void log_warnings(struct ownership *ownership)
{
    const struct announcements *decisions = &ownership->decisions;
    struct problem_list present = {0};

    for (size_t i = 0; i < decisions->warning_count; i++)
        problem_add(&present, PROBLEM_WARNING, NULL, 0, decisions->warnings[i].address, NULL, "%s",
                    decisions->warnings[i].message);
    problem_log_update(&ownership->warnings, ownership->log, &present);
    problem_list_clear(&present);
}

static void check_loopback(struct ownership *ownership)
{
    if (ownership->loopback == NULL)
        return;
    if (loopback_is_up(ownership->loopback))
        reports_clear(ownership->reports, "loopback");
    else
        reports_set(ownership->reports, "loopback", LOG_LEVEL_ERROR,
                    "the interface lo is down: local servers do not receive the traffic of "
                    "announced addresses");
}

static int carry_out(struct ownership *ownership, bool incomplete)
{
    struct wanted_list wanted;
    int result = wanted_list_make(&ownership->decisions, ownership->options->node_name, &wanted);

    if (result != 0)
        return result;
    if (wanted.has_ipv4)
        use_settings(ownership, true);
    result = announcing_set(&ownership->announcing, wanted.items, wanted.count, incomplete,
                            belongs_to_another, apply, ownership);
    wanted_list_clear(&wanted);
    return result;
}

static int resume_one(void *context, enum announcing_change change,
                      const struct wanted_address *left)
{
    struct ownership *ownership = context;
    char text[MLB_ADDRESS_TEXT_SIZE] = "";

    (void)change;
    (void)mlb_address_format(&left->address, text, sizeof(text));
    give_announcer_a_turn(ownership);
    if (start(ownership, left, clock_now()) != 0)
        return -EIO;
    log_warn(ownership->log, LOG_FIELDS({"address", text}),
             "announcing %s as a former run did: the manifests could not all be read, and nothing "
             "in them gives it to another node",
             text);
    return 0;
}

/* Who reads broken manifests at its start knows nothing of what it announced until it crashed, but
 * the other nodes still count on it. What a former run left on the loopback device tells. */
static int resume(struct ownership *ownership)
{
    struct wanted_address *left = calloc(ownership->delivery.count + 1, sizeof(*left));
    size_t count = 0;
    int result;

    if (left == NULL)
        return -ENOMEM;
    for (size_t i = 0; local_delivery_address(&ownership->delivery, i, &left[count].address); i++) {
        if (!belongs_to_another(ownership, &left[count].address))
            count++;
    }
    use_settings(ownership, ownership->delivery.ipv4_count > 0);
    result = announcing_set(&ownership->announcing, left, count, false, belongs_to_another,
                            resume_one, ownership);
    free(left);
    return result;
}

void ownership_update(struct ownership *ownership, const struct object_set *objects, uint64_t now)
{
    int result = decide(ownership, objects);

    check_loopback(ownership);
    if (result == 0) {
        log_warnings(ownership);
        if (!ownership->decided && objects->incomplete)
            result = resume(ownership);
        ownership->decided = true;
    }
    if (result == 0)
        result = carry_out(ownership, objects->incomplete);
    if (result == 0)
        reports_clear(ownership->reports, "update");
    else
        reports_set(ownership->reports, "update", LOG_LEVEL_ERROR, "changes cannot be applied: %s",
                    strerror(-result));
    (void)ownership_tick(ownership, now);
}

void ownership_give_up(struct ownership *ownership, uint64_t now)
{
    announcing_stop_all(&ownership->announcing, apply, ownership);
    (void)ownership_tick(ownership, now);
}

uint64_t ownership_tick(struct ownership *ownership, uint64_t now)
{
    uint64_t next = local_delivery_tick(&ownership->delivery, now);

    if (ownership->delivery.ipv4_count == 0)
        use_settings(ownership, false);
    else if (ownership->settings_retry_at <= now)
        use_settings(ownership, true);
    return ownership->settings_retry_at < next ? ownership->settings_retry_at : next;
}

bool ownership_is_drained(const struct ownership *ownership)
{
    return ownership->delivery.count == 0;
}
