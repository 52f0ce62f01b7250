/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* The object of type that has a pointer's target as member. */
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))
