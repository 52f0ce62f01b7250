/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* Overwrites a secret with zeros, also where the compiler sees that nobody reads them. */
void wipe(void *bytes, size_t length);
