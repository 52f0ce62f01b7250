/* SPDX-License-Identifier: MIT */
/*
 * YAML documents by libyaml's events.
 *
 * A plain scalar is typed as kubectl does it (YAML 1.1: yes and no are booleans too), so that a
 * manifest means the same here and there.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "objects/tree.h"

/* Anchors are looked up one by one. */
#define ANCHORS_MAX 256

struct anchor {
    char *name;
    const struct tree_value *value;
};

/* A sequence or mapping that is not complete. */
struct frame {
    struct tree_value *value;
    char *anchor;
    const char *key; /* the key whose value comes next */
    unsigned key_line;
    size_t capacity;
};

struct tree_reader {
    yaml_parser_t parser;
    struct frame frames[TREE_DEPTH_MAX];
    size_t depth;
    struct anchor anchors[ANCHORS_MAX];
    size_t anchor_count;
    const struct tree_value *root;
    struct tree_arena *arena;
    struct tree_error *error;
};

struct tree_reader *tree_yaml_open(const char *text, size_t length)
{
    struct tree_reader *reader = calloc(1, sizeof(*reader));

    if (reader == NULL)
        return NULL;
    if (!yaml_parser_initialize(&reader->parser)) {
        free(reader);
        return NULL;
    }
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        /* With a given encoding libyaml takes a byte order mark for text. */
        text += 3;
        length -= 3;
    }
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text, length);
    return reader;
}

void tree_yaml_close(struct tree_reader *reader)
{
    if (reader == NULL)
        return;
    yaml_parser_delete(&reader->parser);
    free(reader);
}

static enum tree_result fail(struct tree_reader *reader, unsigned line, const char *message)
{
    reader->error->line = line;
    snprintf(reader->error->message, sizeof(reader->error->message), "%s", message);
    return TREE_ERROR;
}

static enum tree_result fail_parser(struct tree_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    unsigned line = (unsigned)parser->problem_mark.line + 1;

    if (parser->error == YAML_MEMORY_ERROR)
        return TREE_NO_MEMORY;
    snprintf(reader->error->message, sizeof(reader->error->message), "not valid YAML: %s%s%s",
             parser->problem != NULL ? parser->problem : "unreadable",
             parser->context != NULL ? " " : "", parser->context != NULL ? parser->context : "");
    reader->error->line = line;
    return TREE_ERROR;
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool is_number(const char *text)
{
    size_t digits = 0;
    size_t exponent_digits = 0;

    text += *text == '-' || *text == '+';
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'o'))
        return text[2] != '\0' && text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] == '\0';
    for (; *text >= '0' && *text <= '9'; text++)
        digits++;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++)
            digits++;
    if (digits == 0 || *text == '\0')
        return digits > 0;
    if (*text != 'e' && *text != 'E')
        return false;
    text++;
    text += *text == '-' || *text == '+';
    for (; *text >= '0' && *text <= '9'; text++)
        exponent_digits++;
    return exponent_digits > 0 && *text == '\0';
}

static enum tree_kind kind_of_plain(const char *text)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const booleans[] = {"true", "True", "TRUE", "false", "False", "FALSE", "yes",
                                           "Yes",  "YES",  "no",   "No",    "NO",    "on",    "On",
                                           "ON",   "off",  "Off",  "OFF",   NULL};
    static const char *const specials[] = {".inf", ".Inf", ".INF", "-.inf", ".nan", ".NaN", NULL};

    if (is_one_of(text, nulls))
        return TREE_NULL;
    if (is_one_of(text, booleans))
        return TREE_BOOL;
    return is_number(text) || is_one_of(text, specials) ? TREE_NUMBER : TREE_STRING;
}

/* A boolean is always written "true" or "false" in the tree. */
static const char *text_of_boolean(const char *text)
{
    static const char *const words[] = {"true", "True", "TRUE", "yes", "Yes",
                                        "YES",  "on",   "On",   "ON",  NULL};

    return is_one_of(text, words) ? "true" : "false";
}

static struct tree_value *new_value(struct tree_reader *reader, const yaml_event_t *event)
{
    struct tree_value *value = tree_allocate(reader->arena, sizeof(*value));

    if (value != NULL) {
        value->line = (unsigned)event->start_mark.line + 1;
        value->weight = 1;
    }
    return value;
}

static struct tree_value *new_scalar(struct tree_reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    const char *tag = (const char *)event->data.scalar.tag;
    struct tree_value *value = new_value(reader, event);
    bool typed = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && tag == NULL;

    if (value == NULL)
        return NULL;
    if (tag != NULL && strcmp(tag, YAML_STR_TAG) != 0 &&
        strncmp(tag, "tag:yaml.org,2002:", 18) == 0)
        typed = true;
    value->kind = typed ? kind_of_plain(text) : TREE_STRING;
    if (value->kind == TREE_BOOL)
        text = text_of_boolean(text);
    value->text = tree_copy_text(reader->arena, text, strlen(text));
    return value->text == NULL ? NULL : value;
}

static enum tree_result add_anchor(struct tree_reader *reader, const char *name,
                                   const struct tree_value *value)
{
    struct anchor *anchor = NULL;

    if (name == NULL)
        return TREE_DOCUMENT;
    for (size_t i = 0; i < reader->anchor_count && anchor == NULL; i++)
        if (strcmp(reader->anchors[i].name, name) == 0)
            anchor = &reader->anchors[i];
    if (anchor == NULL) {
        if (reader->anchor_count == ANCHORS_MAX)
            return fail(reader, value->line, "too many anchors in one document");
        anchor = &reader->anchors[reader->anchor_count];
        anchor->name = tree_copy_text(reader->arena, name, strlen(name));
        if (anchor->name == NULL)
            return TREE_NO_MEMORY;
        reader->anchor_count++;
    }
    anchor->value = value;
    return TREE_DOCUMENT;
}

