/* SPDX-License-Identifier: Apache-2.0 */
/* How an SMMU is built: features, sizes and choices; ID registers are derived from it. */
#ifndef SMMU_CONFIG_H
#define SMMU_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smmu/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* smmu_config.operations with every enum smmu_op. */
#define SMMU_OPERATIONS_ALL ((1u << SMMU_OP_COUNT) - 1)

/* Shape of a set-associative cache. sets = 0 switches it off. */
struct smmu_cache_shape {
    uint32_t sets; /* a power of two, at most 65536, or 0 */
    uint32_t ways; /* 1 to 64 */
};

/* Fault models (IDR0.STALL_MODEL). */
enum smmu_stall_model {
    SMMU_STALL_AND_TERMINATE = 0, /* as configuration says */
    SMMU_TERMINATE_ONLY = 1,      /* the SMMU cannot stall */
    SMMU_STALL_ONLY = 2,          /* what can stall does */
};

/* Endianness of translation tables (IDR0.TTENDIAN). */
enum smmu_ttendian {
    SMMU_TT_MIXED = 0,  /* as CD.ENDI and STE.S2ENDI say */
    SMMU_TT_LITTLE = 2, /* little-endian only */
    SMMU_TT_BIG = 3,    /* big-endian only */
};

/* Hardware update of translation tables (IDR0.HTTU). */
enum smmu_httu {
    SMMU_HTTU_NONE = 0,   /* software sets all flags */
    SMMU_HTTU_ACCESS = 1, /* the Access flag */
    SMMU_HTTU_DIRTY = 2,  /* the Access flag and dirty state */
};

/* Parameters of one SMMU. Start from smmu_config_default() and change fields. */
struct smmu_config {
    /* Sizes */
    uint8_t oas_bits;      /* output address: 32, 36, 40, 42, 44, 48 or 52 (IDR5.OAS) */
    uint8_t sid_bits;      /* StreamID: 0 to 32 (IDR1.SIDSIZE) */
    uint8_t ssid_bits;     /* SubstreamID: 0 to 20 (IDR1.SSIDSIZE) */
    uint8_t cmdq_log2_max; /* largest Command queue, log2 of entries: 0 to 19 (IDR1.CMDQS) */
    uint8_t evtq_log2_max; /* largest Event queue, log2 of entries: 0 to 19 (IDR1.EVENTQS) */

    /* Translation */
    bool s1p;         /* stage 1 (IDR0.S1P) */
    bool s2p;         /* stage 2 (IDR0.S2P); at least one stage */
    bool gran4k;      /* granule of 4 KiB (IDR5.GRAN4K); at least one of the three */
    bool gran16k;     /* granule of 16 KiB (IDR5.GRAN16K) */
    bool gran64k;     /* granule of 64 KiB (IDR5.GRAN64K) */
    bool vax52;       /* input addresses of 52 bits with 64 KiB granules (IDR5.VAX) */
    bool vmsa32;      /* VMSAv8-32 LPAE tables beside VMSAv8-64 (IDR0.TTF); needs gran4k */
    bool pbha;        /* Page-Based Hardware Attributes (IDR3.PBHA); needs stage 1 */
    bool asid16;      /* 16-bit ASIDs (IDR0.ASID16) */
    bool vmid16;      /* 16-bit VMIDs (IDR0.VMID16) */
    bool vmw;         /* VMID wildcards in invalidations (IDR0.VMW); without stage 2 not there */
    bool hyp;         /* EL2 and EL2-E2H streams (IDR0.Hyp); needs both stages */
    uint8_t ttendian; /* enum smmu_ttendian */
    uint8_t httu;     /* enum smmu_httu */

    /* Structures */
    bool st_level2; /* 2-level Stream tables (IDR0.ST_LEVEL) */
    bool cd2l;      /* 2-level CD tables (IDR0.CD2L) */

