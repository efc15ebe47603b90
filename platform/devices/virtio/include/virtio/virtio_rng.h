/* SPDX-License-Identifier: Apache-2.0 */
/* An entropy device (Virtual I/O Device Version 1.2, 5.4), whose numbers are a sequence that a seed
 * chooses. */
#ifndef VIRTIO_RNG_H
#define VIRTIO_RNG_H

#include "virtio/virtio.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Build a device in reset; `ops` is copied. A reset of the device does not begin the sequence anew.
 * Returns NULL if there is no memory. The caller owns the result. */
virtio *virtio_rng_create(uint64_t seed, const struct virtio_ops *ops);

/* Bytes written to buffers so far. */
uint64_t virtio_rng_bytes(const virtio *v);

#ifdef __cplusplus
}
#endif

#endif
