/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tells whether a struct of the caller, whose first member is its size in bytes, can be read as one
 * of known_size bytes: it is as large, or larger with nothing but zeros in what we do not know. So
 * a caller that asks for something newer than this library is refused rather than misunderstood.
 */
bool struct_is_readable(const void *object, size_t known_size);

/* Tells whether known_size bytes may be written to a struct of the caller. */
bool struct_is_writable(const void *object, size_t known_size);
