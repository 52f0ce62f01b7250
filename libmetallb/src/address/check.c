/* SPDX-License-Identifier: MIT */
#include "address/check.h"

#include "address/value.h"
#include "base/diagnostic.h"
#include "base/refusals.h"

int32_t address_take(const struct mlb_address *given, struct mlb_address *own,
                     struct mlb_diagnostic *diagnostic)
{
    if (!given)
        return refuse_missing("address", diagnostic);
    if (address_family_bits(given->family) == 0)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "address", NULL,
                              "the family of the address is %u; it can be MLB_FAMILY_IPV4 (4) or "
                              "MLB_FAMILY_IPV6 (6)",
                              given->family);
    *own = address_normalise(given);
    return MLB_OK;
}

int32_t range_check(const struct mlb_range *range, const char *place,
                    struct mlb_diagnostic *diagnostic)
{
    char first[MLB_ADDRESS_TEXT_SIZE] = "";
    char last[MLB_ADDRESS_TEXT_SIZE] = "";

    if (!range)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "range", NULL,
                              "the range%s is missing (NULL)", place);
    if (range_is_valid(range))
        return MLB_OK;
    if (mlb_address_format(&range->first, first, sizeof(first), NULL) != MLB_OK ||
        mlb_address_format(&range->last, last, sizeof(last), NULL) != MLB_OK)
        return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, "range", NULL,
                              "the ends of the range%s have the families %u and %u; both must be "
                              "MLB_FAMILY_IPV4 (4) or both MLB_FAMILY_IPV6 (6)",
                              place, range->first.family, range->last.family);
    return diagnostic_set(diagnostic, MLB_ERROR_INVALID_ARGUMENT, first, last,
                          "the range %s-%s%s %s", first, last, place,
                          range->first.family == range->last.family
                              ? "ends before it begins; exchange its ends"
                              : "is of two families; both ends must be of one");
}
