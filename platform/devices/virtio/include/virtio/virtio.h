/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio device (Virtual I/O Device Version 1.2) with the registers of its PCI transport, as a C
 * library; docs/virtio.md says what of the specification it has. What kind of device it is follows
 * from the function that makes it. */
#ifndef VIRTIO_VIRTIO_H
#define VIRTIO_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Structures of the transport in the frame (4.1.4), each on a page of 4 KiB. */
#define VIRTIO_COMMON_OFFSET     0x0000u
#define VIRTIO_ISR_OFFSET        0x1000u
#define VIRTIO_DEVICE_OFFSET     0x2000u
#define VIRTIO_NOTIFY_OFFSET     0x3000u
#define VIRTIO_FRAME_SIZE        0x4000u
#define VIRTIO_COMMON_BYTES      0x40u
#define VIRTIO_NOTIFY_MULTIPLIER 4u /* bytes from one queue's doorbell to the next */

#define VIRTIO_MAX_QUEUE_SIZE 1024u /* entries; the limit that Linux has for virtio-blk */
#define VIRTIO_MAX_QUEUES     64u

typedef struct virtio virtio;

/* The world around a device. */
struct virtio_ops {
    void *user;
    /* The way to rings; stream 0, no SubstreamIDs. May block: register accesses and resets go on
     * meanwhile. */
    struct vp_bus bus;
    /* The way of what descriptors are about. */
    struct vp_data_bus data;
    /* Before each chain of descriptors, none of which takes time of its own: rings that feed
     * themselves could go on for ever. May block. Optional. */
    void (*step)(void *user);
    /* There is work: call virtio_run() soon, never from inside this call. During a run it means
     * that another one has to follow. */
    void (*kick)(void *user);
    /* Whether interrupts are messages (MSI-X is enabled). */
    bool (*messages)(const void *user);
    /* Send interrupt message `vector`, 0 to the number of queues. */
    void (*raise)(void *user, unsigned vector);
    /* Drive the interrupt pin; called on changes only. */
    void (*pin)(void *user, bool level);
};

/* NULL is fine; no run may be in progress. */
void virtio_destroy(virtio *v);

/* What it is to PCI (4.1.2), and how many interrupt vectors it can use: one for each queue, and one
 * for changes of its configuration. */
unsigned virtio_device_type(const virtio *v);
unsigned virtio_vectors(const virtio *v);

/* Bytes of the structure that is of its kind of device; 0: there is none. */
unsigned virtio_device_bytes(const virtio *v);

/* Reset by the bus. A run in progress ends after the access it waits for. */
void virtio_reset(virtio *v);

/* Messages were enabled or disabled. */
void virtio_messages_changed(virtio *v);

/* The structures of the transport; the device is the virtio. Accesses of 1, 2, 4 and 8 bytes. Only
 * the byte of the interrupt status has a side effect when it is read. */
extern const struct vp_frame virtio_frame;

/* Work until there is nothing to do. One run at a time. */
void virtio_run(virtio *v);

/* How often it has asked for a reset because of what was in its rings, or could not be read. */
uint64_t virtio_breakdowns(const virtio *v);

#ifdef __cplusplus
}
#endif

#endif
