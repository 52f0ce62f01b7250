/* SPDX-License-Identifier: MIT */
/* The public calls beside life, seeds and dispatch. */
#include "live/membership/membership.h"

#include "base/diagnostic.h"
#include "base/refusals.h"
#include "base/structs.h"
#include "membership/keyring.h"

#define NANOSECONDS_PER_MILLISECOND (NANOSECONDS_PER_SECOND / 1000)

int32_t mlb_membership_timing_init(uint32_t profile, struct mlb_membership_timing *timing,
                                   struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_timing own;

    if (!timing)
        return refuse_missing("timing", diagnostic);
    if (membership_timing_init(profile, &own) != MLB_OK)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "profile", NULL,
                              "the profile is %u; it can be MLB_MEMBERSHIP_FAST (0), "
                              "MLB_MEMBERSHIP_LAN (1) or MLB_MEMBERSHIP_WAN (2)",
                              profile);
    /* The caller may be older than this library: its memory holds the first version for sure. */
    own.struct_size = first_size_mlb_membership_timing;
    memcpy(timing, &own, first_size_mlb_membership_timing);
    return MLB_OK;
}

int32_t mlb_membership_key_from_secret(const uint8_t *secret, size_t length,
                                       struct mlb_membership_key *key,
                                       struct mlb_diagnostic *diagnostic)
{
    if (!key)
        return refuse_missing("key", diagnostic);
    if (!secret && length > 0)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "secret", NULL,
                              "the length of the secret is %zu but it is missing (NULL)", length);
    if (length == 0)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "secret", NULL,
                              "the secret is empty; it needs at least one byte");
    return keyring_key_from_secret(secret, length, key);
}

int32_t mlb_membership_next_event(struct mlb_membership *membership,
                                  struct mlb_membership_event *event,
                                  struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_event taken = {.struct_size = sizeof(taken)};
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    result = struct_check_writable(event, first_size_mlb_membership_event, "mlb_membership_event",
                                   diagnostic);
    if (result != MLB_OK)
        return result;
    if (!membership_take_trouble(membership, &taken) &&
        !membership_take_core_event(membership, &taken))
        return 0;
    struct_write(event, &taken, sizeof(taken));
    return 1;
}

/* Ends a call that changes something: it is told to the others at the next dispatch. */
static int32_t conclude(struct mlb_membership *membership, int32_t result, const char *action,
                        const char *reason, struct mlb_diagnostic *diagnostic)
{
    if (result != MLB_OK)
        return diagnostic_set(diagnostic, result, NULL, NULL, "cannot %s: %s", action,
                              reason && result == MLB_ERROR_WRONG_STATE ? reason
                                                                        : mlb_strerror(result));
    membership_dispatch_soon(membership);
    return MLB_OK;
}

int32_t mlb_membership_leave(struct mlb_membership *membership, uint32_t timeout_ms,
                             struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    result =
        membership_leave(membership->core, clock_now(), timeout_ms * NANOSECONDS_PER_MILLISECOND);
    return conclude(membership, result, "leave the group",
                    "this node has left already; mlb_membership_return() brings it back",
                    diagnostic);
}

int32_t mlb_membership_return(struct mlb_membership *membership, struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    result = membership_return(membership->core, clock_now());
    return conclude(membership, result, "return to the group",
                    "this node has not left with mlb_membership_leave()", diagnostic);
}

int32_t mlb_membership_set_keys(struct mlb_membership *membership,
                                const struct mlb_membership_key *keys, size_t count,
                                struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    result = membership_check_keys(keys, count, diagnostic);
    if (result != MLB_OK)
        return result;
    result = membership_set_keys(membership->core, keys, count);
    /* What else there is to refuse was checked before. */
    if (result == MLB_ERROR_INVALID_ARGUMENT)
        return diagnostic_set(diagnostic, result, "keys", NULL,
                              "the keys cannot be taken away from a membership that has some; make "
                              "a new one without keys");
    return conclude(membership, result, "set the keys", NULL, diagnostic);
}

int32_t mlb_membership_set_meta(struct mlb_membership *membership, const uint8_t *meta,
                                size_t length, struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    result = membership_check_meta(meta, length, diagnostic);
    if (result != MLB_OK)
        return result;
    result = membership_set_meta(membership->core, clock_now(), meta, length);
    return conclude(membership, result, "set the meta data", NULL, diagnostic);
}

