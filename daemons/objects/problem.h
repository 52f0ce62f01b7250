/* SPDX-License-Identifier: MIT */
/* What is wrong with an object or a file, for a person and for scripts (metallbctl validate). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum problem_severity {
    PROBLEM_ERROR,   /* the object or file does not apply */
    PROBLEM_WARNING, /* it applies, but hardly as it was meant */
    PROBLEM_NOTICE,  /* something was ignored on purpose: worth one log line, not a warning */
};

struct problem {
    enum problem_severity severity;
    char *file;    /* "" where there is none, "-" for standard input */
    unsigned line; /* 0 where there is none */
    char *object;  /* "IPAddressPool/namespace/name", "Node/name"; "" where it is not known */
    char *field;   /* "spec.addresses[0]"; "" for the whole object or file */
    char *message; /* one sentence that says what is wrong and what would be right */
};

struct problem_list {
    struct problem *items;
    size_t count;
    size_t capacity;
};

/* Appends a problem; texts are copied and NULL counts as "". Out of memory loses the problem. */
__attribute__((format(printf, 7, 8))) void problem_add(struct problem_list *list,
                                                       enum problem_severity severity,
                                                       const char *file, unsigned line,
                                                       const char *object, const char *field,
                                                       const char *format, ...);

/* Appends copies of all problems of another list. */
void problem_list_append(struct problem_list *list, const struct problem_list *other);

/* Whether both say the same in the same order. */
bool problem_list_equal(const struct problem_list *a, const struct problem_list *b);

bool problem_list_has_errors(const struct problem_list *list);
void problem_list_clear(struct problem_list *list);
