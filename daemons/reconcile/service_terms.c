/* SPDX-License-Identifier: MIT */
#include "reconcile/service_terms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain(char byte)
{
    return byte > ' ' && byte < 0x7f && byte != '%';
}

static size_t escaped_length(const char *text)
{
    size_t length = 0;
    for (; *text != '\0'; text++)
        length += is_plain(*text) ? 1 : 3;
    return length;
}

static char *write_escaped(char *end, const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_plain(*text))
            *end++ = *text;
        else
            end += sprintf(end, "%%%02X", (unsigned)(unsigned char)*text);
    }
    return end;
}

/* Bytes of the longest port with its comma: "65535/255,". */
#define PORT_SIZE 10

const char *service_terms_write(const struct service_request *request, struct arena *arena)
{
    if (request->sharing_key[0] == '\0')
        return "";
    size_t size = request->port_count * PORT_SIZE + escaped_length(request->sharing_key) +
                  escaped_length(request->backend_key) + 3;
    char *text = arena_allocate(arena, size, 1);
    if (text == NULL)
        return NULL;
    char *end = text;
    for (size_t i = 0; i < request->port_count; i++)
        end += sprintf(end, "%s%u/%u", i > 0 ? "," : "", (unsigned)request->ports[i].number,
                       (unsigned)request->ports[i].protocol);
    *end++ = ' ';
    end = write_escaped(end, request->sharing_key);
    *end++ = ' ';
    write_escaped(end, request->backend_key);
    return text;
}

static bool read_number(const char **text, unsigned long maximum, unsigned long *number)
{
    if (**text < '0' || **text > '9')
        return false;
    *number = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        *number = *number * 10 + (unsigned long)(**text - '0');
        if (*number > maximum)
            return false;
    }
    return true;
}

/* As a request orders its ports, each once. */
static bool is_ascending(const struct mlb_port *a, const struct mlb_port *b)
{
    return a->protocol != b->protocol ? a->protocol < b->protocol : a->number < b->number;
}

static int read_ports(const char **text, struct arena *arena, struct service_request *request)
{
    size_t room = 1;
    for (const char *at = *text; *at != '\0' && *at != ' '; at++)
        room += *at == ',';
    struct mlb_port *ports = arena_allocate(arena, room, sizeof(*ports));
    if (ports == NULL)
        return -ENOMEM;
    size_t count = 0;
    while (**text != ' ') {
        unsigned long number = 0;
        unsigned long protocol = 0;
        if (count > 0 && *(*text)++ != ',')
            return -EINVAL;
        if (!read_number(text, 65535, &number) || number == 0 || *(*text)++ != '/' ||
            !read_number(text, 255, &protocol))
            return -EINVAL;
        struct mlb_port port = {.number = (uint16_t)number, .protocol = (uint8_t)protocol};
        if (count > 0 && !is_ascending(&ports[count - 1], &port))
            return -EINVAL;
        ports[count++] = port;
    }
    (*text)++;
    request->ports = ports;
    request->port_count = count;
    return 0;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static int read_escaped(const char **text, char stop, struct arena *arena, const char **result)
{
    char *bytes = arena_allocate(arena, strlen(*text) + 1, 1);
    if (bytes == NULL)
        return -ENOMEM;
    *result = bytes;
    for (; **text != stop; (*text)++) {
        if (**text == '%') {
            int high = hex_digit((*text)[1]);
            int low = high < 0 ? -1 : hex_digit((*text)[2]);
            if (low < 0 || high * 16 + low == 0)
                return -EINVAL;
            *bytes++ = (char)(high * 16 + low);
            *text += 2;
        } else if (is_plain(**text)) {
            *bytes++ = **text;
        } else {
            return -EINVAL;
        }
    }
    return 0;
}

static int read_all(const char *terms, struct arena *arena, struct service_request *request)
{
    int result = read_ports(&terms, arena, request);
    if (result == 0)
        result = read_escaped(&terms, ' ', arena, &request->sharing_key);
    if (result != 0)
        return result;
    terms++;
    result = read_escaped(&terms, '\0', arena, &request->backend_key);
    return result == 0 && request->sharing_key[0] == '\0' ? -EINVAL : result;
}

int service_terms_read(const char *terms, struct arena *arena, struct service_request *request)
{
    int result = 0;
    request->ports = NULL;
    request->port_count = 0;
    request->sharing_key = "";
    request->backend_key = "";
    if (terms[0] != '\0')
        result = read_all(terms, arena, request);
    if (result != 0) {
        request->ports = NULL;
        request->port_count = 0;
        request->sharing_key = "";
        request->backend_key = "";
    }
    return result;
}
