/* SPDX-License-Identifier: Apache-2.0 */
/* A walk of one stage, and the descriptor that it ends with. */
#ifndef SMMU_CORE_WALKER_H
#define SMMU_CORE_WALKER_H

#include "report/event.h"
#include "report/fault.h"
#include "smmu_priv.h"
#include "stream/ste.h"

/* A walk of one stage. */
struct walker {
    const struct call *call;
    const struct ste_cfg *ste;
    const struct stage *stage;
    const struct vmsa_scheme *scheme; /* that of the stage, or what SMMU_S2PII makes of it */
    bool s2;
    enum fault_class cls;  /* stage 2: for what it translates */
    struct smmu_mpam mpam; /* of the accesses that it makes (17.4) */
    uint64_t ia;           /* the address to translate */
    uint16_t asid;         /* stage 1 */
    bool aset;             /* stage 1 */
    uint64_t split;        /* stage 1, VMSAv8-32: where the range of TTB1 begins, else 0 */
};

/* The last descriptor of a walk. */
struct leaf {
    uint64_t descriptor;
    uint64_t addr; /* where the descriptor is: an IPA if stage 2 translates stage 1's tables */
    int level;
    uint8_t limits; /* of rights: see vmsa_limit() */
    bool again;     /* a table descriptor has changed while it was updated */
};

/* The walk ends with a fault of its stage. False, for the caller to return. */
bool walker_fault(const struct walker *w, enum event_type type, struct fault *fault);

/* Find the leaf of w->ia, its flags as the access makes them: `need` are the rights that it asks
 * for. `leaf` is zero. False on a fault, or if the call was overtaken. May block. */
bool walker_find(const struct walker *w, unsigned need, struct leaf *leaf, struct fault *fault);

/* The tag of what a descriptor of `level` says about w->ia. Pure. */
struct smmu_tag walker_tag(const struct walker *w, int level);

#endif
