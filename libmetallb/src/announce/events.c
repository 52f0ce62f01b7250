/* SPDX-License-Identifier: MIT */
/* Events about addresses: one of a kind waits at a time, so that a storm of them needs no room. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/core.h"
#include "wire/vrrp.h"

/*
 * Counts the event and lets it wait unless one waits already.
 *
 * @return  the notice to fill in, or NULL where the older one stays (or there is no memory)
 */
static struct notice *raise(struct announce *core, struct announced *announced,
                            struct notice **place, uint32_t kind)
{
    struct notice *notice = *place ? *place : calloc(1, sizeof(*notice));

    if (!notice)
        return NULL;
    if (!*place)
        list_init(&notice->pending);
    *place = notice;
    notice->count++;
    if (!list_is_empty(&notice->pending))
        return NULL;
    notice->announced = announced;
    notice->kind = kind;
    list_append(&core->notices, &notice->pending);
    return notice;
}

static void set_interface(struct notice *notice, const struct announce *core,
                          uint32_t interface_index)
{
    const struct interface *interface = interface_find(core, interface_index);

    notice->interface_index = interface_index;
    memset(notice->interface_name, 0, sizeof(notice->interface_name));
    if (interface)
        memcpy(notice->interface_name, interface->is.name, sizeof(notice->interface_name));
}

void event_conflict(struct announce *core, struct binding *binding, const uint8_t *hardware_address)
{
    struct notice *notice =
        raise(core, binding->announced, &binding->announced->conflict, MLB_ANNOUNCER_CONFLICT);

    binding->counters.conflicts++;
    if (!notice)
        return;
    set_interface(notice, core, binding->interface->is.index);
    memcpy(notice->hardware_address, hardware_address, sizeof(notice->hardware_address));
}

void event_vrrp(struct announce *core, struct announced *announced, uint32_t interface_index,
                const struct mlb_address *sender, const struct vrrp_advertisement *advertisement)
{
    struct notice *notice = raise(core, announced, &announced->vrrp, MLB_ANNOUNCER_VRRP);

    if (!notice)
        return;
    set_interface(notice, core, interface_index);
    notice->sender = *sender;
    notice->router = advertisement->router;
    notice->priority = advertisement->priority;
}

void notice_free(struct notice *notice)
{
    if (!notice)
        return;
    list_remove(&notice->pending);
    free(notice);
}

static void describe(const struct notice *notice, char *text, size_t size)
{
    const uint8_t *hardware = notice->hardware_address;

    if (notice->kind == MLB_ANNOUNCER_CONFLICT)
        snprintf(text, size, "claimed by %02x:%02x:%02x:%02x:%02x:%02x", hardware[0], hardware[1],
                 hardware[2], hardware[3], hardware[4], hardware[5]);
    else
        snprintf(text, size, "virtual router %u advertises it with priority %u", notice->router,
                 notice->priority);
}

int announce_next_event(struct announce *core, struct mlb_announcer_event *event)
{
    uint32_t struct_size = event->struct_size;
    struct notice *notice = NULL;

    if (list_is_empty(&core->notices))
        return locals_next_event(core, event);
    notice = list_entry(core->notices.next, struct notice, pending);
    list_remove(&notice->pending);
    *event = (struct mlb_announcer_event){
        .struct_size = struct_size,
        .kind = notice->kind,
        .interface_index = notice->interface_index,
        .count = notice->count,
        .address = notice->announced->address,
        .sender = notice->sender,
    };
    memcpy(event->interface_name, notice->interface_name, sizeof(event->interface_name));
    memcpy(event->hardware_address, notice->hardware_address, sizeof(event->hardware_address));
    describe(notice, event->detail, sizeof(event->detail));
    return 1;
}
