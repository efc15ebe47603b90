/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of Stream table descriptors and entries (IHI 0070 5.1, 5.2) that this SMMU interprets. */
#ifndef SMMU_CORE_STE_LAYOUT_H
#define SMMU_CORE_STE_LAYOUT_H

#include "bits.h"

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
RAW_FIELD(ste, S1STALLD, 91, 91)

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

/* STE.S1DSS */
enum {
    STE_S1DSS_TERMINATE = 0,
    STE_S1DSS_BYPASS = 1,
    STE_S1DSS_SUBSTREAM0 = 2,
};

#endif