int32_t mlb_membership_set_facts(struct mlb_membership *membership, const uint8_t *facts,
                                 size_t length, struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    if (length > MLB_MEMBERSHIP_FACTS_MAX)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "facts", NULL,
                              "the facts have %zu bytes; at most %d can be told", length,
                              MLB_MEMBERSHIP_FACTS_MAX);
    if (length > 0 && !facts)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "facts", NULL,
                              "the length is %zu but the facts are missing (NULL)", length);
    result = membership_set_facts(membership->core, clock_now(), facts, length);
    return conclude(membership, result, "set the facts", NULL, diagnostic);
}

static int32_t refuse_stranger(const char *name, struct mlb_diagnostic *diagnostic)
{
    return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, name, NULL,
                          "no member has the name \"%s\"", name);
}

int32_t mlb_membership_member(const struct mlb_membership *membership, size_t position,
                              struct mlb_member *member, struct mlb_diagnostic *diagnostic)
{
    struct mlb_member found = {.struct_size = sizeof(found)};
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    result = struct_check_writable(member, first_size_mlb_member, "mlb_member", diagnostic);
    if (result != MLB_OK)
        return result;
    result = membership_member(membership->core, position, &found);
    if (result != MLB_OK)
        return diagnostic_set(diagnostic, result, "position", NULL,
                              "the group has no member at position %zu", position);
    struct_write(member, &found, sizeof(found));
    return MLB_OK;
}

int32_t mlb_membership_find(const struct mlb_membership *membership, const char *name,
                            struct mlb_member *member, struct mlb_diagnostic *diagnostic)
{
    struct mlb_member found = {.struct_size = sizeof(found)};
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    if (!name)
        return refuse_missing("name", diagnostic);
    result = struct_check_writable(member, first_size_mlb_member, "mlb_member", diagnostic);
    if (result != MLB_OK)
        return result;
    if (membership_find(membership->core, name, &found) != MLB_OK)
        return refuse_stranger(name, diagnostic);
    struct_write(member, &found, sizeof(found));
    return MLB_OK;
}

static int32_t refuse_without_facts(const struct mlb_membership *membership, const char *name,
                                    struct mlb_diagnostic *diagnostic)
{
    struct mlb_member member = {.struct_size = sizeof(member)};

    if (membership_find(membership->core, name, &member) != MLB_OK)
        return refuse_stranger(name, diagnostic);
    return diagnostic_set(diagnostic, MLB_ERROR_NOT_FOUND, name, NULL, "\"%s\" has told no facts",
                          name);
}

int32_t mlb_membership_facts(const struct mlb_membership *membership, const char *name,
                             uint8_t *facts, size_t capacity, size_t *length, uint64_t *version,
                             struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    if (!name)
        return refuse_missing("name", diagnostic);
    if (!length)
        return refuse_missing("length", diagnostic);
    if (capacity > 0 && !facts)
        return refuse_missing("facts", diagnostic);
    result = membership_facts(membership->core, name, facts, capacity, length, version);
    if (result == MLB_ERROR_BUFFER_TOO_SMALL)
        return diagnostic_set(
            diagnostic, result, name, NULL,
            "the facts of \"%s\" are longer than the %zu bytes that there is room "
            "for; MLB_MEMBERSHIP_FACTS_MAX (%d) bytes are always enough",
            name, capacity, MLB_MEMBERSHIP_FACTS_MAX);
    if (result != MLB_OK)
        return refuse_without_facts(membership, name, diagnostic);
    return MLB_OK;
}

int32_t mlb_membership_statistics(const struct mlb_membership *membership,
                                  struct mlb_membership_statistics *statistics,
                                  struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_statistics now = {.struct_size = sizeof(now)};
    int32_t result;

    if (!membership)
        return refuse_no_object("membership", diagnostic);
    result = struct_check_writable(statistics, first_size_mlb_membership_statistics,
                                   "mlb_membership_statistics", diagnostic);
    if (result != MLB_OK)
        return result;
    membership_statistics(membership->core, &now);
    now.packets_failed = membership->packets_failed;
    struct_write(statistics, &now, sizeof(now));
    return MLB_OK;
}
