/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "objects/kinds.h"
#include "objects/names.h"

/* Reads two digits behind another at a separator; -1 if they are none. */
static int two_digits(const char *text)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -1;
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* Reads the part of RFC 3339 §5.6 behind the seconds. */
static bool read_zone(const char *text, int64_t *offset)
{
    int hours;
    int minutes;

    *offset = 0;
    if (*text == '.') {
        size_t digits = strspn(text + 1, "0123456789");

        if (digits == 0)
            return false;
        text += 1 + digits;
    }
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    if ((*text != '+' && *text != '-') || strlen(text) != 6 || text[3] != ':')
        return false;
    hours = two_digits(text + 1);
    minutes = two_digits(text + 4);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset = (hours * 60 + minutes) * 60;
    if (*text == '-')
        *offset = -*offset;
    return true;
}

static void read_created(const struct field *field, int64_t *created)
{
    const char *text = field_text(field);
    struct tm fields = {0};
    int64_t offset = 0;
    const char *rest;

    if (text == NULL)
        return;
    rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &fields);
    if (rest == NULL || !read_zone(rest, &offset)) {
        field_error(field, "must be a time such as 2026-01-31T12:00:00Z but is \"%.60s\"", text);
        return;
    }
    *created = (int64_t)timegm(&fields) - offset;
}

/* Text of a name, checked; a name that is wrong makes the object nameless. */
static const char *read_name(const struct field *field, const char *(*check)(const char *))
{
    const char *text = field_text(field);
    const char *wrong = text == NULL ? NULL : check(text);

    if (wrong != NULL)
        field_error(field, "%s", wrong);
    return wrong == NULL ? text : NULL;
}

static const char *read_namespace(const struct field *metadata, const struct kind *kind)
{
    struct field field = field_member(metadata, "namespace");
    const char *text;

    if (!kind->namespaced)
        return "";
    if (!field_present(&field))
        return "default";
    text = field_text(&field);
    /* The Kubernetes API takes an empty one as none given. */
    if (text != NULL && text[0] == '\0')
        return "default";
    return read_name(&field, names_check_dns_label);
}

bool metadata_read(const struct field *root, const struct kind *kind, struct object *object)
{
    struct field metadata = field_member(root, "metadata");
    struct field name_field = field_member(&metadata, "name");
    struct field labels = field_member(&metadata, "labels");
    struct field annotations = field_member(&metadata, "annotations");
    struct field created = field_member(&metadata, "creationTimestamp");
    const char *namespace_;
    const char *name;

    object->kind = kind->kind;
    object->references = 1;
    object->line = root->line;
    object->kind_text = kind->name;
    object->file = field_copy(root, root->context->file);
    if (field_present(&metadata) && !field_is_mapping(&metadata))
        return false;
    if (!field_present(&name_field))
        field_error(&name_field, "is required");
    name = read_name(&name_field, names_check_object_name);
    if (name != NULL && names_check_subdomain(name) != NULL)
        field_warning(&name_field,
                      "has upper case letters or underscores, which a Kubernetes cluster refuses");
    namespace_ = read_namespace(&metadata, kind);
    if (name == NULL || namespace_ == NULL)
        return false;
    object->name = field_copy(root, name);
    object->namespace_ = field_copy(root, namespace_);
    field_labels(&labels, true, &object->labels);
    field_labels(&annotations, false, &object->annotations);
    read_created(&created, &object->created);
    return true;
}
