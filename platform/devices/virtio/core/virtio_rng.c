/* SPDX-License-Identifier: Apache-2.0 */
/* The entropy device (5.4): one queue, whose buffers are filled with numbers. */
#include "virtio/virtio_rng.h"

#include <stdlib.h>

#include "virtio_priv.h"
#include "vp/splitmix.h"

#define TYPE_ENTROPY 4u
#define QUEUE_SIZE   64u
#define AT_ONCE      4096u /* bytes; a longer buffer is used in part */

struct rng {
    uint64_t state; /* of the sequence */
    uint64_t bytes;
    struct virtio_chain chain;
};

static uint32_t make_numbers(struct rng *rng, uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i += 8) {
        uint64_t number = vp_splitmix_next(&rng->state);
        vp_store_le(bytes + i, number, size - i < 8 ? size - i : 8);
    }
    return size;
}

/* Unlike other devices this one may use a part of a buffer (5.4.6.1). One that has no room for
 * anything is an error of the driver. */
static bool serve(virtio *v, unsigned queue)
{
    struct rng *rng = v->state;
    uint8_t bytes[AT_ONCE];
    unsigned done = 0;

    for (; done < QUEUE_SIZE && virtio_queue_take(v, queue, &rng->chain); done++) {
        uint32_t room = rng->chain.writable;

        if (room == 0) {
            virtio_break(v);
            return true;
        }
        uint32_t size = make_numbers(rng, bytes, room < AT_ONCE ? room : AT_ONCE);
        if (!virtio_chain_write(v, &rng->chain, 0, bytes, size))
            size = 0;
        rng->bytes += size;
        virtio_queue_complete(v, &rng->chain, size);
    }
    virtio_queue_publish(v, queue);
    return done != 0;
}

static void destroy(virtio *v)
{
    free(v->state);
}

static const struct virtio_kind kind = {
    .type = TYPE_ENTROPY, .queue_size = QUEUE_SIZE, .serve = serve, .destroy = destroy};

virtio *virtio_rng_create(uint64_t seed, const struct virtio_ops *ops)
{
    struct rng *rng = calloc(1, sizeof(*rng));
    virtio *v = rng ? virtio_make(&kind, rng, 0, 1, ops) : NULL;

    if (!v)
        free(rng);
    else
        rng->state = seed;
    return v;
}

uint64_t virtio_rng_bytes(const virtio *v)
{
    return ((const struct rng *)v->state)->bytes;
}
