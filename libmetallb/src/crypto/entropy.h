/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Fills length bytes, at most INT_MAX, that nobody can foresee.
 *
 * @param context  not used; there so that the function can be given as the source of entropy
 * @return         0, else the bytes are of no use
 */
int entropy_fill(void *context, uint8_t *bytes, size_t length);
