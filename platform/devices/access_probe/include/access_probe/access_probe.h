/* SPDX-License-Identifier: Apache-2.0 */
/* An access probe as a C library: registers that show what the last access to a window of memory
 * carried beside its data. The window is the host's. */
#ifndef ACCESS_PROBE_ACCESS_PROBE_H
#define ACCESS_PROBE_ACCESS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACCESS_PROBE_SIZE 0x1000u /* bytes of the register frame */

typedef struct access_probe access_probe;

/* An access. Numbers have the bits that docs/access-probe.md says; what is above them is cut off.
 */
struct access_probe_access {
    uint64_t offset; /* in the window */
    uint32_t length; /* bytes */
    uint32_t sid;    /* StreamID */
    uint32_t ssid;   /* SubstreamID, with ssv */
    uint16_t partid; /* MPAM: PARTID, */
    uint8_t pmg;     /* PMG, */
    uint8_t space;   /* and PARTID space, as MPAM_SP encodes it */
    uint8_t pas;     /* physical address space, likewise */
    uint8_t mair;    /* memory attributes, as a byte of MAIR_ELx */
    uint8_t sh;      /* shareability, as a descriptor has it */
    uint8_t pbha;    /* Page-Based Hardware Attributes */
    bool write, instr, priv, ssv;
};

/* Build a probe that has seen nothing. Returns NULL if memory runs out. The caller owns the result.
 */
access_probe *access_probe_create(void);
void access_probe_destroy(access_probe *probe); /* NULL is fine */

/* An access has been made to the window. */
void access_probe_record(access_probe *probe, const struct access_probe_access *access);

/* The register frame; the device is the access_probe. Accesses of 32 bits, and of 64 bits to
 * ADDRESS; others end with VP_SLVERR, past the frame with VP_DECERR. Reserved: RAZ/WI. */
extern const struct vp_frame access_probe_frame;

#ifdef __cplusplus
}
#endif

#endif
