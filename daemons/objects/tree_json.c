/* SPDX-License-Identifier: MIT */
/*
 * JSON documents by libcJSON.
 *
 * cJSON gives no lines and reads numbers as doubles. So the text that it accepted is walked once
 * more beside its tree, in the same order: each value gets its line, each number its own text.
 */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "objects/tree.h"
#include "objects/utf8.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct walk {
    struct tree_json_position *position;
    struct tree_arena *arena;
    struct tree_error *error;
};

static enum tree_result fail(struct tree_error *error, unsigned line, const char *message)
{
    error->line = line;
    snprintf(error->message, sizeof(error->message), "%s", message);
    return TREE_ERROR;
}

/* The characters that cJSON takes for white space. */
static void skip_space(struct tree_json_position *position)
{
    while (position->offset < position->length &&
           (unsigned char)position->text[position->offset] <= 32) {
        if (position->text[position->offset] == '\n')
            position->line++;
        position->offset++;
    }
}

static char current(const struct tree_json_position *position)
{
    return position->offset < position->length ? position->text[position->offset] : '\0';
}

/* Goes behind a string. False if it names the character U+0000, which would cut the C string. */
static bool skip_string(struct tree_json_position *position)
{
    bool whole = true;

    position->offset++;
    while (current(position) != '"' && current(position) != '\0') {
        if (current(position) == '\n')
            position->line++;
        if (current(position) == '\\') {
            if (position->length - position->offset >= 6 &&
                memcmp(position->text + position->offset, "\\u0000", 6) == 0)
                whole = false;
            position->offset++;
        }
        position->offset++;
    }
    position->offset++;
    return whole;
}

static enum tree_result walk_value(struct walk *walk, const cJSON *item, size_t depth,
                                   struct tree_value *value);

static enum tree_result walk_members(struct walk *walk, const cJSON *item, size_t depth,
                                     struct tree_value *value)
{
    struct tree_json_position *position = walk->position;
    size_t index = 0;

    for (const cJSON *child = item->child; child != NULL; child = child->next)
        value->count++;
    value->members = tree_allocate(walk->arena, value->count * sizeof(*value->members));
    if (value->members == NULL)
        return TREE_NO_MEMORY;
    for (const cJSON *child = item->child; child != NULL; child = child->next, index++) {
        struct tree_value *member = tree_allocate(walk->arena, sizeof(*member));
        enum tree_result result;

        if (member == NULL)
            return TREE_NO_MEMORY;
        /* Behind the bracket or the comma. */
        position->offset++;
        skip_space(position);
        if (child->string != NULL) {
            size_t length = strlen(child->string);

            if (!skip_string(position))
                return fail(walk->error, position->line, "a key with the character U+0000");
            value->members[index].key = tree_copy_text(walk->arena, child->string, length);
            if (value->members[index].key == NULL)
                return TREE_NO_MEMORY;
            skip_space(position);
            position->offset++;
        }
        result = walk_value(walk, child, depth + 1, member);
        if (result != TREE_DOCUMENT)
            return result;
        value->members[index].value = member;
        value->weight += member->weight;
    }
    return value->weight > TREE_VALUES_MAX
               ? fail(walk->error, value->line, "too many values in one document")
               : TREE_DOCUMENT;
}

static enum tree_result check_keys(struct walk *walk, const struct tree_value *value)
{
    const char *duplicate = value->kind == TREE_MAPPING ? tree_duplicate_key(value) : NULL;
    char message[256];

    if (duplicate == NULL)
        return TREE_DOCUMENT;
    snprintf(message, sizeof(message), "the key \"%.100s\" stands twice in one object", duplicate);
    return fail(walk->error, value->line, message);
}

static enum tree_result walk_collection(struct walk *walk, const cJSON *item, size_t depth,
                                        struct tree_value *value)
{
    struct tree_json_position *position = walk->position;
    enum tree_result result;

    if (depth >= TREE_DEPTH_MAX)
        return fail(walk->error, position->line, "nested too deeply");
    value->kind = cJSON_IsObject(item) ? TREE_MAPPING : TREE_SEQUENCE;
    if (item->child == NULL) {
        position->offset++;
        skip_space(position);
    } else {
        result = walk_members(walk, item, depth, value);
        if (result != TREE_DOCUMENT)
            return result;
    }
    position->offset++;
    return check_keys(walk, value);
}

static enum tree_result walk_text(struct walk *walk, struct tree_value *value, enum tree_kind kind,
                                  const char *text, size_t length)
{
    value->kind = kind;
    value->text = tree_copy_text(walk->arena, text, length);
    return value->text == NULL ? TREE_NO_MEMORY : TREE_DOCUMENT;
}

