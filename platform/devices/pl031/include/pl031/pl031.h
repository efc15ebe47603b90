/* SPDX-License-Identifier: Apache-2.0 */
/* A PL031 real-time clock as a C library (Arm DDI 0224): a counter of seconds with a match
 * interrupt. It has been started before, as one with a battery has. */
#ifndef PL031_PL031_H
#define PL031_PL031_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PL031_SIZE 0x1000u /* bytes of the register frame */

typedef struct pl031 pl031;

/* The host; copied. Every function gets `user`. */
struct pl031_ops {
    /* Whole seconds since the clock was built; never goes back. */
    uint64_t (*now)(void *user);
    /* Call pl031_alarm() when now() is `second` or later; replaces any earlier request. Optional:
     * the match interrupt then comes with the next register access. */
    void (*set_alarm)(void *user, uint64_t second);
};

/* Build a clock that shows `epoch` seconds. `wires` (copied) has one line, 0: RTCINTR. Returns NULL
 * if memory runs out. The caller owns the result. */
pl031 *pl031_create(const struct pl031_ops *ops, void *user, const struct vp_wires *wires,
                    uint32_t epoch);
void pl031_destroy(pl031 *rtc); /* NULL is fine */

/* The register frame; the device is the pl031. Accesses of 8, 16 and 32 bits at the address of a
 * register, narrower writes zero-extended; others end with VP_SLVERR, past the frame with
 * VP_DECERR. Reserved: RAZ/WI. */
extern const struct vp_frame pl031_frame;

/* The time asked for by set_alarm has come. */
void pl031_alarm(pl031 *rtc);

#ifdef __cplusplus
}
#endif

#endif
