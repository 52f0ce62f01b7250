/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "case_request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A pool that a service may use, with what orders it. */
struct usable_pool {
    const char *name;
    int is_pinned;
    int priority;
};

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *case_string(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(member(object, name));
}

int32_t case_error_code(const char *kind)
{
    static const struct {
        const char *kind;
        int32_t code;
    } codes[] = {
        {"sharing", MLB_ERROR_SHARING},
        {"port-in-use", MLB_ERROR_PORT_IN_USE},
        {"not-in-config", MLB_ERROR_NOT_IN_POOL},
        {"pool-not-compatible", MLB_ERROR_POOL_NOT_ALLOWED},
        {"no-available-ips", MLB_ERROR_EXHAUSTED},
    };

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(kind, codes[i].kind) == 0)
            return codes[i].code;
    fail_msg("unknown error kind %s", kind);
    return MLB_ERROR_INTERNAL;
}

struct mlb_pool *case_pool(const cJSON *pool)
{
    const struct mlb_pool_options options = {
        .struct_size = sizeof(options),
        .flags = cJSON_IsTrue(member(pool, "avoidBuggyIPs")) ? MLB_POOL_AVOID_BUGGY : 0,
    };
    const char *name = case_string(pool, "name");
    struct mlb_pool *built = NULL;
    const cJSON *entry;

    assert_int_equal(mlb_pool_new(name ? name : "pool", &options, &built, NULL), MLB_OK);
    cJSON_ArrayForEach(entry, member(pool, "addresses"))
        assert_int_equal(mlb_pool_add(built, entry->valuestring, NULL), MLB_OK);
    return built;
}

static int matches_labels(const cJSON *labels, const cJSON *wanted)
{
    const cJSON *label;

    cJSON_ArrayForEach(label, wanted)
    {
        const char *value = case_string(labels, label->string);

        if (!value || strcmp(value, label->valuestring) != 0)
            return 0;
    }
    return 1;
}

static int namespace_matches(const cJSON *rule, const char *name)
{
    const cJSON *namespaces = member(rule, "namespaces");
    const cJSON *entry;

    if (cJSON_GetArraySize(namespaces) == 0)
        return 1;
    cJSON_ArrayForEach(entry, namespaces) if (strcmp(entry->valuestring, name) == 0) return 1;
    return 0;
}

static int labels_match(const cJSON *rule, const cJSON *labels)
{
    const cJSON *selectors = member(rule, "serviceSelectors");
    const cJSON *selector;

    if (cJSON_GetArraySize(selectors) == 0)
        return 1;
    cJSON_ArrayForEach(
        selector, selectors) if (matches_labels(labels, member(selector, "matchLabels"))) return 1;
    return 0;
}

static int may_use(const cJSON *pool, const cJSON *step)
{
    const cJSON *rule = member(pool, "serviceAllocation");
    const char *name = case_string(step, "namespace");

    return !rule || (namespace_matches(rule, name ? name : "") &&
                     labels_match(rule, member(step, "labels")));
}

/* Pinned pools by positive priority, then those without; then the others; each by name. */
static int order_pools(const void *a, const void *b)
{
    const struct usable_pool *first = a;
    const struct usable_pool *second = b;

    if (first->is_pinned != second->is_pinned)
        return second->is_pinned - first->is_pinned;
    if (first->priority != second->priority) {
        if (first->priority == 0 || second->priority == 0)
            return first->priority == 0 ? 1 : -1;
        return first->priority - second->priority;
    }
    return strcmp(first->name, second->name);
}

static void name_pools(struct case_request *request, const cJSON *step, const cJSON *pools)
{
    const int is_automatic = strcmp(case_string(step, "op"), "allocate") == 0;
    struct usable_pool usable[CASE_LIST_MAX];
    const cJSON *pool;
    uint32_t count = 0;

    cJSON_ArrayForEach(pool, pools)
    {
        const cJSON *rule = member(pool, "serviceAllocation");
        const cJSON *priority = member(rule, "priority");

        if (!may_use(pool, step) || (is_automatic && cJSON_IsFalse(member(pool, "autoAssign"))))
            continue;
        usable[count++] = (struct usable_pool){
            .name = case_string(pool, "name"),
            .is_pinned = rule != NULL,
            .priority = priority ? priority->valueint : 0,
        };
    }
    qsort(usable, count, sizeof(usable[0]), order_pools);
    for (uint32_t i = 0; i < count; i++)
        request->pools[i] = usable[i].name;
    request->request.pool_count = count;
    if (case_string(step, "pool")) {
        request->pools[0] = case_string(step, "pool");
        request->request.pool_count = 1;
    }
}

void case_request_add_port(struct case_request *request, const char *text)
{
    struct mlb_port *port = &request->ports[request->request.port_count++];

    port->number = (uint16_t)strtoul(strchr(text, '/') + 1, NULL, 10);
    port->protocol = strncasecmp(text, "tcp/", 4) == 0 ? MLB_PROTOCOL_TCP : MLB_PROTOCOL_UDP;
}

static void set_families(struct mlb_request *request, const cJSON *step)
{
    const char *family = case_string(step, "family");
    const char *policy = case_string(step, "ipFamilyPolicy");
    const char *primary = cJSON_GetStringValue(cJSON_GetArrayItem(member(step, "ipFamilies"), 0));

    if (family && strcmp(family, "dual") == 0)
        request->families = MLB_FAMILIES_BOTH;
    else
        request->families =
            family && strcmp(family, "ipv6") == 0 ? MLB_FAMILIES_IPV6 : MLB_FAMILIES_IPV4;
    if (policy && strcmp(policy, "RequireDualStack") == 0)
        request->dual_stack = MLB_DUAL_STACK_REQUIRE;
    if (policy && strcmp(policy, "PreferDualStack") == 0)
        request->dual_stack = MLB_DUAL_STACK_PREFER;
    if (primary && strcmp(primary, "IPv6") == 0)
        request->primary_family = MLB_FAMILY_IPV6;
}

void case_request_init(struct case_request *request, const cJSON *step, const cJSON *pools)
{
    const cJSON *item;

    *request = (struct case_request){
        .request =
            {
                .struct_size = sizeof(request->request),
                .id = case_string(step, "service"),
                .pools = request->pools,
                .addresses = request->addresses,
                .ports = request->ports,
                .sharing_key = case_string(step, "sharingKey"),
                .backend_key = case_string(step, "backendKey"),
            },
    };
    set_families(&request->request, step);
    name_pools(request, step, pools);
    cJSON_ArrayForEach(item, member(step, "ips")) assert_int_equal(
        mlb_address_parse(item->valuestring, &request->addresses[request->request.address_count++],
                          NULL),
        MLB_OK);
    cJSON_ArrayForEach(item, member(step, "ports"))
        case_request_add_port(request, item->valuestring);
}
