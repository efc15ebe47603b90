/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of Stream table descriptors and entries (IHI 0070 5.1, 5.2) that this SMMU interprets. */
#ifndef SMMU_CORE_STE_LAYOUT_H
#define SMMU_CORE_STE_LAYOUT_H

#include "base/bits.h"

#define STE_SIZE 64

RAW_TYPE(ste, 8)
RAW_FIELD(ste, V, 0, 0)
RAW_FIELD(ste, Config, 3, 1)
RAW_FIELD(ste, S1ContextPtr, 55, 6)
RAW_FIELD(ste, S1CDMax, 63, 59)
RAW_FIELD(ste, S1Fmt, 5, 4)
RAW_FIELD(ste, S1DSS, 65, 64)
RAW_FIELD(ste, S1CIR, 67, 66)
RAW_FIELD(ste, S1COR, 69, 68)
RAW_FIELD(ste, S1CSH, 71, 70)
RAW_FIELD(ste, S2HWU, 75, 72) /* S2HWU62 to S2HWU59 */
RAW_FIELD(ste, DRE, 76, 76)
RAW_FIELD(ste, CONT, 80, 77)
RAW_FIELD(ste, DCP, 81, 81)
RAW_FIELD(ste, PPAR, 82, 82)
RAW_FIELD(ste, MEV, 83, 83)
RAW_FIELD(ste, S1PIE, 88, 88)
RAW_FIELD(ste, S2FWB, 89, 89)
RAW_FIELD(ste, S1MPAM, 90, 90)
RAW_FIELD(ste, S1STALLD, 91, 91)
RAW_FIELD(ste, EATS, 93, 92)
RAW_FIELD(ste, STRW, 95, 94)
RAW_FIELD(ste, MemAttr, 99, 96)
RAW_FIELD(ste, MTCFG, 100, 100)
RAW_FIELD(ste, ALLOCCFG, 104, 101)
RAW_FIELD(ste, SHCFG, 109, 108)
RAW_FIELD(ste, PRIVCFG, 113, 112)
RAW_FIELD(ste, INSTCFG, 115, 114)
RAW_FIELD(ste, PREFETCH, 121, 120) /* IMPLEMENTATION DEFINED (5.2): as in MMU-600 and MMU-700 */
RAW_FIELD(ste, S2VMID, 143, 128)
RAW_FIELD(ste, S2T0SZ, 165, 160)
RAW_FIELD(ste, S2SL0, 167, 166)
RAW_FIELD(ste, S2IR0, 169, 168)
RAW_FIELD(ste, S2OR0, 171, 170)
RAW_FIELD(ste, S2SH0, 173, 172)
RAW_FIELD(ste, S2TG, 175, 174)
RAW_FIELD(ste, S2PS, 178, 176)
RAW_FIELD(ste, S2AA64, 179, 179)
RAW_FIELD(ste, S2ENDI, 180, 180)
RAW_FIELD(ste, S2AFFD, 181, 181)
RAW_FIELD(ste, S2PTW, 182, 182)
RAW_FIELD(ste, S2HD, 183, 183)
RAW_FIELD(ste, S2HA, 184, 184)
RAW_FIELD(ste, S2S, 185, 185)
RAW_FIELD(ste, S2R, 186, 186)
RAW_FIELD(ste, S2HAFT, 187, 187)
RAW_FIELD(ste, S2PIE, 188, 188)
RAW_FIELD(ste, S2POE, 189, 189)
RAW_FIELD(ste, DPT_VMATCH, 191, 190)
RAW_FIELD(ste, S2SL0_2, 194, 194)
RAW_FIELD(ste, S2DS, 195, 195)
RAW_FIELD(ste, S2TTB, 247, 196) /* address bits: see decode_ttb */
RAW_FIELD(ste, S2SKL, 254, 253)
RAW_FIELD(ste, PARTID, 287, 272)
RAW_FIELD(ste, PMG, 327, 320)
RAW_FIELD(ste, AssuredOnly, 329, 329)
RAW_FIELD(ste, TL0, 330, 330)
RAW_FIELD(ste, TL1, 331, 331)
RAW_FIELD(ste, VMSPtr, 375, 332) /* address bits [55:12] */
RAW_FIELD(ste, S2POI, 511, 448)  /* S2POI15 to S2POI0, of 4 bits */

/* Level 1 Stream table descriptor (5.1). */
#define L1STD_SIZE 8

RAW_TYPE(l1std, 1)
RAW_FIELD(l1std, Span, 4, 0)
RAW_FIELD(l1std, L2Ptr, 55, 6)

/* STE.Config: bit 2 lets traffic pass, bit 1 enables stage 2, bit 0 stage 1. */
enum {
    STE_CONFIG_S1 = 1,
    STE_CONFIG_S2 = 2,
    STE_CONFIG_PASS = 4,
};

/* STE.S1Fmt */
enum { STE_S1FMT_LINEAR = 0, STE_S1FMT_4K = 1, STE_S1FMT_64K = 2 };

/* STE.STRW */
enum { STE_STRW_EL1 = 0, STE_STRW_EL2 = 2 };

/* STE.EATS. 0b11 is Reserved without a DPT and behaves as 0b00. */
enum { STE_EATS_NONE = 0, STE_EATS_FULL = 1, STE_EATS_SPLIT = 2, STE_EATS_DPT = 3 };

/* Bits [121:120]. 0b01 has no meaning there, and none here. */
enum { STE_PREFETCH_NONE = 0, STE_PREFETCH_FORWARDS = 2, STE_PREFETCH_BACKWARDS = 3 };

/* STE.S1DSS */
enum {
    STE_S1DSS_TERMINATE = 0,
    STE_S1DSS_BYPASS = 1,
    STE_S1DSS_SUBSTREAM0 = 2,
};

#endif
