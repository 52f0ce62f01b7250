/* SPDX-License-Identifier: MIT */
#include "speaker/group/peers.h"

#include <errno.h>
#include <metallb/election.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/sorted.h"

#define PATIENCE (PEERS_PATIENCE_SECONDS * NANOSECONDS)

/* So many addresses are kept by name; with more all count as claimed. */
#define CLAIMS_MAX 65536

static int compare_name(const void *name, const void *item)
{
    return strcmp(name, ((const struct peer *)item)->name);
}

static struct peer *find(const struct peers *peers, const char *name)
{
    return sorted_find(name, peers->items, peers->count, sizeof(*peers->items), compare_name);
}

static struct peer *add(struct peers *peers, const char *name)
{
    size_t position =
        sorted_position(name, peers->items, peers->count, sizeof(*peers->items), compare_name);
    struct peer *items = realloc(peers->items, (peers->count + 1) * sizeof(*items));
    char *copy = strdup(name);

    if (items != NULL)
        peers->items = items;
    if (items == NULL || copy == NULL) {
        free(copy);
        return NULL;
    }
    memmove(items + position + 1, items + position, (peers->count - position) * sizeof(*items));
    items[position] = (struct peer){.name = copy, .differs_since = CLOCK_NEVER};
    peers->count++;
    return &items[position];
}

static enum peer_facts state_of(int result, bool publishes, uint64_t run,
                                const struct node_facts *facts)
{
    if (result == -EPROTONOSUPPORT)
        return PEER_FACTS_UNKNOWN;
    if (result != 0)
        return PEER_FACTS_BROKEN;
    /* Facts of a former run say what was so before it started anew. */
    return publishes && facts->run != run ? PEER_FACTS_AWAITED : PEER_FACTS_READ;
}

static bool same_interfaces(const struct node_facts *a, const struct node_facts *b)
{
    if (a->interface_count != b->interface_count || a->more_interfaces != b->more_interfaces)
        return false;
    for (size_t i = 0; i < a->interface_count; i++)
        if (strcmp(a->interfaces[i].name, b->interfaces[i].name) != 0)
            return false;
    return true;
}

/* Whether an election could come out differently with the one than with the other. */
static bool same_for_election(const struct peer *a, const struct peer *b)
{
    if (peer_lives(a) != peer_lives(b) || a->facts_state != b->facts_state)
        return false;
    return a->facts_state != PEER_FACTS_READ ||
           (a->facts.ready == b->facts.ready && a->facts.draining == b->facts.draining &&
            same_interfaces(&a->facts, &b->facts));
}

/* Without memory everything counts as claimed: one announcement too many does no harm. */
static void add_claim(struct peers *peers, const struct mlb_address *address)
{
    struct mlb_address *claims = NULL;

    if (peers->claim_count < CLAIMS_MAX)
        claims = realloc(peers->claims, (peers->claim_count + 1) * sizeof(*claims));
    if (claims == NULL) {
        peers->any_claim = true;
        return;
    }
    claims[peers->claim_count++] = *address;
    peers->claims = claims;
}

static void note_claims(struct peers *peers, const struct peer *former, const struct peer *present,
                        bool joined)
{
    bool known = !joined && former->facts_state == PEER_FACTS_READ;

    if (present->is_self || !peer_lives(present) || present->facts_state != PEER_FACTS_READ)
        return;
    /* One that is ready when it comes decided alone before: what it held then it may have given up
     * already for the first that it met. */
    if (!known && present->facts.ready)
        peers->any_claim = true;
    for (size_t i = 0; i < present->facts.address_count; i++) {
        const struct mlb_address *address = &present->facts.addresses[i];

        if (!known || !node_facts_holds(&former->facts, address))
            add_claim(peers, address);
    }
    if (present->facts.more_addresses && (!known || !former->facts.more_addresses))
        peers->any_claim = true;
}

static void compare_digest(const struct peers *peers, struct peer *peer, uint64_t now)
{
    bool differs = peer_lives(peer) && !peer->is_self && peer->facts_state == PEER_FACTS_READ &&
                   peer->facts.ready && peer->facts.digest != peers->digest;

    if (!differs) {
        peer->differs_since = CLOCK_NEVER;
        return;
    }
    if (peer->differs_since == CLOCK_NEVER)
        peer->differs_since = now;
}

/* What the member is now, but for the name. */
static int make_peer(const struct mlb_member *member, const uint8_t *bytes, size_t length,
                     struct peer *made)
{
    bool publishes = node_facts_meta_read(member->meta, member->meta_length, &made->run);
    int result;

    made->address = member->address;
    made->port = member->port;
    made->is_self = member->is_self != 0;
    made->state = member->state;
    if (bytes == NULL) {
        made->facts_state = publishes ? PEER_FACTS_AWAITED : PEER_FACTS_NONE;
        return 0;
    }
    result = node_facts_read(bytes, length, &made->facts);
    if (result == -ENOMEM)
        return result;
    made->facts_state = state_of(result, publishes, made->run, &made->facts);
    return 0;
}

/* What is left to a member for now is left until it has gone, or decides by the same view. */
static bool agrees(const struct peer *former, const struct peer *present, bool joined)
{
    if (!peer_lives(present))
        return peer_lives(former);
    return present->facts_state != PEER_FACTS_AWAITED &&
           (joined || former->facts_state == PEER_FACTS_AWAITED);
}

