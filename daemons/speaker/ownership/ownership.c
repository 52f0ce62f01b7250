/* SPDX-License-Identifier: MIT */
#include "speaker/ownership/ownership.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "speaker/ownership/wanted.h"
#include "speaker/reporting/event_log.h"

/* After so many changes the announcer answers what has come in, so that thousands of addresses that
 * change hands together do not keep those from waiting that do not. */
#define CHANGES_AT_ONCE 32

int ownership_init(struct ownership *ownership, const struct speaker_options *options,
                   const struct log *log, struct reports *reports, struct mlb_announcer *announcer)
{
    struct announcement_options rules = speaker_rules(options);
    int result;

    *ownership = (struct ownership){
        .options = options,
        .log = log,
        .reports = reports,
        .announcer = announcer,
    };
    result = host_delivery_init(&ownership->host, options, log, reports, announcer);
    return result != 0 ? result : announcement_reconciler_new(&rules, &ownership->reconciler);
}

void ownership_clear(struct ownership *ownership)
{
    host_delivery_clear(&ownership->host);
    announcing_clear(&ownership->announcing);
    problem_log_clear(&ownership->warnings);
    rivals_clear(&ownership->rivals);
    announcement_reconciler_free(ownership->reconciler);
    *ownership = (struct ownership){0};
}

