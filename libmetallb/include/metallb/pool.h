/* SPDX-License-Identifier: MIT */
/*
 * A pool: a named list of address ranges and the rule which of their addresses may be given out.
 *
 * A pool is built once (new, then add for each entry) and only read afterwards; a pool that nobody
 * changes may be read from several threads. Cost and memory grow with the number of entries, never
 * with the number of addresses.
 *
 * Each call that can fail takes a diagnostic, which may be NULL (see <metallb/error.h>):
 *
 *     struct mlb_diagnostic diagnostic;
 *     struct mlb_pool *pool = NULL;
 *
 *     mlb_diagnostic_init(&diagnostic);
 *     if (mlb_pool_new("lan", NULL, &pool, &diagnostic) ||
 *         mlb_pool_add(pool, "192.0.2.0/24", &diagnostic))
 *         fprintf(stderr, "%s\n", diagnostic.message);
 *     mlb_pool_free(pool);
 */
#ifndef METALLB_POOL_H
#define METALLB_POOL_H

#include <metallb/address.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Longest name of a pool in bytes without the NUL: a DNS subdomain name (RFC 1123). */
#define MLB_POOL_NAME_MAX 253

/*
 * IPv4 addresses whose last octet is 0 or 255 do not belong to the pool: some home routers drop
 * traffic for them (the avoidBuggyIPs field of an IPAddressPool).
 */
#define MLB_POOL_AVOID_BUGGY 1u

struct mlb_pool;

/* What a pool is made with; set what is not used to zero. */
struct mlb_pool_options {
    uint32_t struct_size; /* sizeof(struct mlb_pool_options) */
    uint32_t flags;       /* MLB_POOL_AVOID_BUGGY or 0 */
};

/*
 * Makes an empty pool.
 *
 * @param name     1 to MLB_POOL_NAME_MAX bytes and a NUL, copied
 * @param options  may be NULL for none
 * @param pool     receives the pool; the caller frees it with mlb_pool_free()
 * @return         MLB_OK, MLB_ERROR_NO_MEMORY; MLB_ERROR_INVALID_ARGUMENT for a name that is
 *                 missing or too long, an unknown flag, or options without struct_size
 */
MLB_API int32_t mlb_pool_new(const char *name, const struct mlb_pool_options *options,
                             struct mlb_pool **pool, struct mlb_diagnostic *diagnostic);

/* Frees a pool; NULL is ignored. Allocators that were given the pool have their own copy. */
MLB_API void mlb_pool_free(struct mlb_pool *pool);

/*
 * Appends an entry as text (see mlb_range_parse()). Entries keep the order in which they are added:
 * it is the order in which the allocator uses them. Where one is refused the others stay.
 *
 * @param entry       "192.0.2.0/24", "192.0.2.10-192.0.2.20" or "192.0.2.10", of either family
 * @param diagnostic  may be NULL; for MLB_ERROR_OVERLAP it names both entries
 * @return            MLB_OK, MLB_ERROR_OVERLAP with an earlier entry of this pool,
 *                    MLB_ERROR_NO_MEMORY, MLB_ERROR_INVALID_ARGUMENT for NULL, and the other codes
 *                    of mlb_range_parse()
 */
MLB_API int32_t mlb_pool_add(struct mlb_pool *pool, const char *entry,
                             struct mlb_diagnostic *diagnostic);

/*
 * Appends an entry that is already a range; otherwise as mlb_pool_add().
 *
 * @param range       both ends of one family, the last not before the first; copied
 * @param diagnostic  may be NULL; for MLB_ERROR_OVERLAP it names both entries
 * @return            MLB_OK, MLB_ERROR_OVERLAP, MLB_ERROR_NO_MEMORY; MLB_ERROR_INVALID_ARGUMENT for
 *                    NULL or a range that is none
 */
MLB_API int32_t mlb_pool_add_range(struct mlb_pool *pool, const struct mlb_range *range,
                                   struct mlb_diagnostic *diagnostic);

/* Name of a pool; it lives as long as the pool. NULL for NULL. */
MLB_API const char *mlb_pool_name(const struct mlb_pool *pool);

/* Number of entries; 0 for NULL. */
MLB_API size_t mlb_pool_size(const struct mlb_pool *pool);

/*
 * Copies the entry at an index.
 *
 * @param index  0 for the entry that was added first, up to mlb_pool_size() - 1
 * @param range  receives the entry
 * @return       MLB_OK, MLB_ERROR_NOT_FOUND behind the last entry, MLB_ERROR_INVALID_ARGUMENT for
 *               NULL
 */
MLB_API int32_t mlb_pool_range(const struct mlb_pool *pool, size_t index, struct mlb_range *range,
                               struct mlb_diagnostic *diagnostic);

/*
 * Tells whether the pool may give out an address: it lies in an entry and MLB_POOL_AVOID_BUGGY does
 * not bar it.
 *
 * @param address  of either family
 * @return         1 if so; else 0, also for NULL
 */
MLB_API int32_t mlb_pool_contains(const struct mlb_pool *pool, const struct mlb_address *address);

/*
 * Counts exactly the addresses that the pool may give out.
 *
 * @param family  MLB_FAMILY_IPV4, MLB_FAMILY_IPV6 or MLB_FAMILY_NONE for both together
 * @param count   receives the number
 * @return        MLB_OK; MLB_ERROR_INVALID_ARGUMENT for NULL or another family
 */
MLB_API int32_t mlb_pool_count(const struct mlb_pool *pool, uint8_t family, struct mlb_count *count,
                               struct mlb_diagnostic *diagnostic);

/*
 * Checks that two pools have no address in common.
 *
 * @param other       another pool than the first
 * @param diagnostic  may be NULL; names both pools and both entries
 * @return            MLB_OK, MLB_ERROR_OVERLAP, MLB_ERROR_INVALID_ARGUMENT for NULL
 */
MLB_API int32_t mlb_pool_check_overlap(const struct mlb_pool *pool, const struct mlb_pool *other,
                                       struct mlb_diagnostic *diagnostic);

#ifdef __cplusplus
}
#endif

#endif
