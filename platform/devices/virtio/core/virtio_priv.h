/* SPDX-License-Identifier: Apache-2.0 */
/* State of a device, shared by the files that implement it. */
#ifndef VIRTIO_PRIV_H
#define VIRTIO_PRIV_H

#include "virtio/virtio.h"
#include "vp/little_endian.h"

/* Device status (2.1). */
#define STATUS_DRIVER_OK   4u
#define STATUS_FEATURES_OK 8u
#define STATUS_NEEDS_RESET 64u
#define STATUS_OF_DRIVER   0x8fu /* bits that a driver sets */

/* Interrupt status (4.1.4.5). */
#define ISR_QUEUE  1u
#define ISR_CONFIG 2u

#define NO_VECTOR 0xffffu

/* Features of all kinds of devices (6). */
#define FEATURE(bit)            (UINT64_C(1) << (bit))
#define FEATURE_INDIRECT        FEATURE(28)
#define FEATURE_EVENT_IDX       FEATURE(29)
#define FEATURE_VERSION_1       FEATURE(32)
#define FEATURE_ACCESS_PLATFORM FEATURE(33)
#define FEATURE_ORDER_PLATFORM  FEATURE(36)
#define FEATURE_RING_RESET      FEATURE(40)

/* A driver that accepts `feature` has to accept `needs`. */
struct virtio_dependency {
    uint64_t feature;
    uint64_t needs;
};

/* A kind of device. */
struct virtio_kind {
    unsigned type;                         /* 5: device types */
    const struct virtio_dependency *needs; /* the last has no feature; NULL: none */
    unsigned device_bytes;
    uint16_t queue_size; /* entries at most, a power of two up to VIRTIO_MAX_QUEUE_SIZE */
    /* The structure that is its own, as it is now. */
    void (*get_device)(const virtio *v, uint8_t *bytes);
    /* Queues are in reset state already. Optional. */
    void (*reset)(virtio *v);
    /* Look at `queue`, which may have something: at most as many chains as it has entries. Returns
     * whether there was anything to do. */
    bool (*serve)(virtio *v, unsigned queue);
    void (*destroy)(virtio *v);
};

/* One descriptor's part of a chain. */
struct virtio_segment {
    uint64_t addr;
    uint32_t size; /* not 0 */
};

/* A chain of descriptors: first what the device reads, then what it writes. */
struct virtio_chain {
    unsigned queue;
    unsigned life; /* of the queue */
    uint16_t head;
    uint32_t readable; /* bytes */
    uint32_t writable;
    unsigned inputs;  /* segments that are read */
    unsigned outputs; /* and behind them those that are written */
    struct virtio_segment segment[VIRTIO_MAX_QUEUE_SIZE];
};

/* An entry of a used ring that is not there yet. */
struct virtio_used {
    uint32_t head;
    uint32_t written;
};

struct virtio_queue {
    /* Registers */
    uint16_t size;
    uint32_t vector;
    uint64_t desc;
    uint64_t avail;
    uint64_t used;
    bool enabled;
    bool leaving; /* a reset has to wait for the run in progress */
    /* State, in which a reset or a breakdown leaves nothing */
    unsigned life;      /* counts resets */
    bool notified;      /* there may be entries of the available ring that no one has looked at */
    uint16_t next;      /* entry of the available ring to be looked at */
    uint16_t seen;      /* index of the available ring, as last read */
    uint16_t published; /* index of the used ring */
    bool told;          /* the driver has been told `told_at` to notify at */
    uint16_t told_at;
    unsigned pending; /* entries of `fresh`, which are not in the used ring yet */
    struct virtio_used fresh[VIRTIO_MAX_QUEUE_SIZE];
};

struct virtio {
    const struct virtio_kind *kind;
    void *state; /* of the kind of device */
    struct virtio_ops ops;
    uint64_t offered;
    uint64_t accepted;
    bool accepted_beyond; /* a feature beyond 64 bits, of which there are none */
    uint32_t offered_select;
    uint32_t accepted_select;
    uint32_t queue_select;
    uint32_t config_vector;
    uint8_t status;
    uint8_t leaving; /* status until a run that a reset has overtaken is over; 0: none is */
    uint8_t isr;
    bool pin;
    bool running;
    uint64_t breakdowns;
    unsigned queues;
    struct virtio_queue *queue;
};

/* --- virtio_device.c --- */

/* A device in reset with `queues` queues; it takes `state`, which kind->destroy() frees. Returns
 * NULL without memory, and `state` stays the caller's. */
virtio *virtio_make(const struct virtio_kind *kind, void *state, uint64_t features, unsigned queues,
                    const struct virtio_ops *ops);

static inline bool virtio_has(const virtio *v, uint64_t feature)
{
    return v->accepted & feature;
}

/* Whether it may use its queues. */
bool virtio_works(const virtio *v);

/* Something is wrong that only a reset can mend (2.1.2). */
void virtio_break(virtio *v);

void virtio_set_status(virtio *v, uint8_t value);
void virtio_kick(virtio *v);
void virtio_interrupt(virtio *v, uint8_t cause, uint32_t vector);
uint8_t virtio_take_isr(virtio *v);

/* --- virtio_queue.c: split virtqueues (2.7) --- */

void virtio_queue_reset(virtio *v, unsigned index);
void virtio_queue_enable(virtio *v, unsigned index);

/* Take the next chain of a queue. False: there is none, or the device is broken or reset. May
 * block. */
bool virtio_queue_take(virtio *v, unsigned index, struct virtio_chain *chain);

/* The device is done with a chain, and has written so many bytes to its beginning. The driver sees
 * it after virtio_queue_publish(). */
void virtio_queue_complete(virtio *v, const struct virtio_chain *chain, uint32_t written);

/* Put the last `count` chains, which have been taken and completed, back. */
void virtio_queue_put_back(virtio *v, unsigned index, unsigned count);

/* Completed chains go to the used ring, and the driver is notified if it wants to be. May block. */
void virtio_queue_publish(virtio *v, unsigned index);

/* --- virtio_chain.c: data of a chain --- */

/* Copy from what the device reads, or to what it writes, from `offset` on: as much as there is, up
 * to `size`. False: an access failed, or the chain's queue was reset meanwhile. May block. */
bool virtio_chain_read(virtio *v, const struct virtio_chain *chain, uint32_t offset, void *data,
                       uint32_t size);
bool virtio_chain_write(virtio *v, const struct virtio_chain *chain, uint32_t offset,
                        const void *data, uint32_t size);

/* Whether the chain is still the device's. */
bool virtio_chain_lives(const virtio *v, const struct virtio_chain *chain);

#endif
