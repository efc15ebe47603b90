/* SPDX-License-Identifier: Apache-2.0 */
/* Split virtqueues (2.7). What is in memory is the driver's, and may be anything: each word is read
 * once and checked before it is used. */
#include <string.h>

#include "virtio_priv.h"

#define DESC_BYTES    16u
#define DESC_NEXT     1u
#define DESC_WRITE    2u
#define DESC_INDIRECT 4u

#define AVAIL_IDX    2u
#define AVAIL_RING   4u
#define AVAIL_SILENT 1u /* VIRTQ_AVAIL_F_NO_INTERRUPT */
#define USED_IDX     2u
#define USED_RING    4u
#define USED_BYTES   8u

#define USED_AT_ONCE 32u /* entries that one access writes */
#define DESC_AT_ONCE 16u /* descriptors that one access reads */

/* --- life --- */

void virtio_queue_reset(virtio *v, unsigned index)
{
    struct virtio_queue *q = &v->queue[index];

    q->size = v->kind->queue_size;
    q->vector = NO_VECTOR;
    q->desc = 0;
    q->avail = 0;
    q->used = 0;
    q->enabled = false;
    q->leaving = v->running;
    q->life++;
    q->pending = 0;
}

/* Whether `size` bytes at `addr` are aligned as they have to be, and do not wrap around. */
static bool area_is_good(uint64_t addr, uint64_t size, uint64_t alignment)
{
    return addr % alignment == 0 && addr <= UINT64_MAX - (size - 1);
}

void virtio_queue_enable(virtio *v, unsigned index)
{
    struct virtio_queue *q = &v->queue[index];
    uint64_t size = q->size;

    if (!area_is_good(q->desc, DESC_BYTES * size, 16) ||
        !area_is_good(q->avail, AVAIL_RING + 2 * size + 2, 2) ||
        !area_is_good(q->used, USED_RING + USED_BYTES * size + 2, 4)) {
        virtio_break(v);
        return;
    }
    q->enabled = true;
    q->notified = true;
    q->next = 0;
    q->seen = 0;
    q->published = 0;
    q->told = false;
    q->pending = 0;
}

/* --- accesses --- */

/* Rings that cannot be reached are broken ones. False too if the queue was reset meanwhile. */
static bool ring_read(virtio *v, struct virtio_queue *q, uint64_t addr, void *data, uint32_t size)
{
    unsigned life = q->life;
    enum vp_status status = v->ops.bus.read(v->ops.bus.user, addr, data, size, 0, VP_NO_SSID);

    if (q->life != life)
        return false;
    if (status != VP_OK)
        virtio_break(v);
    return virtio_works(v);
}

static bool ring_read16(virtio *v, struct virtio_queue *q, uint64_t addr, uint16_t *value)
{
    uint8_t bytes[2];

    if (!ring_read(v, q, addr, bytes, sizeof(bytes)))
        return false;
    *value = vp_load_le16(bytes);
    return true;
}

static bool ring_write(virtio *v, struct virtio_queue *q, uint64_t addr, const void *data,
                       uint32_t size)
{
    unsigned life = q->life;
    enum vp_status status = v->ops.bus.write(v->ops.bus.user, addr, data, size, 0, VP_NO_SSID);

    if (q->life != life)
        return false;
    if (status != VP_OK)
        virtio_break(v);
    return virtio_works(v);
}

static bool ring_write16(virtio *v, struct virtio_queue *q, uint64_t addr, uint16_t value)
{
    uint8_t bytes[2];

    vp_store_le(bytes, value, sizeof(bytes));
    return ring_write(v, q, addr, bytes, sizeof(bytes));
}

/* --- the available ring (2.7.6) --- */

/* False: the device is broken or reset. */
static bool read_index(virtio *v, struct virtio_queue *q)
{
    uint16_t index;

    if (!ring_read16(v, q, q->avail + AVAIL_IDX, &index))
        return false;
    if ((uint16_t)(index - q->next) > q->size) {
        virtio_break(v);
        return false;
    }
    q->seen = index;
    return true;
}

