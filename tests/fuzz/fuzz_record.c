/* SPDX-License-Identifier: MIT */
/* Any bytes are the record of a service or are refused with a reason; a record that was read is
 * written and read again as it was, and its terms are terms or are refused. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile/service_terms.h"
#include "sources/state_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_terms(const char *terms)
{
    struct arena arena = {0};
    struct service_request request = {0};

    if (service_terms_read(terms, &arena, &request) == 0)
        require(strcmp(service_terms_write(&request, &arena), terms) == 0 || terms[0] != '\0');
    else
        require(request.port_count == 0 && request.sharing_key[0] == '\0');
    arena_clear(&arena);
}

static void check_written(const struct state_record *record)
{
    struct service_outcome outcome = {.namespace_ = record->namespace_,
                                      .name = record->name,
                                      .address_count = record->address_count,
                                      .terms = record->terms};
    struct problem_list problems = {0};
    struct state_record again;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    require(stream != NULL);
    memcpy(outcome.addresses, record->addresses, sizeof(outcome.addresses));
    state_record_write(stream, &outcome);
    require(fclose(stream) == 0);
    require(state_record_read("f", text, length, "default", "web", &again, &problems) == 0);
    require(again.address_count == record->address_count);
    require(strcmp(again.terms, record->terms) == 0);
    state_record_clear(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problem_list problems = {0};
    struct state_record record;
    char *terms = strndup((const char *)data, size);

    require(terms != NULL);
    check_terms(terms);
    free(terms);
    if (state_record_read("f", (const char *)data, size, "default", "web", &record, &problems) ==
        0) {
        check_terms(record.terms);
        check_written(&record);
        state_record_clear(&record);
    } else {
        require(problem_list_has_errors(&problems));
    }
    problem_list_clear(&problems);
    return 0;
}
