/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/address.h>

/* Checks of values that the caller made by himself; each fills the diagnostic. */

/*
 * Takes over an address of the caller in the one form that the library keeps.
 *
 * @return  MLB_OK; MLB_ERROR_INVALID_ARGUMENT for NULL or without a family
 */
int32_t address_take(const struct mlb_address *given, struct mlb_address *own,
                     struct mlb_diagnostic *diagnostic);

/*
 * MLB_OK for a range of one family that does not end before it begins, else
 * MLB_ERROR_INVALID_ARGUMENT.
 *
 * @param place  where it was to go, such as " for pool lan", or ""
 */
int32_t range_check(const struct mlb_range *range, const char *place,
                    struct mlb_diagnostic *diagnostic);