/* Tell the driver to notify of the next entry (2.7.10). An entry that came before it knew is found
 * by looking once more. */
static bool ask_for_notification(virtio *v, struct virtio_queue *q)
{
    if (!virtio_has(v, FEATURE_EVENT_IDX) || (q->told && q->told_at == q->next))
        return true;
    q->told = true;
    q->told_at = q->next;
    return ring_write16(v, q, q->used + USED_RING + (uint64_t)USED_BYTES * q->size, q->next) &&
           read_index(v, q);
}

/* Whether there is an entry that has not been looked at. */
static bool has_entry(virtio *v, struct virtio_queue *q)
{
    if (q->seen != q->next)
        return true;
    if (!q->notified)
        return false;
    q->notified = false; /* what comes from now on notifies again */
    if (!read_index(v, q))
        return false;
    if (q->seen == q->next && !ask_for_notification(v, q))
        return false;
    if (q->seen == q->next)
        return false;
    q->notified = true;
    return true;
}

/* --- chains of descriptors (2.7.5) --- */

/* Descriptors of a table, as many as one access has brought. */
struct window {
    uint64_t table;
    unsigned entries; /* of the table */
    bool indirect;    /* it is not the queue's own */
    unsigned first;
    unsigned count;
    uint8_t bytes[DESC_AT_ONCE * DESC_BYTES];
};

static const uint8_t *descriptor(virtio *v, struct virtio_queue *q, struct window *w,
                                 unsigned index)
{
    if (index - w->first >= w->count) {
        unsigned left = w->entries - index;

        w->first = index;
        w->count = left < DESC_AT_ONCE ? left : DESC_AT_ONCE;
        if (!ring_read(v, q, w->table + (uint64_t)DESC_BYTES * index, w->bytes,
                       w->count * DESC_BYTES))
            return NULL;
    }
    return w->bytes + (size_t)DESC_BYTES * (index - w->first);
}

/* A table that a descriptor leads to takes the place of the queue's (2.7.5.3). */
static bool enter_table(virtio *v, const struct virtio_queue *q, struct window *w, uint64_t addr,
                        uint32_t size, unsigned flags)
{
    if (!virtio_has(v, FEATURE_INDIRECT) || w->indirect || flags & DESC_NEXT || size == 0 ||
        size % DESC_BYTES != 0 || size / DESC_BYTES > q->size || addr > UINT64_MAX - (size - 1))
        return false;
    *w = (struct window){.table = addr, .entries = size / DESC_BYTES, .indirect = true};
    return true;
}

/* Whether the memory of a descriptor is a good continuation of the chain. */
static bool add_segment(struct virtio_chain *chain, uint64_t addr, uint32_t size, bool write)
{
    uint32_t *sum = write ? &chain->writable : &chain->readable;

    if ((!write && chain->outputs) || size > UINT32_MAX - chain->readable - chain->writable)
        return false;
    if (size == 0)
        return true;
    if (addr > UINT64_MAX - (size - 1))
        return false;
    chain->segment[chain->inputs + chain->outputs] = (struct virtio_segment){addr, size};
    *sum += size;
    (*(write ? &chain->outputs : &chain->inputs))++;
    return true;
}

/* Follows the chain from descriptor `index` on. No chain has more descriptors than its queue has:
 * one that goes round in circles does. */
static bool follow(virtio *v, struct virtio_queue *q, struct virtio_chain *chain, unsigned index)
{
    struct window w = {.table = q->desc, .entries = q->size};

    for (unsigned count = 0; index < w.entries && count < q->size;) {
        const uint8_t *raw = descriptor(v, q, &w, index);
        if (!raw)
            return false;
        uint64_t addr = vp_load_le64(raw);
        uint32_t size = vp_load_le32(raw + 8);
        unsigned flags = vp_load_le16(raw + 12);

        index = vp_load_le16(raw + 14);
        if (flags & DESC_INDIRECT) {
            if (!enter_table(v, q, &w, addr, size, flags))
                break;
            index = 0;
            continue;
        }
        if (!add_segment(chain, addr, size, flags & DESC_WRITE))
            break;
        if (!(flags & DESC_NEXT))
            return true;
        count++;
    }
    virtio_break(v);
    return false;
}

