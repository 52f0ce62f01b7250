/* SPDX-License-Identifier: MIT */
#pragma once

#include "address/value.h"

/* The number of values from first to last, both included. */
struct mlb_count count_between(address_value first, address_value last);

struct mlb_count count_of(uint64_t number);
struct mlb_count count_sum(struct mlb_count a, struct mlb_count b);

/* a - b; b must not be greater. */
struct mlb_count count_difference(struct mlb_count a, struct mlb_count b);

bool count_is_zero(struct mlb_count count);
