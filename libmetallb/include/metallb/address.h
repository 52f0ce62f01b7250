/* SPDX-License-Identifier: MIT */
/*
 * Values: an IP address, a range of addresses, a prefix, an exact count.
 *
 * All are plain structs without pointers, copied by assignment; reserved bytes are zero, so two
 * values of one type may also be compared with memcmp(). All calls are pure functions: reentrant,
 * usable from any thread, without allocation. Each that can fail takes a diagnostic, which may be
 * NULL (see <metallb/error.h>).
 *
 *     struct mlb_diagnostic diagnostic;
 *     struct mlb_range range;
 *
 *     mlb_diagnostic_init(&diagnostic);
 *     if (mlb_range_parse("192.0.2.10-192.0.2.20", &range, &diagnostic))
 *         fprintf(stderr, "%s\n", diagnostic.message);
 */
#ifndef METALLB_ADDRESS_H
#define METALLB_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

#include <metallb/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Families of addresses, by the version of IP; not the AF_INET and AF_INET6 of sockets. */
#define MLB_FAMILY_NONE 0
#define MLB_FAMILY_IPV4 4
#define MLB_FAMILY_IPV6 6

/* Bytes that hold any text of its kind with the NUL. */
#define MLB_ADDRESS_TEXT_SIZE 48
#define MLB_RANGE_TEXT_SIZE   96
#define MLB_COUNT_TEXT_SIZE   64

/* Most prefixes that one range can need: 2 * 128 - 2 (IPv6), 62 for IPv4. */
#define MLB_RANGE_PREFIXES_MAX 254

/* An address in network byte order; an IPv4 address stands in bytes[0..3], the others are zero. */
struct mlb_address {
    uint8_t family; /* MLB_FAMILY_IPV4 or MLB_FAMILY_IPV6 */
    uint8_t reserved[7];
    uint8_t bytes[16];
};

/* All addresses from first to last, both included, of one family. */
struct mlb_range {
    struct mlb_address first;
    struct mlb_address last;
};

/* A prefix in the sense of RFC 4632 and RFC 4291; bits behind length are zero. */
struct mlb_prefix {
    struct mlb_address address;
    uint8_t length; /* 0 to 32 or 0 to 128 */
    uint8_t reserved[7];
};

/* An exact number of addresses, least significant word first; a family alone can need 2^128. */
struct mlb_count {
    uint64_t words[3];
};

/*
 * Parses one address.
 *
 * Accepted: dotted IPv4; IPv6 as in RFC 4291 §2.2. An IPv4-mapped address (::ffff:192.0.2.1) is
 * returned as IPv4. White space is not accepted here, and names are not looked up.
 *
 * @param text        NUL-terminated
 * @param address     receives the address
 * @param diagnostic  may be NULL; its subject is the text
 * @return            MLB_OK, MLB_ERROR_EMPTY, MLB_ERROR_ADDRESS, MLB_ERROR_ZONE,
 *                    MLB_ERROR_LEADING_ZERO; MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_address_parse(const char *text, struct mlb_address *address,
                                  struct mlb_diagnostic *diagnostic);

/*
 * Writes an address in its canonical form: dotted decimal, or RFC 5952 §4 in lower case.
 *
 * An IPv6 address is never written with a dotted part (mapped addresses are IPv4 here), because the
 * election hashes this text and all nodes must hash the same bytes.
 *
 * @param address  of family MLB_FAMILY_IPV4 or MLB_FAMILY_IPV6
 * @param buffer   receives the text with its NUL
 * @param size     bytes of buffer; MLB_ADDRESS_TEXT_SIZE always suffices
 * @return         MLB_OK, MLB_ERROR_BUFFER_TOO_SMALL; MLB_ERROR_INVALID_ARGUMENT for NULL or
 *                 another family
 */
MLB_API int32_t mlb_address_format(const struct mlb_address *address, char *buffer, size_t size,
                                   struct mlb_diagnostic *diagnostic);

/*
 * Orders addresses: IPv4 before IPv6, then by numeric value.
 *
 * @param a, b  two addresses; NULL comes before all
 * @return      negative, 0 or positive as a is before, equal to or after b
 */
