/* SPDX-License-Identifier: MIT */
/*
 * Typed access to the fields of one object, with the path of each for the problems.
 *
 * A field knows its parent, so that the path ("spec.addresses[0]") is only written out for an
 * error. A field that is absent or null has no value; reading it gives the default and no problem.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "objects/objects.h"
#include "objects/problem.h"
#include "objects/tree.h"

/* What the parsers of one object share. */
struct field_context {
    const char *file;
    const char *object; /* as object_describe() writes it; "" while it is not known */
    struct problem_list *problems;
    unsigned errors; /* the object cannot be used if there are any */
    bool no_memory;
};

struct field {
    struct field_context *context;
    const struct field *parent; /* NULL for the object itself */
    const char *key;            /* NULL for an item of a sequence */
    size_t index;
    const struct tree_value *value; /* NULL where absent or null */
    unsigned line;
};

struct field field_root(struct field_context *context, const struct tree_value *value);

/* A member of a mapping; without a value where the parent has none or is no mapping. */
struct field field_member(const struct field *parent, const char *key);

/* The member at an index of a sequence or mapping, below field_count(). */
struct field field_item(const struct field *parent, size_t index);

bool field_present(const struct field *field);

__attribute__((format(printf, 2, 3))) void field_error(const struct field *field,
                                                       const char *format, ...);
__attribute__((format(printf, 2, 3))) void field_warning(const struct field *field,
                                                         const char *format, ...);
__attribute__((format(printf, 2, 3))) void field_notice(const struct field *field,
                                                        const char *format, ...);

/* The typed readers report a value of another type and return false or 0 then, as for an absent
 * field. */
bool field_is_mapping(const struct field *field);
size_t field_count(const struct field *field);     /* items of a sequence */
const char *field_text(const struct field *field); /* of a string, or NULL */
bool field_boolean(const struct field *field, bool *value);
bool field_integer(const struct field *field, int64_t least, int64_t most, int64_t *value);

/* Warns of each member of a mapping that is none of the known ones (up to a NULL): a misspelt one
 * would otherwise silently mean something else. */
void field_warn_of_unknown(const struct field *field, const char *const *known);

/* Index of the text of a string in a NULL-terminated list of words; an unknown one is an error that
 * lists them. Returns -1 where absent or wrong. */
int field_word(const struct field *field, const char *const *words);

/* Copies; out of memory is noted in the context. */
char *field_copy(const struct field *field, const char *text);
void *field_allocate(const struct field *field, size_t count, size_t size);

/* Strings of a sequence; empty ones are errors. */
void field_strings(const struct field *field, bool unique, struct string_list *list);

/* A mapping of strings to strings, sorted by key. */
void field_labels(const struct field *field, bool check_syntax, struct labels *labels);