static enum tree_result grow(struct tree_reader *reader, struct frame *frame)
{
    size_t capacity = frame->capacity == 0 ? 4 : frame->capacity * 2;
    struct tree_member *members;

    if (frame->value->count < frame->capacity)
        return TREE_DOCUMENT;
    members = tree_allocate(reader->arena, capacity * sizeof(*members));
    if (members == NULL)
        return TREE_NO_MEMORY;
    if (frame->value->count > 0)
        memcpy(members, frame->value->members, frame->value->count * sizeof(*members));
    frame->value->members = members;
    frame->capacity = capacity;
    return TREE_DOCUMENT;
}

static enum tree_result set_key(struct tree_reader *reader, struct frame *frame,
                                const struct tree_value *key)
{
    if (key->kind == TREE_SEQUENCE || key->kind == TREE_MAPPING)
        return fail(reader, key->line, "a key must be a plain text");
    if (strcmp(key->text, "<<") == 0)
        return fail(reader, key->line, "merge keys (<<) are not accepted; write the members out");
    frame->key = key->text;
    frame->key_line = key->line;
    return TREE_DOCUMENT;
}

/* Puts a complete value where it belongs. */
static enum tree_result place(struct tree_reader *reader, const struct tree_value *value)
{
    struct frame *frame;
    enum tree_result result;

    if (reader->depth == 0) {
        reader->root = value;
        return TREE_DOCUMENT;
    }
    frame = &reader->frames[reader->depth - 1];
    if (frame->value->kind == TREE_MAPPING && frame->key == NULL)
        return set_key(reader, frame, value);
    result = grow(reader, frame);
    if (result != TREE_DOCUMENT)
        return result;
    frame->value->members[frame->value->count++] =
        (struct tree_member){.key = frame->key, .value = value};
    frame->key = NULL;
    frame->value->weight += value->weight;
    if (frame->value->weight > TREE_VALUES_MAX)
        return fail(reader, value->line, "too many values in one document");
    return TREE_DOCUMENT;
}

static enum tree_result take_alias(struct tree_reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;

    for (size_t i = 0; i < reader->anchor_count; i++)
        if (strcmp(reader->anchors[i].name, name) == 0)
            return place(reader, reader->anchors[i].value);
    return fail(reader, (unsigned)event->start_mark.line + 1,
                "an alias that has no complete anchor before it");
}

static enum tree_result take_scalar(struct tree_reader *reader, const yaml_event_t *event)
{
    const struct tree_value *value = new_scalar(reader, event);
    enum tree_result result;

    if (value == NULL)
        return TREE_NO_MEMORY;
    result = add_anchor(reader, (const char *)event->data.scalar.anchor, value);
    return result == TREE_DOCUMENT ? place(reader, value) : result;
}

static enum tree_result open_collection(struct tree_reader *reader, const yaml_event_t *event,
                                        enum tree_kind kind, const yaml_char_t *anchor)
{
    struct frame *frame;

    if (reader->depth == TREE_DEPTH_MAX)
        return fail(reader, (unsigned)event->start_mark.line + 1, "nested too deeply");
    frame = &reader->frames[reader->depth];
    memset(frame, 0, sizeof(*frame));
    frame->value = new_value(reader, event);
    if (frame->value == NULL)
        return TREE_NO_MEMORY;
    frame->value->kind = kind;
    if (anchor != NULL) {
        frame->anchor =
            tree_copy_text(reader->arena, (const char *)anchor, strlen((const char *)anchor));
        if (frame->anchor == NULL)
            return TREE_NO_MEMORY;
    }
    reader->depth++;
    return TREE_DOCUMENT;
}

static enum tree_result close_collection(struct tree_reader *reader)
{
    struct frame *frame = &reader->frames[--reader->depth];
    const char *duplicate = NULL;
    enum tree_result result;

    if (frame->value->kind == TREE_MAPPING)
        duplicate = tree_duplicate_key(frame->value);
    if (duplicate != NULL) {
        char message[256];

        snprintf(message, sizeof(message), "the key \"%.100s\" stands twice in one mapping",
                 duplicate);
        return fail(reader, frame->value->line, message);
    }
    result = add_anchor(reader, frame->anchor, frame->value);
    return result == TREE_DOCUMENT ? place(reader, frame->value) : result;
}

static enum tree_result take_event(struct tree_reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(reader, event);
    case YAML_ALIAS_EVENT:
        return take_alias(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(reader, event, TREE_SEQUENCE, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return open_collection(reader, event, TREE_MAPPING, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_collection(reader);
    default:
        return TREE_DOCUMENT;
    }
}

enum tree_result tree_yaml_next(struct tree_reader *reader, struct tree_arena *arena,
                                const struct tree_value **root, struct tree_error *error)
{
    enum tree_result result = TREE_DOCUMENT;
    bool done = false;

    reader->arena = arena;
    reader->error = error;
    reader->root = NULL;
    reader->depth = 0;
    reader->anchor_count = 0;
    while (!done && result == TREE_DOCUMENT) {
        yaml_event_t event;

        if (!yaml_parser_parse(&reader->parser, &event))
            return fail_parser(reader);
        /* After its end a parser of libyaml gives events without a type. */
        if (event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT)
            result = TREE_END;
        done = event.type == YAML_DOCUMENT_END_EVENT;
        if (result == TREE_DOCUMENT)
            result = take_event(reader, &event);
        yaml_event_delete(&event);
    }
    if (result == TREE_DOCUMENT)
        *root = reader->root;
    return result;
}
