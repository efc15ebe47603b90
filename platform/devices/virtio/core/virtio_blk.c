/* SPDX-License-Identifier: Apache-2.0 */
/* The block device (5.2): one request after the other, queues taking turns. */
#include "virtio/virtio_blk.h"

#include <stdlib.h>
#include <string.h>

#include "virtio_priv.h"

#define TYPE_BLOCK 2u
#define QUEUE_SIZE 256u

/* Features (5.2.3). */
#define BLK_SEG_MAX      FEATURE(2)
#define BLK_RO           FEATURE(5)
#define BLK_FLUSH        FEATURE(9)
#define BLK_MQ           FEATURE(12)
#define BLK_DISCARD      FEATURE(13)
#define BLK_WRITE_ZEROES FEATURE(14)

/* Requests (5.2.6). */
#define HEADER_BYTES 16u
#define RANGE_BYTES  16u /* of a discard or of zeros to be written */
#define RANGES       16u /* of one request, at most */
#define RANGE_UNMAP  1u
#define AT_ONCE      131072u /* bytes between two accesses to the medium */

enum request_type {
    REQUEST_IN = 0,
    REQUEST_OUT = 1,
    REQUEST_FLUSH = 4,
    REQUEST_GET_ID = 8,
    REQUEST_DISCARD = 11,
    REQUEST_WRITE_ZEROES = 13,
};

enum request_status {
    REQUEST_OK = 0,
    REQUEST_IOERR = 1,
    REQUEST_UNSUPP = 2,
};

struct blk {
    struct virtio_blk_config config;
    struct disk_medium medium;
    struct virtio_blk_counts counts;
    struct virtio_chain chain;
    uint8_t data[AT_ONCE];
};

struct request {
    uint32_t type;
    uint64_t sector;
    uint32_t out;     /* bytes of data that are read from memory, behind the header */
    uint32_t in;      /* bytes of data that are written to memory, before the status */
    uint32_t written; /* of `in` */
};

/* --- data --- */

/* Whether `bytes` from `sector` on are whole sectors of the medium. */
static bool on_medium(const struct blk *blk, uint64_t sector, uint64_t bytes)
{
    return bytes % VIRTIO_BLK_SECTOR == 0 && sector <= blk->config.sectors &&
           bytes / VIRTIO_BLK_SECTOR <= blk->config.sectors - sector;
}

static uint32_t piece(uint32_t size, uint32_t done)
{
    return size - done < AT_ONCE ? size - done : AT_ONCE;
}

static enum request_status read_blocks(virtio *v, struct request *request)
{
    struct blk *blk = v->state;
    const struct disk_medium *medium = &blk->medium;

    if (!on_medium(blk, request->sector, request->in))
        return REQUEST_IOERR;
    while (request->written < request->in) {
        uint32_t done = request->written;
        uint32_t size = piece(request->in, done);
        uint64_t at = request->sector * VIRTIO_BLK_SECTOR + done;
        void *data = blk->data;

        if (medium->read(medium->user, at, &data, size) != DISK_OK ||
            !virtio_chain_lives(v, &blk->chain) ||
            !virtio_chain_write(v, &blk->chain, done, data, size))
            return REQUEST_IOERR;
        blk->counts.read_bytes += size;
        request->written += size;
    }
    return REQUEST_OK;
}

static enum request_status write_blocks(virtio *v, const struct request *request)
{
    struct blk *blk = v->state;
    const struct disk_medium *medium = &blk->medium;

    if (blk->config.read_only || !on_medium(blk, request->sector, request->out))
        return REQUEST_IOERR;
    for (uint32_t done = 0, size; done < request->out; done += size) {
        uint64_t at = request->sector * VIRTIO_BLK_SECTOR + done;

        size = piece(request->out, done);
        if (!virtio_chain_read(v, &blk->chain, HEADER_BYTES + done, blk->data, size) ||
            medium->write(medium->user, at, blk->data, size) != DISK_OK ||
            !virtio_chain_lives(v, &blk->chain))
            return REQUEST_IOERR;
        blk->counts.written_bytes += size;
    }
    return REQUEST_OK;
}

static enum request_status flush(struct blk *blk)
{
    blk->counts.flushes++;
    return blk->medium.flush(blk->medium.user) == DISK_OK ? REQUEST_OK : REQUEST_IOERR;
}

/* The name ends with a zero only if it is shorter than its room. */
static enum request_status get_id(virtio *v, struct request *request)
{
    struct blk *blk = v->state;
    uint32_t size = request->in < VIRTIO_BLK_SERIAL_BYTES ? request->in : VIRTIO_BLK_SERIAL_BYTES;

    if (!virtio_chain_write(v, &blk->chain, 0, blk->config.serial, size))
        return REQUEST_IOERR;
    request->written = size;
    return REQUEST_OK;
}

/* --- ranges that shall be zeros, or have any contents (5.2.6.2) --- */

static enum request_status check_range(const struct blk *blk, const uint8_t *raw, bool zeroes)
{
    uint64_t bytes = (uint64_t)VIRTIO_BLK_SECTOR * vp_load_le32(raw + 8);
    uint32_t flags = vp_load_le32(raw + 12);

    if (flags & ~(zeroes ? RANGE_UNMAP : 0))
        return REQUEST_UNSUPP;
    return on_medium(blk, vp_load_le64(raw), bytes) ? REQUEST_OK : REQUEST_IOERR;
}

static enum request_status zero_range(const struct blk *blk, const uint8_t *raw, bool zeroes)
{
    uint64_t bytes = (uint64_t)VIRTIO_BLK_SECTOR * vp_load_le32(raw + 8);
    bool deallocate = !zeroes || vp_load_le32(raw + 12) & RANGE_UNMAP;

