/* SPDX-License-Identifier: Apache-2.0 */
/* The DPT TLB: regions that devices may access, and tables of level 1 (IHI 0070 3.24.2, 3.24.5). An
 * entry is of a Security state and of physical addresses; which streams may go by it is asked at
 * each use. */
#ifndef SMMU_CORE_DPT_TLB_H
#define SMMU_CORE_DPT_TLB_H

#include "base/assoc.h"
#include "base/spans.h"
#include "dpt/dpt_table.h"
#include "smmu_priv.h"

struct dpt_tlb {
    struct assoc store;  /* struct dpt_entry */
    struct spans spans;  /* of regions */
    struct spans tables; /* of what entries that point to a table of level 1 are about */
};

/* Allocate that of `smmu`, if it has a DPT; free it. */
bool dpt_tlb_init(struct smmu_state *smmu);
void dpt_tlb_free(struct smmu_state *smmu);

/* Whose access it is: by the STE of its stream. */
struct dpt_client {
    uint16_t vmid;
    uint8_t vmatch; /* STE.DPT_VMATCH, 0 to 2 */
    unsigned need;  /* txn_op_need() */
};

/* Whether nothing is in it. */
bool dpt_tlb_empty(const struct smmu_state *smmu);

/* Whether a region lets the client's access through. */
bool dpt_grants(const struct dpt_region *region, const struct dpt_client *client);

/* What the TLB knows of an access (3.24.2.1). */
enum dpt_known { DPT_UNKNOWN, DPT_REFUSED, DPT_GRANTED };

/* Look for an entry that lets the access of `call` to `pa` through, which is in `region` then. */
enum dpt_known dpt_tlb_find(const struct call *call, uint64_t pa, const struct dpt_client *client,
                            struct dpt_region *region);

/* The table of level 1 for `pa`, one for 2^l0_log2 bytes. False: it is not known. */
bool dpt_tlb_find_table(const struct call *call, uint64_t pa, unsigned l0_log2, uint64_t *level1);

/* Remember what a walk of the call has found: a region, or a table. */
void dpt_tlb_fill(const struct call *call, const struct dpt_region *region);
void dpt_tlb_fill_table(const struct call *call, uint64_t pa, unsigned l0_log2, uint64_t level1);

/* Remember what an ATS Translation Request of the call was granted, which is no proof that anything
 * is refused. */
void dpt_tlb_fill_granted(const struct call *call, const struct dpt_region *region);

/* Whether a region of 2^span_log2 bytes at `addr` is among what `inval`, one about the DPT, names
 * (4.6). */
bool dpt_inval_names(const struct smmu_inval *inval, uint64_t addr, unsigned span_log2);

/* Remove what an invalidation selects; those that are about other things select nothing. Returns
 * how many entries that were. */
uint32_t dpt_tlb_invalidate(struct smmu_state *smmu, const struct smmu_inval *inval);

#endif
