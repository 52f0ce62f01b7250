/* SPDX-License-Identifier: MIT */
/*
 * A doubly linked ring through its members: a list head and every link are a struct list. A link
 * that is in no list points to itself, so removing it twice does no harm.
 */
#pragma once

#include <stddef.h>

struct list {
    struct list *previous;
    struct list *next;
};

/* The structure that a link is a member of. */
#define list_entry(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void list_init(struct list *link)
{
    link->previous = link;
    link->next = link;
}

static inline int list_is_empty(const struct list *head)
{
    return head->next == head;
}

static inline void list_append(struct list *head, struct list *link)
{
    link->previous = head->previous;
    link->next = head;
    head->previous->next = link;
    head->previous = link;
}

static inline void list_remove(struct list *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_init(link);
}
