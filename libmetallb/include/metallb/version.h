/* SPDX-License-Identifier: MIT */
/*
 * Version of the library, at compile time and at run time.
 *
 * A program goes on working with any later library of the same soname. Structs whose first member
 * is struct_size may grow at their end; the caller sets struct_size to its own sizeof, and then:
 *
 * - What a call reads (options, requests): a struct that is smaller than it was when it was first
 *   published is refused with MLB_ERROR_INVALID_ARGUMENT. Members that the caller's header did not
 *   know yet have their defaults. Members that this library does not know yet must be zero, else
 *   the call is refused rather than misunderstood; so set what is not used to zero.
 * - What a call writes (events, members, counters, diagnostics): at most struct_size bytes are
 *   written. Members that this library does not know yet become zero.
 *
 * All other structs (struct mlb_address, struct mlb_port ...) never change.
 *
 * Where a comment names no later version, a function or a member is there since 0.1.0. The ledger
 * is docs/abi.md.
 *
 * All calls in this header are reentrant and may be used from any thread.
 */
#ifndef METALLB_VERSION_H
#define METALLB_VERSION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MLB_VERSION_MAJOR 0
#define MLB_VERSION_MINOR 1
#define MLB_VERSION_PATCH 0

/* Marks a symbol of the public ABI; everything else in the shared object is hidden. */
#if defined(__GNUC__)
#define MLB_API __attribute__((visibility("default")))
#else
#define MLB_API
#endif

/*
 * Version of the library that is loaded, as major << 16 | minor << 8 | patch.
 *
 * A program compares it with the MLB_VERSION_* that it was built against.
 */
MLB_API uint32_t mlb_version(void);

/*
 * Version of the library that is loaded as text, for example "0.1.0".
 *
 * The string is static and must not be freed.
 */
MLB_API const char *mlb_version_text(void);

#ifdef __cplusplus
}
#endif

#endif
