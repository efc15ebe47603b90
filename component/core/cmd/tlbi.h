/* SPDX-License-Identifier: Apache-2.0 */
/* TLB maintenance, asked for by commands (IHI 0070 4.4) or by CPUs (3.17). */
#ifndef SMMU_CORE_TLBI_H
#define SMMU_CORE_TLBI_H

#include "cmd/inval.h"

/* One operation. Parameters that the kind does not have may be anything. */
struct tlbi {
    enum smmu_inval_kind kind; /* SMMU_INVAL_TLB_* */
    uint8_t world;             /* enum smmu_world */
    bool leaf;                 /* only last-level entries need go */
    bool broadcast; /* by a CPU: entries of ASIDs that it does not share stay (CD.ASET) */
    uint16_t asid, vmid;
    uint64_t addr; /* bits [11:0] are ignored */
};

/* Whether an SMMU of this configuration has the stages and the regime that the kind is about: one
 * that names several stages is about those there are. */
bool tlbi_applies(const struct smmu_config *cfg, enum smmu_inval_kind kind, uint8_t world);

/* Whether a kind names an address; those that do not have no last-level form either. */
bool tlbi_by_address(enum smmu_inval_kind kind);

/* Carry it out for the Security state of `bank`. May block, once it is done. */
void tlbi_apply(struct smmu_state *smmu, const struct bank *bank, const struct tlbi *tlbi);

#endif
