/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 permissions, Direct Permission Scheme (DDI 0487 D8.4; IHI 0070 13.4.1). Pure. */
#ifndef SMMU_CORE_VMSA_PERM_H
#define SMMU_CORE_VMSA_PERM_H

#include <stdbool.h>
#include <stdint.h>

/* Limits gathered from table descriptors on the way to a leaf. */
struct vmsa_limits {
    bool read_only; /* APTable[1] */
    bool no_el0;    /* APTable[0] */
    bool uxn;       /* UXNTable */
    bool pxn;       /* PXNTable */
};

/* `limits` with those of a further table descriptor added. */
struct vmsa_limits vmsa_limit(struct vmsa_limits limits, uint64_t table_descriptor);

/* SMMU_PERM_* bits of a leaf in an EL1&0 regime for privileged or unprivileged accesses. `wxn` and
 * `pan` are CD.WXN and CD.PAN. */
uint8_t vmsa_perm(uint64_t leaf_descriptor, struct vmsa_limits limits, bool wxn, bool pan,
                  bool privileged);

#endif
