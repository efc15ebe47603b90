/* SPDX-License-Identifier: Apache-2.0 */
/* How a PE reaches its GIC CPU interfaces: the ICC_*_EL1, ICC_SRE_EL2 and ICH_*_EL2 system
 * registers. */
#ifndef VP_GIC_CPUIF_H
#define VP_GIC_CPUIF_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One PE's CPU interface. `reg` is op0 << 14 | op1 << 11 | CRn << 7 | CRm << 3 | op2, and 1 << 16
 * if ICC_*_EL1 is to mean the virtual CPU interface, ICV_*_EL1. The functions return false if the
 * register does not exist or cannot be accessed that way. */
struct vp_gic_cpuif {
    void *gic;
    unsigned pe; /* index of the PE */
    bool (*read)(void *gic, unsigned pe, uint32_t reg, uint64_t *value);
    bool (*write)(void *gic, unsigned pe, uint32_t reg, uint64_t value);
};

#ifdef __cplusplus
}
#endif

#endif
