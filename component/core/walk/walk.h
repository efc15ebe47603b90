/* SPDX-License-Identifier: Apache-2.0 */
/* Translation table walks of both stages, nested or not (IHI 0070 3.3, 3.4, 3.13; DDI 0487 D8.2).
 */
#ifndef SMMU_CORE_WALK_H
#define SMMU_CORE_WALK_H

#include "observe/observe.h"
#include "report/fault.h"
#include "service/txn_op.h"
#include "smmu_priv.h"
#include "stream/cd.h"
#include "stream/ste.h"

/* The rights a call needs of every stage, SMMU_PERM_* bits (13.4.1). None for ATS requests, which
 * get what there is. */
static inline unsigned walk_needed_perm(const struct call *call)
{
    return call->any ? 0 : txn_op_need(call->txn);
}

/* The table of `cd` that translates `ia` for accesses that are privileged or not; NULL if none
 * does. Pure. */
const struct tt_cfg *walk_table(const struct ste_cfg *ste, const struct cd_cfg *cd, uint64_t ia,
                                bool privileged);

/* Translate `ia`, the address a transaction gives (with TBI applied), through the stages the STE
 * enables. `cd` is NULL without stage 1; `need` is walk_needed_perm(). Fills `entry`, all but sid
 * and cd_index of its tag; its ASID is that of `cd`, be it global or not. Rights of every stage are
 * in the entry and checked, but not those of an ATS request. Hardware updates of flags that the
 * access calls for are done. With call->any the entry is of stage 1 alone if that gives none of the
 * rights. False on a fault. The walk may block, so `ste` and `cd` must not lie in a cache. */
bool walk(const struct call *call, const struct ste_cfg *ste, const struct cd_cfg *cd, uint64_t ia,
          unsigned need, struct tlb_entry *entry, struct fault *fault);

/* Take from the rights of stage 2 in `entry`, which are as caches hold them, what the overlay of
 * the stream denies (3.26.2), and from those that it may come to give. Pure. */
void walk_overlay(const struct ste_cfg *ste, struct tlb_entry *entry);

/* Whether what a walk finds is remembered. */
static inline bool walk_fills(const struct call *call)
{
    return !tlb_absent(&call->smmu->tlb) && call_fills(call);
}

/* Remember it. */
void walk_fill(const struct call *call, struct tlb_entry *entry);

/* Whether the address that stage 2 gets may lie where that says AssuredOnly: stage 1 has come to it
 * by Assured tables of a CD that lies there, `cd`, or a client by ATS (3.27.2). What is cached of
 * both stages has passed the tables. */
static inline bool walk_assured(const struct call *call, const struct cd_cfg *cd)
{
    return cd ? cd->assured : call->txn->translated;
}

/* `call` has found what may have been `prefetched`: the first time that counts. */
static inline void walk_note_use(const struct call *call, bool *prefetched)
{
    if (__builtin_expect(!*prefetched, true) || call->mode != CALL_REAL)
        return;
    *prefetched = false;
    observe_call(call, SMMU_OBSERVE_prefetch_use, call->txn->addr, 0);
}

/* Translate the address of a structure (CD, L1CD, stage 1 descriptor) through stage 2 for a read,
 * or a write by hardware update. `*addr` becomes the physical address; `*attr` is combined with
 * that of stage 2. False on a stage 2 fault of class `cls`. */
bool walk_structure(const struct call *call, const struct ste_cfg *ste, enum fault_class cls,
                    bool read, uint64_t *addr, struct smmu_memattr *attr, struct fault *fault);

/* The same for a read of a descriptor of stage 1, at req->addr, on a plain walk (walk/steps.h). */
bool walk_plain_table(const struct call *call, const struct ste_cfg *ste, struct smmu_mem_req *req,
                      struct fault *fault);

/* What translation hardening asks of the place of a structure, and what it is told of it (3.27). */
struct walk_hardening {
    bool assured;       /* it may be where stage 2 says AssuredOnly */
    uint8_t top;        /* VMSA_TOP_LEVEL*: that of its range, if the access is to a first table */
    bool assured_only;  /* stage 2 says so */
    uint8_t for_tables; /* VMSA_MRO and VMSA_TOP_LEVEL* */
};

/* walk_structure(), if translation hardening lets the structure be there. */
bool walk_hardened(const struct call *call, const struct ste_cfg *ste, enum fault_class cls,
                   bool read, uint64_t *addr, struct smmu_memattr *attr,
                   struct walk_hardening *hardening, struct fault *fault);

#endif
