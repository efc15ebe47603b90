/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions of VMSAv8-64, Direct Permission Scheme, and of VMSAv8-32 LPAE (DDI 0487 D8.4, G5.6;
 * IHI 0070 13.4). Pure. */
#ifndef SMMU_CORE_VMSA_PERM_H
#define SMMU_CORE_VMSA_PERM_H

#include <stdbool.h>
#include <stdint.h>

/* Limits gathered from stage 1 table descriptors on the way to a leaf. */
struct vmsa_limits {
    bool read_only; /* APTable[1] */
    bool no_el0;    /* APTable[0] */
    bool uxn;       /* UXNTable, or XNTable in a regime without EL0 */
    bool pxn;       /* PXNTable */
};

/* Add the limits of a further table descriptor. */
void vmsa_limit(struct vmsa_limits *limits, uint64_t table_descriptor);

/* The controls of a stage 1 regime that permissions depend on. */
struct vmsa_regime {
    bool vmsa32; /* VMSAv8-32 LPAE */
    bool el0;    /* unprivileged accesses are told apart: EL1&0 and EL2&0, not EL2 */
    bool wxn;    /* CD.WXN */
    bool uwxn;   /* CD.UWXN; VMSAv8-32 only */
    bool pan;    /* CD.PAN */
};

/* SMMU_PERM_* bits that a stage 1 leaf gives to privileged or unprivileged accesses. */
uint8_t vmsa_perm_s1(uint64_t leaf, const struct vmsa_limits *limits,
                     const struct vmsa_regime *regime, bool privileged);

/* The same for a stage 2 leaf, with XN[1:0] as FEAT_XNX has it. VMSAv8-32 has no execute-only
 * pages.
 */
uint8_t vmsa_perm_s2(uint64_t leaf, bool vmsa32, bool privileged);

#endif
