/* SPDX-License-Identifier: MIT */
#pragma once

#include <metallb/error.h>
#include <stddef.h>

/* What many public calls refuse alike: each fills the diagnostic and returns the code. */

/* The object to work on is NULL; kind as in "pool", which mlb_pool_new() makes. */
int32_t refuse_no_object(const char *kind, struct mlb_diagnostic *diagnostic);

/* The pointer to write a new object to is NULL. */
int32_t refuse_no_place(const char *kind, struct mlb_diagnostic *diagnostic);

/* An argument is NULL. */
int32_t refuse_missing(const char *argument, struct mlb_diagnostic *diagnostic);

/* A list of count things is NULL. */
int32_t refuse_no_list(const char *argument, size_t count, struct mlb_diagnostic *diagnostic);

/* MLB_ERROR_NO_MEMORY; what as in "the pool lan". */
int32_t refuse_no_memory(const char *what, struct mlb_diagnostic *diagnostic);

/*
 * Copies a text with its NUL to memory of the caller.
 *
 * @return  MLB_OK; MLB_ERROR_INVALID_ARGUMENT where buffer is NULL, MLB_ERROR_BUFFER_TOO_SMALL
 */
int32_t text_give(const char *text, char *buffer, size_t size, struct mlb_diagnostic *diagnostic);
