/* SPDX-License-Identifier: MIT */
/*
 * Two nodes in one process: they find each other, agree on the owner of an address, the owner dies
 * without a word, and the other one takes over. Each knows only what its own membership tells it.
 *
 *     two-nodes 192.0.2.10 127.0.0.1 127.0.0.2
 *
 * The first argument is the service address, the others are where the nodes listen.
 */
#include <metallb/metallb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NODES   2
#define SECONDS 60 /* whatever the network does, it ends */

struct node {
    const char *name;
    struct mlb_membership *membership;
    struct mlb_election *election;
    char owner[MLB_NODE_NAME_MAX + 3];
    size_t alive;
};

static int complain(const struct mlb_diagnostic *diagnostic)
{
    fprintf(stderr, "two-nodes: %s\n", diagnostic->message);
    return -1;
}

/* The members that live, also those that are suspected, are the candidates. */
static int decide(struct node *node, const struct mlb_address *address,
                  struct mlb_diagnostic *diagnostic)
{
    struct mlb_candidate candidates[NODES] = {{.name = NULL}};
    struct mlb_member member[NODES] = {{.struct_size = sizeof(*member)},
                                       {.struct_size = sizeof(*member)}};
    struct mlb_election_result result = {.struct_size = sizeof(result)};

    node->alive = 0;
    for (size_t i = 0; i < NODES && !mlb_membership_member(node->membership, i, &member[i], NULL);
         i++)
        if (member[i].state <= MLB_MEMBER_SUSPECT)
            candidates[node->alive++].name = member[i].name;
    if (mlb_election_set_group(node->election, 0, candidates, node->alive, diagnostic) ||
        mlb_election_set_address(node->election, address, 0, diagnostic) ||
        mlb_election_find(node->election, address, &result, diagnostic))
        return complain(diagnostic);
    if (strcmp(node->owner, result.names[0]) != 0)
        printf("%s: the owner is %s\n", node->name, result.names[0]);
    snprintf(node->owner, sizeof(node->owner), "%s", result.names[0]);
    return 0;
}

static int start(struct node *node, const char *name, const char *listen, const char *seed,
                 struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_options options = {.struct_size = sizeof(options), .name = name};

    node->name = name;
    if (mlb_election_new(NULL, &node->election, diagnostic) ||
        mlb_address_parse(listen, &options.bind_address, diagnostic) ||
        mlb_membership_new(&options, &node->membership, diagnostic) ||
        mlb_membership_join(node->membership, &seed, 1, diagnostic))
        return complain(diagnostic);
    return 0;
}

/* Lets a node work, and decides again when its group has changed. */
static int work(struct node *node, const struct mlb_address *address,
                struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_event event = {.struct_size = sizeof(event)};

    if (mlb_membership_dispatch(node->membership, diagnostic))
        return complain(diagnostic);
    while (mlb_membership_next_event(node->membership, &event, NULL) == 1) {
        if (event.kind == MLB_MEMBERSHIP_JOINED)
            printf("%s: %s joined\n", node->name, event.name);
        if (event.kind == MLB_MEMBERSHIP_FAILED)
            printf("%s: %s failed\n", node->name, event.name);
    }
    return decide(node, address, diagnostic);
}

static int agree(const struct node *nodes)
{
    for (int i = 0; i < NODES; i++)
        if (nodes[i].alive < NODES || strcmp(nodes[i].owner, nodes[0].owner) != 0)
            return 0;
    return 1;
}

static int run(struct node *nodes, const struct mlb_address *address,
               struct mlb_diagnostic *diagnostic)
{
    struct node *heir = NULL;

    while (!heir || strcmp(heir->owner, heir->name) != 0) {
        struct pollfd descriptors[NODES];

        for (int i = 0; i < NODES; i++)
            descriptors[i] =
                (struct pollfd){.fd = mlb_membership_fd(nodes[i].membership), .events = POLLIN};
        poll(descriptors, NODES, -1);
        for (int i = 0; i < NODES; i++)
            if (descriptors[i].revents && work(&nodes[i], address, diagnostic))
                return 1;
        if (!heir && agree(nodes)) {
            const int owner = strcmp(nodes[1].owner, nodes[1].name) == 0;

            printf("%s dies\n", nodes[owner].name);
            mlb_membership_free(nodes[owner].membership);
            nodes[owner].membership = NULL;
            heir = &nodes[!owner];
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct node nodes[NODES] = {{.name = NULL}};
    struct mlb_diagnostic diagnostic;
    struct mlb_address address;
    int status = 1;

    if (argc != 2 + NODES) {
        fprintf(stderr, "usage: %s ADDRESS LISTEN LISTEN\n", argv[0]);
        return 2;
    }
    alarm(SECONDS);
    mlb_diagnostic_init(&diagnostic);
    if (mlb_address_parse(argv[1], &address, &diagnostic))
        complain(&diagnostic);
    else if (!start(&nodes[0], "node-a", argv[2], argv[3], &diagnostic) &&
             !start(&nodes[1], "node-b", argv[3], argv[2], &diagnostic))
        status = run(nodes, &address, &diagnostic);
    for (int i = 0; i < NODES; i++) {
        mlb_membership_free(nodes[i].membership);
        mlb_election_free(nodes[i].election);
    }
    return status;
}
