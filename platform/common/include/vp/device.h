/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of a device kernel: how C code is reached by registers, reaches memory, raises
 * wires. */
#ifndef VP_DEVICE_H
#define VP_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How an access ends. */
enum vp_status {
    VP_OK,
    VP_DECERR, /* nothing answers at this address */
    VP_SLVERR, /* the target refuses the access */
};

/* A register frame. `offset` is from the base of the frame, `size` 1, 2, 4 or 8 bytes; values are
 * zero-extended. A kernel answers VP_SLVERR to sizes and alignments it does not support. */
struct vp_frame {
    enum vp_status (*read)(void *dev, uint64_t offset, unsigned size, uint64_t *value);
    enum vp_status (*write)(void *dev, uint64_t offset, unsigned size, uint64_t value);
    /* Read with no side effect, for debuggers; NULL: read() has none. */
    enum vp_status (*peek)(const void *dev, uint64_t offset, unsigned size, uint64_t *value);
    /* The name of the register that has the byte at `offset`, for traces and messages; NULL if it
     * is reserved. */
    const char *(*name)(uint64_t offset);
};

/* A bus a device masters. Functions may block. `stream` is an index into the device's own list of
 * streams (its `iommus`), `ssid` a SubstreamID or VP_NO_SSID. */
#define VP_NO_SSID UINT32_MAX
struct vp_bus {
    void *user;
    enum vp_status (*read)(void *user, uint64_t addr, void *data, uint32_t size, unsigned stream,
                           uint32_t ssid);
    enum vp_status (*write)(void *user, uint64_t addr, const void *data, uint32_t size,
                            unsigned stream, uint32_t ssid);
};

/* Accesses of a device to data, which may be under way together. Each function may block, as those
 * of a bus. */
struct vp_data_bus {
    void *user;
    /* Sends a write; `data` may change afterwards. What is written by the device's vp_bus later
     * reaches memory after it. Fails if it could not be sent. */
    enum vp_status (*write)(void *user, uint64_t addr, const void *data, uint32_t size);
    /* Begins a read; `data` stays there until settle(). Fails if it could not be begun. */
    enum vp_status (*read)(void *user, uint64_t addr, void *data, uint32_t size);
    /* Waits for all reads that were begun; how the first of them that failed did. */
    enum vp_status (*settle)(void *user);
};

/* Outgoing wires, numbered by the device. */
struct vp_wires {
    void *user;
    void (*set)(void *user, unsigned line, bool level);
};

#ifdef __cplusplus
}
#endif

#endif
