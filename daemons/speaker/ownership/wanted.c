/* SPDX-License-Identifier: MIT */
#include "speaker/ownership/wanted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sorted.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t remove_repeated(const char **names, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (kept == 0 || strcmp(names[kept - 1], names[i]) != 0)
            names[kept++] = names[i];
    return kept;
}

/* The union of the lists, sorted so that an order that changes is no change. */
static int unite_interfaces(const struct address_decision *decision, struct wanted_address *wanted)
{
    size_t count = 0;
    size_t total = 0;

    for (size_t i = 0; i < decision->interface_list_count; i++)
        total += decision->interfaces[i]->count;
    wanted->interfaces = calloc(total + 1, sizeof(*wanted->interfaces));
    if (wanted->interfaces == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < decision->interface_list_count; i++)
        for (size_t j = 0; j < decision->interfaces[i]->count; j++)
            wanted->interfaces[count++] = decision->interfaces[i]->items[j];
    if (count > 0)
        qsort(wanted->interfaces, count, sizeof(*wanted->interfaces), compare_names);
    wanted->interface_count = remove_repeated(wanted->interfaces, count);
    return 0;
}

static int append(struct wanted_list *list, const struct address_decision *decision)
{
    struct wanted_address *wanted = &list->items[list->count];

    *wanted = (struct wanted_address){.address = decision->address, .origin = decision};
    if (!decision->all_interfaces) {
        if (unite_interfaces(decision, wanted) != 0)
            return -ENOMEM;
        /* Without any name there is nowhere to announce it. */
        if (wanted->interface_count == 0) {
            free(wanted->interfaces);
            return 0;
        }
    }
    list->count++;
    list->has_ipv4 = list->has_ipv4 || decision->address.family == MLB_FAMILY_IPV4;
    return 0;
}

int wanted_list_make(const struct announcements *decisions, const char *node_name,
                     struct wanted_list *list)
{
    struct wanted_list made = {0};

    made.items = calloc(decisions->address_count + 1, sizeof(*made.items));
    if (made.items == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < decisions->address_count; i++) {
        const struct address_decision *decision = &decisions->addresses[i];

        if (decision->owner == NULL || strcmp(decision->owner, node_name) != 0)
            continue;
        if (append(&made, decision) != 0) {
            wanted_list_clear(&made);
            return -ENOMEM;
        }
    }
    *list = made;
    return 0;
}

void wanted_list_clear(struct wanted_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].interfaces);
    free(list->items);
    *list = (struct wanted_list){0};
}

static int compare_address(const void *address, const void *item)
{
    return mlb_address_compare(address, &((const struct address_decision *)item)->address);
}

const struct address_decision *decision_find(const struct announcements *decisions,
                                             const struct mlb_address *address)
{
    return sorted_find(address, decisions->addresses, decisions->address_count,
                       sizeof(*decisions->addresses), compare_address);
}

char *decision_services(const struct address_decision *decision)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < decision->service_count; i++)
        fprintf(stream, "%s%s/%s", i == 0 ? "" : ", ", decision->services[i]->object.namespace_,
                decision->services[i]->object.name);
    return fclose(stream) == 0 ? text : NULL;
}

char *wanted_interfaces(const struct wanted_address *wanted)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream;

    if (wanted->interface_count == 0)
        return strdup("all interfaces");
    stream = open_memstream(&text, &length);
    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < wanted->interface_count; i++)
        fprintf(stream, "%s%s", i == 0 ? "" : ", ", wanted->interfaces[i]);
    return fclose(stream) == 0 ? text : NULL;
}
