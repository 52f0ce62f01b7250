/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/metallb.h>
#include <stdbool.h>

/*
 * Structs of the caller whose first member is their size in bytes. The caller and the library may
 * be built against different versions of a header; structs only grow at their end, so the sizes
 * tell which members both know. The rules for callers stand in <metallb/version.h>.
 */

/* Each such struct and the last member that it had when it was first published. */
#define VERSIONED_STRUCTS(X)                  \
    X(mlb_diagnostic, message)                \
    X(mlb_pool_options, flags)                \
    X(mlb_request, reserved2)                 \
    X(mlb_assignment, pool)                   \
    X(mlb_pool_counters, available_ipv6)      \
    X(mlb_election_options, flags)            \
    X(mlb_election_result, names)             \
    X(mlb_announcer_options, refresh_seconds) \
    X(mlb_announcer_event, detail)            \
    X(mlb_announcer_counters, conflicts)      \
    X(mlb_interface, foreign)                 \
    X(mlb_membership_timing, reserved)        \
    X(mlb_membership_options, reserved)       \
    X(mlb_member, name)                       \
    X(mlb_membership_event, detail)           \
    X(mlb_membership_statistics, conflicts)

/* first_size_mlb_request and so on: bytes up to the end of that member. */
#define FIRST_SIZE_OF(name, last) \
    first_size_##name = offsetof(struct name, last) + sizeof(((struct name *)0)->last),

enum { VERSIONED_STRUCTS(FIRST_SIZE_OF) };

/* No struct of the library is larger; a larger size is memory that nobody set. */
#define STRUCT_SIZE_MAX 4096

/*
 * Takes over what the caller wants.
 *
 * @param own    of this library's version, filled with the defaults; a member that the caller does
 *               not know keeps its default, and struct_size becomes own_size
 * @param given  of the caller's version
 * @return       false, and own is unchanged, where given is NULL, smaller than its first version,
 *               or asks for something that this library does not know: a byte behind own_size that
 *               is not zero
 */
bool struct_read(void *own, size_t own_size, const void *given, size_t first_size);

/* Says why struct_read() refused a struct that is there; name as in "mlb_request". */
int32_t struct_refuse(const void *given, size_t own_size, const char *name,
                      struct mlb_diagnostic *diagnostic);

/* Tells whether struct_write() can be used: given is there and has at least its first version. */
bool struct_is_writable(const void *given, size_t first_size);

/* MLB_OK where struct_is_writable(), else the refusal; name as in "mlb_member". */
int32_t struct_check_writable(const void *given, size_t first_size, const char *name,
                              struct mlb_diagnostic *diagnostic);

/*
 * Hands a result over: writes the members that the caller knows, and zero to those that this
 * library does not know; never a byte behind the caller's struct_size, which stays as it is.
 */
void struct_write(void *given, const void *own, size_t own_size);