MLB_API int32_t mlb_address_compare(const struct mlb_address *a, const struct mlb_address *b);

/*
 * Parses an entry of a pool: a CIDR, a range "first-last" or a single address.
 *
 * White space around the entry and around either end of a range is ignored; host bits of a CIDR are
 * cleared; IPv4-mapped notation gives IPv4 (a mapped CIDR needs a length of 96 or more).
 *
 * @param text        NUL-terminated
 * @param range       receives the range; both ends are one address where text is one
 * @param diagnostic  may be NULL; its subject is the entry, its message says why it is refused
 * @return            MLB_OK; MLB_ERROR_EMPTY, MLB_ERROR_ADDRESS, MLB_ERROR_ZONE,
 *                    MLB_ERROR_LEADING_ZERO, MLB_ERROR_PREFIX_LENGTH, MLB_ERROR_RANGE_FIRST,
 *                    MLB_ERROR_RANGE_LAST, MLB_ERROR_RANGE_REVERSED, MLB_ERROR_RANGE_FAMILIES as
 *                    <metallb/error.h> explains them; MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_range_parse(const char *text, struct mlb_range *range,
                                struct mlb_diagnostic *diagnostic);

/*
 * Writes a range in its shortest canonical form: "a" for one address, "a/len" where it is exactly
 * one prefix, else "a-b". mlb_range_parse() reads it back.
 *
 * @param range   both ends of one family, the last not before the first
 * @param buffer  receives the text with its NUL
 * @param size    bytes of buffer; MLB_RANGE_TEXT_SIZE always suffices
 * @return        MLB_OK, MLB_ERROR_BUFFER_TOO_SMALL; MLB_ERROR_INVALID_ARGUMENT for NULL or a range
 *                that is none
 */
MLB_API int32_t mlb_range_format(const struct mlb_range *range, char *buffer, size_t size,
                                 struct mlb_diagnostic *diagnostic);

/*
 * Tells whether an address lies in a range.
 *
 * @param range    as of mlb_range_parse()
 * @param address  of either family
 * @return         1 if it does; else 0, also for NULL or a range that is none
 */
MLB_API int32_t mlb_range_contains(const struct mlb_range *range,
                                   const struct mlb_address *address);

/*
 * Tells whether two ranges have an address in common.
 *
 * @param a, b  ranges of either family
 * @return      1 if they have; else 0, also for NULL or a range that is none
 */
MLB_API int32_t mlb_range_overlaps(const struct mlb_range *a, const struct mlb_range *b);

/*
 * Counts the addresses of a range; ::/0 gives 2^128.
 *
 * @param range  both ends of one family, the last not before the first
 * @param count  receives the number
 * @return       MLB_OK; MLB_ERROR_INVALID_ARGUMENT for NULL or a range that is none
 */
MLB_API int32_t mlb_range_count(const struct mlb_range *range, struct mlb_count *count,
                                struct mlb_diagnostic *diagnostic);

/*
 * Splits a range into the fewest prefixes, ascending.
 *
 * @param range     both ends of one family, the last not before the first
 * @param prefixes  receives them; may be NULL when capacity is 0
 * @param capacity  how many there is room for; MLB_RANGE_PREFIXES_MAX always suffices
 * @param count     receives how many the range needs, also when they do not fit
 * @return          MLB_OK, MLB_ERROR_BUFFER_TOO_SMALL; MLB_ERROR_INVALID_ARGUMENT for NULL or a
 *                  range that is none
 */
MLB_API int32_t mlb_range_prefixes(const struct mlb_range *range, struct mlb_prefix *prefixes,
                                   size_t capacity, size_t *count,
                                   struct mlb_diagnostic *diagnostic);

/*
 * Writes a count in decimal.
 *
 * @param count   any number
 * @param buffer  receives the digits with a NUL
 * @param size    bytes of buffer; MLB_COUNT_TEXT_SIZE always suffices
 * @return        MLB_OK, MLB_ERROR_BUFFER_TOO_SMALL; MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_count_format(const struct mlb_count *count, char *buffer, size_t size,
                                 struct mlb_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif

#endif
