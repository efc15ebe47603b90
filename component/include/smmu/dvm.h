/* SPDX-License-Identifier: Apache-2.0 */
/* Broadcast TLB maintenance: what a TLBI instruction of a CPU says to every SMMU in its
 * shareability domain (DDI 0487 D8.17.7; IHI 0070 3.17). */
#ifndef SMMU_DVM_H
#define SMMU_DVM_H

#include "smmu/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The scopes of TLBI instructions, named by their types (DDI 0487 D8.17.5.4). The last-level
 * forms, such as VAL, are told by smmu_dvm.leaf. */
enum smmu_dvm_op {
    SMMU_DVM_ALL,      /* the regime: all stages, VMIDs and ASIDs. ALLE1, ALLE2 */
    SMMU_DVM_VMALLS12, /* both stages of this VMID. VMALLS12E1; EL1 regime only */
    SMMU_DVM_VMALL,    /* stage 1, this VMID if the regime has any. VMALLE1 */
    SMMU_DVM_ASID,     /* ... with this ASID, global entries excepted. ASIDE1 */
    SMMU_DVM_VA,    /* ... with this ASID or global, for this address. VAE1, VALE1, VAE2, VALE2 */
    SMMU_DVM_VAA,   /* ... with any ASID, for this address. VAAE1, VAALE1 */
    SMMU_DVM_IPAS2, /* stage 2 of this VMID, for this IPA. IPAS2E1, IPAS2LE1; EL1 only */
    SMMU_DVM_OP_COUNT, /* how many there are */
};

/* One instruction. Parameters that `op` does not have are ignored. */
struct smmu_dvm {
    uint8_t op;    /* enum smmu_dvm_op */
    uint8_t sec;   /* enum smmu_sec: Security state of the regime */
    uint8_t world; /* enum smmu_world: the regime as the CPU has it. An E1 instruction at EL2 means
                      the EL2-E2H regime if HCR_EL2.{E2H, TGE} is {1, 1}; an E2 instruction means
                      EL2-E2H or EL2 by HCR_EL2.E2H */
    bool leaf;     /* only last-level entries need go */
    uint16_t asid; /* zero-extended from a CPU with 8-bit ASIDs */
    uint16_t vmid; /* likewise; 0 from a CPU without EL2 */
    uint64_t addr; /* VA or IPA; bits [11:0] are ignored. The first of a range (BaseADDR) */
    bool range;  /* an instruction for a range, such as RVAE1: num and scale count. An SMMU without
                    smmu_config.ril, which takes no part in these, ignores it */
    uint8_t num; /* the range has (num + 1) * 2^(5 * scale + 1) granules of tg: 0 to 31 */
    uint8_t scale; /* 0 to 3 */
    uint8_t tg;  /* granule of the translations that are meant: 1 4 KiB, 2 16 KiB, 3 64 KiB; 0: not
                    said, and Reserved for a range, which is ignored then. Of a single address it is
                    TTL[3:2], and counts if ttl names a level */
    uint8_t ttl; /* level hint: their leaves are of this level, 1 to 3; 0: of any, but with
                    smmu_config.ds that of a single address with tg 1: of level 0 */
};

#ifdef __cplusplus
}
#endif

#endif