    /* PCIe (3.9, 8) */
    bool ats;              /* Address Translation Services (IDR0.ATS) */
    bool ns1ats;           /* split-stage ATS is not offered (IDR0.NS1ATS) */
    bool pri;              /* Page Request Interface (IDR0.PRI); needs ats */
    bool pps;              /* automatic responses have the request's PASID (IDR3.PPS) */
    uint8_t priq_log2_max; /* largest PRI queue, log2 of entries: 0 to 19 (IDR1.PRIQS) */

    /* Address translation operations */
    bool atos;  /* GATOS registers (IDR0.ATOS) */
    bool vatos; /* VATOS page (IDR0.VATOS); needs atos and both stages */

    /* Faults */
    uint8_t stall_model;  /* enum smmu_stall_model */
    uint16_t stall_max;   /* transactions that can be stalled at once (IDR5.STALL_MAX) */
    bool term_abort_only; /* RAZ/WI termination is not offered (IDR0.TERM_MODEL) */

    /* System */
    bool btm;            /* CPUs' TLB maintenance arrives by smmu_broadcast_tlbi() (IDR0.BTM) */
    bool cohacc;         /* accesses are IO-coherent (IDR0.COHACC) */
    bool msi;            /* message-signalled interrupts (IDR0.MSI) */
    bool sev;            /* WFE wake-up events (IDR0.SEV) */
    bool attr_types_ovr; /* overrides of memory types (IDR1.ATTR_TYPES_OVR) */
    bool attr_perms_ovr; /* overrides of INST and PRIV (IDR1.ATTR_PERMS_OVR) */
    uint16_t operations; /* bit n: the interconnect takes enum smmu_op n; others are made less,
                            dropped or unsupported (F_UUT). Reads and writes it always takes */
    uint32_t iidr;       /* IIDR as read: product, variant, revision, implementer */

    /* Choices that IHI 0070 leaves to the implementation */
    uint32_t gbpa;         /* GBPA after reset: ABORT, and overrides that are offered (6.3.14) */
    bool cache_invalid;    /* STEs and CDs that are not valid are cached too (3.21.3) */
    bool ipa_inval_nested; /* stage 2 invalidation by IPA removes all translations of both stages
                              with the VMID too (4.4.3.1) */
    bool merge_events;     /* events of streams with STE.MEV are merged (7.3.1) */

    /* Caches */
    struct smmu_cache_shape config_cache; /* STEs, and as many CDs */
    struct smmu_cache_shape tlb;          /* translations of all stages */
    struct smmu_cache_shape walk_s1;      /* table descriptors of stage 1 */
    struct smmu_cache_shape walk_s2;      /* table descriptors of stage 2 */
    struct smmu_cache_shape utlb;         /* micro TLB of each TBU */
    uint8_t tbus;                         /* translation buffer units: 1 to 64 */
};

/* Parts of different ambition, with every parameter set. */
enum smmu_preset {
    SMMU_PRESET_SMALL, /* for one device: stage 1 with 4 KiB pages, 64 streams, few features, caches
                          of a handful of entries, faults terminate, transactions abort after
                          reset */
    SMMU_PRESET_TYPICAL, /* the default */
    SMMU_PRESET_MAXIMAL, /* every feature and size the core has, broadcast TLB maintenance too;
                            large caches that lose more at an invalidation than they must */
    SMMU_PRESET_COUNT,   /* how many there are */
};

/* Make `cfg` the configuration of `preset`, which is below SMMU_PRESET_COUNT. */
void smmu_config_preset(struct smmu_config *cfg, enum smmu_preset preset);

/* SMMU_PRESET_TYPICAL, a plausible mid-size part: both stages, 48-bit output, 16-bit StreamIDs. All
 * features but those that the rest of the system must have too: vax52, btm. */
struct smmu_config smmu_config_default(void);

/* Check `cfg`. Returns true if an SMMU can be built from it; otherwise writes one line that names
 * the field and the reason to `err` (at most `err_size` bytes with the NUL; may be NULL with 0). */
bool smmu_config_check(const struct smmu_config *cfg, char *err, size_t err_size);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
