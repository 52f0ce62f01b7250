/* SPDX-License-Identifier: MIT */
#include "controller/event_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/json_writer.h"
#include "documents/addresses.h"

const char *event_kind_name(enum service_change_kind kind)
{
    switch (kind) {
    case SERVICE_CHANGE_ASSIGNED:
        return "assigned";
    case SERVICE_CHANGE_KEPT:
        return "kept";
    case SERVICE_CHANGE_MOVED:
        return "moved";
    case SERVICE_CHANGE_RELEASED:
        return "released";
    case SERVICE_CHANGE_REFUSED:
        return "refused";
    case SERVICE_CHANGE_TERMS:
        break;
    }
    return "updated";
}

enum log_level event_level(enum service_change_kind kind)
{
    switch (kind) {
    case SERVICE_CHANGE_REFUSED:
        return LOG_LEVEL_WARN;
    case SERVICE_CHANGE_KEPT:
        return LOG_LEVEL_DEBUG;
    default:
        return LOG_LEVEL_INFO;
    }
}

struct texts {
    char text[MLB_ASSIGNMENT_ADDRESSES_MAX * (MLB_ADDRESS_TEXT_SIZE + 2)];
};

static struct texts join(const struct mlb_address *addresses, size_t count)
{
    struct texts joined = {""};
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        char one[MLB_ADDRESS_TEXT_SIZE] = "";

        mlb_address_format(&addresses[i], one, sizeof(one), NULL);
        length += (size_t)snprintf(joined.text + length, sizeof(joined.text) - length, "%s%s",
                                   i > 0 ? ", " : "", one);
    }
    return joined;
}

static struct texts addresses_now(const struct service_change *change)
{
    if (change->result == NULL)
        return (struct texts){""};
    return join(change->result->addresses, change->result->address_count);
}

char *event_message(const struct service_change *change)
{
    struct texts now = addresses_now(change);
    struct texts former = join(change->former, change->former_count);
    const char *pool = change->result != NULL && change->result->pool != NULL ? change->result->pool
                                                                              : "no known pool";
    const char *reason = change->reason != NULL ? change->reason : "";
    const char *colon = change->reason != NULL ? ": " : "";
    char *text = NULL;
    int length = -1;

    switch (change->kind) {
    case SERVICE_CHANGE_ASSIGNED:
        length = asprintf(&text, "%s assigned from %s%s%s", now.text, pool, colon, reason);
        break;
    case SERVICE_CHANGE_KEPT:
    case SERVICE_CHANGE_TERMS:
        length = asprintf(&text, "%s stays, in %s%s%s", now.text, pool, colon, reason);
        break;
    case SERVICE_CHANGE_MOVED:
        length = asprintf(&text, "moved from %s to %s in %s%s%s", former.text, now.text, pool,
                          colon, reason);
        break;
    case SERVICE_CHANGE_RELEASED:
        length = asprintf(&text, "%s released%s%s",
                          change->former_count > 0 ? former.text : "no address", colon, reason);
        break;
    case SERVICE_CHANGE_REFUSED:
        length = asprintf(&text, "no address%s%s%s%s", change->former_count > 0 ? ", lost " : "",
                          former.text, colon, reason);
        break;
    }
    return length < 0 ? NULL : text;
}

char *event_members(const struct service_change *change)
{
    const struct service_result *result = change->result;
    struct json_writer writer = {0};
    char *text = NULL;
    size_t size = 0;

    writer.stream = open_memstream(&text, &size);
    if (writer.stream == NULL)
        return NULL;
    json_text_member(&writer, "kind", event_kind_name(change->kind));
    json_text_member(&writer, "namespace", change->namespace_);
    json_text_member(&writer, "name", change->name);
    addresses_document_write(&writer, "addresses", result == NULL ? NULL : result->addresses,
                             result == NULL ? 0 : result->address_count);
    addresses_document_write(&writer, "former", change->former, change->former_count);
    json_text_member(&writer, "pool", result == NULL ? NULL : result->pool);
    json_text_member(&writer, "reason", change->reason);
    if (fclose(writer.stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
