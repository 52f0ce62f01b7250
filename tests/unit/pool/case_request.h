/* SPDX-License-Identifier: MIT */
#pragma once

#include <cjson/cJSON.h>
#include <metallb/allocator.h>

#define CASE_LIST_MAX 16

/* A request with the memory that it points to. */
struct case_request {
    struct mlb_request request;
    struct mlb_address addresses[CASE_LIST_MAX];
    struct mlb_port ports[CASE_LIST_MAX];
    const char *pools[CASE_LIST_MAX];
};

/* A member that is a string, or NULL. */
const char *case_string(const cJSON *object, const char *name);

/* The code that an error_kind of the case files means. */
int32_t case_error_code(const char *kind);

/* Builds a pool of a case file; the caller frees it. */
struct mlb_pool *case_pool(const cJSON *pool);

/*
 * Fills a request from a step of allocator_assign.json: names the pools that the service of the
 * step may use, in the order in which the controller tries them.
 */
void case_request_init(struct case_request *request, const cJSON *step, const cJSON *pools);

/* Adds a port written as "TCP/80". */
void case_request_add_port(struct case_request *request, const char *text);