    if (bytes == 0)
        return REQUEST_OK;
    return blk->medium.zero(blk->medium.user, vp_load_le64(raw) * VIRTIO_BLK_SECTOR, bytes,
                            deallocate) == DISK_OK
               ? REQUEST_OK
               : REQUEST_IOERR;
}

/* All ranges are looked at before any is changed. */
static enum request_status zero_blocks(virtio *v, const struct request *request, bool zeroes)
{
    struct blk *blk = v->state;
    enum request_status status = REQUEST_OK;
    uint8_t raw[RANGES * RANGE_BYTES];

    if (blk->config.read_only || request->out == 0 || request->out % RANGE_BYTES ||
        request->out > sizeof(raw) ||
        !virtio_chain_read(v, &blk->chain, HEADER_BYTES, raw, request->out))
        return REQUEST_IOERR;
    for (uint32_t at = 0; at < request->out && status == REQUEST_OK; at += RANGE_BYTES)
        status = check_range(blk, raw + at, zeroes);
    for (uint32_t at = 0; at < request->out && status == REQUEST_OK; at += RANGE_BYTES)
        status = zero_range(blk, raw + at, zeroes);
    return status;
}

/* --- requests --- */

static enum request_status execute(virtio *v, struct request *request)
{
    switch (request->type) {
    case REQUEST_IN:
        return read_blocks(v, request);
    case REQUEST_OUT:
        return write_blocks(v, request);
    case REQUEST_FLUSH:
        return flush(v->state);
    case REQUEST_GET_ID:
        return get_id(v, request);
    case REQUEST_DISCARD:
        return zero_blocks(v, request, false);
    case REQUEST_WRITE_ZEROES:
        return zero_blocks(v, request, true);
    default:
        return REQUEST_UNSUPP;
    }
}

/* The status is the last byte that the device writes. False: the chain is gone. */
static bool handle(virtio *v)
{
    struct blk *blk = v->state;
    const struct virtio_chain *chain = &blk->chain;
    struct request request = {.out = chain->readable - HEADER_BYTES, .in = chain->writable - 1};
    uint8_t raw[HEADER_BYTES];
    enum request_status status = REQUEST_IOERR;

    if (virtio_chain_read(v, chain, 0, raw, sizeof(raw))) {
        request.type = vp_load_le32(raw);
        request.sector = vp_load_le64(raw + 8);
        status = execute(v, &request);
    }
    if (!virtio_chain_lives(v, chain))
        return false;
    uint8_t byte = (uint8_t)status;
    blk->counts.failures += status != REQUEST_OK;
    virtio_chain_write(v, chain, request.in, &byte, 1);
    /* What is before the status may not have been written: the driver is told of the beginning. */
    virtio_queue_complete(v, chain,
                          request.written == request.in ? request.in + 1 : request.written);
    return true;
}

static bool serve(virtio *v, unsigned queue)
{
    struct blk *blk = v->state;
    unsigned done = 0;

    for (; done < QUEUE_SIZE && virtio_queue_take(v, queue, &blk->chain); done++) {
        if (blk->chain.readable < HEADER_BYTES || blk->chain.writable < 1) {
            virtio_break(v);
            break;
        }
        if (!handle(v))
            break;
    }
    virtio_queue_publish(v, queue);
    return done != 0;
}

/* --- life --- */

/* 5.2.4. Without SIZE_MAX, GEOMETRY, BLK_SIZE, TOPOLOGY and CONFIG_WCE their fields are 0. */
static void get_device(const virtio *v, uint8_t *bytes)
{
    const struct blk *blk = v->state;

    vp_store_le(bytes, blk->config.sectors, 8);
    vp_store_le(bytes + 12, QUEUE_SIZE - 2, 4); /* segments, beside the header and the status */
    vp_store_le(bytes + 34, blk->config.queues, 2);
    vp_store_le(bytes + 36, UINT32_MAX / VIRTIO_BLK_SECTOR, 4); /* sectors of a discard */
    vp_store_le(bytes + 40, RANGES, 4);
    vp_store_le(bytes + 44, 1, 4);                              /* alignment */
    vp_store_le(bytes + 48, UINT32_MAX / VIRTIO_BLK_SECTOR, 4); /* of zeros */
    vp_store_le(bytes + 52, RANGES, 4);
    bytes[56] = 1; /* zeros may be holes */
}

static void destroy(virtio *v)
{
    free(v->state);
}

static const struct virtio_kind kind = {.type = TYPE_BLOCK,
                                        .device_bytes = VIRTIO_BLK_DEVICE_BYTES,
                                        .queue_size = QUEUE_SIZE,
                                        .get_device = get_device,
                                        .serve = serve,
                                        .destroy = destroy};

virtio *virtio_blk_create(const struct virtio_blk_config *config, const struct disk_medium *medium,
                          const struct virtio_ops *ops)
{
    const uint64_t features = BLK_SEG_MAX | BLK_FLUSH |
                              (config->read_only ? BLK_RO : BLK_DISCARD | BLK_WRITE_ZEROES) |
                              (config->queues > 1 ? BLK_MQ : 0);
    struct blk *blk = calloc(1, sizeof(*blk));
    virtio *v = NULL;

    if (blk) {
        blk->config = *config;
        blk->medium = *medium;
        v = virtio_make(&kind, blk, features, config->queues, ops);
    }
    if (!v)
        free(blk);
    return v;
}

struct virtio_blk_counts virtio_blk_counted(const virtio *v)
{
    return ((const struct blk *)v->state)->counts;
}
