/* SPDX-License-Identifier: MIT */
#include "objects/tree.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 65536

struct tree_block {
    struct tree_block *next;
    size_t used;
    size_t size;
    max_align_t memory[];
};

static struct tree_block *add_block(struct tree_arena *arena, size_t size)
{
    struct tree_block *block;

    if (size < BLOCK_SIZE)
        size = BLOCK_SIZE;
    block = calloc(1, sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *tree_allocate(struct tree_arena *arena, size_t size)
{
    struct tree_block *block = arena->blocks;
    void *memory;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (block == NULL || block->size - block->used < size)
        block = add_block(arena, size);
    if (block == NULL)
        return NULL;
    memory = (unsigned char *)block->memory + block->used;
    block->used += size;
    return memory;
}

char *tree_copy_text(struct tree_arena *arena, const char *text, size_t length)
{
    char *copy = tree_allocate(arena, length + 1);

    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

void tree_arena_clear(struct tree_arena *arena)
{
    while (arena->blocks != NULL) {
        struct tree_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
}

const struct tree_value *tree_get(const struct tree_value *value, const char *key)
{
    if (value == NULL || value->kind != TREE_MAPPING)
        return NULL;
    for (size_t i = 0; i < value->count; i++)
        if (strcmp(value->members[i].key, key) == 0)
            return value->members[i].value;
    return NULL;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *find_duplicate(const char **keys, size_t count)
{
    qsort(keys, count, sizeof(*keys), compare_texts);
    for (size_t i = 1; i < count; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            return keys[i];
    return NULL;
}

const char *tree_duplicate_key(const struct tree_value *mapping)
{
    const char *few[16];
    const char **keys = few;
    const char *duplicate;

    if (mapping->count > sizeof(few) / sizeof(few[0]))
        keys = calloc(mapping->count, sizeof(*keys));
    if (keys == NULL)
        return NULL;
    for (size_t i = 0; i < mapping->count; i++)
        keys[i] = mapping->members[i].key;
    duplicate = find_duplicate(keys, mapping->count);
    if (keys != few)
        free(keys);
    return duplicate;
}
