/* SPDX-License-Identifier: Apache-2.0 */
/* Frames for the driver: they wait until it has buffers for them (5.1.6.3, 5.1.6.4). */
#include <stdlib.h>
#include <string.h>

#include "virtio_net_priv.h"

static struct net_frame *make_frame(const virtio *v, const void *bytes, uint32_t size)
{
    struct net_frame *frame = calloc(1, sizeof(*frame));

    if (!frame)
        return NULL;
    frame->size = NET_HEADER_BYTES + size;
    frame->room = frame->size;
    frame->bytes = malloc(frame->room);
    if (!frame->bytes) {
        free(frame);
        return NULL;
    }
    memset(frame->bytes, 0, NET_HEADER_BYTES);
    frame->bytes[NET_FLAGS] = virtio_has(v, NET_GUEST_CSUM) ? NET_FLAG_DATA_VALID : 0;
    vp_store_le(frame->bytes + NET_NUM_BUFFERS, 1, 2);
    memcpy(frame->bytes + NET_HEADER_BYTES, bytes, size);
    return frame;
}

static bool make_room(struct net_frame *frame, uint32_t size)
{
    if (size <= frame->room)
        return true;
    uint8_t *bytes = realloc(frame->bytes, 2 * (size_t)size);
    if (!bytes)
        return false;
    frame->bytes = bytes;
    frame->room = 2 * size;
    return true;
}

/* Adds the data of a segment of TCP to a frame that waits and that it continues (5.1.6.4, large
 * receive offload). All segments of a frame but the last have the same size. */
static bool join(struct net_frame *frame, const uint8_t *next, uint32_t next_size)
{
    uint32_t size = frame->size - NET_HEADER_BYTES;

    if (!virtio_net_continues(frame->bytes + NET_HEADER_BYTES, size, next, next_size))
        return false;
    uint32_t data = size - NET_TCP_HEADER_BYTES;
    uint32_t more = next_size - NET_TCP_HEADER_BYTES;
    uint32_t segment = vp_load_le16(frame->bytes + NET_GSO_SIZE);
    if (segment == 0)
        segment = data;
    if (data % segment != 0 || more > segment || !make_room(frame, frame->size + more))
        return false;
    uint8_t *header = frame->bytes;
    header[NET_FLAGS] = NET_FLAG_NEEDS_CSUM;
    header[NET_GSO_TYPE] = NET_GSO_TCPV4;
    vp_store_le(header + NET_HDR_LEN, NET_TCP_HEADER_BYTES, 2);
    vp_store_le(header + NET_GSO_SIZE, segment, 2);
    vp_store_le(header + NET_CSUM_START, NET_TCP_START, 2);
    vp_store_le(header + NET_CSUM_OFFSET, NET_TCP_CSUM, 2);
    memcpy(header + frame->size, next + NET_TCP_HEADER_BYTES, more);
    frame->size += more;
    virtio_net_lengthen(header + NET_HEADER_BYTES, size + more, next);
    return true;
}

/* The pair that a frame goes by: that of its flow, if the driver uses it. */
static unsigned pair_of(const struct net *net, const uint8_t *frame, uint32_t size)
{
    unsigned pair = net->flow[virtio_net_flow(frame, size)];

    return pair < net->pairs ? pair : 0;
}

/* Puts a frame behind those that wait. */
static bool keep(virtio *v, const uint8_t *bytes, uint32_t size)
{
    struct net *net = v->state;
    struct net_backlog *backlog = &net->backlog[pair_of(net, bytes, size)];

    if (virtio_has(v, NET_GUEST_TSO4) && backlog->first && join(backlog->last, bytes, size)) {
        net->waiting += size - NET_TCP_HEADER_BYTES;
        return true;
    }
    struct net_frame *frame = make_frame(v, bytes, size);
    if (!frame)
        return false;
    if (backlog->first)
        backlog->last->next = frame;
    else
        backlog->first = frame;
    backlog->last = frame;
    net->waiting += frame->size;
    return true;
}

void virtio_net_receive(virtio *v, const void *frame, uint32_t size)
{
    struct net *net = v->state;

    if (virtio_works(v) && size && size <= VIRTIO_NET_MAX_FRAME &&
        net->waiting <= VIRTIO_NET_BACKLOG && keep(v, frame, size))
        virtio_kick(v);
    else
        net->counts.dropped++;
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
    free(frame->bytes);
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
