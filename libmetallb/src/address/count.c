/* SPDX-License-Identifier: MIT */
#include "address/count.h"

#include "base/refusals.h"

#define COUNT_WORDS 3

struct mlb_count count_of(uint64_t number)
{
    return (struct mlb_count){.words = {number, 0, 0}};
}

struct mlb_count count_between(address_value first, address_value last)
{
    const address_value distance = last - first;
    const struct mlb_count count = {
        .words = {(uint64_t)distance, (uint64_t)(distance >> 64), 0},
    };

    return count_sum(count, count_of(1));
}

struct mlb_count count_sum(struct mlb_count a, struct mlb_count b)
{
    struct mlb_count sum;
    address_value carry = 0;

    for (size_t i = 0; i < COUNT_WORDS; i++) {
        carry += (address_value)a.words[i] + b.words[i];
        sum.words[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return sum;
}

struct mlb_count count_difference(struct mlb_count a, struct mlb_count b)
{
    struct mlb_count difference;
    uint64_t borrow = 0;

    for (size_t i = 0; i < COUNT_WORDS; i++) {
        const address_value taken = (address_value)b.words[i] + borrow;

        difference.words[i] = (uint64_t)(a.words[i] - taken);
        borrow = taken > a.words[i];
    }
    return difference;
}

bool count_is_zero(struct mlb_count count)
{
    return count.words[0] == 0 && count.words[1] == 0 && count.words[2] == 0;
}

/* Divides in place and returns the remainder. */
static unsigned divide_by_ten(struct mlb_count *count)
{
    address_value remainder = 0;

    for (size_t i = COUNT_WORDS; i > 0; i--) {
        const address_value part = remainder << 64 | count->words[i - 1];

        count->words[i - 1] = (uint64_t)(part / 10);
        remainder = part % 10;
    }
    return (unsigned)remainder;
}

int32_t mlb_count_format(const struct mlb_count *count, char *buffer, size_t size,
                         struct mlb_diagnostic *diagnostic)
{
    char digits[MLB_COUNT_TEXT_SIZE];
    size_t start = sizeof(digits) - 1;
    struct mlb_count rest;

    if (!count)
        return refuse_missing("count", diagnostic);
    rest = *count;
    digits[start] = '\0';
    do {
        digits[--start] = (char)('0' + divide_by_ten(&rest));
    } while (!count_is_zero(rest));
    return text_give(digits + start, buffer, size, diagnostic);
}
