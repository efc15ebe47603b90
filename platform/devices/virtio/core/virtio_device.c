/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a device: features, status, interrupts, the round over its queues (2.1 to 2.4, 3.1). */
#include <stdlib.h>

#include "virtio_priv.h"

#define TRANSPORT_FEATURES                                                                         \
    (FEATURE_INDIRECT | FEATURE_EVENT_IDX | FEATURE_VERSION_1 | FEATURE_ACCESS_PLATFORM |          \
     FEATURE_ORDER_PLATFORM | FEATURE_RING_RESET)

virtio *virtio_make(const struct virtio_kind *kind, void *state, uint64_t features, unsigned queues,
                    const struct virtio_ops *ops)
{
    virtio *v = calloc(1, sizeof(*v));

    if (!v)
        return NULL;
    v->queue = calloc(queues, sizeof(*v->queue));
    if (!v->queue) {
        free(v);
        return NULL;
    }
    v->kind = kind;
    v->state = state;
    v->ops = *ops;
    v->offered = features | TRANSPORT_FEATURES;
    v->queues = queues;
    virtio_reset(v);
    return v;
}

void virtio_destroy(virtio *v)
{
    if (!v)
        return;
    v->kind->destroy(v);
    free(v->queue);
    free(v);
}

unsigned virtio_device_type(const virtio *v)
{
    return v->kind->type;
}

unsigned virtio_vectors(const virtio *v)
{
    return v->queues + 1;
}

unsigned virtio_device_bytes(const virtio *v)
{
    return v->kind->device_bytes;
}

uint64_t virtio_breakdowns(const virtio *v)
{
    return v->breakdowns;
}

/* --- interrupts --- */

/* With messages the pin, and what PCI says of it, are at rest. */
static void update_pin(virtio *v)
{
    bool level = v->isr && !v->ops.messages(v->ops.user);

    if (level == v->pin)
        return;
    v->pin = level;
    v->ops.pin(v->ops.user, level);
}

/* The interrupt status has a bit for queues only while there are no messages (4.1.4.5.1). */
void virtio_interrupt(virtio *v, uint8_t cause, uint32_t vector)
{
    bool messages = v->ops.messages(v->ops.user);

    if (cause == ISR_CONFIG || !messages)
        v->isr |= cause;
    if (messages && vector != NO_VECTOR)
        v->ops.raise(v->ops.user, vector);
    update_pin(v);
}

uint8_t virtio_take_isr(virtio *v)
{
    uint8_t isr = v->isr;

    v->isr = 0;
    update_pin(v);
    return isr;
}

void virtio_messages_changed(virtio *v)
{
    update_pin(v);
}

/* --- status --- */

bool virtio_works(const virtio *v)
{
    return (v->status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) == STATUS_DRIVER_OK;
}

void virtio_break(virtio *v)
{
    if (v->status & STATUS_NEEDS_RESET)
        return;
    v->breakdowns++;
    v->status |= STATUS_NEEDS_RESET;
    if (v->status & STATUS_DRIVER_OK)
        virtio_interrupt(v, ISR_CONFIG, v->config_vector);
}

void virtio_reset(virtio *v)
{
    v->accepted = 0;
    v->accepted_beyond = false;
    v->offered_select = 0;
    v->accepted_select = 0;
    v->queue_select = 0;
    v->config_vector = NO_VECTOR;
    v->status = 0;
    v->isr = 0;
    for (unsigned i = 0; i < v->queues; i++)
        virtio_queue_reset(v, i);
    if (v->kind->reset)
        v->kind->reset(v);
    update_pin(v);
}

/* What a driver may not do without (6.1), and what each feature needs. */
static bool features_are_good(const virtio *v)
{
    const uint64_t needed = FEATURE_VERSION_1 | FEATURE_ACCESS_PLATFORM;

    if ((v->accepted & needed) != needed || v->accepted & ~v->offered || v->accepted_beyond)
        return false;
    for (const struct virtio_dependency *row = v->kind->needs; row && row->feature; row++)
        if (v->accepted & row->feature && !(v->accepted & row->needs))
            return false;
    return true;
}

/* A driver sets bits, or resets the device. Until a run that this overtakes has ended, the status
 * is not 0, which tells a driver that nothing more is written to its memory. */
void virtio_set_status(virtio *v, uint8_t value)
{
    uint8_t fresh = (uint8_t)(value & STATUS_OF_DRIVER & ~v->status);

    if (v->leaving)
        return;
    if (value == 0) {
        v->leaving = v->running ? v->status : 0;
        virtio_reset(v);
        return;
    }
    if (fresh & STATUS_FEATURES_OK && !features_are_good(v))
        fresh &= (uint8_t)~STATUS_FEATURES_OK;
    if (fresh & STATUS_DRIVER_OK && !((v->status | fresh) & STATUS_FEATURES_OK))
        fresh &= (uint8_t)~STATUS_DRIVER_OK;
    v->status |= fresh;
    if (fresh & STATUS_DRIVER_OK)
        virtio_kick(v);
}

/* --- work --- */

void virtio_kick(virtio *v)
{
    if (virtio_works(v))
        v->ops.kick(v->ops.user);
}

/* No access of the device is under way: resets that waited are over. */
static void settle_resets(virtio *v)
{
    v->leaving = 0;
    for (unsigned i = 0; i < v->queues; i++)
        v->queue[i].leaving = false;
}

void virtio_run(virtio *v)
{
    bool worked = true;

    v->running = true;
    while (worked) {
        worked = false;
        for (unsigned i = 0; i < v->queues; i++) {
            if (virtio_works(v) && v->queue[i].enabled && v->kind->serve(v, i))
                worked = true;
            settle_resets(v);
        }
    }
    v->running = false;
}
