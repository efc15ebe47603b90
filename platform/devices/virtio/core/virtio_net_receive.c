/* SPDX-License-Identifier: Apache-2.0 */
/* Frames for the driver: they wait until it has buffers for them (5.1.6.3, 5.1.6.4). */
#include <stdlib.h>
#include <string.h>

#include "virtio_net_priv.h"

static struct net_frame *make_frame(const virtio *v, const void *bytes, uint32_t size)
{
    struct net_frame *frame = malloc(sizeof(*frame) + NET_HEADER_BYTES + size);

    if (!frame)
        return NULL;
    frame->next = NULL;
    frame->size = NET_HEADER_BYTES + size;
    memset(frame->bytes, 0, NET_HEADER_BYTES);
    frame->bytes[NET_FLAGS] = virtio_has(v, NET_GUEST_CSUM) ? NET_FLAG_DATA_VALID : 0;
    vp_store_le(frame->bytes + NET_NUM_BUFFERS, 1, 2);
    memcpy(frame->bytes + NET_HEADER_BYTES, bytes, size);
    return frame;
}

/* The pair that a frame goes by: that of its flow, if the driver uses it. */
static unsigned pair_of(const struct net *net, const uint8_t *frame, uint32_t size)
{
    unsigned pair = net->flow[virtio_net_flow(frame, size)];

    return pair < net->pairs ? pair : 0;
}

void virtio_net_receive(virtio *v, const void *frame, uint32_t size)
{
    struct net *net = v->state;
    struct net_frame *kept = NULL;

    if (virtio_works(v) && size && size <= VIRTIO_NET_MAX_FRAME &&
        net->waiting <= VIRTIO_NET_BACKLOG)
        kept = make_frame(v, frame, size);
    if (!kept) {
        net->counts.dropped++;
        return;
    }
    struct net_backlog *backlog = &net->backlog[pair_of(net, frame, size)];
    if (backlog->first)
        backlog->last->next = kept;
    else
        backlog->first = kept;
    backlog->last = kept;
    net->waiting += kept->size;
    virtio_kick(v);
}

uint32_t virtio_net_waiting(const virtio *v)
{
    return ((const struct net *)v->state)->waiting;
}

static struct net_frame *take_first(struct net_backlog *backlog)
{
    struct net_frame *frame = backlog->first;

    backlog->first = frame->next;
    return frame;
}

static void put_first(struct net_backlog *backlog, struct net_frame *frame)
{
    if (!backlog->first)
        backlog->last = frame;
    frame->next = backlog->first;
    backlog->first = frame;
}

static void forget(struct net *net, struct net_frame *frame)
{
    net->waiting -= frame->size;
    free(frame);
}

void virtio_net_forget_frames(struct net *net, unsigned first_pair)
{
    for (unsigned i = first_pair; i < VIRTIO_NET_MAX_PAIRS; i++)
        while (net->backlog[i].first)
            forget(net, take_first(&net->backlog[i]));
}

/* --- buffers --- */

/* Fills buffers that lie behind the first one with what of the frame is left from `done` on.
 * Returns how many it took; `*done` is the size of the frame then, unless there were too few. */
static unsigned fill_further(virtio *v, unsigned queue, const struct net_frame *frame,
                             uint32_t *done)
{
    struct virtio_chain *chain = &((struct net *)v->state)->further;
    unsigned count = 0;

    while (*done < frame->size && count + 1 < NET_QUEUE_SIZE &&
           virtio_queue_take(v, queue, chain)) {
        uint32_t left = frame->size - *done;
        uint32_t size = left < chain->writable ? left : chain->writable;

        virtio_chain_write(v, chain, 0, frame->bytes + *done, size);
        virtio_queue_complete(v, chain, size);
        *done += size;
        count++;
    }
    return count;
}

enum delivery {
    DELIVERED,
    UNFIT,    /* the driver has buffers, but none for a frame of this size */
    POSTPONED /* until the driver has more buffers, if there ever are any */
};

/* Writes a frame to the driver's buffers: to one, or with mergeable buffers to as many as it takes,
 * which the first one tells in the end. */
static enum delivery deliver(virtio *v, unsigned queue, const struct net_frame *frame)
{
    struct net *net = v->state;
    struct virtio_chain *first = &net->chain;
    bool mergeable = virtio_has(v, NET_MRG_RXBUF);

    if (!virtio_queue_take(v, queue, first))
        return POSTPONED;
    if (first->writable < NET_HEADER_BYTES) {
        virtio_break(v);
        return POSTPONED;
    }
    uint32_t done = frame->size < first->writable ? frame->size : first->writable;
    unsigned count = 1;
    virtio_chain_write(v, first, 0, frame->bytes, done);
    virtio_queue_complete(v, first, done);
    if (mergeable)
        count += fill_further(v, queue, frame, &done);
    if (!virtio_chain_lives(v, first) || !virtio_works(v))
        return POSTPONED;
    if (done < frame->size) {
        virtio_queue_put_back(v, queue, count);
        return mergeable && count < NET_QUEUE_SIZE ? POSTPONED : UNFIT;
    }
    if (count > 1) {
        uint8_t number[2];
        vp_store_le(number, count, sizeof(number));
        virtio_chain_write(v, first, NET_NUM_BUFFERS, number, sizeof(number));
    }
    return DELIVERED;
}

/* While a frame is on its way nobody else has it: a reset forgets those that wait. */
bool virtio_net_serve_receive(virtio *v, unsigned pair)
{
    struct net *net = v->state;
    struct net_backlog *backlog = &net->backlog[pair];
    const unsigned queue = 2 * pair;
    const unsigned life = v->queue[queue].life;
    unsigned done = 0;

    for (; done < NET_QUEUE_SIZE && backlog->first; done++) {
        struct net_frame *frame = take_first(backlog);
        enum delivery end = deliver(v, queue, frame);
        bool lives = v->queue[queue].life == life;

        if (lives && end == POSTPONED) {
            put_first(backlog, frame);
            break;
        }
        if (lives && end == DELIVERED) {
            net->counts.received++;
            net->counts.received_bytes += frame->size - NET_HEADER_BYTES;
        } else {
            net->counts.dropped++;
        }
        forget(net, frame);
        if (!lives)
            break;
    }
    virtio_queue_publish(v, queue);
    return done != 0;
}