bool virtio_queue_take(virtio *v, unsigned index, struct virtio_chain *chain)
{
    struct virtio_queue *q = &v->queue[index];
    uint16_t head;

    if (v->ops.step)
        v->ops.step(v->ops.user);
    if (!virtio_works(v) || !q->enabled || !has_entry(v, q))
        return false;
    if (!ring_read16(v, q, q->avail + AVAIL_RING + 2 * (uint64_t)(q->next % q->size), &head))
        return false;
    chain->queue = index;
    chain->life = q->life;
    chain->head = head;
    chain->readable = 0;
    chain->writable = 0;
    chain->inputs = 0;
    chain->outputs = 0;
    if (!follow(v, q, chain, head))
        return false;
    q->next++;
    return true;
}

/* --- the used ring (2.7.8) --- */

void virtio_queue_complete(virtio *v, const struct virtio_chain *chain, uint32_t written)
{
    struct virtio_queue *q = &v->queue[chain->queue];

    if (virtio_chain_lives(v, chain))
        q->fresh[q->pending++] = (struct virtio_used){chain->head, written};
}

void virtio_queue_put_back(virtio *v, unsigned index, unsigned count)
{
    struct virtio_queue *q = &v->queue[index];

    q->next = (uint16_t)(q->next - count);
    q->pending -= count;
}

/* Writes `count` entries of `fresh` from `first` on, which lie together in the ring. */
static bool write_used(virtio *v, struct virtio_queue *q, unsigned first, unsigned count)
{
    unsigned slot = (uint16_t)(q->published + first) % q->size;
    uint8_t bytes[USED_AT_ONCE * USED_BYTES];

    for (unsigned i = 0; i < count; i++) {
        vp_store_le(bytes + (size_t)USED_BYTES * i, q->fresh[first + i].head, 4);
        vp_store_le(bytes + (size_t)USED_BYTES * i + 4, q->fresh[first + i].written, 4);
    }
    return ring_write(v, q, q->used + USED_RING + (uint64_t)USED_BYTES * slot, bytes,
                      count * USED_BYTES);
}

/* Whether the driver wants to know that the used ring has gone from `before` to where it is (2.7.7,
 * 2.7.10). */
static bool wants_interrupt(virtio *v, struct virtio_queue *q, uint16_t before, bool *wants)
{
    uint16_t word;

    if (!virtio_has(v, FEATURE_EVENT_IDX)) {
        if (!ring_read16(v, q, q->avail, &word))
            return false;
        *wants = !(word & AVAIL_SILENT);
        return true;
    }
    if (!ring_read16(v, q, q->avail + AVAIL_RING + 2 * (uint64_t)q->size, &word))
        return false;
    *wants = (uint16_t)(q->published - word - 1) < (uint16_t)(q->published - before);
    return true;
}

void virtio_queue_publish(virtio *v, unsigned index)
{
    struct virtio_queue *q = &v->queue[index];
    uint16_t before = q->published;
    bool wants;

    if (q->pending == 0 || !virtio_works(v))
        return;
    for (unsigned first = 0, count; first < q->pending; first += count) {
        unsigned room = q->size - (uint16_t)(before + first) % q->size;

        count = q->pending - first;
        count = count < room ? count : room;
        count = count < USED_AT_ONCE ? count : USED_AT_ONCE;
        if (!write_used(v, q, first, count))
            return;
    }
    q->published = (uint16_t)(before + q->pending);
    q->pending = 0;
    if (ring_write16(v, q, q->used + USED_IDX, q->published) &&
        wants_interrupt(v, q, before, &wants) && wants)
        virtio_interrupt(v, ISR_QUEUE, q->vector);
}