static enum tree_result walk_number(struct walk *walk, struct tree_value *value)
{
    struct tree_json_position *position = walk->position;
    size_t start = position->offset;

    while (current(position) != '\0' && strchr("0123456789+-eE.", current(position)) != NULL)
        position->offset++;
    return walk_text(walk, value, TREE_NUMBER, position->text + start, position->offset - start);
}

static enum tree_result walk_scalar(struct walk *walk, const cJSON *item, struct tree_value *value)
{
    struct tree_json_position *position = walk->position;

    if (cJSON_IsString(item)) {
        if (!skip_string(position))
            return fail(walk->error, position->line, "a string with the character U+0000");
        return walk_text(walk, value, TREE_STRING, item->valuestring, strlen(item->valuestring));
    }
    if (cJSON_IsNumber(item))
        return walk_number(walk, value);
    if (cJSON_IsNull(item)) {
        position->offset += 4;
        return walk_text(walk, value, TREE_NULL, "null", 4);
    }
    position->offset += cJSON_IsTrue(item) ? 4 : 5;
    return cJSON_IsTrue(item) ? walk_text(walk, value, TREE_BOOL, "true", 4)
                              : walk_text(walk, value, TREE_BOOL, "false", 5);
}

/* The depth is bounded by TREE_DEPTH_MAX. NOLINTNEXTLINE(misc-no-recursion) */
static enum tree_result walk_value(struct walk *walk, const cJSON *item, size_t depth,
                                   struct tree_value *value)
{
    enum tree_result result;

    skip_space(walk->position);
    value->line = walk->position->line;
    value->weight = 1;
    if (cJSON_IsObject(item) || cJSON_IsArray(item))
        result = walk_collection(walk, item, depth, value);
    else
        result = walk_scalar(walk, item, value);
    if (result == TREE_DOCUMENT)
        skip_space(walk->position);
    return result;
}

static unsigned line_at(const struct tree_json_position *position, const char *where)
{
    unsigned line = position->line;

    for (size_t i = position->offset; i < position->length && position->text + i < where; i++)
        line += position->text[i] == '\n';
    return line;
}

static enum tree_result check_characters(const struct tree_json_position *position,
                                         struct tree_error *error)
{
    size_t rest = position->length - position->offset;
    const char *text = position->text + position->offset;
    size_t valid = utf8_valid_length(text, rest);

    if (valid == rest)
        return TREE_DOCUMENT;
    return fail(error, line_at(position, text + valid), "not valid UTF-8, or a NUL byte");
}

/* Whether the walk came to where cJSON came to, white space aside. */
static bool ends_at(const struct tree_json_position *position, const char *end)
{
    size_t offset = (size_t)(end - position->text);

    while (offset < position->offset && (unsigned char)position->text[offset] <= 32)
        offset++;
    return offset == position->offset;
}

static enum tree_result walk_document(struct walk *walk, const struct tree_value **root)
{
    struct tree_json_position *position = walk->position;
    const char *start = position->text + position->offset;
    size_t rest = position->length - position->offset;
    const char *end = NULL;
    struct tree_value *value = tree_allocate(walk->arena, sizeof(*value));
    enum tree_result result;
    cJSON *item;

    if (value == NULL)
        return TREE_NO_MEMORY;
    /* cJSON takes a byte order mark before each document; RFC 8259 §8.1 knows none inside. */
    if (rest >= 3 && memcmp(start, BYTE_ORDER_MARK, 3) == 0)
        return fail(walk->error, position->line, "not valid JSON: a byte order mark inside");
    item = cJSON_ParseWithLengthOpts(start, rest, &end, 0);
    if (item == NULL)
        return fail(walk->error, line_at(position, end), "not valid JSON");
    result = walk_value(walk, item, 0, value);
    cJSON_Delete(item);
    /* cJSON reads "1-2" as the number 1 with something behind it. */
    if (result == TREE_DOCUMENT && !ends_at(position, end))
        return fail(walk->error, position->line, "not valid JSON");
    if (result == TREE_DOCUMENT)
        *root = value;
    return result;
}

enum tree_result tree_json_next(struct tree_json_position *position, struct tree_arena *arena,
                                const struct tree_value **root, struct tree_error *error)
{
    struct walk walk = {.position = position, .arena = arena, .error = error};

    if (position->offset == 0) {
        enum tree_result result = check_characters(position, error);

        if (result != TREE_DOCUMENT)
            return result;
        if (position->length >= 3 && memcmp(position->text, BYTE_ORDER_MARK, 3) == 0)
            position->offset = 3;
    }
    skip_space(position);
    if (position->offset == position->length)
        return TREE_END;
    return walk_document(&walk, root);
}
