/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include "options.h"
#include "print.h"

#include <string.h>

#define SEEDS_MAX        64
#define LEAVE_TIMEOUT_MS 5000

struct command {
    const char *name;
    /* Gets the rest of the line and adds to the answer. */
    int32_t (*run)(struct mlb_membership *membership, char *rest, cJSON *answer,
                   struct mlb_diagnostic *diagnostic);
};

static int32_t run_join(struct mlb_membership *membership, char *rest, cJSON *answer,
                        struct mlb_diagnostic *diagnostic)
{
    const char *seeds[SEEDS_MAX];
    size_t count = 0;
    char *next = NULL;

    (void)answer;
    for (char *one = strtok_r(rest, " ", &next); one; one = strtok_r(NULL, " ", &next)) {
        if (count == SEEDS_MAX)
            return MLB_ERROR_INVALID_ARGUMENT;
        seeds[count++] = one;
    }
    return mlb_membership_join(membership, seeds, count, diagnostic);
}

static int32_t run_leave(struct mlb_membership *membership, char *rest, cJSON *answer,
                         struct mlb_diagnostic *diagnostic)
{
    (void)rest;
    (void)answer;
    (void)diagnostic;
    return mlb_membership_leave(membership, LEAVE_TIMEOUT_MS, NULL);
}

static int32_t run_return(struct mlb_membership *membership, char *rest, cJSON *answer,
                          struct mlb_diagnostic *diagnostic)
{
    (void)rest;
    (void)answer;
    (void)diagnostic;
    return mlb_membership_return(membership, NULL);
}

static int32_t run_facts(struct mlb_membership *membership, char *rest, cJSON *answer,
                         struct mlb_diagnostic *diagnostic)
{
    uint8_t facts[MLB_MEMBERSHIP_FACTS_MAX];
    int length = hex_read(rest, facts, sizeof(facts));

    (void)answer;
    (void)diagnostic;
    if (length < 0)
        return MLB_ERROR_INVALID_ARGUMENT;
    return mlb_membership_set_facts(membership, facts, (size_t)length, NULL);
}

static int32_t run_facts_of(struct mlb_membership *membership, char *rest, cJSON *answer,
                            struct mlb_diagnostic *diagnostic)
{
    uint8_t facts[MLB_MEMBERSHIP_FACTS_MAX];
    size_t length = 0;
    uint64_t version = 0;
    int32_t code =
        mlb_membership_facts(membership, rest, facts, sizeof(facts), &length, &version, NULL);

    (void)diagnostic;
    if (code)
        return code;
    add_bytes(answer, "facts", facts, length);
    add_number(answer, "version", version);
    return MLB_OK;
}

static int32_t run_meta(struct mlb_membership *membership, char *rest, cJSON *answer,
                        struct mlb_diagnostic *diagnostic)
{
    uint8_t meta[MLB_MEMBERSHIP_META_MAX];
    int length = hex_read(rest, meta, sizeof(meta));

    (void)answer;
    (void)diagnostic;
    if (length < 0)
        return MLB_ERROR_INVALID_ARGUMENT;
    return mlb_membership_set_meta(membership, meta, (size_t)length, NULL);
}

static int32_t run_keys(struct mlb_membership *membership, char *rest, cJSON *answer,
                        struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_key keys[MLB_MEMBERSHIP_KEYS_MAX] = {0};
    int count = keys_read(rest, keys);

    (void)answer;
    if (count < 0)
        return MLB_ERROR_INVALID_ARGUMENT;
    return mlb_membership_set_keys(membership, keys, (size_t)count, diagnostic);
}

static int32_t run_members(struct mlb_membership *membership, char *rest, cJSON *answer,
                           struct mlb_diagnostic *diagnostic)
{
    cJSON *list = cJSON_AddArrayToObject(answer, "members");
    struct mlb_member member = {.struct_size = sizeof(member)};

    (void)rest;
    (void)diagnostic;
    for (size_t i = 0; !mlb_membership_member(membership, i, &member, NULL); i++)
        cJSON_AddItemToArray(list, describe_member(&member));
    return MLB_OK;
}

static int32_t run_statistics(struct mlb_membership *membership, char *rest, cJSON *answer,
                              struct mlb_diagnostic *diagnostic)
{
    struct mlb_membership_statistics statistics = {.struct_size = sizeof(statistics)};
    int32_t code = mlb_membership_statistics(membership, &statistics, NULL);

    (void)rest;
    (void)diagnostic;
    if (!code)
        cJSON_AddItemToObject(answer, "statistics", describe_statistics(&statistics));
    return code;
}

static const struct command commands[] = {
    {"join", run_join},   {"leave", run_leave},       {"return", run_return},
    {"facts", run_facts}, {"facts-of", run_facts_of}, {"meta", run_meta},
    {"keys", run_keys},   {"members", run_members},   {"statistics", run_statistics},
};

void command_run(struct mlb_membership *membership, char *line)
{
    char *rest = line;
    char *name = strsep(&rest, " ");
    struct mlb_diagnostic diagnostic;
    int32_t code = MLB_ERROR_NOT_FOUND;
    cJSON *answer = cJSON_CreateObject();

    mlb_diagnostic_init(&diagnostic);
    cJSON_AddStringToObject(answer, "answer", name);
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (!strcmp(commands[i].name, name)) {
            code =
                commands[i].run(membership, rest ? rest : line + strlen(line), answer, &diagnostic);
        }
    }
    if (code) {
        const char *message = *diagnostic.message ? diagnostic.message : mlb_strerror(code);

        cJSON_AddStringToObject(answer, "error", message);
    }
    print_line(answer);
}
