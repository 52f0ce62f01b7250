/* SPDX-License-Identifier: MIT */
#include "common/capabilities.h"

#include <errno.h>
#include <sys/prctl.h>

static bool have(cap_value_t capability, cap_flag_t set)
{
    cap_flag_value_t value = CAP_CLEAR;
    cap_t current = cap_get_proc();

    if (current == NULL)
        return false;
    if (cap_get_flag(current, capability, set, &value) != 0)
        value = CAP_CLEAR;
    cap_free(current);
    return value == CAP_SET;
}

bool capabilities_have(cap_value_t capability)
{
    return have(capability, CAP_EFFECTIVE);
}

static bool contains(const cap_value_t *list, size_t count, cap_value_t capability)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == capability)
            return true;
    return false;
}

/* The bounding set matters only to what the process executes, and without CAP_SETPCAP it stays:
 * no_new_privs bars that way too. */
static void drop_bounding_set(const cap_value_t *keep, size_t count)
{
    if (!capabilities_have(CAP_SETPCAP))
        return;
    for (cap_value_t capability = 0; CAP_IS_SUPPORTED(capability); capability++)
        if (!contains(keep, count, capability))
            (void)cap_drop_bound(capability);
}

static int set_capabilities(const cap_value_t *keep, size_t count)
{
    cap_t wanted = cap_init();
    int result = 0;

    if (wanted == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count && result == 0; i++)
        if (have(keep[i], CAP_PERMITTED) &&
            (cap_set_flag(wanted, CAP_PERMITTED, 1, &keep[i], CAP_SET) != 0 ||
             cap_set_flag(wanted, CAP_EFFECTIVE, 1, &keep[i], CAP_SET) != 0))
            result = -errno;
    if (result == 0 && cap_set_proc(wanted) != 0)
        result = -errno;
    cap_free(wanted);
    return result;
}

int capabilities_keep(const cap_value_t *keep, size_t count)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
        return -errno;
    (void)cap_reset_ambient();
    drop_bounding_set(keep, count);
    return set_capabilities(keep, count);
}
