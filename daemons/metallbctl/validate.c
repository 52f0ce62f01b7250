/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "common/json_writer.h"
#include "metallbctl/command.h"
#include "metallbctl/load.h"

static void write_problems(struct json_writer *writer, const struct problem_list *problems,
                           enum problem_severity severity)
{
    json_begin_array(writer);
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        if (problem->severity != severity)
            continue;
        json_begin_object(writer);
        json_text_member(writer, "file", problem->file);
        json_unsigned_member(writer, "line", problem->line);
        json_text_member(writer, "object", problem->object);
        json_text_member(writer, "field", problem->field);
        json_text_member(writer, "message", problem->message);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_json(const struct loaded *loaded)
{
    struct json_writer writer = {.stream = stdout};
    json_begin_object(&writer);
    json_key(&writer, "valid");
    json_boolean(&writer, !loaded->broken);
    json_key(&writer, "errors");
    write_problems(&writer, &loaded->problems, PROBLEM_ERROR);
    json_key(&writer, "warnings");
    write_problems(&writer, &loaded->problems, PROBLEM_WARNING);
    json_end_object(&writer);
    fputc('\n', stdout);
}

static void write_summary(const struct loaded *loaded)
{
    size_t objects = 0;
    size_t errors = 0;
    for (size_t i = 0; i < OBJECT_KIND_COUNT; i++)
        objects += loaded->objects.lists[i].count;
    for (size_t i = 0; i < loaded->problems.count; i++)
        errors += loaded->problems.items[i].severity == PROBLEM_ERROR;
    if (loaded->broken)
        printf("invalid: %zu error%s; %zu object%s in order\n", errors, errors == 1 ? "" : "s",
               objects, objects == 1 ? "" : "s");
    else
        printf("valid: %zu object%s\n", objects, objects == 1 ? "" : "s");
}

static int run(const struct arguments *arguments)
{
    struct loaded loaded;
    if (load(arguments->paths, arguments->path_count, &loaded) != EXIT_GOOD)
        return EXIT_BAD;
    if (arguments->json) {
        write_json(&loaded);
    } else {
        load_report(&loaded);
        write_summary(&loaded);
    }
    int status = loaded.broken ? EXIT_BAD : EXIT_GOOD;
    load_clear(&loaded);
    return status;
}

const struct command validate_command = {
    .name = "validate",
    .summary = "check manifests and say what is wrong, with file and line",
    .help = "Usage: metallbctl validate -f PATH... [-o json]\n\n"
            "Checks manifests and says what is wrong.\n\n"
            "  -f, --file PATH    file, directory or - for standard input; may be repeated\n"
            "  -o, --output KIND  table (default) or json\n\n"
            "Exit status: 0 valid, 1 invalid, 2 wrong arguments.\n",
    .accepted = ACCEPT_FILES,
    .run = run,
};
