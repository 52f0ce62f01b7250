/* SPDX-License-Identifier: MIT */
#include "speaker/group/group_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "speaker/group/seeds.h"

#define SECRET_MAX     4096
#define SEEDS_TEXT_MAX (SEEDS_MAX * 300)

int group_read_secret(struct group *group, uint64_t now)
{
    struct mlb_membership_key key;
    char *text = NULL;
    size_t length = 0;
    int result = followed_file_read(&group->secret, SECRET_MAX, &text, &length);
    bool changed = false;

    if (result < 0) {
        reports_set(group->reports, "secret", LOG_LEVEL_ERROR, "key of the group: %s: %s",
                    group->secret.path, strerror(-result));
        return -1;
    }
    if (result == 1 &&
        mlb_membership_key_from_secret((const uint8_t *)text, length, &key, NULL) == MLB_OK) {
        changed = key_ring_use(&group->keys, &key, now);
        explicit_bzero(&key, sizeof(key));
    } else if (result == 1) {
        reports_set(group->reports, "secret", LOG_LEVEL_ERROR, "key of the group: %s is empty",
                    group->secret.path);
        result = -1;
    }
    if (text != NULL)
        explicit_bzero(text, length);
    free(text);
    if (result == 1)
        reports_clear(group->reports, "secret");
    return result < 0 ? -1 : (int)changed;
}

static void tell_keys(struct group *group)
{
    struct mlb_diagnostic diagnostic;

    mlb_diagnostic_init(&diagnostic);
    if (mlb_membership_set_keys(group->membership, group->keys.keys, group->keys.count,
                                &diagnostic) != MLB_OK)
        log_error(group->log, NULL, "keys of the group cannot be replaced: %s", diagnostic.message);
}

void group_follow_secret(struct group *group, uint64_t now)
{
    bool expired = key_ring_expire(&group->keys, now);
    bool renewed = group_read_secret(group, now) == 1;

    if (renewed)
        log_info(group->log, NULL,
                 "the key of the group has changed, the former one is good for %d s more",
                 KEY_RING_KEEP_SECONDS);
    if (expired)
        log_info(group->log, NULL, "a former key of the group is good no longer");
    if (renewed || expired)
        tell_keys(group);
}

int group_set_seeds(struct group *group, const char *text)
{
    struct seeds seeds = {0};
    struct mlb_diagnostic diagnostic;
    int result = seeds_read(text, &seeds);

    mlb_diagnostic_init(&diagnostic);
    if (result == 0 &&
        mlb_membership_join(group->membership, seeds.items, seeds.count, &diagnostic) == MLB_OK) {
        group->has_seeds = seeds.count > 0;
        reports_clear(group->reports, "seeds");
    } else {
        reports_set(group->reports, "seeds", LOG_LEVEL_ERROR, "--members: %s",
                    result == -E2BIG ? "more than 1024 entries"
                    : result == 0    ? diagnostic.message
                                     : strerror(-result));
        result = -1;
    }
    seeds_clear(&seeds);
    return result;
}

int group_follow_seeds(struct group *group)
{
    char *text = NULL;
    size_t length = 0;
    int result = followed_file_read(&group->seeds, SEEDS_TEXT_MAX, &text, &length);

    if (result < 0) {
        reports_set(group->reports, "seeds", LOG_LEVEL_ERROR, "--members: %s: %s",
                    group->seeds.path, strerror(-result));
        return -1;
    }
    if (result == 1) {
        result = group_set_seeds(group, text);
        free(text);
        return result;
    }
    return 0;
}
