/* SPDX-License-Identifier: MIT */
#pragma once

/* Lets the process open as many descriptors as it may: the usual limit of 1 024 is meant for those
 * who use select(2). Returns 0 or a negative errno. */
int descriptors_raise_limit(void);
