/* SPDX-License-Identifier: Apache-2.0 */
/* An NVM Express controller (revision 1.4) with one namespace, as a C library; docs/nvme.md says
 * what of the specification it has. */
#ifndef NVME_NVME_H
#define NVME_NVME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "disk/disk_medium.h"
#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NVME_MAX_QUEUES      64u     /* of I/O, submission and completion each */
#define NVME_VECTORS         65u     /* one for each completion queue there may be */
#define NVME_FRAME_SIZE      0x2000u /* bytes of registers and doorbells */
#define NVME_SERIAL_LENGTH   20u
#define NVME_MIN_BLOCK_SHIFT 9u
#define NVME_MAX_BLOCK_SHIFT 12u

typedef struct nvme nvme;

#define NVME_MAX_DATA_SHIFT 10u

struct nvme_config {
    uint64_t blocks;      /* size of the namespace, not 0 */
    unsigned block_shift; /* log2 of the bytes of a block, NVME_MIN_ to NVME_MAX_BLOCK_SHIFT */
    char serial[NVME_SERIAL_LENGTH + 1]; /* not empty; no two controllers of a machine alike */
    /* MDTS: log2 of the pages of 4 KiB that a command moves at most, 1 to NVME_MAX_DATA_SHIFT. */
    unsigned data_shift;
};

/* The world around a controller. */
struct nvme_ops {
    /* The bus to queues, lists and, without `data`, data; stream 0, no SubstreamIDs. May block:
     * register accesses and a reset go on meanwhile. */
    struct vp_bus bus;
    /* The way of data. Optional, as a whole. */
    struct vp_data_bus data;
    /* Before each fetch of a command, or of a part of the list that describes its data: only what
     * reaches the medium takes time of its own, so that commands which ring their controller could
     * go on for ever. May block, as an access may. Optional. */
    void (*step)(void *user);
    /* Where the blocks are; at least blocks << block_shift bytes. */
    struct disk_medium medium;
    void *user;
    /* There is work: call nvme_run() soon, never from inside this call. During a run it means that
     * another one has to follow. */
    void (*kick)(void *user);
    /* Raise an interrupt message. */
    void (*raise)(void *user, unsigned vector);
    /* Drive the interrupt pin; called on changes only. */
    void (*pin)(void *user, bool level);
};

/* Build a controller in reset; `ops` is copied. Returns NULL and one line in `err` (at most
 * `err_size` bytes) if the configuration is bad. The caller owns the result. */
nvme *nvme_create(const struct nvme_config *config, const struct nvme_ops *ops, char *err,
                  size_t err_size);
void nvme_destroy(nvme *n); /* NULL is fine; no run may be in progress */

/* How many commands had their data described by an SGL, resets or not. */
uint64_t nvme_sgl_commands(const nvme *n);

/* Controller level reset by the bus: registers as after creation. A run in progress ends after the
 * access it waits for. */
void nvme_reset(nvme *n);

/* Registers and doorbells; the device is the nvme. Reads have no side effects. Accesses of 4 and 8
 * bytes; of others VP_SLVERR. */
extern const struct vp_frame nvme_frame;

/* Work until there is nothing to do: fetch commands, carry them out, post completions. One run at a
 * time. */
void nvme_run(nvme *n);

#ifdef __cplusplus
}
#endif

#endif
