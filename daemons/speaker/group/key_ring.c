/* SPDX-License-Identifier: MIT */
#include "speaker/group/key_ring.h"

#include <string.h>

#include "common/clock.h"

static bool same_key(const struct mlb_membership_key *a, const struct mlb_membership_key *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static void remove_at(struct key_ring *ring, size_t position)
{
    ring->count--;
    memmove(&ring->keys[position], &ring->keys[position + 1],
            (ring->count - position) * sizeof(ring->keys[0]));
    memmove(&ring->retire_at[position], &ring->retire_at[position + 1],
            (ring->count - position) * sizeof(ring->retire_at[0]));
    explicit_bzero(&ring->keys[ring->count], sizeof(ring->keys[0]));
}

bool key_ring_use(struct key_ring *ring, const struct mlb_membership_key *key, uint64_t now)
{
    if (ring->count > 0 && same_key(&ring->keys[0], key))
        return false;
    for (size_t i = 1; i < ring->count; i++)
        if (same_key(&ring->keys[i], key)) {
            remove_at(ring, i);
            break;
        }
    /* The oldest goes where there is no room; nobody replaces keys so fast. */
    if (ring->count == MLB_MEMBERSHIP_KEYS_MAX)
        ring->count--;
    memmove(&ring->keys[1], &ring->keys[0], ring->count * sizeof(ring->keys[0]));
    memmove(&ring->retire_at[1], &ring->retire_at[0], ring->count * sizeof(ring->retire_at[0]));
    ring->keys[0] = *key;
    ring->retire_at[1] = now + KEY_RING_KEEP_SECONDS * NANOSECONDS;
    ring->count++;
    return true;
}

bool key_ring_expire(struct key_ring *ring, uint64_t now)
{
    size_t before = ring->count;

    for (size_t i = ring->count; i > 1; i--)
        if (ring->retire_at[i - 1] <= now)
            remove_at(ring, i - 1);
    return ring->count != before;
}
