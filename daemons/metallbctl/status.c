/* SPDX-License-Identifier: MIT */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "metallbctl/command.h"
#include "metallbctl/table.h"

#define DEFAULT_CONTROL_PATH "/run/metallb/speaker.sock"
#define ANSWER_SIZE_MAX      (256u << 20)
#define ANSWER_SECONDS       10

static const char request[] = "{\"command\":\"status\"}\n";

static int complain(const char *path, int error)
{
    if (error == ENOENT || error == ECONNREFUSED)
        fprintf(stderr, "metallbctl status: no speaker listens on %s; see --control\n", path);
    else
        fprintf(stderr, "metallbctl status: %s: %s\n", path, strerror(error));
    return -1;
}

/* Returns a connected socket, or -1 with the reason on standard error. */
static int connect_to(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(name.sun_path))
        return complain(path, ENAMETOOLONG);
    memcpy(name.sun_path, path, strlen(path) + 1);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0)
        return complain(path, errno);
    struct timeval limit = {.tv_sec = ANSWER_SECONDS};
    if (setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0 ||
        connect(connection, (const struct sockaddr *)&name, sizeof(name)) != 0) {
        int error = errno;
        close(connection);
        return complain(path, error);
    }
    return connection;
}

static int send_request(int connection)
{
    size_t sent = 0;
    while (sent < sizeof(request) - 1) {
        ssize_t count = send(connection, request + sent, sizeof(request) - 1 - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR)
            return -errno;
        if (count > 0)
            sent += (size_t)count;
    }
    return 0;
}

/* Reads to the end of the connection; the caller frees the NUL-terminated answer. */
static int read_answer(int connection, char **answer)
{
    size_t capacity = 64u << 10;
    size_t length = 0;
    char *text = malloc(capacity);
    while (text != NULL) {
        ssize_t count = recv(connection, text + length, capacity - length - 1, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            int error = count < 0 ? -errno : 0;
            text[length] = '\0';
            *answer = error == 0 ? text : NULL;
            if (error != 0)
                free(text);
            return error;
        }
        length += (size_t)count;
        if (capacity - length > 1)
            continue;
        if (capacity >= ANSWER_SIZE_MAX) {
            free(text);
            return -EMSGSIZE;
        }
        capacity *= 2;
        char *larger = realloc(text, capacity);
        if (larger == NULL)
            free(text);
        text = larger;
    }
    return -ENOMEM;
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Texts of an array as one cell; of objects, their names. */
static void add_texts(struct table *table, const cJSON *array, int first)
{
    int size = cJSON_GetArraySize(array);
    const char **texts = (const char **)calloc((size_t)size + 1, sizeof(*texts));
    size_t count = 0;
    int index = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, array)
    {
        const char *text =
            cJSON_IsObject(item) ? text_of(item, "name") : cJSON_GetStringValue(item);
        if (texts != NULL && index++ >= first && text != NULL)
            texts[count++] = text;
    }
    if (texts == NULL)
        table->failed = true;
    else
        table_add_list(table, texts, count);
    free((void *)texts);
}

/* A count for people; -o json shows all digits of the largest ones. */
static void add_count(struct table *table, const cJSON *object, const char *name)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(object, name);
    if (cJSON_IsNumber(count))
        table_add_format(table, "%.0f", count->valuedouble);
    else
        table_add(table, NULL);
}

static bool print_addresses(const cJSON *addresses)
{
    static const char *const heads[] = {"ADDRESS",    "OWNER",    "STANDBYS", "SERVICES",
                                        "INTERFACES", "REQUESTS", "REPLIES",  "REASON"};
    struct table table = {.columns = sizeof(heads) / sizeof(heads[0])};
    for (size_t i = 0; i < table.columns; i++)
        table_add(&table, heads[i]);
    const cJSON *address = NULL;
    cJSON_ArrayForEach(address, addresses)
    {
        table_add(&table, text_of(address, "address"));
        table_add(&table, text_of(address, "owner"));
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "ranking"), 1);
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "services"), 0);
        add_texts(&table, cJSON_GetObjectItemCaseSensitive(address, "interfaces"), 0);
        const cJSON *counters = cJSON_GetObjectItemCaseSensitive(address, "counters");
        add_count(&table, counters, "requests");
        add_count(&table, counters, "replies");
        table_add(&table, text_of(address, "reason"));
    }
    return table_print(&table, stdout);
}

