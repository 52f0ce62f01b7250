/* SPDX-License-Identifier: MIT */
/*
 * Results of calls.
 *
 * Every call of the library that can fail returns int32_t: 0 when it succeeded, a negative code of
 * enum mlb_error when it failed. A positive result is never an error; the few calls that have one
 * document it. A call that fails leaves its output arguments and the object as they were, unless
 * its comment says otherwise.
 *
 * Each such call takes a struct mlb_diagnostic as its last argument, to say what it refuses and
 * why; it may be NULL. Only the two calls that return a descriptor take none: they fail for NULL.
 * One diagnostic serves any number of calls, one after the other:
 *
 *     struct mlb_diagnostic diagnostic;
 *
 *     mlb_diagnostic_init(&diagnostic);
 *     if (mlb_pool_add(pool, text, &diagnostic))
 *         fprintf(stderr, "%s\n", diagnostic.message);
 *
 * The numbers are part of the ABI: a code is never renumbered and never used again. A later version
 * may add codes; its band says what to do with one that a program does not know:
 *
 *     -1 to -99     argument or state: the program asks for what cannot be
 *     -100 to -199  text and wire formats: show the diagnostic to who wrote the text
 *     -200 to -299  pools and allocation: another pool, key or port is needed, or one less in use
 *     -300 to -399  operating system: a privilege or a resource is missing
 *     -500 to -599  no other argument would help: memory is short, or the library has a fault
 *
 * All calls in this header are reentrant and may be used from any thread.
 */
#ifndef METALLB_ERROR_H
#define METALLB_ERROR_H

#include <stdint.h>

#include <metallb/version.h>

#ifdef __cplusplus
extern "C" {
#endif

enum mlb_error {
    MLB_OK = 0,

    MLB_ERROR_INVALID_ARGUMENT = -1, /* NULL, a size or a value that the call does not accept */
    MLB_ERROR_WRONG_STATE = -2,      /* the object cannot do this now */
    MLB_ERROR_NOT_FOUND = -3,        /* no such name, address or index */
    MLB_ERROR_EXISTS = -4,           /* the name is taken */
    MLB_ERROR_BUFFER_TOO_SMALL = -5, /* the caller's memory cannot hold the result */

    MLB_ERROR_EMPTY = -100,          /* no text where an entry is expected */
    MLB_ERROR_ADDRESS = -101,        /* not an address; host names are not resolved */
    MLB_ERROR_ZONE = -102,           /* an IPv6 zone ("%eth0") has no place in a pool */
    MLB_ERROR_LEADING_ZERO = -103,   /* an octet or prefix length such as "010" or "/08" */
    MLB_ERROR_PREFIX_LENGTH = -104,  /* missing, not a number, or longer than the family allows */
    MLB_ERROR_RANGE_FIRST = -105,    /* the part before the dash is not an address */
    MLB_ERROR_RANGE_LAST = -106,     /* the part after the dash is not an address */
    MLB_ERROR_RANGE_REVERSED = -107, /* the range ends before it begins */
    MLB_ERROR_RANGE_FAMILIES = -108, /* one end is IPv4, the other IPv6 */
    MLB_ERROR_MALFORMED = -109,      /* bytes of a peer that form no message; in no result yet */

    MLB_ERROR_OVERLAP = -200,          /* two pools or two entries hold a common address */
    MLB_ERROR_EXHAUSTED = -201,        /* no address left in the pools that the request may use */
    MLB_ERROR_NOT_IN_POOL = -202,      /* the address is in no pool, or not all are in one pool */
    MLB_ERROR_POOL_NOT_ALLOWED = -203, /* the address is in a pool that the request may not use */
    MLB_ERROR_SHARING = -204,          /* taken, and the keys do not allow to share it */
    MLB_ERROR_PORT_IN_USE = -205,      /* shareable, but a holder uses the same protocol and port */
    MLB_ERROR_FAMILY = -206,           /* the families of addresses and request do not agree */

    MLB_ERROR_SYSTEM = -300,      /* a system call failed; the diagnostic holds errno */
    MLB_ERROR_PERMISSION = -301,  /* a capability is missing; the diagnostic names it */
    MLB_ERROR_UNSUPPORTED = -302, /* the kernel, or another node, lacks what is needed */

    MLB_ERROR_NO_MEMORY = -500, /* an allocation failed; the object is unchanged, try again later */
    MLB_ERROR_INTERNAL = -501,  /* a rule inside the library was broken; free the object */
};

/*
 * What went wrong, for a person to read. Filled only by a call that fails, and only if the caller
 * passed one; a call that succeeds leaves it as it was. The caller sets struct_size to
 * sizeof(struct mlb_diagnostic) first (or uses mlb_diagnostic_init()); a smaller one is left alone.
 * Each text is NUL-terminated, and shortened where it does not fit. A program decides by the code,
 * never by the texts: they may change.
 */
struct mlb_diagnostic {
    uint32_t struct_size;
    int32_t code;         /* the result of the call */
    int32_t system_error; /* errno for MLB_ERROR_SYSTEM and MLB_ERROR_PERMISSION, else 0 */
    uint32_t reserved;
    char subject[256]; /* what the error is about: the entry, pool, address or interface */
    char other[256];   /* the second party: the entry overlapped, the holder; else empty */
    char message[512]; /* one sentence that names both and says why */
};

/*
 * Prepares a diagnostic for calls: all texts are empty. Whoever wants members that a later version
 * adds sets struct_size instead and the rest to zero.
 *
 * @param diagnostic  memory of the caller; NULL is ignored
 */
MLB_API void mlb_diagnostic_init(struct mlb_diagnostic *diagnostic);

/*
 * Describes a result code in a few words.
 *
 * @param code  any number
 * @return      a static string, never NULL; for a number that is no code "unknown error"
 */
MLB_API const char *mlb_strerror(int32_t code);

/*
 * Tells whether a code is of the last band: no other argument would have helped. After a lack of
 * memory the same call may succeed later, after a fault of the library only freeing makes sense.
 *
 * @param code  any number
 * @return      1 if it is, else 0
 */
MLB_API int32_t mlb_error_is_fatal(int32_t code);

#ifdef __cplusplus
}
#endif

#endif
