/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The calls that led here, to the standard error. */
void stack_print(void);

/* A number for the place that they come from. */
uint64_t stack_hash(void);

/* Prints what was lost, and tells whether there is any; without AddressSanitizer it sees nothing.
 */
int stack_leaks(void);
