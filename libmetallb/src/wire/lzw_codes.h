/* SPDX-License-Identifier: MIT */
/* Codes that both directions of LZW know: below these two are the bytes, above them the pairs. */
#pragma once

#define LZW_CLEAR     256u
#define LZW_END       257u

#define LZW_WIDTH_MIN 9
#define LZW_WIDTH_MAX 12
#define LZW_CODES     (1u << LZW_WIDTH_MAX)
