/* SPDX-License-Identifier: Apache-2.0 */
/* A block device (Virtual I/O Device Version 1.2, 5.2). */
#ifndef VIRTIO_BLK_H
#define VIRTIO_BLK_H

#include "disk/disk_medium.h"
#include "virtio/virtio.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VIRTIO_BLK_MAX_QUEUES   16u
#define VIRTIO_BLK_SERIAL_BYTES 20u
#define VIRTIO_BLK_SECTOR       512u /* bytes */
#define VIRTIO_BLK_DEVICE_BYTES 60u  /* of its own structure */

struct virtio_blk_config {
    uint64_t sectors; /* not 0 */
    unsigned queues;  /* 1 to VIRTIO_BLK_MAX_QUEUES */
    bool read_only;
    char serial[VIRTIO_BLK_SERIAL_BYTES + 1]; /* what it says when it is asked for its identifier */
};

struct virtio_blk_counts {
    uint64_t read_bytes;
    uint64_t written_bytes;
    uint64_t flushes;
    uint64_t failures; /* requests that did not end well */
};

/* Build a device in reset; the structures are copied. `medium` has sectors * 512 bytes at least,
 * and its functions may block. Returns NULL if there is no memory. The caller owns the result. */
virtio *virtio_blk_create(const struct virtio_blk_config *config, const struct disk_medium *medium,
                          const struct virtio_ops *ops);

struct virtio_blk_counts virtio_blk_counted(const virtio *v);

#ifdef __cplusplus
}
#endif

#endif
