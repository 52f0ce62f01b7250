/* SPDX-License-Identifier: MIT */
/*
 * One document of YAML or JSON as a tree of values, each with its line.
 *
 * Aliases of YAML point to the same value again, so that a tree may be a graph without cycles;
 * what walking it costs is bounded. All memory of a document belongs to its arena.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A document that nests deeper, or has more values with its aliases written out, is refused. */
#define TREE_DEPTH_MAX  64
#define TREE_VALUES_MAX (4u << 20)

enum tree_kind {
    TREE_NULL,
    TREE_BOOL,
    TREE_NUMBER,
    TREE_STRING,
    TREE_SEQUENCE,
    TREE_MAPPING,
};

struct tree_value;

struct tree_member {
    const char *key; /* NULL in a sequence */
    const struct tree_value *value;
};

struct tree_value {
    enum tree_kind kind;
    unsigned line;    /* of the first character, from 1 */
    const char *text; /* of a scalar as written, without quotes */
    size_t count;     /* members */
    size_t weight;    /* values in it with itself, aliases written out */
    struct tree_member *members;
};

struct tree_arena {
    struct tree_block *blocks;
};

/* Returns zeroed memory that lives as long as the arena, or NULL. */
void *tree_allocate(struct tree_arena *arena, size_t size);
char *tree_copy_text(struct tree_arena *arena, const char *text, size_t length);
void tree_arena_clear(struct tree_arena *arena);

/* Member of a mapping, or NULL. */
const struct tree_value *tree_get(const struct tree_value *value, const char *key);

/* Key that stands twice in a mapping, or NULL; also NULL without memory. */
const char *tree_duplicate_key(const struct tree_value *mapping);

enum tree_result {
    TREE_DOCUMENT, /* a document was read; its root may be NULL for an empty one */
    TREE_END,      /* nothing is left */
    TREE_ERROR,    /* the text is broken here; nothing behind it can be read */
    TREE_NO_MEMORY,
};

struct tree_error {
    unsigned line;
    char message[256];
};

/* Reads the documents of a text one after the other. */
struct tree_reader;

struct tree_reader *tree_yaml_open(const char *text, size_t length);
enum tree_result tree_yaml_next(struct tree_reader *reader, struct tree_arena *arena,
                                const struct tree_value **root, struct tree_error *error);
void tree_yaml_close(struct tree_reader *reader);

/* JSON needs no state but where it stands. */
struct tree_json_position {
    const char *text;
    size_t length;
    size_t offset;
    unsigned line;
};

enum tree_result tree_json_next(struct tree_json_position *position, struct tree_arena *arena,
                                const struct tree_value **root, struct tree_error *error);
