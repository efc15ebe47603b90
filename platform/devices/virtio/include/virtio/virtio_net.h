/* SPDX-License-Identifier: Apache-2.0 */
/* A network device (Virtual I/O Device Version 1.2, 5.1). */
#ifndef VIRTIO_NET_H
#define VIRTIO_NET_H

#include "virtio/virtio.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VIRTIO_NET_MAX_PAIRS    8u
#define VIRTIO_NET_MAC_BYTES    6u
#define VIRTIO_NET_DEVICE_BYTES 12u      /* of its own structure */
#define VIRTIO_NET_MAX_FRAME    65550u   /* bytes: an Ethernet header and the largest IP packet */
#define VIRTIO_NET_BACKLOG      1048576u /* bytes of frames that may wait for buffers */

struct virtio_net_config {
    uint8_t mac[VIRTIO_NET_MAC_BYTES];
    uint16_t mtu;   /* bytes of a packet, 68 to 65535 */
    unsigned pairs; /* of queues, 1 to VIRTIO_NET_MAX_PAIRS */
};

/* Where frames of the driver go. */
struct virtio_net_ops {
    void *user;
    /* May call virtio_net_receive(). */
    void (*transmit)(void *user, const uint8_t *frame, uint32_t size);
};

struct virtio_net_counts {
    uint64_t transmitted; /* frames of the driver */
    uint64_t transmitted_bytes;
    uint64_t received; /* frames that are in the driver's buffers */
    uint64_t received_bytes;
    uint64_t dropped; /* frames, either way */
};

/* The queues of a device: pairs of receive and transmit queues, and that of commands. */
static inline unsigned virtio_net_queues(unsigned pairs)
{
    return 2 * pairs + 1;
}

/* Build a device in reset; the structures are copied. Returns NULL if there is no memory. The
 * caller owns the result. */
virtio *virtio_net_create(const struct virtio_net_config *config,
                          const struct virtio_net_ops *network, const struct virtio_ops *ops);

/* A frame for the driver, of 1 to VIRTIO_NET_MAX_FRAME bytes; it is copied. Dropped while the
 * driver does not work, or if more than VIRTIO_NET_BACKLOG bytes wait already. */
void virtio_net_receive(virtio *v, const void *frame, uint32_t size);

/* Bytes of frames that wait for buffers of the driver. */
uint32_t virtio_net_waiting(const virtio *v);

struct virtio_net_counts virtio_net_counted(const virtio *v);

#ifdef __cplusplus
}
#endif

#endif
