/* SPDX-License-Identifier: Apache-2.0 */
/* The structures of the PCI transport (4.1.4), without the one for access by configuration space.
 */
#include <string.h>

#include "virtio_priv.h"
#include "vp/regpart.h"
#include "vp/regs.h"

#define LAST_DEVICE_BYTES 64u /* of the largest structure of a kind of device */

/* --- features, 32 bits at a time --- */

static uint64_t part(uint64_t features, uint32_t select)
{
    return select < 2 ? features >> (32 * select) & UINT32_MAX : 0;
}

static uint64_t get_offered(const void *dev)
{
    const virtio *v = dev;

    return part(v->offered, v->offered_select);
}

static uint64_t get_accepted(const void *dev)
{
    const virtio *v = dev;

    return part(v->accepted, v->accepted_select);
}

/* Once the device has taken them they stay. */
static void set_accepted(void *dev, uint64_t value)
{
    virtio *v = dev;
    unsigned shift = 32 * v->accepted_select;

    if (v->status & STATUS_FEATURES_OK)
        return;
    if (v->accepted_select < 2)
        v->accepted = (v->accepted & ~(UINT64_C(0xffffffff) << shift)) | value << shift;
    else if (value)
        v->accepted_beyond = true;
}

/* --- the device --- */

static void set_vector(uint32_t *vector, const virtio *v, uint64_t value)
{
    *vector = value < virtio_vectors(v) ? (uint32_t)value : NO_VECTOR;
}

static void set_config_vector(void *dev, uint64_t value)
{
    virtio *v = dev;

    set_vector(&v->config_vector, v, value);
}

static uint64_t get_queues(const void *dev)
{
    return ((const virtio *)dev)->queues;
}

static uint64_t get_status(const void *dev)
{
    const virtio *v = dev;

    return v->leaving ? v->leaving : v->status;
}

static void set_status(void *dev, uint64_t value)
{
    virtio_set_status(dev, (uint8_t)value);
}

/* --- the queue that is selected --- */

static const struct virtio_queue *selected(const void *dev)
{
    const virtio *v = dev;

    return v->queue_select < v->queues ? &v->queue[v->queue_select] : NULL;
}

/* NULL too while it is in use, or a reset of it goes on: its registers are not to be written. */
static struct virtio_queue *idle_queue(void *dev)
{
    virtio *v = dev;
    struct virtio_queue *q = v->queue_select < v->queues ? &v->queue[v->queue_select] : NULL;

    return q && !q->enabled && !q->leaving ? q : NULL;
}

static uint64_t get_size(const void *dev)
{
    const struct virtio_queue *q = selected(dev);

    return q ? q->size : 0;
}

/* Sizes of split queues are powers of two (2.7); others, and larger ones, are not taken. */
static void set_size(void *dev, uint64_t value)
{
    const virtio *v = dev;
    struct virtio_queue *q = idle_queue(dev);

    if (q && value && value <= v->kind->queue_size && !(value & (value - 1)))
        q->size = (uint16_t)value;
}

static uint64_t get_queue_vector(const void *dev)
{
    const struct virtio_queue *q = selected(dev);

    return q ? q->vector : NO_VECTOR;
}

static void set_queue_vector(void *dev, uint64_t value)
{
    virtio *v = dev;

    if (v->queue_select < v->queues)
        set_vector(&v->queue[v->queue_select].vector, v, value);
}

static uint64_t get_enabled(const void *dev)
{
    const struct virtio_queue *q = selected(dev);

    return q && q->enabled;
}

static void set_enabled(void *dev, uint64_t value)
{
    virtio *v = dev;

    if (value != 1 || !idle_queue(v))
        return;
    virtio_queue_enable(v, v->queue_select);
    virtio_kick(v);
}

static uint64_t get_doorbell(const void *dev)
{
    const virtio *v = dev;

    return selected(v) ? v->queue_select : 0;
}

static uint64_t get_desc(const void *dev)
{
    const struct virtio_queue *q = selected(dev);

    return q ? q->desc : 0;
}

static void set_desc(void *dev, uint64_t value)
{
    struct virtio_queue *q = idle_queue(dev);

    if (q)
        q->desc = value;
}

static uint64_t get_avail(const void *dev)
{
    const struct virtio_queue *q = selected(dev);

    return q ? q->avail : 0;
}

static void set_avail(void *dev, uint64_t value)
{
    struct virtio_queue *q = idle_queue(dev);

    if (q)
        q->avail = value;
}

static uint64_t get_used(const void *dev)
{
    const struct virtio_queue *q = selected(dev);

    return q ? q->used : 0;
}

static void set_used(void *dev, uint64_t value)
{
    struct virtio_queue *q = idle_queue(dev);

    if (q)
        q->used = value;
}

