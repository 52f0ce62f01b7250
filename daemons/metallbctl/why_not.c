/* SPDX-License-Identifier: MIT */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents/explanation.h"
#include "metallbctl/ask.h"
#include "metallbctl/command.h"
#include "metallbctl/load.h"
#include "metallbctl/table.h"

/* What the command line names. */
struct subject {
    char namespace_[256];
    char name[256];
};

static bool read_subject(const char *text, struct subject *subject)
{
    const char *slash = strchr(text, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - text);
    if (length == 0 || length >= sizeof(subject->namespace_) || slash[1] == '\0' ||
        strchr(slash + 1, '/') != NULL || strlen(slash + 1) >= sizeof(subject->name))
        return false;
    memcpy(subject->namespace_, text, length);
    subject->namespace_[length] = '\0';
    snprintf(subject->name, sizeof(subject->name), "%s", slash + 1);
    return true;
}

/* As the controller would decide, without one. */
static int explain(const struct arguments *arguments, const struct loaded *loaded,
                   const struct subject *subject, char **answer)
{
    struct service_reconciler_options options = {.load_balancer_class =
                                                     arguments->load_balancer_class};
    struct service_reconciler *reconciler = NULL;
    struct service_results results;
    size_t length = 0;
    int code = service_reconciler_new(&options, &reconciler);
    if (code == 0)
        code = service_reconciler_run(reconciler, &loaded->objects, NULL, &results);
    if (code == 0)
        code = explanation_document(reconciler, &loaded->objects, subject->namespace_,
                                    subject->name, answer, &length);
    service_reconciler_free(reconciler);
    if (code == -ENOENT) {
        fprintf(stderr,
                "metallbctl why-not: there is no Service %s/%s of type LoadBalancer in the "
                "manifests\n",
                subject->namespace_, subject->name);
        return EXIT_BAD;
    }
    return code == 0 ? EXIT_GOOD : out_of_memory();
}

static int explain_files(const struct arguments *arguments, const struct subject *subject,
                         char **answer)
{
    struct loaded loaded;
    int status = load(arguments->paths, arguments->path_count, &loaded);
    if (status != EXIT_GOOD)
        return status;
    load_report(&loaded);
    status = explain(arguments, &loaded, subject, answer);
    load_clear(&loaded);
    return status;
}

static int ask_controller(const struct arguments *arguments, const struct subject *subject,
                          char **answer)
{
    const char *path = arguments->control == NULL ? CONTROLLER_CONTROL_PATH : arguments->control;
    cJSON *request = cJSON_CreateObject();
    if (cJSON_AddStringToObject(request, "command", "why-not") == NULL ||
        cJSON_AddStringToObject(request, "namespace", subject->namespace_) == NULL ||
        cJSON_AddStringToObject(request, "name", subject->name) == NULL) {
        cJSON_Delete(request);
        return out_of_memory();
    }
    char *text = cJSON_PrintUnformatted(request);
    char *line = NULL;
    cJSON_Delete(request);
    int status = EXIT_BAD;
    if (text != NULL && asprintf(&line, "%s\n", text) >= 0)
        status = ask("why-not", path, line, answer);
    else
        status = out_of_memory();
    free(line);
    cJSON_free(text);
    return status;
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void print_verdict(const cJSON *answer)
{
    const cJSON *addresses = cJSON_GetObjectItemCaseSensitive(answer, "addresses");
    const char *error = text_of(answer, "error");
    const cJSON *address = NULL;
    printf("%s/%s ", text_of(answer, "namespace"), text_of(answer, "name"));
    if (cJSON_GetArraySize(addresses) == 0)
        fputs("has no address", stdout);
    else
        fputs("has", stdout);
    cJSON_ArrayForEach(address, addresses)
    {
        printf(" %s", address->valuestring == NULL ? "" : address->valuestring);
    }
    printf("%s%s\n\n", error == NULL ? "" : ": ", error == NULL ? "" : error);
}

static int print_text(const cJSON *answer)
{
    struct table table = {.columns = 2};
    const cJSON *pool = NULL;
    print_verdict(answer);
    table_add(&table, "POOL");
    table_add(&table, "WHY NOT");
    cJSON_ArrayForEach(pool, cJSON_GetObjectItemCaseSensitive(answer, "pools"))
    {
        table_add(&table, text_of(pool, "name"));
        table_add(&table, text_of(pool, "reason"));
    }
    return table_print(&table, stdout) ? EXIT_GOOD : out_of_memory();
}

static int show(const char *text, bool json)
{
    cJSON *answer = cJSON_Parse(text);
    const char *name = text_of(answer, "name");
    int status = EXIT_BAD;
    if (name == NULL || text_of(answer, "namespace") == NULL) {
        const char *error = text_of(answer, "error");
        fprintf(stderr, "metallbctl why-not: %s\n",
                error == NULL ? "the answer is not that of a controller" : error);
    } else if (json) {
        fputs(text, stdout);
        status = EXIT_GOOD;
    } else {
        status = print_text(answer);
    }
    cJSON_Delete(answer);
    return status;
}

static int run(const struct arguments *arguments)
{
    struct subject subject;
    char *answer = NULL;
    if (!read_subject(arguments->subject, &subject)) {
        fprintf(stderr, "metallbctl why-not: \"%s\" is not NAMESPACE/NAME\n", arguments->subject);
        return EXIT_USAGE;
    }
    int status = arguments->path_count > 0 ? explain_files(arguments, &subject, &answer)
                                           : ask_controller(arguments, &subject, &answer);
    if (status == EXIT_GOOD)
        status = show(answer, arguments->json);
    free(answer);
    return status;
}

const struct command why_not_command = {
    .name = "why-not",
    .summary = "say of each pool why a service has no address of it",
    .help = "Usage: metallbctl why-not NAMESPACE/NAME [-f PATH...] [--control PATH] [-o json]\n\n"
            "Explains for each pool, in the order in which they are tried, why the service was\n"
            "given no address of it. Asks the controller on this host; with -f it is worked out\n"
            "from manifests, without one.\n\n"
            "  -f, --file PATH        file or directory of manifests; may be repeated\n"
            "      --lb-class CLASS   with -f: serve the services of this class\n"
            "      --control PATH     socket; default " CONTROLLER_CONTROL_PATH "\n"
            "  -o, --output KIND      table (default) or json\n\n"
            "Exit status: 0 success, 1 no such service or no answer, 2 wrong arguments.\n",
    .accepted = ACCEPT_FILES | ACCEPT_CLASS | ACCEPT_CONTROL | ACCEPT_SUBJECT,
    .run = run,
};
