/* SPDX-License-Identifier: MIT */
#include "speaker/exclude_interfaces.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define KEY "announcedInterfacesToExclude"

struct reading {
    const char *path;
    char *error;
    size_t error_size;
    yaml_document_t document;
};

static int fail_at(struct reading *reading, const yaml_node_t *node, const char *message)
{
    snprintf(reading->error, reading->error_size, "%s:%zu: %s", reading->path,
             node->start_mark.line + 1, message);
    return -1;
}

static const char *scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static const yaml_node_t *find_list(struct reading *reading)
{
    yaml_node_t *root = yaml_document_get_root_node(&reading->document);

    if (root == NULL || root->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const char *key = scalar(yaml_document_get_node(&reading->document, pair->key));

        if (key != NULL && strcmp(key, KEY) == 0)
            return yaml_document_get_node(&reading->document, pair->value);
    }
    return NULL;
}

static int check_pattern(struct reading *reading, const yaml_node_t *node)
{
    const char *pattern = scalar(node);
    char reason[128];
    char message[512];
    regex_t compiled;
    int result;

    if (pattern == NULL || *pattern == '\0')
        return fail_at(reading, node, KEY " is a list of regular expressions");
    result = regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);
    if (result == 0) {
        regfree(&compiled);
        return 0;
    }
    regerror(result, &compiled, reason, sizeof(reason));
    snprintf(message, sizeof(message), "'%s' is not a regular expression: %s", pattern, reason);
    return fail_at(reading, node, message);
}

static int copy_patterns(struct reading *reading, const yaml_node_t *list,
                         struct exclude_interfaces *exclude)
{
    for (yaml_node_item_t *item = list->data.sequence.items.start;
         item < list->data.sequence.items.top; item++) {
        const yaml_node_t *node = yaml_document_get_node(&reading->document, *item);

        if (check_pattern(reading, node) != 0)
            return -1;
        exclude->patterns[exclude->count] = strdup(scalar(node));
        if (exclude->patterns[exclude->count] == NULL)
            return fail_at(reading, node, "out of memory");
        exclude->count++;
    }
    return 0;
}

static int read_document(struct reading *reading, struct exclude_interfaces *exclude)
{
    struct exclude_interfaces read = {0};
    const yaml_node_t *list = find_list(reading);
    size_t items;

    if (list == NULL || list->type != YAML_SEQUENCE_NODE) {
        snprintf(reading->error, reading->error_size, "%s: has no list under the key " KEY,
                 reading->path);
        return -1;
    }
    items = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
    read.patterns = calloc(items + 1, sizeof(*read.patterns));
    if (read.patterns == NULL)
        return fail_at(reading, list, "out of memory");
    if (copy_patterns(reading, list, &read) != 0) {
        exclude_interfaces_clear(&read);
        return -1;
    }
    *exclude = read;
    return 0;
}

static int read_stream(struct reading *reading, FILE *stream, struct exclude_interfaces *exclude)
{
    yaml_parser_t parser;
    int result = -1;

    if (!yaml_parser_initialize(&parser)) {
        snprintf(reading->error, reading->error_size, "%s: out of memory", reading->path);
        return -1;
    }
    yaml_parser_set_input_file(&parser, stream);
    if (yaml_parser_load(&parser, &reading->document)) {
        result = read_document(reading, exclude);
        yaml_document_delete(&reading->document);
    } else {
        snprintf(reading->error, reading->error_size, "%s:%zu: %s", reading->path,
                 parser.problem_mark.line + 1,
                 parser.problem != NULL ? parser.problem : "cannot be read");
    }
    yaml_parser_delete(&parser);
    return result;
}

int exclude_interfaces_read(const char *path, struct exclude_interfaces *exclude, char *error,
                            size_t error_size)
{
    struct reading reading = {.path = path, .error = error, .error_size = error_size};
    FILE *stream = fopen(path, "re");
    int result;

    if (stream == NULL) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        return -1;
    }
    result = read_stream(&reading, stream, exclude);
    fclose(stream);
    return result;
}

void exclude_interfaces_clear(struct exclude_interfaces *exclude)
{
    for (size_t i = 0; i < exclude->count; i++)
        free(exclude->patterns[i]);
    free(exclude->patterns);
    *exclude = (struct exclude_interfaces){0};
}
