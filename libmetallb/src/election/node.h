/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/hash_table.h"
#include "crypto/sha256.h"

/* A node that is a candidate somewhere; one object a name, so that names compare as pointers. */
struct node {
    struct hash_node link;
    size_t references;
    int disturbed; /* while a group changes: it left the group or has another preference */
    struct sha256_prefix prefix;
    char name[];
};

/*
 * Finds the node of a name or makes it, and takes a reference; NULL when memory is short. The name
 * must pass candidate_check_name().
 */
struct node *node_acquire(struct hash_table *nodes, const char *name);

/* Gives a reference back; the last one frees the node. */
void node_release(struct hash_table *nodes, struct node *node);
