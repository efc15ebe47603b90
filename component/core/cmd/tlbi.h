/* SPDX-License-Identifier: Apache-2.0 */
/* TLB maintenance, asked for by commands (IHI 0070 4.4) or by CPUs (3.17). */
#ifndef SMMU_CORE_TLBI_H
#define SMMU_CORE_TLBI_H

#include "cmd/inval.h"
#include "vmsa/vmsa.h"

/* TG of commands and of CPUs alike (4.4.1.1; DDI 0487 D8.17.5.2). */
enum tlbi_tg { TLBI_TG_ANY = 0, TLBI_TG_4K = 1, TLBI_TG_16K = 2, TLBI_TG_64K = 3 };

/* The formats of descriptors that entries of are meant. */
enum { TLBI_64_BIT = 1, TLBI_128_BIT = 2 };

/* log2 of the granule of a TG that is not TLBI_TG_ANY. */
static inline unsigned tlbi_granule(unsigned tg)
{
    return 10 + 2 * tg;
}

/* No hint: leaves of any level are meant. */
#define TLBI_ANY_LEVEL VMSA_NO_LEVEL

/* The level that a hint of a command or a range names; TLBI_ANY_LEVEL if it names none, as does a
 * Reserved one: blocks of level 1 exist with the 16 KiB granule where IDR5.DS, `ds`, is 1 (4.4.1.1;
 * DDI 0487 table D8-124). */
static inline int tlbi_level(unsigned tg, unsigned ttl, bool ds)
{
    return ttl == 0 || (tg == TLBI_TG_16K && ttl == 1 && !ds) ? TLBI_ANY_LEVEL : (int)ttl;
}

/* Distance from the first to the last address of (num + 1) * 2^scale granules of `tg`. */
static inline uint64_t tlbi_reach(unsigned tg, unsigned num, unsigned scale)
{
    return ((num + UINT64_C(1)) << scale << tlbi_granule(tg)) - 1;
}

/* One operation. Parameters that the kind does not have may be anything, but for reach and tg,
 * which are 0 where no address is named. */
struct tlbi {
    enum smmu_inval_kind kind; /* SMMU_INVAL_TLB_* */
    uint8_t world;             /* enum smmu_world */
    bool leaf;                 /* only last-level entries need go */
    bool broadcast; /* by a CPU: entries of ASIDs that it does not share stay (CD.ASET) */
    uint16_t asid, vmid;
    uint64_t addr;   /* bits [11:0] are ignored */
    uint64_t reach;  /* from there to the last address of a range; 0: a single address */
    uint8_t tg;      /* enum tlbi_tg: the granule of what need go */
    int8_t level;    /* with tg, the level of leaves that need go, or TLBI_ANY_LEVEL */
    uint8_t formats; /* with tg, TLBI_*_BIT */
};

/* Whether an SMMU of this configuration has the stages and the regime that the kind is about: one
 * that names several stages is about those there are. */
bool tlbi_applies(const struct smmu_config *cfg, enum smmu_inval_kind kind, uint8_t world);

/* Whether a kind names an address; those that do not have no last-level form either. */
bool tlbi_by_address(enum smmu_inval_kind kind);

/* Carry it out for the Security state of `bank`. May block, once it is done. */
void tlbi_apply(struct smmu_state *smmu, const struct bank *bank, const struct tlbi *tlbi);

#endif