int peers_update(struct peers *peers, const struct mlb_member *member, const uint8_t *facts,
                 size_t length, bool joined, uint64_t now)
{
    struct peer *peer = find(peers, member->name);
    struct peer made = {0};
    struct peer former;
    bool is_new = peer == NULL;
    unsigned changed = PEERS_SHOWN;

    if (make_peer(member, facts, length, &made) != 0)
        return -ENOMEM;
    if (is_new)
        peer = add(peers, member->name);
    if (peer == NULL) {
        node_facts_clear(&made.facts);
        return -ENOMEM;
    }
    former = *peer;
    made.name = former.name;
    /* Of one that failed it is good to know whose hardware address was whose. */
    if (facts == NULL) {
        made.facts = former.facts;
        former.facts = (struct node_facts){0};
    }
    made.differs_since = former.differs_since;
    made.differs = former.differs;
    *peer = made;
    compare_digest(peers, peer, now);
    note_claims(peers, &former, peer, joined);
    if (is_new || !same_for_election(&former, peer))
        changed |= PEERS_ELECTION;
    peer->agreed = former.agreed;
    if (agrees(&former, peer, joined)) {
        peer->agreed = true;
        changed |= PEERS_AGREED;
    }
    node_facts_clear(&former.facts);
    return (int)changed;
}

static void clear_peer(struct peer *peer)
{
    free(peer->name);
    node_facts_clear(&peer->facts);
}

int peers_remove(struct peers *peers, const char *name)
{
    struct peer *peer = find(peers, name);
    unsigned changed = PEERS_SHOWN;

    if (peer == NULL)
        return (int)PEERS_NOTHING;
    if (peer_lives(peer))
        changed |= PEERS_ELECTION;
    clear_peer(peer);
    peers->count--;
    memmove(peer, peer + 1, (size_t)(peers->items + peers->count - peer) * sizeof(*peer));
    return (int)changed;
}

/* The one that is only suspected still counts as a member. */
bool peer_lives(const struct peer *peer)
{
    return peer->state == MLB_MEMBER_ALIVE || peer->state == MLB_MEMBER_SUSPECT;
}

/* A member of another kind may be called what no node can be; it is nobody's candidate, and must
 * not spoil the election of the others. */
static bool may_be_elected(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= MLB_NODE_NAME_MAX;
}

int peers_live(const struct peers *peers, const struct live_node *self, struct live_node **nodes,
               size_t *count)
{
    struct live_node *live = calloc(peers->count + 1, sizeof(*live));
    size_t used = 0;

    if (live == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < peers->count; i++) {
        const struct peer *peer = &peers->items[i];

        if (peer->is_self || !peer_lives(peer) || !may_be_elected(peer->name))
            continue;
        live[used++] = (struct live_node){
            .name = peer->name,
            .facts = peer->facts_state == PEER_FACTS_READ ? &peer->facts : NULL,
            .waiting = peer->facts_state == PEER_FACTS_AWAITED,
        };
    }
    if (self != NULL)
        live[used++] = *self;
    *nodes = live;
    *count = used;
    return 0;
}

const struct peer *peers_find(const struct peers *peers, const char *name)
{
    return find(peers, name);
}

static bool has_hardware(const struct peer *peer, const uint8_t *hardware_address)
{
    for (size_t i = 0; i < peer->facts.interface_count; i++)
        if (memcmp(peer->facts.interfaces[i].hardware_address, hardware_address,
                   MLB_HARDWARE_ADDRESS_SIZE) == 0)
            return true;
    return false;
}

const struct peer *peers_find_hardware(const struct peers *peers, const uint8_t *hardware_address)
{
    for (size_t i = 0; i < peers->count; i++)
        if (!peers->items[i].is_self && has_hardware(&peers->items[i], hardware_address))
            return &peers->items[i];
    return NULL;
}

size_t peers_others(const struct peers *peers)
{
    size_t count = 0;

    for (size_t i = 0; i < peers->count; i++)
        count += !peers->items[i].is_self && peer_lives(&peers->items[i]) ? 1 : 0;
    return count;
}

void peers_set_digest(struct peers *peers, uint64_t digest, uint64_t now)
{
    peers->digest = digest;
    for (size_t i = 0; i < peers->count; i++)
        compare_digest(peers, &peers->items[i], now);
}

uint64_t peers_compare(struct peers *peers, uint64_t now, bool *changed)
{
    uint64_t next = CLOCK_NEVER;

    *changed = false;
    for (size_t i = 0; i < peers->count; i++) {
        struct peer *peer = &peers->items[i];
        uint64_t due =
            peer->differs_since == CLOCK_NEVER ? CLOCK_NEVER : peer->differs_since + PATIENCE;
        bool differs = due <= now;

        if (differs != peer->differs) {
            *changed = true;
            peers->mismatches += differs ? 1 : 0;
            peer->differs = differs;
        }
        if (!differs && due < next)
            next = due;
    }
    return next;
}

void peers_forget_claims(struct peers *peers)
{
    free(peers->claims);
    peers->claims = NULL;
    peers->claim_count = 0;
    peers->any_claim = false;
}

void peers_forget_agreed(struct peers *peers)
{
    for (size_t i = 0; i < peers->count; i++)
        peers->items[i].agreed = false;
}

void peers_clear(struct peers *peers)
{
    for (size_t i = 0; i < peers->count; i++)
        clear_peer(&peers->items[i]);
    free(peers->items);
    peers_forget_claims(peers);
    *peers = (struct peers){0};
}
