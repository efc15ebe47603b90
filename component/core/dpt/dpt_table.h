/* SPDX-License-Identifier: Apache-2.0 */
/* The Device Permission Table as it is in registers and memory (IHI 0070 3.24.3, 3.24.4, 6.3.46,
 * 6.3.47). All functions are pure. */
#ifndef SMMU_CORE_DPT_TABLE_H
#define SMMU_CORE_DPT_TABLE_H

#include "bank/bank.h"
#include "smmu/config.h"

/* A table, as registers say. */
struct dpt_table {
    uint64_t base;        /* of level 0, aligned to it */
    uint8_t size_log2;    /* of the memory it is about: DPTPS */
    uint8_t l0_log2;      /* of what an entry of level 0 is about: L0DPTSZ */
    uint8_t granule_log2; /* DPTGS */
};

/* Memory that devices may access, but for writes and those of other VMs. */
struct dpt_region {
    uint64_t addr; /* of the first byte, aligned to its size */
    uint8_t span_log2;
    uint8_t ac;    /* whose VMID counts, 0 to 2 */
    bool write;    /* W */
    uint16_t vmid; /* unless ac is 2 */
};

/* What a descriptor says. */
enum dpt_kind { DPT_INVALID, DPT_NO_ACCESS, DPT_REGION, DPT_TABLE };

/* The table of a bank. False: an invalid configuration (3.24.4). */
bool dpt_table_of(const struct smmu_config *cfg, const struct bank *bank, struct dpt_table *table);

/* log2 of the most that a DPT TLB entry is about, which is made of an ATS completion: L0DPTSZ, or
 * where that is Reserved 1 GiB (3.24.2). */
unsigned dpt_l0_log2(const struct bank *bank);

/* Where the entry for `pa`, which the table is about, lies: at level 0, and at level 1 in the table
 * that `level1` points to. */
uint64_t dpt_l0_entry(const struct dpt_table *table, uint64_t pa);
uint64_t dpt_l1_entry(const struct dpt_table *table, uint64_t level1, uint64_t pa);

/* What the descriptor `word` says of `pa`, at level 0 or 1: with DPT_REGION in `region`, with
 * DPT_TABLE in `*level1`. */
enum dpt_kind dpt_l0_decode(const struct smmu_config *cfg, const struct dpt_table *table,
                            uint64_t word, uint64_t pa, struct dpt_region *region,
                            uint64_t *level1);
enum dpt_kind dpt_l1_decode(const struct smmu_config *cfg, const struct dpt_table *table,
                            uint64_t word, uint64_t pa, struct dpt_region *region);

/* Whether the region is for streams with `vmid` whose STE.DPT_VMATCH is `vmatch`, 0 to 2 (3.24.1).
 */
static inline bool dpt_vmid_passes(const struct dpt_region *region, unsigned vmatch, uint16_t vmid)
{
    return region->ac + vmatch >= 2 || region->vmid == vmid;
}

/* SMMU_PERM_*: what those streams may do there. Reads are not told from fetches. */
static inline uint8_t dpt_rights(const struct dpt_region *region)
{
    return (uint8_t)(SMMU_PERM_R | SMMU_PERM_X | (region->write ? SMMU_PERM_W : 0));
}

#endif
