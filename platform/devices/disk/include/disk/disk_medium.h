/* SPDX-License-Identifier: Apache-2.0 */
/* The store of a controller's blocks, as it sees it. */
#ifndef DISK_MEDIUM_H
#define DISK_MEDIUM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum disk_status {
    DISK_OK,
    DISK_FAILED,
    DISK_FULL, /* no room for what is to be written, though it is within the namespace */
};

/* Offsets and sizes are in bytes, whole blocks within the namespace, sizes not 0. All may block. */
struct disk_medium {
    void *user;
    /* The data are in the room that `*data` points to, or it points to where they are then: those
     * are not to be written to, and change with what the medium has there. */
    enum disk_status (*read)(void *user, uint64_t offset, void **data, uint32_t size);
    enum disk_status (*write)(void *user, uint64_t offset, const void *data, uint32_t size);
    /* Make a range read as zeros; with `deallocate` it need not take room any more. */
    enum disk_status (*zero)(void *user, uint64_t offset, uint64_t size, bool deallocate);
    /* Earlier writes must be safe from a loss of power when this returns. */
    enum disk_status (*flush)(void *user);
};

#ifdef __cplusplus
}
#endif

#endif
