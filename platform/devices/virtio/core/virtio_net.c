/* SPDX-License-Identifier: Apache-2.0 */
/* The network device (5.1): its queues, and the frames of the driver. */
#include "virtio/virtio_net.h"

#include <stdlib.h>
#include <string.h>

#include "virtio_net_priv.h"

#define TYPE_NETWORK   1u
#define STATUS_LINK_UP 1u

/* --- frames of the driver (5.1.6.2) --- */

/* Completes the checksum that the driver has left to the device. A frame of several segments (TSO)
 * is sent as the one that it is: who gets it takes TCP apart. False: the header makes no sense. */
static bool prepare(const virtio *v, uint8_t *frame, uint32_t size, const uint8_t *header)
{
    if (!(header[NET_FLAGS] & NET_FLAG_NEEDS_CSUM))
        return true;
    return virtio_has(v, NET_CSUM) &&
           virtio_net_finish_checksum(frame, size, vp_load_le16(header + NET_CSUM_START),
                                      vp_load_le16(header + NET_CSUM_OFFSET));
}

static void transmit(virtio *v, unsigned pair, uint32_t size)
{
    struct net *net = v->state;
    uint8_t *frame = net->frame + NET_HEADER_BYTES;

    if (!prepare(v, frame, size, net->frame)) {
        net->counts.dropped++;
        return;
    }
    net->flow[virtio_net_flow(frame, size)] = (uint8_t)pair;
    net->counts.transmitted++;
    net->counts.transmitted_bytes += size;
    net->network.transmit(net->network.user, frame, size);
}

static bool serve_transmit(virtio *v, unsigned pair)
{
    struct net *net = v->state;
    struct virtio_chain *chain = &net->chain;
    const unsigned queue = 2 * pair + 1;
    unsigned done = 0;

    for (; done < NET_QUEUE_SIZE && virtio_queue_take(v, queue, chain); done++) {
        uint32_t size = chain->readable;

        if (size < NET_HEADER_BYTES) {
            virtio_break(v);
            break;
        }
        bool whole = size > NET_HEADER_BYTES && size <= sizeof(net->frame) &&
                     virtio_chain_read(v, chain, 0, net->frame, size);
        if (!virtio_chain_lives(v, chain))
            break;
        if (whole)
            transmit(v, pair, size - NET_HEADER_BYTES);
        else
            net->counts.dropped++;
        virtio_queue_complete(v, chain, 0);
    }
    virtio_queue_publish(v, queue);
    return done != 0;
}

/* Without NET_MQ the queue of commands comes behind the first pair (5.1.2). */
static bool serve(virtio *v, unsigned queue)
{
    const struct net *net = v->state;
    unsigned control = virtio_has(v, NET_MQ) ? 2 * net->config.pairs : 2;

    if (queue == control)
        return virtio_has(v, NET_CTRL_VQ) && virtio_net_serve_control(v, queue);
    if (queue > control)
        return false;
    return queue % 2 ? serve_transmit(v, queue / 2) : virtio_net_serve_receive(v, queue / 2);
}

/* --- life --- */

/* 5.1.4; the link is always up. */
static void get_device(const virtio *v, uint8_t *bytes)
{
    const struct net *net = v->state;

    memcpy(bytes, net->config.mac, sizeof(net->config.mac));
    vp_store_le(bytes + 6, STATUS_LINK_UP, 2);
    vp_store_le(bytes + 8, net->config.pairs, 2);
    vp_store_le(bytes + 10, net->config.mtu, 2);
}

static void reset(virtio *v)
{
    struct net *net = v->state;

    net->pairs = 1;
    memset(net->flow, 0, sizeof(net->flow));
    virtio_net_forget_frames(net, 0);
}

static void destroy(virtio *v)
{
    virtio_net_forget_frames(v->state, 0);
    free(v->state);
}

/* 5.1.3.1 */
static const struct virtio_dependency needs[] = {
    {NET_GUEST_TSO4, NET_GUEST_CSUM},
    {NET_HOST_TSO4, NET_CSUM},
    {NET_MQ, NET_CTRL_VQ},
    {0, 0},
};

static const struct virtio_kind kind = {.type = TYPE_NETWORK,
                                        .needs = needs,
                                        .device_bytes = VIRTIO_NET_DEVICE_BYTES,
                                        .queue_size = NET_QUEUE_SIZE,
                                        .get_device = get_device,
                                        .reset = reset,
                                        .serve = serve,
                                        .destroy = destroy};

virtio *virtio_net_create(const struct virtio_net_config *config,
                          const struct virtio_net_ops *network, const struct virtio_ops *ops)
{
    const uint64_t features = NET_CSUM | NET_GUEST_CSUM | NET_MTU | NET_MAC | NET_GUEST_TSO4 |
                              NET_HOST_TSO4 | NET_MRG_RXBUF | NET_STATUS | NET_CTRL_VQ |
                              (config->pairs > 1 ? NET_MQ : 0);
    struct net *net = calloc(1, sizeof(*net));
    virtio *v = NULL;

    if (net) {
        net->config = *config;
        net->network = *network;
        v = virtio_make(&kind, net, features, virtio_net_queues(config->pairs), ops);
    }
    if (!v)
        free(net);
    return v;
}

struct virtio_net_counts virtio_net_counted(const virtio *v)
{
    return ((const struct net *)v->state)->counts;
}