static bool print_interfaces(const cJSON *interfaces)
{
    static const char *const heads[] = {"INTERFACE", "HARDWARE ADDRESS", "USABLE", "FRAMES",
                                        "REASON"};
    struct table table = {.columns = sizeof(heads) / sizeof(heads[0])};
    for (size_t i = 0; i < table.columns; i++)
        table_add(&table, heads[i]);
    const cJSON *interface = NULL;
    cJSON_ArrayForEach(interface, interfaces)
    {
        const cJSON *usable = cJSON_GetObjectItemCaseSensitive(interface, "usable");
        table_add(&table, text_of(interface, "name"));
        table_add(&table, text_of(interface, "hardwareAddress"));
        table_add(&table, cJSON_IsTrue(usable) ? "yes" : "no");
        add_count(&table, interface, "frames");
        table_add(&table, text_of(interface, "reason"));
    }
    return table_print(&table, stdout);
}

static void print_errors(const cJSON *errors)
{
    const cJSON *error = NULL;
    cJSON_ArrayForEach(error, errors)
    {
        const char *text =
            cJSON_IsObject(error) ? text_of(error, "message") : cJSON_GetStringValue(error);
        const char *file = text_of(error, "file");
        const char *object = text_of(error, "object");
        printf("error: %s%s%s%s%s\n", file == NULL ? "" : file,
               file == NULL || file[0] == '\0' ? "" : ": ", object == NULL ? "" : object,
               object == NULL || object[0] == '\0' ? "" : ": ", text == NULL ? "" : text);
    }
}

static int print_status(const cJSON *status)
{
    const char *node = text_of(status, "node");
    printf("Node %s\n\n", node == NULL ? "-" : node);
    if (!print_addresses(cJSON_GetObjectItemCaseSensitive(status, "addresses")))
        return out_of_memory();
    fputc('\n', stdout);
    if (!print_interfaces(cJSON_GetObjectItemCaseSensitive(status, "interfaces")))
        return out_of_memory();
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(status, "errors");
    if (cJSON_GetArraySize(errors) > 0) {
        fputc('\n', stdout);
        print_errors(errors);
    }
    return EXIT_GOOD;
}

static int show(const char *path, const char *answer, bool json)
{
    cJSON *status = cJSON_Parse(answer);
    if (!cJSON_IsObject(status)) {
        fprintf(stderr, "metallbctl status: %s does not answer like a speaker\n", path);
        cJSON_Delete(status);
        return EXIT_BAD;
    }
    int result = EXIT_GOOD;
    const char *error = text_of(status, "error");
    if (error != NULL) {
        fprintf(stderr, "metallbctl status: %s: %s\n", path, error);
        result = EXIT_BAD;
    } else if (json) {
        /* The speaker's own text: numbers keep all their digits. */
        size_t length = strlen(answer);
        printf("%s%s", answer, length > 0 && answer[length - 1] == '\n' ? "" : "\n");
    } else {
        result = print_status(status);
    }
    cJSON_Delete(status);
    return result;
}

static int run(const struct arguments *arguments)
{
    const char *path = arguments->control == NULL ? DEFAULT_CONTROL_PATH : arguments->control;
    int connection = connect_to(path);
    if (connection < 0)
        return EXIT_BAD;
    char *answer = NULL;
    int error = send_request(connection);
    if (error == 0)
        error = read_answer(connection, &answer);
    close(connection);
    if (error != 0) {
        complain(path, error == -EAGAIN ? ETIMEDOUT : -error);
        return EXIT_BAD;
    }
    int status = show(path, answer, arguments->json);
    free(answer);
    return status;
}

const struct command status_command = {
    .name = "status",
    .summary = "ask the running speaker what it thinks and announces",
    .help = "Usage: metallbctl status [--control PATH] [-o json]\n\n"
            "Asks the speaker on this host what it thinks, announces and has counted.\n\n"
            "      --control PATH     its socket; default " DEFAULT_CONTROL_PATH "\n"
            "  -o, --output KIND      table (default) or json\n\n"
            "Exit status: 0 success, 1 no answer, 2 wrong arguments.\n",
    .accepted = ACCEPT_CONTROL,
    .run = run,
};