/* An IPv6 address is delivered already, see deliver_ipv6(). */
static int start(struct ownership *ownership, const struct wanted_address *wanted, uint64_t now)
{
    struct mlb_diagnostic diagnostic;
    int32_t result;

    if (wanted->address.family == MLB_FAMILY_IPV4 &&
        host_delivery_hold(&ownership->host, &wanted->address, now) != 0)
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

    (void)mlb_address_format(address, text, sizeof(text), NULL);
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

static void stop(struct ownership *ownership, const struct mlb_address *address, uint64_t now)
{
    (void)mlb_announcer_withdraw(ownership->announcer, address, NULL);
    local_delivery_release(&ownership->host.delivery, address, now);
    event_log_forget(ownership->reports, address);
    log_stop(ownership, address);
}

static int apply(void *context, enum announcing_change change, const struct wanted_address *wanted)
{
    struct ownership *ownership = context;
    uint64_t now = clock_now();

    give_announcer_a_turn(ownership);
    switch (change) {
    case ANNOUNCING_STOP:
        stop(ownership, &wanted->address, now);
        return 0;
    case ANNOUNCING_SILENCE:
        (void)mlb_announcer_withdraw(ownership->announcer, &wanted->address, NULL);
        return 0;
    case ANNOUNCING_START:
    case ANNOUNCING_INTERFACES:
        break;
    }
    if (start(ownership, wanted, now) != 0) {
        if (change == ANNOUNCING_START)
            local_delivery_release(&ownership->host.delivery, &wanted->address, now);
        return -EIO;
    }
    if (wanted->origin != NULL)
        log_start(ownership, change, wanted);
    return 0;
}

static bool belongs_to_another(void *context, const struct mlb_address *address)
{
    const struct ownership *ownership = context;
    const struct address_decision *decision = decision_find(&ownership->decisions, address);

    return decision != NULL && decision->owner != NULL;
}

static int decide(struct ownership *ownership, const struct announcement_input *input)
{
    ownership->decisions = (struct announcements){0};
    return announcement_reconciler_run(ownership->reconciler, input, &ownership->decisions);
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

static bool is_not_own(void *context, const struct mlb_address *address)
{
    const struct ownership *ownership = context;
    const struct address_decision *decision = decision_find(&ownership->decisions, address);

    return decision == NULL || decision->owner == NULL ||
           strcmp(decision->owner, ownership->options->node_name) != 0;
}

/* What is left to another node for now stays wanted, but silent. Once the election gives it to that
 * node it is no matter of patience any more: when that node fails this one answers at once. */
static void mark_yielded(struct ownership *ownership, struct wanted_list *wanted)
{
    rivals_settle(&ownership->rivals, is_not_own, ownership);
    for (size_t i = 0; ownership->rivals.count > 0 && i < wanted->count; i++)
        wanted->items[i].silent = rivals_has(&ownership->rivals, &wanted->items[i].address);
}

/* The kernel takes a moment to put an IPv6 address to use, so those that are to be announced are
 * added together and waited for. Returns 0 or -ENOMEM. */
static int deliver_ipv6(struct ownership *ownership, const struct wanted_address *wanted,
                        size_t count, uint64_t now)
{
    struct mlb_address *ipv6 = calloc(count + 1, sizeof(*ipv6));
    size_t ipv6_count = 0;
    int result = ipv6 == NULL ? -ENOMEM : 0;

    for (size_t i = 0; result == 0 && i < count; i++) {
        const struct mlb_address *address = &wanted[i].address;

        if (address->family != MLB_FAMILY_IPV6 || wanted[i].silent ||
            announcing_has(&ownership->announcing, address))
            continue;
        give_announcer_a_turn(ownership);
        result = host_delivery_hold(&ownership->host, address, now);
        ipv6[ipv6_count++] = *address;
    }
    if (result == 0)
        host_delivery_wait(&ownership->host, ipv6, ipv6_count);
    free(ipv6);
    return result;
}

static int carry_out(struct ownership *ownership, bool incomplete)
{
    struct wanted_list wanted;
    int result = wanted_list_make(&ownership->decisions, ownership->options->node_name, &wanted);

    if (result != 0)
        return result;
    if (wanted.has_ipv4)
        host_delivery_expect_ipv4(&ownership->host);
    mark_yielded(ownership, &wanted);
    result = deliver_ipv6(ownership, wanted.items, wanted.count, clock_now());
    if (result == 0)
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
    (void)mlb_address_format(&left->address, text, sizeof(text), NULL);
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
    struct wanted_address *left = calloc(ownership->host.delivery.count + 1, sizeof(*left));
    size_t count = 0;
    int result;

    if (left == NULL)
        return -ENOMEM;
    for (size_t i = 0; local_delivery_address(&ownership->host.delivery, i, &left[count].address);
         i++) {
        if (!belongs_to_another(ownership, &left[count].address))
            count++;
    }
    host_delivery_interfaces_changed(&ownership->host);
    result = deliver_ipv6(ownership, left, count, clock_now());
    if (result == 0)
        result = announcing_set(&ownership->announcing, left, count, false, belongs_to_another,
                                resume_one, ownership);
    free(left);
    return result;
}

static int carry_out_all(struct ownership *ownership, const struct object_set *objects)
{
    int result = 0;

    if (!ownership->carried_out && objects->incomplete)
        result = resume(ownership);
    ownership->carried_out = true;
    return result != 0 ? result : carry_out(ownership, objects->incomplete);
}

void ownership_update(struct ownership *ownership, const struct announcement_input *input,
                      bool answers, uint64_t now)
{
    bool outdated;
    int result;

    (void)rivals_expire(&ownership->rivals, now, &outdated);
    result = decide(ownership, input);
    host_delivery_check(&ownership->host);
    if (result == 0) {
        log_warnings(ownership);
        ownership->decided = true;
    }
    if (result == 0 && answers)
        result = carry_out_all(ownership, input->objects);
    if (result == 0)
        reports_clear(ownership->reports, "update");
    else
        reports_set(ownership->reports, "update", LOG_LEVEL_ERROR, "changes cannot be applied: %s",
                    strerror(-result));
    (void)host_delivery_tick(&ownership->host, now);
}

void ownership_silence(struct ownership *ownership)
{
    announcing_silence(&ownership->announcing, NULL, apply, ownership);
}

void ownership_yield(struct ownership *ownership, const struct mlb_address *address,
                     const uint8_t *holder, uint64_t now)
{
    if (rivals_yield(&ownership->rivals, address, holder, now) == 0)
        announcing_silence(&ownership->announcing, address, apply, ownership);
}

void ownership_repeat(struct ownership *ownership, const struct mlb_address *address)
{
    if (announcing_has(&ownership->announcing, address))
        (void)mlb_announcer_repeat(ownership->announcer, address, NULL);
}

bool ownership_answers(const struct ownership *ownership)
{
    for (size_t i = 0; i < ownership->announcing.count; i++)
        if (!ownership->announcing.entries[i].silent)
            return true;
    return false;
}

void ownership_give_up(struct ownership *ownership, uint64_t now)
{
    announcing_stop_all(&ownership->announcing, apply, ownership);
    (void)host_delivery_tick(&ownership->host, now);
}

uint64_t ownership_tick(struct ownership *ownership, uint64_t now, bool *outdated)
{
    uint64_t next = host_delivery_tick(&ownership->host, now);
    uint64_t rival = rivals_expire(&ownership->rivals, now, outdated);

    return rival < next ? rival : next;
}

bool ownership_is_drained(const struct ownership *ownership)
{
    return ownership->host.delivery.count == 0;
}
