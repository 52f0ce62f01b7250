/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "objects/admission.h"
#include "objects/manifest.h"

static void print_problems(const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        print_message("# %s %s: %s\n", problems->items[i].object, problems->items[i].field,
                      problems->items[i].message);
}

void objects_read(const char *text, struct object_set *set)
{
    struct problem_list problems = {0};
    struct manifest manifest;
    assert_int_equal(
        manifest_parse("test", text, strlen(text), MANIFEST_YAML, &manifest, &problems), 0);
    assert_int_equal(admission_run(NULL, manifest.items, manifest.count, set, &problems), 0);
    print_problems(&problems);
    assert_false(problem_list_has_errors(&problems));
    manifest_clear(&manifest);
    problem_list_clear(&problems);
}
