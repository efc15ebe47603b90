/* SPDX-License-Identifier: Apache-2.0 */
/* Data on their way between the device and the memory that a chain of descriptors names. */
#include "virtio_priv.h"

bool virtio_chain_lives(const virtio *v, const struct virtio_chain *chain)
{
    const struct virtio_queue *q = &v->queue[chain->queue];

    return q->enabled && q->life == chain->life;
}

/* The part of one segment that a copy touches; size 0: none. */
struct piece {
    uint64_t addr;
    uint32_t size;
};

/* The part of `segment` that lies within `size` bytes from `*offset` on, where the segment begins
 * at 0; moves `*offset` to the beginning of the next segment. */
static struct piece next_piece(const struct virtio_segment *segment, uint32_t *offset,
                               uint32_t size)
{
    if (*offset >= segment->size) {
        *offset -= segment->size;
        return (struct piece){0, 0};
    }
    uint32_t room = segment->size - *offset;
    struct piece piece = {segment->addr + *offset, size < room ? size : room};
    *offset = 0;
    return piece;
}

bool virtio_chain_read(virtio *v, const struct virtio_chain *chain, uint32_t offset, void *data,
                       uint32_t size)
{
    const struct vp_data_bus *ops = &v->ops.data;
    uint8_t *bytes = data;
    bool begun = true;

    for (unsigned i = 0; i < chain->inputs && size && begun; i++) {
        struct piece piece = next_piece(&chain->segment[i], &offset, size);
        if (!piece.size)
            continue;
        begun = ops->read(ops->user, piece.addr, bytes, piece.size) == VP_OK &&
                virtio_chain_lives(v, chain);
        bytes += piece.size;
        size -= piece.size;
    }
    enum vp_status end = ops->settle(ops->user);
    return begun && end == VP_OK && virtio_chain_lives(v, chain);
}

bool virtio_chain_write(virtio *v, const struct virtio_chain *chain, uint32_t offset,
                        const void *data, uint32_t size)
{
    const struct vp_data_bus *ops = &v->ops.data;
    const uint8_t *bytes = data;

    for (unsigned i = 0; i < chain->outputs && size; i++) {
        struct piece piece = next_piece(&chain->segment[chain->inputs + i], &offset, size);
        if (!piece.size)
            continue;
        if (ops->write(ops->user, piece.addr, bytes, piece.size) != VP_OK ||
            !virtio_chain_lives(v, chain))
            return false;
        bytes += piece.size;
        size -= piece.size;
    }
    return true;
}
