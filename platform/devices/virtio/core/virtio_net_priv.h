/* SPDX-License-Identifier: Apache-2.0 */
/* State of a network device, shared by the files that implement it. */
#ifndef VIRTIO_NET_PRIV_H
#define VIRTIO_NET_PRIV_H

#include "virtio/virtio_net.h"
#include "virtio_priv.h"

/* Features (5.1.3). */
#define NET_CSUM FEATURE(0) /* the device completes checksums */
#define NET_GUEST_CSUM                                                                             \
    FEATURE(1) /* the driver takes frames whose checksums are known to be right */
#define NET_MTU        FEATURE(3)
#define NET_MAC        FEATURE(5)
#define NET_GUEST_TSO4 FEATURE(7)  /* the driver takes TCP segments larger than the MTU */
#define NET_HOST_TSO4  FEATURE(11) /* the device does */
#define NET_MRG_RXBUF  FEATURE(15) /* a frame may fill several buffers */
#define NET_STATUS     FEATURE(16)
#define NET_CTRL_VQ    FEATURE(17)
#define NET_MQ         FEATURE(22)

/* The header before each frame (5.1.6). */
#define NET_HEADER_BYTES    12u
#define NET_FLAGS           0u
#define NET_GSO_TYPE        1u
#define NET_HDR_LEN         2u
#define NET_GSO_SIZE        4u
#define NET_CSUM_START      6u
#define NET_CSUM_OFFSET     8u
#define NET_NUM_BUFFERS     10u
#define NET_FLAG_NEEDS_CSUM 1u
#define NET_FLAG_DATA_VALID 2u
#define NET_GSO_TCPV4       1u

#define NET_QUEUE_SIZE 256u
#define NET_FLOWS      256u /* slots, a power of two */

/* A frame for the driver, with its header. */
struct net_frame {
    struct net_frame *next;
    uint32_t size; /* of the header too */
    uint32_t room;
    uint8_t *bytes;
};

struct net_backlog {
    struct net_frame *first;
    struct net_frame *last;
};

struct net {
    struct virtio_net_config config;
    struct virtio_net_ops network;
    struct virtio_net_counts counts;
    unsigned pairs; /* in use */
    /* The pair whose transmit queue a flow last came by (5.1.5.1.1: automatic receive steering). */
    uint8_t flow[NET_FLOWS];
    struct net_backlog backlog[VIRTIO_NET_MAX_PAIRS];
    uint32_t waiting; /* bytes, in all of them */
    uint8_t frame[NET_HEADER_BYTES + VIRTIO_NET_MAX_FRAME];
    struct virtio_chain chain;
    struct virtio_chain further; /* buffers of a frame behind the first */
};

/* virtio_net_frame.c: what there is in frames. Sizes are without the header of virtio. */

/* Add the sum of the bytes from `start` on to them, as the Internet checksum at `start` + `offset`.
 * False: that is not in the frame. */
bool virtio_net_finish_checksum(uint8_t *frame, uint32_t size, uint32_t start, uint32_t offset);

/* A number for the flow that a frame belongs to, the same both ways; 0 for what is no TCP or UDP.
 */
unsigned virtio_net_flow(const uint8_t *frame, uint32_t size);

/* A segment of TCP that carries data and nothing else. */
#define NET_TCP_START        34u /* behind the headers of Ethernet and IPv4 */
#define NET_TCP_CSUM         16u /* from there */
#define NET_TCP_HEADER_BYTES 54u

/* Whether `next` is such a segment, and goes on where the one in `frame` ends, so that both can be
 * one. */
bool virtio_net_continues(const uint8_t *frame, uint32_t size, const uint8_t *next,
                          uint32_t next_size);
/* Makes the headers of `frame` those of a segment of `size` bytes, to which the data of `next`
 * belong. Its checksum becomes that of the pseudo header. */
void virtio_net_lengthen(uint8_t *frame, uint32_t size, const uint8_t *next);

/* virtio_net_receive.c */
bool virtio_net_serve_receive(virtio *v, unsigned pair);
/* Forgets what waits for pairs from `first_pair` on. */
void virtio_net_forget_frames(struct net *net, unsigned first_pair);

/* virtio_net_control.c: a command (5.1.6.5). */
bool virtio_net_serve_control(virtio *v, unsigned queue);

#endif
