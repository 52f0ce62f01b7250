/* SPDX-License-Identifier: MIT */
/* The public calls beside life, seeds and dispatch. */
#include "live/membership/membership.h"

#include "base/diagnostic.h"
#include "base/structs.h"
#include "membership/keyring.h"

#define NANOSECONDS_PER_MILLISECOND (NANOSECONDS_PER_SECOND / 1000)

int32_t mlb_membership_timing_init(uint32_t profile, struct mlb_membership_timing *timing,
                                   struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_timing own;

    if (!timing || membership_timing_init(profile, &own) != MLB_OK)
        return MLB_ERROR_INVALID_ARGUMENT;
    /* The caller may be older than this library: its memory holds the first version for sure. */
    own.struct_size = first_size_mlb_membership_timing;
    memcpy(timing, &own, first_size_mlb_membership_timing);
    return MLB_OK;
}

int32_t mlb_membership_key_from_secret(const uint8_t *secret, size_t length,
                                       struct mlb_membership_key *key,
                                       struct mlb_diagnostic *diagnostic)
{
    return keyring_key_from_secret(secret, length, key);
}

int32_t mlb_membership_next_event(struct mlb_membership *membership,
                                  struct mlb_membership_event *event,
                                  struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_event taken = {.struct_size = sizeof(taken)};

    if (!membership || !struct_is_writable(event, first_size_mlb_membership_event))
        return MLB_ERROR_INVALID_ARGUMENT;
    if (!membership_take_trouble(membership, &taken) &&
        !membership_take_core_event(membership, &taken))
        return 0;
    struct_write(event, &taken, sizeof(taken));
    return 1;
}

int32_t mlb_membership_leave(struct mlb_membership *membership, uint32_t timeout_ms,
                             struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return MLB_ERROR_INVALID_ARGUMENT;
    result =
        membership_leave(membership->core, clock_now(), timeout_ms * NANOSECONDS_PER_MILLISECOND);
    if (result == MLB_OK)
        membership_dispatch_soon(membership);
    return result;
}

int32_t mlb_membership_return(struct mlb_membership *membership, struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return MLB_ERROR_INVALID_ARGUMENT;
    result = membership_return(membership->core, clock_now());
    if (result == MLB_OK)
        membership_dispatch_soon(membership);
    return result;
}

int32_t mlb_membership_set_keys(struct mlb_membership *membership,
                                const struct mlb_membership_key *keys, size_t count,
                                struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "membership", NULL,
                              "there is no membership (NULL); make one with mlb_membership_new()");
    result = membership_check_keys(keys, count, diagnostic);
    if (result != MLB_OK)
        return result;
    result = membership_set_keys(membership->core, keys, count);
    /* What else there is to refuse was checked before. */
    if (result == MLB_ERROR_INVALID_ARGUMENT)
        return diagnostic_set(diagnostic, result, "keys", NULL,
                              "the keys cannot be taken away from a membership that has some; make "
                              "a new one without keys");
    if (result != MLB_OK)
        return diagnostic_set(diagnostic, result, "keys", NULL, "the keys cannot be set: %s",
                              mlb_strerror(result));
    membership_dispatch_soon(membership);
    return MLB_OK;
}

int32_t mlb_membership_set_meta(struct mlb_membership *membership, const uint8_t *meta,
                                size_t length, struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership || length > MLB_MEMBERSHIP_META_MAX || (length > 0 && !meta))
        return MLB_ERROR_INVALID_ARGUMENT;
    result = membership_set_meta(membership->core, clock_now(), meta, length);
    if (result == MLB_OK)
        membership_dispatch_soon(membership);
    return result;
}

int32_t mlb_membership_set_facts(struct mlb_membership *membership, const uint8_t *facts,
                                 size_t length, struct mlb_diagnostic *diagnostic)
{
    int32_t result;

    if (!membership || length > MLB_MEMBERSHIP_FACTS_MAX || (length > 0 && !facts))
        return MLB_ERROR_INVALID_ARGUMENT;
    result = membership_set_facts(membership->core, clock_now(), facts, length);
    if (result == MLB_OK)
        membership_dispatch_soon(membership);
    return result;
}

static int32_t give_member(int32_t result, const struct mlb_member *found,
                           struct mlb_member *member)
{
    if (result == MLB_OK)
        struct_write(member, found, sizeof(*found));
    return result;
}

int32_t mlb_membership_member(const struct mlb_membership *membership, size_t position,
                              struct mlb_member *member, struct mlb_diagnostic *diagnostic)
{
    struct mlb_member found = {.struct_size = sizeof(found)};

    if (!membership || !struct_is_writable(member, first_size_mlb_member))
        return MLB_ERROR_INVALID_ARGUMENT;
    return give_member(membership_member(membership->core, position, &found), &found, member);
}

int32_t mlb_membership_find(const struct mlb_membership *membership, const char *name,
                            struct mlb_member *member, struct mlb_diagnostic *diagnostic)
{
    struct mlb_member found = {.struct_size = sizeof(found)};

    if (!membership || !name || !struct_is_writable(member, first_size_mlb_member))
        return MLB_ERROR_INVALID_ARGUMENT;
    return give_member(membership_find(membership->core, name, &found), &found, member);
}

int32_t mlb_membership_facts(const struct mlb_membership *membership, const char *name,
                             uint8_t *facts, size_t capacity, size_t *length, uint64_t *version,
                             struct mlb_diagnostic *diagnostic)
{
    if (!membership || !name || !length || (capacity > 0 && !facts))
        return MLB_ERROR_INVALID_ARGUMENT;
    return membership_facts(membership->core, name, facts, capacity, length, version);
}

int32_t mlb_membership_statistics(const struct mlb_membership *membership,
                                  struct mlb_membership_statistics *statistics,
                                  struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_statistics now = {.struct_size = sizeof(now)};

    if (!membership || !struct_is_writable(statistics, first_size_mlb_membership_statistics))
        return MLB_ERROR_INVALID_ARGUMENT;
    membership_statistics(membership->core, &now);
    now.packets_failed = membership->packets_failed;
    struct_write(statistics, &now, sizeof(now));
    return MLB_OK;
}
