/* SPDX-License-Identifier: Apache-2.0 */
/* Stream table entries: found, fetched, checked, decoded (IHI 0070 3.3.1, 5.1, 5.2). */
#ifndef SMMU_CORE_STE_H
#define SMMU_CORE_STE_H

#include "base/memattr.h"
#include "report/fault.h"
#include "smmu_priv.h"
#include "vmsa/vmsa_control.h"
#include "walk/stage.h"

/* An STE as the rest of the SMMU sees it. With `illegal` nothing else has a meaning. */
struct ste_cfg {
    uint64_t s1_context_ptr;     /* aligned to its table */
    uint64_t context;            /* of look-ups in TLBs: tlb_context_s2() */
    uint64_t s2_overlay;         /* S2POI: what POIndex means, with s2_overlaid */
    struct stage s2;             /* stage 2, if it translates */
    uint64_t vms_ptr;            /* with `vms` */
    struct smmu_mpam mpam;       /* of accesses to CDs and tables of stage 2, and of what goes on
                                    without a CD that has a label of its own (17.2, 17.4) */
    struct smmu_memattr cd_attr; /* of accesses to CDs */
    uint16_t vmid;               /* tag of EL1 translations; 0 without stage 2 */
    uint8_t config;              /* STE_CONFIG_* bits */
    uint8_t world;               /* enum smmu_world */
    uint8_t s1fmt;               /* STE_S1FMT_* */
    uint8_t s1cdmax;             /* log2 of the CDs; 0 if substreams are not supported */
    uint8_t s1dss;               /* STE_S1DSS_* */
    uint8_t eats;                /* STE_EATS_*, where not IGNORED or Reserved */
    uint8_t dpt_vmatch; /* 0 to 2: which VMIDs of the DPT have to match; with STE_EATS_DPT */
    struct memattr_override types; /* overrides of incoming attributes */
    uint8_t privcfg, instcfg;
    uint8_t prefetch; /* STE_PREFETCH_* */
    uint8_t run_log2; /* log2 of the streams that have the same one, as CONT says */
    bool illegal;     /* V == 0 or ILLEGAL (5.2.2) */
    bool s1stalld;    /* CDs must not stall */
    bool s1pie;       /* CDs may have Indirect permissions */
    bool s2_overlaid; /* an overlay is over the rights of stage 2 (3.26.2) */
    bool s2_hardened; /* one of the next two asks for something (3.27.2) */
    bool s2_assured;  /* leaves of stage 2 may be AssuredOnly */
    uint8_t s2_tops;  /* VMSA_TOP_LEVEL*: which TopLevel checks there are */
    bool s2_stall;    /* S2S */
    bool s2_record;   /* S2R */
    bool s2_ptw;      /* tables and CDs must not lie in stage 2 Device memory */
    bool s1_mpam;     /* CDs have labels of their own */
    bool vms;         /* ... whose PARTIDs are those of the VM: the VMS is enabled (5.2, VMSPtr) */
    bool merge;       /* MEV */
    bool ppar;        /* automatic PRG Responses have a PASID */
    bool dre;         /* destructive reads and invalidations go on as such */
    bool dcp;         /* prefetch hints go on */
};

/* Whether `va` belongs to TTB1's half of a VMSAv8-64 regime. EL2 has one table (3.4.1). */
static inline bool ste_upper_half(const struct ste_cfg *ste, uint64_t va)
{
    return ste->world != SMMU_WORLD_EL2 && vmsa_upper_half(va);
}

/* Access attributes of the Stream table and of VMSs (5.6, 6.3.11, 6.3.24). */
struct smmu_memattr ste_table_attr(const struct bank *bank);

/* The entry of the call's stream, from the configuration cache or, decoded into `local`, from
 * memory. The result holds until the next memory access. NULL if there is none: `fault` says why
 * (C_BAD_STREAMID, F_STE_FETCH, C_BAD_STE). */
const struct ste_cfg *ste_get(const struct call *call, struct ste_cfg *local, struct fault *fault);

/* Check and decode a raw STE (5.2.2). Pure. */
struct ste_raw;
struct ste_cfg ste_decode(const struct smmu_config *cfg, const struct bank *bank,
                          const struct ste_raw *raw);

#endif