static uint64_t get_queue_reset(const void *dev)
{
    const struct virtio_queue *q = selected(dev);

    return q && q->leaving;
}

/* 2.6.1: only a queue that is in use can be reset, and only if the driver has accepted that. */
static void set_queue_reset(void *dev, uint64_t value)
{
    virtio *v = dev;
    const struct virtio_queue *q = selected(v);

    if (value == 1 && q && q->enabled && virtio_has(v, FEATURE_RING_RESET))
        virtio_queue_reset(v, v->queue_select);
}

#define MEMBER(name) VP_REG_MEMBER(struct virtio, name)

/* 4.1.4.3 */
static const struct vp_reg rows[] = {
    {"device_feature_select", 0x00, 4, MEMBER(offered_select), .writable = UINT32_MAX},
    {"device_feature", 0x04, 4, .get = get_offered},
    {"driver_feature_select", 0x08, 4, MEMBER(accepted_select), .writable = UINT32_MAX},
    {"driver_feature", 0x0c, 4, .get = get_accepted, .set = set_accepted},
    {"config_msix_vector", 0x10, 2, MEMBER(config_vector), .set = set_config_vector},
    {"num_queues", 0x12, 2, .get = get_queues},
    {"device_status", 0x14, 1, .get = get_status, .set = set_status},
    {"config_generation", 0x15, 1, .value = 0}, /* it never changes */
    {"queue_select", 0x16, 2, MEMBER(queue_select), .writable = UINT16_MAX},
    {"queue_size", 0x18, 2, .get = get_size, .set = set_size},
    {"queue_msix_vector", 0x1a, 2, .get = get_queue_vector, .set = set_queue_vector},
    {"queue_enable", 0x1c, 2, .get = get_enabled, .set = set_enabled},
    {"queue_notify_off", 0x1e, 2, .get = get_doorbell},
    {"queue_desc", 0x20, 8, .get = get_desc, .set = set_desc},
    {"queue_driver", 0x28, 8, .get = get_avail, .set = set_avail},
    {"queue_device", 0x30, 8, .get = get_used, .set = set_used},
    {"queue_notify_data", 0x38, 2, .value = 0}, /* of a feature that is not offered */
    {"queue_reset", 0x3a, 2, .get = get_queue_reset, .set = set_queue_reset},
};

static const struct vp_regs common = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = VIRTIO_ISR_OFFSET,
    .sizes = 1 | 2 | 4 | 8,
};

/* --- the other structures --- */

/* Reads of what is not there give 0, as those of reserved registers. */
static uint64_t read_device(const virtio *v, uint64_t offset, unsigned size)
{
    uint8_t bytes[LAST_DEVICE_BYTES + 8] = {0};

    if (offset >= v->kind->device_bytes)
        return 0;
    v->kind->get_device(v, bytes);
    return vp_load_le(bytes + offset, size);
}

/* 4.1.5.2: the value is the queue's number, which the place says too. */
static void ring_doorbell(virtio *v, uint64_t offset)
{
    uint64_t index = offset / VIRTIO_NOTIFY_MULTIPLIER;

    if (offset % VIRTIO_NOTIFY_MULTIPLIER || index >= v->queues)
        return;
    v->queue[index].notified = true;
    virtio_kick(v);
}

static enum vp_status frame_peek(const void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    const virtio *v = dev;

    *value = 0;
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (offset < VIRTIO_ISR_OFFSET)
        return vp_regs_peek(&common, dev, offset, size, value);
    if (offset == VIRTIO_ISR_OFFSET)
        *value = v->isr;
    else if (offset >= VIRTIO_DEVICE_OFFSET && offset < VIRTIO_NOTIFY_OFFSET)
        *value = read_device(v, offset - VIRTIO_DEVICE_OFFSET, size);
    return offset < VIRTIO_FRAME_SIZE ? VP_OK : VP_DECERR;
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    enum vp_status status = frame_peek(dev, offset, size, value);

    if (status == VP_OK && offset == VIRTIO_ISR_OFFSET)
        virtio_take_isr(dev);
    return status;
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (offset < VIRTIO_ISR_OFFSET)
        return vp_regs_write(&common, dev, offset, size, value);
    if (offset >= VIRTIO_NOTIFY_OFFSET && offset < VIRTIO_FRAME_SIZE)
        ring_doorbell(dev, offset - VIRTIO_NOTIFY_OFFSET);
    return offset < VIRTIO_FRAME_SIZE ? VP_OK : VP_DECERR;
}

static const char *frame_name(uint64_t offset)
{
    return offset < VIRTIO_ISR_OFFSET ? vp_regs_name(&common, offset) : NULL;
}

const struct vp_frame virtio_frame = {
    .read = frame_read, .write = frame_write, .peek = frame_peek, .name = frame_name};
