/* SPDX-License-Identifier: MIT */
/* Syntax of names as the Kubernetes API checks it. Each returns NULL, or what is wrong. */
#pragma once

/* Name of an object: a DNS subdomain, but also with upper case letters and underscores, as MetalLB
 * itself takes any name. */
const char *names_check_object_name(const char *name);

const char *names_check_subdomain(const char *name);
const char *names_check_dns_label(const char *name);
const char *names_check_label_key(const char *key);
const char *names_check_label_value(const char *value);
