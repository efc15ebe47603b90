/* SPDX-License-Identifier: Apache-2.0 */
/* An Interrupt Translation Service as a C library (Arm IHI 0069, chapter 5): turns writes of
 * devices into LPIs of a GIC.
 *
 * DeviceIDs of 20 bits, EventIDs of 16, collections of 16; physical LPIs only. Its tables are in
 * memory, flat or of two levels, and not cached. docs/gic.md has the format of their entries. */
#ifndef GIC_ITS_H
#define GIC_ITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gic/gic.h"
#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ITS_SIZE                                                                                   \
    0x20000u /* bytes of the register frame: the control page, the translation page                \
              */

typedef struct its its;

/* The host; copied. */
struct its_ops {
    struct vp_bus bus; /* to tables and command queue, as stream 0 */
    /* There are commands: call its_run() soon, not from inside this call. Optional. */
    void (*defer)(void *user);
    void *user;
    /* A command with an error is passed over; otherwise it stalls the queue. */
    bool drop_errors;
};

/* Build an ITS in reset whose LPIs go to `g`, a GIC with LPIs that lives longer. Returns NULL if
 * memory runs out. The caller owns the result. */
its *its_create(const struct its_ops *ops, gic *g);
void its_destroy(its *i); /* NULL is fine */

/* Who accesses the registers: a write to GITS_TRANSLATER is an interrupt of this device. */
struct its_requester {
    its *its;
    uint32_t device_id;
};

/* The register frame; the device is a struct its_requester. Sizes a register does not support and
 * unaligned accesses end with VP_SLVERR, accesses past the frame with VP_DECERR; reserved registers
 * are RAZ/WI. A write to GITS_TRANSLATER may block: it reads the tables. */
extern const struct vp_frame its_frame;

/* Process up to `commands` commands. Returns whether there are more: then call again, with time
 * passing in between, for a queue that feeds itself never ends. May block; one call at a time. */
bool its_run(its *i, unsigned commands);

struct its_stats {
    uint64_t messages;         /* writes to GITS_TRANSLATER that became LPIs */
    uint64_t messages_dropped; /* that did not: disabled, or nothing mapped */
    uint64_t commands;         /* completed */
    uint64_t command_errors;   /* could not be performed */
};
const struct its_stats *its_get_stats(const its *i);

#ifdef __cplusplus
}
#endif

#endif
