/* SPDX-License-Identifier: Apache-2.0 */
/* The store of a controller's blocks, as it sees it. */
#ifndef NVME_MEDIUM_H
#define NVME_MEDIUM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nvme_medium_status {
    NVME_MEDIUM_OK,
    NVME_MEDIUM_FAILED,
    NVME_MEDIUM_FULL, /* no room for what is to be written, though it is within the namespace */
};

/* Offsets and sizes are in bytes, whole blocks within the namespace, sizes not 0. All may block. */
struct nvme_medium {
    void *user;
    enum nvme_medium_status (*read)(void *user, uint64_t offset, void *data, uint32_t size);
    enum nvme_medium_status (*write)(void *user, uint64_t offset, const void *data, uint32_t size);
    /* Make a range read as zeros; with `deallocate` it need not take room any more. */
    enum nvme_medium_status (*zero)(void *user, uint64_t offset, uint64_t size, bool deallocate);
    /* Earlier writes must be safe from a loss of power when this returns. */
    enum nvme_medium_status (*flush)(void *user);
};

#ifdef __cplusplus
}
#endif

#endif
