/* SPDX-License-Identifier: MIT */
/* The rows of tests/cases/data/memberlist_vectors.json: bytes of real peers and what they mean. */
#pragma once

#include <cjson/cJSON.h>
#include <metallb/membership.h>

#include "wire/msgpack.h"

/* Memory that grows to SIZE bytes is enough for each row. */
#define VECTOR_SIZE 65536

/* The rows of one name, which the caller does not free; the test fails without the file. */
const cJSON *vectors_load(const char *name);
void vectors_unload(void);

const cJSON *vector_member(const cJSON *object, const char *name);

/* NULL where there is no such text. */
const char *vector_text(const cJSON *object, const char *name);

/* The bytes of a text in hex digits, in memory of exactly their size that the caller frees. */
struct span vector_bytes(const char *hex);
void vector_free(struct span bytes);

/* Asserts that bytes are those of a text in hex digits. */
void vector_assert_bytes(const char *hex, struct span bytes);

/* The key of a row; 1 if it has one. */
int vector_key(const cJSON *row, struct mlb_membership_key *key);

/*
 * Asserts that a whole message, its type byte first, means what a row tells of it, and that
 * building it anew gives the same bytes.
 */
void vector_assert_message(const cJSON *expected, struct span message);

/* The same of an entry of a push/pull. */
void vector_assert_node(const cJSON *expected, struct reader *reader);
